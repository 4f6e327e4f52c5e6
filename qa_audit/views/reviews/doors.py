"""The way from a request to a review under way, and the answer to a change of it."""

from __future__ import annotations

import uuid

from django.http import HttpRequest

from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.web.client_pages import client_of
from coding_ops.web.middleware import actor_of
from encounters.views.doors import uuid_of
from qa_audit.access import find_review, open_review
from qa_audit.models import Review
from qa_audit.views.tabs import quality_href


def opened(request: HttpRequest, review_id: uuid.UUID) -> Review:
    """The review with its chart, which is shown now: the read is noted."""
    return open_review(actor=actor_of(request), client_id=client_of(request).id, review_id=review_id)


def to_change(request: HttpRequest, review_id: uuid.UUID) -> tuple[Actor, Review]:
    """Who changes what; whether they may, the action decides.

    Raises:
        NotFound: not theirs to see.
    """
    actor = actor_of(request)
    return actor, find_review(actor=actor, client_id=client_of(request).id, review_id=review_id)


def paper_asked(request: HttpRequest) -> uuid.UUID | None:
    """The document version the page shows: named by the form, or by the words that were cited from it."""
    asked = request.GET.get("version") or request.POST.get("version") or ""
    cited = request.POST.getlist("evidence")
    if not asked and cited:
        asked = cited[0].partition(":")[0]
    try:
        return uuid_of(asked) if asked else None
    except NotFound:
        if request.method == "GET":
            raise
        return None  # words that cannot be read are refused by the form's own check


def to_code(request: HttpRequest, review_id: uuid.UUID) -> tuple[Actor, Review]:
    """As ``to_change``, for who does the review: the set of a review under way is its reviewer's alone.

    Raises:
        NotFound: somebody else's.
    """
    actor, review = to_change(request, review_id)
    if review.reviewer_id != actor.person_id:
        raise NotFound
    return actor, review


def home_of(actor: Actor, client: ReachedClient) -> str:
    """Where a reviewer goes on: across clients, or at their one."""
    return "/work/reviews/" if actor.is_vendor else f"{quality_href(client.slug)}reviews/"
