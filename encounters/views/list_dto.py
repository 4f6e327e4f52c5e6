"""What the templates of a client's lists are given: prepared strings, addresses too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from coding_ops.web.choices import Choice
from encounters.views.list_html import encounter_rows


@dataclass(frozen=True, slots=True)
class EncounterRow:
    """One encounter of a client's list.

    ``age`` is the time since it began to wait where it stands; empty once nothing more happens to it.
    """

    href: str
    visit_id: str
    patient: str
    service_on: str
    provider: str
    status: str
    status_tone: str
    waiting_on: str
    age: str
    final_on: str


@dataclass(frozen=True, slots=True)
class EncounterListPage:
    """``/c/<client>/encounters/``.

    Attributes:
        href: the list without a filter; the forms go there.
        status: the chosen filter, carried along by the form of dates.
        mrn: the record number as typed, when the page answers one; it stands in no address.
    """

    heading: str
    summary: str
    href: str
    rows: tuple[EncounterRow, ...]
    filters: tuple[Choice, ...]
    status: str = ""
    from_text: str = ""
    to_text: str = ""
    mrn: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    next_page_href: str = ""
    previous_page_href: str = ""
    empty_words: str = ""

    @property
    def rows_html(self) -> Markup:
        """The body of the table."""
        return encounter_rows(self.rows)


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One hold.  ``due_tone`` is ``bad`` past the day by which it is expected; ``answer_href`` is empty for
    who may not answer it; ``outcome`` says how a closed one ended."""

    href: str
    visit_id: str
    service_on: str
    reason: str
    note: str
    owner: str
    since: str
    age: str
    due: str
    due_tone: str
    answer_href: str = ""
    outcome: str = ""
    closed: str = ""


@dataclass(frozen=True, slots=True)
class HoldsPage:
    """``/c/<client>/holds/``."""

    heading: str
    summary: str
    rows: tuple[HoldRow, ...]
    filters: tuple[Choice, ...]
    closed: bool
    may_answer: bool
    next_page_href: str = ""
    previous_page_href: str = ""
    empty_words: str = ""


@dataclass(frozen=True, slots=True)
class SentRow:
    """One document the client sent."""

    href: str
    title: str
    kind: str
    visit_id: str
    versions: str
    first: str
    newest: str


@dataclass(frozen=True, slots=True)
class SentPage:
    """``/c/<client>/documents/``."""

    heading: str
    summary: str
    rows: tuple[SentRow, ...]
    next_page_href: str = ""
    previous_page_href: str = ""
    empty_words: str = ""
