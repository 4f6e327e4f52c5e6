"""How education is counted and what may stand in a letter, as the files of ``data/`` tell it."""

from __future__ import annotations

import tomllib
from functools import cache

from cdi_queries.rules.education import EducationTerms, terms_of
from cdi_queries.rules.masking import Masks, masks_of
from cdi_queries.terms import DATA
from cdi_queries.terms.lint import lexicon


@cache
def education_terms() -> EducationTerms:
    """The thresholds, read once a process."""
    return terms_of(tomllib.loads((DATA / "education.toml").read_text("utf-8")))


@cache
def masks() -> Masks:
    """What may stay of quoted words: the plain words, and the names of diagnoses."""
    names = (key for group in lexicon().names.values() for name in group for key in name.keys)
    return masks_of(tomllib.loads((DATA / "masking.toml").read_text("utf-8")), names)
