"""An inpatient chart by keyboard alone: a procedure built from its tables, POA, and the group that moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from coding_ops.tenancy.models import Role
from encounters.actions.coding import Words, assign_code
from encounters.actions.leases import take_chart
from encounters.models import CodeAssignment, Encounter, EvidenceLink
from tests import cast, stay
from tests.browser.harness import Opener


class Ward:
    """A stay in the coder's hands."""

    def __init__(self, folder: Path, **attributes: Any) -> None:
        stay.code_sets(folder)
        self.here = cast.cypress()
        self.user = cast.coder("Rosalind Ames", self.here)
        with cast.opened(self.here):
            self.chart: Encounter = stay.encounter(self.here, **attributes)
            item = cast.item_of(self.chart)
            self.fence = take_chart(actor=self.actor, item=item, now=timezone.now()).fence
        self.href = f"/c/{self.here.client.slug}/encounters/{self.chart.pk}/"

    @property
    def actor(self) -> Any:
        return cast.actor_for(self.user, Role.CODER)

    def assign(self, code: str, system: str = "ICD-10-CM") -> None:
        with cast.opened(self.here):
            version = self.chart.documents.get().versions.get()
            start = version.text.index(stay.QUOTES[code])
            assign_code(
                actor=self.actor,
                encounter=self.chart,
                fence=self.fence,
                system=system,
                code=code,
                evidence=[Words(version.pk, start, start + len(stay.QUOTES[code]))],
            )


@pytest.fixture
def ward(settings: Any, tmp_path: Path, transactional_db: None) -> Ward:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    return Ward(tmp_path)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def select_words(page: Page, words: str) -> None:
    """By the find box: the words become the selection of the note."""
    press(page, "/")
    page.keyboard.type(words)
    press(page, "Escape")


def test_a_procedure_is_built_axis_by_axis_with_the_selected_words(ward: Ward, browse: Opener) -> None:
    page = browse(ward.user).open(ward.href)
    select_words(page, stay.QUOTES[stay.HIP])
    press(page, "g", "s")
    box = page.locator("#pcs-code")
    expect(box).to_be_focused()
    expect(page.locator("#pcs-picks")).to_contain_text("right hip replacement")
    page.keyboard.type("0s")
    expect(page.locator("#pcs-axis")).to_have_text("Operation")
    expect(page.locator("#pcs-values")).to_contain_text("Replacement")
    # From the list: the second operation is the replacement.
    press(page, "ArrowDown", "ArrowDown", "Enter")
    expect(page.locator("#pcs-step")).to_have_attribute("data-prefix", "0SR")
    expect(box).to_be_focused()
    page.keyboard.type("9")
    expect(page.locator("#pcs-axis")).to_have_text("Approach")
    # No row has a percutaneous approach here: the character is taken back.
    page.keyboard.type("3")
    expect(page.locator("#pcs-refused")).to_have_text("3 is not a value of Approach after 0SR9.")
    expect(box).to_have_value("0SR9")
    page.keyboard.type("039")
    expect(page.locator("#pcs-title")).to_contain_text(stay.PROCEDURES[stay.HIP])
    press(page, "Backspace")
    expect(page.locator("#pcs-axis")).to_have_text("Qualifier")
    page.keyboard.type("9")
    press(page, "Enter")
    expect(page.locator("#toast")).to_contain_text("added as S1, 1 quote cited")
    with cast.opened(ward.here):
        row = CodeAssignment.objects.get()
        assert (row.system, row.code) == ("ICD-10-PCS", stay.HIP)
        assert EvidenceLink.objects.get().quote == stay.QUOTES[stay.HIP]
    # The panel begins anew, and Escape leads back to the list of codes.
    expect(page.locator("#pcs-step")).to_have_attribute("data-prefix", "")
    press(page, "Escape")
    expect(page.locator("#code-S1")).to_contain_text(stay.HIP)


def test_present_on_admission_is_a_letter_a_diagnosis(ward: Ward, browse: Opener) -> None:
    for code in (stay.FRACTURE, stay.INSULIN, stay.FAILURE):
        ward.assign(code)
    page = browse(ward.user).open(ward.href)
    expect(page.locator("#code-2 .poa")).to_have_text("POA exempt")
    press(page, "1", "y")
    expect(page.locator("#poa-ask")).to_be_visible()
    press(page, "y")
    expect(page.locator("#code-1 .poa")).to_have_text("POA Y")
    # The exempt one is passed over.
    expect(page.locator("#code-3 #poa-ask")).to_be_visible()
    press(page, "n")
    expect(page.locator("#code-3 .poa")).to_have_text("POA N")
    expect(page.locator("#poa-ask")).to_have_count(0)
    with cast.opened(ward.here):
        letters = dict(CodeAssignment.objects.values_list("code", "present_on_admission"))
    assert letters == {stay.FRACTURE: "Y", stay.INSULIN: "", stay.FAILURE: "N"}
