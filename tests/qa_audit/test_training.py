"""Training after errors: topics follow findings, assignments end only with a clean re-audit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from code_sets import selectors
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Membership, Role
from encounters.actions.finalize import finalize, reopen
from encounters.actions.leases import take_chart
from encounters.models import Encounter
from encounters.rules.encounter_states import ReopenReason
from qa_audit.actions.reaudits import choose
from qa_audit.actions.remediation import keep_topics
from qa_audit.actions.reviews import cancel_review
from qa_audit.actions.training import (
    ask_reaudit,
    change_topic,
    complete_training,
    end_training,
    move_trainings_on,
)
from qa_audit.models import (
    AuditLine,
    ReauditDraw,
    ReauditReview,
    Review,
    ReviewOrigin,
    TrainingAssignment,
    TrainingFinding,
    TrainingRound,
)
from qa_audit.rules.frame import unpack_frame
from qa_audit.rules.training_states import TrainingState
from qa_audit.selectors.training import decided_by_topic, found_by_topic
from qa_audit.training_access import trainings_in_reach
from tests import cast
from tests.qa_audit.scene import Team, final_chart, team
from tests.qa_audit.training_scene import (
    accept,
    assigned,
    delivered_finding,
    in_days,
    review_of_reaudit,
    settled_finding,
)

pytestmark = pytest.mark.django_db
NIGHTLY = system_actor("training sweep")


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@pytest.fixture
def crew() -> Iterator[Team]:
    made = team(cast.cypress())
    with cast.opened(made.place):
        yield made


def done_before(crew: Team, assignment: TrainingAssignment, *, days: int = 3) -> TrainingAssignment:
    """The training done some days ago, so that charts of the days since follow it."""
    complete_training(actor=crew.actor(crew.coder), assignment=assignment, note="Read it twice.")
    TrainingRound.objects.filter(assignment=assignment, number=assignment.round_count).update(
        completed_at=timezone.now() - timedelta(days=days)
    )
    assignment.refresh_from_db()
    return assignment


def asked_of(assignment: TrainingAssignment) -> list[Review]:
    links = ReauditReview.objects.filter(draw__round__assignment=assignment)
    return list(Review.objects.filter(pk__in=links.values("review_id")).order_by("pk"))


def final_again(crew: Team, chart: Encounter) -> None:
    """The chart reopened and finished once more, now."""
    coder, now = crew.actor(crew.coder), timezone.now()
    reopen(actor=coder, encounter=chart, reason=ReopenReason.CODER_CORRECTION, note="One code was wrong.")
    fence = take_chart(actor=coder, item=cast.item_of(chart), now=now).fence
    finalize(actor=coder, encounter=chart, fence=fence)


# --- assignments ---


def test_a_training_is_about_the_settled_findings_that_no_training_had(crew: Team) -> None:
    first, second = (settled_finding(crew, final_chart(crew)) for _ in range(2))
    one = assigned(crew, line_id=first.pk)
    assert [row.line_id for row in one.findings.all()] == [first.pk]
    with pytest.raises(Refused, match="already"):
        assigned(crew)
    end_training(actor=crew.actor(crew.manager), assignment=one, reason="Assigned by mistake")
    assert [row.line_id for row in assigned(crew).findings.all()] == [second.pk]


def test_a_finding_that_may_still_fall_is_not_trained(crew: Team) -> None:
    line = delivered_finding(crew, final_chart(crew))
    with pytest.raises(Refused, match="not settled"):
        assigned(crew, line_id=line.pk)
    assert not TrainingAssignment.objects.exists()


def test_a_training_with_a_wrong_field_names_it_and_keeps_nothing(crew: Team) -> None:
    wrong: list[tuple[str, object]] = [
        ("topic", "astrology"),
        ("reason", "x"),
        ("material", " "),
        ("due_on", in_days(-1)),
        ("reaudit_count", 0),
        ("reaudit_count", 61),
    ]
    for field, value in wrong:
        with pytest.raises(InvalidInput) as refused:
            assigned(crew, **{field: value})
        assert refused.value.details == {"path": field}
    assert not TrainingAssignment.objects.exists()


def test_only_a_coder_of_the_client_is_trained_and_nobody_trains_themselves(crew: Team) -> None:
    with pytest.raises(InvalidInput, match="Choose a coder"):
        assigned(crew, coder_id=crew.second.pk)
    with pytest.raises(NotAllowed, match="own training"):
        assigned(crew, coder_id=crew.reviewer.pk)
    assert not TrainingAssignment.objects.exists()


def test_a_coder_sees_and_completes_their_own_training_only(crew: Team) -> None:
    other = cast.coder("Marcus Bell", crew.place)
    assignment = assigned(crew)
    client_id = assignment.client_id
    assert trainings_in_reach(crew.actor(crew.coder), client_id).get() == assignment
    assert not trainings_in_reach(cast.actor_for(other, Role.CODER), client_id).exists()
    assert not trainings_in_reach(cast.actor_for(other, Role.CLIENT_ADMIN), client_id).exists()
    for person in (cast.actor_for(other, Role.CODER), crew.actor(crew.manager)):
        with pytest.raises(NotAllowed):
            complete_training(actor=person, assignment=assignment)
    assert TrainingAssignment.objects.get().state == TrainingState.ASSIGNED


def test_a_training_ends_when_the_last_finding_it_is_about_falls(crew: Team) -> None:
    first, second = (settled_finding(crew, final_chart(crew)) for _ in range(2))
    assignment = assigned(crew)
    for line, state in ((first, TrainingState.ASSIGNED), (second, TrainingState.ENDED)):
        # No step leads here from an accepted finding: a correction by hand would.
        AuditLine.objects.filter(pk=line.pk).update(state="overturned")
        keep_topics(actor=NIGHTLY, review=line.review)
        assignment.refresh_from_db()
        assert assignment.state == state
    assert "withdrawn or overturned" in assignment.end_reason
    assert found_by_topic(assignment.client_id, timezone.now() - timedelta(days=1)) == {}


# --- the re-audit ---


def test_too_few_charts_wait_and_say_so(crew: Team) -> None:
    final_chart(crew, days_ago=10)
    assignment = done_before(crew, assigned(crew, reaudit_count=10))
    for _ in range(3):
        final_chart(crew)
    with pytest.raises(Refused, match="3 of 10 charts final since completion"):
        ask_reaudit(actor=crew.actor(crew.reviewer), assignment=assignment)
    assert move_trainings_on(actor=NIGHTLY, client=crew.place.client) == 0
    assert not Review.objects.exists() and not ReauditDraw.objects.exists()
    assert TrainingAssignment.objects.get().state == TrainingState.WAITING


def test_the_nightly_task_asks_for_reviews_of_charts_first_final_after_the_training(crew: Team) -> None:
    before = final_chart(crew, days_ago=10)
    reopened = final_chart(crew, days_ago=9)
    final_again(crew, reopened)
    other = final_chart(crew, coder=cast.coder("Marcus Bell", crew.place))
    assignment = done_before(crew, assigned(crew))
    after = {str(final_chart(crew).pk) for _ in range(3)}
    assert move_trainings_on(actor=NIGHTLY, client=crew.place.client) == 1
    reviews = asked_of(assignment)
    assert len(reviews) == 2 and {str(one.encounter_id) for one in reviews} <= after
    assert {one.origin for one in reviews} == {ReviewOrigin.REAUDIT}
    assert {one.coder_id for one in reviews} == {crew.coder.pk}
    drawn = ReauditDraw.objects.get()
    frame = unpack_frame(bytes(drawn.frame))
    assert {chart for chart, _ in frame} == after
    assert not {str(before.pk), str(reopened.pk), str(other.pk)} & {chart for chart, _ in frame}
    # The stored frame and seed give the same charts again.
    members = {"shows": sorted(chart for chart, _ in frame)}
    assert set(choose(members, 2, drawn.seed)) == {str(one.encounter_id) for one in reviews}
    # Nothing more is asked for the next day.
    assert move_trainings_on(actor=NIGHTLY, client=crew.place.client) == 0
    assert len(asked_of(assignment)) == 2


def test_charts_that_can_show_the_error_come_first(crew: Team) -> None:
    assignment = done_before(crew, assigned(crew))
    for _ in range(4):
        final_chart(crew, codes=(("J069", "Hypertension"),))
    shows = {final_chart(crew).pk for _ in range(2)}
    ask_reaudit(actor=crew.actor(crew.reviewer), assignment=assignment, seed=7)
    assert {one.encounter_id for one in asked_of(assignment)} == shows


def test_a_training_closes_only_when_every_review_of_a_clean_reaudit_is_delivered(crew: Team) -> None:
    assignment = done_before(crew, assigned(crew))
    for _ in range(2):
        final_chart(crew)
    ask_reaudit(actor=crew.actor(crew.reviewer), assignment=assignment)
    first, second = asked_of(assignment)
    review_of_reaudit(crew, first, is_wrong=False)
    assignment.refresh_from_db()
    assert assignment.state == TrainingState.REAUDIT and assignment.closed_at is None
    with pytest.raises(IntegrityError), transaction.atomic():
        TrainingAssignment.objects.filter(pk=assignment.pk).update(state="closed")
    review_of_reaudit(crew, second, is_wrong=False)
    assignment.refresh_from_db()
    assert assignment.state == TrainingState.CLOSED
    done = TrainingRound.objects.get()
    assert (done.result, done.chart_count, done.again_count, done.could_show_count) == ("clean", 2, 0, 2)
    found = decided_by_topic(assignment.client_id)["kidney"]
    assert (found.rounds, found.rounds_again, found.charts.charts, found.charts.again) == (1, 0, 2, 0)


def test_an_error_of_the_topic_begins_a_new_round_with_what_was_found(crew: Team) -> None:
    assignment = done_before(crew, assigned(crew))
    for _ in range(2):
        final_chart(crew)
    ask_reaudit(actor=crew.actor(crew.reviewer), assignment=assignment)
    first, second = asked_of(assignment)
    review_of_reaudit(crew, first, is_wrong=True)
    review_of_reaudit(crew, second, is_wrong=False)
    assignment.refresh_from_db()
    assert (assignment.state, assignment.round_count) == (TrainingState.ASSIGNED, 2)
    one, two = TrainingRound.objects.order_by("number")
    assert (one.result, one.chart_count, one.again_count) == ("again", 2, 1)
    assert (two.result, two.completed_at, two.due_on) == ("", None, assignment.due_on)
    found = TrainingFinding.objects.get()
    assert (found.line.review, found.round_number) == (first, 2)
    # Charts of the first round are no proof for the second.
    done_before(crew, assignment, days=1)
    with pytest.raises(Refused, match="0 of 2 charts final since completion"):
        ask_reaudit(actor=crew.actor(crew.reviewer), assignment=assignment)
    assert decided_by_topic(assignment.client_id)["kidney"].rounds_again == 1


def test_an_error_of_another_topic_does_not_keep_the_training_open(crew: Team) -> None:
    assignment = done_before(crew, assigned(crew, reaudit_count=1))
    final_chart(crew)
    ask_reaudit(actor=crew.actor(crew.reviewer), assignment=assignment)
    (review,) = asked_of(assignment)
    Review.objects.filter(pk=review.pk).update(mode="open")
    line = delivered_of(crew, review)
    change_topic(actor=crew.actor(crew.reviewer), client_id=line.client_id, line_id=line.pk, topic="diabetes")
    accept(crew, line)
    assignment.refresh_from_db()
    assert assignment.state == TrainingState.CLOSED


def delivered_of(crew: Team, review: Review) -> Any:
    from qa_audit.actions.reviews import deliver, take_review
    from tests.qa_audit.training_scene import wrong_stage

    review.refresh_from_db()
    taken = take_review(actor=crew.actor(crew.reviewer), review=review)
    line = wrong_stage(crew, taken)
    deliver(actor=crew.actor(crew.reviewer), review=taken)
    return line


def test_a_clean_reaudit_proves_nothing_on_charts_where_the_error_cannot_be_made(crew: Team) -> None:
    assignment = done_before(crew, assigned(crew, reaudit_count=1))
    final_chart(crew, codes=(("J069", "Hypertension"),))
    ask_reaudit(actor=crew.actor(crew.reviewer), assignment=assignment)
    review_of_reaudit(crew, asked_of(assignment)[0], is_wrong=False)
    assignment.refresh_from_db()
    assert assignment.state == TrainingState.REAUDIT
    # Another of the same kind would prove no more.
    final_chart(crew, codes=(("J069", "Hypertension"),))
    assert move_trainings_on(actor=NIGHTLY, client=crew.place.client) == 0
    shows = final_chart(crew)
    assert move_trainings_on(actor=NIGHTLY, client=crew.place.client) == 1
    (more,) = [one for one in asked_of(assignment) if one.encounter_id == shows.pk]
    review_of_reaudit(crew, more, is_wrong=False)
    assignment.refresh_from_db()
    assert assignment.state == TrainingState.CLOSED
    done = TrainingRound.objects.get()
    assert (done.chart_count, done.could_show_count) == (2, 1)


def test_a_cancelled_review_is_replaced_by_another_chart(crew: Team) -> None:
    assignment = done_before(crew, assigned(crew))
    for _ in range(3):
        final_chart(crew)
    ask_reaudit(actor=crew.actor(crew.reviewer), assignment=assignment)
    first, second = asked_of(assignment)
    cancel_review(actor=crew.actor(crew.manager), review=first, reason="The note was withdrawn")
    review_of_reaudit(crew, second, is_wrong=False)
    assignment.refresh_from_db()
    assert assignment.state == TrainingState.REAUDIT
    assert move_trainings_on(actor=NIGHTLY, client=crew.place.client) == 1
    assert [one.sample_count for one in ReauditDraw.objects.order_by("number")] == [2, 1]
    (third,) = [one for one in asked_of(assignment) if one.pk not in (first.pk, second.pk)]
    assert third.encounter_id not in (first.encounter_id, second.encounter_id)
    review_of_reaudit(crew, third, is_wrong=False)
    assignment.refresh_from_db()
    assert assignment.state == TrainingState.CLOSED


def test_a_coder_who_left_ends_the_training_and_cancels_what_nobody_began(crew: Team) -> None:
    assignment = done_before(crew, assigned(crew))
    for _ in range(2):
        final_chart(crew)
    ask_reaudit(actor=crew.actor(crew.reviewer), assignment=assignment)
    Membership.objects.filter(user=crew.coder).update(revoked_at=timezone.now())
    assert move_trainings_on(actor=NIGHTLY, client=crew.place.client) == 1
    assignment.refresh_from_db()
    assert (assignment.state, assignment.end_reason) == (
        TrainingState.ENDED,
        "The coder no longer codes for this client.",
    )
    assert {one.state for one in asked_of(assignment)} == {"cancelled"}
    with pytest.raises(Conflict, match="has ended"):
        ask_reaudit(actor=crew.actor(crew.manager), assignment=assignment)


def test_only_a_manager_ends_a_training_and_says_why(crew: Team) -> None:
    assignment = assigned(crew)
    with pytest.raises(NotAllowed):
        end_training(actor=crew.actor(crew.reviewer), assignment=assignment, reason="No longer needed")
    with pytest.raises(Refused, match="why it ends"):
        end_training(actor=crew.actor(crew.manager), assignment=assignment, reason=" ")
    assert TrainingAssignment.objects.get().state == TrainingState.ASSIGNED
