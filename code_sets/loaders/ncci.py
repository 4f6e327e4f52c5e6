"""The files of CMS's National Correct Coding Initiative: PTP edits, MUE values, add-on codes.

PTP (ccipra-v322r0-f1 … f4 practitioner, ccioph-… outpatient hospital; each a zip with the same edits as .txt
and .xlsx): tab-separated below a heading of six lines: column 1, column 2, in existence prior to 1996,
effective date, deletion date (* none), modifier indicator, rationale. Version 32.2 is the third quarter of
2026.
MUE (MCR_MUE_PractitionerServices_Eff_07-01-2026, .csv and .xlsx): code, value, "2 Date of Service Edit:
Policy", rationale, below the licence of the AMA.
Add-on codes (AOC_V2026Q3-MCR, .txt and .xlsx): AOC_Edit_Type, Add-On_Code, AOC_DelDT, Primary_Code (CCCCC:
the contractor's own list), Primary_Code_DelDT, AOC_Edit_EffDT, AOC_Edit_DelDT, dates as year and day of year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.loaders.ptp_parts import ptp_parts
from code_sets.loaders.tables import (
    NO_DATE,
    REPORT_EVERY,
    ParsedTable,
    TableLoader,
    cell_rows,
    csv_rows,
    day_number,
    of_one_file,
    quarter_period,
    refuse_doubles,
    release_of,
)
from code_sets.rules.edits.lists import build_addon, build_mue
from code_sets.rules.edits.ptp import build_ptp
from code_sets.rules.forms import procedure_system

NCCI_BEGAN = date(1996, 1, 1)
PTP_CELLS = 7
LISTED_COLUMNS = {
    "column1": ("column1", "column_1", "column 1"),
    "column2": ("column2", "column_2", "column 2"),
    "indicator": ("modifier_indicator",),
}
LISTED_OPTIONAL = {
    "effective": ("effective_date",),
    "deletion": ("deletion_date",),
    "rationale": ("rationale", "ptp_edit_rationale"),
}
HEADING_LINES = 4
LAST_HEADING_LINE = 20
MUE_NAMES = {
    "NCCI-MUE-PRACTITIONER": ("practitioner services mue values", "PractitionerServices"),
    "NCCI-MUE-OUTPATIENT": ("outpatient hospital services mue values", "OutpatientHospital"),
    "NCCI-MUE-DME": ("dme supplier services mue values", "DME"),
}
MUE_SERVICES = {
    "NCCI-MUE-PRACTITIONER": "practitioner",
    "NCCI-MUE-OUTPATIENT": "outpatient hospital",
    "NCCI-MUE-DME": "dme supplier",
}
MUE_INDICATOR = re.compile(r"(?P<mai>[123])(?: (?:Line|Date of Service) Edit.*)?")
ADDON = "NCCI-ADDON"
ADDON_COLUMNS = {
    "primary": ("primary_code",),
    "addon": ("add_on_code", "add-on_code", "addon_code", "aoc_code"),
    "type": ("aoc_edit_type", "aoc_type"),
}
ADDON_DATES = {
    "from": ("aoc_edit_effdt", "aoc_edit_eff_dt"),
    "to": ("aoc_edit_deldt", "aoc_edit_del_dt"),
    "addon_to": ("aoc_deldt", "aoc_del_dt"),
    "primary_to": ("primary_code_deldt", "primary_code_del_dt"),
}
ADDON_ENDS = ("to", "addon_to", "primary_to")
PtpEdit = tuple[str, str, int, int, int, str]


def ptp_loader(system: str) -> TableLoader:
    """The loader of the PTP edits of one setting."""

    def load(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
        parts = ptp_parts(system, source)
        told = parts.release
        if told and release and release.lower() != told:
            raise LoadError(source.name, 0, f"its name says that it is of {told}, not of {release.lower()}")
        quarter = told or release_of(source, release)
        rows = [
            row
            for part in parts.files
            for row in (_listed_rows(part) if _is_list(part) else _ptp_rows(part, progress))
        ]
        if not rows:
            raise LoadError(source.name, 0, "the file holds no edit")
        first, last = quarter_period(quarter)
        progress("building", 0, 0)
        data = build_ptp(rows, {"system": system, "release": quarter})
        title = f"NCCI PTP edits {quarter}"
        # The files are cumulative and each edit has its dates: the first release answers for all days before.
        return ParsedTable(system, quarter, title, first, last, len(rows), data, NCCI_BEGAN, parts.note)

    return load


def _ptp_rows(source: SourceFile, progress: Progress) -> Iterator[PtpEdit]:
    heading = 0

    @lru_cache(maxsize=4096)
    def day(text: str, empty: int) -> int:
        return day_number(source, number, text, empty)

    is_code = lru_cache(maxsize=None)(lambda code: procedure_system(code) is not None)
    number = 0
    for number, cells in cell_rows(source):
        if not heading:
            if [cell.lower().replace(" ", "") for cell in cells[:2]] == ["column1", "column2"]:
                heading = number
            elif number > LAST_HEADING_LINE:
                break
            continue
        if number < heading + HEADING_LINES and not cells[0] and not cells[1]:
            continue  # the heading goes on: "prior to 1996", "0=not allowed"
        # The publisher ends each line with one more tab in some quarters and not in others.
        if len(cells) not in (PTP_CELLS, PTP_CELLS + 1) or not (is_code(cells[0]) and is_code(cells[1])):
            raise LoadError(source.name, number, "this is not an edit: two codes and five more cells")
        if cells[5] not in ("0", "1", "9"):
            raise LoadError(source.name, number, f"modifier indicator {cells[5]!r}: expected 0, 1 or 9")
        effective = day(cells[3], 0)
        yield cells[0], cells[1], effective, day(cells[4], NO_DATE), int(cells[5]), cells[6].strip()
        if number % REPORT_EVERY == 0:
            progress("reading", number, 0)
    if not heading:
        raise LoadError(
            source.name, min(number, 1), "this is not a PTP file: no line is the heading Column 1, Column 2"
        )


def _is_list(source: SourceFile) -> bool:
    """Whether this is a plain list of edits with named columns, not CMS's layout."""
    return b"modifier_indicator" in source.data[:400].split(b"\n", 1)[0].lower()


