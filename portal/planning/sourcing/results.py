"""From the costs of each way to the outputs of the calculator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from portal.planning.calendar import to_month
from portal.planning.finance import Array, draw_count, quotient, settled
from portal.planning.hardware.comparison import ahead_after
from portal.planning.rivalry.concentration import POINTS
from portal.planning.sourcing import meeting
from portal.planning.sourcing.costs import Costs, all_costs
from portal.planning.sourcing.inputs import API, compared
from portal.planning.sourcing.ways import Course, Way, api_request


def alternatives(inputs: Any) -> list[str]:
    """The keys of the ways that are compared with the API."""
    return [key for key in compared(inputs) if key != API]


def compute(x: Any) -> dict[str, Any]:
    draws = draw_count(x)
    months, ways, found = all_costs(x)
    discounted = np.sum(months.requests * months.worth, axis=0)
    by_way = _stacked([found[key].total for key in compared(x)])
    best = by_way.min(axis=0)
    alternative = _stacked([found[key].total for key in alternatives(x)]).min(axis=0)
    saving = found[API].total - alternative
    results = {
        "saving": saving,
        "api_loses": saving > 0,
        "best_total": best,
        "api_total": found[API].total,
        "alternative_total": alternative,
        "best_per_request": quotient(best, discounted),
        "api_per_request": api_request(x),
        "rent": months.rent[0],
        "requests_in_all": months.requests.sum(axis=0),
        "worth_of_requests": discounted,
        "requests_by_month": months.requests,
        "total_by_way": by_way,
        "cheapest": by_way == best,
        "per_request_by_way": quotient(by_way, discounted),
        **_of_each_way([found[key] for key in compared(x)]),
        **_of_alternatives(x, months, ways, found),
        **_of_rival(x, months, ways, found),
    }
    return {name: settled(value, draws) for name, value in results.items()}


def _of_each_way(found: list[Costs]) -> dict[str, Array]:
    suppliers = [_concentration(each) for each in found]
    return {
        "switching_by_way": _stacked([quotient(each.switching + each.building, each.total) for each in found]),
        "supplier_share_by_way": _stacked([share for share, _ in suppliers]),
        "supplier_index_by_way": _stacked([index for _, index in suppliers]),
        "spent_by_way": _stacked([each.spent for each in found]),
    }


def _of_alternatives(x: Any, months: Course, ways: Mapping[str, Way], found: Mapping[str, Costs]) -> dict[str, Array]:
    keys = alternatives(x)
    leads = [meeting.lead(months, ways[key], ways[API]) for key in keys]
    return {
        "break_even_requests_by_way": _stacked([meeting.first(each) for each in leads]),
        "lasting_requests_by_way": _stacked([meeting.lasting(each) for each in leads]),
        "break_even_after_by_way": _stacked([_after(found[key], found[API]) for key in keys]),
        "even_api_price_by_way": _stacked([meeting.even_price(found[key], found[API]) for key in keys]),
    }


def _of_rival(x: Any, months: Course, ways: Mapping[str, Way], found: Mapping[str, Costs]) -> dict[str, Array]:
    rival, api = found[x.against], found[API]
    at = meeting.lead(months, ways[x.against], ways[API])
    lead = api.spent - rival.spent
    after = ahead_after(lead, np.zeros(1))
    share, index = _concentration(rival)
    parts = ("switching", "building", "staff", "api", "serving", "risk")
    return {
        "rival_total": rival.total,
        "rival_saving": api.total - rival.total,
        **{f"rival_{part}": getattr(rival, part) for part in parts},
        "switching_share": quotient(rival.switching, rival.total),
        "supplier_share": share,
        "supplier_index": index,
        "break_even_requests": meeting.first(at),
        "lasting_requests": meeting.lasting(at),
        "break_even_after": after,
        "break_even_month": int(to_month(x.first_month)) + after - 1,
        "even_api_price": meeting.even_price(rival, api),
        "lead_by_month": lead,
        "devices_by_month": _devices(ways[x.against], rival, x.horizon),
    }


def _after(mine: Costs, api: Costs) -> Array:
    return ahead_after(api.spent - mine.spent, np.zeros(1))


def _concentration(costs: Costs) -> tuple[Array, Array]:
    """Share of the largest supplier, and the Herfindahl-Hirschman index, of what is paid to suppliers."""
    paid = _stacked(list(costs.suppliers.values()))
    whole = paid.sum(axis=0)
    return quotient(paid.max(axis=0), whole), quotient(POINTS * np.square(paid).sum(axis=0), np.square(whole))


def _devices(way: Way, costs: Costs, horizon: int) -> Array:
    copies = np.broadcast_to(costs.copies, (horizon, costs.copies.shape[1]))
    return copies * (way.fleet.devices if way.fleet else 0)


def _stacked(values: list[Array]) -> Array:
    """(ways, ...), each with as many draws as the one with most."""
    return np.stack(np.broadcast_arrays(*values))


def best_and_next(costs: Mapping[str, float]) -> tuple[str, str]:
    """The cheapest of several ways, and the next."""
    ordered = sorted(costs, key=lambda key: costs[key])
    return ordered[0], ordered[1]
