"""Working against final group of a stay: recorded with its codes, kept with the version, explained."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from coding_ops.audit.models import AuditEvent
from coding_ops.core.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound, Refused
from coding_ops.tenancy.models import Role
from encounters.actions.coding import Attributes, Words, assign_code, change_code, remove_code
from encounters.actions.drg import explain_difference, record_working_drg, set_discharge_status
from encounters.actions.finalize import finalize
from encounters.actions.leases import take_chart
from encounters.models import (
    CodeAssignment,
    DrgDifference,
    DrgParty,
    DrgReason,
    Encounter,
    WorkingDrg,
)
from encounters.selectors.drg import (
    Grouping,
    Ungrouped,
    final_record,
    final_second_looks,
    grouping_of,
    pending_differences,
    reconciliation_of,
    second_looks_of,
)
from encounters.selectors.edits import edits_of
from encounters.selectors.readiness import assignments_of, setting_of
from tests import cast, stay

pytestmark = pytest.mark.django_db


class Stay:
    """A stay in the coder's hands, and a CDI specialist beside it."""

    def __init__(self, here: cast.Place, **attributes: Any) -> None:
        self.here = here
        self.coder = cast.actor_for(cast.coder("Rosalind Ames", here), Role.CODER)
        cdi = cast.person("Sunita Rao", (here, Role.CDI_SPECIALIST))
        self.cdi = cast.actor_for(cdi, Role.CDI_SPECIALIST, "CCDS")
        self.encounter: Encounter = stay.encounter(here, **attributes)
        item = cast.item_of(self.encounter)
        self.fence = take_chart(actor=self.coder, item=item, now=timezone.now()).fence

    def add(self, code: str, poa: str = "Y", quotes: tuple[str, ...] = ()) -> CodeAssignment:
        version = self.encounter.documents.get().versions.get()
        words = []
        for quote in quotes or (stay.QUOTES[code],):
            start = version.text.index(quote)
            words.append(Words(version.pk, start, start + len(quote)))
        system = "ICD-10-PCS" if code in stay.PROCEDURES else "ICD-10-CM"
        return assign_code(
            actor=self.coder,
            encounter=self.encounter,
            fence=self.fence,
            system=system,
            code=code,
            evidence=words,
            attributes=Attributes(present_on_admission=poa if system == "ICD-10-CM" else ""),
        )

    def grouped(self) -> Grouping:
        found = grouping_of(self.encounter, assignments_of(self.encounter))
        assert isinstance(found, Grouping), found
        return found

    def record(self, actor: Any = None, drg: int | None = None, reason: str = "") -> WorkingDrg:
        fence = None if actor is self.cdi else self.fence
        return record_working_drg(
            actor=actor or self.coder, encounter=self.encounter, fence=fence, drg=drg, reason=reason
        )

    def finalize(self) -> dict[str, Any]:
        """Finalizes; gives what the version keeps of its edits."""
        revision = finalize(actor=self.coder, encounter=self.encounter, fence=self.fence)
        self.encounter.refresh_from_db()
        return revision.edits or {}

    def explain(self, working: WorkingDrg, reason: str, note: str = "", actor: Any = None) -> DrgDifference:
        return explain_difference(
            actor=actor or self.cdi,
            encounter=self.encounter,
            working_id=working.pk,
            reason=reason,
            note=note,
        )


@pytest.fixture
def here(settings: Any, tmp_path: Path) -> Any:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    stay.code_sets(tmp_path)
    here = cast.cypress()
    with cast.opened(here):
        yield here


@pytest.fixture
def chart(here: cast.Place) -> Stay:
    return Stay(here)


@pytest.fixture
def coded(chart: Stay) -> Stay:
    """Hip fracture with replacement and one MCC: MS-DRG 521."""
    chart.add(stay.FRACTURE)
    chart.add(stay.FAILURE, quotes=(stay.QUOTES[stay.FAILURE], "SpO2 84 percent on room air"))
    chart.add(stay.INSULIN, "")
    chart.add(stay.HIP)
    return chart


# --- the group ----------------------------------------------------------------------------------------------


def test_the_group_tells_what_it_rests_on_and_how_deep_its_evidence_is(coded: Stay) -> None:
    """MS-DRG Definitions Manual v43.1, MDC 8: 521 with MCC, 522 without, 535 without the replacement."""
    found = coded.grouped()
    assert (found.group.drg, found.answer["mdc"], found.answer["version"]) == (521, 8, "43.1")
    assert [(one.code, one.level, one.counts) for one in found.severity] == [("J9601", "MCC", True)]
    # The procedure is cited by one span, the MCC by two: the thinner comes first.
    assert [(one.code, one.without.drg, one.cited.spans, one.is_thin) for one in found.drivers] == [
        (stay.HIP, 535, 1, True),
        (stay.FAILURE, 522, 2, False),
    ]
    looks = second_looks_of(coded.encounter, assignments_of(coded.encounter))
    assert [(one.rule, one.code) for one in looks] == [
        ("drg.single_severity", stay.FAILURE),
        ("drg.thin_evidence", stay.HIP),
    ]
    # What a finished version keeps of its group says the same without grouping again.
    kept = final_record(coded.encounter, assignments_of(coded.encounter))["drg"]
    assert {(one.rule, one.code) for one in final_second_looks(kept)} == {
        (one.rule, one.code) for one in looks
    }


