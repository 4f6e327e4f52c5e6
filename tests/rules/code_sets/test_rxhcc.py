"""RxHCC (Part D) scored by loaded tables; CMS-HCC mappings loaded as published.

Source of the published figures: CMS RxHCC model software PY2026 (V08, X and T), read in place; the sums are
worked by hand.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from code_sets.hcc_commands import hcc
from code_sets.loaders.base import LoadError
from code_sets.loaders.tables import ParsedTable
from code_sets.rules.hcc_edits import MappedRow, ages, as_edit
from code_sets.rules.hcc_model_table import HccModelTable
from coding_ops.core.errors import InvalidInput, Refused
from tests.rules.code_sets.edit_files import written
from tests.rules.code_sets.hcc_files import RX_FACTORS, RX_MAPPING, lines, parsed, put, rxhcc_folder
from tests.rules.code_sets.workbooks import workbook_file
from tests.shared_data import shared_path

PERSON: dict[str, Any] = {
    "model": "RxHCC V08",
    "payment_year": 2026,
    "age": 72,
    "sex": "F",
    "diagnoses": ["E1122", "E119", "I5022", "I10"],
}
PACKAGES = "reference/hcc/cms_py2026"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"


@cache
def package(calibration: str) -> ParsedTable:
    return parsed("RXHCC", shared_path(f"{PACKAGES}/RxHCC_v8_2026_{calibration}_package_v5"))


def ask(**change: Any) -> dict[str, Any]:
    return hcc(PERSON | change)


@pytest.fixture
def loaded(tmp_path: Path) -> None:
    put(parsed("RXHCC", rxhcc_folder(tmp_path)))


@pytest.mark.usefixtures("loaded")
def test_a_person_of_part_d_is_scored_by_the_loaded_tables() -> None:
    """F70_74 0.035, RXHCC 30 0.567, 186 0.135; 31 and 187 rank below them."""
    answer = ask()
    assert [(one["hcc"], one["coefficient"]) for one in answer["hccs"]] == [(30, "0.567"), (186, "0.135")]
    assert (answer["segment"], answer["demographic"], answer["raw_score"]) == (
        "CE_NonLow_Aged",
        "0.035",
        "0.737",
    )
    assert (answer["calibration"], answer["normalized"], answer["payment_score"]) == ("X", None, None)
    dropped = {step["hcc"]: step["dropped_by"] for step in answer["trace"] if step["rule"] == "hcc.hierarchy"}
    assert dropped == {31: 30, 187: 186}


@pytest.mark.usefixtures("loaded")
def test_a_category_without_a_factor_in_the_segment_is_told_apart() -> None:
    answer = ask(diagnoses=["I10"])
    assert (answer["hccs"], [one["hcc"] for one in answer["unscored_hccs"]]) == ([], [187])
    assert [one["hcc"] for one in ask(diagnoses=["I10"], low_income=True)["hccs"]] == [187]


@pytest.mark.usefixtures("loaded")
def test_an_age_condition_of_the_mapping_is_kept() -> None:
    """C58 is a diagnosis of the ages 9 to 64."""
    found = [[one["hcc"] for one in ask(diagnoses=["C58"], age=age)["hccs"]] for age in (8, 9, 64, 65)]
    assert found == [[], [22], [22], []]


@pytest.mark.usefixtures("loaded")
def test_what_is_not_loaded_is_refused() -> None:
    with pytest.raises(Refused, match="only for 2026"):
        ask(payment_year=2027)
    with pytest.raises(InvalidInput, match="must be one of X"):
        ask(calibration="T")


@pytest.mark.parametrize(
    ("change", "score"),
    [
        ({}, "0.737"),  # F70_74 0.035, 30 0.567, 186 0.135
        ({"low_income": True}, "1.288"),  # 0.108 + 0.983 + 0.197
        ({"diagnoses": [], "original_reason_for_entitlement": "1"}, "0.077"),  # 0.035, F65OD 0.042
        (
            {"diagnoses": [], "original_reason_for_entitlement": "1", "institutional": True},
            "1.221",  # 0.923, OD65 0.298
        ),
        ({"sex": "M", "age": 50, "diagnoses": ["B20"]}, "10.178"),  # 0.217 + 9.961
        (
            {"sex": "M", "age": 50, "diagnoses": ["B20"], "institutional": True},
            "10.121",  # 1.451 + 7.179 + NONAGED_RXHCC1 1.491
        ),
        ({"new_enrollee": True, "age": 64}, "0.388"),  # 64 entitled by age is 65
        ({"new_enrollee": True, "original_reason_for_entitlement": "1"}, "1.005"),
        (
            {
                "new_enrollee": True,
                "sex": "M",
                "age": 50,
                "current_reason_for_entitlement": "2",
                "low_income": True,
            },
            "2.066",
        ),
        ({"calibration": "T"}, "0.719"),  # 0.114 + 0.495 + 0.110
    ],
)
def test_the_published_factors_of_2026_add_up(change: dict[str, Any], score: str) -> None:
    put(package("T"), package("X"))
    assert ask(**change)["raw_score"] == score


def test_the_published_package_loads_whole() -> None:
    """Counts: rows of the files of the package (5,385 distinct diagnoses in 5,527 rows; 84 categories)."""
    table = package("X")
    model = HccModelTable(table.data).read()
    assert (table.system, table.release, table.rows) == ("RXHCC-X", "2026", 5385)
    assert len(model.facts["hierarchies"]) == 84
    assert [len(named) for named in model.facts["factors"].values()][-1] == 108


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"mapping": [*RX_MAPPING, "E11,30.0,"[:-6] + ",30.0,age ~ 3"]}, "is not a condition of age"),
        ({"mapping": [*RX_MAPPING, "Z9999,999.0,"]}, "category 999 is in no other file"),
        ({"factors": [*RX_FACTORS, "RXHCC30,again,1,1,1,1,1"]}, "RXHCC30 is given twice"),
        ({"factors": [*RX_FACTORS, "RXHCC40,x,1,1,much,1,1"]}, "'much' is not a factor"),
        ({"factors": [*RX_FACTORS, "RXHCC40,x,1,1"]}, "4 cells, where the heading has 7"),
        ({"hierarchies": ["1,", "30"]}, "1 cells, where the heading has 2"),
    ],
)
def test_a_wrong_line_of_a_package_is_refused(tmp_path: Path, change: Any, reason: str) -> None:
    with pytest.raises(LoadError, match=reason):
        parsed("RXHCC", rxhcc_folder(tmp_path, **change))


def test_a_package_without_a_file_or_of_two_calibrations_is_refused(tmp_path: Path) -> None:
    files = rxhcc_folder(tmp_path)
    (files / "X_NE_Relative_Factors.csv").rename(files / "T_NE_Relative_Factors.csv")
    with pytest.raises(LoadError, match="several calibrations"):
        parsed("RXHCC", files)
    (files / "T_NE_Relative_Factors.csv").unlink()
    with pytest.raises(LoadError, match=r"X_NE_Relative_Factors\.csv is missing"):
        parsed("RXHCC", files)
    (files / "HCC_Hierarchies.csv").unlink()
    with pytest.raises(LoadError, match="missing"):
        parsed("RXHCC", files)


def test_a_cut_file_of_factors_is_refused(tmp_path: Path) -> None:
    files = rxhcc_folder(tmp_path)
    file = files / "X_CE_Relative_Factors.csv"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:20]))
    with pytest.raises(LoadError, match="looks cut"):
        parsed("RXHCC", files)


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("", (0, 130)),
        ("age >= 15", (15, 130)),
        ("0 <= age <= 17", (0, 17)),
        ("age = 0", (0, 0)),
        ("age < 2", (0, 1)),
    ],
)
def test_conditions_of_age(text: str, bounds: tuple[int, int]) -> None:
    assert ages(text) == bounds


def test_rows_become_the_edit_that_says_the_same() -> None:
    """V28: C50011 is category 22 below 50 and 23 from 50 on; D66 is 111 for men, 112 for women."""
    categories, edit = as_edit([MappedRow("22", high=49), MappedRow("23", low=50)])
    assert (categories, edit and (edit.fires_through, edit.moved_to)) == (("23",), (49, "22"))
    categories, edit = as_edit([MappedRow("111", sex="1"), MappedRow("112", sex="2")])
    assert edit is not None and {edit.fires(40, "1"), edit.fires(40, "2")} == {True, False}
    assert as_edit([MappedRow("263"), MappedRow("383")]) == (("263", "383"), None)
    with pytest.raises(ValueError, match="no single edit"):
        as_edit([MappedRow("1", high=10), MappedRow("2", low=11, high=20), MappedRow("3", low=21)])


@pytest.mark.parametrize("name", ["CMS_HCC_v28_2026_T_package_v3", "CMS_HCC_v22_2026_O_package_v3"])
def test_a_published_mapping_scores_as_the_package_does(name: str) -> None:
    model = "CMS-HCC V28" if "v28" in name else "CMS-HCC V22"
    person = {"model": model, "payment_year": 2026, "age": 45, "sex": "F"}
    codes = ["C50011", "D66", "E1122", "J410", "I70231", "P270", "N1832"]
    before = hcc(person | {"diagnoses": codes})
    (file,) = shared_path(f"{PACKAGES}/{name}").glob("ICD10*.csv")
    put(parsed("CMS-HCC", file))
    after = hcc(person | {"diagnoses": codes})
    assert after["hccs"] == before["hccs"] and after["raw_score"] == before["raw_score"]


def listed(folder: Path, *rows: Any) -> Path:
    heading = [
        "Diagnosis Code",
        "Description",
        "CMS-HCC ESRD Model Category V24",
        "CMS-HCC Model\nCategory V28",
    ]
    title = ["2026 Midyear Final ICD-10-CM Mappings"]
    notes = ["Notes: categories of payment"]
    book = [title, heading, *rows, notes]
    return workbook_file(folder / "2026 Midyear Final ICD-10-CM Mappings.xlsx", book)


def test_the_yearly_list_replaces_the_mapping_of_one_model(tmp_path: Path) -> None:
    path = listed(tmp_path, ["E119", "x", 19, 37], ["E1122", "x", 18, 36], ["I10", "x", None, None])
    table = parsed("CMS-HCC-V28", path)
    assert (table.system, table.release, table.rows) == ("CMS-HCC-V28", "2026", 2)
    put(table)
    person = {"model": "CMS-HCC V28", "payment_year": 2026, "age": 72, "sex": "F"}
    assert [one["hcc"] for one in hcc(person | {"diagnoses": ["E119"]})["hccs"]] == [37]
    assert [one["hcc"] for one in hcc(person | {"payment_year": 2027, "diagnoses": ["E119"]})["hccs"]] == [38]
    with pytest.raises(LoadError, match="several models: give one of CMS-HCC-ESRD-V24, CMS-HCC-V28"):
        parsed("CMS-HCC", path)
    with pytest.raises(LoadError, match="no mapping of CMS-HCC-V24"):
        parsed("CMS-HCC-V24", path)


def test_a_wrong_line_of_a_mapping_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="'many' is not a category") as refused:
        parsed("CMS-HCC-V28", listed(tmp_path, ["E119", "x", 19, "many"]))
    assert refused.value.line == 3
    with pytest.raises(LoadError, match="not in the form") as refused:
        parsed("CMS-HCC-V28", listed(tmp_path, ["E119", "x", 19, 37], ["12345", "x", 19, 37]))
    assert refused.value.line == 4
    sas = written(tmp_path / "F2826T1N.TXT", lines(["E119     38", "E1122", "I5022    226"]))
    with pytest.raises(LoadError, match="line 2"):
        parsed("CMS-HCC", sas)
    good = written(tmp_path / "F2826T1N.TXT", lines(["E119     38", "I5022    226"]))
    assert (parsed("CMS-HCC", good).system, parsed("CMS-HCC", good).release) == ("CMS-HCC-V28", "2026")
    with pytest.raises(LoadError, match="of 2026, not of 2027"):
        parsed("CMS-HCC", good, release="2027")
