"""The workbench in Chromium: evidence both ways, selection by mouse and keyboard, refusals, two holders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from coding_ops.tenancy.models import Role
from encounters.actions.coding import Words, assign_code
from encounters.actions.leases import take_chart
from encounters.models import CodeAssignment, Encounter, EvidenceLink, WorkItem
from tests import cast
from tests.browser.harness import Desk, Opener

TRICKY = "CC:\r\n\r\nFollow-up 😀 of Ann\u0301a's\tasthma.\r\nSmile 👩‍⚕️ done; hypertension, above goal.\r\n"


def _held(desk: Desk, note: str = cast.NOTE) -> tuple[Encounter, str, int]:
    """A chart in the coder's hands: encounter, address, fence."""
    with cast.opened(desk.here):
        made = cast.encounter(desk.here, note=note)
        actor = cast.actor_for(desk.user, Role.CODER)
        item = take_chart(actor=actor, item=cast.item_of(made), now=timezone.now())
    return made, f"/c/{desk.here.client.slug}/encounters/{made.pk}/", item.fence


def _assign(
    desk: Desk, made: Encounter, fence: int, code: str, *quotes: str, system: str = "ICD-10-CM"
) -> None:
    with cast.opened(desk.here):
        version = made.documents.get().versions.get()
        words = [Words(version.pk, version.text.index(q), version.text.index(q) + len(q)) for q in quotes]
        actor = cast.actor_for(desk.user, Role.CODER)
        assign_code(actor=actor, encounter=made, fence=fence, system=system, code=code, evidence=words)


def _quotes(desk: Desk) -> list[str]:
    with cast.opened(desk.here):
        return [link.quote for link in EvidenceLink.objects.all()]


def _choose(page: Page, code: str) -> None:
    page.keyboard.type(code)
    page.locator("#hits [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    page.locator("#hits").wait_for(state="hidden")


def test_code_shows_its_words_and_words_show_their_code(desk: Desk, browse: Opener) -> None:
    made, href, fence = _held(desk)
    _assign(desk, made, fence, "E1122", "Type 2 diabetes with diabetic chronic kidney disease")
    _assign(desk, made, fence, "I10", "Hypertension, above goal")
    page = browse(desk.user).open(href)
    page.keyboard.press("2")
    expect(page.locator("#code-2")).to_have_class("code on")
    expect(page.locator("mark.on")).to_have_text("Hypertension, above goal2")
    expect(page.locator("#note")).to_have_class("note dim")
    expect(page.locator("#live")).to_contain_text("2, I10. Evidence on line 5")
    page.locator("mark", has_text="Type 2 diabetes").click()
    expect(page.locator("#code-1")).to_have_class("code on")
    page.keyboard.press("1")
    expect(page.locator("#note")).to_have_class("note")
    page.keyboard.press("n")
    expect(page.locator(":focus")).to_have_attribute("data-code", "1")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["ArrowDown", "ArrowDown", "ArrowDown"], "1. Type 2 diabetes with diabetic chronic kidney disease,"),
        (["ArrowDown", "ArrowDown", "ArrowDown", "w", "w", "Shift+w", "Shift+w"], "Type 2 diabetes"),
        (["ArrowDown", "ArrowDown", "ArrowDown", "w", "w", "v", "w", "w", "b", "v"], "Type 2"),
        (["ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "Shift+ArrowDown"], "2. Hypertension"),
    ],
)
def test_words_and_lines_are_selected_by_keyboard_alone(
    desk: Desk, browse: Opener, keys: list[str], expected: str
) -> None:
    _, href, _ = _held(desk)
    page = browse(desk.user).open(href)
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.press("c")
    _choose(page, "e1122")
    assert _quotes(desk)[0].startswith(expected)
    if expected.startswith("Type"):
        assert _quotes(desk) == [expected]
    if expected.startswith("2. Hyper"):
        assert _quotes(desk)[0].endswith("insulin glargine.")


def test_selection_by_mouse_counts_code_points_past_emoji_tabs_and_crlf(desk: Desk, browse: Opener) -> None:
    _, href, _ = _held(desk, TRICKY)
    page = browse(desk.user).open(href)
    box = page.locator("#T4").bounding_box()
    assert box is not None
    page.evaluate(
        """() => { const t = document.querySelector("#T4").firstChild, at = t.data.indexOf("hypertension");
        getSelection().setBaseAndExtent(t, at, t, at + "hypertension, above".length);
        document.querySelector("#note").dispatchEvent(new MouseEvent("mouseup", {bubbles: true})); }"""
    )
    page.wait_for_timeout(50)
    page.keyboard.press("c")
    expect(page.locator("#picks q")).to_have_text("hypertension, above")
    _choose(page, "i10")
    assert _quotes(desk) == ["hypertension, above"]
    with cast.opened(desk.here):
        link = EvidenceLink.objects.get()
        assert TRICKY[link.start : link.end] == "hypertension, above"


