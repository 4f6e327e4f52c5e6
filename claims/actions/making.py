"""Making claims from finished versions: whole and ready, or blocked with what is missing."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from claims.actions.steps import NewStep, add_step, add_steps
from claims.models import SENT, Claim, ClaimLine, ClaimStatus, ClaimStepKind, Payer
from claims.rules.assemble import Assembled, assemble
from claims.rules.claim_states import ClaimVerb, step
from claims.rules.content import Frequency, ServiceLine, from_json, to_json
from claims.rules.facts import Lack, party_of
from claims.selectors.claim_sources import facts_of, payer_of
from claims.selectors.due import is_billed_by_us
from claims.terms.assembly import assembly_terms, self_pay_codes
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Refused
from coding_ops.tenancy.actor import Actor
from encounters.models import CodeRevision, Encounter, EncounterStatus
from encounters.selectors.release import released_revisions

LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I, O, 0 and 1: a control number is read out over the telephone."""
CONTROL_NUMBER_LENGTH: Final = 14


COPIED: Final = (
    "encounter_id",
    "revision_number",
    "payer_id",
    "coverage_id",
    "specialty_id",
    "coder_id",
    "form",
    "diagnoses",
    "drg_code",
    "service_from_on",
    "service_through_on",
    "total_charge_amount",
    "payer_control_number",
)
"""What a copy of a sent claim has from it."""


def new_control_number() -> str:
    """A random CLM01: nobody learns a visit number or a volume from it."""
    return "".join(secrets.choice(LETTERS) for _ in range(CONTROL_NUMBER_LENGTH))


@transaction.atomic
def make_claim(*, actor: Actor, encounter: Encounter) -> Claim:
    """The claim of a final chart's newest released version.

    None yet: it is made.  One that was never sent gives way to a new one; one that was sent stays, and comes
    back unchanged: what corrects it is another action.

    Raises:
        Refused: the chart is not final, its codes are held from release, the patient pays for the visit, or
            the client bills for itself or has no billing profile.
    """
    locked = _locked(encounter)
    revision = _require_released(locked)
    _require_payer(locked)
    now = timezone.now()
    newest = newest_claim(locked)
    if newest is not None and newest.state in SENT:
        return newest
    before: dict[str, Any] = {}
    if newest is not None and newest.state in (ClaimStatus.READY, ClaimStatus.BLOCKED):
        withdraw(actor=actor, claim=newest, now=now)
        # An unsent correction stays one.
        before = {
            "replaces": newest.replaces,
            "frequency": Frequency(newest.frequency_code),
            "payer_control_number": _payers_number(newest),
        }
    made = write_version(actor=actor, encounter=locked, revision=revision, now=now, **before)
    record_event(
        actor=actor,
        verb=Verb.CLAIM_MADE,
        subject=made,
        facts={
            "encounter": str(locked.pk),
            "revision": revision.number,
            "version": made.version,
            "state": made.state,
            "problems": [one["code"] for one in made.problems],
        },
    )
    return made


def write_version(
    *,
    actor: Actor,
    encounter: Encounter,
    revision: CodeRevision,
    now: datetime,
    replaces: Claim | None = None,
    frequency: Frequency = Frequency.ORIGINAL,
    payer_control_number: str = "",
) -> Claim:
    """The next version of an encounter's claim from the facts of today, with its lines and first steps.

    Inside the caller's transaction, which holds the encounter's row; the caller tells the ledger.
    """
    payer = payer_of(encounter.coverage)
    found = _assembled(encounter, revision, new_control_number(), payer, frequency, payer_control_number)
    made: Claim = Claim.objects.create(
        client_id=encounter.client_id,
        encounter=encounter,
        revision_number=revision.number,
        replaces=replaces,
        version=_next_version(encounter.client_id, encounter.pk),
        coverage=encounter.coverage,
        specialty_id=encounter.specialty_id,
        coder_id=revision.finalized_by_id,
        frequency_code=frequency.value,
        payer_control_number=payer_control_number,
        made_at=now,
        control_number=found.control_number,
        **_columns(found, payer),
    )
    _write_lines(made, found.content.lines if found.content else ())
    _tell(actor, made, found, now)
    return made


