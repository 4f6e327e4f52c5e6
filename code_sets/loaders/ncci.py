"""The files of CMS's National Correct Coding Initiative: PTP edits, MUE values, add-on codes.

PTP, text (ccipra-v322r0-f1.txt practitioner, ccioph-… outpatient hospital): tab-separated below a heading of
six lines: column 1, column 2, in existence prior to 1996, effective date, deletion date (* none), modifier
indicator, rationale. Version 32.2 is the third quarter of 2026.
MUE, CSV (MCR_MUE_PractitionerServices_Eff_07-01-2026.csv): code, value, "2 Date of Service Edit: Policy",
rationale, below the licence of the AMA.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.loaders.tables import (
    NO_DATE,
    REPORT_EVERY,
    ParsedTable,
    TableLoader,
    csv_rows,
    day_number,
    quarter_period,
    refuse_doubles,
    release_of,
)
from code_sets.rules.edits.lists import build_addon, build_mue
from code_sets.rules.edits.ptp import build_ptp
from code_sets.rules.forms import procedure_system

VERSION_IN_NAME = re.compile(
    r"cci(?P<kind>pra|oph)-v(?P<year>\d\d)(?P<quarter>[0-3])r\d(?:-f(?P<part>\d+))?", re.IGNORECASE
)
FIRST_YEAR = 1994
NCCI_BEGAN = date(1996, 1, 1)
PTP_CELLS = 7
HEADING_LINES = 4
PTP_KINDS = {"NCCI-PTP-PRACTITIONER": "pra", "NCCI-PTP-OUTPATIENT": "oph"}
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
PtpEdit = tuple[str, str, int, int, int, str]


def ptp_loader(system: str) -> TableLoader:
    """The loader of the PTP edits of one setting."""

    def load(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
        name = VERSION_IN_NAME.search(source.name)
        if name is not None and name["kind"].lower() != PTP_KINDS[system]:
            raise LoadError(source.name, 0, f"its name says that it is not a file of {system}")
        told = f"{FIRST_YEAR + int(name['year'])}q{int(name['quarter']) + 1}" if name else None
        if told and release and release.lower() != told:
            raise LoadError(source.name, 0, f"its name says that it is of {told}, not of {release.lower()}")
        quarter = told or release_of(source, release)
        rows = list(_ptp_rows(source, progress))
        if not rows:
            raise LoadError(source.name, 0, "the file holds no edit")
        first, last = quarter_period(quarter)
        progress("building", 0, 0)
        data = build_ptp(rows, {"system": system, "release": quarter})
        part = f"Part {name['part']} of the release, as its name says." if name and name["part"] else ""
        title = f"NCCI PTP edits {quarter}"
        # The files are cumulative and each edit has its dates: the first release answers for all days before.
        return ParsedTable(system, quarter, title, first, last, len(rows), data, NCCI_BEGAN, part)

    return load


def _ptp_rows(source: SourceFile, progress: Progress) -> Iterator[PtpEdit]:
    lines = source.text_lines()
    if not source.data.endswith(b"\n"):
        raise LoadError(source.name, len(lines), "the last line does not end: the file looks cut")
    start = next((at for at, line in enumerate(lines[:20]) if line.startswith("Column 1\tColumn 2\t")), None)
    if start is None:
        raise LoadError(source.name, 1, "this is not a PTP file: no line is the heading Column 1, Column 2")

    @lru_cache(maxsize=4096)
    def day(text: str, empty: int) -> int:
        return day_number(source, number, text, empty)

    is_code = lru_cache(maxsize=None)(lambda code: procedure_system(code) is not None)
    for number, line in enumerate(lines[start + 1 :], start + 2):
        cells = line.split("\t")
        if number <= start + HEADING_LINES and not cells[0] and not cells[1]:
            continue  # the heading goes on: "prior to 1996", "0=not allowed"
        # The publisher ends each line with one more tab in some quarters and not in others.
        if len(cells) not in (PTP_CELLS, PTP_CELLS + 1) or not (is_code(cells[0]) and is_code(cells[1])):
            raise LoadError(source.name, number, "this is not an edit: two codes and five more cells")
        if cells[5] not in ("0", "1", "9"):
            raise LoadError(source.name, number, f"modifier indicator {cells[5]!r}: expected 0, 1 or 9")
        effective = day(cells[3], 0)
        yield cells[0], cells[1], effective, day(cells[4], NO_DATE), int(cells[5]), cells[6].strip()
        if number % REPORT_EVERY == 0:
            progress("reading", number, len(lines))


def mue_loader(system: str) -> TableLoader:
    """The loader of the MUE values of one setting."""
    heading, in_name = MUE_NAMES[system]
    columns = {
        "code": ("hcpcs/ cpt code", "hcpcs_code"),
        "value": (heading, "mue_value"),
        "mai": ("mue adjudication indicator", "mai"),
        "rationale": ("mue rationale", "rationale"),
    }

    def load(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
        if source.name.startswith("MCR_MUE_") and in_name not in source.name:
            raise LoadError(source.name, 0, f"its name says that it is not a file of {system}")
        quarter = release_of(source, release)
        _refuse_other_service(source, MUE_SERVICES[system])
        lines: dict[str, int] = {}
        rows = []
        for line, cells in csv_rows(source, columns):
            code, mai = cells["code"], MUE_INDICATOR.fullmatch(cells["mai"])
            if procedure_system(code) is None:
                raise LoadError(source.name, line, f"{code!r} does not have the form of a procedure code")
            if mai is None or not cells["value"].isdigit():
                raise LoadError(source.name, line, "an MUE needs a whole number and an indicator from 1 to 3")
            refuse_doubles(source, lines, code, line)
            rows.append((code, int(cells["value"]), int(mai["mai"]), cells["rationale"]))
        if not rows:
            raise LoadError(source.name, 0, "the file holds no MUE value")
        first, last = quarter_period(quarter)
        data = build_mue(rows, {"system": system, "release": quarter})
        return ParsedTable(system, quarter, f"NCCI MUE values {quarter}", first, last, len(rows), data)

    return load


def _refuse_other_service(source: SourceFile, service: str) -> None:
    """Some lists name the service in a column of each row: they must all name this one."""
    lines = source.text_lines()
    if lines and lines[0].lower().endswith(",service_type"):
        for number, line in enumerate(lines[1:], 2):
            told = line.rsplit(",", 1)[-1].strip().lower()
            if told and told != service:
                raise LoadError(source.name, number, f"this is a value for {told}, not for {service}")


def load_addon(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
    """Read a list of add-on code edits: primary_code (CCCCC: contractor's), add_on_code, aoc_edit_type."""
    quarter = release_of(source, release)
    columns = {"primary": ("primary_code",), "addon": ("add_on_code",), "type": ("aoc_edit_type",)}
    rows = []
    types: dict[str, str] = {}
    for line, cells in csv_rows(source, columns):
        primary, addon, kind = cells["primary"], cells["addon"], cells["type"]
        if procedure_system(addon) is None or (primary != "CCCCC" and procedure_system(primary) is None):
            raise LoadError(source.name, line, f"{primary!r} and {addon!r} are not two procedure codes")
        if kind not in ("1", "2", "3") or types.setdefault(addon, kind) != kind:
            raise LoadError(source.name, line, f"{addon} has type {kind!r}: expected 1, 2 or 3, always one")
        rows.append((primary, addon, int(kind)))
    if not rows:
        raise LoadError(source.name, 0, "the file holds no add-on code")
    first, last = quarter_period(quarter)
    data = build_addon(rows, {"system": ADDON, "release": quarter})
    return ParsedTable(ADDON, quarter, f"NCCI add-on codes {quarter}", first, last, len(rows), data)
