"""What a provider's link opens now, and whether a one-time code may be sent or still counts.

Pure decisions on plain facts; the figures come from ``cdi_queries/data/links.toml`` and the client's policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from cdi_queries.rules.query_states import QueryState


class Standing(StrEnum):
    """What a genuine link comes to; everything but ``OPEN`` has a page of its own words."""

    OPEN = "open"
    ANSWERED_HERE = "answered_here"
    ANSWERED = "answered"
    PASSED_ON = "passed_on"
    LEFT = "left"
    CANCELLED = "cancelled"
    RAN_OUT = "ran_out"
    REPLACED = "replaced"
    EXPIRED = "expired"


class CodeAnswer(StrEnum):
    """What became of a code that was typed in."""

    RIGHT = "right"
    WRONG = "wrong"
    SPENT = "spent"
    EXPIRED = "expired"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class LinkTerms:
    """The figures of one edition: digits, tries a code, codes a link; seconds and minutes as named."""

    digits: int
    tries: int
    codes: int
    resend_seconds: int
    session_minutes: int


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """A link and its query as they lie in the database, and whether the provider has left the client."""

    query_state: QueryState
    is_theirs: bool
    has_left: bool
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """The newest one-time code of a link; ``is_set`` is False before the first and after a right one."""

    is_set: bool
    sent_at: datetime | None
    expires_at: datetime | None
    codes_sent: int
    wrong_tries: int


def terms_of(table: Mapping[str, Any]) -> LinkTerms:
    """The figures out of the data file."""
    code, session = table["code"], table["session"]
    return LinkTerms(
        digits=code["digits"],
        tries=code["tries"],
        codes=code["codes"],
        resend_seconds=code["resend_seconds"],
        session_minutes=session["minutes"],
    )


def standing_of(link: LinkFacts, now: datetime) -> Standing:
    """What the link opens; what happened to the question comes before what happened to the link."""
    if link.used_at is not None:
        return Standing.ANSWERED_HERE
    if link.query_state in (QueryState.ANSWERED, QueryState.CLOSED):
        return Standing.ANSWERED
    if link.query_state is QueryState.CANCELLED:
        return Standing.CANCELLED
    if not link.is_theirs:
        return Standing.PASSED_ON
    if link.query_state is not QueryState.SENT:
        return Standing.RAN_OUT
    if link.has_left:
        return Standing.LEFT
    if link.revoked_at is not None:
        return Standing.REPLACED
    return Standing.OPEN if now < link.expires_at else Standing.EXPIRED


def wait_for_code(code: CodeFacts, terms: LinkTerms, now: datetime) -> timedelta | None:
    """How long until another code may be sent: zero for now, None when this link has had all of its codes."""
    if code.codes_sent >= terms.codes:
        return None
    if code.sent_at is None:
        return timedelta(0)
    return max(code.sent_at + timedelta(seconds=terms.resend_seconds) - now, timedelta(0))


def code_counts(code: CodeFacts, terms: LinkTerms, now: datetime) -> CodeAnswer | None:
    """Why no code counts any more, or None while one does: what was typed is looked at only then."""
    if not code.is_set or code.expires_at is None:
        return CodeAnswer.NONE
    if code.wrong_tries >= terms.tries:
        return CodeAnswer.SPENT
    return CodeAnswer.EXPIRED if now >= code.expires_at else None
