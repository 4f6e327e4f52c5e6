"""The workbench's pages and forms, through the real middleware, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.actions.leases import take_chart
from encounters.models import (
    CodeAssignment,
    Encounter,
    EncounterStatus,
    EvidenceLink,
    WorkItem,
    WorkItemState,
)
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)
PARTIAL = {"HX-Request": "true"}


@dataclass
class Desk:
    """A coder at their chart."""

    here: cast.Place
    user: User
    encounter: Encounter
    browser: Browser
    version: str
    fence: int
    text: str

    @property
    def href(self) -> str:
        return f"/c/{self.here.client.slug}/encounters/{self.encounter.pk}/"

    def evidence(self, quote: str) -> dict[str, str]:
        start = self.text.index(quote)
        return {"evidence": f"{self.version}:{start}:{start + len(quote)}", "quote": quote}

    def add(self, code: str, words: str = "", **extra: str) -> Any:
        cited = self.evidence(words) if words else {}
        data = {
            "fence": self.fence,
            "version": self.version,
            "code": code,
            "system": "ICD-10-CM",
            **cited,
            **extra,
        }
        return self.browser.post(f"{self.href}codes/", data, headers=PARTIAL)

    def codes(self) -> list[CodeAssignment]:
        with cast.opened(self.here):
            return list(CodeAssignment.objects.filter(encounter=self.encounter).order_by("kind", "position"))


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    """Addresses without hashes: no test here needs ``collectstatic``."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@pytest.fixture
def desk() -> Iterator[Desk]:
    cast.icd10cm()
    here = cast.cypress()
    user = cast.coder("Rosalind Ames", here)
    browser = Browser()
    browser.force_login(user)
    with cast.opened(here):
        encounter = cast.encounter(here)
        item = take_chart(
            actor=cast.actor_for(user, Role.CODER), item=cast.item_of(encounter), now=timezone.now()
        )
        version = encounter.documents.get().versions.get()
    yield Desk(here, user, encounter, browser, str(version.pk), item.fence, cast.NOTE)


def test_chart_page_shows_patient_note_and_lock_in_the_first_response(desk: Desk) -> None:
    page = desk.browser.get(desk.href)
    text = page.content.decode()
    assert page.status_code == 200
    assert "Theriot, Marguerite" in text
    assert 'id="L4" data-s="' in text
    assert "Type 2 diabetes with diabetic chronic kidney disease" in text
    assert "Locked to you" in text
    assert "Theriot" not in text.split("</title>")[0]


def test_code_added_with_words_is_marked_in_the_answer(desk: Desk) -> None:
    answer = desk.add("E1122", "Type 2 diabetes with diabetic chronic kidney disease")
    text = answer.content.decode()
    assert answer.status_code == 200, text
    assert '<mark class="dx" data-codes="1">Type 2 diabetes with diabetic chronic kidney disease' in text
    assert 'id="code-1"' in text
    assert 'data-active="1"' in text
    with cast.opened(desk.here):
        assert EvidenceLink.objects.get().quote == "Type 2 diabetes with diabetic chronic kidney disease"


def test_words_that_do_not_stand_at_the_offsets_are_refused(desk: Desk) -> None:
    answer = desk.add("I10", "Hypertension", quote="Hypotension")
    assert answer.status_code == 422
    assert "not what stands at that place" in answer.content.decode()
    assert desk.codes() == []


def test_header_code_is_refused_beside_the_box_and_nothing_is_saved(desk: Desk) -> None:
    answer = desk.add("E11")
    assert answer.status_code == 422
    assert 'id="q-err"' in answer.content.decode()
    assert desk.codes() == []


def test_form_without_script_adds_a_code_with_line_numbers(desk: Desk) -> None:
    form = {"fence": desk.fence, "version": desk.version, "q": "i10", "lines": "5"}
    answer = desk.browser.post(f"{desk.href}codes/", form)
    assert answer.status_code == 303
    assert answer["Location"].startswith(desk.href)
    with cast.opened(desk.here):
        assert EvidenceLink.objects.get().quote.startswith("2. Hypertension")


