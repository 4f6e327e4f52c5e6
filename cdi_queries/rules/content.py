"""What a query says, as it is kept: sealed as JSON beside its hash, never changed once it was sent.

Everything in here may be shown to the provider.  What they must not see (impact, internal words, the lint)
lies in other columns, so that no page can show it by accident.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from cdi_queries.rules.query import Indicator, Kind, Option, Previous, Query, Verbal


@dataclass(frozen=True, slots=True)
class QuotedIndicator:
    """Words of the record: characters ``start`` to ``end`` of one document version, quoted to the letter.

    ``version_id`` is the id of the document version, ``lines`` its line label ("L12", "L12–14"),
    ``document_on`` the day the document was written, ``is_prior`` whether it is of an earlier encounter.
    """

    id: str
    version_id: str
    start: int
    end: int
    quote: str
    document_title: str
    document_on: date | None
    lines: str
    is_prior: bool = False
    relevance: str = ""


@dataclass(frozen=True, slots=True)
class AnswerOption:
    """One answer to choose, with the indicators that support it."""

    id: str
    text: str
    indicator_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryContent:
    """A query's words.  ``fields`` holds what was entered into the template, by the field's name."""

    kind: Kind
    title: str = ""
    body: str = ""
    options: tuple[AnswerOption, ...] = ()
    indicators: tuple[QuotedIndicator, ...] = ()
    option_order: str = "alphabetic"
    purpose: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    verbal: Verbal | None = None

    def option(self, option_id: str) -> AnswerOption | None:
        """The option of an id."""
        return next((one for one in self.options if one.id == option_id), None)

    def with_indicator(self, indicator: QuotedIndicator) -> QueryContent:
        """The same with one indicator more; the same words twice stay one."""
        place = (indicator.version_id, indicator.start, indicator.end)
        if any((one.version_id, one.start, one.end) == place for one in self.indicators):
            return self
        taken = {one.id for one in self.indicators}
        free = next(f"i{n}" for n in range(1, len(taken) + 2) if f"i{n}" not in taken)
        return replace(self, indicators=(*self.indicators, replace(indicator, id=free)))

    def without_indicator(self, indicator_id: str) -> QueryContent:
        """The same without one indicator, and without the links to it."""
        return replace(
            self,
            indicators=tuple(one for one in self.indicators if one.id != indicator_id),
            options=tuple(
                replace(one, indicator_ids=tuple(i for i in one.indicator_ids if i != indicator_id))
                for one in self.options
            ),
        )


def to_json(content: QueryContent) -> str:
    """The text that is sealed; the same content always gives the same text."""
    return json.dumps(asdict(content), default=_day, sort_keys=True, ensure_ascii=False)


def from_json(text: str) -> QueryContent:
    """The content of a text that ``to_json`` wrote."""
    raw = json.loads(text)
    verbal = raw["verbal"]
    return QueryContent(
        kind=Kind(raw["kind"]),
        title=raw["title"],
        body=raw["body"],
        options=tuple(
            AnswerOption(one["id"], one["text"], tuple(one["indicator_ids"])) for one in raw["options"]
        ),
        indicators=tuple(_indicator(one) for one in raw["indicators"]),
        option_order=raw["option_order"],
        purpose=raw["purpose"],
        fields=tuple((name, value) for name, value in raw["fields"]),
        verbal=verbal and Verbal(verbal["asked_by"], verbal["asked_of"], _to_day(verbal["asked_on"])),
    )


def digest_of(text: str) -> bytes:
    """SHA-256 of the sealed text: what the trail, the PDF and the API name the words by."""
    return hashlib.sha256(text.encode("utf-8")).digest()


def linted(
    content: QueryContent,
    *,
    documented_terms: Iterable[str],
    provider: str,
    previous: Iterable[Previous] = (),
    contradicting: Iterable[str] = (),
    by_word_of_mouth: bool = False,
) -> Query:
    """The content as the lint reads it."""
    return Query(
        kind=content.kind,
        title=content.title,
        body=content.body,
        options=tuple(Option(one.text, one.indicator_ids) for one in content.options),
        indicators=tuple(
            Indicator(one.id, one.quote, one.document_on, one.is_prior, one.relevance)
            for one in content.indicators
        ),
        documented_terms=tuple(documented_terms),
        purpose=content.purpose,
        option_order=content.option_order,
        contradicting=tuple(contradicting),
        provider=provider,
        previous=tuple(previous),
        verbal=content.verbal,
        by_word_of_mouth=by_word_of_mouth,
    )


def _indicator(raw: Mapping[str, Any]) -> QuotedIndicator:
    return QuotedIndicator(**{**raw, "document_on": _to_day(raw["document_on"])})


def _to_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not kept in a query")
