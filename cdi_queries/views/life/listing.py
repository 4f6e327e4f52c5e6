"""``/c/<client>/queries/``: a client's queries, cut by what stands in the address."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cdi_queries.access.lists import queries_to_list
from cdi_queries.models import Channel, QueryOutcome, QueryStatus
from cdi_queries.selectors.listing import (
    Wanted,
    authors,
    list_page,
    providers_asked,
    specialties,
)
from cdi_queries.selectors.templates import kept_templates
from cdi_queries.terms.triggers import trigger_book
from cdi_queries.views.life.dto import Filter, QueriesPage
from cdi_queries.views.life.rows import rows_of
from cdi_queries.views.tabs import ROOMS, queries_href, query_tabs
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of
from encounters.forms import DayField
from encounters.views.paging import at_of, turn, turns

READERS = next(room.roles for room in ROOMS if room.key == "life")
SELECTS = ("provider", "author", "template", "specialty", "outcome", "trigger", "channel")
DAYS = ("from", "to")
NAMES = ("state", "with", *SELECTS, *DAYS)


@require_GET
@for_client
def queries(request: HttpRequest) -> HttpResponse:
    """``state``, ``provider``, ``author``, ``template``, ``specialty``, ``outcome``, ``trigger``,
    ``channel``, ``from`` and ``to`` (days of sending at the client's), ``with=me``, ``after``, ``before``.
    """
    actor, client = actor_of(request), client_of(request)
    if actor.role not in READERS:
        raise NotFound
    kept = {name: request.GET.get(name, "").strip() for name in NAMES}
    days, errors = _days(kept, today_of(request))
    page = QueriesPage(
        href=queries_href(client.slug),
        summary="",
        rows=(),
        states=_states(kept, actor),
        filters=_filters(client.id, kept, actor),
        hidden=tuple((name, kept[name]) for name in ("state", "with") if kept[name]),
        empty_words="No query fits this filter. Choose All, or widen the days."
        if any(kept.values())
        else _nothing(actor),
        cut="those escalated to you" if kept["with"] else "",
        cut_off_href=turn({**kept, "with": ""}) if kept["with"] else "",
        from_text=kept["from"],
        to_text=kept["to"],
        errors=errors,
        shows_author=actor.is_vendor,
    )
    if not errors:
        found = list_page(
            queries_to_list(actor, client.id), _wanted(kept, actor, days, client.timezone), at_of(request.GET)
        )
        previous, following = turns(found, kept)
        page = replace(
            page,
            summary=_summary(len(found.rows), found.has_next),
            rows=rows_of(found.rows, {client.id: client}, timezone.now()),
            previous_page_href=previous,
            next_page_href=following,
        )
    context = {"page": page, "tabs": query_tabs(actor.role, client.slug, "life")}
    return render(request, "cdi_queries/queries.html", context, status=422 if errors else 200)


def _wanted(kept: Mapping[str, str], actor: Actor, days: Mapping[str, date | None], zone: str) -> Wanted:
    """The cut; a value that nobody can choose takes nothing away, an id that is none is not found."""
    return Wanted(
        state=kept["state"] if kept["state"] in QueryStatus.values else "",
        outcome=kept["outcome"] if kept["outcome"] in QueryOutcome.values else "",
        provider=_uuid(kept["provider"]),
        author=_number(kept["author"]) if actor.is_vendor else None,
        template=kept["template"],
        trigger=kept["trigger"] if actor.is_vendor else "",
        specialty=kept["specialty"],
        channel=kept["channel"] if kept["channel"] in Channel.values else "",
        advisor=actor.user_id if kept["with"] == "me" else None,
        sent_from=_start(days["from"], zone),
        sent_before=_start(days["to"], zone, 1),
    )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError as error:
        raise NotFound from error


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _days(kept: Mapping[str, str], today: date) -> tuple[dict[str, date | None], dict[str, str]]:
    """First and last day of sending, and what is wrong with them."""
    field = DayField(today, required=False)
    days: dict[str, date | None] = {}
    errors = {}
    for name in DAYS:
        try:
            days[name] = field.clean(kept[name])
        except forms.ValidationError as error:
            errors[name] = str(error.messages[0])
    first, last = days.get("from"), days.get("to")
    if first and last and first > last:
        errors["to"] = "The last day lies before the first."
    return days, errors


def _start(day: date | None, zone: str, plus: int = 0) -> datetime | None:
    """The moment at which a day begins at the client's, or a later one."""
    return datetime.combine(day + timedelta(days=plus), time.min, ZoneInfo(zone)) if day else None


def _states(kept: Mapping[str, str], actor: Actor) -> tuple[Choice, ...]:
    pairs = [("", "All"), *((str(one.value), str(one.label)) for one in QueryStatus)]
    if not actor.is_vendor:
        pairs = [pair for pair in pairs if pair[0] != QueryStatus.DRAFT]
    return tuple(
        Choice(value, label, value == kept["state"], turn({**kept, "state": value})) for value, label in pairs
    )


def _filters(client_id: int, kept: Mapping[str, str], actor: Actor) -> tuple[Filter, ...]:
    found: list[tuple[str, str, list[tuple[str, str]]]] = [
        ("provider", "Provider", [(str(one.pk), one.name) for one in providers_asked(client_id)]),
        (
            "template",
            "Template",
            [(one.template.key, one.template.name) for one in kept_templates(client_id)],
        ),
        ("specialty", "Specialty", [(one.code, one.name) for one in specialties()]),
        ("outcome", "Answer", [(one.value, str(one.label)) for one in QueryOutcome]),
        ("channel", "Asked", [(one.value, str(one.label)) for one in Channel]),
    ]
    if actor.is_vendor:
        found.insert(1, ("author", "Author", [(str(one.pk), one.full_name) for one in authors(client_id)]))
        found.append(("trigger", "Opportunity", [(one.key, one.name) for one in trigger_book().rules]))
    return tuple(
        Filter(name, label, (Choice("", "All", not kept[name]), *_choices(pairs, kept[name])))
        for name, label, pairs in found
    )


def _choices(pairs: Iterable[tuple[str, str]], chosen: str) -> list[Choice]:
    return [Choice(value, label, value == chosen) for value, label in pairs]


def _summary(count: int, more: bool) -> str:
    if not count:
        return ""
    noun = "query" if count == 1 else "queries"
    return f"{count} {noun}, newest first{'; more on the next page' if more else ''}"


def _nothing(actor: Actor) -> str:
    if actor.is_vendor:
        return "No query yet. Open a chart, select the words of its note and press Q."
    return "No question has been sent to a provider yet."
