"""What the set-up pages are given: prepared strings."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a form.  ``most``: characters it takes; ``is_number`` brings up the digits of a phone."""

    name: str
    label: str
    value: str
    help: str = ""
    most: int = 60
    is_number: bool = False
    css: str = "w"

    @property
    def attributes(self) -> str:
        """As the form field macro takes them."""
        digits = ' inputmode="numeric"' if self.is_number else ""
        return f'maxlength="{self.most}" autocomplete="off" spellcheck="false"{digits}'


@dataclass(frozen=True, slots=True)
class PayerRow:
    """One payer of the list.  ``unverified``: no contract or manual is named for its days."""

    href: str
    name: str
    kind: str
    payer_id: str
    filing: str
    receiver: str
    days: str
    unverified: bool
    standing: str
    tone: str


@dataclass(frozen=True, slots=True)
class SetupPage:
    """``/c/<client>/claims/setup/``"""

    action: str
    is_self_billed: bool
    is_test: bool
    provider: tuple[Field, ...]
    sender: tuple[Field, ...]
    terms: tuple[Field, ...]
    payers: tuple[PayerRow, ...]
    new_payer_href: str
    charges_href: str
    charges_words: str
    changes_href: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PayerPage:
    """``…/setup/payers/new/`` and ``…/setup/payers/<id>/``"""

    heading: str
    action: str
    setup_href: str
    names: tuple[Field, ...]
    aliases: str
    kinds: tuple[Choice, ...]
    filing_codes: tuple[Choice, ...]
    days: tuple[Field, ...]
    source: Field
    is_active: bool
    changes: tuple[ChangeRow, ...]


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """One charge of the list; ``end_action`` is empty once its last day is written and over."""

    code: str
    modifier: str
    amount: str
    revenue_code: str
    first: str
    last: str
    standing: str
    tone: str
    end_action: str
    key: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """What is wrong in one line of a file."""

    line: str
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class ChargesPage:
    """``…/setup/charges/``"""

    href: str
    setup_href: str
    download_href: str
    add_action: str
    upload_action: str
    columns: str
    add: tuple[Field, ...]
    code: str
    standings: tuple[Choice, ...]
    kept_standing: str
    rows: tuple[ChargeLine, ...]
    empty_words: str
    summary: str
    bad_rows: tuple[BadRow, ...] = ()
    bad_words: str = ""
    previous_page_href: str = ""
    next_page_href: str = ""


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change: when, by whom, of what; each moved field with both its values."""

    at: str
    who: str
    what: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """``…/setup/changes/``"""

    setup_href: str
    parts: tuple[tuple[str, tuple[ChangeRow, ...], str], ...]
