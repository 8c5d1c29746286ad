"""The one vocabulary in which calculators and ML tasks declare their inputs.

Standard library only: the web process, the planning engine and the worker all read it. Declare a frozen,
slotted, keyword-only dataclass whose fields are made by ``number()``, ``integer()``, ``chance()``, ``choice()``,
``flag()``, ``text()``, ``day()``, ``rows()``, ``series()`` or ``media()``; form, API, documents, command line,
simulation and contract tests derive from it. ``mlcore.reading`` turns what people and programs send into an instance.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any

NUMBER_LIMIT = 1e18  # no input of ours is larger; products of a few stay far from overflow


class Kind(StrEnum):
    NUMBER = "number"
    INTEGER = "integer"
    CHOICE = "choice"
    FLAG = "flag"
    TEXT = "text"
    DAY = "day"
    ROWS = "rows"
    SERIES = "series"
    MEDIA = "media"


NUMERIC = frozenset({Kind.NUMBER, Kind.INTEGER})
WAYS = frozenset({"draw", "camera"})


class Family(StrEnum):
    """How a range is spread. For the first two and beta, ``low`` and ``high`` are the 5th and 95th
    percentile; for the other three they are the ends."""

    LOGNORMAL = "lognormal"
    NORMAL = "normal"
    UNIFORM = "uniform"
    TRIANGLE = "triangle"
    PERT = "pert"
    BETA = "beta"


@dataclass(frozen=True, slots=True)
class Range:
    """An uncertain number. ``family`` is stored, never inferred again; ``mode`` only shapes triangle and PERT.

    Raises:
        ValueError: ends upside down or equal, log-normal at or below zero, beta outside (0, 1), mode outside.
    """

    low: float
    high: float
    family: Family
    mode: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "family", Family(self.family))
        for end in ("low", "high"):
            object.__setattr__(self, end, float(getattr(self, end)))
        if not self.low < self.high:
            raise ValueError(f"a range runs from the smaller to the larger number, got {self.low} to {self.high}")
        if self.family is Family.LOGNORMAL and self.low <= 0:
            raise ValueError(f"a log-normal range is above zero, got {self.low} to {self.high}")
        if self.family is Family.BETA and not 0 < self.low < self.high < 1:
            raise ValueError(f"a beta range lies between 0 and 1, got {self.low} to {self.high}")
        if self.mode is not None and self.family not in (Family.TRIANGLE, Family.PERT):
            raise ValueError(f"only triangle and pert take a mode, not {self.family}")
        if self.mode is not None and not self.low <= self.mode <= self.high:
            raise ValueError(f"the mode {self.mode} is outside {self.low} to {self.high}")

    @classmethod
    def of(cls, low: float, high: float) -> Range:
        """The stated reading of "a to b": log-normal when both are positive, else normal."""
        return cls(low, high, Family.LOGNORMAL if low > 0 and high > 0 else Family.NORMAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """What a person needs to know to fill one field in, and a program to check it.

    ``low``/``high`` are what is permitted; ``likely`` is what a simulation draws and the value the page starts
    with. A share is stored as a fraction: ``unit="%"`` only means that it is shown and typed with a percent sign.
    """

    label: str
    help: str
    kind: Kind
    group: str = ""  # heading under which the form shows it
    unit: str = ""
    low: float | None = None
    high: float | None = None
    likely: Range | None = None
    fixed: bool = False  # a structural number (a horizon, a layer count) that may not be a range
    event: bool = False  # the probability of something that happens or not; a simulation draws which
    source: str = ""  # where the default comes from, shown beside it
    quantity: str = ""  # the name under which a measured or computed value can be sent here
    choices: Collection[tuple[str, str]] = field(default=(), hash=False)  # values and labels; they may change
    max_length: int = 2_000  # characters of a text
    row: type | None = None
    max_items: int = 200  # rows, or numbers of a series
    along: str = ""  # of a series: the table whose rows its numbers belong to, one for each
    accept: tuple[str, ...] = ()  # media types
    max_bytes: int = 0
    ways: tuple[str, ...] = ()  # of giving an image besides a file: "draw", "camera"
    # Show this field only while another has one of these values: ("preset", ("custom",)).
    when: tuple[str, Collection[str]] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        where = self.label or "a field"
        if not self.label or not self.help:
            raise ValueError(f"{where}: a label and a help text are needed")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"{where}: low {self.low} is above high {self.high}")
        if (self.kind is Kind.CHOICE) != bool(self.choices):
            raise ValueError(f"{where}: a choice needs choices, and only a choice has them")
        if (self.kind is Kind.ROWS) != (self.row is not None):
            raise ValueError(f"{where}: rows need a row class, and only rows have one")
        if self.along and self.kind is not Kind.SERIES:
            raise ValueError(f"{where}: only a series runs along a table")
        if (self.kind is Kind.MEDIA) != bool(self.accept and self.max_bytes):
            raise ValueError(f"{where}: media need accept and max_bytes, and only media have them")
        if self.ways and self.kind is not Kind.MEDIA:
            raise ValueError(f"{where}: only media have ways of giving them")
        if unknown := set(self.ways) - WAYS:
            raise ValueError(f"{where}: ways are among {', '.join(sorted(WAYS))}, got {', '.join(sorted(unknown))}")
        if self.ways and "image/png" not in self.accept:
            raise ValueError(f"{where}: what is drawn or photographed is an image/png, which accept does not name")
        if self.likely is not None and self.fixed:
            raise ValueError(f"{where}: a fixed number has no likely range")
        if self.event and not (self.fixed and (self.low, self.high) == (0, 1)):
            raise ValueError(f"{where}: an event is declared with chance()")
        if self.likely is not None:
            for end in (self.likely.low, self.likely.high):
                self.check_bounds(end)

    def check_bounds(self, value: float) -> None:
        """Raises ValueError when ``value`` is outside what is permitted."""
        if self.low is not None and value < self.low:
            raise ValueError(f"{self.label}: {value} is below {self.low}")
        if self.high is not None and value > self.high:
            raise ValueError(f"{self.label}: {value} is above {self.high}")


def number(
    label: str,
    *,
    help: str,
    default: float | None = None,
    likely: tuple[float, float] | Range | None = None,
    **rest: Any,
) -> Any:
    """A real number. Give ``default`` or ``likely=(5th, 95th percentile)``, not both."""
    return _numeric(Kind.NUMBER, label, help, default, likely, rest)


def integer(
    label: str, *, help: str, default: int | None = None, likely: tuple[float, float] | Range | None = None, **rest: Any
) -> Any:
    """A whole number; drawn values of a range are rounded to the nearest."""
    return _numeric(Kind.INTEGER, label, help, default, likely, rest)


def chance(label: str, *, help: str, default: float, **rest: Any) -> Any:
    """The probability, from 0 to 1, that something happens.

    ``compute`` never sees the probability but the event: 1.0 where it happens, else 0.0. A simulation draws it; a
    single case takes what is more likely, as it takes the median of every range.
    """
    rest = {"unit": "%", **rest, "low": 0, "high": 1, "fixed": True, "event": True}
    return _numeric(Kind.NUMBER, label, help, default, None, rest)


def choice(label: str, *, help: str, default: str, choices: Mapping[str, str], **rest: Any) -> Any:
    """One of ``choices``, values to labels. A mapping that changes is looked at anew each time, so that form, API and
    documents offer what it holds then; it has to keep the default."""
    if default not in choices:
        raise ValueError(f"{label}: default {default!r} is not among {list(choices)}")
    return _declare(Param(label=label, help=help, kind=Kind.CHOICE, choices=choices.items(), **rest), default)


def flag(label: str, *, help: str, default: bool = False, **rest: Any) -> Any:
    return _declare(Param(label=label, help=help, kind=Kind.FLAG, **rest), default)


def text(label: str, *, help: str, default: str = "", **rest: Any) -> Any:
    return _declare(Param(label=label, help=help, kind=Kind.TEXT, **rest), default)


def day(label: str, *, help: str, default: date, **rest: Any) -> Any:
    return _declare(Param(label=label, help=help, kind=Kind.DAY, **rest), default)


def rows(row: type, label: str, *, help: str, default: tuple[Any, ...] = (), **rest: Any) -> Any:
    """A table of sub-records of the declared class ``row``."""
    check_declaration(row, of_rows=True)
    for item in default:
        if not isinstance(item, row):
            raise ValueError(f"{label}: default row {item!r} is not a {row.__qualname__}")
    return _declare(Param(label=label, help=help, kind=Kind.ROWS, row=row, **rest), tuple(default))


def series(label: str, *, help: str, default: tuple[float, ...] = (), **rest: Any) -> Any:
    """Numbers in order, one a period; with ``along="attributes"`` one for each row of that table."""
    return _declare(Param(label=label, help=help, kind=Kind.SERIES, **rest), tuple(default))


def media(label: str, *, help: str, accept: tuple[str, ...], max_bytes: int, **rest: Any) -> Any:
    """An uploaded file, by the id of the upload; empty when none was given."""
    return _declare(Param(label=label, help=help, kind=Kind.MEDIA, accept=accept, max_bytes=max_bytes, **rest), "")


def params(inputs: type) -> Iterator[tuple[str, Param, Any]]:
    """Yield ``(name, param, starting value)`` in the order the author wrote them."""
    for f in fields(inputs):
        if "param" not in f.metadata:
            raise TypeError(f"{inputs.__qualname__}.{f.name} is not declared with number(), choice(), ...")
        yield f.name, f.metadata["param"], None if f.default is MISSING else f.default


def check_declaration(inputs: type, *, of_rows: bool = False) -> None:
    """Raises TypeError unless ``inputs`` is a frozen, slotted, keyword-only dataclass of declared fields.

    What the series in a class ``of_rows`` run along is checked where the table of such rows is declared.
    """
    if not (isinstance(inputs, type) and is_dataclass(inputs)):
        raise TypeError(f"{inputs!r} is not a dataclass")
    options = inputs.__dataclass_params__  # type: ignore[attr-defined]
    if not (options.frozen and "__slots__" in vars(inputs) and all(f.kw_only for f in fields(inputs))):
        raise TypeError(f"{inputs.__qualname__} needs @dataclass(frozen=True, slots=True, kw_only=True)")
    declared = {name: param for name, param, _ in params(inputs)}
    for name, param in declared.items():
        if param.when and param.when[0] not in declared:
            raise TypeError(f"{inputs.__qualname__}.{name} depends on {param.when[0]!r}, which is not declared")
    tables = {name for name, param in declared.items() if param.row is not None}
    for name, table in () if of_rows else series_along(inputs):
        if table not in tables:
            raise TypeError(f"{inputs.__qualname__}.{name} runs along {table!r}, which is no table")


def series_along(inputs: type) -> Iterator[tuple[str, str]]:
    """Yield ``(path, table)`` of every series that belongs to the rows of a table: ``("rivals.scores", "traits")``."""
    for name, param, _ in params(inputs):
        if param.along:
            yield name, param.along
        elif param.row is not None:
            yield from ((f"{name}.{inner}", table) for inner, table in series_along(param.row))


def _numeric(kind: Kind, label: str, help: str, default: Any, likely: Any, rest: dict[str, Any]) -> Any:
    if (default is None) == (likely is None):
        raise ValueError(f"{label}: give either a default or a likely range")
    if isinstance(likely, tuple):
        likely = Range.of(*likely)
    param = Param(label=label, help=help, kind=kind, likely=likely, **rest)
    if default is not None:
        param.check_bounds(default)
        default = float(default) if kind is Kind.NUMBER else default
    return _declare(param, default if likely is None else likely)


def _declare(param: Param, start: Any) -> Any:
    return field(default=start, metadata={"param": param})
