"""The index of ICD-10-PCS (icd10pcs_index_YYYY.xml of CMS, or the same as a JSON list of terms).

Titles of ICD-10-PCS say "Resection of Appendix"; the index says that an appendectomy is that, and that an
acetabular cup is a liner. A term with "see" or "use" becomes an alias, one with a code its name.

JSON: [{"title", "refs": [["see" | "use" | "code" | "codes" | "tab", text]], "terms": […]}].
"""

from __future__ import annotations

import json
import xml.sax
import xml.sax.handler
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from xml.sax.xmlreader import AttributesImpl, Locator

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.loaders.icd10cm import published_period, release_of
from code_sets.loaders.tables import ParsedTable
from code_sets.rules.forms import ICD10PCS
from code_sets.rules.synonyms import Alias, alias, pack_synonyms

SYSTEM = "ICD-10-PCS-INDEX"
ROOT = "ICD10PCS.index"
TERMS = ("mainTerm", "term")
WAYS = ("see", "use", "code", "codes", "tab")


@dataclass(slots=True)
class Term:
    """One entry: its title ("" where it only adds a way), its ways, and the entries below it."""

    title: str = ""
    ways: list[tuple[str, str]] = field(default_factory=list)
    children: list[Term] = field(default_factory=list)


class IndexHandler(xml.sax.handler.ContentHandler):
    """Builds the terms, and knows the line."""

    def __init__(self, file_name: str) -> None:
        super().__init__()
        self.file_name = file_name
        self.version = ""
        self.terms: list[Term] = []
        self._open: list[Term] = []
        self._path: list[str] = []
        self._texts: list[list[str]] = []
        self._locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - the name is SAX's
        self._locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        if not self._path and name != ROOT:
            line = (self._locator.getLineNumber() or 0) if self._locator else 0
            raise LoadError(
                self.file_name, line, f"this is not the index of ICD-10-PCS: it begins with <{name}>"
            )
        if name in TERMS:
            term = Term()
            (self._open[-1].children if self._open else self.terms).append(term)
            self._open.append(term)
        self._path.append(name)
        self._texts.append([])

    def characters(self, content: str) -> None:
        if self._texts:
            self._texts[-1].append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        self._path.pop()
        text = " ".join("".join(self._texts.pop()).split())
        if name in TERMS:
            self._open.pop()
        elif name == "version" and not self._open:
            self.version = text
        elif self._open and name == "title":
            self._open[-1].title = text
        elif self._open and name in WAYS and text:
            self._open[-1].ways.append((name, text))


def load(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
    """Read the index of a release. Raises LoadError, with the line where there is one."""
    progress("reading", 0, 0)
    version, terms = _read(source)
    name = release or release_of(source.name, version)
    if name is None:
        raise LoadError(source.name, 0, "neither the file nor its name says the release; give --release 2027")
    if version and not name.startswith(version):
        raise LoadError(source.name, 0, f"this is an index of {version}, not of release {name}")
    names: dict[str, dict[str, None]] = {}
    aliases: dict[Alias, None] = {}
    for path, term in (found for one in terms for found in _walk(one, ())):
        for way, text in term.ways:
            if way in ("see", "use") and (found := alias(" ".join(path), said_by(way, text))):
                aliases[found] = None
            elif way == "code" and ICD10PCS.fullmatch(text):
                names.setdefault(text, {})[" ".join(path)] = None
    if not names and not aliases:
        raise LoadError(source.name, 0, "the file holds no term")
    first, last = published_period(name)
    rows = sum(map(len, names.values())) + len(aliases)
    data = pack_synonyms({code: list(found) for code, found in names.items()}, list(aliases))
    return ParsedTable(SYSTEM, name, f"ICD-10-PCS index {name}", first, last, rows, data)


def said_by(way: str, text: str) -> str:
    """What titles say: of "Replacement, Lower Joints" (a whole body system) only the operation is in them."""
    operation, _, part = text.partition(",")
    return operation if way == "see" and part.strip() in BODY_SYSTEMS else text


BODY_SYSTEMS = frozenset(
    {"Upper Joints", "Lower Joints", "Upper Bones", "Lower Bones", "Upper Arteries", "Lower Arteries",
     "Upper Veins", "Lower Veins", "Muscles", "Tendons", "Bursae and Ligaments", "Skin and Breast",
     "Subcutaneous Tissue and Fascia", "Head and Facial Bones", "Heart and Great Vessels", "Eye",
     "Ear, Nose, Sinus", "Respiratory System", "Mouth and Throat", "Gastrointestinal System",
     "Hepatobiliary System and Pancreas", "Endocrine System", "Urinary System", "Female Reproductive System",
     "Male Reproductive System", "Lymphatic and Hemic Systems", "Peripheral Nervous System",
     "Central Nervous System and Cranial Nerves", "Anatomical Regions, General",
     "Anatomical Regions, Upper Extremities", "Anatomical Regions, Lower Extremities"}
)  # fmt: skip


def _read(source: SourceFile) -> tuple[str, list[Term]]:
    if not source.data.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<"):
        return "", _json(source)
    handler = IndexHandler(source.name)
    parser = defusedxml.sax.make_parser()
    parser.setContentHandler(handler)
    try:
        parser.parse(BytesIO(source.data))
    except xml.sax.SAXParseException as error:
        reason = f"the XML is cut or damaged here ({error.getMessage()})"
        raise LoadError(source.name, error.getLineNumber() or 0, reason) from error
    except DefusedXmlException as error:
        raise LoadError(source.name, 0, f"the XML holds what an index never does ({error})") from error
    return handler.version, handler.terms


def _json(source: SourceFile) -> list[Term]:
    try:
        rows = json.loads(source.data)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        line = getattr(error, "lineno", 0)
        raise LoadError(source.name, line, f"the JSON is cut or damaged ({error})") from error
    if not isinstance(rows, list):
        raise LoadError(source.name, 1, "this is not a list of terms")
    return [_term(source, row) for row in rows]


def _term(source: SourceFile, row: Any) -> Term:
    if not isinstance(row, Mapping) or not isinstance(row.get("title") or "", str):
        raise LoadError(source.name, 0, "an entry is not an object with a title")
    ways = [(str(way), str(text)) for way, text in row.get("refs", ()) if way in WAYS]
    return Term(row.get("title") or "", ways, [_term(source, one) for one in row.get("terms", ())])


def _walk(term: Term, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Term]]:
    path = (*above, term.title) if term.title else above
    yield path, term
    for child in term.children:
        yield from _walk(child, path)
