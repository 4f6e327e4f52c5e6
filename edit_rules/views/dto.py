"""What the pages of rules are given: prepared strings."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """Options under one heading."""

    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule of the list. Counts are of the last ninety days; empty where they are not shown."""

    href: str
    number: str
    name: str
    what: str
    payer: str
    level: str
    tone: str
    standing: str
    days: str
    fired: str
    overridden: str
    denied: str


@dataclass(frozen=True, slots=True)
class RuleList:
    """``/c/<client>/edit-rules/``."""

    href: str
    new_href: str
    builtin_href: str
    rows: tuple[RuleRow, ...]
    levels: tuple[Choice, ...]
    standings: tuple[Choice, ...]
    payers: tuple[Choice, ...]
    level: str
    standing: str
    text: str
    summary: str
    empty_words: str
    may_edit: bool
    shows_counts: bool
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class BuiltInRow:
    """One edit of the engine, and what rules make of it."""

    rule: str
    words: str
    level: str
    tone: str
    source: str
    rules: tuple[tuple[str, str], ...]
    new_href: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs between two versions."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of the history, newest first."""

    number: int
    made: str
    level: str
    tone: str
    days: str
    reason: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class RowView:
    """One condition of the form."""

    key: str
    tests: tuple[Choice, ...]
    values: str
    number: int


@dataclass(frozen=True, slots=True)
class GroupView:
    """One group of the form. `abouts`: any, every or no line; empty for a group about the claim."""

    key: str
    at: int
    heading: str
    about: str
    abouts: tuple[Choice, ...]
    joins: tuple[Choice, ...]
    rows: tuple[RowView, ...]


@dataclass(frozen=True, slots=True)
class FormView:
    """The form of a rule as it stands."""

    href: str
    is_new: bool
    base_version: int
    builtin: str
    builtin_words: str
    builtins: tuple[Choice, ...]
    payer: str
    name: str
    levels: tuple[Choice, ...]
    joins: tuple[Choice, ...]
    groups: tuple[GroupView, ...]
    per_line: bool
    message: str
    satisfy: str
    citation: str
    citation_on: str
    bypass: str
    effective_from: str
    effective_to: str
    reason: str
    words: str
    tried: str = ""
    focus: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """What a rule says now, for who reads it."""

    heading: str
    number: str
    what: str
    payer: str
    level: str
    tone: str
    standing: str
    days: str
    words: str
    message: str
    satisfy: str
    citation: str
    bypass: str
    counts: tuple[tuple[str, str, str], ...]
    """Name, number, and where its rows are; no address for who may not open them."""


@dataclass(frozen=True, slots=True)
class RulePage:
    """``/c/<client>/edit-rules/<rule>/``."""

    list_href: str
    switch_href: str
    is_off: bool
    fields: Fields
    versions: tuple[VersionRow, ...]
    may_edit: bool
    base_version: int


@dataclass(frozen=True, slots=True)
class ConflictPage:
    """Two people saved at once: what is saved, and what this one wanted."""

    message: str
    saved_heading: str
    changes: tuple[Change, ...]
    rule_href: str
    fields: tuple[tuple[str, str], ...]
    newest: int


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding and what became of it."""

    href: str
    visit_id: str
    service_on: str
    version: str
    level: str
    tone: str
    outcome: str
    reason: str
    recorded: str


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """``/c/<client>/edit-rules/<rule>/findings/``."""

    heading: str
    rule_href: str
    kinds: tuple[Choice, ...]
    rows: tuple[FindingRow, ...]
    next_page_href: str = ""
    previous_page_href: str = ""
