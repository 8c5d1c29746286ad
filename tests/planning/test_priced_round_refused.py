"""Terms that contradict each other or determine no round: refused with the field to change, never computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.round import CALCULATOR
from portal.planning.engine import evaluate, simulate
from portal.planning.raising.sheets import CLAUSE_TITLE
from portal.planning.raising.switches import SWITCHES
from portal.planning.wording import say

CAPPED = {"name": "A.B", "amount": 400_000, "cap": 5_000_000}
MFN = {"name": "M", "amount": 100_000, "mfn": "stated election", "elects": "A.B"}
NOTE = {"name": "N", "principal": 100_000, "issued": "2026-01-01", "maturity": "2028-01-01"}
FOUNDER = {"name": "F", "shares": 8_000_000, "founder": True}
SERIES_A = {"name": "P", "shares": 1_000_000, "kind": "preferred"}

REFUSED = [
    ({"safes": [{**CAPPED, "amount": 5_000_000}]}, "safes", "sell 100% of the company"),
    ({"safes": [{**CAPPED, "amount": 3_000_000}, {**CAPPED, "name": "C", "amount": 3_000_000}]}, "safes", "120%"),
    ({"safes": [CAPPED, CAPPED]}, "safes.1.name", "Two entries have the name A.B"),
    ({"safes": [CAPPED], "notes": [{**NOTE, "name": "A.B"}]}, "notes.0.name", "Two entries have the name A.B"),
    ({"safes": [CAPPED, MFN]}, "safes.1.elects", "Wanted the election of a SAFE issued later"),
    ({"safes": [{**MFN, "elects": ""}, CAPPED]}, "safes.0.elects", "exactly with a stated election"),
    ({"safes": [{**CAPPED, "elects": "X"}]}, "safes.0.elects", "exactly with a stated election"),
    ({"safes": [{**MFN, "cap": 1_000_000}, CAPPED]}, "safes.0.mfn", "no cap and no discount of its own"),
    ({"safes": [{"name": "M", "mfn": "best price"}], "notes": [NOTE]}, "safes.0.mfn", "that of the note N"),
    ({"notes": [{**NOTE, "issued": "2028-01-01"}]}, "notes.0.maturity", "Wanted a maturity after the issue"),
    ({"notes": [{**NOTE, "issued": "2027-06-01"}]}, "notes.0.issued", "was issued on 2027-06-01"),
    ({"notes": [{**NOTE, "maturity": "2027-01-01"}]}, "notes.0.past_due", "was due on 2027-01-01"),
    ({"notes": [{**NOTE, "issued": "0001-01-01"}]}, "notes.0.issued", "Wanted a day from"),
    ({"closing": "2999-01-01"}, "closing", "Wanted a day from"),
    ({"investors": []}, "investors", "at least one investor"),
    ({"investors": [{"name": "A", "share": 0.6}]}, "investors", "add up to 100%, got 60%"),
    ({"investors": [{"name": "A", "share": 0.5}] * 2}, "investors.1.name", "Two entries have the name A"),
    ({"holders": []}, "holders", "mark at least one row"),
    ({"holders": [SERIES_A]}, "holders", "mark at least one row"),
    ({"holders": [{**FOUNDER, "kind": "option"}]}, "holders", "shares in issue, got none"),
    ({"holders": [{**FOUNDER, "pro_rata": 0.6}, {**SERIES_A, "pro_rata": 0.4}]}, "holders", "take 100% of the round"),
    ({"holders": [FOUNDER, {**SERIES_A, "protected_price": 9}]}, "holders.1.protected_price", "below the conversion"),
    ({"safes": [{**CAPPED, "pro_rata": True}], "pro_rata_source": "enlarges"}, "pro_rata_source", "side letter"),
    ({"pool_target": 0.85, "new_money": 9e6, "pre_money": 1e6}, "pool_target", "Pool and new money together"),
    ({"safes": [{"name": "D", "amount": 9e9, "discount": 0.9}]}, "pre_money", "determine no single round"),
]


def case_of(**given: Any) -> Any:
    return evaluate(CALCULATOR, read_inputs(CALCULATOR.inputs, given))


@pytest.mark.parametrize(("given", "field", "words"), REFUSED)
def test_refused_by_name(given: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        case_of(**given)
    assert list(refused.value.problems) == [field]
    assert words in str(refused.value.problems[field][0])


def test_draws_that_determine_no_round_are_refused_at_the_valuation() -> None:
    """At the median there is a round, at the low end of the range the discounted SAFE takes more than all."""
    given = {
        "safes": [{"name": "D", "amount": 2_000_000, "discount": 0.5}], "new_money": 1_000_000,
        "pre_money": {"low": 2_000_000, "high": 40_000_000, "family": "uniform"},
    }  # fmt: skip
    inputs: Any = read_inputs(CALCULATOR.inputs, given)
    assert evaluate(CALCULATOR, inputs).outputs["price"] > 0
    with pytest.raises(Invalid) as refused:
        simulate(CALCULATOR, inputs, draws=200, seed=1)
    assert list(refused.value.problems) == ["pre_money"]
    assert "determine no single round in" in str(refused.value)


def test_a_clause_that_leaves_no_round_says_so() -> None:
    """Percentage ownership leaves nothing beside so much at a discount; the pre-money method does."""
    case = case_of(
        safes=[{"name": "D", "amount": 4_000_000, "discount": 0.5}], pre_money=7_000_000, pricing="pre-money method",
        pool_target=0,
    )  # fmt: skip
    moved = case.outputs["switch_points"][list(SWITCHES).index("percentage")]
    assert np.isinf(moved)
    assert np.isfinite(case.outputs["switch_points"][list(SWITCHES).index("no_discount")])
    rows = {row[1:3]: row[3:] for table in case.tables if table.title == CLAUSE_TITLE for row in table.rows}
    assert set(rows["Pricing convention", "Percentage ownership"]) == {None}
    assert rows["Discounts", "none"][0] > 0


def test_protection_is_told_of_in_draws() -> None:
    holders = [FOUNDER, {**SERIES_A, "protected_price": 1.1}]
    inputs: Any = read_inputs(CALCULATOR.inputs, {"holders": holders, "safes": [], "pre_money": "8M to 30M"})
    outcome = simulate(CALCULATOR, inputs, draws=2_000, seed=1)
    assert not outcome.case.outputs["adjusts"]
    assert 0.05 < float(outcome.shares("adjusts")) < 0.5


def test_protection_that_is_not_stated_counts_as_waived_and_is_told() -> None:
    said = [say(notice) for notice in case_of(holders=[FOUNDER, SERIES_A]).notices]
    assert any("counts as waived" in text for text in said)
    assert not any("waived" in say(notice) for notice in case_of(holders=[FOUNDER]).notices)


def test_a_note_past_due_converts_where_its_holder_agreed() -> None:
    case = case_of(notes=[{**NOTE, "maturity": "2027-01-01", "rate": 0.1, "past_due": "convert"}])
    assert case.outputs["note_owed"] == pytest.approx([110_000])
    assert any("stops at its maturity" in say(notice) for notice in case.notices)


def test_a_slim_margin_is_told() -> None:
    case = case_of(safes=[{**CAPPED, "amount": 4_700_000}], pool_target=0)
    assert any("hardly determine a round" in say(notice) for notice in case.notices)
