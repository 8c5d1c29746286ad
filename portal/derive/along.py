"""What an output runs along, in the reader's language: months, a declared axis, the rows of a table."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from mlcore.spec import params
from portal.planning.calculator import MONTH, Calculator, Output
from portal.planning.outcome import Case


def axis_label(calculator: Calculator, axis: str) -> str:
    """What an axis is called: Month, Year, Segments."""
    if axis == MONTH:
        return gettext("Month")
    if axis in calculator.axes:
        return gettext(calculator.axes[axis].label)
    return next(gettext(param.label) for name, param, _start in params(calculator.inputs) if name == axis)


def along_words(calculator: Calculator, output: Output) -> str:
    """What an output has one value for each of; empty for a single value."""
    if not output.along:
        return ""
    labels = [axis_label(calculator, axis) for axis in output.along]
    return gettext("one for each: {axes}").format(axes=" × ".join(labels))


def place_names(case: Case, axis: str) -> Sequence[float] | Sequence[str]:
    """The places of an axis other than months. Words of a declared axis are translated; rows have their own names."""
    places = case.calculator.places(axis, case.inputs)
    assert places is not None, f"{axis} has no places of its own"
    if axis not in case.calculator.axes:
        return places
    return [gettext(place) if isinstance(place, str) and place else place for place in places]  # type: ignore[return-value]
