"""What the composer's template is given: prepared strings, no model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdi_queries.views.provider.question import QuestionView
from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One indicator: ``source`` is document, day and lines; ``href`` leads there, ``at`` names the place."""

    id: str
    quote: str
    source: str
    href: str
    at: str
    is_prior: bool
    relevance: str


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One answer.  ``is_fixed``: always there, in our words.  ``links``: indicators, those chosen marked."""

    id: str
    text: str
    is_fixed: bool
    links: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding of the lint.

    Attributes:
        tone: ``bad`` blocks sending, ``warn`` needs a reason.
        target: id of the element it points at; ``start`` and ``end`` are code points of its text.
        asks: it takes a reason, in the field ``reason-<rule>``; only the first of a rule does.
    """

    rule: str
    tone: str
    says: str
    message: str
    target: str
    start: int
    end: int
    reason: str = ""
    asks: bool = False


@dataclass(frozen=True, slots=True)
class LintView:
    """The lint's verdict in a sentence, and its findings, errors first."""

    verdict: str
    tone: str
    rows: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True)
class LintedForm:
    """What of a draft's form changes as one types; ``template_name`` is set while a template gives them."""

    title: str
    body: str
    template_name: str
    lint: LintView


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of the template."""

    name: str
    label: str
    type: str
    value: str
    required: bool
    choices: tuple[Choice, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class TemplateGroup:
    """Templates of one area; ``Choice.count`` holds the words they are found by."""

    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class VerbalView:
    """Asked by word of mouth: who, whom, when, and what was answered."""

    is_on: bool
    asked_by: str
    asked_of: str
    asked_on: str
    answers: tuple[Choice, ...]
    words: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class DraftForm:
    """The form of one draft.  ``template_name`` is set while its words are those of a template."""

    href: str
    lint_href: str
    title: str
    body: str
    kinds: tuple[Choice, ...]
    kind: str
    purposes: tuple[Choice, ...]
    indicators: tuple[IndicatorRow, ...]
    options: tuple[OptionRow, ...]
    templates: tuple[TemplateGroup, ...]
    template_name: str
    fields: tuple[FieldRow, ...]
    providers: tuple[Choice, ...]
    provider_words: str
    impacts: tuple[Choice, ...]
    internal_note: str
    verbal: VerbalView
    lint: LintView
    author: str
    can_hold: bool
    hold: bool
    preview: QuestionView | None
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A code that the answer's words lead to; nothing is assigned until somebody adds it."""

    system: str
    value: str
    code: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class QueryRow:
    """One query about this chart."""

    title: str
    state: str
    tone: str
    facts: str
    href: str
    is_draft: bool
    question: tuple[str, ...] = ()
    outcome: str = ""
    answer: tuple[str, ...] = ()
    answered: str = ""
    cite_href: str = ""
    evidence: str = ""
    quote: str = ""
    proposals: tuple[ProposalRow, ...] = ()
    hold_href: str = ""
    """Where the chart is put on hold for it, for who codes the chart meanwhile."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A draft of one's own about another visit of this patient, to which words of this one can be added."""

    href: str
    add_href: str
    visit: str
    title: str


@dataclass(frozen=True, slots=True)
class ComposeView:
    """The panel."""

    href: str
    chart_href: str
    fence: int
    version_id: str
    can_write: bool
    can_code: bool
    why_not: str
    queries: tuple[QueryRow, ...]
    elsewhere: tuple[Elsewhere, ...]
    visits: tuple[Choice, ...]
    draft: DraftForm | None
    errors: Mapping[str, str] = field(default_factory=dict)
    relevance: str = ""
    reviewed: str = ""
    reviewed_href: str = ""
