"""What the cap table says: the answer, warnings, and the tables to the last share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portal.planning.calculator import Sentence, Table
from portal.planning.equity.ledger import OPTIONS, WARRANTS
from portal.planning.equity.money import Refused, shown
from portal.planning.equity.notes import Note
from portal.planning.holding.calculation import OTHERS, POOL_PLACE, Tally, by_class, by_holder, pool_of, tallies
from portal.planning.holding.columns import FORMS, OWN
from portal.planning.holding.named import RULES
from portal.planning.holding.refusals import REFUSALS
from portal.planning.holding.replay import Replay, replay_of
from portal.planning.holding.why import ALL, POOL, SAID, lines

OWNS = (
    "On {day} founders own *{part}* of the company, fully diluted: {shares} of {diluted} shares, options and pool. "
    "{pool} can still be granted."
)
NO_FOUNDERS = "On {day} the company has *{diluted}* shares, options and pool, and {pool} can still be granted."
OUTSTANDING = (
    "SAFEs and notes of {amount} are outstanding. They are no shares yet and count in no percentage here: when they "
    "convert, every part below becomes smaller."
)
LATER = "{count} rows of the ledger are after {day}: they are checked, and do not count."
BEYOND = "{topup} options are promised for which nothing is reserved. They count as if it were."
UNPRICED = "No preferred share was sold by {day}, so that nothing is valued. Put in a price of a share."
NO_ACCRUAL = "The interest of {name} on {day} is not determined: its terms do not say what a part of a period earns."

SENTENCES = (OWNS, NO_FOUNDERS, OUTSTANDING, LATER, BEYOND, UNPRICED, NO_ACCRUAL, *REFUSALS, *SAID)

HOLDERS_TITLE = "Cap table by holder"
HOLDERS_NOTE = "To the last share, as converted into common shares. Options and the pool count only fully diluted."
COLUMNS = (
    ("Shares", ""), ("Options", ""), ("Of the shares in issue", "%"), ("Fully diluted", "%"), ("Vested", ""),
    ("Not vested", ""),
)  # fmt: skip
CLASSES_TITLE = "Cap table by class"
CLASSES_NOTE = "What converts below the price of its round has a class of its own where shadow series are made."
TOTAL = "All together"
SECURITIES_TITLE = "Certificates, options and warrants"
SECURITIES_NOTE = "What is left of each on the day, as issued: preferred shares before conversion."
SECURITIES_COLUMNS = (
    ("Security", ""), ("Holder", ""), ("Class", ""), ("Left", ""), ("Vested", ""), ("Not vested", ""), ("Strike", ""),
)  # fmt: skip
INSTRUMENTS_TITLE = "SAFEs and notes outstanding"
INSTRUMENTS_NOTE = "No shares yet. What they would convert into depends on the next round."
INSTRUMENTS_COLUMNS = (
    ("Instrument", ""), ("Holder", ""), ("Kind", ""), ("Paid", "USD"), ("Owed or converting", "USD"), ("Cap", "USD"),
    ("Discount", "%"), ("The cap counts", ""),
)  # fmt: skip
A_SAFE, A_NOTE = "SAFE", "Convertible note"
WHY_TITLE = "Why: where each share comes from"
WHY_NOTE = "Every event of each security until the day; of a round, how the engine found the number."
WHY_COLUMNS = (("Security", ""), ("Day", ""), ("Why", ""))


def answer(outcome: Any) -> Sentence:
    figures = {
        "day": (outcome.inputs.as_of, "day"), "diluted": (outcome.quantile("diluted", 0.5), ""),
        "pool": (outcome.quantile("pool_available", 0.5), ""),
    }  # fmt: skip
    if not outcome.inputs.founders:
        return Sentence(NO_FOUNDERS, figures)
    part, shares = outcome.quantile("founders_part", 0.5), outcome.quantile("founders_shares", 0.5)
    return Sentence(OWNS, {**figures, "part": (part, "%"), "shares": (shares, "")})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    replay = replay_of(x)
    day = (replay.day, "day")
    found = []
    if outputs["convertibles"]:
        found.append(Sentence(OUTSTANDING, {"amount": (outputs["convertibles"], "USD")}))
    if later := len(replay.events) - len(replay.until_now):
        found.append(Sentence(LATER, {"count": (later, ""), "day": day}))
    if outputs["topup"]:
        found.append(Sentence(BEYOND, {"topup": (outputs["topup"], "")}))
    if not x.price and replay.now.price is None:
        found.append(Sentence(UNPRICED, {"day": day}))
    for note in replay.now.notes:
        if owed(note, replay) is None:
            found.append(Sentence(NO_ACCRUAL, {"name": (note.name, ""), "day": day}))
    return found


def tables(x: Any, outputs: Mapping[str, Any]) -> list[Table]:
    replay = replay_of(x)
    words = (POOL_PLACE, OPTIONS, WARRANTS, OTHERS, TOTAL)  # all others are a layer of the chart
    found = [
        Table(title=HOLDERS_TITLE, note=HOLDERS_NOTE, columns=(("Holder", ""), *COLUMNS), words=words,
              rows=tuple(_parts(replay, tallies(replay.now, replay.day, by_holder)))),
        Table(title=CLASSES_TITLE, note=CLASSES_NOTE, columns=(("Class", ""), *COLUMNS), words=words,
              rows=tuple(_parts(replay, tallies(replay.now, replay.day, by_class)))),
    ]  # fmt: skip
    if instruments := tuple(_instruments(replay)):
        kinds = (A_SAFE, A_NOTE, *FORMS.values())
        found.append(Table(title=INSTRUMENTS_TITLE, note=INSTRUMENTS_NOTE, columns=INSTRUMENTS_COLUMNS,
                           rows=instruments, words=kinds))  # fmt: skip
    return [
        *found,
        Table(title=SECURITIES_TITLE, note=SECURITIES_NOTE, columns=SECURITIES_COLUMNS,
              rows=tuple(_securities(replay)), words=(OPTIONS, WARRANTS)),
        Table(title=WHY_TITLE, note=WHY_NOTE, columns=WHY_COLUMNS, words=(POOL, ALL),
              rows=tuple((security, str(day), sentence) for security, day, sentence in lines(replay))),
    ]  # fmt: skip


def _parts(replay: Replay, found: Mapping[str, Tally]) -> Iterator[tuple[Any, ...]]:
    table = replay.now.table()
    for name, each in found.items():
        yield (
            name, shown(each.shares), shown(each.options), float(each.shares / table.shares),
            float(each.diluted / table.fully_diluted), shown(each.vested), shown(each.diluted - each.vested),
        )  # fmt: skip
    pool = pool_of(replay.now)
    yield POOL_PLACE, "", shown(pool), None, float(pool / table.fully_diluted), "", ""
    vested = sum(each.vested for each in found.values())
    yield (
        TOTAL, shown(table.shares), shown(table.granted + pool), 1.0, 1.0, shown(vested),
        shown(table.shares + table.granted - vested),
    )  # fmt: skip


def _securities(replay: Replay) -> Iterator[tuple[Any, ...]]:
    for name, held in replay.now.holdings.items():
        if held.quantity:
            free = held.free(replay.day)
            strike = "" if held.kind.outstanding else shown(held.strike, 9)
            yield (name, held.holder, held.stock_class, shown(held.quantity), shown(free), shown(held.quantity - free),
                   strike)  # fmt: skip


def _instruments(replay: Replay) -> Iterator[tuple[Any, ...]]:
    forms = {rules: FORMS[form] for form, rules in RULES.items()}
    for safe in replay.now.safes:
        cap = None if safe.cap is None else float(safe.cap)
        yield (safe.name, safe.holder, A_SAFE, float(safe.amount), float(safe.amount), cap, float(safe.discount),
               forms.get(safe.rules, FORMS[OWN]) if cap else "")  # fmt: skip
    for note in replay.now.notes:
        cap = None if note.cap is None else float(note.cap)
        yield (note.name, note.holder, A_NOTE, float(note.principal), owed(note, replay), cap, float(note.discount),
               forms.get(note.rules, FORMS[OWN]) if cap else "")  # fmt: skip


def owed(note: Note, replay: Replay) -> float | None:
    """Principal and interest on the day; None where the terms do not determine it."""
    try:
        return float(note.owed(replay.day))
    except Refused:
        return None
