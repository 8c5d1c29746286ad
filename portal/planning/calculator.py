"""What a calculator says about itself: inputs, outputs with their formulas, the answer, charts, worked examples.

One declaration yields page, API, OpenAPI component, documents, command line, simulation and contract tests.
``portal.planning.registry`` finds the calculators; ``portal.planning.engine`` runs them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mlcore.reading import Invalid, read_inputs
from mlcore.spec import check_declaration, params

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PLACE = re.compile(r"\{(\w+)\}")


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
    monthly: bool = False  # one value a month: computed with shape (months,) or (months, draws)
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
        if self.boolean and (self.monthly or self.never or self.unit):
            raise ValueError(f"{self.label}: what is true or false has no unit, no months and is always known")

    def names(self) -> set[str]:
        """The inputs and outputs that its formula or method mentions."""
        return set(_PLACE.findall(self.formula or self.method))


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
    """A worked case: ``compute`` must give ``expected`` within ``rtol``. Shown in the documents, asserted by a test."""

    inputs: Mapping[str, Any]
    expected: Mapping[str, float | bool]
    source: str
    rtol: float = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A named starting point of the page; ``inputs`` are what differs from the declared starting values."""

    slug: str
    label: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """A monthly output with its bands over the draws."""

    output: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Outputs of one unit that add up, as bars, against an optional limit."""

    title: str
    outputs: tuple[str, ...]
    limit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Facts beside the answer: nearest published runs. Columns are ``(label, unit)``; a cell is a number or text."""

    title: str
    note: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculator:
    """``compute`` takes the resolved inputs (numbers, or arrays with the draws as *last* axis; rows as tuples of
    the same) and returns a value for every declared output: a number or ``(draws,)``, monthly ones ``(months,)``
    or ``(months, draws)``. It is written with array-safe arithmetic and raises nothing for permitted inputs; what
    no calculation can answer is ``refuse``d first.
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
    charts: tuple[Fan | Parts, ...] = ()
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
        self._check_charts()
        cases: tuple[Preset | Example, ...] = (*self.presets, *self.examples)
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

    def _check_charts(self) -> None:
        monthly = {chart.output for chart in self.charts if isinstance(chart, Fan)}
        single = {self.explains}
        for chart in self.charts:
            if isinstance(chart, Parts):
                single |= {*chart.outputs, chart.limit} - {""}
        if unknown := (monthly | single) - set(self.outputs):
            raise ValueError(f"{self.slug}: charts mention {sorted(unknown)}, which are not outputs")
        if wrong := {name for name in monthly | single if self.outputs[name].monthly != (name in monthly)}:
            raise ValueError(f"{self.slug}: a Fan draws monthly outputs, all else draws single ones: {sorted(wrong)}")
