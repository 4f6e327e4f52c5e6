"""The figures of providers' links, read once a process."""

from __future__ import annotations

import tomllib
from functools import cache

from cdi_queries.lint_command import DATA
from cdi_queries.rules.links import LinkTerms, terms_of


@cache
def link_terms() -> LinkTerms:
    """Digits, tries and waits, from ``cdi_queries/data/links.toml``."""
    return terms_of(tomllib.loads((DATA / "links.toml").read_text("utf-8")))
