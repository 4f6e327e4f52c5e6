"""Findings on the pages: beside the line, forms that work without a script, reviewers and the client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.actions.finalize import finalize
from encounters.models import CodeAssignment, CodeRevision, EditOverride
from tests import cast
from tests.encounters.edit_scene import Held, held, load_tables, own_folder
from tests.encounters.test_live_edits import APART, act, reopened

pytestmark = pytest.mark.django_db
PARTIAL = {"HX-Request": "true"}


class Room:
    """A chart in Rosalind's hands, and browsers."""

    def __init__(self, here: cast.Place, coder: User, chart: Held) -> None:
        self.here, self.coder, self.chart = here, coder, chart
        self.browser = self.signed_in(coder)
        self.href = f"/c/{here.client.slug}/encounters/{chart.encounter.pk}/"

    def signed_in(self, user: User) -> Browser:
        browser = Browser()
        browser.force_login(user, backend="coding_ops.tenancy.backends.ReachBackend")
        return browser

    def post(self, path: str, **fields: Any) -> Any:
        return self.browser.post(self.href + path, {"fence": self.chart.fence, **fields}, headers=PARTIAL)


@pytest.fixture
def room(settings: Any, tmp_path: Path, transactional_db: None) -> Iterator[Room]:
    with own_folder(settings, tmp_path / "tables"):
        load_tables(tmp_path)
        here = cast.cypress()
        coder = cast.coder("Rosalind Ames", here)
        with cast.opened(here):
            chart = held(here, cast.actor_for(coder, Role.CODER))
        yield Room(here, coder, chart)


def pair(room: Room) -> tuple[CodeAssignment, CodeAssignment]:
    with cast.opened(room.here):
        room.chart.add("I10", "blood pressure")
        first = room.chart.add("97530", "Therapeutic activities")
        second = room.chart.add("97116", "gait training")
    return first, second


def section(html: str, key: str) -> str:
    """The list item of a code."""
    return html.split(f'id="code-{key}"')[1].split('<li class="code"')[0]


def test_a_finding_is_drawn_beside_its_line_with_rule_source_remedy_and_acts(room: Room) -> None:
    pair(room)
    html = room.browser.get(room.href).content.decode()
    beside = section(html, "S2")
    for words in (
        "Blocks",
        "ncci.ptp",
        "2026q3",
        "indicator 1",
        "Also",
        "#code-S1",
        "Add XS",
        "Remove 97116",
    ):
        assert words in beside, words
    assert "finding-" not in section(html, "S1")
    strip = html.split('id="ready"')[1].split("</div>")[0]
    assert re.search(r'href="#finding-\w+">1 blocking</a>', strip), strip


def test_a_change_answers_with_its_findings_and_says_them_aloud(room: Room) -> None:
    with cast.opened(room.here):
        room.chart.add("I10", "blood pressure")
        room.chart.add("97530", "Therapeutic activities")
    answer = room.post("codes/", system="CPT", code="97116").content.decode()
    assert "97116 added as S2" in answer and "1 edit blocks." in answer and "Add XS" in answer


def test_the_acts_of_a_finding_do_what_they_say(room: Room) -> None:
    _, gait = pair(room)
    html = room.browser.get(room.href).content.decode()
    assert re.search(rf'codes/{gait.pk}/"[^>]*>.{{0,400}}?name="modifiers" value="XS"', html, re.DOTALL)
    answer = room.post(f"codes/{gait.pk}/", modifiers="XS").content.decode()
    assert "97116<i>-XS</i>" in answer and "modifier.59_evidence" in answer and "ncci.ptp" not in answer
    answer = room.post(f"codes/{gait.pk}/remove/", reason="Part of another code").content.decode()
    assert "modifier.59_evidence" not in answer


def test_a_code_is_moved_to_the_place_that_a_finding_asks_for(room: Room) -> None:
    with cast.opened(room.here):
        room.chart.add("N1831", "two weeks")
        diabetes = room.chart.add("E1122", "diabetes")
    html = room.browser.get(room.href).content.decode()
    assert "Move E11.22 before it" in section(html, "1")
    answer = room.post(f"codes/{diabetes.pk}/move/", to="1").content.decode()
    assert "icd.code_first" not in answer and "E11.22 is now 1" in answer


def test_an_override_is_recorded_by_form_alone_and_withdrawn_again(room: Room) -> None:
    with cast.opened(room.here):
        room.chart.add("E119", "type 2 diabetes")
        room.chart.add("E109", "Type 1 diabetes")
        key = room.chart.finding("icd.excludes1").key
    path = f"edits/{key}/override/"
    form = room.browser.get(room.href + path).content.decode()
    assert "The two conditions are unrelated" in form and "Lines of the note" in form
    refused = room.browser.post(
        room.href + path, {"fence": room.chart.fence, "reason": "unrelated_conditions"}
    )
    assert refused.status_code == 422 and b"Select the words of the note" in refused.content
    with cast.opened(room.here):
        assert not EditOverride.objects.exists()
    done = room.browser.post(
        room.href + path,
        {
            "fence": room.chart.fence, "version": room.chart.version.pk, "code": "2",
            "reason": "unrelated_conditions", "lines": "7",
        },
    )  # fmt: skip
    assert done.status_code == 303, done.content.decode()[:2000]
    html = room.browser.get(room.href).content.decode()
    beside = section(html, "2")
    assert "Overridden" in beside and "Rosalind Ames" in beside and "#L7" in beside and "Withdraw" in beside
    assert "Nothing blocks" in html
    with cast.opened(room.here):
        override = EditOverride.objects.get()
    answer = room.post(f"edits/overrides/{override.pk}/withdraw/", code="2").content.decode()
    assert "Override withdrawn" in answer and "Blocks" in answer


