"""Holds: who sees which, who answers, and what stays untouched when nobody may."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.models import Role
from coding_ops.web.context import HOLD_ROLES
from encounters.models import (
    Encounter,
    EncounterStatus,
    OwnerParty,
    Pend,
    PendReason,
    Provider,
    WorkItem,
    WorkItemState,
)
from tests import cast
from tests.encounters.test_listing import ROW, hold

pytestmark = pytest.mark.django_db
ALL = {"client", "provider", "vendor", "payer"}
THEIRS = {"client", "provider"}
SEEN = {
    Role.CODER: {"client", "vendor"},
    Role.QA_REVIEWER: ALL,
    Role.CDI_SPECIALIST: ALL,
    Role.MANAGER: ALL,
    Role.VENDOR_ADMIN: ALL,
    Role.CLIENT_VIEWER: THEIRS,
    Role.CLIENT_ADMIN: THEIRS,
    Role.PROVIDER: {"provider"},
}
ANSWERS = (Role.CODER, Role.MANAGER, Role.VENDOR_ADMIN, Role.PROVIDER, Role.CLIENT_ADMIN)
LEAD_NOTE = "ZqLeadMustLookCanary"
ANSWER = "The signed note was sent today."


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@dataclass
class Waiting:
    """One hold for each party: Rosalind opened the client's and the vendor's, Marcus the others."""

    here: cast.Place
    coder: User
    charts: dict[str, Encounter]

    @property
    def href(self) -> str:
        return f"/c/{self.here.client.slug}/holds/"

    def resume(self, name: str) -> str:
        return f"/c/{self.here.client.slug}/encounters/{self.charts[name].pk}/resume/"

    def browser(self, role: Role) -> Browser:
        user = self.coder if role == Role.CODER else cast.person(f"Person {role.value}", (self.here, role))
        if role == Role.PROVIDER:
            with cast.opened(self.here):
                Provider.objects.filter(npi="1999999984").update(user=user)
        browser = Browser()
        browser.force_login(user)
        return browser

    def listed(self, content: bytes) -> list[str]:
        by_id = {str(chart.pk): name for name, chart in self.charts.items()}
        return [by_id[found] for found in ROW.findall(content.decode())]

    def state(self, name: str) -> tuple[str, str, bool, int]:
        """Status, place in the worklist, whether the hold is open, and events of its end."""
        with cast.opened(self.here):
            chart = Encounter.objects.get(pk=self.charts[name].pk)
            return (
                chart.status,
                WorkItem.objects.get(encounter=chart).state,
                Pend.objects.get(encounter=chart).closed_at is None,
                AuditEvent.objects.filter(
                    client=self.here.client, verb=Verb.ENCOUNTER_RESUMED, subject_id=str(chart.pk)
                ).count(),
            )


ON_HOLD = (EncounterStatus.PENDED, WorkItemState.PENDED, True, 0)
IN_LINE = (EncounterStatus.READY, WorkItemState.QUEUED, False, 1)


@pytest.fixture
def waiting() -> Iterator[Waiting]:
    cast.icd10cm()
    here = cast.cypress()
    coder, other = cast.coder("Rosalind Ames", here), cast.coder("Marcus Bell", here)
    with cast.opened(here):
        doctor = Provider.objects.create(client=here.client, npi="1999999984", name="A. Thibodeaux")
        charts = {name: cast.encounter(here) for name in ("client", "vendor", "payer")}
        charts["provider"] = cast.encounter(here, rendering_provider=doctor)
        hold(coder, charts["client"], OwnerParty.CLIENT, PendReason.UNSIGNED_NOTE, "Send the signed note.")
        hold(other, charts["provider"], OwnerParty.PROVIDER, PendReason.CLARIFICATION)
        hold(coder, charts["vendor"], OwnerParty.VENDOR, PendReason.SECOND_OPINION, LEAD_NOTE)
        hold(other, charts["payer"], OwnerParty.PAYER, PendReason.AUTHORIZATION)
        for days, name in enumerate(("client", "provider", "vendor", "payer")):
            at = timezone.now() - timedelta(days=9 - days)
            Pend.objects.filter(encounter=charts[name]).update(opened_at=at)
    yield Waiting(here, coder, charts)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_listed_exactly_its_holds_longest_wait_first(waiting: Waiting, role: Role) -> None:
    browser = waiting.browser(role)
    answer = browser.get(waiting.href)
    shell = browser.get(f"/c/{waiting.here.client.slug}/encounters/").content.decode()
    assert (f'href="{waiting.href}"' in shell) == (role in HOLD_ROLES)
    if role == Role.EXTERNAL_AUDITOR:
        assert answer.status_code == 404
        return
    order = [name for name in ("client", "provider", "vendor", "payer") if name in SEEN[role]]
    assert waiting.listed(answer.content) == order
    text = answer.content.decode()
    assert (LEAD_NOTE in text) == ("vendor" in SEEN[role])
    assert text.count("/resume/") == (len(order) if role in ANSWERS else 0)
    assert "Theriot" not in text
    assert "Rosalind Ames" not in text.replace("Rosalind Ames: account", "").replace(
        "<b>Rosalind Ames</b>", ""
    )


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", sorted(ALL))
def test_only_who_may_answer_takes_a_chart_off_hold(waiting: Waiting, role: Role, name: str) -> None:
    browser = waiting.browser(role)
    may = role in ANSWERS and name in SEEN.get(role, set())
    page = browser.get(waiting.resume(name))
    answer = browser.post(waiting.resume(name), {"text": ANSWER})
    if may:
        assert page.status_code == 200
        assert "Theriot" in page.content.decode()
        assert answer.status_code == 303
        assert waiting.state(name) == IN_LINE
        with cast.opened(waiting.here):
            pend = Pend.objects.get(encounter=waiting.charts[name])
            assert pend.answer == ANSWER
            assert waiting.charts[name].assigned_coder_id is None
    else:
        assert page.status_code == answer.status_code
        assert answer.status_code in (403, 404, 409)
        assert waiting.state(name) == ON_HOLD
        assert LEAD_NOTE not in page.content.decode() + answer.content.decode()


def test_hold_of_the_vendor_answers_a_client_like_a_chart_that_is_not_on_hold(waiting: Waiting) -> None:
    with cast.opened(waiting.here):
        waiting.charts["none"] = cast.encounter(waiting.here)
    browser = waiting.browser(Role.CLIENT_ADMIN)
    answers = [browser.post(waiting.resume(name), {"text": ANSWER}) for name in ("vendor", "payer", "none")]
    assert {answer.status_code for answer in answers} == {409}
    assert len({answer.content for answer in answers}) == 1
    assert waiting.state("vendor") == ON_HOLD


@pytest.mark.parametrize("typed", ["", "  ", "ok", "x" * 501])
def test_answer_that_says_nothing_comes_back_with_the_reason_and_changes_nothing(
    waiting: Waiting, typed: str
) -> None:
    answer = waiting.browser(Role.CLIENT_ADMIN).post(waiting.resume("client"), {"text": typed})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in text
    assert 'href="#text"' in text
    assert "Send the signed note." in text, "the question stays on the page"
    assert waiting.state("client") == ON_HOLD


def test_second_answer_is_told_that_the_first_was_taken(waiting: Waiting) -> None:
    browser = waiting.browser(Role.CLIENT_ADMIN)
    assert browser.post(waiting.resume("client"), {"text": ANSWER}).status_code == 303
    assert browser.post(waiting.resume("client"), {"text": "Another answer."}).status_code == 409
    assert waiting.state("client") == IN_LINE
    with cast.opened(waiting.here):
        assert Pend.objects.get(encounter=waiting.charts["client"]).answer == ANSWER


def test_answered_hold_moves_to_the_answered_ones_with_its_words(waiting: Waiting) -> None:
    browser = waiting.browser(Role.CLIENT_ADMIN)
    browser.post(waiting.resume("client"), {"text": ANSWER})
    assert waiting.listed(browser.get(waiting.href).content) == ["provider"]
    closed = browser.get(waiting.href, {"show": "closed"})
    assert waiting.listed(closed.content) == ["client"]
    assert ANSWER in closed.content.decode()
    assert "/resume/" not in closed.content.decode()
    assert browser.get(waiting.href, {"show": "nonsense"}).status_code == 404


def test_foreign_and_missing_charts_answer_the_same_bytes_to_every_role(waiting: Waiting) -> None:
    there = cast.harbor()
    with cast.opened(there):
        foreign = cast.encounter(there)
        hold(cast.coder("Beatriz Souza", there), foreign, OwnerParty.CLIENT, PendReason.MISSING_NOTE)
    base = f"/c/{waiting.here.client.slug}/encounters/"
    for role in Role:
        browser = waiting.browser(role)
        answers = [browser.post(f"{base}{pk}/resume/", {"text": ANSWER}) for pk in (foreign.pk, uuid.uuid4())]
        assert {answer.status_code for answer in answers} == {404}, role
        assert len({answer.content for answer in answers}) == 1
    with cast.opened(there):
        assert Encounter.objects.get(pk=foreign.pk).status == EncounterStatus.PENDED


def test_the_question_is_one_recorded_read_and_the_list_is_none(waiting: Waiting) -> None:
    browser = waiting.browser(Role.CLIENT_ADMIN)
    browser.get(waiting.href)
    with cast.opened(waiting.here):
        assert not AuditEvent.objects.filter(verb__in=[Verb.CHART_LISTED, Verb.CHART_VIEWED]).exists()
    browser.get(waiting.resume("client"))
    with cast.opened(waiting.here):
        record = AuditEvent.objects.get(verb=Verb.CHART_VIEWED)
    assert record.subject_id == str(waiting.charts["client"].pk)


def test_pages_of_holds_follow_each_other_when_all_were_opened_at_once(waiting: Waiting) -> None:
    with cast.opened(waiting.here):
        for _ in range(58):
            chart = cast.encounter(waiting.here, note=None)
            hold(waiting.coder, chart, OwnerParty.CLIENT, PendReason.MISSING_NOTE)
        Pend.objects.filter(client=waiting.here.client).update(opened_at=timezone.now())
        expected = [
            str(pk)
            for pk in Pend.objects.filter(owner_party__in=["client", "provider"])
            .order_by("pk")
            .values_list("encounter_id", flat=True)
        ]
    browser = waiting.browser(Role.CLIENT_VIEWER)
    with CaptureQueriesContext(connection) as many:
        text = browser.get(waiting.href).content.decode()
    first, link = ROW.findall(text), re.search(r'href="(\?[^"]*)" rel="next"', text)
    assert link is not None
    with CaptureQueriesContext(connection) as few:
        second = ROW.findall(browser.get(f"{waiting.href}{link.group(1)}").content.decode())
    assert (len(first), len(second)) == (50, 10)
    assert first + second == expected
    assert len(many) + 1 == len(few), "one query more, for the row beside the page"
