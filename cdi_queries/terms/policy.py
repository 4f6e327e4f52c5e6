"""Least and most of what a client may agree on, as ``data/policy.toml`` tells it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache

from cdi_queries.terms import DATA

TERMS = DATA / "policy.toml"


@cache
def policy_bounds() -> Mapping[str, tuple[int, int]]:
    """Least and most by the name of the column, read once a process."""
    found = tomllib.loads(TERMS.read_text("utf-8"))
    return {name: (least, most) for name, (least, most) in found["bounds"].items()}
