"""What the templates of the accounts are given: prepared strings, no model, no query."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class Card:
    """One number on top of the page."""

    name: str
    meaning: str
    text: str
    detail: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """Accounts of one party and cause: how many, how old together, worth how much."""

    party: str
    cause: str
    href: str
    count: str
    days: str
    dollars: str
    bar: Markup


@dataclass(frozen=True, slots=True)
class Week:
    """The census at the end of a day."""

    on: str
    count: str
    dollars: str
    bar: Markup


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One unbilled account; no name of a patient."""

    href: str
    chart_href: str
    visit: str
    served: str
    age: str
    tone: str
    charge: str
    party: str
    cause: str
    days: str


@dataclass(frozen=True, slots=True)
class AccountsPage:
    """The accounts of one client that are not billed, fifty at a time."""

    summary: str
    cards: tuple[Card, ...]
    held: tuple[Held, ...]
    ages: Markup
    age_rows: tuple[tuple[str, str], ...]
    weeks: tuple[Week, ...]
    parties: tuple[Choice, ...]
    buckets: tuple[Choice, ...]
    counted: str
    rows: tuple[AccountRow, ...]
    notes: tuple[str, ...]
    empty_words: str
    previous_page_href: str = ""
    next_page_href: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days in a row of one party and cause."""

    first: str
    last: str
    days: str
    party: str
    cause: str


@dataclass(frozen=True, slots=True)
class AccountPage:
    """The days of one account, from service to the payer's first answer."""

    visit: str
    summary: str
    chart_href: str
    back_href: str
    totals: tuple[tuple[str, str], ...]
    stretches: tuple[Stretch, ...]
    note: str
