"""The venture debt calculator against published cases and sums by hand, in its identities, and in words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.team_budget import CALCULATOR as TEAM
from portal.planning.calculators.venture_debt import CALCULATOR, PLAIN
from portal.planning.debt import words
from portal.planning.debt.loan import ANNUITY, LEVEL, Schedule, Terms, net_exercised, schedule, warrants
from portal.planning.engine import Outcome, evaluate, simulate
from portal.planning.hardware.owning import annuity
from portal.planning.wording import say
from portal.plans.join import accepts

# One draw of everything, which lenders' sheets begin with.
WHOLE = [{"share": 1, "month": 1, "happens": 1}]


def read(**given: Any) -> Any:
    return read_inputs(CALCULATOR.inputs, {**PLAIN, "rate": 0.12, **given})


def outputs(**given: Any) -> dict[str, Any]:
    return dict(evaluate(CALCULATOR, read(**given)).outputs)


def outcome(**given: Any) -> Outcome:
    return simulate(CALCULATOR, read(**given), draws=500, seed=1)


def warned(**given: Any) -> list[str]:
    return [notice.text for notice in evaluate(CALCULATOR, read(**given)).notices]


def refused(**given: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as found:
        evaluate(CALCULATOR, read(**given))
    return {path: problems[0].template for path, problems in found.value.problems.items()}


def terms(**given: Any) -> Terms:
    plain: dict[str, Any] = {
        "commitment": 1e6, "rate": 0.12, "term": 12, "interest_only": 0, "repayment": ANNUITY, "upfront_fee": 0.0,
        "undrawn_fee": 0.0, "availability": 1, "end_fee": 0.0, "prepaid_after": 0, "prepayment_fee": 0.0,
    }  # fmt: skip
    return Terms(**{**plain, **given})


def drawn_at_once(**given: Any) -> Schedule:
    contract = terms(**given)
    return schedule(contract, {0: contract.commitment})


# Worked cases


def test_payments_as_numpy_financial_prints_them() -> None:
    """Its tests of pmt, ppmt and ipmt; there what is paid is negative."""
    assert 15_000 / annuity(0.08 / 12, 60) == pytest.approx(304.1459143262052, rel=1e-12)
    assert 15_000 / annuity(0.0, 60) == pytest.approx(250)
    five_years = drawn_at_once(commitment=55_000.0, rate=0.1, term=60)
    assert five_years.principal[0, 0] == pytest.approx(710.25, rel=1e-4)
    two_years = drawn_at_once(commitment=2_000.0, rate=0.1, term=24)
    assert two_years.interest[0, 0] == pytest.approx(16.666667, rel=1e-4)


def test_interest_only_then_an_annuity() -> None:
    """Inputs of pry.co's venture debt tutorial."""
    loan = drawn_at_once(commitment=2e6, term=36, interest_only=6)
    paid = loan.paid[:, 0]
    assert paid[:6] == pytest.approx(20_000)
    assert paid[6:] == pytest.approx(77_496.23, rel=1e-7)
    assert paid.sum() == pytest.approx(2_444_886.78, rel=1e-7)
    assert loan.balance[-1] == 0


def test_exit_fee_of_a_loan_that_is_paid_back_at_once() -> None:
    """Two years at 10% simple, and 3% of the principal: 2.46M, 1.23 times the loan."""
    found = outputs(commitment=2e6, rate=0.1, term=24, interest_only=23, end_fee=0.03)
    assert (found["given_to_lender"], found["lender_multiple"]) == pytest.approx((2_460_000, 1.23))


def test_warrants_as_clpgrowth_counts_them() -> None:
    count = warrants(0.12, 1e6, 1e6, 0.5, 2.0)
    assert (float(count), float(count) * 2) == pytest.approx((60_000, 120_000))
    # Half of the coverage on the commitment, half on what is drawn of it.
    assert warrants(0.12, 1e6, 5e5, 0.5, 2.0) == pytest.approx(45_000)


def test_treasury_stock_method() -> None:
    """analystforum.com 90918: 10,000 options at 10, shares at 15; analystnotes.com FSS22KQLL prints 231 of 230.54."""
    assert net_exercised(10_000, 10, 15) == pytest.approx(3333.3333, rel=1e-7)
    assert round(float(net_exercised(999, 10, 13))) == 231
    assert net_exercised([10, 10], 10, np.array([9.0, 0.0])).tolist() == [0, 0]


