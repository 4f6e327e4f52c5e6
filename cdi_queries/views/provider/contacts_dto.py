"""What the pages of providers' contacts show."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One provider of the list."""

    href: str
    name: str
    npi: str
    address: str
    account: str
    specialty: str
    state: str
    tone: str
    stand_in: str
    waiting: str


@dataclass(frozen=True, slots=True)
class ContactsPage:
    """The client's providers by name."""

    href: str
    text: str
    show: str
    filters: tuple[Choice, ...]
    rows: tuple[ContactRow, ...]
    empty_words: str
    previous_page_href: str
    next_page_href: str


@dataclass(frozen=True, slots=True)
class ContactPage:
    """The form of one provider."""

    href: str
    list_href: str
    name: str
    npi: str
    email: str
    email_help: str
    left_on: str
    specialties: tuple[Choice, ...]
    accounts: tuple[Choice, ...]
    stand_ins: tuple[Choice, ...]
