"""The figures of providers' links, read once a process."""

from __future__ import annotations

import tomllib
from functools import cache

from cdi_queries.rules.links import LinkTerms, terms_of
from cdi_queries.terms import DATA


@cache
def link_terms() -> LinkTerms:
    """Digits, tries and waits, from ``cdi_queries/data/links.toml``."""
    return terms_of(tomllib.loads((DATA / "links.toml").read_text("utf-8")))
