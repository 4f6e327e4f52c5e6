"""A query from draft to close: what moves, what is kept, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from cdi_queries.actions.ending import cancel_query, expire_queries, renew_query
from cdi_queries.actions.routing import record_verbal, redirect_query
from cdi_queries.actions.sending import NotSendable, send_query
from cdi_queries.models import CancelReason, CdiQuery, Channel, ProviderContact, QueryAnswer, QueryStep
from cdi_queries.rules.content import AnswerOption, from_json
from coding_ops.core.errors import Conflict, InvalidInput, Refused
from encounters.actions.coding import Words, assign_code
from encounters.actions.finalize import finalize
from encounters.actions.leases import take_chart, take_next
from encounters.actions.pends import resume_encounter
from encounters.actions.visits import cancel_encounter
from encounters.models import DocumentVersion, Encounter, EncounterStatus, Pend, Provider, WorkItem
from tests import cast
from tests.cdi_queries import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def of() -> scene.Desk:
    return scene.desk(cast.cypress())


def kinds(query: CdiQuery) -> list[str]:
    return [one.kind for one in QueryStep.objects.filter(client_id=query.client_id, query=query)]


def hypertension(made: Encounter) -> list[Words]:
    version = DocumentVersion.objects.filter(client_id=made.client_id, document__encounter=made).earliest(
        "id"
    )
    start = version.text.index("Hypertension")
    return [Words(version.pk, start, start + len("Hypertension"))]


def finished(of: scene.Desk, made: Encounter) -> None:
    actor = of.actor(of.coder)
    item = take_chart(actor=actor, item=cast.item_of(made), now=timezone.now())
    if not made.assignments.filter(client_id=made.client_id).exists():
        assign_code(
            actor=actor, encounter=made, fence=item.fence, system="ICD-10-CM", code="I10",
            evidence=hypertension(made),
        )  # fmt: skip
    finalize(actor=actor, encounter=made, fence=item.fence)
    made.refresh_from_db()


def test_a_query_holds_its_chart_and_its_answer_puts_it_before_all_others(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.chart(of)
        other = scene.chart(of, now=timezone.now() - timedelta(days=3))
        query = scene.sent(of, made)
        made.refresh_from_db()
        pend = Pend.objects.get(client_id=made.client_id, encounter=made)
        assert (made.status, pend.reason, pend.owner_party) == ("pended", "query", "provider")
        with pytest.raises(Refused, match="waits for the answer"):
            resume_encounter(actor=of.actor(of.coder), encounter=made, answer="I want it back")
        scene.answered(of, query)
        made.refresh_from_db()
        pend.refresh_from_db()
        assert (made.status, pend.answer, query.outcome) == ("ready", "Answered", "agreed")
        assert WorkItem.objects.filter(client_id=made.client_id).earliest("order_key").encounter == made
        assert kinds(query) == ["drafted", "sent", "held", "answered", "returned"]
        assert other.status == EncounterStatus.READY
    taken = take_next(actor=of.actor(of.coder), client_ids=[of.place.client.pk])
    assert taken is not None and taken.encounter_id == made.pk


def test_the_answer_is_a_document_of_the_chart_without_the_answers_nobody_gave(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query = scene.sent(of, scene.chart(of))
        scene.answered(of, query, "o2", "Seen on the echocardiogram.")
        text = query.answer_document.text
        assert "Acute systolic heart failure\nSeen on the echocardiogram." in text
        assert "diastolic" not in text and "Unable" not in text


def test_closing_follows_the_final_codes_and_keeps_both_sets(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.chart(of)
        query = scene.sent(of, made)
        scene.answered(of, query)
        finished(of, made)
        query.refresh_from_db()
        assert (query.state, query.codes_before) == ("closed", [])
        assert query.codes_after is not None and [one["code"] for one in query.codes_after] == ["I10"]
        assert query.shift is not None and kinds(query)[-1] == "closed"


def test_a_waiting_query_keeps_a_chart_from_being_final(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.chart(of)
        actor = of.actor(of.coder)
        item = take_chart(actor=actor, item=cast.item_of(made), now=timezone.now())
        query = scene.sent(of, made)
        assert query.pend is None, "another coder's chart is not taken out of their hands"
        assign_code(
            actor=actor, encounter=made, fence=item.fence, system="ICD-10-CM", code="I10",
            evidence=hypertension(made),
        )  # fmt: skip
        with pytest.raises(Refused, match="waits for its answer"):
            finalize(actor=actor, encounter=made, fence=item.fence)
        made.refresh_from_db()
        assert (made.status, made.revision_count) == ("ready", 0)
        cancel_query(actor=of.actor(of.cdi), query=query, reason=CancelReason.DOCUMENTED)
        finalize(actor=actor, encounter=made, fence=item.fence)


@pytest.mark.parametrize(("option", "status"), [("o2", "reopened"), ("o5", "final")])
def test_final_codes_are_opened_again_only_by_an_answer_that_may_change_them(
    of: scene.Desk, option: str, status: str
) -> None:
    with cast.opened(of.place):
        made = scene.chart(of)
        finished(of, made)
        query = scene.sent(of, made)
        assert query.is_retrospective and query.pend is None
        scene.answered(of, query, option)
        made.refresh_from_db()
        assert made.status == status


def test_an_error_of_the_lint_stops_sending_and_changes_nothing(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.chart(of)
        query = scene.draft(of, made, body="Would you agree that this is sepsis?")
        with pytest.raises(NotSendable) as refused:
            send_query(actor=of.actor(of.cdi), query=query, reasons={})
        assert {one.rule for one in refused.value.findings} == {"R8"}
        query.refresh_from_db()
        made.refresh_from_db()
        assert (query.state, query.sent_at, made.status) == ("draft", None, "ready")


def test_a_warning_needs_a_reason_which_is_kept(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.chart(of)
        ids = ("i1", "i2", "i3")
        options = (
            AnswerOption("o1", "Acute systolic heart failure", ids),
            AnswerOption("o2", "Other (please specify)"),
            AnswerOption("o3", "Unable to determine"),
        )
        query = scene.draft(of, made, options=options)
        with pytest.raises(NotSendable, match="say why it may stand"):
            send_query(actor=of.actor(of.cdi), query=query, reasons={})
        sent = send_query(
            actor=of.actor(of.cdi), query=query, reasons={"R5": "The echocardiogram leaves no other type."}
        )
        assert sent.lint_warnings == ["R5"]
        assert "leaves no other type" in (sent.lint or "")


@pytest.mark.parametrize(
    "change",
    [
        "content = 'x'", "lint = NULL", "sent_at = now()", "author_id = author_id + 1", "template_key = 'y'",
        "codes_before = '[1]'", "state = 'draft'",
    ],
)  # fmt: skip
def test_the_database_refuses_to_change_what_was_sent(of: scene.Desk, change: str) -> None:
    with cast.opened(of.place):
        query = scene.sent(of, scene.chart(of))
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE cdi_queries_cdiquery SET {change} WHERE id = %s", [query.pk])
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE cdi_queries_querystep SET by_name = 'x' WHERE query_id = %s", [query.pk])


def test_a_second_answer_is_refused_and_the_first_stands(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query = scene.sent(of, scene.chart(of))
        scene.answered(of, query, "o2")
        with pytest.raises(Conflict, match="has been answered"):
            scene.answered(of, query, "o1")
        assert QueryAnswer.objects.get(client_id=query.client_id).option_id == "o2"


@pytest.mark.parametrize(
    ("option", "words", "message"),
    [("o9", "", "one of the answers"), ("o4", " ", "Write what you mean"), ("", "", "Choose an answer")],
)
def test_an_answer_that_says_nothing_is_refused(
    of: scene.Desk, option: str, words: str, message: str
) -> None:
    with cast.opened(of.place):
        query = scene.sent(of, scene.chart(of))
        with pytest.raises(InvalidInput, match=message):
            scene.answered(of, query, option, words)
        query.refresh_from_db()
        assert query.state == "sent"
        assert not QueryAnswer.objects.filter(client_id=query.client_id).exists()


def test_the_same_question_after_a_clear_answer_is_pressure(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.chart(of)
        scene.answered(of, scene.sent(of, made), "o2")
        with pytest.raises(NotSendable) as refused:
            scene.sent(of, made)
        assert "R15" in {one.rule for one in refused.value.findings}


def test_passing_on_asks_another_provider_with_a_new_clock(of: scene.Desk) -> None:
    with cast.opened(of.place):
        then = timezone.now() - timedelta(hours=50)
        query = scene.sent(of, scene.chart(of), now=then)
        other = Provider.objects.create(client=of.place.client, name="T. Brandt", npi="1999999992")
        moved = redirect_query(
            actor=of.actor(of.doctor), query=query, provider=other, reason="She did the procedure"
        )
        assert (moved.provider, moved.sent_at) == (other, then)
        assert moved.asked_at is not None and moved.asked_at > then + timedelta(hours=49)
        with pytest.raises(Conflict, match="passed on"):
            scene.answered(of, query)


def test_a_provider_who_left_is_not_asked(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.chart(of)
        ProviderContact.objects.create(
            client=of.place.client, provider=scene.provider_of(made), left_on=cast.today()
        )
        with pytest.raises(Refused, match="ask another provider"):
            scene.sent(of, made)


def test_a_query_that_ran_out_gives_the_chart_back_and_can_be_renewed(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.chart(of)
        query = scene.sent(of, made, now=timezone.now() - timedelta(days=15))
        assert expire_queries(client_id=made.client_id, now=timezone.now()) == 1
        assert expire_queries(client_id=made.client_id, now=timezone.now()) == 0
        query.refresh_from_db()
        made.refresh_from_db()
        assert (query.state, made.status) == ("expired", "ready")
        renewed = renew_query(actor=of.actor(of.cdi), query=query)
        made.refresh_from_db()
        assert (renewed.state, made.status) == ("sent", "pended")


def test_a_verbal_query_is_kept_in_the_same_fields(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.chart(of)
        query = scene.draft(of, made)
        query.channel = Channel.VERBAL
        query.save(update_fields=["channel"])
        with pytest.raises(NotSendable, match="who asked"):
            record_verbal(actor=of.actor(of.cdi), query=query, option_id="o2", words="", reasons={})
        assert from_json(query.content).verbal is None
        query.refresh_from_db()
        assert query.state == "draft"


def test_a_value_that_speaks_against_an_answer_and_is_left_out_needs_a_reason(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.chart(
            of, note=scene.NOTE.replace("Hospital course:", "Hospital course: LVEF 60% at the bedside.")
        )
        quotes = ("ejection fraction 30%", "Furosemide 40 mg intravenous twice daily")
        indicators = tuple(scene.indicator(made, quote, n) for n, quote in enumerate(quotes, start=1))
        options = tuple(
            replace(one, indicator_ids=("i1", "i2") if one.indicator_ids else ())
            for one in scene.content(made).options
        )
        query = scene.draft(of, made, indicators=indicators, options=options)
        with pytest.raises(NotSendable, match="LVEF 60%") as refused:
            send_query(actor=of.actor(of.cdi), query=query, reasons={})
        assert {one.rule for one in refused.value.findings} == {"R10"}
        sent = send_query(actor=of.actor(of.cdi), query=query, reasons={"R10": "A bedside estimate."})
        assert sent.lint_warnings == ["R10"]


def test_a_verbal_query_is_not_sent(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query = scene.draft(of, scene.chart(of))
        query.channel = Channel.VERBAL
        query.save(update_fields=["channel"])
        with pytest.raises(Refused, match="by word of mouth"):
            send_query(actor=of.actor(of.cdi), query=query, reasons={})
        query.refresh_from_db()
        assert query.state == "draft"


def test_a_visit_cancelled_meanwhile_neither_stops_the_answer_nor_comes_back(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.chart(of)
        query = scene.sent(of, made)
        made.refresh_from_db()
        cancel_encounter(actor=cast.SYSTEM, encounter=made, now=timezone.now(), by_user_id=None)
        scene.answered(of, query)
        made.refresh_from_db()
        assert (query.state, made.status) == ("answered", "cancelled")
        assert cast.item_of(made).state == "done"
        assert "returned" not in kinds(query)