def test_form_without_script_comes_back_with_what_was_typed(desk: Desk) -> None:
    form = {"fence": desk.fence, "version": desk.version, "q": "zzz", "lines": "99"}
    answer = desk.browser.post(f"{desk.href}codes/", form)
    assert answer.status_code == 422
    assert 'value="zzz"' in answer.content.decode()


def test_search_finds_words_and_reads_services_with_modifiers(desk: Desk) -> None:
    found = desk.browser.post(
        f"{desk.href}codes/search/", {"q": "type 2 diabetes ckd", "fence": desk.fence}, headers=PARTIAL
    ).content.decode()
    assert 'data-code="E1122"' in found
    service = desk.browser.post(
        f"{desk.href}codes/search/", {"q": "99213-25", "fence": desk.fence}, headers=PARTIAL
    ).content.decode()
    assert 'data-system="CPT" data-code="99213" data-modifiers="25"' in service


def test_search_offers_to_cite_a_code_that_is_on_the_chart(desk: Desk) -> None:
    desk.add("I10")
    found = desk.browser.post(
        f"{desk.href}codes/search/", {"q": "i10", "fence": desk.fence}, headers=PARTIAL
    ).content.decode()
    assert "data-cite=" in found


def test_finalize_says_what_is_missing_and_changes_nothing(desk: Desk) -> None:
    desk.add("I10")
    answer = desk.browser.post(f"{desk.href}finalize/", {"fence": desk.fence}, headers=PARTIAL)
    assert answer.status_code == 422
    assert "I10 has no evidence" in answer.content.decode()
    with cast.opened(desk.here):
        assert Encounter.objects.get(pk=desk.encounter.pk).status == EncounterStatus.READY


def test_finalize_sends_the_script_on_to_the_next_chart(desk: Desk) -> None:
    desk.add("I10", "Hypertension, above goal")
    answer = desk.browser.post(f"{desk.href}finalize/", {"fence": desk.fence}, headers=PARTIAL)
    assert (answer.status_code, answer["X-Next"]) == (204, "/work/next/")
    with cast.opened(desk.here):
        assert Encounter.objects.get(pk=desk.encounter.pk).status == EncounterStatus.FINAL


def test_finalize_without_script_leads_to_the_worklist(desk: Desk) -> None:
    desk.add("I10", "Hypertension, above goal")
    answer = desk.browser.post(f"{desk.href}finalize/", {"fence": desk.fence})
    assert (answer.status_code, answer["Location"]) == (303, "/work/")


def _taken_by_another(desk: Desk) -> User:
    other = cast.coder("Marcus Bell", desk.here)
    with cast.opened(desk.here):
        item = WorkItem.objects.get(encounter=desk.encounter)
        item.lease_expires_at = timezone.now() - timedelta(minutes=1)
        item.save()
        take_chart(actor=cast.actor_for(other, Role.CODER), item=item, now=timezone.now())
    return other


def test_stale_holder_is_answered_409_with_both_sides_and_saves_nothing(desk: Desk) -> None:
    _taken_by_another(desk)
    answer = desk.add("I10", "Hypertension, above goal")
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Held by Marcus Bell" in text
    assert "code: I10" in text
    assert "Hypertension, above goal" in text
    assert "Theriot" not in text
    assert desk.codes() == []


def test_heartbeat_of_a_stale_holder_is_answered_409(desk: Desk) -> None:
    beat = desk.browser.post(f"{desk.href}heartbeat/", {"fence": desk.fence, "active": "1"}, headers=PARTIAL)
    assert beat.status_code == 204
    _taken_by_another(desk)
    beat = desk.browser.post(f"{desk.href}heartbeat/", {"fence": desk.fence, "active": "1"}, headers=PARTIAL)
    assert beat.status_code == 409


def test_somebody_who_never_held_the_chart_gets_404(desk: Desk) -> None:
    stranger = Browser()
    stranger.force_login(cast.coder("Ines Calderon", desk.here))
    answer = stranger.post(f"{desk.href}heartbeat/", {"fence": desk.fence}, headers=PARTIAL)
    assert answer.status_code == 404
    missing = f"/c/{desk.here.client.slug}/encounters/01900000-0000-7000-8000-000000000000/heartbeat/"
    assert answer.content == stranger.post(missing, {"fence": desk.fence}, headers=PARTIAL).content


