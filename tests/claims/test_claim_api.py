"""Claims and files of payers through the API: sent raw or as JSON, kept once, read with a record."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client as Browser

from claims.api import views
from claims.models import ClaimStatus, PayerFile, PayerFileChunk
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.models import Role
from tests import cast
from tests.claims import scene
from tests.rules.claims.test_claim_payer_files import REMITTANCE, interchange

pytestmark = pytest.mark.django_db
TEXT = interchange(REMITTANCE)


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(views, "enqueue", lambda name, **ids: names.append(name))
    return names


def browser_for(user: Any) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def reads(here: cast.Place) -> dict[str, int]:
    with cast.opened(here):
        verbs = (Verb.CLAIM_VIEWED, Verb.CLAIM_FILE_VIEWED)
        return {verb.value: AuditEvent.objects.filter(verb=verb).count() for verb in verbs}


def test_a_file_is_sent_as_the_body_and_known_as_json(sent: list[str], settings: Any) -> None:
    here = cast.cypress()
    url = f"/api/v1/clients/{here.client.slug}/claim-files/"
    browser = browser_for(cast.person("Paul Whitaker", (here, Role.CLIENT_ADMIN)))
    raw = browser.post(url, TEXT.encode(), content_type="application/edi-x12")
    assert (raw.status_code, raw.json()["kind"], raw.json()["state"], sent) == (
        201, "835", "received", ["claims.read_files"],
    )  # fmt: skip
    again = browser.post(url, json.dumps({"content": TEXT, "filename": "x"}), content_type="application/json")
    assert (again.status_code, again.json()["id"], again.json()["is_new"]) == (200, raw.json()["id"], False)
    with cast.opened(here):
        assert bytes(PayerFileChunk.objects.get().content) == TEXT.encode()
        assert PayerFile.objects.get().door == "api"
    odd = browser.post(url, b"\x00", content_type="application/edi-x12")
    assert odd.status_code == 201 and odd.json()["kind"] == "unknown"
    assert browser.post(url, b"", content_type="application/edi-x12").status_code == 422
    assert browser.post(url, "{}", content_type="application/json").status_code == 422
    assert browser.post(url, TEXT, content_type="text/plain").status_code == 415
    settings.INTAKE_MAX_BYTES = 50
    assert browser.post(url, TEXT + " ", content_type="application/edi-x12").status_code == 413
    listed = browser.get(url, {"kind": "835"}).json()
    assert [one["id"] for one in listed["results"]] == [raw.json()["id"]]
    first = browser.get(url, {"limit": 1}).json()
    second = browser.get(url, {"limit": 1, "cursor": first["next"]}).json()
    assert second["results"][0]["id"] == raw.json()["id"] and second["next"] is None
    assert browser.get(f"{url}{raw.json()['id']}/").json()["set_aside"] == []
    assert reads(here)["claim_file.viewed"] == 4
    with cast.opened(here):
        assert PayerFile.objects.count() == 2


def test_a_claim_is_read_whole_with_a_record_and_its_coder_is_the_vendors_to_know() -> None:
    here = cast.cypress()
    with cast.opened(here):
        of = scene.desk(here)
        chart = scene.final_chart(of)
        claim = scene.claim(of, chart, state=ClaimStatus.DENIED)
        scene.remitted(of, claim)
        other = scene.claim(of, chart, state=ClaimStatus.READY, version=2)
    url = f"/api/v1/clients/{here.client.slug}/claims/"
    manager, client = browser_for(of.manager), browser_for(of.administrator)
    listed = manager.get(url).json()["results"]
    assert {one["id"] for one in listed} == {str(claim.pk), str(other.pk)}
    assert [one["state"] for one in manager.get(url, {"state": "denied"}).json()["results"]] == ["denied"]
    first = manager.get(url, {"limit": 1}).json()
    rest = manager.get(url, {"limit": 1, "cursor": first["next"]}).json()
    assert {first["results"][0]["id"], rest["results"][0]["id"]} == {str(claim.pk), str(other.pk)}
    assert rest["next"] is None
    assert reads(here)["claim.viewed"] == 0
    whole = manager.get(f"{url}{claim.pk}/").json()
    assert whole["diagnoses"][0]["code"] and whole["lines"][0]["charge"].count(".") == 1
    (adjustment,) = whole["answers"][0]["adjustments"]
    assert (adjustment["group"], adjustment["carc"], adjustment["amount"]) == ("CO", "97", "135.00")
    assert "coder" in whole["inside"]
    assert reads(here)["claim.viewed"] == 1
    assert "inside" not in client.get(f"{url}{claim.pk}/").json()
    assert manager.get(url, {"cursor": "x"}).status_code == 422
