"""Going through the charts that have changed since the last run, some at a time.

What has changed is read from the ledger, whose numbers one transaction at a time gives out: a number below
the newest never appears later.  A new edition, a rule that was switched on, and the first run also go through
the charts that can still change.  Nothing is lost with a message: the cursor says where to go on.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from cdi_queries.actions.triggers import Looked, look_at
from cdi_queries.models import TriggerCursor
from cdi_queries.selectors.triggers import START, charts_to_look_at, off_keys
from cdi_queries.terms.triggers import trigger_book, trigger_terms
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Client
from coding_ops.tenancy.scope import client_transaction
from coding_ops.tenancy.tasks import enqueue
from encounters.models import Encounter

logger = logging.getLogger(__name__)
SUBJECT = Encounter._meta.model_name or ""
#: Events after which a chart is looked at again; all are events of the encounter.
CHANGES = (
    Verb.DOCUMENT_ADDED,
    Verb.DOCUMENT_VERSION_ADDED,
    Verb.ENCOUNTER_UPDATED,
    Verb.ENCOUNTER_CANCELLED,
    Verb.CODE_ASSIGNED,
    Verb.CODE_CHANGED,
    Verb.CODE_REMOVED,
    Verb.EVIDENCE_CITED,
    Verb.EVIDENCE_REMOVED,
    Verb.MEAT_TAGGED,
    Verb.CHANGE_UNDONE,
    Verb.ENCOUNTER_FINALIZED,
)


class ChartsFailed(RuntimeError):
    """Some charts could not be looked at; the log names each.  The sweep went on behind them."""


@dataclass(frozen=True, slots=True)
class Swept:
    """One run: charts looked at, gaps found and settled, and whether more charts wait."""

    charts: int = 0
    found: int = 0
    settled: int = 0
    is_done: bool = True


@dataclass(frozen=True, slots=True)
class _Batch:
    """Charts of one run, and where the cursor stands behind them."""

    changed: tuple[uuid.UUID, ...]
    older: tuple[uuid.UUID, ...]
    seq: int
    backfill_after: uuid.UUID | None
    is_done: bool


def sweep(*, client_id: int, now: datetime) -> Swept:
    """Looks at the charts that are due, each in a transaction of its own; opens the client itself.

    Raises:
        ChartsFailed: the rules broke on some charts; the others were looked at, and the cursor moved on.
    """
    with client_transaction([client_id]):
        client = Client.objects.get(pk=client_id)
        cursor = _cursor(client_id, now)
        batch = _batch(cursor, now)
        off = off_keys(client_id)
    due = list(dict.fromkeys([*batch.changed, *batch.older]))
    found = settled = failed = 0
    for encounter_id in due:
        try:
            looked = _look(client, encounter_id, off, now)
        except Exception:  # one chart must not keep all behind it from being looked at; raised at the end
            logger.exception("triggers failed", extra={"encounter_id": str(encounter_id)})
            failed += 1
            continue
        found, settled = found + len(looked.found), settled + len(looked.settled)
    with client_transaction([client_id]):
        _move_on(cursor, batch, off, now)
    if failed:
        raise ChartsFailed(f"{failed} of {len(due)} charts")
    return Swept(len(due), found, settled, batch.is_done)


def _cursor(client_id: int, now: datetime) -> TriggerCursor:
    """Where the client's sweep stands; another edition begins with the charts that can still change."""
    edition = trigger_book().edition
    cursor, _ = TriggerCursor.objects.get_or_create(
        client_id=client_id,
        defaults={
            "edition": edition,
            "seq": _newest(client_id),
            "backfill_after": START,
            "swept_at": now,
        },
    )
    if cursor.edition != edition:
        cursor.edition, cursor.backfill_after = edition, START
        cursor.save(update_fields=["edition", "backfill_after"])
    return cursor


def _batch(cursor: TriggerCursor, now: datetime) -> _Batch:
    most, newest = trigger_terms().charts_a_run, _newest(cursor.client_id)
    events = list(
        AuditEvent.objects.filter(
            client_id=cursor.client_id,
            seq__gt=cursor.seq,
            seq__lte=newest,
            verb__in=CHANGES,
            subject_type=SUBJECT,
        )
        .order_by("seq")
        .values_list("seq", "subject_id")[:most]
    )
    seq = events[-1][0] if len(events) == most else newest
    changed = tuple(dict.fromkeys(uuid.UUID(subject) for _, subject in events))
    after, older = cursor.backfill_after, list[uuid.UUID]()
    if after is not None and len(changed) < most:
        room = most - len(changed)
        older = charts_to_look_at(cursor.client_id, after, now, room)
        after = older[-1] if len(older) == room else None
    return _Batch(changed, tuple(older), seq, after, len(events) < most and after is None)


def _look(client: Client, encounter_id: uuid.UUID, off: frozenset[str], now: datetime) -> Looked:
    """One chart in one transaction: its event holds the client's ledger until it commits."""
    with client_transaction([client.pk]):
        encounter = Encounter.objects.filter(client_id=client.pk, pk=encounter_id).first()
        if encounter is None:
            return Looked()
        actor = system_actor("trigger sweep")
        return look_at(actor=actor, client=client, encounter=encounter, off=off, now=now)


def _move_on(before: TriggerCursor, batch: _Batch, off: frozenset[str], now: datetime) -> None:
    """Writes where the run ended.  After a switch that was turned meanwhile, all begins anew."""
    locked = TriggerCursor.objects.select_for_update().get(client_id=before.client_id)
    locked.seq, locked.swept_at = max(locked.seq, batch.seq), now
    turned = off_keys(before.client_id) != off or locked.edition != before.edition
    locked.backfill_after = START if turned else batch.backfill_after
    locked.save(update_fields=["seq", "swept_at", "backfill_after"])
    if turned or not batch.is_done:
        enqueue("cdi_queries.sweep_triggers", client_id=before.client_id)


def _newest(client_id: int) -> int:
    newest = AuditEvent.objects.filter(client_id=client_id).aggregate(newest=Max("seq"))["newest"]
    return newest or 0
