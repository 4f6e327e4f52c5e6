"""A month of the QA programme through its actions: draw, blind review, rebuttal, decision, score."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from code_sets import selectors
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from coding_ops.tenancy.models import Role
from encounters.models import Encounter
from qa_audit.access import reviews_in_reach
from qa_audit.actions.codes import CodeWords, add_code, change_code, remove_code
from qa_audit.actions.draws import draw_sample
from qa_audit.actions.findings import Answer, Judgement, answer_line, judge_line
from qa_audit.actions.plans import create_plan, revise_plan, switch_plan
from qa_audit.actions.reviews import (
    ask_review,
    cancel_review,
    deliver,
    give_back,
    reveal,
    take_next_review,
    take_review,
)
from qa_audit.models import (
    AuditLine,
    Draw,
    LineStep,
    PlanVersion,
    Review,
    ReviewCode,
    ReviewOrigin,
    ReviewScore,
)
from qa_audit.rules.frame import unpack_frame
from qa_audit.rules.plan_terms import Mode, PlanTerms
from qa_audit.rules.review_states import LineState, LineVerb, ReviewState
from tests import cast
from tests.qa_audit.scene import Team, final_chart, team, words_of

pytestmark = pytest.mark.django_db

CITED = Judgement("guideline_knowledge", "major", "neutral", "guideline", "I.C.4.a")
WHY = Answer("The note says stage 3a in the plan.", "guideline", "I.C.14.a.1")


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@pytest.fixture
def crew() -> Team:
    return team(cast.cypress())


def plan_of(crew: Team, **terms: Any) -> Any:
    given = {"method": "percent", "value": 20, "strata": ["coder"], **terms}
    return create_plan(actor=crew.actor(crew.manager), client=crew.place.client, name="Monthly", terms=given)


def period() -> dict[str, Any]:
    today = cast.today()
    return {"first": today - timedelta(days=10), "last": today - timedelta(days=1)}


def open_review(crew: Team, chart: Encounter, **terms: Any) -> Review:
    review = ask_review(
        actor=crew.actor(crew.manager),
        encounter=chart,
        terms=PlanTerms(mode=Mode.OPEN, **terms),
        origin=ReviewOrigin.FOCUSED,
        reason="Asked for in a test.",
    )
    return take_review(actor=crew.actor(crew.reviewer), review=review)


# --- plans and draws ---


def test_twenty_percent_of_ten_draws_two_and_the_same_seed_the_same_two(crew: Team) -> None:
    with cast.opened(crew.place):
        charts = [final_chart(crew) for _ in range(10)]
        plan = plan_of(crew)
        drawn = draw_sample(actor=crew.actor(crew.manager), plan=plan, **period(), seed=20261101)
        assert (drawn.frame_count, drawn.sample_count) == (10, 2)
        assert {chart for chart, _ in unpack_frame(bytes(drawn.frame))} == {str(one.pk) for one in charts}
        chosen = set(Review.objects.filter(draw=drawn).values_list("encounter_id", flat=True))
        assert {review.weight for review in Review.objects.filter(draw=drawn)} == {Decimal(5)}
        # Drawn again under another version with the same terms of drawing: the same charts.
        revise_plan(
            actor=crew.actor(crew.manager),
            plan=plan,
            seen_version=1,
            terms={"method": "percent", "value": 20, "strata": ["coder"], "rebuttal_days": 10},
            reason="More days to answer",
        )
        again = draw_sample(actor=crew.actor(crew.manager), plan=plan, **period(), seed=20261101)
        assert again.frame_sha256 == drawn.frame_sha256 and again.plan_sha256 == drawn.plan_sha256
        assert set(Review.objects.filter(draw=again).values_list("encounter_id", flat=True)) == chosen


def test_a_draw_is_refused_for_a_period_that_has_not_ended_and_nothing_is_kept(crew: Team) -> None:
    with cast.opened(crew.place):
        final_chart(crew)
        plan = plan_of(crew)
        today = cast.today()
        with pytest.raises(InvalidInput, match="has not ended"):
            draw_sample(
                actor=crew.actor(crew.manager), plan=plan, first=today - timedelta(days=5), last=today
            )
        with pytest.raises(Refused, match="No final chart"):
            draw_sample(
                actor=crew.actor(crew.manager),
                plan=plan,
                first=today - timedelta(days=60),
                last=today - timedelta(days=50),
            )
        switch_plan(actor=crew.actor(crew.manager), plan=plan, is_active=False, reason="Contract ended")
        with pytest.raises(Refused, match="switched off"):
            draw_sample(actor=crew.actor(crew.manager), plan=plan, **period())
        assert not Draw.objects.exists() and not Review.objects.exists()


def test_charts_of_a_new_coder_are_always_drawn_and_stand_for_themselves_alone(crew: Team) -> None:
    newcomer = cast.coder("Ines Calderon", crew.place)
    with cast.opened(crew.place):
        for _ in range(3):
            final_chart(crew, days_ago=40)
        for _ in range(4):
            final_chart(crew)
        fresh = final_chart(crew, coder=newcomer)
        plan = plan_of(crew, method="count", value=1, certainty=["new_coder"], new_coder_charts=3)
        drawn = draw_sample(actor=crew.actor(crew.manager), plan=plan, **period(), seed=1)
        review = Review.objects.get(encounter=fresh)
        assert (review.origin, review.stratum, review.weight) == (
            ReviewOrigin.CERTAINTY,
            "always:new_coder",
            Decimal(1),
        )
        assert drawn.sample_count == 2
        assert Review.objects.exclude(pk=review.pk).get().weight == Decimal(4)


def test_a_plan_changed_by_somebody_else_is_a_conflict_and_keeps_their_terms(crew: Team) -> None:
    with cast.opened(crew.place):
        plan = plan_of(crew)
        change: dict[str, Any] = {"actor": crew.actor(crew.manager), "plan": plan, "reason": "Another share"}
        revise_plan(**change, seen_version=1, terms={"value": 10})
        with pytest.raises(Conflict, match="version 2 by now"):
            revise_plan(**change, seen_version=1, terms={"value": 50})
        assert [one.terms["value"] for one in PlanVersion.objects.order_by("number")] == ["20", "10"]


def test_only_managers_plan_and_draw(crew: Team) -> None:
    with cast.opened(crew.place):
        final_chart(crew)
        plan = plan_of(crew)
        for person in (crew.coder, crew.reviewer):
            with pytest.raises(NotAllowed):
                draw_sample(actor=crew.actor(person), plan=plan, **period())
        assert not Draw.objects.exists()


# --- the review ---


def test_a_blind_review_is_paired_only_when_revealed_and_keeps_what_the_reviewer_coded(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = final_chart(crew)
        review = ask_review(
            actor=crew.actor(crew.manager),
            encounter=chart,
            terms=PlanTerms(),
            origin=ReviewOrigin.FOCUSED,
            reason="Asked for in a test.",
        )
        reviewer = crew.actor(crew.reviewer)
        taken = take_next_review(actor=reviewer, client_id=chart.client_id)
        assert taken == review and not AuditLine.objects.exists()
        with pytest.raises(Refused, match="no diagnosis yet"):
            reveal(actor=reviewer, review=review)
        for code, quote in (("E1122", "Type 2 diabetes"), ("N1832", "stage 3a"), ("I129", "Hypertension")):
            add_code(
                actor=reviewer,
                review=review,
                entry=CodeWords("ICD-10-CM", code),
                evidence=[words_of(chart, quote)],
            )
        review = reveal(actor=reviewer, review=review)
        assert [one["code"] for one in review.blind_codes or ()] == ["E1122", "N1832", "I129"]
        verdicts = {
            ((line.coder_line or {}).get("code"), (line.reviewer_line or {}).get("code")): line.verdict
            for line in AuditLine.objects.all()
        }
        assert verdicts == {
            ("E1122", "E1122"): "AG",
            ("N1831", "N1832"): "WS",
            ("I129", "I129"): "AG",
            ("Z794", None): "UN",
        }


def test_who_coded_a_chart_does_not_review_it(crew: Team) -> None:
    both = cast.coder("Marcus Bell", crew.place)
    with cast.opened(crew.place):
        chart = final_chart(crew, coder=both)
        review = ask_review(
            actor=crew.actor(crew.manager),
            encounter=chart,
            terms=PlanTerms(),
            origin=ReviewOrigin.FOCUSED,
            reason="Asked for in a test.",
        )
        as_reviewer = cast.actor_for(both, Role.QA_REVIEWER)
        assert take_next_review(actor=as_reviewer, client_id=chart.client_id) is None
        with pytest.raises(NotAllowed, match="You coded this chart"):
            take_review(actor=as_reviewer, review=review)
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.filter(pk=review.pk).update(reviewer_id=both.pk)
        review.refresh_from_db()
        assert (review.state, review.reviewer_id) == (ReviewState.WAITING, None)


def test_a_blind_review_is_given_back_without_a_trace_of_the_codes_entered(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = final_chart(crew)
        ask_review(
            actor=crew.actor(crew.manager),
            encounter=chart,
            terms=PlanTerms(),
            origin=ReviewOrigin.FOCUSED,
            reason="Asked for in a test.",
        )
        first, second = crew.actor(crew.reviewer), crew.actor(crew.second)
        review = take_next_review(actor=first, client_id=chart.client_id)
        assert review is not None
        add_code(actor=first, review=review, entry=CodeWords("ICD-10-CM", "I10"))
        with pytest.raises(NotAllowed, match="Another person"):
            give_back(actor=second, review=review)
        give_back(actor=first, review=review)
        assert not ReviewCode.objects.exists()
        assert take_next_review(actor=second, client_id=chart.client_id) == review


def test_findings_are_delivered_only_with_cause_severity_direction_and_citation(crew: Team) -> None:
    with cast.opened(crew.place):
        review = open_review(crew, final_chart(crew))
        reviewer = crew.actor(crew.reviewer)
        last = ReviewCode.objects.get(review=review, code="Z794")
        remove_code(actor=reviewer, review=review, code_id=last.pk)
        with pytest.raises(Refused, match="needs a cause"):
            deliver(actor=reviewer, review=review)
        assert not ReviewScore.objects.exists()
        line = AuditLine.objects.get(verdict="UN")
        with pytest.raises(InvalidInput, match="Choose the cause"):
            judge_line(
                actor=reviewer,
                review=review,
                line_id=line.pk,
                judgement=Judgement("laziness", "major", "over", "guideline", "I.C.4"),
            )
        judge_line(actor=reviewer, review=review, line_id=line.pk, judgement=CITED)
        delivered = deliver(actor=reviewer, review=review)
        assert delivered.state == ReviewState.ANSWERING
        score = ReviewScore.objects.get()
        assert (score.numerator, score.denominator, score.is_provisional) == (3, 4, True)


def test_a_review_without_findings_closes_at_once_with_a_final_score(crew: Team) -> None:
    with cast.opened(crew.place):
        review = open_review(crew, final_chart(crew))
        delivered = deliver(actor=crew.actor(crew.reviewer), review=review)
        assert delivered.state == ReviewState.CLOSED
        score = ReviewScore.objects.order_by("-number")[0]
        assert (score.numerator, score.denominator, score.is_clean, score.is_provisional) == (
            4,
            4,
            True,
            False,
        )


def with_finding(crew: Team) -> tuple[Review, AuditLine]:
    """A delivered review with one finding: the reviewer leaves out a code."""
    review = open_review(crew, final_chart(crew))
    reviewer = crew.actor(crew.reviewer)
    last = ReviewCode.objects.get(review=review, code="Z794")
    remove_code(actor=reviewer, review=review, code_id=last.pk)
    line = AuditLine.objects.get(review=review, verdict="UN")
    judge_line(actor=reviewer, review=review, line_id=line.pk, judgement=CITED)
    return deliver(actor=reviewer, review=review), line


def test_an_overturned_finding_gives_the_coder_the_line_back_and_closes_the_review(crew: Team) -> None:
    with cast.opened(crew.place):
        review, line = with_finding(crew)
        step: dict[str, Any] = {"review": review, "line_id": line.pk, "answer": WHY}
        answer_line(actor=crew.actor(crew.coder), verb=LineVerb.REBUT, **step)
        answer_line(actor=crew.actor(crew.reviewer), verb=LineVerb.UPHOLD, **step)
        answer_line(actor=crew.actor(crew.coder), verb=LineVerb.ESCALATE, **step)
        with pytest.raises(NotAllowed, match="not your turn"):
            answer_line(actor=crew.actor(crew.reviewer), verb=LineVerb.OVERTURN, **step)
        answer_line(actor=crew.actor(crew.second), verb=LineVerb.OVERTURN, **step)
        review.refresh_from_db()
        line.refresh_from_db()
        assert (review.state, line.state) == (ReviewState.CLOSED, LineState.OVERTURNED)
        scores = [
            (one.numerator, one.denominator, one.is_provisional)
            for one in ReviewScore.objects.order_by("number")
        ]
        assert scores == [(3, 4, True), (4, 4, False)]
        assert [one.verb for one in LineStep.objects.order_by("number")] == [
            "rebut",
            "uphold",
            "escalate",
            "overturn",
        ]


def test_an_accepted_finding_counts_and_closes_the_review(crew: Team) -> None:
    with cast.opened(crew.place):
        review, line = with_finding(crew)
        answer_line(
            actor=crew.actor(crew.coder),
            review=review,
            line_id=line.pk,
            verb=LineVerb.ACCEPT,
            answer=Answer(),
        )
        review.refresh_from_db()
        newest = ReviewScore.objects.order_by("-number")[0]
        assert review.state == ReviewState.CLOSED
        assert (newest.numerator, newest.denominator, newest.is_provisional) == (3, 4, False)
        assert newest.scores["auditor_denominator"]["numerator"] == 3
        assert newest.scores["auditor_denominator"]["denominator"] == 3


def test_a_documentation_gap_is_not_charged_to_the_coder(crew: Team) -> None:
    with cast.opened(crew.place):
        review = open_review(crew, final_chart(crew))
        reviewer = crew.actor(crew.reviewer)
        row = ReviewCode.objects.get(review=review, code="N1831")
        change_code(actor=reviewer, review=review, code_id=row.pk, entry=CodeWords("ICD-10-CM", "N1832"))
        line = AuditLine.objects.get(review=review, verdict="WS")
        gap = Judgement("documentation_gap", "minor", "neutral", "guideline", "I.A.19")
        judge_line(actor=reviewer, review=review, line_id=line.pk, judgement=gap)
        deliver(actor=reviewer, review=review)
        score = ReviewScore.objects.get()
        assert (score.numerator, score.denominator, score.is_clean) == (3, 3, True)


def test_a_rebuttal_needs_words_and_a_citation_and_comes_in_time(crew: Team) -> None:
    with cast.opened(crew.place):
        review, line = with_finding(crew)
        step: dict[str, Any] = {
            "actor": crew.actor(crew.coder),
            "review": review,
            "line_id": line.pk,
            "verb": LineVerb.REBUT,
        }
        with pytest.raises(Refused, match="in a sentence"):
            answer_line(**step, answer=Answer("No."))
        with pytest.raises(Refused, match="cites a guideline"):
            answer_line(**step, answer=Answer("The note says so in the plan."))
        Review.objects.filter(pk=review.pk).update(respond_by=cast.today() - timedelta(days=2))
        with pytest.raises(Refused, match="last day"):
            answer_line(**step, answer=WHY)
        line.refresh_from_db()
        assert line.state == LineState.OPEN and not LineStep.objects.exists()


def test_a_judgement_stays_with_its_pair_while_other_codes_change(crew: Team) -> None:
    with cast.opened(crew.place):
        review = open_review(crew, final_chart(crew))
        reviewer = crew.actor(crew.reviewer)
        remove_code(
            actor=reviewer, review=review, code_id=ReviewCode.objects.get(review=review, code="Z794").pk
        )
        line = AuditLine.objects.get(verdict="UN")
        judge_line(actor=reviewer, review=review, line_id=line.pk, judgement=CITED)
        row = ReviewCode.objects.get(review=review, code="N1831")
        change_code(actor=reviewer, review=review, code_id=row.pk, entry=CodeWords("ICD-10-CM", "N1832"))
        assert AuditLine.objects.get(verdict="UN").citation == "I.C.4.a"
        assert AuditLine.objects.get(verdict="WS").citation == ""


def test_a_cancelled_review_says_why_and_is_not_taken(crew: Team) -> None:
    with cast.opened(crew.place):
        chart = final_chart(crew)
        review = ask_review(
            actor=crew.actor(crew.manager),
            encounter=chart,
            terms=PlanTerms(),
            origin=ReviewOrigin.FOCUSED,
            reason="Asked for in a test.",
        )
        with pytest.raises(Refused, match="why the review is cancelled"):
            cancel_review(actor=crew.actor(crew.manager), review=review, reason=" ")
        cancel_review(actor=crew.actor(crew.manager), review=review, reason="Coded by mistake")
        assert take_next_review(actor=crew.actor(crew.reviewer), client_id=chart.client_id) is None


def test_a_coder_sees_their_own_reviews_and_only_once_delivered(crew: Team) -> None:
    other = cast.coder("Marcus Bell", crew.place)
    with cast.opened(crew.place):
        review = open_review(crew, final_chart(crew))
        client_id = review.client_id
        assert not reviews_in_reach(crew.actor(crew.coder), client_id).exists()
        deliver(actor=crew.actor(crew.reviewer), review=review)
        assert reviews_in_reach(crew.actor(crew.coder), client_id).get() == review
        assert not reviews_in_reach(cast.actor_for(other, Role.CODER), client_id).exists()
        assert not reviews_in_reach(cast.actor_for(other, Role.CLIENT_VIEWER), client_id).exists()
