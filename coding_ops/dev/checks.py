"""``make test``: everything that must pass, one after the other, with a summary; and ``make clean``."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

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
    """One command of the test run, and what runs beside it: its words are kept back until both are done."""

    name: str
    command: tuple[str, ...]
    beside: Check | None = None


def _module(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *words)


def _checks() -> list[Check]:
    contracts = "from importlinter.cli import lint_imports_command as run; run()"
    return [
        Check("ruff check", _module("ruff", "check", ".")),
        Check("ruff format", _module("ruff", "format", "--check", ".")),
        # The slowest step before the first test of the database needs one core, and so do the types.
        Check("mypy --strict", _module("mypy"), beside=Check("migrated template", _template())),
        Check("import contracts", (sys.executable, "-c", contracts)),
        Check("migrations", (sys.executable, "manage.py", "makemigrations", "--check", "--dry-run")),
        _pytest(shlex.split(os.environ.get("PYTEST_ARGS", ""))),
    ]


def _template() -> tuple[str, ...]:
    """Migrates the database that each test run copies; whoever comes meanwhile waits for it."""
    return (sys.executable, "-c", "from tests.conftest import template_database as make; make()")


def _pytest(arguments: list[str]) -> Check:
    """All tests in two runs of about the same length, each with a database of its own; chosen ones in one."""
    if arguments:
        return Check("pytest", _module("pytest", *arguments))
    beside = ("tests/rules", "tests/audit", "tests/web", "tests/reporting", "tests/browser")
    others = [f"--ignore={folder}" for folder in beside]
    return Check(
        "pytest",
        _module("pytest", "tests", *others),
        beside=Check("pytest of rules and in Chromium", _module("pytest", *beside)),
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
    """Name, exit status and seconds of a check, and of the one beside it."""
    started = time.monotonic()
    terminal.say(f"\n== {check.name} ==", colour="bold")
    if check.beside is None:
        status = subprocess.run(check.command, check=False, cwd=ROOT, env=environment).returncode
        return [(check.name, status, time.monotonic() - started)]
    with tempfile.TemporaryFile() as kept:
        other = subprocess.Popen(
            check.beside.command, cwd=ROOT, env=environment, stdout=kept, stderr=subprocess.STDOUT
        )
        try:
            status = subprocess.run(check.command, check=False, cwd=ROOT, env=environment).returncode
            seconds = time.monotonic() - started
            other_status = other.wait()
        finally:
            other.kill()
        kept.seek(0)
        terminal.say(f"\n== {check.beside.name} ==", colour="bold")
        terminal.say(kept.read().decode(errors="replace"))
    return [
        (check.name, status, seconds),
        (check.beside.name, other_status, time.monotonic() - started),
    ]


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
