"""Does every id point to something, and to the right kind of thing?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlcore.reading import Problem
from portal.planning.interchange.report import Fault

if TYPE_CHECKING:
    from portal.planning.interchange.package import Item

# Which type of object the id in a field of any object belongs to.
_OBJECTS = {
    "stakeholder_id": "STAKEHOLDER",
    "stock_class_id": "STOCK_CLASS",
    "stock_class_ids": "STOCK_CLASS",
    "converts_to_stock_class_id": "STOCK_CLASS",
    "include_stock_class_ids": "STOCK_CLASS",
    "stock_plan_id": "STOCK_PLAN",
    "include_stock_plans_ids": "STOCK_PLAN",
    "vesting_terms_id": "VESTING_TERMS",
    "stock_legend_ids": "STOCK_LEGEND_TEMPLATE",
    "issuer_id": "ISSUER",
    "split_transaction_id": "TX_STOCK_CLASS_SPLIT",
}
_SECURITIES = ("resulting_security_ids", "balance_security_id", "include_security_ids", "exclude_security_ids")
# What acts on securities of one kind begins so; other transactions, as vesting, act on several kinds.
FAMILIES = ("TX_STOCK_", "TX_EQUITY_COMPENSATION_", "TX_CONVERTIBLE_", "TX_WARRANT_")
_OF_NO_SECURITY = ("TX_STOCK_CLASS_", "TX_STOCK_PLAN_")
_EARLY = ("TX_VESTING_START",)  # vesting may start before the grant


def reference_faults(issuer: Item, items: Sequence[Item]) -> Iterator[Fault]:
    objects = {issuer.id: issuer, **{item.id: item for item in items}}
    issued: dict[str, Item] = {}
    for item in items:
        if not item.type.endswith("_ISSUANCE"):
            continue
        if item.value["security_id"] in issued:
            yield item.fault("security_id", Problem("Wanted an id that no other security has.", {}))
        issued[item.value["security_id"]] = item
    for item in items:
        for field, name, value in _fields(item.value, ""):
            yield from _of_objects(item, field, name, value, objects)
            if name in _SECURITIES and value and value not in issued:
                yield item.fault(field, _nothing(value, "TX_…_ISSUANCE"))
        yield from _of_security(item, issued, objects)
        yield from _of_lists(item, objects)
        yield from _of_terms(item)


def _fields(value: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, str]]:
    """Every text in an object with its path and the name of its field; of a list, each entry."""
    for name, inner in value.items():
        entries = enumerate(inner) if isinstance(inner, list) else [(None, inner)]
        for place, entry in entries:
            here = f"{path}{name}" if place is None else f"{path}{name}.{place}"
            if isinstance(entry, str):
                yield here, name, entry
            elif isinstance(entry, dict):
                yield from _fields(entry, f"{here}.")


def _of_objects(item: Item, field: str, name: str, value: str, objects: Mapping[str, Item]) -> Iterator[Fault]:
    wanted = _OBJECTS.get(name)
    if wanted is None:
        return
    if value not in objects:
        yield item.fault(field, _nothing(value, wanted))
    elif objects[value].type != wanted:
        problem = Problem("Wanted the id of an object of the type {wanted}, but {given} has the type {type}.",
                          {"wanted": wanted, "given": value[:80], "type": objects[value].type})  # fmt: skip
        yield item.fault(field, problem)


def _of_security(item: Item, issued: Mapping[str, Item], objects: Mapping[str, Item]) -> Iterator[Fault]:
    if "security_id" not in item.value or item.type.endswith("_ISSUANCE"):
        return
    security = issued.get(item.value["security_id"])
    if security is None:
        yield item.fault("security_id", _nothing(item.value["security_id"], "TX_…_ISSUANCE"))
        return
    family = family_of(item.type)
    if family and not security.type.startswith(family):
        values = {"wanted": f"{family}ISSUANCE", "given": security.id[:80], "type": security.type}
        problem = Problem("Wanted the id of an object of the type {wanted}, but {given} has the type {type}.", values)
        yield item.fault("security_id", problem)
    elif item.value["date"] < security.value["date"] and item.type not in _EARLY:
        problem = Problem("Wanted a day on or after the issue of its security on {issued}, got {given}.",
                          {"issued": security.value["date"], "given": item.value["date"]})  # fmt: skip
        yield item.fault("date", problem)
    elif "vesting_condition_id" in item.value:
        terms = objects.get(security.value.get("vesting_terms_id", ""))
        known = [each["id"] for each in terms.value["vesting_conditions"]] if terms else []
        yield from _within(item, "vesting_condition_id", known)
    elif "trigger_id" in item.value:
        triggers = security.value.get("conversion_triggers", security.value.get("exercise_triggers", ()))
        yield from _within(item, "trigger_id", [each["trigger_id"] for each in triggers])


def _of_lists(item: Item, objects: Mapping[str, Item]) -> Iterator[Fault]:
    """Ids in lists of mixed types: of documents and financings."""
    for place, each in enumerate(item.value.get("related_objects", ())):
        field = f"related_objects.{place}.object_id"
        if each["object_id"] not in objects:
            yield item.fault(field, _nothing(each["object_id"], each["object_type"]))
        elif objects[each["object_id"]].value["object_type"] != each["object_type"]:
            problem = Problem("Wanted the id of an object of the type {wanted}, but {given} has the type {type}.", {
                "wanted": each["object_type"], "given": each["object_id"][:80],
                "type": objects[each["object_id"]].type,
            })  # fmt: skip
            yield item.fault(field, problem)
    for place, given in enumerate(item.value.get("issuance_ids", ())):
        if given not in objects or not objects[given].type.endswith("_ISSUANCE"):
            yield item.fault(f"issuance_ids.{place}", _nothing(given, "TX_…_ISSUANCE"))


def _of_terms(item: Item) -> Iterator[Fault]:
    """Conditions of vesting terms that follow, or count from, one another."""
    conditions = item.value.get("vesting_conditions", ())
    known = {each["id"] for each in conditions}
    for place, each in enumerate(conditions):
        following = [(f"next_condition_ids.{at}", given) for at, given in enumerate(each["next_condition_ids"])]
        before = each["trigger"].get("relative_to_condition_id")
        for field, given in [*following, *([("trigger.relative_to_condition_id", before)] if before else ())]:
            if given not in known:
                yield item.fault(f"vesting_conditions.{place}.{field}", _nothing(given, "VESTING_TERMS"))


def family_of(kind: str) -> str:
    """How the types of transactions begin that act on the same kind of security; empty for others."""
    if kind.startswith(_OF_NO_SECURITY):
        return ""
    return next((family for family in FAMILIES if kind.startswith(family)), "")


def _within(item: Item, field: str, known: list[str]) -> Iterator[Fault]:
    if item.value[field] not in known:
        problem = Problem("Wanted an id among those of its security ({known}), got {given}.",
                          {"known": ", ".join(known)[:200] or "−", "given": item.value[field][:80]})  # fmt: skip
        yield item.fault(field, problem)


def _nothing(given: str, wanted: str) -> Problem:
    return Problem("Wanted the id of an object of the type {wanted}, but {given} is the id of none.",
                   {"wanted": wanted, "given": given[:80]})  # fmt: skip
