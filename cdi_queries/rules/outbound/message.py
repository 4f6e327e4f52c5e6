"""A query as it leaves for a client's inbox: plain values, the same for every format.

Nothing in here is kept from the provider: impact, internal words and the lint have no field.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from cdi_queries.rules.content import QueryContent, QuotedIndicator


@dataclass(frozen=True, slots=True)
class Person:
    """The patient.  ``sex`` is F, M or U; ``birth_on`` None where the source did not say."""

    mrn: str
    family_name: str
    given_name: str
    birth_on: date | None
    sex: str


@dataclass(frozen=True, slots=True)
class Visit:
    """The encounter: its number in the client's own system and its dates."""

    number: str
    service_on: date
    discharge_on: date | None
    is_inpatient: bool


@dataclass(frozen=True, slots=True)
class Clinician:
    """Who is asked.  ``npi`` may be empty."""

    name: str
    npi: str
    professional_credential: str = ""


@dataclass(frozen=True, slots=True)
class Receiver:
    """How the client's system names itself and its record numbers (MSH-5, MSH-6, PID-3.4)."""

    application: str = ""
    facility: str = ""
    authority: str = ""


@dataclass(frozen=True, slots=True)
class OutboundQuery:
    """One message.  Times are aware.

    Attributes:
        control_id: names the message; at most 20 characters (MSH-10), and the same at each try.
        query_id: the query's own id.
        sender: slug of the client, as the sending facility.
        answer_url: where the provider answers; it must not be logged.
        is_test: a message about nobody, to try the way.
        status: state of the query, for FHIR's Task.
    """

    control_id: str
    query_id: str
    sender: str
    receiver: Receiver
    made_at: datetime
    sent_at: datetime
    due_at: datetime | None
    patient: Person
    visit: Visit
    provider: Clinician
    author: str
    content: QueryContent
    answer_url: str = ""
    is_test: bool = False
    status: str = "sent"


def question_lines(content: QueryContent) -> Iterator[str]:
    """The question as plain lines: title, question, dated indicators, answers in the order they are shown."""
    yield content.title
    yield ""
    yield from content.body.splitlines()
    if content.indicators:
        yield ""
        yield "Clinical indicators:"
        for indicator in content.indicators:
            yield from indicator_lines(indicator)
    if content.options:
        yield ""
        yield "Answers to choose from:"
        for option in content.options:
            yield f"( ) {' '.join(option.text.split())}"


def indicator_lines(indicator: QuotedIndicator) -> Iterator[str]:
    """Where the words stand, the words, and why an earlier visit matters."""
    on = f"{indicator.document_on:%m/%d/%Y}" if indicator.document_on else "undated"
    earlier = ", earlier visit" if indicator.is_prior else ""
    lines = f", {indicator.lines}" if indicator.lines else ""
    yield f"- {on}, {indicator.document_title}{lines}{earlier}:"
    yield from (f"  {line}" for line in f"“{indicator.quote}”".splitlines())
    if indicator.relevance:
        yield f"  {' '.join(indicator.relevance.split())}"


def message_lines(message: OutboundQuery) -> tuple[str, ...]:
    """Everything that a person reads of the message."""
    lines = list(question_lines(message.content))
    lines += ["", f"Asked by {message.author} on {message.sent_at:%m/%d/%Y}."]
    if message.due_at is not None:
        lines.append(f"An answer is expected by {message.due_at:%m/%d/%Y}.")
    if message.answer_url:
        lines.append(f"Answer here: {message.answer_url}")
    return tuple(lines)