def test_a_loan_without_fees_costs_its_rate_compounded_by_the_month() -> None:
    found = outputs(term=48, interest_only=12)
    assert found["effective_cost"] == pytest.approx(1.01**12 - 1, rel=2e-3)  # months differ in days
    assert found["effective_cost_all"] == found["effective_cost"]


def test_equity_that_is_never_paid_back_lasts_a_horizon_that_debt_does_not() -> None:
    company = {"commitment": 1.2e6, "cash": 5e5, "other_costs": 1e5, "term": 12, "horizon": 12}
    found = outputs(**company, repayment=LEVEL)
    assert found["lasts_by_way"] == [False, False, True]
    assert (found["runway_alone"], found["runway_equity"]) == (5, math.inf)


def test_a_year_at_the_end_of_which_all_is_due() -> None:
    """By hand: 100 less a fee of 2 for 12 payments of 1, and 104 at the end of a year of 365 days."""
    found = outputs(commitment=100, term=12, interest_only=11, upfront_fee=0.02, end_fee=0.04)
    days = np.cumsum([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    worth = -98 + sum((1 + found["effective_cost"]) ** -(day / 365) for day in days)
    assert worth + 104 * (1 + found["effective_cost"]) ** -1 == pytest.approx(0, abs=1e-9)


# Identities

LOANS = st.builds(
    terms,
    commitment=st.floats(1, 1e9),
    rate=st.one_of(st.just(0.0), st.floats(1e-6, 1)),
    term=st.just(24),
    interest_only=st.integers(0, 23),
    repayment=st.sampled_from([ANNUITY, LEVEL]),
    upfront_fee=st.floats(0, 0.3),
    undrawn_fee=st.floats(0, 0.1),
    availability=st.integers(1, 24),
    end_fee=st.floats(0, 0.2),
    prepaid_after=st.sampled_from([0, 10, 24]),
    prepayment_fee=st.floats(0, 0.1),
)


@settings(max_examples=100, deadline=None)
@given(LOANS, st.dictionaries(st.integers(0, 9), st.floats(0.05, 0.1), min_size=1))
def test_what_is_drawn_is_paid_back_and_never_more_is_owed(contract: Terms, parts: dict[int, float]) -> None:
    loan = schedule(contract, {month: share * contract.commitment for month, share in parts.items()})
    drawn = loan.drawn.sum()
    assert drawn == pytest.approx(sum(parts.values()) * contract.commitment)
    assert loan.principal.sum() == pytest.approx(drawn)
    owed = np.cumsum(loan.drawn - loan.principal)
    assert loan.balance[:, 0] == pytest.approx(owed, abs=1e-9 * drawn)
    assert loan.balance.min() >= -1e-9 * drawn
    assert loan.end.sum() == pytest.approx(contract.end_fee * drawn)
    for table in (loan.interest, loan.principal, loan.undrawn, loan.end, loan.prepayment):
        assert (table >= -1e-9 * drawn).all()
    if contract.prepaid_after:
        assert not loan.paid[contract.prepaid_after :].any()


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1), st.integers(0, 35), st.sampled_from([ANNUITY, LEVEL]))
def test_payments_after_the_interest_only_months_are_level(rate: float, interest_only: int, repayment: str) -> None:
    loan = drawn_at_once(term=36, rate=rate, interest_only=interest_only, repayment=repayment)
    level = (loan.principal if repayment == LEVEL else loan.paid)[interest_only:, 0]
    assert level == pytest.approx(level[0], rel=1e-7)


@pytest.mark.parametrize("name", ["upfront_fee", "end_fee", "rate"])
def test_every_fee_makes_it_dearer(name: str) -> None:
    cheap, dear = (outputs(term=36, **{"rate": 0.1, name: value}) for value in (0.05, 0.11))
    assert dear["effective_cost"] > cheap["effective_cost"] > 0


