"""A review that waits for one person: they get it first, and nobody else gets it at all."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from coding_ops.core.errors import NotAllowed
from coding_ops.tenancy.models import Role
from qa_audit.access import origins_behind, reviews_in_reach, shown_origin
from qa_audit.actions.reviews import ask_review, take_next_review, take_review
from qa_audit.models import Review, ReviewOrigin
from qa_audit.rules.plan_terms import PlanTerms
from tests import cast
from tests.qa_audit.scene import Team, final_chart, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew() -> Team:
    return team(cast.cypress())


def waiting(crew: Team, *, origin: ReviewOrigin = ReviewOrigin.FOCUSED, days_ago: int = 2) -> Review:
    return ask_review(
        actor=crew.actor(crew.manager),
        encounter=final_chart(crew, days_ago=days_ago),
        terms=PlanTerms(),
        origin=origin,
        reason="Asked for in a test.",
    )


def test_an_assigned_review_comes_first_to_its_person_and_never_to_another(crew: Team) -> None:
    with cast.opened(crew.place):
        older, newer = waiting(crew), waiting(crew)
        Review.objects.filter(pk=newer.pk).update(assigned_to=crew.second)
        client_id = older.client_id
        with pytest.raises(NotAllowed, match="waits for another person"):
            take_review(actor=crew.actor(crew.reviewer), review=Review.objects.get(pk=newer.pk))
        newer.refresh_from_db()
        assert newer.state == "waiting"
        assert take_next_review(actor=crew.actor(crew.second), client_id=client_id) == newer
        assert take_next_review(actor=crew.actor(crew.reviewer), client_id=client_id) == older
        assert take_next_review(actor=crew.actor(crew.reviewer), client_id=client_id) is None


def test_the_coder_of_a_chart_is_not_assigned_its_review(crew: Team) -> None:
    with cast.opened(crew.place):
        review = waiting(crew)
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.filter(pk=review.pk).update(assigned_to=crew.coder)
        review.refresh_from_db()
        assert review.assigned_to_id is None


def test_a_review_that_measures_its_reader_is_theirs_alone_and_looks_like_any_other(crew: Team) -> None:
    with cast.opened(crew.place):
        hidden = waiting(crew, origin=ReviewOrigin.CALIBRATION)
        Review.objects.filter(pk=hidden.pk).update(assigned_to=crew.second)
        hidden.refresh_from_db()
        manager, reader, other = (crew.actor(one) for one in (crew.manager, crew.second, crew.reviewer))
        client_id = hidden.client_id
        assert [reviews_in_reach(one, client_id).count() for one in (manager, reader, other)] == [1, 1, 0]
        Review.objects.filter(pk=hidden.pk).update(state="cancelled", cancel_reason="A test.")
        for role in (Role.CODER, Role.CLIENT_ADMIN, Role.EXTERNAL_AUDITOR):
            person = cast.actor_for(crew.coder, role)
            assert not reviews_in_reach(person, client_id).exists()
        assert shown_origin(manager, hidden) == ReviewOrigin.CALIBRATION
        assert shown_origin(reader, hidden) == ReviewOrigin.FOCUSED
        assert hidden.origin in origins_behind(reader, ReviewOrigin.FOCUSED)
        assert origins_behind(reader, ReviewOrigin.CALIBRATION) == ()
        assert origins_behind(manager, ReviewOrigin.CALIBRATION) == ("calibration",)
