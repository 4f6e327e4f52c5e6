"""A note as numbered lines, sections and words, every one addressed by Unicode code points.

One decision rules all offsets of the product: **the text of a document version is stored exactly as it
was received, and nothing is normalised** - no newline translation, no Unicode normalisation, no tab
expansion, no trimming.  An offset is an index into that Python ``str`` (code points, as the W3C Web
Annotation model asks), so it means the same in Python, in PostgreSQL and, after conversion, in a browser.
:func:`accept_text` is the one gate: it refuses what cannot be kept or shown (NUL, lone surrogates).

Lines end at CRLF, CR, LF, VT, FF, NEL, U+2028 and U+2029.  The terminator belongs to no line, so CRLF and
LF files differ in offsets, not in line numbers.  File, group and record separators (U+001C to U+001E) do
not end a line although ``str.splitlines`` says so: feeds use them inside a field.

Some feeds deliver a whole note as one line of thousands of characters.  A citation of "line 1" would tell
an auditor nothing, so a physical line longer than :data:`SOFT_LIMIT` is cut *for numbering only* before
run-in headings and after sentences; those lines carry ``continued=True`` and no character is lost between
them.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from coding_ops.core.errors import InvalidInput

SOFT_LIMIT: Final = 320

_BREAK = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_RUN_IN_HEADING = re.compile(r"(?<![\w/&()'-])[A-Z][A-Z0-9 /&()'-]{2,60}:")
_SENTENCE_END = re.compile(r"[.!?;][\"')\]\u201d\u2019]*(?:\s+|,(?=\S))")
_ZWJ = "\u200d"


@dataclass(frozen=True, slots=True)
class Line:
    """One numbered line: ``text == note[start:end]``, terminator excluded; ``number`` counts from 1.

    ``continued`` says that it goes on with the physical line before it (cut for numbering only).
    """

    number: int
    start: int
    end: int
    text: str
    continued: bool = False

    @property
    def is_blank(self) -> bool:
        """Nothing but whitespace: numbered, never a heading, never evidence."""
        return not self.text.strip()


@dataclass(frozen=True, slots=True)
class Word:
    """A word, number or symbol a reader sees as one thing, for word-wise selection: ``note[start:end]``."""

    start: int
    end: int


def accept_text(text: str) -> str:
    """Return ``text`` unaltered, or refuse what no store or page can keep.

    Raises:
        InvalidInput: ``text.nul`` for U+0000, ``text.surrogate`` for a lone surrogate (broken UTF-16),
            with the offset in ``details``.
    """
    nul = text.find("\0")
    if nul >= 0:
        raise InvalidInput(
            f"The text has a NUL character at offset {nul}; send it again without.",
            code="text.nul",
            details={"offset": nul},
        )
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"The text has half a character at offset {error.start}: it was decoded wrongly.",
            code="text.surrogate",
            details={"offset": error.start},
        ) from error
    return text


def split_lines(text: str, soft_limit: int | None = SOFT_LIMIT) -> tuple[Line, ...]:
    """Number the lines of ``text``; a terminator at the very end opens no further line.

    Args:
        text: the note as stored.
        soft_limit: longest line in code points before it is cut for numbering; ``None`` never cuts.
    """
    lines: list[Line] = []
    for start, end in _physical(text):
        short = soft_limit is None or end - start <= soft_limit
        cuts = [start, end] if soft_limit is None or short else _soft(text, start, end, soft_limit)
        for index, (a, b) in enumerate(pairwise(cuts)):
            lines.append(Line(len(lines) + 1, a, b, text[a:b], continued=index > 0))
    return tuple(lines)


def _physical(text: str) -> list[tuple[int, int]]:
    spans, at = [], 0
    for found in _BREAK.finditer(text):
        spans.append((at, found.start()))
        at = found.end()
    if at < len(text):
        spans.append((at, len(text)))
    return spans


def _soft(text: str, start: int, end: int, limit: int) -> list[int]:
    """Cut points of one long physical line, both ends included."""
    heads = [m.start() for m in _RUN_IN_HEADING.finditer(text, start, end) if m.start() > start]
    bounds = [start, *heads, end]
    cuts = [start]
    for piece_start, piece_end in pairwise(bounds):
        at = piece_start
        while piece_end - at > limit:
            at = _cut_before(text, at, at + limit)
            cuts.append(at)
        if piece_end > cuts[-1]:
            cuts.append(piece_end)
    return cuts


def _cut_before(text: str, start: int, latest: int) -> int:
    """The best place to cut in ``(start, latest]``: after a sentence, after a blank, between characters."""
    sentence = 0
    for found in _SENTENCE_END.finditer(text, start, latest):
        sentence = found.end()
    if sentence > start + (latest - start) // 4:
        return sentence
    for at in range(latest, start + 1, -1):
        if text[at - 1].isspace():
            return at
    at = latest
    while at > start + 1 and inside_cluster(text, at):
        at -= 1
    return at if at > start + 1 else latest


def line_at(lines: tuple[Line, ...], offset: int) -> Line | None:
    """The line holding ``offset`` (end and terminator count as its own); ``None`` when there is no line."""
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high) // 2
        if lines[middle].start <= offset:
            low = middle + 1
        else:
            high = middle
    return lines[low - 1] if low else None


# --- characters ---------------------------------------------------------------------------------------


def _mark_class() -> str:
    """Regex class body of everything that belongs to the character before it.

    Built from the interpreter's own Unicode tables; ``\\w`` leaves combining marks out.
    """
    ranges: list[list[int]] = []
    for point in range(0x300, sys.maxunicode + 1 if sys.maxunicode < 0x10000 else 0x10000):
        if unicodedata.category(chr(point))[0] == "M":
            if ranges and ranges[-1][1] == point - 1:
                ranges[-1][1] = point
            else:
                ranges.append([point, point])
    body = "".join(f"{chr(a)}-{chr(b)}" for a, b in ranges)
    return body + "\u200c\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\U000e0100-\U000e01ef"


_MARKS: Final = _mark_class()
_EXTENDS = re.compile(f"[{_MARKS}{_ZWJ}]")
_REGIONAL = re.compile("[\U0001f1e6-\U0001f1ff]")
_WORDS = re.compile(
    rf"[^\W_][\w{_MARKS}{_ZWJ}]*(?:(?:(?<=\d)[.,:](?=\d)|[/'\u2019\-\u2013](?=[^\W_]))[\w{_MARKS}{_ZWJ}]+)*"
    rf"|[\U0001f1e6-\U0001f1ff]{{2}}[{_MARKS}{_ZWJ}]*"
    rf"|([^\w\s]|_)\1*[{_MARKS}]*(?:{_ZWJ}(?:[^\w\s][{_MARKS}]*)?)*"
)


def inside_cluster(text: str, offset: int) -> bool:
    """Would a cut at ``offset`` part what a reader sees as one character (accent, ZWJ emoji, flag, CRLF)?"""
    if not 0 < offset < len(text):
        return False
    before, after = text[offset - 1], text[offset]
    if before == "\r" and after == "\n":
        return True
    if before.isspace():
        return False
    if before == _ZWJ and not after.isspace():
        return unicodedata.category(after)[0] == "S"
    if _EXTENDS.match(after):
        return True
    if _REGIONAL.match(after) and _REGIONAL.match(before):
        run = offset
        while run and _REGIONAL.match(text[run - 1]):
            run -= 1
        return (offset - run) % 2 == 1
    return False


def widen_to_clusters(text: str, start: int, end: int) -> tuple[int, int]:
    """Move both ends outwards to whole visible characters."""
    while inside_cluster(text, start):
        start -= 1
    while inside_cluster(text, end):
        end += 1
    return start, end


def words(text: str, start: int = 0, end: int | None = None) -> tuple[Word, ...]:
    """Words of ``text[start:end]`` in order; each visible character lies in exactly one, whitespace in none.

    ``7.4``, ``148/86``, ``joint-line`` and ``patient's`` are one word; other punctuation stands alone, so a
    selection by words never drags a full stop along.
    """
    return tuple(
        Word(m.start(), m.end()) for m in _WORDS.finditer(text, start, len(text) if end is None else end)
    )


def utf16_to_code_points(text: str, offset: int) -> int:
    """Code-point offset of a browser's UTF-16 ``offset`` into the same text.

    Raises:
        InvalidInput: ``offset.out_of_range``, or ``offset.inside_character`` between two surrogates.
    """
    encoded = text.encode("utf-16-le", "surrogatepass")
    if not 0 <= offset * 2 <= len(encoded):
        raise _out_of_range(offset)
    head = encoded[: offset * 2].decode("utf-16-le", "surrogatepass")
    if not text.startswith(head):
        raise InvalidInput(
            f"Offset {offset} lies inside a character.",
            code="offset.inside_character",
            details={"offset": offset},
        )
    return len(head)


def code_points_to_utf16(text: str, offset: int) -> int:
    """UTF-16 offset (as a browser counts) of the code-point ``offset``.

    Raises:
        InvalidInput: ``offset.out_of_range``.
    """
    if not 0 <= offset <= len(text):
        raise _out_of_range(offset)
    return len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2


def _out_of_range(offset: int) -> InvalidInput:
    return InvalidInput(
        f"Offset {offset} is outside the note.", code="offset.out_of_range", details={"offset": offset}
    )
