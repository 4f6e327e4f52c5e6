"""The training room as people see it: what is counted, what waits, and what stays unnamed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from code_sets import selectors
from coding_ops.accounts.models import User
from coding_ops.core.ids import uuid7
from coding_ops.tenancy.models import Role
from qa_audit.actions.training import complete_training
from qa_audit.models import (
    FindingTopic,
    ReauditReview,
    Review,
    RootCause,
    TrainingAssignment,
    TrainingRound,
)
from qa_audit.tasks import ask_reaudits
from tests import cast
from tests.qa_audit.scene import Team, final_chart, team
from tests.qa_audit.training_scene import (
    assigned,
    delivered_finding,
    in_days,
    review_of_reaudit,
    settled_finding,
)

pytestmark = pytest.mark.django_db
ROOM = "/c/cypress-ridge/quality/training/"


@pytest.fixture
def crew() -> Iterator[Team]:
    yield team(cast.cypress())
    selectors.forget_releases()


def page(user: User, path: str, **sent: Any) -> tuple[int, str]:
    """Status and words of a page; with ``sent``, of what is posted to it, the redirect followed."""
    browser = Browser()
    browser.force_login(user)
    answer = browser.post(ROOM + path, sent, follow=True) if sent else browser.get(ROOM + path, follow=True)
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return answer.status_code, re.sub(r"\s+", " ", text)


def test_a_training_goes_its_way_on_the_pages_and_names_no_review_before_its_delivery(crew: Team) -> None:
    with cast.opened(crew.place):
        line = settled_finding(crew, final_chart(crew, days_ago=9))
    sent = {
        "reason": "Stages of kidney disease",
        "material": "https://example.test/stages",
        "due_on": in_days(7).strftime("%m/%d/%Y"),
        "reaudit_count": "2",
    }
    status, text = page(crew.reviewer, "assign/", line=str(line.pk), **sent)
    assert status == 200 and "Kidney disease and its stages is assigned" in text and "To do by" in text
    with cast.opened(crew.place):
        one = TrainingAssignment.objects.get()
    address = f"assignments/{one.pk}/"
    status, text = page(crew.coder, f"{address}complete/", note="Read it.")
    assert status == 200 and "0 of 2 charts final since completion" in text
    with cast.opened(crew.place):
        TrainingRound.objects.update(completed_at=timezone.now() - timedelta(days=3))
        charts = [final_chart(crew) for _ in range(2)]
    assert "2 of 2 charts final since completion" in page(crew.manager, address)[1]
    assert ask_reaudits(client_id=crew.place.client.pk) == 1
    for person in (crew.coder, crew.reviewer, crew.manager):
        text = page(person, address)[1]
        assert "2 reviews are not delivered yet" in text
        assert not any(chart.external_id in text for chart in charts)
    with cast.opened(crew.place):
        asked = Review.objects.filter(pk__in=ReauditReview.objects.values("review_id"))
        first, second = asked.select_related("encounter")
        review_of_reaudit(crew, first, is_wrong=False)
    text = page(crew.coder, address)[1]
    assert "1 of 2 reviews closed" in text and "1 more review is not delivered yet" in text
    assert f"Visit {first.encounter.external_id}" in text and second.encounter.external_id not in text
    with cast.opened(crew.place):
        review_of_reaudit(crew, second, is_wrong=False)
    text = page(crew.coder, address)[1]
    assert "Closed, clean" in text and "No error of this topic in 2 charts" in text
    assert "0 of 1 re-audit Too few to judge" in page(crew.manager, "")[1]


def test_a_coder_is_led_to_their_own_trainings_and_to_nobody_elses(crew: Team) -> None:
    other = cast.coder("Marcus Bell", crew.place)
    with cast.opened(crew.place):
        one = assigned(crew)
    status, text = page(crew.coder, "")
    assert status == 200 and "My training" in text and "Kidney disease and its stages" in text
    assert "No training is open" in page(other, "")[1]
    assert page(other, f"assignments/{one.pk}/")[0] == 404
    for path in ("topic/?name=kidney", "causes/", "assign/"):
        assert page(crew.coder, path)[0] == 404


def test_a_wrong_form_says_what_is_wrong_keeps_what_was_typed_and_assigns_nothing(crew: Team) -> None:
    sent = {"topic": "kidney", "coder": crew.coder.pk, "reason": "Stages", "material": "Guideline I.C.14.a"}
    status, text = page(crew.reviewer, "assign/", **sent, due_on="someday", reaudit_count="2")
    assert status == 422 and "Give the day as MM/DD/YYYY" in text
    status, text = page(crew.reviewer, "assign/", **sent, due_on=in_days(3).isoformat(), reaudit_count="99")
    assert status == 422 and "from 1 to 60" in text
    with cast.opened(crew.place):
        assert not TrainingAssignment.objects.exists()


def test_a_topic_is_changed_on_its_page_and_the_finding_moves_to_the_other_topic(crew: Team) -> None:
    with cast.opened(crew.place):
        line = delivered_finding(crew, final_chart(crew))
        visit = line.review.encounter.external_id
    assert visit in page(crew.reviewer, "topic/?name=kidney")[1]
    status, text = page(crew.reviewer, f"findings/{line.pk}/topic/", topic="diabetes")
    assert status == 200 and "Diabetes and its complications" in text and visit in text
    assert visit not in page(crew.reviewer, "topic/?name=kidney")[1]


def test_a_reviewer_who_codes_a_chart_blind_sees_none_of_its_findings(crew: Team) -> None:
    with cast.opened(crew.place):
        line = settled_finding(crew, final_chart(crew))
        chart = line.review.encounter
        blind = Review.objects.get(pk=line.review_id)
        blind.pk = uuid7()
        blind._state.adding = True
        blind.state, blind.mode, blind.reviewer_id, blind.closed_at = "coding", "blind", crew.second.pk, None
        blind.save()
    assert chart.external_id in page(crew.reviewer, "topic/?name=kidney")[1]
    assert chart.external_id not in page(crew.second, "topic/?name=kidney")[1]
    assert page(crew.second, f"findings/{line.pk}/topic/")[0] == 404


def test_a_root_cause_is_asked_for_opened_and_closed_on_its_pages(crew: Team) -> None:
    with cast.opened(crew.place):
        for _ in range(3):
            settled_finding(crew, final_chart(crew))
        assert FindingTopic.objects.count() == 3
    assert "Look for the cause" in page(crew.manager, "")[1]
    sent = {
        "topic": "kidney",
        "problem": "Stage 3b is coded for stage 3a.",
        "why1": "The template shows one stage.",
        "owner": crew.manager.pk,
        "due_on": in_days(20).isoformat(),
    }
    status, text = page(crew.reviewer, "causes/new/", **sent)
    assert status == 200 and "3 settled findings by 1 coder" in text
    with cast.opened(crew.place):
        cause = RootCause.objects.get()
    address = f"causes/{cause.pk}/"
    status, text = page(
        crew.manager, f"{address}close/", version="1", evidence="Clean re-audit of ten charts"
    )
    assert status == 422 and "Say first why it happens and what was done" in text
    page(crew.manager, address, **sent, remedy="Another template.", version="1")
    status, text = page(crew.manager, address, **sent, remedy="No template at all.", version="1")
    assert status == 409 and "Somebody changed this root cause" in text
    status, text = page(
        crew.manager, f"{address}close/", version="2", evidence="Clean re-audit of ten charts"
    )
    assert status == 200 and "Another template." in text and "Clean re-audit of ten charts" in text
    assert "Look for the cause" not in page(crew.manager, "")[1]


def test_a_reviewer_asks_for_the_reaudit_at_once_and_hears_of_too_few_charts(crew: Team) -> None:
    with cast.opened(crew.place):
        one = assigned(crew, reaudit_count=3)
        complete_training(actor=crew.actor(crew.coder), assignment=one)
    browser = Browser()
    browser.force_login(crew.reviewer)
    answer = browser.post(f"{ROOM}assignments/{one.pk}/reaudit/")
    assert answer.status_code == 422 and b"0 of 3 charts final since completion" in answer.content
    with cast.opened(crew.place):
        TrainingRound.objects.update(completed_at=timezone.now() - timedelta(days=3))
        for _ in range(3):
            final_chart(crew)
        assert not Review.objects.exists()
    answer = browser.post(f"{ROOM}assignments/{one.pk}/reaudit/")
    assert answer.status_code == 303
    with cast.opened(crew.place):
        assert Review.objects.filter(origin="reaudit", state="waiting").count() == 3
        one.refresh_from_db()
        assert one.state == "reaudit"


def test_lists_ask_the_database_as_often_however_many_rows_they_show(crew: Team) -> None:
    coders = [cast.coder(f"Coder {number}", crew.place) for number in range(4)]
    addresses = ("", "assignments/", "assignments/?show=all", "topic/?name=kidney", "causes/")
    counts: list[list[int]] = []
    browser = Browser()
    browser.force_login(crew.manager, backend="coding_ops.tenancy.backends.ReachBackend")
    for some in (coders[:1], coders[1:]):
        with cast.opened(crew.place):
            for one in some:
                made = assigned(crew, coder_id=one.pk)
                complete_training(actor=cast.actor_for(one, Role.CODER), assignment=made)
                settled_finding(crew, final_chart(crew))
        counts.append([queries_of(browser, path) for path in addresses])
    assert counts[0] == counts[1]


def queries_of(browser: Browser, path: str) -> int:
    browser.get(ROOM + path)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(ROOM + path).status_code == 200
    return len(queries)
