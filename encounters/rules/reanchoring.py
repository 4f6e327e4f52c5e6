"""Find an anchor's words in the next version of its note; the strictness is explained in ``anchors``.

Every candidate must pass three guards before it may replace the old place without a person:

1. *Edges*: nothing new clings to its ends (``7.4`` is not found in ``7.45``, nor ``60`` in ``<60``).
2. *Section*: it stands in the same kind of section (a diagnosis that moved to the family history is not it).
3. *Turning words*: its sentence gained or lost no "no", "possible", "history of", "left" ... (``CUES``).

When the quote was said more than once, before or now, the surrounding words must tell which one it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz

from encounters.rules.anchors import Anchor, check_anchor
from encounters.rules.sameness import Token, cues_around, keys, tokens
from encounters.rules.sections import Section, SectionKind, detect_sections, section_at
from encounters.rules.text import Line, line_at, split_lines, words

CONTEXT_WIDTH: Final = 80  # characters compared on each side; wider than the stored 40, both texts are here
SURE_CONTEXT: Final = 0.55  # one mention among several: its surroundings must agree at least so much
CLEAR_LEAD: Final = 0.08  # and more than the next best's by this
SUGGESTION_SCORE: Final = 72.0  # rapidfuzz ratio (0-100) below which a place is not worth showing


class AnchorState(StrEnum):
    """What became of an anchor; only ``anchored`` and ``moved`` are evidence without a person's look."""

    ANCHORED = "anchored"
    MOVED = "moved"
    CHANGED = "changed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A place a person may accept instead: ``new_text[start:end] == quote``; ``score`` 0 to 1."""

    start: int
    end: int
    quote: str
    score: float


@dataclass(frozen=True, slots=True)
class Reanchored:
    """Outcome of :func:`reanchor`; ``reason`` is a stable id (``same_place``, ``cue``, ``section``, ...)."""

    state: AnchorState
    start: int | None
    end: int | None
    score: float
    reason: str
    suggestion: Suggestion | None = None

    @property
    def holds(self) -> bool:
        """May the link be kept without a person's look?"""
        return self.state in (AnchorState.ANCHORED, AnchorState.MOVED)


@dataclass(frozen=True, slots=True)
class NoteVersion:
    """A text with what re-anchoring looks up again and again; build once per version, not per link."""

    text: str
    lines: tuple[Line, ...] = field(repr=False)
    sections: tuple[Section, ...] = field(repr=False)
    tokens: tuple[Token, ...] = field(repr=False)

    @classmethod
    def of(cls, text: str) -> NoteVersion:
        """Prepare ``text``."""
        lines = split_lines(text)
        return cls(text, lines, detect_sections(lines), tokens(text))

    def section_key(self, offset: int) -> str:
        """Kind of the section at ``offset``; unknown sections are told apart by their title."""
        line = line_at(self.lines, offset)
        section = section_at(self.sections, line.number) if line else None
        return _section_key(section) if section else SectionKind.UNTITLED.value

    def stretches(self, section_key: str) -> list[tuple[int, int]]:
        """Offsets of the sections of one key, in order."""
        return [
            (self.lines[section.first_line - 1].start, self.lines[section.last_line - 1].end)
            for section in self.sections
            if _section_key(section) == section_key
        ]


def _section_key(section: Section) -> str:
    if section.kind is SectionKind.OTHER:
        return f"{section.kind.value}:{' '.join(keys(section.title))}"
    return section.kind.value


@dataclass(frozen=True, slots=True)
class _Candidate:
    start: int
    end: int
    exact: bool
    context: float
    objection: str  # "" when all guards pass


def reanchor(anchor: Anchor, old_text: str, new_text: str) -> Reanchored:
    """Where the words of ``anchor`` (made on ``old_text``) stand in ``new_text``.

    Raises:
        InvalidInput: ``evidence.mismatch`` when the anchor was not made on ``old_text``.
    """
    return reanchor_in(anchor, NoteVersion.of(old_text), NoteVersion.of(new_text))


def reanchor_in(anchor: Anchor, old: NoteVersion, new: NoteVersion) -> Reanchored:
    """As :func:`reanchor`, on prepared versions: for many links of one note."""
    check_anchor(anchor, old.text)
    if old.text == new.text:
        return Reanchored(AnchorState.ANCHORED, anchor.start, anchor.end, 1.0, "same_text")
    candidates = [_judge(anchor, old, new, a, b) for a, b in _places(anchor, old, new)]
    passed = [candidate for candidate in candidates if not candidate.objection]
    if not passed:
        return _needs_a_person(anchor, old, new, candidates)
    best = max(passed, key=lambda c: _rank(c, anchor))
    if not _is_same_mention(best, passed, anchor, old, len(candidates)):
        return _changed(best, new, "ambiguous")
    score = round((1.0 if best.exact else 0.95) * (0.5 + best.context / 2), 4)
    if best.exact and best.start == anchor.start:
        return Reanchored(AnchorState.ANCHORED, best.start, best.end, score, "same_place")
    return Reanchored(
        AnchorState.MOVED, best.start, best.end, score, "same_words" if best.exact else "typography"
    )


def _places(anchor: Anchor, old: NoteVersion, new: NoteVersion) -> list[tuple[int, int]]:
    """Where the quote stands in ``new``: letter by letter, or word by word with other typography."""
    found = dict.fromkeys(_exact_places(anchor.exact, new.text))
    wanted = keys(old.text, anchor.start, anchor.end)
    taken = sorted(found)
    for start, end in _token_places(wanted, new.tokens):
        if not any(a < end and start < b for a, b in taken):
            found[(start, end)] = None
    return sorted(found)


def _exact_places(quote: str, text: str) -> Iterator[tuple[int, int]]:
    at = text.find(quote)
    while at >= 0:
        yield at, at + len(quote)
        at = text.find(quote, at + 1)


