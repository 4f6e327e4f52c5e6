"""The procedure builder in the workbench: each character asks for the next axis, only rows can be built."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from coding_ops.tenancy.models import Role
from encounters.actions.leases import take_chart
from encounters.models import CodeAssignment, Encounter, EvidenceLink
from tests import cast, stay

pytestmark = pytest.mark.django_db(transaction=True)


class Desk:
    """A coder with a stay in their hands."""

    def __init__(self, folder: Path, **attributes: Any) -> None:
        stay.code_sets(folder)
        self.here = cast.cypress()
        self.user = cast.coder("Rosalind Ames", self.here)
        with cast.opened(self.here):
            self.chart: Encounter = stay.encounter(self.here, **attributes)
            actor = cast.actor_for(self.user, Role.CODER)
            item = cast.item_of(self.chart)
            self.fence = take_chart(actor=actor, item=item, now=timezone.now()).fence
            self.version = self.chart.documents.get().versions.get()
        self.href = f"/c/{self.here.client.slug}/encounters/{self.chart.pk}/"
        self.browser = self.of(self.user)

    def of(self, user: Any) -> Browser:
        browser = Browser()
        browser.force_login(user)
        return browser

    def step(self, prefix: str, **headers: str) -> Any:
        return self.browser.post(
            self.href + "pcs/", {"prefix": prefix, "fence": self.fence}, headers={"HX-Request": "true"}
        )


@pytest.fixture
def desk(settings: Any, tmp_path: Path) -> Iterator[Desk]:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    yield Desk(tmp_path)


def test_each_character_offers_the_values_its_rows_allow(desk: Desk) -> None:
    answer = desk.step("0jhw").content.decode()
    assert 'id="pcs-step" data-prefix="0JHW"' in answer
    assert ">Approach<" in answer and "Percutaneous" in answer
    devices = desk.step("0JHW3").content.decode()
    assert "Infusion Device" in devices and "Infusion Pump" not in devices
    assert "Putting in a nonbiological appliance." in devices


def test_a_character_that_no_row_allows_is_refused_in_words(desk: Desk) -> None:
    answer = desk.step("0JHW3V").content.decode()
    assert 'data-prefix="0JHW3"' in answer
    assert "V is not a value of Device after 0JHW3." in answer


def test_a_whole_code_has_its_title_and_can_be_added_with_lines(desk: Desk) -> None:
    answer = desk.step(stay.HIP).content.decode()
    assert "data-whole" in answer and stay.PROCEDURES[stay.HIP] in answer
    lines = desk.browser.post(
        desk.href + "codes/",
        {
            "system": "ICD-10-PCS",
            "code": stay.HIP,
            "lines": "7",
            "version": desk.version.pk,
            "fence": desk.fence,
        },
    )
    assert lines.status_code == 303
    with cast.opened(desk.here):
        row = CodeAssignment.objects.get()
        assert (row.system, row.code, row.kind, row.title) == (
            *("ICD-10-PCS", stay.HIP, "px"),
            stay.PROCEDURES[stay.HIP],
        )
        assert EvidenceLink.objects.get().quote.startswith("Procedure: right hip replacement")


def test_a_whole_code_of_the_tables_that_the_release_does_not_hold_cannot_be_added(desk: Desk) -> None:
    answer = desk.step("0SRB03Z").content.decode()
    assert "data-whole" not in answer and "pcs-add" not in answer
    assert "0SRB03Z is not a code of" in answer.replace("0SR.B03Z", "0SRB03Z")


def test_the_page_works_without_a_script(desk: Desk) -> None:
    page = desk.browser.get(desk.href + "pcs/").content.decode()
    assert '<section id="tool"' in page and "Medical and Surgical" in page and "/codes/search/" in page
    page = desk.browser.post(desk.href + "pcs/", {"pick": "0SR9", "fence": desk.fence}).content.decode()
    assert "Hip Joint, Right" in page and 'value="0SR90"' in page


def test_without_tables_the_tool_says_what_to_load(desk: Desk, tmp_path: Path) -> None:
    stay.tables(tmp_path, pcs=False)
    page = desk.browser.get(desk.href + "pcs/").content.decode()
    assert "There are no ICD-10-PCS tables for 2026-09-14." in page
    assert "pcs-code" not in page


def test_another_visit_has_no_procedure_builder(settings: Any, tmp_path: Path) -> None:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    desk = Desk(tmp_path, kind="office", discharge_on=None)
    assert "inpatient stay" in desk.browser.get(desk.href + "pcs/").content.decode()
    assert 'data-tool="pcs"' not in desk.browser.get(desk.href).content.decode()


def test_who_only_reads_the_chart_is_offered_nothing_to_build(desk: Desk) -> None:
    reviewer = cast.person("Quentin Drake", (desk.here, Role.QA_REVIEWER))
    browser = desk.of(reviewer)
    assert "Only the coder who holds the chart" in browser.get(desk.href + "pcs/").content.decode()
    refused = browser.post(desk.href + "pcs/", {"prefix": "0", "fence": desk.fence})
    assert refused.status_code == 403
    client = cast.person("Nora Vance", (desk.here, Role.CLIENT_VIEWER))
    assert desk.of(client).get(desk.href + "pcs/").status_code == 404