def copy_version(*, actor: Actor, claim: Claim, frequency: Frequency, now: datetime) -> Claim:
    """The claim as it was sent under a new number, ready to go out; as a void takes it back.

    Inside the caller's transaction, which holds the claim's row; the caller tells the ledger.

    Raises:
        ValueError: the claim has no content: it was never whole.
    """
    if claim.content is None:
        raise ValueError("Only a claim that was written is copied.")
    content = replace(
        from_json(claim.content),
        control_number=new_control_number(),
        frequency=frequency,
        payer_control_number=claim.payer_control_number,
    )
    made: Claim = Claim.objects.create(
        client_id=claim.client_id,
        **{name: getattr(claim, name) for name in COPIED},
        replaces=claim,
        version=_next_version(claim.client_id, claim.encounter_id),
        bill_type_code=f"{claim.bill_type_code[:2]}{frequency.value}" if claim.bill_type_code else "",
        control_number=content.control_number,
        frequency_code=frequency.value,
        state=ClaimStatus.READY,
        content=to_json(content),
        made_at=now,
    )
    _write_lines(made, content.lines)
    add_step(actor=actor, claim=made, kind=ClaimStepKind.MADE, at=now, facts=_made_facts(made))
    return made


def withdraw(*, actor: Actor, claim: Claim, now: datetime) -> None:
    """Takes back a claim that was never sent, inside the caller's transaction."""
    claim.state = ClaimStatus(step(claim.state, ClaimVerb.WITHDRAW).value)
    claim.save(update_fields=["state"])
    add_step(actor=actor, claim=claim, kind=ClaimStepKind.WITHDRAWN, at=now)


@transaction.atomic
def recheck(*, actor: Actor, claim: Claim) -> Claim:
    """A blocked claim anew from the facts of today: ready when nothing is missing any more.

    Its version, control number and place in the chain of corrections stay.  One that the validator of files
    refused is ready again only as another version, made of other content.
    """
    chart = _locked(claim.encounter) if claim.encounter else None
    locked: Claim = (
        Claim.objects.select_for_update(of=("self",))
        .filter(client_id=claim.client_id)
        .select_related("replaces")
        .get(pk=claim.pk)
    )
    if chart is None or locked.state != ClaimStatus.BLOCKED or chart.status != EncounterStatus.FINAL:
        return locked
    revision = released_revisions(chart).first()
    if revision is None or revision.number != locked.revision_number:
        return locked
    payer, payers_number = payer_of(chart.coverage), _payers_number(locked)
    frequency = Frequency(locked.frequency_code)
    found = _assembled(chart, revision, locked.control_number, payer, frequency, payers_number)
    if locked.content is not None:
        # The validator of files refused it: it is made anew only when there is something else to say.
        is_same = found.content is not None and to_json(found.content) == locked.content
        return locked if is_same else make_claim(actor=actor, encounter=chart)
    if found.content is None and _stored(found.lacks) == locked.problems:
        return locked
    locked.payer_control_number = payers_number
    return _clear(actor, locked, found, payer)


def newest_claim(encounter: Encounter) -> Claim | None:
    """The newest version of an encounter's claim that we bill; one that was withdrawn is none."""
    found: Claim | None = (
        Claim.objects.filter(client_id=encounter.client_id, encounter=encounter, is_billed_by_client=False)
        .exclude(state=ClaimStatus.WITHDRAWN)
        .select_related("replaces")
        .order_by("-version")
        .first()
    )
    return found


def _next_version(client_id: int, encounter_id: UUID | None) -> int:
    found = Claim.objects.filter(
        client_id=client_id, encounter=encounter_id, is_billed_by_client=False
    ).aggregate(Max("version"))
    return (found["version__max"] or 0) + 1


def _locked(encounter: Encounter) -> Encounter:
    locked: Encounter = (
        Encounter.objects.select_for_update(of=("self",))
        .filter(client_id=encounter.client_id)
        .select_related("client", "patient", "coverage", "rendering_provider")
        .get(pk=encounter.pk)
    )
    return locked


def _require_released(encounter: Encounter) -> CodeRevision:
    if not is_billed_by_us(encounter.client_id):
        raise Refused(
            "This client's claims are not written here: it has no billing profile, or bills for itself.",
            code="claim.not_billed_here",
        )
    revision = released_revisions(encounter).first()
    if encounter.status != EncounterStatus.FINAL or revision is None:
        raise Refused("A claim is made of final codes that nobody holds.", code="claim.not_final")
    if revision.number != encounter.revision_count:
        raise Refused("The newest codes of this chart are held from release.", code="claim.held")
    return revision


