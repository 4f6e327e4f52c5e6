"""Signals are stored once, each is decided by a manager, and what is decided holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from code_sets import selectors
from coding_ops.audit.models import AuditEvent
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from encounters.actions.leases import take_next
from encounters.models import WorkPause
from qa_audit.actions.drift import evidence_of, look_for_signals, weeks_in
from qa_audit.actions.drift_decisions import Choice, add_note, decide, end_widening, withdraw_note
from qa_audit.drift_tables import drift_table
from qa_audit.models import (
    DecisionKind,
    DriftNote,
    DriftSignal,
    NoteKind,
    ReviewOrigin,
    SampleWidening,
    SignalDecision,
    SignalKind,
)
from qa_audit.rules.watch import watch
from qa_audit.selectors.drift import WEEK, Subject, work_of
from qa_audit.selectors.widening import widened
from tests import cast
from tests.qa_audit.drift_scene import STEADY, newest_week, reviewed_charts, reviewed_weeks
from tests.qa_audit.scene import Team, final_chart, team

pytestmark = pytest.mark.django_db
WHY = "Two new coders on the team, looked at together"


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@pytest.fixture
def crew() -> Team:
    return team(cast.cypress())


def look(crew: Team) -> int:
    return look_for_signals(actor=cast.SYSTEM, client=crew.place.client, now=timezone.now())


def a_jump(crew: Team) -> DriftSignal:
    """The coder's signal of a week far above its limit."""
    reviewed_weeks(crew, final_chart(crew), *STEADY, (10, 6))
    look(crew)
    return DriftSignal.objects.get(coder=crew.coder, kind=SignalKind.ABOVE)


def choose(crew: Team, signal: DriftSignal, kind: DecisionKind, **more: Any) -> list[SignalDecision]:
    choice = Choice(kind, more.pop("reason", WHY), **more)
    return decide(actor=crew.actor(more.pop("by", crew.manager)), signal=signal, choice=choice)


def test_a_week_far_above_is_found_once_for_the_coder_and_for_the_specialty(crew: Team) -> None:
    with cast.opened(crew.place):
        signal = a_jump(crew)
        found = {(one.coder_id, one.specialty and one.specialty.code) for one in DriftSignal.objects.all()}
        assert found == {(crew.coder.pk, None), (None, "IM")}
        assert signal.week == newest_week(crew)
        assert look(crew) == 0 and DriftSignal.objects.count() == 2
        # The evidence is the whole chart: judged again it says the same.
        policy = drift_table().policy
        assert evidence_of(watch(weeks_in(signal.evidence), policy), policy) == signal.evidence
        assert signal.evidence["baseline"]["rate"] == "0.100000" and signal.evidence["rate"] == "0.600000"
        assert AuditEvent.objects.filter(verb="drift.found").count() == 2


