"""An inpatient chart by keyboard alone: a procedure built from its tables, POA, and the group that moves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from coding_ops.tenancy.models import Role
from encounters.actions.coding import Words, assign_code
from encounters.actions.leases import take_chart
from encounters.models import CodeAssignment, Encounter, EvidenceLink, WorkingDrg
from tests import cast, stay
from tests.browser.harness import Opener
from tests.browser.looks import looks


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


def picture(page: Page, name: str) -> None:
    """Kept for a person to look at where ``PICTURES_DIR`` names a folder."""
    if folder := os.environ.get("PICTURES_DIR"):
        page.screenshot(path=f"{folder}/{name}.png")


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


def test_the_group_moves_with_each_code_and_says_what_it_rests_on(ward: Ward, browse: Opener) -> None:
    """MS-DRG Definitions Manual v43.1, MDC 8: 536 fracture, 522 with replacement, 521 with an MCC."""
    ward.assign(stay.FRACTURE)
    page = browse(ward.user).open(ward.href)
    press(page, "g", "i")
    group = page.locator("#drg-now")
    expect(group).to_contain_text("536")
    # The procedure, in its own tool; then back to the group.
    select_words(page, stay.QUOTES[stay.HIP])
    press(page, "g", "s")
    expect(page.locator("#pcs-code")).to_be_focused()
    page.keyboard.type(stay.HIP)
    expect(page.locator("#pcs-title")).to_be_visible()
    press(page, "Enter")
    expect(page.locator("#toast")).to_contain_text("added as S1")
    press(page, "Escape", "g", "i")
    expect(group).to_contain_text("522")
    # A diagnosis from the box beside the open tool: the panel follows.
    press(page, "c")
    page.keyboard.type(stay.FAILURE)
    page.locator("#hits [role=option]").first.wait_for()
    press(page, "Enter")
    expect(group).to_contain_text("521")
    drivers = page.locator(".drg-rows").first
    expect(drivers).to_contain_text("Without it: 522")
    expect(drivers.locator(".badge.warn")).to_have_count(2)
    page.locator("#tool[data-ready]").wait_for()
    page.locator(".drg-rows a.tok", has_text="S1").first.focus()
    press(page, "Enter")
    expect(page.locator("#note mark.on")).to_contain_text(stay.QUOTES[stay.HIP])
    expect(group).to_be_visible()
    # How the stay ended, and the group that is expected.
    page.locator("#drg-status").focus()
    page.keyboard.type("62")
    press(page, "Tab", "Enter")
    expect(page.locator("#drg-status")).to_have_value("62")
    expect(page.locator(".drg-sec", has_text="Grouped as discharged home")).to_have_count(0)
    page.locator("#drg-record").focus()
    press(page, "Enter")
    expect(page.locator(".drg-work")).to_contain_text("521")
    with cast.opened(ward.here):
        assert [one.drg for one in WorkingDrg.objects.all()] == [521]


@looks
def test_the_inpatient_tools_are_accessible(ward: Ward, browse: Opener, theme: str, phone: bool) -> None:
    for code in (stay.FRACTURE, stay.FAILURE, stay.INSULIN):
        ward.assign(code)
    ward.assign(stay.HIP, "ICD-10-PCS")
    watched = browse(ward.user, theme=theme, phone=phone)
    for name, address in (("drg", "drg/"), ("pcs", "pcs/")):
        page = watched.open(ward.href + address)
        if name == "pcs":
            page.locator("#pcs-code").fill("0SR9")
            expect(page.locator("#pcs-axis")).to_have_text("Approach")
        picture(page, f"inpatient-{name}-{theme}{'-390' if phone else ''}")
        assert watched.axe() == []
        assert not watched.scrolls_sideways()
    page = watched.open(ward.href)
    if not phone:
        press(page, "1", "y")
        expect(page.locator("#poa-ask")).to_be_visible()
        picture(page, f"inpatient-poa-{theme}")
        assert watched.axe() == []


def test_the_inpatient_tools_work_without_a_script(ward: Ward, browse: Opener) -> None:
    ward.assign(stay.FRACTURE)
    page = browse(ward.user, script=False).open(ward.href + "pcs/")
    for label in ("Medical and Surgical", "Lower Joints", "Replacement", "Hip Joint, Right", "Open"):
        page.locator("#pcs-values button", has_text=label).first.click()
    for label in ("Synthetic Substitute, Ceramic", "Cemented"):
        page.locator("#pcs-values button", has_text=label).first.click()
    page.locator("#pcs-lines").fill("7")
    page.get_by_role("button", name=f"Add {stay.HIP}").click()
    expect(page.locator("#code-S1")).to_contain_text(stay.HIP)
    page.goto(page.url.split("#")[0] + "drg/")
    expect(page.locator("#drg-now")).to_contain_text("522")
