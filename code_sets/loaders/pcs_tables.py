"""The ICD-10-PCS tables: CMS's XML (icd10pcs_tables_YYYY.xml), or the same as a JSON list of tables.

XML: <pcsTable> holds <axis pos="1"> to <axis pos="3"> with one <label code="0"> each (the third with a
<definition>), then rows <pcsRow codes="33"> with the axes 4 to 7. `codes` counts the codes of the row and
`values` the labels of an axis, so that a damaged file is found out.

JSON: [{"table": "001", "section", "body_system", "operation", "definition", "rows": [{"Body Part|4": {"6":
"Cerebral Ventricle"}, …}]}]; a label may be null where its publisher does not give it.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from math import prod
from pathlib import PurePosixPath
from typing import Any
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.loaders.icd10cm import APRIL_IN_NAME, published_period
from code_sets.loaders.tables import ParsedTable
from code_sets.rules.pcs_table import HEAD, LENGTH, Labels, PcsTable, Row, build_pcs

SYSTEM = "ICD-10-PCS-TABLES"
ROOT = "ICD10PCS.tabular"
ZIP = b"PK\x03\x04"
MEMBER = re.compile(r"pcs_?tables[^/]*\.(?:xml|json)$", re.IGNORECASE)
#: Bytes; CMS's tables are a tenth of it, a zip made to fill the memory is not.
LARGEST = 60_000_000
VALUE = re.compile(r"[0-9A-HJ-NP-Z]")
PREFIX = re.compile(r"[0-9A-HJ-NP-Z]{3}")
AXIS = re.compile(r"(?P<name>.+)\|(?P<position>[4-7])")
YEAR_IN_NAME = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
#: The JSON form does not name the first three axes. Source: CMS, ICD-10-PCS Reference Manual, chapter 1.
FIRST_NAMES = ("Section", "Body System", "Operation")


def load(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
    """Read the tables of a release. `release`: "2027", or "2027-04" for an update of April; None: as the file
    says. Raises LoadError, with the line where there is one, for anything but whole tables."""
    progress("reading", 0, 0)
    source = _unzipped(source)
    head = source.data[:400].lstrip(b"\xef\xbb\xbf \r\n")
    version, tables = _xml(source) if head.startswith(b"<") else ("", _json(source))
    name = release or _release_of(source.name, version)
    if name is None:
        raise LoadError(source.name, 0, "neither the file nor its name says the release; give --release 2027")
    if version and not name.startswith(version):
        raise LoadError(source.name, 0, f"these are tables of {version}, not of release {name}")
    first, last = published_period(name)
    _refuse_double_tables(source, tables)
    tables = _with_known_heads(tables)
    codes = {code for table in tables for code in table.codes()}
    if not codes:
        raise LoadError(source.name, 0, "the file holds no table")
    data = build_pcs(tables, {"system": SYSTEM, "release": name})
    title = f"ICD-10-PCS tables {name}"
    return ParsedTable(SYSTEM, name, title, first, last, len(codes), data, note=_note(tables))


def _unzipped(source: SourceFile) -> SourceFile:
    """The tables in CMS's zip, which also holds schemas, the index and the definitions."""
    if not source.data.startswith(ZIP):
        return source
    try:
        with zipfile.ZipFile(BytesIO(source.data)) as archive:
            found = [one for one in archive.infolist() if MEMBER.search(one.filename)]
            if len(found) != 1:
                said = f"the zip holds {len(found)} files of tables (icd10pcs_tables_2027.xml), not one"
                raise LoadError(source.name, 0, said)
            if found[0].file_size > LARGEST:
                raise LoadError(source.name, 0, f"the tables unfold to more than {LARGEST // 1_000_000} MB")
            data = archive.read(found[0])
    except (zipfile.BadZipFile, zlib.error) as error:
        raise LoadError(source.name, 0, f"the zip is cut or damaged ({error})") from error
    return SourceFile(PurePosixPath(found[0].filename).name, data, source.sha256)


def _release_of(file_name: str, version: str) -> str | None:
    year = version or next(iter(YEAR_IN_NAME.findall(file_name)), "")
    return (f"{year}-04" if APRIL_IN_NAME.search(file_name) else year) or None


def _refuse_double_tables(source: SourceFile, tables: Sequence[PcsTable]) -> None:
    seen: set[str] = set()
    for table in tables:
        if table.prefix in seen:
            raise LoadError(source.name, 0, f"table {table.prefix} is given twice")
        seen.add(table.prefix)


