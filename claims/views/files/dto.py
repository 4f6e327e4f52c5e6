"""What the pages of files show: strings that are ready to be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class FileRow:
    """One received file."""

    href: str
    name: str
    kind: str
    received: str
    sender: str
    size: str
    state: str
    tone: str
    entries: str
    posted: str
    unmatched: str
    duplicates: str
    problems: str


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One thing that was set aside: where, why, what to do.  Never a value of the file."""

    file_href: str
    dismiss_href: str
    place: str
    message: str
    advice: str
    difference: str
    state: str
    tone: str
    resolution: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class FilesPage:
    """``/c/<client>/claims/files/``."""

    href: str
    unmatched_href: str
    rows: tuple[FileRow, ...]
    waiting: tuple[ProblemRow, ...]
    more_waiting: bool
    kinds: tuple[Choice, ...]
    states: tuple[Choice, ...]
    empty_words: str
    may_send: bool
    most: str
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """The card of a file: how far its reading is, then what became of it."""

    href: str
    title: str
    state: str
    tone: str
    is_pending: bool
    done: int
    total: int
    words: str
    facts: tuple[tuple[str, str], ...]
    failure: str = ""
    download_href: str = ""


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One payment of a remittance file."""

    payer: str
    trace: str
    paid_on: str
    amount: str
    claims: str


@dataclass(frozen=True, slots=True)
class FilePage:
    """``/c/<client>/claims/files/<file>/``."""

    name: str
    about: str
    list_href: str
    retry_href: str
    progress: Progress
    problems: tuple[ProblemRow, ...]
    payments: tuple[PaymentRow, ...]
    more_payments: bool
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class UnmatchedRow:
    """One payment whose claim is not known."""

    number: str
    payer: str
    trace: str
    paid_on: str
    charge: str
    paid: str
    file_href: str


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One acknowledgement whose claim is not known."""

    kind: str
    outcome: str
    codes: str
    answered: str
    file_href: str


@dataclass(frozen=True, slots=True)
class FoundClaim:
    """One claim that bears the number."""

    href: str
    number: str
    state: str
    payer: str
    amount: str
    service: str


@dataclass(frozen=True, slots=True)
class UnmatchedPage:
    """``/c/<client>/claims/files/unmatched/``."""

    href: str
    list_href: str
    match_href: str
    number: str
    is_search: bool
    rows: tuple[UnmatchedRow, ...]
    statuses: tuple[StatusRow, ...]
    found: tuple[FoundClaim, ...]
    may_send: bool
    errors: Mapping[str, str] = field(default_factory=dict)
    next_page_href: str = ""
    previous_page_href: str = ""