def test_paying_back_early_raises_the_cost_of_a_fee_that_is_due_anyway() -> None:
    late = outputs(term=36, end_fee=0.05)
    early = outputs(term=36, end_fee=0.05, prepaid_after=6)
    assert early["end_paid"] == pytest.approx(late["end_paid"])
    assert early["interest_paid"] < late["interest_paid"]
    assert early["effective_cost"] > late["effective_cost"]


def test_cash_moves_by_what_is_drawn_and_paid() -> None:
    found = evaluate(CALCULATOR, CALCULATOR.inputs()).outputs
    alone, debt, equity = (np.array(found[f"cash_{way}_by_month"]) for way in ("alone", "debt", "equity"))
    received = np.cumsum(np.zeros(48) + np.eye(48)[0] * 1.2e6 + np.eye(48)[8] * 8e5)
    assert equity - alone == pytest.approx(received)
    paid = np.cumsum(found["payment_by_month"]) + found["upfront_paid"]
    assert debt - equity == pytest.approx(-paid)
    assert found["total_paid"] == pytest.approx(paid[-1])
    assert np.array(found["balance_by_month"])[36:] == pytest.approx(0)


def test_a_milestone_that_is_missed_leaves_part_undrawn() -> None:
    rows = [{"share": 0.5, "month": 1, "happens": 1}, {"share": 0.5, "month": 6, "happens": 0.25}]
    contract = {"commitment": 1e6, "term": 24, "availability": 12, "undrawn_fee": 0.06, "coverage": 0.1}
    found = outputs(drawdowns=rows, **contract)
    assert found["drawn"] == pytest.approx(5e5)
    assert found["undrawn_paid"] == pytest.approx(12 * 0.005 * 5e5)
    assert found["covered"] == pytest.approx(0.1 * (0.5 * 1e6 + 0.5 * 5e5))
    drawn = outcome(drawdowns=rows, **contract).samples["drawn"]
    assert np.mean(drawn > 6e5) == pytest.approx(0.25, abs=0.01)


def test_equity_at_a_worthless_exit_costs_all_of_it() -> None:
    found = outputs(term=12, exit_price=0, coverage=0.1)
    assert (found["equity_cost"], found["warrant_value"]) == (-1, 0)
    assert not found["debt_cheaper"]


def test_equity_at_an_exit_at_its_own_price_costs_nothing() -> None:
    found = outputs(commitment=1e6, term=12, shares=9e6, dilution=0.1, exit_price=1)
    assert (found["equity_shares"], found["equity_price"]) == pytest.approx((1e6, 1))
    assert found["equity_cost"] == pytest.approx(0, abs=1e-9)


def test_the_covenant_is_broken_before_cash_is_gone() -> None:
    """By hand: 500 and a loan of 100, 50 a month out; 100 paid back at the end of a year. Below 300 after month 7."""
    company = {"commitment": 100, "rate": 0, "term": 12, "interest_only": 11, "cash": 500, "other_costs": 50}
    found = outputs(**company, min_cash=300)
    assert (found["breach_after"], found["runway_debt"], found["safe_runway"]) == (7, 11 + 50 / 150, 7)
    assert not found["covenant_kept"]
    assert words.BREACH in warned(**company, min_cash=300)
    assert outputs(**{**company, "other_costs": 0}, min_cash=300)["covenant_kept"]
    without = outputs(**{**company, "other_costs": 70}, min_cash=0)
    assert without["covenant_kept"]
    assert without["safe_runway"] == without["runway_debt"] == pytest.approx(600 / 70)


def test_what_a_team_costs_can_be_sent_here() -> None:
    sent = {output.quantity: 1.0 for output in TEAM.outputs.values() if output.quantity}
    assert {"payroll", "payroll_growth"} <= set(accepts(CALCULATOR.inputs, sent))


# In words


