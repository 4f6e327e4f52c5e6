"""A posted draft, read back into what a query says.  Nothing here is refused that the lint can name."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from django import forms
from django.http import QueryDict

from cdi_queries.models import Channel
from cdi_queries.rules.arrange import STANDING, arranged, known_links
from cdi_queries.rules.content import AnswerOption, QueryContent
from cdi_queries.rules.query import Kind, Verbal
from cdi_queries.rules.wording import Wording
from coding_ops.core.errors import InvalidInput
from encounters.forms import DayField
from encounters.rules.text import accept_text

#: Longest input by field, in characters; the page says so too.
LONGEST: Mapping[str, int] = {"title": 160, "body": 4000, "option": 200, "relevance": 300, "note": 1000}
MOST_OPTIONS = 14
OPTION_ID = re.compile(r"[a-z0-9]{1,8}")


@dataclass(frozen=True, slots=True)
class Posted:
    """A draft as it was sent by its form.

    Attributes:
        content: the stored indicators with what was typed; blank answers are still there.
        fields: entered into the template, by name.
        reasons: rule to why its warning may stand.
        errors: by field, what could not be read.
    """

    content: QueryContent
    provider_id: uuid.UUID | None
    provider_words: str
    impacts: tuple[str, ...]
    internal_note: str
    channel: Channel
    fields: Mapping[str, str]
    reasons: Mapping[str, str]
    hold: bool
    answer_option: str
    answer_words: str
    asked_on: str
    errors: Mapping[str, str] = field(default_factory=dict)


def read(post: QueryDict, stored: QueryContent, wording: Wording, today: date) -> Posted:
    """The form over the content as it is stored: indicators are kept, their words cannot be posted.

    Raises:
        InvalidInput: a text that is too long or cannot be kept, or a kind that is none.
    """
    kind = _kind(post, stored.kind)
    options = arranged(kind, _options(post), wording)
    asked_on, trouble = _day(post.get("asked_on", ""), today)
    is_verbal = post.get("verbal") == "1"
    content = replace(
        stored,
        kind=kind,
        title=_text(post, "title", "title").replace("\n", " "),
        body=_text(post, "body", "body"),
        options=options,
        indicators=tuple(
            replace(one, relevance=_text(post, f"why-{one.id}", "relevance")) if one.is_prior else one
            for one in stored.indicators
        ),
        purpose=post.get("purpose", "")[:40] if kind is Kind.YES_NO else "",
        verbal=Verbal(_line(post, "asked_by"), _line(post, "asked_of"), asked_on) if is_verbal else None,
    )
    return Posted(
        content=known_links(content),
        provider_id=_uuid(post.get("provider", "")),
        provider_words=_line(post, "provider_words"),
        impacts=tuple(post.getlist("impact")),
        internal_note=_text(post, "internal_note", "note"),
        channel=Channel.VERBAL if is_verbal else Channel.WRITTEN,
        fields={name[3:]: _line(post, name) for name in post if name.startswith("tf-")},
        reasons={name[7:]: _line(post, name, "note") for name in post if name.startswith("reason-")},
        hold=post.get("hold") == "1",
        answer_option=post.get("answer_option", "")[:8],
        answer_words=_text(post, "answer_words", "body"),
        asked_on=post.get("asked_on", "")[:20],
        errors={"asked_on": trouble} if trouble and is_verbal else {},
    )


def _kind(post: QueryDict, stored: Kind) -> Kind:
    posted = post.get("kind", stored.value)
    if posted not in {one.value for one in Kind}:
        raise InvalidInput("Choose how the question is answered.", code="query.kind")
    return Kind(posted)


def _options(post: QueryDict) -> list[AnswerOption]:
    ids = list(dict.fromkeys(post.getlist("oid")))
    if len(ids) > MOST_OPTIONS or not all(OPTION_ID.fullmatch(one) for one in ids):
        raise InvalidInput(f"A query has at most {MOST_OPTIONS} answers.", code="query.options")
    return [
        AnswerOption(
            one, _text(post, f"text-{one}", "option").replace("\n", " "), tuple(post.getlist(f"for-{one}"))
        )
        for one in ids
        if one not in STANDING
    ]


def _line(post: QueryDict, name: str, kind: str = "option") -> str:
    return " ".join(_text(post, name, kind).split())


def _text(post: QueryDict, name: str, kind: str) -> str:
    """What was typed, lines ended as the lint counts them."""
    text = accept_text(post.get(name, "")).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > LONGEST[kind]:
        raise InvalidInput(
            f"That is {len(text)} characters; keep to {LONGEST[kind]}. Nothing was saved.",
            code="query.too_long",
            details={"field": name},
        )
    return text


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError as error:
        raise InvalidInput("Choose the provider to ask from the list.", code="query.no_provider") from error


def _day(text: str, today: date) -> tuple[date | None, str]:
    try:
        return DayField(today, required=False).clean(text[:20]), ""
    except forms.ValidationError as error:
        return None, str(error.messages[0])
