"""A document as rules read it: sentences, sections, and in which sense words stand in them.

"No pneumonia", "mother had a stroke", "rule out sepsis" and "stage 3 in 2019" name things that are not said
of this patient now.  The cues are data; here is only where they are looked for.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cdi_queries.rules.triggers.shapes import Cues, Document, Place
from encounters.rules.sections import SectionKind, detect_sections
from encounters.rules.text import split_lines

#: A full stop, or the end of a line unless the next one goes on in lower case.
_SENTENCE_END: Final = re.compile(
    r"(?<!\bvs)(?<!\bDr)(?<!\bMr)(?<!\bpt)(?<!\bapprox)(?<!e\.g)(?<!i\.e)[.!?;](?=\s|$)"
    r"|(?:\r\n?|\n)(?=[ \t]*(?:[^a-z \t]|$))"
)
#: How many characters before a mention a word of doubt or a near denial reaches, and how far after it.
_NEAR: Final = 45
_AFTER: Final = 40
#: How far before a mention its clause is read at all; some feeds write a whole note as one sentence.
_CLAUSE: Final = 240


class Standing(StrEnum):
    """In which sense words stand in a note."""

    SAID = "said"
    DENIED = "denied"
    POSSIBLE = "possible"
    HISTORY = "history"
    FAMILY = "family"
    PLANNED = "planned"


#: A matter the providers have taken up, in whatever words: not to be asked about again.
TAKEN_UP: Final = frozenset({Standing.SAID, Standing.POSSIBLE, Standing.HISTORY})


@dataclass(frozen=True, slots=True)
class Note:
    """A document with its sentences (starts) and sections (starts and kinds); ``lower`` in small letters."""

    document: Document
    lower: str
    sentences: tuple[int, ...]
    section_starts: tuple[int, ...]
    section_kinds: tuple[SectionKind, ...]
    cues: Cues

    @property
    def text(self) -> str:
        return self.document.text

    def section(self, at: int) -> SectionKind:
        """The kind of section a character lies in."""
        place = bisect_right(self.section_starts, at) - 1
        return self.section_kinds[place] if place >= 0 else SectionKind.UNTITLED

    def sentence(self, at: int) -> tuple[int, int]:
        """Start and end of the sentence around a character."""
        place = bisect_right(self.sentences, at)
        end = self.sentences[place] if place < len(self.sentences) else len(self.text)
        return self.sentences[place - 1], end

    def before(self, start: int) -> str:
        """The words of the same clause before a mention: from the sentence's start or its last turn."""
        words = self.text[max(self.sentence(start)[0], start - _CLAUSE) : start]
        turns = [hit.end() for hit in self.cues.turns.finditer(words)]
        return words[turns[-1] :] if turns else words

    def after(self, end: int) -> str:
        """The words of the same clause behind a mention, a short way."""
        words = self.text[end : min(self.sentence(max(end - 1, 0))[1], end + _AFTER)]
        turn = self.cues.turns.search(words)
        return words[: turn.start()] if turn else words

    def standing(self, start: int, end: int, *, reads_past: bool = False) -> Standing:
        """In which sense the words stand.  ``reads_past``: a list of past conditions counts as said."""
        section = self.section(start)
        sentence = self.text[max(self.sentence(start)[0], start - _CLAUSE) : end]
        before, after = self.before(start), self.after(end)
        if section is SectionKind.FAMILY_HISTORY or self.cues.family.search(sentence):
            return Standing.FAMILY
        if self.cues.unchecked.search(before) or self.is_denied(self.text[start:end]):
            return Standing.DENIED
        if self._is_possible(before, after):
            return Standing.POSSIBLE
        if self.cues.denied_after.match(after):
            return Standing.DENIED
        if self.cues.planned_before.search(before) or self.cues.planned_after.match(after):
            return Standing.PLANNED
        if self.is_denied(before):
            return Standing.DENIED
        if self.cues.history_before.search(before[-_NEAR:]) or self.cues.history_after.match(after):
            return Standing.HISTORY
        if section is SectionKind.PAST_HISTORY and not reads_past:
            return Standing.HISTORY
        return Standing.SAID

    def is_denied(self, before: str, *, plainly: bool = False) -> bool:
        """Whether the clause before a mention denies it; ``plainly``: with nothing listed in between."""
        words = self.cues.not_denied.sub(" ", before)
        if self.cues.denied_near.search(words[-_NEAR:]):
            return True
        for hit in self.cues.denied_list.finditer(words):
            between = words[hit.end() :]
            if not plainly or ("," not in between and len(between.split()) <= 4):
                return True
        return False

    def _is_possible(self, before: str, after: str) -> bool:
        return bool(
            self.cues.possible_before.search(before[-_NEAR:])
            or self.cues.possible_after.match(after)
            or after.startswith("?")
        )

    def place(self, start: int, end: int) -> Place:
        """The words as a place."""
        return Place(self.document.id, start, end, self.text[start:end])


def note_of(document: Document, cues: Cues) -> Note:
    """A document with its sentences and sections."""
    text = document.text
    lines = split_lines(text)
    starts = {line.number: line.start for line in lines}
    sections = detect_sections(lines)
    sentences = [0, *(hit.end() for hit in _SENTENCE_END.finditer(text) if hit.end() < len(text))]
    return Note(
        document,
        text.lower(),
        tuple(sentences),
        tuple(starts[one.first_line] for one in sections),
        tuple(one.kind for one in sections),
        cues,
    )


def said(
    note: Note, pattern: re.Pattern[str], *, reads_past: bool = False
) -> Iterator[tuple[re.Match[str], Standing]]:
    """Every mention of a pattern in a note with its standing, in order."""
    for hit in pattern.finditer(note.text):
        yield hit, note.standing(hit.start(), hit.end(), reads_past=reads_past)
