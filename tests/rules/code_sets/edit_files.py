"""Handmade files of edits in their publishers' layouts: numbers only, no descriptor of a code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from code_sets.loaders import TABLE_LOADERS
from code_sets.loaders.base import SourceFile
from code_sets.loaders.tables import ParsedTable

PTP_HEADING = (
    "CPT only copyright 2025 American Medical Association.  All rights reserved.\t\t\t\t\t\t",
    "Column1/Column2 Edits\t\t\t\t\t\t",
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale",
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t",
    "\t\t\t\t*=no data\t1=allowed\t",
    "\t\t\t\t\t9=not applicable\t",
)
MISUSE = "Misuse of Column Two code with Column One code"
PTP_ROWS = (
    ("20610", "99213", "20130401", "*", "1", "CPT Manual or CMS manual coding instruction"),
    ("20610", "J0670", "20050101", "*", "1", "Standards of medical/surgical practice"),
    ("45385", "45378", "19960101", "*", "0", "More extensive procedure"),
    ("45385", "45380", "20100101", "20200630", "0", "More extensive procedure"),
    ("45385", "45380", "20200701", "*", "1", "More extensive procedure"),
    ("97140", "97530", "20200101", "20200101", "9", "Mutually exclusive procedures"),
    ("97530", "97116", "20200101", "*", "1", MISUSE),
)
MUE_ROWS = (
    ("20610", "2", "3 Date of Service Edit: Clinical", "Clinical: Data"),
    ("36415", "2", "3 Date of Service Edit: Clinical", "Clinical: Data"),
    ("45385", "1", "2 Date of Service Edit: Policy", "Code Descriptor / CPT Instruction"),
    ("A4253", "0", "1 Line Edit", "CMS Policy"),
    ("A9276", "3", "1 Line Edit", "CMS Policy"),
)
ADDON_ROWS = (
    ("99214", "99417", "1"),
    ("99215", "99417", "1"),
    ("CCCCC", "0054T", "2"),
    ("45378", "45999", "3"),
)
MCE_ROWS = (
    ("O80", "20151001", "20270331", "female|maternity"),
    ("N401", "20151001", "20270331", "adult|male"),
    ("P590", "20151001", "20270331", "newborn"),
    ("F0280", "20151001", "20220930", "manifestation"),
)


def ptp_file(
    folder: Path, rows: Sequence[Sequence[str]] = PTP_ROWS, name: str = "ccipra-v322r0-f1.txt"
) -> Path:
    """A PTP file: the columns of CMS with an empty "prior to 1996"."""
    lines = [*PTP_HEADING, *("\t".join((row[0], row[1], "", *row[2:])) + "\t" for row in rows)]
    return written(folder / name, "\r\n".join(lines) + "\r\n")


def mue_file(folder: Path, rows: Sequence[Sequence[str]] = MUE_ROWS) -> Path:
    heading = (
        '"Licence of the AMA,\nof several lines",,,\n"HCPCS/\nCPT Code",Practitioner Services MUE Values,'
    )
    text = heading + "MUE Adjudication Indicator,MUE Rationale\n" + csv_text(rows)
    return written(folder / "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv", text)


def addon_file(folder: Path, rows: Sequence[Sequence[str]] = ADDON_ROWS) -> Path:
    return written(folder / "addon_2026q3.csv", "primary_code,add_on_code,aoc_edit_type\n" + csv_text(rows))


def mce_file(folder: Path, rows: Sequence[Sequence[str]] = MCE_ROWS) -> Path:
    return written(folder / "mce_2026q3.csv", "code,valid_from,valid_to,mce_flags\n" + csv_text(rows))


def csv_text(rows: Sequence[Sequence[str]]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)


def written(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def load(system: str, path: Path, release: str | None = None) -> ParsedTable:
    return TABLE_LOADERS[system](SourceFile.read(path), release, unwatched)


def unwatched(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
