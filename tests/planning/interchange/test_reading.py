"""Packages of the Open Cap Format: read into the ledger, and refused by file, object and field."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.planning.equity import events
from portal.planning.equity.ledger import as_of
from portal.planning.equity.table import Kind
from portal.planning.interchange.package import Given
from portal.planning.interchange.reading import read
from portal.planning.interchange.report import Fault, PackageRefused
from tests.planning.interchange.packages import (
    ACME,
    ACME_OPTIONS,
    USD,
    ended,
    holder,
    issued,
    package,
    stock_class,
    tx,
)

SMALL = [holder("ann"), holder("bob"), stock_class("common"), issued("i1", "2024-01-02", "s1", "ann", "common", "100")]
PLAN = {
    "id": "plan", "object_type": "STOCK_PLAN", "plan_name": "Plan", "initial_shares_reserved": "50",
    "board_approval_date": "2024-01-01", "stock_class_ids": ["common"],
}  # fmt: skip


def granted(key: str, day: str, security: str, quantity: str, **fields: Any) -> dict[str, Any]:
    return tx(
        key, "EQUITY_COMPENSATION_ISSUANCE", day, security,
        **{"custom_id": security, "stakeholder_id": "ann", "stock_plan_id": "plan", "quantity": quantity,
           "exercise_price": USD, "compensation_type": "OPTION", "expiration_date": None,
           "termination_exercise_windows": [], "security_law_exemptions": [], **fields},
    )  # fmt: skip


def safe(key: str, security: str, **mechanism: Any) -> dict[str, Any]:
    way = {"type": "SAFE_CONVERSION", "conversion_mfn": False, **mechanism}
    right = {"type": "CONVERTIBLE_CONVERSION_RIGHT", "conversion_mechanism": way}
    trigger = {"type": "ELECTIVE_AT_WILL", "trigger_id": "t1", "conversion_right": right}
    return tx(
        key, "CONVERTIBLE_ISSUANCE", "2024-02-01", security, custom_id=security, stakeholder_id="bob", seniority=1,
        investment_amount={"amount": "500000", "currency": "USD"}, convertible_type="SAFE",
        conversion_triggers=[trigger], security_law_exemptions=[],
    )  # fmt: skip


def refusals(files: dict[str, Given]) -> dict[str, str]:
    with pytest.raises(PackageRefused) as refused:
        read(files)
    return {fault.path: str(fault.problem) for fault in refused.value.faults}


# The golden package


def test_the_sample_of_the_coalitions_tools_gives_the_holdings_that_its_transactions_leave():
    found = read(package(ACME))
    holdings = [each for each in as_of(found.history, date(2023, 6, 29)).holdings.values() if each.quantity]
    totals: dict[tuple[str, str], int] = {}
    for each in holdings:
        key = (each.stock_class, each.holder)
        totals[key] = totals.get(key, 0) + each.quantity
    assert totals == {
        ("ordinaryA", "fiona"): 120_000, ("ordinaryA", "charlie"): 25_000, ("ordinaryB", "jane"): 50_000,
        ("preferred", "fiona"): 15_000,
    }  # fmt: skip


def test_its_four_exercises_into_securities_that_do_not_exist_are_each_refused():
    told = refusals(package([*ACME, *ACME_OPTIONS]))
    for at in ("01", "02", "03", "04"):
        path = f"transactions_files.ocf.json/exercise_{at}/resulting_security_ids.0"
        assert f"share_issuance_{at} is the id of none" in told[path]
    assert "stock_plan_01 is the id of none" in told["transactions_files.ocf.json/grant_01/stock_plan_id"]
    assert len(told) == 5


# What becomes what


def test_a_transfer_of_a_part_keeps_the_certificate_for_the_rest():
    found = read(package([*SMALL,
        tx("t", "STOCK_TRANSFER", "2024-02-01", "s1", quantity="30", resulting_security_ids=["s2"],
           balance_security_id="s3"),
        issued("i2", "2024-02-01", "s2", "bob", "common", "30"),
        issued("i3", "2024-02-01", "s3", "ann", "common", "70"),
        ended("c", "STOCK_CANCELLATION", "2024-03-01", "s3", quantity="70"),
    ]))  # fmt: skip
    assert found.history[1:] == (
        events.Transfer(on=date(2024, 2, 1), security="s1", to="bob", into="s2", shares=30),
        events.Cancel(on=date(2024, 3, 1), security="s1", shares=70),
    )


def test_options_without_a_word_about_vesting_are_vested():
    found = read(package([*SMALL, PLAN, granted("g", "2024-02-01", "o1", "20")]))
    assert found.history[0] == events.PoolChange(on=date(2024, 1, 1), shares=50)
    assert found.history[-1] == events.Vest(on=date(2024, 2, 1), security="o1", options=20)


def test_an_exercise_before_vesting_is_told():
    found = read(package([*SMALL, PLAN, *ACME_OPTIONS[:1],
        granted("g", "2024-02-01", "o1", "20", vesting_terms_id="monthly"),
        tx("v", "VESTING_START", "2024-02-01", "o1", vesting_condition_id="start"),
        tx("x", "EQUITY_COMPENSATION_EXERCISE", "2024-02-02", "o1", quantity="5", resulting_security_ids=["s2"]),
        issued("i2", "2024-02-02", "s2", "ann", "common", "5"),
    ]))  # fmt: skip
    assert [type(each).__name__ for each in found.history[-2:]] == ["Vest", "Exercise"]
    assert ("TX_EQUITY_COMPENSATION_EXERCISE", ("x",)) in [(each.kind, each.ids) for each in found.losses]


def test_forfeited_options_go_back_to_the_pool_where_the_plan_or_a_transaction_says_so():
    cancelled = ended("c", "EQUITY_COMPENSATION_CANCELLATION", "2024-03-01", "o1", quantity="20")
    back = ended("r", "STOCK_PLAN_RETURN_TO_POOL", "2024-03-01", "o1", quantity="20", stock_plan_id="plan")
    grant = granted("g", "2024-02-01", "o1", "20")
    for more, plan, reserved in (
        ([], PLAN, 30), ([back], PLAN, 50), ([], {**PLAN, "default_cancellation_behavior": "RETURN_TO_POOL"}, 50),
    ):  # fmt: skip
        found = read(package([*SMALL, plan, grant, cancelled, *more]))
        assert as_of(found.history, date.max).reserved == reserved


def test_a_safe_without_rules_takes_the_usual_ones_of_its_timing_and_says_so():
    capped = {"conversion_valuation_cap": {"amount": "6000000", "currency": "USD"}, "conversion_discount": "0.2"}
    found = read(package([*SMALL, safe("c", "safe1", conversion_timing="PRE_MONEY", **capped)]))
    signed = found.history[-1]
    assert isinstance(signed, events.SafeSigned)
    assert (signed.safe.cap, signed.safe.discount) == (6_000_000, pytest.approx(0.2))
    assert not signed.safe.rules.include_this_security
    assert any("usual form of its timing" in str(each.problem) for each in found.losses)


def test_a_capped_safe_that_does_not_say_what_its_cap_counts_is_left_out_and_told():
    found = read(package([*SMALL, safe("c", "safe1", conversion_valuation_cap={"amount": "1", "currency": "USD"})]))
    assert len(found.history) == 1
    assert [(each.kind, each.whole) for each in found.losses if each.whole] == [("TX_CONVERTIBLE_ISSUANCE", True)]


def test_a_safe_that_converted_is_settled_and_its_shares_are_issued():
    found = read(package([*SMALL, safe("c", "safe1"), stock_class("seed", "PREFERRED"),
        tx("x", "CONVERTIBLE_CONVERSION", "2024-06-01", "safe1", reason_text="round", trigger_id="t1",
           resulting_security_ids=["s2"]),
        issued("i2", "2024-06-01", "s2", "bob", "seed", "40"),
    ]))  # fmt: skip
    state = as_of(found.history, date.max)
    assert not state.safes
    assert state.holdings["s2"].kind is Kind.PREFERRED


def test_a_split_of_all_classes_is_one_event_and_of_one_class_new_certificates():
    split = tx("x", "STOCK_CLASS_SPLIT", "2024-06-01", stock_class_id="common",
               split_ratio={"numerator": "3", "denominator": "2"})  # fmt: skip
    assert isinstance(read(package([*SMALL, split])).history[-1], events.Split)
    other = [stock_class("other"), issued("i2", "2024-01-03", "s2", "bob", "other", "7")]
    found = read(package([*SMALL, *other, split]))
    assert sorted(each.quantity for each in as_of(found.history, date.max).holdings.values()) == [0, 7, 150]
    assert any(each.kind == "TX_STOCK_CLASS_SPLIT" for each in found.losses)


def test_every_field_and_object_that_the_ledger_cannot_hold_is_told():
    found = read(package([*SMALL,
        {**issued("i2", "2024-01-03", "s2", "bob", "common", "1"), "comments": ["see the board's minutes"]},
        tx("a", "STOCK_CLASS_AUTHORIZED_SHARES_ADJUSTMENT", "2024-02-01", stock_class_id="common",
           new_shares_authorized="1"),
    ]))  # fmt: skip
    told = {(each.kind, str(each.problem)): each.ids for each in found.losses}
    assert told[("TX_STOCK_ISSUANCE", "The field comments is not kept.")] == ("i2",)
    assert told[("STOCK_CLASS", "The field initial_shares_authorized is not kept.")] == ("common",)
    assert ("a",) in told.values()


def test_two_people_of_one_name_stay_two():
    found = read(package([holder("a", "Ann"), holder("b", "Ann"), stock_class("common"),
        issued("i1", "2024-01-02", "s1", "a", "common", "1"), issued("i2", "2024-01-02", "s2", "b", "common", "2"),
    ]))  # fmt: skip
    assert [each.holder for each in found.history if isinstance(each, events.Issue)] == ["Ann", "Ann (b)"]


# Refused


def broken(change: dict[str, Any], at: int = -1) -> dict[str, Given]:
    objects = deepcopy(SMALL)
    objects[at].update(change)
    return package(objects)


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"quantity": 100}, "quantity", "Wanted the type string"),
        ({"quantity": "1e3"}, "quantity", "ten decimal places"),
        ({"quantity": "12.5"}, "quantity", "whole number of shares"),
        ({"quantity": "0"}, "quantity", "whole number of shares"),
        ({"quantity": "-3"}, "quantity", "whole number of shares"),
        ({"quantity": "9" * 30}, "quantity", "got"),
        ({"date": "2024-02-30"}, "date", "Wanted a day"),
        ({"date": "02/03/2024"}, "date", "Wanted a day"),
        ({"date": "20240203"}, "date", "Wanted a day"),
        ({"stakeholder_id": "nobody"}, "stakeholder_id", "nobody is the id of none"),
        ({"stakeholder_id": "common"}, "stakeholder_id", "has the type STOCK_CLASS"),
        ({"stock_class_id": "ann"}, "stock_class_id", "has the type STAKEHOLDER"),
        ({"vesting_terms_id": "none"}, "vesting_terms_id", "is the id of none"),
        ({"issuance_type": "GIFT"}, "issuance_type", "Wanted one of RSA, FOUNDERS_STOCK"),
        ({"favourite": 1}, "favourite", "has no such field"),
        ({"share_price": {"amount": "1"}}, "share_price.currency", "which is missing"),
        ({"object_type": "TX_STOCK_GIFT"}, "object_type", "Wanted a type of object"),
        ({"object_type": "STAKEHOLDER"}, "object_type", "Wanted a type of object"),
        ({"id": "common"}, "id", "that no other object"),
    ],
)
def test_an_object_is_refused_by_file_object_and_field(change, field, said):
    told = refusals(broken(change) if "object_type" not in change else _in_transactions(change))
    path = f"transactions_files.ocf.json/{change.get('id', 'i1')}/{field}"
    assert said in told[path]


def _in_transactions(change: dict[str, Any]) -> dict[str, Given]:
    files = package(SMALL)
    files["transactions_files.ocf.json"].content["items"] = [{**SMALL[-1], **change}]
    return files


@pytest.mark.parametrize("missing", ["quantity", "date", "security_id", "custom_id", "stakeholder_id", "share_price"])
def test_a_missing_field_is_named(missing):
    objects = deepcopy(SMALL)
    del objects[-1][missing]
    assert refusals(package(objects)) == {f"transactions_files.ocf.json/i1/{missing}": _MISSING}


_MISSING = "Wanted this field, which is missing."


@pytest.mark.parametrize(
    ("more", "path", "said"),
    [
        ([issued("i2", "2024-01-03", "s1", "bob", "common", "5")], "i2/security_id", "no other security"),
        ([ended("c", "STOCK_CANCELLATION", "2024-01-01", "s1", quantity="100")], "c/date", "on or after the issue"),
        ([ended("c", "STOCK_CANCELLATION", "2024-02-01", "s1", quantity="101")], "c/quantity", "has 100 left"),
        ([ended("c", "STOCK_CANCELLATION", "2024-02-01", "s1", quantity="40")], "c/balance_security_id", "60 shares"),
        ([ended("c", "CONVERTIBLE_RETRACTION", "2024-02-01", "s1")], "c/security_id", "has the type"),
        ([ended("c", "STOCK_RETRACTION", "2024-02-01", "s1"), ended("d", "STOCK_RETRACTION", "2024-02-02", "s1")],
         "d/security_id", "not outstanding"),
        ([PLAN, granted("g", "2024-02-01", "o1", "51")], "g/quantity", "The pool has 50"),
        ([safe("c", "safe1"), tx("x", "CONVERTIBLE_CONVERSION", "2024-06-01", "safe1", reason_text="r", trigger_id="t9",
                                 resulting_security_ids=[])], "x/trigger_id", "among those of its security (t1)"),
        ([{**safe("c", "safe1"), "investment_amount": {"amount": "1", "currency": "EUR"}}], "c/currency",
         "one currency"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused_by_its_transaction(more, path, said):
    told = refusals(package([*SMALL, *more]))
    assert said in told[f"transactions_files.ocf.json/{path}"]


def test_other_versions_are_refused():
    told = refusals(package(SMALL, ocf_version="1.1.0"))
    assert told == {
        "Manifest.ocf.json/ocf_version": "Wanted version 1.2.0 of the format, got 1.1.0. Export it anew in that "
        "version."
    }


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "Wanted one manifest"),
        ({"a.json": Given([])}, "Wanted one manifest"),
        ({**package(SMALL), "b.json": package(SMALL)["Manifest.ocf.json"]}, "got 2"),
        ({**package(SMALL), "transactions_files.ocf.json": Given([1])}, "Wanted a file of the type"),
        ({**package(SMALL), "transactions_files.ocf.json": Given({"file_type": "OCF_TRANSACTIONS_FILE", "items": [7]})},
         "an object with an id"),
        ({"Manifest.ocf.json": package(SMALL)["Manifest.ocf.json"]}, "which is not there"),
        (package(SMALL, as_of="yesterday"), "Wanted a day"),
        (package(SMALL, stakeholders_files=[{"filepath": "../../etc/passwd", "md5": "0" * 32}]), "which is not there"),
    ],
)  # fmt: skip
def test_what_is_no_package_is_refused(files, said):
    assert any(said in text for text in refusals(files).values())


def test_files_that_the_manifest_does_not_name_and_changed_ones_are_told():
    files = package(SMALL)
    files["notes.json"] = Given({})
    files["transactions_files.ocf.json"] = Given(files["transactions_files.ocf.json"].content, "f" * 32)
    told = {str(each.problem): each.ids for each in read(files).losses if each.kind == "OCF_MANIFEST_FILE"}
    assert list(told.values()) == [("transactions_files.ocf.json",), ("notes.json",)]


JUNK = [None, True, 0, -1, 1.5, "", "0", "-3", "1e9", "9" * 21, "2024-01-01", "s1", [], {}, "NaN", "ann", "common"]
WHOLE = package([*SMALL, PLAN, granted("g", "2024-02-01", "o1", "20"), safe("c", "safe1")])
PLACES = [
    (name, item, field)
    for name, file in WHOLE.items() if "items" in file.content
    for item, value in enumerate(file.content["items"]) for field in value
]  # fmt: skip


@given(st.sampled_from(PLACES), st.sampled_from(JUNK))
@settings(max_examples=60, deadline=None)
def test_whatever_stands_in_a_field_it_is_read_or_refused(place, junk):
    files = deepcopy(WHOLE)
    name, item, field = place
    files[name].content["items"][item][field] = junk
    assert all(fault.file in files and str(fault.problem) for fault in faults_of(files))


def faults_of(files: dict[str, Given]) -> tuple[Fault, ...]:
    try:
        read(files)
    except PackageRefused as refused:
        return refused.faults
    return ()
