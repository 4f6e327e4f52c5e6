"""One query in Chromium, from its words to the number it moves.

A coder quotes the note, the lint refuses a leading question, the mended one goes out; the provider answers on
a phone in two taps; the chart comes back first with the answer, whose words support another code; the query
closes with what it changed, and the measures count it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from cdi_queries.actions.delivery import deliver
from cdi_queries.models import CdiQuery
from code_sets import selectors
from encounters.actions.coding import Words, assign_code
from encounters.actions.leases import take_chart
from encounters.models import DocumentVersion, Encounter
from reporting.actions.snapshots import refresh_snapshots
from tests import cast
from tests.browser.harness import Opener
from tests.cdi_queries import scene
from tests.cdi_queries.link_scene import CODE, LINK

BEFORE, AFTER = ("I509", "Heart failure, unspecified"), ("I5021", "Acute systolic (congestive) heart failure")


@pytest.fixture
def of(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[scene.Desk]:
    for code, title in (BEFORE, AFTER):
        monkeypatch.setitem(cast.ICD10CM, code, title)
    yield scene.desk(cast.cypress())
    selectors.forget_releases()


@pytest.fixture
def chart(of: scene.Desk) -> Encounter:
    """In the coder's hands, with the code that the note alone supports; another chart is due before it."""
    with cast.opened(of.place):
        made = scene.chart(of)
        actor = of.actor(of.coder)
        item = take_chart(actor=actor, item=cast.item_of(made), now=timezone.now())
        version = DocumentVersion.objects.get(document__encounter=made)
        start = version.text.index("Heart failure")
        assign_code(
            actor=actor,
            encounter=made,
            fence=item.fence,
            system="ICD-10-CM",
            code=BEFORE[0],
            evidence=[Words(version.pk, start, start + len("Heart failure"))],
        )
        scene.chart(of, due_at=timezone.now())
    return made


def asks(page: Page) -> None:
    """Two lines become indicators; a leading question is refused; the compliant one is sent."""
    for line in (4, 5):
        page.locator(f"#L{line} > a").click()
        page.keyboard.press("q")
        expect(page.locator("#tool .qy-inds li")).to_have_count(line - 3)
    page.locator("#q-title").fill("Clarification: heart failure")
    page.locator("#q-body").fill("Would you agree that this is sepsis?")
    expect(page.locator("#q-lint li.bad").first).to_contain_text("leads the answer")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.locator("#tool .summary")).to_contain_text("Not sent")
    page.locator("#q-body").fill("Please clarify the type and acuity of the heart failure of this visit.")
    for number, answer in enumerate(("Acute systolic heart failure", "Chronic systolic heart failure")):
        if number:
            page.locator("#q-more").click()
            expect(page.locator(".qy-opts input.in")).to_have_count(number + 1)
        empty = page.locator(".qy-opts input.in").evaluate_all("all => all.find(one => !one.value).id")
        option = page.locator(".qy-opts li", has=page.locator(f"#{empty}"))
        page.locator(f"#{empty}").fill(answer)
        for box in option.locator("input[type=checkbox]").all():
            box.check()
    expect(page.locator("#q-verdict")).to_contain_text("Ready to send.")
    with page.expect_navigation():
        page.keyboard.press("ControlOrMeta+Enter")
    expect(page.locator(".notice").first).to_contain_text("waits for the answer")


def answers(of: scene.Desk, query: CdiQuery, browse: Opener) -> None:
    """The mail's link, the code, and two taps on a phone."""
    with cast.opened(of.place):
        assert deliver(client_id=query.client_id, query_id=str(query.pk))
    found = LINK.search(str(mail.outbox[-1].body))
    assert found
    page = browse(phone=True).open(found[1])
    page.get_by_role("button", name="Mail me the code").click()
    code = CODE.search(str(mail.outbox[-1].body))
    assert code
    page.get_by_label("The 6 digits in that mail").fill(code[1])
    page.get_by_role("button", name="Open the question").click()
    page.get_by_text("Acute systolic heart failure").click()
    page.get_by_role("button", name="Send the answer").click()
    page.get_by_role("heading", name="Thank you, your answer is kept").wait_for()


def recodes(page: Page, base: str, chart: Encounter) -> None:
    """The next chart is this one; the proposed code goes in, citing the answer, and the old one out."""
    page.goto(f"{base}/work/")
    page.wait_for_load_state("networkidle")
    with page.expect_navigation():
        page.keyboard.press("n")
    assert str(chart.pk) in page.url
    page.wait_for_load_state("networkidle")
    page.keyboard.press("q")
    expect(page.locator("#tool .qy-list")).to_contain_text("Acute systolic heart failure")
    page.get_by_role("button", name="Add I50.21 with the answer as its evidence").click()
    expect(page.locator("#codes")).to_contain_text("I50.21")
    expect(page.locator("#tool")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#tool")).to_be_hidden()
    page.keyboard.press("1")
    expect(page.locator("#code-1")).to_contain_text("I50.9")
    page.keyboard.press("Backspace")
    page.locator("#reason").fill("The provider's answer is more exact")
    page.keyboard.press("Enter")
    expect(page.locator(".code")).to_have_count(1)
    with page.expect_navigation():
        page.keyboard.press("ControlOrMeta+Enter")


def looked_up(of: scene.Desk, query: CdiQuery, browse: Opener) -> None:
    """The trail with both codes, the chart's history with the answer's words, and the numbers that moved."""
    with cast.opened(of.place):
        query.refresh_from_db()
        client = of.place.client
        refresh_snapshots(actor=cast.SYSTEM, client=client, through=timezone.localdate(), now=timezone.now())
    assert (query.state, query.outcome) == ("closed", "agreed")
    slug = of.place.client.slug
    page = browse(of.manager).open(f"/c/{slug}/queries/{query.pk}/")
    trail = page.locator("main")
    expect(trail).to_contain_text("I50.9")
    expect(trail).to_contain_text("I50.21")
    page.goto(f"{page.url.split('/c/')[0]}/c/{slug}/encounters/{query.encounter_id}/history/")
    expect(page.locator("main")).to_contain_text("answered a query")
    expect(page.locator("main")).to_contain_text("I50.21")
    page.goto(f"{page.url.split('/c/')[0]}/c/{slug}/queries/measures/")
    agreement = page.locator("article", has_text="Agreement")
    expect(agreement).to_contain_text("1 of 1")
    agreement.get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("Listed here: 1 query")
    page.get_by_role("link", name="Visit").first.click()
    expect(page.locator("main")).to_contain_text("Clarification: heart failure")
    page.goto(f"{page.url.split('/c/')[0]}/c/{slug}/dashboard/")
    page.get_by_role("link", name="Query agreement").first.click()
    expect(page.locator("main")).to_contain_text("1")


def test_from_the_words_of_the_note_to_the_changed_code_and_its_number(
    of: scene.Desk, chart: Encounter, browse: Opener
) -> None:
    href = f"/c/{of.place.client.slug}/encounters/{chart.pk}/"
    coder = browse(of.coder)
    asks(coder.open(href))
    with cast.opened(of.place):
        query = CdiQuery.objects.get()
    answers(of, query, browse)
    recodes(coder.page, coder.base, chart)
    looked_up(of, query, browse)
