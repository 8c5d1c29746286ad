"""Run a program that ends when its parent ends, even by ``kill -9``: no process of the tree outlives the supervisor.

As a program: ``python guard.py PARENT-PID NICENESS COMMAND…`` becomes COMMAND.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent ends; survives ``exec`` but not ``fork``.

    ``parent`` is the process id that the parent had, to notice that it ended before this call.
    """
    # KILL and not TERM: whoever receives it has nobody left to wait for it, and jobs are resumed from checkpoints.
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    os.nice(int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])
