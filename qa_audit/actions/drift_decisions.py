"""What a manager decides about drift: each decision with its reason, and notes of what happened meanwhile."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from encounters.actions.pauses import pause_coder
from encounters.models import WorkPause
from qa_audit.access import LEADERS
from qa_audit.drift_tables import drift_table
from qa_audit.models import DecisionKind, DriftNote, DriftSignal, NoteKind, SampleWidening, SignalDecision
from qa_audit.selectors.drift import Subject, signals_about, undecided

LEAST_WORDS = 5
MOST_FACTOR = Decimal(100)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is decided about a signal.  ``factor`` is for a wider sample; ``until`` also ends a pause."""

    kind: DecisionKind
    reason: str
    factor: Decimal | None = None
    until: date | None = None


@transaction.atomic
def decide(*, actor: Actor, signal: DriftSignal, choice: Choice) -> list[SignalDecision]:
    """Decides about a signal and every other that waits of the same coder or specialty: one slide, one word.

    Raises:
        NotAllowed: only managers and administrators decide.
        Refused: no reason, or a pause of a specialty as a whole.
        InvalidInput: a factor or a last day out of range.
        Conflict: somebody decided before.
    """
    _require_leader(actor)
    reason = _words(choice.reason, "Say in a few words why you decide so.")
    subject = _subject(signal)
    waiting = undecided(signal.client_id).filter(pk__in=signals_about(signal.client_id, subject).values("pk"))
    rows = sorted(waiting, key=lambda one: (one.week, one.pk))
    if signal.pk not in {one.pk for one in rows}:
        raise Conflict("Somebody has decided about this signal.", code="drift.decided")
    widening = _widen(actor, signal, rows, choice, reason) if choice.kind is DecisionKind.WIDEN else None
    pause = _pause(actor, signal, choice, reason) if choice.kind is DecisionKind.PAUSE else None
    now = timezone.now()
    try:
        with transaction.atomic():
            made = [
                SignalDecision.objects.create(
                    client_id=signal.client_id,
                    signal=one,
                    kind=choice.kind,
                    reason=reason,
                    widening=widening,
                    pause=pause,
                    decided_by_id=actor.person_id,
                    decided_at=now,
                )
                for one in rows
            ]
    except IntegrityError as error:
        raise Conflict("Somebody has decided about this signal.", code="drift.decided") from error
    for one in rows:
        record_event(
            actor=actor,
            verb=Verb.DRIFT_DECIDED,
            subject=one,
            reason=reason,
            facts={"decision": choice.kind.value, "kind": one.kind, "week": one.week.isoformat()},
        )
    return made


def _widen(
    actor: Actor, signal: DriftSignal, rows: Sequence[DriftSignal], choice: Choice, reason: str
) -> SampleWidening:
    today = timezone.localdate()
    latest = today + timedelta(days=drift_table().most_widen_days)
    if choice.factor is None or not 1 < choice.factor <= MOST_FACTOR:
        raise InvalidInput(
            f"A sample is widened by more than 1 and at most {MOST_FACTOR} times.",
            code="drift.factor",
            details={"path": "factor"},
        )
    if choice.until is None or not today <= choice.until <= latest:
        raise InvalidInput(
            f"The last day lies between today and {latest:%m/%d/%Y}.",
            code="drift.until",
            details={"path": "until"},
        )
    widening: SampleWidening = SampleWidening.objects.create(
        client_id=signal.client_id,
        coder_id=signal.coder_id,
        specialty_id=signal.specialty_id,
        factor=choice.factor,
        # From the first week that spoke: a draw of that period made later takes more of it too.
        starts_on=min(one.week for one in rows),
        ends_on=choice.until,
        reason=reason,
        made_by_id=actor.person_id,
        made_at=timezone.now(),
    )
    record_event(
        actor=actor,
        verb=Verb.SAMPLE_WIDENED,
        subject=widening,
        reason=reason,
        facts={
            "coder": signal.coder_id,
            "specialty": signal.specialty_id,
            "factor": str(choice.factor),
            "until": choice.until.isoformat(),
        },
    )
    return widening


