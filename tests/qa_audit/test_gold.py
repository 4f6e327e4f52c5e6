"""Gold charts: none can be told from its chart, people are compared by the clock, low scores decided."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Role
from coding_ops.tenancy.tasks import tenant_task
from encounters.actions.coding import assign_code
from encounters.actions.finalize import finalize
from encounters.actions.leases import take_chart, take_next
from encounters.models import Encounter
from encounters.selectors.pauses import paused_now
from qa_audit.actions.codes import CodeWords, add_code, remove_code
from qa_audit.actions.findings import judge_line
from qa_audit.actions.gold import compare_coders, compare_reviewers, decide_difference, hand_to_reviewer
from qa_audit.actions.gold_keys import begin_key, save_key, void_gold
from qa_audit.actions.gold_signals import (
    PolicyTerms,
    decide_signal,
    lift_review_pause,
    raise_signals,
    set_policy,
)
from qa_audit.actions.reviews import deliver, reveal, take_next_review
from qa_audit.models import AuditLine, GoldChart, GoldCheck, GoldSignal, Review, ReviewCode
from qa_audit.models.calibration import SignalDecision
from qa_audit.rules.gold import Decision
from tests import cast
from tests.qa_audit.scene import CODES, Team, final_chart, team, words_of
from tests.qa_audit.test_programme import CITED, open_review

pytestmark = pytest.mark.django_db
ROBOT = system_actor("gold charts")
KEY = 'E11.22 @4 "Type 2 diabetes"\nN18.32 "stage 3a"\nI12.9 @5\n'


@pytest.fixture
def crew() -> Team:
    return team(cast.cypress())


def ready_key(crew: Team, chart: Encounter, typed: str = KEY) -> GoldChart:
    leader = crew.actor(crew.manager)
    gold = begin_key(actor=leader, client_id=chart.client_id, visit=chart.external_id)
    return save_key(actor=leader, gold=gold, typed=typed, is_ready=True)


def code_and_finish(crew: Team, chart: Encounter, codes: Any = CODES, coder: User | None = None) -> None:
    actor = cast.actor_for(coder or crew.coder, Role.CODER)
    taken = take_chart(actor=actor, item=cast.item_of(chart), now=timezone.now())
    for code, quote in codes:
        assign_code(
            actor=actor,
            encounter=chart,
            fence=taken.fence,
            system="ICD-10-CM",
            code=code,
            evidence=[words_of(chart, quote)],
        )
    finalize(actor=actor, encounter=chart, fence=taken.fence)


def compared(crew: Team) -> GoldCheck:
    assert compare_coders(actor=ROBOT, client_id=crew.place.client.pk) == 1
    return GoldCheck.objects.get()


def test_a_coders_first_version_is_compared_with_the_key_by_the_clock(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = cast.encounter(crew.place)
        ready_key(crew, chart)
        assert compare_coders(actor=ROBOT, client_id=chart.client_id) == 0
        code_and_finish(crew, chart)
        assert not GoldCheck.objects.exists()
        check = compared(crew)
        assert (check.person_id, check.state) == (crew.coder.pk, "open")
        assert [
            ((line["given"] or {}).get("code"), (line["key"] or {}).get("code"), line["verdict"])
            for line in check.lines
        ] == [
            ("E1122", "E1122", "AG"),
            ("N1831", "N1832", "WS"),
            ("I129", "I129", "AG"),
            ("Z794", None, "UN"),
        ]
        assert (check.numerator, check.denominator) == (2, 4)
        assert compare_coders(actor=ROBOT, client_id=chart.client_id) == 0
        assert not Review.objects.exists()


def test_the_schedule_compares_a_clients_gold_charts(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = cast.encounter(crew.place)
        ready_key(crew, chart)
        code_and_finish(crew, chart)
    assert tenant_task("qa_audit.compare_gold")(client_id=crew.place.client.pk) == 1
    assert tenant_task("qa_audit.compare_gold")(client_id=crew.place.client.pk) == 0


def test_a_leader_decides_each_difference_and_a_wrong_key_is_not_the_coders(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = cast.encounter(crew.place)
        ready_key(crew, chart)
        code_and_finish(crew, chart)
        check, leader = compared(crew), crew.actor(crew.manager)
        wrong = next(line["number"] for line in check.lines if line["verdict"] == "WS")
        other = next(line["number"] for line in check.lines if line["verdict"] == "UN")
        with pytest.raises(Refused, match="what is wrong with the key"):
            decide_difference(actor=leader, check=check, number=wrong, decision=Decision.KEY_WRONG, why="")
        with pytest.raises(NotAllowed):
            decide_difference(
                actor=crew.actor(crew.reviewer), check=check, number=wrong, decision=Decision.STANDS, why=""
            )
        decide_difference(
            actor=leader,
            check=check,
            number=wrong,
            decision=Decision.KEY_WRONG,
            why="The note says stage 3a.",
        )
        with pytest.raises(Conflict, match="decided already"):
            decide_difference(actor=leader, check=check, number=wrong, decision=Decision.STANDS, why="")
        done = decide_difference(actor=leader, check=check, number=other, decision=Decision.STANDS, why="")
        assert (done.state, done.numerator, done.denominator) == ("settled", 3, 4)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("E11.22\nN18", "Line 2: N18"),
        ("E11.22\nE11.22", "Line 2: E11.22 is there twice."),
        ('E11.22 "a word that is not there"', "stands nowhere"),
        ('E11.22 "e"', "Name the line before them"),
        ("E11.22 @99", "hold no text"),
        ("99213", "no diagnosis"),
        ("E11.22 @4 ~", "not understood"),
        ("E11.22 ~", "form of a code"),
    ],
)
def test_a_key_is_checked_against_the_code_set_of_the_day_and_the_note(
    crew: Team, typed: str, told: str
) -> None:
    with cast.opened(crew.place):
        chart = cast.encounter(crew.place)
        leader = crew.actor(crew.manager)
        gold = begin_key(actor=leader, client_id=chart.client_id, visit=chart.external_id)
        with pytest.raises(InvalidInput, match=told):
            save_key(actor=leader, gold=gold, typed=typed, is_ready=True)
        gold.refresh_from_db()
        assert (gold.state, gold.key) == ("draft", [])


def test_a_key_is_for_leaders_and_for_charts_still_to_be_coded(crew: Team) -> None:
    with cast.opened(crew.place):
        chart, done = cast.encounter(crew.place), final_chart(crew)
        leader = crew.actor(crew.manager)
        with pytest.raises(NotAllowed):
            begin_key(actor=crew.actor(crew.reviewer), client_id=chart.client_id, visit=chart.external_id)
        with pytest.raises(Refused, match="still to be coded"):
            begin_key(actor=leader, client_id=chart.client_id, visit=done.external_id)
        gold = begin_key(actor=leader, client_id=chart.client_id, visit=chart.external_id)
        with pytest.raises(Refused, match="has a key already"):
            begin_key(actor=leader, client_id=chart.client_id, visit=chart.external_id)
        code_and_finish(crew, chart)
        with pytest.raises(Refused, match="before the key was finished"):
            save_key(actor=leader, gold=gold, typed=KEY, is_ready=True)
        void_gold(actor=leader, gold=gold, reason="The coder was faster.")
        assert compare_coders(actor=ROBOT, client_id=chart.client_id) == 0


def test_a_key_leaves_nothing_on_the_chart(crew: Team) -> None:
    """Rows, events and the lease of a gold chart are those of its twin; it is taken in its usual turn."""
    with cast.opened(crew.place):
        gold, twin = cast.encounter(crew.place), cast.encounter(crew.place)
        before = {one.pk: _seen(one) for one in (gold, twin)}
        ready_key(crew, gold)
        assert {one.pk: _seen(one) for one in (gold, twin)} == before
        assert not AuditEvent.objects.filter(subject_id=str(gold.pk), verb__startswith="gold").exists()
    first = take_next(actor=crew.actor(crew.coder), client_ids=[crew.place.client.pk])
    assert first is not None and first.encounter_id == gold.pk


def _seen(chart: Encounter) -> tuple[Any, ...]:
    """What of a chart's rows could tell it from another: everything but its own names and times."""
    chart = Encounter.objects.get(pk=chart.pk)
    item = cast.item_of(chart)
    events = list(AuditEvent.objects.filter(subject_id=str(chart.pk)).values_list("verb", "facts"))
    return (
        chart.status,
        chart.risk,
        chart.due_at,
        chart.assigned_coder_id,
        item.state,
        item.queue_id,
        item.order_key,
        item.fence,
        item.skipped_by,
        events,
    )


