"""What the pages of the code book are given: prepared strings, no rows of the database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """Words, and where they lead; ``href`` empty: plain words."""

    words: str
    href: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One row of a list of codes; ``mark`` says what it is when it is no code to assign."""

    code: str
    title: str
    href: str
    mark: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class NoteGroup:
    """Notes of one kind from one place: ``heading`` "Excludes1", ``place`` "E11" (empty: the code itself)."""

    heading: str
    help: str
    place: str
    items: tuple[tuple[Link, ...], ...]


@dataclass(frozen=True, slots=True)
class GuidelineRow:
    """One note on the Official Guidelines."""

    section: str
    text: str


@dataclass(frozen=True, slots=True)
class BookPage:
    """A page of the code book: a system, a heading or a code, or what a search found.

    Attributes:
        on: the day as the form field holds it (ISO).
        way: links from the system down to the entry above this one.
        standing: one line: release and its days.
        shown: the code as people read it; empty on the page of a system.
        below_words: heading of the list.
        problem: said in place of a list, e.g. that no release is loaded.
    """

    system: str
    label: str
    href: str
    on: str
    on_words: str
    systems: tuple[Link, ...]
    way: tuple[Link, ...] = ()
    standing: str = ""
    shown: str = ""
    title: str = ""
    badges: tuple[tuple[str, str], ...] = ()
    days: str = ""
    notes: tuple[NoteGroup, ...] = ()
    notes_words: str = ""
    guidelines: tuple[GuidelineRow, ...] = ()
    guidelines_words: str = ""
    below_words: str = ""
    rows: tuple[EntryRow, ...] = ()
    previous_page_href: str = ""
    next_page_href: str = ""
    typed: str = ""
    problem: str = ""
