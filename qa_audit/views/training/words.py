"""How trainings are written on pages."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from coding_ops.core.errors import InvalidInput
from coding_ops.core.statistics import Interval
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import moment
from qa_audit.models import TrainingAssignment
from qa_audit.rules.recurrence import ChartSums, Recurrence, Verdict, chart_rate, recurrence
from qa_audit.rules.training_states import OPEN, TrainingState
from qa_audit.topic_tables import topic_map
from qa_audit.views.training.dto import Rate

STATES = {
    TrainingState.ASSIGNED: "To do",
    TrainingState.WAITING: "Done, waits for charts",
    TrainingState.REAUDIT: "Re-audit",
    TrainingState.CLOSED: "Closed, clean",
    TrainingState.ENDED: "Ended",
}
TONES = {
    TrainingState.ASSIGNED: "warn",
    TrainingState.REAUDIT: "query",
    TrainingState.CLOSED: "ok",
}
VERDICTS = {
    Verdict.MET: ("Met", "ok"),
    Verdict.UNSURE: ("Too close to call", "warn"),
    Verdict.MISSED: ("Missed", "bad"),
    Verdict.TOO_FEW: ("Too few to judge", "line"),
}
DASH = "—"


def day(value: date | None) -> str:
    """``11/23/2026``; empty for none."""
    return "" if value is None else f"{value:%m/%d/%Y}"


def time_of(value: datetime | None, zone: str) -> str:
    """``11/23/2026 4:42 PM CST``; empty for none."""
    return "" if value is None else moment(value, zone)


def read_day(text: str, path: str) -> date:
    """A day as a date field sends it, or as it is written on pages.

    Raises:
        InvalidInput: neither of the two.
    """
    text = text.strip()
    if text.count("/") == 2:
        month, on, year = text.split("/")
        text = f"{year:0>4}-{month:0>2}-{on:0>2}"
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            "Give the day as MM/DD/YYYY, e.g. 11/30/2026.", code="training.day", details={"path": path}
        ) from error


def read_count(text: str, path: str) -> int:
    """A whole number from a form.

    Raises:
        InvalidInput: none, or a long one.
    """
    text = text.strip()
    if not (text.isdecimal() and len(text) < 9):
        raise InvalidInput("Give a whole number.", code="training.count", details={"path": path})
    return int(text)


def plural(count: int, noun: str) -> str:
    """``1 chart``, ``3 charts``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def percent(rate: Decimal) -> str:
    """``28.6%``"""
    return f"{100 * rate:.1f}%"


def rounds_rate(again: int, decided: int) -> Rate:
    """How many re-audits found the error again, judged against the house's target."""
    numbers = topic_map().numbers
    if not decided:
        return Rate("")
    found: Recurrence = recurrence(
        again,
        decided,
        confidence=numbers.confidence,
        target=numbers.recurrence_target,
        minimum_n=numbers.recurrence_minimum,
    )
    words, tone = VERDICTS[found.verdict]
    counted = f"{again:,} of {plural(decided, 're-audit')}"
    if found.found is None or found.verdict is Verdict.TOO_FEW:
        return Rate(counted, words=words, tone=tone)
    return Rate(counted, percent(found.found.rate), _between(found.found), words, tone)


def charts_rate(sums: ChartSums) -> Rate:
    """How many charts of the re-audits had the error again; shown beside the other and not judged."""
    numbers = topic_map().numbers
    if not sums.charts:
        return Rate("")
    counted = f"{sums.again:,} of {plural(sums.charts, 'chart')}"
    found = chart_rate(sums, confidence=numbers.confidence)
    if found is None or sums.rounds < numbers.recurrence_minimum:
        return Rate(counted)
    return Rate(counted, percent(found.rate), _between(found))


def _between(found: Interval) -> str:
    return f"{percent(found.low).removesuffix('%')} to {percent(found.high)}"


def topic_choices(selected: str) -> tuple[Choice, ...]:
    """Every topic by name."""
    topics = sorted(topic_map().topics.values(), key=lambda one: one.name)
    return tuple(Choice(one.key, one.name, one.key == selected) for one in topics)


def due_tone(assignment: TrainingAssignment, today: date) -> str:
    """``bad`` past the day, ``warn`` within three days, while it is still to do."""
    if assignment.state != TrainingState.ASSIGNED:
        return ""
    left = (assignment.due_on - today).days
    return "bad" if left < 0 else "warn" if left <= 3 else ""


def is_open(assignment: TrainingAssignment) -> bool:
    """Whether anything is still awaited."""
    return TrainingState(assignment.state) in OPEN
