"""``/c/<client>/quality/plans/``: what is sampled, how, and by whom; making a plan and changing its terms."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coding_ops.core.errors import Conflict, DomainError, InvalidInput, NotAllowed, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client, Role
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from qa_audit.access import may_read_samples, require_plan_reader, require_planner, require_planner_of
from qa_audit.actions.draws import draw_sample
from qa_audit.actions.plans import create_plan, revise_plan, switch_plan
from qa_audit.models import PlanVersion, SamplingPlan
from qa_audit.rules.periods import last_period
from qa_audit.rules.plan_terms import PlanTerms, parse_terms
from qa_audit.selectors.plans import (
    PAGE_ROWS,
    coders_of,
    draws_of,
    find_plan,
    plans_of,
    preview,
    settled_counts,
    specialties_of,
    versions_of,
)
from qa_audit.views.plans import parts, words
from qa_audit.views.plans.dto import PlanGroup, PlanPage, PlansPage, PreviewView
from qa_audit.views.plans.form import Draft, draft_from, draft_of, form_view, read_terms
from qa_audit.views.tabs import quality_href, quality_tabs

SAVE = "save"
DRAWS_SHOWN = 5
SIDES = {
    False: ("ours", "The coding vendor’s plans", "Drawn and reviewed by the vendor’s reviewers"),
    True: (
        "client",
        "The client’s own plans",
        "Drawn and reviewed by the client’s people; the result stands beside the vendor’s",
    ),
}


@require_GET
@for_client
def plans(request: HttpRequest) -> HttpResponse:
    """``page``."""
    actor, client = actor_of(request), client_of(request)
    require_plan_reader(actor)
    base = quality_href(client.slug)
    number = page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    found = list(plans_of(client.id)[start : start + PAGE_ROWS + 1])
    groups = tuple(_group(base, actor, is_client, found[:PAGE_ROWS]) for is_client in (False, True))
    page = PlansPage(
        groups=groups if actor.role != Role.CLIENT_ADMIN else groups[::-1],
        draws_href=f"{base}draws/",
        held_href=f"{base}held/" if may_read_samples(actor) else "",
        next_page_href=f"?page={number + 1}" if len(found) > PAGE_ROWS else "",
        previous_page_href=f"?page={number - 1}" if number > 1 else "",
    )
    return _render(request, "qa_audit/plans.html", {"page": page})


@require_http_methods(["GET", "POST"])
@for_client
def new(request: HttpRequest) -> HttpResponse:
    """A plan, previewed as often as wanted before it is saved."""
    actor, client = actor_of(request), client_of(request)
    require_planner(actor)
    if request.method == "GET":
        return _form(request, None, draft_of(PlanTerms()))
    draft = draft_from(request.POST)
    terms, errors = read_terms(draft)
    if terms is None or request.POST.get("do") != SAVE:
        return _form(request, None, draft, terms=terms, errors=errors)
    try:
        plan = create_plan(
            actor=actor,
            client=Client.objects.get(pk=client.id),
            name=draft.name,
            terms=terms.as_json(),
        )
    except (InvalidInput, Refused) as error:
        return _form(request, None, draft, terms=terms, errors=_by_field(error, "name"))
    messages.success(request, f"The plan “{plan.name}” is saved.")
    return leave(request, plan_href(client.slug, plan.pk))


@require_http_methods(["GET", "POST"])
@for_client
def change(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """New terms from now on, as the next version."""
    actor, client = actor_of(request), client_of(request)
    require_plan_reader(actor)
    version = find_plan(client.id, plan_id)
    require_planner_of(actor, version.plan)
    if request.method == "GET":
        return _form(request, version, draft_of(parse_terms(version.terms), seen_version=version.number))
    draft = draft_from(request.POST)
    terms, errors = read_terms(draft)
    if terms is None or request.POST.get("do") != SAVE:
        return _form(request, version, draft, terms=terms, errors=errors)
    try:
        revise_plan(
            actor=actor,
            plan=version.plan,
            seen_version=draft.seen_version,
            terms=terms.as_json(),
            reason=draft.reason,
        )
    except (InvalidInput, Refused, Conflict) as error:
        field = "reason" if error.code == "plan.reason" else ""
        errors = _by_field(error, field)
        return _form(request, version, draft, terms=terms, errors=errors, status=error.http_status)
    messages.success(request, f"Version {version.number + 1} of “{version.plan.name}” is saved.")
    return leave(request, plan_href(client.slug, plan_id))


@require_GET
@for_client
def plan(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """What a plan says and said, and its newest draws."""
    require_plan_reader(actor_of(request))
    return _page(request, find_plan(client_of(request).id, plan_id))


@require_POST
@for_client
def switch(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Off, or on again, with a reason."""
    actor, client = actor_of(request), client_of(request)
    require_plan_reader(actor)
    version = find_plan(client.id, plan_id)
    require_planner_of(actor, version.plan)
    on = request.POST.get("to") == "on"
    try:
        switch_plan(actor=actor, plan=version.plan, is_active=on, reason=request.POST.get("why", ""))
    except Refused as error:
        return _page(request, version, errors={"why": error.message}, status=error.http_status)
    messages.success(request, f"The plan “{version.plan.name}” is {'on' if on else 'off'}.")
    return leave(request, plan_href(client.slug, plan_id))


