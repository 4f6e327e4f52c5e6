"""Writing a query in Chromium, by keyboard: words of the note, a lint error, the mended question, sent."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from cdi_queries.models import CdiQuery
from cdi_queries.rules.content import QueryContent, from_json
from encounters.actions.leases import take_chart
from encounters.models import Document, DocumentVersion, Encounter, Pend
from tests import cast
from tests.browser.harness import Opener
from tests.browser.looks import looks
from tests.cdi_queries import scene

PICTURES = os.environ.get("KEEP_PICTURES", "")
CURRENT = re.compile(r"\bcur\b")
LABS = "LABORATORY\nSodium 138, potassium 4.1\nNT-proBNP 9,410\n"


@pytest.fixture
def of(transactional_db: None) -> scene.Desk:
    return scene.desk(cast.cypress())


@pytest.fixture
def chart(of: scene.Desk) -> Encounter:
    """A chart in the coder's hands, with a note and a laboratory report."""
    with cast.opened(of.place):
        made = scene.chart(of)
        report = Document.objects.create(
            client=of.place.client, encounter=made, external_id="lab-1", kind="lab", title="Laboratory"
        )
        version = DocumentVersion.objects.latest("received_at")
        DocumentVersion.objects.create(
            client=of.place.client,
            document=report,
            number=1,
            text=LABS,
            sha256=version.sha256,
            character_count=len(LABS),
            authored_at=version.authored_at,
            received_at=timezone.now(),
        )
        take_chart(actor=of.actor(of.coder), item=cast.item_of(made), now=timezone.now())
    return made


def _href(of: scene.Desk, chart: Encounter) -> str:
    return f"/c/{of.place.client.slug}/encounters/{chart.pk}/"


def _line(page: Page, number: int) -> None:
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.locator("#palette input, dialog[open] input").first.wait_for()
    page.keyboard.type(str(number))
    page.keyboard.press("Enter")
    expect(page.locator(f"#L{number}")).to_have_class(CURRENT)


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(80):
        if page.locator(selector).evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")


def _picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


def _kept(of: scene.Desk) -> tuple[CdiQuery, QueryContent]:
    with cast.opened(of.place):
        query = CdiQuery.objects.get()
        return query, from_json(query.content)