def _token_places(wanted: tuple[str, ...], found: tuple[Token, ...]) -> Iterator[tuple[int, int]]:
    if not wanted:
        return
    width = len(wanted)
    for index in range(len(found) - width + 1):
        if found[index].key == wanted[0] and all(found[index + k].key == wanted[k] for k in range(1, width)):
            yield found[index].start, found[index + width - 1].end


def _judge(anchor: Anchor, old: NoteVersion, new: NoteVersion, start: int, end: int) -> _Candidate:
    objection = ""
    if _overhang(old.text, anchor.start, anchor.end) != _overhang(new.text, start, end):
        objection = "part_of_word"
    elif not _same_section(old.section_key(anchor.start), new.section_key(start)):
        objection = "section"
    elif cues_around(old.text, anchor.start, anchor.end) != cues_around(new.text, start, end):
        objection = "cue"
    context = _context_score(old.text, anchor.start, anchor.end, new.text, start, end)
    return _Candidate(start, end, new.text[start:end] == anchor.exact, context, objection)


def _same_section(old: str, new: str) -> bool:
    """Equal keys; text without a heading may also come under one that says nothing (``DRAFT COPY``)."""
    vague = (SectionKind.UNTITLED.value, SectionKind.OTHER.value)
    return old == new or (
        SectionKind.UNTITLED.value in (old, new) and all(key.split(":")[0] in vague for key in (old, new))
    )


def _overhang(text: str, start: int, end: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What clings to ``text[start:end]`` without a blank: ``5`` behind ``7.4``, ``<`` before ``60``."""
    left, right = start, end
    while left > max(0, start - 64) and not text[left - 1].isspace():
        left -= 1
    while right < min(len(text), end + 64) and not text[right].isspace():
        right += 1
    return keys(text, left, start), keys(text, end, right)


def _context_score(old: str, a: int, b: int, new: str, start: int, end: int) -> float:
    """Agreement of the words around, 0 to 1; the better side counts more, for one side may be edited."""
    before = _likeness(old[max(0, a - CONTEXT_WIDTH) : a], new[max(0, start - CONTEXT_WIDTH) : start])
    after = _likeness(old[b : b + CONTEXT_WIDTH], new[end : end + CONTEXT_WIDTH])
    return round(0.65 * max(before, after) + 0.35 * min(before, after), 4)


def _likeness(one: str, other: str) -> float:
    first, second = " ".join(keys(one)), " ".join(keys(other))
    return 1.0 if first == second else fuzz.ratio(first, second) / 100


def _rank(candidate: _Candidate, anchor: Anchor) -> tuple[float, bool, int, int]:
    return candidate.context, candidate.exact, -abs(candidate.start - anchor.start), -candidate.start


def _is_same_mention(
    best: _Candidate, passed: list[_Candidate], anchor: Anchor, old: NoteVersion, now: int
) -> bool:
    """Is ``best`` surely the mention that was cited, not another one saying the same?"""
    before = len(_places(anchor, old, old))
    if before == 1 and now == 1:
        return True
    rivals = [candidate for candidate in passed if candidate is not best]
    if any(best.context - rival.context < CLEAR_LEAD for rival in rivals):
        # Mentions nobody can tell apart: safe only when none came or went and this one did not move.
        return before == now and best.exact and best.start == anchor.start
    return best.context >= SURE_CONTEXT


def _needs_a_person(
    anchor: Anchor, old: NoteVersion, new: NoteVersion, candidates: list[_Candidate]
) -> Reanchored:
    whole = [candidate for candidate in candidates if candidate.objection != "part_of_word"]
    if whole:
        best = max(whole, key=lambda c: _rank(c, anchor))
        return _changed(best, new, best.objection)
    return _similar(anchor, old, new)


def _changed(candidate: _Candidate, new: NoteVersion, reason: str) -> Reanchored:
    quote = new.text[candidate.start : candidate.end]
    suggestion = Suggestion(candidate.start, candidate.end, quote, candidate.context)
    return Reanchored(AnchorState.CHANGED, None, None, candidate.context, reason, suggestion)


def _similar(anchor: Anchor, old: NoteVersion, new: NoteVersion) -> Reanchored:
    """The most similar words, as whole words, if they are similar enough to be worth a look.

    Its own kind of section is searched first: a stage rewritten in the plan is the plan's, whatever the
    problem list says.
    """
    wanted = old.section_key(anchor.start)
    for start, end in [*new.stretches(wanted), (0, len(new.text))]:
        place = _most_similar(anchor.exact, new.text, start, end)
        if place is not None:
            return Reanchored(AnchorState.CHANGED, None, None, place.score, "similar_words", place)
    return Reanchored(AnchorState.LOST, None, None, 0.0, "gone")


def _most_similar(exact: str, text: str, start: int, end: int) -> Suggestion | None:
    piece = text[start:end]
    first, last = 0, len(piece)
    if len(exact) < len(piece):
        found = fuzz.partial_ratio_alignment(exact, piece, score_cutoff=SUGGESTION_SCORE)
        if found is None:
            return None
        first, last = found.dest_start, found.dest_end
    near = words(text, start, end)
    inside = [word for word in near if word.start < start + last and start + first < word.end]
    while inside and not keys(text, inside[-1].start, inside[-1].end):
        inside.pop()
    while inside and not keys(text, inside[0].start, inside[0].end):
        inside.pop(0)
    if not inside:
        return None
    quote = text[inside[0].start : inside[-1].end]
    score = fuzz.ratio(exact.casefold(), quote.casefold(), score_cutoff=SUGGESTION_SCORE)
    return Suggestion(inside[0].start, inside[-1].end, quote, round(score / 100, 4)) if score else None
