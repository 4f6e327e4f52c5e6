"""What a link opens, when a code may be sent and counts, and what a mail can hold: pure decisions."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdi_queries.rules import mails
from cdi_queries.rules.links import (
    CodeAnswer,
    CodeFacts,
    LinkFacts,
    LinkTerms,
    Standing,
    code_counts,
    standing_of,
    wait_for_code,
)
from cdi_queries.rules.query_states import QueryState
from cdi_queries.terms.lint import wording

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
TERMS = LinkTerms(digits=6, tries=5, codes=5, resend_seconds=60, session_minutes=30)
OPEN = LinkFacts(QueryState.SENT, True, False, NOW + timedelta(hours=1), None, None)
FRESH = CodeFacts(True, NOW, NOW + timedelta(minutes=15), 1, 0)


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ({}, Standing.OPEN),
        ({"expires_at": NOW}, Standing.EXPIRED),
        ({"revoked_at": NOW}, Standing.REPLACED),
        ({"has_left": True}, Standing.LEFT),
        ({"is_theirs": False}, Standing.PASSED_ON),
        ({"is_theirs": False, "revoked_at": NOW}, Standing.PASSED_ON),
        ({"query_state": QueryState.EXPIRED, "revoked_at": NOW}, Standing.RAN_OUT),
        ({"query_state": QueryState.CANCELLED, "revoked_at": NOW}, Standing.CANCELLED),
        ({"query_state": QueryState.ANSWERED}, Standing.ANSWERED),
        ({"query_state": QueryState.CLOSED, "is_theirs": False}, Standing.ANSWERED),
        ({"query_state": QueryState.CLOSED, "used_at": NOW}, Standing.ANSWERED_HERE),
        ({"query_state": QueryState.DRAFT}, Standing.RAN_OUT),
    ],
)
def test_what_happened_to_the_question_comes_before_what_happened_to_the_link(
    changes: dict[str, object], standing: Standing
) -> None:
    assert standing_of(replace(OPEN, **changes), NOW) is standing  # type: ignore[arg-type]


@given(
    state=st.sampled_from(list(QueryState)),
    theirs=st.booleans(),
    left=st.booleans(),
    used=st.booleans(),
    revoked=st.booleans(),
    hours=st.integers(-3, 3),
)
def test_link_opens_only_a_waiting_question_of_its_own_provider(
    state: QueryState, theirs: bool, left: bool, used: bool, revoked: bool, hours: int
) -> None:
    facts = LinkFacts(
        state, theirs, left, NOW + timedelta(hours=hours), NOW if used else None, NOW if revoked else None
    )
    may = state is QueryState.SENT and theirs and not left and not used and not revoked and hours > 0
    assert (standing_of(facts, NOW) is Standing.OPEN) == may


def test_code_counts_for_its_minutes_and_its_tries() -> None:
    assert code_counts(FRESH, TERMS, NOW) is None
    assert code_counts(FRESH, TERMS, NOW + timedelta(minutes=15)) is CodeAnswer.EXPIRED
    assert code_counts(replace(FRESH, wrong_tries=4), TERMS, NOW) is None
    assert code_counts(replace(FRESH, wrong_tries=5), TERMS, NOW) is CodeAnswer.SPENT
    assert code_counts(replace(FRESH, is_set=False), TERMS, NOW) is CodeAnswer.NONE


def test_codes_are_sent_a_minute_apart_and_five_times() -> None:
    never = CodeFacts(False, None, None, 0, 0)
    assert wait_for_code(never, TERMS, NOW) == timedelta(0)
    assert wait_for_code(FRESH, TERMS, NOW + timedelta(seconds=20)) == timedelta(seconds=40)
    assert wait_for_code(FRESH, TERMS, NOW + timedelta(seconds=60)) == timedelta(0)
    assert wait_for_code(replace(FRESH, codes_sent=5), TERMS, NOW + timedelta(days=1)) is None


def test_mails_take_nothing_of_a_patient_and_say_when_the_link_ends() -> None:
    taken = {
        name
        for maker in (mails.question_mail, mails.code_mail, mails.advisor_mail)
        for name in inspect.signature(maker).parameters
    }
    assert taken == {"place", "link", "until", "sign_in", "again", "code", "minutes", "count"}
    mail = mails.question_mail(
        place="Cypress Ridge", link="https://x/q/t/", until=NOW, sign_in="", again=True
    )
    assert mail.subject == "Reminder: you have a question about your documentation"
    assert "https://x/q/t/\n" in mail.body and "until 11/23/2026 4:00 PM UTC." in mail.body
    assert "sign in" not in mail.body
    assert wording().payment_places(mail.subject + mail.body) == []
