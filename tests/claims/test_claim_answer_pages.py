"""Pages of appeals, corrections, credits and returns: their forms, and what outsiders do not see."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.utils import timezone

from claims.actions.appeals import draft_appeal
from claims.actions.credits import decide_credit, propose_credit
from claims.exports.appeal import KIND
from claims.models import (
    Appeal,
    AppealState,
    Claim,
    ClaimStatus,
    CreditProposal,
    Denial,
    OverpaymentNotice,
    PayerKind,
    Rework,
)
from claims.views.appeals.panel import answers_panel
from coding_ops.accounts.models import User
from coding_ops.core.errors import NotFound, Refused
from coding_ops.exports.kinds import Job
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.models import Role
from tests import cast
from tests.claims import scene
from tests.tenancy.walker import browser_of

pytestmark = pytest.mark.django_db
ROOM = "/c/cypress-ridge/claims/"
WHY = "The payer wants the other code."


@pytest.fixture
def desk() -> Iterator[scene.Desk]:
    place = cast.cypress()
    with cast.opened(place):
        made = scene.desk(place)
    yield made


def denied(desk: scene.Desk, **attributes: object) -> Denial:
    with cast.opened(desk.place):
        chart = scene.final_chart(desk)
        return scene.denial(desk, scene.claim(desk, chart, state=ClaimStatus.DENIED), **attributes)


def appeal_of(desk: scene.Desk, denial: Denial) -> Appeal:
    return Appeal.objects.get(client_id=desk.place.client.pk, denial=denial)


def of(user: User) -> Browser:
    return browser_of(user)


def test_an_appeal_is_drafted_mended_sent_and_decided_by_its_pages(desk: scene.Desk) -> None:
    denial, coder = denied(desk), of(desk.coder)
    answer = coder.post(f"{ROOM}denials/{denial.pk}/appeal/", {"template": "coding"})
    with cast.opened(desk.place):
        appeal = appeal_of(desk, denial)
    page = f"{ROOM}appeals/{appeal.pk}/"
    assert (answer.status_code, answer["Location"]) == (303, page)
    shown = coder.get(page).content.decode()
    assert "Marguerite Theriot" in shown
    assert "not verified" in shown
    wrong = coder.post(f"{page}letter/", {"letter": "Typed anew.", "requested_amount": "much"})
    assert wrong.status_code == 422
    assert "Amount asked for: write dollars such as 1234.50." in wrong.content.decode()
    assert "Typed anew." in wrong.content.decode()
    more = coder.post(f"{page}letter/", {"letter": "Typed anew.", "requested_amount": "$1,000.50"})
    assert "Not more than was denied, $135.00." in more.content.decode()
    coder.post(f"{page}letter/", {"letter": "Typed anew.", "requested_amount": "$120.50"})
    assert coder.post(f"{page}send/", {"reference": "AP-9"}).status_code == 303
    early = coder.post(f"{page}decide/", {"decided_on": "01/01/2020", "awarded_amount": "0"})
    assert early.status_code == 422
    assert "The day lies between" in early.content.decode()
    done = coder.post(f"{page}decide/", {"decided_on": "t", "awarded_amount": "100", "note": "They read it."})
    assert done.status_code == 303
    with cast.opened(desk.place):
        appeal, denial = appeal_of(desk, denial), Denial.objects.get(client_id=appeal.client_id, pk=denial.pk)
        assert (appeal.state, appeal.requested_amount) == (AppealState.PART, Decimal("120.50"))
        assert (appeal.letter, appeal.reference) == ("Typed anew.\n", "AP-9")
        assert (denial.state, denial.recovered_amount) == ("overturned", Decimal("100.00"))
    again = coder.post(f"{page}withdraw/", {"reason": "No."})
    assert again.status_code == 409
    rows = coder.get(f"{ROOM}appeals/?state=decided").content.decode()
    assert "CO-97 of 99213" in rows
    assert "Won in part" in rows
    assert "1 of 1 (too few for a rate)" in rows
    assert "$100.00 of $120.50" in rows
    assert "CO-97 of 99213" not in coder.get(f"{ROOM}appeals/?state=sent").content.decode()


def test_a_client_sees_sent_appeals_without_our_notes_and_no_draft(desk: scene.Desk) -> None:
    denial, client = denied(desk), of(desk.administrator)
    with cast.opened(desk.place):
        coder = desk.actor(desk.coder)
        appeal = draft_appeal(actor=coder, denial=denial, template_key="coding", now=timezone.now())
        reached = ReachedClient(
            denial.client_id, "cypress-ridge", "Cypress", desk.place.client.timezone, Role.CLIENT_ADMIN
        )
        theirs = desk.actor(desk.administrator)
        assert answers_panel(theirs, denial, reached).done == ()
        with pytest.raises(NotFound):
            KIND.ask(theirs, denial.client_id, {"appeal": str(appeal.pk)})
    page = f"{ROOM}appeals/{appeal.pk}/"
    assert client.get(page).status_code == 404
    assert "CO-97" not in client.get(f"{ROOM}appeals/").content.decode()
    with cast.opened(desk.place):
        Appeal.objects.filter(client_id=denial.client_id, pk=appeal.pk).update(
            state="sent", sent_at=timezone.now()
        )
    shown = client.get(page).content.decode()
    assert "Marguerite Theriot" in shown
    for inside in ("Drafted by", "Record the decision", "Withdraw"):
        assert inside not in shown
    assert client.post(f"{page}withdraw/", {"reason": "No."}).status_code == 403


def test_a_letter_on_paper_is_the_letter_and_its_name_says_nothing(desk: scene.Desk) -> None:
    denial = denied(desk)
    with cast.opened(desk.place):
        coder = desk.actor(desk.coder)
        appeal = draft_appeal(actor=coder, denial=denial, template_key="coding", now=timezone.now())
        asked = KIND.ask(coder, denial.client_id, {"appeal": str(appeal.pk)})
        job = Job(denial.client_id, asked.params, coder.role, coder.display_name, timezone.now())
        sheet = KIND.read(job, KIND.parts(job)[0])
        encounter = str(denial.claim.encounter_id)
    assert "\n\n".join("\n".join(lines) for lines in sheet.paragraphs) == appeal.letter.strip()
    made = KIND.write(job, [sheet])
    assert made.content.startswith(b"%PDF-")
    assert (made.file_name, made.encounter_ids) == (f"appeal-{appeal.pk}.pdf", (encounter,))


def test_a_chart_is_coded_again_and_a_claim_voided_by_their_forms(desk: scene.Desk) -> None:
    denial = denied(desk)
    coder, manager = of(desk.coder), of(desk.manager)
    rework = f"{ROOM}denials/{denial.pk}/rework/"
    short = coder.post(rework, {"reason": "again"})
    assert short.status_code == 422
    assert 'value="again"' in short.content.decode() or ">again<" in short.content.decode()
    correct = f"{ROOM}{denial.claim_id}/correct/"
    assert coder.get(correct).status_code == 403
    bare = manager.post(correct, {"kind": "void", "reason": WHY})
    assert bare.status_code == 422
    assert "own number of this claim is not known" in bare.content.decode()
    with cast.opened(desk.place):
        rows = Claim.objects.filter(client_id=denial.client_id)
        assert rows.count() == 1
        rows.update(payer_control_number="ICN0001")
    made = manager.post(correct, {"kind": "void", "reason": WHY})
    with cast.opened(desk.place):
        void = Claim.objects.get(client_id=denial.client_id, frequency_code="8")
        assert made["Location"] == f"{ROOM}{void.pk}/"
    assert coder.post(rework, {"reason": WHY}).status_code == 303
    assert coder.post(rework, {"reason": WHY}).status_code == 409
    with cast.opened(desk.place):
        assert Rework.objects.filter(client_id=denial.client_id).count() == 1


def test_credits_are_proposed_decided_and_shown_outside_when_approved(desk: scene.Desk) -> None:
    denial = denied(desk, is_vendor_error=True, root_cause="coding")
    manager, client = of(desk.manager), of(desk.administrator)
    form = f"{ROOM}denials/{denial.pk}/credit/"
    assert "Propose" in manager.get(f"{ROOM}credits/").content.decode()
    assert manager.post(form, {"amount": "0", "basis": "The fee"}).status_code == 422
    assert manager.post(form, {"amount": "12.50", "basis": "The fee"}).status_code == 303
    with cast.opened(desk.place):
        made = CreditProposal.objects.get(client_id=denial.client_id)
    page = f"{ROOM}credits/{made.pk}/"
    assert manager.post(page, {"decision": "approve"}).status_code == 403
    hidden = client.get(f"{ROOM}credits/").content.decode()
    assert "$12.50" not in hidden
    assert client.get(page).status_code == 404
    with cast.opened(desk.place):
        boss = cast.actor_for(
            cast.person("Adaeze Obi", (desk.place, Role.VENDOR_ADMIN)), Role.VENDOR_ADMIN, ""
        )
        Denial.objects.filter(pk=denial.pk).update(is_vendor_error=False)
        with pytest.raises(Refused, match="no error of ours"):
            decide_credit(actor=boss, proposal=made, is_approved=True, note="", now=timezone.now())
        Denial.objects.filter(pk=denial.pk).update(is_vendor_error=True)
        decide_credit(actor=boss, proposal=made, is_approved=True, note="", now=timezone.now())
        other = scene.denial(
            desk, denial.claim, is_vendor_error=True, root_cause="coding", service_code="83036"
        )
        propose_credit(actor=boss, denial=other, amount=Decimal("7.77"), basis="Secret", now=timezone.now())
    shown = client.get(f"{ROOM}credits/").content.decode()
    assert "$12.50" in shown
    for inside in ("$7.77", "Secret", "Code, modifier or units wrong", "Confirmed errors"):
        assert inside not in shown


def test_the_clock_of_a_sum_is_shown_with_its_rule_and_moved(desk: scene.Desk) -> None:
    denial = denied(desk)
    with cast.opened(desk.place):
        desk.payer.kind = PayerKind.MEDICARE
        desk.payer.save(update_fields=["kind"])
        notice = OverpaymentNotice.objects.create(
            client=desk.place.client,
            claim=denial.claim,
            amount=Decimal("20.00"),
            identified_on=cast.today(),
            note="Estimated from the claims:",
            made_at=timezone.now(),
        )
    page, manager = f"{ROOM}credits/returns/{notice.pk}/", of(desk.manager)
    shown = manager.get(page).content.decode()
    assert "60 days left" in shown
    assert "42 CFR 401.305" in shown
    assert "from a summary, not the source" in shown
    assert "60 days left" in of(desk.administrator).get(f"{ROOM}credits/").content.decode()
    wrong = manager.post(page, {"verb": "return", "on": "12/31/2099", "note": "Sent."})
    assert wrong.status_code == 422
    assert "The day has not come yet." in wrong.content.decode()
    assert manager.post(page, {"verb": "investigate", "on": "t", "note": "Others?"}).status_code == 303
    assert "suspended" in manager.get(page).content.decode()
    outside = of(desk.administrator).get(page).content.decode()
    assert "Others?" not in outside
    assert "Record the decision" not in outside
