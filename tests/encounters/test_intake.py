"""Files into encounters: stored first, each message once, versions kept, strangers kept apart."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import Conflict, Refused
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Role
from encounters.actions import intake
from encounters.actions.coding import Words, assign_code
from encounters.actions.intake import reading
from encounters.actions.intake.batch import take_batch
from encounters.actions.intake.context import Intake
from encounters.actions.leases import take_next
from encounters.models import (
    Coverage,
    Document,
    DocumentVersion,
    Encounter,
    EncounterStatus,
    EvidenceLink,
    IntakeMessage,
    Patient,
    Pend,
    Provider,
    QuarantineItem,
    RawChunk,
    RawFile,
    WorkItem,
    WorkItemState,
    WorkQueue,
)
from tests import cast
from tests.rules.encounters.intake_samples import (
    CANARY,
    NOTE,
    PID,
    PV1,
    adt,
    bundle,
    csv_file,
    document,
    encounter,
    mdm,
    patient,
    zipped,
)

ACTOR = system_actor("intake test")
pytestmark = pytest.mark.django_db


def receive(here: cast.Place, content: bytes, name: str = "") -> intake.IntakeResult:
    return intake.receive_file(
        actor=ACTOR,
        client=here.client,
        connection_id=here.connection.pk,
        filename=name,
        content=io.BytesIO(content),
    )


def counts(result: intake.IntakeResult) -> tuple[int, int, int, int]:
    return result.accepted, result.updated, result.duplicates, result.quarantined


def rows() -> dict[str, int]:
    """How many rows each table of intake has; the scope must be open."""
    tables = (Encounter, Patient, Document, DocumentVersion, WorkItem, IntakeMessage, Provider, Coverage)
    return {model.__name__: model.objects.count() for model in tables}


def open_reasons(here: cast.Place) -> list[tuple[str, str]]:
    with cast.opened(here):
        items = QuarantineItem.objects.filter(status=QuarantineItem.Status.OPEN).order_by("place", "code")
        return [(item.code, item.place) for item in items]


def test_a_csv_row_becomes_a_chart_in_line_with_its_note() -> None:
    here = cast.cypress()
    cast.specialty("IM")
    row = {
        "specialty": "internal medicine",
        "kind": "office",
        "rendering_npi": "1234567893",
        "rendering_name": "Ines Marlow",
        "payer_name": "Harbor Mutual",
        "member_id": "HM-1",
        "facility_name": "Cedar Clinic",
        "total_charge": "120.50",
        "note_text": NOTE,
    }
    assert counts(receive(here, csv_file(row), "encounters.csv")) == (1, 0, 0, 0)
    with cast.opened(here):
        chart = Encounter.objects.select_related("patient", "specialty", "rendering_provider").get()
        assert (chart.external_id, chart.status, chart.kind) == ("V-2201", EncounterStatus.READY, "office")
        assert (chart.service_on, str(chart.charge_amount)) == (date(2026, 11, 2), "120.50")
        assert (chart.patient.mrn, chart.patient.family_name) == ("MRN-770031", "Quillfeather")
        assert chart.patient.birth_on == "1961-06-15"
        assert chart.specialty is not None and chart.specialty.code == "IM"
        assert chart.rendering_provider is not None and chart.rendering_provider.npi == "1234567893"
        assert chart.coverage is not None and chart.coverage.member_id == "HM-1"
        assert chart.facility is not None and chart.facility.name == "Cedar Clinic"
        version = DocumentVersion.objects.get()
        assert (version.text, version.number) == (NOTE, 1)
        assert bytes(version.sha256) == hashlib.sha256(NOTE.encode()).digest()
        item = WorkItem.objects.get()
        assert (item.encounter_id, item.queue_id, item.state) == (chart.pk, here.queue.pk, "queued")
        assert item.due_at == chart.due_at
        verbs = list(AuditEvent.objects.order_by("seq").values_list("verb", flat=True))
        assert verbs[-3:] == [Verb.FILE_RECEIVED, Verb.ENCOUNTER_RECEIVED, Verb.FILE_PROCESSED]


def test_a_chart_that_came_by_file_is_handed_to_a_coder() -> None:
    here = cast.cypress()
    rosalind = cast.coder("Rosalind Ames", here)
    receive(here, adt() + mdm(lines=("gout of the left great toe",)))
    taken = take_next(actor=cast.actor_for(rosalind, Role.CODER), client_ids=[here.client.pk])
    assert taken is not None
    with cast.opened(here):
        assert Encounter.objects.get(pk=taken.encounter_id).external_id == "V-2201"


def test_the_bytes_are_stored_sealed_and_whole_before_they_are_read() -> None:
    here = cast.cypress()
    content = csv_file({"note_text": "x" * 2_500_000}) + b"rubbish"
    receive(here, content, "Quillfeather.csv")
    with cast.opened(here):
        raw_file = RawFile.objects.get()
        assert bytes(raw_file.sha256) == hashlib.sha256(content).digest()
        chunks = list(RawChunk.objects.order_by("number"))
        assert b"".join(bytes(chunk.content) for chunk in chunks) == content
        assert len(chunks) == 3
        assert raw_file.filename == "Quillfeather.csv"


def test_nothing_of_the_patient_lies_in_the_clear() -> None:
    here = cast.cypress()
    receive(
        here, adt() + mdm(lines=(NOTE.replace("\r\n", " "),)) + b"MSH|^~\\&|Quillfeather|MRN-770031\r", "a"
    )
    with cast.opened(here), connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            text = " ".join(row[0] for row in cursor.fetchall()).lower()
            assert not [word for word in CANARY if word.lower() in text], table
            hexed = [word.encode().hex() for word in CANARY if word.encode().hex() in text]
            assert not hexed, table


def test_the_same_file_again_adds_nothing() -> None:
    here = cast.cypress()
    content = csv_file({"note_text": NOTE}, {"encounter_id": "V-2"})
    receive(here, content)
    with cast.opened(here):
        before = rows() | {"events": AuditEvent.objects.count()}
    again = receive(here, content)
    assert (again.was_known, counts(again)) == (True, (0, 0, 2, 0))
    with cast.opened(here):
        assert rows() | {"events": AuditEvent.objects.count()} == before
        assert RawFile.objects.count() == 1


def test_the_same_message_in_another_file_is_one_encounter() -> None:
    here = cast.cypress()
    receive(here, adt(control="1"))
    assert counts(receive(here, adt(control="1") + adt(control="2", event="A08"))) == (0, 1, 1, 0)
    with cast.opened(here):
        assert Encounter.objects.count() == 1
        assert Patient.objects.count() == 1


def test_the_same_message_twice_in_one_file_is_one_encounter() -> None:
    here = cast.cypress()
    assert counts(receive(here, adt() + adt())) == (1, 0, 1, 0)


def test_the_same_number_with_other_content_is_a_conflict_and_changes_nothing() -> None:
    here = cast.cypress()
    receive(here, adt(control="1"))
    with cast.opened(here):
        before = rows()
    changed = adt(control="1", PID=PID.replace("Ottoline", "Odile"))
    assert counts(receive(here, changed)) == (0, 0, 0, 1)
    assert open_reasons(here) == [("message_conflict", "message 1")]
    with cast.opened(here):
        assert rows() == before
        assert Patient.objects.get().given_name == "Ottoline"


def test_two_clients_send_the_same_file_and_see_their_own() -> None:
    here, there = cast.cypress(), cast.harbor()
    content = adt() + mdm(lines=("note",))
    assert counts(receive(here, content)) == counts(receive(there, content)) == (1, 1, 0, 0)
    for place in (here, there):
        with cast.opened(place):
            chart = Encounter.objects.get()
            assert chart.client_id == place.client.pk
            assert Patient.objects.get().mrn == "MRN-770031"
    with cast.opened(here):
        mine = bytes(Patient.objects.get().mrn_index)
    with cast.opened(there):
        assert bytes(Patient.objects.get().mrn_index) != mine


def test_what_can_not_be_read_waits_with_place_field_and_reason() -> None:
    here = cast.cypress()
    content = csv_file(
        {}, {"mrn": "", "encounter_id": "V-2"}, {"encounter_id": "V-3", "note_file": "gone.txt"}
    )
    assert counts(receive(here, content)) == (2, 0, 0, 1)
    assert open_reasons(here) == [
        ("required_missing", "row 3, column mrn"),
        ("note_missing", "row 4, column note_file"),
    ]
    with cast.opened(here):
        item = QuarantineItem.objects.get(code="required_missing")
        assert (item.field, item.message) == ("mrn", "A required value is empty.")
        event = AuditEvent.objects.get(verb=Verb.MESSAGE_QUARANTINED)
        assert event.facts == {"count": 2, "codes": {"note_missing": 1, "required_missing": 1}}


def test_an_unreadable_file_is_kept_failed_and_told() -> None:
    here = cast.cypress()
    assert counts(receive(here, b"%PDF-1.7", "scan.pdf")) == (0, 0, 0, 1)
    assert open_reasons(here) == [("pdf_unsupported", "file")]
    with cast.opened(here):
        assert RawFile.objects.get().status == RawFile.Status.FAILED


def test_a_day_without_visits_is_no_failure() -> None:
    here = cast.cypress()
    assert counts(receive(here, csv_file())) == (0, 0, 0, 0)
    with cast.opened(here):
        assert RawFile.objects.get().status == RawFile.Status.DONE


def test_a_visit_waits_until_its_note_comes() -> None:
    here = cast.cypress()
    receive(here, adt())
    with cast.opened(here):
        chart = Encounter.objects.get()
        assert (chart.status, chart.due_at) == (EncounterStatus.RECEIVED, None)
        assert not WorkItem.objects.exists()
    assert counts(receive(here, mdm(lines=("the note",)))) == (0, 1, 0, 0)
    with cast.opened(here):
        chart = Encounter.objects.get()
        assert chart.status == EncounterStatus.READY
        assert chart.due_at is not None
        assert WorkItem.objects.get().state == WorkItemState.QUEUED


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ({"note_text": "x", "kind": "inpatient"}, EncounterStatus.RECEIVED),
        ({"note_text": "x", "kind": "inpatient", "discharge_on": "2026-11-05"}, EncounterStatus.READY),
        ({"note_text": "x", "status": "planned"}, EncounterStatus.RECEIVED),
        ({"note_text": "x"}, EncounterStatus.READY),
        ({}, EncounterStatus.RECEIVED),
    ],
)
def test_only_what_has_happened_and_is_documented_can_be_coded(row: dict[str, str], status: str) -> None:
    here = cast.cypress()
    receive(here, csv_file(row))
    with cast.opened(here):
        assert Encounter.objects.get().status == status
        assert WorkItem.objects.count() == (status == EncounterStatus.READY)


def test_a_changed_note_is_a_new_version_and_the_old_one_stays() -> None:
    here = cast.cypress()
    receive(here, csv_file({"note_text": "first words"}))
    assert counts(receive(here, csv_file({"note_text": "second words"}))) == (0, 1, 0, 0)
    with cast.opened(here):
        assert Document.objects.count() == 1
        versions = [(one.number, one.text) for one in DocumentVersion.objects.order_by("number")]
        assert versions == [(1, "first words"), (2, "second words")]


def test_an_addendum_is_a_document_of_its_own_and_a_replacement_a_version() -> None:
    here = cast.cypress()
    receive(here, mdm(control="1", lines=("first",)))
    addendum = mdm("T06", control="2", lines=("more",)).replace(b"NOTE-9|", b"NOTE-10|NOTE-9")
    receive(here, addendum)
    replacement = mdm("T10", control="3", lines=("better",)).replace(b"NOTE-9|", b"NOTE-11|NOTE-9")
    receive(here, replacement)
    with cast.opened(here):
        texts = {
            one.external_id: [version.text for version in one.versions.order_by("number")]
            for one in Document.objects.all()
        }
    assert texts == {"NOTE-10": ["more"], "NOTE-11": ["first", "better"]}


def test_evidence_follows_into_the_new_version() -> None:
    here = cast.cypress()
    cast.icd10cm()
    rosalind = cast.coder("Rosalind Ames", here)
    receive(here, csv_file({"note_text": "Plan: gout.\nType 2 diabetes without complications.\n"}))
    actor = cast.actor_for(rosalind, Role.CODER)
    taken = take_next(actor=actor, client_ids=[here.client.pk])
    assert taken is not None
    with cast.opened(here):
        chart = Encounter.objects.get()
        version = DocumentVersion.objects.get()
        start = version.text.index("Type 2")
        words = Words(version.pk, start, start + len("Type 2 diabetes"))
        assign_code(
            actor=actor, encounter=chart, fence=taken.fence, system="ICD-10-CM", code="E119", evidence=[words]
        )
    receive(
        here, csv_file({"note_text": "Corrected.\n\nPlan: gout.\nType 2 diabetes without complications.\n"})
    )
    with cast.opened(here):
        link = EvidenceLink.objects.select_related("document_version").get()
        assert link.document_version.number == 2
        text = link.document_version.text
        assert text[link.start : link.end] == "Type 2 diabetes"


def test_a_record_number_given_to_somebody_else_is_refused() -> None:
    here = cast.cypress()
    receive(here, csv_file({}))
    stranger = {"encounter_id": "V-9", "family_name": "Abernathy", "birth_on": "1990-01-01"}
    assert counts(receive(here, csv_file(stranger))) == (0, 0, 0, 1)
    assert open_reasons(here) == [("patient_mismatch", "row 2")]
    with cast.opened(here):
        assert Patient.objects.get().family_name == "Quillfeather"
        assert Encounter.objects.count() == 1


def test_a_married_name_and_a_corrected_birth_date_are_taken_over() -> None:
    here = cast.cypress()
    receive(here, csv_file({}))
    receive(here, csv_file({"encounter_id": "V-2", "family_name": "Marlow"}))
    receive(here, csv_file({"encounter_id": "V-3", "family_name": "Marlow", "birth_on": "1961-06-16"}))
    with cast.opened(here):
        one = Patient.objects.get()
        assert (one.family_name, one.birth_on) == ("Marlow", "1961-06-16")


def test_a_visit_number_of_another_patient_is_refused() -> None:
    here = cast.cypress()
    receive(here, csv_file({}))
    other = {"mrn": "MRN-2", "family_name": "Abernathy"}
    assert counts(receive(here, csv_file(other))) == (0, 0, 0, 1)
    assert open_reasons(here) == [("visit_of_another_patient", "row 2")]
    with cast.opened(here):
        assert Encounter.objects.get().patient.mrn == "MRN-770031"


def test_a_later_message_fills_in_and_an_assumed_date_never_overwrites() -> None:
    here = cast.cypress()
    receive(here, adt(control="1", PV1=PV1.replace("|202611021040", "|")))
    late = mdm(control="2", lines=("note",), PV1=PV1.split("|" * 21)[0]).replace(
        b"202611021035", b"202611091035"
    )
    receive(here, late)
    receive(here, adt("A03", control="3"))
    with cast.opened(here):
        chart = Encounter.objects.get()
        assert (chart.service_on, chart.discharge_on) == (date(2026, 11, 2), date(2026, 11, 2))
        events = AuditEvent.objects.filter(verb=Verb.ENCOUNTER_UPDATED)
        assert [event.facts["fields"] for event in events] == [["discharge_on"]]
    receive(here, adt("A13", control="4"))
    with cast.opened(here):
        assert Encounter.objects.get().discharge_on is None


def test_a_cancelled_visit_leaves_the_line_and_comes_back_when_stated_again() -> None:
    here = cast.cypress()
    receive(here, adt(control="1") + mdm(control="2", lines=("note",)))
    assert counts(receive(here, adt("A11", control="3"))) == (0, 1, 0, 0)
    with cast.opened(here):
        assert Encounter.objects.get().status == EncounterStatus.CANCELLED
        assert WorkItem.objects.get().state == WorkItemState.DONE
    assert counts(receive(here, mdm(control="4", lines=("late note",)))) == (0, 0, 0, 1)
    assert open_reasons(here) == [("visit_cancelled", "message 1")]
    assert counts(receive(here, adt("A01", control="5"))) == (0, 1, 0, 0)
    with cast.opened(here):
        assert Encounter.objects.get().status == EncounterStatus.READY
        assert WorkItem.objects.get().state == WorkItemState.QUEUED


def test_a_cancelled_visit_that_was_on_hold_closes_its_hold() -> None:
    here = cast.cypress()
    rosalind = cast.coder("Rosalind Ames", here)
    receive(here, csv_file({"note_text": "x"}))
    with cast.opened(here):
        chart = Encounter.objects.get()
        Encounter.objects.filter(pk=chart.pk).update(status=EncounterStatus.PENDED)
        WorkItem.objects.update(state=WorkItemState.PENDED)
        Pend.objects.create(
            client=here.client,
            encounter=chart,
            reason="missing_note",
            owner_party="client",
            due_on=date(2026, 12, 1),
            opened_by=rosalind,
            opened_at=chart.received_at,
        )
    receive(here, csv_file({"status": "cancelled"}))
    with cast.opened(here):
        assert Pend.objects.get().closed_at is not None
        assert Encounter.objects.get().status == EncounterStatus.CANCELLED


def test_taking_back_what_was_never_received_is_told() -> None:
    here = cast.cypress()
    assert counts(receive(here, adt("A11"))) == (0, 0, 0, 1)
    assert open_reasons(here) == [("visit_unknown", "message 1")]
    with cast.opened(here):
        assert not Encounter.objects.exists()
        assert not Patient.objects.exists()


def finalized(here: cast.Place) -> None:
    """The only chart of the place is final, by a shortcut that tests of coding don't need here."""
    with cast.opened(here):
        chart = Encounter.objects.get()
        Encounter.objects.filter(pk=chart.pk).update(
            status=EncounterStatus.FINAL, revision_count=1, final_at=chart.received_at
        )
        WorkItem.objects.update(state=WorkItemState.DONE)


