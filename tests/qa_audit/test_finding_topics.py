"""Topics of findings: given with the delivery, counted once settled, taken away when the finding falls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from code_sets import selectors
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import InvalidInput, NotAllowed, NotFound
from qa_audit.actions.findings import Answer, Judgement, answer_line
from qa_audit.actions.training import change_topic
from qa_audit.models import FindingTopic, Review, ReviewOrigin
from qa_audit.rules.review_states import LineVerb
from qa_audit.selectors.training import found_by_topic
from tests import cast
from tests.qa_audit.scene import Team, final_chart, team
from tests.qa_audit.training_scene import accept, assigned, delivered_finding

pytestmark = pytest.mark.django_db
WHY = Answer("The note says stage 3a in the plan.", "guideline", "I.C.14.a.1")


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@pytest.fixture
def crew() -> Iterator[Team]:
    made = team(cast.cypress())
    with cast.opened(made.place):
        yield made


def test_a_finding_has_its_topic_from_delivery_and_counts_once_it_is_settled(crew: Team) -> None:
    line = delivered_finding(crew, final_chart(crew))
    topic = FindingTopic.objects.get(line=line)
    assert (topic.topic, topic.coder, topic.settled_at, topic.given_by) == ("kidney", crew.coder, None, None)
    since = timezone.now() - timedelta(days=1)
    assert found_by_topic(line.client_id, since) == {}
    accept(crew, line)
    topic.refresh_from_db()
    assert topic.settled_at is not None
    assert found_by_topic(line.client_id, since)["kidney"].findings == 1


def test_an_overturned_finding_takes_its_topic_away(crew: Team) -> None:
    line = delivered_finding(crew, final_chart(crew))
    step: dict[str, Any] = {"review": line.review, "line_id": line.pk, "answer": WHY}
    answer_line(actor=crew.actor(crew.coder), verb=LineVerb.REBUT, **step)
    answer_line(actor=crew.actor(crew.reviewer), verb=LineVerb.UPHOLD, **step)
    answer_line(actor=crew.actor(crew.coder), verb=LineVerb.ESCALATE, **step)
    assert FindingTopic.objects.get(line=line).fallen_at is None
    answer_line(actor=crew.actor(crew.second), verb=LineVerb.OVERTURN, **step)
    topic = FindingTopic.objects.get(line=line)
    assert topic.fallen_at is not None and topic.settled_at is None
    with pytest.raises(NotFound):
        change_topic(
            actor=crew.actor(crew.manager), client_id=line.client_id, line_id=line.pk, topic="diabetes"
        )
    with pytest.raises(NotFound):
        assigned(crew, line_id=line.pk, topic="diabetes")


def test_a_finding_that_is_not_the_coders_fault_has_no_topic(crew: Team) -> None:
    gap = Judgement("documentation_gap", "minor", "neutral", "guideline", "I.A.19")
    accept(crew, delivered_finding(crew, final_chart(crew), gap))
    assert not FindingTopic.objects.exists()


def test_gold_and_calibration_reviews_leave_no_topic(crew: Team) -> None:
    line = delivered_finding(crew, final_chart(crew))
    FindingTopic.objects.all().delete()
    Review.objects.update(origin=ReviewOrigin.CALIBRATION, assigned_to=crew.reviewer)
    line.review.refresh_from_db()
    accept(crew, line)
    assert not FindingTopic.objects.exists()


def test_a_reviewer_gives_another_topic_which_stays_when_the_finding_is_settled(crew: Team) -> None:
    line = delivered_finding(crew, final_chart(crew))
    change: dict[str, Any] = {"client_id": line.client_id, "line_id": line.pk}
    with pytest.raises(NotAllowed):
        change_topic(actor=crew.actor(crew.coder), topic="diabetes", **change)
    with pytest.raises(InvalidInput, match="Choose a topic"):
        change_topic(actor=crew.actor(crew.reviewer), topic="astrology", **change)
    change_topic(actor=crew.actor(crew.reviewer), topic="diabetes", **change)
    accept(crew, line)
    topic = FindingTopic.objects.get(line=line)
    assert (topic.topic, topic.given_by) == ("diabetes", crew.reviewer)
    event = AuditEvent.objects.get(verb=Verb.FINDING_TOPIC_CHANGED)
    assert event.facts == {"was": "kidney", "topic": "diabetes"}
