"""`manage.py rule codes.check_claim`: a claim in, findings with their citations out, no database."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from code_sets import edit_store
from code_sets.rules.edits.lists import build_dated, build_global
from tests.rules.code_sets.edit_files import addon_file, load, mce_file, mue_file, ptp_file

Answer = Callable[..., tuple[dict[str, Any], int]]
NAMES = {"rule", "severity", "lines", "codes", "message", "citation", "bypass", "satisfy"}


@pytest.fixture
def _tables(settings: Any, tmp_path: Path) -> None:
    """A folder as load_release leaves it, with two quarters of PTP edits."""
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    files = (
        ("NCCI-PTP-PRACTITIONER", ptp_file(tmp_path), "1996-01-01", "2026-09-30"),
        (
            "NCCI-PTP-PRACTITIONER",
            ptp_file(tmp_path, [("45385", "45378", "19960101", "*", "1", "x")], "ccipra-v323r0-f1.txt"),
            "2026-10-01",
            None,
        ),
        ("NCCI-MUE-PRACTITIONER", mue_file(tmp_path), "2026-07-01", None),
        ("NCCI-ADDON", addon_file(tmp_path), "2026-07-01", None),
        ("MCE", mce_file(tmp_path), "2015-10-01", None),
    )
    entries = []
    for system, path, first, last in files:
        parsed = load(system, path)
        name = edit_store.table_name(system, parsed.release, path.name)
        edit_store.write_table(name, parsed.data)
        entries.append(edit_store.TableEntry(system, parsed.release, first, last, None, name, path.name))
    edit_store.write_catalog(entries)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], _tables: None) -> Answer:
    def ask(**changes: Any) -> tuple[dict[str, Any], int]:
        body: dict[str, Any] = {
            "setting": "practitioner",
            "payer": None,
            "patient": {"birth_on": "1960-03-10", "sex": "F"},
            "discharge_on": None,
            "diagnoses": [],
            "lines": [service(1, "45385"), service(2, "45378")],
        }
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(body | changes)))
        status = 0
        try:
            call_command("rule", "codes.check_claim")
        except SystemExit as error:
            status = int(error.code or 0)
        return json.loads(capsys.readouterr().out), status

    return ask


def service(number: int, code: str, day: str = "2026-09-30", **more: Any) -> dict[str, Any]:
    return {
        "line": number,
        "code": code,
        "modifiers": [],
        "units": 1,
        "service_on": day,
        "pointers": [1],
    } | more


def found(body: dict[str, Any], rule: str) -> list[dict[str, Any]]:
    return [one for one in body["findings"] if one["rule"] == rule]


def test_a_finding_has_the_shape_of_the_interface(answer: Answer) -> None:
    body, status = answer()
    (ptp,) = found(body, "ncci.ptp")
    assert status == 0
    assert ptp.keys() == NAMES
    assert (ptp["severity"], ptp["lines"], ptp["codes"], ptp["bypass"]) == (
        "error",
        [1, 2],
        ["45385", "45378"],
        [],
    )
    assert "2026q3" in ptp["citation"]
    assert body["trace"]["releases"]["ncci-ptp"] == {"2026-09-30": "2026q3"}


def test_the_day_decides_the_release_unless_one_is_named(answer: Answer) -> None:
    """A later quarter gave the pair indicator 1; a chart pinned to the older one keeps its result."""
    lines = [service(1, "45385", "2026-10-01"), service(2, "45378", "2026-10-01", modifiers=["59"])]
    by_day, _ = answer(lines=lines)
    named, _ = answer(lines=lines, releases={"ncci-ptp": "2026q3"})
    assert not found(by_day, "ncci.ptp")
    assert by_day["trace"]["passed"][0]["modifier"] == "59"
    assert "2026q3" in found(named, "ncci.ptp")[0]["citation"]


def test_diagnoses_are_checked_in_the_bundled_release_where_none_is_loaded(answer: Answer) -> None:
    body, _ = answer(diagnoses=["E11.22", "E1022"], lines=[service(1, "99213", "2026-03-10")])
    (excluded,) = found(body, "icd.excludes1")
    assert excluded["codes"] == ["E1122", "E1022"]
    assert excluded["lines"] == [1]
    assert body["trace"]["releases"]["icd-10-cm"] == {"2026-03-10": "2026-04"}


def test_an_inpatient_claim_goes_by_its_discharge(answer: Answer) -> None:
    body, _ = answer(setting="inpatient", diagnoses=["N183"], lines=[], discharge_on="2026-02-01")
    assert [one["rule"] for one in body["findings"]] == ["icd.not_billable"]
    assert body["trace"]["diagnosis_day"] == "2026-02-01"


def test_history_places_and_poa_reach_the_edits(answer: Answer, tmp_path: Path) -> None:
    """Each needs a table of its own: global days, places of service."""
    added = (
        ("MPFS-GLOBAL", build_global([("27447", "090")], {"release": "2026"})),
        ("POS", build_dated([("11", 0, 99991231, "Office")], {"release": "2026q3"})),
    )
    entries = list(edit_store.read_catalog())
    for system, data in added:
        name = edit_store.table_name(system, "2026", system)
        edit_store.write_table(name, data)
        entries.append(edit_store.TableEntry(system, "2026", "2026-01-01", None, None, name, "x"))
    edit_store.write_catalog(entries)
    visit = service(1, "99213", rendering_npi="1000000001", place_of_service="98")
    prior = {"code": "27447", "service_on": "2026-09-01", "rendering_npi": "1000000001"}
    body, _ = answer(lines=[visit], diagnoses=["I10"], history=[prior])
    assert [one["rule"] for one in body["findings"]] == ["pos.invalid", "modifier.24"]
    assert body["trace"]["releases"]["mpfs-global"] == {"2026-09-30": "2026"}
    stay, _ = answer(
        setting="inpatient", lines=[], diagnoses=["I10", "E1165"], discharge_on="2026-09-30", poa=["Y", None]
    )
    assert [(one["rule"], one["codes"]) for one in stay["findings"]] == [("poa.missing", ["E1165"])]


def test_what_no_loaded_release_answers_for_is_named(answer: Answer) -> None:
    body, _ = answer(lines=[service(1, "45385", "2026-06-30", units=5)])
    assert not found(body, "ncci.mue")
    assert body["trace"]["not_checked"]["ncci-mue"] == ["2026-06-30"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"setting": "dental"}, "setting"),
        ({"lines": {}}, "lines"),
        ({"lines": []}, "lines"),
        ({"lines": [service(1, "45385"), 5]}, "lines[1]"),
        ({"lines": [service(1, "45385"), service(1, "45378")]}, "lines"),
        ({"lines": [service(1, "45385", "2026-02-30")]}, "lines[0].service_on"),
        ({"lines": [service(1, "45385", units=0)]}, "lines[0].units"),
        ({"lines": [service(1, "45385", units=True)]}, "lines[0].units"),
        ({"lines": [service(1, "45385", modifiers="25")]}, "lines[0].modifiers"),
        ({"lines": [service(1, "45385", pointers=["A"])]}, "lines[0].pointers[0]"),
        ({"lines": [service(1, "")]}, "lines[0].code"),
        ({"diagnoses": [None]}, "diagnoses[0]"),
        ({"patient": {"birth_on": "10.3.1960"}}, "patient.birth_on"),
        ({"setting": "inpatient"}, "discharge_on"),
        ({"releases": {"ncci-ptp": "1999q1"}}, "releases.ncci-ptp"),
        ({"releases": {"cpt": "2026"}}, "releases.cpt"),
        ({"history": [{"code": "27447"}]}, "history[0].service_on"),
        ({"history": [{"code": "", "service_on": "2026-09-01"}]}, "history[0].code"),
        ({"history": {"code": "27447"}}, "history"),
        ({"poa": ["Y"]}, "poa"),
        ({"diagnoses": ["I10"], "poa": [5]}, "poa[0]"),
        ({"lines": [service(1, "45385", place_of_service=11)]}, "lines[0].place_of_service"),
        ({"lines": [service(1, "45385", description=["x"])]}, "lines[0].description"),
    ],
)
def test_bad_input_is_refused_with_its_path(answer: Answer, changes: dict[str, Any], path: str) -> None:
    body, status = answer(**changes)
    assert status == 1
    assert body.keys() == {"error"}
    assert body["error"]["path"] == path
    assert body["error"]["message"]