def test_each_code_moves_the_group(chart: Stay) -> None:
    chart.add(stay.FRACTURE)
    assert chart.grouped().group.drg == 536
    chart.add(stay.HIP)
    assert chart.grouped().group.drg == 522
    chart.add(stay.FAILURE)
    assert chart.grouped().group.drg == 521


def test_what_the_grouper_lacks_is_said(here: cast.Place, chart: Stay) -> None:
    def reason(encounter: Encounter) -> str:
        found = grouping_of(encounter, assignments_of(encounter))
        assert isinstance(found, Ungrouped)
        return found.reason

    assert "no principal diagnosis" in reason(chart.encounter)
    assert "discharge date" in reason(stay.encounter(here, discharge_on=None))
    assert "inpatient stay" in reason(cast.encounter(here))
    chart.add(stay.FRACTURE)
    chart.encounter.discharge_on = timezone.localdate().replace(year=2031)
    assert "There is no grouper for discharges" in reason(chart.encounter)


def test_how_the_stay_ended_is_said_by_the_holder_and_assumed_until_then(coded: Stay) -> None:
    assert coded.grouped().is_assumed
    set_discharge_status(actor=coded.coder, encounter=coded.encounter, fence=coded.fence, code="20")
    coded.encounter.refresh_from_db()
    found = coded.grouped()
    assert (found.discharge_status, found.is_assumed) == ("20", False)
    with pytest.raises(InvalidInput):
        set_discharge_status(actor=coded.coder, encounter=coded.encounter, fence=coded.fence, code="99")
    with pytest.raises(Conflict):
        set_discharge_status(actor=coded.coder, encounter=coded.encounter, fence=coded.fence + 1, code="01")
    coded.encounter.refresh_from_db()
    assert coded.encounter.discharge_status_code == "20"


def test_the_code_editors_findings_stand_beside_their_code(chart: Stay) -> None:
    """Definitions of Medicare Code Edits: an unacceptable principal diagnosis."""
    row = chart.add(stay.INSULIN, "")
    row.code = "Z9989"
    row.save()
    rows = assignments_of(chart.encounter)
    live = edits_of(chart.encounter, rows, setting_of(chart.encounter))
    found = [one for one in live.findings if one.rule == "mce.unacceptable_pdx"]
    assert [one.assignments for one in found] == [(str(row.pk),)]
    assert found[0].blocks


# --- working ------------------------------------------------------------------------------------------------


def test_a_working_group_keeps_the_codes_it_was_recorded_on(coded: Stay) -> None:
    made = coded.record()
    assert (made.drg, made.party, made.grouper_version) == (521, DrgParty.CODER, "43.1")
    assert made.title.startswith("Hip Replacement")
    assert [one["code"] for one in made.codes] == [stay.FRACTURE, stay.FAILURE, stay.INSULIN, stay.HIP]
    assert made.codes[0]["poa"] == "Y"
    event = AuditEvent.objects.filter(verb="working_drg.recorded").get()
    assert event.facts == {"drg": 521, "version": "43.1", "party": "coder", "codes": 4}


def test_another_group_needs_its_reason_and_the_same_one_is_nothing_new(coded: Stay) -> None:
    first = coded.record()
    with pytest.raises(Refused) as again:
        coded.record()
    assert again.value.code == "drg.unchanged"
    row = next(one for one in assignments_of(coded.encounter) if one.code == stay.FAILURE)
    remove_code(
        actor=coded.coder, encounter=coded.encounter, fence=coded.fence, assignment_id=row.pk, reason="-"
    )
    with pytest.raises(Refused) as silent:
        coded.record(reason="changed")
    assert silent.value.code == "drg.reason_missing"
    assert list(WorkingDrg.objects.all()) == [first]
    assert coded.record(reason="The failure was ruled out.").drg == 522
    assert WorkingDrg.objects.count() == 2


def test_a_cdi_specialist_records_without_a_lease_and_may_expect_another_group(coded: Stay) -> None:
    made = coded.record(coded.cdi, drg=522, reason="Failure is queried.")
    assert (made.party, made.drg, made.title) == (DrgParty.CDI, 522, "")
    for number in (0, 998, 1000):
        with pytest.raises(InvalidInput):
            coded.record(coded.cdi, drg=number, reason="Another number.")
    assert WorkingDrg.objects.count() == 1


