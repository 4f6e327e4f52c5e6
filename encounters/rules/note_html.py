"""A note as HTML: numbered lines, sections, evidence marks.  Pure: text and spans in, markup out.

Every line carries its first offset (``data-s``, code points), so the page's script turns a selection into
offsets without holding the text a second time.  Where marks begin and end is decided by
:func:`encounters.rules.marks.mark_lines`.  Blank lines are numbered but not drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from markupsafe import Markup

from encounters.rules.marks import Segment, Span, mark_lines
from encounters.rules.sections import Section
from encounters.rules.text import Line

_COLUMNS = re.compile(r"\t|\S {3,}\S")
MAP: Final = Markup(
    '<svg class="map" id="map" viewBox="0 0 10 100" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
)
# Which of several kinds colours a piece that more than one code covers.
_PRIORITY: Final = {"qy": 3, "px": 2, "dx": 1, "sg": 0}


@dataclass(frozen=True, slots=True)
class Mark:
    """One piece of evidence to draw.

    Attributes:
        start, end: code points of the version's text, end exclusive; may run over several lines.
        key: ``"3"`` for the third diagnosis, ``"S1"`` for the first service.
        kind: ``dx``, ``px``, ``sg`` (suggested) or ``qy`` (query).
        code: as shown, for the screen reader's label.
    """

    start: int
    end: int
    key: str
    kind: str
    code: str


def lines_touched(lines: Sequence[Line], start: int, end: int) -> tuple[Line, ...]:
    """The lines with text that a span touches, in order."""
    return tuple(line for line in lines if line.start < end and line.end > start and not line.is_blank)


def whole_lines(lines: Sequence[Line], first: int, last: int) -> tuple[int, int] | None:
    """Offsets of lines ``first`` to ``last`` without outer white space; ``None`` when there is no text."""
    if not 1 <= first <= last <= len(lines):
        return None
    with_text = [line for line in lines[first - 1 : last] if not line.is_blank]
    if not with_text:
        return None
    head, tail = with_text[0], with_text[-1]
    return head.end - len(head.text.lstrip()), tail.start + len(tail.text.rstrip())


class NoteDrawing:
    """A version's lines and sections with the marks over them, drawn whole or in parts."""

    def __init__(self, lines: tuple[Line, ...], sections: Iterable[Section], marks: Iterable[Mark]) -> None:
        self.lines = lines
        self.sections = tuple(sections)
        kept = tuple(marks)
        self._by_key: Mapping[str, Mark] = {mark.key: mark for mark in kept}
        self._pieces = mark_lines(lines, [Span(mark.key, mark.start, mark.end, mark.key) for mark in kept])
        self._headings = {s.first_line for s in self.sections if s.heading_alone}

    def whole(self) -> Markup:
        """The note: one ``<section>`` for each section, one numbered line each."""
        parts: list[str] = []
        for section in self.sections:
            # Only a line that is nothing but a heading names a region; a whole sentence would be no name.
            label = f' aria-labelledby="T{section.first_line}"' if section.heading_alone else ""
            body = (
                self._line(line)
                for line in self.lines[section.first_line - 1 : section.last_line]
                if not line.is_blank
            )
            parts += [f"<section{label}>", *body, "</section>"]
        return Markup("".join(parts))  # noqa: S704 - every text piece is escaped in _line

    def marked_lines(self) -> Markup:
        """Only the lines that carry evidence: what the page swaps after a change (it clears all others)."""
        return Markup("".join(map(self._line, self._marked())))  # noqa: S704 - escaped in _line

    def minimap(self) -> Markup:
        """Beside the scroll bar: one tick for each line with evidence."""
        count = max(1, len(self.lines))
        ticks = "".join(
            f'<path class="{self._kind(self._keys(line))}" d="M0 {(line.number - 1) / count * 100:.1f}h10"/>'
            for line in self._marked()
        )
        return MAP.format(Markup(ticks))  # noqa: S704 - numbers and our own class names

    def _keys(self, line: Line) -> list[str]:
        return [key for piece in self._pieces[line.number - 1] for key in piece.span_ids]

    def _marked(self) -> Iterator[Line]:
        return (line for line in self.lines if not line.is_blank and self._keys(line))

    def _kind(self, keys: Iterable[str]) -> str:
        return max((self._by_key[key].kind for key in keys), key=lambda kind: _PRIORITY[kind])

    def _line(self, line: Line) -> str:
        """One line.  The element ``T<n>`` holds exactly its text, plus ``.evt`` tags to be left out."""
        n, pieces = line.number, self._pieces[line.number - 1]
        heading = n in self._headings
        marked = any(piece.span_ids for piece in pieces)
        gap = n > 1 and self.lines[n - 2].is_blank and not heading
        css = "ln" + (" has" if marked else "") + (" g" if gap else "") + (" h" if heading else "")
        tag = "h2" if heading else "p"
        columns = ' class="tab-data"' if not heading and _COLUMNS.search(line.text.strip()) else ""
        body = "".join(map(self._piece, pieces)) if marked else escape(line.text, quote=False)
        return (
            f'<div class="{css}" id="L{n}" data-s="{line.start}"><a href="#L{n}" tabindex="-1" '
            f'aria-label="Line {n}">{n}</a><{tag}{columns} id="T{n}">{body}</{tag}></div>'
        )

    def _piece(self, piece: Segment) -> str:
        text = escape(piece.text, quote=False)
        if not piece.span_ids:
            return text
        tags = "".join(
            f'<button type="button" class="evt" tabindex="-1" data-code="{key}" '
            f'aria-label="Evidence for code {key}, {escape(self._by_key[key].code)}">{key}</button>'
            for key in piece.tags
        )
        codes = " ".join(piece.span_ids)
        return f'<mark class="{self._kind(piece.span_ids)}" data-codes="{codes}">{text}{tags}</mark>'