def test_combining_marks_are_never_cut(desk: Desk, browse: Opener) -> None:
    _, href, _ = _held(desk, TRICKY)
    page = browse(desk.user).open(href)
    page.evaluate(
        """() => { const t = document.querySelector("#T3").firstChild, at = t.data.indexOf("Ann");
        getSelection().setBaseAndExtent(t, at, t, at + 3);
        document.querySelector("#note").dispatchEvent(new MouseEvent("mouseup", {bubbles: true})); }"""
    )
    page.wait_for_timeout(50)
    page.keyboard.press("c")
    _choose(page, "j069")
    assert _quotes(desk) == ["Ann\u0301"]


def test_e_cites_for_the_code_shown_and_keeps_evidence_for_the_next_otherwise(
    desk: Desk, browse: Opener
) -> None:
    made, href, fence = _held(desk)
    _assign(desk, made, fence, "I10")
    page = browse(desk.user).open(href)
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("e")
    expect(page.locator("#picks q")).to_have_count(1)
    page.keyboard.press("1")
    page.keyboard.press("e")
    expect(page.locator("#code-1 .cite")).to_have_text("L5")
    assert _quotes(desk) == ["2. Hypertension, above goal. Increase losartan to 100 mg daily."]


def test_undo_takes_the_mark_off_the_note_again(desk: Desk, browse: Opener) -> None:
    _, href, _ = _held(desk)
    page = browse(desk.user).open(href)
    page.keyboard.press("/")
    page.keyboard.type("hypertension")
    page.keyboard.press("Enter")
    _choose(page, "i10")
    expect(page.locator("mark")).to_have_count(1)
    expect(page.locator("#toast")).to_be_visible()
    page.keyboard.press("z")
    expect(page.locator("mark")).to_have_count(0)
    expect(page.locator(".code")).to_have_count(0)
    assert (
        page.locator("#T5").inner_text() == "2. Hypertension, above goal. Increase losartan to 100 mg daily."
    )


def test_heading_opens_its_codes_instead_of_being_assigned(desk: Desk, browse: Opener) -> None:
    _, href, _ = _held(desk)
    page = browse(desk.user).open(href)
    page.keyboard.press("c")
    page.keyboard.type("e11")
    heading = page.locator("#hits [data-expand]")
    heading.first.click()
    expect(page.locator("#codefind")).to_have_value("E11-")
    expect(page.locator("#hits [role=option]").first).to_be_visible()
    expect(page.locator(".code")).to_have_count(0)