# --- reviewers -----------------------------------------------------------------------------------------


def settled(crew: Team) -> Review:
    """A closed review: the coder's Z79.4 fell out, the rest agreed."""
    review = open_review(crew, final_chart(crew))
    reviewer = crew.actor(crew.reviewer)
    remove_code(actor=reviewer, review=review, code_id=ReviewCode.objects.get(review=review, code="Z794").pk)
    line = AuditLine.objects.get(review=review, verdict="UN")
    judge_line(actor=reviewer, review=review, line_id=line.pk, judgement=CITED)
    review = deliver(actor=reviewer, review=review)
    AuditLine.objects.filter(pk=line.pk).update(state="accepted")
    Review.objects.filter(pk=review.pk).update(state="closed", closed_at=timezone.now())
    review.refresh_from_db()
    return review


def test_a_reviewer_is_compared_with_a_settled_set_through_an_ordinary_review(crew: Team) -> None:
    with cast.opened(crew.place):
        review, leader = settled(crew), crew.actor(crew.manager)
        with pytest.raises(Refused, match="coded or reviewed"):
            hand_to_reviewer(actor=leader, review=review, person_id=crew.reviewer.pk)
        assert not GoldChart.objects.exists()
        check = hand_to_reviewer(actor=leader, review=review, person_id=crew.second.pk)
        assert [line["code"] for line in check.gold.key] == ["E1122", "N1831", "I129"]
        reader = crew.actor(crew.second)
        given = take_next_review(actor=reviewer_of(crew), client_id=review.client_id)
        assert given is not None and given == check.review and given.mode == "blind"
        for code in ("E1122", "N1832", "I129"):
            add_code(actor=reader, review=given, entry=CodeWords("ICD-10-CM", code))
        assert compare_reviewers(actor=ROBOT, client_id=review.client_id) == 0
        reveal(actor=reader, review=given)
        assert compare_reviewers(actor=ROBOT, client_id=review.client_id) == 1
        check.refresh_from_db()
        assert (check.state, check.numerator, check.denominator) == ("open", 2, 3)


