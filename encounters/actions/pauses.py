"""Pausing a coder's new charts at a client, and lifting the pause: always a recorded decision."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from coding_ops.accounts.models import Specialty
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from coding_ops.tenancy.actor import SYSTEM_ROLE, Actor
from coding_ops.tenancy.models import Membership, Role
from encounters.models import WorkPause

MAY_PAUSE = frozenset({str(Role.MANAGER), str(Role.VENDOR_ADMIN), SYSTEM_ROLE})
LEAST_WORDS = 5


@transaction.atomic
def pause_coder(
    *,
    actor: Actor,
    client_id: int,
    coder_id: int,
    specialty_id: int | None,
    reason: str,
    until: date | None = None,
) -> WorkPause:
    """Hands the coder no new charts of the client, or of one specialty there; the chart in hand stays.

    Args:
        until: the last day of the pause; ``None``: until it is lifted.

    Raises:
        NotAllowed: only managers, administrators and the programme's own rules pause.
        InvalidInput: the person does not code here, an unknown specialty, a last day that is past.
        Refused: no reason, or it is paused already.
    """
    _require_leader(actor, "pause")
    today = timezone.localdate()
    words = _words(reason, "Say in a few words why the coder is paused.")
    if until is not None and until < today:
        raise InvalidInput("The last day is past.", code="pause.until", details={"path": "until"})
    codes_here = Membership.objects.filter(
        client_id=client_id, user_id=coder_id, role=Role.CODER, revoked_at__isnull=True
    )
    if not codes_here.exists():
        raise InvalidInput("This person does not code for the client.", code="pause.coder")
    if specialty_id is not None and not Specialty.objects.filter(pk=specialty_id).exists():
        raise InvalidInput("There is no such specialty.", code="pause.specialty")
    same = Q(specialty__isnull=True) if specialty_id is None else Q(specialty_id=specialty_id)
    standing = (
        WorkPause.objects.select_for_update()
        .filter(same, client_id=client_id, coder_id=coder_id, lifted_at__isnull=True)
        .first()
    )
    if standing is not None and (standing.until is None or standing.until >= today):
        raise Refused("This coder's charts are paused already.", code="pause.standing")
    now = timezone.now()
    if standing is not None:
        standing.lifted_at, standing.lift_reason = now, "Its last day had passed."
        standing.save(update_fields=["lifted_at", "lift_reason"])
    pause: WorkPause = WorkPause.objects.create(
        client_id=client_id,
        coder_id=coder_id,
        specialty_id=specialty_id,
        reason=words,
        since=now,
        until=until,
        paused_by_id=actor.user_id,
    )
    facts = {"coder": coder_id, "specialty": specialty_id, "until": until.isoformat() if until else None}
    record_event(actor=actor, verb=Verb.CODER_PAUSED, subject=pause, reason=words, facts=facts)
    return pause


@transaction.atomic
def lift_pause(*, actor: Actor, pause: WorkPause, reason: str) -> WorkPause:
    """Lets the coder take charts again from now on.

    Raises:
        NotAllowed: as ``pause_coder``.
        Refused: no reason.
        Conflict: somebody lifted it before.
    """
    _require_leader(actor, "lift")
    words = _words(reason, "Say in a few words why the pause ends.")
    locked: WorkPause = WorkPause.objects.select_for_update().get(client_id=pause.client_id, pk=pause.pk)
    if locked.lifted_at is not None:
        raise Conflict("Somebody has lifted this pause.", code="pause.lifted")
    locked.lifted_at, locked.lifted_by_id, locked.lift_reason = timezone.now(), actor.user_id, words
    locked.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    record_event(
        actor=actor,
        verb=Verb.CODER_RESUMED,
        subject=locked,
        reason=words,
        facts={"coder": locked.coder_id, "specialty": locked.specialty_id},
    )
    return locked


def _require_leader(actor: Actor, what: str) -> None:
    if str(actor.role) not in MAY_PAUSE:
        raise NotAllowed(f"Only a manager can {what} a coder's work.", code="pause.role")


def _words(given: str, message: str) -> str:
    words = given.strip()
    if len(words) < LEAST_WORDS:
        raise Refused(message, code="pause.reason")
    return words
