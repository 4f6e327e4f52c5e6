"""An inpatient stay for tests: a broken hip that is replaced, with one major complication.

Made up by us.  The codes are real, so that the grouper answers: S72.011A and a hip replacement group to
MS-DRG 522, with the respiratory failure (MCC) to 521, without the procedure to 536 or 535 (MS-DRG Definitions
Manual v43.1, MDC 8).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from code_sets import edit_store, selectors
from code_sets.loaders.base import SourceFile
from code_sets.loaders.pcs_tables import SYSTEM as PCS_TABLES
from code_sets.loaders.pcs_tables import load as load_pcs_tables
from code_sets.models import Code, CodeSetRelease
from code_sets.poa_exempt import SYSTEM as POA_EXEMPT
from code_sets.rules.edits.lists import NO_DATE, build_dated
from encounters.models import Encounter, EncounterKind
from tests import cast
from tests.rules.code_sets.pcs_files import json_file

NOTE = """Discharge summary

Principal diagnosis: displaced fracture of the right femoral neck after a fall at home, initial care.
Acute respiratory failure with hypoxia on arrival, SpO2 84 percent on room air, treated with BiPAP.
Hypertension, controlled. Long-term use of insulin.

Procedure: right hip replacement, open, ceramic prosthesis, cemented.

Electronically signed: N. Okafor, MD
"""
FRACTURE, FAILURE, HYPERTENSION, INSULIN = "S72011A", "J9601", "I10", "Z794"
HIP = "0SR9039"
DIAGNOSES = {
    FRACTURE: "Unspecified intracapsular fracture of right femur, initial encounter for closed fracture",
    FAILURE: "Acute respiratory failure with hypoxia",
    HYPERTENSION: "Essential (primary) hypertension",
    INSULIN: "Long term (current) use of insulin",
    "N179": "Acute kidney failure, unspecified",
    "Z7982": "Long term (current) use of aspirin",
}
PROCEDURES = {
    HIP: "Replacement of Right Hip Joint with Ceramic Synthetic Substitute, Cemented, Open Approach",
    "0SR903A": "Replacement of Right Hip Joint with Ceramic Synthetic Substitute, Uncemented, Open Approach",
}
QUOTES = {
    FRACTURE: "displaced fracture of the right femoral neck",
    FAILURE: "Acute respiratory failure with hypoxia",
    HYPERTENSION: "Hypertension, controlled",
    INSULIN: "Long-term use of insulin",
    HIP: "right hip replacement, open, ceramic prosthesis, cemented",
}


def code_system(system: str, codes: Mapping[str, str]) -> CodeSetRelease:
    """A release of a few billable codes, in force since 2015."""
    release = CodeSetRelease.objects.create(
        system=system,
        release="stay",
        title="A handful of codes for tests",
        published_from=date(2015, 10, 1),
        effective_from=date(2015, 10, 1),
        source="stay.py",
        sha256=hashlib.sha256(repr((system, codes)).encode()).hexdigest(),
        code_count=len(codes),
    )
    Code.objects.bulk_create(
        Code(
            release=release,
            code=code,
            position=position,
            kind="subcategory",
            title=title,
            is_billable=True,
            parent_code="",
        )
        for position, (code, title) in enumerate(codes.items(), start=1)
    )
    selectors.forget_releases()
    return release


def tables(folder: Path, *, exempt: bool = True, pcs: bool = True) -> None:
    """The files of the POA-exempt list and of the ICD-10-PCS tables, and the catalog that names them, in
    force since 2015; `settings.CODE_INDEX_DIR` must be a folder of the test's own."""
    entries = []
    if exempt:
        rows = [(code, 0, NO_DATE, DIAGNOSES[code]) for code in (INSULIN, "Z7982")]
        edit_store.write_table("poa.tab", build_dated(rows, {"system": POA_EXEMPT, "release": "2026"}))
        entries.append(_entry(POA_EXEMPT, "poa.tab"))
    if pcs:
        parsed = load_pcs_tables(SourceFile.read(json_file(folder)), None, lambda *_: None)
        edit_store.write_table("pcs.tab", parsed.data)
        entries.append(_entry(PCS_TABLES, "pcs.tab"))
    edit_store.write_catalog(entries)


def _entry(system: str, file: str) -> edit_store.TableEntry:
    return edit_store.TableEntry(system, "2026", "2015-10-01", None, "2027-09-30", file, "stay.py")


def code_sets(folder: Path) -> None:
    """Both code systems and the tables."""
    code_system("ICD-10-CM", DIAGNOSES)
    code_system("ICD-10-PCS", PROCEDURES)
    tables(folder)


def encounter(here: cast.Place, **attributes: Any) -> Encounter:
    """A stay of four days, discharged on 9/14/2026 (MS-DRG v43.1); the scope must be open."""
    defaults: dict[str, Any] = {
        "note": NOTE,
        "kind": EncounterKind.INPATIENT,
        "place_of_service_code": "21",
        "service_on": date(2026, 9, 10),
        "discharge_on": date(2026, 9, 14),
    }
    return cast.encounter(here, **(defaults | attributes))
