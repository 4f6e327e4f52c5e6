"""Whose every day of an account is, from service to the payer's first answer.

An account is one visit or stay.  A day is whole, from midnight to midnight in the client's own zone, and
belongs to whoever held the account up when the day ended, so that each day is exactly one party's and their
sum is the account's age.  Who that is:

1. Sent: the payer, until it answers.
2. Not final coded: the owner of the earliest opened hold other than the vendor's (a provider's query, the
   client's registration, a payer's authorization); else the client while not everything needed to code has
   arrived; else the vendor, who codes it or holds it.
3. Final and not sent: the vendor while a review keeps the codes back; else who can mend what keeps the claim
   from being written; else the one who sends the claims: the vendor, or a client that bills for itself.

The second step is that of ``encounters.rules.deadlines``, with the cause beside the party.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from encounters.rules.deadlines import Party

_DAY: Final = timedelta(days=1)


class Cause(StrEnum):
    """What an account waited for on a day."""

    DOCUMENTS = "documents"
    QUERY = "query"
    HOLD = "hold"
    CODING = "coding"
    REVIEW = "review"
    BLOCKED = "blocked"
    SENDING = "sending"
    ANSWER = "answer"


WORDS: Final = {
    Cause.DOCUMENTS: "Documents not here yet",
    Cause.QUERY: "Query to the provider",
    Cause.HOLD: "On hold",
    Cause.CODING: "Coding",
    Cause.REVIEW: "Codes kept back for review",
    Cause.BLOCKED: "Claim cannot be written",
    Cause.SENDING: "Claim ready, not sent",
    Cause.ANSWER: "Waiting for the payer's answer",
}
UNCODED: Final = (Cause.DOCUMENTS, Cause.QUERY, Cause.HOLD, Cause.CODING)
"""Causes of an account that is not final coded (DNFC, the part of DNFB that waits for codes)."""


@dataclass(frozen=True, slots=True)
class Held:
    """Who held the account up, and with what."""

    party: Party
    cause: Cause


@dataclass(frozen=True, slots=True)
class Stop:
    """A hindrance from ``start`` until just before ``end`` (``None``: it still stands)."""

    start: datetime
    end: datetime | None
    party: Party
    cause: Cause = Cause.HOLD

    def stands_at(self, moment: datetime) -> bool:
        """Whether it stood at this instant."""
        return self.start <= moment and (self.end is None or moment < self.end)


@dataclass(frozen=True, slots=True)
class Account:
    """One visit's way to the payer, as instants.  Grain: one row an encounter.

    Attributes:
        served_on: last day of service, or of the stay; ``None`` while the stay is not over.
        available_at: when it could first be coded; ``None`` while it cannot.
        coded: when it stood final, as ``(start, end)``; an ``end`` of ``None`` is open.
        holds: while it was coded, also queries.
        reviews: what kept its final codes back.
        blocks: what kept its claim from being written.
        billed_at: when its first claim went out.
        answered_at: when the payer, or the clearinghouse by a rejection, first answered that.
        is_self_billed: the client sends its claims itself.
        charge_amount: gross charge in dollars; ``None`` while nobody has named one.
    """

    id: UUID
    served_on: date | None
    available_at: datetime | None = None
    coded: tuple[tuple[datetime, datetime | None], ...] = ()
    holds: tuple[Stop, ...] = ()
    reviews: tuple[Stop, ...] = ()
    blocks: tuple[Stop, ...] = ()
    billed_at: datetime | None = None
    answered_at: datetime | None = None
    cancelled_at: datetime | None = None
    is_self_billed: bool = False
    charge_amount: Decimal | None = None
    facility: str = ""
    specialty: str = ""

    def is_coded_at(self, moment: datetime) -> bool:
        """Whether it stood final at this instant."""
        return any(start <= moment and (end is None or moment < end) for start, end in self.coded)

    def is_billed_at(self, moment: datetime) -> bool:
        """Whether its first claim had gone out by this instant."""
        return self.billed_at is not None and self.billed_at <= moment


@dataclass(frozen=True, slots=True)
class Gross:
    """Gross charges in dollars of one day of service, facility and specialty."""

    served_on: date
    amount: Decimal
    facility: str = ""
    specialty: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days in a row that one party held up for one cause, ``first`` to ``last``, both included."""

    first: date
    last: date
    held: Held

    @property
    def days(self) -> int:
        """How many they are, one at least."""
        return (self.last - self.first).days + 1


