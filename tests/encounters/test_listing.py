"""The lists of a client's encounters and documents, and its charts as people outside see them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.models import Role
from coding_ops.web.context import DOCUMENT_ROLES
from encounters.access import charts_in_reach, charts_to_list
from encounters.actions.coding import Words, assign_code
from encounters.actions.finalize import finalize, reopen
from encounters.actions.leases import release_chart, skip_chart, take_chart
from encounters.actions.pends import Hold, pend_encounter
from encounters.models import (
    Encounter,
    EncounterStatus,
    OwnerParty,
    PendReason,
    Provider,
    SkipReason,
)
from encounters.rules.encounter_states import ReopenReason
from tests import cast

pytestmark = pytest.mark.django_db
REVIEWERS = (Role.QA_REVIEWER, Role.CDI_SPECIALIST, Role.MANAGER, Role.VENDOR_ADMIN)
READERS = (Role.CLIENT_VIEWER, Role.CLIENT_ADMIN)
ROW = re.compile(r'class="rowlk" href="/c/[a-z-]+/encounters/([0-9a-f-]{36})/"')
CODER = "Rosalind Ames"
LEAD_NOTE = "ZqLeadMustLookCanary"
SKIP_NOTE = "ZqSkippedBecauseCanary"
REOPEN_NOTE = "ZqMissedStageCanary"
HOLD_NOTE = "Please send the signed note."


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@dataclass
class Floor:
    """A client with one chart in each state, its coder, and a way to sign in as anybody."""

    here: cast.Place
    coder: User
    charts: dict[str, Encounter]

    @property
    def base(self) -> str:
        return f"/c/{self.here.client.slug}/"

    @property
    def list_href(self) -> str:
        return f"{self.base}encounters/"

    def href(self, name: str) -> str:
        return f"{self.list_href}{self.charts[name].pk}/"

    def person(self, role: Role) -> User:
        if role == Role.CODER:
            return self.coder
        user = cast.person(f"Person {role.value}", (self.here, role))
        if role == Role.PROVIDER:
            with cast.opened(self.here):
                Provider.objects.filter(npi="1999999984").update(user=user)
        return user

    def browser(self, who: Role | User) -> Browser:
        browser = Browser()
        browser.force_login(who if isinstance(who, User) else self.person(who))
        return browser

    def reads(self, verb: Verb = Verb.CHART_LISTED) -> list[AuditEvent]:
        with cast.opened(self.here):
            return list(AuditEvent.objects.filter(client=self.here.client, verb=verb))

    def names_of(self, content: bytes) -> set[str]:
        by_id = {str(chart.pk): name for name, chart in self.charts.items()}
        return {by_id[found] for found in ROW.findall(content.decode())}


def take(coder: User, chart: Encounter) -> int:
    return take_chart(
        actor=cast.actor_for(coder, Role.CODER), item=cast.item_of(chart), now=timezone.now()
    ).fence


def code(coder: User, chart: Encounter, fence: int, value: str, quote: str) -> None:
    version = chart.documents.get().versions.order_by("-number")[0]
    start = version.text.index(quote)
    assign_code(
        actor=cast.actor_for(coder, Role.CODER),
        encounter=chart,
        fence=fence,
        system="ICD-10-CM",
        code=value,
        evidence=[Words(version.pk, start, start + len(quote))],
    )


def hold(coder: User, chart: Encounter, owner: OwnerParty, reason: PendReason, note: str = "") -> None:
    pend_encounter(
        actor=cast.actor_for(coder, Role.CODER),
        encounter=chart,
        fence=take(coder, chart),
        hold=Hold(reason, owner, timezone.localdate() + timedelta(days=3), note),
    )


def _chart(here: cast.Place, number: int, **attributes: Any) -> Encounter:
    return cast.encounter(here, service_on=date(2026, 9, 1) + timedelta(days=number), **attributes)


@pytest.fixture
def floor() -> Iterator[Floor]:
    cast.icd10cm()
    here = cast.cypress()
    coder, other = cast.coder(CODER, here), cast.coder("Marcus Bell", here)
    with cast.opened(here):
        doctor = Provider.objects.create(client=here.client, npi="1999999984", name="A. Thibodeaux")
        names = (
            "final",
            "reopened",
            "for_client",
            "for_provider",
            "for_vendor",
            "for_payer",
            "skipped",
            "held",
        )
        charts = {
            name: _chart(here, number, **({"rendering_provider": doctor} if name == "final" else {}))
            for number, name in enumerate(names)
        }
        charts["in_line"] = _chart(here, 20)
        charts["no_note"] = _chart(here, 21, note=None, status=EncounterStatus.RECEIVED, available_at=None)
        _work(coder, other, charts)
    yield Floor(here, coder, charts)


def _work(coder: User, other: User, charts: dict[str, Encounter]) -> None:
    """Brings each chart to where its name says; drafts carry codes that appear in no final version."""
    actor = cast.actor_for(coder, Role.CODER)
    for name in ("final", "reopened"):
        fence = take(coder, charts[name])
        code(coder, charts[name], fence, "I10", "Hypertension, above goal")
        finalize(actor=actor, encounter=charts[name], fence=fence)
    reopen(actor=actor, encounter=charts["reopened"], reason=ReopenReason.CODER_CORRECTION, note=REOPEN_NOTE)
    fence = take(coder, charts["reopened"])
    code(coder, charts["reopened"], fence, "N1831", "stage 3a")
    release_chart(actor=actor, encounter=charts["reopened"], fence=fence, now=timezone.now())
    hold(coder, charts["for_client"], OwnerParty.CLIENT, PendReason.UNSIGNED_NOTE, HOLD_NOTE)
    hold(other, charts["for_provider"], OwnerParty.PROVIDER, PendReason.CLARIFICATION)
    hold(other, charts["for_vendor"], OwnerParty.VENDOR, PendReason.SECOND_OPINION, LEAD_NOTE)
    hold(other, charts["for_payer"], OwnerParty.PAYER, PendReason.AUTHORIZATION)
    skip_chart(
        actor=actor,
        encounter=charts["skipped"],
        fence=take(coder, charts["skipped"]),
        reason=SkipReason.OTHER,
        note=SKIP_NOTE,
        now=timezone.now(),
    )
    fence = take(coder, charts["held"])
    code(coder, charts["held"], fence, "N1831", "stage 3a")


EVERY = {
    "final", "reopened", "for_client", "for_provider", "for_vendor", "for_payer", "skipped", "held",
    "in_line", "no_note",
}  # fmt: skip
SEEN = {
    **dict.fromkeys((*REVIEWERS, *READERS), EVERY),
    Role.CODER: {"final", "reopened", "for_client", "held"},
    Role.PROVIDER: {"final"},
    Role.EXTERNAL_AUDITOR: {"final"},
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_listed_exactly_the_charts_it_may_open(floor: Floor, role: Role) -> None:
    browser = floor.browser(role)
    answer = browser.get(floor.list_href)
    assert answer.status_code == 200
    assert floor.names_of(answer.content) == SEEN[role]
    opened = {name for name in floor.charts if browser.get(floor.href(name)).status_code == 200}
    assert opened == SEEN[role], "a row that cannot be opened, or a chart that is not listed"


@pytest.mark.parametrize("role", list(Role))
def test_one_list_is_one_read_record_naming_its_encounters(floor: Floor, role: Role) -> None:
    floor.browser(role).get(floor.list_href)
    (record,) = floor.reads()
    assert record.facts["encounters"] == sorted(str(floor.charts[name].pk) for name in SEEN[role])
    assert record.role == role


def test_list_without_rows_says_what_to_do_and_leaves_no_record(floor: Floor) -> None:
    browser = floor.browser(cast.coder("Ines Calderon", floor.here))
    answer = browser.get(floor.list_href)
    assert "Take the next one under Work." in answer.content.decode()
    assert "Theriot" not in answer.content.decode()
    assert floor.reads() == []


def test_what_a_coder_is_listed_is_what_the_door_opens(floor: Floor) -> None:
    for name in (CODER, "Marcus Bell", "Ines Calderon"):
        user = User.objects.filter(full_name=name).first() or cast.coder(name, floor.here)
        actor = cast.actor_for(user, Role.CODER)
        with cast.opened(floor.here):
            listed = set(charts_to_list(actor, floor.here.client.pk).values_list("pk", flat=True))
            assert listed == set(charts_in_reach(actor, floor.here.client.pk).values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("final", {"final"}),
        ("pended", {"for_client", "for_provider", "for_vendor", "for_payer"}),
        ("received", {"no_note"}),
        ("waiting", {"no_note", "for_client", "for_provider"}),
        ("coding", {"reopened", "skipped", "held", "in_line", "for_vendor"}),
        ("cancelled", set()),
    ],
)
@pytest.mark.parametrize("role", [Role.MANAGER, Role.CLIENT_VIEWER])
def test_status_filter_shows_exactly_its_charts(
    floor: Floor, status: str, expected: set[str], role: Role
) -> None:
    answer = floor.browser(role).get(floor.list_href, {"status": status})
    assert floor.names_of(answer.content) == expected


def test_days_are_inclusive_and_wrong_ones_show_nothing(floor: Floor) -> None:
    browser = floor.browser(Role.MANAGER)
    answer = browser.get(floor.list_href, {"from": "09/03/2026", "to": "2026-09-05"})
    assert floor.names_of(answer.content) == {"for_client", "for_provider", "for_vendor"}
    before = len(floor.reads())
    for days in ({"from": "soon"}, {"from": "09/05/2026", "to": "09/03/2026"}):
        answer = browser.get(floor.list_href, days)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.content.decode()
        assert "Theriot" not in answer.content.decode()
    assert len(floor.reads()) == before
    assert browser.get(floor.list_href, {"status": "nonsense"}).status_code == 404


def test_pages_follow_each_other_without_gap_or_repeat_when_all_dates_are_equal(floor: Floor) -> None:
    with cast.opened(floor.here):
        who = cast.patient(floor.here)
        for _ in range(113):
            cast.encounter(floor.here, service_on=date(2026, 10, 1), patient=who, note=None, queued=False)
        expected = [
            str(pk)
            for pk in Encounter.objects.filter(client=floor.here.client)
            .order_by("-service_on", "-pk")
            .values_list("pk", flat=True)
        ]
    browser = floor.browser(Role.MANAGER)
    pages, href = [], floor.list_href
    while href:
        text = browser.get(href).content.decode()
        pages.append(ROW.findall(text))
        found = re.search(r'href="(\?[^"]*)" rel="next"', text)
        href = f"{floor.list_href}{found.group(1)}" if found else ""
        assert "2026" not in href, "a date of service in an address"
        with cast.opened(floor.here):  # a newer visit arrives between two pages
            cast.encounter(floor.here, service_on=date(2026, 11, 1), patient=who, note=None, queued=False)
    assert [len(page) for page in pages] == [50, 50, 23]
    assert [row for page in pages for row in page] == expected
    back = re.search(r'href="(\?[^"]*)" rel="prev"', text)
    assert back is not None
    assert ROW.findall(browser.get(f"{floor.list_href}{back.group(1)}").content.decode()) == pages[1]


def test_row_beside_the_page_that_is_foreign_or_missing_answers_the_same_bytes(floor: Floor) -> None:
    there = cast.harbor()
    with cast.opened(there):
        foreign = cast.encounter(there)
    for role in (Role.MANAGER, Role.CODER, Role.CLIENT_VIEWER):
        browser = floor.browser(role)
        answers = [
            browser.get(floor.list_href, {"after": value})
            for value in (str(foreign.pk), str(uuid.uuid4()), "no-id")
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
    hidden = floor.browser(floor.coder).get(floor.list_href, {"after": str(floor.charts["in_line"].pk)})
    assert hidden.status_code == 404, "a coder learns that a colleague's chart exists"


def test_record_number_finds_its_patient_by_post_alone_with_one_record(floor: Floor) -> None:
    with cast.opened(floor.here):
        who = cast.patient(floor.here, mrn="ZQ-44170", family="Boudreaux", given="Odile")
        charts = [_chart(floor.here, 30 + number, patient=who) for number in range(2)]
    browser = floor.browser(Role.MANAGER)
    answer = browser.post(floor.list_href, {"mrn": " zq-44170 "})
    assert ROW.findall(answer.content.decode()) == [str(chart.pk) for chart in reversed(charts)]
    (record,) = floor.reads()
    assert (record.subject_type, record.subject_id) == ("patient", str(who.pk))
    for typed in ("ZQ-4417", "ZQ-44170 0", "ZQ-44171"):
        answer = browser.post(floor.list_href, {"mrn": typed})
        assert answer.status_code == 200
        assert "No visit with exactly this record number" in answer.content.decode()
    assert browser.post(floor.list_href, {"mrn": ""}).status_code == 422
    assert ROW.findall(browser.get(floor.list_href, {"mrn": "ZQ-44170"}).content.decode()) == ROW.findall(
        browser.get(floor.list_href).content.decode()
    ), "a record number in an address finds nothing"
    assert len(floor.reads()) == 3


def test_record_number_of_a_chart_out_of_reach_answers_like_one_that_nobody_has(floor: Floor) -> None:
    there = cast.harbor()
    with cast.opened(there):
        cast.encounter(there, patient=cast.patient(there, mrn="ZQ-90000"))
    with cast.opened(floor.here):
        cast.encounter(floor.here, patient=cast.patient(floor.here, mrn="ZQ-10000"))
    browser = floor.browser(floor.coder)
    answers = [
        browser.post(floor.list_href, {"mrn": number}).content.decode().replace(number, "")
        for number in ("ZQ-10000", "ZQ-90000", "ZQ-00001")
    ]
    tokens = re.compile(r'value="[A-Za-z0-9]{64}"')
    assert len({tokens.sub("", text) for text in answers}) == 1
    assert floor.reads() == []


def test_client_reads_its_own_words_and_nothing_of_the_inside(floor: Floor) -> None:
    for role in (*READERS, Role.PROVIDER):
        text = floor.browser(role).get(floor.list_href).content.decode()
        for inside in (CODER, "Marcus Bell", LEAD_NOTE, SKIP_NOTE, "lead coder", "Reopened", "Ready to code"):
            assert inside not in text
    text = floor.browser(Role.CLIENT_VIEWER).get(floor.list_href, {"status": "pended"}).content.decode()
    cells = re.findall(r'data-l="Status"><span class="badge[^"]*">([^<]+)<', text)
    assert sorted(cells) == ["Waiting for the payer", "Waiting for you", "Waiting for you", "With the coders"]
    assert "Provider: the provider must clarify" in text


def test_names_out_of_the_data_are_shown_as_text(floor: Floor) -> None:
    with cast.opened(floor.here):
        who = cast.patient(floor.here, family="<b>O'Malley</b>", given='"&')
        _chart(floor.here, 50, patient=who, external_id="V<i>1")
    text = floor.browser(Role.MANAGER).get(floor.list_href).content.decode()
    assert "&lt;b&gt;O&#x27;Malley&lt;/b&gt;, &quot;&amp;" in text
    assert "V&lt;i&gt;1" in text
    assert "<b>O" not in text


def test_list_takes_the_same_queries_for_ten_rows_and_for_forty(floor: Floor) -> None:
    for role in (Role.MANAGER, Role.CLIENT_VIEWER, Role.CODER):
        browser = floor.browser(role)
        with CaptureQueriesContext(connection) as few:
            browser.get(floor.list_href)
        with cast.opened(floor.here):
            for _ in range(15):
                cast.encounter(floor.here)
        with CaptureQueriesContext(connection) as many:
            browser.get(floor.list_href)
        assert len(few) == len(many), "\n".join(q["sql"][:200] for q in many.captured_queries)


# --- the chart, outside -------------------------------------------------------------------------------------

OUTSIDE = (Role.CLIENT_VIEWER, Role.CLIENT_ADMIN, Role.PROVIDER, Role.EXTERNAL_AUDITOR)


@pytest.mark.parametrize("role", OUTSIDE)
def test_final_chart_shows_documents_codes_and_their_words(floor: Floor, role: Role) -> None:
    answer = floor.browser(role).get(floor.href("final"))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert '<mark class="dx" data-codes="1">' in text
    assert 'class="cite" href="#L5"' in text
    assert ">I10<" in text
    assert "Chief complaint" in text
    assert (f"Coded by {CODER}, CPC" in text) == (role == Role.EXTERNAL_AUDITOR)
    assert ("Coded by a certified coder, CPC" in text) == (role != Role.EXTERNAL_AUDITOR)
    assert len(floor.reads(Verb.CHART_VIEWED)) == 1


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("name", sorted(EVERY))
def test_no_chart_shows_a_client_draft_lease_note_or_coder(floor: Floor, role: Role, name: str) -> None:
    browser = floor.browser(role)
    for page in ("", "history/", "compare/"):
        text = browser.get(f"{floor.href(name)}{page}").content.decode()
        inside = (CODER, "Marcus Bell", "Marcus", LEAD_NOTE, SKIP_NOTE, REOPEN_NOTE, "N18.31", "N1831")
        for canary in (*inside, "A lead coder must look", "Locked to", "Held by", "Authorization"):
            assert canary not in text, (page, canary)
    page = browser.get(floor.href(name)).content.decode()
    assert ("I10" in page) == (name in ("final", "reopened"))
    assert (HOLD_NOTE in page) == (name == "for_client")
    with cast.opened(floor.here):
        drafts = list(floor.charts[name].assignments.values_list("pk", flat=True))
    for draft in drafts:
        assert browser.get(f"{floor.href(name)}codes/{draft}/").status_code == 404


def test_auditor_reads_who_finalized_and_nothing_of_the_work_before(floor: Floor) -> None:
    browser = floor.browser(Role.EXTERNAL_AUDITOR)
    text = browser.get(f"{floor.href('final')}history/").content.decode()
    assert f"{CODER}, CPC" in text
    assert "finalized the codes" in text
    assert "took" not in text
    assert "added a code" not in text


def test_form_of_the_coders_is_shown_to_nobody_outside(floor: Floor) -> None:
    for role in (*OUTSIDE, Role.MANAGER):
        browser = floor.browser(role)
        for verb in ("pend", "skip"):
            url = f"{floor.href('final')}{verb}/"
            assert browser.get(url, headers={"HX-Request": "true"}).status_code == 403
            assert browser.post(url, {"fence": "1"}).status_code == 403


def test_evidence_of_an_older_version_leads_to_that_version(floor: Floor) -> None:
    with cast.opened(floor.here):
        old = floor.charts["final"].documents.get().versions.get()
        cast.add_note(floor.charts["final"], cast.NOTE + "\nAddendum: reviewed.\n")
    browser = floor.browser(Role.CLIENT_VIEWER)
    text = browser.get(floor.href("final")).content.decode()
    assert "Progress note v1" in text
    assert "<mark" not in text
    text = browser.get(f"{floor.href('final')}?version={old.pk}").content.decode()
    assert '<mark class="dx" data-codes="1">' in text
    assert "A newer version has arrived" in text


# --- documents ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_documents_answer_those_whose_navigation_names_them(floor: Floor, role: Role) -> None:
    browser = floor.browser(role)
    answer = browser.get(f"{floor.base}documents/")
    assert answer.status_code == (200 if role in DOCUMENT_ROLES else 404)
    home = browser.get(floor.list_href).content.decode()
    assert (f'href="{floor.base}documents/"' in home) == (role in DOCUMENT_ROLES)


def test_documents_are_listed_newest_first_with_versions_and_no_text(floor: Floor) -> None:
    with cast.opened(floor.here):
        cast.add_note(floor.charts["held"], cast.NOTE + "\nAddendum.\n")
        newest = _chart(floor.here, 40)
    text = floor.browser(Role.CLIENT_ADMIN).get(f"{floor.base}documents/").content.decode()
    rows = ROW.findall(text)
    assert rows[0] == str(newest.pk)
    assert len(rows) == len(EVERY) - 1 + 1, "all but the visit without a note"
    assert re.findall(r'data-l="Versions">(\d)<', text).count("2") == 1
    assert "Chief complaint" not in text
    assert "Theriot" not in text
    assert floor.reads() == []


def test_provider_is_listed_documents_of_their_own_visits_only(floor: Floor) -> None:
    text = floor.browser(Role.PROVIDER).get(f"{floor.base}documents/").content.decode()
    assert floor.names_of(text.encode()) == {"final"}
