"""The doors to what is done about denials: appeals, credits, money to give back."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from claims.access.claims import claims_in_reach, denials_in_reach
from claims.access.roles import CLIENT_READERS, LEADERS, WORKERS
from claims.models import Appeal, Claim, CreditProposal, CreditState, OverpaymentNotice
from coding_ops.audit.models import Verb
from coding_ops.audit.reads import note_read
from coding_ops.core.errors import NotAllowed, NotFound
from coding_ops.tenancy.actor import Actor

MONEY_READERS = LEADERS | CLIENT_READERS


def require_worker(actor: Actor) -> None:
    """Raises NotAllowed for who does not work denials."""
    if actor.role not in WORKERS:
        raise NotAllowed("Your role may not work denials.", code="denial.role")


def require_corrector(actor: Actor) -> None:
    """Raises NotAllowed for who may not tell a payer something else than was billed."""
    if actor.role not in LEADERS:
        raise NotAllowed("Only a manager may correct or void a claim.", code="correction.role")


def require_creditor(actor: Actor) -> None:
    """Raises NotAllowed for who may not propose or decide credits."""
    if actor.role not in LEADERS:
        raise NotAllowed("Only a manager may propose or decide credits.", code="credit.role")


def appeals_in_reach(actor: Actor, client_id: int) -> QuerySet[Appeal]:
    """The appeals this person may see; a client's people see none before it was sent."""
    appeals: QuerySet[Appeal] = Appeal.objects.filter(
        client_id=client_id, denial__in=denials_in_reach(actor, client_id)
    )
    return appeals if actor.is_vendor else appeals.filter(sent_at__isnull=False)


def find_appeal(*, actor: Actor, client_id: int, appeal_id: uuid.UUID) -> Appeal:
    """An appeal without its letter being shown.

    Raises:
        NotFound: absent, another client's, a draft to who is outside, or not theirs to see: one answer.
    """
    found = (
        appeals_in_reach(actor, client_id)
        .filter(pk=appeal_id)
        .select_related("denial__claim__encounter__patient", "denial__claim_line", "denial__payer", "made_by")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def open_appeal(*, actor: Actor, client_id: int, appeal_id: uuid.UUID) -> Appeal:
    """An appeal with its letter, which names the patient: the read is noted.

    Raises:
        NotFound: as :func:`find_appeal`.
    """
    found = find_appeal(actor=actor, client_id=client_id, appeal_id=appeal_id)
    _note_claim(actor, found.denial.claim)
    return found


def credits_in_reach(actor: Actor, client_id: int) -> QuerySet[CreditProposal]:
    """Leaders see every proposal, a client's people the approved ones."""
    if actor.role not in MONEY_READERS:
        none: QuerySet[CreditProposal] = CreditProposal.objects.none()
        return none
    found: QuerySet[CreditProposal] = CreditProposal.objects.filter(
        client_id=client_id, denial__in=denials_in_reach(actor, client_id)
    )
    return found if actor.is_vendor else found.filter(state=CreditState.APPROVED)


def find_credit(*, actor: Actor, client_id: int, credit_id: uuid.UUID) -> CreditProposal:
    """A proposal.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    rows = credits_in_reach(actor, client_id).select_related("denial__claim", "proposed_by", "decided_by")
    found = rows.filter(pk=credit_id).first()
    if found is None:
        raise NotFound
    return found


def notices_in_reach(actor: Actor, client_id: int) -> QuerySet[OverpaymentNotice]:
    """What a federal payer is to be given back."""
    if actor.role not in MONEY_READERS:
        none: QuerySet[OverpaymentNotice] = OverpaymentNotice.objects.none()
        return none
    found: QuerySet[OverpaymentNotice] = OverpaymentNotice.objects.filter(
        client_id=client_id, claim__in=claims_in_reach(actor, client_id)
    )
    return found


def find_notice(*, actor: Actor, client_id: int, notice_id: uuid.UUID) -> OverpaymentNotice:
    """One sum to give back.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    found = (
        notices_in_reach(actor, client_id)
        .filter(pk=notice_id)
        .select_related("claim__payer", "client")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def open_notice(*, actor: Actor, client_id: int, notice_id: uuid.UUID) -> OverpaymentNotice:
    """One sum to give back with what people wrote about it: the read is noted.

    Raises:
        NotFound: as :func:`find_notice`.
    """
    found = find_notice(actor=actor, client_id=client_id, notice_id=notice_id)
    _note_claim(actor, found.claim)
    return found


def _note_claim(actor: Actor, claim: Claim) -> None:
    note_read(
        actor=actor,
        verb=Verb.CLAIM_VIEWED,
        client_id=claim.client_id,
        subject_type="claim",
        subject_id=str(claim.pk),
        encounter_ids=(str(claim.encounter_id),) if claim.encounter_id else (),
    )
