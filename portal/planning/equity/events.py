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
    """New shares. ``security`` names the certificate, ``stock_class`` the class; ``ratio`` common ones for each."""

    on: date
    security: str
    holder: str
    stock_class: str
    shares: int
    kind: Kind = Kind.COMMON
    ratio: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        settle(self, self.security, ratio=positive)


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
    """Options out of the pool. Without a schedule they vest by ``Vest`` alone."""

    on: date
    security: str
    holder: str
    options: int
    strike: Fraction
    schedule: Schedule | None = None

    def __post_init__(self) -> None:
        settle(self, self.security, strike=not_negative)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vest:
    """Options that vest on a milestone, or earlier than scheduled."""

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
    | SafeSigned | NoteSigned | PricedRound | Split
)  # fmt: skip
