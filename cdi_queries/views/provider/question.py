"""A question as its provider sees it: prepared strings, made of the frozen words alone.

The composer's preview uses the same view and the same template (``cdi_queries/_question.html``), so that who
sends a query sees what the provider will see.  Nothing but ``QueryContent`` and the visit goes in: impact,
internal note and lint lie in other columns and cannot reach it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdi_queries.rules.content import AnswerOption, QueryContent, QuotedIndicator
from cdi_queries.rules.query import Kind
from cdi_queries.rules.wording import Wording
from encounters.models import Encounter
from encounters.views import words

NO_DATE = "no date"
LONGEST_ANSWER = 4000
"""Characters of a provider's own words that the page takes."""


@dataclass(frozen=True, slots=True)
class IndicatorView:
    """One quote of the record: from which document, of which day, on which lines."""

    quote: str
    source: str
    prior: str
    relevance: str


@dataclass(frozen=True, slots=True)
class OptionView:
    """One answer to choose; ``asks_words`` for "Other (please specify)"."""

    id: str
    text: str
    chosen: bool
    asks_words: bool


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question on one page.  ``visit`` holds label and words of whose record it is about."""

    title: str
    paragraphs: tuple[str, ...]
    indicators: tuple[IndicatorView, ...]
    options: tuple[OptionView, ...]
    choose: str
    words_label: str
    words_help: str
    words: str
    visit: tuple[tuple[str, str], ...] = ()
    asked: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    longest: int = LONGEST_ANSWER


def question_view(
    content: QueryContent,
    wording: Wording,
    *,
    visit: tuple[tuple[str, str], ...] = (),
    asked: str = "",
    chosen: str = "",
    written: str = "",
    errors: Mapping[str, str] | None = None,
) -> QuestionView:
    """The view of a query's content; ``chosen`` and ``written`` repeat what was sent and not taken."""
    is_open = content.kind is Kind.OPEN
    return QuestionView(
        title=content.title,
        paragraphs=tuple(part.strip() for part in content.body.split("\n") if part.strip()),
        indicators=tuple(_indicator(one) for one in content.indicators),
        options=() if is_open else tuple(_option(one, chosen, wording) for one in content.options),
        choose="Choose one answer",
        words_label="Your answer" if is_open else "In your own words",
        words_help="As you would write it in the note."
        if is_open
        else "Needed with “Other”; welcome with any answer.",
        words=written,
        visit=visit,
        asked=asked,
        errors=dict(errors or {}),
    )


def visit_facts(encounter: Encounter) -> tuple[tuple[str, str], ...]:
    """Whose visit it is, so that the provider knows the patient again; needs patient and facility."""
    patient = encounter.patient
    facts = [
        ("Patient", ", ".join(part for part in (patient.family_name, patient.given_name) if part)),
        ("Born", _born(patient.birth_on)),
        ("Date of service", words.day(encounter.service_on)),
        ("Visit", encounter.external_id),
    ]
    if encounter.facility is not None:
        facts.append(("Place", encounter.facility.name))
    return tuple((label, told) for label, told in facts if told)


def source_of(indicator: QuotedIndicator) -> str:
    """``Progress note, 09/15/2026, L12–14``"""
    day = words.day(indicator.document_on) or NO_DATE
    return ", ".join(part for part in (indicator.document_title, day, indicator.lines) if part)


def _indicator(one: QuotedIndicator) -> IndicatorView:
    return IndicatorView(
        quote=one.quote,
        source=source_of(one),
        prior="From an earlier visit" if one.is_prior else "",
        relevance=one.relevance,
    )


def _option(one: AnswerOption, chosen: str, wording: Wording) -> OptionView:
    return OptionView(one.id, one.text, one.id == chosen, wording.is_other(one.text))


def _born(text: str | None) -> str:
    """``03/14/1959`` of the sealed ISO day; other forms as they came."""
    parts = (text or "").split("-")
    return f"{parts[1]}/{parts[2]}/{parts[0]}" if len(parts) == 3 else (text or "")
