"""SAFEs and convertible notes of the ledger as convertible issuances of the format, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from mlcore.reading import Problem
from portal.planning.equity.capitalization import POST_MONEY_SAFE, PRE_MONEY_SAFE, CapitalizationRules
from portal.planning.equity.events import NoteSigned, SafeSigned
from portal.planning.equity.interest import Compounding, DayCount, PartialPeriod
from portal.planning.equity.money import exact
from portal.planning.equity.notes import Note
from portal.planning.equity.safes import Mfn, Safe
from portal.planning.interchange.numbers import carried, money, numeric
from portal.planning.interchange.package import Item
from portal.planning.interchange.report import Losses

SAFE, NOTE = "SAFE_CONVERSION", "CONVERTIBLE_NOTE_CONVERSION"
KIND = "TX_CONVERTIBLE_ISSUANCE"
_DAY_COUNTS = {"ACTUAL_365": DayCount.ACTUAL_365_FIXED, "30_360": DayCount.THIRTY_360_US}
_COMPOUNDING = {
    "ANNUAL": Compounding.ANNUAL, "SEMI_ANNUAL": Compounding.SEMIANNUAL, "QUARTERLY": Compounding.QUARTERLY,
    "MONTHLY": Compounding.MONTHLY,
}  # fmt: skip
_TIMING = {"POST_MONEY": POST_MONEY_SAFE, "PRE_MONEY": PRE_MONEY_SAFE}


# In


def instrument_of(item: Item, name: str, holder: str, losses: Losses) -> SafeSigned | NoteSigned | None:
    """The SAFE or note that an issuance is; None, told in ``losses``, where it does not say enough to be one.

    Raises:
        Refused: what it says contradicts itself.
    """
    triggers = item.value["conversion_triggers"]
    ways = [each["conversion_right"]["conversion_mechanism"] for each in triggers]
    way = next((each for each in ways if each["type"] in (SAFE, NOTE)), None)
    if way is None:
        losses.add(KIND, _OTHER_MECHANISM, item.id, whole=True, values={"type": ways[0]["type"]})
        return None
    if any(each != way for each in ways):
        losses.add(KIND, _MORE_TRIGGERS, item.id)
    rules = _rules(item, way, losses)
    if rules is None:
        return None
    for field in ("exit_multiple", "capitalization_definition"):
        if way.get(field):
            losses.add(KIND, _FIELD, item.id, values={"field": field})
    if item.value.get("pro_rata"):
        losses.add(KIND, _PRO_RATA, item.id)
    shared = {
        "name": name, "holder": holder, "rules": rules, "discount": exact(way.get("conversion_discount") or "0"),
        "cap": exact(way["conversion_valuation_cap"]["amount"]) if "conversion_valuation_cap" in way else None,
    }  # fmt: skip
    on, amount = date.fromisoformat(item.value["date"]), exact(item.value["investment_amount"]["amount"])
    if way["type"] == SAFE:
        return _safe(item, way, on, amount, shared, losses)
    return _note(item, way, on, amount, shared, losses)


def _rules(item: Item, way: Mapping[str, Any], losses: Losses) -> CapitalizationRules | None:
    """What the cap is divided by, as far as it matters."""
    if "capitalization_definition_rules" in way:
        return CapitalizationRules(**way["capitalization_definition_rules"])
    if way.get("conversion_timing") in _TIMING:
        losses.add(KIND, _BY_TIMING, item.id)
        return _TIMING[way["conversion_timing"]]
    if "conversion_valuation_cap" in way:
        losses.add(KIND, _NO_RULES, item.id, whole=True)
        return None
    return POST_MONEY_SAFE  # without a cap nothing is divided


def _safe(
    item: Item, way: Mapping[str, Any], on: date, amount: Fraction, shared: dict[str, Any], losses: Losses
) -> SafeSigned:
    mfn = None
    if way["conversion_mfn"]:
        plain = shared["cap"] is None and not shared["discount"]
        mfn = Mfn.UNAMENDED if plain else None
        losses.add(KIND, _MFN if plain else _MFN_WITH_TERMS, item.id)
    return SafeSigned(on=on, safe=Safe(amount=amount, mfn=mfn, **shared))


def _note(
    item: Item, way: Mapping[str, Any], on: date, amount: Fraction, shared: dict[str, Any], losses: Losses
) -> NoteSigned | None:
    rates, maturity = way["interest_rates"], _maturity(item, way)
    compounding = Compounding.SIMPLE
    if way["compounding_type"] == "COMPOUNDING":
        if way["interest_accrual_period"] not in _COMPOUNDING:
            losses.add(KIND, _DAILY, item.id, whole=True)
            return None
        compounding = _COMPOUNDING[way["interest_accrual_period"]]
    if len(rates) > 1 or (rates and rates[0]["accrual_start_date"] != item.value["date"]):
        losses.add(KIND, _RATES, item.id, whole=True)
        return None
    if maturity is None:
        losses.add(KIND, _NO_MATURITY, item.id, whole=True)
        return None
    if way.get("conversion_mfn"):
        losses.add(KIND, _FIELD, item.id, values={"field": "conversion_mfn"})
    rate = exact(rates[0]["rate"] or "0") if rates else Fraction(0)
    if way["interest_payout"] == "CASH" and rate:
        losses.add(KIND, _CASH, item.id)
        rate = Fraction(0)
    losses.add(KIND, _THRESHOLD, item.id)
    return NoteSigned(note=Note(
        principal=amount, rate=rate, issued=on, maturity=maturity,
        day_count=_DAY_COUNTS[way["day_count_convention"]], compounding=compounding, threshold=Fraction(0), **shared,
    ))  # fmt: skip


def _maturity(item: Item, way: Mapping[str, Any]) -> date | None:
    """The day after the last one on which interest accrues, or else that of a conversion by date."""
    rates = way["interest_rates"]
    if rates and "accrual_end_date" in rates[0]:
        return date.fromisoformat(rates[0]["accrual_end_date"]) + timedelta(days=1)
    dated = [each["trigger_date"] for each in item.value["conversion_triggers"] if "trigger_date" in each]
    return date.fromisoformat(dated[0]) if dated else None


# Out


def safe_fields(safe: Safe, currency: str, losses: Losses) -> dict[str, Any]:
    """The fields of an issuance that are about a SAFE."""
    if safe.mfn not in (None, Mfn.UNAMENDED):
        losses.add("SafeSigned", _ELECTION, safe.name)
    if safe.pro_rata:
        losses.add("SafeSigned", _LETTER, safe.name)
    way = {"type": SAFE, "conversion_mfn": safe.mfn is not None, **_shared(safe, "SafeSigned", currency, losses)}
    return _issuance("SAFE", safe.amount, way, "A financing with preferred shares", currency)


def note_fields(note: Note, currency: str, losses: Losses) -> dict[str, Any] | None:
    """The fields of an issuance that are about a note; None, told in ``losses``, where the format has no words."""
    days = {ours: theirs for theirs, ours in _DAY_COUNTS.items()}
    periods = {ours: theirs for theirs, ours in _COMPOUNDING.items()}
    if note.day_count not in days or note.rate > 1:
        losses.add("NoteSigned", _NO_WORDS, note.name, whole=True)
        return None
    for told, lost in (
        (_NO_THRESHOLD, note.threshold), (_ELECTIONS, note.below_threshold or note.past_maturity),
        (_PARTIAL, note.partial_period is not PartialPeriod.REFUSE),
    ):  # fmt: skip
        if lost:
            losses.add("NoteSigned", told, note.name)
    last = note.maturity - timedelta(days=1)
    interest = {"rate": numeric(note.rate), "accrual_start_date": str(note.issued), "accrual_end_date": str(last)}
    way = {
        "type": NOTE, "interest_rates": [interest], "day_count_convention": days[note.day_count],
        "interest_payout": "DEFERRED", "interest_accrual_period": periods.get(note.compounding, "DAILY"),
        "compounding_type": "COMPOUNDING" if note.compounding in periods else "SIMPLE",
        **_shared(note, "NoteSigned", currency, losses),
    }  # fmt: skip
    return _issuance("NOTE", note.principal, way, "A qualified financing", currency)


def _shared(signed: Safe | Note, kind: str, currency: str, losses: Losses) -> dict[str, Any]:
    amount = signed.amount if isinstance(signed, Safe) else signed.principal
    if not all(carried(value) for value in (amount, signed.discount, signed.cap or Fraction(0))):
        losses.add(kind, _PLACES, signed.name)
    found: dict[str, Any] = {"capitalization_definition_rules": asdict(signed.rules)}
    if signed.discount:
        found["conversion_discount"] = numeric(signed.discount)
    if signed.cap is not None:
        found["conversion_valuation_cap"] = money(signed.cap, currency)
    return found


def _issuance(kind: str, amount: Fraction, way: dict[str, Any], condition: str, currency: str) -> dict[str, Any]:
    right = {
        "type": "CONVERTIBLE_CONVERSION_RIGHT", "conversion_mechanism": way, "converts_to_future_round": True,
    }  # fmt: skip
    trigger = {"type": "AUTOMATIC_ON_CONDITION", "trigger_id": "financing", "trigger_condition": condition,
               "conversion_right": right}  # fmt: skip
    return {"convertible_type": kind, "investment_amount": money(amount, currency), "conversion_triggers": [trigger],
            "seniority": 1}  # fmt: skip


_FIELD = Problem("The field {field} is not kept.", {"field": ""})
_OTHER_MECHANISM = Problem("It converts by {type}, which the ledger does not know.", {"type": ""})
_MORE_TRIGGERS = Problem("It converts in more ways than one; the first way that the ledger knows is kept.", {})
_PRO_RATA = Problem("The pro-rata right is not kept; state it where a round is computed.", {})
_BY_TIMING = Problem("It does not say what its cap counts; the usual form of its timing is taken.", {})
_NO_RULES = Problem("It has a cap and does not say what the cap counts: add the capitalization definition rules.", {})
_MFN = Problem("What the holder elected under the most-favoured-nation clause is not in the format: nothing is taken.",
               {})  # fmt: skip
_MFN_WITH_TERMS = Problem("The most-favoured-nation clause is dropped, for it has terms of its own.", {})
_DAILY = Problem("Its interest compounds daily, which the ledger does not know.", {})
_RATES = Problem("Its interest changes, or runs from another day than its issue, which the ledger does not know.", {})
_NO_MATURITY = Problem("It has no maturity: add the last day of its interest.", {})
_CASH = Problem("Its interest is paid in cash, so that none converts: the rate is taken as zero.", {})
_THRESHOLD = Problem("What makes a financing qualified is text in the format: every financing is taken to be.", {})
_ELECTION = Problem("The format has no word for what the holder of a most-favoured-nation SAFE elected.", {})
_LETTER = Problem("The format asks for a number where the pro-rata side letter has a rule: it is left out.", {})
_NO_WORDS = Problem("The format has no words for its day count, or for interest above 100%.", {})
_NO_THRESHOLD = Problem("The format has no field for the amount that makes a financing qualified.", {})
_ELECTIONS = Problem("The format has no field for what the holder elects.", {})
_PARTIAL = Problem("The format does not say what an incomplete period of interest earns.", {})
_PLACES = Problem("An amount has more than ten decimal places: it is rounded.", {})
