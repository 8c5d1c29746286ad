"""Tables over whose packaged rows lie the edits of whoever runs the portal.

An edit replaces the packaged row of its key, adds a row, or takes one out; it is checked by what checks the file. The
engine knows no database: ``connect`` gives it a function that brings edits up to date, and ``apply`` takes them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Generic, TypeVar, overload

from portal.planning.catalog.tables import Row, cells_of, checked, read

T = TypeVar("T")

Cells = Mapping[str, str]
Edits = Mapping[str, Mapping[str, Cells | None]]
"""By table and key: the cells of the row that holds instead, or None where a row is taken out."""

JOINT = "|"  # between the cells of a key
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _State:
    edits: Edits
    version: int = 0
    refresh: Callable[[], None] | None = None


_state = _State({})


def connect(refresh: Callable[[], None] | None) -> None:
    """``refresh`` is called before rows are read; it is to be quick, and calls ``apply`` when edits have changed."""
    _state.refresh = refresh


def apply(edits: Edits) -> None:
    """From now on these edits hold, in this process."""
    _state.edits = edits
    _state.version += 1


def version() -> int:
    """Another number whenever edits have changed in this process."""
    if _state.refresh:
        _state.refresh()
    return _state.version


@dataclass(frozen=True, slots=True)
class Line(Generic[T]):
    """A row with its cells. ``edited`` is whether an edit put it here."""

    key: str
    cells: Cells
    row: T
    edited: bool


class Table(Sequence[T]):
    """The rows of ``name.csv`` as they hold now: a sequence that looks through to the edits each time it is read."""

    def __init__(
        self, name: str, build: Callable[[Row], T], key: Sequence[str], offered: Callable[[T], str] | None = None
    ) -> None:
        """
        Args:
            key: the columns that name a row.
            offered: what calculators offer a row as; one row of each such name has to stay.

        Raises:
            RuntimeError: naming the file and what is wrong with it.
        """
        self.name, self.key = name, tuple(key)
        self._build, self._offered = build, offered
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

    def packaged(self, key: str) -> Cells | None:
        """The cells of the row that the file has under ``key``."""
        line = self._packaged.get(key)
        return line.cells if line else None

    def is_last(self, key: str) -> bool:
        """Whether calculators offer what the row of ``key`` stands for, and have no other row for it."""
        if self._offered is None or key not in self._packaged:
            return False
        name = self._offered(self._packaged[key].row)
        return not any(line.key != key and self._offered(line.row) == name for line in self.lines())

    def lines(self) -> tuple[Line[T], ...]:
        """Every row that holds now with its cells: the file's in its order, then the added ones."""
        now = version()
        if self._held[0] != now:
            self._held = (now, tuple(self._merged(_state.edits.get(self.name, {}))))
        return self._held[1]

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
    """Rows by a name, as ``make`` finds them in tables each time that it is read."""

    def __init__(self, make: Callable[[], Mapping[str, T]]) -> None:
        self._make = make

    def __getitem__(self, key: str) -> T:
        return self._make()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._make())

    def __len__(self) -> int:
        return len(self._make())


def _heading(name: str) -> tuple[str, ...]:
    return tuple((files(__package__) / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(","))
