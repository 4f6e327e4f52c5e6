"""What must be in place before the application can serve, each step skipped while its inputs are unchanged.

A step's inputs are files (path, size, time of change) and, for steps that fill the database, the cluster they
filled: a new cluster runs them again.  On a database that is not ours (``DATABASE_URL`` given) nothing is
skipped, because others may change it; every command is idempotent anyway.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from coding_ops.dev import terminal
from coding_ops.dev.places import ROOT, Trouble, places

_ANYWHERE = ("requirements.txt", "coding_ops/settings.py")
_SKIPPED_FOLDERS = {".git", ".venv", ".local", "node_modules", "__pycache__", "tests"}


@dataclass(frozen=True, slots=True)
class Step:
    """One ``manage.py`` command and the files (globs from the root) that decide whether it must run again."""

    name: str
    words: str
    command: tuple[str, ...]
    inputs: tuple[str, ...]
    fills_database: bool = True
    as_owner: bool = False
    keep_output: bool = False
    draws_progress: bool = False  # on its standard error, when that is a terminal
    makes: tuple[str, str] | None = None  # the setting and the usual name of a folder it fills


MIGRATE = Step(
    "migrate",
    "Migrating the database",
    ("migrate", "--no-input"),
    ("**/migrations/*.py", "**/sql/*.sql", *_ANYWHERE),
    as_owner=True,
)
CODE_SETS = Step(
    "code_sets",
    "Loading the ICD-10-CM release (once)",
    ("load_release", "ICD-10-CM", "--bundled"),
    ("code_sets/**/*.py", "code_sets/**/*.sql", "code_sets/data/**/*", *_ANYWHERE),
    draws_progress=True,
    makes=("CODE_INDEX_DIR", "code_sets"),
)
DEMO = Step(
    "demo",
    "Filling in demo data",
    ("seed_demo",),
    ("coding_ops/dev/demo*", "coding_ops/dev/demo*/**/*", "coding_ops/dev/management/**/*.py", *_ANYWHERE),
    keep_output=True,
)
ASSETS = Step(
    "assets",
    "Building fonts and icons",
    ("build_assets",),
    ("coding_ops/web/**/*.py", *_ANYWHERE),
    fills_database=False,
    makes=("ASSETS_DIR", "assets"),
)
STATIC = Step(
    "static",
    "Collecting static files",
    ("collectstatic", "--no-input", "--verbosity", "0"),
    ("static/**/*", "coding_ops/web/**/*.py", *_ANYWHERE),
    fills_database=False,
    makes=("STATIC_ROOT", "static"),
)
FOR_COMMANDS: tuple[Step, ...] = (MIGRATE, CODE_SETS)


def prepare(steps: Iterable[Step], environment: Mapping[str, str], *, stream: TextIO | None = None) -> None:
    """Run the steps that are due, one process at a time.

    Args:
        steps: in order.
        environment: the whole environment of the commands.
        stream: where progress goes; standard output when None.

    Raises:
        Trouble: when a command fails, with its last lines.
    """
    folder = places().of("run")
    with (folder / "prepare.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamps = _read_stamps(folder / "stamps.json")
        for step in steps:
            fingerprint = _fingerprint(step, environment)
            if fingerprint and stamps.get(step.name) == fingerprint and is_filled(step):
                continue
            with terminal.step(step.words, stream=stream) as shown:
                _run(step, environment, shown)
            stamps[step.name] = fingerprint
            (folder / "stamps.json").write_text(json.dumps(stamps, indent=1), encoding="utf-8")


def is_filled(step: Step) -> bool:
    """Whether the folder that the step fills, if any, holds something."""
    if step.makes is None:
        return True
    setting, usual = step.makes
    folder = Path(os.environ.get(setting) or places().local / usual)
    return folder.is_dir() and any(folder.iterdir())


def kept_output(step: Step) -> str:
    """What the step's command printed when it last ran."""
    path = _output_path(step)
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _output_path(step: Step) -> Path:
    return places().of("run") / f"{step.name}.txt"


def _read_stamps(path: Path) -> dict[str, str]:
    try:
        stamps: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return stamps


def _fingerprint(step: Step, environment: Mapping[str, str]) -> str:
    """Digest of the step's inputs; empty when the step must always run."""
    parts = [repr(step.command)]
    if step.fills_database:
        if "DATABASE_URL" in os.environ or "DATABASE_URL_FILE" in os.environ:
            return ""
        cluster = places().of("run") / "postgres" / "global" / "pg_control"
        parts.append(
            f"{cluster.parent.stat().st_ino} {(cluster.parents[1] / 'PG_VERSION').stat().st_mtime_ns}"
        )
    if step.makes:
        parts.append(environment.get(step.makes[0], ""))
    for path in _files(step.inputs):
        status = path.stat()
        parts.append(f"{path.relative_to(ROOT)} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _files(patterns: Sequence[str]) -> list[Path]:
    found: set[Path] = set()
    for pattern in patterns:
        top, _, rest = pattern.partition("/")
        starts = (
            [ROOT / top] if top != "**" else [p for p in ROOT.iterdir() if p.name not in _SKIPPED_FOLDERS]
        )
        for start in starts:
            matches = start.glob(("**/" if top == "**" else "") + rest) if rest else [start]
            found.update(path for path in matches if path.is_file() and "__pycache__" not in path.parts)
    return sorted(found)


def _run(step: Step, environment: Mapping[str, str], shown: terminal.Step) -> None:
    process = subprocess.Popen(
        [sys.executable, "manage.py", *step.command],
        cwd=ROOT,
        env={**environment, **({"DATABASE_ROLE": "owner"} if step.as_owner else {}), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None if step.draws_progress and shown.moves else subprocess.STDOUT,
        text=True,
    )
    lines: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        shown.progress(line)
    if process.wait() != 0:
        tail = "".join(lines[-25:]).rstrip()
        raise Trouble(f"`manage.py {' '.join(step.command)}` failed:\n{tail}")
    if step.keep_output:
        path = _output_path(step)
        path.touch(mode=0o600)
        path.write_text("".join(lines), encoding="utf-8")
