"""What a visitor is told when a run fails: a kind for programs and a sentence that says what to do.

Tracebacks go to the worker's log and nowhere else. The sentences are stored in English and translated when shown.
"""

from __future__ import annotations

import errno

from django.utils.translation import gettext_noop as _

from mlcore.reading import Invalid
from portal.jobs import strict

MAX_CHARACTERS = 1000

DISK_FULL = _("The disk of the worker is full. Free some space, then retry: the job goes on from its last checkpoint.")
OUT_OF_MEMORY = _(
    "The run needed more memory than the worker has. Choose a smaller model, a shorter sequence or a smaller batch."
)
TIME_LIMIT = _("The run reached the time limit of its kind of job. Retry to go on from its last checkpoint.")
WORKER_LOST = _(
    "The worker went silent each time the job was started, most often because the machine ran out of memory. "
    "Choose a smaller model or batch, then retry: the job goes on from its last checkpoint."
)
INTERNAL = _("Something in the portal failed, not your input. The worker's log tells what, under the id of this job.")
NOT_FOUND = _("This portal has nothing that runs such jobs any more. Start the job anew from its page.")


def explain(problem: BaseException) -> tuple[str, str]:
    """Kind and sentence for what a runner raised."""
    if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return "disk_full", DISK_FULL
    if isinstance(problem, MemoryError) or _is_out_of_memory(problem):
        return "out_of_memory", OUT_OF_MEMORY
    if isinstance(problem, Invalid | ValueError):
        return "invalid_input", strict.line(str(problem), MAX_CHARACTERS) or INTERNAL
    return "internal", INTERNAL


def _is_out_of_memory(problem: BaseException) -> bool:
    """torch's own errors, told by name and text, since the portal never imports torch."""
    if type(problem).__name__ == "OutOfMemoryError":
        return True
    return isinstance(problem, RuntimeError) and any(
        words in str(problem) for words in ("out of memory", "not enough memory", "can't allocate memory")
    )
