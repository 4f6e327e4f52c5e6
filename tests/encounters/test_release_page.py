"""The page of code sets: what is loaded, what is missing, and open charts whose codes end."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from code_sets import selectors
from code_sets.code_ends import troubles
from code_sets.models import Code, CodeSetRelease, EditTableRelease
from code_sets.release_status import Standing, loaded_releases, statuses
from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.models import CodeAssignment, Encounter, EncounterKind, EncounterStatus
from encounters.selectors.release_impact import charts_of, groups_of, impact
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date(2026, 11, 23)


def browser_of(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user, backend="coding_ops.tenancy.backends.ReachBackend")
    return browser


def text_of(answer: Any) -> str:
    """The words of a page, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def put(chart: Encounter, *codes: str, system: str = "ICD-10-CM") -> None:
    """Codes on an open chart, as they were assigned when their release was in force."""
    maker = User.objects.order_by("pk").first() or cast.person("Adder Of Codes")
    for position, code in enumerate(codes, 1):
        CodeAssignment.objects.create(
            client_id=chart.client_id,
            encounter=chart,
            kind="dx",
            system=system,
            code=code,
            position=position,
            created_by=maker,
        )


def release(name: str, first: date, last: date | None, codes: dict[str, bool], **more: Any) -> CodeSetRelease:
    """A small release of ICD-10-CM; `codes` says which of its entries are billable."""
    made = CodeSetRelease.objects.create(
        system="ICD-10-CM",
        release=name,
        title=f"Test {name}",
        published_from=first,
        published_through=more.get("published_through", last),
        effective_from=first,
        effective_to=last,
        source=f"{name}.txt",
        sha256=hashlib.sha256(name.encode()).hexdigest(),
        code_count=len(codes),
    )
    ends: dict[str, date] = more.get("ends", {})
    Code.objects.bulk_create(
        Code(
            release=made,
            code=code,
            position=at,
            kind="subcategory",
            title=code,
            is_billable=billable,
            valid_from=first if code in ends else None,
            valid_to=ends.get(code),
        )
        for at, (code, billable) in enumerate(codes.items(), 1)
    )
    selectors.forget_releases()
    return made


