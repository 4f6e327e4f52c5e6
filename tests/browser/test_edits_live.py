"""The edits while the coder works, by keyboard alone: a finding lands beside its line, F goes to it, R lets
it stand with words of the note, and the chart is finalized with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from coding_ops.tenancy.models import Role
from encounters.models import CodeRevision, EditOverride, Encounter, EncounterStatus
from tests import cast
from tests.browser.harness import Desk, Opener
from tests.encounters.edit_scene import NOTE, load_tables, own_folder


@pytest.fixture
def desk(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[Desk]:
    """A coder with small tables of edits behind the charts."""
    with own_folder(settings, tmp_path / "tables"):
        load_tables(tmp_path)
        here = cast.cypress()
        yield Desk(here, cast.coder("Rosalind Ames", here))


def taken(desk: Desk, browse: Opener, **options: Any) -> tuple[Page, Encounter]:
    """The next chart in hand; another waits after it."""
    with cast.opened(desk.here):
        first = cast.encounter(desk.here, note=NOTE, due_at=timezone.now() + timedelta(hours=1))
        cast.encounter(desk.here, note=NOTE)
    page = browse(desk.user, **options).open("/work/")
    page.keyboard.press("n")
    page.wait_for_url(f"**/encounters/{first.pk}/")
    page.wait_for_load_state("networkidle")
    return page, first


def select(page: Page, words: str) -> None:
    """Words of the note, by find alone; Escape leaves them selected."""
    page.keyboard.press("/")
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def code(page: Page, words: str, code: str) -> None:
    """Find the words, take them as evidence, assign."""
    select(page, words)
    page.keyboard.type(code)
    page.locator("#hits [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    page.locator("#hits").wait_for(state="hidden")


def test_two_codes_that_exclude_each_other_are_let_stand_and_finalized_by_keyboard(
    desk: Desk, browse: Opener
) -> None:
    page, chart = taken(desk, browse)
    code(page, "type 2 diabetes", "e119")
    expect(page.locator(".edit[data-finding=bad]")).to_have_count(0)
    code(page, "type 1 diabetes", "e109")
    beside = page.locator("#code-2 .edit[data-finding=bad]")
    expect(beside).to_contain_text("exclude each other")
    expect(beside).to_contain_text("icd.excludes1")
    expect(page.locator("#ready")).to_contain_text("1 blocking")
    expect(page.locator("#live")).to_contain_text("1 edit blocks")

    page.keyboard.press("Control+Enter")  # refused: it says what and where
    expect(page.locator("#blockers")).to_contain_text("exclude each other")

    page.keyboard.press("f")
    expect(beside).to_be_focused()
    expect(page.locator("#code-2")).to_have_class("code on")
    expect(page.locator("#live")).to_contain_text("Blocks")

    select(page, "ruled out in 2019")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.keyboard.press("r")
    expect(page.locator("#override .chosen q")).to_have_text("ruled out in 2019")
    expect(page.locator("#o-note")).to_be_focused()  # one reason fits: it is chosen already
    page.keyboard.type("Two conditions, years apart.")
    page.keyboard.press("Enter")
    expect(page.locator("#code-2 .edit[data-finding=ok]")).to_contain_text("Overridden")
    expect(page.locator("#ready")).to_contain_text("Nothing blocks")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: str(chart.pk) not in url)

    with cast.opened(desk.here):
        assert Encounter.objects.get(pk=chart.pk).status == EncounterStatus.FINAL
        override = EditOverride.objects.get()
        assert (override.quote, override.note) == ("ruled out in 2019", "Two conditions, years apart.")
        revision = CodeRevision.objects.get()
        assert revision.edits is not None
        kept = [one for one in revision.edits["findings"] if one["rule"] == "icd.excludes1"]
        assert [one["became"] for one in kept] == ["overridden"]


def test_a_modifier_is_added_from_the_finding_its_words_are_asked_for_and_undo_takes_both_back(
    desk: Desk, browse: Opener
) -> None:
    page, _ = taken(desk, browse)
    code(page, "blood pressure", "i10")
    code(page, "therapeutic activities", "97530")
    code(page, "gait training", "97116")
    page.keyboard.press("f")
    expect(page.locator("#code-S2 .edit")).to_be_focused()
    page.keyboard.press("Tab")  # the link to the line it concerns too
    page.keyboard.press("Tab")
    expect(page.locator("button:focus")).to_have_text("Add XE")
    page.keyboard.press("Enter")
    beside = page.locator("#code-S2 .edit[data-finding=bad]")
    expect(beside).to_contain_text("XE sets 97116 apart from 97530")
    expect(page.locator("#code-S2 .tok")).to_be_focused()

    select(page, "separate afternoon session")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.keyboard.press("r")
    expect(page.locator("#o-reason")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # no reason yet: nothing is recorded
    expect(page.locator("#override .summary")).to_contain_text("Choose one of the listed reasons")
    page.locator("#o-reason").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#o-reason")).to_have_value("separate_encounter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#code-S2 .edit[data-finding=ok]")).to_contain_text("Shown")
    page.keyboard.press("z")
    expect(beside).to_contain_text("XE sets 97116 apart from 97530")
    page.keyboard.press("z")
    expect(beside).to_contain_text("ncci.ptp")
    with cast.opened(desk.here):
        assert not EditOverride.objects.filter(withdrawn_at__isnull=True).exists()


def test_f_goes_from_what_blocks_to_what_warns_and_back(desk: Desk, browse: Opener) -> None:
    page, _ = taken(desk, browse)
    page.keyboard.press("f")
    expect(page.locator("#live")).to_have_text("No edit asks for anything.")
    code(page, "blood pressure", "i10")
    code(page, "injection of the right knee", "20610x3")
    code(page, "therapeutic activities", "97530")
    code(page, "gait training", "97116")
    page.keyboard.press("f")
    expect(page.locator("#code-S3 .edit")).to_be_focused()
    page.keyboard.press("f")
    expect(page.locator("#code-S1 .edit[data-finding=warn]")).to_be_focused()
    page.keyboard.press("Shift+F")
    expect(page.locator("#code-S3 .edit")).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator("#o-reason")).to_have_value("payer_differs")
    page.keyboard.press("Escape")
    expect(page.locator("#code-S3 .edit")).to_be_focused()
    expect(page.locator("#override")).to_have_count(0)
    page.keyboard.press("r")
    page.locator("#override").wait_for()
    page.keyboard.type("Too short.")
    page.keyboard.press("Enter")
    expect(page.locator("#override .summary")).to_contain_text("at least 20 characters")
    expect(page.locator("#o-note")).to_have_value("Too short.")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_findings_are_accessible_in_both_themes_and_on_a_phone(
    desk: Desk, browse: Opener, theme: str
) -> None:
    with cast.opened(desk.here):
        from tests.encounters.edit_scene import held

        chart = held(desk.here, cast.actor_for(desk.user, Role.CODER))
        chart.add("E119", "type 2 diabetes")
        chart.add("E109", "Type 1 diabetes")
        chart.add("20610", "injection of the right knee", service_unit_quantity=3)
        chart.add("97530", "Therapeutic activities")
        chart.add("97116", "gait training", modifiers=("59",))
        chart.add("45385", "injection")
        chart.add("45378", "Procedure")
        chart.override("icd.excludes1", "unrelated_conditions", quote="ruled out in 2019")
    href = f"/c/{desk.here.client.slug}/encounters/{chart.encounter.pk}/"
    for phone in (False, True):
        watched = browse(desk.user, theme=theme, phone=phone)
        page = watched.open(href)
        if phone:
            page.locator(".mobnav [data-pane=codes]").click()
        expect(page.locator(".edit[data-finding=bad]").first).to_be_visible()
        assert watched.axe() == [] and not watched.scrolls_sideways()
        page.keyboard.press("f")
        page.keyboard.press("r")
        page.locator("#override").wait_for()
        assert watched.axe() == [] and not watched.scrolls_sideways()
