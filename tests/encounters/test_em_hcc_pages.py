"""The E/M and HCC tools through the real middleware, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.actions.finalize import finalize, reopen
from encounters.actions.leases import take_chart
from encounters.models import CodeAssignment, EligibilityFact, EvidenceLink, VisitLevel
from encounters.rules.encounter_states import ReopenReason
from tests import cast
from tests.encounters.leveling import Bench, bench

pytestmark = pytest.mark.django_db(transaction=True)
PARTIAL = {"HX-Request": "true"}


@dataclass
class Desk:
    """A coder at their chart, by forms."""

    chart: Bench
    browser: Browser
    people: dict[str, User] = field(default_factory=dict)

    @property
    def href(self) -> str:
        return f"/c/{self.chart.here.client.slug}/encounters/{self.chart.encounter.pk}/"

    def send(self, path: str, quote: str = "", browser: Browser | None = None, **more: Any) -> Any:
        data = {"fence": self.chart.fence, "version": str(self.chart.version.pk), **more}
        if quote:
            words = self.chart.words(quote)
            data |= {"evidence": f"{words.version_id}:{words.start}:{words.end}", "quote": quote}
        return (browser or self.browser).post(f"{self.href}{path}", data, headers=PARTIAL)

    def element(self, kind: str, quote: str, **more: Any) -> Any:
        return self.send("em/elements/", quote, kind=kind, category="office_established", **more)

    def page(self, path: str, browser: Browser | None = None) -> str:
        answer = (browser or self.browser).get(f"{self.href}{path}", headers=PARTIAL)
        assert answer.status_code == 200, answer.status_code
        return str(answer.content.decode())

    def sign_in(self, name: str, role: Role) -> Browser:
        with cast.opened(self.chart.here):
            user = cast.person(name, (self.chart.here, role))
        browser = Browser()
        browser.force_login(user)
        return browser


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@pytest.fixture
def desk() -> Iterator[Desk]:
    cast.icd10cm()
    here = cast.cypress()
    with cast.opened(here):
        chart = bench(here)
    browser = Browser()
    browser.force_login(User.objects.get(pk=chart.actor.person_id))
    yield Desk(chart, browser)


def test_each_element_updates_the_result_and_shows_its_line(desk: Desk) -> None:
    answer = desk.element("problems:stable_chronic", "Hypertension, stable")
    text = answer.content.decode()
    assert answer.status_code == 200, text
    assert 'id="tool"' in text and ">99212<" in text and ">L9<" in text
    assert "would give low" in text
    desk.element("problems:stable_chronic", "Type 2 diabetes")
    text = desk.element("risk:prescription_drug", "Continue losartan").content.decode()
    assert ">99214<" in text and "Use 99214" in text
    assert "By time: no total time was given" in text


def test_the_button_adds_the_code(desk: Desk) -> None:
    desk.element("problems:stable_chronic", "Hypertension, stable")
    text = desk.send("em/use/").content.decode()
    assert 'id="code-S1"' in text and "99212 is the visit" in text
    with cast.opened(desk.chart.here):
        assert CodeAssignment.objects.get().code == "99212"


def test_without_words_the_form_says_so_and_nothing_is_saved(desk: Desk) -> None:
    answer = desk.send("em/elements/", kind="problems:stable_chronic", category="office_established")
    assert answer.status_code == 422
    assert "Select the words that show it" in answer.content.decode()
    with cast.opened(desk.chart.here):
        assert VisitLevel.objects.count() == 0


def test_the_form_works_without_a_script(desk: Desk) -> None:
    data = {
        "fence": desk.chart.fence, "version": str(desk.chart.version.pk), "kind": "time:total_minutes",
        "count": "41", "category": "office_established", "lines": "10",
    }  # fmt: skip
    answer = desk.browser.post(f"{desk.href}em/elements/", data)
    assert answer.status_code in (302, 303) and answer["Location"].endswith("/em/")
    page = desk.browser.get(answer["Location"]).content.decode()
    assert "<title>" in page and ">99215<" in page


def test_a_reviewer_sees_where_they_differ_and_the_coder_does_not(desk: Desk) -> None:
    desk.element("problems:stable_chronic", "Hypertension, stable")
    quentin = desk.sign_in("Quentin Drake", Role.QA_REVIEWER)
    data = {"fence": "0", "kind": "problems:self_limited", "category": "office_established", "count": "1"}
    answer = quentin.post(f"{desk.href}em/elements/", data, headers=PARTIAL)
    text = answer.content.decode()
    assert answer.status_code == 200, text
    assert "Where you differ" in text and "Rosalind Ames" in text
    assert "1 × Chronic, stable" in text and "1 × Self-limited or minor" in text
    assert "Use 99212" not in text
    assert "Where you differ" not in desk.page("em/")
    with cast.opened(desk.chart.here):
        assert {row.scored_by for row in VisitLevel.objects.all()} == {"coder", "reviewer"}
        assert CodeAssignment.objects.count() == 0


def test_outside_people_have_no_tools_and_other_roles_only_read(desk: Desk) -> None:
    nora = desk.sign_in("Nora Vance", Role.CLIENT_ADMIN)
    assert nora.get(f"{desk.href}em/").status_code == 404
    assert nora.get(f"{desk.href}hcc/").status_code == 404
    sunita = desk.sign_in("Sunita Rao", Role.CDI_SPECIALIST)
    assert 'id="em-add"' not in desk.page("em/", sunita)
    answer = desk.send("em/category/", browser=sunita, category="office_new")
    assert answer.status_code == 403
    assert desk.send("hcc/facts/", browser=sunita, fact="signature", value="no").status_code == 403
    with cast.opened(desk.chart.here):
        assert VisitLevel.objects.count() == 0 and EligibilityFact.objects.count() == 0


def _coded(desk: Desk) -> None:
    with cast.opened(desk.chart.here):
        desk.chart.add("E1122", "Type 2 diabetes with diabetic chronic kidney disease")
        desk.chart.add("N1831", "stage 3a")


def test_the_panel_shows_support_categories_and_no_weights(desk: Desk) -> None:
    _coded(desk)
    text = desk.page("hcc/")
    assert "HCC 37" in text and "HCC 329" in text and "no MEAT tag" in text
    assert "CMS-HCC V28" in text and "CMS-HCC V24" in text and "HCC 18" in text
    assert "Its tables are not loaded." in text
    for weight in ("0.166", "0.302", "coefficient", "raw score", "$"):
        assert weight not in text


def test_a_tag_changes_the_badge_and_clears_the_finding(desk: Desk) -> None:
    _coded(desk)
    chart = desk.page("")
    assert "No MEAT" in chart and "has no MEAT tag" in chart
    with cast.opened(desk.chart.here):
        links = list(EvidenceLink.objects.all())
    for link in links:
        answer = desk.send(f"evidence/{link.pk}/meat/", letter="M")
        assert answer.status_code == 200
    text = answer.content.decode()
    assert "MEAT: M" in text and "No MEAT" not in text and "has no MEAT tag" not in text
    assert "supported (M)" in desk.page("hcc/")


def test_facts_are_asked_confirmed_and_taken_back(desk: Desk) -> None:
    assert "Not known: signature, credential, date on the note" in desk.page("hcc/")
    text = desk.send("hcc/facts/", "Electronically signed: N. Okafor, MD", fact="signature", value="yes")
    assert "Not known: credential, date on the note" in text.content.decode()
    refused = desk.send("hcc/facts/", fact="credential", value="yes")
    assert refused.status_code == 422 and "Select the words" in refused.content.decode()
    desk.send("hcc/facts/", "N. Okafor, MD", fact="credential", value="yes")
    text = desk.send("hcc/facts/", "09/15/2026", fact="note_date", value="yes").content.decode()
    assert ">Eligible.<" in text
    text = desk.send("hcc/facts/withdraw/", fact="signature").content.decode()
    assert "Not known: signature" in text
    text = desk.send("hcc/facts/", "Electronically signed", fact="signature", value="no").content.decode()
    assert "Not eligible: signature" in text
    with cast.opened(desk.chart.here):
        assert EligibilityFact.objects.get(fact="signature").quote is None


def test_deletes_stand_beside_adds_when_a_chart_was_final(desk: Desk) -> None:
    chart = desk.chart
    with cast.opened(chart.here):
        chart.add("E1122", "Type 2 diabetes")
        gone = chart.add("N1831", "stage 3a")
        finalize(**chart.act())
        note = "The second diagnosis was not documented."
        reopen(actor=chart.actor, encounter=chart.encounter, reason=ReopenReason.CODER_CORRECTION, note=note)
        item = take_chart(
            actor=chart.actor, item=cast.item_of(chart.encounter), now=chart.version.received_at
        )
        chart.fence = item.fence
    answer = desk.send(f"codes/{gone.pk}/remove/", reason="Not documented")
    assert answer.status_code == 200, answer.content.decode()
    text = desk.page("hcc/")
    assert "against version 1" in text and "N18.31" in text
    assert "in the version before, not in this one" in text and "Nothing to add." in text


def test_panels_take_the_same_queries_for_one_code_and_for_five(desk: Desk) -> None:
    def count(path: str) -> int:
        desk.page(path)
        with CaptureQueriesContext(connection) as queries:
            desk.page(path)
        return len(queries)

    desk.element("problems:stable_chronic", "Hypertension, stable")
    with cast.opened(desk.chart.here):
        desk.chart.add("E1122", "Type 2 diabetes")
    few = [count("em/"), count("hcc/")]
    desk.element("problems:stable_chronic", "Type 2 diabetes")
    desk.element("risk:prescription_drug", "Continue losartan")
    with cast.opened(desk.chart.here):
        for code, quote in (("N1831", "stage 3a"), ("I129", "Hypertension"), ("Z794", "losartan")):
            desk.chart.add(code, quote)
    assert [count("em/"), count("hcc/")] == few
