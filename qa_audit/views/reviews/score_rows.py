"""The scores of one review as rows: every score, the contract's marked, each with its parts and interval."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from qa_audit.models import Review, ReviewScore
from qa_audit.views.findings.exchange_dto import ScoreRow

LABELS = {
    "code_level": "Code-level",
    "auditor_denominator": "Code over code (the reviewer's codes)",
    "weighted": "Weighted",
    "encounter_clean": "Chart without a counted error",
    "drg": "MS-DRG agrees",
    "financial": "Payment right",
}


def percent(rate: str | Decimal) -> str:
    """``95.0%`` of ``0.95``."""
    return f"{Decimal(rate) * 100:.1f}%"


def score_rows(kept: ReviewScore, review: Review) -> tuple[ScoreRow, ...]:
    """All scores that were kept, in one order."""
    return tuple(
        row
        for name, label in LABELS.items()
        if (row := _row(label, _value(name, kept.scores), kept.scores, name == review.counted_score))
    )


def _value(name: str, scores: Mapping[str, Any]) -> Any:
    """What is kept of a score: parts with a rate, a rate, or yes and no."""
    if name == "drg":
        return (scores.get("drg") or {}).get("agree")
    return scores.get("payment_right" if name == "financial" else name)


def _row(label: str, value: Any, scores: Mapping[str, Any], counts: bool) -> ScoreRow | None:
    if isinstance(value, bool):
        return ScoreRow(label, "Yes" if value else "No", "", "", counts)
    if isinstance(value, str):
        weight = Decimal(str(scores.get("weight", "0"))).normalize()
        parts = f"1 − {weight:f} / {scores.get('lines', '')} lines"
        return ScoreRow(label, percent(value), parts, "", counts)
    if not isinstance(value, Mapping) or "denominator" not in value:
        return None
    if value.get("rate") is None:
        return ScoreRow(label, "No line counted", "", "", counts)
    return ScoreRow(
        label,
        percent(value["rate"]),
        f"{value['numerator']} of {value['denominator']}",
        f"{Decimal(value['low']) * 100:.1f} to {percent(value['high'])}",
        counts,
    )


def score_note(kept: ReviewScore | None, review: Review) -> str:
    """Whether the scores can still change, and under which definition they were made."""
    if kept is None:
        return "No score: the review was cancelled."
    confidence = review.draw.version.terms.get("confidence", "0.95") if review.draw else "0.95"
    stands = "Provisional until every finding is settled." if kept.is_provisional else "Final."
    return (
        f"{stands} Taxonomy {kept.definition}; {Decimal(confidence) * 100:.0f}% Wilson intervals of this one "
        "chart, whose codes hang together: judge nobody by them."
    )