def _note(tables: Iterable[PcsTable]) -> str:
    bare = sum(
        label is None for table in tables for row in table.rows for axis in row for label in axis.values()
    )
    if not bare:
        return ""
    return "One value comes without its label." if bare == 1 else f"{bare} values come without their label."


def _with_known_heads(tables: Sequence[PcsTable]) -> list[PcsTable]:
    """A table that names its section, body system or operation by the character alone is given the words that
    every other table of the section (and system) has for it; none where they differ."""
    known: dict[tuple[int, str], set[str]] = {}
    meanings: dict[str, set[str]] = {}
    for table in tables:
        for key, label in zip(_keys(table.prefix), table.heads, strict=True):
            known.setdefault(key, set()).update([label] if label else [])
        meanings.setdefault(_keys(table.prefix)[2][1], set()).update([table.definition or ""])
    completed = []
    for table in tables:
        section, system, operation = (
            label or _only(known[key]) for key, label in zip(_keys(table.prefix), table.heads, strict=True)
        )
        definition = table.definition or _only(meanings[_keys(table.prefix)[2][1]] - {""})
        completed.append(replace(table, heads=(section, system, operation), definition=definition))
    return completed


def _keys(prefix: str) -> tuple[tuple[int, str], tuple[int, str], tuple[int, str]]:
    """What decides the meaning of the three characters: an operation means the same in all of its section."""
    return (1, prefix[0]), (2, prefix[:2]), (3, prefix[0] + prefix[2])


def _only(labels: set[str]) -> str | None:
    return next(iter(labels)) if len(labels) == 1 else None


# --- JSON -------------------------------------------------------------------------------------------------


def _json(source: SourceFile) -> list[PcsTable]:
    try:
        listed = json.loads(source.data)
    except ValueError as error:
        line = getattr(error, "lineno", 0)
        raise LoadError(
            source.name, line, "this is neither XML nor whole JSON of ICD-10-PCS tables"
        ) from error
    if not isinstance(listed, list):
        raise LoadError(source.name, 1, "this is not a list of ICD-10-PCS tables")
    return [_json_table(source, one) for one in listed]


def _json_table(source: SourceFile, given: Any) -> PcsTable:
    prefix = given.get("table") if isinstance(given, dict) else None
    if not isinstance(prefix, str) or PREFIX.fullmatch(prefix) is None:
        raise LoadError(source.name, 0, f"{prefix!r} is not the three characters of a table")
    rows = given.get("rows")
    if not isinstance(rows, list) or not rows:
        raise LoadError(source.name, 0, f"table {prefix} has no rows")
    read = [_json_row(source, prefix, row) for row in rows]
    heads = (_text(given, "section"), _text(given, "body_system"), _text(given, "operation"))
    names = (*FIRST_NAMES, *read[0][0])
    return PcsTable(prefix, names, heads, _text(given, "definition"), tuple(row for _, row in read))


def _json_row(source: SourceFile, prefix: str, given: Any) -> tuple[tuple[str, ...], Row]:
    axes: dict[int, tuple[str, Labels]] = {}
    for key, labels in given.items() if isinstance(given, dict) else ():
        match = AXIS.fullmatch(key)
        if match is None or not isinstance(labels, dict) or not labels:
            raise LoadError(source.name, 0, f'table {prefix}: {key!r} is not an axis such as "Body Part|4"')
        axes[int(match["position"])] = match["name"], labels
    return _row(source, 0, prefix, axes)


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    return value if isinstance(value, str) and value else None


def _row(
    source: SourceFile, line: int, prefix: str, axes: Mapping[int, tuple[str, Labels]]
) -> tuple[tuple[str, ...], Row]:
    if sorted(axes) != list(range(HEAD + 1, LENGTH + 1)):
        raise LoadError(source.name, line, f"table {prefix}: a row does not have the axes 4 to 7")
    for _, labels in axes.values():
        wrong = [value for value in labels if VALUE.fullmatch(value) is None]
        if wrong:
            raise LoadError(source.name, line, f"table {prefix}: {wrong[0]!r} is not a value of ICD-10-PCS")
    (four, fourth), (five, fifth), (six, sixth), (seven, seventh) = (axes[at] for at in sorted(axes))
    return (four, five, six, seven), (fourth, fifth, sixth, seventh)


# --- XML --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Axis:
    position: int
    values: int | None
    title: str = ""
    labels: dict[str, str | None] = field(default_factory=dict)
    definition: str = ""


