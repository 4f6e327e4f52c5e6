"""What the set-up is checked against, as ``data/setup.toml`` tells it."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import cache

from claims.rules.setup import SetupTerms
from claims.terms import DATA

TERMS = DATA / "setup.toml"


@cache
def setup_terms() -> SetupTerms:
    """Codes, bounds and limits, read once a process."""
    found = tomllib.loads(TERMS.read_text("utf-8"))
    charges = found["charges"]
    return SetupTerms(
        states=frozenset(found["states"]["codes"].split()),
        filing_codes=dict(found["filing_codes"]["words"]),
        bounds={name: (least, most) for name, (least, most) in found["bounds"].items()},
        most_amount=Decimal(charges["most_amount"]),
        most_rows=charges["most_rows"],
        most_bytes=charges["most_bytes"],
        most_problems=charges["most_problems"],
    )
