"""The pages of numbers, through the real middleware: every number opens its rows, and nobody else's."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urljoin

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coding_ops.tenancy.models import Role
from encounters.actions.visits import cancel_encounter
from encounters.models import Encounter, RawFile
from tests import cast
from tests.reporting import build
from tests.reporting.furnished import Office, furnish

pytestmark = pytest.mark.django_db(transaction=True)
LINK = re.compile(r'href="([^"]*dashboard/rows/\?[^"]*)"')
ROW = re.compile(r'<a class="rowlk" href="/c/([a-z-]+)/(?:encounters|queries)/([0-9a-f-]{36})/"')
COUNT = re.compile(r'<span class="num" id="counted">([^<]*)</span>')
CORRECTED = "Corrections since then"


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@pytest.fixture
def office() -> Office:
    return furnish(cast.cypress())


def text_of(browser: Browser, url: str) -> str:
    response = browser.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return response.content.decode()


def rows_behind(browser: Browser, url: str) -> tuple[str, list[str]]:
    """What the list says it counts, and the encounters it lists over all its pages."""
    found: list[str] = []
    said, following = "", url
    while following:
        html = text_of(browser, following)
        assert CORRECTED not in html, following
        said = said or unescape(COUNT.findall(html)[0])
        found += [key for _slug, key in ROW.findall(html)]
        onward = re.search(r'href="([^"]*)" rel="next"', html)
        following = urljoin(following, unescape(onward[1])) if onward else ""
    return said, found


def numbers_on(html: str, base: str) -> list[str]:
    return sorted({urljoin(base, unescape(href)) for href in LINK.findall(html)})


def said_count(said: str) -> int:
    numbers = re.findall(r"([\d,]+) (?:charts?|accounts?|queries|query)$", said)
    return int(numbers[0].replace(",", ""))


def test_every_number_on_the_leaders_page_opens_exactly_its_rows(office: Office) -> None:
    browser = office.browser("Marguerite Lowell", Role.MANAGER)
    html = text_of(browser, f"{office.href}dashboard/")
    links = numbers_on(html, f"{office.href}dashboard/")
    assert len(links) > 60
    for link in links:
        said, rows = rows_behind(browser, link)
        assert len(rows) == len(set(rows)) == said_count(said), link


def test_the_numbers_shown_are_the_numbers_counted(office: Office) -> None:
    html = text_of(office.browser("Marguerite Lowell", Role.MANAGER), office.href)
    cards = re.findall(r'<article class="card kpi">.*?</article>', html, re.S)
    values = {
        unescape(re.search(r">([^<]+)</a></h2>", card)[1]): re.search(r"<strong>([^<]+)</strong>", card)[1]  # type: ignore[index]
        for card in cards
    }
    assert values["Not final coded"] == "12"  # 7 ready, 1 without a note, 4 on hold
    assert values["Backlog"] == "8"  # the 7, and the one the vendor holds itself
    assert values["Coded within the agreed hours"] == "71.4"  # 5 of 7 within 48 hours
    assert values["Charts per hour"] == "2.0"
    assert "Too few to judge" in html
    assert " style=" not in html


@pytest.mark.parametrize("path", ["", "dashboard/", "dashboard/rows/?kpi=dnfc.days", "dashboard/drill/"])
def test_the_pages_of_numbers_are_the_overview_in_the_navigation(office: Office, path: str) -> None:
    html = text_of(office.browser("Marguerite Lowell", Role.MANAGER), office.href + path)
    nav = html.split('<nav class="nav"', 1)[1].split("</nav>", 1)[0]
    assert re.findall(r'aria-current="page">(\w+)', nav) == ["Overview"]


def test_the_rows_of_a_bucket_are_that_bucket(office: Office) -> None:
    browser = office.browser("Marguerite Lowell", Role.MANAGER)
    seen: set[str] = set()
    for party, count in (("vendor", 8), ("client", 2), ("provider", 1), ("payer", 1)):
        _, rows = rows_behind(browser, f"{office.href}dashboard/rows/?kpi=dnfc.accounts&bucket={party}")
        assert len(rows) == count, party
        assert not seen & set(rows)
        seen |= set(rows)
    with cast.opened(office.here):
        waiting = {str(key) for key in Encounter.objects.exclude(status="final").values_list("pk", flat=True)}
    assert seen == waiting


def test_days_are_said_party_by_party_beside_what_is_waited_for_now(office: Office) -> None:
    """Whose days they were and who is waited for now are two questions, and the headings say which."""
    with cast.opened(office.here):
        start = office.now - timedelta(days=10)
        late = build.ready(office.here, office.now - timedelta(days=4), service_on=start.date())
    office.refresh()
    browser = office.browser("Marguerite Lowell", Role.MANAGER)
    html = text_of(browser, f"{office.href}dashboard/rows/?kpi=dnfc.days")
    row = re.sub(r"<[^>]+>", "|", html.split(f"/encounters/{late.pk}/", 1)[1].split("</tr>", 1)[0])
    shares = re.search(r"Client (\d+), Coding vendor (\d+)", row)
    whole = re.search(r"\|(\d+)\.0\|", row)
    assert shares and whole, row
    assert int(shares[1]) + int(shares[2]) == int(whole[1])
    assert int(shares[1]) > int(shares[2]) > 2
    assert "Ready to code" in row
    for heading in ("Whose days", "Status now", "Waiting for now"):
        assert f'<th scope="col" class="t">{heading}</th>' in html
    assert "Counted as" not in html
    assert "Held up then by" in text_of(browser, f"{office.href}dashboard/rows/?kpi=dnfc.accounts")


def test_a_visit_cancelled_by_the_census_is_not_in_it_and_one_cancelled_later_stays(office: Office) -> None:
    browser = office.browser("Marguerite Lowell", Role.MANAGER)
    url = f"{office.href}dashboard/rows/?kpi=dnfc.days"
    _, before = rows_behind(browser, url)
    with cast.opened(office.here):
        gone = Encounter.objects.get(pk=before[0])
        cancel_encounter(actor=cast.SYSTEM, encounter=gone, now=timezone.now(), by_user_id=office.coder.pk)
    assert rows_behind(browser, url)[1] == before
    office.refresh()
    assert sorted(rows_behind(browser, url)[1]) == sorted(before[1:])


def test_what_was_left_out_can_be_opened_too(office: Office) -> None:
    browser = office.browser("Marguerite Lowell", Role.MANAGER)
    reason = "final+before+it+was+available"
    said, rows = rows_behind(browser, f"{office.href}dashboard/rows/?kpi=turnaround.p50&left_out={reason}")
    assert (said, len(rows)) == ("1 chart", 1)


def test_a_correction_after_the_count_is_said_and_not_hidden(office: Office) -> None:
    browser = office.browser("Marguerite Lowell", Role.MANAGER)
    with cast.opened(office.here):
        start = office.now - timedelta(days=2)
        build.finalized(office.here, office.coder, start, start + timedelta(hours=1))
    url = f"{office.href}dashboard/rows/?kpi=turnaround.p50"
    html = text_of(browser, url)
    assert "The number counted 7." in html
    assert "now 8" in html or "make it 8" in html
    office.refresh()
    assert CORRECTED not in text_of(browser, url)


def test_events_after_the_census_do_not_move_its_rows(office: Office) -> None:
    browser = office.browser("Marguerite Lowell", Role.MANAGER)
    url = f"{office.href}dashboard/rows/?kpi=backlog.open"
    _, before = rows_behind(browser, url)
    with cast.opened(office.here):
        build.ready(office.here, timezone.now())
        done = Encounter.objects.get(pk=before[0])
        Encounter.objects.filter(pk=done.pk).update(
            status="final", final_at=timezone.now(), revision_count=1, assigned_coder=office.coder
        )
        build.revision(done, office.coder, 1, timezone.now())
    _, after = rows_behind(browser, url)
    assert after == before


VENDOR_WORDS = ("Rosalind", "per hour", "productivity", "Coder<", "/work/dashboard", "coder=")
INSIDE_WORDS = ("Rosalind", "Ready to code", "On hold", "Reopened", "Vendor")


@pytest.mark.parametrize("role", [Role.CLIENT_VIEWER, Role.CLIENT_ADMIN])
def test_the_client_sees_its_own_and_nothing_of_the_vendors_inside(office: Office, role: Role) -> None:
    browser = office.browser("Nora Vance", role)
    with cast.opened(office.here):
        RawFile.objects.create(
            client=office.here.client,
            connection=office.here.connection,
            filename="theriot-visits.csv",
            sha256=b"x" * 32,
            byte_count=1,
            accepted_count=11,
            quarantined_count=2,
            received_at=office.now,
        )
        cast.add_note(Encounter.objects.filter(status="ready")[0], "A note.", title="Visit note")
    html = text_of(browser, office.href)
    lists = {"encounters/?status=waiting": "3", "intake/": "1", "documents/": "1"}
    for path, count in lists.items():  # no note, a hold on the client, one on a provider
        assert f'<a class="lk num" href="{office.href}{path}">{count}</a>' in html, path
        assert browser.get(office.href + path).status_code == 200
    assert "Visit note" in html
    assert "theriot" not in html  # senders name files after patients
    for word in VENDOR_WORDS:
        assert word not in html, word
    for link in numbers_on(html, office.href):
        said, rows = rows_behind(browser, link)
        assert len(rows) == said_count(said), link
        listed = text_of(browser, link)
        for word in INSIDE_WORDS:
            assert word not in listed, (word, link)


def test_the_clients_counts_are_those_of_the_lists_they_open(office: Office) -> None:
    browser = office.browser("Nora Vance", Role.CLIENT_ADMIN)
    html = text_of(browser, office.href)
    chips = re.findall(r'href="([^"]*\?status=[a-z]+)">[^<]*<b class="num">(\d+)</b>', html)
    assert [count for _href, count in chips] == ["3", "8", "8"]
    for href, count in chips:
        assert len(ROW.findall(text_of(browser, href))) == int(count), href


CLOSED_TO_CLIENTS = (
    "dashboard/",
    "dashboard/?span=7d",
    "dashboard/drill/",
    "dashboard/rows/?kpi=productivity.charts_per_hour",
    "dashboard/rows/?kpi=turnaround.p50&coder=1",
)


@pytest.mark.parametrize("path", CLOSED_TO_CLIENTS)
def test_the_vendors_pages_do_not_exist_for_the_client(office: Office, path: str) -> None:
    assert office.browser("Nora Vance", Role.CLIENT_VIEWER).get(office.href + path).status_code == 404
    leader = office.browser("Marguerite Lowell", Role.MANAGER).get(office.href + path)
    assert leader.status_code == (404 if "coder=" in path else 200)


@pytest.mark.parametrize(
    ("role", "target"),
    [
        (Role.CODER, "/work/"),
        (Role.QA_REVIEWER, "/c/cypress-ridge/encounters/"),
        (Role.CDI_SPECIALIST, "/c/cypress-ridge/encounters/"),
        (Role.PROVIDER, "/c/cypress-ridge/encounters/"),
        (Role.EXTERNAL_AUDITOR, "/c/cypress-ridge/encounters/"),
    ],
)
def test_who_has_no_numbers_is_led_to_their_work(role: Role, target: str) -> None:
    office = Office(cast.cypress(), cast.person("Nobody Yet"), timezone.now())
    browser = office.browser("Ines Calderon", role)
    first = browser.get(office.href)
    assert (first.status_code, first.headers["Location"]) == (302, target)
    for path in ("dashboard/", "dashboard/drill/", "dashboard/rows/?kpi=dnfc.accounts"):
        assert browser.get(office.href + path).status_code == 404


BAD_QUESTIONS = (
    "",
    "kpi=turnaround.p99",
    "kpi=dnfc.accounts&bucket=nobody",
    "kpi=dnfc.accounts&span=year",
    "kpi=dnfc.accounts&through=yesterday",
    "kpi=dnfc.accounts&through=1999-01-01",
    "kpi=dnfc.accounts&facility=' OR 1=1",
)


@pytest.mark.parametrize("query", BAD_QUESTIONS)
def test_a_number_that_was_never_computed_is_not_found(office: Office, query: str) -> None:
    browser = office.browser("Marguerite Lowell", Role.MANAGER)
    assert browser.get(f"{office.href}dashboard/rows/?{query}").status_code == 404


@pytest.mark.parametrize("page", ["0", "-1", "x", "999999999999", "7"])
def test_a_page_that_is_not_there_breaks_nothing(office: Office, page: str) -> None:
    browser = office.browser("Marguerite Lowell", Role.MANAGER)
    assert browser.get(f"{office.href}dashboard/rows/?kpi=dnfc.accounts&page={page}").status_code == 200
    assert browser.get(f"{office.href}dashboard/?span={page}").status_code == 200


def test_a_leader_sees_the_clients_they_lead_and_no_other() -> None:
    mine, coded, foreign = furnish(cast.cypress()), furnish(cast.harbor()), furnish(_third())
    user = cast.person("Marguerite Lowell", (mine.here, Role.MANAGER), (coded.here, Role.CODER))
    browser = Browser()
    browser.force_login(user)
    html = text_of(browser, "/work/dashboard/")
    assert mine.here.client.name in html.split("<main", 1)[1]
    assert coded.here.client.name not in html.split("<main", 1)[1]
    assert foreign.here.client.name not in html
    for link in numbers_on(html, "/work/dashboard/"):
        said, rows = rows_behind(browser, link)
        assert len(rows) == said_count(said), link
    with cast.opened(mine.here):
        own = {str(key) for key in Encounter.objects.values_list("pk", flat=True)}
    _, rows = rows_behind(browser, "/work/dashboard/rows/?kpi=dnfc.accounts")
    assert set(rows) <= own
    assert browser.get(f"{foreign.href}dashboard/").status_code == 404
    assert browser.get(f"{coded.href}dashboard/").status_code == 404


def test_two_clients_together_are_sums_and_open_both() -> None:
    one, two = furnish(cast.cypress()), furnish(cast.harbor(), charts=3)
    user = cast.person("Adaeze Obi", (one.here, Role.VENDOR_ADMIN), (two.here, Role.VENDOR_ADMIN))
    browser = Browser()
    browser.force_login(user)
    html = text_of(browser, "/work/dashboard/")
    assert "Turnaround, median</a>" not in html  # medians of two clients make no median
    said, rows = rows_behind(browser, "/work/dashboard/rows/?kpi=dnfc.accounts")
    assert said == "20 accounts"
    assert len(rows) == 20
    for link in numbers_on(html, "/work/dashboard/"):
        counted, behind = rows_behind(browser, link)
        assert len(behind) == said_count(counted), link


def test_a_coder_has_no_leaders_page(office: Office) -> None:
    browser = Browser()
    browser.force_login(office.coder)
    assert browser.get("/work/dashboard/").status_code == 404
    assert browser.get("/work/dashboard/rows/?kpi=dnfc.accounts").status_code == 404


def test_before_the_first_refresh_the_page_says_so() -> None:
    office = Office(cast.cypress(), cast.person("Nobody Yet"), timezone.now())
    html = text_of(office.browser("Marguerite Lowell", Role.MANAGER), office.href)
    assert "No numbers yet" in html
    assert "0%" not in html
    client = text_of(office.browser("Nora Vance", Role.CLIENT_VIEWER), office.href)
    assert "No figures yet" in client


def test_the_drill_comes_as_a_partial_under_its_row(office: Office) -> None:
    browser = office.browser("Marguerite Lowell", Role.MANAGER)
    url = f"{office.href}dashboard/drill/?specialty=IM"
    partial = browser.get(url, headers={"HX-Request": "true"}).content.decode()
    assert partial.startswith("<div")
    assert "All of them" in partial
    whole = text_of(browser, url)
    assert "<main" in whole
    assert "Nothing waits here" in text_of(browser, f"{office.href}dashboard/drill/?specialty=CARD")


def _queries(browser: Browser, url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        text_of(browser, url)
    return len(seen)


@pytest.mark.parametrize("path", ["", "dashboard/", "dashboard/rows/?kpi=dnfc.accounts", "dashboard/drill/"])
def test_queries_do_not_grow_with_the_rows(path: str) -> None:
    small, large = furnish(cast.cypress(), charts=4), furnish(cast.harbor(), charts=40)
    counts = [
        _queries(place.browser("Marguerite Lowell", Role.MANAGER), place.href + path)
        for place in (small, large)
    ]
    assert counts[0] == counts[1]


def _third() -> cast.Place:
    return cast.place("red-river", "Red River Oncology")