def _pause(actor: Actor, signal: DriftSignal, choice: Choice, reason: str) -> WorkPause:
    if signal.coder_id is None:
        raise Refused("A pause is a coder's: choose whose charts moved.", code="drift.pause_of_specialty")
    return pause_coder(
        actor=actor,
        client_id=signal.client_id,
        coder_id=signal.coder_id,
        specialty_id=None,
        reason=reason,
        until=choice.until,
    )


@transaction.atomic
def end_widening(*, actor: Actor, client_id: int, widening_id: uuid.UUID, reason: str) -> SampleWidening:
    """Draws take the plan's share again from now on.

    Raises:
        NotAllowed: as ``decide``.
        Refused: no reason.
        Conflict: it has ended.
    """
    _require_leader(actor)
    words = _words(reason, "Say in a few words why the sample is as planned again.")
    locked = SampleWidening.objects.select_for_update().filter(client_id=client_id, pk=widening_id).first()
    if locked is None or locked.ended_at is not None:
        raise Conflict("This wider sample has ended.", code="drift.widening_ended")
    locked.ended_at, locked.ended_by_id, locked.end_reason = timezone.now(), actor.person_id, words
    locked.save(update_fields=["ended_at", "ended_by", "end_reason"])
    record_event(actor=actor, verb=Verb.WIDENING_ENDED, subject=locked, reason=words)
    return locked


# --- notes -------------------------------------------------------------------------------------------------


@transaction.atomic
def add_note(
    *, actor: Actor, client: Client, kind: str, happened_on: date, words: str, starts_baseline: bool
) -> DriftNote:
    """Writes on the charts what happened on a day.

    Raises:
        NotAllowed: as ``decide``.
        InvalidInput: an unknown kind, a day to come, no words.
    """
    _require_leader(actor)
    if kind not in NoteKind.values:
        raise InvalidInput("Choose the kind from the list.", code="drift.note", details={"path": "kind"})
    if happened_on > timezone.localdate(timezone=ZoneInfo(client.timezone)):
        raise InvalidInput(
            "The day is to come: write it down when it has happened.",
            code="drift.note",
            details={"path": "happened_on"},
        )
    if not 3 <= len(words.strip()) <= 120:
        raise InvalidInput(
            "Say what happened in 3 to 120 letters.", code="drift.note", details={"path": "words"}
        )
    note: DriftNote = DriftNote.objects.create(
        client_id=client.pk,
        kind=kind,
        happened_on=happened_on,
        words=words.strip(),
        starts_baseline=starts_baseline,
        made_by_id=actor.person_id,
        made_at=timezone.now(),
    )
    facts = {"kind": kind, "on": happened_on.isoformat(), "starts_baseline": starts_baseline}
    record_event(actor=actor, verb=Verb.DRIFT_NOTED, subject=note, facts=facts)
    return note


@transaction.atomic
def withdraw_note(*, actor: Actor, client_id: int, note_id: uuid.UUID) -> DriftNote:
    """Takes a note off the charts; it stays on record.

    Raises:
        NotAllowed: as ``decide``.
        Conflict: it is gone already.
    """
    _require_leader(actor)
    locked = DriftNote.objects.select_for_update().filter(client_id=client_id, pk=note_id).first()
    if locked is None or locked.withdrawn_at is not None:
        raise Conflict("This note is off the charts already.", code="drift.note_withdrawn")
    locked.withdrawn_at, locked.withdrawn_by_id = timezone.now(), actor.person_id
    locked.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record_event(actor=actor, verb=Verb.DRIFT_NOTE_WITHDRAWN, subject=locked)
    return locked


def _subject(signal: DriftSignal) -> Subject:
    if signal.coder_id is not None:
        return Subject(coder=signal.coder_id)
    return Subject(specialty=signal.specialty.code if signal.specialty is not None else "")


def _require_leader(actor: Actor) -> None:
    if actor.role not in LEADERS:
        raise NotAllowed("Only a manager decides about drift.", code="drift.role")


def _words(given: str, message: str) -> str:
    words = given.strip()
    if len(words) < LEAST_WORDS:
        raise Refused(message, code="drift.reason")
    return words
