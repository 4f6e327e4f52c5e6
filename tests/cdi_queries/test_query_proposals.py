"""Codes that an answer leads to: billable, of the release of the chart's day, and never applied."""

from __future__ import annotations

from datetime import date

import pytest

from cdi_queries.models import CdiQuery, QueryAnswer
from cdi_queries.rules.content import AnswerOption
from cdi_queries.selectors.proposals import proposals_for
from encounters.models import CodeAssignment
from tests import cast
from tests.cdi_queries import scene
from tests.cdi_queries.test_query_core import finished

pytestmark = pytest.mark.django_db
OPTIONS = (
    AnswerOption("o1", "Chronic kidney disease, stage 3b", ("i1",)),
    AnswerOption("o2", "Hypertension", ("i1",)),
    AnswerOption("o3", "Other (please specify)"),
    AnswerOption("o4", "Unable to determine"),
)


@pytest.fixture
def of() -> scene.Desk:
    return scene.desk(cast.cypress())


def answered(of: scene.Desk, option: str, **chart: object) -> tuple[CdiQuery, QueryAnswer]:
    """A draft is enough: its lint is not what is tried, and these answers fit the codes of the tests."""
    query = scene.draft(of, scene.chart(of, **chart), options=OPTIONS)
    return query, QueryAnswer(client_id=query.client_id, query=query, option_id=option)


def test_the_answers_words_lead_to_billable_codes_and_none_is_applied(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query, answer = answered(of, "o1")
        found = proposals_for(query, answer)
        assert found[0].code == "N1832" and found[0].why == "Chronic kidney disease, stage 3b"
        assert "N18" not in {one.code for one in found} and len(found) <= 5
        assert not CodeAssignment.objects.filter(client_id=query.client_id).exists()


def test_a_code_that_stands_on_the_chart_is_not_proposed(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query, answer = answered(of, "o2")
        assert "I10" in {one.code for one in proposals_for(query, answer)}
        finished(of, query.encounter)
        assert "I10" not in {one.code for one in proposals_for(query, answer)}


def test_an_answer_that_names_nothing_proposes_nothing(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query, answer = answered(of, "o4")
        assert proposals_for(query, answer) == ()


def test_a_day_without_a_release_proposes_nothing(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query, answer = answered(of, "o1", service_on=date(2014, 1, 2))
        assert proposals_for(query, answer) == ()
