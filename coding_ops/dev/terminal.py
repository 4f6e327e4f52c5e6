"""What the development commands show on a terminal: one line per step, and trouble in plain words."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_COLOURS = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36, "dim": 2, "bold": 1}


def paint(text: str, colour: str, stream: TextIO) -> str:
    """``text`` in a colour, where the stream is a terminal and NO_COLOR is not set."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\033[{_COLOURS[colour]}m{text}\033[0m"


def say(text: str, *, colour: str = "", stream: TextIO | None = None) -> None:
    """One line, at once."""
    out = stream or sys.stdout
    print(paint(text, colour, out) if colour else text, file=out, flush=True)


def complain(text: str) -> None:
    """Trouble, on stderr."""
    say(text, colour="red", stream=sys.stderr)


@contextmanager
def step(words: str, *, stream: TextIO | None = None) -> Iterator[None]:
    """Announce a step, then say how long it took; a failing step says so and raises on."""
    out = stream or sys.stdout
    started = time.monotonic()
    say(f"  {words} …", stream=out)
    try:
        yield
    except BaseException:
        say(f"✗ {words}", colour="red", stream=out)
        raise
    say(f"✓ {words} ({time.monotonic() - started:.1f} s)", colour="green", stream=out)
