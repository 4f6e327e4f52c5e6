"""The KPIs of claims from the tables to the page: snapshots, and rows that open the claims themselves."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from claims.models import BillingProfile, ClaimStatus
from coding_ops.tenancy.models import Role
from reporting.actions.snapshots import refresh_snapshots
from reporting.models import KpiSnapshot, Span
from tests import cast
from tests.claims import scene

pytestmark = pytest.mark.django_db
D = Decimal
ROW = re.compile(
    r'<a class="rowlk" href="/c/cypress-ridge/(claims|claims/denials|encounters)/([0-9a-f-]{36})/"'
)
CARD = re.compile(r'<article class="card kpi"><h2><a href="([^"]*kpi=(?:first_pass|denials|dnfb)\.[^"]*)"')
BEFORE = {"first_pass.coding": (2, 3), "first_pass.raw": (1, 3), "denials.initial": (2, 3)}


def refresh(of: scene.Desk) -> None:
    refresh_snapshots(actor=cast.SYSTEM, client=of.place.client, through=cast.today(), now=timezone.now())


@pytest.fixture
def desk() -> scene.Desk:
    """One claim paid, one denied for coding, one for coverage, one unanswered; one visit not billed."""
    place, now = cast.cypress(), timezone.now()
    at: dict[str, Any] = {"submitted_at": now - timedelta(days=20), "accepted_at": now - timedelta(days=19)}
    heard: dict[str, Any] = {**at, "first_response_at": now - timedelta(days=5)}
    with cast.opened(place):
        of = scene.desk(place)
        scene.claim(of, state=ClaimStatus.PAID, first_response="paid", **heard)
        coding: dict[str, Any] = {"first_response": "denied", "first_categories": ["coding", "eligibility"]}
        denied = scene.claim(of, state=ClaimStatus.DENIED, **coding, **heard)
        other: dict[str, Any] = {"first_response": "denied", "first_categories": ["eligibility"]}
        scene.claim(of, state=ClaimStatus.DENIED, **other, **heard)
        scene.claim(of, state=ClaimStatus.ACCEPTED, **at)
        scene.denial(of, denied, state="overturned", ended_at=now - timedelta(days=1))
        day = cast.today() - timedelta(days=9)
        cast.encounter(of.place, note=None, queued=False, service_on=day, charge_amount=D("90.00"))
        refresh(of)
    return of


def newest(name: str, **group: str) -> KpiSnapshot:
    keys = dict.fromkeys(KpiSnapshot.GROUP, "") | group
    found: KpiSnapshot = KpiSnapshot.objects.filter(name=name, span=Span.FOUR, **keys).latest("window_end")
    return found


def test_one_refused_claim_moves_first_pass_by_exactly_that_claim(desk: scene.Desk) -> None:
    with cast.opened(desk.place):
        for name, (numerator, denominator) in BEFORE.items():
            found = newest(name)
            assert (found.numerator, found.denominator) == (D(numerator), D(denominator)), name
        assert newest("first_pass.coding").excluded == {"no response yet": 1}
        assert newest("first_pass.coding", bucket="coding").n == 1
        assert newest("denials.overturned").value == D(100)
        assert (newest("dnfb.accounts").n, newest("dnfb.dollars").value) == (1, D(90))
        now = timezone.now()
        scene.claim(
            desk, state=ClaimStatus.REJECTED, submitted_at=now - timedelta(days=1), first_response="rejected",
            first_response_at=now, first_categories=["coding"],
        )  # fmt: skip
        refresh(desk)
        after = newest("first_pass.coding")
        assert (after.numerator, after.denominator) == (D(2), D(4))
        assert newest("denials.initial").denominator == D(3)


def test_a_client_whose_claims_are_not_followed_has_no_number_of_claims(desk: scene.Desk) -> None:
    with cast.opened(desk.place):
        BillingProfile.objects.filter(client_id=desk.place.client.pk).delete()
        refresh(desk)
        names = set(KpiSnapshot.objects.filter(span=Span.FOUR).values_list("name", flat=True))
    assert names
    assert not any(name.startswith(("first_pass.", "denials.", "dnfb.")) for name in names)


def test_a_number_of_claims_opens_its_rows(desk: scene.Desk) -> None:
    browser = Browser()
    reader = cast.person("Paula Whitaker", (desk.place, Role.CLIENT_ADMIN))
    browser.force_login(reader, backend="coding_ops.tenancy.backends.ReachBackend")
    home = browser.get("/c/cypress-ridge/").content.decode()
    cards = [unescape(href) for href in CARD.findall(home)]
    assert len(cards) == 11
    one_of_each = ("first_pass.coding", "denials.initial", "denials.overturned", "dnfb.days")
    for href in [card for card in cards if any(f"kpi={name}&" in card for name in one_of_each)]:
        listed = browser.get(href).content.decode()
        counted = re.search(r'id="counted">[^<]*?([\d,]+) (?:claims?|denials?|accounts?)<', listed)
        rows = ROW.findall(listed)
        assert counted is not None and len(rows) == int(counted[1]), href
    refused = browser.get(
        "/c/cypress-ridge/dashboard/rows/?kpi=denials.initial&bucket=eligibility"
    ).content.decode()
    assert len(ROW.findall(refused)) == 2
    assert "$135.00" in refused
    revenue = "/c/cypress-ridge/dashboard/rows/?kpi=dnfb.days&bucket=revenue"
    assert browser.get(revenue).status_code == 404
