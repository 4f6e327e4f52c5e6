"""Several processes as one: one ends, all end; the stubborn are killed; logs carry their names."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time

import psutil
import pytest

from coding_ops.dev import supervisor
from coding_ops.dev.supervisor import Program, Supervisor

_SLEEP = "import time\nwhile True: time.sleep(1)"
_STUBBORN = (
    f"import signal\nfor n in (15, 3): signal.signal(n, signal.SIG_IGN)\nprint('deaf', flush=True)\n{_SLEEP}"
)
_PARENT = f"""
import subprocess, sys
subprocess.Popen([sys.executable, '-c', {_SLEEP!r}])
print('born', flush=True)
{_SLEEP}
"""
_DIES = _PARENT.removesuffix(f"{_SLEEP}\n") + "raise SystemExit(3)"


def program(name: str, code: str) -> Program:
    return Program(name, (sys.executable, "-c", code))


async def forever() -> str:
    await asyncio.Event().wait()
    return ""


def run(*programs: Program) -> int:
    return asyncio.run(Supervisor(programs, dict(os.environ)).run(forever))


def children() -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(autouse=True)
def _nothing_left() -> object:
    before = {process.pid for process in children()}
    yield
    left = [process.cmdline() for process in children() if process.pid not in before]
    assert left == []


def interrupt_when(capsys: pytest.CaptureFixture[str], *words: str) -> threading.Thread:
    """Send ourselves SIGINT once all ``words`` were logged."""
    seen: list[str] = []

    def wait() -> None:
        deadline = time.monotonic() + 20
        while not all(word in "".join(seen) for word in words) and time.monotonic() < deadline:
            seen.append(capsys.readouterr().out)
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_one_that_ends_takes_the_others_along_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    status = run(program("web", _SLEEP), program("worker", "print('last words'); raise SystemExit(7)"))
    told = capsys.readouterr()
    assert status == 1
    assert "worker | last words" in told.out
    assert "worker ended by itself (exit status 7)" in told.err


def test_end_is_noticed_though_a_grandchild_holds_the_output_open(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(program("web", _SLEEP), program("worker", _DIES)) == 1
    assert "worker ended by itself (exit status 3)" in capsys.readouterr().err


def test_interrupt_stops_all_and_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    thread = interrupt_when(capsys, "up")
    assert run(program("web", f"print('up', flush=True)\n{_SLEEP}")) == 0
    thread.join()


def test_child_that_ignores_signals_is_killed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_GRACE_SECONDS", 0.3)
    monkeypatch.setattr(supervisor, "_INSIST_SECONDS", 0.3)
    thread = interrupt_when(capsys, "deaf")
    assert run(program("worker", _STUBBORN)) == 0
    thread.join()


def test_grandchild_that_its_parent_forgot_is_killed(capsys: pytest.CaptureFixture[str]) -> None:
    thread = interrupt_when(capsys, "born")
    assert run(program("worker", _PARENT)) == 0
    thread.join()


def test_watch_ends_the_run_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    async def lost() -> str:
        return "The database is gone."

    assert asyncio.run(Supervisor([program("web", _SLEEP)], dict(os.environ)).run(lost)) == 1
    assert "The database is gone." in capsys.readouterr().err


def test_program_that_cannot_start_leaves_nothing() -> None:
    assert run(program("web", _SLEEP), Program("worker", ("/no/such/program",))) == 1


def test_very_long_line_does_not_end_the_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_LINE_LIMIT", 1000)
    thread = interrupt_when(capsys, "too long to show", "after")
    assert run(program("web", f"print('x' * 5000)\nprint('after', flush=True)\n{_SLEEP}")) == 0
    thread.join()
