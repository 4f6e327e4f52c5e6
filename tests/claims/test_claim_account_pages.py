"""Accounts that are not billed: who is among them, on whom they wait, and what a client's people read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client as Browser
from django.utils import timezone

from claims.models import BillingProfile, ClaimStatus, ClaimStep, ClaimStepKind, Payer
from claims.rules.billing_days import Cause, days_by_party, stretches
from claims.selectors.accounts import accounts_by_id, accounts_of
from coding_ops.tenancy.models import Role
from encounters.models import (
    CodeRevision,
    Encounter,
    EncounterStatus,
    OwnerParty,
    Pend,
    PendReason,
    ReleaseHold,
)
from encounters.rules.deadlines import Party
from tests import cast
from tests.claims import scene

PAGE = "/c/cypress-ridge/claims/accounts/"
ZONE = ZoneInfo("America/Chicago")
pytestmark = pytest.mark.django_db(transaction=True)


def noon(days_ago: int) -> datetime:
    """Noon of a day at the client's."""
    day = cast.today() - timedelta(days=days_ago)
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)


@dataclass
class Office:
    """A client with an account in each standing, all but two served ten days ago."""

    of: scene.Desk
    rows: dict[str, Encounter]


def served(of: scene.Desk, days_ago: int, **attributes: Any) -> Encounter:
    at = noon(days_ago)
    defaults: dict[str, Any] = {"service_on": cast.day_of(at), "received_at": at, "available_at": at}
    return cast.encounter(of.place, note=None, queued=False, **(defaults | attributes))


def final(of: scene.Desk, **attributes: Any) -> Encounter:
    """Final eight days ago."""
    made = served(
        of,
        10,
        status=EncounterStatus.FINAL,
        final_at=noon(8),
        revision_count=1,
        assigned_coder=of.coder,
        **attributes,
    )
    CodeRevision.objects.create(
        client_id=made.client_id,
        encounter=made,
        number=1,
        codes=[],
        finalized_by=of.coder,
        credential="CPC",
        finalized_at=noon(8),
    )
    return made


def hinder(of: scene.Desk, rows: dict[str, Encounter]) -> None:
    """A query since six days, a review since eight, a blocked claim since seven; one claim sent and paid."""
    client = of.place.client
    Pend.objects.create(
        client=client,
        encounter=rows["queried"],
        reason=PendReason.QUERY,
        owner_party=OwnerParty.PROVIDER,
        due_on=cast.today(),
        opened_by=of.coder,
        opened_at=noon(6),
    )
    ReleaseHold.objects.create(
        client=client,
        encounter=rows["review"],
        revision_number=1,
        holder_id=rows["review"].pk,
        words="Plan",
        held_at=noon(8),
    )
    blocked = scene.claim(of, rows["blocked"], state=ClaimStatus.BLOCKED, made_at=noon(7))
    ClaimStep.objects.create(
        client=client,
        claim=blocked,
        kind=ClaimStepKind.BLOCKED,
        at=noon(7),
        facts={"problems": ["address"], "party": "client"},
    )
    scene.claim(
        of,
        rows["billed"],
        state=ClaimStatus.PAID,
        submitted_at=noon(5),
        first_response_at=noon(2),
        first_response="paid",
    )


def office() -> Office:
    place = cast.cypress()
    with cast.opened(place):
        of = scene.desk(place)
        rows = {
            "uncoded": served(of, 10, charge_amount=Decimal("80.00")),
            "fresh": served(of, 2),
            "queried": served(of, 10, status=EncounterStatus.PENDED),
            "review": final(of),
            "blocked": final(of),
            "billed": final(of),
            "staying": served(of, 10, kind="inpatient"),
        }
        hinder(of, rows)
    return Office(of, rows)


def html_of(browser: Browser, **query: str) -> str:
    answer = browser.get(PAGE, query)
    assert answer.status_code == 200
    return answer.content.decode()


def browser_of(office: Office, role: Role) -> Browser:
    browser = Browser()
    browser.force_login(cast.person(f"Pat {role.label}", (office.of.place, role)))
    return browser


