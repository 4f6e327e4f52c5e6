"""``/c/<client>/claims/drift/<claim>/``: one claim beside what we finalized."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from claims.access.claims import open_claim
from claims.models import Claim
from claims.rules.content import from_json
from claims.selectors.drift import finished_of
from claims.selectors.finished import content_of
from claims.views.drift.dto import ComparePage
from claims.views.drift.words import difference_row, list_href, sections
from claims.views.files.words import dollars
from claims.views.measures.scope import require_room
from claims.views.tabs import claim_tabs, claims_href
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.middleware import actor_of
from encounters.views.chart_page import chart_href


@require_GET
@for_client
def compare(request: HttpRequest, claim_id: uuid.UUID) -> HttpResponse:
    """Codes of one patient are shown: the read is noted."""
    actor, client = actor_of(request), client_of(request)
    require_room(actor, "drift")
    claim = open_claim(actor=actor, client_id=client.id, claim_id=claim_id)
    if not claim.is_billed_by_client or claim.content is None:
        raise NotFound
    revision = finished_of(claim)
    ours = content_of(revision.encounter, revision.codes, revision.edits or {}) if revision else None
    page = ComparePage(
        list_href=list_href(client.slug),
        claim_href=f"{claims_href(client.slug)}{claim.pk}/",
        chart_href=chart_href(client.slug, claim.encounter_id) if claim.encounter_id else "",
        heading=f"Claim {claim.control_number}",
        about=_about(claim, client),
        notice=_notice(claim),
        differences=tuple(difference_row(one) for one in claim.drift),
        sections=sections(ours, from_json(claim.content)),
    )
    context = {"page": page, "tabs": claim_tabs(actor.role, client.slug, "drift")}
    return render(request, "claims/drift/compare.html", context)


def _about(claim: Claim, client: ReachedClient) -> str:
    sent = f"sent {moment(claim.submitted_at, client.timezone)}" if claim.submitted_at else ""
    payer = claim.payer.name if claim.payer else "payer not in the set-up"
    version = f"compared with version {claim.revision_number}" if claim.revision_number else ""
    words = (claim.get_form_display(), payer, dollars(claim.total_charge_amount), sent, version)
    return " · ".join(one for one in words if one)


def _notice(claim: Claim) -> str:
    if claim.encounter_id is None:
        return (
            "No chart of ours fits this claim: neither its number is that of a visit, nor member, day and "
            "birth day are those of one. It is compared once the chart comes in."
        )
    if claim.drift_count is None:
        return "There is nothing to compare with: the chart has no final codes, or the claim is a void."
    return "" if claim.drift_count else "Billed as it was finalized."
