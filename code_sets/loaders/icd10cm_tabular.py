"""The ICD-10-CM tabular list in XML, as CDC/NCHS publishes it (icd10cm-tabular-….xml).

The list names a code with a seventh character once, without it, and says below which heading which seventh
characters apply, and which a special rule takes away. CMS's list of valid codes has the last word: where it
comes with the file, only what it confirms is kept, and every code that it names must have been found.
"""

from __future__ import annotations

import re
import xml.sax
import xml.sax.handler
from dataclasses import dataclass, field
from io import BytesIO
from xml.sax.xmlreader import AttributesImpl, Locator

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.rules.entries import CodeEntry, EntryKind, Note, NoteKind

ROOT = "ICD10CM.tabular"
CODE = re.compile(r"[A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?")
NOTE_TAGS = {
    "inclusionTerm": NoteKind.INCLUSION_TERM,
    "includes": NoteKind.INCLUDES,
    "excludes1": NoteKind.EXCLUDES1,
    "excludes2": NoteKind.EXCLUDES2,
    "codeFirst": NoteKind.CODE_FIRST,
    "useAdditionalCode": NoteKind.USE_ADDITIONAL,
    "codeAlso": NoteKind.CODE_ALSO,
    "sevenChrNote": NoteKind.SEVENTH_CHARACTER,
    "notes": NoteKind.NOTES,
}
NOT_APPLICABLE = re.compile(
    r"7th characters? (?P<characters>[A-Z](?:(?:, | and |, and )[A-Z])*) do(?:es)? not apply to codes in "
    r"category (?P<category>[A-Z0-9]{3}) with 6th character (?P<sixth>.+)"
)
NODE_TAGS = ("chapter", "section", "diag")


@dataclass(slots=True)
class Extension:
    """A seventh character: its words, and other names for the same thing given below it."""

    text: str
    terms: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Node:
    """One element of the list while it is read."""

    tag: str
    line: int
    code: str = ""
    title: str = ""
    notes: list[Note] = field(default_factory=list)
    extensions: dict[str, Extension] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)


class TabularHandler(xml.sax.handler.ContentHandler):
    """Builds the tree of nodes, and knows at which line each of them stands."""

    def __init__(self, file_name: str) -> None:
        super().__init__()
        self.file_name = file_name
        self.version = ""
        self.chapters: list[Node] = []
        self.announced: dict[str, int] = {}
        self._open: list[Node] = []
        self._path: list[str] = []
        self._text: list[str] = []
        self._extension = ""
        self._locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - the name is SAX's
        self._locator = locator

    @property
    def line(self) -> int:
        """The line that is being read."""
        return (self._locator.getLineNumber() or 0) if self._locator else 0

    def refuse(self, reason: str, line: int | None = None) -> LoadError:
        return LoadError(self.file_name, self.line if line is None else line, reason)

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        if not self._path and name != ROOT:
            raise self.refuse(f"this is not an ICD-10-CM tabular list: it begins with <{name}>, not <{ROOT}>")
        self._path.append(name)
        self._text = []
        if name in NODE_TAGS:
            node = Node(name, self.line)
            if name == "section":
                block = attrs.get("id", "")
                node.code = block if "-" in block else f"{block}-{block}"
            (self._open[-1].children if self._open else self.chapters).append(node)
            self._open.append(node)
        elif name == "sectionRef":
            block = attrs.get("id", "")
            self.announced[block if "-" in block else f"{block}-{block}"] = self.line
        elif name == "extension":
            self._extension = attrs.get("char", "")

    def characters(self, content: str) -> None:
        self._text.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        self._path.pop()
        text = " ".join("".join(self._text).split())
        self._text = []
        outer = self._path[-1] if self._path else ""
        if name in NODE_TAGS:
            self._close_node()
        elif name == "version" and outer == ROOT:
            self.version = text
        elif self._open:
            self._take(name, outer, text)

    def _take(self, name: str, outer: str, text: str) -> None:
        node = self._open[-1]
        if name == "name" and outer in NODE_TAGS:
            node.code = text
        elif name == "desc" and outer in NODE_TAGS:
            node.title = text
        elif name == "extension":
            node.extensions[self._extension] = Extension(text)
        elif name == "note" and outer == "sevenChrDef" and self._extension in node.extensions:
            node.extensions[self._extension].terms.append(text)
        elif name == "note" and outer in NOTE_TAGS and text:
            node.notes.append(Note(NOTE_TAGS[outer], text))

    def _close_node(self) -> None:
        node = self._open.pop()
        if not node.title:
            raise self.refuse(f"{node.code or 'an entry'} has no title", node.line)
        if node.tag == "diag" and not CODE.fullmatch(node.code):
            raise self.refuse(f"{node.code!r} does not have the form of an ICD-10-CM code", node.line)


