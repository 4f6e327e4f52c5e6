"""One claim in Chromium, from final codes to the money.

It goes out as an 837 that an independent validator passes, is rejected by the clearinghouse, its chart is
coded again, the corrected claim is accepted, then denied by the payer, appealed with a letter of the chart's
own words, won and paid; and first pass moves by exactly this claim, once.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pyx12.params import params
from pyx12.x12n_document import x12n_document

from claims.actions.hearing import bill_due
from claims.actions.reading import read_waiting
from claims.actions.writing import write_submission
from claims.models import Claim, ClaimStatus, Denial, Submission
from code_sets import selectors
from encounters.actions.coding import remove_code
from encounters.actions.finalize import finalize
from encounters.actions.leases import take_chart
from encounters.models import CodeAssignment, Encounter
from reporting.actions.snapshots import refresh_snapshots
from tests import cast
from tests.browser.harness import Opener
from tests.claims import answers, scene

OTHERS = 4
"""Claims that were paid at the first try before: what this one is measured beside."""


@pytest.fixture
def of(transactional_db: None) -> Iterator[scene.Desk]:
    place = cast.cypress()
    with cast.opened(place):
        desk = scene.desk(place)
        now = timezone.now()
        for _ in range(OTHERS):
            scene.claim(
                desk,
                state=ClaimStatus.PAID,
                accepted_at=now,
                first_response="paid",
                first_response_at=now,
                adjudicated_at=now,
                paid_amount="80.00",
            )
    yield desk
    selectors.forget_releases()


def newest(of: scene.Desk, chart: Encounter) -> Claim:
    with cast.opened(of.place):
        found: Claim = Claim.objects.filter(encounter=chart).order_by("-version")[0]
        return found


def goes_out(of: scene.Desk, page: Page, room: str, folder: Path) -> None:
    """A file is asked for, written by the worker, downloaded, found valid by a validator of its own, sent."""
    bill_due(actor=cast.SYSTEM, client_id=of.place.client.pk)
    page.goto(f"{room}submissions/")
    with page.expect_navigation():
        page.locator("main form[method=post] button").first.click()
    with cast.opened(of.place):
        asked = Submission.objects.order_by("-interchange_number")[0]
    assert write_submission(actor=cast.SYSTEM, client_id=of.place.client.pk, submission_id=asked.pk)
    page.goto(f"{room}submissions/{asked.pk}/")
    with page.expect_download() as told:
        page.get_by_role("link", name="Download").click()
    path = folder / f"{asked.interchange_number}.837"
    told.value.save_as(path)
    logging.disable(logging.CRITICAL)
    assert x12n_document(params(), io.StringIO(path.read_text()), None, None, None)
    logging.disable(logging.NOTSET)
    with page.expect_navigation():
        page.get_by_role("button", name="Mark as sent").click()
    expect(page.locator("main")).to_contain_text("Sent")


def comes_in(of: scene.Desk, page: Page, room: str, text: str) -> None:
    """A payer's file, sent through the page and read by the worker."""
    page.goto(f"{room}files/")
    page.locator("#file").set_input_files(
        {"name": "answer.edi", "mimeType": "text/plain", "buffer": text.encode()}
    )
    with page.expect_navigation():
        page.get_by_role("button", name="Send").click()
    assert read_waiting(actor=cast.SYSTEM, client_id=of.place.client.pk) == 1


def first_pass(of: scene.Desk, page: Page, room: str) -> str:
    """What the measures say of coding at the first try."""
    page.goto(f"{room}measures/")
    return page.locator("article", has_text="First pass, coding").inner_text()


