"""What every loader of an official file gives back, and how it refuses one."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from code_sets.rules.entries import CodeEntry

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done and how much there is (0: not known)."""


class LoadError(Exception):
    """The file cannot be taken as a release; nothing of it is kept. `line` counts from 1; 0: the file."""

    def __init__(self, file_name: str, line: int, reason: str) -> None:
        self.file_name = file_name
        self.line = line
        self.reason = reason
        super().__init__(f"{file_name}, line {line}: {reason}" if line else f"{file_name}: {reason}")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The bytes of an official file, as published or gzipped, with the digest of what was read."""

    name: str
    data: bytes
    sha256: str

    @classmethod
    def read(cls, path: Path) -> SourceFile:
        """Read a file; a gzip wrapping is taken off. Raises LoadError when it cannot be read."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise LoadError(path.name, 0, f"cannot be read ({error.strerror})") from error
        name = path.name
        if data[:2] == b"\x1f\x8b":
            try:
                data = gzip.decompress(data)
            except (OSError, EOFError) as error:
                raise LoadError(name, 0, f"the gzip wrapping is damaged ({error})") from error
            name = name.removesuffix(".gz")
        return cls(name, data, hashlib.sha256(data).hexdigest())

    def text_lines(self) -> list[str]:
        """The lines of a text file. Raises LoadError with the line that is not UTF-8."""
        try:
            return self.data.decode("utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            line = self.data.count(b"\n", 0, error.start) + 1
            raise LoadError(self.name, line, f"byte {error.start} is not UTF-8 text") from error


@dataclass(frozen=True, slots=True)
class ParsedRelease:
    """One release as its publisher states it: its id, the period it was published for, and its entries."""

    system: str
    release: str
    title: str
    published_from: date
    published_through: date | None
    entries: tuple[CodeEntry, ...]
    backfill_from: date | None = None
    note: str = ""
