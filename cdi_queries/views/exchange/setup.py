"""``/c/<client>/queries/setup/``: what is agreed about queries, and how they reach the client's inbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from cdi_queries.access.queries import STEWARDS
from cdi_queries.actions.outbox import require_way_keeper, try_way
from cdi_queries.actions.policy import Agreed, set_policy
from cdi_queries.actions.ways import WayOut, set_way
from cdi_queries.models import DeliveryRoute, MessageFormat, QueryPolicy
from cdi_queries.selectors.outbound import messages_of, route_of
from cdi_queries.selectors.policy import policy_of
from cdi_queries.selectors.setup import advisors_of, is_clients_own
from cdi_queries.terms.policy import policy_bounds
from cdi_queries.views.exchange import words
from cdi_queries.views.exchange.dto import NumberField, PolicyView, SetupPage, WayView
from cdi_queries.views.tabs import queries_href, query_tabs
from coding_ops.core.errors import InvalidInput, NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client, Role
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of

SETUP_READERS = STEWARDS | {Role.CLIENT_ADMIN}
NEWEST = 10


class PolicyForm(forms.Form):
    """Numbers, the advisor, and whether queries belong to the record."""

    is_part_of_record = forms.BooleanField(required=False)
    advisor = forms.IntegerField(required=False, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (least, most) in policy_bounds().items():
            wrong = f"Write a whole number from {least} to {most}."
            self.fields[name] = forms.IntegerField(
                min_value=least,
                max_value=most,
                error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
            )


class WayForm(forms.Form):
    """The way out as typed; what fits is the action's to say."""

    kind = forms.CharField(max_length=8, required=False)
    address = forms.CharField(max_length=300, required=False)
    receiving_application = forms.CharField(max_length=60, required=False)
    receiving_facility = forms.CharField(max_length=60, required=False)
    authority = forms.CharField(max_length=120, required=False)
    token = forms.CharField(max_length=2000, required=False)
    is_on = forms.BooleanField(required=False)


@require_GET
@for_client
def setup(request: HttpRequest) -> HttpResponse:
    """The policy, the way out, its newest messages."""
    return _page(request, {})


@require_POST
@for_client
def save_policy(request: HttpRequest) -> HttpResponse:
    """The numbers of the policy, ``advisor`` (an account), ``is_part_of_record``."""
    actor, client = actor_of(request), client_of(request)
    require_reader(actor)
    form = PolicyForm(request.POST)
    if not form.is_valid():
        return _page(request, _first(form))
    given = dict(form.cleaned_data)
    advisor = given.pop("advisor")
    try:
        set_policy(actor=actor, client_id=client.id, agreed=Agreed(**given, advisor_id=advisor))
    except InvalidInput as error:
        return _page(request, error.details["fields"])
    messages.success(request, "The policy is saved. Questions that wait already keep their days.")
    return leave(request, setup_href(client.slug))


@require_POST
@for_client
def save_way(request: HttpRequest) -> HttpResponse:
    """The way out: ``kind``, ``address``, how the receiver names itself, ``token``, ``is_on``."""
    actor, client = actor_of(request), client_of(request)
    require_reader(actor)
    require_way_keeper(actor)
    form = WayForm(request.POST)
    if not form.is_valid():
        return _page(request, _first(form))
    try:
        set_way(actor=actor, client=Client.objects.get(pk=client.id), wanted=WayOut(**form.cleaned_data))
    except InvalidInput as error:
        return _page(request, error.details["fields"])
    messages.success(request, "The way out is saved.")
    return leave(request, setup_href(client.slug))


@require_POST
@for_client
def send_test(request: HttpRequest) -> HttpResponse:
    """Puts a test message in line; what became of it is among the messages."""
    actor, client = actor_of(request), client_of(request)
    require_reader(actor)
    try_way(actor=actor, client=Client.objects.get(pk=client.id))
    messages.success(request, "The test message is in line. Load the page again to see what became of it.")
    return leave(request, f"{setup_href(client.slug)}#messages")


def setup_href(slug: str) -> str:
    """``/c/<client>/queries/setup/``"""
    return f"{queries_href(slug)}setup/"


def require_reader(actor: Actor) -> None:
    """Who sees the set-up: who keeps queries, and the client's administrator.

    Raises:
        NotFound: anybody else.
    """
    if actor.role not in SETUP_READERS:
        raise NotFound


