"""``…/setup/payers/``: one payer, its other names and its deadlines."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from claims.actions.setup import save_payer
from claims.models import Payer, PayerKind
from claims.rules.setup import PayerTerms
from claims.selectors.setup import changes_of, payer_of
from claims.terms.setup import setup_terms
from claims.views.setup import words
from claims.views.setup.dto import Field, PayerPage
from claims.views.setup.profile import require_setter_page
from claims.views.tabs import claim_tabs
from coding_ops.core.errors import InvalidInput
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of


@require_http_methods(["GET", "POST"])
@for_client
def new(request: HttpRequest) -> HttpResponse:
    """An empty form, then the payer."""
    return _answer(request, None)


@require_http_methods(["GET", "POST"])
@for_client
def payer(request: HttpRequest, payer_key: uuid.UUID) -> HttpResponse:
    """One payer, its changes; saved by the same address."""
    require_setter_page(actor_of(request))
    return _answer(request, payer_of(client_of(request).id, payer_key))


def _answer(request: HttpRequest, stored: Payer | None) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    require_setter_page(actor)
    if request.method == "GET":
        return _page(request, stored, {})
    try:
        saved = save_payer(
            actor=actor,
            client_id=client.id,
            wanted=_typed(request.POST),
            payer_id=stored.pk if stored else None,
        )
    except InvalidInput as error:
        return _page(request, stored, error.details["fields"])
    messages.success(request, f"{saved.name} is saved.")
    return leave(request, f"{words.setup_href(client.slug)}#payers")


def _typed(post: Mapping[str, str]) -> PayerTerms:
    names = (*words.PAYER_NAMES, "kind", "filing_code", "terms_source")
    typed: dict[str, Any] = {name: post.get(name, "") for name in names}
    typed |= {name: words.whole(post.get(name, "")) for name in words.PAYER_DAYS}
    aliases = tuple(post.get("aliases", "").splitlines())
    return PayerTerms(**typed, aliases=aliases, is_active=bool(post.get("is_active")))


def _page(request: HttpRequest, stored: Payer | None, errors: Mapping[str, str]) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    typed, kept = request.POST, stored or Payer()

    def value(name: str) -> str:
        return str(typed.get(name, "")) if errors else str(getattr(kept, name))

    label, more, most = words.SOURCE
    changes = changes_of(Payer, client.id, stored.pk) if stored else []
    page = PayerPage(
        heading=stored.name if stored else "New payer",
        action=request.path,
        setup_href=words.setup_href(client.slug),
        names=tuple(
            Field(name, title, value(name), help_, length, css="w" if length > 30 else "")
            for name, (title, help_, length) in words.PAYER_NAMES.items()
        ),
        aliases=value("aliases") if errors else "\n".join(kept.aliases),
        kinds=tuple(Choice(one, str(title), one == value("kind")) for one, title in PayerKind.choices),
        filing_codes=(
            Choice("", "Choose", not value("filing_code")),
            *(
                Choice(code, f"{code}, {said}", code == value("filing_code"))
                for code, said in setup_terms().filing_codes.items()
            ),
        ),
        days=tuple(
            Field(name, title, value(name), f"{words.bounds(name)} {help_}", 4, is_number=True, css="")
            for name, (title, help_) in words.PAYER_DAYS.items()
        ),
        source=Field("terms_source", label, value("terms_source"), more, most),
        is_active=bool(typed.get("is_active")) if errors else kept.is_active,
        changes=words.change_rows(changes, client, inside=actor.is_vendor),
    )
    context = {"page": page, "errors": errors, "tabs": claim_tabs(actor.role, client.slug, "setup")}
    return render(request, "claims/payer.html", context, status=422 if errors else 200)
