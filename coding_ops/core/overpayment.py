"""The clock of an identified overpayment: when it must be reported and returned.

42 CFR 401.305 (Medicare Parts A and B, as of 2025-01-01): within 60 days of identifying it; a timely
good-faith investigation of related overpayments suspends the deadline until it is concluded, at most until
the 180th day after identification.  What was left of the 60 days when the investigation began runs on from
there: the rule says "suspended", and no worked figure was found.  Days and citations are data, by program and
by the day of identification.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from coding_ops.core.errors import Conflict, InvalidInput, Refused


class ClockState(StrEnum):
    """Where an overpayment stands."""

    RUNNING = "running"
    INVESTIGATING = "investigating"
    QUANTIFIED = "quantified"
    RETURNED = "returned"
    DISMISSED = "dismissed"


class ClockVerb(StrEnum):
    """What moves it.  Each is a decision with a reason, and kept."""

    IDENTIFY = "identify"
    INVESTIGATE = "investigate"
    QUANTIFY = "quantify"
    RETURN = "return"
    DISMISS = "dismiss"


STEPS: Final[dict[tuple[ClockState, ClockVerb], ClockState]] = {
    (ClockState.RUNNING, ClockVerb.INVESTIGATE): ClockState.INVESTIGATING,
    (ClockState.INVESTIGATING, ClockVerb.QUANTIFY): ClockState.QUANTIFIED,
    (ClockState.RUNNING, ClockVerb.RETURN): ClockState.RETURNED,
    (ClockState.QUANTIFIED, ClockVerb.RETURN): ClockState.RETURNED,
    (ClockState.RUNNING, ClockVerb.DISMISS): ClockState.DISMISSED,
    (ClockState.INVESTIGATING, ClockVerb.DISMISS): ClockState.DISMISSED,
    (ClockState.QUANTIFIED, ClockVerb.DISMISS): ClockState.DISMISSED,
}
ENDED: Final = frozenset({ClockState.RETURNED, ClockState.DISMISSED})


@dataclass(frozen=True, slots=True)
class ClockTerms:
    """One program's rule from one day on.  ``suspension_days`` of 0: an investigation suspends nothing."""

    program: str
    effective_from: date
    days: int
    suspension_days: int
    lookback_years: int
    citation: str
    status: str


@dataclass(frozen=True, slots=True)
class ClockDates:
    """The days that were recorded; ``None``: has not happened."""

    identified_on: date
    investigated_on: date | None = None
    quantified_on: date | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class ClockFace:
    """What the clock shows on a day.

    Attributes:
        due_on: the last day; while an investigation runs, the last day should it run as long as it may.
        is_suspended: an investigation holds it on this day.
        suspended_through: the last day that the investigation can hold it; ``None`` without one.
        days_left: negative once the last day has passed; counted on the day it ended, if it has.
        why: how the day was computed, in steps.
    """

    due_on: date
    is_suspended: bool
    suspended_through: date | None
    days_left: int
    why: tuple[str, ...]


def step(state: ClockState | str, verb: ClockVerb) -> ClockState:
    """The state after a verb.

    Raises:
        Conflict: the overpayment does not stand where this can be done.
    """
    after = STEPS.get((ClockState(state), verb))
    if after is None:
        raise Conflict(
            f"This cannot be done to an overpayment that is {ClockState(state).value}.", code="clock.state"
        )
    return after


def verbs_of(state: ClockState | str) -> tuple[ClockVerb, ...]:
    """What can be done next."""
    return tuple(verb for before, verb in STEPS if before == ClockState(state))


def terms_for(editions: Sequence[ClockTerms], program: str, identified_on: date) -> ClockTerms:
    """The rule in force on the day of identification.

    Raises:
        InvalidInput: none is on record for the program and the day.
    """
    fitting = [one for one in editions if one.program == program and one.effective_from <= identified_on]
    if not fitting:
        raise InvalidInput(
            "No rule is on record for this program and day.", code="clock.terms", details={"path": "program"}
        )
    return max(fitting, key=lambda one: one.effective_from)


def face(dates: ClockDates, terms: ClockTerms, today: date) -> ClockFace:
    """The clock on a day.  Whoever is late stays late: days are counted, nothing is forgiven."""
    start, began = dates.identified_on, dates.investigated_on
    plain = start + timedelta(days=terms.days)
    why = [f"Identified on {start:%m/%d/%Y}; {terms.days} days end on {plain:%m/%d/%Y}."]
    due, through = plain, None
    if began is not None and terms.suspension_days:
        cap = start + timedelta(days=terms.suspension_days)
        through = cap if dates.quantified_on is None else min(dates.quantified_on, cap)
        used = max(0, (began - start).days)
        due = through + timedelta(days=terms.days - used)
        why.append(
            f"Investigated since {began:%m/%d/%Y}, {used} days in: suspended through {through:%m/%d/%Y}"
            f" (at most {terms.suspension_days} days from identification)."
        )
        why.append(
            f"The {terms.days - used} days left then end on {due:%m/%d/%Y}"
            " (our reading of “suspended”: not verified)."
        )
    elif began is not None:
        why.append("An investigation does not suspend the deadline of this program.")
    seen = dates.ended_on or today
    is_suspended = (
        dates.ended_on is None
        and began is not None
        and through is not None
        and dates.quantified_on is None
        and began <= today <= through
    )
    return ClockFace(due, is_suspended, through, (due - seen).days, tuple(why))


def check_day(verb: ClockVerb, on: date, dates: ClockDates, terms: ClockTerms, today: date) -> None:
    """Whether something can have happened on a day.

    Raises:
        InvalidInput: in the future, or before what must come first.
        Refused: an investigation that began after the deadline had passed.
    """
    if on > today:
        raise InvalidInput("The day has not come yet.", code="clock.day", details={"path": "on"})
    earliest = dates.identified_on
    if verb in (ClockVerb.QUANTIFY, ClockVerb.RETURN, ClockVerb.DISMISS):
        earliest = max(
            day for day in (earliest, dates.investigated_on, dates.quantified_on) if day is not None
        )
    if on < earliest:
        raise InvalidInput(
            f"Not before {earliest:%m/%d/%Y}, when the step before was taken.",
            code="clock.day",
            details={"path": "on"},
        )
    if verb is ClockVerb.INVESTIGATE and on > dates.identified_on + timedelta(days=terms.days):
        raise Refused(
            "The deadline had passed by then: an investigation that begins later suspends nothing.",
            code="clock.too_late",
        )


def lookback_from(identified_on: date, years: int) -> date:
    """The first day on which a payment received can still be an overpayment to return."""
    try:
        return identified_on.replace(year=identified_on.year - years)
    except ValueError:  # February 29 of a year that has none
        return identified_on.replace(year=identified_on.year - years, day=28)
