r"""HL7 v2 pipe-and-hat text: messages out of a stream, fields out of a segment, escapes out of a value.

Why not a library. Both well-known ones were tried on the 75 messages of Microsoft's FHIR-Converter, which
nobody here wrote. hl7apy 1.3.5 reads 74 (one 2.5.1 message with a PRT segment raises), takes 55 ms a message
because it checks every field against its tables, refuses versions it has no table for, and escapes the
escapes: ``line\.br\two`` comes back as ``line\E\.br\E\two``, which can't be told from a real backslash.
python-hl7 0.4.5 reads 75 but joins the words on both sides of ``\.br\`` and logs the field it can't decode,
that is patient text. Notes must come through letter by letter, because evidence counts their code points,
so this module splits by the delimiters that MSH declares and nothing more (0.3 ms a message). The tests
compare it with hl7apy field by field over all messages that hl7apy reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_CHUNK = 1024 * 1024
_HEADERS = (b"MSH", b"FHS", b"BHS", b"BTS", b"FTS")
# MLLP frames a message as VT ... FS CR; files recorded from a socket keep these bytes.
# One byte, no repetition: a run of a million line feeds must not cost a million squared.
_BOUNDARY = re.compile(rb"[\r\n\x0b\x1c\x00](?=(?:MSH|FHS|BHS|BTS|FTS)[^A-Za-z0-9\r\n])")
_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}(?=\W|$)", re.ASCII)
_LATIN = re.compile(r"8859/(1[0-5]|[1-9])")
_CHARSETS = {"": "utf-8", "ASCII": "ascii", "UTF-8": "utf-8", "UNICODE UTF-8": "utf-8", "UNICODE": "utf-8"}


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The five characters MSH-1 and MSH-2 declare. `escape` and `subcomponent` may be absent ("")."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment, split at the field separator. `number` counts segments of the same name from 1."""

    name: str
    number: int
    fields: tuple[str, ...]
    delimiters: Delimiters

    def field(self, position: int) -> str:
        """Raw text of field `position` (1 is the first after the name; MSH counts its separator), or ""."""
        return self.fields[position] if position < len(self.fields) else ""

    def repetitions(self, position: int) -> list[str]:
        """The raw repetitions of a field; none for an empty field or HL7's explicit null ("")."""
        raw = self.field(position)
        if raw in ("", '""'):
            return []
        return raw.split(self.delimiters.repetition) if self.delimiters.repetition else [raw]

    def component(self, repetition: str, number: int) -> str:
        """Component `number` (from 1) of a raw repetition: its first subcomponent, unescaped, trimmed."""
        parts = repetition.split(self.delimiters.component)
        if number > len(parts):
            return ""
        raw = parts[number - 1]
        if self.delimiters.subcomponent:
            raw = raw.split(self.delimiters.subcomponent, 1)[0]
        value = unescape(raw, self.delimiters).strip()
        return "" if value == '""' else value

    def value(self, position: int, component: int = 1) -> str:
        """Component of the first repetition of a field; "" when absent."""
        repetitions = self.repetitions(position)
        return self.component(repetitions[0], component) if repetitions else ""

    def text(self, position: int) -> str:
        """A whole text field, repetitions as lines, escapes resolved. Components are not split: an
        unescaped hat in a note is a character of the note."""
        lines = self.repetitions(position)
        return "\n".join(unescape(line, self.delimiters) for line in lines)

    def place(self, position: int, component: int = 0) -> str:
        """Where this is, in HL7's own notation: PID-3.1, OBX[2]-5."""
        name = self.name if self.number == 1 else f"{self.name}[{self.number}]"
        return f"{name}-{position}.{component}" if component else f"{name}-{position}"


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `segments` in order; `broken` tells that line breaks inside segments were kept."""

    segments: tuple[Segment, ...]
    broken: bool

    def first(self, name: str) -> Segment | None:
        """The first segment of that name."""
        return next((segment for segment in self.segments if segment.name == name), None)

    def all(self, name: str) -> list[Segment]:
        """All segments of that name, in order."""
        return [segment for segment in self.segments if segment.name == name]


def iter_raw(stream: BinaryIO, longest: int) -> Iterator[bytes | None]:
    """Raw messages and batch headers of a stream, in order, without framing bytes.

    Yields bytes that start at MSH, FHS, BHS, BTS or FTS (or, first only, at anything: garbage before the
    first header), and None once for each message longer than `longest`, whose rest is skipped. Memory is
    bounded by `longest` plus one chunk.
    """
    tail, skipping = b"", False
    for chunk in iter(lambda: stream.read(_CHUNK), b""):
        pieces = _BOUNDARY.split(tail + chunk)
        # A boundary may straddle two chunks, so the last piece waits for the next one.
        tail = pieces.pop()
        for piece in pieces:
            if not skipping:
                yield from _piece(piece, longest)
            skipping = False
        if len(tail) > longest:
            if not skipping:
                yield None
            skipping, tail = True, tail[-8:]
    if not skipping:
        yield from _piece(tail, longest)


def _piece(raw: bytes, longest: int) -> Iterator[bytes | None]:
    raw = raw.removeprefix(b"\xef\xbb\xbf").strip(b"\x00\x0b\x1c\r\n \t")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if len(raw) > longest:
        yield None
    elif raw:
        yield raw


def is_header(raw: bytes) -> bool:
    """True when the bytes start with a message or batch header."""
    return raw[:3] in _HEADERS


def charset(raw: bytes) -> str:
    """The Python codec MSH-18 declares; UTF-8 where it is silent or names one we don't know."""
    line = re.split(rb"[\r\n]", raw, maxsplit=1)[0]
    fields = line.split(line[3:4]) if len(line) > 3 else []
    declared = fields[17].decode("ascii", "replace").strip().upper() if len(fields) > 17 else ""
    latin = _LATIN.match(declared)
    return f"iso8859-{latin[1]}" if latin else _CHARSETS.get(declared, "utf-8")


