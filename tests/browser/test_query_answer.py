"""A provider answers on a phone: by link and code, or signed in; choose and send are the two taps."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.harness import Opener

BOX = """els => els.map(e => e.getBoundingClientRect()).map(r => [r.width, r.height])"""


@pytest.fixture
def asked(transactional_db: None) -> Any:
    """A sent and delivered query; its mail holds the link."""
    from tests import cast
    from tests.cdi_queries.link_scene import mailed

    return mailed(cast.cypress())


def answer_of(asked: Any) -> Any:
    from cdi_queries.models import QueryAnswer
    from tests import cast

    with cast.opened(asked.desk.place):
        return QueryAnswer.objects.filter(query=asked.query).first()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_link_code_and_two_taps(browse: Opener, asked: Any, theme: str) -> None:
    from django.core import mail

    from tests.cdi_queries.link_scene import CODE

    watched = browse(phone=True, theme=theme)
    page = watched.open(asked.href)
    assert watched.axe() == [] and not watched.scrolls_sideways()
    assert "Theriot" not in page.content()
    page.get_by_role("button", name="Mail me the code").click()
    found = CODE.search(str(mail.outbox[-1].body))
    assert found
    page.get_by_label("The 6 digits in that mail").fill(found[1])
    assert watched.axe() == []
    page.get_by_role("button", name="Open the question").click()
    page.get_by_role("heading", name="Clarification: heart failure").wait_for()
    assert watched.axe() == [] and not watched.scrolls_sideways()
    assert page.locator("input[type=radio]:checked").count() == 0
    sizes = page.locator(".ask-pick, .ask-send").evaluate_all(BOX)
    assert len(sizes) == 6 and all(width >= 44 and height >= 44 for width, height in sizes)

    page.get_by_text("Acute systolic heart failure").click()
    page.get_by_role("button", name="Send the answer").click()

    page.get_by_role("heading", name="Thank you, your answer is kept").wait_for()
    assert watched.axe() == [] and not watched.scrolls_sideways()
    kept = answer_of(asked)
    assert (kept.option_text, kept.words) == ("Acute systolic heart failure", None)
    assert page.title() == "Your answer · Coding Ops"


def test_signed_in_without_a_script_and_an_error_on_the_way(browse: Opener, asked: Any) -> None:
    watched = browse(asked.desk.doctor, phone=True, script=False)
    page = watched.open("/")
    page.goto(f"{watched.base}/c/cypress-ridge/asked/")
    page.get_by_role("link", name="Clarification: heart failure").click()
    page.get_by_text("Other (please specify)").click()
    page.get_by_role("button", name="Send the answer").click()
    page.get_by_role("link", name="Write what you mean by your answer.").click()
    assert page.locator("input[type=radio]:checked").count() == 1
    page.get_by_label("In your own words").fill("Acute on chronic, as of today.")
    page.get_by_role("button", name="Send the answer").click()
    page.get_by_role("heading", name="The answer to this question").wait_for()
    assert answer_of(asked).words == "Acute on chronic, as of today."


def test_signed_in_by_keyboard_alone(browse: Opener, asked: Any) -> None:
    watched = browse(asked.desk.doctor)
    page = watched.open(f"/c/cypress-ridge/asked/{asked.query.pk}/")
    assert watched.axe() == []
    page.locator("input[type=radio]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="The answer to this question").wait_for()
    assert watched.axe() == []
    assert answer_of(asked).option_text == "Acute systolic heart failure"
    page.get_by_role("link", name="All my questions").click()
    page.get_by_text("Nothing waits for you").wait_for()
    assert watched.axe() == [] and not watched.scrolls_sideways()
