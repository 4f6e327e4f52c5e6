"""``/c/<client>/claims/credits/``: credits for errors of ours, and money that federal payers get back."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from claims.access.answers import MONEY_READERS, credits_in_reach, notices_in_reach
from claims.access.claims import denials_in_reach
from claims.models import CreditProposal, CreditState, Denial, OverpaymentNotice
from claims.selectors.credits import cause_counts, cause_key, uncredited
from claims.views.appeals.words import day, denial_href, denial_words, dollars
from claims.views.credits import words
from claims.views.credits.dto import CreditRow, CreditsPage, ErrorRow, NoticeRow
from claims.views.tabs import claim_tabs
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, moment, today_of
from coding_ops.web.middleware import actor_of
from encounters.selectors.paging import page_of
from encounters.views.paging import at_of, turn, turns

MOST = 50
CHIPS = (("", "All"), *((one.value, str(one.label)) for one in CreditState))


@require_GET
@for_client
def credit_list(request: HttpRequest) -> HttpResponse:
    """``state``, ``after``, ``before``.  A client's people see approved credits and what they must return."""
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    if actor.role not in MONEY_READERS:
        raise NotFound
    asked = request.GET.get("state", "")
    state = asked if actor.is_vendor and asked in CreditState.values else ""
    reach = credits_in_reach(actor, client.id)
    found = page_of(
        (reach.filter(state=state) if state else reach).select_related("denial"),
        reach,
        at_of(request.GET),
        by="proposed_at",
        newest_first=True,
    )
    previous, following = turns(found, {"state": state})
    errors, notices = _errors(actor, client.id), _notices(actor, client.id)
    page = CreditsPage(
        summary=f"{len(found.rows)} credit{'' if len(found.rows) == 1 else 's'}, newest first"
        if found.rows
        else "",
        inside=actor.is_vendor,
        states=tuple(Choice(value, label, value == state, turn({"state": value})) for value, label in CHIPS)
        if actor.is_vendor
        else (),
        rows=tuple(_row(one, client.slug, client.timezone, inside=actor.is_vendor) for one in found.rows),
        empty_words="No credit stands there." if state else "No credit is on record.",
        errors=_error_rows(errors[:MOST], client.id, client.slug),
        errors_more=f"The newest {MOST} are shown." if len(errors) > MOST else "",
        notices=tuple(_notice(one, client.slug, today) for one in notices[:MOST]),
        notices_more=f"The first {MOST} are shown, open ones before the others."
        if len(notices) > MOST
        else "",
        previous_page_href=previous,
        next_page_href=following,
    )
    context = {"page": page, "tabs": claim_tabs(actor.role, client.slug, "credits")}
    return render(request, "claims/credits.html", context)


def _errors(actor: Actor, client_id: int) -> list[Denial]:
    if not actor.is_vendor:
        return []
    rows = uncredited(client_id).filter(pk__in=denials_in_reach(actor, client_id))
    return list(rows[: MOST + 1])


def _notices(actor: Actor, client_id: int) -> list[OverpaymentNotice]:
    """Open ones first, the oldest on top, then what was returned."""
    rows = notices_in_reach(actor, client_id).select_related("claim__payer").defer("note", "claim__content")
    standing = list(rows.filter(returned_on__isnull=True).order_by("identified_on", "pk")[: MOST + 1])
    ended = rows.filter(returned_on__isnull=False).order_by("-returned_on", "pk")
    return [*standing, *ended[: max(0, MOST + 1 - len(standing))]]


def _row(one: CreditProposal, slug: str, zone: str, *, inside: bool) -> CreditRow:
    return CreditRow(
        href=words.credit_href(slug, one.pk) if inside else "",
        denial=denial_words(one.denial),
        amount=dollars(one.amount),
        basis=one.basis,
        cause=words.cause(one.denial) if inside else "",
        is_systemic=one.is_systemic,
        state=str(one.get_state_display()),
        tone=words.TONES[CreditState(one.state)],
        proposed=moment(one.decided_at if not inside and one.decided_at else one.proposed_at, zone),
    )


def _error_rows(errors: list[Denial], client_id: int, slug: str) -> tuple[ErrorRow, ...]:
    counts = cause_counts(client_id) if errors else {}
    return tuple(
        ErrorRow(
            denial_href=denial_href(slug, one.pk),
            href=f"{denial_href(slug, one.pk)}credit/",
            denial=denial_words(one),
            cause=words.cause(one),
            count=f"{counts.get(cause_key(one), 1):,}",
            denied=dollars(one.denied_amount),
        )
        for one in errors
    )


def _notice(one: OverpaymentNotice, slug: str, today: date) -> NoticeRow:
    shown = words.face_of(one, today)
    state, left, tone = words.state_of(one, shown, today)
    return NoticeRow(
        href=words.notice_href(slug, one.pk),
        name=f"Claim {one.claim.control_number}",
        payer=one.claim.payer.name if one.claim.payer is not None else "",
        amount=dollars(one.amount),
        identified=day(one.identified_on),
        state=state,
        due=day(shown.due_on),
        left=left,
        tone=tone,
    )
