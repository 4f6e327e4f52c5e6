"""Root causes: asked for by many findings of one topic, closed with why, what was done and what shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from code_sets import selectors
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from qa_audit.actions.root_causes import CauseWords, change_root_cause, close_root_cause, open_root_cause
from qa_audit.models import RootCause
from qa_audit.selectors.root_causes import systemic_topics
from tests import cast
from tests.qa_audit.scene import Team, final_chart, team
from tests.qa_audit.training_scene import in_days, settled_finding

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@pytest.fixture
def crew() -> Iterator[Team]:
    made = team(cast.cypress())
    with cast.opened(made.place):
        yield made


def words(crew: Team, **changes: Any) -> CauseWords:
    given: dict[str, Any] = {
        "problem": "Stage 3b is coded for stage 3a.",
        "whys": ["The template shows one stage."],
        "remedy": "Ask for the template to show both.",
        "owner_id": crew.manager.pk,
        "due_on": in_days(30),
        **changes,
    }
    return CauseWords(**given)


def test_a_root_cause_needs_three_findings_and_closes_with_evidence(crew: Team) -> None:
    ask: dict[str, Any] = {
        "actor": crew.actor(crew.reviewer), "client": crew.place.client, "topic": "kidney",
    }  # fmt: skip
    for _ in range(2):
        settled_finding(crew, final_chart(crew))
    with pytest.raises(Refused, match="from 3 settled findings"):
        open_root_cause(words=words(crew), **ask)
    assert not RootCause.objects.exists()
    settled_finding(crew, final_chart(crew))
    cause = open_root_cause(words=words(crew, whys=[], remedy=""), **ask)
    assert (cause.finding_count, cause.coder_count) == (3, 1)
    with pytest.raises(Refused, match="already"):
        open_root_cause(words=words(crew), **ask)
    close: dict[str, Any] = {
        "actor": crew.actor(crew.manager),
        "cause": cause,
        "evidence": "No error in 60 charts.",
    }
    with pytest.raises(Refused, match="why it happens"):
        close_root_cause(seen_version=1, **close)
    change_root_cause(
        actor=crew.actor(crew.manager),
        client=crew.place.client,
        cause=cause,
        seen_version=1,
        words=words(crew),
    )
    with pytest.raises(Conflict, match="Somebody changed"):
        close_root_cause(seen_version=1, **close)
    with pytest.raises(Refused, match="what shows"):
        close_root_cause(seen_version=2, actor=crew.actor(crew.manager), cause=cause, evidence="ok")
    done = close_root_cause(seen_version=2, **close)
    assert done.closed_by == crew.manager
    # What was looked into does not ask for another analysis.
    assert systemic_topics(crew.place.client, timezone.localdate()) == {}


def test_a_root_cause_is_owned_by_somebody_who_works_for_the_client(crew: Team) -> None:
    stranger = cast.person("Ines Calderon")
    with pytest.raises(InvalidInput, match="works for this client"):
        open_root_cause(
            actor=crew.actor(crew.manager),
            client=crew.place.client,
            topic="kidney",
            words=words(crew, owner_id=stranger.pk),
        )
    with pytest.raises(NotAllowed):
        open_root_cause(
            actor=crew.actor(crew.coder), client=crew.place.client, topic="kidney", words=words(crew)
        )
    assert not RootCause.objects.exists()
