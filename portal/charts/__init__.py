"""Charts: the figure that plotly draws, the table that says the same, and the sentence that stands in for both.

Figures are plain JSON (``{"data", "layout", "ticks"}``) made without plotly.py, which would cost several
milliseconds each; a test builds every one of them with plotly.py, which validates it. Colours are names of CSS
variables (``tok:--s1/0.2``) and ticks are values with a unit: ``static/own/js/charts.js`` resolves both in the reader's
theme and language. ``write`` is ``portal.derive.wording.figure``.
"""

from portal.charts.against import Cluster, against
from portal.charts.along import Along, months, places
from portal.charts.areas import areas
from portal.charts.bars import bars, parts, tornado
from portal.charts.fan import BANDS, Series, fan
from portal.charts.histogram import histogram
from portal.charts.lines import Dots, Line, lines
from portal.charts.scatter import Point, scatter
from portal.charts.shapes import Bar, Chart, Write, nice_ticks
from portal.charts.surface import Grid, surface

__all__ = [
    "BANDS", "Along", "Bar", "Chart", "Cluster", "Dots", "Grid", "Line", "Point", "Series", "Write", "against", "areas",
    "bars", "fan", "histogram", "lines", "months", "nice_ticks", "parts", "places", "scatter", "surface", "tornado",
]  # fmt: skip
