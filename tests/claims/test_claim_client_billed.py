"""Claims that a client sent itself: kept once, tied to the right chart, held against what we finalized."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.utils import timezone

from claims.actions.files import keep_file
from claims.actions.matching import match_waiting
from claims.actions.posting import claims_837
from claims.actions.posting.claims_837 import post_837
from claims.actions.posting.posted import Posted
from claims.actions.reading import read_waiting
from claims.models import (
    BillingProfile,
    Claim,
    ClaimLine,
    ClaimStatus,
    ClaimStep,
    Door,
    Payer,
    PayerFile,
    RemittedClaim,
)
from coding_ops.tenancy.actor import system_actor
from encounters.models import CodeRevision, Encounter
from tests import cast
from tests.claims import scene
from tests.rules.claims.x12_claims import Billed, claims_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def of() -> scene.Desk:
    here = cast.cypress()
    with cast.opened(here):
        desk = scene.desk(here)
        BillingProfile.objects.filter(client=here.client).update(is_self_billed=True)
        return desk


def post(of: scene.Desk, text: str, file: PayerFile | None = None) -> Posted:
    if file is None:
        with cast.opened(of.place):
            file = scene.payer_file(of, "837")
    return post_837(file=file, text=text, progress=lambda count: None, now=timezone.now())


def billed(of: scene.Desk) -> list[Claim]:
    with cast.opened(of.place):
        rows = Claim.objects.filter(client=of.place.client, is_billed_by_client=True)
        return list(rows.select_related("encounter").order_by("version", "made_at", "pk"))


def chart(of: scene.Desk, **attributes: object) -> Encounter:
    with cast.opened(of.place):
        return scene.final_chart(of, **attributes)  # type: ignore[arg-type]


def test_a_claim_is_tied_by_its_visit_number_and_every_difference_is_placed(of: scene.Desk) -> None:
    visit = chart(of)
    posted = post(of, claims_file(Billed(visit.external_id, codes=("E1122", "I10"), service="99214:25")))
    assert (posted.entry_count, posted.posted_count, posted.unmatched_count) == (1, 1, 0)
    (claim,) = billed(of)
    assert claim.encounter == visit and claim.revision_number == 1 and claim.coder_id == of.coder.pk
    assert claim.state == ClaimStatus.SUBMITTED and claim.payer_id == of.payer.pk
    assert [(one["kind"], one["where"], one["ours"], one["theirs"]) for one in claim.drift] == [
        ("code_left_out", "Diagnosis 2", "N1831", ""),
        ("code_added", "Diagnosis 2", "", "I10"),
        ("code_changed", "Service 1", "99213", "99214"),
        ("modifiers", "Service 1, 99213", "", "25"),
    ]
    assert claim.drift_count == 4


def test_a_claim_billed_as_finalized_has_no_drift_and_its_line_knows_our_code(of: scene.Desk) -> None:
    visit = chart(of)
    post(of, claims_file(Billed(visit.external_id, codes=("E1122", "N1831"), service="99213")))
    (claim,) = billed(of)
    assert (claim.drift_count, claim.drift) == (0, [])
    with cast.opened(of.place):
        line = ClaimLine.objects.get(client=of.place.client, claim=claim)
        codes = CodeRevision.objects.get(client=of.place.client, encounter=visit).codes
    assert str(line.assignment_id) == next(one["id"] for one in codes if one["code"] == "99213")
    assert all(one["key"] for one in claim.diagnoses)


def test_another_number_is_tied_by_member_day_and_birth_day_and_never_to_a_relative(of: scene.Desk) -> None:
    visit = chart(of)
    with cast.opened(of.place):
        assert visit.coverage is not None
        born = date.fromisoformat(visit.patient.birth_on)
        member = visit.coverage.member_id
    relative = Billed("ACCOUNT2", member=member, born=born - timedelta(9999))
    post(of, claims_file(Billed("ACCOUNT1", member=member, born=born), relative))
    tied = {one.control_number: one.encounter for one in billed(of)}
    assert tied == {"ACCOUNT1": visit, "ACCOUNT2": None}


def test_the_same_file_again_adds_nothing_and_another_file_with_the_same_claim_is_set_aside(
    of: scene.Desk,
) -> None:
    text = claims_file(Billed("A1"), Billed("A2"))
    with cast.opened(of.place):
        file = scene.payer_file(of, "837")
    first, again = post(of, text, file), post(of, text, file)
    assert (first.unmatched_count, again.unmatched_count, again.duplicate_count) == (2, 2, 0)
    other = post(of, text)
    assert (other.unmatched_count, other.duplicate_count) == (0, 2)
    assert len(billed(of)) == 2


def test_a_file_that_stopped_half_way_is_finished_by_reading_it_again(
    of: scene.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims_837, "BATCH", 1)
    text = claims_file(Billed("A1"), Billed("A2"))
    with cast.opened(of.place):
        file = scene.payer_file(of, "837")

    def stop(count: int) -> None:
        if count == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        post_837(file=file, text=text, progress=stop, now=timezone.now())
    assert len(billed(of)) == 1
    assert post(of, text, file).unmatched_count == 2
    assert [one.control_number for one in billed(of)] == ["A1", "A2"]


def test_a_corrected_claim_takes_the_place_of_the_one_before_and_a_void_has_no_drift(of: scene.Desk) -> None:
    visit = chart(of)
    post(of, claims_file(Billed(visit.external_id, service="99214")))
    post(of, claims_file(Billed(visit.external_id, frequency="7", payer_number="ICN1", service="99213")))
    post(of, claims_file(Billed(visit.external_id, frequency="8", payer_number="ICN1", service="99213")))
    first, second, third = billed(of)
    assert [one.state for one in (first, second, third)] == ["replaced", "voided", "submitted"]
    assert (second.replaces_id, third.replaces_id) == (first.pk, second.pk)
    assert (first.version, second.version, third.version) == (1, 2, 3)
    assert first.drift_count == 1 and second.drift_count == 0 and third.drift_count is None
    with cast.opened(of.place):
        kinds = list(
            ClaimStep.objects.filter(client=of.place.client, claim=second).values_list("kind", flat=True)
        )
    assert kinds == ["read", "voided"]


def test_a_number_used_again_for_another_day_replaces_nothing(of: scene.Desk) -> None:
    post(of, claims_file(Billed("A1", day=date(2026, 9, 15))))
    post(of, claims_file(Billed("A1", day=date(2026, 9, 16))))
    assert [(one.state, one.replaces_id) for one in billed(of)] == [("submitted", None)] * 2


def test_one_number_for_two_days_of_one_file_leads_to_two_charts(of: scene.Desk) -> None:
    days = (date(2026, 9, 15), date(2026, 9, 16))
    first, second = chart(of, service_on=days[0]), chart(of, service_on=days[1])
    with cast.opened(of.place):
        assert first.coverage is not None
        member, born = first.coverage.member_id, date.fromisoformat(first.patient.birth_on)
        both = {"coverage": first.coverage, "patient": first.patient}
        Encounter.objects.filter(pk=second.pk).update(**both)
    post(of, claims_file(*(Billed("A1", day=one, member=member, born=born) for one in days)))
    tied = {one.service_from_on: one.encounter for one in billed(of)}
    assert tied == dict(zip(days, (first, second), strict=True))


def test_a_claim_to_a_second_payer_leaves_the_first_one_s_and_each_is_paid_by_its_own(
    of: scene.Desk,
) -> None:
    with cast.opened(of.place):
        Payer.objects.create(
            client=of.place.client, name="Second", payer_id="OTHER", filing_code="CI", receiver_name="T",
            receiver_id="T",
        )  # fmt: skip
    post(of, claims_file(Billed("A1"), Billed("A1", payer="OTHER")))
    assert [(one.state, one.replaces_id) for one in billed(of)] == [("submitted", None)] * 2
    with cast.opened(of.place):
        payment = scene.remitted(of, None)
        RemittedClaim.objects.filter(pk=payment.pk).update(control_number="A1")
    match_waiting(of.place.client.pk)
    assert {(one.payer_id == of.payer.pk, one.state) for one in billed(of)} == {
        (True, "denied"), (False, "submitted"),
    }  # fmt: skip


def test_a_payment_that_came_first_finds_the_claim_when_its_file_is_read(of: scene.Desk) -> None:
    with cast.opened(of.place):
        payment = scene.remitted(of, None)
        RemittedClaim.objects.filter(pk=payment.pk).update(control_number="A1")
    post(of, claims_file(Billed("A1")))
    with cast.opened(of.place):
        payment.refresh_from_db()
        assert payment.claim is not None and payment.claim.control_number == "A1"
        assert payment.claim.state == ClaimStatus.DENIED


def test_unreadable_and_impossible_claims_are_told_and_the_others_kept(of: scene.Desk) -> None:
    posted = post(of, claims_file(Billed("A1"), Billed("A2", charge="-135"), Billed("A3", frequency="3")))
    assert (posted.entry_count, posted.unmatched_count) == (3, 1)
    assert [(one.code, "CLM" in one.place) for one in posted.problems] == [
        ("claim.misfit", True),
        ("claim.frequency", True),
    ]
    assert [one.control_number for one in billed(of)] == ["A1"]


def test_claims_of_a_client_whose_claims_we_write_are_not_taken(of: scene.Desk) -> None:
    with cast.opened(of.place):
        BillingProfile.objects.filter(client=of.place.client).update(is_self_billed=False)
    posted = post(of, claims_file(Billed("A1")))
    assert [one.code for one in posted.problems] == ["claims.not_self_billed"]
    assert not billed(of)


def test_a_file_that_is_sent_in_is_posted_and_counts_its_claims_with_and_without_a_chart(
    of: scene.Desk,
) -> None:
    visit, now = chart(of), timezone.now()
    text = claims_file(Billed(visit.external_id), Billed("NOBODY"))
    actor, client_id = system_actor("tests"), of.place.client.pk
    with cast.opened(of.place):
        content = io.BytesIO(text.encode())
        file, _ = keep_file(
            actor=actor, client_id=client_id, filename="a.837", content=content, door=Door.UPLOAD, now=now
        )
    assert read_waiting(actor=actor, client_id=client_id) == 1
    with cast.opened(of.place):
        file.refresh_from_db()
        assert (file.kind, file.state, file.entry_count) == ("837", "done", 2)
        assert (file.posted_count, file.unmatched_count, file.problem_count) == (1, 1, 0)