class _TablesHandler(ContentHandler):
    """Builds the tables while the XML is read, and knows at which line it is."""

    def __init__(self, source: SourceFile) -> None:
        super().__init__()
        self.source = source
        self.version = ""
        self.tables: list[PcsTable] = []
        self._path: list[str] = []
        self._text: list[str] = []
        self._code = ""
        self._axis: _Axis | None = None
        self._head: dict[int, _Axis] = {}
        self._rows: list[tuple[tuple[str, ...], Row]] = []
        self._row: dict[int, _Axis] | None = None
        self._codes: int | None = None
        self._locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - the name is SAX's
        self._locator = locator

    @property
    def line(self) -> int:
        return (self._locator.getLineNumber() or 0) if self._locator else 0

    def refuse(self, reason: str) -> LoadError:
        return LoadError(self.source.name, self.line, reason)

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        if not self._path and name != ROOT:
            raise self.refuse(f"these are not ICD-10-PCS tables: the file begins with <{name}>, not <{ROOT}>")
        self._path.append(name)
        self._text = []
        if name == "pcsTable":
            self._head, self._rows = {}, []
        elif name == "pcsRow":
            self._row, self._codes = {}, self._count(attrs, "codes")
        elif name == "axis":
            position = attrs.get("pos", "")
            if position not in ("1", "2", "3", "4", "5", "6", "7"):
                raise self.refuse(f"an axis at position {position!r}, where there are 1 to {LENGTH}")
            self._axis = _Axis(int(position), self._count(attrs, "values"))
        elif name == "label":
            self._code = attrs.get("code", "")

    def _count(self, attrs: AttributesImpl, name: str) -> int | None:
        text = attrs.get(name, "")
        return int(text) if text.isdecimal() else None

    def characters(self, content: str) -> None:
        self._text.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        self._path.pop()
        text = " ".join("".join(self._text).split())
        self._text = []
        outer = self._path[-1] if self._path else ""
        if name == "version" and outer == ROOT:
            self.version = text
        elif name == "pcsTable":
            self._close_table()
        elif name == "pcsRow":
            self._close_row()
        elif self._axis is not None:
            self._close_part(name, text)

    def _close_part(self, name: str, text: str) -> None:
        axis = self._axis
        assert axis is not None
        if name == "title":
            axis.title = text
        elif name == "definition":
            axis.definition = text
        elif name == "label":
            if self._code in axis.labels:
                raise self.refuse(f"{self._code} is given twice on one axis")
            axis.labels[self._code] = text
        elif name == "axis":
            if axis.values is not None and axis.values != len(axis.labels):
                raise self.refuse(f"{len(axis.labels)} values, where the axis announces {axis.values}")
            (self._head if self._row is None else self._row)[axis.position] = axis
            self._axis = None

    def _close_row(self) -> None:
        axes = self._row or {}
        self._row = None
        read = {at: (axis.title or f"Axis {at}", axis.labels) for at, axis in axes.items()}
        self._rows.append(_row(self.source, self.line, self._prefix(), read))
        count = prod(len(axis.labels) for axis in axes.values())
        if self._codes is not None and count != self._codes:
            raise self.refuse(f"the row makes {count} codes, where it announces {self._codes}")

    def _prefix(self) -> str:
        return "".join("".join(self._head[at].labels) for at in sorted(self._head))

    def _close_table(self) -> None:
        prefix = self._prefix()
        if PREFIX.fullmatch(prefix) is None or sorted(self._head) != [1, 2, 3]:
            raise self.refuse(f"{prefix!r} is not the three characters of a table")
        if not self._rows:
            raise self.refuse(f"table {prefix} has no rows")
        heads = [self._head[at] for at in (1, 2, 3)]
        section, system, operation = (one.labels[value] for one, value in zip(heads, prefix, strict=True))
        first = tuple(one.title or name for one, name in zip(heads, FIRST_NAMES, strict=True))
        self.tables.append(
            PcsTable(
                prefix,
                (*first, *self._rows[0][0]),
                (section, system, operation),
                heads[2].definition or None,
                tuple(row for _, row in self._rows),
            )
        )


def _xml(source: SourceFile) -> tuple[str, list[PcsTable]]:
    handler = _TablesHandler(source)
    parser = defusedxml.sax.make_parser()
    parser.setContentHandler(handler)
    try:
        parser.parse(BytesIO(source.data))
    except SAXParseException as error:
        reason = f"the XML is cut or damaged here ({error.getMessage()})"
        raise LoadError(source.name, error.getLineNumber() or 0, reason) from error
    except DefusedXmlException as error:
        raise LoadError(source.name, 0, f"the XML holds what tables never do ({error})") from error
    return handler.version, handler.tables
