"""What a way costs along the traffic that is expected, in parts, by payee, and by month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.planning.finance import Array
from portal.planning.sourcing.inputs import compared
from portal.planning.sourcing.ways import (
    API_SELLER,
    CLOUD,
    DATA,
    MAKER,
    STAFF,
    SUPPLIERS,
    SWITCHING,
    Course,
    Fleet,
    Paid,
    Way,
    course,
    present,
    way,
)

# A load that is a whole number of copies but for rounding needs no further copy.
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Costs:
    """Present values, in money of today, and what was paid by the end of each month, not discounted.

    ``building`` is training, fine-tuning and their data, first and repeated; ``serving`` is what hosts, clouds, sites
    and hardware cost, less the sale of the hardware; ``risk`` what changes of suppliers are expected to cost.
    """

    switching: Array
    building: Array
    staff: Array
    api: Array
    serving: Array
    risk: Array
    api_risk: Array  # the part of ``risk`` that is about the API
    suppliers: Paid  # what each is paid
    spent: Array
    copies: Array

    @property
    def total(self) -> Array:
        return self.switching + self.building + self.staff + self.api + self.serving + self.risk


def costs(months: Course, chosen: Way) -> Costs:
    copies = copies_by_month(chosen.fleet, chosen.runs, months.requests) if chosen.fleet else np.zeros((1, 1))
    bills = _bills(months, chosen, copies)
    repeated = {payee: chosen.runs * cost for payee, cost in chosen.repeated.items()}
    bought, net = _hardware(months, chosen.fleet, copies)
    by_month = _added([*bills.values(), *repeated.values(), *(cost[None] for cost in chosen.always.values()), bought])
    served = {payee: present(bill, months.worth) for payee, bill in bills.items()}
    again = {payee: present(bill, months.worth) for payee, bill in repeated.items()}
    lost = {payee: served[payee] * months.risk[payee] for payee in bills if payee in months.risk}
    makers = {MAKER: present(bought, months.start)}
    return Costs(
        switching=chosen.once.get(SWITCHING, np.zeros(1)),
        building=_added([*again.values(), *_paid_to((CLOUD, DATA), chosen.once)]),
        staff=present(chosen.always[STAFF][None], months.worth),
        api=served[API_SELLER],
        serving=_added([net, *(worth for payee, worth in served.items() if payee != API_SELLER)]),
        risk=_added(lost.values()),
        api_risk=lost[API_SELLER],
        suppliers={payee: _added(_paid_to([payee], served, again, chosen.once, makers)) for payee in SUPPLIERS},
        spent=_running(np.add, by_month) + _added(chosen.once.values()),
        copies=copies,
    )


def _bills(months: Course, chosen: Way, copies: Array) -> Paid:
    """What is paid by month for what is served, by payee."""
    bills = {API_SELLER: months.bill * (1 - chosen.taken * (1 - chosen.fallback))}
    bills |= {payee: chosen.taken * months.requests * cost for payee, cost in chosen.by_request.items()}
    if chosen.fleet:
        bills |= {payee: copies * cost for payee, cost in chosen.fleet.running.items()}
    return bills


def _paid_to(payees: Sequence[str], *paid: Paid) -> list[Array]:
    return [each[payee] for payee in payees for each in paid if payee in each]


def copies_by_month(fleet: Fleet, runs: Array, requests: Array) -> Array:
    """Whole copies that serve the ``requests``; those that were bought stay when the traffic falls."""
    wanted = np.ceil(fleet.load * requests * (1 - ROUNDING))
    copies = np.maximum(wanted, fleet.least, out=wanted) * runs
    return copies if fleet.price is None else _running(np.maximum, copies)


def all_costs(x: Any) -> tuple[Course, dict[str, Way], dict[str, Costs]]:
    """Of the ways that are compared, and of the API in any case."""
    months = course(x)
    ways = {key: way(x, months, key) for key in dict.fromkeys(["api", x.against, *compared(x)])}
    return months, ways, {key: costs(months, each) for key, each in ways.items()}


def totals(x: Any) -> Array:
    """Present value of each way that is compared, (ways, draws)."""
    found = all_costs(x)[2]
    return np.stack(np.broadcast_arrays(*(found[key].total for key in compared(x))))


def _hardware(months: Course, fleet: Fleet | None, copies: Array) -> tuple[Array, Array]:
    """What is paid for hardware by month, and its present value less that of the sale at the horizon."""
    if fleet is None or fleet.price is None or fleet.resale is None:
        return np.zeros((1, 1)), np.zeros(1)
    added = np.diff(copies, axis=0, prepend=0)
    bought = added * fleet.price
    return bought, present(bought, months.start) - present(added, fleet.resale) * months.worth[-1]


def _running(together: np.ufunc, table: Array) -> Array:
    """``table`` (months, draws) accumulated over its months, in place: by rows, three times as fast as NumPy's own."""
    for month in range(1, len(table)):
        together(table[month - 1], table[month], out=table[month])
    return table


def _added(values: Iterable[Array]) -> Array:
    """The sum of tables or of rows, into one table: a new one for each term would take most of the time."""
    terms = list(values)
    total = np.zeros(np.broadcast_shapes((1,), *(term.shape for term in terms)))
    for term in terms:
        np.add(total, term, out=total)
    return total
