"""A rehearsed payer audit, and an overpayment, for a client that has rows in every tenant table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.models import DocumentVersion, Encounter
from qa_audit.actions.overpayments import Identified, start_clock
from qa_audit.actions.rehearsal_records import Cited, cite_record
from qa_audit.actions.rehearsals import Design, draw_rehearsal, set_days
from qa_audit.models import OverpaymentClock, Rehearsal, RehearsalItem, RehearsalUnit
from qa_audit.rules.rehearsal import RehearsalKind
from qa_audit.selectors.rehearsal_frame import Population
from tests import cast


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A rehearsal with the final chart drawn, its claim with one record and no verdict, and a clock."""

    rehearsal: Rehearsal
    unit: RehearsalUnit
    item: RehearsalItem
    clock: OverpaymentClock


def fill_rehearsal(place: cast.Place, people: dict[Role, User], final: Encounter) -> Rehearsed:
    """Drawn by the manager; the reviewer has cited words of the final chart."""
    manager = cast.actor_for(people[Role.MANAGER], Role.MANAGER)
    reviewer = cast.actor_for(people[Role.QA_REVIEWER], Role.QA_REVIEWER)
    today = cast.today()
    days = (date(today.year - 1, 1, 1), today - timedelta(days=1))
    design = Design("Prepay 2026", "Plan 7", Population(RehearsalKind.PAYER, *days), strata=1, count=100)
    rehearsal = draw_rehearsal(actor=manager, client=place.client, design=design, seed=3)
    rehearsal = set_days(actor=manager, rehearsal=rehearsal, notice_on=today, report_on=None)
    unit = RehearsalUnit.objects.select_related("rehearsal").get(
        client_id=place.client.pk, rehearsal=rehearsal, encounter=final
    )
    item = RehearsalItem.objects.get(client_id=place.client.pk, unit=unit)
    version = DocumentVersion.objects.filter(client_id=place.client.pk, document__encounter=final)[0]
    cite_record(actor=reviewer, unit=unit, item_id=item.pk, cited=Cited(version.pk, 0, 15))
    clock = start_clock(
        actor=manager,
        client=place.client,
        found=Identified("Units billed twice", "Plan 7", "medicare_ab", today),
        reason="Found by the payer.",
    )
    return Rehearsed(rehearsal, unit, item, clock)
