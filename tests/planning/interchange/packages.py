"""Packages for the tests: made small by hand, or as the coalition's tools have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portal.planning.interchange.package import LISTS, Given

USD = {"amount": "0.0001", "currency": "USD"}
ISSUER = {
    "id": "company", "object_type": "ISSUER", "legal_name": "Company", "formation_date": "2022-01-01",
    "country_of_formation": "US",
}  # fmt: skip
_FILES = {
    "STAKEHOLDER": "stakeholders_files", "STOCK_CLASS": "stock_classes_files", "STOCK_PLAN": "stock_plans_files",
    "VESTING_TERMS": "vesting_terms_files", "VALUATION": "valuations_files", "DOCUMENT": "documents_files",
    "STOCK_LEGEND_TEMPLATE": "stock_legend_templates_files", "FINANCING": "financings_files",
}  # fmt: skip


def package(objects: Sequence[Mapping[str, Any]], **manifest: Any) -> dict[str, Given]:
    """A package of these objects, a file for each type."""
    files: dict[str, list[Mapping[str, Any]]] = {}
    for each in objects:
        files.setdefault(_FILES.get(each["object_type"], "transactions_files"), []).append(each)
    listed = {key: [] for key in LISTS if key not in ("documents_files", "financings_files")}
    listed |= {key: [{"filepath": f"./{key}.ocf.json", "md5": "0" * 32}] for key in files}
    head = {
        "ocf_version": "1.2.0", "file_type": "OCF_MANIFEST_FILE", "issuer": ISSUER, "as_of": "2023-06-29",
        "generated_at": "2023-06-29T09:57:16.793Z", **listed, **manifest,
    }  # fmt: skip
    given = {f"{key}.ocf.json": Given({"file_type": LISTS[key][0], "items": items}) for key, items in files.items()}
    return {"Manifest.ocf.json": Given(head), **given}


def holder(key: str, name: str = "") -> dict[str, Any]:
    return {"id": key, "object_type": "STAKEHOLDER", "name": {"legal_name": name or key},
            "stakeholder_type": "INDIVIDUAL"}  # fmt: skip


def stock_class(key: str, kind: str = "COMMON", **fields: Any) -> dict[str, Any]:
    return {
        "id": key, "object_type": "STOCK_CLASS", "name": key, "class_type": kind, "default_id_prefix": f"{key}-",
        "initial_shares_authorized": "10000000", "votes_per_share": "1", "seniority": "1", **fields,
    }  # fmt: skip


def tx(key: str, kind: str, day: str, security: str = "", **fields: Any) -> dict[str, Any]:
    about = {"security_id": security} if security else {}
    return {"id": key, "object_type": f"TX_{kind}", "date": day, **about, **fields}


def issued(key: str, day: str, security: str, who: str, of: str, quantity: str, **fields: Any) -> dict[str, Any]:
    return tx(
        key, "STOCK_ISSUANCE", day, security, custom_id=security, stakeholder_id=who, stock_class_id=of,
        quantity=quantity, share_price=USD, stock_legend_ids=[], security_law_exemptions=[], **fields,
    )  # fmt: skip


def ended(key: str, kind: str, day: str, security: str, **fields: Any) -> dict[str, Any]:
    return tx(key, kind, day, security, reason_text="as agreed", **fields)


# The sample package of OCF-Tools at a2816db (Apache-2.0), folder acme_holdings_limited: its dates, quantities and ids,
# written anew in version 1.2.0 and without the fields that this version does not have.
ACME_PEOPLE = [holder("fiona"), holder("charlie"), holder("jane"), holder("emily")]
ACME_CLASSES = [stock_class("ordinaryA", "PREFERRED"), stock_class("ordinaryB"), stock_class("preferred", "PREFERRED")]
ACME_STOCK = [
    issued("si_01", "2022-01-01", "stock_01", "fiona", "ordinaryA", "600000"),
    tx("st_01", "STOCK_TRANSFER", "2022-06-15", "stock_02", quantity="300000", resulting_security_ids=["stock_03"],
       balance_security_id="stock_04"),
    tx("si_01_acceptance", "STOCK_ACCEPTANCE", "2022-01-01", "stock_01"),
    issued("si_02", "2022-01-01", "stock_02", "charlie", "ordinaryA", "400000"),
    issued("si_03", "2022-06-15", "stock_03", "fiona", "ordinaryA", "300000"),
    issued("si_04", "2022-06-15", "stock_04", "charlie", "ordinaryA", "100000"),
    ended("sc_01", "STOCK_CANCELLATION", "2022-09-01", "stock_04", quantity="100000", balance_security_id=""),
    issued("si_05", "2023-01-01", "stock_05", "charlie", "ordinaryA", "25000"),
    tx("sr_01", "STOCK_REPURCHASE", "2023-01-15", "stock_01", quantity="500000", price=USD,
       balance_security_id="stock_06"),
    issued("si_06", "2023-01-15", "stock_06", "fiona", "ordinaryA", "100000"),
    tx("sr_02", "STOCK_REPURCHASE", "2023-01-15", "stock_06", quantity="100000", price=USD, balance_security_id=""),
    ended("sc_02", "STOCK_CANCELLATION", "2022-06-30", "stock_03", quantity="220000", balance_security_id="stock_07"),
    issued("si_07", "2022-06-30", "stock_07", "fiona", "ordinaryA", "80000"),
    issued("si_10", "2022-06-30", "stock_10", "fiona", "ordinaryA", "50000"),
    ended("sr_10", "STOCK_RETRACTION", "2022-07-01", "stock_10"),
    issued("sp_01", "2023-01-01", "stock_p1", "fiona", "preferred", "35000"),
    issued("sp_02", "2023-06-01", "stock_p2", "fiona", "preferred", "15000"),
    issued("si_11", "2023-06-01", "stock_11", "fiona", "ordinaryA", "30000"),
    issued("si_12", "2023-06-01", "stock_12", "fiona", "ordinaryA", "10000"),
    tx("conversion_01", "STOCK_CONVERSION", "2023-06-01", "stock_p1", quantity_converted="20000",
       resulting_security_ids=["stock_11", "stock_12"], balance_security_id="stock_p2"),
    issued("sib_1", "2023-01-01", "stock_b1", "jane", "ordinaryB", "25000"),
    issued("sib_2", "2023-02-01", "stock_b2", "jane", "ordinaryB", "13500"),
    issued("sib_3", "2023-02-01", "stock_b3", "jane", "ordinaryB", "11500"),
    tx("reissue_1", "STOCK_REISSUANCE", "2023-02-01", "stock_b1", resulting_security_ids=["stock_b2", "stock_b3"]),
    tx("split", "STOCK_CLASS_SPLIT", "2023-03-01", stock_class_id="ordinaryB",
       split_ratio={"numerator": "2", "denominator": "1"}),
    issued("sib_4", "2023-03-01", "stock_b4", "jane", "ordinaryB", "27000"),
    issued("sib_5", "2023-03-01", "stock_b5", "jane", "ordinaryB", "23000"),
    tx("reissue_2", "STOCK_REISSUANCE", "2023-03-01", "stock_b2", resulting_security_ids=["stock_b4"],
       split_transaction_id="split"),
    tx("reissue_3", "STOCK_REISSUANCE", "2023-03-01", "stock_b3", resulting_security_ids=["stock_b5"],
       split_transaction_id="split"),
]  # fmt: skip
ACME_EXERCISES = [
    tx(f"exercise_{at}", "EQUITY_COMPENSATION_EXERCISE", day, "options_01", quantity=quantity,
       resulting_security_ids=[f"share_issuance_{at}"])
    for at, day, quantity in (("01", "2020-06-15", "500"), ("02", "2021-05-15", "400"), ("03", "2023-06-01", "750"),
                              ("04", "2023-06-15", "350"))
]  # fmt: skip
ACME_OPTIONS = [
    {
        "id": "monthly", "object_type": "VESTING_TERMS", "name": "Monthly", "description": "48 months",
        "allocation_type": "CUMULATIVE_ROUND_DOWN", "vesting_conditions": [
            {"id": "start", "portion": {"numerator": "0", "denominator": "48"},
             "trigger": {"type": "VESTING_START_DATE"}, "next_condition_ids": ["month"]},
            {"id": "month", "portion": {"numerator": "1", "denominator": "48"},
             "trigger": {"type": "VESTING_SCHEDULE_RELATIVE", "relative_to_condition_id": "start",
                         "period": {"length": 1, "type": "MONTHS", "occurrences": 48,
                                    "day_of_month": "VESTING_START_DAY_OR_LAST_DAY_OF_MONTH"}},
             "next_condition_ids": []},
        ],
    },
    tx("grant_01", "EQUITY_COMPENSATION_ISSUANCE", "2019-06-01", "options_01", custom_id="EC-1",
       stakeholder_id="emily", stock_class_id="ordinaryB", stock_plan_id="stock_plan_01", quantity="360000",
       exercise_price={"amount": "1.0", "currency": "USD"}, early_exercisable=False, compensation_type="OPTION",
       option_grant_type="ISO", expiration_date="2030-05-31", termination_exercise_windows=[],
       security_law_exemptions=[], vesting_terms_id="monthly"),
    tx("vs_01", "VESTING_START", "2019-06-01", "options_01", vesting_condition_id="start"),
    *ACME_EXERCISES,
]  # fmt: skip
ACME = [*ACME_PEOPLE, *ACME_CLASSES, *ACME_STOCK]