def split_message(text: str) -> Message | None:
    """The segments of one message, or None when its header names no usable delimiters.

    Segments end at CR (or CR LF); where no segment begins behind a CR, they end at LF. A line that does
    not begin like a segment belongs to the text before it: senders do put bare line breaks into notes.
    """
    delimiters = _delimiters(text)
    if delimiters is None:
        return None
    ends_at_cr = re.search(rf"\r\n?[A-Z][A-Z0-9]{{2}}{re.escape(delimiters.field)}", text) is not None
    lines = text.split("\r" if ends_at_cr else "\n")
    rows: list[str] = []
    broken = False
    for index, line in enumerate(lines):
        line = line.removeprefix("\n") if ends_at_cr else line.removesuffix("\r")
        line = line.rstrip("\x1c\x0b")
        if index == 0 or _is_segment(line, delimiters.field):
            rows.append(line)
        elif line.strip():
            rows[-1] += "\n" + line
            broken = True
    return Message(segments=tuple(_number(rows, delimiters)), broken=broken)


def _is_segment(line: str, separator: str) -> bool:
    return _SEGMENT.match(line) is not None and (len(line) == 3 or line[3] == separator)


def _number(rows: list[str], delimiters: Delimiters) -> Iterator[Segment]:
    seen: dict[str, int] = {}
    for row in rows:
        name = row[:3]
        seen[name] = seen.get(name, 0) + 1
        fields = row.split(delimiters.field)
        if name == "MSH":
            # MSH-1 is the separator itself, so that MSH-2 is the next thing in the line.
            fields.insert(1, delimiters.field)
        yield Segment(name=name, number=seen[name], fields=tuple(fields), delimiters=delimiters)


def _delimiters(text: str) -> Delimiters | None:
    separator = text[3:4]
    if text[:3] != "MSH" or not separator or separator.isalnum() or separator.isspace():
        return None
    declared = text[4:].split(separator, 1)[0]
    if not 1 <= len(declared) <= 5 or len(set(declared)) != len(declared) or separator in declared:
        return None
    if any(char.isalnum() or char.isspace() or not char.isprintable() for char in declared):
        return None
    declared = declared.ljust(4, "\x00")
    component, repetition, escape, subcomponent = (char.replace("\x00", "") for char in declared[:4])
    return Delimiters(separator, component, repetition, escape, subcomponent)


def unescape(raw: str, delimiters: Delimiters) -> str:
    r"""The value with HL7 escapes resolved (2.7.1 chapter 2.7).

    \F\ \S\ \T\ \R\ \E\ are the delimiters, \.br\ \.sp3\ \.ce\ line breaks, \.sk2\ spaces, \X0D0A\ hex
    bytes of ASCII or Latin text; \H\ \N\ and other formatting commands vanish. What we don't know is kept
    as written: a Windows path must not lose its backslashes.
    """
    mark = delimiters.escape
    if not mark or mark not in raw:
        return raw
    quoted = re.escape(mark)
    pattern = rf"{quoted}([FSTREHN]|\.[a-z]{{2}}[+-]?\d{{0,3}}|X(?:[0-9A-Fa-f]{{2}}){{1,64}}){quoted}"
    return re.sub(pattern, lambda match: _resolve(match[1], match[0], delimiters), raw)


def _resolve(command: str, written: str, delimiters: Delimiters) -> str:
    fixed = {
        "F": delimiters.field,
        "S": delimiters.component,
        "T": delimiters.subcomponent,
        "R": delimiters.repetition,
        "E": delimiters.escape,
        "H": "",
        "N": "",
    }
    if command in fixed:
        return fixed[command]
    if command[0] == "X":
        return _hex_text(command[1:], written)
    count = int(command[3:]) if command[3:].isdigit() else 1
    match command[:3]:
        case ".br" | ".ce":
            return "\n"
        case ".sp":
            return "\n" * min(max(count, 1), 20)
        case ".sk":
            return " " * min(count, 80)
        case ".fi" | ".nf" | ".in" | ".ti":
            return ""
        case _:
            return written


def _hex_text(digits: str, written: str) -> str:
    content = bytes.fromhex(digits)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return written
