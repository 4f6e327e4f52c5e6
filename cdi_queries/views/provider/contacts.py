"""``/c/<client>/queries/setup/providers/``: where a client's providers are written to, and who has left."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from cdi_queries.actions.contacts import KEEPERS, Contact, save_contact
from cdi_queries.models import ProviderContact
from cdi_queries.selectors.contacts import (
    Listed,
    address_of,
    askable,
    contact_of,
    has_left,
    listed_providers,
    provider_accounts,
    waiting_for,
)
from cdi_queries.views.provider.contacts_dto import ContactPage, ContactRow, ContactsPage
from cdi_queries.views.tabs import query_tabs
from coding_ops.accounts.models import Specialty
from coding_ops.core.errors import Conflict, InvalidInput, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.forms import DayField
from encounters.models import Provider
from encounters.selectors.paging import PAGE_ROWS
from encounters.views import words

UNREACHABLE = "unreachable"
LAST_PAGE = 10_000


class ContactForm(forms.Form):
    """What is entered about a provider."""

    email = forms.CharField(max_length=254, required=False)

    def __init__(self, *args: Any, today: date, provider: Provider, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["left_on"] = DayField(today, required=False)
        self.fields["specialty"] = forms.ModelChoiceField(Specialty.objects.order_by("name"), required=False)
        self.fields["account"] = forms.ModelChoiceField(provider_accounts(provider.client_id), required=False)
        self.fields["stands_in"] = forms.ModelChoiceField(
            askable(provider.client_id, today).exclude(pk=provider.pk), required=False
        )


@require_GET
@for_client
def contacts(request: HttpRequest) -> HttpResponse:
    """``q`` (name or NPI), ``show=unreachable``, ``page``."""
    actor, client = actor_of(request), client_of(request)
    _require_keeper(actor)
    text, show = request.GET.get("q", "").strip()[:80], request.GET.get("show", "")
    if show not in ("", UNREACHABLE):
        raise NotFound
    number = _page_number(request.GET.get("page", ""))
    found, more = listed_providers(
        client.id,
        text=text,
        unreachable=show == UNREACHABLE,
        start=(number - 1) * PAGE_ROWS,
        limit=PAGE_ROWS,
    )
    kept = {name: value for name, value in (("q", text), ("show", show)) if value}
    base = f"/c/{client.slug}/queries/setup/providers/"
    today = today_of(request)
    page = ContactsPage(
        href=base,
        text=text,
        show=show,
        filters=(
            Choice("", "All", show == "", f"?{urlencode({'q': text})}" if text else base),
            Choice(
                UNREACHABLE,
                "Not reachable",
                show == UNREACHABLE,
                "?" + urlencode({**({"q": text} if text else {}), "show": UNREACHABLE}),
            ),
        ),
        rows=tuple(_row(base, one, today) for one in found),
        empty_words="No provider matches." if kept else "The client's files have named no provider yet.",
        previous_page_href=f"?{urlencode({**kept, 'page': number - 1})}" if number > 1 else "",
        next_page_href=f"?{urlencode({**kept, 'page': number + 1})}" if more else "",
    )
    context = {"page": page, "tabs": query_tabs(actor.role, client.slug, "setup")}
    return render(request, "cdi_queries/provider_contacts.html", context)


@require_http_methods(["GET", "POST"])
@for_client
def contact(request: HttpRequest, provider_id: uuid.UUID) -> HttpResponse:
    """``email``, ``specialty``, ``account``, ``left_on``, ``stands_in`` of one provider."""
    actor, client = actor_of(request), client_of(request)
    _require_keeper(actor)
    provider = (
        Provider.objects.filter(client_id=client.id, pk=provider_id).select_related("user", "client").first()
    )
    if provider is None:
        raise NotFound
    kept = contact_of(client.id, provider.pk)
    today = today_of(request)
    form = ContactForm(request.POST or None, today=today, provider=provider)
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = _saved(actor, provider, form)
        if not errors:
            messages.success(request, f"{provider.name}: saved.")
            _warn_of_waiting(request, provider, today)
            return leave(request, f"/c/{client.slug}/queries/setup/providers/")
    context = {
        "page": _page(client.slug, provider, kept, form, today),
        "errors": errors,
        "tabs": query_tabs(actor.role, client.slug, "setup"),
    }
    return render(request, "cdi_queries/provider_contact.html", context, status=422 if errors else 200)


def _warn_of_waiting(request: HttpRequest, provider: Provider, today: date) -> None:
    """Who left answers nothing more: what waits for them is passed on by a person, who knows to whom."""
    count = waiting_for(provider)
    if count and has_left(contact_of(provider.client_id, provider.pk), today):
        ask = "question still waits" if count == 1 else "questions still wait"
        messages.warning(
            request, f"{count:,} {ask} for {provider.name}. Pass them on from the list of queries."
        )


def _saved(actor: Actor, provider: Provider, form: ContactForm) -> dict[str, str]:
    """Errors by field; empty when it is kept."""
    if not form.is_valid():
        return {name: str(found[0]) for name, found in form.errors.items()}
    given = form.cleaned_data
    try:
        save_contact(
            actor=actor,
            provider=provider,
            contact=Contact(
                email=given["email"],
                specialty=given["specialty"],
                account=given["account"],
                left_on=given["left_on"],
                stands_in=given["stands_in"],
            ),
        )
    except (InvalidInput, Refused, Conflict) as error:
        return {str(error.details.get("path", "email")): error.message}
    return {}


def _page(
    slug: str, provider: Provider, kept: ProviderContact | None, form: ContactForm, today: date
) -> ContactPage:
    stored = {
        "email": (kept.email or "") if kept else "",
        "left_on": words.day(kept.left_on) if kept else "",
        "specialty": str(kept.specialty_id or "") if kept else "",
        "stands_in": str(kept.stands_in_id or "") if kept else "",
        "account": str(provider.user_id or ""),
    }
    value = {name: form.data.get(name, "") if form.is_bound else stored[name] for name in stored}
    account = provider.user
    return ContactPage(
        href=f"/c/{slug}/queries/setup/providers/{provider.pk}/",
        list_href=f"/c/{slug}/queries/setup/providers/",
        name=f"{provider.name}, {provider.professional_credential}".rstrip(", "),
        npi=provider.npi,
        email=value["email"],
        email_help=f"Empty: {account.email}, of the account." if account else "One address.",
        left_on=value["left_on"],
        specialties=_choices(
            "None",
            ((str(one.pk), one.name) for one in Specialty.objects.order_by("name")),
            value["specialty"],
        ),
        accounts=_choices(
            "No account",
            ((str(one.pk), f"{one.full_name}, {one.email}") for one in provider_accounts(provider.client_id)),
            value["account"],
        ),
        stand_ins=_choices(
            "Nobody",
            ((str(one.pk), one.name) for one in askable(provider.client_id, today).exclude(pk=provider.pk)),
            value["stands_in"],
        ),
    )


def _choices(empty: str, offered: Any, chosen: str) -> tuple[Choice, ...]:
    return (
        Choice("", empty, not chosen),
        *(Choice(value, label, value == chosen) for value, label in offered),
    )


def _row(base: str, one: Listed, today: date) -> ContactRow:
    address = address_of(one.provider, one.contact)
    left = has_left(one.contact, today)
    leaves = one.contact.left_on if one.contact else None
    stand_in = one.contact.stands_in.name if one.contact and one.contact.stands_in else ""
    if left:
        state, tone = f"Left {words.day(leaves)}", ""
    elif not address:
        state, tone = "Not reachable", "bad" if one.waiting else "warn"
    else:
        state, tone = (f"Leaves {words.day(leaves)}", "warn") if leaves else ("Reachable", "ok")
    return ContactRow(
        href=f"{base}{one.provider.pk}/",
        name=f"{one.provider.name}, {one.provider.professional_credential}".rstrip(", "),
        npi=one.provider.npi,
        address=address,
        account="Yes" if one.provider.user_id else "No",
        specialty=one.contact.specialty.name if one.contact and one.contact.specialty else "",
        state=state,
        tone=tone,
        stand_in=stand_in,
        waiting=f"{one.waiting:,}" if one.waiting else "",
    )


def _require_keeper(actor: Actor) -> None:
    """Who keeps contacts; to the others the pages do not exist."""
    if actor.role not in KEEPERS:
        raise NotFound


def _page_number(text: str) -> int:
    """A page of the list; what is no number is the first."""
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdecimal() and len(text) < 6 else 1
