"""Attach to the embedded PostgreSQL and Valkey of this checkout, starting them when nothing runs.

There are two sets: ``run`` (durable, for ``make run`` and ``manage.py``) and ``test`` (fsync off, thrown
away at will).  A process that attaches counts as a user until it ends, or until :func:`release`; several
share one server.  The keeper (:mod:`coding_ops.dev.keeper`) stops an unused server: of ``run`` at once, of
``test`` after ten idle minutes.
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
from dataclasses import dataclass
from typing import IO

from coding_ops.dev import embedded
from coding_ops.dev.keeper import Files, Service
from coding_ops.dev.places import ROOT, Purpose, Trouble, places

_LINGER_SECONDS: dict[Purpose, float] = {"run": 0.0, "test": 600.0}
_SERVICES: tuple[Service, ...] = ("valkey", "postgres")
_ATTACH_SECONDS = 120.0
_held: dict[tuple[str, str], IO[str]] = {}


@dataclass(frozen=True)
class ServerInfo:
    """Connection URLs of one PostgreSQL cluster, database ``coding_ops``.

    ``app_url`` is the plain role that the application uses; ``owner_url`` owns the database, migrates and may
    create test databases; ``superuser_url`` is for inspecting roles and emptying test databases.
    """

    owner_url: str
    app_url: str
    superuser_url: str


def ensure_postgres(purpose: Purpose) -> ServerInfo:
    """Attach to (or start) the PostgreSQL of ``purpose``; raises Trouble in plain words."""
    port = _ensure("postgres", purpose)
    server = embedded.Postgres(places(), purpose)
    return ServerInfo(
        owner_url=server.url(port, embedded.OWNER),
        app_url=server.url(port, embedded.APP),
        superuser_url=server.url(port, embedded.SUPERUSER),
    )


def ensure_valkey(purpose: Purpose) -> str:
    """Attach to (or start) the Valkey of ``purpose``; returns its URL (database 0); raises Trouble."""
    port = _ensure("valkey", purpose)
    return embedded.Valkey(places(), purpose).url(port)


def environment(purpose: Purpose) -> dict[str, str]:
    """The variables settings need, for the servers of ``purpose``, which are attached to or started.

    What the environment already names (``DATABASE_URL``, ``REDIS_URL``, keys) is left out: it wins, and
    no embedded server is started for it.
    """
    made = local_defaults()
    if not given("DATABASE_URL"):
        info = ensure_postgres(purpose)
        made |= {"DATABASE_URL": info.app_url, "DATABASE_OWNER_URL": info.owner_url}
    if not given("REDIS_URL"):
        made["REDIS_URL"] = ensure_valkey(purpose)
    return made


def local_defaults() -> dict[str, str]:
    """Keys of this checkout, and plain HTTP on loopback, for what the environment does not name itself."""
    places().folder("assets")  # where settings look for built fonts and icons; empty is fine
    made = {} if "SECURE" in os.environ else {"SECURE": "false"}
    for name in ("SECRET_KEY", "MASTER_KEY"):
        if not given(name):
            made[f"{name}_FILE"] = str(places().secret_file(name.lower()))
    return made


def placeholders() -> dict[str, str]:
    """Addresses for commands that use no server, only read settings that name one; nothing is started."""
    return {
        name: url
        for name, url in (
            ("DATABASE_URL", "postgresql://coding_ops_app@127.0.0.1:1/coding_ops"),
            ("REDIS_URL", "redis://127.0.0.1:1/0"),
        )
        if not given(name)
    }


def given(name: str) -> bool:
    """Whether a secret is set, by value or by file."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def is_live(service: Service, purpose: Purpose) -> bool:
    """Whether the server runs and takes connections now."""
    files = _files(service, purpose)
    return not files.is_free("keeper") and files.path("json").exists()


def release(purpose: Purpose) -> None:
    """Stop counting as a user of the servers of ``purpose``."""
    for key in [key for key in _held if key[1] == purpose]:
        _held.pop(key).close()


def stop(purpose: Purpose, *, even_if_used: bool = False, wait_seconds: float = 40.0) -> list[Service]:
    """Release what this process attached to, and stop it unless others use it; returns what they keep up.

    Waits until the stopped ones are gone.  What others use stops as soon as they end.  ``even_if_used`` stops
    every server of ``purpose``, attached to or not.
    """
    mine = [service for service in _SERVICES if even_if_used or (service, purpose) in _held]
    release(purpose)
    kept: list[Service] = []
    ending: list[tuple[Service, int]] = []
    for service in mine:
        files = _files(service, purpose)
        with files.held("attach"):
            pid = files.keeper_pid()
            if pid is None:
                continue
            if files.is_free("users") or even_if_used:
                ending.append((service, pid))
                _signal(pid, signal.SIGTERM)
            else:
                kept.append(service)
                _signal(pid, signal.SIGUSR1)
    deadline = time.monotonic() + wait_seconds
    for service, pid in ending:
        while _alive(pid):
            if time.monotonic() > deadline:
                raise Trouble(f"The embedded {service} server did not stop within {wait_seconds:.0f} s.")
            time.sleep(0.02)
    return kept


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # it ended by itself meanwhile
        os.kill(pid, number)


def _alive(pid: int) -> bool:
    import psutil

    for keeper in _keepers:
        if keeper.pid == pid:
            return keeper.poll() is None
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _files(service: Service, purpose: Purpose) -> Files:
    return Files(places().of(purpose), service)


def _ensure(service: Service, purpose: Purpose) -> int:
    """Attach and return the port."""
    files = _files(service, purpose)
    key = (service, purpose)
    with files.held("attach"):
        if key not in _held:
            handle = files.open_lock("users")
            fcntl.flock(handle, fcntl.LOCK_SH)
            _held[key] = handle
        try:
            if not is_live(service, purpose):
                _start_keeper(files, service, purpose)
        except BaseException:
            _held.pop(key).close()
            raise
        port: int = json.loads(files.path("json").read_text(encoding="utf-8"))["port"]
        return port


def _start_keeper(files: Files, service: Service, purpose: Purpose) -> None:
    deadline = time.monotonic() + _ATTACH_SECONDS
    while not files.is_free("keeper"):  # one that is just stopping
        if time.monotonic() > deadline:
            raise Trouble(f"The embedded {service} server neither starts nor stops. Try `make stop`.")
        time.sleep(0.02)
    for leftover in ("json", "failure"):
        files.path(leftover).unlink(missing_ok=True)
    with files.path("keeper.log").open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "coding_ops.dev.keeper", service, purpose, str(_LINGER_SECONDS[purpose])],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    while not files.path("json").exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            raise Trouble(_failure(files))
        time.sleep(0.02)
    _keepers.append(keeper)
    sys.stderr.write(files.path("keeper.log").read_text(encoding="utf-8"))  # what it changed on this machine


_keepers: list[subprocess.Popen[bytes]] = []  # kept so that ended ones are reaped by subprocess itself


def _failure(files: Files) -> str:
    for kind in ("failure", "keeper.log"):
        path = files.path(kind)
        if path.exists() and (words := path.read_text(encoding="utf-8", errors="replace").strip()):
            return f"{words}\n(All of it: {files.path('log')} and {files.path('keeper.log')}.)"
    return f"The embedded {files.service} server did not start in time; see {files.path('log')}."
