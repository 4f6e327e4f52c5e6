"""The KPIs of queries from the tables to the page: snapshots, and rows that open the queries themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client as Browser
from django.utils import timezone

from cdi_queries.actions.reviews import mark_reviewed
from code_sets import selectors
from coding_ops.tenancy.models import Role
from reporting.actions.snapshots import refresh_snapshots
from reporting.models import KpiSnapshot, Span
from tests import cast
from tests.cdi_queries import scene

pytestmark = pytest.mark.django_db
D = Decimal
ROW = re.compile(r'<a class="rowlk" href="/c/cypress-ridge/(queries|encounters)/([0-9a-f-]{36})/"')


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@pytest.fixture
def desk() -> scene.Desk:
    """Two queries answered, one too late; one waits; one chart raised no question; numbers computed."""
    of, now = scene.desk(cast.cypress()), timezone.now()
    with cast.opened(of.place):
        for days, hours in ((9, 20), (8, 90)):
            asked = scene.sent(of, scene.chart(of), now=now - timedelta(days=days), hold=False)
            scene.answered(of, asked, now=now - timedelta(days=days) + timedelta(hours=hours))
        scene.sent(of, scene.chart(of), now=now - timedelta(hours=30), hold=False)
        mark_reviewed(actor=of.actor(of.cdi), encounter=scene.chart(of), day=timezone.localdate(), now=now)
        refresh_snapshots(
            actor=cast.SYSTEM, client=of.place.client, through=timezone.localdate(), now=timezone.now()
        )
    return of


def newest(name: str, **group: str) -> KpiSnapshot:
    keys = dict.fromkeys(KpiSnapshot.GROUP, "") | group
    found: KpiSnapshot = KpiSnapshot.objects.filter(name=name, span=Span.FOUR, **keys).latest("window_end")
    return found


def test_the_snapshots_hold_the_numbers_of_the_queries(desk: scene.Desk) -> None:
    with cast.opened(desk.place):
        rate, in_time = newest("queries.rate"), newest("queries.in_time")
        assert (rate.numerator, rate.denominator, rate.value) == (D(3), D(4), D(75))
        assert (in_time.numerator, in_time.denominator) == (D(1), D(2))
        assert newest("queries.rate", specialty="IM").n == 4
        assert newest("queries.response_p90").value == D(90)
        assert newest("queries.waiting", bucket="24-48").n == 1
        assert (newest("queries.agreement").value, newest("queries.agreement").n) == (D(100), 2)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.CLIENT_ADMIN])
def test_a_number_of_queries_opens_its_queries(desk: scene.Desk, role: Role) -> None:
    browser = Browser()
    browser.force_login(
        cast.person("Paul Whitaker", (desk.place, role)), backend="coding_ops.tenancy.backends.ReachBackend"
    )
    home = browser.get("/c/cypress-ridge/").content.decode()
    assert "What providers answered" in home and "Queries waiting, by age" in home
    cards = re.findall(r'<article class="card kpi"><h2><a href="([^"]*kpi=queries\.[^"]*)"', home)
    assert len(cards) == 7
    for href in map(unescape, cards):
        listed = browser.get(href).content.decode()
        counted = re.search(r'id="counted">[^<]*?([\d,]+) (?:charts?|query|queries)<', listed)
        rows = ROW.findall(listed)
        assert counted is not None and len(rows) == int(counted[1]), href
        kind = "encounters" if "queries.rate" in href or "per_hundred" in href else "queries"
        assert {one for one, _ in rows} == {kind}
    left = browser.get("/c/cypress-ridge/dashboard/rows/?kpi=queries.in_time&bucket=late").content.decode()
    assert len(ROW.findall(left)) == 1 and "Query about visit" in left and "N. Okafor" in left
