"""What the pages of exports are given: prepared strings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One file."""

    href: str
    title: str
    state: str
    tone: str
    asked: str
    until: str
    size: str


@dataclass(frozen=True, slots=True)
class ExportList:
    """``/c/<client>/exports/``"""

    rows: tuple[ExportRow, ...]
    previous_page_href: str = ""
    next_page_href: str = ""


@dataclass(frozen=True, slots=True)
class ExportPage:
    """``/c/<client>/exports/<file>/``.  ``is_pending``: the page asks again by itself."""

    href: str
    list_href: str
    title: str
    state: str
    tone: str
    is_pending: bool
    done: int
    total: int
    words: str
    failure: str
    download_href: str
    facts: tuple[tuple[str, str], ...]