@pytest.mark.parametrize(
    ("given", "path", "text"),
    [
        ({"drawdowns": []}, "drawdowns", words.NO_DRAWDOWN),
        ({"drawdowns": [{"share": 1, "month": 1, "happens": 0.9}]}, "drawdowns", words.NO_DRAWDOWN),
        ({"drawdowns": [{"share": 1, "month": 2, "happens": 1}], "availability": 2}, "drawdowns", words.NO_DRAWDOWN),
        ({"drawdowns": [{"share": 0.7}, {"share": 0.4}]}, "drawdowns", words.DRAWN_TOO_MUCH),
        ({"drawdowns": [{"share": 0.5}, {"share": 0.4, "month": 9}]}, "drawdowns.1.month", words.DRAWN_LATE),
        ({"term": 12, "availability": 13}, "availability", words.AVAILABLE_TOO_LONG),
        ({"term": 12, "interest_only": 12}, "interest_only", words.NOTHING_LEFT_TO_REPAY),
        ({"term": 12, "prepaid_after": 13}, "prepaid_after", words.PREPAID_LATE),
        ({"drawdowns": [{"share": 0.5}, {"share": 0.4, "month": 9}], "availability": 9, "prepaid_after": 8},
         "prepaid_after", words.PREPAID_TOO_EARLY),
        ({"drawdowns": [{"share": 0.1}], "upfront_fee": "5% to 12%"}, "upfront_fee", words.FEE_EATS_LOAN),
        ({"first_month": "1999-12-01"}, "first_month", words.WRONG_YEAR),
    ],
)  # fmt: skip
def test_contradictions_are_refused_by_name(given: dict[str, Any], path: str, text: str) -> None:
    assert refused(**given) == {path: text}


@pytest.mark.parametrize("name", ["strike", "exit_price", "commitment", "rate", "term", "coverage", "cash", "shares"])
def test_what_is_below_zero_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="Wanted at least"):
        read(**{name: -1})


def test_parts_of_a_third_are_all_of_it() -> None:
    thirds = [{"share": 1 / 3, "month": month} for month in (1, 2, 3)]
    assert outputs(drawdowns=thirds, availability=3, commitment=3e5)["drawn"] == pytest.approx(3e5)


def test_warnings() -> None:
    bullet = {"term": 24, "interest_only": 23, "cash": 1e7}
    assert warned(**bullet) == [words.BALLOON]
    assert warned(**{**bullet, "interest_only": 0}) == []
    assert warned(term=12, cash=1e7, coverage=0.1, strike=2, exit_price=1) == [words.WORTHLESS]
    assert warned(term=12, cash=1e7, exit_after=6) == [words.EXIT_BEFORE_END]
    half = [{"share": 0.5}]
    assert warned(term=12, cash=1e7, coverage=0.1, exit_price=3, drawdowns=half) == [words.UNDRAWN_WARRANTS]
    poor = warned(commitment=1e6, term=12, cash=1e5, other_costs=1e5, horizon=12)
    assert words.NOT_PAID_BACK in poor


def test_a_loan_that_is_paid_back_may_empty_the_account_earlier() -> None:
    """Paid back in month 9 of a company that lives 20 months alone; interest and fees then are missing."""
    company = {"commitment": 1e6, "term": 12, "prepaid_after": 9, "cash": 2e6, "other_costs": 1e5, "end_fee": 0.1}
    found = outputs(**company)
    assert found["runway_alone"] == 20
    assert found["months_gained"] == pytest.approx(-(found["finance_cost"]) / 1e5)
    assert words.SHORTENS in warned(**company)
    assert CALCULATOR.answer(outcome(**company)).text == words.COSTS_RUNWAY


def test_answers() -> None:
    longer = outcome(commitment=1e6, term=36, cash=5e5, other_costs=1e5)
    months = 1.5e6 / (1e5 + 1e6 / annuity(0.01, 36)) - 5
    assert longer.quantile("months_gained", 0.5) == pytest.approx(months)
    assert say(CALCULATOR.answer(longer)).endswith("Cash lasts 6.26 months longer.")
    assert CALCULATOR.answer(outcome(term=12, cash=1e9)).text == words.COSTS_WITHOUT_GAIN
    beyond = {"term": 1, "exit_after": 1, "coverage": 2, "strike": 1e-6, "exit_price": 1e6}
    found = outcome(**beyond)
    assert CALCULATOR.answer(found).text == words.COSTS_BEYOND
    assert math.isinf(found.case.outputs["effective_cost_all"])


def test_three_ways_side_by_side() -> None:
    (table,) = evaluate(CALCULATOR, CALCULATOR.inputs()).tables
    assert [row[0] for row in table.rows] == list(words.WAYS)
    assert all(len(row) == len(table.columns) for row in table.rows)
