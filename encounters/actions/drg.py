"""What is said of a stay's group: how the stay ended, which group is expected, why the final one differs."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.actions.leases import require_lease
from encounters.models import (
    CodeRevision,
    DrgDifference,
    DrgParty,
    DrgReason,
    Encounter,
    EncounterKind,
    EncounterStatus,
    WorkingDrg,
)
from encounters.selectors.drg import ASSUMED_STATUS, Grouping, discharge_statuses, grouping_of
from encounters.selectors.readiness import assignments_of

PARTIES = {Role.CODER: DrgParty.CODER, Role.CDI_SPECIALIST: DrgParty.CDI}
EXPLAINS = frozenset({Role.CODER, Role.CDI_SPECIALIST, Role.QA_REVIEWER, Role.MANAGER, Role.VENDOR_ADMIN})
LAST_DRG = 989
"""Above it lie only the numbers of stays that have no group."""
LEAST_REASON = 10


@transaction.atomic
def set_discharge_status(*, actor: Actor, encounter: Encounter, fence: int, code: str) -> None:
    """How the stay ended (UB-04 form locator 17); an empty code takes it back.

    Raises:
        InvalidInput: not a discharge status of a claim.
        Refused: not a stay.
        Conflict: the chart is no longer held.
    """
    require_lease(actor=actor, encounter=encounter, fence=fence, now=timezone.now())
    _require_stay(encounter)
    if code and code not in discharge_statuses():
        raise InvalidInput(
            "Choose one of the discharge statuses.", code="drg.status", details={"field": "status"}
        )
    locked = _locked(encounter)
    before = locked.discharge_status_code
    locked.discharge_status_code = code
    locked.save(update_fields=["discharge_status_code"])
    record_event(
        actor=actor,
        verb=Verb.DISCHARGE_STATUS_SET,
        subject=locked,
        facts={"discharge_status": code, "before": before},
    )


@transaction.atomic
def record_working_drg(
    *, actor: Actor, encounter: Encounter, fence: int | None, drg: int | None, reason: str
) -> WorkingDrg:
    """Records the group that the coder or the CDI specialist expects, with the codes as they are now.

    ``drg`` None: the group of the codes.  ``fence``: of the coder's lease; a CDI specialist holds none.

    Raises:
        NotAllowed: neither coder nor CDI specialist.
        Refused: not a stay, final already, no group, nothing new, or another group without saying why.
        InvalidInput: no number of a group.
        Conflict: the coder no longer holds the chart.
    """
    party = PARTIES.get(Role(actor.role)) if actor.role in PARTIES else None
    if party is None:
        raise NotAllowed("Only the coder and the CDI specialist record a working DRG.", code="drg.role")
    now = timezone.now()
    if party == DrgParty.CODER:
        require_lease(actor=actor, encounter=encounter, fence=fence or 0, now=now)
    _require_stay(encounter)
    locked = _locked(encounter)
    if locked.status == EncounterStatus.FINAL:
        raise Refused("The codes are final: a working DRG comes before that.", code="drg.final")
    rows = assignments_of(locked)
    found = grouping_of(locked, rows)
    number, title, version = _group_to_record(found, drg)
    codes = [
        {"system": row.system, "code": row.code, "poa": row.present_on_admission}
        for row in rows
        if row.system.startswith("ICD-10")
    ]
    _refuse_silent_change(locked, party, number, codes, reason.strip())
    made: WorkingDrg = WorkingDrg.objects.create(
        client_id=locked.client_id,
        encounter=locked,
        party=party,
        grouper_version=version,
        drg=number,
        title=title,
        discharge_status_code=locked.discharge_status_code or ASSUMED_STATUS,
        codes=codes,
        reason=reason.strip(),
        recorded_by_id=actor.person_id,
        recorded_at=now,
    )
    record_event(
        actor=actor,
        verb=Verb.WORKING_DRG_RECORDED,
        subject=locked,
        reason=made.reason,
        facts={"drg": number, "version": version, "party": party.value, "codes": len(codes)},
    )
    return made


def _group_to_record(found: object, drg: int | None) -> tuple[int, str, str]:
    """Number, title, grouper version; a typed number has a title when it is the group of the codes."""
    grouped = found if isinstance(found, Grouping) else None
    if drg is None and grouped is None:
        raise Refused(getattr(found, "reason", "The stay has no group yet."), code="drg.no_group")
    if drg is not None and not 1 <= drg <= LAST_DRG:
        raise InvalidInput(
            f"An MS-DRG is a number from 1 to {LAST_DRG}.", code="drg.number", details={"field": "drg"}
        )
    if grouped is None:
        return drg or 0, "", ""
    version = str(grouped.answer["version"])
    if drg is None or drg == grouped.group.drg:
        return grouped.group.drg, grouped.group.title, version
    return drg, "", version


def _refuse_silent_change(
    encounter: Encounter, party: DrgParty, number: int, codes: list[dict[str, Any]], reason: str
) -> None:
    last = WorkingDrg.objects.filter(client_id=encounter.client_id, encounter=encounter, party=party).first()
    if last is None:
        return
    if last.drg == number and last.codes == codes:
        raise Refused(f"MS-DRG {number} is recorded already, on these codes.", code="drg.unchanged")
    if last.drg != number and len(reason) < LEAST_REASON:
        raise Refused(
            f"MS-DRG {last.drg} was recorded before: say in a sentence what changed.",
            code="drg.reason_missing",
            details={"field": "reason"},
        )


@transaction.atomic
def explain_difference(
    *, actor: Actor, encounter: Encounter, working_id: uuid.UUID, reason: str, note: str
) -> DrgDifference:
    """Says why the final group of the newest version is not the one that was expected.

    Raises:
        NotFound: no such working DRG of this stay.
        NotAllowed: not theirs to say.
        InvalidInput: not one of the reasons; another reason without its sentence.
        Refused: the two do not differ.
        Conflict: the chart is not final.
    """
    if actor.role not in EXPLAINS:
        raise NotAllowed("Your role does not reconcile groups.", code="drg.role")
    locked = _locked(encounter)
    working = WorkingDrg.objects.filter(client_id=locked.client_id, encounter=locked, pk=working_id).first()
    if working is None:
        raise NotFound
    if reason not in DrgReason.values:
        raise InvalidInput("Choose why the groups differ.", code="drg.reason", details={"field": "reason"})
    if reason == DrgReason.OTHER and len(note.strip()) < LEAST_REASON:
        raise InvalidInput("Say the reason in a sentence.", code="drg.note", details={"field": "note"})
    number, final = _final_group(locked)
    if final == working.drg:
        raise Refused("The final group is the one that was expected.", code="drg.same")
    made: DrgDifference = DrgDifference.objects.create(
        client_id=locked.client_id,
        encounter=locked,
        revision_number=number,
        working=working,
        final_drg=final,
        reason=reason,
        note=note.strip(),
        recorded_by_id=actor.person_id,
        recorded_at=timezone.now(),
    )
    record_event(
        actor=actor,
        verb=Verb.DRG_DIFFERENCE_EXPLAINED,
        subject=locked,
        reason=made.note,
        facts={"working": working.drg, "final": final, "reason": reason, "revision": number},
    )
    return made


def _final_group(encounter: Encounter) -> tuple[int, int]:
    """Number and group of the newest version of a final stay."""
    revision = (
        CodeRevision.objects.filter(client_id=encounter.client_id, encounter=encounter)
        .order_by("-number")
        .values_list("number", "edits__drg__drg")
        .first()
    )
    if encounter.status != EncounterStatus.FINAL or revision is None or revision[1] is None:
        raise Conflict("The stay has no final group to compare with.", code="drg.not_final")
    return revision[0], revision[1]


def _require_stay(encounter: Encounter) -> None:
    if encounter.kind != EncounterKind.INPATIENT:
        raise Refused("An MS-DRG is for an inpatient stay.", code="drg.not_inpatient")


def _locked(encounter: Encounter) -> Encounter:
    locked: Encounter = (
        Encounter.objects.select_for_update(of=("self",))
        .select_related("patient")
        .filter(client_id=encounter.client_id)
        .get(pk=encounter.pk)
    )
    return locked
