"""The shortest path: from the worklist to final by keyboard alone, key presses counted."""

from __future__ import annotations

from playwright.sync_api import Page

from encounters.models import CodeAssignment, Encounter, EncounterStatus, EvidenceLink
from tests import cast
from tests.browser.harness import Desk, Opener

MOST_PRESSES = 12


class Keyboard:
    """Counts key presses; typing search words is not counted, chords count each key."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.presses += len(key.split("+"))
            self.page.keyboard.press(key)

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)

    def cite_and_code(self, words: str, code: str = "") -> None:
        """Find the words, take them as evidence, assign: three presses a code."""
        self.press("/")
        self.type(words)
        self.press("Enter")
        if code:
            self.type(code)
        self.page.locator("#hits [role=option]").first.wait_for()
        self.press("Enter")
        self.page.locator("#hits").wait_for(state="hidden")


def test_three_code_visit_is_final_within_twelve_key_presses(desk: Desk, browse: Opener) -> None:
    with cast.opened(desk.here):
        first, second = cast.encounter(desk.here), cast.encounter(desk.here)
    watched = browse(desk.user)
    page = watched.open("/work/")
    page.keyboard.press("n")
    page.wait_for_url(f"**/encounters/{first.pk}/")
    page.wait_for_load_state("networkidle")
    keys = Keyboard(page)

    keys.cite_and_code("type 2 diabetes with diabetic", "e1122")
    keys.cite_and_code("hypertension", "i10")
    keys.cite_and_code("increase losartan", "99213")
    keys.press("Control+Enter")
    page.wait_for_url(f"**/encounters/{second.pk}/")

    assert keys.presses <= MOST_PRESSES
    with cast.opened(desk.here):
        assert Encounter.objects.get(pk=first.pk).status == EncounterStatus.FINAL
        rows = CodeAssignment.objects.filter(encounter=first).order_by("kind", "position")
        assert [row.code for row in rows] == ["E1122", "I10", "99213"]
        quotes = {
            link.assignment.code: link.quote for link in EvidenceLink.objects.select_related("assignment")
        }
        assert quotes == {
            "E1122": "Type 2 diabetes with diabetic",
            "I10": "Hypertension",
            "99213": "Increase losartan",
        }
        assert list(rows)[2].pointers == [rows[0].pk, rows[1].pk]
