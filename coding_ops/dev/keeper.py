"""A keeper owns one embedded server: starts it, watches who uses it, stops it when nobody does.

``python -m coding_ops.dev.keeper SERVICE PURPOSE LINGER_SECONDS``, started detached by
:mod:`coding_ops.dev.services`.  Everything is said through advisory locks, which the kernel frees when a
process dies, so that no crash leaves a wrong count behind:

==================  ============================================================================
``S.keeper.lock``   exclusive, for the keeper's whole life: "there is a keeper"
``S.users.lock``    shared, one per process that uses the server; the keeper tries it exclusively
``S.attach.lock``   exclusive, while a user attaches or the keeper stops: neither meets the other half-way
==================  ============================================================================

``SIGTERM`` stops at once; ``SIGUSR1`` stops as soon as nobody uses the server, without lingering.
The server is bound to the keeper by :mod:`coding_ops.dev.lifeline`, so a killed keeper leaves nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, Literal, cast

from coding_ops.dev import embedded, lifeline
from coding_ops.dev.places import Places, Purpose, Trouble, places

Service = Literal["postgres", "valkey"]
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.2
_LOG_LIMIT = 20_000_000


@dataclass(frozen=True, slots=True)
class Files:
    """The files through which keeper and users of one server meet."""

    folder: Path
    service: str

    def path(self, kind: str) -> Path:
        """``<service>.<kind>`` in the folder of the purpose."""
        return self.folder / f"{self.service}.{kind}"

    def open_lock(self, kind: str) -> IO[str]:
        """An open lock file, not yet locked."""
        path = self.path(f"{kind}.lock")
        path.touch(mode=0o600, exist_ok=True)
        return path.open("r+", encoding="utf-8")

    @contextlib.contextmanager
    def held(self, kind: str) -> Iterator[None]:
        """Hold a lock exclusively for the length of a block."""
        with self.open_lock(kind) as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def keeper_pid(self) -> int | None:
        """Process id of the living keeper, else None."""
        text = self.path("keeper.lock").read_text(encoding="utf-8") if not self.is_free("keeper") else ""
        return int(text) if text else None

    def is_free(self, kind: str) -> bool:
        """Whether nobody holds the lock now."""
        with self.open_lock(kind) as handle:
            return try_exclusive(handle)


def try_exclusive(handle: IO[str]) -> bool:
    """Take the lock exclusively, without waiting."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@dataclass(slots=True)
class Keeper:
    """One server's life."""

    server: embedded.Server
    files: Files
    linger: float
    stop_now: bool = False
    process: subprocess.Popen[bytes] | None = None
    port: int = 0
    _idle_since: float | None = field(default=None)

    def run(self) -> int:
        """Start the server, keep it, stop it; returns the exit status."""
        with self.files.open_lock("keeper") as own:
            if not try_exclusive(own):
                return 0
            own.truncate(0)
            own.write(str(os.getpid()))
            own.flush()
            signal.signal(signal.SIGTERM, self._on_term)
            signal.signal(signal.SIGINT, self._on_term)
            signal.signal(signal.SIGUSR1, self._on_drain)
            try:
                self._start()
            except Exception as error:  # noqa: BLE001 - whatever it is, the starter must be told
                self._stop()
                words = str(error) if isinstance(error, Trouble) else f"{type(error).__name__}: {error}"
                self.files.path("failure").write_text(words, encoding="utf-8")
                return 1
            return self._keep()

    def _on_term(self, _number: int, _frame: FrameType | None) -> None:
        self.stop_now = True

    def _on_drain(self, _number: int, _frame: FrameType | None) -> None:
        self.linger = 0.0

    def _start(self) -> None:
        self.server.prepare()
        for attempt in range(3):
            self.port = embedded.remembered_port(self.files.path("port"))
            self._launch()
            if self._wait_until_ready():
                break
            self._stop()
            if attempt == 2 or embedded.port_is_free(self.port):
                raise Trouble(self._log_tail())
        self.server.finish(self.port)
        draft = self.files.path("json.new")
        draft.write_text(json.dumps({"port": self.port}), encoding="utf-8")
        draft.replace(self.files.path("json"))

    def _launch(self) -> None:
        log = self.files.path("log")
        if log.exists() and log.stat().st_size > _LOG_LIMIT:
            log.unlink()
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                lifeline.command(
                    self.server.command(self.port),
                    on_death=self.server.stop_signal,
                    user=self.server.user(),
                ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
            )

    def _wait_until_ready(self) -> bool:
        assert self.process is not None
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None and not self.stop_now:
            if self.server.ready(self.port):
                return True
            time.sleep(0.03)
        return False

    def _log_tail(self) -> str:
        lines = self.files.path("log").read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(
            [f"The embedded {self.server.name} server did not start. Its log ends with:", *lines[-12:]]
        )

    def _keep(self) -> int:
        assert self.process is not None
        while True:
            if self.process.poll() is not None:
                self.files.path("json").unlink(missing_ok=True)
                return 1
            if self.stop_now:
                self._stop()
                return 0
            if self._idle_long_enough() and self._stop_if_still_unused():
                return 0
            time.sleep(_POLL_SECONDS)

    def _idle_long_enough(self) -> bool:
        if not self.files.is_free("users"):
            self._idle_since = None
            return False
        self._idle_since = self._idle_since or time.monotonic()
        return time.monotonic() - self._idle_since >= self.linger

    def _stop_if_still_unused(self) -> bool:
        with self.files.open_lock("attach") as attaching, self.files.open_lock("users") as users:
            if not (try_exclusive(attaching) and try_exclusive(users)):
                return False
            self._stop()
            return True

    def _stop(self) -> None:
        self.files.path("json").unlink(missing_ok=True)
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(self.server.stop_signal)
            try:
                self.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


def server_of(service: Service, where: Places, purpose: Purpose) -> embedded.Server:
    """The server object of a service's name."""
    return embedded.Postgres(where, purpose) if service == "postgres" else embedded.Valkey(where, purpose)


def main(argv: list[str]) -> int:
    """Entry point: SERVICE PURPOSE LINGER_SECONDS."""
    service, purpose, linger = cast(Service, argv[0]), cast(Purpose, argv[1]), float(argv[2])
    os.umask(0o077)  # a server's log is for its owner
    where = places()
    files = Files(where.of(purpose), service)
    return Keeper(server_of(service, where, purpose), files, linger).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