@require_POST
@for_client
def draw(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """Draws a period: ``first``, ``last``, and a ``seed`` or none."""
    actor, client = actor_of(request), client_of(request)
    require_plan_reader(actor)
    version = find_plan(client.id, plan_id)
    require_planner_of(actor, version.plan)
    sent = {name: request.POST.get(name, "").strip() for name in ("first", "last", "seed")}
    days, seed, errors = parts.read_draw(sent, today_of(request))
    if not errors and days is not None:
        try:
            drawn = draw_sample(actor=actor, plan=version.plan, first=days[0], last=days[1], seed=seed)
        except (InvalidInput, Refused) as error:
            errors = _by_field(error, "first")
        else:
            told = f"{words.charts(drawn.sample_count)} drawn out of {drawn.frame_count:,}."
            messages.success(request, f"{told} Each waits for its review.")
            return leave(request, f"{quality_href(client.slug)}draws/{drawn.pk}/")
    return _page(request, version, errors=errors, sent=sent, status=422)


# --- parts ----------------------------------------------------------------------------------------------


def plan_href(slug: str, plan_id: uuid.UUID) -> str:
    """A plan's page."""
    return f"{quality_href(slug)}plans/{plan_id}/"


def page_number(text: str) -> int:
    """The page of ``?page=``, 1 for anything that is none."""
    return int(text) if text.isdecimal() and 0 < int(text[:6]) < 10_000 else 1


def _render(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    context["tabs"] = quality_tabs(actor.role, client.slug, "plans")
    return render(request, template, context, status=status)


def _by_field(error: DomainError, field: str) -> dict[str, str]:
    return {str(error.details.get("path", field)): error.message}


def _group(base: str, actor: Actor, is_client: bool, found: list[PlanVersion]) -> PlanGroup:
    key, heading, note = SIDES[is_client]
    may = _may_plan(actor, is_client)
    return PlanGroup(
        id=key,
        heading=heading,
        note=note,
        rows=tuple(parts.plan_row(base, one) for one in found if one.plan.is_client_run == is_client),
        new_href=f"{base}plans/new/" if may else "",
        empty_words="No plan yet. Make one to draw samples of final charts."
        if may
        else "No plan has been made on this side.",
    )


def _may_plan(actor: Actor, is_client: bool) -> bool:
    try:
        require_planner_of(actor, SamplingPlan(is_client_run=is_client))
    except NotAllowed:
        return False
    return True


def _form(
    request: HttpRequest,
    version: PlanVersion | None,
    draft: Draft,
    *,
    terms: PlanTerms | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 0,
) -> HttpResponse:
    """The form, and below it what its terms would draw."""
    actor, client = actor_of(request), client_of(request)
    base = quality_href(client.slug)
    href = f"{base}plans/new/" if version is None else f"{plan_href(client.slug, version.plan_id)}change/"
    chosen = [int(one) for one in draft.many.get("coders", ()) if one.isdecimal() and len(one) < 10]
    form = form_view(
        draft,
        href,
        is_new=version is None,
        # A client chooses kinds of visits and specialties; who codes for it is the vendor's to know.
        coders=coders_of(client.id, chosen) if actor.is_vendor else [],
        specialties=specialties_of(client.id, draft.many.get("specialties", ())),
    )
    shown = _preview(request, terms) if terms is not None and not errors else None
    context = {
        "form": form,
        "preview": shown,
        "errors": errors or {},
        "heading": version.plan.name if version else "New plan",
        "back_href": plan_href(client.slug, version.plan_id) if version else f"{base}plans/",
    }
    return _render(request, "qa_audit/plan_form.html", context, status=status or (422 if errors else 200))


def _preview(request: HttpRequest, terms: PlanTerms) -> PreviewView:
    client = client_of(request)
    first, last = last_period(terms.schedule, today_of(request))
    found = preview(Client.objects.get(pk=client.id), terms, first, last)
    names = parts.names_of(actor_of(request), [one.name for one in found.strata])
    return parts.preview_view(found, terms, names)


def _page(
    request: HttpRequest,
    version: PlanVersion,
    *,
    errors: Mapping[str, str] | None = None,
    sent: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    base, href = quality_href(client.slug), plan_href(client.slug, version.plan_id)
    terms = parse_terms(version.terms)
    versions = versions_of(version.plan)
    drawn = list(draws_of(client.id, plan_id=version.plan_id)[: DRAWS_SHOWN + 1])
    counts = settled_counts(client.id, [one.pk for one in drawn])
    first, last = last_period(terms.schedule, today_of(request))
    names = parts.names_in_terms(actor, client.id, [parse_terms(one.terms) for one in versions])
    sent = sent or {"first": _typed(first), "last": _typed(last), "seed": ""}
    page = PlanPage(
        href=href,
        list_href=f"{base}plans/",
        name=version.plan.name,
        standing=parts.plan_standing(version.plan, client.timezone),
        is_on=version.plan.is_active,
        side=SIDES[version.plan.is_client_run][2],
        says=parts.says(terms, names),
        may_edit=_may_plan(actor, version.plan.is_client_run),
        change_href=f"{href}change/",
        switch_href=f"{href}switch/",
        draw_href=f"{href}draw/",
        draws=tuple(parts.draw_row(base, one, counts, actor, client.timezone) for one in drawn[:DRAWS_SHOWN]),
        all_draws_href=f"{base}draws/?{urlencode({'plan': version.plan_id})}"
        if len(drawn) > DRAWS_SHOWN
        else "",
        versions=parts.history(versions, names, actor, client.timezone),
        first=sent["first"],
        last=sent["last"],
        seed=sent["seed"],
        why=request.POST.get("why", ""),
    )
    return _render(request, "qa_audit/plan.html", {"page": page, "errors": errors or {}}, status=status)


def _typed(day: date) -> str:
    return words.day(day)
