"""Two inpatient stays of a client: one in the coder's hands, one final whose group was expected otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.actions.coding import Attributes, Words, assign_code
from encounters.actions.finalize import finalize
from encounters.actions.leases import take_chart
from encounters.models import (
    DocumentVersion,
    DrgDifference,
    DrgParty,
    DrgReason,
    Encounter,
    EncounterKind,
    WorkingDrg,
    WorkItem,
)
from tests import cast


@dataclass(frozen=True, slots=True)
class Stays:
    """``fence`` is of the held stay; ``working`` was expected of the final one."""

    held: Encounter
    fence: int
    final: Encounter
    working: WorkingDrg


def make_stays(place: cast.Place, people: dict[Role, User], like: Encounter, visit: str, note: str) -> Stays:
    """Patient, facility and the like are those of ``like``; the final stay's difference is explained once."""
    actor = cast.actor_for(people[Role.CODER], Role.CODER)
    common: dict[str, Any] = {
        "note": note,
        "patient": like.patient,
        "coverage": like.coverage,
        "facility": like.facility,
        "rendering_provider": like.rendering_provider,
        "kind": EncounterKind.INPATIENT,
        "service_on": date(2026, 9, 10),
        "discharge_on": date(2026, 9, 14),
    }
    final = cast.encounter(place, external_id=f"{visit}final-stay", **common)
    item = take_chart(actor=actor, item=cast.item_of(final), now=timezone.now())
    version = DocumentVersion.objects.get(document__encounter=final)
    assign_code(
        actor=actor,
        encounter=final,
        fence=item.fence,
        system="ICD-10-CM",
        code="E119",
        evidence=[Words(version.pk, 0, 10)],
        attributes=Attributes(present_on_admission="Y"),
    )
    finalize(actor=actor, encounter=final, fence=item.fence)
    said: dict[str, Any] = {
        "client_id": place.client.pk,
        "encounter": final,
        "recorded_by": people[Role.CDI_SPECIALIST],
        "recorded_at": timezone.now(),
    }
    working = WorkingDrg.objects.create(
        party=DrgParty.CDI,
        grouper_version="43.1",
        drg=521,
        codes=[{"system": "ICD-10-CM", "code": "E119", "poa": "Y"}],
        **said,
    )
    DrgDifference.objects.create(
        revision_number=1, working=working, final_drg=639, reason=DrgReason.NOT_SUPPORTED, **said
    )
    held = cast.encounter(place, external_id=f"{visit}held-stay", **common)
    fence = take_chart(actor=actor, item=cast.item_of(held), now=timezone.now()).fence
    # A coder holds one chart at a time: `keep` puts it back into their hands when the others are taken.
    WorkItem.objects.filter(encounter=held).update(lease_expires_at=timezone.now())
    return Stays(held, fence, final, working)


def keep(stays: Stays) -> None:
    """The held stay is in the coder's hands too, beside the last chart they took."""
    soon = timezone.now() + timedelta(minutes=15)
    WorkItem.objects.filter(encounter=stays.held).update(lease_expires_at=soon)
