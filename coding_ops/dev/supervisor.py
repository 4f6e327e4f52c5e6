"""Run several processes as one: coloured, prefixed logs; one stops, all stop; nothing is left behind.

Each child leads its own session, so that Ctrl-C in the terminal reaches the supervisor alone, which then
stops them in good order; and each is bound to the supervisor by :mod:`coding_ops.dev.lifeline`, so that they
go even when the supervisor is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field

from coding_ops.dev import lifeline, terminal
from coding_ops.dev.places import ROOT

_GRACE_SECONDS = 10.0
_INSIST_SECONDS = 3.0
_TICK_SECONDS = 0.05
_DRAIN_SECONDS = 0.2
_COLOURS = ("cyan", "magenta", "yellow", "blue")
_LINE_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Program:
    """A child's name (the log prefix) and command line."""

    name: str
    command: Sequence[str]


@dataclass(slots=True)
class Supervisor:
    """Runs ``programs`` until one ends, a signal comes or ``watch`` returns a reason to stop."""

    programs: Sequence[Program]
    environment: Mapping[str, str]
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _reason: str = ""
    _failed: bool = False
    _signals: int = 0
    _children: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)

    async def run(self, watch: Callable[[], Awaitable[str]]) -> int:
        """Start all, wait, stop all.

        Args:
            watch: runs beside the programs; what it returns is a failure that ends the run.

        Returns:
            0 when asked to stop, 1 when something ended by itself.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._on_signal)
        jobs: list[asyncio.Task[None]] = []
        try:
            for position, program in enumerate(self.programs):
                jobs.append(asyncio.create_task(await self._start(program, _COLOURS[position % 4])))
            jobs.append(asyncio.create_task(self._notice_an_end()))
            jobs.append(asyncio.create_task(self._watch(watch)))
            await self._stop.wait()
            if self._failed:
                terminal.complain(self._reason)
            else:
                terminal.say("\nStopping …")
        finally:
            await self._stop_all()
            for job in jobs[len(self.programs) :]:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
        return 1 if self._failed else 0

    def _on_signal(self) -> None:
        self._signals += 1
        self._stop.set()
        if self._signals > 1:
            self._signal_all(signal.SIGKILL)

    def _fail(self, reason: str) -> None:
        if not self._stop.is_set():
            self._failed, self._reason = True, reason
            self._stop.set()

    async def _watch(self, watch: Callable[[], Awaitable[str]]) -> None:
        self._fail(await watch())

    async def _start(self, program: Program, colour: str) -> Coroutine[None, None, None]:
        child = await asyncio.create_subprocess_exec(
            *lifeline.command(program.command, on_death=signal.SIGTERM),
            cwd=ROOT,
            env=dict(self.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            limit=_LINE_LIMIT,
        )
        self._children[program.name] = child
        return self._follow(program.name, child, colour)

    async def _follow(self, name: str, child: asyncio.subprocess.Process, colour: str) -> None:
        width = max(len(program.name) for program in self.programs)
        prefix = terminal.paint(f"{name:<{width}} |", colour, sys.stdout)
        assert child.stdout is not None
        while True:
            try:
                line = await child.stdout.readline()
            except ValueError:  # a line beyond the limit: the reader dropped it and goes on
                line = b"(a line too long to show)\n"
            if not line:
                break
            terminal.say(f"{prefix} {line.decode(errors='replace').rstrip()}")

    async def _notice_an_end(self) -> None:
        while True:
            for name, child in self._children.items():
                if child.returncode is not None:
                    await asyncio.sleep(_DRAIN_SECONDS)  # so that its last lines are shown first
                    how = f"exit status {child.returncode}"
                    self._fail(
                        f"{name} ended by itself ({how}); its last lines are above. Stopping the rest."
                    )
                    return
            await asyncio.sleep(_TICK_SECONDS)

    def _signal_all(self, number: signal.Signals) -> None:
        for child in self._children.values():
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.send_signal(number)

    async def _stop_all(self) -> None:
        """Ask, insist, kill; then kill what a child may have left in its session."""
        for number, seconds in ((signal.SIGTERM, _GRACE_SECONDS), (signal.SIGQUIT, _INSIST_SECONDS)):
            self._signal_all(number)
            if await self._all_ended(seconds):
                break
        self._signal_all(signal.SIGKILL)
        for child in self._children.values():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()

    async def _all_ended(self, seconds: float) -> bool:
        # Not child.wait(): that waits for the end of the output too, which a grandchild may hold open.
        for _tick in range(int(seconds / _TICK_SECONDS)):
            if all(child.returncode is not None for child in self._children.values()):
                return True
            await asyncio.sleep(_TICK_SECONDS)
        return False
