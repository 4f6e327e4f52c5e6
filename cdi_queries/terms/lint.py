"""The word lists of the lint and the names of diagnoses, as `data/` holds them."""

from __future__ import annotations

import tomllib
from functools import cache

from cdi_queries.rules.diagnoses import Lexicon, lexicon_of
from cdi_queries.rules.wording import Wording, wording_of
from cdi_queries.terms import DATA


@cache
def wording() -> Wording:
    """The word lists, read once a process."""
    return wording_of(tomllib.loads((DATA / "query_words.toml").read_text("utf-8")))


@cache
def lexicon() -> Lexicon:
    """The names of diagnoses, read once a process."""
    return lexicon_of(tomllib.loads((DATA / "diagnosis_terms.toml").read_text("utf-8")))