def reviewer_of(crew: Team) -> Any:
    return crew.actor(crew.second)


# --- signals -------------------------------------------------------------------------------------------


def low_score(crew: Team, person: User, side: str, *, right: int, lines: int) -> None:
    """A settled comparison with so many lines right."""
    review = None
    chart = final_chart(crew)
    gold = GoldChart.objects.create(
        client=crew.place.client,
        encounter=chart,
        source="key",
        state="checked",
        made_by=crew.manager,
        made_at=timezone.now(),
        ready_at=timezone.now(),
    )
    if side == "reviewer":
        review = open_review(crew, final_chart(crew))
    GoldCheck.objects.create(
        client=crew.place.client,
        gold=gold,
        side=side,
        person=person,
        review=review,
        state="settled",
        numerator=right,
        denominator=lines,
        made_at=timezone.now(),
        settled_at=timezone.now(),
    )


def test_a_low_score_raises_one_signal_and_a_decided_pause_stops_new_charts(crew: Team) -> None:
    with cast.opened(crew.place):
        low_score(crew, crew.coder, "coder", right=20, lines=40)
        client_id, leader = crew.place.client.pk, crew.actor(crew.manager)
        assert raise_signals(actor=ROBOT, client_id=client_id) == 1
        assert raise_signals(actor=ROBOT, client_id=client_id) == 0
        signal = GoldSignal.objects.get()
        assert (signal.numerator, signal.denominator, signal.is_sure, signal.decision) == (20, 40, True, "")
        assert not paused_now(client_id, crew.coder.pk)
        with pytest.raises(Refused, match="in a few words"):
            decide_signal(actor=leader, signal=signal, decision=SignalDecision.PAUSE, reason=" ")
        decide_signal(
            actor=leader, signal=signal, decision=SignalDecision.PAUSE, reason="Training comes first."
        )
        (pause,) = paused_now(client_id, crew.coder.pk)
        assert "gold" not in pause.reason.lower()
        cast.encounter(crew.place)
        assert raise_signals(actor=ROBOT, client_id=client_id) == 0
    assert take_next(actor=crew.actor(crew.coder), client_ids=[client_id]) is None


def test_too_few_lines_raise_nothing_and_an_unsure_score_pauses_nobody_by_itself(crew: Team) -> None:
    with cast.opened(crew.place):
        client_id, leader = crew.place.client.pk, crew.actor(crew.manager)
        low_score(crew, crew.coder, "coder", right=8, lines=20)
        assert raise_signals(actor=ROBOT, client_id=client_id) == 0
        terms = PolicyTerms(Decimal("0.9"), 30, 90, pauses_itself=True)
        with pytest.raises(InvalidInput):
            set_policy(
                actor=leader,
                client_id=client_id,
                terms=PolicyTerms(Decimal("0.2"), 30, 90, pauses_itself=True),
                reason="A test of it.",
            )
        set_policy(actor=leader, client_id=client_id, terms=terms, reason="Agreed with the client.")
        low_score(crew, crew.coder, "coder", right=27, lines=27)
        # 35 of 47: Wilson 60.5 to 84.7%, surely below 90.
        assert raise_signals(actor=ROBOT, client_id=client_id) == 1
        signal = GoldSignal.objects.get()
        assert (signal.decision, signal.decided_by_id, signal.policy_number) == ("pause", None, 1)
        assert len(paused_now(client_id, crew.coder.pk)) == 1


def test_a_paused_reviewer_takes_no_review_until_it_is_lifted(crew: Team) -> None:
    with cast.opened(crew.place):
        low_score(crew, crew.second, "reviewer", right=20, lines=40)
        client_id, leader = crew.place.client.pk, crew.actor(crew.manager)
        review = settled(crew)
        hand_to_reviewer(actor=leader, review=review, person_id=crew.second.pk)
        assert raise_signals(actor=ROBOT, client_id=client_id) == 1
        signal = decide_signal(
            actor=leader,
            signal=GoldSignal.objects.get(),
            decision=SignalDecision.PAUSE,
            reason="A talk comes first.",
        )
        with pytest.raises(NotAllowed, match="A manager has paused"):
            take_next_review(actor=crew.actor(crew.second), client_id=client_id)
        lift_review_pause(actor=leader, signal=signal, reason="We have talked it through.")
        assert take_next_review(actor=crew.actor(crew.second), client_id=client_id) is not None
