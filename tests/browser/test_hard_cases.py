"""What is rare or goes wrong at the workbench: a second document, a lost quote, POA, and being cut off."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.actions.coding import Words, assign_code
from encounters.actions.documents import Writing, add_document
from encounters.actions.leases import take_chart
from encounters.models import CodeAssignment, Document, Encounter, EncounterKind, EvidenceLink
from tests import cast
from tests.browser.harness import Desk, Opener

LAB = "Laboratory report\r\n\r\nHemoglobin A1c 9.1 percent 🧪\r\n\tCreatinine 1.4 mg/dL\r\n"
HYPERTENSION = "2. Hypertension, above goal. Increase losartan to 100 mg daily."
EDITED = cast.NOTE.replace(HYPERTENSION, "2. Edema of both legs.")


class Held:
    """A chart in the coder's hands."""

    def __init__(self, desk: Desk, **attributes: Any) -> None:
        self.desk = desk
        with cast.opened(desk.here):
            self.chart: Encounter = cast.encounter(desk.here, **attributes)
            item = cast.item_of(self.chart)
            self.fence = take_chart(actor=self.actor, item=item, now=timezone.now()).fence
        self.href = f"/c/{desk.here.client.slug}/encounters/{self.chart.pk}/"

    @property
    def actor(self) -> Actor:
        return cast.actor_for(self.desk.user, Role.CODER)

    def take_anew(self) -> None:
        """Their lease ran out, and they took the chart again."""
        with cast.opened(self.desk.here):
            item = cast.item_of(self.chart)
            item.lease_expires_at = timezone.now() - timedelta(seconds=1)
            item.save()
            self.fence = take_chart(actor=self.actor, item=item, now=timezone.now()).fence

    def assign(self, code: str, quote: str) -> None:
        with cast.opened(self.desk.here):
            version = self.chart.documents.get(external_id="note-1").versions.get()
            start = version.text.index(quote)
            words = [Words(version.pk, start, start + len(quote))]
            assign_code(
                actor=self.actor,
                encounter=self.chart,
                fence=self.fence,
                system="ICD-10-CM",
                code=code,
                evidence=words,
            )

    def receive(self, text: str, *, external_id: str = "note-1", title: str = "Progress note") -> None:
        """A document, or a new version of it, as intake brings it."""
        with cast.opened(self.desk.here):
            add_document(
                actor=cast.SYSTEM,
                encounter=self.chart,
                writing=Writing(
                    external_id=external_id,
                    kind=Document.Kind.LAB if external_id != "note-1" else Document.Kind.PROGRESS_NOTE,
                    title=title,
                    text=text,
                    author_name="N. Okafor",
                    authored_at=datetime(2026, 9, 16, 14, 0, tzinfo=UTC),
                ),
                now=timezone.now(),
            )

    def codes(self) -> list[str]:
        with cast.opened(self.desk.here):
            return list(CodeAssignment.objects.values_list("code", flat=True))


def choose(page: Page, code: str) -> None:
    page.keyboard.type(code)
    page.locator("#hits [role=option]").first.wait_for()
    page.keyboard.press("Enter")


def test_words_of_a_second_document_are_cited_by_keyboard_and_found_again(desk: Desk, browse: Opener) -> None:
    held = Held(desk)
    held.receive(LAB, external_id="lab-1", title="Chemistry")
    page = browse(desk.user).open(held.href)
    page.keyboard.press("]")
    expect(page.locator(".doc .tab[aria-current]")).to_have_text("Chemistry")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    page.keyboard.type("a1c 9.1 percent 🧪")
    page.keyboard.press("Enter")
    choose(page, "e1122")
    expect(page.locator("#code-1 .cite")).to_have_text("L3")
    with cast.opened(desk.here):
        link = EvidenceLink.objects.select_related("document_version__document").get()
        assert link.document_version.document.external_id == "lab-1"
        assert LAB[link.start : link.end] == link.quote == "A1c 9.1 percent"
    page.keyboard.press("[")
    expect(page.locator(".doc .tab[aria-current]")).to_have_text("Progress note")
    chip = page.locator("#code-1 .cite")
    expect(chip).to_contain_text("Chemistry")
    chip.click()
    expect(page.locator(".doc .tab[aria-current]")).to_have_text("Chemistry")
    expect(page.locator(".ln.cur")).to_have_attribute("id", "L3")


def test_quote_that_a_new_version_lost_is_flagged_and_finalize_says_so(desk: Desk, browse: Opener) -> None:
    held = Held(desk)
    held.assign("E1122", "Type 2 diabetes with diabetic chronic kidney disease")
    held.assign("I10", "Hypertension, above goal")
    held.receive(EDITED)
    page = browse(desk.user).open(held.href)
    lost = page.locator("#code-2 .cite.lost")
    expect(lost).to_have_attribute("aria-label", "Lost, words not found in the newest version")
    expect(page.locator("#code-1 .cite")).to_have_class("cite")
    expect(page.locator("mark")).to_have_count(1)
    expect(page.locator(".cp-foot .notice")).to_contain_text("One quote is")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#blockers")).to_contain_text("I10: none of its quotes is in the current document")
    lost.click()
    expect(page.locator(".src")).to_contain_text("A newer version has arrived")
    expect(page.locator(".ln.cur")).to_contain_text("Hypertension, above goal")


