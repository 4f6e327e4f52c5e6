"""Make ``.venv`` with exactly the pinned packages: ``python3 coding_ops/dev/bootstrap.py requirements.txt``.

Runs before anything is installed, so it imports the standard library only and stands alone as a script.  When
the hash of the requirements file is the one installed last, it returns at once.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMP = VENV / "installed.json"
LOG = VENV / "install.log"
# What a file's packages include: the development file is compiled from the other one.
_INCLUDES = {"requirements.txt": [], "requirements-dev.txt": ["requirements.txt"]}
_REASONS = {
    r"No matching distribution found for (?P<what>\S+)": """
The package {what} can't be had for Python {python} on this machine ({machine}).
Try Python 3.11, 3.12 or 3.13 on Linux (glibc) or macOS, on x86-64 or arm64.""",
    r"THESE PACKAGES DO NOT MATCH THE HASHES": """
A downloaded package is not the one that was pinned, so nothing was installed.
Your package mirror may be altered or half-synced: try again, or another index (PIP_INDEX_URL).""",
    r"No space left on device": """
The disk is full. Free about 1 GB and run the command again.""",
    r"Permission denied": """
No permission to write under .venv. Remove it as its owner, or run as its owner.""",
    r"name resolution|NewConnectionError|Timeout|ProxyError|SSLError|Connection refused": """
The package index can't be reached from here.
Check the network; behind a mirror or proxy set PIP_INDEX_URL or HTTPS_PROXY, then run it again.""",
}
_UNREACHABLE = list(_REASONS)[-1]


class InstallError(RuntimeError):
    """Why the environment could not be made, in plain words."""


def digest(name: str) -> str:
    """SHA-256 of a requirements file."""
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def installed() -> dict[str, str]:
    """Requirements file to digest, as installed; empty when the environment is absent or broken."""
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return {}
    return stamp if (VENV / "bin" / "python").exists() else {}


def ensure(name: str) -> None:
    """Make the environment hold what ``name`` pins; does nothing when it does."""
    if installed().get(name) == digest(name):
        return
    handle = os.open(ROOT, os.O_RDONLY)  # one installer at a time: the folder itself is the lock
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if installed().get(name) == digest(name):
            return
        if not (VENV / "bin" / "python").exists():
            _make_venv()
        _install(name)
        stamp = {file: digest(file) for file in (name, *_INCLUDES[name])}
        STAMP.write_text(json.dumps(stamp), encoding="utf-8")
    finally:
        os.close(handle)


def _make_venv() -> None:
    print(f"Making the environment .venv with Python {platform.python_version()} …", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(VENV)], check=False, capture_output=True, text=True
    )
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        words = (made.stdout + made.stderr).strip()
        if "ensurepip" in words:
            words = (
                "This Python has no venv module. On Debian or Ubuntu: "
                f"apt-get install python3.{sys.version_info.minor}-venv"
            )
        raise InstallError(words)


def _install(name: str) -> None:
    total = len(re.findall(r"^[A-Za-z0-9][^\s=]*==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
    print(f"Installing {total} pinned packages from {name} (a minute or two the first time) …", flush=True)
    started, seen, output = time.monotonic(), 0, []
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "-r", name]
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--retries", "2"]
    with subprocess.Popen(
        [*pip, *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            output.append(line)
            if found := re.match(r"Collecting ([^\s=]+)", line):
                seen += 1
                _progress(f"  {seen}/{total} {found[1]}")
            elif line.startswith("Installing collected packages"):
                _progress("  unpacking …")
    _progress("")
    LOG.write_text("".join(output), encoding="utf-8")
    if process.returncode != 0:
        raise InstallError(explain("".join(output)))
    print(f"Packages are in place ({time.monotonic() - started:.0f} s).", flush=True)


def _progress(text: str) -> None:
    if sys.stdout.isatty():
        print(f"\r\033[K{text}", end="", flush=True)


def explain(output: str) -> str:
    """pip's output in plain words, with what to do."""
    # pip ends with "no matching distribution" when the index is out of reach, too: that reason goes first.
    for pattern in (_UNREACHABLE, *_REASONS):
        if found := re.search(pattern, output):
            facts = {"python": platform.python_version(), "machine": platform.platform()}
            return (
                f"{_REASONS[pattern].strip().format(**facts, **found.groupdict())}\n(pip's own words: {LOG})"
            )
    tail = "\n".join(output.strip().splitlines()[-8:])
    return f"The packages could not be installed:\n{tail}\n(pip's own words: {LOG})"


def main(argv: list[str]) -> int:
    """Entry point; one argument, the requirements file."""
    try:
        ensure(argv[0])
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The environment .venv could not be made: {error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; run it again to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
