"""``/c/<client>/quality/held/``: final charts that are kept from release, oldest first, by visit number."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.middleware import actor_of
from encounters.models import HoldStage, ReleaseHold
from encounters.selectors.release import open_holds
from encounters.views import words as chart_words
from qa_audit.access import require_sample_reader
from qa_audit.selectors.plans import PAGE_ROWS
from qa_audit.views.plans.dto import Choice, HeldPage, HeldRow
from qa_audit.views.plans.plans import page_number
from qa_audit.views.tabs import quality_href, quality_tabs

STAGES = {"": "All", HoldStage.DECISION.value: "Not drawn from yet", HoldStage.REVIEW.value: "Under review"}


@require_GET
@for_client
def held(request: HttpRequest) -> HttpResponse:
    """``stage``, ``page``."""
    actor, client = actor_of(request), client_of(request)
    require_sample_reader(actor)
    stage = request.GET.get("stage", "")
    stage = stage if stage in STAGES else ""
    number = page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    rows = open_holds(client.id).select_related("encounter")
    found = list((rows.filter(stage=stage) if stage else rows)[start : start + PAGE_ROWS + 1])
    base = quality_href(client.slug)
    kept = f"stage={stage}&" if stage else ""
    page = HeldPage(
        rows=tuple(_row(client.slug, one, client.timezone) for one in found[:PAGE_ROWS]),
        filters=tuple(
            Choice(value, label, value == stage, f"?stage={value}" if value else "?")
            for value, label in STAGES.items()
        ),
        plans_href=f"{base}plans/",
        empty_words="No final chart is held from release.",
        next_page_href=f"?{kept}page={number + 1}" if len(found) > PAGE_ROWS else "",
        previous_page_href=f"?{kept}page={number - 1}" if number > 1 else "",
    )
    tabs = quality_tabs(actor.role, client.slug, "plans")
    return render(request, "qa_audit/held.html", {"page": page, "tabs": tabs})


def _row(slug: str, hold: ReleaseHold, zone: str) -> HeldRow:
    return HeldRow(
        href=f"/c/{slug}/encounters/{hold.encounter_id}/",
        visit_id=hold.encounter.external_id,
        service_on=chart_words.day(hold.encounter.service_on),
        version=str(hold.revision_number),
        holder=hold.words,
        stage=str(HoldStage(hold.stage).label),
        since=moment(hold.held_at, zone),
        age=chart_words.age(hold.held_at, timezone.now()),
    )
