"""``/c/<client>/quality/held/``: final charts that are kept from release, oldest first, by visit number.

A manager lets one go that waits for its correction, with a reason.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from coding_ops.core.errors import NotFound, Refused
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.models import EncounterStatus, HoldStage, ReleaseHold
from encounters.selectors.release import open_holds
from encounters.views import words as chart_words
from qa_audit.access import LEADERS, require_releaser, require_sample_reader
from qa_audit.actions.gate import release_as_it_is
from qa_audit.selectors.gate import awaiting_correction
from qa_audit.selectors.plans import PAGE_ROWS
from qa_audit.views.plans.dto import HeldPage, HeldRow, ReleaseForm
from qa_audit.views.plans.plans import page_number
from qa_audit.views.tabs import quality_href, quality_tabs

STAGES = {
    "": "All",
    HoldStage.DECISION.value: "Not drawn from yet",
    HoldStage.REVIEW.value: "Under review",
    HoldStage.CORRECTION.value: "To be corrected",
}
CORRECTED_NOW = "Codes open: being corrected"


@require_http_methods(["GET", "POST"])
@for_client
def held(request: HttpRequest) -> HttpResponse:
    """GET ``stage``, ``page``, ``release``: the list, with the form for one hold.

    POST ``hold``, ``reason``: released as it is.
    """
    actor, client = actor_of(request), client_of(request)
    require_sample_reader(actor)
    if request.method == "GET":
        asked = request.GET.get("release", "") if actor.role in LEADERS else ""
        return _page(request, _form(client.slug, _hold(client.id, asked)) if asked else None)
    require_releaser(actor)
    hold, reason = _hold(client.id, request.POST.get("hold", "")), request.POST.get("reason", "")
    try:
        release_as_it_is(actor=actor, hold=hold, reason=reason)
    except Refused as error:
        form = _form(client.slug, hold, reason)
        return _page(request, form, errors={"reason": error.message}, status=error.http_status)
    told = f"Visit {hold.encounter.external_id}: version {hold.revision_number} is released as it is."
    messages.success(request, told)
    return leave(request, _href(client.slug))


def _page(
    request: HttpRequest,
    form: ReleaseForm | None,
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    stage = request.GET.get("stage", "")
    stage = stage if stage in STAGES else ""
    number = page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    # A cancelled visit has no codes to wait for; its hold is there again if the visit is.
    rows = open_holds(client.id).exclude(encounter__status=EncounterStatus.CANCELLED)
    rows = rows.select_related("encounter")
    found = list((rows.filter(stage=stage) if stage else rows)[start : start + PAGE_ROWS + 1])
    kept = f"stage={stage}&" if stage else ""
    may_release = actor.role in LEADERS
    page = HeldPage(
        href=_href(client.slug),
        rows=tuple(_row(client.slug, one, client.timezone, may_release) for one in found[:PAGE_ROWS]),
        filters=tuple(
            Choice(value, label, value == stage, f"?stage={value}" if value else "?")
            for value, label in STAGES.items()
        ),
        plans_href=f"{quality_href(client.slug)}plans/",
        empty_words="No final chart is held from release.",
        may_release=may_release,
        release=form,
        next_page_href=f"?{kept}page={number + 1}" if len(found) > PAGE_ROWS else "",
        previous_page_href=f"?{kept}page={number - 1}" if number > 1 else "",
    )
    context = {
        "page": page,
        "errors": errors or {},
        "tabs": quality_tabs(actor.role, client.slug, "plans"),
    }
    return render(request, "qa_audit/held.html", context, status=status)


def _href(slug: str) -> str:
    return f"{quality_href(slug)}held/"


def _hold(client_id: int, text: str) -> ReleaseHold:
    """A hold that waits for its correction.

    Raises:
        NotFound: no id, another client's, or it does not wait for one any more: one answer.
    """
    try:
        hold_id = uuid.UUID(text)
    except ValueError:
        raise NotFound from None
    hold = awaiting_correction(client_id).select_related("encounter").filter(pk=hold_id).first()
    if hold is None:
        raise NotFound
    return hold


def _form(slug: str, hold: ReleaseHold, reason: str = "") -> ReleaseForm:
    return ReleaseForm(
        hold=str(hold.pk),
        heading=f"Release visit {hold.encounter.external_id} as it is",
        words=f"The review of version {hold.revision_number} closed with findings that stand. "
        "Released as it is, clients and the API get these codes at once, unless another plan holds them too.",
        back_href=_href(slug),
        reason=reason,
    )


def _row(slug: str, hold: ReleaseHold, zone: str, may_release: bool) -> HeldRow:
    corrects = hold.stage == HoldStage.CORRECTION
    is_final = hold.encounter.status == EncounterStatus.FINAL
    return HeldRow(
        href=f"/c/{slug}/encounters/{hold.encounter_id}/",
        visit_id=hold.encounter.external_id,
        service_on=chart_words.day(hold.encounter.service_on),
        version=str(hold.revision_number),
        holder=hold.words,
        stage=CORRECTED_NOW if corrects and not is_final else str(HoldStage(hold.stage).label),
        since=moment(hold.held_at, zone),
        age=chart_words.age(hold.held_at, timezone.now()),
        release_href=f"?release={hold.pk}" if may_release and corrects and is_final else "",
    )
