"""What one official file holds: a release of a system, its alphabetical index, its tables; or a zip of them.

CMS and CDC put up zips of several files ("Code Tables and Index", "Code Descriptions in Tabular Order"). Each
member that is known by its name becomes a part with the loader that reads it; the rest (PDF, licences,
lists that say the same once more) is passed over.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from code_sets.loaders.base import LoadError, SourceFile

ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
WORKBOOK_MEMBER: Final = "xl/workbook.xml"
LARGEST: Final = 2_000_000_000
HEAD: Final = 4000
INDEX_ROOT: Final = re.compile(rb"<ICD10CM\.index\b")
PCS_INDEX_ROOT: Final = re.compile(rb"<ICD10PCS\.index\b")
PCS_TABLES_ROOT: Final = re.compile(rb"<ICD10PCS\.tabular\b")
PCS_TABLES: Final = "ICD-10-PCS-TABLES"

INDEX_PARTS: Final = {
    "ICD-10-CM-EINDEX": re.compile(rb"EXTERNAL CAUSE", re.IGNORECASE),
    "ICD-10-CM-NEOPLASM": re.compile(rb'<head col="1">\s*Neoplasm', re.IGNORECASE),
    "ICD-10-CM-DRUG": re.compile(rb'<head col="1">\s*Substance', re.IGNORECASE),
}
MEMBERS: Final[dict[str, tuple[re.Pattern[str], ...]]] = {
    "ICD-10-CM": (
        re.compile(r"icd10cm[-_]tabular.*\.xml", re.IGNORECASE),
        re.compile(r"icd10cm[-_]order[-_](?!addenda).*\.txt", re.IGNORECASE),
        re.compile(r"icd10cm[-_]codes[-_](?!addenda).*\.txt", re.IGNORECASE),
    ),
    "ICD-10-PCS": (re.compile(r"icd10pcs[-_]order[-_](?!addenda).*\.txt", re.IGNORECASE),),
    "HCPCS": (
        re.compile(r"hcpc.*anweb(?!.*(layout|trans|note|change|corr)).*\.txt", re.IGNORECASE),
        re.compile(r"hcpc.*anweb(?!.*(layout|trans|note|change|corr)).*\.xlsx", re.IGNORECASE),
    ),
}
"""By system: names of the members that are a whole release, the best form first."""
INDEX_MEMBERS: Final = {
    "ICD-10-CM": re.compile(r"icd10cm[-_](index|eindex|neoplasm|drug).*\.xml", re.IGNORECASE),
    "ICD-10-PCS": re.compile(r"icd10pcs[-_](index|tables).*\.xml", re.IGNORECASE),
}
INDEX_SYSTEMS: Final = {
    "ICD-10-CM": ("ICD-10-CM-INDEX", *INDEX_PARTS),
    "ICD-10-PCS": ("ICD-10-PCS-INDEX",),
}
CODE_AND_TABLE: Final = frozenset({"HCPCS"})
"""Systems whose one file is both the codes to choose from and a table the edits read."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to load: the loader's name, whether it gives a table or a code system, and the bytes."""

    system: str
    is_table: bool
    source: SourceFile


def index_systems(system: str) -> tuple[str, ...]:
    """The alphabetical indexes of a code system, by the names they are loaded under."""
    return INDEX_SYSTEMS.get(system, ())


def parts_of(system: str, source: SourceFile) -> list[Part]:
    """What a file given for `system` holds, in the order of loading. Raises LoadError when a zip has none."""
    found = [part for one in _opened(system, source) for part in _parts(system, one)]
    if not found:
        raise LoadError(source.name, 0, f"the zip holds no file of {system} that is known here")
    return found


def _parts(system: str, source: SourceFile) -> Iterator[Part]:
    table = table_in(system, source)
    if table is not None:
        yield Part(table, True, source)
        return
    if system in CODE_AND_TABLE:
        yield Part(system, True, source)
    yield Part(system, False, source)


def table_in(system: str, source: SourceFile) -> str | None:
    """The table an XML file is, by its first lines: an alphabetical index, or the tables of ICD-10-PCS."""
    head = source.data[:HEAD]
    if system == "ICD-10-CM" and INDEX_ROOT.search(head):
        return next((name for name, mark in INDEX_PARTS.items() if mark.search(head)), "ICD-10-CM-INDEX")
    if system == "ICD-10-PCS" and (PCS_INDEX_ROOT.search(head) or head.lstrip().startswith(b'[{"title"')):
        return "ICD-10-PCS-INDEX"
    if system == "ICD-10-PCS" and PCS_TABLES_ROOT.search(head):
        return PCS_TABLES
    return None


def _opened(system: str, source: SourceFile) -> list[SourceFile]:
    """The members to read, the release itself first; the file as it is when it is no zip."""
    if not source.data.startswith(ZIP) or system not in MEMBERS:
        return [source]
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if any(info.filename == WORKBOOK_MEMBER for info in infos):
                return [source]
            if sum(info.file_size for info in infos) > LARGEST:
                raise LoadError(source.name, 0, "the zip unfolds to more than a release can be")
            return [_member(archive, info) for info in _wanted(system, infos)]
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
    ) as error:
        raise LoadError(source.name, 0, f"the zip is damaged ({error})") from error
    except RuntimeError as error:
        raise LoadError(source.name, 0, f"the zip cannot be opened ({error})") from error


def _wanted(system: str, infos: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    named = {info: PurePosixPath(info.filename).name for info in infos}
    chosen: list[zipfile.ZipInfo] = []
    for form in MEMBERS[system]:
        fitting = [info for info, name in named.items() if form.fullmatch(name)]
        if len(fitting) > 1:
            names = ", ".join(named[info] for info in fitting)
            raise LoadError(names, 0, "the zip holds several releases; give one of them")
        if fitting:
            chosen = fitting
            break
    index = INDEX_MEMBERS.get(system)
    return chosen + [info for info, name in named.items() if index is not None and index.fullmatch(name)]


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> SourceFile:
    data = archive.read(info)
    return SourceFile(PurePosixPath(info.filename).name, data, hashlib.sha256(data).hexdigest())
