"""What a loader reads and what the search index is built from: one entry a code, in file order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class EntryKind(StrEnum):
    """Level of an entry in its classification, as the tabular list names them."""

    CHAPTER = "chapter"
    BLOCK = "block"
    CATEGORY = "category"
    SUBCATEGORY = "subcategory"
    EXTENSION = "extension"


class NoteKind(StrEnum):
    """Instructional notes of the ICD-10-CM tabular list (its section "Instructional Notations")."""

    INCLUSION_TERM = "inclusion_term"
    INCLUDES = "includes"
    EXCLUDES1 = "excludes1"
    EXCLUDES2 = "excludes2"
    CODE_FIRST = "code_first"
    USE_ADDITIONAL = "use_additional"
    CODE_ALSO = "code_also"
    SEVENTH_CHARACTER = "seventh_character"
    NOTES = "notes"


SEARCHED_KINDS = frozenset({EntryKind.CATEGORY, EntryKind.SUBCATEGORY, EntryKind.EXTENSION})


@dataclass(frozen=True, slots=True)
class Note:
    """One instructional note, in the words of the tabular list."""

    kind: NoteKind
    text: str


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One line of a classification.

    `code` is written without the dot (a block as "A00-A09", a chapter as its number); `parent` is the
    `code` of the entry above, None at the top. Only `billable` entries may stand on a claim. `valid_from` and
    `valid_to`: first and last day of the code itself, where its publisher dates codes one by one.
    """

    code: str
    title: str
    billable: bool
    kind: EntryKind
    parent: str | None = None
    notes: tuple[Note, ...] = field(default=())
    valid_from: date | None = None
    valid_to: date | None = None

    def texts(self, *kinds: NoteKind) -> tuple[str, ...]:
        """The texts of the notes of these kinds, in file order."""
        return tuple(note.text for note in self.notes if note.kind in kinds)


def with_dot(code: str) -> str:
    """An ICD-10-CM code as people read it: "E1122" -> "E11.22". Other text comes back unchanged."""
    if "." in code or "-" in code or len(code) <= 3 or not code[0].isalpha():
        return code
    return f"{code[:3]}.{code[3:]}"


def shown_code(system: str, code: str) -> str:
    """A stored code as people of its system read it: only ICD-10-CM is written with a dot."""
    return with_dot(code) if system == "ICD-10-CM" else code


def without_dot(code: str) -> str:
    """A typed code as it is stored: "e11.22 " -> "E1122"."""
    return code.strip().replace(".", "").upper()
