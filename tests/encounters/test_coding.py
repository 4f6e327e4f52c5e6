"""Assigning codes, tying them to words, undoing, and what finalize refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from coding_ops.audit.models import AuditEvent
from coding_ops.core.errors import Conflict, DomainError, InvalidInput, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.actions.changes import code_set, undo
from encounters.actions.coding import (
    Attributes,
    Words,
    assign_code,
    change_code,
    cite,
    move_code,
    record_exception,
    remove_code,
)
from encounters.actions.documents import Writing, add_document
from encounters.actions.finalize import NotReady, finalize, reopen
from encounters.actions.leases import take_chart
from encounters.actions.pends import Hold, pend_encounter, resume_encounter
from encounters.models import (
    CodeAssignment,
    CodeRevision,
    DocumentVersion,
    Encounter,
    EncounterStatus,
    EvidenceLink,
    OwnerParty,
    PendReason,
    WorkItemState,
)
from encounters.rules.encounter_states import ReopenReason
from tests import cast

pytestmark = pytest.mark.django_db


@dataclass
class Chart:
    here: cast.Place
    actor: Actor
    encounter: Encounter
    version: DocumentVersion
    fence: int

    def words(self, quote: str) -> Words:
        start = self.version.text.index(quote)
        return Words(self.version.pk, start, start + len(quote))

    def add(self, code: str, *quotes: str, system: str = "ICD-10-CM", **attributes: object) -> CodeAssignment:
        return assign_code(
            actor=self.actor,
            encounter=self.encounter,
            fence=self.fence,
            system=system,
            code=code,
            evidence=[self.words(quote) for quote in quotes],
            attributes=Attributes(**attributes),  # type: ignore[arg-type]
        )

    def codes(self) -> list[str]:
        return [row["code"] for row in code_set(self.encounter)]

    def fresh(self) -> Encounter:
        return Encounter.objects.get(pk=self.encounter.pk)


@pytest.fixture
def chart() -> Iterator[Chart]:
    cast.icd10cm()
    here = cast.cypress()
    rosalind = cast.coder("Rosalind Ames", here)
    with cast.opened(here):
        made = cast.encounter(here)
        actor = cast.actor_for(rosalind, Role.CODER)
        item = take_chart(actor=actor, item=cast.item_of(made), now=timezone.now())
        version = DocumentVersion.objects.get(document__encounter=made)
        yield Chart(here, actor, made, version, item.fence)


def test_a_code_is_tied_to_the_exact_words(chart: Chart) -> None:
    row = chart.add("e11.22", "Type 2 diabetes with diabetic chronic kidney disease")
    link = EvidenceLink.objects.get(assignment=row)
    assert chart.version.text[link.start : link.end] == link.quote
    assert link.quote == "Type 2 diabetes with diabetic chronic kidney disease"
    assert link.suffix.startswith(", stage 3a")
    assert (row.code, row.position, row.title) == ("E1122", 1, cast.ICD10CM["E1122"])
    event = AuditEvent.objects.filter(verb="code.assigned").get()
    assert event.facts["code"] == "E1122" and event.credential == "CPC"


@pytest.mark.parametrize(
    ("code", "says"),
    [("E11", "heading"), ("E11.99", "not a code"), ("", "not a"), ("hello", "not a")],
)
def test_what_is_not_billable_and_in_force_is_refused(chart: Chart, code: str, says: str) -> None:
    with pytest.raises(Refused) as caught:
        chart.add(code)
    assert says in caught.value.message
    assert chart.codes() == [] and not AuditEvent.objects.filter(verb="code.assigned").exists()


@pytest.mark.parametrize("system", ["", "SNOMED", "icd-10-cm\x00", "NCCI-PTP-PRACTITIONER"])
def test_a_system_that_no_claim_carries_is_refused(chart: Chart, system: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        chart.add("I10", system=system)
    assert caught.value.code == "code.system" and chart.codes() == []


def test_words_outside_the_chart_are_refused_and_nothing_is_kept(chart: Chart) -> None:
    other = cast.encounter(chart.here, note="Another patient's note.")
    foreign = DocumentVersion.objects.get(document__encounter=other)
    with pytest.raises(InvalidInput):
        assign_code(
            actor=chart.actor,
            encounter=chart.encounter,
            fence=chart.fence,
            system="ICD-10-CM",
            code="I10",
            evidence=[Words(foreign.pk, 0, 7)],
        )
    assert chart.codes() == []


def test_a_service_points_at_the_diagnoses_and_loses_a_removed_one(chart: Chart) -> None:
    first, second = chart.add("E1122", "Type 2 diabetes"), chart.add("I10", "Hypertension")
    visit = chart.add("99213", "Increase losartan", system="CPT", modifiers=("25",))
    assert visit.pointers == [first.pk, second.pk] and visit.modifiers == ["25"]
    remove_code(actor=chart.actor, encounter=chart.encounter, fence=chart.fence, assignment_id=first.pk)
    visit.refresh_from_db()
    second.refresh_from_db()
    assert visit.pointers == [second.pk] and second.position == 1


def test_undo_brings_back_a_removed_code_with_its_evidence_and_order(chart: Chart) -> None:
    chart.add("E1122", "Type 2 diabetes")
    second = chart.add("I10", "Hypertension, above goal")
    third = chart.add("Z794", "insulin glargine")
    before = code_set(chart.encounter)
    remove_code(actor=chart.actor, encounter=chart.encounter, fence=chart.fence, assignment_id=second.pk)
    assert chart.codes() == ["E1122", "Z794"]
    undo(actor=chart.actor, encounter=chart.encounter, fence=chart.fence)
    assert code_set(chart.encounter) == before
    assert EvidenceLink.objects.get(assignment=second.pk).quote == "Hypertension, above goal"
    move_code(
        actor=chart.actor, encounter=chart.encounter, fence=chart.fence, assignment_id=third.pk, position=1
    )
    assert chart.codes() == ["Z794", "E1122", "I10"]
    undo(actor=chart.actor, encounter=chart.encounter, fence=chart.fence)
    assert code_set(chart.encounter) == before
    for _ in range(3):
        undo(actor=chart.actor, encounter=chart.encounter, fence=chart.fence)
    assert chart.codes() == []
    with pytest.raises(Refused, match="nothing to undo"):
        undo(actor=chart.actor, encounter=chart.encounter, fence=chart.fence)


def test_finalize_refuses_a_code_without_evidence_and_says_which(chart: Chart) -> None:
    chart.add("E1122", "Type 2 diabetes")
    bare = chart.add("I10")
    with pytest.raises(NotReady) as caught:
        finalize(actor=chart.actor, encounter=chart.encounter, fence=chart.fence)
    assert [(f.rule, f.assignment_key) for f in caught.value.readiness.blocking] == [
        ("evidence.missing", str(bare.pk))
    ]
    assert "I10" in caught.value.message
    assert chart.fresh().status == EncounterStatus.READY and not CodeRevision.objects.exists()
    record_exception(
        actor=chart.actor,
        encounter=chart.encounter,
        fence=chart.fence,
        assignment_id=bare.pk,
        reason="image_only",
        note="Blood pressure table is a scanned page.",
    )
    revision = finalize(actor=chart.actor, encounter=chart.encounter, fence=chart.fence)
    assert revision.number == 1 and revision.credential == "CPC"
    assert [row["code"] for row in revision.codes] == ["E1122", "I10"]


def test_finalize_signs_ends_the_lease_and_leaves_one_event(chart: Chart) -> None:
    chart.add("E1122", "Type 2 diabetes")
    finalize(actor=chart.actor, encounter=chart.encounter, fence=chart.fence)
    done = chart.fresh()
    assert done.status == EncounterStatus.FINAL and done.assigned_coder_id == chart.actor.user_id
    assert cast.item_of(chart.encounter).state == WorkItemState.DONE
    assert AuditEvent.objects.filter(verb="encounter.finalized").count() == 1
    with pytest.raises(Conflict):
        chart.add("I10", "Hypertension")
    assert chart.codes() == ["E1122"]


def test_reopening_needs_a_reason_keeps_the_old_version_and_numbers_the_new(chart: Chart) -> None:
    chart.add("E1122", "Type 2 diabetes")
    finalize(actor=chart.actor, encounter=chart.encounter, fence=chart.fence)
    with pytest.raises(Refused):
        reopen(actor=chart.actor, encounter=chart.encounter, reason=ReopenReason.AUDIT, note="no")
    assert chart.fresh().status == EncounterStatus.FINAL
    reopen(
        actor=chart.actor, encounter=chart.encounter, reason=ReopenReason.AUDIT, note="QA found hypertension."
    )
    owed = chart.fresh().due_at
    assert owed is not None and timedelta(hours=47) < owed - timezone.now() <= timedelta(hours=48)
    item = take_chart(actor=chart.actor, item=cast.item_of(chart.encounter), now=timezone.now())
    chart.fence = item.fence
    chart.add("I10", "Hypertension")
    second = finalize(actor=chart.actor, encounter=chart.encounter, fence=chart.fence)
    assert (second.number, second.reason, second.note) == (2, "audit", "QA found hypertension.")
    first = CodeRevision.objects.get(number=1)
    assert [row["code"] for row in first.codes] == ["E1122"]


def test_a_new_version_carries_evidence_over_flags_what_is_lost_and_reopens(chart: Chart) -> None:
    kept = chart.add("E1122", "Type 2 diabetes with diabetic chronic kidney disease")
    lost = chart.add("Z794", "Long-term use of insulin glargine")
    finalize(actor=chart.actor, encounter=chart.encounter, fence=chart.fence)
    changed = "ADDENDUM 11/20\n\n" + chart.version.text.replace(
        "3. Long-term use of insulin glargine.", "3. Diet alone."
    )
    new = add_document(
        actor=cast.SYSTEM,
        encounter=chart.fresh(),
        writing=Writing("note-1", "progress_note", "Progress note", changed),
        now=timezone.now(),
    )
    assert new is not None and new.number == 2
    link = EvidenceLink.objects.get(assignment=kept)
    assert link.document_version_id == new.pk and changed[link.start : link.end] == link.quote
    gone = EvidenceLink.objects.get(assignment=lost)
    assert gone.state == "lost" and gone.document_version_id == chart.version.pk
    assert chart.fresh().status == EncounterStatus.REOPENED
    assert DocumentVersion.objects.get(pk=chart.version.pk).text == chart.version.text
    again = add_document(
        actor=cast.SYSTEM,
        encounter=chart.fresh(),
        writing=Writing("note-1", "progress_note", "Progress note", changed),
        now=timezone.now(),
    )
    assert again is None


def test_a_hold_names_its_owner_and_gives_the_time_back(chart: Chart) -> None:
    available = timezone.now() - timedelta(hours=40)
    Encounter.objects.update(available_at=available)
    hold = Hold(
        PendReason.MISSING_NOTE, OwnerParty.CLIENT, timezone.localdate() + timedelta(days=3), "Op note"
    )
    pend = pend_encounter(actor=chart.actor, encounter=chart.encounter, fence=chart.fence, hold=hold)
    assert chart.fresh().status == EncounterStatus.PENDED
    assert cast.item_of(chart.encounter).state == WorkItemState.PENDED
    pend.opened_at -= timedelta(hours=30)
    pend.save()
    manager = cast.actor_for(cast.person("Marguerite Lowell", (chart.here, Role.MANAGER)), Role.MANAGER, "")
    resume_encounter(actor=manager, encounter=chart.encounter, answer="The note has arrived.")
    back = chart.fresh()
    assert back.status == EncounterStatus.READY and back.due_at is not None
    given_back = back.due_at - available - timedelta(hours=48)
    assert timedelta(hours=29, minutes=59) < given_back < timedelta(hours=30, minutes=1)
    assert cast.item_of(chart.encounter).state == WorkItemState.QUEUED


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"modifiers": ("2",)}, "modifier.form"),
        ({"modifiers": ("25", "25")}, "modifier.twice"),
        ({"modifiers": ("25", "59", "RT", "LT", "76")}, "modifier.too_many"),
        ({"service_unit_quantity": 0}, "units.range"),
        ({"present_on_admission": "Y"}, "poa.outpatient"),
    ],
)
def test_attributes_out_of_form_are_refused(chart: Chart, attributes: dict[str, object], code: str) -> None:
    visit = chart.add("99213", "Increase losartan", system="CPT")
    with pytest.raises(DomainError) as caught:
        change_code(
            actor=chart.actor,
            encounter=chart.encounter,
            fence=chart.fence,
            assignment_id=visit.pk,
            attributes=Attributes(**attributes),  # type: ignore[arg-type]
        )
    assert caught.value.code == code
    visit.refresh_from_db()
    assert visit.modifiers == [] and visit.service_unit_quantity == 1


def test_a_code_of_another_chart_cannot_be_cited(chart: Chart) -> None:
    other = cast.encounter(chart.here)
    foreign = CodeAssignment.objects.create(
        client=chart.here.client,
        encounter=other,
        kind="dx",
        system="ICD-10-CM",
        code="I10",
        position=1,
        created_by_id=chart.actor.person_id,
    )
    with pytest.raises(NotFound):
        cite(
            actor=chart.actor,
            encounter=chart.encounter,
            fence=chart.fence,
            assignment_id=foreign.pk,
            words=chart.words("Hypertension"),
        )
    assert not EvidenceLink.objects.filter(assignment=foreign).exists()
