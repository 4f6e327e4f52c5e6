"""What the pages of appeals, corrections and reworks are given: prepared strings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form.  ``kind``: text, area, radios or select; ``most`` characters."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    help: str = ""
    choices: tuple[Choice, ...] = ()
    most: int = 300
    rows: int = 4
    css: str = "w"


@dataclass(frozen=True, slots=True)
class FormPage:
    """A page that asks for one decision: the facts it is about, then its fields."""

    title: str
    heading: str
    lead: str
    facts: tuple[tuple[str, str], ...]
    fields: tuple[FormField, ...]
    submit: str
    back_href: str
    back_label: str
    notes: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    steps_heading: str = ""
    badge: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class AppealRow:
    """One appeal of a list."""

    href: str
    denial: str
    level: str
    payer: str
    state: str
    tone: str
    requested: str
    awarded: str
    due: str
    left: str
    left_tone: str


@dataclass(frozen=True, slots=True)
class AppealsPage:
    """The list of appeals, with how they end: figures as name and value."""

    href: str
    summary: str
    figures: tuple[tuple[str, str], ...]
    states: tuple[Choice, ...]
    rows: tuple[AppealRow, ...]
    empty_words: str
    previous_page_href: str = ""
    next_page_href: str = ""


@dataclass(frozen=True, slots=True)
class AppealPage:
    """One appeal with its letter.

    ``may``: names of what this person can do now: ``letter``, ``send``, ``decide``, ``withdraw``, ``paper``.
    ``failed`` is the one of them whose form is shown again with what was typed.
    """

    href: str
    heading: str
    state: str
    tone: str
    facts: tuple[tuple[str, str], ...]
    letter: str
    letter_digest: str
    requested: str
    may: frozenset[str]
    denial_href: str
    list_href: str
    export_href: str
    appeal_id: str
    today: str
    reference: str
    level_words: str
    level_status: str
    gaps: tuple[str, ...] = ()
    notice: str = ""
    decision_note: str = ""
    failed: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was done about a denial, with its page where there is one."""

    words: str
    state: str
    tone: str
    detail: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class AnswersPanel:
    """What was done about a denial and what can be done next; part of the denial's page.

    An empty address: not this person's, or not now.  ``why_not`` says why a denial cannot be appealed.
    """

    done: tuple[Said, ...]
    level: str
    due: str
    draft_action: str
    templates: tuple[Choice, ...]
    why_not: str
    rework_href: str
    correct_href: str
    credit_href: str
