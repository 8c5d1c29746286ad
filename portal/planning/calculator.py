"""What a calculator says about itself: inputs, outputs with their formulas, the answer, charts, worked examples.

One declaration yields page, API, OpenAPI component, documents, command line, simulation and contract tests.
``portal.planning.registry`` finds the calculators; ``portal.planning.engine`` runs them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mlcore.reading import Invalid, read_inputs
from mlcore.spec import NUMERIC, Kind, check_declaration, params
from portal.planning.board import Board, check_board

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PLACE = re.compile(r"\{(\w+)\}")

MONTH = "month"
"""The axis of months; an input called ``first_month`` puts it on the calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One computed value.

    ``formula`` is arithmetic over ``{names}`` of inputs and outputs, written with ``+ − × ÷ ^ ( )``; a contract
    test evaluates it and compares. What no single line of arithmetic says (a month-by-month integration) is told
    in ``method`` instead, which may use ``{names}`` too. Exactly one of the two is given.
    """

    label: str
    unit: str
    help: str
    formula: str = ""
    method: str = ""
    source: str = ""
    # What it has one value for each of: ("month",), an axis of the calculator, or a table of its rows, ("segments",).
    # Computed with shape (months,) or (months, draws); of two axes, (rows, columns) or (rows, columns, draws).
    along: tuple[str, ...] = ()
    boolean: bool = False  # true or false; over draws, the share that is true
    never: str = ""  # what +inf means here, in words ("not within the horizon"); without it all values are finite
    better: Literal["higher", "lower", ""] = ""
    quantity: str = ""  # the name under which it can be sent into another calculator's input
    headline: bool = False  # among the few figures at the top of the page

    def __post_init__(self) -> None:
        if not self.label or not self.help:
            raise ValueError(f"{self.label or 'an output'}: a label and a help text are needed")
        if bool(self.formula) == bool(self.method):
            raise ValueError(f"{self.label}: give either a formula or a method")
        if self.boolean and (self.never or self.unit):
            raise ValueError(f"{self.label}: what is true or false has no unit and is always known")
        if isinstance(self.along, str) or len(self.along) > 2:
            raise ValueError(f"{self.label}: along is a tuple of at most two names, got {self.along!r}")
        if self.along and (self.headline or self.quantity):
            raise ValueError(f"{self.label}: only a single value is a headline or can be sent on")

    def names(self) -> set[str]:
        """The inputs and outputs that its formula or method mentions."""
        return set(_PLACE.findall(self.formula or self.method))


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """What an output may run along besides months and the rows of a table: years, steps, places on a grid.

    ``places`` gives what each place is called, from the inputs: numbers in ``unit``, in ascending order, or texts.
    """

    label: str
    places: Callable[[Any], Sequence[float] | Sequence[str]]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Text with ``{places}`` and the figures that fill them: ``(value, unit)``. A day has the unit "month" or "day".

    ``text`` is one of the calculator's declared ``sentences``, so that it can be translated; the portal formats
    each figure by its unit in the reader's language and sets it in bold where the text says ``*{place}*``.
    """

    text: str
    figures: Mapping[str, tuple[Any, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A worked case: ``compute`` must give ``expected`` within ``rtol``. Shown in the documents, asserted by a test.

    What runs along something is expected as a list, of two axes as a list of lists.
    """

    inputs: Mapping[str, Any]
    expected: Mapping[str, Any]
    source: str
    rtol: float = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A named starting point of the page; ``inputs`` are what differs from the declared starting values."""

    slug: str
    label: str
    inputs: Mapping[str, Any]


# Charts


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """An output along months, or another axis of numbers, with its bands over the draws."""

    output: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Outputs of one unit that add up, as bars, against an optional limit."""

    title: str
    outputs: tuple[str, ...]
    limit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """An output along an axis or a table, a bar for each place, with its 90% over the draws; of a boolean output, the
    share of the draws in which it is true. ``ordered`` puts the largest first."""

    output: str
    title: str
    ordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Outputs along one axis as lines, every range at its median; of an output along two, a line for each place of the
    first. ``dots`` are pairs of outputs, across and up, that are drawn as points: what a line was fitted to."""

    title: str
    outputs: tuple[str, ...]
    dots: tuple[tuple[str, str], ...] = ()
    log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """The places of a table on a map, each with its name; ``arrows`` are two more outputs along one axis, drawn from
    the origin: the attributes on a perceptual map."""

    title: str
    x: str
    y: str
    arrows: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """An output along two axes of numbers, up and across, as lines of equal height; ``path`` is a pair of outputs,
    across and up, drawn as a way over it."""

    title: str
    output: str
    path: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """An output along two axes as areas one upon another: a layer for each place of the first, across the second.
    Values are zero or more and add up to a whole."""

    title: str
    output: str


Drawing = Fan | Parts | Bars | Lines | Scatter | Surface | Area


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Facts beside the answer: nearest published runs, or why a number is what it is.

    Columns are ``(label, unit)``; a cell is a number, text, or one of the calculator's ``sentences``. ``words`` are the
    texts among the cells that are language and not names or data: they are translated.
    """

    title: str
    note: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculator:
    """``compute`` takes the resolved inputs (numbers, or arrays with the draws as *last* axis; rows as tuples of
    the same) and returns a value for every declared output: a number or ``(draws,)``, one that runs along months
    ``(months,)`` or ``(months, draws)``. It is written with array-safe arithmetic and raises nothing for permitted
    inputs; what no calculation can answer is ``refuse``d first.
    """

    slug: str
    version: int
    title: str
    summary: str
    family: str
    inputs: type
    outputs: Mapping[str, Output]
    compute: Callable[[Any], Mapping[str, Any]]
    # The output that the tornado explains and whose distribution is drawn.
    explains: str
    sentences: tuple[str, ...]
    answer: Callable[[Any], Sentence]  # given an engine.Outcome
    # Warnings for one case: (resolved inputs, outputs) -> sentences, each with a declared text.
    notices: Callable[[Any, Mapping[str, Any]], list[Sentence]] = lambda x, outputs: []
    # Combinations that cannot be computed: (inputs) -> {field: sentence}, before anything is drawn.
    refuse: Callable[[Any], Mapping[str, Sentence]] = lambda inputs: {}
    # What outputs run along, by name, besides "month" and the names of rows() inputs, which need no declaration.
    axes: Mapping[str, Axis] = field(default_factory=dict)
    charts: tuple[Drawing, ...] = ()
    boards: tuple[Board, ...] = ()
    tables: Callable[[Any, Mapping[str, Any]], list[Table]] = lambda x, outputs: []
    presets: tuple[Preset, ...] = ()
    examples: tuple[Example, ...] = ()
    sources: tuple[str, ...] = ()
    # Stored inputs of an older version to those of the next: {1: function from version 1 to 2}.
    upgrade: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_declaration(self.inputs)
        if not _SLUG.fullmatch(self.slug):
            raise ValueError(f"slug {self.slug!r}: lower-case words joined by hyphens")
        inputs = {name for name, _, _ in params(self.inputs)}
        if both := inputs & set(self.outputs):
            raise ValueError(f"{self.slug}: both input and output: {sorted(both)}")
        for name, output in self.outputs.items():
            if unknown := output.names() - inputs - set(self.outputs):
                raise ValueError(f"{self.slug}.{name}: its formula mentions {sorted(unknown)}, which are not declared")
        self._check_axes()
        self._check_charts()
        for board in self.boards:
            check_board(board, self.slug, self.inputs, self.outputs)
        start = Preset(slug="start", label="Starting values", inputs={})
        cases: tuple[Preset | Example, ...] = (start, *self.presets, *self.examples)
        for case in cases:
            try:
                read_inputs(self.inputs, case.inputs)
            except Invalid as problem:
                raise ValueError(f"{self.slug}: {type(case).__name__.lower()} {case.inputs}: {problem}") from problem
        for example in self.examples:
            if unknown := set(example.expected) - set(self.outputs):
                raise ValueError(f"{self.slug}: an example expects {sorted(unknown)}, which are not outputs")
        if missing := set(range(1, self.version)) - set(self.upgrade):
            raise ValueError(f"{self.slug}: no upgrade from version {sorted(missing)}")

    def tables_of_rows(self) -> list[str]:
        """The inputs that are tables of rows, which outputs may run along."""
        return [name for name, param, _ in params(self.inputs) if param.row is not None]

    @property
    def may_vary(self) -> bool:
        """Whether any input may be a range, or is an event; where none may, nothing is ever drawn."""
        return _may_vary(self.inputs)

    def has_spread(self, name: str) -> bool:
        """Whether a simulation keeps the draws of an output: of single ones, of those along the rows of a table, and
        of what a ``Fan`` or ``Bars`` draws."""
        along = self.outputs[name].along
        drawn = any(isinstance(chart, Fan | Bars) and chart.output == name for chart in self.charts)
        return not along or drawn or (len(along) == 1 and along[0] in self.tables_of_rows())

    def places(self, axis: str, inputs: Any) -> Sequence[float] | Sequence[str] | None:
        """What each place of an axis is called; None for months, which ``first_month`` and the values tell."""
        if axis == MONTH:
            return None
        if axis in self.axes:
            return self.axes[axis].places(inputs)
        return row_names(getattr(inputs, axis))

    def _check_axes(self) -> None:
        tables = self.tables_of_rows()
        known = {MONTH, *self.axes, *tables}
        for name, output in self.outputs.items():
            if unknown := set(output.along) - known:
                raise ValueError(f"{self.slug}.{name}: runs along {sorted(unknown)}, which is no axis and no table")
        if both := set(self.axes) & ({MONTH, *tables}):
            raise ValueError(f"{self.slug}: axes {sorted(both)} need no declaration")

    def _check_charts(self) -> None:
        drawn = [(self.explains, 0), *(pair for chart in self.charts for pair in self._drawn(chart))]
        if unknown := {name for name, _ in drawn} - set(self.outputs):
            raise ValueError(f"{self.slug}: charts mention {sorted(unknown)}, which are not outputs")
        if wrong := sorted(name for name, axes in drawn if len(self.outputs[name].along) != axes):
            raise ValueError(
                f"{self.slug}: Parts and the explained output are single values, a Surface or an Area runs along two "
                f"axes, other charts along one: {wrong}"
            )
        for chart in self.charts:
            if len({self._across(name) for name in _together(chart)}) > 1:
                raise ValueError(f"{self.slug}: what “{chart.title}” draws together runs along one axis, in one unit")

    def _drawn(self, chart: Drawing) -> list[tuple[str, int]]:
        """The outputs that a chart mentions, each with how many axes it has to run along."""
        match chart:
            case Parts():
                return [(name, 0) for name in (*chart.outputs, chart.limit) if name]
            case Fan() | Bars():
                return [(chart.output, 1)]
            case Lines():
                # A line, or for an output along two axes a line for each place of the first.
                lines = [(name, 2 if len(self._along(name)) == 2 else 1) for name in chart.outputs]
                return [*lines, *((name, 1) for pair in chart.dots for name in pair)]
            case Scatter():
                return [(name, 1) for name in (chart.x, chart.y, *(chart.arrows or ()))]
            case Surface():
                return [(chart.output, 2), *((name, 1) for name in chart.path or ())]
            case Area():
                return [(chart.output, 2)]

    def _along(self, name: str) -> tuple[str, ...]:
        return self.outputs[name].along if name in self.outputs else ()

    def _across(self, name: str) -> tuple[str, str]:
        output = self.outputs[name]
        return output.along[-1], output.unit


def _together(chart: Drawing) -> tuple[str, ...]:
    """The outputs that share both axes of a chart."""
    return chart.outputs if isinstance(chart, Lines) else ()


def _may_vary(inputs: type) -> bool:
    return any(
        _may_vary(param.row) if param.row is not None else param.kind in NUMERIC and (param.event or not param.fixed)
        for _, param, _ in params(inputs)
    )


def row_names(rows: Sequence[Any]) -> list[str]:
    """What each row is called: its first text, or its number where that is empty."""
    if not rows:
        return []
    declared = next((name for name, param, _ in params(type(rows[0])) if param.kind is Kind.TEXT), "")
    return [(getattr(row, declared) if declared else "") or str(at) for at, row in enumerate(rows, 1)]
