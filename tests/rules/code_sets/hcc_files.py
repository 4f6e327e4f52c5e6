"""Handmade risk adjustment files in CMS's layouts, with made-up factors."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from code_sets import edit_store
from code_sets.loaders import TABLE_LOADERS
from code_sets.loaders.published import read_files
from code_sets.loaders.tables import ParsedTable
from tests.rules.code_sets.edit_files import unwatched, written

YOUNG = ("0_34", "35_44", "45_54", "55_59", "60_64")
OLD = ("70_74", "75_79", "80_84", "85_89", "90_94", "95_GT")
BANDS = (*YOUNG, "65_69", *OLD)
NEW_BANDS = (*YOUNG, "65", "66", "67", "68", "69", *OLD)
RX_MAPPING = (
    "B20,1.0,",
    "C58,22.0,9 <= age <= 64",
    "E1122,30.0,",
    "E119,31.0,",
    "I10,187.0,",
    "I5022,186.0,",
)
RX_FACTORS = (
    '"RXHCC1",HIV/AIDS,8.325,9.961,9.677,9.773,7.179',
    "RXHCC22,Cancer,0.100,0.100,0.100,0.100,0.100",
    "RXHCC30,Diabetes with Complications,0.567,0.682,0.983,1.530,0.756",
    "RXHCC31,Diabetes without Complication,0.248,0.281,0.429,0.695,0.326",
    "RXHCC186,Heart Failure,0.135,0.066,0.197,0.187,0.146",
    "RXHCC187,Hypertension,,0.029,0.103,0.147,0.016",
    "F65OD,Originally disabled,0.042,,0.376,,",
    "OD65,Originally disabled,,,,,0.298",
    "NONAGED_RXHCC1,NonAged * HIV/AIDS,,,,,1.491",
)
RX_HIERARCHIES = ("1,", "22,", "30,31", "31,", "186,187", "187,")


def rxhcc_folder(folder: Path, calibration: str = "X", **change: Sequence[str]) -> Path:
    """A package of the model software; `change` replaces the lines of mapping, factors or hierarchies."""
    path = folder / f"RxHCC_v8_2026_{calibration}_package"
    path.mkdir(exist_ok=True)
    mapping = ["ICD10,CC,MCE_AGE_CONDITION", *change.get("mapping", RX_MAPPING)]
    continuing = ["Variable,Label,CE_NonLow_Aged,CE_NonLow_NonAged,CE_Low_Aged,CE_Low_NonAged,CE_LTI"]
    continuing += [f"{sex}{band},age,0.035,0.217,0.108,0.541,0.923" for sex in "MF" for band in BANDS]
    continuing += [f"RXHCC{number},other,0,0,0,0,0" for number in range(200, 230)]
    new = ["Variable,Label,NE_NonLow_Community,NE_Low_Community,NE_LTI"]
    new += [
        f"{esrd}_{disabled}_X_{sex}{band},age,{1 + (esrd == 'ESRD')}.1,2.2,3.3"
        for esrd in ("NESRD", "ESRD")
        for disabled in ("NORIGDIS", "ORIGDIS")
        for sex in "MF"
        for band in NEW_BANDS
        if disabled == "NORIGDIS" or int(band[:2].rstrip("_")) >= 65
    ]
    hierarchies = ["RXHCC,SecondaryRxHCC_1", *change.get("hierarchies", RX_HIERARCHIES)]
    written(path / "ICD10_CC_mappings_RxHCC_2026.csv", lines(mapping))
    written(
        path / f"{calibration}_CE_Relative_Factors.csv",
        lines([*continuing, *change.get("factors", RX_FACTORS)]),
    )
    written(path / f"{calibration}_NE_Relative_Factors.csv", lines(new))
    # As published: the last line does not end.
    written(path / "HCC_Hierarchies.csv", lines(hierarchies).removesuffix("\n"))
    return path


def lines(rows: Sequence[str]) -> str:
    return "".join(f"{row}\n" for row in rows)


def parsed(system: str, *paths: Path, release: str | None = None) -> ParsedTable:
    return TABLE_LOADERS[system](read_files(paths), release, unwatched)


def put(*tables: ParsedTable) -> None:
    """Write tables and their catalog as a load does, without the database."""
    entries = []
    for table in tables:
        name = edit_store.table_name(table.system, table.release, hashlib.sha256(table.data).hexdigest())
        edit_store.write_table(name, table.data)
        first = table.published_from.isoformat()
        entry = edit_store.TableEntry(table.system, table.release, first, None, None, name, "test file")
        entries.append(entry)
    edit_store.write_catalog(entries)
