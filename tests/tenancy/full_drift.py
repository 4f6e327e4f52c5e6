"""Rows about pauses and drift for a client that has rows in every tenant table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.actions.pauses import lift_pause, pause_coder
from encounters.models import WorkPause
from qa_audit.actions.drift import evidence_of
from qa_audit.actions.drift_decisions import Choice, add_note, decide
from qa_audit.drift_tables import drift_table
from qa_audit.models import DecisionKind, DriftNote, DriftSignal, NoteKind, SampleWidening, SignalKind
from qa_audit.rules.watch import Week, watch
from qa_audit.selectors.drift import last_week, mondays
from tests import cast


@dataclass(frozen=True, slots=True)
class Drifted:
    """A signal that waits, a note, a wider sample of the specialty, a pause of charts nobody has here."""

    waiting: DriftSignal
    note: DriftNote
    widening: SampleWidening
    pause: WorkPause


def fill_drift(place: cast.Place, people: dict[Role, User]) -> Drifted:
    """Signals of the coder and their specialty; one of each is decided, by a pause that was lifted since."""
    manager, client = cast.actor_for(people[Role.MANAGER], Role.MANAGER), place.client
    pause = pause_coder(
        actor=manager,
        client_id=client.pk,
        coder_id=people[Role.CODER].pk,
        specialty_id=cast.specialty("CARD").pk,
        reason="The error rate moved",
    )
    note = add_note(
        actor=manager,
        client=client,
        kind=NoteKind.STAFFING,
        happened_on=cast.today() - timedelta(days=20),
        words="Two coders joined",
        starts_baseline=False,
    )
    policy = drift_table().policy
    weeks = [Week(one, 10, 1) for one in mondays(last_week(cast.today()), policy.weeks)]
    watched = watch([*weeks[:-1], Week(weeks[-1].monday, 10, 6)], policy)
    signal: dict[str, Any] = {"client_id": client.pk, "week": weeks[-1].monday, "found_at": timezone.now()}
    signal["evidence"] = evidence_of(watched, policy)
    of_coder: dict[str, Any] = {"coder": people[Role.CODER]}
    paused = DriftSignal.objects.create(**signal, **of_coder, kind=SignalKind.ABOVE)
    (decision,) = decide(
        actor=manager, signal=paused, choice=Choice(DecisionKind.PAUSE, "The error rate moved")
    )
    assert decision.pause is not None
    lift_pause(actor=manager, pause=decision.pause, reason="Settled by training")
    widened = DriftSignal.objects.create(**signal, specialty=cast.specialty("IM"), kind=SignalKind.ABOVE)
    until = cast.today() + timedelta(days=14)
    choice = Choice(DecisionKind.WIDEN, "The error rate moved", Decimal(2), until)
    (decision,) = decide(actor=manager, signal=widened, choice=choice)
    assert decision.widening is not None
    waiting = DriftSignal.objects.create(**signal, **of_coder, kind=SignalKind.CUSUM)
    return Drifted(waiting, note, decision.widening, pause)
