"""HHS-HCC by loaded tables. The tables here are ours; the algorithm is that of HHS's DIY software.

Source: HHS, "HHS-Developed Risk Adjustment Model Algorithm: Do It Yourself (DIY) Software", instructions:
age models, hierarchies, groups, interactions by number of payment categories, months, infants.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from code_sets.hcc_commands import hcc
from code_sets.loaders.base import LoadError
from coding_ops.core.errors import InvalidInput, Refused
from tests.rules.code_sets.edit_files import written
from tests.rules.code_sets.hcc_files import lines, parsed, put

FILES: dict[str, tuple[str, ...]] = {
    "mapping.csv": (
        "code,hcc,age_from,age_through,sex",
        "A419,2,,,",
        "E1122,20,,,",
        "E119,21,,,",
        "C9100,8,,,",
        "K7030,35_1,,,",
        "I509,130,,,",
        "D66,66,,,M",
        "P0724,242,0,1,",
        "P0739,246,0,1,",
        "Q211,139,,,",
    ),
    "hierarchy.csv": (
        "hcc,drops", "2,", "8,", "20,21", "21,", "35_1,", "66,", "130,", "139,", "242,246", "246,",
    ),
    "groups.csv": ("model,group,hcc", "adult,G01,20", "adult,G01,21"),
    "sets.csv": ("set,hcc", "severe,2"),
    "variables.csv": (
        "model,variable,kind,set,from,through",
        "adult,SEVERE_HCC_COUNT2,count,severe,2,2",
        "adult,SEVERE_HCC_COUNT3PLUS,count,severe,3,",
        "adult,HCC_ED1,months,,1,1",
    ),
    "infants.csv": ("hcc,maturity,severity", "242,EXTREMELY_IMMATURE,", "246,PREMATURE_MULTIPLES,", "139,,4"),
    "cost_sharing.csv": ("variant,factor", "94,1.12"),
    "labels.csv": ("hcc,label", "35_1,Liver disease"),
    "factors.csv": (
        "model,variable,platinum,gold,silver,bronze,catastrophic",
        "adult,FAGE_LAST_45_49,0.4,0.3,0.200,0.1,0.1",
        "adult,MAGE_LAST_45_49,0.4,0.3,0.250,0.1,0.1",
        "adult,FAGE_LAST_60_GT,0.4,0.3,0.500,0.1,0.1",
        "adult,HHS_HCC002,9,9,8.000,7,7",
        "adult,HHS_HCC035_1,9,9,1.100,7,7",
        "adult,HHS_HCC130,2,2,2.000,2,2",
        "adult,HHS_HCC066,2,2,40.000,2,2",
        "adult,G01,1,1,0.700,1,1",
        "adult,SEVERE_HCC_COUNT2,1,1,3.000,1,1",
        "adult,SEVERE_HCC_COUNT3PLUS,1,1,4.000,1,1",
        "adult,HCC_ED1,1,1,5.000,1,1",
        "child,FAGE_LAST_5_9,1,1,0.150,1,1",
        "child,HHS_HCC130,1,1,6.000,1,1",
        "infant,EXTREMELY_IMMATURE_X_SEVERITY4,1,1,200.000,1,1",
        "infant,PREMATURE_MULTIPLES_X_SEVERITY1,1,1,5.000,1,1",
        "infant,AGE1_X_SEVERITY4,1,1,9.000,1,1",
        "infant,AGE1_X_SEVERITY1,1,1,0.300,1,1",
        "infant,AGE0_MALE,1,1,0.600,1,1",
        "infant,AGE1_MALE,1,1,0.100,1,1",
    ),
}  # fmt: skip
ENROLLEE: dict[str, Any] = {
    "model": "HHS-HCC",
    "payment_year": 2026,
    "age": 47,
    "sex": "F",
    "metal": "silver",
    "diagnoses": [],
}


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"


def folder(where: Path, **change: tuple[str, ...]) -> Path:
    """The tables as files; `change` replaces those of mapping, factors, …."""
    path = where / "hhs_2026"
    path.mkdir()
    for name, rows in FILES.items():
        written(path / name, lines(change.get(name.removesuffix(".csv"), rows)))
    return path


@pytest.fixture
def loaded(tmp_path: Path) -> None:
    put(parsed("HHS-HCC", folder(tmp_path)))


def ask(**change: Any) -> dict[str, Any]:
    return hcc(ENROLLEE | change)


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("change", "score"),
    [
        ({}, "0.200"),  # women of 45 to 49
        ({"sex": "M"}, "0.250"),
        ({"age": 61}, "0.500"),
        ({"diagnoses": ["I509"]}, "2.200"),  # 0.200 + 2.000
        ({"diagnoses": ["E1122", "E119"]}, "0.900"),  # the group counts once: 0.200 + 0.700
        ({"diagnoses": ["K7030"]}, "1.300"),  # category 35.1
        ({"diagnoses": ["A419"]}, "8.200"),  # one payment category: no interaction
        ({"diagnoses": ["A419", "I509"]}, "13.200"),  # 0.2 + 8 + 2 + SEVERE_HCC_COUNT2 3
        ({"diagnoses": ["A419", "I509", "E119"]}, "14.900"),  # 0.2 + 8 + 2 + G01 0.7 + COUNT3PLUS 4
        ({"diagnoses": ["I509"], "enrollment_months": 1}, "7.200"),  # + HCC_ED1 5
        ({"enrollment_months": 1}, "0.200"),  # no payment category: no months
        ({"diagnoses": ["D66"]}, "0.200"),  # a diagnosis of men here
        ({"diagnoses": ["D66"], "sex": "M"}, "40.250"),
        ({"age": 7, "diagnoses": ["I509"]}, "6.150"),
        ({"age": 0, "diagnoses": ["P0724", "Q211"]}, "200.000"),
        ({"age": 0, "sex": "M", "diagnoses": ["P0739"]}, "5.600"),
        ({"age": 0, "diagnoses": ["Q211"]}, "9.000"),  # no maturity known: as of age 1
        ({"age": 1, "sex": "M", "diagnoses": ["P0724"]}, "0.400"),  # AGE1_X_SEVERITY1 and AGE1_MALE
    ],
)
def test_an_enrollee_is_scored_by_the_loaded_tables(change: dict[str, Any], score: str) -> None:
    assert ask(**change)["raw_score"] == score


@pytest.mark.usefixtures("loaded")
def test_the_answer_says_how_the_score_came_about() -> None:
    answer = ask(diagnoses=["E1122", "E119", "K7030"], cost_sharing="94")
    assert [(one["hcc"], one["label"]) for one in answer["hccs"]] == [("35.1", "Liver disease")]
    assert [one["hcc"] for one in answer["unscored_hccs"]] == [20]
    assert answer["interactions"] == [{"name": "G01", "coefficient": "0.700"}]
    dropped = [step for step in answer["trace"] if step["rule"] == "hcc.hierarchy"]
    assert [(step["hcc"], step["dropped_by"]) for step in dropped] == [(21, 20)]
    # 0.200 + 0.700 + 1.100 = 2.000; 2.000 x 1.12 = 2.240
    assert (answer["raw_score"], answer["normalized"], answer["payment_score"]) == ("2.000", None, "2.240")
    assert answer["factors"]["status"] == "unverified"


@pytest.mark.usefixtures("loaded")
def test_what_the_tables_do_not_hold_is_refused() -> None:
    with pytest.raises(Refused, match="benefit year 2025, only for 2026"):
        ask(payment_year=2025)
    with pytest.raises(InvalidInput, match="cost_sharing must be one of 94"):
        ask(cost_sharing="87")
    with pytest.raises(InvalidInput, match="metal must be one of"):
        ask(metal="copper")


def test_without_tables_the_model_is_refused_and_says_what_to_load() -> None:
    with pytest.raises(Refused, match="load_release HHS-HCC FOLDER") as refused:
        ask()
    assert (refused.value.code, refused.value.details["path"]) == ("hcc.no_tables", "model")


@pytest.mark.parametrize(
    ("name", "row", "reason"),
    [
        ("mapping", "E11,HCCx,,,", "is not a category"),
        ("mapping", "E110,20,,,X", "not M or F"),
        ("mapping", "E110,20,9,4,", "not a whole number from 9"),
        ("mapping", "E110,99,,,", "category 99 is not in it"),
        ("hierarchy", "20", "1 cells, where the heading has 2"),
        ("factors", "adult,G01,1,1,1,1,1", "G01 is given twice"),
        ("factors", "senior,G02,1,1,1,1,1", "model 'senior'"),
        ("factors", "adult,G02,1,1,much,1,1", "'much' is not a factor"),
        ("variables", "adult,X,sum,,1,1", "kind 'sum'"),
        ("variables", "adult,X,count,mild,1,1", "the set 'mild'"),
        ("infants", "250,NEARLY,", "maturity 'NEARLY'"),
        ("infants", "250,,6", "severity 6"),
    ],
)
def test_a_wrong_line_is_refused_with_its_file(tmp_path: Path, name: str, row: str, reason: str) -> None:
    rows = (*FILES[f"{name}.csv"], row)
    with pytest.raises(LoadError, match=reason) as refused:
        parsed("HHS-HCC", folder(tmp_path, **{name: rows}))
    assert refused.value.line in (0, len(rows))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = folder(tmp_path)
    (path / "factors.csv").unlink()
    with pytest.raises(LoadError, match=r"factors\.csv is missing"):
        parsed("HHS-HCC", path)
