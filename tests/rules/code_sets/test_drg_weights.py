"""Table 5 as a release: its year from its heading, and its weights before those of a package.

Golden rows: CMS, FY 2026 IPPS final rule, table 5.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from code_sets import edit_store
from code_sets.drg_commands import drg
from code_sets.loaders.base import LoadError, SourceFile
from code_sets.loaders.drg_weights import Weight, load, parse_table5, weight_of
from code_sets.rules.drg_weight_table import WeightTable
from tests.shared_data import shared_path

HEADING = (
    "MS-DRG\tFY {year} Final Post-Acute DRG\tFY {year} Final Special Pay DRG\tMDC\tTYPE\tMS-DRG Title\t"
    "Weights - Before Cap\tWeights - 10% Cap Applied\tGeometric mean LOS\tArithmetic mean LOS"
)
ROWS = (
    '521\tYes\tYes\t08\tSURG\t"HIP REPLACEMENT, HIP FRACTURE, WITH MCC"\t{w}\t{w}\t6.1\t7.0',
    "998\tNo\tNo\t..\t**\tPRINCIPAL DIAGNOSIS INVALID AS DISCHARGE DIAGNOSIS\t.\t.\t.\t.",
    "999\tNo\tNo\t..\t**\tUNGROUPABLE\t.\t.\t.\t.",
)
STAY = {
    "age": 67,
    "sex": "F",
    "discharge_status": "01",
    "principal": "S72011A",
    "principal_poa": "Y",
    "secondary": [{"code": "J9601", "poa": "Y"}],
    "procedures": ["0SR9039"],
}


def written(folder: Path, year: str = "2027", weight: str = "2.9123", rows: tuple[str, ...] = ROWS) -> Path:
    lines = ["TABLE 5. LIST OF MS-DRGS", HEADING.format(year=year), *(row.format(w=weight) for row in rows)]
    path = folder / "table5.txt"
    path.write_text("\n".join(lines) + "\n", "cp1252")
    return path


def test_a_table_is_a_release_of_its_fiscal_year(tmp_path: Path) -> None:
    parsed = load(SourceFile.read(written(tmp_path)), None, lambda *_: None)
    assert (parsed.system, parsed.release, parsed.rows) == ("MS-DRG-WEIGHTS", "2027", 3)
    assert (str(parsed.published_from), str(parsed.published_through)) == ("2026-10-01", "2027-09-30")
    rows = WeightTable(parsed.data).rows()
    assert weight_of(rows[521]) == Weight("SURG", Decimal("2.9123"), Decimal("6.1"), Decimal("7.0"))
    assert weight_of(rows[999]) == Weight("**", None, None, None)


def test_what_was_loaded_is_what_the_published_table_says() -> None:
    source = SourceFile.read(shared_path("reference/msdrg/cms_fy2026_table5_drg_weights.txt"))
    parsed = load(source, "2026", lambda *_: None)
    read = {number: weight_of(row) for number, row in WeightTable(parsed.data).rows().items()}
    assert read == parse_table5(source)


@pytest.mark.parametrize(
    ("year", "release", "said"),
    [("2027", "2026", "the table of 2027, not of 2026"), ("", None, "does not say the fiscal year")],
)
def test_a_table_of_another_year_is_refused(
    tmp_path: Path, year: str, release: str | None, said: str
) -> None:
    with pytest.raises(LoadError, match=said):
        load(SourceFile.read(written(tmp_path, year)), release, lambda *_: None)


def test_a_loaded_table_weighs_the_discharges_of_its_year(settings: Any, tmp_path: Path) -> None:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    before = drg({**STAY, "discharge_on": "2026-11-10"})
    assert (before["drg"], before["weight"]) == (521, None)
    for year, weight in (("2026", "9.9999"), ("2027", "2.9123")):
        parsed = load(SourceFile.read(written(tmp_path, year, weight)), None, lambda *_: None)
        edit_store.write_table(f"{year}.tab", parsed.data)
    ends = {"2026": "2026-09-30", "2027": "2027-09-30"}
    edit_store.write_catalog(
        edit_store.TableEntry(
            "MS-DRG-WEIGHTS", year, f"{int(year) - 1}-10-01", None, ends[year], f"{year}.tab", "t5.txt"
        )
        for year in ("2027", "2026")
    )
    assert drg({**STAY, "discharge_on": "2026-11-10"})["weight"] == "2.9123"
    # Before the package's own table of the year, and never for another year.
    assert drg({**STAY, "discharge_on": "2026-09-14"})["weight"] == "9.9999"
    assert drg({**STAY, "discharge_on": "2025-09-14"})["weight"] is None
    step = drg({**STAY, "discharge_on": "2026-11-10"})["trace"][-1]
    assert (step["edition"], step["citation"]) == (
        *("FY 2027", "CMS FY 2027 IPPS final rule, table 5 (t5.txt)"),
    )
