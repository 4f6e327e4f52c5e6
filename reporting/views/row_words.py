"""One encounter behind a number, in words."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from encounters.models import EncounterStatus, OwnerParty, PendReason
from encounters.views import words as chart_words
from reporting.rules.kpi import Kpi
from reporting.selectors.rows import Counted, Detail
from reporting.views.dto import DrillRow

TONES = {
    EncounterStatus.FINAL: "ok",
    EncounterStatus.PENDED: "warn",
    EncounterStatus.REOPENED: "query",
    EncounterStatus.CANCELLED: "line",
}


def drill_row(
    slug: str, zone: str, kpi: Kpi, row: Counted, detail: Detail, *, coder: str = "", client: str = ""
) -> DrillRow:
    """The row as the lists show it: visit number and dates, no name of a patient."""
    status = EncounterStatus(detail.status)
    waiting_on, reason = waits_for(detail)
    final_at = detail.final_at.astimezone(ZoneInfo(zone)).date() if detail.final_at else None
    return DrillRow(
        href=f"/c/{slug}/encounters/{row.id}/",
        visit_id=detail.visit_id,
        service_on=chart_words.day(detail.service_on),
        amount=f"{row.amount:,.1f}",
        bucket=kpi.definition.bucket_label(row.bucket) if row.bucket else "",
        waiting_on=waiting_on,
        reason=reason,
        status=str(status.label),
        status_tone=TONES.get(status, ""),
        final_on=chart_words.day(final_at) if status is EncounterStatus.FINAL else "",
        coder=coder,
        client=client,
    )


def waits_for(detail: Detail) -> tuple[str, str]:
    """Whom the encounter waits for now and why; empty for one that is done."""
    if detail.waits_on:
        return str(OwnerParty(detail.waits_on).label), str(PendReason(detail.reason).label)
    if detail.status == EncounterStatus.RECEIVED:
        return str(OwnerParty.CLIENT.label), "No note has arrived"
    if detail.status in (EncounterStatus.READY, EncounterStatus.REOPENED):
        return str(OwnerParty.VENDOR.label), "In line to be coded"
    return "", ""
