"""A note's lines cut at every evidence edge, so that overlapping marks never nest wrongly.

The server draws each :class:`Segment` as plain text or as one ``<mark>`` naming all spans over it, followed
by the tags of the spans that end there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from encounters.rules.text import Line


@dataclass(frozen=True, slots=True)
class Span:
    """Evidence to draw: ``note[start:end]``, code points; several may share one ``id``.

    ``tag`` is what is shown behind its last word: the key of the code (``3``, ``S1``).
    """

    id: str
    start: int
    end: int
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """``note[start:end] == text`` with the ids of the spans over it (first opened, then longer, first).

    ``tags``: of the spans whose last visible piece this is, each once.
    """

    start: int
    end: int
    text: str
    span_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def mark_lines(lines: Sequence[Line], spans: Iterable[Span]) -> tuple[tuple[Segment, ...], ...]:
    """Cut every line at the edges of the spans over it; one tuple per line, empty for an empty line.

    A span over several lines is drawn on each and tagged on the last one where it shows a character.  Empty
    spans and spans outside the lines draw nothing.  Cost: the lines, plus each span once per line it touches.
    """
    ordered = sorted((s for s in spans if s.start < s.end), key=lambda s: (s.start, -s.end, s.id, s.tag))
    pieces: list[list[_Piece]] = []
    last_seen: dict[int, _Piece] = {}
    active: list[int] = []
    upcoming = 0
    for line in lines:
        while upcoming < len(ordered) and ordered[upcoming].start < line.end:
            active.append(upcoming)
            upcoming += 1
        active = [index for index in active if ordered[index].end > line.start]
        cut = _cut(line, ordered, active)
        pieces.append(cut)
        last_seen.update({index: piece for piece in cut for index in piece.over})
    for index in sorted(last_seen):
        last_seen[index].ending.append(index)
    return tuple(
        tuple(_segment(piece, line, ordered) for piece in cut)
        for line, cut in zip(lines, pieces, strict=True)
    )


@dataclass(slots=True)
class _Piece:
    """A segment in the making: indexes of the spans over it and of those that end with it."""

    start: int
    end: int
    over: tuple[int, ...]
    ending: list[int] = field(default_factory=list)


def _cut(line: Line, spans: Sequence[Span], active: Sequence[int]) -> list[_Piece]:
    """The line's pieces between edges, by one sweep over its edges."""
    edges = {line.start, line.end}
    for index in active:
        edges.add(max(line.start, spans[index].start))
        edges.add(min(line.end, spans[index].end))
    cuts = sorted(edges)
    return [
        _Piece(a, b, tuple(index for index in active if spans[index].start <= a and spans[index].end >= b))
        for a, b in pairwise(cuts)
    ]


def _segment(piece: _Piece, line: Line, spans: Sequence[Span]) -> Segment:
    return Segment(
        piece.start,
        piece.end,
        line.text[piece.start - line.start : piece.end - line.start],
        tuple(dict.fromkeys(spans[index].id for index in piece.over)),
        tuple(dict.fromkeys(spans[index].tag for index in piece.ending if spans[index].tag)),
    )