def _page(request: HttpRequest, errors: Mapping[str, str]) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    require_reader(actor)
    base = setup_href(client.slug)
    typed = request.POST if errors else {}
    newest = messages_of(client.id)[:NEWEST] if actor.is_vendor else ()
    page = SetupPage(
        policy=_policy(policy_of(client.id), actor, base, typed),
        way=_way(route_of(client.id), actor, base, typed),
        messages=tuple(words.message_row(one, queries_href(client.slug), client.timezone) for one in newest),
        messages_href=f"{base}messages/" if actor.is_vendor else "",
        retention_href=f"{base}retention/",
        providers_href=f"{base}providers/",
    )
    context = {"page": page, "errors": errors, "tabs": query_tabs(actor.role, client.slug, "setup")}
    return render(request, "cdi_queries/setup.html", context, status=422 if errors else 200)


def _policy(policy: QueryPolicy, actor: Actor, base: str, typed: Mapping[str, Any]) -> PolicyView:
    is_keeper = actor.role in STEWARDS
    is_typed = "retention_years" in typed
    chosen = str(typed.get("advisor", "")) if is_typed else str(policy.advisor_id or "")
    numbers = tuple(
        NumberField(
            name, label, str(typed.get(name, "") if is_typed else getattr(policy, name)), _help(name, more)
        )
        for name, (label, more) in words.NUMBERS.items()
    )
    advisors = (
        Choice("", "Nobody", chosen == ""),
        *(
            Choice(str(one.pk), one.full_name, chosen == str(one.pk))
            for one in (advisors_of(policy.client_id) if is_keeper else ())
        ),
    )
    facts = (
        *((one.label, one.value) for one in numbers),
        ("Advisor", _advisor(policy)),
        ("Part of the legal medical record", "Yes" if policy.is_part_of_record else "No"),
    )
    return PolicyView(
        action=f"{base}policy/" if is_keeper else "",
        numbers=numbers,
        advisors=advisors,
        is_part_of_record=bool(typed.get("is_part_of_record")) if is_typed else policy.is_part_of_record,
        facts=facts,
    )


def _advisor(policy: QueryPolicy) -> str:
    """As the client's administrator reads it: the vendor's people have no names outside."""
    if policy.advisor is None:
        return "Nobody"
    is_theirs = is_clients_own(policy.client_id, policy.advisor)
    return policy.advisor.full_name if is_theirs else "One of the coding team"


def _help(name: str, more: str) -> str:
    least, most = policy_bounds()[name]
    return f"{least} to {most}. {more}".strip()


def _way(route: DeliveryRoute, actor: Actor, base: str, typed: Mapping[str, Any]) -> WayView:
    is_keeper = actor.role == Role.VENDOR_ADMIN
    is_typed = "authority" in typed

    def value(name: str) -> str:
        return str(typed.get(name, "")) if is_typed else str(getattr(route, name))

    chosen = value("kind")
    facts = [
        ("Queries go", "To the inbox; what fails goes by mail" if route.is_on else "By mail with a link")
    ]
    if route.kind != MessageFormat.MAIL:
        facts.append(("Written as", str(route.get_kind_display())))
    if actor.is_vendor and route.address:
        facts.append(("Address", route.address))
    return WayView(
        action=f"{base}way/" if is_keeper else "",
        test_action=f"{base}way/test/" if is_keeper and route.kind != MessageFormat.MAIL else "",
        kinds=tuple(Choice(one, label, one == chosen) for one, label in MessageFormat.choices),
        address=value("address"),
        receiving_application=value("receiving_application"),
        receiving_facility=value("receiving_facility"),
        authority=value("authority"),
        token_help=_token_help(route),
        is_on=bool(typed.get("is_on")) if is_typed else route.is_on,
        facts=tuple(facts),
        folder_words="drop: writes into the drop folder." if settings.OUTBOX_DROP_DIR else "",
    )


def _token_help(route: DeliveryRoute) -> str:
    kept = "One is kept; leave empty to keep it. " if route.token else ""
    return (
        f"{kept}Sent as a bearer token over HTTPS. It is not shown again, and goes when the address changes."
    )


def _first(form: forms.Form) -> dict[str, str]:
    return {name: str(found[0]) for name, found in form.errors.items()}
