"""Looking at a chart for gaps, and deciding about what was found.

A gap is told once: what was dismissed or asked about stays so, what is no longer there is settled by itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from cdi_queries.access.queries import require_author, require_steward
from cdi_queries.models import CdiQuery, DismissReason, HitState, TriggerCursor, TriggerHit, TriggerSwitch
from cdi_queries.rules.triggers.look import look
from cdi_queries.rules.triggers.shapes import Chart, Hit, Place
from cdi_queries.selectors.trigger_chart import trigger_chart
from cdi_queries.selectors.triggers import START
from cdi_queries.terms.triggers import trigger_book
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from encounters.models import Encounter, EncounterStatus

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at one chart changed: keys of rules that found something, and of those settled."""

    found: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()


@transaction.atomic
def look_at(
    *, actor: Actor, client: Client, encounter: Encounter, off: Collection[str], now: datetime
) -> Looked:
    """Runs the rules over one chart and keeps what they find; the same chart again changes nothing.

    ``off``: keys of rules that are switched off at the client; what they found before is left as it is.
    """
    book = trigger_book()
    cancelled = encounter.status == EncounterStatus.CANCELLED
    chart = Chart(()) if cancelled else trigger_chart(encounter, book, client.timezone)
    hits = {fingerprint_of(hit): hit for hit in look(chart, book, off)}
    kept = {
        bytes(row.fingerprint): row
        for row in TriggerHit.objects.select_for_update(of=("self",)).filter(
            client_id=encounter.client_id, encounter=encounter
        )
    }
    found = [hit.rule for print_, hit in hits.items() if _keep(encounter, print_, hit, kept.get(print_), now)]
    gone = [
        row
        for print_, row in kept.items()
        if row.state == HitState.OPEN and row.rule_key not in off and print_ not in hits
    ]
    for row in gone:
        row.state, row.decided_at = HitState.SETTLED, now
        row.save(update_fields=["state", "decided_at"])
    looked = Looked(tuple(found), tuple(row.rule_key for row in gone))
    if found or gone:
        record_event(
            actor=actor,
            verb=Verb.TRIGGER_FOUND,
            subject=encounter,
            facts={"found": list(looked.found), "settled": list(looked.settled), "edition": book.edition},
        )
    return looked


def _keep(encounter: Encounter, print_: bytes, hit: Hit, row: TriggerHit | None, now: datetime) -> bool:
    """Stores one gap; whether it is newly open."""
    spans = spans_json(hit.places)
    common = {"provider_id": encounter.rendering_provider_id, "specialty_id": encounter.specialty_id}
    if row is None:
        _, made = TriggerHit.objects.get_or_create(
            client_id=encounter.client_id,
            encounter=encounter,
            fingerprint=print_,
            defaults={
                "rule_key": hit.rule,
                "subject": hit.subject,
                "spans": spans,
                "edition": trigger_book().edition,
                "found_at": now,
                **common,
            },
        )
        return bool(made)
    if row.state not in (HitState.OPEN, HitState.SETTLED):
        return False
    reopens = row.state == HitState.SETTLED
    changes: dict[str, object] = {
        name: value for name, value in common.items() if getattr(row, name) != value
    }
    if row.spans != spans:
        changes |= {"spans": spans, "edition": trigger_book().edition}
    if reopens:
        changes |= {"state": HitState.OPEN, "found_at": now, "decided_at": None}
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        row.save(update_fields=[name.removesuffix("_id") for name in changes])
    return reopens


def fingerprint_of(hit: Hit) -> bytes:
    """SHA-256 of the rule and its subject: what makes a gap of a chart the same gap."""
    return hashlib.sha256(f"{hit.rule}\n{hit.subject}".encode()).digest()


def spans_json(places: Iterable[Place]) -> str:
    """The places as the sealed text holds them."""
    return json.dumps(
        [
            {"version": one.document_id, "start": one.start, "end": one.end, "quote": one.quote}
            for one in places
        ],
        ensure_ascii=False,
        sort_keys=True,
    )


@transaction.atomic
def accept_hit(*, actor: Actor, hit: TriggerHit, query: CdiQuery) -> TriggerHit:
    """Says that a query was begun about a gap.

    Raises:
        NotAllowed: the role writes no queries.
        Conflict: somebody decided about it first.
        InvalidInput: the query is about another chart.
    """
    require_author(actor)
    locked = _open_hit(hit)
    if query.encounter_id != locked.encounter_id:
        raise InvalidInput("The query is about another visit.", code="trigger.other_visit")
    locked.state, locked.query = HitState.ACCEPTED, query
    _decide(actor, locked, {"query": str(query.pk)})
    return locked


