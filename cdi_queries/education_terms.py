"""How education is counted and what may stand in a letter, as the files of ``data/`` tell it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from cdi_queries.lint_command import lexicon
from cdi_queries.rules.education import EducationTerms, terms_of
from cdi_queries.rules.masking import Masks, masks_of

DATA = Path(__file__).resolve().parent / "data"


@cache
def education_terms() -> EducationTerms:
    """The thresholds, read once a process."""
    return terms_of(tomllib.loads((DATA / "education.toml").read_text("utf-8")))


@cache
def masks() -> Masks:
    """What may stay of quoted words: the plain words, and the names of diagnoses."""
    names = (key for group in lexicon().names.values() for name in group for key in name.keys)
    return masks_of(tomllib.loads((DATA / "masking.toml").read_text("utf-8")), names)
