"""The contracts, over every registered calculator."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid
from portal.planning.calculator import Calculator
from portal.planning.engine import evaluate, simulate
from portal.planning.registry import all_calculators
from tests.derive.strategies import instances
from tests.planning.contracts import CHECKS, Check, check_report, check_words

CALCULATORS = list(all_calculators().values())
each_calculator = pytest.mark.parametrize("calculator", CALCULATORS, ids=lambda calculator: calculator.slug)


@each_calculator
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_contract(check: Check, calculator: Calculator) -> None:
    check(calculator)


@each_calculator
@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_permitted_inputs_give_finite_numbers_or_an_error_with_a_name(
    calculator: Calculator, data: st.DataObject
) -> None:
    inputs = data.draw(instances(calculator.inputs))
    try:
        case = evaluate(calculator, inputs)
        outcome = simulate(calculator, inputs, draws=16, seed=1)
    except Invalid as refused:
        assert all(str(problem) for problems in refused.problems.values() for problem in problems)  # noqa: PT017
        return
    check_report(case)
    check_report(outcome)
    check_words(outcome)
