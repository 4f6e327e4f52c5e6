"""The doors to claims and denials."""

from __future__ import annotations

import uuid

from django.db.models import Exists, Q, QuerySet

from claims.access.roles import READERS
from claims.models import Claim, Denial
from coding_ops.audit.models import Verb
from coding_ops.audit.reads import note_read
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.closed import closed_charts
from coding_ops.tenancy.models import Role


def claims_in_reach(actor: Actor, client_id: int) -> QuerySet[Claim]:
    """The claims of an open client that this person may open: a coder those of codes they finished, nobody
    those of a chart they review blind."""
    return _claims(actor, client_id, Q(coder_id=actor.user_id))


def _claims(actor: Actor, client_id: int, of_a_coder: Q) -> QuerySet[Claim]:
    claims: QuerySet[Claim] = Claim.objects.filter(client_id=client_id)
    if actor.role not in READERS:
        return claims.none()
    if actor.role == Role.CODER:
        claims = claims.filter(of_a_coder)
    return claims.exclude(encounter_id__in=closed_charts(actor, client_id)) if actor.is_vendor else claims


def find_claim(*, actor: Actor, client_id: int, claim_id: uuid.UUID) -> Claim:
    """A claim of an open client without its patient being shown; a coder's also where they work a denial.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    given = Denial.objects.filter(client_id=client_id, claim_id=claim_id, owner_id=actor.user_id)
    claim = (
        _claims(actor, client_id, Q(coder_id=actor.user_id) | Q(Exists(given)))
        .filter(pk=claim_id)
        .select_related("encounter", "payer", "specialty", "coder", "replaces")
        .first()
    )
    if claim is None:
        raise NotFound
    return claim


def open_claim(*, actor: Actor, client_id: int, claim_id: uuid.UUID) -> Claim:
    """A claim with who is billed for: the read is noted.

    Raises:
        NotFound: as :func:`find_claim`.
    """
    claim = find_claim(actor=actor, client_id=client_id, claim_id=claim_id)
    note_read(
        actor=actor,
        verb=Verb.CLAIM_VIEWED,
        client_id=client_id,
        subject_type="claim",
        subject_id=str(claim.pk),
        encounter_ids=(str(claim.encounter_id),) if claim.encounter_id else (),
    )
    return claim


def denials_in_reach(actor: Actor, client_id: int) -> QuerySet[Denial]:
    """The denials of an open client that this person may open: a coder their own, and those given to them."""
    denials: QuerySet[Denial] = Denial.objects.filter(client_id=client_id)
    if actor.role not in READERS:
        return denials.none()
    if not actor.is_vendor:
        return denials
    if actor.role == Role.CODER:
        denials = denials.filter(Q(coder_id=actor.person_id) | Q(owner_id=actor.person_id))
    return denials.exclude(claim__encounter_id__in=closed_charts(actor, client_id))


def find_denial(*, actor: Actor, client_id: int, denial_id: uuid.UUID) -> Denial:
    """A denial of an open client.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    denial = (
        denials_in_reach(actor, client_id)
        .filter(pk=denial_id)
        .select_related("claim__encounter", "claim_line", "payer", "coder", "owner")
        .first()
    )
    if denial is None:
        raise NotFound
    return denial
