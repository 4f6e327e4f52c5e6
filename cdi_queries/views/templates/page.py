"""One template: what its provider would see, how it is used, its versions, and what differs between two."""

from __future__ import annotations

from datetime import date, datetime, time
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from cdi_queries.access.lists import queries_to_list
from cdi_queries.access.templates import may_design, require_designer, require_reader
from cdi_queries.actions.templates import switch_template
from cdi_queries.models import QueryTemplate
from cdi_queries.rules.measure_figures import share
from cdi_queries.rules.outcome import Outcome
from cdi_queries.rules.template import Template
from cdi_queries.selectors.template_use import COUNTED_DAYS, Saved, first_counted, use_of, versions_of
from cdi_queries.terms.measures import measure_terms
from cdi_queries.terms.triggers import trigger_book
from cdi_queries.views.measures.words import OUTCOMES
from cdi_queries.views.measures.words import share as share_words
from cdi_queries.views.tabs import queries_href, query_tabs
from cdi_queries.views.templates import words
from cdi_queries.views.templates.dto import ComparePage, Figure, TemplatePage, VersionRow
from cdi_queries.views.templates.listing import templates_href
from coding_ops.core.errors import Conflict, InvalidInput, NotFound, Refused
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, moment, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of


@require_GET
@for_client
def template(request: HttpRequest, template_key: str) -> HttpResponse:
    """The newest version, switched off or not."""
    require_reader(actor_of(request))
    return _page(request, template_key)


@require_POST
@for_client
def switch(request: HttpRequest, template_key: str) -> HttpResponse:
    """``to`` (on, off), ``why``."""
    actor, client = actor_of(request), client_of(request)
    require_designer(actor)
    on = request.POST.get("to") == "on"
    try:
        switch_template(
            actor=actor, client_id=client.id, key=template_key, on=on, reason=request.POST.get("why", "")
        )
    except (InvalidInput, Refused, Conflict) as error:
        told = error.details.get("fields", {}).get("reason") or error.message
        return _page(request, template_key, errors={"why": told}, status=error.http_status)
    words_of = "offered to authors again" if on else "no longer offered to authors"
    messages.success(request, f"The template is {words_of}.")
    return leave(request, f"{templates_href(client.slug)}{template_key}/")


@require_GET
@for_client
def compare(request: HttpRequest, template_key: str) -> HttpResponse:
    """``a`` and ``b``: two version numbers; without them the newest and the one before."""
    actor, client = actor_of(request), client_of(request)
    require_reader(actor)
    versions = _versions(client.id, template_key)
    texts = {one.template.version: one.template for one in versions}
    numbers = list(texts)
    before = _picked(request.GET.get("a", ""), texts, numbers[min(1, len(numbers) - 1)])
    after = _picked(request.GET.get("b", ""), texts, numbers[0])
    base = f"{templates_href(client.slug)}{template_key}/"
    page = ComparePage(
        href=f"{base}compare/",
        back_href=base,
        name=versions[0].template.name,
        heading=f"Version {before} beside version {after}",
        befores=_numbers(numbers, before),
        afters=_numbers(numbers, after),
        before=f"Version {before}",
        after=f"Version {after}",
        changes=words.differences(texts[before], texts[after]),
    )
    context = {"page": page, "tabs": query_tabs(actor.role, client.slug, "templates")}
    return render(request, "cdi_queries/template_compare.html", context)


def _versions(client_id: int, key: str) -> list[Saved]:
    versions = versions_of(client_id, key)
    if not versions:
        raise NotFound
    return versions


def _page(
    request: HttpRequest, key: str, *, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    versions = _versions(client.id, key)
    newest = versions[0].template
    is_off = QueryTemplate.objects.filter(client_id=client.id, key=key, is_active=False).exists()
    base = templates_href(client.slug)
    numbers = [one.template.version for one in versions]
    page = TemplatePage(
        href=f"{base}{key}/",
        list_href=base,
        change_href=f"{base}{key}/change/",
        copy_href=f"{base}new/?copy={key}",
        compare_href=f"{base}{key}/compare/",
        switch_href=f"{base}{key}/switch/",
        name=newest.name,
        standing=_standing(newest, is_off=is_off),
        is_off=is_off,
        facts=_facts(newest),
        use=_use(actor, client, key, first_counted(today_of(request))),
        use_days=COUNTED_DAYS,
        versions=_history(versions, client.timezone, f"{base}{key}/change/?version="),
        picks=_numbers(numbers, numbers[min(1, len(numbers) - 1)]),
        may_design=may_design(actor),
    )
    context = {
        "page": page,
        "question": words.preview(newest),
        "errors": errors or {},
        "tabs": query_tabs(actor.role, client.slug, "templates"),
    }
    return render(request, "cdi_queries/template.html", context, status=status)


def _standing(template: Template, *, is_off: bool) -> str:
    origin = words.ORIGINS["own" if template.is_own else "library"]
    return f"{origin}, version {template.version}{', switched off' if is_off else ''}"


def _facts(template: Template) -> tuple[tuple[str, str], ...]:
    """What authors see beside the preview, which shows the rest."""
    shown = {"Name", "Title", "Question", "Answers", "Sample words of a record"}
    rules = "; ".join(one.name for one in trigger_book().rules if one.key in template.triggers)
    told = [*words.told(template), ("Suggested by the opportunities", rules)]
    return tuple((name, text) for name, text in told if text and name not in shown)


def _use(actor: Actor, client: ReachedClient, key: str, first: date) -> tuple[Figure, ...]:
    """Counts by outcome of what this person may list, each with its rows; "other" and "unable to determine"
    apart."""
    since = datetime.combine(first, time.min, ZoneInfo(client.timezone))
    use, terms = use_of(queries_to_list(actor, client.id), key, since), measure_terms()
    value, note = share_words(share(use.agreed, use.answered, terms.confidence), terms)
    base = f"{queries_href(client.slug)}?{urlencode({'template': key, 'from': f'{first:%m/%d/%Y}'})}"

    def counted(outcome: Outcome) -> int:
        return use.outcomes.get(outcome.value, 0)

    def rows(outcome: Outcome) -> str:
        return f"{base}&outcome={outcome.value}" if counted(outcome) else ""

    return (
        Figure("Sent", str(use.sent), href=base if use.sent else ""),
        Figure("Answered", str(use.answered)),
        Figure("Agreed", value, note, rows(Outcome.AGREED)),
        *(
            Figure(label, str(counted(outcome)), href=rows(outcome))
            for outcome, label in OUTCOMES.items()
            if outcome is not Outcome.AGREED
        ),
    )


def _history(versions: list[Saved], zone: str, again: str) -> tuple[VersionRow, ...]:
    return tuple(
        VersionRow(
            number=one.template.version,
            made=f"{one.by}, {moment(one.at, zone)}" if one.at else "From the library",
            reason=one.reason,
            changes=words.differences(versions[at + 1].template, one.template)
            if at + 1 < len(versions)
            else (),
            again_href=f"{again}{one.template.version}" if at else "",
        )
        for at, one in enumerate(versions)
    )


def _numbers(numbers: list[int], picked: int) -> tuple[Choice, ...]:
    return tuple(Choice(str(one), f"Version {one}", one == picked) for one in numbers)


def _picked(text: str, texts: dict[int, Template], default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 and int(text) in texts else default
