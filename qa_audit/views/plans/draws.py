"""``/c/<client>/quality/draws/``: samples as they were drawn, how far their reviews are, what they say."""

from __future__ import annotations

import json
import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.middleware import actor_of
from encounters.views.doors import uuid_of
from qa_audit.access import may_read_samples, require_plan_reader, require_sample_reader
from qa_audit.models import Draw
from qa_audit.rules.drawing import rule_request
from qa_audit.rules.frame import rat_stats_csv, unpack_frame
from qa_audit.rules.plan_terms import PlanTerms, parse_terms
from qa_audit.rules.review_states import ReviewState
from qa_audit.selectors.plans import (
    PAGE_ROWS,
    Again,
    Progress,
    draw_again,
    draws_of,
    find_draw,
    plans_of,
    progress_of,
    settled_counts,
)
from qa_audit.views.plans import draw_parts as parts
from qa_audit.views.plans import words
from qa_audit.views.plans.dto import AgainPage, DrawPage, DrawsPage
from qa_audit.views.plans.parts import draw_row, drawn_by, names_of
from qa_audit.views.plans.plans import page_number
from qa_audit.views.tabs import quality_href, quality_tabs


@require_GET
@for_client
def draws(request: HttpRequest) -> HttpResponse:
    """``plan``, ``page``."""
    actor, client = actor_of(request), client_of(request)
    require_plan_reader(actor)
    base = quality_href(client.slug)
    asked = request.GET.get("plan", "")
    plan_id = uuid_of(asked) if asked else None
    number = page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    found = list(draws_of(client.id, plan_id=plan_id)[start : start + PAGE_ROWS + 1])
    shown, more = found[:PAGE_ROWS], len(found) > PAGE_ROWS
    counts = settled_counts(client.id, [one.pk for one in shown])
    kept = f"plan={plan_id}&" if plan_id else ""
    page = DrawsPage(
        heading="Draws",
        rows=tuple(draw_row(base, one, counts, actor, client.timezone) for one in shown),
        filters=(
            Choice("", "All plans", plan_id is None, "?"),
            *(
                Choice(str(one.plan_id), one.plan.name, one.plan_id == plan_id, f"?plan={one.plan_id}")
                for one in plans_of(client.id)[:PAGE_ROWS]
            ),
        ),
        summary=f"{len(shown)} {'draw' if len(shown) == 1 else 'draws'}, newest first" if shown else "",
        plans_href=f"{base}plans/",
        next_page_href=f"?{kept}page={number + 1}" if more else "",
        previous_page_href=f"?{kept}page={number - 1}" if number > 1 else "",
    )
    tabs = quality_tabs(actor.role, client.slug, "plans")
    return render(request, "qa_audit/draws.html", {"page": page, "tabs": tabs})


@require_GET
@for_client
def draw(request: HttpRequest, draw_id: uuid.UUID) -> HttpResponse:
    """One draw: what it was drawn from, how, by which seed; its reviews and what they say so far."""
    actor, client = actor_of(request), client_of(request)
    require_plan_reader(actor)
    drawn = find_draw(client.id, draw_id)
    terms = parse_terms(drawn.version.terms)
    context = {
        "page": _page(request, drawn, terms, progress_of(drawn, terms)),
        "tabs": quality_tabs(actor.role, client.slug, "plans"),
    }
    return render(request, "qa_audit/draw.html", context)


@require_GET
@for_client
def again(request: HttpRequest, draw_id: uuid.UUID) -> HttpResponse:
    """Draws again from the stored frame, plan and seed, and says whether the list is the same."""
    actor, client = actor_of(request), client_of(request)
    require_plan_reader(actor)
    drawn = find_draw(client.id, draw_id)
    found = draw_again(drawn)
    page = AgainPage(
        heading=f"Drawn again: {_heading(drawn)}",
        draw_href=f"{quality_href(client.slug)}draws/{drawn.pk}/",
        repeats=found.repeats,
        answer=_answer(found),
        checks=parts.checks(found),
        since=parts.since(found),
    )
    tabs = quality_tabs(actor.role, client.slug, "plans")
    return render(request, "qa_audit/draw_again.html", {"page": page, "tabs": tabs})