def _require_payer(encounter: Encounter) -> None:
    payer = payer_of(encounter.coverage)
    if payer is not None and payer.filing_code in self_pay_codes():
        raise Refused("The patient pays for this visit: there is no claim.", code="claim.paid_by_patient")


def _assembled(
    encounter: Encounter,
    revision: CodeRevision,
    control_number: str,
    payer: Payer | None,
    frequency: Frequency,
    payer_control_number: str,
) -> Assembled:
    facts = facts_of(
        encounter,
        revision,
        control_number=control_number,
        payer=payer,
        frequency=frequency,
        payer_control_number=payer_control_number,
    )
    return assemble(facts, assembly_terms())


def _columns(found: Assembled, payer: Payer | None) -> dict[str, Any]:
    """What of a claim's row follows from what was assembled."""
    return {
        "payer": payer,
        "form": found.form.value,
        "bill_type_code": found.bill_type,
        "state": ClaimStatus.BLOCKED if found.lacks else ClaimStatus.READY,
        "problems": _stored(found.lacks),
        "content": to_json(found.content) if found.content else None,
        "diagnoses": [
            {"code": one.code, "role": one.role, "poa": one.poa, "key": one.key}
            for one in found.body.diagnoses
        ],
        "drg_code": found.content.drg_code if found.content else "",
        "service_from_on": found.from_on,
        "service_through_on": found.through_on,
        "total_charge_amount": found.body.total,
    }


def _stored(lacks: Sequence[Lack]) -> list[dict[str, str]]:
    return [asdict(one) for one in lacks]


def _write_lines(claim: Claim, lines: Sequence[ServiceLine]) -> None:
    """Lines of a claim that can go out.  They are never changed, so a blocked one has none yet."""
    ClaimLine.objects.bulk_create(
        ClaimLine(
            client_id=claim.client_id,
            claim=claim,
            number=one.number,
            code=one.code,
            modifiers=list(one.modifiers),
            service_unit_quantity=one.units,
            charge_amount=one.charge_amount,
            revenue_code=one.revenue_code,
            pointers=list(one.pointers),
            service_on=one.service_on,
            assignment_id=one.key or None,
        )
        for one in lines
    )


def _tell(actor: Actor, claim: Claim, found: Assembled, now: datetime) -> None:
    steps = [NewStep(claim.pk, ClaimStepKind.MADE, now, _made_facts(claim))]
    if found.lacks:
        # A moment later: the story is read in the order of time.
        later = now + timedelta(microseconds=1)
        steps.append(NewStep(claim.pk, ClaimStepKind.BLOCKED, later, blocked_facts(found.lacks)))
    add_steps(actor=actor, client_id=claim.client_id, steps=steps)


def _made_facts(claim: Claim) -> dict[str, Any]:
    return {
        "version": claim.version,
        "revision": claim.revision_number,
        "form": claim.form,
        "amount": str(claim.total_charge_amount),
    }


def _payers_number(claim: Claim) -> str:
    """The payer's number of what a correction is about; it may have come since the correction was made."""
    if claim.replaces is None or claim.frequency_code == Frequency.ORIGINAL:
        return ""
    number: str = claim.replaces.payer_control_number
    return number


def blocked_facts(lacks: Sequence[Lack]) -> dict[str, Any]:
    """Of a step that blocks: which problems, and whose days they are."""
    return {"problems": [one.code for one in lacks], "party": party_of(tuple(lacks))}


def _clear(actor: Actor, claim: Claim, found: Assembled, payer: Payer | None) -> Claim:
    verb = ClaimVerb.BLOCK if found.lacks else ClaimVerb.CLEAR
    columns = _columns(found, payer) | {"state": ClaimStatus(step(claim.state, verb).value)}
    for name, value in columns.items():
        setattr(claim, name, value)
    claim.save(update_fields=[*columns, "payer_control_number"])
    _write_lines(claim, found.content.lines if found.content else ())
    now = timezone.now()
    if found.lacks:
        facts = blocked_facts(found.lacks)
        add_step(actor=actor, claim=claim, kind=ClaimStepKind.BLOCKED, at=now, facts=facts)
        return claim
    add_step(actor=actor, claim=claim, kind=ClaimStepKind.CLEARED, at=now)
    record_event(
        actor=actor,
        verb=Verb.CLAIM_CLEARED,
        subject=claim,
        facts={"encounter": str(claim.encounter_id), "version": claim.version},
    )
    return claim