def test_each_account_and_each_of_its_days_lies_with_one_party() -> None:
    here = office()
    client_id, now = here.of.place.client.pk, timezone.now()
    with cast.opened(here.of.place):
        profile = BillingProfile.objects.get(client_id=client_id)
        found = {one.id: one for one in accounts_of(profile, now)}
        (billed,) = accounts_by_id(profile, [here.rows["billed"].pk])
        profile.bills_from_on = cast.today() - timedelta(days=9)
        assert {one.id for one in accounts_of(profile, now)} == {here.rows["fresh"].pk}
    assert set(found) == {row.pk for name, row in here.rows.items() if name != "billed"}
    days = {
        name: days_by_party(found[row.pk], now, ZONE) for name, row in here.rows.items() if name != "billed"
    }
    assert days == {
        "uncoded": {Party.VENDOR: 10},
        "fresh": {Party.VENDOR: 2},
        "queried": {Party.VENDOR: 4, Party.PROVIDER: 6},
        "review": {Party.VENDOR: 10},
        "blocked": {Party.VENDOR: 3, Party.CLIENT: 7},
        "staying": {},
    }
    told = [(one.days, one.held.party, one.held.cause) for one in stretches(billed, now, ZONE)]
    assert told == [
        (2, Party.VENDOR, Cause.CODING),
        (3, Party.VENDOR, Cause.SENDING),
        (3, Party.PAYER, Cause.ANSWER),
    ]
    assert found[here.rows["uncoded"].pk].charge_amount == Decimal("80.00")
    assert found[here.rows["blocked"].pk].charge_amount == Decimal("135.00")


def test_a_visit_that_the_patient_pays_for_is_no_account() -> None:
    place, now = cast.cypress(), timezone.now()
    with cast.opened(place):
        of = scene.desk(place)
        made = scene.covered(place, service_on=cast.today() - timedelta(days=10))
        profile = BillingProfile.objects.get(client_id=place.client.pk)
        assert [one.id for one in accounts_of(profile, now)] == [made.pk]
        Payer.objects.filter(pk=of.payer.pk).update(filing_code="09")
        assert accounts_of(profile, now) == []


def test_the_page_counts_lists_and_filters() -> None:
    here = office()
    browser = Browser()
    browser.force_login(here.of.manager)
    html = html_of(browser)
    assert "4 accounts, oldest first" in html
    assert "$215.00" in html  # uncoded 80.00, blocked 135.00
    assert "2 of 4 without a charge" in html
    assert "Codes kept back for review" in html
    assert here.rows["billed"].external_id not in html
    assert "1 account, oldest first" in html_of(browser, party="provider")
    assert "1 account, oldest first" in html_of(browser, party="vendor", cause="review")
    assert here.rows["fresh"].external_id in html_of(browser, age="0-3")
    for wrong in ({"party": "x"}, {"cause": "x"}, {"age": "x"}):
        assert browser.get(PAGE, wrong).status_code == 404
    page = browser.get(f"{PAGE}{here.rows['billed'].pk}/").content.decode()
    assert "First answered" in page
    assert "Waiting for the payer" in page


def test_a_clients_people_read_whose_days_and_not_how_the_vendor_spends_them() -> None:
    here = office()
    viewer = browser_of(here, Role.CLIENT_VIEWER)
    for html in (html_of(viewer), viewer.get(f"{PAGE}{here.rows['review'].pk}/").content.decode()):
        assert "review" not in html.replace("Reviews", "").casefold()
        assert "With the coders" in html
    assert "Claim cannot be written" in html_of(viewer)
    assert viewer.get(PAGE, {"cause": "review"}).status_code == 404
    assert browser_of(here, Role.CODER).get(PAGE).status_code == 404
    assert viewer.get(f"{PAGE}{here.of.payer.pk}/").status_code == 404


def test_without_a_billing_profile_nobody_is_late() -> None:
    here = office()
    with cast.opened(here.of.place):
        BillingProfile.objects.filter(client_id=here.of.place.client.pk).delete()
    browser = Browser()
    browser.force_login(here.of.manager)
    assert "no billing profile yet" in html_of(browser)
    assert browser.get(f"{PAGE}{here.rows['fresh'].pk}/").status_code == 404