@require_GET
@for_client
def frame(request: HttpRequest, draw_id: uuid.UUID) -> HttpResponse:
    """The frame as RAT-STATS reads it: CSV, by chart id and stratum; no patient data."""
    require_sample_reader(actor_of(request))
    drawn = find_draw(client_of(request).id, draw_id)
    return _file(rat_stats_csv(unpack_frame(bytes(drawn.frame))), "text/csv; charset=utf-8", "frame.csv")


@require_GET
@for_client
def rule(request: HttpRequest, draw_id: uuid.UUID) -> HttpResponse:
    """Frame, plan and seed as `manage.py rule qa.sample` takes them, to draw the same list anywhere."""
    require_sample_reader(actor_of(request))
    drawn = find_draw(client_of(request).id, draw_id)
    asked = rule_request(unpack_frame(bytes(drawn.frame)), parse_terms(drawn.version.terms), drawn.seed)
    return _file(json.dumps(asked), "application/json", "qa-sample.json")


def _file(content: str, kind: str, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _page(request: HttpRequest, drawn: Draw, terms: PlanTerms, found: Progress) -> DrawPage:
    actor, client = actor_of(request), client_of(request)
    base = quality_href(client.slug)
    href = f"{base}draws/{drawn.pk}/"
    names = names_of(actor, list(drawn.strata))
    may_open = actor.role != Role.CLIENT_ADMIN or drawn.version.plan.is_client_run
    reviews_href = f"{base}reviews/?draw={drawn.pk}" if may_open else ""
    return DrawPage(
        heading=_heading(drawn),
        plan_href=f"{base}plans/{drawn.version.plan_id}/",
        plan_name=drawn.version.plan.name,
        facts=_facts(drawn, actor, client.timezone),
        figures=parts.figures(found.estimate, terms),
        strata=tuple(parts.stratum_row(one, names, reviews_href) for one in found.strata),
        whole=parts.whole_row(found, drawn, reviews_href),
        reviews_href=reviews_href,
        again_href=f"{href}again/",
        frame_href=f"{href}frame.csv" if may_read_samples(actor) else "",
        rule_href=f"{href}qa-sample.json",
        notices=parts.notices(drawn, found, names),
        estimate_note=parts.estimate_note(found.estimate, names),
        confidence=words.percent(terms.confidence),
        export_href=f"/c/{client.slug}/exports/" if _is_over(found) and may_open else "",
        draw_id=str(drawn.pk),
    )


def _is_over(found: Progress) -> bool:
    """Whether nothing of the draw is waited for; then it can be exported."""
    return bool(found.states) and not set(found.states) - {ReviewState.CLOSED, ReviewState.CANCELLED}


def _heading(drawn: Draw) -> str:
    return f"{drawn.version.plan.name}, {words.period(drawn.period_from, drawn.period_through)}"


def _facts(drawn: Draw, actor: Actor, zone: str) -> tuple[tuple[str, str], ...]:
    return (
        ("Drawn", f"{drawn_by(drawn, actor)}, {moment(drawn.drawn_at, zone)}"),
        ("Plan", f"Version {drawn.version.number}"),
        ("Frame", words.charts(drawn.frame_count)),
        ("Left out", words.left_out(drawn.excluded) or "Nothing"),
        ("Sample", words.charts(drawn.sample_count)),
        ("Seed", str(drawn.seed)),
        ("Frame, SHA-256", drawn.frame_sha256),
        ("Plan, SHA-256", drawn.plan_sha256),
    )


def _answer(found: Again) -> str:
    if found.repeats:
        return f"The same {words.charts(found.sample)}, from the stored frame, plan and seed."
    return "This is not the list that was drawn. Something of the draw was changed after it was made."
