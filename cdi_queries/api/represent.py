"""Queries as the API says them.  What outside readers are given is made of the frozen words alone."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from cdi_queries.access.queries import is_inside
from cdi_queries.models import CdiQuery, QueryAnswer
from cdi_queries.rules.content import QueryContent, from_json
from cdi_queries.rules.query import Finding
from coding_ops.tenancy.actor import Actor


def line(query: CdiQuery) -> dict[str, Any]:
    """A row of a list."""
    return {
        "id": query.pk,
        "encounter": query.encounter_id,
        "visit_id": query.encounter.external_id,
        "state": query.state,
        "kind": query.kind,
        "channel": query.channel,
        "outcome": query.outcome,
        "provider": query.provider.name if query.provider else "",
        "sent_at": query.sent_at,
        "due_at": query.due_at,
        "answered_at": query.answered_at,
    }


def whole(query: CdiQuery, actor: Actor) -> dict[str, Any]:
    """The query with its words, its answer, and for the vendor's people what is kept beside them."""
    content = from_json(query.content)
    found = line(query) | {
        "title": content.title,
        "body": content.body,
        "indicators": _indicators(content),
        "options": [
            {"id": one.id, "text": one.text, "indicators": list(one.indicator_ids)} for one in content.options
        ],
        "sha256": bytes(query.content_sha256).hex() if query.content_sha256 else "",
        "asked_at": query.asked_at,
        "expires_at": query.expires_at,
        "ended_at": query.ended_at,
        "answer": _answer(query),
    }
    if is_inside(actor):
        found["inside"] = _inside(query)
    return found


def finding(one: Finding) -> dict[str, Any]:
    """A finding of the lint with the place of its words."""
    return {
        "rule": one.rule,
        "severity": one.severity.value,
        "message": one.message,
        "span": asdict(one.span) if one.span else None,
    }


def answer_words(query: CdiQuery) -> str:
    """The answer as one text; empty while there is none."""
    given = _answer(query)
    return "\n".join(part for part in (given["option_text"], given["words"]) if part) if given else ""


def _indicators(content: QueryContent) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "document_version": one.version_id,
            "start": one.start,
            "end": one.end,
            "quote": one.quote,
            "document_title": one.document_title,
            "document_on": one.document_on,
            "lines": one.lines,
            "is_prior": one.is_prior,
            "relevance": one.relevance,
        }
        for one in content.indicators
    ]


def _answer(query: CdiQuery) -> dict[str, Any] | None:
    given = QueryAnswer.objects.filter(client_id=query.client_id, query=query).first()
    if given is None:
        return None
    return {
        "option": given.option_id,
        "option_text": given.option_text or "",
        "words": given.words or "",
        "by": given.by_name,
        "way": given.answered_by,
        "at": given.at,
        "sha256": bytes(given.sha256).hex(),
    }


def _inside(query: CdiQuery) -> dict[str, Any]:
    return {
        "author": query.author.full_name,
        "template": query.template_key,
        "template_version": query.template_version,
        "trigger": query.trigger_key,
        "impacts": query.impacts,
        "internal_note": query.internal_note or "",
        "lint": json.loads(query.lint) if query.lint else None,
        "is_retrospective": query.is_retrospective,
        "escalation_level": query.escalation_level,
        "cancel_reason": query.cancel_reason,
        "codes_before": query.codes_before,
        "codes_after": query.codes_after,
        "shift": query.shift,
    }
