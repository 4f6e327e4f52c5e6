"""What denials are read and weighed by: ``data/stc_map.toml`` and ``data/winnability.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from claims.rules.classify import CATEGORIES
from claims.rules.winnability import WinTerms
from claims.terms import DATA


@dataclass(frozen=True, slots=True)
class StatusMap:
    """Kind of denial by claim status code, by status category where the code is not listed, and of a 999."""

    codes: Mapping[str, str]
    categories: Mapping[str, str]
    receipt: str
    source: str
    status: str


@cache
def status_map() -> StatusMap:
    """The map of rejections, read once a process.  A category that the rule does not know is a fault."""
    found = tomllib.loads((DATA / "stc_map.toml").read_text("utf-8"))
    codes: dict[str, str] = {}
    for category, listed in found["codes"].items():
        for code in listed:
            if category not in CATEGORIES or code in codes:
                raise ValueError(f"The map of statuses cannot place {code} in {category}.")
            codes[code] = category
    return StatusMap(codes, dict(found["category"]), found["receipt"], found["source"], found["status"])


@cache
def win_terms() -> WinTerms:
    """Points and bounds of winnability, read once a process."""
    found = tomllib.loads((DATA / "winnability.toml").read_text("utf-8"))
    return WinTerms(
        start=dict(found["start"]),
        points=dict(found["points"]),
        least_decided=found["least_decided"],
        half_weight_decided=found["half_weight_decided"],
        lowest=found["lowest"],
        highest=found["highest"],
        source=found["source"],
        status=found["status"],
    )
