"""`manage.py intake`: what it prints, when it fails, and that a folder comes in as one delivery."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from encounters.models import DocumentVersion, Encounter, IntakeConnection, QuarantineItem, RawFile
from tests import cast
from tests.rules.encounters.intake_samples import NOTE, adt, csv_file, mdm
from tests.shared_data import shared_path

pytestmark = pytest.mark.django_db


def run(here: cast.Place, *paths: Path, **options: Any) -> str:
    out = io.StringIO()
    call_command("intake", *map(str, paths), client=here.client.slug, stdout=out, stderr=out, **options)
    return out.getvalue()


def test_it_prints_what_became_of_each_file_and_of_all(tmp_path: Path) -> None:
    here = cast.cypress()
    (tmp_path / "a.hl7").write_bytes(adt() + adt() + mdm(lines=("x",)))
    (tmp_path / "b.csv").write_bytes(csv_file({"encounter_id": "V-9"}, {"mrn": ""}))
    lines = run(here, tmp_path).splitlines()
    assert lines[0].endswith("a.hl7: accepted 1, updated 1, duplicate 1, quarantined 0")
    assert lines[1].endswith("b.csv: accepted 1, updated 0, duplicate 0, quarantined 1")
    assert lines[2] == "accepted 2, updated 1, duplicate 1, quarantined 1"


def test_a_folder_with_notes_is_one_delivery_and_known_when_it_comes_again(tmp_path: Path) -> None:
    here = cast.cypress()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_bytes(NOTE.encode())
    (tmp_path / "encounters.csv").write_bytes(csv_file({"note_file": "a.txt"}))
    assert "accepted 1, updated 0, duplicate 0, quarantined 0" in run(here, tmp_path)
    assert "duplicate 1, quarantined 0 (received before)" in run(here, tmp_path)
    with cast.opened(here):
        assert DocumentVersion.objects.get().text == NOTE
        assert RawFile.objects.count() == 1


def test_more_notes_than_a_page_accepts_are_read(tmp_path: Path) -> None:
    here = cast.cypress()
    (tmp_path / "notes").mkdir()
    for number in range(1_005):
        (tmp_path / "notes" / f"{number}.txt").write_text(f"note {number}")
    rows = [{"encounter_id": f"V-{n}", "note_file": f"{n}.txt"} for n in range(0, 1_005, 50)]
    (tmp_path / "encounters.csv").write_bytes(csv_file(*rows))
    assert f"accepted {len(rows)}, updated 0" in run(here, tmp_path)
    with pytest.raises(CommandError, match="Nothing"):
        run(cast.harbor(), tmp_path, max_members=1_000)


def test_nothing_readable_is_a_failure_and_a_refused_file_stops_no_other(
    tmp_path: Path, settings: Any
) -> None:
    here = cast.cypress()
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(CommandError, match="Nothing could be read"):
        run(here, tmp_path / "a.pdf")
    settings.INTAKE_MAX_BYTES = 2_000
    (tmp_path / "b.csv").write_bytes(csv_file({}) + b"x" * 3_000)
    (tmp_path / "c.hl7").write_bytes(adt())
    said = run(here, tmp_path / "b.csv", tmp_path / "c.hl7")
    assert "b.csv: The file is larger" in said
    assert "accepted 1" in said


def test_a_missing_path_and_an_unknown_client_are_said_before_anything_is_stored(tmp_path: Path) -> None:
    here = cast.cypress()
    (tmp_path / "a.hl7").write_bytes(adt())
    with pytest.raises(CommandError, match="There is no"):
        run(here, tmp_path / "a.hl7", tmp_path / "gone.hl7")
    with pytest.raises(CommandError, match="No client"):
        call_command("intake", str(tmp_path / "a.hl7"), client="nobody")
    with cast.opened(here):
        assert not RawFile.objects.exists()


def test_the_connection_is_made_for_the_first_file_and_must_be_named_among_several(tmp_path: Path) -> None:
    here = cast.cypress()
    (tmp_path / "a.hl7").write_bytes(adt())
    with cast.opened(here):
        IntakeConnection.objects.create(client=here.client, name="Lab", default_queue=here.queue)
    with pytest.raises(Exception, match="EHR, Lab"):
        run(here, tmp_path / "a.hl7")
    run(here, tmp_path / "a.hl7", connection="Lab")
    with cast.opened(here):
        assert Encounter.objects.get().connection.name == "Lab"
        IntakeConnection.objects.update(is_active=False)
    (tmp_path / "b.hl7").write_bytes(adt(control="2", PV1=""))
    with pytest.raises(CommandError, match="Nothing"):
        run(here, tmp_path / "b.hl7")
    with cast.opened(here):
        assert IntakeConnection.objects.filter(name="Files", is_active=True).count() == 1


def test_a_format_can_be_forced(tmp_path: Path) -> None:
    here = cast.cypress()
    (tmp_path / "a.bin").write_bytes(csv_file({}))
    with pytest.raises(CommandError, match="Nothing"):
        run(here, tmp_path / "a.bin", format="hl7v2")


def test_the_reference_files_come_in() -> None:
    """Their authors reuse control id MSG00001 and visit number 40007716 for different things: exactly what
    must not be merged."""
    here = cast.cypress()
    messages = run(here, shared_path("reference/edi/hl7v2/fhir_converter"), verbosity=0).splitlines()
    assert messages[-1] == "accepted 5, updated 3, duplicate 0, quarantined 67"
    with cast.opened(here):
        assert Counter(QuarantineItem.objects.values_list("code", flat=True)) == {
            "message_conflict": 35,
            "unsupported_type": 21,
            "identity_change": 8,
            "unsupported_event": 2,
            "visit_of_another_patient": 1,
        }
    bundles = run(here, shared_path("reference/edi/fhir/synthea_r4"), verbosity=0).splitlines()
    assert bundles[-1] == "accepted 361, updated 0, duplicate 0, quarantined 2"
    again = run(here, shared_path("reference/edi/fhir/synthea_r4"), verbosity=0).splitlines()
    assert again[-1] == "accepted 0, updated 0, duplicate 363, quarantined 0"
    with cast.opened(here):
        assert Encounter.objects.count() == 361 + 5
        assert RawFile.objects.count() == 75 + 27
