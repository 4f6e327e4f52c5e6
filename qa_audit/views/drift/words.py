"""How drift is told: weeks, shares, limits, what a week says, and where its charts are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from coding_ops.core.statistics import interval
from qa_audit.models import DriftSignal, ReviewOrigin, SignalDecision, SignalKind
from qa_audit.rules.review_states import ReviewState
from qa_audit.rules.watch import Speaks, Standing
from qa_audit.selectors.drift import WEEK, Subject
from qa_audit.views.tabs import quality_href

CONFIDENCE = Decimal("0.95")
HUNDRED = Decimal(100)
DASH = "—"
SAYS: Mapping[Standing, tuple[str, str]] = {
    Standing.NONE: ("No review", ""),
    Standing.FEW: ("Too few to judge alone", ""),
    Standing.WITHIN: ("Within the limits", ""),
    Standing.UNSURE: ("Outside the limits, but few charts: may be chance", "warn"),
    Standing.ABOVE: ("More errors than chance explains", "bad"),
    Standing.BELOW: ("Fewer errors than chance explains", "ok"),
}
SPEAKS: Mapping[Speaks, str] = {
    Speaks.ABOVE: "Above its limit",
    Speaks.RUN: "Eighth week in a row above the centre",
    Speaks.CUSUM: "Sum of excess errors at its limit",
}
KINDS: Mapping[str, str] = dict(SignalKind.choices)


def drift_href(slug: str) -> str:
    """``/c/<client>/quality/drift/``"""
    return f"{quality_href(slug)}drift/"


def subject_href(slug: str, subject: Subject) -> str:
    """Where the charts of a coder or specialty are."""
    base = drift_href(slug)
    if subject.coder is not None:
        return f"{base}coders/{subject.coder}/"
    return f"{base}specialties/?{urlencode({'code': subject.specialty})}"


def reviews_href(slug: str, first: date, last: date, *, subject: Subject | None, wrong: bool = False) -> str:
    """The reviews behind a number: those that count for drift, closed from the first through the last day."""
    asked = {
        "state": ReviewState.CLOSED.value,
        "origin": ReviewOrigin.SAMPLE.value,
        "run": "vendor",
        "coder": str(subject.coder) if subject is not None and subject.coder is not None else "",
        "specialty": subject.specialty if subject is not None else "",
        "closed_from": first.isoformat(),
        "closed_to": last.isoformat(),
        "clean": "0" if wrong else "",
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{quality_href(slug)}reviews/?{query}"


def week_end(monday: date) -> date:
    """The Sunday."""
    return monday + WEEK - timedelta(days=1)


def day(value: date) -> str:
    """``11/16/2026``"""
    return f"{value:%m/%d/%Y}"


def percent(value: Decimal | Fraction | None) -> str:
    """``10.0%``"""
    if value is None:
        return DASH
    number = Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else value
    return f"{number * HUNDRED:.1f}%"


def points(value: Fraction) -> str:
    """``+2.5 points``, with a real minus sign."""
    number = Decimal(value.numerator) / value.denominator * HUNDRED
    return f"{number:+.1f} points".replace("-", "−").replace("+0.0", "0.0").replace("−0.0", "0.0")


def share(wrong: int, charts: int) -> str:
    """The share of charts with an error."""
    return percent(Decimal(wrong) / charts) if charts else DASH


def spread(wrong: int, charts: int) -> str:
    """``2.8% to 30.1%``: the 95% interval; empty without a chart."""
    if not charts:
        return ""
    found = interval(wrong, charts, confidence=CONFIDENCE)
    return f"{percent(found.low)} to {percent(found.high)}"


def limits(low: Decimal | None, high: Decimal | None) -> str:
    """``0.0% to 38.5%``"""
    if low is None or high is None:
        return DASH
    return f"{percent(low)} to {percent(high)}"


def about(signal: DriftSignal) -> str:
    """Whose signal it is."""
    return signal.coder.full_name if signal.coder is not None else str(signal.specialty)


def subject_of(signal: DriftSignal) -> Subject:
    """The coder or specialty of a signal."""
    if signal.coder_id is not None:
        return Subject(coder=signal.coder_id)
    return Subject(specialty=signal.specialty.code if signal.specialty is not None else "")


def seen(signal: DriftSignal) -> str:
    """What the signal's week showed, in one line."""
    evidence: Mapping[str, Any] = signal.evidence
    _, charts, wrong = evidence["weeks"][-1]
    if signal.kind == SignalKind.ABOVE:
        counted = f"{wrong} of {charts} charts with an error, {share(wrong, charts)}"
        return f"{counted}; limit {_rate(evidence['high'])}"
    if signal.kind == SignalKind.RUN:
        return f"Eight weeks above the centre of {_rate((evidence['baseline'] or {}).get('rate'))}"
    return f"Sum {Decimal(evidence['sum']):.1f} of {Decimal(evidence['sum_limit']):f}"


def _rate(text: str | None) -> str:
    return DASH if text is None else percent(Decimal(text))


def decided(decision: SignalDecision | None, zone_day: date | None) -> str:
    """What was decided, by whom and when; empty while nobody has."""
    if decision is None or zone_day is None:
        return ""
    what = str(decision.get_kind_display())
    if decision.widening is not None:
        what = f"Sample ×{decision.widening.factor.normalize():f} through {day(decision.widening.ends_on)}"
    if decision.pause is not None:
        what = f"Coder paused{f' through {day(decision.pause.until)}' if decision.pause.until else ''}"
    return f"{what}; {decision.decided_by.full_name}, {day(zone_day)}"
