"""Adding and removing rows of a table where no script runs: a button of the form sends its name, the page answers."""

from __future__ import annotations

import re

from django.http import QueryDict

from mlcore.spec import Kind, params
from portal.derive.query import row_count, texts

_ROW = re.compile(r"(\w+)\.(\d{1,4})", re.ASCII)


def changed_rows(inputs: type, data: QueryDict) -> QueryDict:
    """``data`` with one more row for ``add=<table>`` and without the row of ``remove=<table>.<index>``."""
    tables = {name: param for name, param, _start in params(inputs) if param.kind is Kind.ROWS}
    changed = data.copy()
    if (table := data.get("add", "")) in tables:
        row = tables[table].row
        assert row is not None
        index = row_count(dict.fromkeys(data, ""), table)
        changed.update(texts(row, {}, f"{table}.{index}."))
    if (found := _ROW.fullmatch(data.get("remove", ""))) and found[1] in tables:
        for key in [key for key in data if key.startswith(f"{found[0]}.")]:
            del changed[key]
        changed[found[1]] = ""
    return changed
