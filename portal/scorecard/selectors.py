"""What is known of how far our estimates lie from what was measured; all of it from cross-validation.

Every figure here compares a measurement with the prediction of a fit that has seen no row of its model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from django.utils.translation import gettext_noop as _

from portal.planning.evidence.coefficients import Fit, fits, predictions
from portal.planning.evidence.family import Case, Family
from portal.planning.evidence.registry import all_families
from portal.planning.evidence.validation import Prediction, Score, score

SIZES = (
    (1e9, _("below 1B")),
    (1e10, _("1B to 10B")),
    (1e11, _("10B to 100B")),
    (float("inf"), _("100B and more")),
)
"""Size classes by all weights of a model: upper end, and what the class is called."""
UNKNOWN_SIZE = _("size not known")


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement with its prediction."""

    case: Case
    prediction: Prediction

    @property
    def error(self) -> float:
        """Predicted ÷ measured − 1."""
        return self.prediction.predicted / self.case.measured - 1

    @property
    def is_within(self) -> bool:
        return self.prediction.low <= self.case.measured <= self.prediction.high

    @property
    def size(self) -> str:
        if not self.case.parameters > 0:
            return UNKNOWN_SIZE
        return next(name for most, name in SIZES if self.case.parameters < most or most == float("inf"))


@dataclass(frozen=True, slots=True)
class Errors:
    """Absolute relative errors of some rows: ``median`` and ``mean`` as shares, ``within_quarter`` of the rows."""

    cases: int
    models: int
    median: float
    mean: float
    within_quarter: float


@dataclass(frozen=True, slots=True)
class Rival:
    """Someone else's predictions beside ours, on the rows that they predict and on no others."""

    name: str
    theirs: Errors
    ours: Errors


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    errors: Errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What one family shows. ``score`` and ``fit`` are None until ``manage.py refit`` has been run for it."""

    family: Family
    rows: tuple[Row, ...]
    fit: Fit | None
    score: Score | None
    rivals: tuple[Rival, ...]  # the rule of thumb first, where the family has one

    @property
    def met_median(self) -> bool | None:
        """Whether the bar for the median error is met; None where there is none."""
        wanted = self.family.wanted_median
        return None if wanted is None or self.score is None else self.score.median <= wanted

    @property
    def met_within_quarter(self) -> bool | None:
        wanted = self.family.wanted_within_quarter
        return None if wanted is None or self.score is None else self.score.within_quarter >= wanted

    @property
    def met(self) -> bool | None:
        """Whether every bar of the family is met; None where it has none."""
        bars = [bar for bar in (self.met_median, self.met_within_quarter) if bar is not None]
        return all(bars) if bars else None

    @property
    def rule(self) -> Rival | None:
        return next((rival for rival in self.rivals if rival.name == self.family.rule_name), None)

    @property
    def best_rival(self) -> Rival | None:
        """Of those that published predictions the one that is least off, on the rows that it predicts."""
        others = [rival for rival in self.rivals if rival.name != self.family.rule_name]
        return min(others, key=lambda rival: rival.theirs.median, default=None)

    def by(self, name: Callable[[Row], str]) -> tuple[Group, ...]:
        """Errors by what ``name`` calls the rows: size classes in their order, others by how many rows they have."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(name(row), []).append(row)
        groups = (Group(name, errors_of(rows)) for name, rows in found.items())
        order = {name: at for at, (_most, name) in enumerate(SIZES)} | {UNKNOWN_SIZE: len(SIZES)}
        return tuple(sorted(groups, key=lambda group: (order.get(group.name, 0), -group.errors.cases, group.name)))


def all_cards() -> list[Card]:
    """Every family in its order."""
    return [card(slug) for slug in all_families()]


@cache
def card(slug: str) -> Card:
    """
    Raises:
        LookupError: there is no such family.
    """
    return card_of(all_families()[slug], fits().get(slug), predictions().get(slug, {}))


def card_of(family: Family, fit: Fit | None, predicted: dict[str, Prediction]) -> Card:
    """The card of predictions that are stored by the key of their case; a case without one is not shown."""
    rows = tuple(Row(case, predicted[case.key]) for case in family.read() if case.key in predicted)
    return Card(
        family=family,
        rows=rows,
        fit=fit,
        score=score([row.case for row in rows], [row.prediction for row in rows]) if rows else None,
        rivals=tuple(_rivals(family, rows)),
    )


def errors_of(rows: Sequence[Row], predicted: Callable[[Row], float] = lambda row: row.prediction.predicted) -> Errors:
    """Of at least one row."""
    off = np.abs([predicted(row) / row.case.measured - 1 for row in rows])
    return Errors(
        cases=len(rows),
        models=len({row.case.model for row in rows}),
        median=float(np.median(off)),
        mean=float(off.mean()),
        within_quarter=float((off <= 0.25).mean()),
    )


def _rivals(family: Family, rows: Sequence[Row]) -> list[Rival]:
    found = []
    said = {row.case.key: row.prediction.rule for row in rows if row.prediction.rule is not None}
    if said:
        found.append(_rival(family.rule_name, rows, said))
    for name in dict.fromkeys(name for row in rows for name in row.case.rivals):
        published = {row.case.key: row.case.rivals[name] for row in rows if name in row.case.rivals}
        found.append(_rival(name, rows, published))
    return found


def _rival(name: str, rows: Sequence[Row], said: Mapping[str, float]) -> Rival:
    """``said``: predictions by the key of the case."""
    theirs = [row for row in rows if row.case.key in said]
    return Rival(name, errors_of(theirs, lambda row: said[row.case.key]), errors_of(theirs))