def test_who_neither_codes_nor_specifies_records_no_group(coded: Stay) -> None:
    reviewer = cast.person("Quentin Drake", (coded.here, Role.QA_REVIEWER))
    with pytest.raises(NotAllowed):
        coded.record(cast.actor_for(reviewer, Role.QA_REVIEWER))
    coded.fence += 1
    with pytest.raises(Conflict):
        coded.record()
    assert not WorkingDrg.objects.exists()


def test_another_visit_has_no_group_to_record(here: cast.Place) -> None:
    office = Stay(here, kind="office", discharge_on=None)
    with pytest.raises(Refused, match="inpatient stay"):
        office.record()
    with pytest.raises(Refused, match="inpatient stay"):
        set_discharge_status(actor=office.coder, encounter=office.encounter, fence=office.fence, code="01")


# --- final --------------------------------------------------------------------------------------------------


def test_a_version_keeps_its_group_and_a_difference_waits_for_its_reason(coded: Stay) -> None:
    coded.record()
    expected = coded.record(coded.cdi, drg=522)
    kept = coded.finalize()["drg"]
    assert (kept["drg"], kept["version"], kept["discharge_status_assumed"]) == (521, "43.1", True)
    assert {"code": stay.FAILURE, "without": 522, "spans": 2} in kept["drivers"]
    found = reconciliation_of(coded.encounter)
    assert {(one.expected.party, one.is_pending) for one in found.differences} == {
        ("coder", False),
        ("cdi", True),
    }
    (pending,) = pending_differences(coded.here.client.pk, 10)
    assert (pending.working, pending.final_drg) == (expected, 521)
    with pytest.raises(Refused, match="codes are final"):
        coded.record(coded.cdi, reason="Too late to expect.")

    coded.explain(expected, DrgReason.QUERY_ANSWERED)
    assert pending_differences(coded.here.client.pk, 10) == []
    found = reconciliation_of(coded.encounter)
    assert [one.reason for one in found.differences if one.differs] == ["A query was answered"]
    event = AuditEvent.objects.filter(verb="drg_difference.explained").get()
    assert event.facts == {"working": 522, "final": 521, "reason": "query_answered", "revision": 1}


def test_a_difference_is_explained_only_where_there_is_one(coded: Stay) -> None:
    same, other = coded.record(), coded.record(coded.cdi, drg=522)
    refusals: list[tuple[type[DomainError], Any]] = [
        (Conflict, lambda: coded.explain(other, DrgReason.QUERY_ANSWERED)),
    ]
    for error, act in refusals:
        with pytest.raises(error):
            act()
    coded.finalize()
    auditor = cast.actor_for(cast.person("Nora Vance", (coded.here, Role.CLIENT_VIEWER)), Role.CLIENT_VIEWER)
    for error, act in (
        (Refused, lambda: coded.explain(same, DrgReason.QUERY_ANSWERED)),
        (InvalidInput, lambda: coded.explain(other, "because")),
        (InvalidInput, lambda: coded.explain(other, DrgReason.OTHER, "short")),
        (NotAllowed, lambda: coded.explain(other, DrgReason.QUERY_ANSWERED, actor=auditor)),
    ):
        with pytest.raises(error):
            act()
    other.pk = uuid.uuid4()
    with pytest.raises(NotFound):
        coded.explain(other, DrgReason.QUERY_ANSWERED)
    assert not DrgDifference.objects.exists()


def test_a_stay_without_a_group_is_final_with_its_reason(here: cast.Place) -> None:
    chart = Stay(here, discharge_on=None)
    chart.add(stay.FRACTURE)
    assert chart.finalize()["drg"] == {
        "drg": None,
        "reason": "The stay has no discharge date yet, which chooses the grouper.",
    }
    assert pending_differences(here.client.pk, 10) == []


def test_an_office_visit_keeps_no_group(here: cast.Place) -> None:
    office = Stay(here, kind="office", discharge_on=None)
    office.add(stay.HYPERTENSION, "")
    assert "drg" not in office.finalize()


@pytest.mark.parametrize("model", [WorkingDrg, DrgDifference])
def test_what_was_recorded_is_never_changed(coded: Stay, model: Any) -> None:
    working = coded.record(coded.cdi, drg=522)
    coded.finalize()
    coded.explain(working, DrgReason.QUERY_ANSWERED)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        model.objects.update(recorded_at=timezone.now())
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        model.objects.all()._raw_delete("default")


def test_undo_and_attributes_leave_the_recorded_codes_as_they_were(coded: Stay) -> None:
    made = coded.record()
    row = next(one for one in assignments_of(coded.encounter) if one.code == stay.FAILURE)
    change_code(
        actor=coded.coder,
        encounter=coded.encounter,
        fence=coded.fence,
        assignment_id=row.pk,
        attributes=Attributes(present_on_admission="N"),
    )
    made.refresh_from_db()
    assert [one["poa"] for one in made.codes] == ["Y", "Y", "", ""]
    assert coded.record().drg == 521
