"""A month of the QA programme in Chromium: draw, blind review, rebuttal, overturn, training, re-audit, and
the coder's accuracy with its interval and rows.

Ten charts, one with a stage that its note does not say.  Of three drawn, the reviewer finds that one, agrees
with one, and overlooks a diagnosis of the third, which a manager overturns: 11 of 12 codes are right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from code_sets import selectors
from encounters.models import Encounter
from qa_audit.models import Draw, Review, TrainingAssignment
from qa_audit.rules.sampling import Method, Plan, draw
from qa_audit.rules.training_states import TrainingState
from tests import cast
from tests.browser.harness import Opener
from tests.qa_audit.scene import CODES, Team, final_chart, team

OTHER_STAGE = tuple((code.replace("N1831", "N1832"), quote) for code, quote in CODES)
RIGHT = (
    ("type 2 diabetes", "e1122"),
    ("stage 3a", "n1831"),
    ("hypertension", "i129"),
    ("insulin", "z794"),
)


@pytest.fixture
def crew(transactional_db: None) -> Iterator[Team]:
    yield team(cast.cypress())
    selectors.forget_releases()


def charts_of_the_month(crew: Team) -> tuple[Encounter, list[Encounter]]:
    with cast.opened(crew.place):
        vague = final_chart(crew, days_ago=12, codes=OTHER_STAGE)
        return vague, [vague, *(final_chart(crew, days_ago=3 + number) for number in range(9))]


def seed_that_draws(crew: Team, wanted: Encounter, charts: list[Encounter]) -> int:
    """The rule by itself says what the page will draw."""
    rows = [(str(chart.pk), f"coder={crew.coder.pk}") for chart in sorted(charts, key=lambda one: one.pk)]
    plan = Plan(method=Method.PERCENT, value=Decimal(30), floor_per_stratum=0, certainty_strata=frozenset())
    return next(seed for seed in range(1, 1000) if str(wanted.pk) in draw(rows, plan, seed).strata[0].drawn)


def draws_a_sample(page: Page, base: str, quality: str, seed: int) -> str:
    """The manager plans three charts in ten, blind, and draws the days before today; answers its address."""
    page.goto(f"{base}{quality}plans/")
    page.get_by_role("link", name="New plan").first.click()
    page.get_by_role("textbox", name="Name of the plan", exact=True).fill("Every month")
    page.get_by_role("textbox", name="How many", exact=True).fill("30")
    page.get_by_role("button", name="Preview").last.click()
    expect(page.locator("#preview")).to_contain_text("10")
    page.get_by_role("button", name="Save the plan").click()
    today = cast.today()
    page.get_by_role("textbox", name="First day", exact=True).fill(f"{today - timedelta(days=20):%m/%d/%Y}")
    page.get_by_role("textbox", name="Last day", exact=True).fill(f"{today - timedelta(days=1):%m/%d/%Y}")
    page.get_by_role("textbox", name="Seed", exact=True).fill(str(seed))
    page.get_by_role("button", name="Draw", exact=True).click()
    page.wait_for_url("**/draws/*/")
    address = page.url
    page.get_by_role("link", name="Draw again and compare").click()
    expect(page.locator("main")).to_contain_text("same")
    return address


def reviews_blind(page: Page, base: str, overlooked: str = "") -> None:
    """One review from the queue to its delivery, by keyboard; a finding is one of documentation not read."""
    page.goto(f"{base}/work/reviews/")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("n")
    page.wait_for_url("**/quality/reviews/*/")
    page.wait_for_load_state("networkidle")
    for words, typed in RIGHT:
        if typed != overlooked:
            page.keyboard.press("/")
            page.keyboard.type(words)
            page.keyboard.press("Enter")
            page.keyboard.type(typed)
            page.locator("#hits [role=option]").first.wait_for()
            page.keyboard.press("Enter")
            page.locator("#hits").wait_for(state="hidden")
    page.keyboard.press("Control+Enter")
    page.locator(".sheetln").first.wait_for()
    page.wait_for_load_state("networkidle")
    if page.locator(".sheetln .badge.bad").count():
        page.keyboard.press("f")
        page.keyboard.press("2")
        page.locator("#citation").wait_for()
        page.keyboard.type("I.B.2")
        page.keyboard.press("Enter")
        expect(page.locator(".sheetln[data-open]")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/work/reviews/")


def answers(page: Page, address: str, key: str, words: str, told: str) -> None:
    """The form of the one finding that waits for this person, opened by its key; a rebuttal cites."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    waiting = page.locator(".fnd", has=page.locator("[data-key]"))
    page.keyboard.press("f")
    expect(waiting).to_be_focused()
    page.keyboard.press(key)
    if words:
        form = waiting.locator("details[open]")
        if form.get_by_label("Section").count():
            form.get_by_label("Section").fill("I.C.9.a")
        form.get_by_label("Why", exact=True).fill(words)
        form.get_by_role("button").last.click()
    else:
        page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text(told)


