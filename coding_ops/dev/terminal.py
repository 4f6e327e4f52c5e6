"""What the development commands show on a terminal: one line per step, and trouble in plain words."""

from __future__ import annotations

import os
import shutil
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


class Step:
    """One line that tells of a step: it moves on a terminal, and stands still in a log."""

    def __init__(self, words: str, stream: TextIO) -> None:
        self._words, self._stream = words, stream
        self.moves = stream.isatty()
        self._show(f"  {words} …")

    def progress(self, text: str) -> None:
        """What the step does just now; terminals only."""
        short = " ".join(text.split())
        if self.moves and short and not short.startswith("{"):  # log records say nothing in half a line
            room = shutil.get_terminal_size().columns - len(self._words) - 8
            self._show(f"  {self._words} … {paint(short[: max(room, 0)], 'dim', self._stream)}")

    def end(self, text: str, colour: str) -> None:
        """Replace the line by its outcome."""
        self._show(paint(text, colour, self._stream), last=True)

    def _show(self, text: str, *, last: bool = False) -> None:
        start, end = ("\r\033[K", "\n" if last else "") if self.moves else ("", "\n")
        print(f"{start}{text}", end=end, file=self._stream, flush=True)


@contextmanager
def step(words: str, *, stream: TextIO | None = None) -> Iterator[Step]:
    """Announce a step, then say how long it took; a failing step says so and raises on."""
    started = time.monotonic()
    shown = Step(words, stream or sys.stdout)
    try:
        yield shown
    except BaseException:
        shown.end(f"✗ {words}", "red")
        raise
    shown.end(f"✓ {words} ({time.monotonic() - started:.1f} s)", "green")