def test_present_on_admission_is_entered_by_keyboard_at_an_inpatient_stay(desk: Desk, browse: Opener) -> None:
    held = Held(
        desk, kind=EncounterKind.INPATIENT, place_of_service_code="21", discharge_on=date(2026, 9, 18)
    )
    held.assign("E1122", "Type 2 diabetes with diabetic chronic kidney disease")
    page = browse(desk.user).open(held.href)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#blockers")).to_contain_text("E11.22")
    page.keyboard.press("1")
    page.keyboard.press("m")
    expect(page.locator("#poa")).to_be_focused()
    page.keyboard.type("Y")
    page.keyboard.press("Tab")
    page.locator("#panel form").first.evaluate("form => form.requestSubmit()")
    expect(page.locator("#code-1")).to_contain_text("POA Y")
    with cast.opened(desk.here):
        assert CodeAssignment.objects.get().present_on_admission == "Y"


def test_chart_coded_on_in_a_second_window_shows_what_is_saved_and_what_was_tried(
    desk: Desk, browse: Opener
) -> None:
    """The first window slept, the second took the chart anew and coded; nothing of either is overwritten."""
    held = Held(desk)
    page = browse(desk.user).open(held.href)
    held.take_anew()
    held.assign("I10", "Hypertension")
    page.keyboard.press("c")
    page.keyboard.type("z794")
    page.keyboard.press("Enter")
    dialog = page.locator("#dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator(".sides > div").nth(0)).to_contain_text("Held by you, in another window")
    expect(dialog.locator(".sides > div").nth(0)).to_contain_text("I10")
    expect(dialog.locator(".sides > div").nth(1)).to_contain_text("Z794")
    assert held.codes() == ["I10"]
    dialog.get_by_role("button", name="Stay here").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#codefind")).to_have_value("z794")
    assert held.codes() == ["I10"]


def test_end_of_the_session_keeps_what_was_typed_and_says_what_to_do(desk: Desk, browse: Opener) -> None:
    held = Held(desk)
    watched = browse(desk.user)
    page = watched.open(held.href)
    page.keyboard.press("/")
    page.keyboard.type("hypertension")
    page.keyboard.press("Enter")
    page.locator("#hits [role=option]").first.wait_for()
    Session.objects.all().delete()
    page.keyboard.press("Enter")
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("You are signed out")
    assert watched.axe() == []
    link = dialog.get_by_role("link", name="Sign in")
    expect(link).to_be_focused()
    expect(link).to_have_attribute("href", f"/accounts/login/?next={held.href.replace('/', '%2F')}")
    page.keyboard.press("Escape")
    expect(page.locator("#codefind")).to_have_value("Hypertension")
    expect(page.locator("#picks q")).to_have_text("Hypertension")
    assert held.codes() == []


def test_loss_of_the_network_loses_nothing_and_the_same_key_saves_later(desk: Desk, browse: Opener) -> None:
    held = Held(desk)
    watched = browse(desk.user)
    page = watched.open(held.href)
    page.keyboard.press("/")
    page.keyboard.type("hypertension")
    page.keyboard.press("Enter")
    page.keyboard.type("i10")
    page.locator("#hits [role=option]").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("Not connected")
    expect(page.locator("#saved")).to_contain_text("Not connected")
    expect(page.locator("#picks q")).to_have_text("Hypertension")
    expect(page.locator("#codefind")).to_have_value("i10")
    page.context.set_offline(False)
    page.keyboard.press("Enter")
    expect(page.locator("#code-1 .cv")).to_have_text("I10")
    expect(page.locator("#saved")).not_to_contain_text("Not connected")
    assert held.codes() == ["I10"]
    # What failed is told by the network as an error of its own: expected here, and nothing else is.
    assert all("ERR_INTERNET_DISCONNECTED" in trouble for trouble in watched.troubles)
    watched.troubles.clear()


@pytest.mark.parametrize("ending", ["\r\n", "\n"], ids=["crlf", "lf"])
def test_lines_chosen_by_keyboard_are_cited_as_the_version_holds_them(
    desk: Desk, browse: Opener, ending: str
) -> None:
    text = ending.join(["CC: 😀 smile", "\tHypertension,\tabove goal 👩‍⚕️", "of Ann\u0301a, since May.", ""])
    held = Held(desk, note=text)
    page = browse(desk.user).open(held.href)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("c")
    expect(page.locator("#picks .cite")).to_have_text("L2–L3")
    choose(page, "i10")
    expect(page.locator("#code-1 .cv")).to_have_text("I10")
    with cast.opened(desk.here):
        link = EvidenceLink.objects.select_related("document_version").get()
        assert link.quote == text[link.start : link.end]
        assert link.quote == ending.join(["Hypertension,\tabove goal 👩‍⚕️", "of Ann\u0301a, since May."])
    expect(page.locator("mark")).to_have_count(2)


def test_idle_page_asks_before_the_session_ends_and_staying_is_one_key(
    desk: Desk, browse: Opener, settings: Any
) -> None:
    settings.SESSION_IDLE_SECONDS = 6
    held = Held(desk)
    watched = browse(desk.user)
    page = watched.open(held.href)
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("Are you still there?")
    assert watched.axe() == []
    expect(dialog.get_by_role("button", name="Stay signed in")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    assert page.request.get(watched.base + "/preferences/").url.endswith("/preferences/")
    expect(dialog).to_contain_text("You are signed out", timeout=20_000)