def test_final_codes_are_not_moved_under_by_a_message() -> None:
    here = cast.cypress()
    receive(here, csv_file({"note_text": "x"}))
    finalized(here)
    receive(here, csv_file({"note_text": "x", "service_on": "2026-11-03", "total_charge": "99.00"}))
    assert open_reasons(here) == [("visit_final", "row 2")]
    with cast.opened(here):
        chart = Encounter.objects.get()
        assert (chart.service_on, str(chart.charge_amount)) == (date(2026, 11, 2), "99.00")
    assert counts(receive(here, csv_file({"status": "cancelled"}))) == (0, 0, 0, 1)
    with cast.opened(here):
        assert Encounter.objects.get().status == EncounterStatus.FINAL


def test_a_late_document_opens_final_codes_again() -> None:
    here = cast.cypress()
    receive(here, csv_file({"note_text": "x"}))
    finalized(here)
    receive(here, csv_file({"note_text": "x, and more"}))
    with cast.opened(here):
        assert Encounter.objects.get().status == EncounterStatus.REOPENED
        assert WorkItem.objects.get().state == WorkItemState.QUEUED


def test_visits_without_a_number_are_told_apart_by_patient_and_start() -> None:
    here = cast.cypress()
    nameless = PV1.replace("V-2201", "")
    receive(here, adt(control="1", PV1=nameless) + adt("A08", control="2", PV1=nameless))
    receive(here, adt(control="3", PV1=nameless.replace("20261102", "20261109")))
    with cast.opened(here):
        numbers = list(Encounter.objects.values_list("external_id", flat=True))
    assert len(numbers) == len(set(numbers)) == 2
    assert all(number.startswith("derived-") and "MRN" not in number for number in numbers)


