"""The parts in which CMS publishes the PTP edits of a quarter: f1 to f4, by ranges of column 1."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from code_sets.loaders.base import LoadError, SourceFile
from code_sets.loaders.published import base_names, members

IN_NAME = re.compile(
    r"cci(?P<kind>pra|oph)-v(?P<year>\d\d)(?P<quarter>[0-3])r\d(?:-f(?P<part>\d+))?", re.IGNORECASE
)
FIRST_YEAR = 1994
PTP_KINDS = {"NCCI-PTP-PRACTITIONER": "pra", "NCCI-PTP-OUTPATIENT": "oph"}
PUBLISHED_PARTS = 4
"""CMS has published four parts a setting since 2019; fewer are loaded with a warning, never silently."""


@dataclass(frozen=True, slots=True)
class PtpParts:
    """The files of one release in order; `release` None where no name tells it, `note` "" when whole."""

    files: tuple[SourceFile, ...]
    release: str | None
    note: str


def ptp_parts(system: str, source: SourceFile) -> PtpParts:
    """The parts of what was given: one file, a zip, or several files.

    Raises LoadError when a part is of another setting or quarter, comes twice, or one before the last is
    missing.
    """
    files = members(source)
    names = [IN_NAME.search(name) for name in base_names(files)]
    for file, name in zip(files, names, strict=True):
        if name is not None and name["kind"].lower() != PTP_KINDS[system]:
            raise LoadError(file.name, 0, f"its name says that it is not a file of {system}")
    known = [name for name in names if name is not None]
    if len(files) > 1 and len(known) < len(files):
        unknown = next(file for file, name in zip(files, names, strict=True) if name is None)
        raise LoadError(unknown.name, 0, "its name does not say which part it is (ccipra-v322r0-f1)")
    releases = sorted({_release(name) for name in known})
    if len(releases) > 1:
        raise LoadError(source.name, 0, f"its parts are of several quarters: {', '.join(releases)}")
    release = releases[0] if releases else None
    numbers = [int(name["part"] or 1) for name in known]
    if len(files) == 1:
        return PtpParts(tuple(files), release, _note(numbers) if known and known[0]["part"] else "")
    _refuse_gaps(source, numbers)
    ordered = sorted(zip(numbers, files, strict=True), key=lambda one: one[0])
    return PtpParts(tuple(file for _, file in ordered), release, _note(numbers))


def _release(name: re.Match[str]) -> str:
    return f"{FIRST_YEAR + int(name['year'])}q{int(name['quarter']) + 1}"


def _refuse_gaps(source: SourceFile, numbers: Sequence[int]) -> None:
    for expected, number in enumerate(sorted(numbers), 1):
        if number < expected:
            raise LoadError(source.name, 0, f"part f{number} was given twice")
        if number > expected:
            raise LoadError(source.name, 0, f"part f{expected} is missing: a release is loaded whole")


def _note(numbers: Sequence[int]) -> str:
    if len(numbers) >= PUBLISHED_PARTS:
        return ""
    told = ", ".join(f"f{number}" for number in sorted(numbers))
    return (
        f"Holds part {told} only, of the {PUBLISHED_PARTS} that CMS publishes: other edits are not checked."
    )
