"""Unspecified diagnoses while the note has the words of a more specific code beside it.

Sources: ICD-10-CM Official Guidelines for Coding and Reporting, I.B.18 (unspecified codes: when the record
does not say more); CMS, "Definitions of Medicare Code Edits", edit 20 (unspecified code, inpatient).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from code_sets.rules.edits.claim import WARNING, Claim, Finding
from code_sets.rules.edits.icd_common import Known, lines_of
from code_sets.rules.edits.icd_table import IcdTable
from code_sets.rules.edits.tables import edition
from code_sets.rules.entries import with_dot

WORD = re.compile(r"[a-z0-9]+")
PLAIN_WORDS = frozenset(
    ("a", "an", "and", "at", "by", "for", "from", "in", "not", "of", "on", "or", "other", "the", "to", "with")
)


def check_unspecified(claim: Claim, known: Known, table: IcdTable, note: str) -> Iterator[Finding]:
    """Codes whose title says "unspecified", where the words of a sibling all stand in the note."""
    words = frozenset(WORD.findall(note.lower()))
    for position, code, facts in known:
        title = _words(table.title(facts.place))
        if "unspecified" not in title:
            continue
        found = _named_sibling(table, facts.place, title, words)
        if found is not None:
            place, named = found
            yield Finding(
                "icd.unspecified",
                WARNING,
                lines_of(claim, position),
                (code, table.code(place)),
                f"{with_dot(code)} is unspecified; the note has the words of {with_dot(table.code(place))}: "
                f"{', '.join(sorted(named))}.",
                f"ICD-10-CM {edition(table)}; Official Guidelines I.B.18, use of unspecified codes",
                f"Use {with_dot(table.code(place))} if the note states it of this condition.",
            )


def _named_sibling(
    table: IcdTable, place: int, title: frozenset[str], words: frozenset[str]
) -> tuple[int, frozenset[str]] | None:
    """The sibling most of whose own words, all of them, stand in the note."""
    best: tuple[int, frozenset[str]] | None = None
    for sibling in table.siblings(place):
        theirs = _words(table.title(sibling))
        own = theirs - title - PLAIN_WORDS
        if "unspecified" in theirs or not own or not own <= words:
            continue
        if best is None or len(own) > len(best[1]):
            best = (sibling, own)
    return best


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text.lower()))
