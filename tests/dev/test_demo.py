"""The demo: coded through the real actions, the same twice, and never beside real clients by mistake."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import F
from django.test import override_settings
from django.utils import timezone

from cdi_queries.models import CdiQuery
from claims.models import BillingProfile, Claim, CreditProposal, Denial, FileProblem, PayerFile
from code_sets import selectors
from code_sets.models import Code, CodeSetRelease
from coding_ops.accounts.models import User
from coding_ops.audit.ledger import verify_client
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.dev.demo.clock import at
from coding_ops.dev.demo.notes import templates
from coding_ops.dev.demo.people import CLIENTS, PASSWORD, PEOPLE
from coding_ops.dev.demo.plan import Fate, plan
from coding_ops.dev.demo.queries import questions
from coding_ops.tenancy.models import Client
from coding_ops.tenancy.scope import client_transaction
from edit_rules.models import EditOutcome, EditRule
from encounters.models import (
    CodeRevision,
    Encounter,
    EncounterStatus,
    EvidenceLink,
    OwnerParty,
    Pend,
    QuarantineItem,
    WorkItem,
    WorkItemState,
)
from qa_audit.models import AuditLine, Review
from reporting.models import KpiSnapshot, Span
from reporting.rules import dnfc
from reporting.selectors.rows import Question, counted_rows, snapshot_of
from tests import cast

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def release_of_the_demo() -> None:
    """A release that holds every diagnosis of the demo's notes."""
    both = [code for visit in plan(NOW, 7) for code in (*visit.note.codes, *visit.entered)]
    answered = {one.after for one in questions() if one.after}
    codes = sorted({code.code for code in both if code.system == "ICD-10-CM"} | answered)
    release = CodeSetRelease.objects.create(
        system="ICD-10-CM",
        release="test",
        title="The demo's codes",
        published_from=date(2015, 10, 1),
        effective_from=date(2015, 10, 1),
        source="test_demo.py",
        sha256=hashlib.sha256(repr(codes).encode()).hexdigest(),
        code_count=len(codes),
    )
    Code.objects.bulk_create(
        Code(
            release=release,
            code=code,
            position=n,
            kind="subcategory",
            title=f"Title of {code}",
            is_billable=True,
        )
        for n, code in enumerate(codes, start=1)
    )
    selectors.forget_releases()


def run(**options: object) -> str:
    out = StringIO()
    call_command("seed_demo", stdout=out, **options)
    return out.getvalue()


@contextmanager
def opened(slug: str) -> Iterator[None]:
    with client_transaction([Client.objects.get(slug=slug).pk]):
        yield


# --- the plan, without a database ---


def test_every_template_cites_words_that_stand_in_its_text() -> None:
    """``fill`` refuses a quote that is not there, so every variant of every template is drawn here."""
    drawn = Counter(visit.template.name for seed in range(40) for visit in plan(NOW, seed))
    assert set(drawn) == set(templates()) and len(drawn) == 13


def test_the_same_seed_plans_the_same_demo_and_another_does_not() -> None:
    assert plan(NOW, 7) == plan(NOW, 7)
    assert plan(NOW, 7) != plan(NOW, 8)


@pytest.mark.parametrize("hours", [0, 7, 13, 19])
def test_nothing_is_planned_after_now_or_out_of_order(hours: int) -> None:
    now = NOW + timedelta(hours=hours)
    for visit in plan(now, 7):
        assert visit.service_on <= (visit.discharge_on or visit.service_on) <= visit.received_at.date()
        assert visit.received_at <= now
        assert visit.fate not in (Fate.FINAL, Fate.REVISED) or visit.coded_at <= now - timedelta(minutes=25)


def test_the_clock_is_the_true_one_again_after_a_failure() -> None:
    with pytest.raises(ValueError, match="on purpose"), at(NOW - timedelta(days=9)):
        assert timezone.now() == NOW - timedelta(days=9)
        raise ValueError("on purpose")
    assert abs(timezone.now() - datetime.now(UTC)) < timedelta(seconds=5)


# --- filled in ---