def test_undo_takes_the_code_back(desk: Desk) -> None:
    desk.add("I10", "Hypertension, above goal")
    answer = desk.browser.post(
        f"{desk.href}undo/", {"fence": desk.fence, "version": desk.version}, headers=PARTIAL
    )
    assert answer.status_code == 200
    assert desk.codes() == []
    assert "<mark" not in answer.content.decode()


def test_code_is_edited_ordered_and_removed_with_a_reason(desk: Desk) -> None:
    desk.add("I10", "Hypertension, above goal")
    desk.add("Z794", "Long-term use of insulin glargine")
    desk.add("99213", system="CPT")
    hypertension, insulin, visit = desk.codes()
    base = f"{desk.href}codes/"
    fence = {"fence": desk.fence}
    form = {**fence, "modifiers": "25", "units": "2", "pointers": "2 1"}
    assert desk.browser.post(f"{base}{visit.pk}/", form, headers=PARTIAL).status_code == 200
    visit = desk.codes()[2]
    assert (visit.modifiers, visit.service_unit_quantity, visit.pointers) == (
        ["25"],
        2,
        [insulin.pk, hypertension.pk],
    )
    wrong = desk.browser.post(f"{base}{visit.pk}/", {**form, "pointers": "7"}, headers=PARTIAL)
    assert wrong.status_code == 422
    assert "There is no diagnosis 7" in wrong.content.decode()
    assert (
        desk.browser.post(f"{base}{insulin.pk}/move/", {**fence, "to": "up"}, headers=PARTIAL).status_code
        == 200
    )
    assert [row.code for row in desk.codes()] == ["Z794", "I10", "99213"]
    assert desk.browser.post(f"{base}{insulin.pk}/remove/", fence, headers=PARTIAL).status_code == 422
    assert len(desk.codes()) == 3
    gone = desk.browser.post(
        f"{base}{insulin.pk}/remove/", {**fence, "reason": "Not documented"}, headers=PARTIAL
    )
    assert gone.status_code == 200
    assert [row.code for row in desk.codes()] == ["I10", "99213"]


def test_hold_names_owner_and_day_and_leaves_for_the_worklist(desk: Desk) -> None:
    empty = desk.browser.post(f"{desk.href}pend/", {"fence": desk.fence}, headers=PARTIAL)
    assert empty.status_code == 422
    assert "Choose who must act" in empty.content.decode()
    form = {"fence": desk.fence, "reason": "missing_note", "owner": "client", "due_on": "t+7", "text": ""}
    answer = desk.browser.post(f"{desk.href}pend/", form, headers=PARTIAL)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/work/")
    with cast.opened(desk.here):
        pend = desk.encounter.pends.get()
        assert (pend.owner_party, pend.due_on) == ("client", timezone.localdate() + timedelta(days=7))
        assert WorkItem.objects.get(encounter=desk.encounter).state == WorkItemState.PENDED


def test_skip_gives_the_chart_to_the_others(desk: Desk) -> None:
    answer = desk.browser.post(
        f"{desk.href}skip/", {"fence": desk.fence, "reason": "conflict", "text": ""}, headers=PARTIAL
    )
    assert answer.status_code == 204
    assert desk.browser.get(desk.href).status_code == 404
    assert desk.browser.post("/work/next/")["Location"] == "/work/"


def test_reopen_needs_a_sentence_and_history_tells_the_story(desk: Desk) -> None:
    desk.add("I10", "Hypertension, above goal")
    desk.browser.post(f"{desk.href}finalize/", {"fence": desk.fence}, headers=PARTIAL)
    short = desk.browser.post(
        f"{desk.href}reopen/", {"reason": "coder_correction", "text": "no"}, headers=PARTIAL
    )
    assert short.status_code == 422
    reason = "The kidney disease was not coded."
    form = {"reason": "coder_correction", "text": reason}
    assert desk.browser.post(f"{desk.href}reopen/", form, headers=PARTIAL).status_code == 204
    story = desk.browser.get(f"{desk.href}history/").content.decode()
    assert "finalized the codes" in story
    assert reason in story
    assert "opened the chart" not in story
    compared = desk.browser.get(f"{desk.href}compare/").content.decode()
    assert "Version 1" in compared


