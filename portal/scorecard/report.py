"""The scorecard as plain numbers, for programs: the API, the command line, files."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from portal.scorecard.selectors import Card, Errors, Group, Row

FAMILY_COLUMNS = (
    "family", "title", "unit", "cases", "models", "median_error", "mean_error", "within_quarter", "bias", "coverage",
    "wanted_median", "wanted_within_quarter", "met", "rule_of_thumb", "rule_median_error", "fitted_on",
)  # fmt: skip
ROW_COLUMNS = (
    "key", "model", "label", "hardware", "parameters", "measured", "predicted", "low", "high", "error", "rule",
    "fitted", "source", "as_of",
)  # fmt: skip


def summary(card: Card) -> dict[str, Any]:
    """Errors are shares: 0.15 is 15 %. What is not known yet is None."""
    family, score = card.family, card.score
    return {
        "family": family.slug,
        "title": family.title,
        "summary": family.summary,
        "unit": family.unit,
        "cases": score.cases if score else 0,
        "models": score.models if score else 0,
        "median_error": score and score.median,
        "mean_error": score and score.mean,
        "within_quarter": score and score.within_quarter,
        "bias": score and score.bias,
        "coverage": score and score.coverage,
        "wanted_median": family.wanted_median,
        "wanted_within_quarter": family.wanted_within_quarter,
        "met": card.met,
        "fitted_on": card.fit.fitted_on.isoformat() if card.fit else None,
        "rivals": [
            {"name": rival.name, "theirs": errors(rival.theirs), "ours": errors(rival.ours)} for rival in card.rivals
        ],
    }


def detail(card: Card) -> dict[str, Any]:
    values = card.fit.values if card.fit else {}
    return {
        **summary(card),
        "coefficients": [
            {"name": name, "value": value, "meaning": card.family.meanings.get(name, "")}
            for name, value in values.items()
        ],
        "by_hardware": _groups(card.by(lambda row: row.case.hardware)),
        "by_size": _groups(card.by(lambda row: row.size)),
        "by_model": _groups(card.by(lambda row: row.case.model)),
        "rows": [line(row) for row in card.rows],
    }


def line(row: Row) -> dict[str, Any]:
    case, prediction = row.case, row.prediction
    return {
        "key": case.key,
        "model": case.model,
        "label": case.label,
        "hardware": case.hardware,
        "parameters": case.parameters if case.parameters > 0 else None,
        "measured": case.measured,
        "predicted": prediction.predicted,
        "low": prediction.low,
        "high": prediction.high,
        "error": row.error,
        "rule": prediction.rule,
        "rivals": dict(case.rivals),
        "fitted": case.fitted,
        "source": case.source,
        "as_of": case.as_of,
        "inputs": {name: plain(value) for name, value in case.shown.items()},
    }


def plain(value: Any) -> Any:
    """A number of NumPy as Python's own; texts as they are."""
    return value.item() if hasattr(value, "item") else value


def errors(found: Errors) -> dict[str, Any]:
    return {
        "cases": found.cases,
        "models": found.models,
        "median_error": found.median,
        "mean_error": found.mean,
        "within_quarter": found.within_quarter,
    }


def _groups(groups: Sequence[Group]) -> list[dict[str, Any]]:
    return [{"name": group.name, **errors(group.errors)} for group in groups]


def families_csv(cards: Sequence[Card]) -> str:
    found = []
    for card in cards:
        told = summary(card)
        rule = next((rival for rival in card.rivals if rival.name == card.family.rule_name), None)
        told |= {"rule_of_thumb": card.family.rule_name, "rule_median_error": rule and rule.theirs.median}
        found.append(told)
    return as_csv(FAMILY_COLUMNS, found)


def rows_csv(rows: Sequence[Row]) -> str:
    return as_csv(ROW_COLUMNS, [line(row) for row in rows])


def as_csv(columns: Sequence[str], lines: Sequence[dict[str, Any]]) -> str:
    """What of each line stands in ``columns``."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue()
