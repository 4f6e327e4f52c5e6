"""What the KPIs are computed from: frozen rows of instants, never of conclusions.

A fact holds when things happened, not whether it is "open" or "late" now.  So the same rows answer for any
moment, and the number of three weeks ago can be recounted today, row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from cdi_queries.rules.measures import ReviewMark, SentQuery
from claims.rules.billing_days import Account, Gross
from claims.rules.measures import DenialFact, SentClaim
from encounters.rules.deadlines import BusinessHours, Hold
from reporting.rules.clock import Span


@dataclass(frozen=True, slots=True)
class Keys:
    """What a number can be broken down by; the empty text means "not known" or "not applicable"."""

    facility: str = ""
    specialty: str = ""
    coder: str = ""


NO_KEYS: Final = Keys()
DUE_WITHIN: Final = timedelta(days=14)
"""Longer than any time within which a query is expected to be answered."""


@dataclass(frozen=True, slots=True)
class EncounterFact:
    """One encounter's instants.  Grain: one row an encounter.

    Attributes:
        service_on: last date of service, or discharge date; ``None`` while an inpatient stay is not over.
        available_at: when everything needed to code it had arrived; ``None`` while it has not.
        due_at: the moment it must be final, as the worklist shows it.
        sla_hours: hours of the contract, on the contract's clock; ``None`` where none was agreed.
        coded: when it stood final; a reopened encounter has several spans, the last one open or not.
        holds: its pends, deleted ones left out, in any order.
        cancelled_at: when it stopped being work for anybody.
        keys: facility, specialty and the coder who finalized it first (or holds it now).
    """

    id: UUID
    service_on: date | None
    available_at: datetime | None = None
    due_at: datetime | None = None
    sla_hours: Decimal | None = None
    coded: tuple[Span, ...] = ()
    holds: tuple[Hold, ...] = ()
    cancelled_at: datetime | None = None
    keys: Keys = NO_KEYS

    @property
    def first_final_at(self) -> datetime | None:
        """When it was final for the first time; recodes do not move it."""
        return min((span.start for span in self.coded), default=None)

    @property
    def done_at(self) -> datetime | None:
        """Since when nobody has waited for it: its last final version, or its cancellation."""
        if self.cancelled_at is not None:
            return self.cancelled_at
        return next((span.start for span in self.coded if span.end is None), None)

    def is_coded_at(self, moment: datetime) -> bool:
        """Whether it stood final at this instant."""
        return any(span.holds(moment) for span in self.coded)

    def is_cancelled_at(self, moment: datetime) -> bool:
        """Whether it had been cancelled by this instant."""
        return self.cancelled_at is not None and self.cancelled_at <= moment

    def is_available_at(self, moment: datetime) -> bool:
        """Whether all that is needed to code it had arrived by this instant."""
        return self.available_at is not None and self.available_at <= moment


@dataclass(frozen=True, slots=True)
class WorkFact:
    """One sitting of one coder on one chart, idle time already taken out.  Grain: one row a lease."""

    encounter_id: UUID
    started_at: datetime
    ended_at: datetime
    productive: timedelta
    keys: Keys = NO_KEYS


@dataclass(frozen=True, slots=True)
class Billing:
    """What a client's claims and accounts say.

    Attributes:
        bill_hold_days: days after service within which an account is not expected to be billed.
        maturity_days: time for an answer; what was sent longer ago is mature.
        gross: gross charges of claims made, by last day of service.
    """

    bill_hold_days: int
    maturity_days: int
    claims: Sequence[SentClaim] = ()
    denials: Sequence[DenialFact] = ()
    accounts: Sequence[Account] = ()
    gross: Sequence[Gross] = ()

    def since(self, start: datetime) -> Billing:
        """Those that can count in a window that begins at ``start``."""
        ripe = start - timedelta(days=self.maturity_days)
        return replace(
            self,
            claims=[
                claim
                for claim in self.claims
                if claim.answered_at is None or claim.answered_at >= start or claim.sent_at >= ripe
            ],
            denials=[
                denial
                for denial in self.denials
                if any(at is not None and at >= start for at in (denial.ended_at, denial.appealed_at))
            ],
            accounts=[
                account
                for account in self.accounts
                if all(at is None or at >= start for at in (account.billed_at, account.cancelled_at))
            ],
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything one client's KPIs are computed from; ``billing`` is ``None`` where its claims are not
    followed here."""

    encounters: Sequence[EncounterFact] = ()
    work: Sequence[WorkFact] = ()
    queries: Sequence[SentQuery] = ()
    reviews: Sequence[ReviewMark] = ()
    billing: Billing | None = None

    def since(self, start: datetime) -> Facts:
        """Those that can count in a window that begins at ``start``: what was done before is out of it."""
        sat_on = {work.encounter_id for work in self.work if work.ended_at >= start}
        encounters = [
            fact
            for fact in self.encounters
            if (done := fact.done_at) is None or done >= start or fact.id in sat_on
        ]
        ids = {fact.id for fact in encounters}
        return Facts(
            encounters,
            [work for work in self.work if work.ended_at >= start or work.encounter_id in ids],
            [query for query in self.queries if _may_count(query, start)],
            [mark for mark in self.reviews if mark.at >= start],
            None if self.billing is None else self.billing.since(start),
        )


def _may_count(query: SentQuery, start: datetime) -> bool:
    """Whether a window that begins at ``start`` can count it: it waits, or something happened lately.

    What was asked before the window is due in it, so the longest time for an answer is added.
    """
    over = [at for at in (query.answered_at, query.ended_at) if at is not None]
    return not over or max(query.asked_at, *over) >= start - DUE_WITHIN


@dataclass(frozen=True, slots=True)
class Frame:
    """The question's when and how, all of it data.

    Attributes:
        start, end: the window, ``start <= t < end``; a census is taken at ``end``.
        zone: the client's own time zone; a day is a day there.
        hours: the contract's business hours, or ``None`` for clock hours.
        confidence: of the intervals shown, two-sided.
    """

    start: datetime
    end: datetime
    zone: ZoneInfo
    hours: BusinessHours | None = None
    confidence: Decimal = Decimal("0.95")

    def covers(self, moment: datetime | None) -> bool:
        """Whether an instant lies in the window."""
        return moment is not None and self.start <= moment < self.end
