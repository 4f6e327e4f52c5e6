"""``make run``: servers, preparation, then web, worker and beat under one supervisor until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import http.client
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from coding_ops.dev import embedded, services, terminal
from coding_ops.dev.keeper import Service
from coding_ops.dev.places import Trouble, cannot_write, check_writable, not_ours, places
from coding_ops.dev.prepare import ASSETS, CODE_SETS, DEMO, MIGRATE, STATIC, Step, kept_output, prepare
from coding_ops.dev.supervisor import Program, Supervisor

_READY_SECONDS = 90.0
_STOP_SECONDS = 60.0
_OFF = {"0", "false", "no", "off"}


def run() -> int:
    """Run everything in the foreground; returns the exit status."""
    signal.signal(signal.SIGTERM, _interrupt)  # until the supervisor takes over
    port = _port()
    check_writable(places())
    with _the_only_one(port):
        _refuse_taken_port(port)
        try:
            return _serve(port)
        finally:
            kept = services.stop("run")
            if kept:
                terminal.say(f"Another command still uses {' and '.join(kept)}; they stop with it.")
            terminal.say("Everything has stopped.")


def stop() -> int:
    """Stop ``make run`` of this checkout and its embedded servers, wherever they were started."""
    path = _lock_path()
    running = _running(path)
    if running:
        os.kill(running["pid"], signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while _running(path):
            if time.monotonic() > deadline:
                raise Trouble(f"Process {running['pid']} did not stop within {_STOP_SECONDS:.0f} s.")
            time.sleep(0.1)
    services.stop("run", even_if_used=True)
    services.stop("test", even_if_used=True)
    terminal.say("Nothing runs any more.")
    return 0


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Trouble(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _lock_path() -> Path:
    return places().of("run") / "supervisor.lock"


def _running(path: Path) -> dict[str, int] | None:
    """Process id and port of the run that holds the lock, if any."""
    if not path.exists():
        return None
    with path.open(encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            holder: dict[str, int] = json.loads(handle.read() or '{"pid": 0, "port": 0}')
            return holder
    return None


@contextlib.contextmanager
def _the_only_one(port: int) -> Iterator[None]:
    """Hold the checkout's run lock; refuse, with the address, when another run holds it."""
    path = _lock_path()
    try:
        handle = path.open("a+", encoding="utf-8")
    except PermissionError:
        raise Trouble(not_ours(path)) from None
    except OSError as error:
        raise Trouble(cannot_write(path, error)) from None
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = json.loads(handle.read() or '{"pid": 0, "port": 0}')
            raise Trouble(
                f"Coding Ops runs already from this folder: http://127.0.0.1:{holder['port']}/ "
                f"(process {holder['pid']}).\nStop it with Ctrl-C there, or with `make stop`."
            ) from None
        handle.truncate(0)
        handle.write(json.dumps({"pid": os.getpid(), "port": port}))
        handle.flush()
        yield


def _refuse_taken_port(port: int) -> None:
    if embedded.port_is_free(port):
        return
    if port < 1024 and os.geteuid() != 0:
        raise Trouble(f"Port {port} needs root. Choose one above 1023: make run PORT=8000")
    other = next(number for number in range(port + 1, 65536) if embedded.port_is_free(number))
    raise Trouble(
        f"Port {port} is taken{_who_listens(port)}.\n"
        f"End that program, or choose another port: make run PORT={other}"
    )


def _who_listens(port: int) -> str:
    import psutil

    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status != psutil.CONN_LISTEN or not connection.laddr:
                continue
            if connection.laddr.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return " by another program"


def _serve(port: int) -> int:
    environment = _environment(port)
    prepare(_steps(), environment)
    try:
        return asyncio.run(_supervise(port, environment))
    except KeyboardInterrupt:  # a signal between preparation and supervision
        return 0


def _environment(port: int) -> dict[str, str]:
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not services.given(name)]
    if not missing:
        return {**os.environ, **services.environment("run"), "PORT": str(port)}
    with terminal.step("Starting " + " and ".join(_SERVER_WORDS[name] for name in missing)):
        return {**os.environ, **services.environment("run"), "PORT": str(port)}


_SERVER_WORDS = {"DATABASE_URL": "PostgreSQL", "REDIS_URL": "Valkey"}


def _switched_off(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in _OFF


def _steps() -> list[Step]:
    wanted = [MIGRATE, CODE_SETS, DEMO, ASSETS, STATIC]
    if _switched_off("SEED_DEMO"):
        wanted.remove(DEMO)
    if _switched_off("LOAD_CODE_SETS"):
        wanted.remove(CODE_SETS)
    return wanted


def _programs() -> list[Program]:
    python = sys.executable
    # Root is told nothing new by Celery's warning: `make run` works as root on purpose.
    quiet = ("-W", "ignore::Warning:celery.platforms")
    celery = (python, *quiet, "-m", "celery", "-q", "-A", "coding_ops.celery")
    return [
        Program(
            "web", (python, "-m", "gunicorn", "-c", "scripts/gunicorn.conf.py", "coding_ops.wsgi:application")
        ),
        Program("worker", (*celery, "worker", "-l", "INFO", "--concurrency", "2", "--without-mingle")),
        Program("beat", (*celery, "beat", "-l", "INFO")),
    ]


async def _supervise(port: int, environment: dict[str, str]) -> int:
    async def watch() -> str:
        return await _welcome(port) or await _services_lost()

    return await Supervisor(_programs(), environment).run(watch)


async def _welcome(port: int) -> str:
    """Wait until the web process answers, then say where; returns a failure's words, else ''."""
    deadline = time.monotonic() + _READY_SECONDS
    while not await asyncio.to_thread(_healthy, port):
        if time.monotonic() > deadline:
            return f"The web process does not answer at /healthz after {_READY_SECONDS:.0f} s."
        await asyncio.sleep(0.2)
    lines = ["", f"Coding Ops is ready: http://127.0.0.1:{port}/"]
    if not _switched_off("SEED_DEMO"):
        lines += [kept_output(DEMO).strip()]
    terminal.say("\n".join([*lines, "Ctrl-C stops everything.", ""]), colour="bold")
    return ""


def _healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


async def _services_lost() -> str:
    """Returns when an embedded server that we use is gone."""
    used: list[tuple[Service, str]] = []
    if not services.given("DATABASE_URL"):
        used.append(("postgres", "PostgreSQL"))
    if not services.given("REDIS_URL"):
        used.append(("valkey", "Valkey"))
    while True:
        await asyncio.sleep(1.0)
        for service, words in used:
            if not services.is_live(service, "run"):
                log = places().of("run") / f"{service}.log"
                return f"The embedded {words} server ended; see {log}."
