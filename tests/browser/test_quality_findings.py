"""The exchange about a finding in Chromium, by keyboard, to the score that it ends with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from coding_ops.exports.actions import make_export
from coding_ops.exports.models import ExportFile
from qa_audit.actions.codes import CodeWords, change_code, remove_code
from qa_audit.actions.findings import Judgement, judge_line
from qa_audit.actions.reviews import ask_review, deliver, take_review
from qa_audit.models import AuditLine, Review, ReviewCode, ReviewOrigin, ReviewScore
from qa_audit.rules.plan_terms import Mode, PlanTerms
from tests import cast
from tests.browser.harness import Opener, Watched
from tests.qa_audit.scene import Team, final_chart, team

PICTURES = os.environ.get("FINDING_PICTURES", "")
CITED = Judgement("documentation_read", "major", "over", "guideline", "I.C.4.a.3", "Only the plan names it.")


@pytest.fixture
def crew(transactional_db: None) -> Team:
    return team(cast.cypress())


@pytest.fixture
def review(crew: Team) -> Review:
    """Two findings: a code that the reviewer does not find, and one that is too vague."""
    with cast.opened(crew.place):
        made = ask_review(
            actor=crew.actor(crew.manager),
            encounter=final_chart(crew),
            terms=PlanTerms(mode=Mode.OPEN),
            origin=ReviewOrigin.FOCUSED,
            reason="Asked for in a test.",
        )
        actor = crew.actor(crew.reviewer)
        take_review(actor=actor, review=made)
        codes = {row.code: row for row in ReviewCode.objects.filter(review=made)}
        remove_code(actor=actor, review=made, code_id=codes["Z794"].pk)
        change_code(
            actor=actor, review=made, code_id=codes["N1831"].pk, entry=CodeWords("ICD-10-CM", "N1832")
        )
        for line in AuditLine.objects.filter(review=made).exclude(verdict="AG"):
            judge_line(actor=actor, review=made, line_id=line.pk, judgement=CITED)
        return deliver(actor=actor, review=made, summary="Two things to look at.")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def said(page: Page, words: str) -> None:
    expect(page.locator(".notice")).to_contain_text(words)


def clean(watched: Watched) -> None:
    assert watched.axe() == []
    assert not watched.scrolls_sideways()


def test_a_finding_is_rebutted_upheld_escalated_and_overturned_by_keyboard_and_the_score_follows(
    browse: Opener, crew: Team, review: Review
) -> None:
    slug = crew.place.client.slug
    mine = browse(crew.coder)
    page = mine.open("/work/findings/")
    clean(mine)
    picture(page, "own")
    press(page, "j")
    expect(page.locator(".rowlk").first).to_be_focused()
    press(page, "Enter")
    # The address names the finding: it has the focus, and its words stand out in the note.
    expect(page.locator(".fnd").first).to_be_focused()
    expect(page.get_by_text("Provisional until every finding")).to_be_visible()
    expect(page.locator("#note mark.on").first).to_be_visible()
    clean(mine)
    picture(page, "coder")
    address = page.url.removeprefix(mine.base).partition("#")[0]

    vague = page.locator(".fnd", has_text="N18.31")
    unsupported = page.locator(".fnd", has_text="Z79.4")
    while not vague.evaluate("one => one === document.activeElement"):
        press(page, "f")
    press(page, "y")
    expect(vague.get_by_role("button", name="Accept")).to_be_focused()
    press(page, "Enter")
    said(page, "Accepted.")

    page.locator("body").press("f")
    while not unsupported.evaluate("one => one === document.activeElement"):
        press(page, "f")
    press(page, "b")
    expect(unsupported.get_by_label("Source")).to_be_focused()
    press(page, "Tab", "Tab")
    page.keyboard.type("The plan says insulin.")
    press(page, "Tab", "Enter")
    # Refused: it cites nothing.  What was typed is still there.
    expect(page.get_by_role("alert")).to_contain_text("A rebuttal cites")
    expect(unsupported.get_by_label("Why")).to_have_value("The plan says insulin.")
    clean(mine)
    picture(page, "refused")
    unsupported.get_by_label("Section").fill("I.C.4.a.3")
    press(page, "Enter")
    said(page, "handed to the reviewer")
    expect(unsupported.get_by_role("button")).to_have_count(1)

    theirs = browse(crew.reviewer)
    answer(theirs, address, "y", "The plan carries an old list.", "Upheld")
    answer(mine, address, "b", "The list was reviewed that day.", "A third person decides now")
    third = browse(crew.manager)
    queue = third.open(f"/c/{slug}/quality/findings/?turn=third")
    expect(queue.locator(".rowlk")).to_have_count(1)
    clean(third)
    picture(queue, "queue")
    answer(
        third, address, "b", "The note lists insulin as taken.", "The review is closed, and its score final"
    )
    page = third.page
    level = page.get_by_role("row", name="Code-level")
    expect(level).to_contain_text("75.0%")
    expect(level).to_contain_text("3 of 4")
    expect(page.locator(".steps li")).to_have_count(5)
    clean(third)
    picture(page, "closed")
    with cast.opened(crew.place):
        rows = ReviewScore.objects.filter(review=review).order_by("number")
        assert [(row.numerator, row.denominator, row.is_provisional) for row in rows] == [
            (2, 4, True),
            (3, 4, False),
        ]
    page = third.open(f"/c/{slug}/quality/findings/reviewers/")
    expect(page.get_by_role("row", name="Quentin Drake")).to_contain_text("50.0%")
    expect(page.get_by_role("row", name="Quentin Drake")).to_contain_text("Too few to judge")
    clean(third)
    picture(page, "reviewers")


def answer(watched: Watched, address: str, key: str, words: str, told: str) -> None:
    """Opens the form of the one finding that waits for this person with its key, and sends it."""
    page = watched.open(address)
    waiting = page.locator(".fnd", has=page.locator("[data-key]"))
    expect(waiting).to_have_count(1)
    press(page, "f")
    while not waiting.evaluate("one => one === document.activeElement"):
        press(page, "f")
    press(page, key)
    expect(waiting.locator("details[open]").get_by_label("Why")).to_be_focused()
    page.keyboard.type(words)
    press(page, "Tab", "Enter")
    said(page, told)


def test_the_page_holds_in_the_dark_on_a_phone_and_without_a_script(
    browse: Opener, crew: Team, review: Review
) -> None:
    address = f"/c/{crew.place.client.slug}/quality/reviews/{review.pk}/"
    for name, watched in (
        ("dark", browse(crew.coder, theme="dark")),
        ("phone", browse(crew.coder, phone=True)),
        ("manager-dark-phone", browse(crew.manager, theme="dark", phone=True)),
    ):
        page = watched.open(address)
        clean(watched)
        picture(page, f"exchange-{name}")
        page = watched.open(f"/c/{crew.place.client.slug}/quality/findings/")
        clean(watched)
        picture(page, f"list-{name}")
    plain = browse(crew.coder, script=False).page
    plain.goto(f"{browse(crew.coder).base}{address}")
    plain.get_by_role("button", name="Accept").first.click()
    expect(plain.locator(".notice")).to_contain_text("Accepted.")


def test_an_export_shows_its_progress_and_is_downloaded_when_it_is_made(
    browse: Opener, crew: Team, review: Review
) -> None:
    with cast.opened(crew.place):
        for line in AuditLine.objects.filter(review=review).exclude(verdict="AG"):
            AuditLine.objects.filter(pk=line.pk).update(state="accepted")
        Review.objects.filter(pk=review.pk).update(state="closed", closed_at=timezone.now())
    watched = browse(crew.manager)
    page = watched.open(f"/c/{crew.place.client.slug}/quality/reviews/{review.pk}/")
    page.get_by_role("button", name="PDF").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    clean(watched)
    picture(page, "export-pending")
    with cast.opened(crew.place):
        made = ExportFile.objects.get()
    assert make_export(client_id=crew.place.client.pk, export_id=made.pk, now=timezone.now())
    link = page.get_by_role("link", name="Download")
    expect(link).to_be_focused()
    clean(watched)
    picture(page, "export-ready")
    with page.expect_download() as told:
        press(page, "Enter")
    content = told.value.path().read_bytes()
    assert content.startswith(b"%PDF-")
    if PICTURES:
        (Path(PICTURES) / "audit.pdf").write_bytes(content)
