"""The measures on their pages: every number opens exactly what it counted, for those who may see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import urljoin

import pytest
from django.test import Client as Browser
from django.utils import timezone

from cdi_queries.actions.ending import cancel_query
from cdi_queries.actions.reviews import mark_reviewed, take_back_review
from cdi_queries.models import CancelReason, ChartReview
from code_sets import selectors
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import Conflict, NotAllowed
from coding_ops.tenancy.models import Role
from tests import cast
from tests.cdi_queries import scene
from tests.cdi_queries.scene import Desk

pytestmark = pytest.mark.django_db
LINK = re.compile(r'href="([^"]*measures/rows/\?[^"]*)"')
ROW = re.compile(r'<a class="rowlk" href="/c/cypress-ridge/(?:queries|encounters)/([0-9a-f-]{36})/"')
COUNTED = re.compile(r'id="counted">(?:[^<]*Listed here: )?([\d,]+) ')


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@pytest.fixture
def desk() -> Desk:
    return scene.desk(cast.cypress())


def browser(user: User) -> Browser:
    asked = Browser()
    asked.force_login(user, backend="coding_ops.tenancy.backends.ReachBackend")
    return asked


def page(user: User, path: str = "") -> str:
    answer = browser(user).get(f"/c/cypress-ridge/queries/measures/{path}")
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def furnish(of: Desk) -> datetime:
    """Four charts asked about, one of them cancelled; two read without a question."""
    now = timezone.now()
    with cast.opened(of.place):
        early, late, gone, waits = (
            scene.sent(of, scene.chart(of), now=now - timedelta(days=days), hold=False)
            for days in (20, 12, 8, 1)
        )
        scene.answered(of, early, "o2", now=now - timedelta(days=20) + timedelta(hours=10))
        scene.answered(of, late, "o5", now=now - timedelta(days=12) + timedelta(hours=100))
        cancel_query(actor=of.actor(of.cdi), query=gone, reason=CancelReason.DUPLICATE, note="")
        for _ in range(2):
            mark_reviewed(actor=of.actor(of.cdi), encounter=scene.chart(of), day=cast.today(), now=now)
        assert waits.state == "sent"
    return now


def test_every_number_opens_exactly_the_rows_it_counted(desk: Desk) -> None:
    furnish(desk)
    html = page(desk.manager)
    links = sorted(
        {urljoin("/c/cypress-ridge/queries/measures/", unescape(one)) for one in LINK.findall(html)}
    )
    assert len(links) > 40
    asked = browser(desk.manager)
    for link in links:
        listed = asked.get(link).content.decode()
        counted = COUNTED.search(listed)
        assert counted is not None, link
        rows = ROW.findall(listed)
        assert len(rows) == len(set(rows)) == int(counted[1].replace(",", "")), link


def test_the_numbers_are_those_of_the_queries(desk: Desk) -> None:
    furnish(desk)
    html = page(desk.manager)
    cards = {
        unescape(name): (text, counted)
        for name, text, counted in re.findall(
            r'<article class="card kpi"><h2><a [^>]*>([^<]*)</a></h2><div class="v num">'
            r'<strong>([^<]*)</strong></div>.*?<div class="ci num">[^<]*</div>'
            r'<div class="ci num">([^<]*)</div>',
            html,
        )
    }
    assert cards["Query rate"] == ("3 of 6", "6 charts")
    assert cards["Queries per 100 charts"] == ("3 on 6", "3 queries on 6 charts")
    assert cards["Hours to the answer, median"] == ("10.0 h", "2 queries answered")
    assert cards["Hours to the answer, 90th percentile"][0] == "100.0 h"
    assert cards["Answered in 72 hours"] == ("1 of 2", "2 queries")
    assert cards["Agreement"] == ("1 of 2", "2 queries")
    assert cards["Waiting now"] == ("1", "1 query")
    assert " style=" not in html and "too few for a rate" in html


def test_what_was_left_out_is_named_and_can_be_opened(desk: Desk) -> None:
    furnish(desk)
    today = cast.today()
    days = f"from={today - timedelta(days=28)}&through={today}"
    listed = page(desk.cdi, f"rows/?measure=in_time&left_out=cancelled&{days}")
    assert "Left out: cancelled" in listed
    assert len(ROW.findall(listed)) == 1
    assert "1 query<" in listed
    whole = page(desk.cdi, f"rows/?measure=in_time&{days}")
    assert len(ROW.findall(whole)) == 2


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.CDI_SPECIALIST, 200), (Role.QA_REVIEWER, 200), (Role.CLIENT_VIEWER, 200),
        (Role.CLIENT_ADMIN, 200),
        (Role.CODER, 404), (Role.PROVIDER, 404), (Role.EXTERNAL_AUDITOR, 404),
    ],
)  # fmt: skip
def test_the_pages_exist_for_those_who_have_the_room(desk: Desk, role: Role, status: int) -> None:
    asked = browser(cast.person("Ines Calderon", (desk.place, role)))
    assert asked.get("/c/cypress-ridge/queries/measures/").status_code == status
    day = cast.today().isoformat()
    rows = f"/c/cypress-ridge/queries/measures/rows/?measure=waiting&from={day}&through={day}"
    assert asked.get(rows).status_code == status


@pytest.mark.parametrize(
    "query",
    [
        "", "measure=speed", "measure=rate&from=x&through=y", "measure=rate&part=late",
        "measure=rate&from=2020-01-01&through=2026-11-01", "measure=rate&from=2026-11-02&through=2026-11-01",
    ],
)  # fmt: skip
def test_an_address_that_no_page_links_to_is_not_found(desk: Desk, query: str) -> None:
    days = "" if "from=" in query else "&from=2026-11-01&through=2026-11-02"
    answer = browser(desk.manager).get(f"/c/cypress-ridge/queries/measures/rows/?{query}{days}")
    assert answer.status_code == 404


# --- marks -----------------------------------------------------------------------------------------------


def test_a_chart_is_marked_once_a_day_and_the_mark_can_be_taken_back(desk: Desk) -> None:
    today, now = cast.today(), timezone.now()
    with cast.opened(desk.place):
        made = scene.chart(desk)
    asked = browser(desk.cdi)
    href = f"/c/cypress-ridge/encounters/{made.pk}/query/reviewed/"
    for _ in range(2):
        answer = asked.post(href)
        assert (answer.status_code, answer["Location"]) == (
            303,
            f"/c/cypress-ridge/encounters/{made.pk}/query/",
        )
    with cast.opened(desk.place):
        assert ChartReview.objects.filter(encounter=made).count() == 1
        assert AuditEvent.objects.filter(verb=Verb.CHART_REVIEWED_FOR_QUERIES).count() == 1
        take_back_review(actor=desk.actor(desk.manager), encounter=made, day=today, now=now)
        with pytest.raises(Conflict):
            take_back_review(actor=desk.actor(desk.manager), encounter=made, day=today, now=now)
        mark_reviewed(actor=desk.actor(desk.cdi), encounter=made, day=today, now=now)
        assert ChartReview.objects.filter(encounter=made).count() == 2
        assert ChartReview.objects.filter(encounter=made, withdrawn_at__isnull=True).count() == 1


def test_a_coder_marks_nothing(desk: Desk) -> None:
    with cast.opened(desk.place):
        made = scene.chart(desk)
        with pytest.raises(NotAllowed):
            mark_reviewed(actor=desk.actor(desk.coder), encounter=made, day=cast.today(), now=timezone.now())
        assert not ChartReview.objects.exists()
        assert not AuditEvent.objects.filter(verb=Verb.CHART_REVIEWED_FOR_QUERIES).exists()
