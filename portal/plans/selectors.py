"""Reading scenarios: which ones a person may see, and what a stored one means today."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mlcore.reading import Invalid, read_inputs, to_json
from portal.accounts.models import User
from portal.planning import engine
from portal.planning.calculator import Calculator
from portal.planning.catalog.edits import version
from portal.planning.registry import all_calculators
from portal.plans.models import Revision, Scenario

LISTED_DRAWS = 2_000  # enough for a whisker, 5 ms each


@dataclass(frozen=True)
class Opened:
    """A stored scenario as today's calculators read it; ``inputs`` is None where they cannot, with the ``problem``."""

    scenario: Scenario
    calculator: Calculator | None
    inputs: Any = None
    problem: str = ""

    @property
    def stored(self) -> dict[str, Any]:
        """The inputs as JSON in the shape of the present calculator."""
        return to_json(self.inputs)


@dataclass(frozen=True, slots=True)
class Summary:
    """The explained output of a scenario: median, 5th and 95th percentile; ``inf`` stands for never."""

    label: str
    unit: str
    never: str
    low: float
    median: float
    high: float


def scenarios_of(user: User | AnonymousUser) -> QuerySet[Scenario]:
    """Those of the person's workspaces that are not deleted, the last changed first."""
    return _all_of(user).filter(deleted_at=None).select_related("updated_by")


def scenario_access(user: User | AnonymousUser, uid: str) -> Scenario:
    """The door to one scenario. Raises Scenario.DoesNotExist for what is not theirs or is deleted."""
    return scenarios_of(user).select_related("workspace").get(uid=uid)


def deleted_of(user: User | AnonymousUser) -> QuerySet[Scenario]:
    """Deleted ones that can still be brought back."""
    return _all_of(user).exclude(deleted_at=None)


def deleted_access(user: User | AnonymousUser, uid: str) -> Scenario:
    """The door to a deleted scenario, to bring it back. Raises Scenario.DoesNotExist."""
    return deleted_of(user).get(uid=uid)


def scenarios_access(user: User | AnonymousUser, uids: Iterable[str]) -> list[Scenario]:
    """Several, in the order asked for. Raises Scenario.DoesNotExist when one of them is not theirs."""
    wanted = list(dict.fromkeys(uids))
    found = {scenario.uid: scenario for scenario in scenarios_of(user).filter(uid__in=wanted)}
    if missing := [uid for uid in wanted if uid not in found]:
        raise Scenario.DoesNotExist(missing[0])
    return [found[uid] for uid in wanted]


def revisions_of(scenario: Scenario) -> QuerySet[Revision]:
    return scenario.revisions.select_related("by")


def scenario_open(scenario: Scenario | Revision) -> Opened:
    """Read what is stored. Never raises: calculators go, and permitted values change."""
    base = scenario.scenario if isinstance(scenario, Revision) else scenario
    calculator = all_calculators().get(base.calculator)
    if calculator is None:
        return Opened(base, None, problem=_("The calculator “%(slug)s” is not part of this portal any more.")
                      % {"slug": base.calculator})  # fmt: skip
    try:
        raw = engine.upgrade_inputs(calculator, scenario.version, scenario.inputs)
        return Opened(base, calculator, read_inputs(calculator.inputs, raw))
    except Invalid as problem:
        return Opened(base, calculator, problem=_("The stored inputs are no longer permitted: %(reason)s")
                      % {"reason": problem})  # fmt: skip
    except ValueError:
        return Opened(base, calculator, problem=_("It was saved by a newer version of this portal."))


def summary_of(opened: Opened) -> Summary | None:
    """None where the scenario cannot be opened or computed."""
    if opened.inputs is None or opened.calculator is None:
        return None
    return _summary(opened.calculator.slug, json.dumps(opened.stored, sort_keys=True), opened.scenario.seed, version())


@lru_cache(maxsize=1024)
def _summary(slug: str, stored: str, seed: int, _catalogue: int) -> Summary | None:
    calculator = all_calculators()[slug]
    output = calculator.outputs[calculator.explains]
    try:
        inputs: Any = read_inputs(calculator.inputs, json.loads(stored))
        outcome = engine.simulate(calculator, inputs, draws=LISTED_DRAWS, seed=seed)
    except Invalid:
        return None
    low, median, high = outcome.quantiles(calculator.explains, (0.05, 0.5, 0.95))
    return Summary(output.label, output.unit, output.never, low, median, high)


def _all_of(user: User | AnonymousUser) -> QuerySet[Scenario]:
    if not isinstance(user, User):
        return Scenario.objects.none()
    return Scenario.objects.filter(workspace__in=user.workspaces.all())
