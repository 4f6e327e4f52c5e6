"""Encounters as CSV: one row, one visit with at most one note; several rows may name the same visit.

The file is streamed: a row is read, handed on and forgotten, so a file of any length needs the memory of
its longest row. A bad row is refused by itself and the next one is read.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import BinaryIO

from encounters.rules.intake.checking import finish, message_key
from encounters.rules.intake.csv_columns import Layout, delimiter_of, layout_of
from encounters.rules.intake.csv_row import build, places_of
from encounters.rules.intake.incoming import IncomingUnit, Limits, SourceFormat
from encounters.rules.intake.notes import NoNotes, NoteSource
from encounters.rules.intake.problems import Problem, reject

_CHUNK = 256 * 1024
_UNDECODED = re.compile("[\udc80-\udcff]")  # how surrogateescape marks bytes that are not UTF-8


def read_csv(
    stream: BinaryIO, *, zone: tzinfo, notes: NoteSource | None = None, limits: Limits | None = None
) -> Iterator[IncomingUnit]:
    """One unit for each row behind the header, in order; "row 2" is the first, as spreadsheets count.

    `notes` opens the files that `note_file` names. `zone` is the client's time zone. Never raises for
    content.
    """
    limits, notes = limits or Limits(), notes or NoNotes()
    buffered = io.BufferedReader(_Borrowed(stream), _CHUNK)
    lines = _Lines(
        io.TextIOWrapper(buffered, "utf-8-sig", errors="surrogateescape", newline=""), limits.message_bytes
    )
    layout, delimiter, problems = _header(lines)
    if problems:
        yield _refused("header", problems)
    if layout is None:
        return
    # The limit is the csv module's own and holds for the process; every caller sets the same kind of bound.
    csv.field_size_limit(limits.field_bytes)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 1
    while True:
        number += 1
        place = f"row {number}"
        lines.row_done()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _refused(place, [reject("too_large" if "limit" in str(error) else "csv_syntax", place)])
            lines.give_back()
            continue
        if any(row):
            yield _read_row(row, place, layout, zone, notes)


def _header(lines: _Lines) -> tuple[Layout | None, str, list[Problem]]:
    line = next(lines, "")
    if line[:4].lower() == "sep=":  # what Excel writes to tell itself the delimiter
        line = next(lines, "")
    if line.startswith(("\udcff\udcfe", "\udcfe\udcff")):
        return None, "", [reject("encoding_utf16", "header")]
    if not line.strip("\r\n\ufeff "):
        return None, "", [reject("empty_file", "header")]
    delimiter = delimiter_of(line)
    try:
        header = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return None, "", [reject("csv_syntax", "header")]
    layout, problems = layout_of(header)
    return layout, delimiter, problems


class _Borrowed(io.RawIOBase):
    """Lends a stream to wrappers that would close it when they are collected."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        content = self._stream.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


class _RowTooLongError(csv.Error):
    """The physical lines of one row exceed the limit."""


class _Lines:
    """The lines of a file for csv.reader, with the lines of the row being read held back.

    One forgotten quote makes csv swallow every row up to the next quote, or to the end. When a row turns
    out broken, all its lines but the first are given back and read again as rows of their own, so that one
    broken row costs one row. Between two quotes no line is read more than twice.
    """

    def __init__(self, text: io.TextIOWrapper, longest: int) -> None:
        self._text = text
        self._longest = longest
        self._held: list[str] = []
        self._size = 0
        self._pending: deque[str] = deque()

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self._size > self._longest:
            raise _RowTooLongError("row larger than limit")
        line = self._pending.popleft() if self._pending else self._text.readline(self._longest)
        if not line:
            raise StopIteration
        self._held.append(line)
        self._size += len(line)
        return line

    def row_done(self) -> None:
        """The row was read; its lines are forgotten."""
        self._held.clear()
        self._size = 0

    def give_back(self) -> None:
        """All lines of the broken row but its first will be read again."""
        self._pending.extendleft(reversed(self._held[1:]))


def _read_row(
    row: Sequence[str], place: str, layout: Layout, zone: tzinfo, notes: NoteSource
) -> IncomingUnit:
    whole = "\x1f".join(row)
    if len(row) != layout.width:
        return _refused(place, [reject("wrong_column_count", place)], whole)
    if not whole.isascii() and _UNDECODED.search(whole):
        return _refused(place, [reject("encoding", place)], whole)
    values = layout.values(row)
    encounter, note_bytes, problems = build(values, place, zone, notes)
    digest = hashlib.sha256(whole.encode("utf-8", "surrogatepass"))
    if note_bytes is not None:
        digest.update(b"\x1e" + note_bytes)
    message_id = values["message_id"].strip()
    key = ("row", message_id) if message_id else ("content", digest.hexdigest())
    return finish(
        source_format=SourceFormat.CSV,
        place=place,
        message_key=message_key(*key),
        digest=digest.hexdigest(),
        encounter=encounter,
        problems=problems,
        places=places_of(place),
    )


def _refused(place: str, problems: list[Problem], whole: str = "") -> IncomingUnit:
    digest = hashlib.sha256((whole or place).encode("utf-8", "surrogatepass")).hexdigest()
    return finish(
        source_format=SourceFormat.CSV,
        place=place,
        message_key=message_key("content", digest) if whole else "",
        digest=digest,
        encounter=None,
        problems=problems,
        places={},
    )
