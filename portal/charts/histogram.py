"""How the draws of one output are spread."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from django.utils.translation import gettext as _

from portal.charts.shapes import Chart, Numbers, Write, five_digits, nice_ticks, placed, sign_colour


def histogram(
    edges: Numbers, counts: Sequence[int], *, total: int, unit: str, title: str, quantiles: Numbers, write: Write,
    besides: Sequence[tuple[str, int]] = (),
) -> Chart:  # fmt: skip
    """How many of ``total`` draws fall into each bin; money below zero has the colour of a loss.

    Args:
        edges: of the bins, one more than ``counts``.
        quantiles: 5th, 50th and 95th percentile, for the sentence.
        besides: draws that no bin holds, such as outliers and "never", with what they are called.
    """
    bins = list(pairwise(edges))
    centres = [(low + high) / 2 for low, high in bins]
    money = unit.startswith("USD")
    spans = [_("{low} to {high}").format(low=write(a, unit), high=write(b, unit)) for a, b in bins]
    shares = [write(count / total, "%") for count in counts]
    trace = {
        "type": "bar",
        "x": [placed(centre, unit) for centre in centres],
        "y": [five_digits(count / total) for count in counts],
        **({} if unit == "month" else {"width": [five_digits((high - low) * 0.92) for low, high in bins]}),
        "hoverinfo": "text",
        "hovertext": [f"{span}: {share}" for span, share in zip(spans, shares, strict=True)],
        "textposition": "none",
        "marker": {"color": [sign_colour(centre) if money else "tok:--s1" for centre in centres]},
    }
    low, high = (edges[0], edges[-1]) if edges else (0.0, 1.0)
    layout = {
        "hovermode": "closest",
        "margin": {"t": 4, "r": 12, "b": 28, "l": 8},
        "xaxis": {"zeroline": low < 0 < high},
        "yaxis": {"showticklabels": False, "showgrid": False, "zeroline": False},
    }
    ticks = [placed(value, unit) for value in nice_ticks(low, high, 4)]
    p5, p50, p95 = (write(value, unit) for value in quantiles)
    said = _("{title}: nine times in ten between {p5} and {p95}, median {p50}.")
    return Chart(
        drawing={"data": [trace], "layout": layout, "ticks": {"x": {"values": ticks, "unit": unit}}},
        label=said.format(title=title, p5=p5, p50=p50, p95=p95),
        columns=(title, _("Share of the draws")),
        rows=(
            *zip(spans, shares, strict=True),
            *((name, write(count / total, "%")) for name, count in besides if count),
        ),
        height=220,
    )
