"""The words of an answer that a code can be searched by.  They name what the provider said, nothing more."""

from __future__ import annotations

import re
from typing import Final

from cdi_queries.rules.content import QueryContent
from cdi_queries.rules.diagnoses import Lexicon, mentions
from cdi_queries.rules.outcome import Outcome, outcome_of
from cdi_queries.rules.query import Kind
from cdi_queries.rules.wording import Wording

LONGEST: Final = 200
"""Characters of one search: what the code search reads."""
_SENTENCE: Final = re.compile(r"[.;\n]+\s*")
SAYS_NOTHING: Final = frozenset({Outcome.UNDETERMINED, Outcome.DISAGREED})


def words_to_search(
    content: QueryContent, option_id: str, words: str, wording: Wording, lexicon: Lexicon
) -> tuple[str, ...]:
    """Texts to search codes by, the likeliest first; none where the provider named no diagnosis.

    An option that names a diagnosis; of "yes" the documented diagnosis the question is about; of the
    provider's own words each diagnosis they name and do not turn down, else their first sentence.
    """
    option = content.option(option_id)
    chosen = option.text if option else ""
    if outcome_of(content.kind, chosen, wording) in SAYS_NOTHING:
        return ()
    found: list[str] = []
    if content.kind is Kind.YES_NO:
        found += _named(content.body, lexicon)
    elif chosen and wording.is_diagnostic(chosen):
        found.append(chosen)
    found += _of_own_words(words, lexicon)
    return tuple(dict.fromkeys(text.strip()[:LONGEST] for text in found if text.strip()))


def _named(text: str, lexicon: Lexicon) -> list[str]:
    return [hit.text for hit in mentions(text, lexicon) if not hit.turned_down]


def _of_own_words(words: str, lexicon: Lexicon) -> list[str]:
    sentences = [one for one in _SENTENCE.split(words) if one.strip()]
    named = [one for one in sentences if _named(one, lexicon)]
    return named or sentences[:1]
