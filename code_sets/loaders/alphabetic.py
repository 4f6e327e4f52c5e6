"""The alphabetical indexes of ICD-10-CM in XML, as CDC/NCHS ships them beside the tabular list.

Diseases and injuries, external causes, the table of neoplasms, the table of drugs and chemicals: each entry
that leads to a code becomes a further name of that code. "see" is followed where it names another entry.
"""

from __future__ import annotations

import re
import xml.sax
import xml.sax.handler
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from xml.sax.xmlreader import AttributesImpl, Locator

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.loaders.icd10cm import published_period, release_of
from code_sets.loaders.parts import table_in
from code_sets.loaders.tables import ParsedTable, TableLoader
from code_sets.rules.synonyms import pack_synonyms

ROOT = "ICD10CM.index"
TITLES = {
    "ICD-10-CM-INDEX": "ICD-10-CM index to diseases and injuries",
    "ICD-10-CM-EINDEX": "ICD-10-CM index to external causes",
    "ICD-10-CM-NEOPLASM": "ICD-10-CM table of neoplasms",
    "ICD-10-CM-DRUG": "ICD-10-CM table of drugs and chemicals",
}
CODE = re.compile(r"(?P<code>[A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?)[-.]*")
IN_BRACKETS = re.compile(r"\([^()]*\)")
TERMS = ("mainTerm", "term")


@dataclass(slots=True)
class Term:
    """One entry while the index is read; `line` is where it begins."""

    line: int
    title: str = ""
    codes: list[tuple[str, str]] = field(default_factory=list)
    """Code, and the words of the column it stands in ("" in an index without columns)."""
    see: str = ""
    children: list[Term] = field(default_factory=list)


class IndexHandler(xml.sax.handler.ContentHandler):
    """Builds the entries, and refuses what is no index."""

    def __init__(self, file_name: str) -> None:
        super().__init__()
        self.file_name = file_name
        self.version = ""
        self.terms: list[Term] = []
        self.columns: dict[str, str] = {}
        self._open: list[Term] = []
        self._path: list[str] = []
        self._texts: list[list[str]] = []
        self._column = ""
        self._locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - the name is SAX's
        self._locator = locator

    @property
    def line(self) -> int:
        """The line that is being read."""
        return (self._locator.getLineNumber() or 0) if self._locator else 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        if not self._path and name != ROOT:
            raise LoadError(self.file_name, self.line, f"this is not an index: it begins with <{name}>")
        if name in TERMS:
            term = Term(self.line)
            (self._open[-1].children if self._open else self.terms).append(term)
            self._open.append(term)
        if name in ("head", "cell"):
            self._column = attrs.get("col", "")
        self._path.append(name)
        self._texts.append([])

    def characters(self, content: str) -> None:
        if self._texts:
            self._texts[-1].append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        self._path.pop()
        text = " ".join("".join(self._texts.pop()).split())
        outer = self._path[-1] if self._path else ""
        if name == "nemod" and self._texts:
            # Non-essential words stay in the title, in the brackets they were printed in.
            self._texts[-1].append(f" {text} ")
        elif name == "version" and outer == ROOT:
            self.version = text
        elif name == "head":
            self.columns[self._column] = text
        elif name in TERMS:
            self._close(name)
        elif self._open:
            self._take(name, outer, text)

    def _take(self, name: str, outer: str, text: str) -> None:
        term = self._open[-1]
        if name == "title" and outer in TERMS:
            term.title = text
        elif name == "see":
            term.see = text
        elif name in ("code", "cell") and (match := CODE.fullmatch(text)):
            column = IN_BRACKETS.sub("", self.columns.get(self._column, "")) if name == "cell" else ""
            term.codes.append((match["code"].replace(".", ""), column.strip()))
        elif name == "code":
            raise LoadError(self.file_name, self.line, f"{text!r} does not have the form of a code")

    def _close(self, name: str) -> None:
        term = self._open.pop()
        if not term.title:
            raise LoadError(self.file_name, term.line, f"an entry (<{name}>) has no title")


def index_loader(system: str) -> TableLoader:
    """The loader of one of the indexes."""

    def load(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
        if table_in("ICD-10-CM", source) != system:
            raise LoadError(source.name, 1, f"this is not the {TITLES[system]} in XML")
        progress("reading", 0, 0)
        handler = read_index(source)
        name = release or release_of(source.name, handler.version)
        if name is None:
            raise LoadError(
                source.name, 0, "neither the file nor its name says the release; give --release 2027"
            )
        if handler.version and not name.startswith(handler.version):
            raise LoadError(source.name, 0, f"this is an index of {handler.version}, not of release {name}")
        names = names_of(handler.terms)
        if not names:
            raise LoadError(source.name, 0, "the file holds no entry with a code")
        first, last = published_period(name)
        rows = sum(map(len, names.values()))
        return ParsedTable(system, name, f"{TITLES[system]} {name}", first, last, rows, pack_synonyms(names))

    return load


def read_index(source: SourceFile) -> IndexHandler:
    """Parse the XML into its entries. Raises LoadError with the line of what is wrong."""
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
    return handler


def names_of(terms: list[Term]) -> dict[str, list[str]]:
    """The names of each code: the titles on the way to it, and the columns of the tables."""
    walked = [(path, term) for one in terms for path, term in _walk(one, ())]
    led = {_key(", ".join(path)): term.codes for path, term in walked if term.codes}
    names: dict[str, dict[str, None]] = {}
    for path, term in walked:
        codes = term.codes or led.get(_key(term.see), [])
        for code, column in codes:
            names.setdefault(code, {})[" ".join((*path, column)).strip()] = None
    return {code: list(found) for code, found in names.items()}


def _walk(term: Term, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Term]]:
    path = (*above, term.title)
    yield path, term
    for child in term.children:
        yield from _walk(child, path)


def _key(words: str) -> str:
    """An entry as "see" names it: "Accident, transport, car occupant"."""
    plain = IN_BRACKETS.sub(" ", words.lower()).replace(",", " ")
    return " ".join(plain.removesuffix(" nec").split())
