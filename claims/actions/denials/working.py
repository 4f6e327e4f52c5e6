"""What people do with a denial: take it, say what caused it, give it up, open it again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from claims.access.roles import LEADERS, WORKERS
from claims.actions.denials.moving import Move, move_denials
from claims.actions.posting.payers import zone_of
from claims.actions.steps import add_step, locked_denial
from claims.models import ClaimStepKind, Denial, DenialStatus, RootCause
from claims.rules.denial_states import DenialVerb
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import InvalidInput, NotAllowed
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Membership

MOST_NOTE: Final = 1_000
LEAST_NOTE: Final = 3


@transaction.atomic
def assign_denial(*, actor: Actor, denial: Denial, owner_id: int | None, now: datetime) -> Denial:
    """Gives a denial to a person, or to nobody: leaders to anybody, a coder takes one or lays it down.

    Raises:
        NotAllowed: not a person who works denials, or a coder who gives it to somebody else.
        InvalidInput: ``owner``: not somebody who works this client's denials.
        Conflict: ``denial.step``: it does not wait for work.
    """
    _require_worker(actor)
    if actor.role not in LEADERS and owner_id not in (None, actor.person_id):
        raise NotAllowed("A leader gives denials to others.", code="denial.assign")
    today = now.astimezone(zone_of(denial.client_id)).date()
    if owner_id is not None and not workers(denial.client_id, today).filter(user_id=owner_id).exists():
        raise _wrong("owner", "Choose somebody who works this client's denials.")
    row = locked_denial(denial)
    if actor.role not in LEADERS and row.owner_id not in (None, actor.person_id):
        raise NotAllowed("It is somebody else's. A leader can give it to you.", code="denial.assign")
    if row.state != DenialStatus.UPHELD:  # it waits for the next decision already
        move_denials(client_id=row.client_id, moves=[Move(row, DenialVerb.WORK)], now=now)
    row.owner_id = owner_id
    row.save(update_fields=["owner"])
    record_event(
        actor=actor, verb=Verb.DENIAL_ASSIGNED, subject=row, facts={"owner": owner_id, "state": row.state}
    )
    return row


@transaction.atomic
def set_cause(
    *, actor: Actor, denial: Denial, root_cause: str, note: str, is_vendor_error: bool | None
) -> Denial:
    """Records what caused a denial, from the closed list; whether it was the vendor's error, a leader says.

    Raises:
        NotAllowed: not a person who works denials, or no leader and a verdict on the vendor's error.
        InvalidInput: ``root_cause``: not of the list; ``note``: needed with Other, or too long.
    """
    _require_worker(actor)
    note = note.strip()
    if root_cause not in RootCause.values:
        raise _wrong("root_cause", "Choose what caused it.")
    if len(note) > MOST_NOTE or (root_cause == RootCause.OTHER and len(note) < LEAST_NOTE):
        raise _wrong("note", f"Say in up to {MOST_NOTE:,} characters what it was.")
    row = locked_denial(denial)
    if actor.role not in LEADERS and is_vendor_error != row.is_vendor_error:
        raise NotAllowed("A leader decides whose error it was.", code="denial.cause")
    row.root_cause, row.cause_note, row.is_vendor_error = root_cause, note or None, is_vendor_error
    row.save(update_fields=["root_cause", "cause_note", "is_vendor_error"])
    record_event(
        actor=actor,
        verb=Verb.DENIAL_CAUSE_SET,
        subject=row,
        facts={"cause": root_cause, "is_vendor_error": is_vendor_error, "carc": row.carc},
    )
    return row


@transaction.atomic
def write_off(*, actor: Actor, denial: Denial, reason: str, now: datetime) -> Denial:
    """Gives a denial up for good, with a reason.

    Raises:
        NotAllowed: no leader.
        InvalidInput: ``reason``: missing or too long.
        Conflict: ``denial.step``: it is with the payer, or over.
    """
    reason = _require_reason(actor, reason)
    row = locked_denial(denial)
    move_denials(client_id=row.client_id, moves=[Move(row, DenialVerb.WRITE_OFF)], now=now)
    add_step(
        actor=actor,
        claim=row.claim,
        kind=ClaimStepKind.WRITTEN_OFF,
        at=now,
        facts={"amount": str(row.denied_amount - row.recovered_amount), "denial": str(row.pk)},
        note=reason,
    )
    record_event(
        actor=actor,
        verb=Verb.DENIAL_WRITTEN_OFF,
        subject=row,
        facts={"amount": str(row.denied_amount - row.recovered_amount), "carc": row.carc},
    )
    return row


@transaction.atomic
def reopen_denial(*, actor: Actor, denial: Denial, reason: str, now: datetime) -> Denial:
    """Takes an ended denial up again; what had been recovered by it counts no more.

    Raises:
        NotAllowed: no leader.
        InvalidInput: ``reason``: missing or too long.
        Conflict: ``denial.step``: it has not ended.
    """
    reason = _require_reason(actor, reason)
    row = locked_denial(denial)
    move_denials(client_id=row.client_id, moves=[Move(row, DenialVerb.REOPEN)], now=now)
    row.cause_note = f"{row.cause_note or ''}\nOpened again: {reason}".strip()
    row.save(update_fields=["cause_note"])
    record_event(actor=actor, verb=Verb.DENIAL_REOPENED, subject=row, facts={"carc": row.carc})
    return row


def workers(client_id: int, on: date) -> QuerySet[Membership]:
    """The grants of those who may work this client's denials on a day."""
    rows: QuerySet[Membership] = Membership.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on),
        client_id=client_id,
        role__in=[one.value for one in WORKERS],
        revoked_at__isnull=True,
        user__is_active=True,
    )
    return rows


def _require_worker(actor: Actor) -> None:
    if actor.role not in WORKERS:
        raise NotAllowed("Leaders and coders work denials.", code="denial.work")


def _require_reason(actor: Actor, reason: str) -> str:
    if actor.role not in LEADERS:
        raise NotAllowed("A leader does this.", code="denial.leader")
    reason = reason.strip()
    if not LEAST_NOTE <= len(reason) <= MOST_NOTE:
        raise _wrong("reason", f"Say in {LEAST_NOTE} to {MOST_NOTE:,} characters why.")
    return reason


def _wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, code=f"denial.{field}", details={"fields": {field: message}})
