"""The life of a review, as one table of steps.

    waiting → coding → comparing → answering → closed
An open review starts at ``comparing``.  Answering: the coder accepts or rebuts each finding; the score is
provisional until the review is closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from coding_ops.core.errors import Conflict


class ReviewState(StrEnum):
    """Where a review stands."""

    WAITING = "waiting"
    CODING = "coding"
    COMPARING = "comparing"
    ANSWERING = "answering"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ReviewVerb(StrEnum):
    """What moves it."""

    TAKE_BLIND = "take_blind"
    TAKE_OPEN = "take_open"
    GIVE_BACK = "give_back"
    REVEAL = "reveal"
    DELIVER = "deliver"
    CLOSE = "close"
    CANCEL = "cancel"


STEPS: dict[tuple[ReviewState, ReviewVerb], ReviewState] = {
    (ReviewState.WAITING, ReviewVerb.TAKE_BLIND): ReviewState.CODING,
    (ReviewState.WAITING, ReviewVerb.TAKE_OPEN): ReviewState.COMPARING,
    # Nothing was seen yet, so another reviewer may begin afresh.
    (ReviewState.CODING, ReviewVerb.GIVE_BACK): ReviewState.WAITING,
    (ReviewState.CODING, ReviewVerb.REVEAL): ReviewState.COMPARING,
    (ReviewState.COMPARING, ReviewVerb.DELIVER): ReviewState.ANSWERING,
    (ReviewState.ANSWERING, ReviewVerb.CLOSE): ReviewState.CLOSED,
    (ReviewState.WAITING, ReviewVerb.CANCEL): ReviewState.CANCELLED,
    (ReviewState.CODING, ReviewVerb.CANCEL): ReviewState.CANCELLED,
    (ReviewState.COMPARING, ReviewVerb.CANCEL): ReviewState.CANCELLED,
}


def step(state: ReviewState | str, verb: ReviewVerb) -> ReviewState:
    """The state after a verb.

    Raises:
        Conflict: the review does not stand where this can be done.
    """
    after = STEPS.get((ReviewState(state), verb))
    if after is None:
        raise Conflict(
            f"The review is {ReviewState(state).value}: it cannot be done now.", code="review.state"
        )
    return after


def allowed_pairs() -> Iterator[tuple[ReviewState, ReviewState]]:
    """Before and after of every step, for the database's own trigger."""
    yield from sorted({(before, after) for (before, _), after in STEPS.items()})


class LineState(StrEnum):
    """Where a finding stands between reviewer and coder."""

    DRAFT = "draft"
    OPEN = "open"
    ACCEPTED = "accepted"
    REBUTTED = "rebutted"
    WITHDRAWN = "withdrawn"
    UPHELD = "upheld"
    ESCALATED = "escalated"
    CONFIRMED = "confirmed"
    OVERTURNED = "overturned"
    LAPSED = "lapsed"


class LineVerb(StrEnum):
    """What the coder, the reviewer and the third person do to a finding.

    Lapse: the coder's last day passed.  Settle and dismiss: whose turn it is has left, and a manager
    decides in their place that the finding stands, or falls.
    """

    DELIVER = "deliver"
    ACCEPT = "accept"
    REBUT = "rebut"
    UPHOLD = "uphold"
    WITHDRAW = "withdraw"
    ESCALATE = "escalate"
    CONFIRM = "confirm"
    OVERTURN = "overturn"
    LAPSE = "lapse"
    SETTLE = "settle"
    DISMISS = "dismiss"


LINE_STEPS: dict[tuple[LineState, LineVerb], LineState] = {
    (LineState.DRAFT, LineVerb.DELIVER): LineState.OPEN,
    (LineState.OPEN, LineVerb.ACCEPT): LineState.ACCEPTED,
    (LineState.OPEN, LineVerb.REBUT): LineState.REBUTTED,
    (LineState.REBUTTED, LineVerb.UPHOLD): LineState.UPHELD,
    (LineState.REBUTTED, LineVerb.WITHDRAW): LineState.WITHDRAWN,
    (LineState.UPHELD, LineVerb.ACCEPT): LineState.ACCEPTED,
    (LineState.UPHELD, LineVerb.ESCALATE): LineState.ESCALATED,
    (LineState.ESCALATED, LineVerb.CONFIRM): LineState.CONFIRMED,
    (LineState.ESCALATED, LineVerb.OVERTURN): LineState.OVERTURNED,
    # Silence is no consent: the finding stands, and it is told apart from one that was accepted.
    (LineState.OPEN, LineVerb.LAPSE): LineState.LAPSED,
    (LineState.UPHELD, LineVerb.LAPSE): LineState.LAPSED,
    **{
        (state, verb): after
        for state in (LineState.OPEN, LineState.REBUTTED, LineState.UPHELD)
        for verb, after in (
            (LineVerb.SETTLE, LineState.CONFIRMED),
            (LineVerb.DISMISS, LineState.OVERTURNED),
        )
    },
}
SETTLED = frozenset(
    {
        LineState.ACCEPTED,
        LineState.WITHDRAWN,
        LineState.CONFIRMED,
        LineState.OVERTURNED,
        LineState.LAPSED,
    }
)
"""Nothing more is awaited on such a line."""
FALLEN = frozenset({LineState.WITHDRAWN, LineState.OVERTURNED})
"""The finding does not count: the coder's line stands."""
CODERS_TURN = frozenset({LineState.OPEN, LineState.UPHELD})
"""The coder answers next, by a last day."""


def line_step(state: LineState | str, verb: LineVerb) -> LineState:
    """The state of a finding after a verb.

    Raises:
        Conflict: it does not stand where this can be done.
    """
    after = LINE_STEPS.get((LineState(state), verb))
    if after is None:
        raise Conflict(
            f"The finding is {LineState(state).value}: it cannot be done now.", code="finding.state"
        )
    return after
