"""A claim follows from a final chart, or says what is missing; setting that right makes it whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from claims.actions.hearing import bill_chart
from claims.actions.making import make_claim, new_control_number, recheck
from claims.models import BillingProfile, Charge, Claim, ClaimLine, ClaimStatus, ClaimStep, Payer
from claims.rules.content import from_json
from claims.selectors.due import charts_without_claim
from coding_ops.core.errors import Refused
from coding_ops.tenancy.scope import client_transaction
from encounters.models import CodeRevision, Coverage, Encounter, EncounterStatus
from tests import cast
from tests.claims import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Iterator[scene.Desk]:
    place = cast.place("cypress-ridge", "Cypress Ridge")
    with client_transaction([place.client.pk]):
        yield scene.desk(place)


def make(of: scene.Desk, chart: Encounter) -> Claim:
    return make_claim(actor=cast.SYSTEM, encounter=chart)


def test_a_final_chart_becomes_a_claim_that_can_go_out(desk: scene.Desk) -> None:
    chart = scene.final_chart(desk, services=(("99213", ("25",)), ("83036", ())))
    assert list(charts_without_claim(chart.client_id)) == [chart]
    made = make(desk, chart)
    assert (made.state, made.form, made.version) == (ClaimStatus.READY, "837P", 1)
    assert (made.total_charge_amount, made.payer) == (Decimal("160.00"), desk.payer)
    assert made.coder == desk.coder
    assert len(made.control_number) == 14
    assert chart.external_id not in made.control_number
    content = from_json(made.content)
    assert content.control_number == made.control_number
    assert [one.code for one in content.diagnoses] == ["E1122", "N1831"]
    assert [(one.code, one.modifiers, one.pointers) for one in content.lines] == [
        ("99213", ("25",), (1, 2)),
        ("83036", (), (1, 2)),
    ]
    assert content.subscriber.family_name == "THERIOT"
    assert content.subscriber.address is not None
    assert content.subscriber.address.postal_code == "703010100"
    assert content.rendering is not None
    assert (content.rendering.family_name, content.rendering.identifier) == ("OKAFOR", "1888888884")
    revision = CodeRevision.objects.get(client_id=chart.client_id, encounter=chart)
    lines = list(ClaimLine.objects.filter(client_id=chart.client_id, claim=made))
    assert [str(one.assignment_id) for one in lines] == [
        row["id"] for row in revision.codes if row["kind"] == "px"
    ]
    assert [one.kind for one in steps(made)] == ["made"]
    assert not charts_without_claim(chart.client_id).exists()


def test_what_is_missing_is_told_and_mending_it_makes_the_claim_whole(desk: scene.Desk) -> None:
    Charge.objects.filter(client_id=desk.place.client.pk, code="83036").delete()
    chart = scene.final_chart(desk, services=(("99213", ()), ("83036", ())))
    chart.patient.address = None
    chart.patient.save(update_fields=["address"])
    made = make(desk, chart)
    assert made.state == ClaimStatus.BLOCKED
    assert made.content is None
    assert [(one["code"], one["where"]) for one in made.problems] == [
        ("patient.address", "patient"),
        ("line.charge", "charges"),
    ]
    assert not ClaimLine.objects.filter(client_id=chart.client_id, claim=made).exists()
    assert [(one.kind, one.facts.get("party")) for one in steps(made)] == [
        ("made", None),
        ("blocked", "client"),
    ]

    scene.at_home(chart.patient)
    assert recheck(actor=cast.SYSTEM, claim=made).state == ClaimStatus.BLOCKED
    Charge.objects.create(
        client=desk.place.client, code="83036", amount=Decimal("25.00"), starts_on=chart.service_on
    )
    whole = recheck(actor=cast.SYSTEM, claim=made)
    assert (whole.pk, whole.state, whole.problems) == (made.pk, ClaimStatus.READY, [])
    assert from_json(whole.content).control_number == made.control_number
    assert ClaimLine.objects.filter(client_id=chart.client_id, claim=made).count() == 2
    assert [one.kind for one in steps(made)] == ["made", "blocked", "blocked", "cleared"]


def test_an_unsent_claim_gives_way_and_a_sent_one_stays(desk: scene.Desk) -> None:
    chart = scene.final_chart(desk)
    first = make(desk, chart)
    second = make(desk, chart)
    first.refresh_from_db()
    assert (first.state, second.version, second.replaces) == (ClaimStatus.WITHDRAWN, 2, None)
    assert first.control_number != second.control_number
    Claim.objects.filter(pk=second.pk).update(state=ClaimStatus.SUBMITTED, submitted_at=second.made_at)
    assert make(desk, chart).pk == second.pk
    assert Claim.objects.filter(client_id=chart.client_id, encounter=chart).count() == 2


@pytest.mark.parametrize("why", ["open", "self_billed", "no_profile"])
def test_what_may_not_be_billed_here_is_refused(desk: scene.Desk, why: str) -> None:
    chart = scene.final_chart(desk)
    profiles = BillingProfile.objects.filter(client_id=chart.client_id)
    if why == "open":
        Encounter.objects.filter(pk=chart.pk).update(status=EncounterStatus.REOPENED)
    elif why == "self_billed":
        profiles.update(is_self_billed=True)
    else:
        profiles.delete()
    with pytest.raises(Refused):
        make(desk, chart)
    assert not Claim.objects.filter(client_id=chart.client_id).exists()


def test_visits_from_before_we_billed_are_left_alone(desk: scene.Desk) -> None:
    chart = scene.final_chart(desk)
    client = chart.client_id
    profiles = BillingProfile.objects.filter(client_id=client)
    profiles.update(bills_from_on=chart.service_on + timedelta(days=1))
    assert not charts_without_claim(client).exists()
    assert not bill_chart(actor=cast.SYSTEM, client_id=client, encounter_id=chart.pk)
    profiles.update(bills_from_on=chart.service_on)
    assert bill_chart(actor=cast.SYSTEM, client_id=client, encounter_id=chart.pk)
    assert Claim.objects.filter(client_id=client).count() == 1


def test_a_visit_the_patient_pays_for_gets_no_claim(desk: scene.Desk) -> None:
    chart = scene.final_chart(desk, payer_name="Self Pay ")
    client = chart.client_id
    Payer.objects.filter(pk=desk.payer.pk).update(filing_code="09", aliases=["self pay"])
    assert not charts_without_claim(client).exists()
    assert not bill_chart(actor=cast.SYSTEM, client_id=client, encounter_id=chart.pk)
    with pytest.raises(Refused, match="patient pays"):
        make(desk, chart)
    assert not Claim.objects.filter(client_id=client).exists()


def test_a_visit_whose_coverage_names_the_patient_by_id_does_not_wait_for_a_claim(desk: scene.Desk) -> None:
    chart = scene.final_chart(desk, payer_name="Cash desk")
    client = chart.client_id
    Coverage.objects.filter(client_id=client).update(payer_identifier="smpl1 ")
    Payer.objects.filter(pk=desk.payer.pk).update(filing_code="09")
    assert not charts_without_claim(client).exists()
    Payer.objects.create(
        client=desk.place.client, name="cash DESK", payer_id="C", filing_code="CI", receiver_name="T",
        receiver_id="T",
    )  # fmt: skip
    assert list(charts_without_claim(client)) == [chart], "a name goes before an id"


def test_a_payer_is_found_by_alias_and_an_inactive_one_is_not(desk: scene.Desk) -> None:
    chart = scene.final_chart(desk, payer_name="SAMPLE MUT. PPO")
    assert make(desk, chart).problems[0]["code"] == "payer.unknown"
    Payer.objects.filter(pk=desk.payer.pk).update(aliases=["Sample Mut. PPO"])
    assert make(desk, chart).payer == desk.payer
    Payer.objects.filter(pk=desk.payer.pk).update(is_active=False)
    assert make(desk, chart).payer is None


def test_control_numbers_do_not_repeat() -> None:
    numbers = {new_control_number() for _ in range(2_000)}
    assert len(numbers) == 2_000


def steps(made: Claim) -> list[ClaimStep]:
    return list(ClaimStep.objects.filter(client_id=made.client_id, claim=made))
