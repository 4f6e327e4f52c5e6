"""The list of claims, one claim with its story, and who sees what of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from claims.actions.making import make_claim
from claims.models import (
    Acknowledgement,
    Appeal,
    Claim,
    ClaimStatus,
    ClaimStep,
    CreditProposal,
    Payer,
    RemittedClaim,
)
from claims.rules.content import ClaimForm, Procedure
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.models import Role
from tests import cast
from tests.claims import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def of() -> scene.Desk:
    place = cast.cypress()
    with cast.opened(place):
        return scene.desk(place)


def browser(user: User) -> Browser:
    found = Browser()
    found.force_login(user)
    return found


def page(of: scene.Desk, user: User, path: str = "") -> Any:
    return browser(user).get(f"/c/{of.place.client.slug}/claims/{path}")


def find(of: scene.Desk, user: User, number: str) -> Any:
    return browser(user).post(f"/c/{of.place.client.slug}/claims/find/", {"number": number})


def listed(answer: Any) -> int:
    return int(answer.content.decode().count('<tr class="row">'))


def viewer_of(of: scene.Desk) -> User:
    return cast.person("Nora Vance", (of.place, Role.CLIENT_VIEWER))


def reads(of: scene.Desk) -> int:
    with cast.opened(of.place):
        rows = AuditEvent.objects.filter(client_id=of.place.client.pk, verb=Verb.CLAIM_VIEWED)
        return int(rows.count())


def test_each_cut_of_the_list_keeps_its_claims_and_no_other(of: scene.Desk) -> None:
    with cast.opened(of.place):
        chart = scene.final_chart(of)
        other = Payer.objects.create(
            client=of.place.client, name="Other Plan", payer_id="OTHR1", filing_code="MB",
            receiver_name="C", receiver_id="CC",
        )  # fmt: skip
        scene.claim(of, chart)
        scene.claim(of, state=ClaimStatus.DENIED, payer=other, total_charge_amount=Decimal(900))
        long_ago = timezone.now() - timedelta(days=50)
        scene.claim(of, state=ClaimStatus.ACCEPTED, submitted_at=long_ago, service_from_on="2026-01-05")
        scene.claim(of, state=ClaimStatus.PARTLY_PAID)
    for query, count in {
        "": 4,
        "state=refused": 2,
        "state=denied": 1,
        "state=out": 1,
        f"payer={other.pk}": 1,
        "least=500": 1,
        "waits=45": 1,
        "waits=60": 0,
        "from=01/01/2026&to=01/31/2026": 1,
        f"coder={of.coder.pk}": 1,
        "form=837I": 0,
        "state=none-such": 4,
    }.items():
        assert listed(page(of, of.manager, f"?{query}")) == count, query
    assert page(of, of.manager, "?from=soon").status_code == 422
    shown = page(of, viewer_of(of), f"?coder={of.coder.pk}").content.decode()
    assert of.coder.full_name not in shown
    assert shown.count('<tr class="row">') == 4
    assert reads(of) == 0


def test_a_claim_is_found_by_either_number_and_no_address_carries_it(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.claim(of, state=ClaimStatus.PAID, payer_control_number="ICN77", control_number="OURS1")
        twin = scene.claim(of, state=ClaimStatus.PAID, payer_control_number="ICN88")
        scene.claim(of, state=ClaimStatus.PAID, payer_control_number="ICN88")
    for number in ("OURS1", " ICN77 "):
        answer = find(of, of.manager, number)
        assert (answer.status_code, answer["Location"]) == (303, f"/c/cypress-ridge/claims/{made.pk}/")
    both = find(of, of.manager, "ICN88")
    assert listed(both) == 2
    assert str(twin.pk) in both.content.decode()
    missed = find(of, of.manager, "NOBODY")
    assert missed.status_code == 422
    assert "No claim of this client has this number" in missed.content.decode()


def test_a_claim_tells_its_whole_story(of: scene.Desk) -> None:
    with cast.opened(of.place):
        chart = scene.final_chart(of)
        before = scene.claim(of, chart, state=ClaimStatus.REPLACED)
        made = scene.claim(
            of, chart, state=ClaimStatus.DENIED, version=2, frequency_code="7", replaces=before,
            adjudicated_at=timezone.now(),
        )  # fmt: skip
        denial = scene.denial(of, made, owner=of.manager)
        ClaimStep.objects.create(
            client=of.place.client, claim=made, kind="denied", at=timezone.now(), by=of.manager,
            by_name=of.manager.full_name, role="manager", note="Call them",
            facts={"paid_amount": "0.00", "denied_amount": "135.00", "reasons": ["CO-97"]},
        )  # fmt: skip
        Acknowledgement.objects.create(
            client=of.place.client, file=scene.payer_file(of, "277CA"), kind="277CA", position=1, claim=made,
            outcome="accepted", category_code="A2", status_code="20", posted_at=timezone.now(),
        )  # fmt: skip
        Appeal.objects.create(
            client=of.place.client, denial=denial, level=1, letter="Dear", requested_amount=Decimal(135),
            made_by=of.manager, made_at=timezone.now(),
        )  # fmt: skip
        CreditProposal.objects.create(
            client=of.place.client, denial=denial, amount=Decimal("41.00"), basis="One line",
            proposed_by=of.manager, proposed_at=timezone.now(),
        )  # fmt: skip
    inside = page(of, of.manager, f"{made.pk}/").content.decode()
    for said in (
        "Theriot", "E11.22", "99213", "CO 97, $135.00", "Coding", "A2 20", "Version 1, original", "Level 1",
        "Rosalind Ames", "refused $135.00", "CO-97", "Call them", "$41.00",
        f"claims/denials/{denial.pk}/", "replacement",
        "Correct, appeal or write off", "Type 2 diabetes mellitus with diabetic chronic kidney disease",
        f"/encounters/{chart.pk}/?version=",
    ):  # fmt: skip
        assert said in inside, said
    assert reads(of) == 1
    assert "$41.00" not in page(of, of.coder, f"{made.pk}/").content.decode(), "a credit is the leaders'"
    with cast.opened(of.place):
        Appeal.objects.filter(client_id=made.client_id).update(state="withdrawn")
    outside = page(of, viewer_of(of), f"{made.pk}/").content.decode()
    for kept in ("Rosalind Ames", "Marguerite Lowell", "Call them", "$41.00", "Level 1"):
        assert kept not in outside, kept
    for said in ("Theriot", "CO 97, $135.00", f"claims/denials/{denial.pk}/", "The coding team"):
        assert said in outside, said


def test_a_reversal_takes_back_what_was_said_of_a_line(of: scene.Desk) -> None:
    with cast.opened(of.place):
        made = scene.claim(of, state=ClaimStatus.PAID, adjudicated_at=timezone.now())
        scene.remitted(of, made)
        undone = scene.remitted(of, made, adjustments=(("CO", "97", "-135.00", "coding"),), status="22")
        scene.remitted(of, made, adjustments=(("CO", "45", "35.00", "not_a_denial"),), paid="100.00")
        assert RemittedClaim.objects.filter(client_id=made.client_id, pk=undone.pk).exists()
    shown = page(of, of.manager, f"{made.pk}/").content.decode()
    assert "CO 97" not in shown
    assert "CO 45, $35.00" in shown
    assert "Reversal of an earlier answer" in shown


def test_a_blocked_claim_says_where_each_problem_is_mended_and_is_checked_again(of: scene.Desk) -> None:
    with cast.opened(of.place):
        chart = scene.final_chart(of, payer_name="Unknown Plan", patient=cast.patient(of.place))
        made = make_claim(actor=of.actor(of.manager), encounter=chart)
    shown = page(of, of.administrator, f"{made.pk}/").content.decode()
    assert "claims/setup/#payers" in shown
    assert "The client</b>: Mend what keeps it" in shown
    assert "send the visit again" in shown
    assert "claims/setup/#payers" not in page(of, of.coder, f"{made.pk}/").content.decode()
    with cast.opened(of.place):
        Payer.objects.filter(client_id=of.place.client.pk, pk=of.payer.pk).update(aliases=["UNKNOWN plan"])
    path = f"/c/cypress-ridge/claims/{made.pk}/check/"
    assert browser(of.coder).post(path).status_code == 403
    assert problems(of, made) >= {"payer.unknown", "patient.address"}
    assert browser(of.administrator).post(path).status_code == 303
    assert "payer.unknown" not in problems(of, made)


def problems(of: scene.Desk, made: Claim) -> set[str]:
    with cast.opened(of.place):
        after = Claim.objects.get(client_id=of.place.client.pk, pk=made.pk)
        return {one["code"] for one in after.problems}


def test_a_chart_leads_to_its_newest_claim_or_says_why_there_is_none(of: scene.Desk) -> None:
    with cast.opened(of.place):
        chart, waiting = scene.final_chart(of), scene.covered(of.place)
        scene.claim(of, chart, state=ClaimStatus.REPLACED)
        newest = scene.claim(of, chart, version=2)
        theirs = scene.final_chart(of)
        scene.claim(of, theirs, coder=cast.coder("Ines Calderon", of.place))
    base = "/c/cypress-ridge/encounters"
    assert f"{base}/{chart.pk}/claim/" in browser(of.coder).get(f"{base}/{chart.pk}/").content.decode()
    answer = browser(of.coder).get(f"{base}/{chart.pk}/claim/")
    assert (answer.status_code, answer["Location"]) == (302, f"/c/cypress-ridge/claims/{newest.pk}/")
    none = browser(of.manager).get(f"{base}/{waiting.pk}/claim/")
    assert none.status_code == 200
    assert "final and released" in none.content.decode()
    colleagues = browser(of.coder).get(f"{base}/{theirs.pk}/claim/")
    assert "with the coder whose codes were billed" in colleagues.content.decode()


def test_a_stay_that_the_client_billed_itself_is_told_from_its_file(of: scene.Desk) -> None:
    stay = scene.content(
        "THEIRS01",
        form=ClaimForm.INSTITUTIONAL,
        facility_code="11",
        procedures=(Procedure("0SRC0J9", cast.today()),),
        drg_code="470",
        admitted_on=cast.today(),
        discharge_status_code="01",
    )
    with cast.opened(of.place):
        made = scene.claim(
            of, state=ClaimStatus.SUBMITTED, content=stay, control_number="THEIRS01", bill_type_code="111",
            drg_code="470", is_billed_by_client=True, drift_count=2,
        )  # fmt: skip
    shown = page(of, viewer_of(of), f"{made.pk}/").content.decode()
    for said in (
        "Theriot, Marguerite", "Institutional 111, sent by the client itself", "0SRC0J9", "470",
        "2 differences from our final codes", f"claims/drift/{made.pk}/", "The payer</b>: Answer the claim.",
    ):  # fmt: skip
        assert said in shown, said
    assert "Open the chart" not in shown
    assert "••RS01" in page(of, of.manager).content.decode()