def holder_at(account: Account, moment: datetime) -> Held:
    """Who holds the account up at this instant, and with what."""
    if account.is_billed_at(moment):
        return Held(Party.PAYER, Cause.ANSWER)
    if not account.is_coded_at(moment):
        return _uncoded(account, moment)
    review = _earliest(account.reviews, moment)
    if review is not None:
        return Held(Party.VENDOR, Cause.REVIEW)
    block = _earliest(account.blocks, moment)
    if block is not None:
        return Held(block.party, Cause.BLOCKED)
    return Held(Party.CLIENT if account.is_self_billed else Party.VENDOR, Cause.SENDING)


def is_unbilled(account: Account, moment: datetime, zone: ZoneInfo) -> bool:
    """Whether the account is discharged and not final billed at this instant (DNFB)."""
    return (
        account.served_on is not None
        and account.served_on <= moment.astimezone(zone).date()
        and not (account.cancelled_at is not None and account.cancelled_at <= moment)
        and not account.is_billed_at(moment)
    )


def age_days(account: Account, moment: datetime, zone: ZoneInfo) -> int:
    """Days from service to this instant: midnights passed in the client's zone; none for a stay not over."""
    if account.served_on is None:
        return 0
    return max(0, (moment.astimezone(zone).date() - account.served_on).days)


def stretches(account: Account, moment: datetime, zone: ZoneInfo) -> tuple[Stretch, ...]:
    """The account's days up to this instant, oldest first, neighbours of one holder joined.

    They end at the payer's first answer or the cancellation, whichever was first; the day that is not over at
    ``moment`` is not among them.
    """
    if account.served_on is None:
        return ()
    end = min([moment, *(at for at in (account.answered_at, account.cancelled_at) if at is not None)])
    first, past = account.served_on, end.astimezone(zone).date()
    if first >= past:
        return ()
    # Between two instants at which anything changed one holder stands, however many days that is.
    days = {_day_ending_at(edge, zone) for edge in _edges(account)}
    cuts = sorted({first, past, *(day for day in days if first < day < past)})
    found: list[Stretch] = []
    for start, following in pairwise(cuts):
        held = holder_at(account, _start_of(start + _DAY, zone))
        if found and found[-1].held == held:
            start = found.pop().first
        found.append(Stretch(start, following - _DAY, held))
    return tuple(found)


def days_by_party(account: Account, moment: datetime, zone: ZoneInfo) -> dict[Party, int]:
    """Days of each party that held the account up at least one; their sum is its age, or its way's length."""
    count: Counter[Party] = Counter()
    for stretch in stretches(account, moment, zone):
        count[stretch.held.party] += stretch.days
    return dict(count)


def _uncoded(account: Account, moment: datetime) -> Held:
    theirs = _earliest((hold for hold in account.holds if hold.party is not Party.VENDOR), moment)
    if theirs is not None:
        return Held(theirs.party, theirs.cause)
    if account.available_at is None or moment < account.available_at:
        return Held(Party.CLIENT, Cause.DOCUMENTS)
    ours = _earliest(account.holds, moment)
    return Held(Party.VENDOR, Cause.CODING if ours is None else ours.cause)


def _earliest(stops: Iterable[Stop], moment: datetime) -> Stop | None:
    standing = [stop for stop in stops if stop.stands_at(moment)]
    return min(standing, key=lambda stop: (stop.start, stop.party.value)) if standing else None


def _edges(account: Account) -> list[datetime]:
    """Every instant at which another may hold the account up."""
    stops = (*account.holds, *account.reviews, *account.blocks)
    pairs = [*account.coded, *((stop.start, stop.end) for stop in stops)]
    single = (account.available_at, account.billed_at)
    return [edge for edge in (*single, *(edge for pair in pairs for edge in pair)) if edge is not None]


def _day_ending_at(moment: datetime, zone: ZoneInfo) -> date:
    """The first day whose end is not before this instant."""
    day = moment.astimezone(zone).date()
    return day - _DAY if _start_of(day, zone) == moment else day


def _start_of(day: date, zone: ZoneInfo) -> datetime:
    # In UTC: times of one zone compare by the wall clock, an hour wrong where daylight time changes.
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