def is_coded_again(of: scene.Desk, page: Page, room: str, chart: Encounter) -> None:
    """From the denial's page, at no cost; the coder takes the second diagnosis out and makes it final."""
    with cast.opened(of.place):
        denial = Denial.objects.get(claim__encounter=chart)
        assert (denial.source, denial.category, denial.coder) == ("277CA", "coding", of.coder)
    page.goto(f"{room}denials/{denial.pk}/")
    expect(page.locator("main")).to_contain_text("Rosalind Ames")
    page.get_by_role("link", name="Code again at no cost").click()
    page.locator("#reason").fill("The second diagnosis is not valid with the first on this claim.")
    with page.expect_navigation():
        page.locator("main form button.primary").click()
    with cast.opened(of.place):
        actor = of.actor(of.coder)
        fence = take_chart(actor=actor, item=cast.item_of(chart), now=timezone.now()).fence
        second = CodeAssignment.objects.get(encounter=chart, code="N1831")
        remove_code(
            actor=actor, encounter=chart, fence=fence, assignment_id=second.pk, reason="Not supported"
        )
        finalize(actor=actor, encounter=chart, fence=fence)


def is_appealed_and_won(of: scene.Desk, page: Page, room: str, claim: Claim) -> None:
    """The letter quotes the chart; it is sent, decided, and the payer pays."""
    with cast.opened(of.place):
        denial = Denial.objects.get(claim=claim)
        assert (denial.carc, denial.claim_line.code) == ("97", "99213")
    page.goto(f"{room}denials/{denial.pk}/")
    with page.expect_navigation():
        page.get_by_role("button", name="Draft the appeal").click()
    letter = page.locator("#letter")
    assert scene.QUOTES["99213"] in letter.input_value()
    letter.fill(re.sub(r"\([a-z]+ it here\)", "as the note of the visit shows", letter.input_value()))
    with page.expect_navigation():
        page.get_by_role("button", name="Save the letter").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Mark as sent").click()
    page.locator("#awarded_amount").fill("135.00")
    page.locator("#note").fill("The payer agrees that the visit is separate.")
    with page.expect_navigation():
        page.get_by_role("button", name="Record the decision").click()
    expect(page.locator("main")).to_contain_text("Won")
    with cast.opened(of.place):
        text = answers.paid(claim, {1: "80.00"})
    comes_in(of, page, room, text)


def test_a_claim_from_final_codes_to_rejection_correction_denial_appeal_and_payment(
    of: scene.Desk, browse: Opener, tmp_path: Path
) -> None:
    with cast.opened(of.place):
        chart = scene.final_chart(of)
    manager = browse(of.manager)
    page = manager.open(f"/c/{of.place.client.slug}/claims/")
    room = page.url
    assert f"{OTHERS} of {OTHERS}" in first_pass(of, page, room)

    goes_out(of, page, room, tmp_path)
    assert f"{OTHERS} of {OTHERS}" in first_pass(of, page, room), "no answer yet counts nowhere"
    first = newest(of, chart)
    comes_in(of, page, room, answers.acknowledged(first, "A7:254"))
    page.goto(f"{room}{first.pk}/")
    expect(page.locator("h1")).to_contain_text("Rejected")
    assert f"{OTHERS} of {OTHERS + 1}" in first_pass(of, page, room)

    is_coded_again(of, page, room, chart)
    goes_out(of, page, room, tmp_path)
    second = newest(of, chart)
    assert (second.version, second.replaces_id, second.frequency_code) == (2, first.pk, "1")
    comes_in(of, page, room, answers.acknowledged(second))
    with cast.opened(of.place):
        text = answers.denied(second)
    comes_in(of, page, room, text)
    page.goto(f"{room}{second.pk}/")
    expect(page.locator("h1")).to_contain_text("Denied")
    is_appealed_and_won(of, page, room, second)

    page.goto(f"{room}{second.pk}/")
    expect(page.locator("h1")).to_contain_text("Paid")
    story = page.locator("main")
    for words in ("Made from final codes", "Sent", "Accepted", "Denied", "Appeal", "Paid"):
        expect(story).to_contain_text(words)
    assert f"{OTHERS} of {OTHERS + 1}" in first_pass(of, page, room), "only the first answer counts"
    with cast.opened(of.place):
        refresh_snapshots(actor=cast.SYSTEM, client=of.place.client, through=cast.today(), now=timezone.now())
    page.goto(f"{room.split('/claims/')[0]}/dashboard/")
    expect(page.locator("main")).to_contain_text("First pass, coding")
