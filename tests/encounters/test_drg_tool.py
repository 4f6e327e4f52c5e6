"""The DRG tool in the workbench: what it shows to whom, what it refuses, and the list of differences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coding_ops.tenancy.models import Role
from encounters.actions.coding import Attributes, Words, assign_code
from encounters.actions.finalize import finalize
from encounters.actions.leases import take_chart
from encounters.models import DrgDifference, Encounter, WorkingDrg
from encounters.selectors.drg import reconciliation_of
from tests import cast, stay
from tests.encounters.test_pcs_tool import Desk

pytestmark = pytest.mark.django_db(transaction=True)


class Coded(Desk):
    """A stay whose hip was replaced, with one MCC: MS-DRG 521."""

    def __init__(self, folder: Path, **attributes: Any) -> None:
        super().__init__(folder, **attributes)
        with cast.opened(self.here):
            for code in (stay.FRACTURE, stay.FAILURE, stay.HIP):
                self.add(code)

    @property
    def actor(self) -> Any:
        return cast.actor_for(self.user, Role.CODER)

    def add(self, code: str) -> None:
        start = self.version.text.index(stay.QUOTES[code])
        is_procedure = code in stay.PROCEDURES
        assign_code(
            actor=self.actor,
            encounter=self.chart,
            fence=self.fence,
            system="ICD-10-PCS" if is_procedure else "ICD-10-CM",
            code=code,
            evidence=[Words(self.version.pk, start, start + len(stay.QUOTES[code]))],
            attributes=Attributes(present_on_admission="" if is_procedure else "Y"),
        )

    def send(self, path: str, **fields: Any) -> Any:
        return self.browser.post(
            f"{self.href}drg/{path}", {"fence": self.fence, **fields}, headers={"HX-Request": "true"}
        )

    def panel(self, browser: Any = None) -> str:
        answer = (browser or self.browser).get(self.href + "drg/", headers={"HX-Request": "true"})
        assert answer.status_code == 200
        return str(answer.content.decode())

    def finalize(self) -> None:
        with cast.opened(self.here):
            finalize(actor=self.actor, encounter=self.chart, fence=self.fence)


@pytest.fixture
def desk(settings: Any, tmp_path: Path) -> Iterator[Coded]:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    yield Coded(tmp_path)


def test_the_panel_tells_the_group_and_what_it_rests_on(desk: Coded) -> None:
    panel = desk.panel()
    assert "<b>521</b> Hip Replacement with Principal Diagnosis of Hip Fracture with MCC" in panel
    assert "MS-DRG v43.1" in panel and "MDC 08" in panel and "Surgical" in panel
    assert "Without it: 522 Hip Replacement" in panel and "Without it: 535 Fractures" in panel
    assert panel.count("1 quote in 1 document") == 2
    assert "Grouped as discharged home" in panel


def test_the_coder_sees_no_weight_and_a_reviewer_does(desk: Coded) -> None:
    assert "weight" not in desk.panel()
    reviewer = cast.person("Quentin Drake", (desk.here, Role.QA_REVIEWER))
    panel = desk.panel(desk.of(reviewer))
    # CMS FY 2026 IPPS final rule, table 5: 521 weighs 2.8702, 522 2.1177.
    assert "weight 2.8702" in panel and "weight 2.1177" in panel
    assert "Discharge status</label>" not in panel and "Record as working" not in panel


def test_a_weight_that_no_table_covers_is_said_to_be_not_loaded(settings: Any, tmp_path: Path) -> None:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    desk = Coded(tmp_path, service_on=date(2026, 11, 10), discharge_on=date(2026, 11, 14))
    reviewer = cast.person("Quentin Drake", (desk.here, Role.QA_REVIEWER))
    panel = desk.panel(desk.of(reviewer))
    assert "MS-DRG v44.0" in panel and "weight not loaded" in panel


def test_the_discharge_status_is_set_and_one_that_is_none_is_refused(desk: Coded) -> None:
    assert desk.send("status/", status="62").status_code == 200
    panel = desk.panel()
    assert "Grouped as discharged home" not in panel
    assert '<option value="62" selected>62 Inpatient rehabilitation</option>' in panel
    refused = desk.send("status/", status="99")
    assert refused.status_code == 422 and "Choose one of the discharge statuses." in refused.content.decode()
    with cast.opened(desk.here):
        assert Encounter.objects.get(pk=desk.chart.pk).discharge_status_code == "62"


def test_a_working_group_is_recorded_and_a_refusal_keeps_what_was_typed(desk: Coded) -> None:
    assert "Working MS-DRG 521 recorded." in desk.send("working/", drg="").content.decode()
    for typed, said in (("5x1", "three digits"), ("999", "from 1 to 989"), ("522", "say in a sentence")):
        refused = desk.send("working/", drg=typed, reason="why")
        assert refused.status_code == 422
        answer = refused.content.decode()
        assert said in answer and f'value="{typed}"' in answer
    with cast.opened(desk.here):
        assert [one.drg for one in WorkingDrg.objects.all()] == [521]
    stale = desk.browser.post(
        desk.href + "drg/working/", {"fence": desk.fence + 1, "drg": "522", "reason": "A longer reason."}
    )
    assert stale.status_code == 409


def test_working_against_final_is_listed_until_its_reason_is_recorded(desk: Coded) -> None:
    cdi = desk.of(cast.person("Sunita Rao", (desk.here, Role.CDI_SPECIALIST)))
    recorded = cdi.post(desk.href + "drg/working/", {"drg": "522", "reason": "", "fence": 0})
    assert recorded.status_code == 303
    listed = f"/c/{desk.here.client.slug}/drg-differences/"
    assert "Nothing waits" in cdi.get(listed).content.decode()
    desk.finalize()
    page = cdi.get(listed).content.decode()
    assert "1 waits for the reason" in page and ">522<" in page and ">521<" in page
    assert desk.chart.patient.family_name not in page
    panel = desk.panel(cdi)
    assert "Reason pending" in panel and "Version 1: 521" in panel
    with cast.opened(desk.here):
        working = WorkingDrg.objects.get()
    bare = {"working": working.pk, "why": "other", "note": "short"}
    assert cdi.post(desk.href + "drg/explain/", bare).status_code == 422
    told = {"working": working.pk, "why": "query_answered", "note": ""}
    assert cdi.post(desk.href + "drg/explain/", told).status_code == 303
    assert "A query was answered" in desk.panel(cdi)
    assert "Every difference has its reason." in cdi.get(listed).content.decode()
    with cast.opened(desk.here):
        assert DrgDifference.objects.count() == 1


def test_the_list_and_the_tool_are_not_for_a_clients_people(desk: Coded) -> None:
    viewer = desk.of(cast.person("Nora Vance", (desk.here, Role.CLIENT_VIEWER)))
    listed = f"/c/{desk.here.client.slug}/drg-differences/"
    for address in (desk.href + "drg/", listed):
        assert viewer.get(address).status_code == 404
    assert desk.browser.get(listed).status_code == 404


def test_a_stay_that_cannot_be_grouped_says_why(settings: Any, tmp_path: Path) -> None:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    desk = Coded(tmp_path, discharge_on=None)
    assert "The stay has no discharge date yet" in desk.panel()


def counted(browser: Any, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(address).status_code == 200
    return len(seen)


def test_the_panels_and_the_list_ask_no_more_for_more_codes_and_stays(desk: Coded) -> None:
    cdi = cast.person("Sunita Rao", (desk.here, Role.CDI_SPECIALIST))
    browser = desk.of(cdi)
    listed = f"/c/{desk.here.client.slug}/drg-differences/"
    desk.panel()  # which releases there are is asked once
    few = [counted(desk.browser, desk.href + tool) for tool in ("drg/", "pcs/")]
    with cast.opened(desk.here):
        for code in (stay.HYPERTENSION, stay.INSULIN):
            desk.add(code)
    assert [counted(desk.browser, desk.href + tool) for tool in ("drg/", "pcs/")] == few
    # The chart, what was expected and what is final; none of a final version that is not there.
    assert few[0] - few[1] == 2
    desk.finalize()
    with cast.opened(desk.here):
        chart = Encounter.objects.get(pk=desk.chart.pk)
        expect_otherwise(desk, chart, cdi)
    one = counted(browser, listed)
    with cast.opened(desk.here):
        for _ in range(4):
            other = stay.encounter(desk.here)
            fence = take_chart(actor=desk.actor, item=cast.item_of(other), now=timezone.now()).fence
            version = other.documents.get().versions.get()
            assign_code(
                actor=desk.actor,
                encounter=other,
                fence=fence,
                system="ICD-10-CM",
                code=stay.FRACTURE,
                evidence=[Words(version.pk, 0, 10)],
                attributes=Attributes(present_on_admission="Y"),
            )
            finalize(actor=desk.actor, encounter=other, fence=fence)
            other.refresh_from_db()
            expect_otherwise(desk, other, cdi)
    assert counted(browser, listed) == one
    assert "5 wait for the reason" in browser.get(listed).content.decode()


def expect_otherwise(desk: Coded, chart: Encounter, cdi: Any) -> None:
    """As the CDI specialist had recorded it while the stay was open."""
    WorkingDrg.objects.create(
        client=desk.here.client,
        encounter=chart,
        party="cdi",
        grouper_version="43.1",
        drg=470,
        codes=[],
        recorded_by=cdi,
        recorded_at=chart.received_at,
    )


def test_the_group_costs_no_query_and_reconciling_three(desk: Coded) -> None:
    with cast.opened(desk.here):
        WorkingDrg.objects.create(
            client=desk.here.client,
            encounter=desk.chart,
            party="coder",
            grouper_version="43.1",
            drg=521,
            codes=[],
            recorded_by=desk.user,
            recorded_at=desk.chart.received_at,
        )
    desk.finalize()
    with cast.opened(desk.here):
        chart = Encounter.objects.select_related("patient").get(pk=desk.chart.pk)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            reconciliation_of(chart)
        assert len(seen) == 3