@transaction.atomic
def dismiss_hit(*, actor: Actor, hit: TriggerHit, reason: str, note: str = "") -> TriggerHit:
    """Says why a gap needs no query.

    Raises:
        NotFound, NotAllowed: the role does not keep triggers.
        InvalidInput: no reason of the list, or "another reason" without words; ``details["path"]``.
        Conflict: somebody decided about it first.
    """
    require_steward(actor)
    if reason not in DismissReason.values:
        raise InvalidInput(
            "Choose why it needs no query.", code="trigger.no_reason", details={"path": "reason"}
        )
    words = " ".join(note.split())
    if reason == DismissReason.OTHER and not words:
        raise InvalidInput("Say the reason in words.", code="trigger.no_words", details={"path": "note"})
    if len(words) > LONGEST_NOTE:
        raise InvalidInput(
            f"Keep the note to {LONGEST_NOTE} characters.", code="trigger.long_note", details={"path": "note"}
        )
    locked = _open_hit(hit)
    locked.state, locked.reason, locked.note = HitState.DISMISSED, reason, words or None
    _decide(actor, locked, {"reason": reason})
    return locked


@transaction.atomic
def put_back_hit(*, actor: Actor, hit: TriggerHit) -> TriggerHit:
    """Puts a dismissed gap back on the list.

    Raises:
        NotFound, NotAllowed: the role does not keep triggers.
        Conflict: it is not dismissed.
    """
    require_steward(actor)
    locked = _locked(hit)
    if locked.state != HitState.DISMISSED:
        raise Conflict("Only what was dismissed can be put back.", code="trigger.not_dismissed")
    locked.state, locked.reason, locked.note = HitState.OPEN, "", None
    locked.decided_by_id = locked.decided_at = None
    locked.save(update_fields=["state", "reason", "note", "decided_by", "decided_at"])
    record_event(
        actor=actor,
        verb=Verb.TRIGGER_DECIDED,
        subject=locked,
        facts={"rule": locked.rule_key, "state": locked.state, "encounter": str(locked.encounter_id)},
    )
    return locked


@transaction.atomic
def switch_rule(*, actor: Actor, client_id: int, key: str, is_on: bool) -> TriggerSwitch:
    """Switches a rule on or off at a client; switched on again, it looks at the charts that can change.

    Raises:
        NotFound: no such rule, or a role that has nothing to do with them.
        NotAllowed: the role does not keep triggers.
    """
    require_steward(actor)
    if trigger_book().rule(key) is None:
        raise NotFound
    now = timezone.now()
    row, _ = TriggerSwitch.objects.update_or_create(
        client_id=client_id,
        key=key,
        defaults={"is_on": is_on, "changed_by_id": actor.person_id, "changed_at": now},
    )
    if is_on:
        TriggerCursor.objects.filter(client_id=client_id).update(backfill_after=START)
    record_event(actor=actor, verb=Verb.TRIGGER_SWITCHED, subject=row, facts={"rule": key, "on": is_on})
    return row


def _locked(hit: TriggerHit) -> TriggerHit:
    found: TriggerHit = (
        TriggerHit.objects.select_for_update(of=("self",)).filter(client_id=hit.client_id).get(pk=hit.pk)
    )
    return found


def _open_hit(hit: TriggerHit) -> TriggerHit:
    locked = _locked(hit)
    if locked.state != HitState.OPEN:
        raise Conflict(
            f"Somebody decided about this first: it is “{HitState(locked.state).label}” now.",
            code="trigger.decided",
            details={"state": locked.state},
        )
    return locked


def _decide(actor: Actor, hit: TriggerHit, facts: dict[str, str]) -> None:
    hit.decided_by_id, hit.decided_at = actor.person_id, timezone.now()
    hit.save(update_fields=["state", "reason", "note", "query", "decided_by", "decided_at"])
    record_event(
        actor=actor,
        verb=Verb.TRIGGER_DECIDED,
        subject=hit,
        facts={
            "rule": hit.rule_key,
            "state": str(hit.state),
            "encounter": str(hit.encounter_id),
            **facts,
        },
    )