def read_tree(source: SourceFile) -> TabularHandler:
    """Parse the XML into its tree. Raises LoadError with the line of what is wrong."""
    handler = TabularHandler(source.name)
    parser = defusedxml.sax.make_parser()
    parser.setContentHandler(handler)
    try:
        parser.parse(BytesIO(source.data))
    except xml.sax.SAXParseException as error:
        reason = f"the XML is cut or damaged here ({error.getMessage()})"
        raise LoadError(source.name, error.getLineNumber() or 0, reason) from error
    except DefusedXmlException as error:
        raise LoadError(source.name, 0, f"the XML holds what a tabular list never does ({error})") from error
    return handler


def tabular_entries(
    source: SourceFile, confirmed: frozenset[str] | None, progress: Progress
) -> tuple[str, tuple[CodeEntry, ...]]:
    """The version a tabular list names, and its entries in file order.

    `confirmed`: CMS's codes of the same release without dots, headers included; None where none came along.
    Raises LoadError for anything that is not one whole list.
    """
    progress("reading", 0, 0)
    handler = read_tree(source)
    present = {node.code for chapter in handler.chapters for node in chapter.children}
    for block, line in handler.announced.items():
        if block not in present:
            raise LoadError(source.name, line, f"block {block} is announced here and missing from the file")
    writer = EntryWriter(source.name, confirmed)
    for number, chapter in enumerate(handler.chapters, 1):
        writer.write(chapter, None, {})
        progress("expanding", number, len(handler.chapters))
    if not any(entry.billable for entry in writer.entries):
        raise LoadError(source.name, 0, "the file holds no code")
    missing = sorted((confirmed or frozenset()) - writer.lines.keys())
    if missing:
        shown = ", ".join(missing[:5])
        raise LoadError(source.name, 0, f"{len(missing)} confirmed codes are not in the list: {shown}")
    return handler.version, tuple(writer.entries)


class EntryWriter:
    """Turns nodes into entries: seventh characters expanded, parents and doubles checked."""

    def __init__(self, file_name: str, confirmed: frozenset[str] | None) -> None:
        self.file_name = file_name
        self.confirmed = confirmed
        self.entries: list[CodeEntry] = []
        self.lines: dict[str, int] = {}
        self._not_applicable: set[tuple[str, str, str]] = set()

    def write(self, node: Node, parent: str | None, inherited: dict[str, Extension]) -> None:
        """Write a node and all below it; `inherited`: the seventh characters said further up."""
        code = node.code.replace(".", "") if node.tag == "diag" else node.code
        self._check(code, node, parent)
        self._learn(node)
        extensions = node.extensions or inherited
        kind = _kind(node, code)
        codes = (
            []
            if node.children or kind in (EntryKind.CHAPTER, EntryKind.BLOCK)
            else self._extended(code, node, extensions)
        )
        leaf = not node.children and not codes
        billable = leaf and kind not in (EntryKind.CHAPTER, EntryKind.BLOCK)
        self._append(CodeEntry(code, node.title, billable, kind, parent, tuple(node.notes)), node.line)
        for entry in codes:
            self._append(entry, node.line)
        for child in node.children:
            self.write(child, code, extensions)

    def _check(self, code: str, node: Node, parent: str | None) -> None:
        if node.tag != "diag":
            return
        if len(code) > 3 and (parent is None or not code.startswith(parent)):
            raise LoadError(
                self.file_name, node.line, f"{node.code} stands under {parent}, where it cannot be"
            )

    def _append(self, entry: CodeEntry, line: int) -> None:
        first = self.lines.get(entry.code)
        if first is not None:
            raise LoadError(self.file_name, line, f"{entry.code} is given twice, first at line {first}")
        self.lines[entry.code] = line
        self.entries.append(entry)

    def _extended(self, code: str, node: Node, extensions: dict[str, Extension]) -> list[CodeEntry]:
        """The codes made of `code` by its seventh characters; the placeholder X fills what is short."""
        base = code.ljust(6, "X")
        found = []
        for character, extension in extensions.items():
            full = base + character
            if self._applies(full):
                title = f"{node.title}, {extension.text}"
                notes = tuple(
                    Note(NoteKind.INCLUSION_TERM, f"{node.title}, {term}") for term in extension.terms
                )
                found.append(CodeEntry(full, title, True, EntryKind.EXTENSION, code, notes))
        return found

    def _learn(self, node: Node) -> None:
        """Keep what a note takes away, e.g. D and S of S06 where the sixth character tells of death."""
        for note in node.notes:
            for found in NOT_APPLICABLE.finditer(note.text):
                for sixth in re.findall(r"\b([0-9A-Z]) - ", found["sixth"]):
                    for seventh in re.findall(r"[A-Z]", found["characters"].replace("and", "")):
                        self._not_applicable.add((found["category"], sixth, seventh))

    def _applies(self, code: str) -> bool:
        if self.confirmed is not None:
            return code in self.confirmed
        return (code[:3], code[5], code[6]) not in self._not_applicable


def _kind(node: Node, code: str) -> EntryKind:
    if node.tag == "chapter":
        return EntryKind.CHAPTER
    if node.tag == "section":
        return EntryKind.BLOCK
    return EntryKind.CATEGORY if len(code) == 3 else EntryKind.SUBCATEGORY
