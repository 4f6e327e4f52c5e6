"""``…/measures/claims/``: the claims behind one number."""

from __future__ import annotations

import uuid
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from claims.models import Claim, ClaimStatus
from claims.rules import first_pass
from claims.rules.category_words import CATEGORY_WORDS
from claims.rules.first_pass import First
from claims.selectors.cohorts import PARTS, SENT
from claims.views.measures import words
from claims.views.measures.dto import ClaimRow, ClaimsPage
from claims.views.measures.scope import LONGEST_DAYS, Period, claims_of, day_of, require_room, turned
from claims.views.tabs import claim_tabs, claims_href
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.middleware import actor_of
from encounters.selectors.paging import At, page_of

TONES = {
    ClaimStatus.PAID: "ok",
    ClaimStatus.PARTLY_PAID: "warn",
    ClaimStatus.DENIED: "bad",
    ClaimStatus.REJECTED: "bad",
    ClaimStatus.BLOCKED: "warn",
}


@require_GET
@for_client
def rows(request: HttpRequest) -> HttpResponse:
    """``part``, ``from``, ``through``, ``payer``, and the claim beside the page."""
    actor, client = actor_of(request), client_of(request)
    require_room(actor, "measures")
    part = request.GET.get("part", SENT)
    period = Period(day_of(request.GET.get("from", "")), day_of(request.GET.get("through", "")))
    if part not in PARTS or not 0 <= (period.last - period.first).days <= LONGEST_DAYS:
        raise NotFound
    payer = request.GET.get("payer", "")
    sent = claims_of(actor, client, period)
    chosen = sent.filter(PARTS[part])
    if payer:
        chosen = chosen.filter(payer__name=payer)
    at = At(_id(request.GET.get("after", "")), _id(request.GET.get("before", "")))
    shown = page_of(
        chosen.select_related("payer").defer("content"), sent, at, by="submitted_at", newest_first=True
    )
    kept = {
        "part": part,
        "from": period.first.isoformat(),
        "through": period.last.isoformat(),
        "payer": payer,
    }
    page = ClaimsPage(
        heading=words.PARTS[part],
        summary=f"Claims sent {period.words}{f' to {payer}' if payer else ''}, newest first",
        counted=words.claims(chosen.count()),
        parts=tuple(
            Choice(one, words.PARTS[one], one == part, turned({**kept, "part": one})) for one in words.CHIPS
        ),
        rows=tuple(_row(client, claim) for claim in shown.rows),
        back_href=f"{claims_href(client.slug)}measures/",
        previous_page_href=turned({**kept, "before": str(shown.rows[0].pk)}) if shown.has_previous else "",
        next_page_href=turned({**kept, "after": str(shown.rows[-1].pk)}) if shown.has_next else "",
    )
    context = {"page": page, "tabs": claim_tabs(actor.role, client.slug, "measures")}
    return render(request, "claims/measure_claims.html", context)


def _row(client: ReachedClient, claim: Claim) -> ClaimRow:
    zone = ZoneInfo(client.timezone)
    state = ClaimStatus(claim.state)
    return ClaimRow(
        href=f"{claims_href(client.slug)}{claim.pk}/",
        control_number=claim.control_number,
        sent=f"{claim.submitted_at.astimezone(zone):%m/%d/%Y}" if claim.submitted_at else "",
        answered=f"{claim.first_response_at.astimezone(zone):%m/%d/%Y}" if claim.first_response_at else "",
        first=first_pass.WORDS[First(claim.first_response)] if claim.first_response else "No answer yet",
        reasons=", ".join(CATEGORY_WORDS[one] for one in claim.first_categories),
        payer=claim.payer.name if claim.payer else "",
        charge=f"${claim.total_charge_amount:,.2f}",
        state=str(state.label),
        tone=TONES.get(state, "line"),
    )


def _id(text: str) -> uuid.UUID | None:
    if not text:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None
