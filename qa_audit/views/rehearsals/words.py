"""How rehearsals and overpayments are written on pages: dollars, days left, states, verdicts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from coding_ops.core.overpayment import ENDED, ClockDates, ClockFace, ClockState, ClockVerb, face, terms_for
from coding_ops.core.overpayment_terms import clock_editions
from coding_ops.core.statistics import Interval
from qa_audit.models import OverpaymentClock
from qa_audit.rules.rehearsal import HccVerdict, RehearsalKind
from qa_audit.selectors.rehearsal_tables import STATUS_WORDS

DASH = "—"
SOON_DAYS = 14
VERDICTS = {
    HccVerdict.SUPPORTED: "Supported",
    HccVerdict.ELSEWHERE: "Better supported elsewhere",
    HccVerdict.NOT_SUPPORTED: "Not supported",
}
VERDICT_TONES = {
    HccVerdict.SUPPORTED: "ok",
    HccVerdict.ELSEWHERE: "warn",
    HccVerdict.NOT_SUPPORTED: "bad",
}
CLOCK_STATES = {
    ClockState.RUNNING: "Running",
    ClockState.INVESTIGATING: "Being investigated",
    ClockState.QUANTIFIED: "Amount established",
    ClockState.RETURNED: "Returned",
    ClockState.DISMISSED: "No overpayment",
}
CLOCK_VERBS = {
    ClockVerb.IDENTIFY: "Identified",
    ClockVerb.INVESTIGATE: "Investigation begun",
    ClockVerb.QUANTIFY: "Amount established",
    ClockVerb.RETURN: "Reported and returned",
    ClockVerb.DISMISS: "Found to be no overpayment",
}
CLOCK_ACTS = {
    ClockVerb.INVESTIGATE: "Begin the investigation",
    ClockVerb.QUANTIFY: "Establish the amount",
    ClockVerb.RETURN: "Reported and returned",
    ClockVerb.DISMISS: "No overpayment",
}
NOUNS = {RehearsalKind.RADV: "member", RehearsalKind.PAYER: "claim"}


def day(value: date | None) -> str:
    """``11/19/2026``; empty for none."""
    return f"{value:%m/%d/%Y}" if value else ""


def dollars(value: Decimal | None) -> str:
    """``$1,234.50``, ``−$12.00``; a dash for none."""
    if value is None:
        return DASH
    return f"{'−' if value < 0 else ''}${abs(value):,.2f}"


def percent(value: Decimal) -> str:
    """``96.7%`` of 0.966667."""
    return f"{value * 100:.1f}%"


def interval(found: Interval) -> str:
    """``82.8 to 99.9%``."""
    return f"{found.low * 100:.1f} to {found.high * 100:.1f}%"


def counted(count: int, noun: str) -> str:
    """``1 member``, ``2 members``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def left(days: int, *, is_done: bool = False) -> tuple[str, str]:
    """Days to a last day and the tone: ``("12 days left", "warn")``, ``("3 days late", "bad")``."""
    if is_done:
        return ("done", "ok") if days >= 0 else (f"done {counted(-days, 'day')} late", "warn")
    if days < 0:
        return f"{counted(-days, 'day')} late", "bad"
    if days == 0:
        return "today is the last day", "bad"
    return f"{counted(days, 'day')} left", "warn" if days <= SOON_DAYS else ""


def status(value: str) -> str:
    """What is said beside a figure from the data files; empty when it was read in its source."""
    return STATUS_WORDS.get(value, value)


def face_of(clock: OverpaymentClock, today: date) -> ClockFace:
    """The clock as it stands on a day."""
    dates = ClockDates(clock.identified_on, clock.investigated_on, clock.quantified_on, clock.ended_on)
    return face(dates, terms_for(clock_editions(), clock.program, clock.identified_on), today)


def clock_left(clock: OverpaymentClock, found: ClockFace) -> tuple[str, str]:
    """Days left, or how it ended, with the tone."""
    state = ClockState(clock.state)
    if state is ClockState.DISMISSED:
        return "ended", ""
    words, tone = left(found.days_left, is_done=state in ENDED)
    if found.is_suspended:
        return f"suspended; {words} at the most", tone
    return words, tone


def judged(found: Interval | None, n: int, minimum: int, target: Decimal) -> str:
    """A share against its target: ``met``, ``missed``, ``unsure``, or ``few`` below the minimum n."""
    if found is None or n < minimum:
        return "few"
    if found.low >= target:
        return "met"
    return "missed" if found.high < target else "unsure"
