"""ICD-10-PCS built axis by axis: only values of one row go together.

Golden rows: CMS, ICD-10-PCS Official Guidelines 2024, conventions (the examples of A4, A5, A8, A9); the whole
releases are held against CMS's lists of valid codes where the reference data is on this machine.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Callable
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from code_sets import edit_store
from code_sets.loaders.base import LoadError, SourceFile
from code_sets.loaders.pcs_tables import load
from code_sets.pcs_commands import pcs
from code_sets.rules.pcs import build, explain, is_valid
from code_sets.rules.pcs_table import PcsTables
from coding_ops.core.errors import InvalidInput, Refused
from tests.rules.code_sets.pcs_files import (
    CODE_COUNT,
    TABLES,
    json_file,
    table,
    tables_of,
    xml_file,
    xml_text,
)
from tests.shared_data import shared_path

CHARACTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> PcsTables:
    return tables_of(json_file(tmp_path_factory.mktemp("pcs")))


@pytest.fixture(scope="module")
def fy2024() -> PcsTables:
    return tables_of(shared_path("reference/icd10/icd10pcs_tables_fy2024.json.gz"))


@pytest.fixture(scope="module")
def fy2027() -> PcsTables:
    return tables_of(shared_path("reference/icd10/icd10pcs_tables_fy2027_derived.json.gz"))


# --- one row -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "valid", "source"),
    [
        ("0JHT3VZ", True, "A9: the values of one row"),
        ("0JHW3VZ", False, "A9: lower extremity and infusion pump stand in different rows"),
        ("0JHW33Z", True, "A9: the same body part with a device of its row"),
        ("0JHT3V", False, "A8: all seven characters must be specified"),
        ("0JHT3VZZ", False, "A1: seven characters"),
        ("0SR90IZ", False, "A2: neither I nor O is a value"),
    ],
)
def test_a_code_is_valid_when_one_row_holds_positions_four_to_seven(
    small: PcsTables, code: str, valid: bool, source: str
) -> None:
    assert is_valid(small, code) is valid, source
    assert bool(explain(small, code)) is valid, source


def test_a_value_of_another_row_is_not_offered_and_not_taken(small: PcsTables) -> None:
    found = build(small, "0JHW3VZ")
    assert (found.prefix, found.refused, found.valid) == ("0JHW3", "V", False)
    assert found.next is not None
    assert [one.value for one in found.next.values] == ["1", "3"]


def test_the_meaning_of_a_device_depends_on_the_operation(small: PcsTables) -> None:
    """Convention A5: device 3 of a lower joint is an infusion device, or ceramic."""
    inserted, replaced = explain(small, "0SH903Z"), explain(small, "0SR903Z")
    assert (inserted[5].label, replaced[5].label) == ("Infusion Device", "Synthetic Substitute, Ceramic")


def test_the_axes_are_named_and_the_operation_is_defined(small: PcsTables) -> None:
    found = build(small, "0s")
    assert found.next is not None
    assert (found.next.position, found.next.name) == (3, "Operation")
    assert [(one.value, one.label) for one in found.next.values] == [("H", "Insertion"), ("R", "Replacement")]
    assert found.next.values[1].definition is not None
    assert build(small, "0SR").operation == found.next.values[1].definition
    assert [one.name for one in build(small, "0SR903Z").chosen] == [
        *("Section", "Body System", "Operation", "Body Part", "Approach", "Device", "Qualifier"),
    ]
    assert build(small, "0SR903Z").title.endswith(
        "Hip Joint, Right, Open, Synthetic Substitute, Ceramic, No Qualifier"
    )


def test_nothing_typed_offers_the_sections(small: PcsTables) -> None:
    found = build(small, " ")
    assert found.next is not None
    assert [(one.value, one.label) for one in found.next.values] == [
        ("0", "Medical and Surgical"),
        ("G", "Mental Health"),
    ]


def test_a_label_that_is_not_published_is_said_to_be_missing(small: PcsTables) -> None:
    found = build(small, "0TR")
    assert found.next is not None
    assert [(one.value, one.label) for one in found.next.values] == [("0", "Kidney, Right"), ("Q", None)]
    assert "Body Part Q" in build(small, "0TRQ0JZ").title


def test_a_table_without_words_takes_those_its_section_agrees_on(small: PcsTables) -> None:
    chosen = build(small, "0TR").chosen
    assert [one.label for one in chosen] == ["Medical and Surgical", None, "Replacement"]
    assert build(small, "0TR").operation == build(small, "0SR").operation


@settings(max_examples=300, deadline=None)
@given(typed=st.text(alphabet=CHARACTERS + "IOio jhsr", max_size=9))
def test_whatever_is_typed_the_prefix_can_still_become_a_code(small: PcsTables, typed: str) -> None:
    found = build(small, typed)
    codes = set(small.expand())
    assert any(code.startswith(found.prefix) for code in codes)
    assert found.valid == (found.prefix in codes)
    if found.next is not None:
        offered = {one.value for one in found.next.values}
        at = len(found.prefix)
        assert offered == {code[at] for code in codes if code.startswith(found.prefix)}
    else:
        assert found.valid


def test_what_is_valid_is_what_the_tables_make(small: PcsTables) -> None:
    made = set(small.expand())
    assert len(made) == CODE_COUNT
    for head in small.prefixes:
        for tail in product("0349QSTVWZ1JA", repeat=4):
            code = head + "".join(tail)
            assert is_valid(small, code) == (code in made)


# --- whole releases ----------------------------------------------------------------------------------------


def test_the_tables_of_2024_make_exactly_the_valid_codes_of_the_order_file(fy2024: PcsTables) -> None:
    path = shared_path("reference/icd10/icd10pcs_order_fy2024.csv.gz")
    with gzip.open(path, "rt") as file:
        valid = {row["code"] for row in csv.DictReader(file) if row["valid"] == "1"}
    made = list(fy2024.expand())
    assert len(made) == len(set(made)) == 78_603
    assert set(made) == valid


def test_the_tables_of_2027_make_exactly_the_codes_in_force(fy2027: PcsTables) -> None:
    path = shared_path("reference/icd10/icd10pcs_merged_titles_validity.csv.gz")
    with gzip.open(path, "rt") as file:
        valid = {row["code"] for row in csv.DictReader(file) if row["valid_to"] >= "20270331"}
    made = set(fy2027.expand())
    assert len(made) == 79_256
    assert made == valid


@pytest.mark.parametrize(
    ("code", "position", "label", "source"),
    [
        ("00B00ZX", 4, "Brain", "A4: body part 0 of the central nervous system"),
        ("01B00ZX", 4, "Cervical Plexus", "A4: body part 0 of the peripheral nervous system"),
        ("0SH903Z", 6, "Infusion Device", "A5: device 3 in Insertion"),
        ("0SR9039", 6, "Synthetic Substitute, Ceramic", "A5: device 3 in Replacement"),
    ],
)
def test_the_examples_of_the_guidelines_hold_in_the_official_tables(
    fy2024: PcsTables, code: str, position: int, label: str, source: str
) -> None:
    assert explain(fy2024, code)[position - 1].label == label, source


def test_convention_a9_holds_in_the_official_tables(fy2024: PcsTables) -> None:
    assert is_valid(fy2024, "0JHT3VZ")
    assert not is_valid(fy2024, "0JHW3VZ")


# --- loading -----------------------------------------------------------------------------------------------


def test_the_xml_and_the_json_give_the_same_tables(tmp_path: Path) -> None:
    whole = TABLES[:3] + TABLES[4:]
    from_xml = tables_of(xml_file(tmp_path, xml_text(whole)))
    from_json = tables_of(json_file(tmp_path, whole))
    assert [from_xml.table(one) for one in from_xml.prefixes] == [
        from_json.table(one) for one in from_json.prefixes
    ]


def test_a_release_is_named_and_dated_by_its_fiscal_year(tmp_path: Path) -> None:
    parsed = load(SourceFile.read(xml_file(tmp_path, xml_text(TABLES[:3]))), None, lambda *_: None)
    assert (parsed.system, parsed.release, parsed.rows) == ("ICD-10-PCS-TABLES", "2027", CODE_COUNT - 4)
    assert (parsed.published_from, parsed.published_through) == (date(2026, 10, 1), date(2027, 9, 30))
    april = load(SourceFile.read(xml_file(tmp_path, xml_text(TABLES[:3]))), "2027-04", lambda *_: None)
    assert april.published_from == date(2027, 4, 1)


def test_values_without_labels_are_counted_in_the_note(tmp_path: Path) -> None:
    parsed = load(SourceFile.read(json_file(tmp_path)), None, lambda *_: None)
    assert parsed.note == "One value comes without its label."


def zipped(folder: Path, **members: str) -> Path:
    path = folder / "2027-icd-10-pcs-tables-and-index.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(f"Zip File 3/{name}.xml", text)
    return path


def test_the_tables_are_found_in_the_zip_they_come_in(tmp_path: Path) -> None:
    text = xml_text(TABLES[:3])
    path = zipped(
        tmp_path, icd10pcs_tables_2027=text, icd10pcs_definitions_2027="<a/>", icd10pcs_index="<a/>"
    )
    assert load(SourceFile.read(path), None, lambda *_: None).rows == CODE_COUNT - 4
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(LoadError, match="cut or damaged"):
        load(SourceFile.read(path), None, lambda *_: None)
    none = zipped(tmp_path, icd10pcs_definitions_2027="<a/>")
    with pytest.raises(LoadError, match="holds 0 files of tables"):
        load(SourceFile.read(none), None, lambda *_: None)


Spoil = Callable[[str], str]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text[: len(text) // 2], "cut or damaged"),
        (lambda text: text.replace('codes="12"', 'codes="13"'), "12 codes, where it announces 13"),
        (lambda text: text.replace('pos="4" values="3"', 'pos="4" values="4"'), "3 values, where the axis"),
        (lambda text: text.replace("ICD10PCS.tabular", "ICD10CM.tabular"), "these are not ICD-10-PCS tables"),
        (lambda text: text.replace("2027</version>", "2026</version>"), "tables of 2026, not of"),
        (lambda text: text.replace('code="S"', 'code="O"'), "'O' is not a value"),
        (lambda text: text.replace('pos="7"', 'pos="8"'), "axis at position '8'"),
        (lambda text: text.replace('pos="7"', 'pos="6"'), "does not have the axes 4 to 7"),
        (lambda text: text.replace('<label code="R">', '<label code="H">'), "table 0SH is given twice"),
        (lambda text: text.replace("<?xml version=\"1.0\" encoding=\"utf-8\"?>",
                                   '<!DOCTYPE x [<!ENTITY a "b">]>'), "what tables never do"),
    ],
)  # fmt: skip
def test_a_damaged_or_foreign_xml_is_refused(tmp_path: Path, spoil: Spoil, said: str) -> None:
    good = xml_text(TABLES[:3])
    bad = spoil(good)
    assert bad != good
    with pytest.raises(LoadError, match=said):
        load(SourceFile.read(xml_file(tmp_path, bad)), "2027", lambda *_: None)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ([], "holds no table"),
        ([{"table": "0OA", "rows": []}], "not the three characters"),
        ([table("0JH", ("a", "b", "c"), None)], "has no rows"),
        ([table("0JH", ("a", "b", "c"), None, {"Body Part": {"0": "x"}})], "is not an axis"),
        ([TABLES[0], TABLES[0]], "table 0JH is given twice"),
        ({"tables": []}, "not a list"),
    ],
)
def test_a_foreign_json_is_refused(tmp_path: Path, tables: Any, said: str) -> None:
    import json

    path = tmp_path / "icd10pcs_tables_fy2027.json"
    path.write_text(json.dumps(tables), "utf-8")
    with pytest.raises(LoadError, match=said):
        load(SourceFile.read(path), None, lambda *_: None)


def test_a_file_that_tells_no_year_needs_its_release(tmp_path: Path) -> None:
    path = json_file(tmp_path, name="tables.json")
    with pytest.raises(LoadError, match="--release 2027"):
        load(SourceFile.read(path), None, lambda *_: None)


# --- the command -------------------------------------------------------------------------------------------


@pytest.fixture
def loaded(settings: Any, tmp_path: Path) -> None:
    """One release of tables, as load_release leaves it."""
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    parsed = load(SourceFile.read(json_file(tmp_path)), None, lambda *_: None)
    edit_store.write_table("pcs.tab", parsed.data)
    edit_store.write_catalog(
        [
            edit_store.TableEntry(
                "ICD-10-PCS-TABLES", "2027", "2026-10-01", None, "2027-09-30", "pcs.tab", "tables.json"
            )
        ]
    )


@pytest.mark.usefixtures("loaded")
def test_the_command_tells_the_next_axis() -> None:
    found = pcs({"on": "2026-11-23", "prefix": "0sr9"})
    assert (found["prefix"], found["valid"]) == ("0SR9", False)
    assert found["next"] == {
        "position": 5,
        "axis": "Approach",
        "values": [{"value": "0", "label": "Open", "definition": None}],
    }
    assert found["trace"][0]["edition"] == "ICD-10-PCS 2027"
    assert pcs({"on": "2026-11-23", "prefix": "0SR903Z"})["valid"] is True


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("prefix", "said"),
    [
        ("0JHW3V", "V is not a value of Device after 0JHW3."),
        ("O", "O is not a value of Section."),
        ("0SR903ZZ", "0SR903Z is a whole code: it has seven characters."),
    ],
)
def test_the_command_refuses_what_no_row_holds(prefix: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        pcs({"on": "2026-11-23", "prefix": prefix})
    assert refused.value.message == said
    assert refused.value.details == {"path": "prefix"}


@pytest.mark.usefixtures("loaded")
def test_the_command_refuses_a_day_without_tables() -> None:
    with pytest.raises(Refused, match=r"no ICD-10-PCS tables for 2023-05-01\. Loaded: 2027\."):
        pcs({"on": "2023-05-01", "prefix": ""})
    with pytest.raises(Refused, match="of release 2024"):
        pcs({"on": "2026-11-23", "prefix": "", "release": "2024"})


def test_the_bytes_are_a_whole_file_or_nothing(small: PcsTables, tmp_path: Path) -> None:
    data = load(SourceFile.read(json_file(tmp_path)), None, lambda *_: None).data
    with pytest.raises(ValueError, match="cut"):
        PcsTables(io.BytesIO(data).getvalue()[:-8])
