"""``…/calibration/gold/hand-out/``: a settled chart to a reviewer, as an ordinary review."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from coding_ops.core.errors import InvalidInput, Refused
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from qa_audit.actions.gold import hand_to_reviewer
from qa_audit.calibration_access import require_gold
from qa_audit.models import Review
from qa_audit.models.reviews import HIDDEN_ORIGINS
from qa_audit.rules.review_states import ReviewState
from qa_audit.selectors.calibration import reviewers_of
from qa_audit.views.calibration import words
from qa_audit.views.tabs import quality_tabs


@require_http_methods(["GET", "POST"])
@for_client
def hand_out(request: HttpRequest) -> HttpResponse:
    """A settled chart to a reviewer: ``visit``, ``person``."""
    actor, client = actor_of(request), client_of(request)
    require_gold(actor)
    errors: dict[str, str] = {}
    if request.method == "POST":
        person = request.POST.get("person", "")
        try:
            hand_to_reviewer(
                actor=actor,
                review=_settled(client.id, request.POST.get("visit", "").strip()),
                person_id=int(person) if person.isdecimal() and len(person) < 10 else 0,
            )
        except InvalidInput as error:
            errors = {"visit": error.message}
        except Refused as error:
            errors = {"person" if error.code == "gold.reviewer" else "visit": error.message}
        else:
            messages.success(request, "The reviewer finds it in their queue, as any other review.")
            return leave(request, f"{words.base_href(client.slug)}gold/")
    people = tuple(
        Choice(str(one.pk), one.full_name, str(one.pk) == request.POST.get("person"))
        for one in reviewers_of(client.id)
    )
    context = {
        "base": words.base_href(client.slug),
        "visit": request.POST.get("visit", ""),
        "people": people,
        "errors": errors,
        "tabs": quality_tabs(actor.role, client.slug, "calibration"),
    }
    return render(request, "qa_audit/gold_hand_out.html", context, status=422 if errors else 200)


def _settled(client_id: int, visit: str) -> Review:
    """The newest closed review of the vendor's own of a visit.

    Raises:
        InvalidInput: there is none.
    """
    found: Review | None = (
        Review.objects.filter(
            client_id=client_id,
            encounter__external_id=visit,
            state=ReviewState.CLOSED,
            is_client_run=False,
        )
        .exclude(origin__in=HIDDEN_ORIGINS)
        .select_related("encounter", "revision")
        .order_by("-closed_at")
        .first()
    )
    if found is None:
        raise InvalidInput("This visit has no closed review.", code="gold.visit", details={"path": "visit"})
    return found
