"""The reading of reasons by contract: a row is added with its first day, ended with its last, never lost."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from claims.access.roles import LEADERS
from claims.models import Payer, ReasonRule
from claims.rules.classify import CATEGORIES, GROUPS
from claims.rules.reason_reading import plain_code
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client

LEAST_REASON: Final = 3
MOST_REASON: Final = 300
_CODE: Final = re.compile(r"[A-Z0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading as typed.  No payer, group or remark: whichever it is; ``ends_on`` is its last day."""

    payer_id: uuid.UUID | None
    group_code: str
    carc: str
    rarc: str
    category: str
    starts_on: date | None
    ends_on: date | None
    reason: str


def checked(client_id: int, wanted: Reading) -> Reading:
    """The reading with its codes as the maps hold them.

    Raises:
        InvalidInput: ``details["fields"]`` says what is wrong, by field.
    """
    carc = plain_code(wanted.carc) if wanted.carc.strip() else ""
    rarc = plain_code(wanted.rarc) if wanted.rarc.strip() else ""
    found: dict[str, str] = {}
    if not _CODE.fullmatch(carc):
        found["carc"] = "Give the number of a reason (CARC), such as 97 or A1."
    if rarc and not _CODE.fullmatch(rarc):
        found["rarc"] = "Give the number of a remark (RARC), such as M76, or leave it empty."
    if wanted.group_code and wanted.group_code not in GROUPS:
        found["group_code"] = "Choose a group of the list."
    if wanted.category not in CATEGORIES:
        found["category"] = "Choose what kind of denial it is."
    if wanted.payer_id and not Payer.objects.filter(client_id=client_id, pk=wanted.payer_id).exists():
        found["payer"] = "Choose a payer of this client."
    if wanted.starts_on is None:
        found["starts_on"] = "Give the first day, as MM/DD/YYYY."
    elif wanted.ends_on is not None and wanted.ends_on < wanted.starts_on:
        found["ends_on"] = "The last day lies before the first."
    reason = wanted.reason.strip()
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        found["reason"] = f"Name the clause of the contract, in up to {MOST_REASON} characters."
    if found:
        raise InvalidInput(" ".join(found.values()), code="reason.invalid", details={"fields": found})
    return Reading(
        wanted.payer_id,
        wanted.group_code,
        carc,
        rarc,
        wanted.category,
        wanted.starts_on,
        wanted.ends_on,
        reason,
    )


@transaction.atomic
def add_reading(*, actor: Actor, client_id: int, wanted: Reading, now: datetime) -> ReasonRule:
    """Adds a reading; one of the same payer, group, reason and remark without an end ends the day before.

    What was posted keeps the kind it was posted under; the reading holds for files read from now on.

    Raises:
        NotAllowed: no leader.
        InvalidInput: as :func:`checked`.
        Conflict: ``reason.same_day``: one of the same first day; ``reason.overlap``: one over the same days.
    """
    _require_leader(actor)
    typed = checked(client_id, wanted)
    starts_on = typed.starts_on
    if starts_on is None:
        raise InvalidInput("Give the first day.", code="reason.invalid")
    # Two people who add a row at once are one after the other, so that no day is read twice.
    Client.objects.select_for_update(no_key=True).get(pk=client_id)
    alike = ReasonRule.objects.filter(
        Q(payer_id=typed.payer_id) if typed.payer_id else Q(payer__isnull=True),
        client_id=client_id,
        group_code=typed.group_code,
        carc=typed.carc,
        rarc=typed.rarc,
    )
    if alike.filter(starts_on=starts_on).exists():
        raise Conflict("A reading of this reason begins on this day already.", code="reason.same_day")
    alike.filter(starts_on__lt=starts_on, ends_on__isnull=True).update(ends_on=starts_on - timedelta(days=1))
    over = Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on)
    if typed.ends_on is not None:
        over &= Q(starts_on__lte=typed.ends_on)
    if (there := alike.filter(over).order_by("starts_on").first()) is not None:
        raise Conflict(
            f"Another reading of this reason begins on {there.starts_on:%m/%d/%Y}: end this one before.",
            code="reason.overlap",
        )
    row: ReasonRule = ReasonRule.objects.create(
        client_id=client_id,
        payer_id=typed.payer_id,
        group_code=typed.group_code,
        carc=typed.carc,
        rarc=typed.rarc,
        category=typed.category,
        starts_on=starts_on,
        ends_on=typed.ends_on,
        reason=typed.reason,
        made_by_id=actor.person_id,
        made_at=now,
    )
    record_event(
        actor=actor,
        verb=Verb.REASON_RULE_MADE,
        subject=row,
        facts={
            "carc": row.carc,
            "rarc": row.rarc,
            "group": row.group_code,
            "category": row.category,
            "starts_on": starts_on.isoformat(),
        },
    )
    return row


@transaction.atomic
def end_reading(*, actor: Actor, client_id: int, reason_id: uuid.UUID, ends_on: date | None) -> ReasonRule:
    """Gives a reading its last day; the built-in map, or another row, holds from the day after.

    Raises:
        NotAllowed: no leader.
        NotFound: no reading of this client.
        InvalidInput: no day, or one before its first.
    """
    _require_leader(actor)
    row = ReasonRule.objects.select_for_update().filter(client_id=client_id, pk=reason_id).first()
    if row is None:
        raise NotFound
    if ends_on is None or ends_on < row.starts_on:
        words = f"Give the last day, {row.starts_on:%m/%d/%Y} or later."
        raise InvalidInput(words, code="reason.invalid", details={"fields": {"ends_on": words}})
    if row.ends_on is not None and ends_on > row.ends_on:
        words = f"It ends on {row.ends_on:%m/%d/%Y} already: add a new reading for later days."
        raise InvalidInput(words, code="reason.invalid", details={"fields": {"ends_on": words}})
    row.ends_on = ends_on
    row.save(update_fields=["ends_on"])
    record_event(
        actor=actor,
        verb=Verb.REASON_RULE_ENDED,
        subject=row,
        facts={"carc": row.carc, "rarc": row.rarc, "ends_on": ends_on.isoformat()},
    )
    return row


def _require_leader(actor: Actor) -> None:
    if actor.role not in LEADERS:
        raise NotAllowed("A leader sets how a contract reads reasons.", code="reason.leader")
