"""``/c/<client>/claims/setup/``: who the client bills as, its payers, and where its charges are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from claims.access.roles import SETTERS
from claims.actions.setup import save_profile
from claims.models import BillingProfile, Payer, PayerKind
from claims.rules.setup import Profile
from claims.selectors.setup import charge_count, payers_of, profile_of
from claims.terms.setup import setup_terms
from claims.views.setup import words
from claims.views.setup.dto import Field, PayerRow, SetupPage
from claims.views.tabs import claim_tabs
from coding_ops.core.errors import InvalidInput, NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.forms import DayField

NUMBERS = tuple(words.TERMS)
FLAGS = ("is_self_billed", "is_test")
FIRST_DAY = "bills_from_on"
FIRST_DAY_HELP = "MM/DD/YYYY. Earlier visits were billed elsewhere. Empty: every visit is billed here."


@require_GET
@for_client
def setup(request: HttpRequest) -> HttpResponse:
    """The profile, the payers, how many charges hold today."""
    return _page(request, {})


@require_POST
@for_client
def save(request: HttpRequest) -> HttpResponse:
    """The fields of the profile; see ``rules.setup.Profile``."""
    actor, client = actor_of(request), client_of(request)
    require_setter_page(actor)
    try:
        first = DayField(today_of(request), required=False).clean(request.POST.get(FIRST_DAY, ""))
    except forms.ValidationError as error:
        return _page(request, {FIRST_DAY: str(error.messages[0])})
    try:
        save_profile(actor=actor, client_id=client.id, wanted=_typed(request.POST, first))
    except InvalidInput as error:
        return _page(request, error.details["fields"])
    messages.success(request, "The profile is saved.")
    return leave(request, words.setup_href(client.slug))


def require_setter_page(actor: Actor) -> None:
    """Who sees the set-up at all.

    Raises:
        NotFound: anybody but leaders and the client's administrators.
    """
    if actor.role not in SETTERS:
        raise NotFound


def _typed(post: Mapping[str, str], first: date | None) -> Profile:
    typed: dict[str, Any] = {one.name: post.get(one.name, "") for one in fields(Profile)}
    typed |= {name: words.whole(post.get(name, "")) for name in NUMBERS}
    typed |= {name: bool(post.get(name)) for name in FLAGS}
    return Profile(**typed | {FIRST_DAY: first})


def _page(request: HttpRequest, errors: Mapping[str, str]) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    require_setter_page(actor)
    profile, payers = profile_of(client.id), payers_of(client.id)
    charges = charge_count(client.id, today_of(request))
    base = words.setup_href(client.slug)
    typed = request.POST if errors else {}
    stored = profile or BillingProfile()

    def value(name: str) -> str:
        return str(typed.get(name, "")) if errors else words.with_hyphens(name, str(getattr(stored, name)))

    def ticked(name: str) -> bool:
        return bool(typed.get(name)) if errors else bool(getattr(stored, name))

    first = str(typed.get(FIRST_DAY, "")) if errors else words.day(stored.bills_from_on)
    page = SetupPage(
        action=f"{base}profile/",
        is_self_billed=ticked("is_self_billed"),
        is_test=ticked("is_test"),
        provider=tuple(_field(name, found, value(name)) for name, found in words.PROVIDER.items()),
        sender=tuple(_field(name, found, value(name)) for name, found in words.SENDER.items()),
        terms=(
            Field(FIRST_DAY, words.LABELS[FIRST_DAY], first, FIRST_DAY_HELP, 10, css=""),
            *(
                Field(name, label, value(name), f"{words.bounds(name)} {more}", 4, is_number=True, css="")
                for name, (label, more) in words.TERMS.items()
            ),
        ),
        payers=tuple(_payer(base, one) for one in payers),
        new_payer_href=f"{base}payers/new/",
        charges_href=f"{base}charges/",
        charges_words=_charges(charges),
        changes_href=f"{base}changes/",
        missing=_missing(profile, payers, charges),
    )
    context = {"page": page, "errors": errors, "tabs": claim_tabs(actor.role, client.slug, "setup")}
    return render(request, "claims/setup.html", context, status=422 if errors else 200)


def _field(name: str, found: tuple[str, str, int], value: str) -> Field:
    label, more, most = found
    return Field(name, label, value, more, most, css="w" if most > 30 else "")


def _payer(base: str, payer: Payer) -> PayerRow:
    days = f"{payer.timely_filing_days} / {payer.correction_days} / {payer.appeal_days}"
    filing = setup_terms().filing_codes.get(payer.filing_code, "")
    return PayerRow(
        href=f"{base}payers/{payer.pk}/",
        name=payer.name,
        kind=str(PayerKind(payer.kind).label),
        payer_id=payer.payer_id,
        filing=f"{payer.filing_code}, {filing}" if filing else payer.filing_code,
        receiver=payer.receiver_name,
        days=days,
        unverified=not payer.terms_source,
        standing="In use" if payer.is_active else "Not in use",
        tone="ok" if payer.is_active else "",
    )


def _charges(count: int) -> str:
    if not count:
        return "No charge holds today."
    return f"{count:,} charge{'' if count == 1 else 's'} hold{'s' if count == 1 else ''} today."


def _missing(profile: BillingProfile | None, payers: list[Payer], charges: int) -> tuple[str, ...]:
    """What keeps claims from being made at all; nothing for a client that bills by itself."""
    if profile is None:
        return ("Who the client bills as: fill in the profile.",)
    if profile.is_self_billed:
        return ()
    found = []
    if not any(one.is_active for one in payers):
        found.append("A payer: add those that coverages name.")
    if not charges:
        found.append("Charges: add them or upload a file.")
    return tuple(found)
