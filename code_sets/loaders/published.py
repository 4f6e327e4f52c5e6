"""What publishers put up: a text, a workbook, a zip of either, or several files of one release together.

A zip is opened (zips inside it too) and read as its members; where a member is there both as text and as a
workbook, the text is read. Several files given at once are read as one zip of them would be.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath

from python_calamine import CalamineError, CalamineWorkbook

from code_sets.loaders.base import LoadError, SourceFile

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
WORKBOOK_MEMBER = "xl/workbook.xml"
TEXTS = (".txt", ".csv", ".tsv")
WORKBOOKS = (".xlsx", ".xlsm")
DEEPEST = 3
LARGEST = 2_000_000_000
"""Bytes that a zip may unfold to: a release of edits is a tenth of it, a zip made to fill a disk is not."""
NAMED_IN_A_NAME = 3
LONGEST_NAME = 200
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
NOT_DATA = re.compile(r"read.?me|license|licence|disclaimer|copyright", re.IGNORECASE)

Row = tuple[int, list[str]]
"""Line number (of a workbook: the row), and its cells as texts."""


def read_files(paths: Sequence[Path]) -> SourceFile:
    """One file as it is, or several files and folders as one zip of them, the same for the same contents.

    Raises LoadError where one cannot be read or there is none.
    """
    files = sorted({file for path in paths for file in _files_of(path)}, key=lambda file: file.name.lower())
    if len(paths) == 1 and paths[0].is_file():
        return SourceFile.read(paths[0])
    names = [file.name for file in files]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise LoadError(twice, 0, "two files of this name were given")
    if not files:
        raise LoadError(paths[0].name if paths else "", 0, "there is no file to read")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as bundle:
        for file in files:
            source = SourceFile.read(file)
            bundle.writestr(zipfile.ZipInfo(source.name, FIXED_TIME), source.data)
    data = buffer.getvalue()
    return SourceFile(_name_of(paths, names), data, hashlib.sha256(data).hexdigest())


def _files_of(path: Path) -> list[Path]:
    if path.is_dir():
        return [one for one in path.rglob("*") if one.is_file() and not one.name.startswith(".")]
    return [path]


def _name_of(paths: Sequence[Path], names: Sequence[str]) -> str:
    if len(paths) == 1:
        return paths[0].name
    more = f" and {len(names) - NAMED_IN_A_NAME} more" if len(names) > NAMED_IN_A_NAME else ""
    return ", ".join(names[:NAMED_IN_A_NAME])[:LONGEST_NAME] + more


def members(source: SourceFile) -> list[SourceFile]:
    """The texts and workbooks of what was given, by name; the file itself when it is no zip.

    A member is named "zip/member", so that a refusal says where it stands. Raises LoadError when the zip is
    damaged, holds no table, or unfolds beyond what a release can be.
    """
    if not source.data.startswith((ZIP, EMPTY_ZIP)) or is_workbook(source):
        return [source]
    found = list(_unfolded(source, 1, LARGEST))
    texts = {_stem(one.name) for one in found if one.name.lower().endswith(TEXTS)}
    kept = [one for one in found if one.name.lower().endswith(TEXTS) or _stem(one.name) not in texts]
    if not kept:
        raise LoadError(source.name, 0, "the zip holds no text (.txt, .csv) and no workbook (.xlsx)")
    return sorted(kept, key=lambda one: one.name.lower())


def only_member(source: SourceFile) -> SourceFile:
    """The one table of what was given. Raises LoadError, naming them, when there are several."""
    found = members(source)
    if len(found) > 1:
        names = ", ".join(PurePosixPath(one.name).name for one in found)
        raise LoadError(source.name, 0, f"it holds {len(found)} tables, where one is expected: {names}")
    return found[0]


def is_workbook(source: SourceFile) -> bool:
    """Whether the bytes are an Excel workbook."""
    if not source.data.startswith(ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            return WORKBOOK_MEMBER in archive.namelist()
    except zipfile.BadZipFile:
        return source.name.lower().endswith(WORKBOOKS)


def _unfolded(source: SourceFile, depth: int, room: int) -> Iterator[SourceFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if sum(info.file_size for info in infos) > room:
                raise LoadError(source.name, 0, f"the zip unfolds to more than {room // 1_000_000:,} MB")
            for info in infos:
                name = PurePosixPath(info.filename).name
                ending = PurePosixPath(name.lower()).suffix
                if name.startswith(("._", ".")) or NOT_DATA.search(name) or ending not in _ENDINGS:
                    continue
                data = archive.read(info)
                inner = SourceFile(f"{source.name}/{name}", data, hashlib.sha256(data).hexdigest())
                if ending != ".zip":
                    yield inner
                elif depth < DEEPEST:
                    yield from _unfolded(inner, depth + 1, room)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise LoadError(source.name, 0, f"the zip is damaged ({error})") from error
    except RuntimeError as error:
        raise LoadError(source.name, 0, f"the zip cannot be opened ({error})") from error


_ENDINGS = frozenset((*TEXTS, *WORKBOOKS, ".zip"))


def _stem(name: str) -> str:
    return str(PurePosixPath(name.lower()).with_suffix(""))


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets of a workbook. Raises LoadError when it is damaged."""

    source: SourceFile

    def rows(self) -> Iterator[Row]:
        """The rows of the first sheet that has any, cells as texts, empty ones as ""."""
        try:
            book = CalamineWorkbook.from_filelike(io.BytesIO(self.source.data))
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                if sheet.height:
                    first = (sheet.start or (0, 0))[0] + 1
                    for number, cells in enumerate(sheet.iter_rows(), first):
                        yield number, [_text(cell) for cell in cells]
                    return
        except (CalamineError, ValueError, OSError) as error:
            raise LoadError(self.source.name, 0, f"the workbook is damaged ({error})") from error


def _text(cell: object) -> str:
    """A cell as its publisher's text version has it: whole numbers without a decimal point, ISO dates."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def text_of(source: SourceFile) -> str:
    """The text of a file in UTF-8 or, as CMS writes its licence lines, Windows-1252; line ends as "\\n".

    Raises LoadError when the text holds bytes of neither.
    """
    try:
        text = source.data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = source.data.decode("cp1252")
        except UnicodeDecodeError as error:
            line = source.data.count(b"\n", 0, error.start) + 1
            raise LoadError(source.name, line, f"byte {error.start} is not text") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def refuse_unended(source: SourceFile, text: str) -> None:
    """Raise LoadError when the last line does not end: what was cut on its way mostly ends so."""
    if not text.endswith("\n"):
        raise LoadError(source.name, text.count("\n") + 1, "the last line does not end: the file looks cut")


def base_names(sources: Iterable[SourceFile]) -> list[str]:
    """The names of members without the zips around them."""
    return [PurePosixPath(one.name).name for one in sources]