def test_only_our_own_final_reviews_of_randomly_drawn_charts_count(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = final_chart(crew)
        reviewed_weeks(crew, chart, *STEADY, (10, 1))
        newest = newest_week(crew)
        reviewed_charts(crew, chart, newest, 10, 10, origin=ReviewOrigin.FOCUSED)
        reviewed_charts(crew, chart, newest, 10, 10, origin=ReviewOrigin.CERTAINTY)
        reviewed_charts(crew, chart, newest, 10, 10, is_client_run=True)
        reviewed_charts(crew, chart, newest, 10, 10, is_provisional=True)
        # The week that has not ended is not judged either.
        reviewed_charts(crew, chart, newest + WEEK, 10, 10)
        assert look(crew) == 0


def test_a_night_that_was_missed_is_made_up_for_and_a_slide_is_told_once(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = final_chart(crew)
        reviewed_weeks(crew, chart, *STEADY, (10, 6), (10, 1), (10, 1))
        look(crew)
        jump = DriftSignal.objects.get(coder=crew.coder, kind=SignalKind.ABOVE)
        assert jump.week == newest_week(crew) - 2 * WEEK
        assert len(jump.evidence["weeks"]) == drift_table().policy.weeks
        assert jump.evidence["weeks"][-1] == [jump.week.isoformat(), 10, 6]


def test_a_note_may_begin_a_new_baseline(crew: Team) -> None:
    with cast.opened(crew.place):
        chart, newest = final_chart(crew), newest_week(crew)
        reviewed_weeks(crew, chart, *STEADY, *[(10, 4)] * 8, (10, 5))
        note: dict[str, Any] = {
            "actor": crew.actor(crew.manager),
            "client": crew.place.client,
            "kind": NoteKind.CODE_SET,
            "words": "FY2027 codes",
        }
        with pytest.raises(InvalidInput, match="to come"):
            add_note(**note, happened_on=timezone.localdate() + timedelta(days=2), starts_baseline=True)
        with pytest.raises(NotAllowed):
            add_note(**note | {"actor": crew.actor(crew.reviewer)}, happened_on=newest, starts_baseline=True)
        kept = add_note(**note, happened_on=newest - 8 * WEEK, starts_baseline=True)
        # Against the eight weeks since, at 40%, five of ten is nothing.
        assert look(crew) == 0
        withdraw_note(actor=crew.actor(crew.manager), client_id=crew.place.client.pk, note_id=kept.pk)
        with pytest.raises(Conflict):
            withdraw_note(actor=crew.actor(crew.manager), client_id=crew.place.client.pk, note_id=kept.pk)
        assert DriftNote.objects.get().withdrawn_at is not None
        assert look(crew) > 0


def test_a_wider_sample_reaches_the_draws_until_its_last_day(crew: Team) -> None:
    with cast.opened(crew.place):
        signal, today = a_jump(crew), timezone.localdate()
        client_id, until = signal.client_id, today + timedelta(days=14)
        assert widened(client_id, today).coders == {}
        (decision,) = choose(crew, signal, DecisionKind.WIDEN, factor=Decimal("2.5"), until=until)
        assert decision.widening is not None
        for day in (signal.week, today, until):
            assert widened(client_id, day).coders == {str(crew.coder.pk): Decimal("2.5")}
        for day in (signal.week - timedelta(days=1), until + timedelta(days=1)):
            assert widened(client_id, day).coders == {}
        other = DriftSignal.objects.get(specialty__code="IM", kind=SignalKind.ABOVE)
        choose(crew, other, DecisionKind.WIDEN, factor=Decimal(4), until=until)
        assert widened(client_id, today).specialties == {"IM": Decimal(4)}
        ended = end_widening(
            actor=crew.actor(crew.manager),
            client_id=client_id,
            widening_id=decision.widening.pk,
            reason="Ten clean weeks",
        )
        assert widened(client_id, today).coders == {} and ended.ended_by_id == crew.manager.pk
        with pytest.raises(Conflict):
            end_widening(
                actor=crew.actor(crew.manager),
                client_id=client_id,
                widening_id=decision.widening.pk,
                reason="Ten clean weeks",
            )


def test_a_pause_is_decided_with_the_signal_and_take_next_honours_it(crew: Team) -> None:
    with cast.opened(crew.place):
        signal = a_jump(crew)
        about_specialty = DriftSignal.objects.get(specialty__code="IM", kind=SignalKind.ABOVE)
        with pytest.raises(Refused, match="a coder's"):
            choose(crew, about_specialty, DecisionKind.PAUSE)
        assert not WorkPause.objects.exists()
        (decision,) = choose(crew, signal, DecisionKind.PAUSE)
        assert decision.pause is not None and decision.pause.coder_id == crew.coder.pk
        cast.encounter(crew.place)
    assert take_next(actor=crew.actor(crew.coder), client_ids=[crew.place.client.pk]) is None


def test_one_decision_answers_all_that_waits_about_a_coder_and_only_a_managers(crew: Team) -> None:
    with cast.opened(crew.place):
        reviewed_weeks(crew, final_chart(crew), *STEADY, *[(10, 6)] * 2)
        look(crew)
        mine = list(DriftSignal.objects.filter(coder=crew.coder))
        assert len(mine) >= 3
        with pytest.raises(NotAllowed):
            decide(actor=crew.actor(crew.reviewer), signal=mine[0], choice=Choice(DecisionKind.DISMISS, WHY))
        with pytest.raises(Refused, match="few words"):
            choose(crew, mine[0], DecisionKind.DISMISS, reason=" ")
        for wrong in ({"factor": Decimal(1)}, {"factor": Decimal(101)}, {"factor": None}):
            with pytest.raises(InvalidInput, match="widened"):
                choose(crew, mine[0], DecisionKind.WIDEN, until=timezone.localdate(), **wrong)
        with pytest.raises(InvalidInput, match="last day"):
            choose(
                crew,
                mine[0],
                DecisionKind.WIDEN,
                factor=Decimal(2),
                until=timezone.localdate() - timedelta(days=1),
            )
        assert not SignalDecision.objects.exists() and not SampleWidening.objects.exists()
        made = choose(crew, mine[0], DecisionKind.DISMISS)
        assert {one.signal_id for one in made} == {one.pk for one in mine}
        with pytest.raises(Conflict, match="has decided"):
            choose(crew, mine[1], DecisionKind.DISMISS)
        assert SignalDecision.objects.count() == len(mine)


def test_the_work_of_a_period_is_counted_by_coder(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = final_chart(crew, days_ago=9)
        final_chart(crew, days_ago=9)
        day = timezone.localdate() - timedelta(days=9)
        reviewed_charts(crew, chart, day, 5, 2)
        found = work_of(crew.place.client, day - timedelta(days=1), day + timedelta(days=1))
        assert {coder: (one.finished, one.reviewed, one.wrong) for coder, one in found.items()} == {
            crew.coder.pk: (2, 5, 2)
        }
        assert Subject(coder=crew.coder.pk) != Subject(specialty="IM")
