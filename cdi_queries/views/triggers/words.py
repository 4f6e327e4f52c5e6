"""Words of the pages about gaps."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cdi_queries.models import HitState
from cdi_queries.rules.triggers.shapes import Family
from cdi_queries.selectors.triggers import Counts
from cdi_queries.terms.triggers import trigger_book, trigger_terms
from coding_ops.core.statistics import interval

FAMILIES: Final = {
    Family.UNSPECIFIED: "Unspecified code",
    Family.FINDING: "Finding without a diagnosis",
    Family.CONFLICT: "Conflicting documents",
    Family.SUPPORT: "No care written",
}
FAMILY_LEADS: Final = {
    Family.UNSPECIFIED: "A code leaves open what a note says: side, type, stage or acuity.",
    Family.FINDING: "A value lies beyond its limit, and no diagnosis of the record answers it.",
    Family.CONFLICT: "Documents of one chart contradict each other.",
    Family.SUPPORT: "A chronic condition is coded from a list or history; no note says what was done.",
}
TONES: Final = {
    HitState.OPEN: "query",
    HitState.ACCEPTED: "ok",
    HitState.DISMISSED: "line",
    HitState.SETTLED: "line",
}
GONE: Final = "A rule of an earlier edition"


def rule_name(key: str) -> str:
    """The rule in words; hits of rules that no longer exist stay readable."""
    rule = trigger_book().rule(key)
    return rule.name if rule else GONE


def family_name(key: str) -> str:
    """The family of a rule in words."""
    family = key.partition(".")[0]
    return FAMILIES[Family(family)] if family in set(Family) else ""


def age(found_at: datetime, now: datetime) -> str:
    """``today``, ``1 day``, ``12 days``."""
    days = max(0, (now - found_at).days)
    return "today" if not days else "1 day" if days == 1 else f"{days:,} days"


def rate(counts: Counts) -> tuple[str, str]:
    """How many decided gaps led to a query, and beneath it the interval and n; below the minimum only n."""
    terms = trigger_terms()
    if counts.decided < terms.minimum_decided:
        return "", f"n {counts.decided:,}: too few to judge"
    found = interval(counts.accepted, counts.decided, confidence=terms.confidence)
    return (
        f"{found.rate * 100:.1f}%",
        f"{found.low * 100:.1f} to {found.high * 100:.1f}%, n {counts.decided:,}",
    )
