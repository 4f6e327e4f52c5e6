"""The room of drift: what it counts, what it shows to whom; codes only on a page that notes the read."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from claims.actions.drift import compare_waiting
from claims.actions.posting.claims_837 import post_837
from claims.models import BillingProfile, Claim
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.actor import system_actor
from encounters.models import Encounter
from tests import cast
from tests.claims import scene
from tests.rules.claims.x12_claims import Billed, claims_file

pytestmark = pytest.mark.django_db
URL = "/c/cypress-ridge/claims/drift/"
ACTOR = system_actor("tests")


@pytest.fixture(autouse=True)
def _plain_files(settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@pytest.fixture
def of() -> scene.Desk:
    here = cast.cypress()
    with cast.opened(here):
        desk = scene.desk(here)
        BillingProfile.objects.filter(client=here.client).update(is_self_billed=True)
        return desk


def chart(of: scene.Desk, **attributes: Any) -> Encounter:
    with cast.opened(of.place):
        return scene.final_chart(of, service_on=cast.today(), **attributes)


def billed(number: str, **attributes: Any) -> Billed:
    """As the chart of today was finalized, but for what is given."""
    return Billed(number, day=cast.today(), **attributes)


def post(of: scene.Desk, *claims: Billed) -> None:
    with cast.opened(of.place):
        file = scene.payer_file(of, "837")
    text = claims_file(*claims)
    post_837(file=file, text=text, progress=lambda count: None, now=timezone.now())


def the_claim(of: scene.Desk, number: str) -> Claim:
    with cast.opened(of.place):
        found: Claim = Claim.objects.get(client=of.place.client, control_number=number)
        return found


def views(of: scene.Desk) -> int:
    with cast.opened(of.place):
        return AuditEvent.objects.filter(verb=Verb.CLAIM_VIEWED).count()


def signed_in(user: Any) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def test_the_list_counts_each_standing_and_shows_no_code(of: scene.Desk) -> None:
    first, second = chart(of), chart(of)
    same = billed(second.external_id)
    post(of, billed(first.external_id, service="99214", codes=("E1122", "I10")), same, billed("NOBODY"))
    page = signed_in(of.manager).get(URL).content.decode()
    assert first.external_id in page and second.external_id not in page and "NOBODY" not in page
    assert "2 compared, " in page and "Code left out" in page
    assert "99214" not in page and "I10" not in page and views(of) == 0
    browser = signed_in(of.administrator)
    assert second.external_id in browser.get(URL + "?show=same").content.decode()
    assert "NOBODY" in browser.get(URL + "?show=no-chart").content.decode()
    units = browser.get(URL + "?kind=units").content.decode()
    assert first.external_id not in units and "No claim fits this filter" in units
    assert first.external_id in browser.get(URL + "?kind=code_changed").content.decode()
    assert signed_in(of.coder).get(URL).status_code == 404


def test_a_claim_beside_the_final_codes_is_a_noted_read(of: scene.Desk) -> None:
    visit = chart(of)
    post(of, billed(visit.external_id, service="99213:25", units="2", codes=("N1831", "E1122")))
    claim = the_claim(of, visit.external_id)
    page = signed_in(of.administrator).get(f"{URL}{claim.pk}/").content.decode()
    for words in ("Another first diagnosis", "N18.31", "Modifiers", "99213-25 × 2", "Units", "place 2"):
        assert words in page
    assert "Rosalind Ames" not in page
    assert views(of) == 1


def test_a_claim_that_we_wrote_has_no_page_here(of: scene.Desk) -> None:
    with cast.opened(of.place):
        ours = scene.claim(of)
    assert signed_in(of.manager).get(f"{URL}{ours.pk}/").status_code == 404
    assert views(of) <= 1


def test_a_chart_that_comes_late_and_codes_that_change_are_compared(of: scene.Desk) -> None:
    post(of, billed("LATE1", service="99214"))
    assert the_claim(of, "LATE1").encounter_id is None
    visit = chart(of, external_id="LATE1")
    assert compare_waiting(actor=ACTOR, client_id=of.place.client.pk) == 1
    claim = the_claim(of, "LATE1")
    assert (claim.encounter_id, claim.drift_count, claim.revision_number) == (visit.pk, 1, 1)
    assert compare_waiting(actor=ACTOR, client_id=of.place.client.pk) == 0
    with cast.opened(of.place):
        assert AuditEvent.objects.filter(verb=Verb.CLAIM_COMPARED).count() == 1
        Claim.objects.filter(pk=claim.pk).update(revision_number=None, drift_count=None, drift=[])
    assert compare_waiting(actor=ACTOR, client_id=of.place.client.pk) == 1
    assert the_claim(of, "LATE1").drift_count == 1
