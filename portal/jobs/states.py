"""The states of a job and what may lead from one to another: one table, which every write goes through.

::

      submit
        |
        v         claim            finish
     queued ----------------> running ---------> done
      ^ ^ |                    | | |
      | | |   release, expire  | | |   fail, or expire with no attempt left
      | | +<-------------------+ | +----------------------------> failed
      | |                        |                                  |
      | | cancel                 | stop                             |
      | +---------> cancelled <--+                                  |
      |                |                                            |
      +------ retry ---+--------------------- retry ----------------+

``claim``, ``finish``, ``fail``, ``stop`` and ``release`` are the worker's, guarded by its fence. ``cancel`` and
``retry`` are a person's; a cancel of a running job is a request that the worker answers with ``stop``.
``expire`` is housekeeping's, for a worker that went silent. ``done`` is final; ``failed`` and ``cancelled`` are
final unless a person retries, which goes on from what the job's folder holds.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


TERMINAL = frozenset({State.DONE, State.FAILED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Step:
    before: frozenset[State]
    after: frozenset[State]


def _step(before: set[State], after: set[State]) -> Step:
    return Step(frozenset(before), frozenset(after))


STEPS: dict[str, Step] = {
    "claim": _step({State.QUEUED}, {State.RUNNING}),
    "finish": _step({State.RUNNING}, {State.DONE}),
    "fail": _step({State.RUNNING}, {State.FAILED}),
    "stop": _step({State.RUNNING}, {State.CANCELLED}),
    "release": _step({State.RUNNING}, {State.QUEUED}),
    "expire": _step({State.RUNNING}, {State.QUEUED, State.FAILED, State.CANCELLED}),
    "cancel": _step({State.QUEUED}, {State.CANCELLED}),
    "retry": _step({State.FAILED, State.CANCELLED}, {State.QUEUED}),
}


def permits(step: str, state: str) -> bool:
    """Whether ``step`` may be taken from ``state``."""
    return state in STEPS[step].before
