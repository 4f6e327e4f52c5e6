"""A chronic condition that is coded from a history or a problem list, with no care written at the visit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cdi_queries.rules.triggers.conflicts import PROVIDERS_WORDS
from cdi_queries.rules.triggers.notes import Note, Standing, said
from cdi_queries.rules.triggers.shapes import Chart, Chronic, Hit, Place, Rule
from cdi_queries.rules.triggers.unspecified import first_places
from encounters.rules.hcc_support import Support
from encounters.rules.sections import SectionKind

#: What the cited words must have been judged as: cited, but where they do not count.
WEAK: Final = frozenset({Support.HISTORY_ONLY.value, Support.PROBLEM_LIST_ONLY.value})
_LISTS: Final = frozenset(
    {
        SectionKind.PAST_HISTORY,
        SectionKind.SOCIAL_HISTORY,
        SectionKind.FAMILY_HISTORY,
        SectionKind.PROBLEM_LIST,
    }
)


def unsupported(rule: Rule, test: Chronic, chart: Chart, notes: Sequence[Note]) -> Iterator[Hit]:
    """One hit for each such code.  Where a note says what was done about the condition, the coder is to cite
    it: that is no question to a provider."""
    codes = [one for one in chart.codes if test.codes.fullmatch(one.code) and one.support in WEAK]
    if not codes:
        return
    listed: list[Place] = []
    for note in notes:
        if note.document.kind not in PROVIDERS_WORDS:
            continue
        for hit, standing in said(note, test.says, reads_past=True):
            if standing not in (Standing.SAID, Standing.HISTORY):
                continue
            if note.section(hit.start()) in _LISTS:
                listed.append(note.place(*hit.span()))
            elif _is_cared_for(note, hit.start()):
                return
    if listed:
        yield from (Hit(rule.key, one.code, first_places(listed)) for one in codes)


def _is_cared_for(note: Note, at: int) -> bool:
    """Whether the sentence, or the one behind it in the same section, says what was done."""
    start, end = note.sentence(at)
    follows = note.sentence(min(end, len(note.text) - 1))[1]
    if note.section(start) is not note.section(min(end, len(note.text) - 1)):
        follows = end
    return bool(note.cues.care.search(note.text, start, follows))
