"""A whole blind review by keyboard: taken, coded with evidence, compared, judged, delivered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from code_sets import selectors
from qa_audit.actions.reviews import ask_review
from qa_audit.models import AuditLine, Review, ReviewEvidence, ReviewOrigin
from qa_audit.rules.plan_terms import PlanTerms
from qa_audit.rules.review_states import ReviewState
from tests import cast
from tests.browser.harness import Opener
from tests.qa_audit.scene import Team, final_chart, team


@pytest.fixture
def crew(transactional_db: None) -> Iterator[Team]:
    yield team(cast.cypress())
    selectors.forget_releases()


def asked(crew: Team) -> str:
    """A final chart of the coder's with a blind review waiting; gives its visit number."""
    with cast.opened(crew.place):
        chart = final_chart(crew)
        ask_review(
            actor=crew.actor(crew.manager),
            encounter=chart,
            terms=PlanTerms(),
            origin=ReviewOrigin.FOCUSED,
            reason="Asked for in a test.",
        )
        return chart.external_id


def code(page: Page, words: str, typed: str) -> None:
    """Find the words, take them as evidence, type the code."""
    page.keyboard.press("/")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.keyboard.type(typed)
    page.locator("#hits [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    page.locator("#hits").wait_for(state="hidden")


def shown(page: Page) -> str:
    """The line the keys speak of."""
    return page.locator(".sheetln.on .badge").first.inner_text()


def test_a_blind_review_is_done_from_queue_to_delivery_by_keyboard(crew: Team, browse: Opener) -> None:
    asked(crew)
    watched = browse(crew.reviewer)
    page = watched.open("/work/reviews/")
    page.keyboard.press("n")
    page.wait_for_url("**/quality/reviews/*/")
    page.wait_for_load_state("networkidle")
    assert "N18.31" not in page.content() and crew.coder.full_name not in page.content()

    code(page, "type 2 diabetes", "e1122")
    code(page, "stage 3a", "n1832")
    code(page, "hypertension", "i129")
    page.keyboard.press("2")
    expect(page.locator("#code-2")).to_have_class("code on")
    assert watched.axe() == []
    page.keyboard.press("Control+Enter")
    page.locator(".sheetln").first.wait_for()
    page.wait_for_load_state("networkidle")

    expect(page.locator("#deliver button")).to_be_visible()
    page.keyboard.press("f")
    assert shown(page) == "Wrong specificity"
    assert page.locator("mark.on").count() >= 1, "the words of both sides stand out"
    page.keyboard.press("2")
    page.locator("#citation").wait_for()
    expect(page.locator("#cause")).to_have_value("documentation_read")
    assert watched.axe() == []
    page.keyboard.type("I.C.14.a.1")
    page.keyboard.press("Enter")
    expect(page.locator(".sheetln.on .badge").first).to_have_text("Unsupported code")
    page.keyboard.press("Control+Enter")
    page.locator("#blockers.blockers").wait_for()
    assert watched.axe() == []

    page.keyboard.press("y")
    expect(page.locator(".sheetln[data-open]")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("t")
    page.keyboard.press("o")
    expect(page.locator(".sheetln")).to_have_count(5)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/work/reviews/")
    with cast.opened(crew.place):
        review = Review.objects.get()
        assert (review.state, review.reviewer_id) == (ReviewState.ANSWERING, crew.reviewer.pk)
        assert [one["code"] for one in review.blind_codes or ()] == ["E1122", "N1832", "I129"]
        found = AuditLine.objects.exclude(verdict="AG").values_list("verdict", "cause", "citation")
        assert set(found) == {("WS", "documentation_read", "I.C.14.a.1"), ("OB", "", "")}
        assert {link.quote for link in ReviewEvidence.objects.all()} >= {"Type 2 diabetes", "stage 3a"}


def test_a_blind_review_is_done_without_a_script(crew: Team, browse: Opener) -> None:
    asked(crew)
    page = browse(crew.reviewer, script=False).open("/work/reviews/")
    page.locator("#take button").click()
    for typed, line in (("E11.22", "4"), ("N18.32", "4"), ("I12.9", "5"), ("Z79.4", "6")):
        page.locator("#codefind").fill(typed)
        page.locator("#lines").fill(line)
        page.get_by_role("button", name="Add code").click()
    page.get_by_role("button", name="Compare with the coder's codes").click()
    page.get_by_role("link", name="Judge line 2").click()
    page.locator("#cause").select_option("guideline_knowledge")
    page.get_by_role("button", name="Save and go on").click()
    page.locator("#summary").wait_for()
    page.locator("#citation").fill("I.C.14.a.1")
    page.get_by_role("button", name="Save and go on").click()
    page.locator("#deliver button").click()
    page.wait_for_url("**/work/reviews/")
    with cast.opened(crew.place):
        assert Review.objects.get().state == ReviewState.ANSWERING