def test_words_that_do_not_stand_where_the_page_says_are_refused(room: Room) -> None:
    with cast.opened(room.here):
        room.chart.add("E119", "type 2 diabetes")
        room.chart.add("E109", "Type 1 diabetes")
        key = room.chart.finding("icd.excludes1").key
    answer = room.post(
        f"edits/{key}/override/",
        reason="unrelated_conditions",
        evidence=f"{room.chart.version.pk}:0:5",
        quote="something else",
    )
    assert answer.status_code == 422 and b"not what stands at that place" in answer.content
    with cast.opened(room.here):
        assert not EditOverride.objects.exists()


def final_with_an_override(room: Room) -> CodeRevision:
    with cast.opened(room.here):
        room.chart.add("E119", "type 2 diabetes")
        room.chart.add("E109", "Type 1 diabetes")
        room.chart.override(
            "icd.excludes1", "unrelated_conditions", "Seen by two services.", "ruled out in 2019"
        )
        return finalize(**act(room.chart))


def test_a_reviewer_sees_what_was_let_stand_by_whom_and_the_client_why_but_not_by_whom(room: Room) -> None:
    final_with_an_override(room)
    manager = cast.person("Marguerite Lowell", (room.here, Role.MANAGER))
    viewer = cast.person("Nora Vance", (room.here, Role.CLIENT_VIEWER))
    auditor = cast.person("Ellis Grant", (room.here, Role.EXTERNAL_AUDITOR))
    seen = {who: room.signed_in(user).get(room.href).content.decode() for who, user in (
        ("manager", manager), ("viewer", viewer), ("auditor", auditor)
    )}  # fmt: skip
    for html in seen.values():
        beside = section(html, "2")
        assert "Overridden" in beside and "The two conditions are unrelated" in beside and "#L7" in beside
        assert "Withdraw" not in beside and "<form" not in beside
    assert "Rosalind Ames" in section(seen["manager"], "2")
    assert "Seen by two services." in section(seen["auditor"], "2")
    assert "Rosalind" not in seen["viewer"] and "Seen by two services." not in seen["viewer"]


def test_the_releases_of_the_final_version_are_named_and_left_by_a_form(room: Room) -> None:
    final_with_an_override(room)
    with cast.opened(room.here):
        reopened(room.chart)
    html = room.browser.get(room.href).content.decode()
    assert "Edited under the releases of version 1." in html
    form = room.browser.get(room.href + "edits/releases/", headers=PARTIAL).content.decode()
    assert "ncci-ptp 2026q3" in form and 'id="dialog"' in form
    refused = room.post("edits/releases/", text="no")
    assert refused.status_code == 422 and b"Say in a sentence" in refused.content
    done = room.post("edits/releases/", text="The payer reprocesses the claim.")
    assert done.status_code == 204 and done.headers["HX-Redirect"] == room.href
    assert "Edited under" not in room.browser.get(room.href).content.decode()


def test_the_api_tells_findings_with_source_and_key(room: Room) -> None:
    pair(room)
    slug, pk = room.here.client.slug, room.chart.encounter.pk
    found = room.browser.get(f"/api/v1/clients/{slug}/encounters/{pk}/").json()["readiness"]
    (blocking,) = found["blocking"]
    assert blocking["rule"] == "ncci.ptp" and "2026q3" in blocking["citation"] and blocking["edit"]


def test_the_api_lets_a_finding_stand_by_selectors_and_takes_that_back(room: Room) -> None:
    with cast.opened(room.here):
        room.chart.add("E119", "type 2 diabetes")
        room.chart.add("E109", "Type 1 diabetes")
    url = f"/api/v1/clients/{room.here.client.slug}/encounters/{room.chart.encounter.pk}/"
    (edit,) = [one for one in room.browser.get(url).json()["edits"] if one["rule"] == "icd.excludes1"]
    assert edit["needs_evidence"] and edit["reasons"] == ["unrelated_conditions"] and not edit["override"]
    words = room.chart.words("ruled out in 2019")
    body = {"fence": room.chart.fence, "finding": edit["key"], "reason": "unrelated_conditions"}
    refused = room.browser.post(f"{url}overrides/", body, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (422, "override.evidence")
    selectors = [
        {"type": "TextPositionSelector", "start": words.start, "end": words.end},
        {"type": "TextQuoteSelector", "exact": "ruled out in 2019"},
    ]
    evidence = {"document_version": str(words.version_id), "selectors": selectors}
    done = room.browser.post(
        f"{url}overrides/", {**body, "evidence": evidence}, content_type="application/json"
    )
    assert done.status_code == 201, done.content
    (edit,) = [one for one in done.json()["edits"] if one["rule"] == "icd.excludes1"]
    stands = edit["override"]
    assert (stands["start"], stands["end"], stands["is_lost"]) == (words.start, words.end, False)
    assert "ruled out" not in done.content.decode() and done.json()["readiness"]["is_ready"]
    back = room.browser.delete(
        f"{url}overrides/{stands['id']}/", {"fence": room.chart.fence}, content_type="application/json"
    )
    assert back.status_code == 200 and not back.json()["readiness"]["is_ready"]


def test_59_is_shown_by_words_and_the_page_links_to_them(room: Room) -> None:
    _, gait = pair(room)
    room.post(f"codes/{gait.pk}/", modifiers="59")
    with cast.opened(room.here):
        room.chart.override("modifier.59_evidence", "separate_encounter", quote=APART)
    beside = section(room.browser.get(room.href).content.decode(), "S2")
    assert "Shown" in beside and "Separate encounter the same day (XE)" in beside and "#L6" in beside