def test_a_fhir_bundle_and_a_zip_come_in_like_the_rest() -> None:
    here = cast.cypress()
    assert counts(receive(here, bundle(patient(), encounter(), document()))) == (1, 0, 0, 0)
    table = csv_file({"encounter_id": "V-7", "note_file": "a.txt"})
    assert counts(
        receive(here, zipped({"encounters.csv": table, "notes/a.txt": NOTE.encode()}).getvalue())
    ) == (1, 0, 0, 0)
    with cast.opened(here):
        assert sorted(version.text for version in DocumentVersion.objects.all()) == [NOTE, NOTE]
        assert Patient.objects.count() == 1
        assert {one.source_format for one in RawFile.objects.all()} == {"fhir", "csv"}


@pytest.mark.parametrize("size", [1, 3])
def test_batches_change_nothing_about_the_result(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BATCH_UNITS", size)
    here = cast.cypress()
    content = adt(control="1") + mdm(control="2", lines=("a",)) + adt(control="1") + adt("A03", control="3")
    assert counts(receive(here, content)) == (1, 2, 1, 0)


class KilledError(Exception):
    """A worker that dies."""


def content_hash(here: cast.Place) -> dict[str, Any]:
    with cast.opened(here):
        texts = sorted(
            f"{one.document.encounter.external_id} {one.number} {one.text}"
            for one in DocumentVersion.objects.all()
        )
        charts = sorted(Encounter.objects.values_list("external_id", "status", "service_on"))
        reasons = sorted(QuarantineItem.objects.values_list("place", "code", "status"))
        return {"rows": rows(), "texts": texts, "charts": charts, "reasons": reasons}


def mixed_file() -> bytes:
    rows_ = [
        {
            "encounter_id": f"V-{n % 17}",
            "note_text": f"note {n}",
            **({"service_on": "?"} if n % 5 == 0 else {}),
        }
        for n in range(40)
    ]
    return csv_file(*rows_)


@pytest.mark.parametrize("dies_after", range(8))
def test_a_killed_reader_is_followed_by_one_that_ends_with_the_same_rows(
    dies_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_UNITS", 5)
    whole = cast.harbor()
    receive(whole, mixed_file())
    here = cast.cypress()
    taken = 0
    real: Callable[..., Any] = take_batch

    def dying(*args: Any) -> Any:
        nonlocal taken
        if taken == dies_after:
            raise KilledError
        taken += 1
        return real(*args)

    monkeypatch.setattr(reading, "take_batch", dying)
    with pytest.raises(KilledError):
        receive(here, mixed_file())
    monkeypatch.setattr(reading, "take_batch", real)
    resumed = receive(here, mixed_file())
    assert not resumed.was_known
    assert content_hash(here) == content_hash(whole)


def test_a_second_reader_of_the_same_place_is_refused() -> None:
    here = cast.cypress()
    receive(here, csv_file({}))
    with cast.opened(here):
        raw_file = RawFile.objects.get()
    stale = Intake(ACTOR, here.client, here.connection.pk, raw_file.pk, None, (here.queue,), "")
    with pytest.raises(Conflict):
        take_batch(stale, 0, [])


def test_a_deadlock_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = take_batch
    failures = [1]

    def unlucky(*args: Any) -> Any:
        if failures:
            failures.pop()
            cause = OperationalError("deadlock detected")
            cause.pgcode = "40P01"  # type: ignore[attr-defined]
            raise OperationalError("deadlock detected") from cause
        return real(*args)

    monkeypatch.setattr(reading, "take_batch", unlucky)
    here = cast.cypress()
    assert counts(receive(here, csv_file({}))) == (1, 0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_files_that_name_the_same_visits_at_once_make_each_visit_once() -> None:
    here = cast.cypress()
    start = threading.Barrier(4)
    results: list[intake.IntakeResult] = []

    def send(sender: int) -> None:
        rows_ = [{"encounter_id": f"V-{n}", "contact": str(sender), "note_text": f"{n}"} for n in range(60)]
        start.wait(10)
        try:
            results.append(receive(here, csv_file(*rows_)))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [sum(column) for column in zip(*(counts(result) for result in results), strict=True)] == [
        60,
        180,
        0,
        0,
    ]
    with cast.opened(here):
        assert (Encounter.objects.count(), Patient.objects.count()) == (60, 1)
        assert DocumentVersion.objects.count() == WorkItem.objects.count() == 60


def test_a_retry_takes_what_can_be_read_now_and_repeats_nothing() -> None:
    here = cast.cypress()
    receive(here, csv_file({}))
    result = receive(here, mdm(control="2", lines=("note",), PID=PID.replace("MRN-770031", "MRN-5")))
    assert open_reasons(here) == [("visit_of_another_patient", "message 1")]
    with cast.opened(here):
        Encounter.objects.update(external_id="V-other")
        intake.retry_file(actor=ACTOR, client_id=here.client.pk, raw_file_id=result.raw_file_id)
    again = intake.read_stored_file(actor=ACTOR, client=here.client, raw_file_id=result.raw_file_id)
    assert counts(again) == (1, 0, 0, 0)
    assert open_reasons(here) == []
    with cast.opened(here):
        assert QuarantineItem.objects.get().status == QuarantineItem.Status.RETRIED
        assert Encounter.objects.count() == 2


def test_a_retry_that_fails_again_stays_open_and_counts_once() -> None:
    here = cast.cypress()
    content = csv_file({}, {"encounter_id": "V-2", "mrn": ""})
    result = receive(here, content)
    with cast.opened(here):
        intake.retry_file(actor=ACTOR, client_id=here.client.pk, raw_file_id=result.raw_file_id)
    again = intake.read_stored_file(actor=ACTOR, client=here.client, raw_file_id=result.raw_file_id)
    assert counts(again) == (1, 0, 0, 1)
    assert open_reasons(here) == [("required_missing", "row 3, column mrn")]
    with cast.opened(here):
        assert QuarantineItem.objects.count() == 1


def test_dismissing_needs_a_reason_and_holds_through_a_retry() -> None:
    here = cast.cypress()
    result = receive(here, csv_file({}, {"encounter_id": "V-2", "mrn": ""}))
    with cast.opened(here):
        item = QuarantineItem.objects.get()
        with pytest.raises(Refused):
            intake.dismiss_item(actor=ACTOR, client_id=here.client.pk, item_id=item.pk, reason=" ")
        assert QuarantineItem.objects.get().status == QuarantineItem.Status.OPEN
        intake.dismiss_item(actor=ACTOR, client_id=here.client.pk, item_id=item.pk, reason="test patient")
        with pytest.raises(Conflict):
            intake.dismiss_item(actor=ACTOR, client_id=here.client.pk, item_id=item.pk, reason="again")
        intake.retry_file(actor=ACTOR, client_id=here.client.pk, raw_file_id=result.raw_file_id)
    intake.read_stored_file(actor=ACTOR, client=here.client, raw_file_id=result.raw_file_id)
    with cast.opened(here):
        item = QuarantineItem.objects.get()
        assert (item.status, item.resolution) == (QuarantineItem.Status.DISMISSED, "test patient")


def test_a_client_without_worklist_is_told_and_the_file_is_kept() -> None:
    here = cast.cypress()
    with cast.opened(here):
        here.connection.default_queue = None
        here.connection.save()
        WorkQueue.objects.update(is_active=False)
    with pytest.raises(Refused, match="no worklist"):
        receive(here, csv_file({"note_text": "x"}))
    with cast.opened(here):
        assert RawFile.objects.get().status == RawFile.Status.RECEIVED
        WorkQueue.objects.update(is_active=True)
    assert counts(receive(here, csv_file({"note_text": "x"}))) == (1, 0, 0, 0)


def test_a_file_over_the_limit_and_a_closed_connection_store_nothing(settings: Any) -> None:
    here = cast.cypress()
    settings.INTAKE_MAX_BYTES = 100
    with pytest.raises(Refused, match="larger"):
        receive(here, csv_file({}))
    settings.INTAKE_MAX_BYTES = 10_000
    with cast.opened(here):
        here.connection.is_active = False
        here.connection.save()
    with pytest.raises(Refused, match="switched off"):
        receive(here, csv_file({}))
    with cast.opened(here):
        assert not RawFile.objects.exists()


def test_the_number_of_statements_does_not_grow_with_the_rows(django_assert_max_num_queries: Any) -> None:
    here = cast.cypress()
    content = csv_file(*({"encounter_id": f"V-{n}", "mrn": f"M-{n}", "note_text": "x"} for n in range(300)))
    with django_assert_max_num_queries(75):
        assert counts(receive(here, content)) == (300, 0, 0, 0)
