"""What moves a query from its page: one address an act, each of them one action."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from cdi_queries.actions.ending import cancel_query, close_query, renew_query
from cdi_queries.actions.escalation import escalate_query
from cdi_queries.actions.routing import redirect_query
from cdi_queries.models import CancelReason, CdiQuery
from cdi_queries.selectors.contacts import askable
from cdi_queries.views.life.rows import trail_href
from cdi_queries.views.life.trail import opened, show_trail
from coding_ops.core.errors import InvalidInput, Refused
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.models import Provider

LONGEST_NOTE = 500
# Which field of its form a refusal is about; others are told above the form.
FIELDS = {
    "query.cancel_reason": "reason",
    "redirect.reason": "why",
    "redirect.same": "provider",
    "redirect.provider": "provider",
    "query.provider_left": "provider",
    "query.note": "note",
}


@require_POST
@for_client
def cancel(request: HttpRequest, query_id: uuid.UUID) -> HttpResponse:
    """``reason`` of the list, ``note``."""

    def act(query: CdiQuery) -> str:
        reason = request.POST.get("reason", "")
        if reason not in CancelReason.values:
            raise InvalidInput("Choose why it is cancelled.", code="query.cancel_reason")
        cancel_query(actor=actor_of(request), query=query, reason=CancelReason(reason), note=_note(request))
        return "The query is cancelled. Its chart is back with the coders."

    return _done(request, query_id, "cancel", act)


@require_POST
@for_client
def redirect(request: HttpRequest, query_id: uuid.UUID) -> HttpResponse:
    """``provider`` (its id) or ``npi``, and ``why``."""

    def act(query: CdiQuery) -> str:
        provider = _provider(request)
        why = request.POST.get("why", "")[:LONGEST_NOTE]
        redirect_query(actor=actor_of(request), query=query, provider=provider, reason=why)
        return f"{provider.name} is asked now. The clock has started anew."

    return _done(request, query_id, "redirect", act)


@require_POST
@for_client
def renew(request: HttpRequest, query_id: uuid.UUID) -> HttpResponse:
    """Asks once more what ran out."""

    def act(query: CdiQuery) -> str:
        renew_query(actor=actor_of(request), query=query)
        return "The query was sent again."

    return _done(request, query_id, "renew", act)


@require_POST
@for_client
def close(request: HttpRequest, query_id: uuid.UUID) -> HttpResponse:
    """Ends an answered query about final codes."""

    def act(query: CdiQuery) -> str:
        close_query(actor=actor_of(request), query=query)
        return "The query is closed."

    return _done(request, query_id, "close", act)


@require_POST
@for_client
def escalate(request: HttpRequest, query_id: uuid.UUID) -> HttpResponse:
    """Tells the advisor now; ``note`` for them."""

    def act(query: CdiQuery) -> str:
        raised = escalate_query(actor=actor_of(request), query=query, note=_note(request))
        return f"{raised.advisor.full_name if raised.advisor else 'The advisor'} is told."

    return _done(request, query_id, "escalate", act)


def _done(
    request: HttpRequest, query_id: uuid.UUID, name: str, act: Callable[[CdiQuery], str]
) -> HttpResponse:
    """Does it and goes back to the page; what was typed wrong is shown there again."""
    query = opened(request, query_id)
    try:
        said = act(query)
    except (InvalidInput, Refused) as error:
        return show_trail(
            request,
            query,
            failed=name,
            errors={FIELDS.get(error.code, ""): error.message},
            values=_typed(request.POST),
        )
    messages.success(request, said)
    return leave(request, trail_href(client_of(request).slug, query))


def _typed(posted: Mapping[str, str]) -> dict[str, str]:
    return {
        field: posted.get(field, "")[:LONGEST_NOTE] for field in ("reason", "note", "provider", "npi", "why")
    }


def _note(request: HttpRequest) -> str:
    note = request.POST.get("note", "").strip()
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"Keep the note to {LONGEST_NOTE} characters.", code="query.note")
    return note


def _provider(request: HttpRequest) -> Provider:
    """The provider chosen, of those who are with the client today.

    Raises:
        InvalidInput: none is chosen, or nobody has this NPI.
    """
    here = askable(client_of(request).id, today_of(request))
    npi, chosen = request.POST.get("npi", "").strip(), request.POST.get("provider", "")
    if npi:
        found = here.filter(npi=npi[:10]).first()
    else:
        found = here.filter(pk=chosen).first() if _is_uuid(chosen) else None
    if found is None:
        what = "No provider of this client has this NPI." if npi else "Choose the provider to ask."
        raise InvalidInput(what, code="redirect.provider")
    return found


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
