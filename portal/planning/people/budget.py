"""What a team costs month by month: crews of each role, what they are paid, and what their places cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from portal.planning.finance import Array
from portal.planning.people.hiring import YEAR, crew
from portal.planning.people.inputs import CONTRACTOR, KINDS


class Budget:
    """Sums over roles, ``(months, draws)``; by role ``(roles, months, draws)`` and ``(roles, draws)``; in dollars."""

    def __init__(self, x: Any, draws: int) -> None:
        roles, months = len(x.roles), x.horizon
        self.payroll = np.empty((roles, months, draws))
        self.people_by_kind = np.zeros((len(KINDS), months, draws))
        self.salaries, self.on_top, self.contractors = np.zeros((3, months, draws))
        self.recruiting, self.equipment, self.office = np.zeros((3, months, draws))
        self.research = np.zeros(draws)
        self.hires, self.replacements, self.leavers = np.zeros((3, draws))
        self.role_cost, self.role_people, self.person_cost = np.empty((3, roles, draws))
        raised = (1 + np.broadcast_to(x.raises, draws)) ** (np.arange(months) // YEAR)[:, None]
        for at, role in enumerate(x.roles):
            self._add(x, at, role, raised)

    def _add(self, x: Any, at: int, role: Any, raised: Array) -> None:
        months, draws = raised.shape
        employed = role.terms != CONTRACTOR
        people = crew(role, x.attrition if employed else 0.0, months, draws)
        load = getattr(x, f"load_{role.region}")
        self.people_by_kind[list(KINDS).index(role.kind)] += people.paid
        if employed:
            joined = people.placed + people.replaced
            salary = people.paid * raised * (role.salary / YEAR)
            extra = (
                joined * raised * (role.salary * x.recruiting),
                people.placed * x.equipment,
                people.paid * x.office,
            )
            self.salaries += salary
            self.on_top += salary * load
            for total, part in zip((self.recruiting, self.equipment, self.office), extra, strict=True):
                total += part
            self.payroll[at] = salary * (1 + load)
            self.role_cost[at] = (self.payroll[at] + sum(extra)).sum(axis=0)
            self.person_cost[at] = role.salary * (1 + load) + YEAR * x.office
        else:
            self.payroll[at] = people.paid * role.rate
            self.contractors += self.payroll[at]
            self.role_cost[at] = self.payroll[at].sum(axis=0)
            self.person_cost[at] = YEAR * role.rate
        self.research += self.payroll[at].sum(axis=0) * role.research
        self.hires += people.placed.sum(axis=0)
        self.replacements += people.replaced.sum(axis=0)
        self.leavers += people.left.sum(axis=0)
        self.role_people[at] = people.paid[-1]
