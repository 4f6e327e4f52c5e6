"""Calibration: the same charts blind to readers, one more where they agree too little, a consensus."""

from __future__ import annotations

from typing import Any

import pytest

from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Role
from qa_audit.access import reviews_in_reach
from qa_audit.actions.calibration import (
    TAKEN_OUT,
    NewRound,
    add_reader,
    add_readers_where_low,
    end_round,
    open_round,
    record_consensus,
)
from qa_audit.actions.codes import CodeWords, add_code
from qa_audit.actions.reviews import ask_review, give_back, reveal, take_next_review
from qa_audit.models import CalibrationChart, CalibrationReading, CalibrationRound, Review, ReviewOrigin
from qa_audit.rules.calibration import majority, pairs
from qa_audit.rules.plan_terms import PlanTerms
from qa_audit.selectors.calibration import charts_of, readings_of
from tests import cast
from tests.qa_audit.scene import Team, final_chart, team

pytestmark = pytest.mark.django_db
ROBOT = system_actor("gold charts")


@pytest.fixture
def crew() -> Team:
    return team(cast.cypress())


def opened_round(crew: Team, *, charts: int = 1) -> CalibrationRound:
    visits = tuple(final_chart(crew, days_ago=2 + n).external_id for n in range(charts))
    return open_round(
        actor=crew.actor(crew.manager),
        client_id=crew.place.client.pk,
        wanted=NewRound("November", visits, (crew.reviewer.pk, crew.second.pk), 2),
    )


def read(crew: Team, person: Any, *codes: str) -> Review:
    actor = crew.actor(person)
    review = take_next_review(actor=actor, client_id=crew.place.client.pk)
    assert review is not None
    for code in codes:
        add_code(actor=actor, review=review, entry=CodeWords("ICD-10-CM", code))
    return reveal(actor=actor, review=review)


def test_each_reader_gets_a_blind_review_of_their_own_and_sees_nobody_elses(crew: Team) -> None:
    with cast.opened(crew.place):
        opened_round(crew, charts=2)
        client_id = crew.place.client.pk
        assert Review.objects.count() == 4
        assert set(Review.objects.values_list("mode", "origin")) == {("blind", "calibration")}
        assert not Review.objects.exclude(weight=None, draw=None).exists()
        for person in (crew.reviewer, crew.second):
            mine = reviews_in_reach(crew.actor(person), client_id)
            assert set(mine.values_list("assigned_to", flat=True)) == {person.pk}
            assert mine.count() == 2


def test_a_round_takes_final_charts_and_readers_who_do_not_know_them(crew: Team) -> None:
    with cast.opened(crew.place):
        known, fresh = final_chart(crew), cast.encounter(crew.place)
        ask_review(
            actor=crew.actor(crew.manager),
            encounter=known,
            terms=PlanTerms(),
            origin=ReviewOrigin.FOCUSED,
            reason="Asked for in a test.",
        )
        take_next_review(actor=crew.actor(crew.reviewer), client_id=known.client_id)
        pair = (crew.reviewer.pk, crew.second.pk)
        for wanted, told in (
            (NewRound("A", (known.external_id,), pair, 2), "fewer than 2 of these readers"),
            (NewRound("A", (fresh.external_id,), pair, 2), "is not final"),
            (NewRound("A", ("V-none",), pair, 2), "There is no visit V-none"),
            (NewRound("A", (known.external_id,), (crew.reviewer.pk,), 2), "two readers or more"),
            (NewRound(" ", (known.external_id,), pair, 2), "Give the round a name"),
            (NewRound("A", (known.external_id,), pair, 3), "read by 2 to 2"),
        ):
            with pytest.raises(InvalidInput, match=told):
                open_round(actor=crew.actor(crew.manager), client_id=known.client_id, wanted=wanted)
        with pytest.raises(NotAllowed):
            open_round(actor=crew.actor(crew.reviewer), client_id=known.client_id, wanted=wanted)
        assert not CalibrationRound.objects.exists() and Review.objects.count() == 1


def test_low_agreement_asks_one_more_reader_who_does_not_know_the_chart(crew: Team) -> None:
    third = cast.person("Theodora Finch", (crew.place, Role.QA_REVIEWER))
    with cast.opened(crew.place):
        opened_round(crew)
        client_id = crew.place.client.pk
        read(crew, crew.reviewer, "E1122", "N1831", "I129")
        assert add_readers_where_low(actor=ROBOT, client_id=client_id) == 0
        read(crew, crew.second, "E119", "I10", "I129")
        # One code of three in common: F1 is 2 * 1 / 6.
        assert add_readers_where_low(actor=ROBOT, client_id=client_id) == 1
        assert add_readers_where_low(actor=ROBOT, client_id=client_id) == 0
        added = CalibrationReading.objects.get(reader=third)
        assert "mean F1 0.33, below 0.80" in added.why_added
        assert added.review.origin == "calibration" and added.review.assigned_to_id == third.pk


