"""How the programme's figures are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from coding_ops.core.statistics import Interval
from qa_audit.models import ReviewOrigin
from qa_audit.models.reviews import Cause
from qa_audit.rules.accuracy import Judged, Moments, estimate, judge
from qa_audit.selectors.programme import Months, Yardstick
from qa_audit.views.programme.dto import Figure

DASH = "—"
SCORES: Mapping[str, str] = {
    "code_level": "Code level",
    "auditor_denominator": "Code over code",
    "weighted": "Weighted",
    "encounter_clean": "Clean charts",
    "drg": "DRG",
    "financial": "Payment right",
}
FORMULAS: Mapping[str, str] = {
    "code_level": "Lines that agree, of all lines: agreed, wrong, missed and unsupported",
    "auditor_denominator": "Lines that agree, of the reviewer's codes",
    "weighted": "1 less the weight of the errors over the lines",
    "encounter_clean": "Charts without an error charged to the coder, of all audited",
    "drg": "Stays whose group by the settled codes is the coder's, of stays audited",
    "financial": "Charts whose errors would not have changed the payment, of all audited",
}
NOUNS: Mapping[str, str] = {
    "code_level": "codes",
    "auditor_denominator": "codes",
    "weighted": "codes",
    "encounter_clean": "charts",
    "drg": "stays",
    "financial": "charts",
}
VERDICTS: Mapping[str, str] = {
    "WC": "Wrong code",
    "WS": "Wrong specificity",
    "MS": "Missed",
    "UN": "Unsupported",
    "PD": "Principal or first-listed",
    "SQ": "Sequence",
    "PO": "Present on admission",
    "MO": "Modifier",
    "UT": "Units",
    "EO": "Level too high",
    "EU": "Level too low",
    "DP": "Link, date, provider, place",
    "QM": "Query missed",
    "EV": "Evidence",
}
CAUSES: Mapping[str, str] = {**dict(Cause.choices), "": "No cause given"}
ORIGINS: Mapping[str, str] = dict(ReviewOrigin.choices)


def figure(sums: Moments, score: str, yard: Yardstick, *, href: str = "", judged: bool = True) -> Figure:
    """A rate with its interval, its n and what can be said of it."""
    found = estimate(sums, confidence=yard.confidence)
    if found is None:
        return Figure(DASH)
    verdict = judge(found, sums.charts, target=yard.target, minimum_charts=yard.minimum_charts)
    return Figure(
        rate=percent(found.rate),
        interval=between(found),
        counted=counted(sums, score),
        charts=of(sums.charts, "charts"),
        verdict=verdict.value if judged else "",
        href=href,
        found=found,
    )


def percent(rate: Decimal | None) -> str:
    """``97.3%``."""
    return DASH if rate is None else f"{100 * rate:.1f}%"


def between(found: Interval | None) -> str:
    """``95.1 to 98.6%``."""
    return DASH if found is None else f"{100 * found.low:.1f} to {100 * found.high:.1f}%"


def counted(sums: Moments, score: str) -> str:
    """``312 charts, 1,198 of 1,231 codes``; where weights move the rate, that is said."""
    noun = NOUNS[score]
    parts = f"{number(sums.numerator)} of {of(sums.denominator, noun)}"
    if noun == "codes":
        parts = f"{of(sums.charts, 'charts')}, {parts}"
    return f"{parts}, weighted" if sums.is_weighted else parts


def number(value: Decimal) -> str:
    """``1,198``, ``37.5``."""
    whole = value.to_integral_value()
    return f"{whole:,.0f}" if value == whole else f"{value:,.3f}".rstrip("0")


def of(count: int, noun: str) -> str:
    """``1,204 charts``, ``1 chart``."""
    return f"{count:,} {noun if count != 1 else noun.removesuffix('s')}"


def target(yard: Yardstick) -> str:
    """``target ≥ 95.0%``."""
    return f"target ≥ {percent(yard.target)}"


def month(day: date) -> str:
    """``11/2026``."""
    return f"{day:%m/%Y}"


def window(months: Months) -> str:
    """``09/2026 to 11/2026``."""
    if months.first == months.last:
        return month(months.first)
    return f"{month(months.first)} to {month(months.last)}"


def is_judged(verdict: str) -> bool:
    """Whether anything was said of the rate."""
    return verdict not in ("", Judged.TOO_FEW.value)


def decimal(text: str) -> Decimal:
    """A stored number."""
    return Decimal(text)
