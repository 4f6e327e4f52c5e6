"""Corrected claims: from codes made final again, or from mended billing data; voids; and what follows.

A claim that is corrected stands with the payer until its correction is sent: only then is it replaced.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from claims.access.answers import require_corrector
from claims.actions.denials.moving import Move, move_denials
from claims.actions.making import copy_version, make_claim, write_version
from claims.actions.overpayments import PROGRAMS, notice_lowered
from claims.actions.steps import NewStep, add_step, add_steps, locked_claim
from claims.models import Claim, ClaimStatus, ClaimStepKind, Denial
from claims.rules.claim_states import ClaimVerb, step
from claims.rules.content import ClaimContent, Frequency, from_json
from claims.rules.correcting import CORRECTABLE, NEVER_SENT, differences, frequency_of
from claims.rules.denial_states import TO_WORK, DenialVerb
from claims.selectors.due import is_billed_by_us
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, Refused
from coding_ops.tenancy.actor import Actor
from encounters.models import CodeRevision, Encounter, EncounterStatus
from encounters.selectors.release import released_revisions

SHORTEST_REASON = 10


class _Unchanged(Exception):
    """Nothing that goes to the payer is different: what was written is taken back."""


def correct_claim(*, actor: Actor, claim: Claim, reason: str, now: datetime) -> Claim:
    """The claim once more, from today's billing data and the newest released codes.

    It replaces the old one when it is sent.  Returns the new version, ready or blocked.

    Raises:
        NotAllowed: not a leader.
        InvalidInput: no reason.
        Refused: billed by the client, codes open or held, not answered yet, or nothing is different.
        Conflict: replaced, voided or withdrawn, or corrected already.
    """
    require_corrector(actor)
    _require_reason(reason)
    try:
        with transaction.atomic():
            chart = _locked_chart(_require_ours(claim))
            locked = locked_claim(claim)
            _require_no_void(locked)
            frequency = frequency_of(locked.state)
            return _write(actor, locked, chart, _codes_of(chart), frequency, reason, now)
    except _Unchanged:
        raise Refused(
            "The corrected claim would say what the payer has already."
            " Mend the codes, the coverage, the payer or the charges first.",
            code="correction.unchanged",
        ) from None


@transaction.atomic
def void_claim(*, actor: Actor, claim: Claim, reason: str, now: datetime) -> Claim:
    """Asks the payer to take the claim back (frequency 8): the same content under a number of its own.

    Raises:
        NotAllowed: not a leader.
        InvalidInput: no reason.
        Refused: billed by the client, not with the payer, or the payer's number of it is not known.
        Conflict: replaced, voided or withdrawn, or corrected already.
    """
    require_corrector(actor)
    _require_reason(reason)
    _locked_chart(_require_ours(claim))
    locked = locked_claim(claim)
    _require_no_void(locked)
    frequency_of(locked.state, is_void=True)
    _require_no_successor(locked)
    if not locked.payer_control_number:
        raise Refused(
            "The payer's own number of this claim is not known: it comes with its 277CA or 835.",
            code="correction.no_payer_number",
        )
    made = copy_version(actor=actor, claim=locked, frequency=Frequency.VOID, now=now)
    _tell(actor, locked, made, Verb.CLAIM_VOIDED, reason, now)
    notice_lowered(actor=actor, before=locked, correction=made, now=now)
    return made


@transaction.atomic
def bring_up_to_date(*, actor: Actor, encounter: Encounter, now: datetime) -> Claim | None:
    """The claim that says what the encounter's newest released codes say; the one hook after coding.

    No claim yet, or one that never went out: it is made (anew).  One that went out under older codes is
    corrected, when it has been answered and when that changes what the payer is told.
    None where there is nothing released, or the answer to the old claim is awaited.
    """
    chart = _locked_chart(encounter)
    revision = released_revisions(chart).first()
    is_out = revision is not None and revision.number == chart.revision_count
    if revision is None or not is_out or chart.status != EncounterStatus.FINAL:
        return None
    if not is_billed_by_us(chart.client_id):
        return None
    newest = _newest(chart)
    if newest is None:
        return make_claim(actor=actor, encounter=chart)
    locked = locked_claim(newest)
    if (locked.revision_number or 0) >= revision.number:
        return locked
    if locked.frequency_code == Frequency.VOID.value:
        # The visit was taken back from the payer: billing it anew is a person's decision.
        return None
    if locked.state in NEVER_SENT:
        return make_claim(actor=actor, encounter=chart)
    if locked.state not in CORRECTABLE:
        return None
    try:
        with transaction.atomic():
            return _write(actor, locked, chart, revision, frequency_of(locked.state), "", now)
    except _Unchanged:
        # The payer has what these codes say: remembered, so that nobody asks again.
        locked.revision_number = revision.number
        locked.save(update_fields=["revision_number"])
        return locked


@transaction.atomic
def successors_sent(*, actor: Actor, client_id: int, claim_ids: Sequence[UUID], now: datetime) -> int:
    """Claims that have just been sent take the place of those they replace; returns how many did.

    Denials of what was replaced wait for the new answer; those of what was voided end.
    """
    sent = Claim.objects.filter(client_id=client_id, pk__in=claim_ids, replaces__isnull=False)
    successors = {
        old: (pk, frequency) for pk, old, frequency in sent.values_list("pk", "replaces_id", "frequency_code")
    }
    if not successors:
        return 0
    before = Claim.objects.select_for_update(of=("self",)).filter(client_id=client_id, pk__in=successors)
    moved: dict[tuple[str, ClaimStepKind], list[UUID]] = defaultdict(list)
    for pk, state in before.order_by("pk").values_list("pk", "state"):
        is_void = successors[pk][1] == Frequency.VOID.value
        after = step(state, ClaimVerb.VOID if is_void else ClaimVerb.REPLACE)
        moved[after.value, ClaimStepKind.VOIDED if is_void else ClaimStepKind.REPLACED].append(pk)
    for (state, _), ids in moved.items():
        Claim.objects.filter(client_id=client_id, pk__in=ids).update(state=state)
    add_steps(
        actor=actor,
        client_id=client_id,
        steps=[
            NewStep(pk, kind, now, {"by": str(successors[pk][0]), "frequency": successors[pk][1]})
            for (_, kind), ids in moved.items()
            for pk in ids
        ],
    )
    _move_denials(client_id, moved, now)
    _notice_returns(actor, client_id, {pk: successors[pk][0] for ids in moved.values() for pk in ids}, now)
    return sum(len(ids) for ids in moved.values())


def _move_denials(client_id: int, moved: dict[tuple[str, ClaimStepKind], list[UUID]], now: datetime) -> None:
    verbs = {
        pk: DenialVerb.CORRECT if kind is ClaimStepKind.REPLACED else DenialVerb.CLOSE
        for (_, kind), ids in moved.items()
        for pk in ids
    }
    rows = (
        Denial.objects.select_for_update(of=("self",))
        .filter(client_id=client_id, claim_id__in=list(verbs), state__in=[one.value for one in TO_WORK])
        .order_by("pk")
    )
    moves = [Move(row, verbs[row.claim_id]) for row in rows]
    move_denials(client_id=client_id, moves=moves, now=now)


def _notice_returns(actor: Actor, client_id: int, sent: Mapping[UUID, UUID], now: datetime) -> None:
    """What was paid since the correction was made, or could not be told then: few claims of few payers."""
    rows = (
        Claim.objects.filter(
            client_id=client_id,
            pk__in=list(sent),
            paid_amount__gt=0,
            payer__kind__in=list(PROGRAMS),
            overpayments__isnull=True,
        )
        .select_related("payer")
        .order_by("pk")
    )
    for before in rows:
        correction = Claim.objects.get(client_id=client_id, pk=sent[before.pk])
        notice_lowered(actor=actor, before=before, correction=correction, now=now)


def _write(
    actor: Actor,
    locked: Claim,
    chart: Encounter,
    revision: CodeRevision,
    frequency: Frequency,
    reason: str,
    now: datetime,
) -> Claim:
    """The correction itself.

    Raises:
        _Unchanged: a claim that the payer has would be told again; one it rejected may be.
    """
    _require_no_successor(locked)
    made = write_version(
        actor=actor,
        encounter=chart,
        revision=revision,
        now=now,
        replaces=locked,
        frequency=frequency,
        payer_control_number="" if frequency is Frequency.ORIGINAL else locked.payer_control_number,
    )
    changed = _changed(locked, made)
    if changed == () and (frequency is not Frequency.ORIGINAL or not reason):
        raise _Unchanged
    _tell(actor, locked, made, Verb.CLAIM_CORRECTED, reason, now, changed or ())
    notice_lowered(actor=actor, before=locked, correction=made, now=now)
    return made


def _changed(before: Claim, after: Claim) -> tuple[str, ...] | None:
    """What is different; None where one of them was too little known to be written."""
    one, two = content_of(before), content_of(after)
    return None if one is None or two is None else differences(one, two)


def content_of(claim: Claim) -> ClaimContent | None:
    """The claim as data, or None while it could not be made."""
    return from_json(claim.content) if claim.content else None


def _tell(
    actor: Actor,
    before: Claim,
    made: Claim,
    verb: Verb,
    reason: str,
    now: datetime,
    changed: Sequence[str] = (),
) -> None:
    facts = {"frequency": made.frequency_code, "version": made.version, "changed": list(changed)}
    add_step(
        actor=actor,
        claim=before,
        kind=ClaimStepKind.CORRECTED,
        at=now,
        facts={**facts, "claim": str(made.pk)},
        note=reason,
    )
    record_event(actor=actor, verb=verb, subject=made, facts={**facts, "replaces": str(before.pk)})


def _codes_of(chart: Encounter) -> CodeRevision:
    revision = released_revisions(chart).first()
    if chart.status != EncounterStatus.FINAL or revision is None or revision.number != chart.revision_count:
        raise Refused(
            "The chart's codes are open or kept back: they must be final and released first.",
            code="correction.codes_open",
        )
    return revision


def _require_ours(claim: Claim) -> Encounter:
    chart: Encounter | None = claim.encounter
    if claim.is_billed_by_client or chart is None:
        raise Refused(
            "The client sends this claim itself: correct it in the client's billing system.",
            code="correction.billed_by_client",
        )
    return chart


def _locked_chart(encounter: Encounter) -> Encounter:
    """The chart's row before its claims': the order in which everything that makes claims locks."""
    locked: Encounter = (
        Encounter.objects.select_for_update(of=("self",))
        .filter(client_id=encounter.client_id)
        .select_related("client", "patient", "coverage", "rendering_provider")
        .get(pk=encounter.pk)
    )
    return locked


def _require_no_successor(claim: Claim) -> None:
    found = (
        Claim.objects.filter(client_id=claim.client_id, encounter=claim.encounter, replaces=claim)
        .exclude(state=ClaimStatus.WITHDRAWN)
        .first()
    )
    if found is not None:
        raise Conflict(
            f"A corrected claim was made already; it stands at “{found.get_state_display()}”.",
            code="correction.made",
            details={"claim": str(found.pk)},
        )


def _require_no_void(claim: Claim) -> None:
    if claim.frequency_code == Frequency.VOID.value:
        raise Refused("This is a void itself: it is not corrected or voided again.", code="correction.void")


def _require_reason(reason: str) -> None:
    if len(reason.strip()) < SHORTEST_REASON:
        raise InvalidInput("Say in a sentence why.", code="correction.reason", details={"path": "reason"})


def _newest(encounter: Encounter) -> Claim | None:
    found: Claim | None = (
        Claim.objects.filter(client_id=encounter.client_id, encounter=encounter, is_billed_by_client=False)
        .exclude(state=ClaimStatus.WITHDRAWN)
        .order_by("-version")
        .first()
    )
    return found
