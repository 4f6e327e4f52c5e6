"""The measures of claims: which claims and denials each counts, which it leaves out, and why.

Pages and KPI snapshots both come through here, so that a number always opens its own rows.  Only original
claims count: a corrected claim is the answer to a failed one, not another chance to pass.

* First pass, coding: claims first answered in the window; a denial or rejection of the category "coding"
  among the first reasons fails it, so mixed causes fail.  Unmapped reasons stand apart.  What was sent and
  not answered yet is left out and counted.
* First pass, raw: the same claims; any denial or rejection fails.
* Mature: the same question for claims whose time for an answer was over in the window.
* Acceptance: claims first accepted for adjudication (277CA) or rejected in the window.
* Resolution, initial denials: claims whose first answer was a remittance in the window.

Source: the project's measures (first pass, HFMA denial metrics).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from claims.rules.classify import CODING
from claims.rules.first_pass import First, is_unmapped, passes_coding, passes_raw

PASSED, OTHER, UNMAPPED = "passed", "other", "unmapped"
CLEAN, REFUSED = "clean", "refused"
ACCEPTED, REJECTED = "accepted", "rejected"
PAID, DENIED, UNPAID = "paid", "denied", "unpaid"
OVERTURNED, NOT_OVERTURNED = "overturned", "not_overturned"
NO_RESPONSE: Final = "no response yet"
NO_ACKNOWLEDGEMENT: Final = "answered without an acknowledgement"
NOT_DECIDED: Final = "rejected before a decision"
_DAY: Final = timedelta(days=1)
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class ClaimKeys:
    """What a number can be broken down by; the empty text means "none" or "not known"."""

    facility: str = ""
    specialty: str = ""
    coder: str = ""


NO_KEYS: Final = ClaimKeys()


@dataclass(frozen=True, slots=True)
class SentClaim:
    """One original claim that went out, as instants.

    Attributes:
        accepted_at: when it was accepted for adjudication (277CA), if ever.
        answered_at: when it was first answered, by a rejection or a remittance.
        first: what that answer was; ``None`` while there is none.
        categories: kinds of denial of that answer.
    """

    id: UUID
    sent_at: datetime
    accepted_at: datetime | None = None
    answered_at: datetime | None = None
    first: First | None = None
    categories: tuple[str, ...] = ()
    charge_amount: Decimal = _ZERO
    keys: ClaimKeys = NO_KEYS

    def is_answered_at(self, moment: datetime) -> bool:
        """Whether the first answer had come by this instant."""
        return self.answered_at is not None and self.answered_at <= moment

    @property
    def days_to_answer(self) -> Decimal:
        """Days from sending to the first answer, exact; zero without one."""
        return _days(self.sent_at, self.answered_at) if self.answered_at else _ZERO


@dataclass(frozen=True, slots=True)
class DenialFact:
    """One denial, as instants.

    Attributes:
        received_at: the start of the day the denial came, in the client's zone.
        ended_at: when it was overturned, written off or closed.
        is_overturned: whether the payer gave way, wholly or in part.
        appealed_at: when the first appeal was sent.
    """

    id: UUID
    category: str
    received_at: datetime
    ended_at: datetime | None = None
    is_overturned: bool = False
    appealed_at: datetime | None = None
    denied_amount: Decimal = _ZERO
    keys: ClaimKeys = NO_KEYS


@dataclass(frozen=True, slots=True)
class Window:
    """``start <= t < end``; nothing that happened at or after ``end`` is known."""

    start: datetime
    end: datetime

    def covers(self, moment: datetime | None) -> bool:
        """Whether an instant lies in it."""
        return moment is not None and self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class Counted:
    """One claim or denial that a measure counts: its part, and its amount in the measure's unit."""

    id: UUID
    part: str
    amount: Decimal
    at: datetime
    keys: ClaimKeys


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One that a measure does not count, and why."""

    id: UUID
    reason: str
    keys: ClaimKeys


@dataclass(frozen=True, slots=True)
class Picked:
    """What one measure counts, in a stable order, and what it leaves out."""

    counted: tuple[Counted, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def coding_part(categories: Sequence[str]) -> str:
    """``coding``, else ``unmapped``, else ``other``, else ``passed``: what the first answer's reasons say."""
    if not passes_coding(categories):
        return CODING
    if is_unmapped(categories):
        return UNMAPPED
    return OTHER if categories else PASSED


def first_part(first: First, categories: Sequence[str]) -> str:
    """The same of a whole answer: one that refused without naming a reason is ``other`` too."""
    found = coding_part(categories)
    return OTHER if found == PASSED and not passes_raw(first, categories) else found


def first_pass(claims: Iterable[SentClaim], window: Window) -> Picked:
    """Claims first answered in the window, by whether coding had a part in what was refused."""
    return _answered(claims, window, lambda claim, first: first_part(first, claim.categories))


def raw(claims: Iterable[SentClaim], window: Window) -> Picked:
    """The same claims, by whether anything was refused."""

    def part(claim: SentClaim, first: First) -> str:
        return CLEAN if passes_raw(first, claim.categories) else REFUSED

    return _answered(claims, window, part)


