"""The measures of claims: what is counted, what opens it, and that the sums and the rules agree."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test import Client as Browser
from django.utils import timezone

from claims.models import BillingProfile, Claim, ClaimStatus
from claims.rules import measures
from claims.rules.cohorts import cohort
from claims.rules.first_pass import First
from claims.selectors.claim_facts import originals, sent_claims
from claims.selectors.cohorts import PARTS, groups_of, sent_between
from coding_ops.tenancy.models import Role
from tests import cast
from tests.claims import scene

PAGE = "/c/cypress-ridge/claims/measures/"
ZONE = ZoneInfo("America/Chicago")
pytestmark = pytest.mark.django_db(transaction=True)
# First answer, its reasons, and whether it was acknowledged before.
ANSWERS: tuple[tuple[First | None, tuple[str, ...], bool], ...] = (
    (First.PAID, (), True),
    (First.DENIED, ("coding", "eligibility"), True),
    (First.DENIED, ("eligibility",), False),
    (First.DENIED, ("unmapped",), True),
    (First.REJECTED, ("coding",), False),
    (First.REJECTED, (), False),
    (First.UNPAID, (), False),
    (None, (), True),
    (None, (), False),
)


def sent(of: scene.Desk, at: datetime) -> None:
    """One claim for each of the answers, a correction, one taken over unanswered, and one not sent."""
    states = {
        First.PAID: ClaimStatus.PAID,
        First.DENIED: ClaimStatus.DENIED,
        First.REJECTED: ClaimStatus.REJECTED,
        First.UNPAID: ClaimStatus.PARTLY_PAID,
        None: ClaimStatus.SUBMITTED,
    }
    for first, categories, is_accepted in ANSWERS:
        made = scene.claim(
            of,
            state=states[first],
            submitted_at=at,
            accepted_at=at + timedelta(hours=1) if is_accepted else None,
            first_response=first or "",
            first_response_at=at + timedelta(days=2) if first else None,
            first_categories=list(categories),
        )
    scene.claim(
        of,
        state=ClaimStatus.DENIED,
        submitted_at=at,
        replaces=made,
        version=2,
        first_response=First.DENIED,
        first_response_at=at + timedelta(days=3),
        first_categories=["coding"],
    )
    scene.claim(of, state=ClaimStatus.REPLACED, submitted_at=at)
    scene.claim(of)


def signed_in(name: str, role: Role, place: cast.Place) -> Browser:
    browser = Browser()
    browser.force_login(cast.person(name, (place, role)))
    return browser


def test_sums_parts_and_rules_agree_claim_by_claim() -> None:
    place = cast.cypress()
    at = timezone.now() - timedelta(days=3)
    with cast.opened(place):
        of = scene.desk(place)
        sent(of, at)
        claims = sent_between(Claim.objects.filter(client_id=place.client.pk), at, at + timedelta(days=1))
        found = cohort(groups_of(claims, ZONE), Decimal("0.95"))
        window = measures.Window(at - timedelta(days=1), timezone.now())
        facts = sent_claims(originals(place.client.pk), window.start)
        by_rule = {
            "passed": measures.first_pass(facts, window),
            "clean": measures.raw(facts, window),
            "accepted": measures.acceptance(facts, window),
            "paid": measures.resolution(facts, window),
        }
        for picked in by_rule.values():
            for part in {one.part for one in picked.counted}:
                ids = set(claims.filter(PARTS[part]).values_list("pk", flat=True))
                assert ids == {one.id for one in picked.counted if one.part == part}, part
        assert claims.filter(PARTS["waiting"]).count() == found.waiting == 2
    assert (found.sent, found.answered) == (9, 7)
    assert found.parts == {"passed": 2, "coding": 2, "other": 2, "unmapped": 1}
    shares = (found.coding, found.at_worst, found.raw, found.accepted, found.resolved)
    assert [(one.hits, one.n) for one in shares] == [(5, 7), (4, 7), (2, 7), (4, 6), (1, 5)]
    assert found.categories == {"coding": 2, "eligibility": 2, "unmapped": 1}
    assert found.mixed == 1
    counted = {name: len(picked.counted) for name, picked in by_rule.items()}
    assert counted == {"passed": 7, "clean": 7, "accepted": 6, "paid": 5}


def test_the_page_shows_coding_beside_raw_and_opens_its_claims() -> None:
    place = cast.cypress()
    at = timezone.now() - timedelta(days=3)
    with cast.opened(place):
        of = scene.desk(place)
        sent(of, at)
        sent(of, timezone.now() - timedelta(days=80))
    browser = Browser()
    browser.force_login(of.manager)
    answer = browser.get(PAGE)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "10 of 14" in html
    assert "too few for a rate" in html
    assert "4 of 14" in html
    assert "This period is young" in html
    month = cast.day_of(at).replace(day=1)
    rows = browser.get(
        f"{PAGE}claims/", {"part": "coding", "from": month.isoformat(), "through": cast.today().isoformat()}
    ).content.decode()
    assert "2 claims" in rows
    assert rows.count('class="rowlk"') == 2
    with cast.opened(place):
        BillingProfile.objects.filter(client_id=place.client.pk).update(maturity_days=2)
    assert "This period is young" not in browser.get(PAGE).content.decode()


def test_who_may_see_them_and_what_is_no_page() -> None:
    place, other = cast.cypress(), cast.harbor()
    with cast.opened(place):
        scene.desk(place)
    viewer = signed_in("Vera Viewer", Role.CLIENT_VIEWER, place)
    assert "No claim was sent in this period" in viewer.get(PAGE).content.decode()
    assert signed_in("Paula Provider", Role.PROVIDER, place).get(PAGE).status_code == 404
    assert signed_in("Hal Harbor", Role.MANAGER, other).get(PAGE).status_code == 404
    days = {"from": "2026-11-01", "through": "2026-11-20"}
    long = {"from": "2020-01-01", "through": "2026-01-01"}
    for wrong in (
        {"part": "all", **days},
        {"part": "sent"},
        {"part": "sent", **long},
        {"part": "sent", **days, "after": "x"},
    ):
        assert viewer.get(f"{PAGE}claims/", wrong).status_code == 404, wrong
