"""Start a program that dies with its parent: ``python lifeline.py PARENT SIGNAL USER -- PROGRAM ARG…``.

A supervisor killed with SIGKILL cannot clean up.  On Linux the kernel does it (PR_SET_PDEATHSIG, set here and
kept across ``exec``); elsewhere this process stays between the two and watches its parent.

The parent-death signal is cleared by a change of user, so the order is: drop privileges, ask for the signal,
look once whether the parent died meanwhile, ``exec``.  Doing this in a program of its own, not in a
``preexec_fn``, keeps it safe when the caller has threads.  Only the standard library is imported.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.5


def command(program: Sequence[str], *, on_death: signal.Signals, user: str = "") -> list[str]:
    """The command line that starts ``program`` (as ``user`` when named) bound to the calling process."""
    return [sys.executable, "-S", "-E", __file__, str(os.getpid()), str(int(on_death)), user, "--", *program]


def _become(user: str) -> None:
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    os.environ.update(HOME=entry.pw_dir, USER=user, LOGNAME=user)


def _watch(parent: int, on_death: int, program: list[str]) -> int:
    child = subprocess.Popen(program)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, lambda got, _frame: child.send_signal(got))
    while child.poll() is None:
        if os.getppid() != parent:
            child.send_signal(on_death)
            return child.wait()
        time.sleep(_POLL_SECONDS)
    return child.returncode


def main(argv: list[str]) -> int:
    """Entry point; returns only where the kernel offers no parent-death signal."""
    parent, on_death, user = int(argv[0]), int(argv[1]), argv[2]
    program = argv[4:]
    if user:
        _become(user)
    if not sys.platform.startswith("linux"):
        return _watch(parent, on_death, program)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, on_death, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        return 1
    return os.execvp(program[0], program)  # noqa: S606 - the very purpose


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
