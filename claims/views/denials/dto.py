"""What the pages of denials are given: prepared strings, addresses too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coding_ops.web.choices import Choice
from encounters.views.dto import Banner


@dataclass(frozen=True, slots=True)
class DenialRow:
    """One denial of a list, without patient data.  ``owner`` and ``chance`` are empty outside the vendor."""

    href: str
    visit: str
    code: str
    kind: str
    reason: str
    payer: str
    amount: str
    due: str
    due_tone: str
    chance: str
    expected: str
    state: str
    tone: str
    owner: str
    received: str


@dataclass(frozen=True, slots=True)
class Select:
    """One select above the list."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class DenialsPage:
    """``/c/<client>/claims/denials/``"""

    href: str
    lead: str
    summary: str
    rows: tuple[DenialRow, ...]
    groups: tuple[Choice, ...]
    orders: tuple[Choice, ...]
    selects: tuple[Select, ...]
    hidden: tuple[tuple[str, str], ...]
    empty_words: str
    is_inside: bool
    clear_href: str = ""
    previous_page_href: str = ""
    next_page_href: str = ""


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One part of a score: words and signed points."""

    words: str
    points: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the record behind a code; ``href`` opens them in the chart, empty for who may not."""

    code: str
    text: str
    source: str
    href: str


@dataclass(frozen=True, slots=True)
class Other:
    """Another denial of the same claim."""

    href: str
    words: str
    amount: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class Forms:
    """What may be done here; an empty address leaves the form out."""

    assign_action: str = ""
    owners: tuple[Choice, ...] = ()
    cause_action: str = ""
    causes: tuple[Choice, ...] = ()
    verdicts: tuple[Choice, ...] = ()
    note: str = ""
    write_off_action: str = ""
    reopen_action: str = ""
    rule_action: str = ""
    rule_href: str = ""
    rule_words: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DenialPage:
    """``/c/<client>/claims/denials/<id>/``"""

    heading: str
    state: str
    tone: str
    lead: str
    who: Banner
    facts: tuple[tuple[str, str], ...]
    money: tuple[tuple[str, str], ...]
    coded: tuple[tuple[str, str], ...]
    score: str
    score_note: str
    parts: tuple[ScorePart, ...]
    quotes: tuple[Quote, ...]
    no_quotes: str
    others: tuple[Other, ...]
    forms: Forms
    claim_href: str
    chart_href: str
    list_href: str
