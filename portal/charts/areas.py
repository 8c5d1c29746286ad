"""Lines stacked into areas: parts of a whole, and how they change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.charts.along import Along
from portal.charts.lines import Line, lines
from portal.charts.shapes import GREY, PALETTE, Chart, Write, nice_ticks


def areas(shown: Sequence[Line], *, unit: str, along: Along, title: str, write: Write) -> Chart:
    """As ``lines``, with the first at the bottom and each of the others upon the one before.

    Args:
        shown: values of zero or more, none of which is missing.
    """
    chart = lines(shown, unit=unit, along=along, title=title, write=write)
    most = max((sum(values) for values in zip(*(line.values for line in shown), strict=True)), default=0.0)
    for at, trace in enumerate(chart.drawing["data"]):
        trace |= {"stackgroup": "all", "fillcolor": _fill(at)}
        trace["line"] = {"width": 1, "color": "tok:--surface"}
        if "marker" in trace:
            trace["marker"] = {"size": 6, "color": _fill(at)}
    layout: dict[str, Any] = chart.drawing["layout"]
    layout |= {"hovermode": "x", "yaxis": {"range": [0, most or 1]}}
    if "legend" in layout:
        layout["legend"] = layout["legend"] | {"traceorder": "normal"}
    chart.drawing["ticks"]["y"] = {"values": nice_ticks(0.0, most), "unit": unit}
    return chart


def _fill(at: int) -> str:
    """Colours of the palette, then ever lighter greys."""
    return f"tok:{PALETTE[at]}/0.8" if at < len(PALETTE) else f"tok:{GREY}/{max(0.1, 0.5 - 0.25 * (at - len(PALETTE)))}"
