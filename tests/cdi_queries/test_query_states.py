"""The life of a query against its table: by any sequence of acts, and by SQL that goes past the actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from cdi_queries.actions.ending import cancel_query, close_query, expire_queries, renew_query
from cdi_queries.actions.sending import send_query
from cdi_queries.models import CancelReason, CdiQuery, QueryStep
from cdi_queries.models.queries import ANSWERED_COLUMNS, SENT_COLUMNS
from cdi_queries.rules.content import digest_of
from cdi_queries.rules.query_states import STEPS, QueryState, QueryVerb, allowed_pairs, step
from coding_ops.core.errors import Conflict
from encounters.models import Encounter
from tests import cast
from tests.cdi_queries import scene
from tests.cdi_queries.test_query_core import finished

verbs = st.lists(st.sampled_from(QueryVerb), max_size=7)


@given(verbs)
def test_no_sequence_leaves_the_table(sequence: list[QueryVerb]) -> None:
    state, answered = QueryState.DRAFT, False
    for verb in sequence:
        if (state, verb) not in STEPS:
            with pytest.raises(Conflict):
                step(state, verb)
            continue
        state = step(state, verb)
        answered = answered or verb is QueryVerb.ANSWER
    assert (state in (QueryState.ANSWERED, QueryState.CLOSED)) == answered


def test_an_answer_is_final_and_the_ends_are_ends() -> None:
    after = {before: {end for (start, _), end in STEPS.items() if start is before} for before in QueryState}
    assert after[QueryState.ANSWERED] == {QueryState.CLOSED}
    assert after[QueryState.CLOSED] == after[QueryState.CANCELLED] == set()
    assert QueryState.DRAFT not in {end for ends in after.values() for end in ends}


@pytest.fixture
def of() -> scene.Desk:
    return scene.desk(cast.cypress())


def acts(of: scene.Desk, query: CdiQuery) -> dict[QueryVerb, Callable[[], object]]:
    """Each verb by its action, as the CDI specialist, the provider or the clock does it."""
    cdi = of.actor(of.cdi)

    def expire() -> None:
        later = timezone.now() + timedelta(days=30)
        if expire_queries(client_id=query.client_id, now=later) == 0:
            raise Conflict("Nothing ran out.")

    return {
        QueryVerb.SEND: lambda: send_query(actor=cdi, query=query, reasons={}),
        QueryVerb.ANSWER: lambda: scene.answered(of, query, "o5"),
        QueryVerb.CLOSE: lambda: close_query(actor=cdi, query=query),
        QueryVerb.CANCEL: lambda: cancel_query(actor=cdi, query=query, reason=CancelReason.NOT_NEEDED),
        QueryVerb.EXPIRE: expire,
        QueryVerb.RENEW: lambda: renew_query(actor=cdi, query=query),
    }


@pytest.mark.django_db
def test_actions_follow_the_table_and_a_refused_one_changes_nothing(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.chart(of)
        finished(of, made)

        @settings(max_examples=8, deadline=None)
        @given(verbs)
        def run(sequence: list[QueryVerb]) -> None:
            with transaction.atomic():
                _play(of, scene.draft(of, made), sequence)
                transaction.set_rollback(True)

        run()


def _play(of: scene.Desk, query: CdiQuery, sequence: list[QueryVerb]) -> None:
    """Does each act, and compares the row with the table after it."""
    words = query.content
    for verb in sequence:
        before = _standing(query)
        expected = STEPS.get((QueryState(query.state), verb))
        if expected is None:
            with pytest.raises(Conflict), transaction.atomic():
                acts(of, query)[verb]()
            assert _standing(query) == before
            continue
        acts(of, query)[verb]()
        query.refresh_from_db()
        assert query.state == expected.value
        assert query.content == words
        if query.sent_at is not None:
            assert bytes(query.content_sha256 or b"") == digest_of(words)


def _standing(query: CdiQuery) -> tuple[Any, ...]:
    row = CdiQuery.objects.filter(client_id=query.client_id, pk=query.pk).values_list(
        "state", "ended_at", "answered_at", "provider_id", "escalation_level"
    )[0]
    return (*row, QueryStep.objects.filter(client_id=query.client_id, query=query).count())


# --- past the actions, as the application's own role -------------------------------------------------


def refused(statement: str, *values: Any) -> bool:
    """Whether the database refuses a statement; what it let pass is taken back."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            transaction.set_rollback(True)
    except DatabaseError:
        return True
    return False


