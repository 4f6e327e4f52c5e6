"""Plans, strata and draws in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from coding_ops.core.statistics import Interval
from encounters.models import EncounterKind
from qa_audit.rules.frame import ALWAYS, WIDENED
from qa_audit.rules.plan_terms import Certainty, Dimension, Gate, Method, Mode, PlanTerms, Schedule
from qa_audit.selectors.frame import NO_CODER, NOT_FINAL, OUT_OF_SCOPE

DASH = "–"
DIMENSIONS = {
    Dimension.CODER: "Coder",
    Dimension.SPECIALTY: "Specialty",
    Dimension.PAYER_RISK: "Payer risk",
    Dimension.KIND: "Kind of visit",
}
CERTAINTIES = {
    Certainty.INPATIENT: "Inpatient stays",
    Certainty.HCC: "Charts with an HCC",
    Certainty.COMPLEX_SURGERY: "Complex surgery",
    Certainty.NEW_CODER: "New coders",
    Certainty.SINGLE_CC_MCC: "DRG that rests on a single CC or MCC",
}
METHODS = {Method.PERCENT: "Percent of the charts", Method.COUNT: "Number of charts"}
MODES = {
    Mode.BLIND: "Blind: the reviewer codes before seeing the coder’s codes and name",
    Mode.OPEN: "Open: the reviewer starts from the coder’s codes",
}
GATES = {
    Gate.RETROSPECTIVE: "After release",
    Gate.PREBILL: "Before release: charts are held until drawn and reviewed, or not drawn",
}
SCHEDULES = {
    Schedule.MANUAL: "By hand",
    Schedule.DAILY: "Every day, of the day before",
    Schedule.WEEKLY: "Every Monday, of the week before",
    Schedule.MONTHLY: "On the first, of the month before",
}
SHORT_SCHEDULES = {
    Schedule.MANUAL: "By hand",
    Schedule.DAILY: "Daily",
    Schedule.WEEKLY: "Weekly",
    Schedule.MONTHLY: "Monthly",
}
SCORES = {
    "code_level": "Codes that agree, of all lines",
    "auditor_denominator": "Codes that agree, of the reviewer’s codes",
    "weighted": "Weighted by the kind of error",
    "encounter_clean": "Charts without an error",
    "drg": "DRG the same",
}
LEFT_OUT = {
    NOT_FINAL: "final then, opened again since",
    NO_CODER: "without a known coder",
    OUT_OF_SCOPE: "outside the plan’s scope",
}
STATES = {
    "waiting": "waiting",
    "coding": "in the blind pass",
    "comparing": "being compared",
    "answering": "with the coder",
    "closed": "closed",
    "cancelled": "cancelled",
}


@dataclass(frozen=True, slots=True)
class Names:
    """Who and what strata name.  A client is not told its coders' names."""

    coders: Mapping[str, str] = field(default_factory=dict)
    specialties: Mapping[str, str] = field(default_factory=dict)


def stratum(name: str, names: Names) -> str:
    """``Rosalind Ames · Internal medicine``, ``Always: Inpatient stays``, ``All charts``."""
    if name.startswith(ALWAYS):
        return f"Always: {CERTAINTIES[Certainty(name.removeprefix(ALWAYS))]}"
    return " · ".join(_part(part, names) for part in name.split("|"))


def _part(part: str, names: Names) -> str:
    if part == "all":
        return "All charts"
    if part.startswith(WIDENED):
        return f"drawn {part.removeprefix(WIDENED)} times as often"
    dimension, _, value = part.partition("=")
    if dimension == Dimension.CODER:
        return names.coders.get(value, f"Coder {value}")
    if dimension == Dimension.SPECIALTY:
        return names.specialties.get(value, "No specialty" if value == "none" else value)
    if dimension == Dimension.KIND:
        return str(EncounterKind(value).label)
    return "High risk" if value == "high" else "Routine risk"


def share(terms: PlanTerms) -> str:
    """``5% of the charts, at least 2 of each stratum``"""
    value = f"{terms.value.normalize():f}"
    drawn = f"{value}% of the charts" if terms.method is Method.PERCENT else f"{value} charts"
    floor = terms.floor_per_stratum
    return f"{drawn}, at least {floor} of each stratum" if floor else drawn


def cut(terms: PlanTerms) -> str:
    """``by coder and specialty``"""
    names = [DIMENSIONS[one].lower() for one in terms.strata]
    return f"by {' and '.join(names)}" if names else "all together"


def scope(terms: PlanTerms, names: Names) -> str:
    """``Office visit; Internal medicine``, or ``All final charts``."""
    parts = []
    if terms.kinds:
        parts.append(", ".join(str(EncounterKind(one).label) for one in terms.kinds))
    if terms.specialties:
        parts.append(", ".join(names.specialties.get(one, one) for one in terms.specialties))
    if terms.coders:
        parts.append(", ".join(names.coders.get(str(one), f"Coder {one}") for one in terms.coders))
    return "; ".join(parts) or "All final charts"


def always(terms: PlanTerms) -> str:
    """What is reviewed whole."""
    told = [
        f"{CERTAINTIES[one]} (below {terms.new_coder_charts} final charts)"
        if one is Certainty.NEW_CODER
        else CERTAINTIES[one]
        for one in terms.certainty
    ]
    return ", ".join(told) or "Nothing"


def day(value: date | None) -> str:
    """``11/23/2026``"""
    return f"{value:%m/%d/%Y}" if value else ""


def period(first: date | None, last: date | None) -> str:
    """``11/01/2026 to 11/30/2026``; one day alone."""
    return day(first) if first == last else f"{day(first)} to {day(last)}"


def percent(value: Decimal) -> str:
    """``95``, ``82.8``: percent with at most one decimal."""
    return f"{(value * 100).quantize(Decimal('0.1')):f}".removesuffix(".0")


def percents(found: Interval | None) -> str:
    """``82.8 to 99.9%``"""
    return f"{percent(found.low)} to {percent(found.high)}%" if found else DASH


def counted(hits: int, count: int, found: Interval | None) -> str:
    """``29 of 30: 82.8 to 99.9%``"""
    return f"{hits:,} of {count:,}: {percents(found)}" if count else DASH


def left_out(found: Mapping[str, int]) -> str:
    """``3 final then, opened again since; 12 outside the plan's scope``; empty for none."""
    return "; ".join(f"{found[key]:,} {words}" for key, words in LEFT_OUT.items() if found.get(key))


def charts(count: int) -> str:
    """``1 chart``, ``1,200 charts``"""
    return "1 chart" if count == 1 else f"{count:,} charts"
