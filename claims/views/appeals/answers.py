"""Corrected claims and charts coded again: the forms that ask for them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from claims.access.answers import require_corrector, require_worker
from claims.access.claims import find_claim, find_denial
from claims.actions.correcting import correct_claim, void_claim
from claims.actions.rework import LONGEST_REASON, ask_rework
from claims.models import Claim, ClaimStatus, Denial
from claims.rules.correcting import WITH_PAYER
from claims.views.appeals import words
from claims.views.appeals.dto import FormField, FormPage
from claims.views.appeals.forms import field_of, show_form
from coding_ops.core.errors import InvalidInput, Refused
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of

CORRECT, VOID = "correct", "void"


@require_http_methods(["GET", "POST"])
@for_client
def rework(request: HttpRequest, denial_id: uuid.UUID) -> HttpResponse:
    """``reason``: has the chart of a denied claim coded again at no cost."""
    actor, client = actor_of(request), client_of(request)
    denial = find_denial(actor=actor, client_id=client.id, denial_id=denial_id)
    require_worker(actor)
    if request.method == "GET":
        return _rework_form(request, denial, "", {})
    reason = request.POST.get("reason", "")
    try:
        ask_rework(actor=actor, claim=denial.claim, denial=denial, reason=reason, now=timezone.now())
    except (InvalidInput, Refused) as error:
        return _rework_form(request, denial, reason, field_of(error))
    messages.success(request, "The chart is open again, first in its worklist.")
    return leave(request, words.denial_href(client.slug, denial.pk))


@require_http_methods(["GET", "POST"])
@for_client
def correct(request: HttpRequest, claim_id: uuid.UUID) -> HttpResponse:
    """``kind`` (correct, void), ``reason``: a corrected claim from today's data, or a void."""
    actor, client = actor_of(request), client_of(request)
    claim = find_claim(actor=actor, client_id=client.id, claim_id=claim_id)
    require_corrector(actor)
    if request.method == "GET":
        return _correct_form(request, claim, {"kind": CORRECT}, {})
    posted = {name: str(value) for name, value in request.POST.items()}
    kind, reason = posted.get("kind", ""), posted.get("reason", "")
    if kind not in (CORRECT, VOID):
        return _correct_form(request, claim, posted, {"kind": "Choose what is to be sent."})
    act = void_claim if kind == VOID else correct_claim
    try:
        made = act(actor=actor, claim=claim, reason=reason, now=timezone.now())
    except (InvalidInput, Refused) as error:
        return _correct_form(request, claim, posted, field_of(error))
    said = "The void" if kind == VOID else "The corrected claim"
    if made.state == ClaimStatus.BLOCKED:
        messages.warning(request, f"{said} is made, but cannot be written yet: see what is missing.")
    else:
        messages.success(request, f"{said} is ready to send. The old claim stands until then.")
    return leave(request, words.claim_href(client.slug, made.pk))


def _rework_form(
    request: HttpRequest, denial: Denial, reason: str, errors: Mapping[str, str]
) -> HttpResponse:
    page = FormPage(
        title="Code again",
        heading=f"Code again: {words.denial_words(denial)}",
        lead="The chart opens again, first in its worklist, at no cost to the client."
        " When its codes are final, a corrected claim is made.",
        facts=(*_facts(denial.claim), ("Denied", words.dollars(denial.denied_amount))),
        fields=(
            FormField(
                "reason",
                "What must be looked at",
                "area",
                reason,
                "One sentence for the coder. It is kept with the claim, sealed.",
                most=LONGEST_REASON,
            ),
        ),
        submit="Open the chart again",
        back_href=words.denial_href(client_of(request).slug, denial.pk),
        back_label="The denial",
    )
    return show_form(request, page, "denials", errors)


def _correct_form(
    request: HttpRequest, claim: Claim, posted: Mapping[str, str], errors: Mapping[str, str]
) -> HttpResponse:
    kind = posted.get("kind", "")
    is_with_payer = claim.state in WITH_PAYER
    choices = [Choice(CORRECT, "A corrected claim", kind == CORRECT)]
    if is_with_payer:
        choices.append(Choice(VOID, "A void: take the claim back", kind == VOID))
    lead = (
        "The payer has this claim: the correction goes out under the payer’s number, in place of it."
        if is_with_payer
        else "This claim was rejected before the payer had it: the correction goes out as a new claim."
    )
    page = FormPage(
        title="Correct a claim",
        heading="Correct or void this claim",
        lead=f"{lead} It is made from today’s codes, coverage, payer and charges: mend those first.",
        facts=(*_facts(claim), ("Last day to send it", _last_day(request, claim))),
        fields=(
            FormField("kind", "What is sent", "radios", choices=tuple(choices)),
            FormField("reason", "Why", "area", posted.get("reason", ""), "One sentence.", most=500),
        ),
        submit="Make it",
        back_href=words.claim_href(client_of(request).slug, claim.pk),
        back_label="The claim",
    )
    return show_form(request, page, "claims", errors)


def _last_day(request: HttpRequest, claim: Claim) -> str:
    """By the payer’s own days: for corrections from its answer, for filing from the service without one."""
    payer, zone = claim.payer, ZoneInfo(client_of(request).timezone)
    if payer is None:
        return words.DASH
    if claim.state in WITH_PAYER and claim.adjudicated_at is not None:
        due = claim.adjudicated_at.astimezone(zone).date() + timedelta(days=payer.correction_days)
    else:
        due = claim.service_through_on + timedelta(days=payer.timely_filing_days)
    unsure = "" if payer.terms_source else " (days of the contract not verified)"
    return f"{words.day(due)}, {words.left(due, today_of(request))[0]}{unsure}"


def _facts(claim: Claim) -> tuple[tuple[str, str], ...]:
    return (
        ("Claim", claim.control_number),
        ("State", str(claim.get_state_display())),
        ("Payer", claim.payer.name if claim.payer is not None else words.DASH),
        ("Payer’s number", claim.payer_control_number or words.DASH),
        ("Charged", words.dollars(claim.total_charge_amount)),
        ("Paid", words.dollars(claim.paid_amount)),
    )
