"""The exchange about a finding: whose turn it is, what may be said, and until when.

The coder accepts, rebuts and escalates; the reviewer upholds or withdraws; a third person, neither of the
two, confirms or overturns.  Who has left is answered for by a manager.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from coding_ops.core.statistics import Interval, interval
from qa_audit.rules.review_states import FALLEN, LINE_STEPS, SETTLED, LineState, LineVerb


class Turn(StrEnum):
    """Who is awaited."""

    CODER = "coder"
    REVIEWER = "reviewer"
    THIRD = "third"
    NOBODY = "nobody"


TURNS = {
    LineState.OPEN: Turn.CODER,
    LineState.UPHELD: Turn.CODER,
    LineState.REBUTTED: Turn.REVIEWER,
    LineState.ESCALATED: Turn.THIRD,
}
STATES_OF = {turn: tuple(state for state, whose in TURNS.items() if whose is turn) for turn in Turn}
SPEAKERS = {
    LineVerb.ACCEPT: Turn.CODER,
    LineVerb.REBUT: Turn.CODER,
    LineVerb.ESCALATE: Turn.CODER,
    LineVerb.UPHOLD: Turn.REVIEWER,
    LineVerb.WITHDRAW: Turn.REVIEWER,
    LineVerb.CONFIRM: Turn.THIRD,
    LineVerb.OVERTURN: Turn.THIRD,
}
FOR_WHO_LEFT = (LineVerb.SETTLE, LineVerb.DISMISS)


@dataclass(frozen=True, slots=True)
class Part:
    """What one person is to one review."""

    is_coder: bool = False
    is_reviewer: bool = False
    may_decide: bool = False
    may_settle: bool = False

    @property
    def is_third(self) -> bool:
        """Neither of the two, and somebody who decides."""
        return self.may_decide and not self.is_coder and not self.is_reviewer


def turn_of(state: LineState | str) -> Turn:
    """Who is awaited on a finding that stands so."""
    return TURNS.get(LineState(state), Turn.NOBODY)


def may_say(part: Part, verb: LineVerb) -> bool:
    """Whether the person is the one who says this, wherever the finding stands."""
    if verb in FOR_WHO_LEFT:
        return part.may_settle and not part.is_coder and not part.is_reviewer
    speaker = SPEAKERS.get(verb)
    if speaker is Turn.CODER:
        return part.is_coder
    if speaker is Turn.REVIEWER:
        return part.is_reviewer
    return speaker is Turn.THIRD and part.is_third


def open_verbs(state: LineState | str, part: Part, *, has_left: bool, is_late: bool) -> tuple[LineVerb, ...]:
    """What the person can do to a finding now.

    Args:
        has_left: who is awaited no longer works for the client.
        is_late: the coder's last day has passed; they can still accept.
    """
    known = [verb for verb in LineVerb if (LineState(state), verb) in LINE_STEPS and may_say(part, verb)]
    return tuple(
        verb
        for verb in known
        if (has_left or verb not in FOR_WHO_LEFT)
        and not (is_late and verb in (LineVerb.REBUT, LineVerb.ESCALATE))
    )


def last_day(answer_by: date | None, respond_by: date | None) -> date | None:
    """The coder's last day on one finding: its own where it has one, else the review's."""
    return answer_by or respond_by


# --- how often a reviewer's findings fall ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fallen:
    """A reviewer's settled findings of a period: ``overturned`` of ``settled`` counts against them."""

    settled: int
    overturned: int
    withdrawn: int
    rate: Interval | None


def fallen(states: Iterable[tuple[str, int]], *, confidence: Decimal) -> Fallen:
    """From counts by state.  Findings that are not settled are not counted.

    A withdrawn finding is shown apart: the reviewer corrected themselves, nobody had to overturn them.
    """
    counts = {LineState(state): count for state, count in states}
    settled = sum(count for state, count in counts.items() if state in SETTLED)
    overturned = sum(counts.get(state, 0) for state in FALLEN - {LineState.WITHDRAWN})
    return Fallen(
        settled=settled,
        overturned=overturned,
        withdrawn=counts.get(LineState.WITHDRAWN, 0),
        rate=interval(overturned, settled, confidence=confidence) if settled else None,
    )


class Verdict(StrEnum):
    """What can be said of a rate that should stay at or below a target."""

    MET = "met"
    MISSED = "missed"
    TOO_CLOSE = "too close to call"
    TOO_FEW = "too few to judge"


def verdict(found: Fallen, *, at_most: Decimal, minimum_n: int) -> Verdict:
    """Met or missed only when the whole interval lies on one side of the target."""
    if found.rate is None or found.settled < minimum_n:
        return Verdict.TOO_FEW
    if found.rate.high <= at_most:
        return Verdict.MET
    return Verdict.MISSED if found.rate.low > at_most else Verdict.TOO_CLOSE
