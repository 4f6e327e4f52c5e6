"""Phrases that lead the answer, and what they lead to.

"Would you agree" leads by itself.  "Are you treating for X" leads unless X is in the record.  "Please
document X" leads only when X is a diagnosis the record lacks: "please document" alone is how a compliant
query ends.
"""

from __future__ import annotations

import re
from typing import Final

from cdi_queries.rules.diagnoses import Lexicon, Record, mentions, words_of
from cdi_queries.rules.wording import LeadingPhrase, Place, Wording

#: Where the words that a phrase is about come to their end.
_CLAUSE_END: Final = re.compile(
    r"[.;:?!\n]|,\s|\s(?:if|based|given|because|as|since|when|in\s+(?:the|your))\s"
)
_LEADING_ARTICLE: Final = re.compile(r"(?:the|a|an|that|this|diagnosis|presence|of)\s+", re.IGNORECASE)


def leading_phrases(text: str, wording: Wording, lexicon: Lexicon, record: Record) -> list[Place]:
    """Where a text leads, the phrase with the words it leads to; each place once, in order."""
    found: list[Place] = []
    for phrase in wording.leading:
        for hit in phrase.words.finditer(text):
            end = _leads_to(text, hit, phrase, lexicon, record)
            if end is not None and not any(start < end and hit.start() < stop for start, stop in found):
                found.append((hit.start(), end))
    return sorted(found)


def _leads_to(
    text: str, hit: re.Match[str], phrase: LeadingPhrase, lexicon: Lexicon, record: Record
) -> int | None:
    """Where the leading words end, or None when the phrase does not lead here."""
    if phrase.object == "none":
        return hit.end()
    stop = _CLAUSE_END.search(text, hit.end())
    clause = text[hit.end() : stop.start() if stop else len(text)]
    if phrase.object == "any":
        return _any_object(clause, hit.end(), phrase, lexicon, record)
    return _diagnosis(clause, hit.end(), lexicon, record)


def _any_object(clause: str, at: int, phrase: LeadingPhrase, lexicon: Lexicon, record: Record) -> int | None:
    if not clause.strip() or (phrase.neutral is not None and phrase.neutral.match(clause.lstrip())):
        return None
    named = mentions(clause, lexicon)
    if named:
        return None if all(record.holds(one) for one in named) else at + named[-1].end
    said = {word.key for word in words_of(clause)}
    if any(term & said for term in record.terms):
        return None
    return at + len(clause.rstrip())


def _diagnosis(clause: str, at: int, lexicon: Lexicon, record: Record) -> int | None:
    """The diagnosis that stands right after the phrase; one further on is the question's own subject."""
    lead = 0
    while article := _LEADING_ARTICLE.match(clause, lead):
        lead = article.end()
    for one in mentions(clause, lexicon):
        if one.start == lead and not record.holds(one):
            return at + one.end
    return None