def mature(claims: Iterable[SentClaim], window: Window, days: int) -> Picked:
    """Claims whose ``days`` for an answer were over in the window, by the coding part of their answer."""
    counted, left_out = [], []
    for claim in claims:
        ripe_at = claim.sent_at + timedelta(days=days)
        if not window.covers(ripe_at):
            continue
        if claim.first is None or not claim.is_answered_at(window.end):
            left_out.append(LeftOut(claim.id, NO_RESPONSE, claim.keys))
            continue
        part = first_part(claim.first, claim.categories)
        counted.append(Counted(claim.id, part, claim.days_to_answer, ripe_at, claim.keys))
    return _picked(counted, left_out)


def acceptance(claims: Iterable[SentClaim], window: Window) -> Picked:
    """Claims accepted for adjudication or rejected for the first time in the window."""
    counted, left_out = [], []
    for claim in claims:
        rejected_at = claim.answered_at if claim.first is First.REJECTED else None
        told = [at for at in (_accepted_at(claim), rejected_at) if at is not None and at < window.end]
        if told:
            if window.covers(min(told)):
                part = REJECTED if rejected_at in told else ACCEPTED
                days = _days(claim.sent_at, min(told))
                counted.append(Counted(claim.id, part, days, min(told), claim.keys))
        elif claim.is_answered_at(window.end):
            if window.covers(claim.answered_at):
                left_out.append(LeftOut(claim.id, NO_ACKNOWLEDGEMENT, claim.keys))
        elif claim.sent_at < window.end:
            left_out.append(LeftOut(claim.id, NO_RESPONSE, claim.keys))
    return _picked(counted, left_out)


def resolution(claims: Iterable[SentClaim], window: Window) -> Picked:
    """Claims whose first answer was a remittance in the window: paid without a denial, denied, or neither."""
    parts = {First.PAID: PAID, First.DENIED: DENIED, First.UNPAID: UNPAID}
    return _answered(claims, window, lambda _claim, first: parts.get(first, ""))


def initial_denials(claims: Iterable[SentClaim], window: Window) -> Picked:
    """The same claims: one row for each category of denial, or one as ``clean``; amount: its charge.

    A denial without a reason that any map knows counts as unmapped.
    """
    counted, left_out = [], []
    for claim in claims:
        if claim.first is None or not window.covers(claim.answered_at) or claim.answered_at is None:
            continue
        if claim.first is First.REJECTED:
            left_out.append(LeftOut(claim.id, NOT_DECIDED, claim.keys))
            continue
        denied = (claim.categories or (UNMAPPED,)) if claim.first is First.DENIED else (CLEAN,)
        counted += [
            Counted(claim.id, part, claim.charge_amount, claim.answered_at, claim.keys) for part in denied
        ]
    return _picked(counted, left_out)


def overturns(denials: Iterable[DenialFact], window: Window) -> Picked:
    """Denials that ended in the window: overturned or not; amount: dollars denied."""
    return _picked(
        Counted(
            one.id,
            OVERTURNED if one.is_overturned else NOT_OVERTURNED,
            one.denied_amount,
            one.ended_at,
            one.keys,
        )
        for one in denials
        if one.ended_at is not None and window.covers(one.ended_at)
    )


def days_to_appeal(denials: Iterable[DenialFact], window: Window) -> Picked:
    """Denials first appealed in the window; amount: days since the denial came."""
    return _picked(
        Counted(one.id, one.category, _days(one.received_at, one.appealed_at), one.appealed_at, one.keys)
        for one in denials
        if one.appealed_at is not None and window.covers(one.appealed_at)
    )


def _answered(
    claims: Iterable[SentClaim], window: Window, part_of: Callable[[SentClaim, First], str]
) -> Picked:
    """Claims first answered in the window; an empty part was answered, but not decided."""
    counted, left_out = [], []
    for claim in claims:
        if claim.first is not None and claim.answered_at is not None and claim.answered_at < window.end:
            if window.covers(claim.answered_at):
                part = part_of(claim, claim.first)
                if part:
                    counted.append(
                        Counted(claim.id, part, claim.days_to_answer, claim.answered_at, claim.keys)
                    )
                else:
                    left_out.append(LeftOut(claim.id, NOT_DECIDED, claim.keys))
        elif claim.sent_at < window.end:
            left_out.append(LeftOut(claim.id, NO_RESPONSE, claim.keys))
    return _picked(counted, left_out)


def _accepted_at(claim: SentClaim) -> datetime | None:
    """When it was accepted before anything else was said: after the answer that tells nothing."""
    if claim.accepted_at is None or (claim.answered_at is not None and claim.answered_at < claim.accepted_at):
        return None
    return claim.accepted_at


def _picked(counted: Iterable[Counted], left_out: Iterable[LeftOut] = ()) -> Picked:
    return Picked(tuple(sorted(counted, key=lambda one: (one.at, one.id, one.part))), tuple(left_out))


def _days(start: datetime, end: datetime) -> Decimal:
    return Decimal((end - start) // timedelta(microseconds=1)) / Decimal(_DAY // timedelta(microseconds=1))