def test_a_month_of_the_programme(crew: Team, browse: Opener) -> None:
    vague, charts = charts_of_the_month(crew)
    quality = f"/c/{crew.place.client.slug}/quality/"
    lead, reviewer, coder = browse(crew.manager), browse(crew.reviewer), browse(crew.coder)
    base = lead.base
    drawn = draws_a_sample(lead.page, base, quality, seed_that_draws(crew, vague, charts))

    # The reviewer overlooks the diabetes drug in the first chart that is not the vague one.
    with cast.opened(crew.place):
        reviews = list(Review.objects.filter(draw=Draw.objects.get()).order_by("created_at", "pk"))
        order = [review.encounter_id == vague.pk for review in reviews]
    assert len(order) == 3 and order.count(True) == 1
    careless = order.index(False)
    for place in range(3):
        reviews_blind(reviewer.page, base, overlooked="i129" if place == careless else "")
    with cast.opened(crew.place):
        states = {review.pk: review.state for review in Review.objects.all()}
    accepted, disputed = reviews[order.index(True)], reviews[careless]
    assert sorted(states.values()) == ["answering", "answering", "closed"]

    where = f"{base}{quality}reviews/"
    answers(coder.page, f"{where}{accepted.pk}/", "y", "", "Accepted.")
    address = f"{where}{disputed.pk}/"
    answers(coder.page, address, "b", "The plan names it with its drug.", "handed to the reviewer")
    answers(reviewer.page, address, "y", "I read it as history only.", "Upheld")
    answers(coder.page, address, "b", "It stands under assessment.", "A third person decides now")
    answers(lead.page, address, "b", "The assessment names it.", "The review is closed")

    page = coder.open("/work/accuracy/")
    level = page.get_by_role("row", name=re.compile("^Code")).first
    expect(level).to_contain_text("91.7%")
    expect(level).to_contain_text("11 of 12")
    lead.page.goto(drawn)
    expect(lead.page.locator("main")).to_contain_text("91.7%")

    trains_and_proves(crew, lead.page, reviewer.page, coder.page, f"{base}{quality}")
    page = coder.open("/work/accuracy/")
    expect(page.get_by_role("row", name=re.compile("^Code")).first).to_contain_text("11 of 12")


def trains_and_proves(crew: Team, lead: Page, reviewer: Page, coder: Page, quality: str) -> None:
    """Assigned from its topic, done, proved on a chart finished after it, closed."""
    lead.goto(f"{quality}training/")
    lead.locator(".rowlk").first.click()
    lead.get_by_role("link", name="Assign training", exact=True).click()
    lead.get_by_label("Coder", exact=True).select_option(label=crew.coder.full_name)
    lead.get_by_label("Why", exact=True).fill("The stage stands in the plan.")
    lead.get_by_label("Material", exact=True).fill("Guidelines, section I.B.2")
    lead.get_by_label("Due", exact=True).fill(f"{cast.today() + timedelta(days=7):%Y-%m-%d}")
    lead.get_by_label("Charts of the re-audit").fill("1")
    lead.get_by_role("button", name="Assign").click()
    expect(lead.locator("h1")).to_be_visible()
    with cast.opened(crew.place):
        training = TrainingAssignment.objects.get()
    own = f"{quality}training/assignments/{training.pk}/"
    coder.goto(own)
    coder.get_by_role("button", name="I have done it").click()
    expect(coder.locator("main")).to_contain_text("0 of 1")
    with cast.opened(crew.place):
        final_chart(crew, days_ago=0)
    lead.goto(own)
    lead.get_by_role("button", name="Ask for the re-audit now").click()
    expect(lead.locator("main")).to_contain_text("0 of 1 review closed")
    reviews_blind(reviewer, quality.partition("/c/")[0])
    lead.goto(own)
    expect(lead.locator("main")).to_contain_text("clean")
    with cast.opened(crew.place):
        training.refresh_from_db()
        assert training.state == TrainingState.CLOSED
