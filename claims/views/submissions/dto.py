"""What the pages of submissions show, as prepared strings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Claims that could go into one file now."""

    receiver_id: str
    receiver: str
    form: str
    form_label: str
    payers: str
    count: str
    amount: str
    oldest: str


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """One file of the list."""

    href: str
    number: str
    receiver: str
    form: str
    state: str
    tone: str
    is_test: bool
    claims: str
    amount: str
    asked: str
    sent: str


@dataclass(frozen=True, slots=True)
class SubmissionList:
    """``/c/<client>/claims/submissions/``."""

    href: str
    waiting: tuple[WaitingRow, ...]
    waiting_words: str
    blocked: str
    blocked_href: str
    rows: tuple[SubmissionRow, ...]
    may_write: bool
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """How far a file is, then what is in it."""

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
class ClaimRow:
    """One claim that lies in the file, without its patient."""

    href: str
    control_number: str
    version: str
    payer: str
    amount: str
    state: str


@dataclass(frozen=True, slots=True)
class SubmissionPage:
    """``/c/<client>/claims/submissions/<file>/``; an action that cannot be done now has no address."""

    title: str
    about: str
    list_href: str
    card: Card
    sent_href: str
    has_folder: bool
    back_href: str
    claims: tuple[ClaimRow, ...]
    next_page_href: str = ""
    previous_page_href: str = ""
