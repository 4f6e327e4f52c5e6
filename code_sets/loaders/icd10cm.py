"""ICD-10-CM: which of its published forms a file has, and for which period its release was published."""

from __future__ import annotations

import re
from datetime import date

from code_sets.loaders.base import LoadError, ParsedRelease, Progress, SourceFile
from code_sets.loaders.icd10cm_order import (
    code_list_entries,
    looks_like_code_list,
    looks_like_order_file,
    order_entries,
)
from code_sets.loaders.icd10cm_tabular import tabular_entries
from code_sets.rules.entries import CodeEntry

SYSTEM = "ICD-10-CM"
RELEASE_ID = re.compile(r"(?P<year>20\d\d)(?P<april>-04)?")
YEAR_IN_NAME = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
APRIL_IN_NAME = re.compile(r"april", re.IGNORECASE)


def load(source: SourceFile, release: str | None, progress: Progress) -> ParsedRelease:
    """Read an official ICD-10-CM file: tabular XML, order file or code list.

    `release`: "2027" (in force from 1 October 2026) or "2027-04" (from 1 April 2027); where None, it is taken
    from the file's own version and name. Raises LoadError, with the line, for any other file.
    """
    version, entries = _entries(source, progress)
    name = release or release_of(source.name, version)
    if name is None:
        raise LoadError(source.name, 0, "neither the file nor its name says the release; give --release 2027")
    if version and not name.startswith(version):
        raise LoadError(source.name, 0, f"this is a list of {version}, not release {name}")
    published_from, published_through = published_period(name)
    title = f"ICD-10-CM {name}"
    return ParsedRelease(SYSTEM, name, title, published_from, published_through, entries)


def published_period(release: str) -> tuple[date, date]:
    """First and last day a release is published for: federal fiscal year, or from 1 April for an update.

    Source: CMS, "ICD-10 files": updates take effect on 1 October and 1 April. Raises LoadError.
    """
    match = RELEASE_ID.fullmatch(release)
    if match is None:
        raise LoadError(
            release, 0, "an ICD-10-CM release is named by its fiscal year: 2027, or 2027-04 for April"
        )
    year = int(match["year"])
    first = date(year, 4, 1) if match["april"] else date(year - 1, 10, 1)
    return first, date(year, 9, 30)


def _entries(source: SourceFile, progress: Progress) -> tuple[str, tuple[CodeEntry, ...]]:
    head = source.data[:400].lstrip(b"\xef\xbb\xbf \r\n")
    if head.startswith(b"<"):
        return tabular_entries(source, None, progress)
    first_line = head.split(b"\n", 1)[0].decode("utf-8", "replace")
    if looks_like_order_file(first_line):
        return "", order_entries(source, progress)
    if looks_like_code_list(first_line):
        return "", code_list_entries(source, progress)
    raise LoadError(
        source.name, 1, "this is not a tabular list (XML), an order file or a code list of ICD-10-CM"
    )


def release_of(file_name: str, version: str) -> str | None:
    """The release a file name tells: "icd10cm-tabular-April-1-2026.xml" -> "2026-04"; else None."""
    year = version or next(iter(YEAR_IN_NAME.findall(file_name)), "")
    if not year:
        return None
    return f"{year}-04" if APRIL_IN_NAME.search(file_name) else year
