"""``/c/<client>/queries/audits/``: the audits of queries, and the form that draws one."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from cdi_queries.access.audits import AUDITORS, may_draw, require_auditor, require_drawer
from cdi_queries.access.queries import AUTHORS, LEADERS
from cdi_queries.actions.audits import Drawing, draw_audit
from cdi_queries.selectors.audits import Standing, audits_of, author_standings, authors_of, standings_of
from cdi_queries.terms.audits import edition_on
from cdi_queries.views.audits import parts
from cdi_queries.views.audits.dto import AuditList, AuditRow, AuthorRow, DrawForm
from cdi_queries.views.tabs import query_tabs
from coding_ops.core.errors import InvalidInput, Refused
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, moment, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of

PAGE_ROWS = 50
USUAL_COUNT = "10"
SEEDS = 2**31
FIELDS = ("first", "through", "count", "seed", "author")


@require_GET
@for_client
def audits(request: HttpRequest) -> HttpResponse:
    """``?page=``.  An author who audits nobody is sent to their own results."""
    actor, client = actor_of(request), client_of(request)
    if actor.role in AUTHORS and actor.role not in AUDITORS:
        return HttpResponseRedirect(parts.author_href(client.slug, actor.person_id))
    require_auditor(actor)
    number = parts.page_of(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    found = list(audits_of(client.id)[start : start + PAGE_ROWS + 1])
    shown = found[:PAGE_ROWS]
    counts = standings_of(client.id, [one.pk for one in shown])
    base = parts.audits_href(client.slug)
    page = AuditList(
        rows=tuple(
            AuditRow(
                href=f"{base}{one.pk}/",
                period=period(one.period_from, one.period_through),
                author=one.author.full_name if one.author else "All authors",
                drawn=moment(one.drawn_at, client.timezone),
                by=one.drawn_by.full_name,
                finished=f"{counts.get(one.pk, Standing()).finished} of {one.sample_count}",
                score=parts.score_of(counts.get(one.pk, Standing())),
            )
            for one in shown
        ),
        authors=_authors(client.id, client.slug) if actor.role in LEADERS else (),
        new_href=f"{base}new/" if may_draw(actor) else "",
        previous_page_href=f"?page={number - 1}" if number > 1 else "",
        next_page_href=f"?page={number + 1}" if len(found) > PAGE_ROWS else "",
    )
    context = {"page": page, "tabs": query_tabs(actor.role, client.slug, "audits")}
    return render(request, "cdi_queries/audits.html", context)


def _authors(client_id: int, slug: str) -> tuple[AuthorRow, ...]:
    return tuple(
        AuthorRow(
            parts.author_href(slug, one.author_id),
            one.name,
            f"{one.standing.finished:,}",
            parts.score_of(one.standing),
        )
        for one in author_standings(client_id)
    )


def period(first: date, last: date) -> str:
    """``10/01/2026 to 10/31/2026``."""
    return f"{first:%m/%d/%Y} to {last:%m/%d/%Y}"


@require_http_methods(["GET", "POST"])
@for_client
def new_audit(request: HttpRequest) -> HttpResponse:
    """The form of a sample; last month's days and a seed of chance stand in it until they are changed."""
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    require_drawer(actor)
    if request.method == "GET":
        last = today.replace(day=1) - timedelta(days=1)
        typed = {
            "first": f"{last.replace(day=1):%m/%d/%Y}",
            "through": f"{last:%m/%d/%Y}",
            "count": USUAL_COUNT,
            # A seed nobody chose; it is kept with the draw, so that anybody can draw again.
            "seed": str(secrets.randbelow(SEEDS)),
            "author": "",
        }
        return _form(request, typed, {}, status=200)
    typed = {name: request.POST.get(name, "").strip() for name in FIELDS}
    authors = dict(authors_of(client.id))
    drawing, errors = read_drawing(typed, set(authors))
    if drawing is None:
        return _form(request, typed, errors, status=422)
    try:
        audit = draw_audit(
            actor=actor,
            client_id=client.id,
            zone=client.timezone,
            drawing=drawing,
            today=today,
            now=timezone.now(),
        )
    except (InvalidInput, Refused) as error:
        field = str(error.details.get("path", ""))
        return _form(request, typed, {field: error.message}, status=422)
    return leave(request, f"{parts.audits_href(client.slug)}{audit.pk}/")


def read_drawing(typed: Mapping[str, str], authors: set[int]) -> tuple[Drawing | None, dict[str, str]]:
    """What was typed as a drawing, or what is wrong by field; ``authors`` are the ids one may name."""
    errors: dict[str, str] = {}
    first, last = _day(typed["first"]), _day(typed["through"])
    if first is None:
        errors["first"] = "First day: write it as MM/DD/YYYY."
    if last is None:
        errors["through"] = "Last day: write it as MM/DD/YYYY."
    count, seed = _number(typed["count"]), _number(typed["seed"])
    if count is None:
        errors["count"] = "How many: give a whole number."
    if seed is None:
        errors["seed"] = "Seed: give a whole number."
    author = _number(typed["author"]) if typed["author"] else None
    if typed["author"] and author not in authors:
        errors["author"] = "Author: choose from the list."
    if errors or first is None or last is None or count is None or seed is None:
        return None, errors
    return Drawing(first, last, count, seed, author), {}


def _form(
    request: HttpRequest, typed: Mapping[str, str], errors: Mapping[str, str], *, status: int
) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    edition = edition_on(today_of(request))
    base = parts.audits_href(client.slug)
    form = DrawForm(
        href=f"{base}new/",
        back_href=base,
        first=typed["first"],
        last=typed["through"],
        count=typed["count"],
        seed=typed["seed"],
        authors=(
            Choice("", "All authors", not typed["author"]),
            *(Choice(str(key), name, str(key) == typed["author"]) for key, name in authors_of(client.id)),
        ),
        edition=edition.name,
        questions=tuple(question.title for question in edition.questions),
    )
    context = {"form": form, "errors": errors, "tabs": query_tabs(actor.role, client.slug, "audits")}
    return render(request, "cdi_queries/audit_new.html", context, status=status)


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 (a day, no moment)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None
