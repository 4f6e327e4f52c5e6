"""What the pages about gaps are given: prepared strings, addresses too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class Filter:
    """A select of the list."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class HitRow:
    """One gap of the list; it shows no words of the chart."""

    href: str
    visit: str
    rule: str
    family: str
    specialty: str
    provider: str
    found: str
    age: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class HitList:
    """``/c/<client>/queries/opportunities/``"""

    href: str
    rules_href: str
    summary: str
    rows: tuple[HitRow, ...]
    states: tuple[Choice, ...]
    families: tuple[Choice, ...]
    filters: tuple[Filter, ...]
    hidden: tuple[tuple[str, str], ...]
    empty_words: str
    cut: str
    cut_off_href: str
    previous_page_href: str = ""
    next_page_href: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """Words of the record: where they stand, and where they open."""

    quote: str
    source: str
    href: str


@dataclass(frozen=True, slots=True)
class HitPage:
    """One gap.  ``template`` is the name of the template that asks about it."""

    href: str
    list_href: str
    chart_href: str
    heading: str
    lead: str
    state: str
    tone: str
    facts: tuple[tuple[str, str], ...]
    words: tuple[Words, ...]
    template: str
    query_href: str
    is_open: bool
    may_put_back: bool
    reasons: tuple[Choice, ...]
    note: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of a rule and the list of its rows; without an address there is none."""

    label: str
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule; ``rate`` is empty below the minimum, ``detail`` says how many decisions there are."""

    key: str
    name: str
    looks_at: str
    source: str
    template: str
    template_href: str
    is_on: bool
    switch_href: str
    counts: tuple[Count, ...]
    rate: str
    detail: str


@dataclass(frozen=True, slots=True)
class RuleList:
    """``/c/<client>/queries/opportunities/rules/``: one family."""

    list_href: str
    lead: str
    edition: str
    families: tuple[Choice, ...]
    family: str
    columns: tuple[str, ...]
    rows: tuple[RuleRow, ...]
    footnote: str
