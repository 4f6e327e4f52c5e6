"""Beginning a draft, and adding words of the record to one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from django.http import HttpRequest

from cdi_queries.actions.drafts import save_draft, start_draft
from cdi_queries.actions.steps import locked_query
from cdi_queries.models import CdiQuery, Channel, QueryStatus
from cdi_queries.rules.arrange import arranged
from cdi_queries.rules.content import QueryContent, from_json
from cdi_queries.rules.query import Kind
from cdi_queries.selectors.compose import Span, askable, quoted, with_indicators
from cdi_queries.selectors.templates import template_of
from cdi_queries.terms.lint import wording
from cdi_queries.views.compose.template_use import taken
from coding_ops.core.errors import Conflict, InvalidInput, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.web.client_pages import client_of, today_of
from coding_ops.web.middleware import actor_of
from encounters.models import Encounter, Provider
from encounters.selectors.chart import version_of
from encounters.views.codes import posted_evidence

#: Until a better one is typed: it names no diagnosis.
FIRST_TITLE = "Clarification"


def posted_spans(request: HttpRequest, encounter: Encounter) -> tuple[Span, ...]:
    """The words that were selected in a document of this chart: ``evidence`` with ``quote``, or ``lines``.

    Raises:
        InvalidInput: they stand in no document of this chart, or are not what stands there.
    """
    words = posted_evidence(request, encounter)
    for piece in words:
        if version_of(encounter, piece.version_id) is None:
            raise InvalidInput(
                "The words are not in a document of this chart.", code="evidence.foreign_document"
            )
    return tuple(Span(piece.version_id, piece.start, piece.end) for piece in words)


def begin(
    request: HttpRequest, encounter: Encounter, spans: Sequence[Span], template: str = "", trigger: str = ""
) -> CdiQuery:
    """A new draft with the words as its indicators, to the rendering provider; the chart's read is noted.

    ``template``: key of the template it begins with.  Where the record does not hold what it builds on the
    draft begins without one: who writes chooses another.
    """
    actor, client = actor_of(request), client_of(request)
    provider = _first_provider(request, encounter)
    empty = QueryContent(
        Kind.MULTIPLE_CHOICE, FIRST_TITLE, options=arranged(Kind.MULTIPLE_CHOICE, (), wording())
    )
    content = with_indicators(empty, quoted(encounter, spans, client.timezone))
    key, version = "", None
    if template:
        chosen = template_of(client.id, template)
        with suppress(Refused):
            content = taken(content, chosen, encounter, provider)
            key, version = chosen.key, chosen.version
    return start_draft(
        actor=actor,
        encounter=encounter,
        provider=provider,
        content=content,
        template_key=key,
        template_version=version,
        trigger_key=trigger,
    )


def _first_provider(request: HttpRequest, encounter: Encounter) -> Provider | None:
    """Who rendered the visit, unless they have left."""
    wanted = encounter.rendering_provider_id
    if wanted is None:
        return None
    found = askable(encounter.client_id, today_of(request), "", [wanted])
    return next((one for one in found if one.pk == wanted), None)


def add_words(
    *, actor: Actor, query: CdiQuery, spans: Sequence[Span], zone: str, relevance: str = ""
) -> tuple[CdiQuery, int]:
    """The draft with indicators more, everything else as it is stored; and how many were new."""
    query = standing_draft(query)
    before = from_json(query.content)
    after = with_indicators(before, quoted(query.encounter, spans, zone), relevance)
    new = len(after.indicators) - len(before.indicators)
    if not new:
        return query, 0
    return keep(actor=actor, query=query, content=after), new


def standing_draft(query: CdiQuery) -> CdiQuery:
    """The draft as it stands now, locked: words added by Q and a save from the form may come at once.

    Raises:
        Conflict: it is no draft any more.
    """
    locked = locked_query(query)
    if locked.state != QueryStatus.DRAFT:
        raise Conflict(
            "The query is no longer a draft. Nothing was saved: reload the page.", code="query.not_a_draft"
        )
    return locked


def keep(*, actor: Actor, query: CdiQuery, content: QueryContent) -> CdiQuery:
    """Other words of a draft; provider, impact, note and channel stay."""
    return save_draft(
        actor=actor,
        query=query,
        content=replace(content, options=arranged(content.kind, content.options, wording())),
        provider=query.provider,
        impacts=query.impacts,
        internal_note=query.internal_note or "",
        channel=Channel(query.channel),
    )
