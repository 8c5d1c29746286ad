"""Tables over whose packaged rows lie the edits of whoever runs the portal.

An edit replaces the packaged row of its key, adds a row, or takes one out; it is checked by what checks the file. The
engine knows no database: ``connect`` gives it a function that brings edits up to date, and ``apply`` takes them.
What was fitted reads ``Table.packaged``, which no edit reaches, so that fits and scores stay repeatable.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, ItemsView, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import count
from types import MappingProxyType
from typing import Any, Generic, TypeVar, overload

from portal.planning.catalog.tables import Row, cells_of, checked, read

T = TypeVar("T")

Cells = Mapping[str, str]
Edits = Mapping[str, Mapping[str, Cells | None]]
"""By table and key: the cells of the row that holds instead, or None where a row is taken out."""

JOINT = "|"  # between the cells of a key
PROVENANCE = frozenset({"name", "source", "as_of", "note"})  # columns with which nobody computes
log = logging.getLogger(__name__)
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class _Held:
    edits: Edits
    version: int = field(default_factory=lambda: next(_numbers))


@dataclass(slots=True)
class _State:
    held: _Held
    refresh: Callable[[], None] | None = None


_state = _State(_Held({}))
_tried: ContextVar[_Held | None] = ContextVar("tried", default=None)
_kept: ContextVar[list[_Held] | None] = ContextVar("kept", default=None)


def connect(refresh: Callable[[], None] | None) -> None:
    """``refresh`` is called before rows are read; it is to be quick, and calls ``apply`` when edits have changed."""
    _state.refresh = refresh


def apply(edits: Edits) -> None:
    """From now on these edits hold, in this process."""
    _state.held = _Held(edits)


@contextmanager
def tried(edits: Edits) -> Iterator[None]:
    """Within, these edits hold for who calls and for nobody else: to see what they would do."""
    token = _tried.set(_Held(edits))
    try:
        yield
    finally:
        _tried.reset(token)


@contextmanager
def steady() -> Iterator[None]:
    """Within, what was found in a table once is found again: edits of others come and go before or after."""
    token = _kept.set([])
    try:
        yield
    finally:
        _kept.reset(token)


def version() -> int:
    """Another number whenever edits have changed in this process."""
    return _now().version


def _now() -> _Held:
    if (held := _tried.get()) is not None:
        return held
    if kept := _kept.get():
        return kept[0]
    if _state.refresh:
        _state.refresh()
    held = _state.held
    # The first who reads decides, in whatever thread the rest of the work is done.
    if kept is not None:
        kept.append(held)
    return held


@dataclass(frozen=True, slots=True)
class Line(Generic[T]):
    """A row with its cells. ``edited`` is whether an edit put it here."""

    key: str
    cells: Cells
    row: T
    edited: bool


class Table(Sequence[T]):
    """The rows of ``name.csv`` as they hold now: a sequence that looks through to the edits each time it is read."""

    def __init__(self, name: str, build: Callable[[Row], T], key: Sequence[str]) -> None:
        """
        Args:
            key: the columns that name a row.

        Raises:
            RuntimeError: naming the file and what is wrong with it.
        """
        self.name, self.key = name, tuple(key)
        self._build = build
        rows = read(name, build)
        self.columns = _heading(name)
        self._packaged: dict[str, Line[T]] = {}
        for (number, cells), row in zip(cells_of(name), rows, strict=True):
            key_ = self.key_of(cells)
            if key_ in self._packaged:
                raise RuntimeError(f"catalog/{name}.csv, line {number}: another row is called {key_!r} too")
            self._packaged[key_] = Line(key_, cells, row, edited=False)
        self._held: tuple[int, tuple[Line[T], ...]] = (0, tuple(self._packaged.values()))

    def key_of(self, cells: Cells) -> str:
        return JOINT.join(cells[column].strip() for column in self.key)

    def check(self, cells: Cells) -> T:
        """The row that ``cells`` make.

        Raises:
            ValueError: what is wrong with them, in words.
        """
        if set(cells) != set(self.columns):
            raise ValueError(f"wanted the cells {', '.join(self.columns)}")
        try:
            return checked(dict(cells), self._build)
        except KeyError as problem:
            raise ValueError(f"there is nothing called {problem}") from None

    @property
    def packaged(self) -> Mapping[str, T]:
        """The rows of the file by their keys, whatever was edited."""
        return MappingProxyType({key: line.row for key, line in self._packaged.items()})

    def packaged_cells(self, key: str) -> Cells | None:
        """The cells of the row that the file has under ``key``."""
        line = self._packaged.get(key)
        return line.cells if line else None

    def has_other_figures(self, key: str) -> bool:
        """Whether an edit gave the packaged row of ``key`` other figures than it has in the file."""
        packaged = self._packaged.get(key)
        line = next((line for line in self.lines() if line.key == key and line.edited), None)
        if packaged is None or line is None:
            return False
        return any(line.cells[name] != packaged.cells[name] for name in self.columns if name not in PROVENANCE)

    def lines(self) -> tuple[Line[T], ...]:
        """Every row that holds now with its cells: the file's in its order, then the added ones."""
        now, held = _now(), self._held
        if held[0] != now.version:
            held = self._held = (now.version, tuple(self._merged(now.edits.get(self.name, {}))))
        return held[1]

    def _merged(self, edits: Mapping[str, Cells | None]) -> Iterator[Line[T]]:
        added = (key for key in edits if key not in self._packaged)
        for key in (*self._packaged, *added):
            if key not in edits:
                yield self._packaged[key]
            elif (cells := edits[key]) is not None:
                try:
                    yield Line(key, cells, self.check(cells), edited=True)
                except ValueError as problem:
                    # It held when it was saved, and a newer version of the portal thinks otherwise.
                    log.warning("catalogue %s: the edit of %s is left out: %s", self.name, key, problem)
                    if key in self._packaged:
                        yield self._packaged[key]

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return tuple(self)[index]

    def __iter__(self) -> Iterator[T]:
        return (line.row for line in self.lines())

    def __len__(self) -> int:
        return len(self.lines())


class Live(Mapping[str, T]):
    """What ``make`` finds in tables, by names: made anew when edits have changed.

    ``table`` is the one whose rows these are, where they are those of one.
    """

    def __init__(self, make: Callable[[], Mapping[str, T]], table: Table[Any] | None = None) -> None:
        self._make, self.table = make, table
        self._held: tuple[int, Mapping[str, T]] = (0, {})

    def now(self) -> Mapping[str, T]:
        at, held = version(), self._held
        if held[0] != at:
            held = self._held = (at, self._make())
        return held[1]

    def items(self) -> LiveItems[T]:
        return LiveItems(self)

    def __getitem__(self, key: str) -> T:
        return self.now()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.now())

    def __len__(self) -> int:
        return len(self.now())


class LiveItems(ItemsView[str, T]):
    """The pairs of ``live`` as they are whenever they are read."""

    def __init__(self, live: Live[T]) -> None:
        super().__init__(live)
        self.live = live

    def __iter__(self) -> Iterator[tuple[str, T]]:
        return iter(self.live.now().items())


def _heading(name: str) -> tuple[str, ...]:
    return tuple((files(__package__) / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(","))