@pytest.fixture(autouse=True)
def _own_indexes(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.CODE_INDEX_DIR = tmp_path
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    selectors.forget_releases()
    yield
    selectors.forget_releases()


@pytest.fixture
def two_years() -> None:
    """FY2026 ends on 9/30; in FY2027 I158 is gone, I159 is new, and E08 became a heading."""
    old = {"I10": True, "I158": True, "E08": True}
    release("2026", date(2025, 10, 1), date(2026, 9, 30), old)
    release("2027", date(2026, 10, 1), None, {"I10": True, "I159": True, "E08": False})


def counted(client_ids: list[int]) -> dict[date | None, int]:
    return {one.group.ends_on: one.charts for one in impact(client_ids, groups_of(client_ids, TODAY))}


@pytest.mark.usefixtures("two_years")
def test_open_charts_are_counted_by_what_is_wrong_with_their_codes() -> None:
    here = cast.cypress()
    with cast.opened(here):
        old, new = date(2026, 9, 15), date(2026, 10, 2)
        put(cast.encounter(here, service_on=old), "I10", "I158", "E08")  # two codes that end: one chart
        put(cast.encounter(here, service_on=old), "I10")
        put(cast.encounter(here, service_on=old), "I158")
        put(cast.encounter(here, service_on=new), "I158")  # not in force any more
        put(cast.encounter(here, service_on=old), "I159")  # not in force yet
        put(cast.encounter(here, service_on=new), "E08", "I159")  # a heading now
        put(cast.encounter(here, service_on=new), "I10", "I159")
        assert counted([here.client.id]) == {None: 3, date(2026, 9, 30): 2}


@pytest.mark.usefixtures("two_years")
def test_a_stay_is_judged_by_its_discharge_and_final_charts_are_left_out() -> None:
    here = cast.cypress()
    days: dict[str, Any] = {"service_on": date(2026, 9, 28), "discharge_on": date(2026, 10, 3)}
    with cast.opened(here):
        stay = cast.encounter(here, kind=EncounterKind.INPATIENT, **days)
        put(stay, "I158")
        put(cast.encounter(here, kind=EncounterKind.OFFICE, **days), "I158")
        done = cast.encounter(here, queued=False, **days, kind=EncounterKind.INPATIENT)
        put(done, "I158")
        Encounter.objects.filter(pk=done.pk).update(status=EncounterStatus.CANCELLED)
        groups = groups_of([here.client.id], TODAY)
        assert [(group.ends_on, list(charts_of(here.client.id, group))) for group in groups] == [
            (None, [stay]),
            (date(2026, 9, 30), list(Encounter.objects.filter(client=here.client, kind="office"))),
        ]


@pytest.mark.usefixtures("two_years")
def test_ends_are_told_near_today_only_and_of_the_clients_asked_for() -> None:
    here, there = cast.cypress(), cast.harbor()
    with cast.opened(here, there):
        put(cast.encounter(there, service_on=date(2026, 9, 15)), "I158")
        assert counted([here.client.id]) == {}
        assert counted([there.client.id]) == {date(2026, 9, 30): 1}
    used = {("ICD-10-CM", "I158"): (date(2026, 9, 15), date(2026, 9, 15))}
    assert troubles(used, ends_from=date(2026, 10, 1), ends_to=date(2027, 1, 1)) == []


def test_a_code_with_days_of_its_own_ends_on_its_last_day() -> None:
    codes = {"I10": True, "I158": True}
    release("2026", date(2025, 10, 1), None, codes, ends={"I158": date(2026, 11, 30)})
    used = {("ICD-10-CM", "I158"): (date(2026, 9, 15), date(2026, 12, 2))}
    found = troubles(used, ends_from=date(2026, 9, 1), ends_to=date(2027, 1, 1))
    assert [(one.first, one.last, one.ends_on) for one in found] == [
        (date(2026, 12, 1), date.max, None),
        (date(2025, 10, 1), date(2026, 11, 30), date(2026, 11, 30)),
    ]


def test_a_system_stands_as_its_releases_say() -> None:
    release("2026", date(2025, 10, 1), None, {"I10": True}, published_through=date(2026, 9, 30))
    on = {
        day: {one.system.name: one for one in statuses(loaded_releases(), day)}
        for day in (TODAY, date(2026, 1, 1))
    }
    assert on[date(2026, 1, 1)]["ICD-10-CM"].standing is Standing.IN_FORCE
    assert on[TODAY]["ICD-10-CM"].standing is Standing.PAST_END
    assert on[TODAY]["NCCI-ADDON"].standing is Standing.NOT_LOADED
    assert on[TODAY]["CMS-HCC-V28"].standing is Standing.PACKAGED


@pytest.mark.usefixtures("two_years")
def test_the_page_says_what_is_loaded_missing_and_unverified() -> None:
    EditTableRelease.objects.create(
        system="NCCI-ADDON",
        release="2026q3",
        title="NCCI add-on codes 2026q3",
        published_from=date(2026, 7, 1),
        published_through=date(2026, 9, 30),
        effective_from=date(2026, 7, 1),
        source="AOC_V2026Q3-MCR.txt",
        sha256="ab12cd34ef567890" + "0" * 48,
        row_count=7465,
        data=b"x",
        note="4 edits of other quarters left out.",
    )
    told = text_of(browser_of(cast.coder("Rosalind Ames", cast.cypress())).get("/work/code-sets/"))
    for words in (
        "ICD-10-CM 2027 Today from 10/01/2026",
        "AOC_V2026Q3-MCR.txt 4 edits of other quarters left out. ab12cd34ef56",
        "7,465",
        "Past its end 2026q3",
        "Published until 09/30/2026, no newer release is loaded. The next one is due: quarterly.",
        "Not done without it: pairs of services on professional claims.",
        "CMS-HCC V28, payment year 2027 normalization 1.079, coding adjustment 0.059, share 1.00 Unverified",
        "CMS-HCC V28, payment year 2024 normalization 1.015, coding adjustment 0.059, share 0.33 Verified",
    ):
        assert words in told, words
    assert "Open charts" not in told


@pytest.mark.usefixtures("two_years")
def test_a_lead_goes_from_the_count_to_the_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    here, there = cast.cypress(), cast.harbor()
    lead = cast.person("Marguerite Lowell", (here, Role.MANAGER), (there, Role.CODER))
    with cast.opened(here, there):
        chart = cast.encounter(here, service_on=date(2026, 9, 15))
        put(chart, "I10", "I158")
        put(cast.encounter(there, service_on=date(2026, 9, 15)), "I158")
    browser = browser_of(lead)
    page = browser.get("/work/code-sets/")
    assert "1 open chart uses codes that end on 09/30/2026" in text_of(page)
    href = f"/work/code-sets/charts/?client={here.client.slug}&why=2026-09-30"
    assert href in unescape(page.content.decode())
    assert f"client={there.client.slug}" not in unescape(page.content.decode())
    charts = browser.get(href)
    assert f"Visit {chart.external_id} 09/15/2026 I15.8 Ready to code" in text_of(charts)
    assert f"/c/{here.client.slug}/encounters/{chart.pk}/" in charts.content.decode()
    assert chart.patient.family_name not in charts.content.decode()


def test_the_charts_of_a_client_are_for_who_leads_it() -> None:
    here, there = cast.cypress(), cast.harbor()
    lead = cast.person("Marguerite Lowell", (here, Role.MANAGER), (there, Role.CODER))
    asked = {
        slug: browser_of(lead).get("/work/code-sets/charts/", {"client": slug}).status_code
        for slug in (here.client.slug, there.client.slug, "nobody", "")
    }
    assert list(asked.values()) == [200, 404, 404, 404]
    assert (
        browser_of(lead)
        .get("/work/code-sets/charts/", {"client": here.client.slug, "why": "soon"})
        .status_code
        == 404
    )
    viewer = cast.person("Nora Vance", (here, Role.CLIENT_VIEWER))
    assert browser_of(viewer).get("/work/code-sets/").status_code == 404


@pytest.mark.usefixtures("two_years")
def test_the_list_of_charts_is_paged() -> None:
    here = cast.cypress()
    lead = cast.person("Marguerite Lowell", (here, Role.MANAGER))
    with cast.opened(here):
        for day in range(52):
            put(cast.encounter(here, service_on=date(2026, 11, 1) + timedelta(days=day // 4)), "I158")
    href = f"/work/code-sets/charts/?client={here.client.slug}&why=invalid"
    first = browser_of(lead).get(href)
    assert first.content.decode().count('class="rowlk"') == 50
    (following,) = re.findall(r'href="(\?[^"]*after[^"]*)"', first.content.decode())
    second = browser_of(lead).get("/work/code-sets/charts/" + unescape(following))
    assert second.content.decode().count('class="rowlk"') == 2


@pytest.mark.usefixtures("two_years")
def test_the_number_of_charts_does_not_show_in_the_number_of_queries() -> None:
    here = cast.cypress()
    browser = browser_of(cast.person("Marguerite Lowell", (here, Role.MANAGER)))
    list_href = f"/work/code-sets/charts/?client={here.client.slug}&why=invalid"
    counts = []
    for _ in range(2):
        with cast.opened(here):
            for day in range(6):
                put(cast.encounter(here, service_on=date(2026, 11, 1) + timedelta(days=day)), "I158", "E08")
        asked = []
        for href in ("/work/code-sets/", list_href):
            browser.get(href)
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(href).status_code == 200
            asked.append(len(queries))
        counts.append(asked)
    assert counts[0] == counts[1]
    assert counts[0] <= [9, 9]
