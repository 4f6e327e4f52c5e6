"""``make test``: everything that must pass, one after the other, with a summary; and ``make clean``."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO

from coding_ops.dev import run, services, terminal
from coding_ops.dev.places import ROOT, places

_CACHES = (
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    ".import_linter_cache",
    "staticfiles",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One command of the test run, and what runs beside it: their words are kept back until it is done."""

    name: str
    command: tuple[str, ...]
    beside: tuple[Check, ...] = ()


def _module(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *words)


def _checks() -> list[Check]:
    contracts = "from importlinter.cli import lint_imports_command as run; run()"
    return [
        Check("ruff check", _module("ruff", "check", ".")),
        Check("ruff format", _module("ruff", "format", "--check", ".")),
        # The slowest step before the first test of the database needs one core, and so do the types.
        Check("mypy --strict", _module("mypy"), beside=(Check("migrated template", _template()),)),
        Check("import contracts", (sys.executable, "-c", contracts)),
        Check("migrations", (sys.executable, "manage.py", "makemigrations", "--check", "--dry-run")),
        _pytest(shlex.split(os.environ.get("PYTEST_ARGS", ""))),
    ]


def _template() -> tuple[str, ...]:
    """Migrates the database that each test run copies; whoever comes meanwhile waits for it."""
    return (sys.executable, "-c", "from tests.conftest import template_database as make; make()")


def _pytest(arguments: list[str]) -> Check:
    """All tests in three runs of about the same length, each with a database of its own; chosen ones in one.

    Three for two cores: a browser's run waits for its browser a good part of the time.
    """
    if arguments:
        return Check("pytest", _module("pytest", *arguments))
    browser = ("tests/browser",)
    servers = ("tests/rules", "tests/dev", "tests/tenancy", "tests/audit", "tests/performance")
    others = [f"--ignore={folder}" for folder in (*browser, *servers)]
    return Check(
        "pytest",
        _module("pytest", "tests", *others),
        beside=(
            Check("pytest of rules, servers and walls", _module("pytest", *servers)),
            Check("pytest in Chromium", _module("pytest", *browser)),
        ),
    )


def test() -> int:
    """Run every check, also after a failure; returns 1 when one failed.

    The embedded test servers are started once for all checks and stopped at the end, unless another test run
    uses them.
    """
    with terminal.step("Starting the test servers"):
        environment = {**os.environ, **services.environment("test")}
        if not services.given("DATABASE_URL"):
            environment["TEST_SUPERUSER_URL"] = services.ensure_postgres("test").superuser_url
    results: list[tuple[str, int, float]] = []
    try:
        for check in _checks():
            results += _run(check, environment)
    finally:
        services.stop("test")
    terminal.say("")
    for name, status, seconds in results:
        mark, colour = ("✓", "green") if status == 0 else ("✗", "red")
        terminal.say(f"{mark} {name} ({seconds:.1f} s)", colour=colour)
    return 1 if any(status for _name, status, _seconds in results) else 0


def _run(check: Check, environment: dict[str, str]) -> list[tuple[str, int, float]]:
    """Name, exit status and seconds of a check, and of those beside it."""
    started = time.monotonic()
    terminal.say(f"\n== {check.name} ==", colour="bold")
    with ExitStack() as stack:
        others = [
            (_begin(one, environment, kept, stack), kept)
            for one in check.beside
            for kept in (stack.enter_context(tempfile.TemporaryFile()),)
        ]
        status = subprocess.run(check.command, check=False, cwd=ROOT, env=environment).returncode
        results = [(check.name, status, time.monotonic() - started)]
        for one, (process, kept) in zip(check.beside, others, strict=True):
            other_status = process.wait()
            kept.seek(0)
            terminal.say(f"\n== {one.name} ==", colour="bold")
            terminal.say(kept.read().decode(errors="replace"))
            results.append((one.name, other_status, time.monotonic() - started))
    return results


def _begin(
    check: Check, environment: dict[str, str], kept: IO[bytes], stack: ExitStack
) -> subprocess.Popen[bytes]:
    """Starts a check whose words go into ``kept``; it is ended with the stack, whatever happens."""
    process = subprocess.Popen(
        check.command, cwd=ROOT, env=environment, stdout=kept, stderr=subprocess.STDOUT
    )
    stack.callback(process.kill)
    return process


def clean(*, everything: bool) -> int:
    """Stop this folder's servers; remove caches and test data, and with ``everything`` all of ``.local``."""
    run.stop()
    doomed = [ROOT / name for name in _CACHES]
    doomed.append(places().local if everything else places().local / "test")
    for path in doomed:
        shutil.rmtree(path, ignore_errors=True)
    for folder in ROOT.rglob("__pycache__"):
        if ".venv" not in folder.parts:
            shutil.rmtree(folder, ignore_errors=True)
    return 0
