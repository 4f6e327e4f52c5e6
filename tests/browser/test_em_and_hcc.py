"""Leveling a visit, tagging MEAT and reading the HCC panel in Chromium, by keyboard alone."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from coding_ops.tenancy.models import Role
from encounters.actions.em_level import set_element
from encounters.models import CodeAssignment, EvidenceLink, VisitLevel
from encounters.rules.em_visit import Cited
from tests import cast
from tests.browser.harness import Desk, Opener
from tests.browser.looks import looks
from tests.encounters.leveling import Bench, bench

PICTURES = os.environ.get("KEEP_PICTURES", "")
CURRENT = re.compile(r"\bcur\b")


@pytest.fixture
def chart(desk: Desk) -> Bench:
    """A chart in a coder's hands, with two diagnoses and their words."""
    with cast.opened(desk.here):
        made = bench(desk.here)
        made.add("E1122", "Type 2 diabetes with diabetic chronic kidney disease")
        made.add("N1831", "stage 3a")
    return made


def _open(chart: Bench, browse: Opener, path: str = "", **how: object) -> Page:
    from coding_ops.accounts.models import User

    user = User.objects.get(pk=chart.actor.person_id)
    watched = browse(user, **how)
    return watched.open(f"/c/{chart.here.client.slug}/encounters/{chart.encounter.pk}/{path}")


def _line(page: Page, number: int) -> None:
    """The line cursor on a line, by its number."""
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.locator("#palette input, dialog[open] input").first.wait_for()
    page.keyboard.type(str(number))
    page.keyboard.press("Enter")
    expect(page.locator(f"#L{number}")).to_have_class(CURRENT)


def _element(page: Page, kind: str, count: str = "") -> None:
    """The selected words as an element, chosen by typing its name."""
    page.keyboard.press("g")
    page.keyboard.press("e")
    expect(page.locator("#kind")).to_be_focused()
    expect(page.locator("[data-picked]")).to_contain_text("L")
    page.keyboard.type(kind)
    if count:
        page.keyboard.press("Tab")
        page.keyboard.type(count)
    else:
        page.keyboard.press("Tab")
    with page.expect_response(lambda answer: "/em/elements/" in answer.url):
        page.keyboard.press("Enter")
    expect(page.locator(".ln.cur > a")).to_be_focused()


def _tab_to(page: Page, selector: str) -> None:
    """Tab until the control has the focus."""
    for _ in range(60):
        if page.locator(selector).evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")


def _picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


def test_a_visit_is_leveled_coded_tagged_and_checked_by_keyboard(chart: Bench, browse: Opener) -> None:
    page = _open(chart, browse)
    _line(page, 8)
    _element(page, "Chronic, st")
    expect(page.locator(".em-code")).to_have_text("99212")
    _line(page, 9)
    _element(page, "Chronic, st")
    expect(page.locator(".em-steps")).to_contain_text("would give low")
    _element(page, "Prescription")
    expect(page.locator(".em-code")).to_have_text("99214")
    _line(page, 10)
    _element(page, "Total", "41")
    expect(page.locator(".em-code")).to_have_text("99215")
    expect(page.locator(".em-result .muted")).to_have_text("By decision making: 99214 (moderate)")
    _picture(page, "em-light")
    page.keyboard.press("z")
    expect(page.locator(".em-code")).to_have_text("99214")
    page.keyboard.press("g")
    page.keyboard.press("e")
    _tab_to(page, "#em-use")
    page.keyboard.press("Enter")
    expect(page.locator("#code-S1 .cv")).to_have_text("99214")
    with cast.opened(chart.here):
        visit = CodeAssignment.objects.get(kind="px")
        quotes = {link.quote for link in EvidenceLink.objects.filter(assignment=visit)}
        assert len(quotes) == 2 and all("\n" not in quote for quote in quotes)
        assert VisitLevel.objects.get().code == "99214"
    _tag_and_check(chart, page)


def _tag_and_check(chart: Bench, page: Page) -> None:
    """The second half: back to the list, both diagnoses tagged, the HCC panel read."""
    page.keyboard.press("Escape")
    expect(page.locator("#tool")).to_be_hidden()
    expect(page.locator("#code-1")).to_contain_text("No MEAT")
    for diagnosis, letter in (("1", "a"), ("2", "m")):
        page.keyboard.press(diagnosis)
        page.keyboard.press("t")
        page.keyboard.press(letter)
        expect(page.locator(f"#code-{diagnosis}")).to_contain_text(f"MEAT: {letter.upper()}")
    page.keyboard.press("t")
    page.keyboard.press("x")
    expect(page.locator("#code-2")).to_contain_text("No MEAT")
    page.keyboard.press("z")
    expect(page.locator("#code-2")).to_contain_text("MEAT: M")
    with cast.opened(chart.here):
        assert sorted(link.meat for link in EvidenceLink.objects.filter(assignment__kind="dx")) == ["A", "M"]
    page.keyboard.press("m")
    expect(page.locator("#panel button[name=letter][aria-pressed=true]")).to_have_text("M")
    _picture(page, "meat-panel")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.locator("#hcc-s")).to_be_visible()
    expect(page.locator(".hcc-rows li").first).to_contain_text("supported (A)")
    expect(page.locator("#hcc-verdict")).to_have_text("Not known: signature, credential, date on the note.")
    for fact in ("signature", "credential", "note_date"):
        _tab_to(page, f"#fact-{fact}")
        page.keyboard.press("Enter")
        expect(page.locator(f"#fact-{fact}")).to_have_text("Take back")
    expect(page.locator("#hcc-verdict")).to_have_text("Eligible.")
    _picture(page, "hcc-light")


@looks
def test_the_panels_are_accessible_in_both_themes_and_on_a_phone(
    chart: Bench, browse: Opener, theme: str, phone: bool
) -> None:
    from coding_ops.accounts.models import User

    user = User.objects.get(pk=chart.actor.person_id)
    for path in ("em/", "hcc/"):
        watched = browse(user, theme=theme, phone=phone)
        page = watched.open(f"/c/{chart.here.client.slug}/encounters/{chart.encounter.pk}/{path}")
        expect(page.locator("#tool h2")).to_be_visible()
        assert watched.axe() == []
        assert not watched.scrolls_sideways()
        _picture(page, f"{path[:-1]}-{theme}{'-phone' if phone else ''}")


def test_a_reviewer_sees_the_differences(chart: Bench, browse: Opener) -> None:
    good = Cited("problems", "stable_chronic")
    with cast.opened(chart.here):
        words = chart.words("Hypertension, stable")
        act = chart.act(category="office_established", element=good, words=words)
        set_element(**act)
        quentin = cast.person("Quentin Drake", (chart.here, Role.QA_REVIEWER))
    watched = browse(quentin)
    page = watched.open(f"/c/{chart.here.client.slug}/encounters/{chart.encounter.pk}/em/")
    _line(page, 9)
    _element(page, "Self")
    expect(page.locator(".em-diff tbody tr").first).to_contain_text("1 × Chronic, stable")
    expect(page.locator("#em-use")).to_have_count(0)
    assert watched.axe() == []
    _picture(page, "em-reviewer")


def test_an_element_without_words_is_refused_beside_the_form(chart: Bench, browse: Opener) -> None:
    page = _open(chart, browse, "em/")
    _tab_to(page, "#em-go")
    page.keyboard.press("Enter")
    expect(page.locator("#tool .summary")).to_be_focused()
    expect(page.locator("#tool .summary")).to_contain_text("Select the words that show it")
    with cast.opened(chart.here):
        assert VisitLevel.objects.count() == 0
