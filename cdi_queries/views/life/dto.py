"""What the pages of queues, lists and trails are given: prepared strings, addresses too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class QueryRow:
    """One query of a list.  ``due`` is the time left, ``due_tone`` ``bad`` when it is over."""

    href: str
    visit: str
    client: str
    state: str
    tone: str
    provider: str
    about: str
    specialty: str
    author: str
    asked: str
    outcome: str
    due: str
    due_tone: str
    escalated: str
    since: str


@dataclass(frozen=True, slots=True)
class QueueLink:
    """Where the rest of a part stands: a client's list."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class QueuePart:
    """One part of the queue.  ``more``: lists of the clients, when the part holds more than is shown."""

    key: str
    heading: str
    count: str
    when: str
    rows: tuple[QueryRow, ...]
    empty_words: str
    more: tuple[QueueLink, ...] = ()


@dataclass(frozen=True, slots=True)
class QueuePage:
    """``/work/queries/``"""

    summary: str
    parts: tuple[QueuePart, ...]
    whose: tuple[Choice, ...]
    clients: tuple[Choice, ...]
    shows_client: bool
    shows_author: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """One select of the filter form."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class QueriesPage:
    """``/c/<client>/queries/``.  Outside, the vendor's people are one team: no author is named."""

    href: str
    summary: str
    rows: tuple[QueryRow, ...]
    states: tuple[Choice, ...]
    filters: tuple[Filter, ...]
    hidden: tuple[tuple[str, str], ...]
    empty_words: str
    cut: str = ""
    cut_off_href: str = ""
    from_text: str = ""
    to_text: str = ""
    shows_author: bool = True
    errors: Mapping[str, str] = field(default_factory=dict)
    next_page_href: str = ""
    previous_page_href: str = ""
