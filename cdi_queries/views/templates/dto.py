"""What the pages of templates are given: prepared strings."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One template of the list."""

    href: str
    name: str
    area: str
    kind: str
    gap: str
    origin: str
    version: str
    sent: str
    is_off: bool


@dataclass(frozen=True, slots=True)
class TemplateList:
    """``/c/<client>/queries/templates/``."""

    href: str
    new_href: str
    rows: tuple[TemplateRow, ...]
    text: str
    areas: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    origins: tuple[Choice, ...]
    summary: str
    may_design: bool
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs between two versions."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version, newest first; ``changes`` against the one before it."""

    number: int
    made: str
    reason: str
    changes: tuple[Change, ...]
    again_href: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One count of the template's use; ``href`` opens its rows."""

    name: str
    value: str
    note: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """``/c/<client>/queries/templates/<key>/``."""

    href: str
    list_href: str
    change_href: str
    copy_href: str
    compare_href: str
    switch_href: str
    name: str
    standing: str
    is_off: bool
    facts: tuple[tuple[str, str], ...]
    use: tuple[Figure, ...]
    use_days: int
    versions: tuple[VersionRow, ...]
    picks: tuple[Choice, ...]
    may_design: bool


@dataclass(frozen=True, slots=True)
class ComparePage:
    """``…/<key>/compare/?a=1&b=2``."""

    href: str
    back_href: str
    name: str
    heading: str
    befores: tuple[Choice, ...]
    afters: tuple[Choice, ...]
    before: str
    after: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class SectionView:
    """One section of the form; ``is_field`` and ``is_choice`` say which inputs it has."""

    key: str
    at: int
    heading: str
    name: str
    whats: tuple[Choice, ...]
    words: str
    words_label: str
    before: str
    after: str
    choices: str
    sample: str
    optional: bool
    paragraph: bool
    is_words: bool
    is_field: bool
    is_choice: bool
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class FindingRow:
    """What the lint says: where, the words it points at, and the field to go to."""

    rule: str
    tone: str
    severity: str
    message: str
    where: str
    words: str
    target: str


@dataclass(frozen=True, slots=True)
class FormView:
    """The designer as it stands."""

    href: str
    back_href: str
    is_new: bool
    base_version: int
    name: str
    title: str
    areas: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    gaps: tuple[Choice, ...]
    purposes: tuple[Choice, ...]
    is_open: bool
    is_yes_no: bool
    sections: tuple[SectionView, ...]
    options: str
    documented: str
    search_words: str
    sample_indicators: str
    internal_note: str
    reason: str
    focus: str = ""


@dataclass(frozen=True, slots=True)
class ConflictPage:
    """Two people saved at once: what is saved, and what this one wanted."""

    message: str
    saved_heading: str
    changes: tuple[Change, ...]
    page_href: str
    form_href: str
    newest: int
    fields: tuple[tuple[str, str], ...]
