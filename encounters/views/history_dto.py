"""What the templates of a chart's story are given: its timeline, and two versions side by side."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.web.choices import Choice
from encounters.views.dto import Banner


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One sentence of the timeline."""

    at: str
    iso: str
    who: str
    sentence: str
    reason: str = ""
    facts: tuple[str, ...] = ()
    icon: str = "history"
    href: str = ""


@dataclass(frozen=True, slots=True)
class HistoryDay:
    """Entries of one day, newest first."""

    day: str
    entries: tuple[HistoryEntry, ...]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """The encounter's story."""

    banner: Banner
    chart_href: str
    days: tuple[HistoryDay, ...]
    revisions: tuple[Choice, ...]
    compare_href: str = ""


@dataclass(frozen=True, slots=True)
class CompareRow:
    """One code in two versions.  ``change``: ``same``, ``added``, ``removed`` or ``changed``."""

    kind: str
    change: str
    before: str
    after: str
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Two versions of the code set side by side."""

    banner: Banner
    chart_href: str
    history_href: str
    before: tuple[Choice, ...]
    after: tuple[Choice, ...]
    before_facts: str
    after_facts: str
    rows: tuple[CompareRow, ...]
    summary: str
