"""One review at one address: worksheet, comparison, exchange, or where it stands; and its steps."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coding_ops.core.errors import DomainError, NotFound, Refused
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.http import is_partial, leave
from coding_ops.web.middleware import actor_of
from encounters.models import EncounterKind
from qa_audit.access import LEADERS, may_review, shown_origin
from qa_audit.actions import reviews as acts
from qa_audit.models import Review
from qa_audit.rules.review_states import ReviewState
from qa_audit.views.findings.exchange import exchange
from qa_audit.views.reviews import words
from qa_audit.views.reviews.comparison import comparison, page_of
from qa_audit.views.reviews.doors import home_of, opened, to_change
from qa_audit.views.reviews.dto import StandingPage
from qa_audit.views.reviews.sheet_parts import review_href
from qa_audit.views.reviews.worksheet import worksheet
from qa_audit.views.tabs import quality_href, quality_tabs

UNDER_WAY = (ReviewState.CODING, ReviewState.COMPARING)
BEFORE_DELIVERY = (ReviewState.WAITING, *UNDER_WAY)


@require_GET
@for_client
def review(request: HttpRequest, review_id: uuid.UUID) -> HttpResponse:
    """The page of a review for this person, by its state and by whose it is; ``?version=``."""
    actor, found = to_change(request, review_id)
    if found.state not in BEFORE_DELIVERY:
        return exchange(request, opened(request, review_id))
    if found.state == ReviewState.WAITING or found.reviewer_id != actor.person_id:
        return _standing(request, found)
    if found.state == ReviewState.CODING:
        return worksheet(request, opened(request, review_id))
    return comparison(request, opened(request, review_id))


# --- where it stands -----------------------------------------------------------------------------------


def _standing(request: HttpRequest, found: Review, error: DomainError | None = None) -> HttpResponse:
    """What a waiting review shows before it is taken, and one that somebody else works on."""
    actor, client = actor_of(request), client_of(request)
    page = StandingPage(
        href=review_href(client.slug, found),
        list_href=f"{quality_href(client.slug)}reviews/",
        heading="Review" if words.is_unseen(found) else f"Review of visit {found.encounter.external_id}",
        lead=_lead(actor, client, found),
        facts=_facts(actor, client, found),
        can_take=found.state == ReviewState.WAITING and _may_take(actor, found),
        can_cancel=may_review(actor) and found.is_client_run == (actor.role == Role.CLIENT_ADMIN),
        cancel_reason=request.POST.get("reason", ""),
        errors={"reason": error.message} if error else {},
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "reviews")}
    return render(request, "qa_audit/standing.html", context, status=422 if error else 200)


def _may_take(actor: Actor, found: Review) -> bool:
    return (
        may_review(actor)
        and found.is_client_run == (actor.role == Role.CLIENT_ADMIN)
        and found.coder_id != actor.person_id
        and found.assigned_to_id in (None, actor.person_id)
    )


def _lead(actor: Actor, client: ReachedClient, found: Review) -> str:
    if found.state == ReviewState.WAITING:
        if found.coder_id == actor.person_id:
            return "You coded this chart, so somebody else reviews it."
        if words.is_unseen(found):
            return "A blind review: you code the chart first, and see the coder's codes and name afterwards."
        return "An open review: you see the coder's codes from the start."
    who = found.reviewer.full_name if found.reviewer and _sees_names(actor, found) else "A reviewer"
    since = f" since {moment(found.taken_at, client.timezone)}" if found.taken_at else ""
    return f"{who} has worked on it{since}. Its findings are shown once they are delivered."


def _sees_names(actor: Actor, found: Review) -> bool:
    """The vendor's people are named to the vendor; a client's own reviewer to the client."""
    return actor.is_vendor or (found.is_client_run and actor.role == Role.CLIENT_ADMIN)


def _facts(actor: Actor, client: ReachedClient, found: Review) -> tuple[tuple[str, str], ...]:
    chart = found.encounter
    specialty = chart.specialty.name if chart.specialty else "no specialty"
    facts = [
        ("State", words.STATES[ReviewState(found.state)]),
        ("Kind of review", words.mode(found)),
        ("Why", shown_origin(actor, found).label),
        ("Visit", f"{EncounterKind(chart.kind).label}, {specialty}"),
        ("Asked for", moment(found.created_at, client.timezone)),
    ]
    if actor.is_vendor and not words.is_unseen(found):
        facts.append(("Coder", found.coder.full_name))
    if found.assigned_to is not None and actor.role in LEADERS:
        facts.append(("Only for", found.assigned_to.full_name))
    return tuple((name, str(value)) for name, value in facts)


# --- steps ---------------------------------------------------------------------------------------------


@require_POST
@for_client
def take(request: HttpRequest, review_id: uuid.UUID) -> HttpResponse:
    """Begins this review."""
    actor, found = to_change(request, review_id)
    acts.take_review(actor=actor, review=found)
    return leave(request, review_href(client_of(request).slug, found))


@require_POST
@for_client
def take_next(request: HttpRequest) -> HttpResponse:
    """The oldest review of this client that the person may do; for who works at one client."""
    actor, client = actor_of(request), client_of(request)
    if not may_review(actor):
        raise NotFound
    taken = acts.take_next_review(actor=actor, client_id=client.id)
    if taken is None:
        messages.info(request, "No review waits that you may do.")
        return leave(request, f"{quality_href(client.slug)}reviews/")
    return leave(request, review_href(client.slug, taken))


@require_POST
@for_client
def give_back(request: HttpRequest, review_id: uuid.UUID) -> HttpResponse:
    """Another reviewer begins afresh; the codes entered so far are gone."""
    actor, found = to_change(request, review_id)
    acts.give_back(actor=actor, review=found)
    messages.success(request, "The review is back in line. Nothing of it was kept.")
    return leave(request, home_of(actor, client_of(request)))


@require_http_methods(["GET", "POST"])
@for_client
def cancel(request: HttpRequest, review_id: uuid.UUID) -> HttpResponse:
    """GET: where the review stands, with the form.  POST: ``reason``."""
    actor, found = to_change(request, review_id)
    if not may_review(actor):
        raise NotFound
    if request.method == "GET":
        if found.state not in BEFORE_DELIVERY:
            raise NotFound
        return _standing(request, found)
    try:
        acts.cancel_review(actor=actor, review=found, reason=request.POST.get("reason", ""))
    except Refused as error:
        return _standing(request, found, error)
    messages.success(request, "The review is cancelled; it stays on record with your reason.")
    return leave(request, home_of(actor, client_of(request)))


@require_POST
@for_client
def reveal(request: HttpRequest, review_id: uuid.UUID) -> HttpResponse:
    """Ends the blind pass and shows both sides."""
    actor, found = to_change(request, review_id)
    acts.reveal(actor=actor, review=found)
    return leave(request, review_href(client_of(request).slug, found))


@require_POST
@for_client
def deliver(request: HttpRequest, review_id: uuid.UUID) -> HttpResponse:
    """``summary``: hands the findings over; 422 names the lines that are not judged."""
    actor, found = to_change(request, review_id)
    try:
        done = acts.deliver(actor=actor, review=found, summary=request.POST.get("summary", "")[:500])
    except Refused as error:
        if error.code != "finding.bare":
            raise
        page = page_of(request, opened(request, review_id))
        context = {
            "page": page,
            "unjudged": page.sheet.unjudged,
            "say": error.message,
            "reviews_href": home_of(actor, client_of(request)),
        }
        template = "qa_audit/_not_delivered.html" if is_partial(request) else "qa_audit/comparison.html"
        return render(request, template, context, status=422)
    told = "closed without a finding" if done.state == ReviewState.CLOSED else "delivered to its coder"
    messages.success(request, f"The review of visit {found.encounter.external_id} is {told}.")
    return leave(request, home_of(actor, client_of(request)))