def in_state(of: scene.Desk, state: QueryState) -> CdiQuery:
    """A query in a state, about a final chart; one that ran out may stand beside no other."""
    made: Encounter = scene.chart(of)
    finished(of, made)
    query = scene.draft(of, made)
    for verb in {
        QueryState.DRAFT: (),
        QueryState.SENT: (QueryVerb.SEND,),
        QueryState.ANSWERED: (QueryVerb.SEND, QueryVerb.ANSWER),
        QueryState.CLOSED: (QueryVerb.SEND, QueryVerb.ANSWER, QueryVerb.CLOSE),
        QueryState.CANCELLED: (QueryVerb.SEND, QueryVerb.CANCEL),
        QueryState.EXPIRED: (QueryVerb.SEND, QueryVerb.EXPIRE),
    }[state]:
        acts(of, query)[verb]()
        query.refresh_from_db()
    assert query.state == state
    return query


@pytest.mark.django_db
def test_the_database_takes_the_steps_of_the_table_and_no_others(of: scene.Desk) -> None:
    whole = (
        "UPDATE cdi_queries_cdiquery SET state = %s, ended_at = now(), cancel_reason = 'duplicate',"
        " answered_at = coalesce(answered_at, now()), outcome = CASE WHEN outcome = '' THEN 'agreed' ELSE"
        " outcome END, sent_at = coalesce(sent_at, now()), asked_at = now(), expires_at = now(),"
        " content_sha256 = coalesce(content_sha256, decode(repeat('00', 32), 'hex')),"
        " lint = coalesce(lint, ''::bytea) WHERE id = %s"
    )
    with cast.opened(of.place):
        for before in QueryState:
            query = in_state(of, before)
            for after in QueryState:
                if after is before:
                    continue
                expected = (before, after) not in allowed_pairs()
                assert refused(whole, after.value, query.pk) == expected, f"{before} to {after}"


#: Another value of each column that must not change, as SQL.
OTHER = {
    "content": "'x'::bytea", "content_sha256": "'x'::bytea", "lint": "'x'::bytea", "lint_edition": "'0'",
    "lint_warnings": "'{R1}'", "kind": "'yes_no'", "channel": "'verbal'", "author_id": "author_id + 1",
    "author_credential": "'X'", "encounter_id": "gen_random_uuid()", "template_key": "'x'",
    "template_version": "99", "trigger_key": "'x'", "sent_at": "sent_at + interval '1 second'",
    "is_retrospective": "NOT is_retrospective", "codes_before": "'[1]'", "outcome": "'disagreed'",
    "answered_at": "answered_at + interval '1 second'", "provider_id": "gen_random_uuid()",
    "answer_document_id": "NULL",
}  # fmt: skip


@pytest.mark.django_db
def test_no_column_of_what_was_sent_or_answered_can_be_rewritten(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query = in_state(of, QueryState.ANSWERED)
        for column in (*SENT_COLUMNS, *ANSWERED_COLUMNS):
            statement = f"UPDATE cdi_queries_cdiquery SET {column} = {OTHER[column]} WHERE id = %s"
            assert refused(statement, query.pk), column
        assert not refused("UPDATE cdi_queries_cdiquery SET internal_note = NULL WHERE id = %s", query.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["querystep", "queryanswer"])
def test_steps_and_answers_are_only_ever_added(of: scene.Desk, table: str) -> None:
    with cast.opened(of.place):
        query = in_state(of, QueryState.ANSWERED)
        assert refused(f"UPDATE cdi_queries_{table} SET by_name = 'x' WHERE query_id = %s", query.pk)
        assert refused(f"DELETE FROM cdi_queries_{table} WHERE query_id = %s", query.pk)


@pytest.mark.django_db
def test_a_second_answer_row_is_refused_by_the_database(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query = in_state(of, QueryState.ANSWERED)
        copied = (
            "INSERT INTO cdi_queries_queryanswer (id, client_id, query_id, provider_id, by_name, answered_by,"
            " option_id, sha256, at) SELECT gen_random_uuid(), client_id, query_id, provider_id, by_name,"
            " answered_by, option_id, sha256, at FROM cdi_queries_queryanswer WHERE query_id = %s"
        )
        assert refused(copied, query.pk)