def test_worklist_shows_visits_without_names_and_take_opens_the_next(desk: Desk) -> None:
    with cast.opened(desk.here):
        cast.encounter(desk.here)
    page = desk.browser.get("/work/").content.decode()
    assert "In progress" in page
    assert "To do" in page
    assert "Theriot" not in page
    answer = desk.browser.post("/work/next/")
    assert answer["Location"] == desk.href


def test_worklist_takes_the_same_queries_for_one_row_and_for_thirty(desk: Desk) -> None:
    with CaptureQueriesContext(connection) as few:
        desk.browser.get("/work/")
    with cast.opened(desk.here):
        for _ in range(29):
            cast.encounter(desk.here)
    with CaptureQueriesContext(connection) as many:
        desk.browser.get("/work/")
    assert len(few) == len(many), "\n".join(q["sql"][:200] for q in many.captured_queries)


def test_chart_takes_the_same_queries_for_one_code_and_for_six(desk: Desk) -> None:
    desk.add("I10", "Hypertension, above goal")
    with CaptureQueriesContext(connection) as few:
        desk.browser.get(desk.href)
    for code, quote in (("E1122", "Type 2 diabetes"), ("N1831", "stage 3a"), ("Z794", "insulin glargine")):
        assert desk.add(code, quote).status_code == 200
    with CaptureQueriesContext(connection) as many:
        desk.browser.get(desk.href)
    assert len(few) == len(many), "\n".join(q["sql"][:200] for q in many.captured_queries)


def test_preferences_refuse_a_key_used_twice_and_keep_the_others(desk: Desk) -> None:
    form = {"theme": "dark", "single_keys": "1", "key-cite": "n"}
    answer = desk.browser.post("/preferences/", form)
    assert answer.status_code == 422
    assert "is used twice" in answer.content.decode()
    form["key-cite"] = "u"
    assert desk.browser.post("/preferences/", form).status_code == 303
    desk.user.refresh_from_db()
    assert desk.user.preferences == {"theme": "dark", "single_keys": True, "bindings": {"cite": "u"}}
    assert 'data-theme="dark"' in desk.browser.get("/work/").content.decode()


def test_client_closes_its_own_hold_and_sees_codes_only_when_final(desk: Desk) -> None:
    desk.add("I10", "Hypertension, above goal")
    paul = Browser()
    paul.force_login(cast.person("Paul Whitaker", (desk.here, Role.CLIENT_ADMIN)))
    page = paul.get(desk.href).content.decode()
    assert "Type 2 diabetes with diabetic" in page
    assert "<mark" not in page
    assert "I10" not in page
    assert "Rosalind" not in page
    hold = {"fence": desk.fence, "reason": "missing_note", "owner": "client", "due_on": "t+7", "text": ""}
    desk.browser.post(f"{desk.href}pend/", hold, headers=PARTIAL)
    assert "Close the hold" in paul.get(desk.href).content.decode()
    assert paul.post(f"{desk.href}resume/", {"text": ""}).status_code == 422
    answer = paul.post(f"{desk.href}resume/", {"text": "The note is here now."})
    assert (answer.status_code, answer["Location"]) == (303, f"/c/{desk.here.client.slug}/")
    with cast.opened(desk.here):
        assert Encounter.objects.get(pk=desk.encounter.pk).status == EncounterStatus.READY


def test_client_viewer_may_not_close_a_hold_or_touch_codes(desk: Desk) -> None:
    nora = Browser()
    nora.force_login(cast.person("Nora Vance", (desk.here, Role.CLIENT_VIEWER)))
    assert nora.post(f"{desk.href}resume/", {"text": "Not mine to say."}).status_code == 403
    code = {"fence": desk.fence, "code": "I10", "system": "ICD-10-CM"}
    assert nora.post(f"{desk.href}codes/", code, headers=PARTIAL).status_code == 403
    assert desk.codes() == []
