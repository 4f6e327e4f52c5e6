"""What the pages of credits and of money to return are given: prepared strings."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class CreditRow:
    """One proposal of a list."""

    href: str
    denial: str
    amount: str
    basis: str
    cause: str
    is_systemic: bool
    state: str
    tone: str
    proposed: str


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """A confirmed error of ours without a proposal; ``count`` of its cause."""

    denial_href: str
    href: str
    denial: str
    cause: str
    count: str
    denied: str


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """Money that a federal payer is to be given back."""

    href: str
    name: str
    payer: str
    amount: str
    identified: str
    state: str
    due: str
    left: str
    tone: str


@dataclass(frozen=True, slots=True)
class CreditsPage:
    """Credits, errors without one, and money to return.  ``inside``: the vendor's own page."""

    summary: str
    inside: bool
    states: tuple[Choice, ...]
    rows: tuple[CreditRow, ...]
    empty_words: str
    errors: tuple[ErrorRow, ...]
    errors_more: str
    notices: tuple[NoticeRow, ...]
    notices_more: str
    previous_page_href: str = ""
    next_page_href: str = ""