def _listed_rows(source: SourceFile) -> Iterator[PtpEdit]:
    """Edits of a list; without an effective date an edit holds from the beginning of NCCI."""
    for line, cells in csv_rows(source, LISTED_COLUMNS, LISTED_OPTIONAL):
        column1, column2, indicator = cells["column1"], cells["column2"], cells["indicator"]
        if procedure_system(column1) is None or procedure_system(column2) is None:
            raise LoadError(source.name, line, f"{column1!r} and {column2!r} are not two procedure codes")
        if indicator not in ("0", "1", "9"):
            raise LoadError(source.name, line, f"modifier indicator {indicator!r}: expected 0, 1 or 9")
        effective = day_number(source, line, cells["effective"], 0)
        deletion = day_number(source, line, cells["deletion"], NO_DATE)
        yield column1, column2, effective, deletion, int(indicator), cells["rationale"]


def mue_loader(system: str) -> TableLoader:
    """The loader of the MUE values of one setting."""
    heading, in_name = MUE_NAMES[system]
    service = MUE_SERVICES[system]
    columns = {
        "code": ("hcpcs/ cpt code", "hcpcs_code"),
        "value": (heading, "mue_value"),
        "mai": ("mue adjudication indicator", "mai"),
        "rationale": ("mue rationale", "rationale"),
    }

    def load(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
        if "MCR_MUE_" in source.name and in_name not in source.name:
            raise LoadError(source.name, 0, f"its name says that it is not a file of {system}")
        quarter = release_of(source, release)
        lines: dict[str, int] = {}
        rows = []
        for line, cells in csv_rows(source, columns, {"service": ("service_type",)}):
            code, mai = cells["code"], MUE_INDICATOR.fullmatch(cells["mai"])
            if procedure_system(code) is None:
                raise LoadError(source.name, line, f"{code!r} does not have the form of a procedure code")
            if mai is None or not cells["value"].isdigit():
                raise LoadError(source.name, line, "an MUE needs a whole number and an indicator from 1 to 3")
            if (told := cells["service"].lower()) not in ("", service):
                raise LoadError(source.name, line, f"this is a value for {told}, not for {service}")
            refuse_doubles(source, lines, code, line)
            rows.append((code, int(cells["value"]), int(mai["mai"]), cells["rationale"]))
        if not rows:
            raise LoadError(source.name, 0, "the file holds no MUE value")
        first, last = quarter_period(quarter)
        data = build_mue(rows, {"system": system, "release": quarter})
        return ParsedTable(system, quarter, f"NCCI MUE values {quarter}", first, last, len(rows), data)

    return of_one_file(load)


def load_addon(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
    """Read a list of add-on code edits; of edits with dates, those in force in the release's quarter."""
    quarter = release_of(source, release)
    first, last = (day.year * 10000 + day.month * 100 + day.day for day in quarter_period(quarter))
    rows, read = [], 0
    types: dict[str, str] = {}
    for line, cells in csv_rows(source, ADDON_COLUMNS, ADDON_DATES):
        primary, addon, kind = cells["primary"], cells["addon"], cells["type"]
        if procedure_system(addon) is None or (primary != "CCCCC" and procedure_system(primary) is None):
            raise LoadError(source.name, line, f"{primary!r} and {addon!r} are not two procedure codes")
        begins = day_number(source, line, cells["from"], 0)
        ends = min(day_number(source, line, cells[name], NO_DATE) for name in ADDON_ENDS)
        read += 1
        if begins > last or ends < first:
            continue
        if kind not in ("1", "2", "3") or types.setdefault(addon, kind) != kind:
            raise LoadError(source.name, line, f"{addon} has type {kind!r}: expected 1, 2 or 3, always one")
        rows.append((primary, addon, int(kind)))
    if not rows:
        raise LoadError(source.name, 0, "the file holds no add-on code of its quarter")
    data = build_addon(rows, {"system": ADDON, "release": quarter})
    note = f"{read - len(rows):,} edits of other quarters left out." if read > len(rows) else ""
    title = f"NCCI add-on codes {quarter}"
    return ParsedTable(ADDON, quarter, title, *quarter_period(quarter), len(rows), data, note=note)
