"""Rows about pauses and drift for a client that has rows in every tenant table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.actions.pauses import pause_coder
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
    """Two signals, of the coder and of their specialty; the second is decided."""
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
        happened_on=timezone.localdate() - timedelta(days=20),
        words="Two coders joined",
        starts_baseline=False,
    )
    policy = drift_table().policy
    weeks = [Week(one, 10, 1) for one in mondays(last_week(timezone.localdate()), policy.weeks)]
    watched = watch([*weeks[:-1], Week(weeks[-1].monday, 10, 6)], policy)
    waiting, decided = (
        DriftSignal.objects.create(
            client_id=client.pk,
            **about,
            kind=SignalKind.ABOVE,
            week=weeks[-1].monday,
            evidence=evidence_of(watched, policy),
            found_at=timezone.now(),
        )
        for about in ({"coder": people[Role.CODER]}, {"specialty": cast.specialty("IM")})
    )
    until = timezone.localdate() + timedelta(days=14)
    choice = Choice(DecisionKind.WIDEN, "The error rate moved", Decimal(2), until)
    (decision,) = decide(actor=manager, signal=decided, choice=choice)
    assert decision.widening is not None
    return Drifted(waiting, note, decision.widening, pause)
