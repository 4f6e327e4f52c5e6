"""The scores of all reviews of a finished audit together, each with its intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from coding_ops.core.statistics import Interval, IntervalMethod
from qa_audit.exports.contents import ReviewSheet
from qa_audit.rules.accuracy import Moments, estimate, of_chart, total
from qa_audit.views.reviews.score_rows import LABELS, percent

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class TotalRow:
    """One score: counted parts, the rate, and its Wilson and Clopper-Pearson intervals."""

    label: str
    is_counted: bool
    charts: int
    numerator: str
    denominator: int
    rate: str
    wilson: str
    exact: str
    weighted: str
    """The rate when each chart stands for as many as its stratum says; empty where that changes nothing."""


def totals(
    reviews: Sequence[ReviewSheet], *, confidence: Decimal, counted_score: str
) -> tuple[TotalRow, ...]:
    """The scores that have numerator and denominator.  Codes of one chart err together: that is counted."""
    rows = (_row(name, reviews, confidence, name == counted_score) for name in LABELS)
    return tuple(row for row in rows if row is not None)


def _row(name: str, reviews: Sequence[ReviewSheet], confidence: Decimal, is_counted: bool) -> TotalRow | None:
    plain = _sums(name, reviews, weighted=False)
    found = estimate(plain, confidence=confidence)
    exact = estimate(plain, confidence=confidence, method=IntervalMethod.CLOPPER_PEARSON)
    if found is None or exact is None:
        return None
    whole = _sums(name, reviews, weighted=True)
    weighted = estimate(whole, confidence=confidence) if whole.is_weighted else None
    return TotalRow(
        label=LABELS[name],
        is_counted=is_counted,
        charts=plain.charts,
        numerator=f"{plain.numerator.normalize():f}",
        denominator=plain.denominator,
        rate=percent(found.rate),
        wilson=_span(found),
        exact=_span(exact),
        weighted=f"{percent(weighted.rate)}, {_span(weighted)}" if weighted else "",
    )


def _sums(name: str, reviews: Sequence[ReviewSheet], *, weighted: bool) -> Moments:
    return total(
        of_chart(parts[0], parts[1], (review.weight or ONE) if weighted else ONE)
        for review in reviews
        if (parts := review.counts.get(name)) is not None
    )


def _span(found: Interval) -> str:
    return f"{found.low * 100:.1f} to {percent(found.high)}"
