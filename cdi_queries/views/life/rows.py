"""Queries as rows of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.urls import reverse

from cdi_queries.models import CdiQuery, QueryStatus
from cdi_queries.rules.escalation import Level
from cdi_queries.selectors.listing import template_names
from cdi_queries.views.life import words
from cdi_queries.views.life.dto import QueryRow
from coding_ops.tenancy.access import ReachedClient
from encounters.access import REVIEWING
from encounters.views import words as chart_words

OWN_WORDS = "No template"


def trail_href(slug: str, query: CdiQuery) -> str:
    """``/c/<client>/queries/<id>/``"""
    return reverse("cdi_queries:query", args=[slug, query.pk])


def rows_of(
    queries: Sequence[CdiQuery], clients: Mapping[int, ReachedClient], now: datetime
) -> tuple[QueryRow, ...]:
    """Rows of one or several clients, in the order given; one query for the names of templates."""
    names = template_names(queries)
    return tuple(_row(one, clients[one.client_id], names, now) for one in queries)


def _row(
    one: CdiQuery, client: ReachedClient, names: Mapping[tuple[int, str], str], now: datetime
) -> QueryRow:
    due, due_tone = words.waits(one, now)
    since = one.asked_at or one.drafted_at
    if one.state == QueryStatus.ANSWERED and one.answered_at:
        since = one.answered_at
    return QueryRow(
        href=_href(one, client),
        visit=f"Visit {one.encounter.external_id}",
        client=client.name,
        state=words.state(one),
        tone=words.TONES[QueryStatus(one.state)],
        provider=one.provider.name if one.provider else "",
        about=names.get((one.client_id, one.template_key), one.template_key or OWN_WORDS),
        specialty=one.specialty.name if one.specialty else "",
        author=one.author.full_name,
        asked=words.day(one.asked_at, client.timezone),
        outcome=words.outcome(one),
        due=due,
        due_tone=due_tone,
        escalated=words.ESCALATED[Level(one.escalation_level)] if one.state == QueryStatus.SENT else "",
        since=chart_words.age(since, now),
    )


def _href(one: CdiQuery, client: ReachedClient) -> str:
    """A draft opens where it is written, if the person may open any chart; everything else its trail."""
    if one.state == QueryStatus.DRAFT and client.role in REVIEWING:
        return reverse("cdi_queries:query_draft", args=[client.slug, one.encounter_id, one.pk])
    return trail_href(client.slug, one)