def test_the_code_shown_opens_in_the_code_book_beside_the_chart(desk: Desk, browse: Opener) -> None:
    _, href, _ = _held(desk)
    page = browse(desk.user).open(href)
    page.keyboard.press("g")
    page.keyboard.press("b")
    expect(page.locator("#live")).to_contain_text("Choose a code first")
    page.keyboard.press("c")
    page.keyboard.type("i10")
    page.locator("#hits [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    expect(page.locator("#code-1.on .cv")).to_have_text("I10")
    with page.context.expect_page() as opened:
        page.keyboard.press("g")
        page.keyboard.press("b")
    expect(opened.value.locator("h1")).to_contain_text("Essential (primary) hypertension")


def test_an_early_enter_waits_for_typed_words_and_never_takes_what_was_not_seen(
    desk: Desk, browse: Opener
) -> None:
    _, href, _ = _held(desk)
    page = browse(desk.user).open(href)
    page.keyboard.press("c")
    page.keyboard.type("i10")
    page.keyboard.press("Enter")
    expect(page.locator("#code-1 .cv")).to_have_text("I10")
    page.keyboard.press("/")
    page.keyboard.type("type 2 diabetes")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.locator("#hits [role=option]").first.wait_for()
    expect(page.locator(".code")).to_have_count(1)


def test_modifiers_units_and_pointers_are_set_by_keyboard(desk: Desk, browse: Opener) -> None:
    made, href, fence = _held(desk)
    _assign(desk, made, fence, "I10", "Hypertension")
    _assign(desk, made, fence, "99213", "Increase losartan", system="CPT")
    page = browse(desk.user).open(href)
    page.keyboard.press("s")
    page.keyboard.press("1")
    page.keyboard.press("m")
    expect(page.locator("#mods")).to_be_focused()
    page.keyboard.type("25")
    page.keyboard.press("Enter")
    expect(page.locator("#code-S1 .cv")).to_have_text("99213-25")
    expect(page.locator("#code-S1 .tok")).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.type("x3")
    page.locator("#hits [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    expect(page.locator("#code-S1 .cv")).to_have_text("99213-25 ×3")


def test_order_and_removal_by_keyboard_with_a_reason(desk: Desk, browse: Opener) -> None:
    made, href, fence = _held(desk)
    _assign(desk, made, fence, "I10", "Hypertension")
    _assign(desk, made, fence, "Z794", "insulin")
    page = browse(desk.user).open(href)
    page.keyboard.press("2")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#code-1 .cv")).to_have_text("Z79.4")
    expect(page.locator("#code-1")).to_have_class("code on")
    page.keyboard.press("Backspace")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#panel #summary")).to_be_focused()
    page.locator("#reason").fill("Not documented")
    page.keyboard.press("Enter")
    expect(page.locator(".code")).to_have_count(1)
    expect(page.locator("#code-1 .cv")).to_have_text("I10")


def test_finalize_without_evidence_says_what_and_where(desk: Desk, browse: Opener) -> None:
    made, href, fence = _held(desk)
    _assign(desk, made, fence, "I10")
    page = browse(desk.user).open(href)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#blockers")).to_be_focused()
    expect(page.locator("#blockers")).to_contain_text("I10 has no evidence")
    page.locator("#blockers a").click()
    expect(page.locator("#panel")).to_be_visible()


def test_chart_lost_to_another_shows_both_sides_and_saves_nothing(desk: Desk, browse: Opener) -> None:
    made, href, _ = _held(desk)
    page = browse(desk.user).open(href)
    other = cast.coder("Marcus Bell", desk.here)
    with cast.opened(desk.here):
        item = WorkItem.objects.get(encounter=made)
        item.lease_expires_at = timezone.now() - timedelta(seconds=1)
        item.save()
        take_chart(actor=cast.actor_for(other, Role.CODER), item=item, now=timezone.now())
    page.keyboard.press("c")
    page.keyboard.type("i10")
    page.locator("#hits").wait_for(state="attached")
    page.keyboard.press("Enter")
    dialog = page.locator("#dialog")
    expect(dialog).to_be_visible()
    with cast.opened(desk.here):
        assert CodeAssignment.objects.count() == 0


def test_hold_opens_as_a_dialog_keeps_focus_and_shows_errors_inside(desk: Desk, browse: Opener) -> None:
    _, href, _ = _held(desk)
    page = browse(desk.user).open(href)
    page.keyboard.press("o")
    expect(page.locator("#dialog h2")).to_have_text("Hold this chart")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#dialog #summary")).to_be_focused()
    page.locator("#dialog input[value=missing_note]").check()
    page.locator("#dialog input[value=client]").check()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/work/")
    expect(page.locator(".notice")).to_contain_text("on hold for the client")


def test_letters_do_nothing_while_typing_and_when_turned_off(desk: Desk, browse: Opener) -> None:
    made, href, fence = _held(desk)
    _assign(desk, made, fence, "I10", "Hypertension")
    desk.user.preferences = {"single_keys": False}
    desk.user.save()
    page = browse(desk.user).open(href)
    page.keyboard.press("1")
    page.keyboard.press("c")
    expect(page.locator("#code-1")).to_have_class("code")
    expect(page.locator("#codefind")).not_to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.locator("dialog.palette input")).to_be_focused()
    page.keyboard.type("add a code")
    page.keyboard.press("Enter")
    expect(page.locator("#codefind")).to_be_focused()


def test_a_changed_key_works_and_is_shown(desk: Desk, browse: Opener) -> None:
    _, href, _ = _held(desk)
    desk.user.preferences = {"bindings": {"add": "u"}}
    desk.user.save()
    page = browse(desk.user).open(href)
    page.keyboard.press("c")
    expect(page.locator("#codefind")).not_to_be_focused()
    page.keyboard.press("u")
    expect(page.locator("#codefind")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("dialog.keys")).to_contain_text("U")


def test_chart_is_coded_without_a_script(desk: Desk, browse: Opener) -> None:
    made, href, _ = _held(desk)
    page = browse(desk.user, script=False).open(href)
    page.locator("#codefind").fill("i10")
    page.locator("#lines").fill("5")
    page.get_by_role("button", name="Add code").click()
    page.get_by_role("link", name="Edit I10").click()
    page.get_by_role("link", name="Back to the chart").click()
    page.get_by_role("button", name="Finalize").click()
    page.wait_for_url("**/work/")
    with cast.opened(desk.here):
        assert Encounter.objects.get(pk=made.pk).status == "final"


def test_theme_follows_the_person_without_a_flash(desk: Desk, browse: Opener) -> None:
    _, href, _ = _held(desk)
    page = browse(desk.user).open(href)
    page.locator("summary.avatar").click()
    with page.expect_response("**/preferences/theme/"):
        page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    answer: Any = page.request.get(page.url)
    assert '<html lang="en-US" data-theme="dark">' in answer.text()
