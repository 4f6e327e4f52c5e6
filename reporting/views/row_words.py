"""One encounter or query behind a number, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from cdi_queries.models import QueryOutcome, QueryStatus
from coding_ops.tenancy.access import ReachedClient
from encounters.models import EncounterStatus
from encounters.views import words as chart_words
from encounters.views.standing import standing
from reporting.rules.kpi import Kpi
from reporting.selectors.claim_rows import ClaimDetail
from reporting.selectors.rows import AskedDetail, Counted, Detail
from reporting.views.dto import DrillRow

ASKED_TONES = {
    QueryStatus.SENT: "query",
    QueryStatus.ANSWERED: "ok",
    QueryStatus.CLOSED: "ok",
    QueryStatus.EXPIRED: "warn",
}


@dataclass(frozen=True, slots=True)
class RowWriter:
    """Writes rows of one KPI for the vendor's leaders (``inside``) or for the client's own people.

    ``coders``: names by id; empty outside, where who codes is nobody's business.
    """

    kpi: Kpi
    inside: bool
    coders: dict[str, str]

    def row(self, client: ReachedClient, counted: Counted, detail: Detail) -> DrillRow:
        """The row as the lists show it: visit number and dates, no name of a patient."""
        encounter, zone = detail.encounter, ZoneInfo(client.timezone)
        now = standing(encounter, detail.hold, inside=self.inside)
        is_final = encounter.status == EncounterStatus.FINAL and encounter.final_at is not None
        final_on = encounter.final_at.astimezone(zone).date() if is_final and encounter.final_at else None
        return DrillRow(
            href=f"/c/{client.slug}/encounters/{counted.id}/",
            visit_id=encounter.external_id,
            service_on=chart_words.day(encounter.service_on),
            amount=self._amount(counted),
            bucket=self._parts(counted),
            waiting_on=now.waiting_on,
            status=now.words,
            status_tone=now.tone,
            final_on=chart_words.day(final_on),
            coder=self.coders.get(counted.coder, ""),
            client=client.name,
        )

    def asked_row(self, client: ReachedClient, counted: Counted, detail: AskedDetail) -> DrillRow:
        """The row of a query: visit number, provider and days, none of its words."""
        zone, state = ZoneInfo(client.timezone), QueryStatus(detail.state)
        standing = str(state.label)
        if detail.outcome:
            standing = f"{standing}: {str(QueryOutcome(detail.outcome).label).lower()}"
        return DrillRow(
            href=f"/c/{client.slug}/queries/{counted.id}/",
            visit_id=detail.visit_id,
            service_on=_day(detail.sent_at, zone),
            amount=f"{counted.amount:,.1f}",
            bucket=self._parts(counted),
            waiting_on=detail.provider,
            status=standing,
            status_tone=ASKED_TONES.get(state, "line"),
            final_on=_day(detail.answered_at, zone),
            client=client.name,
        )

    def claim_row(self, client: ReachedClient, counted: Counted, detail: ClaimDetail) -> DrillRow:
        """The row of a claim or denial: control number, payer and days, no name of a patient."""
        zone = ZoneInfo(client.timezone)
        return DrillRow(
            href=f"/c/{client.slug}/claims/{detail.path}",
            visit_id=detail.control_number,
            service_on=chart_words.day(detail.first_on) or _day(detail.first_at, zone),
            amount=self._amount(counted),
            bucket=self._parts(counted),
            waiting_on=detail.payer,
            status=detail.state_words,
            status_tone=detail.tone,
            final_on=_day(detail.last_at, zone),
            client=client.name,
        )

    def _amount(self, counted: Counted) -> str:
        # What stands in several rows for the same dollars is worth them once.
        if not self.kpi.definition.is_money:
            return f"{counted.amount:,.1f}"
        return f"${counted.shares[0][1] if counted.shares else counted.amount:,.2f}"

    def _parts(self, counted: Counted) -> str:
        """Its bucket; where several share it, how much of it is whose: ``Client 8, Coding vendor 4``."""
        label = self.kpi.definition.bucket_label
        if self.kpi.definition.is_money:
            return ", ".join(label(code) for code, _amount in counted.shares)
        if len(counted.shares) < 2:
            return label(counted.bucket) if counted.bucket else ""
        return ", ".join(f"{label(code)} {_plain(amount)}" for code, amount in counted.shares)


def _day(at: datetime | None, zone: ZoneInfo) -> str:
    return chart_words.day(at.astimezone(zone).date()) if at else ""


def _plain(amount: Decimal) -> str:
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.1f}"
