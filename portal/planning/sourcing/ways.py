"""What each way needs for a request, for a copy of its model, and at fixed times. Tables are (months, draws), single
values (draws,), either with an axis of length 1.

A request is answered by the API, by the way itself, or by both: ``taken`` of the requests go to the way, and the
``fallback`` share of those is then asked again at the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from portal.planning.catalog.api_prices import NEWEST
from portal.planning.finance import Array, compounded
from portal.planning.hardware.crediting import money_share
from portal.planning.hardware.owning import HOURS, Hardware, energy, upkeep
from portal.planning.hardware.renting import rents_on_demand
from portal.planning.sourcing.inputs import API, BY_TOKENS, MANAGED, OPEN, OWN, RENTED, SCRATCH, TUNED
from portal.planning.training.inputs import TYPED
from portal.planning.training.own_model import CUSTOM

MILLION = 1e6

# Who is paid. What is paid to people is not paid to a supplier.
STAFF, SWITCHING = "staff", "switching"
API_SELLER, HOST, CLOUD, MAKER, SITE, DATA = "api", "host", "cloud", "maker", "site", "data"
SUPPLIERS = (API_SELLER, HOST, CLOUD, MAKER, SITE, DATA)

Paid = Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Course:
    """What every month of all ways is computed with."""

    requests: Array
    api: Array  # USD that the API asks for a request
    bill: Array  # of the API for all requests
    rent: Array  # USD for a device-hour
    worth: Array  # of a dollar paid at the end of the month, today
    start: Array  # of a dollar paid at its start
    risk: Paid  # what is expected to be lost for each dollar of a supplier's bill


@dataclass(frozen=True, slots=True)
class Fleet:
    """Whole copies of a model. A copy takes ``devices``; ``load`` copies answer a request a month, and there are at
    least ``least``. ``running`` is USD a month by payee; ``price`` what a copy costs to buy, in ``devices``."""

    devices: int
    load: Array
    least: int
    running: Paid
    price: Array | None = None
    resale: Array | None = None  # of a copy bought in each month, at the horizon


@dataclass(frozen=True, slots=True)
class Way:
    taken: Array  # share of the requests that it answers, by month
    fallback: Array
    runs: Array  # 1 in months in which it runs
    once: Paid  # USD at the start
    always: Paid  # USD a month from the start
    repeated: Paid = field(default_factory=dict)  # USD a month while it runs
    by_request: Paid = field(default_factory=dict)  # USD for each request that it answers
    fleet: Fleet | None = None


def course(x: Any) -> Course:
    monthly = np.power(1 + np.atleast_1d(x.discount), -1 / 12)
    worth = _table(monthly, monthly - 1, x.horizon)
    requests = _table(x.requests, x.growth, x.horizon)
    api = _falling(api_request(x), x.api_decline, x.horizon)
    return Course(
        requests=requests,
        api=api,
        bill=requests * api,
        rent=rents_on_demand(x),
        worth=worth,
        start=worth / monthly,
        risk={
            API_SELLER: expected_loss(x.api_risk, x.api_exit),
            HOST: expected_loss(x.managed_risk, x.managed_exit),
            CLOUD: expected_loss(x.cloud_risk, x.cloud_exit),
        },
    )


def present(by_month: Array, worth: Array) -> Array:
    """Present value of what is paid by month; of a single row, of the same in each month."""
    value: Array = np.einsum("md,md->d", *np.broadcast_arrays(by_month, worth))
    return value


def expected_loss(chance: Any, months: Any) -> Array:
    """USD lost for each dollar of a monthly bill, when an event of this yearly ``chance`` costs ``months`` of it."""
    return np.atleast_1d((1 - np.power(1 - np.asarray(chance, dtype=float), 1 / 12)) * months)


def api_prices(x: Any) -> tuple[Any, Any, Any]:
    """USD for a million tokens of input, cached input and output."""
    if x.api_model == TYPED:
        return x.api_input, x.api_cached, x.api_output
    price = NEWEST[x.api_model]
    return price.input, price.cached, price.output


def host_prices(x: Any) -> tuple[Any, Any, Any]:
    """As ``api_prices``, of the host of the open model."""
    if x.managed_model == TYPED:
        return x.managed_input, x.managed_cached, x.managed_output
    price = NEWEST[x.managed_model]
    return price.input, price.cached, price.output


def token_cost(x: Any, prices: tuple[Any, Any, Any]) -> Array:
    """USD of one request at the ``prices`` of input, cached input and output."""
    fresh, cached, out = prices
    read = x.input_tokens * ((1 - x.cached_share) * fresh + x.cached_share * cached)
    return np.atleast_1d((read + x.output_tokens * out) / MILLION)


def api_request(x: Any) -> Array:
    """USD of one request at the API in the first month, batches included."""
    return token_cost(x, api_prices(x)) * (1 - x.batch_share * x.batch_discount)


def way(x: Any, months: Course, key: str) -> Way:
    if key == API:
        nothing = np.zeros((1, 1))
        return Way(taken=nothing, fallback=np.zeros(1), runs=np.ones((1, 1)), once={}, always=_people(x, API))
    runs = (np.arange(x.horizon)[:, None] >= np.atleast_1d(getattr(x, f"{key}_wait"))).astype(float)
    switching = np.atleast_1d(getattr(x, f"{key}_switching"))
    built = _BUILD[key](x, months, runs, {SWITCHING: switching}, _people(x, key))
    return _credited(built, money_share(x)) if x.credits_returned else built


def _credited(built: Way, share: float) -> Way:
    """The way with what is paid to the cloud lowered to the share that is paid in money."""

    def lowered(paid: Paid) -> Paid:
        return {payee: cost * share if payee == CLOUD else cost for payee, cost in paid.items()}

    fleet = built.fleet and replace(built.fleet, running=lowered(built.fleet.running))
    return replace(
        built,
        once=lowered(built.once),
        repeated=lowered(built.repeated),
        by_request=lowered(built.by_request),
        fleet=fleet,
    )


def _managed(x: Any, months: Course, runs: Array, once: dict[str, Array], people: Paid) -> Way:
    cost = _falling(token_cost(x, host_prices(x)), x.managed_decline, x.horizon)
    return Way(runs, np.atleast_1d(x.open_fallback), runs, once, people, by_request={HOST: cost})


def _rented(x: Any, months: Course, runs: Array, once: dict[str, Array], people: Paid) -> Way:
    fallback = np.atleast_1d(x.open_fallback)
    if x.rented_basis == BY_TOKENS:
        cost = _falling(token_cost(x, (x.served_input, 0.0, x.served_output)), x.rent_decline, x.horizon)
        return Way(runs, fallback, runs, once, people, by_request={CLOUD: cost})
    return Way(runs, fallback, runs, once, people, fleet=_rented_fleet(x, months, OPEN, 1.0))


def _own(x: Any, months: Course, runs: Array, once: dict[str, Array], people: Paid) -> Way:
    """A copy is bought in the month in which the traffic first needs it, and sold at the horizon."""
    device = SimpleNamespace(
        accelerator=CUSTOM, device_power=x.own_power, devices=1, pue=x.pue, electricity=x.electricity,
        idle_share=x.own_draw, colocation=x.colocation, staff=0.0, staff_cost=0.0, maintenance=x.maintenance,
        price=x.own_price, failures=0.0,
    )  # fmt: skip
    bought = SimpleNamespace(running=1.0, bought=x.own_price)
    monthly = sum(upkeep(device, cast(Hardware, bought)).values()) + energy(device, np.zeros(1), np.ones(1))
    monthly_fall = np.power(np.atleast_1d(x.residual), 1 / x.life)
    price = np.atleast_1d(x.own_price) * x.open_devices
    fleet = Fleet(
        devices=x.open_devices,
        load=_load(x, OPEN, 1.0),
        least=x.open_copies,
        running={SITE: np.atleast_2d(monthly * x.open_devices)},
        price=price,
        resale=price * _table(monthly_fall, monthly_fall - 1, x.horizon)[::-1],
    )
    return Way(runs, np.atleast_1d(x.open_fallback), runs, once, people, fleet=fleet)


def _tuned(x: Any, months: Course, runs: Array, once: dict[str, Array], people: Paid) -> Way:
    tuning = np.atleast_1d(x.tuning_cost)
    return Way(
        taken=runs * x.tuned_share,
        fallback=np.atleast_1d(x.tuned_fallback),
        runs=runs,
        once={**once, CLOUD: tuning, DATA: np.atleast_1d(x.tuning_data)},
        always=people,
        repeated={CLOUD: tuning * x.tunings / 12},
        fleet=_rented_fleet(x, months, "small", x.tuned_share),
    )


def _scratch(x: Any, months: Course, runs: Array, once: dict[str, Array], people: Paid) -> Way:
    training = np.atleast_1d(x.training_cost)
    return Way(
        taken=runs * x.scratch_share,
        fallback=np.atleast_1d(x.scratch_fallback),
        runs=runs,
        once={**once, CLOUD: training * (1 + x.trials), DATA: np.atleast_1d(x.training_data)},
        always=people,
        repeated={CLOUD: training * x.retraining / 12},
        fleet=_rented_fleet(x, months, x.scratch_size, x.scratch_share),
    )


_BUILD = {MANAGED: _managed, RENTED: _rented, OWN: _own, TUNED: _tuned, SCRATCH: _scratch}


def _rented_fleet(x: Any, months: Course, size: str, share: Any) -> Fleet:
    devices, least = getattr(x, f"{size}_devices"), getattr(x, f"{size}_copies")
    return Fleet(devices, _load(x, size, share), least, running={CLOUD: months.rent * (devices * HOURS)})


def _load(x: Any, size: str, share: Any) -> Array:
    """Copies that a request a month keeps busy: its seconds on a device, over those that a copy has to give."""
    read = x.input_tokens * (1 - x.cached_share) / getattr(x, f"{size}_input_rate")
    seconds = read + x.output_tokens / getattr(x, f"{size}_output_rate")
    given = HOURS * 3600 * getattr(x, f"{size}_devices") * x.utilisation
    return np.atleast_1d(seconds * share / given)


def _people(x: Any, key: str) -> Paid:
    return {STAFF: np.atleast_1d(getattr(x, f"{key}_engineers") * x.engineer_cost / 12)}


def _falling(start: Array, decline: Any, horizon: int) -> Array:
    """A price by month that is ``decline`` lower each year."""
    return _table(start, np.power(1 - np.asarray(decline), 1 / 12) - 1, horizon)


def _table(start: Any, rate: Any, horizon: int) -> Array:
    start, rate = np.atleast_1d(start), np.atleast_1d(rate)
    return compounded(start, rate, np.empty((horizon, np.broadcast(start, rate).size)))
