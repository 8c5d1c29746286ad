"""Score someone's own measurements with the coefficients that calculators use."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.utils.translation import gettext_noop as _

from mlcore.reading import Invalid, Problem
from portal.planning.evidence.coefficients import fitted, predictions
from portal.planning.evidence.family import Case, Family
from portal.planning.evidence.validation import Prediction, spread
from portal.scorecard.selectors import Errors, Row, errors_of

MOST_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class OwnScore:
    """Rows of a file. ``seen`` are models that the fit rests on too: their errors flatter us. ``unseen``: the rest."""

    family: Family
    rows: tuple[Row, ...]
    seen: frozenset[str]
    errors: Errors
    unseen: Errors | None


def score_own(family: Family, path: Path) -> OwnScore:
    """Predictions for the rows of ``path``, a CSV file in the columns of the family's own table.

    Raises:
        Invalid: the file cannot be read, is no such table or holds no row; what the family says of it.
    """
    if "path" not in inspect.signature(family.read).parameters:
        raise _refused(_("The family {family} does not read other tables."), family=family.slug)
    known = list(family.read())
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _refused(_("Wanted a file of at most {most} bytes."), most=f"{MOST_BYTES:,}")
        cases = list(family.read(path))
    except UnicodeDecodeError as problem:
        raise _refused(
            _("Wanted {file} as UTF-8, but byte {position} is not. Save it again as UTF-8."),
            file=path.name, position=f"{problem.start + 1:,}",
        ) from None  # fmt: skip
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as problem:
        raise _refused(
            _("{file} is not a table of {family}: {problem}. Take the columns of its own table as the model."),
            file=path.name, family=family.slug, problem=_words(problem),
        ) from None  # fmt: skip
    if not cases:
        raise _refused(_("Wanted rows, {file} has none."), file=path.name)
    rows = _rows(family, known, cases)
    seen = frozenset(case.model for case in known if case.fitted)
    unseen = [row for row in rows if row.case.model not in seen]
    return OwnScore(family, rows, seen, errors_of(rows), errors_of(unseen) if unseen else None)


def _rows(family: Family, known: Sequence[Case], cases: Sequence[Case]) -> tuple[Row, ...]:
    """With intervals from how far the family's own rows lay off in cross-validation."""
    stored = predictions().get(family.slug, {})
    scored = [case for case in known if case.key in stored]
    logs = np.log([case.measured / stored[case.key].predicted for case in scored])
    low, high = spread(logs, [case.model for case in scored])
    predicted = family.predict(cases, fitted(family.slug))
    return tuple(
        Row(case, Prediction(case.key, float(value), float(value * low), float(value * high)))
        for case, value in zip(cases, predicted, strict=True)
    )


def _words(problem: Exception) -> str:
    return f"no column {problem}" if isinstance(problem, KeyError) else str(problem)


def _refused(template: str, **values: object) -> Invalid:
    return Invalid({"": [Problem(template, values)]})
