"""Which rows of the catalogue stand behind what was chosen, and which of them are not what the estimators know.

Coefficients and the errors that calculators state were fitted on packaged rows; whoever computes with an edited one is
told, by every calculator in the same words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlcore.spec import params
from portal.planning.catalog.accelerators import TABLE as ACCELERATORS
from portal.planning.catalog.architectures import TABLE as ARCHITECTURES
from portal.planning.catalog.edits import LiveItems, Table

EDITED = (
    "{name} has other figures here than in the packaged catalogue. Fitted coefficients and stated errors rest on the "
    "packaged ones."
)
FITTED_ON = (ACCELERATORS, ARCHITECTURES)


def chosen_rows(inputs: Any) -> Iterator[tuple[Table[Any], str, str]]:
    """Yield ``(table, value, label)`` of every choice that the catalogue offers, those in rows included."""
    for name, param, _ in params(type(inputs)):
        value = getattr(inputs, name)
        if param.row is not None:
            for row in value:
                yield from chosen_rows(row)
        elif isinstance(param.choices, LiveItems) and param.choices.live.table is not None:
            yield param.choices.live.table, value, param.choices.live.get(value, value)


def offers_rows(inputs: type) -> bool:
    """Whether any choice of a declaration is a row of the catalogue."""
    return any(
        offers_rows(param.row) if param.row is not None else isinstance(param.choices, LiveItems)
        for _, param, _ in params(inputs)
    )


def edited_names(inputs: Any) -> list[str]:
    """What the chosen rows are called that have other figures than those on which coefficients were fitted."""
    found = (name for table, key, name in chosen_rows(inputs) if table in FITTED_ON and table.has_other_figures(key))
    return list(dict.fromkeys(found))
