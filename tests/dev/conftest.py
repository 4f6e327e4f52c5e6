"""A data folder of its own for each test that starts servers, and an environment without the test run's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
_OF_THE_TEST_RUN = (
    "DATABASE_",
    "REDIS_URL",
    "SECRET_KEY",
    "MASTER_KEY",
    "LEDGER_SEAL_DIR",
    "PYTEST_",
    "CODING_OPS_",
)


@dataclass
class Checkout:
    """The project as a person starts it: a fresh data folder, nothing set."""

    local: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def environment(self, **more: str) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(_OF_THE_TEST_RUN)}
        return {**clean, "CODING_OPS_LOCAL_DIR": str(self.local), **more}

    def start(self, *command: str, log: Path | None = None, **more: str) -> subprocess.Popen[str]:
        """A process in the background, its output in ``log`` or in pipes."""
        with (log or Path(os.devnull)).open("w") as output:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=self.environment(**more),
                text=True,
                stdin=subprocess.PIPE,
                stdout=output if log else subprocess.PIPE,
                stderr=subprocess.STDOUT if log else subprocess.PIPE,
            )
        self.started.append(process)
        return process

    def call(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A process to its end."""
        return subprocess.run(
            [sys.executable, *command],
            check=False,
            cwd=ROOT,
            env=self.environment(**more),
            text=True,
            capture_output=True,
            timeout=120,
        )

    def processes(self) -> list[psutil.Process]:
        """Everything alive that was started for this data folder; zombies left out."""
        mine = []
        for process in psutil.process_iter():
            try:
                if process.status() == psutil.STATUS_ZOMBIE or process.pid == os.getpid():
                    continue
                if process.environ().get("CODING_OPS_LOCAL_DIR") == str(self.local):
                    mine.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return mine

    def wait_until_empty(self, seconds: float) -> list[str]:
        """What still lives after at most ``seconds``."""
        deadline = time.monotonic() + seconds
        while (alive := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return [" ".join(process.cmdline()) for process in alive if process.is_running()]


@pytest.fixture
def checkout() -> Iterator[Checkout]:
    # Not tmp_path: pytest closes its folders to other users, and as root PostgreSQL runs as another one.
    folder = Path(tempfile.mkdtemp(prefix="coding-ops-test-"))
    made = Checkout(folder / "local")
    try:
        yield made
    finally:
        for process in made.started:
            process.kill()
            process.communicate()
        for leftover in made.processes():
            leftover.kill()
        shutil.rmtree(folder, ignore_errors=True)
