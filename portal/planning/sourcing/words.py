"""What the build-or-buy calculator says: the answer in one sentence, warnings, tables, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from portal.planning.calculator import Sentence, Table
from portal.planning.catalog.age import is_stale, months_between
from portal.planning.catalog.api_prices import NEWEST, ApiPrice
from portal.planning.company.words import WRONG_YEAR
from portal.planning.company.words import refuse as refuse_month
from portal.planning.hardware.crediting import CIRCULAR, RETURNED, notice_returned, refuse_circular
from portal.planning.hardware.words import SHORT_LIFE
from portal.planning.sourcing.inputs import ALTERNATIVES, BY_TOKENS, MANAGED, NO, OWN, RENTED, WAYS, compared
from portal.planning.sourcing.levers import turns
from portal.planning.sourcing.results import alternatives, best_and_next
from portal.planning.sourcing.ways import course, way
from portal.planning.training.inputs import TYPED
from portal.planning.training.offers import NO_CUSTOM_PRICE, NO_PRICE, refuse_price

HALF = 0.5

TOO_FEW = "Wanted at least two ways that are compared, got {count}. Compare another one."
LEFT_OUT = "Wanted a way that is compared, got one that is left out. Compare it, or look closely at another."
FREE = (
    "Wanted a price above 0 for input, output or both: a way without a price cannot be compared. Put in what it costs."
)
FREE_RENT = "Wanted a rent above 0: a way without a price cannot be compared. Put in what a device costs."

NO_MODEL = "The catalogue has no price of this model any more. Choose another, or type its prices."

CHEAPEST = "*{way}*: the cheapest, *{cost}* over {horizon}, {less} less than the next, {next}."
CHEAPEST_IN_SHARE = (
    "*{way}*: the cheapest in *{share}* of the cases, *{cost}* over {horizon} in the middle one. Next: {next}, "
    "{next_cost}."
)

OLD_PRICE = "The price of {model} is of {month}, {age} before the first month: look it up and type it."
NEVER_RUNS = "{way} does not run within the horizon: only its costs are seen, not its use."
MOSTLY_IDLE = (
    "{way} starts with {devices} that are needed to {share}: its least number of copies, not the traffic, sets its "
    "cost."
)

WHERE = "What would change the answer"
WHERE_NOTE = (
    "Each alone, all else at its middle: the nearest value, from a quarter of today's to four times it, at which "
    "another way becomes the cheapest."
)
NOTHING_TURNS = (
    "Nothing of what was tried does so alone, from a quarter of its value to four times it: traffic, tokens, prices, "
    "rents, speeds, engineers, shares and training."
)
SIDE_BY_SIDE = "The ways side by side"
SIDE_NOTE = "Every range at its middle."
MEET = "Where each alternative meets the API"
MEET_NOTE = (
    "Requests a month, the same in every month, from which it first costs no more, and from which it always does; the "
    "months until it has paid back; and the prices of the API, as a share of those of today, above which it is cheaper."
)

SENTENCES = (
    WRONG_YEAR, NO_PRICE, NO_CUSTOM_PRICE, SHORT_LIFE, TOO_FEW, LEFT_OUT, FREE, FREE_RENT, NO_MODEL, CHEAPEST,
    CHEAPEST_IN_SHARE, OLD_PRICE, NEVER_RUNS, MOSTLY_IDLE, CIRCULAR, RETURNED,
    NOTHING_TURNS,  # said above a table
)  # fmt: skip


def refuse(inputs: Any) -> dict[str, Sentence]:
    found = dict(refuse_month(inputs))
    shown = compared(inputs)
    if len(shown) < 2:
        first = next(key for key in ALTERNATIVES if key not in shown)
        found[f"compare_{first}"] = Sentence(TOO_FEW, {"count": (len(shown), "")})
    if getattr(inputs, f"compare_{inputs.against}") == NO:
        found["against"] = Sentence(LEFT_OUT)
    found |= refuse_price(inputs) | refuse_circular(inputs)
    if inputs.price_basis == TYPED and inputs.usd_per_device_hour == 0:
        found["usd_per_device_hour"] = Sentence(FREE_RENT)
    found |= {name: Sentence(FREE) for name in _free(inputs, shown)}
    found |= {name: Sentence(NO_MODEL) for name, model in _listed(inputs).items() if model not in NEWEST}
    if OWN in shown and inputs.life < inputs.horizon:
        figures = {"horizon": (inputs.horizon, "months"), "life": (inputs.life, "months")}
        found["life"] = Sentence(SHORT_LIFE, figures)
    return found


def _free(inputs: Any, shown: list[str]) -> Iterator[str]:
    """Prices by the token that are needed and are nothing."""
    if inputs.api_model == TYPED and inputs.api_input == inputs.api_output == 0:
        yield "api_output"
    if MANAGED in shown and inputs.managed_model == TYPED and inputs.managed_input == inputs.managed_output == 0:
        yield "managed_output"
    if RENTED in shown and inputs.rented_basis == BY_TOKENS and inputs.served_input == inputs.served_output == 0:
        yield "served_output"


def _listed(x: Any) -> dict[str, str]:
    """The models whose prices of the catalogue count, by the input that names them."""
    names = ("api_model", "managed_model") if MANAGED in compared(x) else ("api_model",)
    return {name: getattr(x, name) for name in names if getattr(x, name) != TYPED}


def answer(outcome: Any) -> Sentence:
    keys = compared(outcome.inputs)
    shares = dict(zip(keys, outcome.shares("cheapest"), strict=True))
    middles = dict(zip(keys, outcome.fan("total_by_way", (0.5,))[0], strict=True))
    best = max(keys, key=lambda key: (shares[key], -middles[key]))
    _first, after = best_and_next({**middles, best: -np.inf})
    figures = {
        "way": (WAYS[best], ""),
        "cost": (middles[best], "USD"),
        "horizon": (outcome.inputs.horizon, "months"),
        "next": (WAYS[after], ""),
    }
    if shares[best] == 1:
        return Sentence(CHEAPEST, {**figures, "less": (middles[after] - middles[best], "USD")})
    return Sentence(CHEAPEST_IN_SHARE, {**figures, "share": (shares[best], "%"), "next_cost": (middles[after], "USD")})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    prices = [NEWEST[model] for model in _listed(x).values()]
    found = [_old(price, x) for price in prices if is_stale("api_prices", price.as_of, x.first_month)]
    found += [Sentence(NEVER_RUNS, {"way": (WAYS[key], "")}) for key in alternatives(x)
              if getattr(x, f"{key}_wait") >= x.horizon]  # fmt: skip
    return [*found, *_idle(x), *notice_returned(x)]


def _old(price: ApiPrice, x: Any) -> Sentence:
    age = months_between(price.as_of, x.first_month)
    return Sentence(OLD_PRICE, {"model": (price.name, ""), "month": (price.as_of, "month"), "age": (age, "months")})


def _idle(x: Any) -> list[Sentence]:
    months = course(x)
    fleet, begins = way(x, months, x.against).fleet, int(getattr(x, f"{x.against}_wait"))
    if fleet is None or begins >= x.horizon:
        return []
    needed = float((fleet.load * months.requests[begins]).item()) / fleet.least
    if needed >= HALF:
        return []
    figures = {"way": (WAYS[x.against], ""), "devices": (fleet.devices * fleet.least, "devices"),
               "share": (needed, "%")}  # fmt: skip
    return [Sentence(MOSTLY_IDLE, figures)]


def tables(x: Any, outputs: Mapping[str, Any]) -> list[Table]:
    found = turns(x)
    return [
        Table(title=WHERE, note=WHERE_NOTE if found else NOTHING_TURNS,
              columns=(("Input", ""), ("Now", ""), ("Turns at", ""), ("Cheapest then", "")),
              rows=tuple((turn.label, turn.now, turn.at, turn.then) for turn in found)),
        Table(title=SIDE_BY_SIDE, note=SIDE_NOTE,
              columns=(("Way", ""), ("Cost in all", "USD"), ("A request", "USD/request"),
                       ("Switching and making the model", "%"), ("Largest supplier", "%"), ("Concentration", "points")),
              rows=_by(x, outputs, compared(x), ("total_by_way", "per_request_by_way", "switching_by_way",
                                                 "supplier_share_by_way", "supplier_index_by_way"))),
        Table(title=MEET, note=MEET_NOTE,
              columns=(("Way", ""), ("First at", "requests"), ("Always from", "requests"),
                       ("Paid back after", "months"), ("API prices above", "%")),
              rows=_by(x, outputs, alternatives(x), ("break_even_requests_by_way", "lasting_requests_by_way",
                                                     "break_even_after_by_way", "even_api_price_by_way"))),
    ]  # fmt: skip


def _by(x: Any, outputs: Mapping[str, Any], keys: list[str], names: tuple[str, ...]) -> tuple[tuple[Any, ...], ...]:
    return tuple((WAYS[key], *(outputs[name][at] for name in names)) for at, key in enumerate(keys))
