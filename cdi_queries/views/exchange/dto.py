"""What the set-up pages are given: prepared strings."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class NumberField:
    """One number of the policy."""

    name: str
    label: str
    value: str
    help: str


@dataclass(frozen=True, slots=True)
class PolicyView:
    """What is agreed.  ``action`` is empty for who may only read it."""

    action: str
    numbers: tuple[NumberField, ...]
    advisors: tuple[Choice, ...]
    is_part_of_record: bool
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WayView:
    """The way out.  ``action`` is empty for who may only read it."""

    action: str
    test_action: str
    kinds: tuple[Choice, ...]
    address: str
    receiving_application: str
    receiving_facility: str
    authority: str
    token_help: str
    is_on: bool
    facts: tuple[tuple[str, str], ...]
    folder_words: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message on its way or over."""

    made: str
    what: str
    href: str
    kind: str
    address: str
    state: str
    tone: str
    tries: str
    answer: str


@dataclass(frozen=True, slots=True)
class SetupPage:
    """``/c/<client>/queries/setup/``"""

    policy: PolicyView
    way: WayView
    messages: tuple[MessageRow, ...]
    messages_href: str
    retention_href: str
    providers_href: str


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """``…/setup/messages/``"""

    href: str
    setup_href: str
    states: tuple[Choice, ...]
    rows: tuple[MessageRow, ...]
    empty_words: str
    previous_page_href: str
    next_page_href: str


@dataclass(frozen=True, slots=True)
class PastRow:
    """One query past its retention; it opens in its trail."""

    href: str
    visit: str
    state: str
    sent: str
    ended: str


@dataclass(frozen=True, slots=True)
class RetentionPage:
    """``…/setup/retention/``"""

    href: str
    setup_href: str
    words: str
    rows: tuple[PastRow, ...]
    previous_page_href: str
    next_page_href: str
