"""The text "Definitions of Medicare Code Edits" (MCE manual), as CMS publishes it with each grouper.

Numbered sections ("4. Age conflict") with lettered lists ("A. Perinatal/Newborn diagnoses"); a line of a list
is a code, a tab and its title. The table of contents repeats the headings, each followed by a page number.
Sex conflicts (5) stand in editions before fiscal year 2025 only. External causes (2) are not listed: they are
the codes V00 to Y99, which the loader of code lists cannot enumerate.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from code_sets.loaders.base import LoadError, SourceFile
from code_sets.loaders.published import is_workbook, text_of
from code_sets.rules.forms import ICD10CM

TITLE = "definitions of medicare code edits"
SECTION = re.compile(r"(?P<number>\d{1,2})\. +(?P<title>\S.*)")
LETTERED = re.compile(r"(?P<letter>[A-Z])\. +(?P<title>\S.*)")
ROW = re.compile(r"(?P<code>[A-Z][0-9][0-9A-Z]{1,5})(?:\t| {2,})\s*\S")
PAGE = re.compile(r"(?:\t|\.{3}| {2,})\s*\d+$")
LISTS: Mapping[str, str] = {
    "perinatal/newborn diagnoses": "newborn",
    "pediatric diagnoses": "pediatric",
    "maternity diagnoses": "maternity",
    "adult diagnoses": "adult",
    "diagnoses for females only": "female",
    "diagnoses for males only": "male",
}
SECTIONS: Mapping[str, str] = {
    "manifestation code as principal diagnosis": "manifestation",
    "unacceptable principal diagnosis": "unacceptable",
}
NEEDED = ("newborn", "pediatric", "maternity", "adult", "manifestation", "unacceptable")
LAST_SECTION = 9
"""Unacceptable principal diagnosis: the last list read here. Another section must follow it."""


def is_manual(source: SourceFile) -> bool:
    """Whether this is the manual's text, rather than rows below a heading."""
    if is_workbook(source) or TITLE.encode() not in source.data[:20_000].lower():
        return False
    return b"mce_flags" not in source.data[:400]


def parse_manual(source: SourceFile) -> dict[str, tuple[str, ...]]:
    """The marks of each diagnosis. Raises LoadError when a list is missing or the manual ends in one."""
    marks: dict[str, dict[str, None]] = {}
    found: dict[str, int] = {}
    section, flag = 0, None
    for line, text in enumerate(text_of(source).split("\n"), 1):
        heading = text.strip()
        if PAGE.search(heading):
            continue  # the table of contents
        if match := SECTION.fullmatch(heading):
            section, flag = int(match["number"]), SECTIONS.get(match["title"].lower())
        elif match := LETTERED.fullmatch(heading):
            flag = _listed(match["title"]) or SECTIONS.get(match["title"].lower())
        elif flag is not None and (row := ROW.match(text)):
            code = row["code"]
            if ICD10CM.fullmatch(code) is None:
                raise LoadError(source.name, line, f"{code!r} is not in the form of ICD-10-CM")
            marks.setdefault(code, {})[flag] = None
            found[flag] = found.get(flag, 0) + 1
    missing = [name for name in NEEDED if not found.get(name)]
    if missing:
        raise LoadError(source.name, 0, f"the manual's lists of {', '.join(missing)} diagnoses are missing")
    if section <= LAST_SECTION:
        raise LoadError(source.name, 0, f"the manual ends within section {section}: the file looks cut")
    return {code: tuple(flags) for code, flags in marks.items()}


def _listed(title: str) -> str | None:
    plain = title.lower().split("(")[0].strip()
    return LISTS.get(plain)
