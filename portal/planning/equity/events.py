"""What can happen to a company's shares, each with its day. ``ledger`` applies them in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from portal.planning.equity.money import not_negative, positive, settle
from portal.planning.equity.notes import Note
from portal.planning.equity.rounding import Rounding, RoundingRules
from portal.planning.equity.safes import Safe
from portal.planning.equity.table import Kind
from portal.planning.equity.terms import RoundTerms
from portal.planning.equity.vesting import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """New shares. ``security`` names the certificate, ``stock_class`` the class; ``ratio`` common ones for each.

    ``price`` was paid for each, zero where that is not known. Shares with a ``schedule`` may be bought back until they
    vest, as those of founders; all others are vested from the start.
    """

    on: date
    security: str
    holder: str
    stock_class: str
    shares: int
    kind: Kind = Kind.COMMON
    ratio: Fraction = Fraction(1)
    price: Fraction = Fraction(0)
    schedule: Schedule | None = None

    def __post_init__(self) -> None:
        settle(self, self.security, ratio=positive, price=not_negative)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Shares of a certificate to somebody else, who gets a certificate of the name ``into``."""

    on: date
    security: str
    to: str
    into: str
    shares: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Shares bought back, or options forfeited, which go back to the pool where ``to_pool``."""

    on: date
    security: str
    shares: int
    to_pool: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolChange:
    """So many shares more, or fewer, reserved for options."""

    on: date
    shares: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseChange:
    """So many options more, or fewer, promised and not granted. A grant that keeps a promise comes with one."""

    on: date
    options: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Options out of the pool; not ``from_pool`` are warrants. Without a schedule they vest by ``Vest`` alone."""

    on: date
    security: str
    holder: str
    options: int
    strike: Fraction
    schedule: Schedule | None = None
    from_pool: bool = True

    def __post_init__(self) -> None:
        settle(self, self.security, strike=not_negative)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vest:
    """Options, or shares with a schedule, that vest on a milestone, or earlier than scheduled."""

    on: date
    security: str
    options: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """Vested options become common shares of the name ``into``."""

    on: date
    security: str
    options: int
    into: str
    stock_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeSigned:
    on: date
    safe: Safe


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSigned:
    note: Note

    @property
    def on(self) -> date:
        return self.note.issued


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A SAFE or note that is no longer outstanding: repaid, cancelled, or converted into shares issued beside it."""

    on: date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedRound:
    """A closing. Its terms carry no instruments: those that are outstanding convert."""

    terms: RoundTerms
    rounding: RoundingRules

    @property
    def on(self) -> date:
        return self.terms.closing


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """``new`` shares for every ``old`` ones, of every class, option and the pool; each holding is rounded so."""

    on: date
    new: int
    old: int
    rounding: Rounding


Event = (
    Issue | Transfer | Cancel | PoolChange | PromiseChange | Grant | Vest | Exercise
    | SafeSigned | NoteSigned | Settled | PricedRound | Split
)  # fmt: skip
