"""The forms of a denial's page: each one act, then back to the page."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from claims.access.claims import denials_in_reach, find_denial
from claims.actions.denials.proposing import propose_rule
from claims.actions.denials.working import assign_denial, reopen_denial, set_cause, write_off
from claims.models import Denial
from claims.views.denials import words
from claims.views.denials.forms import VERDICT_OF
from claims.views.denials.page import show
from coding_ops.core.errors import InvalidInput, Refused
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of


@require_POST
@for_client
def assign(request: HttpRequest, denial_id: uuid.UUID) -> HttpResponse:
    """``owner``: the account's id, empty for nobody."""
    text = request.POST.get("owner", "")
    owner = int(text) if text.isdecimal() and len(text) < 10 else 0 if text else None

    def act(found: Denial) -> str:
        row = assign_denial(actor=actor_of(request), denial=found, owner_id=owner, now=timezone.now())
        return "It is nobody's now." if row.owner_id is None else "Given."

    return _done(request, denial_id, act)


@require_POST
@for_client
def cause(request: HttpRequest, denial_id: uuid.UUID) -> HttpResponse:
    """``root_cause``, ``note``, ``is_vendor_error`` (yes, no or empty; a leader's only)."""

    def act(found: Denial) -> str:
        set_cause(
            actor=actor_of(request),
            denial=found,
            root_cause=request.POST.get("root_cause", ""),
            note=request.POST.get("note", ""),
            is_vendor_error=(
                VERDICT_OF.get(request.POST["is_vendor_error"])
                if "is_vendor_error" in request.POST
                else found.is_vendor_error
            ),
        )
        return "The cause is recorded."

    return _done(request, denial_id, act)


@require_POST
@for_client
def give_up(request: HttpRequest, denial_id: uuid.UUID) -> HttpResponse:
    """``reason``: writes the denial off."""

    def act(found: Denial) -> str:
        write_off(
            actor=actor_of(request), denial=found, reason=request.POST.get("reason", ""), now=timezone.now()
        )
        return "Written off."

    return _done(request, denial_id, act)


@require_POST
@for_client
def reopen(request: HttpRequest, denial_id: uuid.UUID) -> HttpResponse:
    """``reason``: takes an ended denial up again."""

    def act(found: Denial) -> str:
        reopen_denial(
            actor=actor_of(request), denial=found, reason=request.POST.get("reason", ""), now=timezone.now()
        )
        return "Open again."

    return _done(request, denial_id, act)


@require_POST
@for_client
def rule(request: HttpRequest, denial_id: uuid.UUID) -> HttpResponse:
    """A draft edit rule from denials that came back."""

    def act(found: Denial) -> str:
        made = propose_rule(actor=actor_of(request), denial=found, today=today_of(request))
        return f"Rule {made.number} is drafted, switched off. Complete it on its page and choose a level."

    return _done(request, denial_id, act)


def _done(request: HttpRequest, denial_id: uuid.UUID, act: Callable[[Denial], str]) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    found = find_denial(actor=actor, client_id=client.id, denial_id=denial_id)
    try:
        said = act(found)
    except InvalidInput as error:
        fields = error.details.get("fields")
        values = {name: str(value) for name, value in request.POST.items()}
        return show(request, denial_id, values, fields if isinstance(fields, dict) else {"": error.message})
    except Refused as error:
        return show(request, denial_id, {}, {"": error.message})
    messages.success(request, said)
    # A coder who lays down a colleague's denial sees it no more.
    is_seen = denials_in_reach(actor, client.id).filter(pk=found.pk).exists()
    seen = words.denial_href(client.slug, found.pk) if is_seen else words.denials_href(client.slug)
    return leave(request, seen)
