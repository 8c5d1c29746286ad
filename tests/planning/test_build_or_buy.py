"""The build-or-buy calculator against sums by hand, other calculators, identities that must hold, and in words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from mlcore.spec import params
from portal.planning.calculators.build_or_buy import CALCULATOR
from portal.planning.calculators.data_budget import CALCULATOR as DATA_BUDGET
from portal.planning.calculators.own_hardware import CALCULATOR as OWN_HARDWARE
from portal.planning.calculators.training_run import CALCULATOR as TRAINING_RUN
from portal.planning.catalog import edits
from portal.planning.engine import evaluate, simulate
from portal.planning.sourcing import words
from portal.planning.sourcing.examples import STEPS, plain
from portal.planning.sourcing.inputs import ALTERNATIVES, MANAGED, OWN, RENTED, SCRATCH, TUNED, WAYS
from portal.planning.sourcing.levers import turns
from portal.planning.sourcing.outputs import PARTS
from portal.planning.sourcing.ways import expected_loss
from portal.plans.join import fill

NEVER = math.inf
HOURS = 730.5  # of a month

BUSY = {
    "discount": 0.12, "engineer_cost": 180_000, "growth": 0.03, "cached_share": 0.3, "batch_share": 0.1,
    "api_decline": 0.2, "api_risk": 0.2, "api_exit": 2, "api_engineers": 0.2, "open_fallback": 0.1,
    "open_input_rate": 4_000, "open_output_rate": 500, "open_devices": 2, "open_copies": 2, "rent_decline": -0.05,
    "cloud_risk": 0.2, "cloud_exit": 1, "small_input_rate": 20_000, "small_output_rate": 3_000, "small_copies": 2,
    "horizon": 30,
}  # fmt: skip
OF_WAY = {
    MANAGED: {"managed_decline": 0.1, "managed_risk": 0.3, "managed_exit": 1},
    RENTED: {},
    OWN: {"own_price": 50_000, "own_power": 1_200, "own_draw": 0.5, "colocation": 150, "electricity": 0.1, "pue": 1.2,
          "maintenance": 0.05, "residual": 0.2},
    TUNED: {"tuning_cost": 8_000, "tuning_data": 20_000, "tunings": 3, "tuned_share": 0.7, "tuned_fallback": 0.06},
    SCRATCH: {"training_cost": 90_000, "trials": 0.5, "training_data": 60_000, "retraining": 0.3,
              "scratch_share": 0.6, "scratch_fallback": 0.1},
}  # fmt: skip


def busy(key: str, **given: Any) -> dict[str, Any]:
    """The API and one way, with something of everything."""
    effort = {f"{key}_engineers": 0.5, f"{key}_switching": 30_000, f"{key}_wait": 3}
    return {**plain(key), **BUSY, **OF_WAY[key], **effort, **given}


def read(**given: Any) -> Any:
    return read_inputs(CALCULATOR.inputs, given)


def outputs(**given: Any) -> dict[str, Any]:
    return dict(evaluate(CALCULATOR, read(**given)).outputs)


def refusal(**given: Any) -> dict[str, Any]:
    with pytest.raises(Invalid) as refused:
        evaluate(CALCULATOR, read(**given))
    return dict(refused.value.problems)


each_way = pytest.mark.parametrize("key", list(ALTERNATIVES))


# Credits that come back


@pytest.mark.parametrize(("earn", "money"), [(False, 1 / 1.25), (True, 0.75)])
@each_way
def test_credits_lower_what_the_cloud_is_paid_and_nothing_else(key: str, earn: bool, money: float) -> None:
    given_ = busy(key, cloud_risk=0)
    plain_, credited = outputs(**given_), outputs(**given_, credits_returned=0.25, credits_earn=earn)
    for part in ("rival_switching", "rival_staff", "rival_api", "rival_risk"):
        assert credited[part] == pytest.approx(plain_[part])
    if key in (MANAGED, OWN):
        assert credited["rival_total"] == pytest.approx(plain_["rival_total"])
    else:
        assert credited["rival_serving"] == pytest.approx(money * plain_["rival_serving"])
        assert credited["break_even_requests"] <= plain_["break_even_requests"]
    assert words.RETURNED in [n.text for n in evaluate(CALCULATOR, read(**given_, credits_returned=0.25)).notices]


def test_circular_credits_are_refused() -> None:
    told = str(refusal(**busy(RENTED, credits_returned=1, credits_earn=True))["credits_returned"][0])
    assert "circular" in told
    assert "50%" in told


# What a way costs


def test_api_prices_fall_and_requests_grow_by_hand() -> None:
    found = outputs(**{**plain(MANAGED), "horizon": 24, "api_decline": 0.75, "growth": 0.1})
    monthly = np.diff(found["spent_by_way"][0], prepend=0)
    np.testing.assert_allclose(monthly, 6_000 * 1.1 ** np.arange(24) * 0.25 ** (np.arange(24) / 12), rtol=1e-12)
    assert monthly[12] == pytest.approx(6_000 * 1.1**12 / 4)
    assert found["requests_by_month"][1] == pytest.approx(1_100_000)


def test_what_is_read_again_is_cheap_and_what_can_wait_costs_half() -> None:
    base = plain(MANAGED)
    assert outputs(**base)["api_per_request"] == pytest.approx(0.006)
    assert outputs(**{**base, "cached_share": 1})["api_per_request"] == pytest.approx(0.0042)
    assert outputs(**{**base, "batch_share": 1})["api_per_request"] == pytest.approx(0.003)


def test_at_no_discount_a_total_is_what_was_spent_with_losses_less_the_sale() -> None:
    for key in ALTERNATIVES:
        found = outputs(**busy(key, discount=0))
        sale = 0.0
        if key == OWN:
            bought = np.diff(found["devices_by_month"], prepend=0) * 50_000
            sale = float(np.sum(bought * 0.2 ** ((30 - np.arange(30)) / 60)))
        assert found["rival_total"] == pytest.approx(found["spent_by_way"][1][-1] + found["rival_risk"] - sale)
        assert found["api_total"] == pytest.approx(found["total_by_way"][0])


@each_way
def test_parts_add_up_and_discounting_lowers_what_comes_later(key: str) -> None:
    found, flat = outputs(**busy(key)), outputs(**busy(key, discount=0))
    assert found["rival_total"] == pytest.approx(sum(found[part] for part in PARTS))
    assert found["rival_switching"] == flat["rival_switching"] == 30_000
    for part in ("rival_staff", "rival_api"):
        assert found[part] < flat[part]


def test_devices_come_in_whole_copies_and_never_fewer_than_the_least() -> None:
    found = outputs(**{**plain(RENTED), **STEPS, "requests": 200_000, "growth": 0.2, "open_devices": 2,
                       "open_copies": 2, "horizon": 12})  # fmt: skip
    copies = np.maximum(2, np.ceil(200_000 * 1.2 ** np.arange(12) / (2 * 131_490)))
    assert found["devices_by_month"] == (2 * copies).tolist()
    assert found["rival_serving"] == pytest.approx(float(np.sum(2 * copies)) * HOURS * 2)


def test_whole_numbers_of_copies_are_not_rounded_up() -> None:
    for rate in range(1, 120):
        answered = HOURS * 3_600 * 0.5 * rate / 1_000  # requests a month of one device
        found = outputs(**{**plain(RENTED), **STEPS, "open_output_rate": rate, "requests": 7 * answered})
        assert found["devices_by_month"] == [7] * 12


def test_own_hardware_is_bought_when_it_is_needed_and_stays() -> None:
    rising = outputs(**{**plain(OWN), **STEPS, "requests": 131_490, "growth": 0.5, "horizon": 12})
    spent = np.diff(rising["spent_by_way"][1], prepend=0)
    devices = np.ceil(1.5 ** np.arange(12) * (1 - 1e-12))
    np.testing.assert_allclose(spent, 30_000 * np.diff(devices, prepend=0), atol=1e-6)
    falling = outputs(**{**plain(OWN), **STEPS, "requests": 131_490 * 4, "growth": -0.5, "horizon": 12})
    assert falling["devices_by_month"] == [4] * 12


def test_owning_costs_what_the_calculator_of_own_hardware_says() -> None:
    """The same devices from the fourth month on, at full price, with power, site and upkeep, and sold at the end."""
    mine = outputs(**{**busy(OWN), "growth": 0, "requests": 1_000, "open_copies": 3, "open_fallback": 0,
                      "own_engineers": 0, "own_switching": 0, "api_engineers": 0})  # fmt: skip
    theirs = evaluate(OWN_HARDWARE, read_inputs(OWN_HARDWARE.inputs, {
        "accelerator": "custom", "price_basis": "typed", "usd_per_device_hour": 0, "devices": 6, "price": 50_000,
        "surcharge": 0, "delay": 3, "residual": 0.2, "life": 60, "device_power": 1_200, "idle_share": 0.5,
        "utilisation": 0, "use_growth": 0, "electricity": 0.1, "pue": 1.2, "colocation": 150, "staff": 0,
        "maintenance": 0.05, "failures": 0, "discount": 0.12, "horizon": 30,
    })).outputs  # fmt: skip
    assert mine["rival_serving"] == pytest.approx(theirs["own_total"], rel=1e-12)


def test_until_it_runs_the_api_answers_and_engineers_are_paid() -> None:
    late = outputs(**{**plain(TUNED), "tuned_wait": 12, "tuned_engineers": 1, "engineer_cost": 120_000})
    assert late["rival_api"] == pytest.approx(72_000)
    assert late["rival_staff"] == pytest.approx(120_000)
    assert late["rival_serving"] == 0
    assert late["break_even_requests"] == NEVER


def test_a_way_that_is_left_out_changes_nothing_for_the_others() -> None:
    every = outputs(**{**busy(RENTED), **busy(TUNED), "compare_rented": "yes"})
    without = outputs(**{**busy(RENTED), **busy(TUNED), "compare_rented": "yes", "compare_api": "no"})
    assert every["total_by_way"][1:] == without["total_by_way"]
    assert every["saving"] == without["saving"]
    assert len(without["cheapest"]) == 2


def test_an_own_model_may_be_served_at_either_speed() -> None:
    small, large = (outputs(**busy(SCRATCH, scratch_size=size, requests=2e7)) for size in ("small", "open"))
    assert max(large["devices_by_month"]) > max(small["devices_by_month"])


@each_way
def test_money_is_only_a_unit(key: str) -> None:
    """All amounts times seven: costs times seven, and the answer the same."""
    given = busy(key)
    names = {name for name, param, _ in params(CALCULATOR.inputs) if param.unit.startswith("USD")} & set(given)
    once, seven = outputs(**given), outputs(**{**given, **{name: 7 * given[name] for name in names}})
    for name in ("api_total", "rival_total", "saving", "rival_risk"):
        assert seven[name] == pytest.approx(7 * once[name], rel=1e-9)
    for name in ("break_even_requests", "lasting_requests", "even_api_price", "supplier_index", "break_even_after"):
        assert seven[name] == pytest.approx(once[name], rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(key=st.sampled_from(list(ALTERNATIVES)), low=st.floats(0.1, 50), more=st.floats(1.01, 5))
def test_a_dearer_api_helps_every_alternative(key: str, low: float, more: float) -> None:
    given = busy(key, api_cached=0)
    cheap, dear = (outputs(**{**given, "api_output": price}) for price in (low, low * more))
    assert dear["rival_saving"] > cheap["rival_saving"]
    assert dear["break_even_requests"] <= cheap["break_even_requests"]


@settings(max_examples=20, deadline=None)
@given(rent=st.floats(0.1, 20), more=st.floats(1.01, 4), key=st.sampled_from([RENTED, TUNED, SCRATCH]))
def test_dearer_devices_never_help(rent: float, more: float, key: str) -> None:
    cheap, dear = (outputs(**busy(key, usd_per_device_hour=price)) for price in (rent, rent * more))
    assert dear["rival_total"] > cheap["rival_total"]
    assert dear["break_even_requests"] >= cheap["break_even_requests"]


# Suppliers


def test_a_supplier_that_may_leave_costs_its_bill_times_chance_and_months() -> None:
    assert float(expected_loss(0.0, 5)[0]) == 0
    loss = expected_loss(1 - 0.9**12, 2)  # a tenth in each month
    assert float(loss[0]) == pytest.approx(0.2)
    found = outputs(**{**plain(MANAGED), "managed_risk": 1 - 0.9**12, "managed_exit": 2})
    assert found["rival_risk"] == pytest.approx(0.2 * 12 * 1_250)


def test_one_supplier_is_full_concentration_and_two_equal_ones_half() -> None:
    alone = outputs(**plain(MANAGED))
    assert (alone["supplier_share"], alone["supplier_index"]) == (1, 10_000)
    # The host gets $1,250 a month; the API the same when every request of 1,250 ÷ 6,000 is asked again.
    two = outputs(**{**plain(MANAGED), "open_fallback": 1_250 / 6_000})
    assert two["supplier_share"] == pytest.approx(0.5)
    assert two["supplier_index"] == pytest.approx(5_000)
    nobody = outputs(**{**plain(MANAGED), "requests": 0, "managed_switching": 5})
    assert nobody["supplier_index"] == NEVER
    assert nobody["best_per_request"] == NEVER


# Where they meet


@each_way
def test_at_the_break_even_traffic_both_cost_the_same(key: str) -> None:
    given = busy(key, growth=0)
    found = outputs(**given)
    first, last = found["break_even_requests"], found["lasting_requests"]
    assert 0 < first <= last < NEVER
    for traffic in (first, last):
        at = outputs(**{**given, "requests": traffic * (1 + 1e-9)})
        assert at["rival_saving"] == pytest.approx(0, abs=1e-5 * at["api_total"])
    assert outputs(**{**given, "requests": first * 0.999})["rival_saving"] < 0
    assert outputs(**{**given, "requests": last * 0.999})["rival_saving"] < 0
    for more in (1.001, 1.01, 1.1, 1.5, 3):
        assert outputs(**{**given, "requests": last * more})["rival_saving"] > 0


@settings(max_examples=80, deadline=None)
@given(
    fixed=st.floats(-1e5, 1e6), rent=st.floats(0.2, 30), price=st.floats(1, 40), rate=st.floats(5, 500),
    least=st.integers(1, 20), fallback=st.floats(0, 1),
)  # fmt: skip
def test_break_even_traffic_is_what_a_scan_of_all_traffics_finds(
    fixed: float, rent: float, price: float, rate: float, least: int, fallback: float
) -> None:
    """The lead at both ends of every number of copies tells the whole staircase."""
    found = outputs(**{
        **plain(RENTED), **STEPS, "usd_per_device_hour": rent, "api_output": price, "open_output_rate": rate,
        "open_copies": least, "open_fallback": fallback, "rented_switching": max(fixed, 0),
        "api_engineers": max(-fixed, 0) / 1e5, "engineer_cost": 1e5,
    })  # fmt: skip
    answered = HOURS * 3_600 * 0.5 * rate / 1_000  # requests a month of one device
    copies = np.arange(least, least + 4_000)
    starts = np.where(copies == least, 0.0, (copies - 1) * answered)
    gained, costs = 12 * price / 1_000 * (1 - fallback), fixed + 12 * copies * HOURS * rent
    crossing = np.maximum(np.divide(costs, gained, out=np.full(costs.shape, NEVER), where=gained > 0), starts)
    inside = np.where(costs <= gained * starts, starts, crossing) <= copies * answered
    behind = costs > gained * starts * (1 + 1e-9)
    if not inside.any():
        assert found["break_even_requests"] > 1_000 * answered
        return
    at = int(np.argmax(inside))
    wanted = starts[at] if costs[at] <= gained * starts[at] else crossing[at]
    assert found["break_even_requests"] == pytest.approx(wanted, rel=1e-6, abs=1e-6)
    if behind[-1]:
        assert found["lasting_requests"] > 1_000 * answered
    elif behind.any():
        last = len(behind) - 1 - int(np.argmax(behind[::-1]))
        assert found["lasting_requests"] == pytest.approx(min(crossing[last], copies[last] * answered), rel=1e-6)


def test_at_the_even_price_of_the_api_both_cost_the_same() -> None:
    for key in ALTERNATIVES:
        given = busy(key, batch_share=0)
        share = outputs(**given)["even_api_price"]
        prices = {name: given[name] * share for name in ("api_input", "api_cached", "api_output")}
        found = outputs(**{**given, **prices})
        assert found["rival_total"] == pytest.approx(found["api_total"], rel=1e-9)


def test_a_way_that_asks_everything_again_never_pays() -> None:
    found = outputs(**{**plain(MANAGED), "open_fallback": 1, "managed_switching": 1})
    assert found["break_even_requests"] == found["lasting_requests"] == found["even_api_price"] == NEVER
    free = outputs(**{**plain(MANAGED), "api_engineers": 1, "engineer_cost": 12})
    assert free["break_even_requests"] == 0


def test_break_even_comes_where_spending_crosses_for_good() -> None:
    found = outputs(**{**plain(MANAGED), "managed_switching": 4_750 * 3 - 1})
    assert found["break_even_after"] == 3
    assert found["break_even_month"] == 2027 * 12 + 2
    np.testing.assert_allclose(found["lead_by_month"], 4_750 * (np.arange(1, 13) - 3) + 1)


def test_the_table_names_every_way_and_its_cheapest() -> None:
    outcome = simulate(CALCULATOR, read(), draws=400, seed=2)
    assert list(CALCULATOR.axes["way"].places(outcome.inputs)) == list(WAYS.values())
    assert outcome.shares("cheapest").sum() == pytest.approx(1)
    low, middle, high = outcome.quantiles("break_even_requests", (0.05, 0.5, 0.95))
    assert 0 < low < middle < high


# What would change the answer


@pytest.mark.parametrize("key", [MANAGED, RENTED, TUNED])
def test_beyond_its_turn_another_way_is_the_cheapest(key: str) -> None:
    given = busy(key)
    case = evaluate(CALCULATOR, read(**given))
    found = turns(case.resolved)
    assert found
    before = case.outputs["cheapest"]
    for turn in found:
        known = [name for name in turn.inputs if name in given]
        for beyond, changed in ((1.002, True), (0.998, False)):
            share = (turn.at / turn.now) ** beyond
            moved = outputs(**{**given, **{name: given[name] * share for name in known}})
            assert (moved["cheapest"] != before) is changed, turn
        after = dict(zip(["API of a closed model", WAYS[key]], before, strict=True))
        assert not after[turn.then]


def test_turns_come_nearest_first_and_each_input_once() -> None:
    found = turns(evaluate(CALCULATOR, read()).resolved)
    distance = [abs(math.log(turn.at / turn.now)) for turn in found]
    assert distance == sorted(distance)
    assert max(distance) <= math.log(4) + 1e-9
    assert len({turn.label for turn in found}) == len(found)


def test_where_nothing_turns_the_table_says_so() -> None:
    case = evaluate(CALCULATOR, read(**{**plain(MANAGED), "managed_input": 1e-6, "managed_output": 1e-6}))
    assert turns(case.resolved) == []
    assert case.tables[0].note == words.NOTHING_TURNS
    assert [len(table.rows) for table in case.tables] == [0, 2, 1]


# Links


def test_other_calculators_fill_what_they_compute() -> None:
    sent = {"training_cost": 123_000.0, "data_cost": 45_000.0, "usd_per_million_output_tokens": 2.5,
            "usd_per_million_input_tokens": 0.2, "fine_tuning_cost": 900.0}  # fmt: skip
    assert TRAINING_RUN.outputs["cost"].quantity in sent
    assert any(output.quantity == "data_cost" for output in DATA_BUDGET.outputs.values())
    filled = fill(CALCULATOR.inputs, {"compare_scratch": "no"}, sent)
    assert filled.inputs["compare_scratch"] == "yes"
    assert filled.inputs["rented_basis"] == "tokens"
    assert {filled.inputs[name] for name in ("training_cost", "training_data", "served_output", "served_input",
                                             "tuning_cost")} == set(sent.values())  # fmt: skip


def test_a_typed_cost_of_serving_is_paid_by_the_token() -> None:
    found = outputs(**{**plain(RENTED), "rented_basis": "tokens", "served_input": 0.5, "served_output": 1.5})
    assert found["rival_serving"] == pytest.approx(12 * 1_250)
    assert found["devices_by_month"] == [0] * 12


# Refusals and words


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({f"compare_{key}": "no" for key in WAYS}, "compare_managed", "at least two ways that are compared, got 0"),
        ({**plain(MANAGED), "compare_api": "no"}, "compare_rented", "got 1"),
        ({"compare_tuned": "no"}, "against", "one that is left out"),
        ({**plain(MANAGED), "api_input": 0, "api_output": 0}, "api_output", "a price above 0"),
        ({**plain(MANAGED), "managed_input": 0, "managed_output": 0}, "managed_output", "a price above 0"),
        ({**plain(RENTED), "rented_basis": "tokens", "served_input": 0, "served_output": 0}, "served_output",
         "a price above 0"),
        ({"price_basis": "typed", "usd_per_device_hour": 0}, "usd_per_device_hour", "a rent above 0"),
        ({"accelerator": "gaudi-3"}, "price_basis", "no such price for Intel Gaudi 3"),
        ({"accelerator": "custom"}, "price_basis", "no price for a custom device"),
        ({"life": 24}, "life", "at least the horizon, 36 months, got 24 months"),
        ({"first_month": "1999-12-01"}, "first_month", "Wanted a first month from 2000"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused_by_name(given: dict[str, Any], field: str, says: str) -> None:
    assert says in str(refusal(**given)[field][0])


def test_a_model_that_was_taken_out_of_the_catalogue_is_refused() -> None:
    edits.apply({"api_prices": {"gpt-5|OpenAI|2026-08": None, "deepseek-chat|DeepSeek|2026-08": None,
                                "deepseek-chat|DeepSeek|2025-01": None}})  # fmt: skip
    try:
        assert set(refusal()) == {"api_model", "managed_model"}
        assert "got gpt-5" in str(refusal(api_model="gpt-5")["api_model"][0]), "it is no choice any more"
        assert evaluate(CALCULATOR, read(api_model="gpt-4o", compare_managed="no")).tables
    finally:
        edits.apply({})
    assert outputs()["api_total"] > 0


@pytest.mark.parametrize(
    ("given", "field"),
    [({"horizon": 0}, "horizon"), ({"horizon": 61}, "horizon"), ({"api_model": "typed", "api_input": -1}, "api_input"),
     ({"requests": -1}, "requests"), ({"cached_share": 1.1}, "cached_share"), ({"open_output_rate": 0},
     "open_output_rate"), ({"utilisation": 0}, "utilisation"), ({"tuned_share": "120%"}, "tuned_share"),
     ({"api_risk": 1}, "api_risk"), ({"tuning_cost": -5}, "tuning_cost"), ({"against": "api"}, "against"),
     ({"managed_model": "gpt-5"}, "managed_model"), ({"open_devices": 0}, "open_devices")],
)  # fmt: skip
def test_what_is_out_of_bounds_is_refused(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(**given)
    assert field in refused.value.problems


@pytest.mark.parametrize(
    ("given", "text", "way"),
    [
        (plain(MANAGED), words.CHEAPEST, MANAGED),
        ({**plain(MANAGED), "managed_switching": 1e6}, words.CHEAPEST, "api"),
        ({**plain(MANAGED), "managed_switching": "20k to 80k"}, words.CHEAPEST_IN_SHARE, MANAGED),
        (plain(MANAGED, TUNED), words.CHEAPEST, MANAGED),
    ],
)
def test_the_answer_says_which_by_how_much_and_how_often(given: dict[str, Any], text: str, way: str) -> None:
    said = CALCULATOR.answer(simulate(CALCULATOR, read(**given), draws=500, seed=1))
    assert said.text == text
    assert said.figures["way"] == (WAYS[way], "")
    if "less" in said.figures:
        assert said.figures["less"][0] > 0


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"first_month": "2027-08-01"}, words.OLD_PRICE),
        ({"scratch_wait": 36}, words.NEVER_RUNS),
        ({"against": "rented"}, words.MOSTLY_IDLE),
    ],
)
def test_notices(given: dict[str, Any], text: str) -> None:
    assert text in [notice.text for notice in evaluate(CALCULATOR, read(**given)).notices]
    assert evaluate(CALCULATOR, read(**plain(MANAGED))).notices == []