def test_from_selected_words_over_a_lint_error_to_a_sent_query(
    of: scene.Desk, chart: Encounter, browse: Opener
) -> None:
    watched = browse(of.coder)
    page = watched.open(_href(of, chart))
    _line(page, 4)
    page.keyboard.press("q")
    expect(page.locator("#tool .qy-inds li")).to_have_count(1)
    expect(page.locator(".ln.cur > a")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("q")
    expect(page.locator("#tool .qy-inds li")).to_have_count(2)
    expect(page.locator(".qy-inds li").last).to_contain_text("Progress note, 09/15/2026, L5")
    page.keyboard.press("q")  # the same words again: on to the form
    expect(page.locator("#q-title")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Clarification: heart failure")
    page.keyboard.press("Tab")
    page.keyboard.type("Would you agree that the patient has sepsis?")
    expect(page.locator("#q-lint li.bad").first).to_contain_text("leads the answer")
    expect(page.locator("#q-marks mark.bad").first).to_contain_text("Would you agree")
    _picture(page, "query-error")
    assert page.evaluate("CSS.highlights.get('asked').size") == 2  # the indicators, where they stand
    assert _kept(of)[1].body == ""  # linted, not stored
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.locator("#tool .summary")).to_be_focused()
    expect(page.locator("#tool .summary")).to_contain_text("Not sent")
    assert watched.axe() == []
    _mend(of, page)


def _mend(of: scene.Desk, page: Page) -> None:
    """The second half: to the words from the finding, mended, answers with their indicators, sent."""
    _tab_to(page, "#q-lint li:first-child a")
    page.keyboard.press("Enter")
    expect(page.locator("#q-body")).to_be_focused()
    assert page.evaluate("document.getSelection().toString()").startswith("Would you agree")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Please clarify the type and acuity of the heart failure treated during this stay.")
    _answer(page, "Chronic systolic heart failure")
    _tab_to(page, "#q-more")
    page.keyboard.press("Enter")
    expect(page.locator(".qy-opts input.in:focus")).to_have_value("")
    _answer(page, "Acute systolic heart failure")
    expect(page.locator("#q-verdict")).to_contain_text("Ready to send.")
    _tab_to(page, "#q-see")
    page.keyboard.press("Enter")
    expect(page.locator("#q-preview")).to_be_focused()
    expect(page.locator("#q-preview .ask-pick").first).to_contain_text("Acute systolic heart failure")
    _picture(page, "query-preview")
    page.locator("#q-title").focus()
    with page.expect_navigation():
        page.keyboard.press("ControlOrMeta+Enter")
    expect(page.locator(".notice").first).to_contain_text("waits for the answer")
    query, content = _kept(of)
    assert query.state == "sent" and query.lint_warnings == []
    assert [one.text for one in content.options] == [
        "Acute systolic heart failure", "Chronic systolic heart failure", "Other (please specify)",
        "Unable to determine",
    ]  # fmt: skip
    with cast.opened(of.place):
        assert Pend.objects.get().reason == "query"


def _answer(page: Page, words: str) -> None:
    """Types into the first empty answer and ticks both indicators."""
    if page.locator(".qy-opts input.in:focus").count() == 0:
        name = page.locator(".qy-opts input.in").evaluate_all("all => all.find(one => !one.value).id")
        _tab_to(page, f"#{name}")
    page.keyboard.type(words)
    page.keyboard.press("Tab")
    for _ in range(2):
        page.keyboard.press("Tab")
        page.keyboard.press("Space")


def test_words_of_another_document_and_nothing_typed_is_lost(
    of: scene.Desk, chart: Encounter, browse: Opener
) -> None:
    page = browse(of.coder).open(_href(of, chart))
    _line(page, 4)
    page.keyboard.press("q")
    expect(page.locator("#tool .qy-inds li")).to_have_count(1)
    page.locator("#q-body").fill("Please clarify the heart failure.")
    with page.expect_navigation():
        page.get_by_role("link", name="Laboratory").click()
    expect(page.locator("#tool[data-ready]")).to_be_visible()
    expect(page.locator("#q-body")).to_have_value("Please clarify the heart failure.")
    _line(page, 3)
    page.keyboard.press("q")
    expect(page.locator(".qy-inds li").last).to_contain_text("Laboratory, 09/15/2026, L3")
    page.keyboard.press("q")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Clarification: cardiac findings")
    with page.expect_response(lambda answer: answer.request.method == "POST" and "/lint/" not in answer.url):
        page.keyboard.press("Escape")
    expect(page.locator("#tool")).to_be_hidden()
    page.keyboard.press("q")
    expect(page.locator("#q-title")).to_have_value("Clarification: cardiac findings")
    page.locator(".qy-tpl summary").click()
    page.locator("#q-tplfind").fill("heart failure type")
    with page.expect_response(lambda answer: answer.request.method == "POST" and "/lint/" not in answer.url):
        page.keyboard.press("Enter")
    expect(page.locator("#q-words")).to_contain_text("heart failure")
    assert _kept(of)[0].template_key == "heart-failure-type-acuity"


def test_words_of_an_earlier_visit_are_added_from_its_own_chart(
    of: scene.Desk, chart: Encounter, browse: Opener
) -> None:
    with cast.opened(of.place):
        scene.draft(of, chart)
        scene.chart(of, patient=chart.patient, service_on=date(2026, 3, 2))
    page = browse(of.cdi).open(f"{_href(of, chart)}query/")
    page.locator("#q-indicators details summary").click()
    with page.expect_navigation():
        page.get_by_role("link", name="03/02/2026, office visit").click()
    _line(page, 4)
    page.keyboard.press("q")
    expect(page.locator("[name=relevance]")).to_be_focused()
    page.keyboard.type("The same ejection fraction six months before.")
    with page.expect_response(lambda answer: "/query/prior/" in answer.url):
        page.keyboard.press("Enter")
    with page.expect_navigation():
        page.get_by_role("link", name="Back to the draft").click()
    expect(page.locator(".qy-inds li").last).to_contain_text("Earlier visit")
    last = _kept(of)[1].indicators[-1]
    assert (last.is_prior, last.relevance) == (True, "The same ejection fraction six months before.")


@looks
def test_the_composer_is_accessible_in_both_themes_and_on_a_phone(
    of: scene.Desk, chart: Encounter, browse: Opener, theme: str, phone: bool
) -> None:
    with cast.opened(of.place):
        scene.draft(of, chart, by=of.coder, body="Would you agree that this is sepsis?")
    watched = browse(of.coder, theme=theme, phone=phone)
    page = watched.open(f"{_href(of, chart)}query/")
    expect(page.locator("#tool[data-ready]")).to_be_visible()
    assert watched.axe() == []
    assert not watched.scrolls_sideways()
    _picture(page, f"query-{theme}{'-phone' if phone else ''}")
