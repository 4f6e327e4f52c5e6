"""Set-up of claims: what is saved, who may, and what a wrong file of charges leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from claims.actions.setup import save_charges, save_payer, save_profile
from claims.models import BillingProfile, Charge, Payer
from claims.rules.charges import ChargeRow
from claims.rules.setup import PayerTerms, Profile
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import NotAllowed
from coding_ops.tenancy.models import Role
from tests import cast
from tests.claims import scene
from tests.tenancy.matrix_claims_setup import PAYER

pytestmark = pytest.mark.django_db
PROFILE = {
    "name": "Cypress Ridge Internal Medicine",
    "npi": scene.NPI,
    "tax_id": "72-1234567",
    "taxonomy_code": "207R00000X",
    "address_line": "100 Levee Road",
    "city": "Thibodaux",
    "state": "LA",
    "postal_code": "70301-0100",
    "submitter_name": "Coding Ops Test",
    "submitter_id": "CODINGOPS",
    "contact_name": "Billing desk",
    "contact_phone": "985-555-0100",
    "bill_hold_days": "5",
    "maturity_days": "45",
    "systemic_count": "3",
    "is_test": "1",
}


@pytest.fixture
def of() -> scene.Desk:
    place = cast.cypress()
    with cast.opened(place):
        return scene.desk(place)


def page(of: scene.Desk, user: User, path: str = "") -> Any:
    return browser(user).get(f"/c/{of.place.client.slug}/claims/setup/{path}")


def post(of: scene.Desk, user: User, path: str, sent: Mapping[str, Any]) -> Any:
    return browser(user).post(f"/c/{of.place.client.slug}/claims/setup/{path}", dict(sent))


def browser(user: User) -> Browser:
    found = Browser()
    found.force_login(user)
    return found


def charges(of: scene.Desk) -> list[tuple[str, Decimal, date, date | None]]:
    with cast.opened(of.place):
        found = Charge.objects.filter(client_id=of.place.client.pk).order_by("code", "starts_on")
        return list(found.values_list("code", "amount", "starts_on", "ends_on"))


def changed(of: scene.Desk, verb: Verb) -> int:
    with cast.opened(of.place):
        return AuditEvent.objects.filter(client_id=of.place.client.pk, verb=verb).count()


def test_a_profile_is_saved_and_what_moved_is_kept_with_both_values(of: scene.Desk) -> None:
    answer = post(of, of.administrator, "profile/", PROFILE)
    assert answer.status_code == 303
    with cast.opened(of.place):
        profile = BillingProfile.objects.get(client_id=of.place.client.pk)
        assert (profile.bill_hold_days, profile.tax_id, profile.postal_code) == (5, "721234567", "703010100")
    assert changed(of, Verb.BILLING_PROFILE_CHANGED) == 1
    story = page(of, of.manager, "changes/").content.decode()
    assert "<del>3</del> <ins>5</ins>" in story
    assert "Paul Whitaker" in story
    # The same again is no change.
    post(of, of.administrator, "profile/", PROFILE)
    assert changed(of, Verb.BILLING_PROFILE_CHANGED) == 1


def test_a_wrong_profile_is_shown_again_with_what_was_typed_and_saves_nothing(of: scene.Desk) -> None:
    answer = post(of, of.manager, "profile/", {**PROFILE, "npi": "1234567890", "bill_hold_days": "x"})
    body = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="npi-err"' in body
    assert 'id="bill_hold_days-err"' in body
    assert 'value="1234567890"' in body
    with cast.opened(of.place):
        assert BillingProfile.objects.get(client_id=of.place.client.pk).npi == scene.NPI
    assert changed(of, Verb.BILLING_PROFILE_CHANGED) == 0


def test_the_first_day_that_is_billed_here_is_kept_shown_and_refused_when_it_is_none(of: scene.Desk) -> None:
    refused = post(of, of.manager, "profile/", {**PROFILE, "bills_from_on": "02/30/2026"})
    assert refused.status_code == 422
    assert 'id="bills_from_on-err"' in refused.content.decode()
    assert changed(of, Verb.BILLING_PROFILE_CHANGED) == 0
    assert post(of, of.manager, "profile/", {**PROFILE, "bills_from_on": "09/01/2026"}).status_code == 303
    with cast.opened(of.place):
        found = BillingProfile.objects.get(client_id=of.place.client.pk)
        assert found.bills_from_on == date(2026, 9, 1)
    assert 'value="09/01/2026"' in page(of, of.manager, "").content.decode()


def test_a_payer_is_made_and_a_name_that_leads_to_another_is_refused(of: scene.Desk) -> None:
    sent = {**PAYER, "aliases": "Another Plan PPO\r\n00777"}
    assert post(of, of.manager, "payers/new/", sent).status_code == 303
    with cast.opened(of.place):
        made = Payer.objects.get(client_id=of.place.client.pk, name="Another Plan")
        assert (made.aliases, made.appeal_days) == (["Another Plan PPO", "00777"], 60)
    answer = post(of, of.manager, f"payers/{of.payer.pk}/", {**PAYER, "name": "another plan ppo"})
    assert answer.status_code == 422
    assert "Another Plan goes by this name already" in answer.content.decode()
    with cast.opened(of.place):
        assert Payer.objects.get(client_id=of.place.client.pk, pk=of.payer.pk).name == scene.PAYER_NAME
    listed = page(of, of.administrator).content.decode()
    assert "Another Plan" in listed
    assert "Not verified" in listed


def test_a_charge_that_begins_later_ends_the_standing_one(of: scene.Desk) -> None:
    sent = {"code": "99213", "amount": "$1,140.50", "starts_on": "01/01/2027"}
    assert post(of, of.manager, "charges/add/", sent).status_code == 303
    assert [row[1:] for row in charges(of) if row[0] == "99213"] == [
        (Decimal("135.00"), date(2020, 1, 1), date(2026, 12, 31)),
        (Decimal("1140.50"), date(2027, 1, 1), None),
    ]
    story = page(of, of.administrator, "changes/").content.decode()
    assert "<b>99213</b>" in story
    assert "<del>—</del> <ins>12/31/2026</ins>" in story
    assert "The coding team" in story
    assert "Marguerite Lowell" not in story
    shown = page(of, of.manager, "charges/?code=99213").content.decode()
    assert "$1,140.50" in shown
    assert "12/31/2026" in shown


def test_a_file_with_one_wrong_line_saves_none_of_it_and_a_right_one_all(of: scene.Desk) -> None:
    before = charges(of)
    bad = b"code,amount,starts_on\r\n99215,220.00,01/01/2026\r\n9921,1.00,01/01/2026\r\n"
    answer = upload(of, bad)
    assert answer.status_code == 422
    assert '<th scope="row" class="num">3</th>' in answer.content.decode()
    assert charges(of) == before
    assert changed(of, Verb.CHARGES_CHANGED) == 0
    answer = upload(of, bad.replace(b"9921,", b"99212,"))
    assert answer.status_code == 303
    assert {row[0] for row in charges(of)} - {row[0] for row in before} == {"99215", "99212"}
    assert changed(of, Verb.CHARGES_CHANGED) == 1
    file = page(of, of.manager, "charges/download/").content.decode()
    assert "99212,,1.00,,01/01/2026," in file
    again = upload(of, file.encode())
    assert again.status_code == 303
    assert changed(of, Verb.CHARGES_CHANGED) == 1


def upload(of: scene.Desk, content: bytes) -> Any:
    return post(of, of.manager, "charges/upload/", {"file": SimpleUploadedFile("charges.csv", content)})


def test_a_charge_ends_on_a_day_and_not_before_it_began(of: scene.Desk) -> None:
    with cast.opened(of.place):
        key = Charge.objects.get(client_id=of.place.client.pk, code="83036").pk
    answer = post(of, of.manager, f"charges/{key}/end/", {"last_on": "12/31/2019"})
    assert answer.status_code == 422
    assert f'id="last-{key}-err"' in answer.content.decode()
    assert post(of, of.manager, f"charges/{key}/end/", {"last_on": "01/31/2026"}).status_code == 303
    assert [row[3] for row in charges(of) if row[0] == "83036"] == [date(2026, 1, 31)]


def test_coders_and_readers_have_no_set_up(of: scene.Desk) -> None:
    viewer = cast.person("Nora Vance", (of.place, Role.CLIENT_VIEWER))
    assert page(of, of.coder).status_code == 404
    assert page(of, viewer).status_code == 404
    actor, client_id = of.actor(of.coder), of.place.client.pk
    before, bare = charges(of), Profile("X", scene.NPI, is_self_billed=True)
    with cast.opened(of.place):
        with pytest.raises(NotAllowed):
            save_profile(actor=actor, client_id=client_id, wanted=bare)
        with pytest.raises(NotAllowed):
            save_payer(
                actor=actor,
                client_id=client_id,
                wanted=PayerTerms("X", "commercial", "XX1", "CI", "Y", "YY"),
            )
        with pytest.raises(NotAllowed):
            row = ChargeRow("99215", Decimal(1), date(2026, 1, 1))
            save_charges(actor=actor, client_id=client_id, rows=[row])
        assert Payer.objects.filter(client_id=client_id).count() == 1
    assert charges(of) == before