@pytest.fixture(scope="module")
def filled(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Filled in once for all tests that only look at it; nothing of it is kept."""
    folder = tmp_path_factory.mktemp("indexes")
    with override_settings(CODE_INDEX_DIR=folder), django_db_blocker.unblock(), transaction.atomic():
        release_of_the_demo()
        yield run()
        transaction.set_rollback(True)
    selectors.forget_releases()


def test_the_demo_has_charts_in_every_state_that_were_really_coded(filled: str) -> None:
    for demo in CLIENTS:
        with opened(demo.slug):
            states = Counter(Encounter.objects.values_list("status", flat=True))
            assert set(states) == set(EncounterStatus.values)
            assert sum(states.values()) >= 55
            assert set(Pend.objects.filter(closed_at=None).values_list("owner_party", flat=True)) == set(
                OwnerParty.values
            )
            waiting = WorkItem.objects.filter(state=WorkItemState.QUEUED)
            assert waiting.filter(due_at__lt=timezone.now()).count() >= 2
            assert waiting.filter(due_at__gt=timezone.now()).count() >= 8
            assert WorkItem.objects.filter(state=WorkItemState.LEASED).count() == 1
            assert QuarantineItem.objects.filter(status="open").exists()
            assert CodeRevision.objects.filter(number=2).count() == 2
            assert KpiSnapshot.objects.filter(name__contains="turnaround").exists()
            finals = Encounter.objects.filter(status=EncounterStatus.FINAL)
            assert not finals.filter(final_at__lte=F("available_at")).exists()
            assert finals.filter(final_at__lt=timezone.now() - timedelta(days=40)).exists()
            assert finals.filter(final_at__gt=timezone.now() - timedelta(days=10)).exists()


def test_every_quote_of_the_demo_is_what_stands_in_its_note(filled: str) -> None:
    for demo in CLIENTS:
        with opened(demo.slug):
            links = EvidenceLink.objects.select_related("document_version")
            assert links.count() > 100
            assert all(link.document_version.text[link.start : link.end] == link.quote for link in links)


def test_the_ledger_of_the_demo_holds_and_tells_the_true_time(filled: str) -> None:
    for demo in CLIENTS:
        client = Client.objects.get(slug=demo.slug)
        with client_transaction([client.pk]):
            verdict = verify_client(client.pk)
            assert verdict.first_break is None and verdict.count > 200
            first = AuditEvent.objects.order_by("seq").first()
            assert first is not None and timezone.now() - first.occurred_at < timedelta(minutes=10)


def test_the_newest_census_of_the_demo_leaves_out_the_cancelled_visits(filled: str) -> None:
    for demo in CLIENTS:
        client = Client.objects.get(slug=demo.slug)
        with client_transaction([client.pk]):
            cancelled = set(Encounter.objects.filter(status="cancelled").values_list("pk", flat=True))
            for kpi in dnfc.KPIS:
                question = Question(kpi, Span.FOUR)
                rows = counted_rows(client, snapshot_of(client, question), question)
                assert rows and cancelled
                assert not cancelled & {row.id for row in rows}


def test_rules_of_the_demo_were_made_before_its_charts_and_have_spoken(filled: str) -> None:
    with client_transaction([Client.objects.get(slug="cypress-ridge").pk]):
        first = EditRule.objects.order_by("number")[0]
        told = EditOutcome.objects.filter(rule="client.1", rule_version__rule=first)
        assert first.payer_name == "Medicare" and told.count() >= 1
        assert Encounter.objects.filter(final_at__lt=first.created_at).count() == 0


def test_a_visit_of_the_demo_comes_in_from_a_named_system(filled: str) -> None:
    with opened(CLIENTS[0].slug):
        received = AuditEvent.objects.filter(verb=Verb.ENCOUNTER_RECEIVED)
        assert set(received.values_list("actor_name", flat=True)) == {"EHR export"}


def test_everybody_of_the_demo_can_sign_in_and_is_printed(filled: str) -> None:
    for person in PEOPLE:
        assert person.email in filled
    assert PASSWORD in filled
    user = User.objects.get(email="rosalind.ames@coding.example")
    assert user.check_password(PASSWORD)


def test_running_again_adds_nothing_and_prints_the_sign_ins_again(filled: str) -> None:
    before = Client.objects.count(), User.objects.count()
    assert run() == filled
    assert (Client.objects.count(), User.objects.count()) == before


@pytest.mark.django_db
def test_a_database_with_clients_of_its_own_is_left_alone() -> None:
    release_of_the_demo()
    cast.place("old-oak", "Old Oak Family Practice")
    said = run()
    assert "no demo data" in said and PASSWORD not in said
    assert list(Client.objects.values_list("slug", flat=True)) == ["old-oak"]
    assert not User.objects.exists()


@pytest.mark.django_db
def test_without_a_release_nothing_is_filled_in() -> None:
    with pytest.raises(Exception, match="No release of ICD-10-CM"):
        run()
    assert not Client.objects.exists() and not User.objects.exists()


def test_reviewers_of_the_demo_found_what_its_coders_slipped(filled: str) -> None:
    lines: Counter[str] = Counter()
    states: Counter[str] = Counter()
    for slug in ("cypress-ridge", "harbor-light", "st-brannoc"):
        with opened(slug):
            states.update(Review.objects.values_list("state", flat=True))
            found = AuditLine.objects.exclude(verdict="AG")
            lines.update(found.values_list("state", flat=True))
            assert Review.objects.filter(state="waiting").exists()
            # The newest scores are those of the lines: nothing in the demo is typed.
            for review in Review.objects.filter(state="closed"):
                kept = review.scores.first()
                assert kept is not None and not kept.is_provisional
    assert states["closed"] >= 15 and states["answering"] >= 1
    assert lines["accepted"] >= 2 and lines["overturned"] >= 1 and lines["draft"] == 0


def test_queries_of_the_demo_were_answered_and_changed_their_codes(filled: str) -> None:
    with opened("st-brannoc"):
        queries = list(CdiQuery.objects.filter(client__slug="st-brannoc").select_related("encounter"))
        states = Counter(one.state for one in queries)
        assert states == {"closed": 7, "sent": 2, "answered": 1, "expired": 1, "draft": 1}
        agreed = [one for one in queries if one.state == "closed" and one.outcome == "agreed"]
        assert agreed
        for one in agreed:
            assert one.codes_before is not None and one.codes_after is not None
            before, after = (
                {line["code"] for line in lines} for lines in (one.codes_before, one.codes_after)
            )
            assert (before - after, after - before) == ({"N179"}, {"N170"})
        waiting = {one.encounter.status for one in queries if one.state == "sent"}
        assert waiting == {"pended"}


def test_claims_of_the_demo_stand_in_every_state_that_its_rooms_show(filled: str) -> None:
    states: Counter[str] = Counter()
    denials: Counter[str] = Counter()
    given: Counter[str] = Counter()
    for demo in CLIENTS:
        with opened(demo.slug):
            states.update(Claim.objects.values_list("state", flat=True))
            denials.update(Denial.objects.values_list("state", flat=True))
            given.update(CreditProposal.objects.values_list("state", flat=True))
            assert not FileProblem.objects.exists()
            assert set(PayerFile.objects.values_list("state", flat=True)) == {"done"}
    assert {"accepted", "rejected", "paid", "denied", "blocked"} <= set(states)
    assert {"open", "working", "overturned", "written_off"} <= set(denials)
    assert set(given) == {"proposed", "approved"}


def test_a_client_of_the_demo_billed_for_itself_until_we_took_over(filled: str) -> None:
    with opened("st-brannoc"):
        first = BillingProfile.objects.get().bills_from_on
        own = list(Claim.objects.filter(is_billed_by_client=True))
        kinds = {one["kind"] for claim in own for one in claim.drift}
        assert first is not None and len(own) >= 6
        assert sum(claim.drift_count == 0 for claim in own) > sum(bool(claim.drift) for claim in own) >= 2
        assert kinds <= {"code_changed", "modifiers", "code_left_out", "poa", "units"}
        assert all(claim.service_from_on < first and claim.state != "submitted" for claim in own)
        ours = Claim.objects.filter(is_billed_by_client=False)
        assert ours and all(claim.service_from_on >= first for claim in ours)