def test_readers_who_agree_are_enough_and_the_consensus_is_checked(crew: Team) -> None:
    cast.person("Theodora Finch", (crew.place, Role.QA_REVIEWER))
    with cast.opened(crew.place):
        found = opened_round(crew)
        leader, client_id = crew.actor(crew.manager), crew.place.client.pk
        chart = CalibrationChart.objects.get()
        read(crew, crew.reviewer, "E1122", "N1831", "I129")
        with pytest.raises(Conflict, match="Not everybody has read"):
            record_consensus(actor=leader, chart=chart, typed="E11.22", words="Agreed in a call.")
        read(crew, crew.second, "E1122", "N1831", "I129")
        assert add_readers_where_low(actor=ROBOT, client_id=client_id) == 0
        with pytest.raises(Refused, match="no consensus yet"):
            end_round(actor=leader, round_=found, words="All agree.", cancelled=False)
        with pytest.raises(InvalidInput, match="Line 1"):
            record_consensus(actor=leader, chart=chart, typed="E11.999", words="Agreed in a call.")
        record_consensus(actor=leader, chart=chart, typed="E11.22\nN18.31", words="Agreed in a call.")
        closed = end_round(actor=leader, round_=found, words="All agree.", cancelled=False)
        chart.refresh_from_db()
        assert [line["code"] for line in chart.consensus or ()] == ["E1122", "N1831"]
        assert closed.state == "closed"
        with pytest.raises(Conflict, match="has ended"):
            add_reader(actor=leader, chart=chart, reader_id=crew.second.pk, why="One more look.")


def test_agreement_is_of_the_blind_codes_and_of_verdicts_on_the_coders_lines(crew: Team) -> None:
    with cast.opened(crew.place):
        found = opened_round(crew)
        read(crew, crew.reviewer, "E1122", "N1831", "I129", "Z794")
        read(crew, crew.second, "E1122", "N1832", "I129")
        charts = charts_of(found)
        (pair,) = pairs(readings_of(charts))
        # Codes: 2 of 4 and 3 in common, F1 4/7; verdicts on four lines: AG AG AG AG, AG WS AG UN.
        assert (pair.charts, str(pair.f1), pair.verdicts.items) == (1, "0.571429", 4)
        assert pair.verdicts.value == 0
        assert [line["code"] for line in majority([r.review.blind_codes or [] for r in charts[0].read])] == [
            "E1122",
            "I129",
        ]


def test_a_cancelled_round_takes_waiting_readings_back_in_words_that_fit_any_review(crew: Team) -> None:
    with cast.opened(crew.place):
        found = opened_round(crew)
        read(crew, crew.reviewer, "E1122")
        end_round(actor=crew.actor(crew.manager), round_=found, words="Wrong charts chosen.", cancelled=True)
        states = dict(Review.objects.values_list("assigned_to", "state"))
        assert states == {crew.reviewer.pk: "comparing", crew.second.pk: "cancelled"}
        assert Review.objects.get(assigned_to=crew.second).cancel_reason == TAKEN_OUT
        assert take_next_review(actor=crew.actor(crew.second), client_id=found.client_id) is None


def test_a_reader_who_gives_it_back_never_meets_it_again_and_is_replaced(crew: Team) -> None:
    third = cast.person("Theodora Finch", (crew.place, Role.QA_REVIEWER))
    with cast.opened(crew.place):
        opened_round(crew)
        client_id, actor = crew.place.client.pk, crew.actor(crew.reviewer)
        review = take_next_review(actor=actor, client_id=client_id)
        assert review is not None
        give_back(actor=actor, review=review)
        assert take_next_review(actor=actor, client_id=client_id) is None
        assert not reviews_in_reach(actor, client_id).exists()
        assert add_readers_where_low(actor=ROBOT, client_id=client_id) == 1
        assert add_readers_where_low(actor=ROBOT, client_id=client_id) == 0
        standing = Review.objects.exclude(state="cancelled")
        assert set(standing.values_list("assigned_to", flat=True)) == {crew.second.pk, third.pk}
        assert CalibrationReading.objects.get(reader=third).why_added == "A reader dropped out."
