"""Proposing and deciding one credit, and the clock of one sum to return."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from claims.access.answers import find_credit, open_notice, require_corrector, require_creditor
from claims.access.claims import find_denial
from claims.access.roles import LEADERS
from claims.actions.credits import decide_credit, propose_credit
from claims.actions.overpayments import PROGRAMS, move_notice, terms_of, verbs_of
from claims.models import CreditProposal, CreditState, Denial, OverpaymentNotice
from claims.selectors.credits import confirmed_count, systemic_count
from claims.terms.appeals import STATUS_WORDS
from claims.views.appeals.dto import FormField, FormPage
from claims.views.appeals.forms import Typed, field_of, show_form
from claims.views.appeals.words import day, denial_href, denial_words, dollars
from claims.views.credits import words
from coding_ops.core.errors import InvalidInput, NotFound, Refused
from coding_ops.core.overpayment import ClockVerb, lookback_from
from coding_ops.core.overpayment_terms import programs
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, moment, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of

APPROVE, DECLINE = "approve", "decline"
DECISIONS = ((APPROVE, "Approve the credit"), (DECLINE, "Decline it"))


@require_http_methods(["GET", "POST"])
@for_client
def propose(request: HttpRequest, denial_id: uuid.UUID) -> HttpResponse:
    """``amount``, ``basis``: a credit for one confirmed error of ours."""
    actor, client = actor_of(request), client_of(request)
    denial = find_denial(actor=actor, client_id=client.id, denial_id=denial_id)
    require_creditor(actor)
    typed = Typed({name: str(value) for name, value in request.POST.items()}, today_of(request))
    if request.method == "GET":
        return _propose_form(request, denial, typed)
    amount = typed.dollars("amount", "Credit")
    if not typed.errors:
        try:
            propose_credit(
                actor=actor, denial=denial, amount=amount, basis=typed.text("basis"), now=timezone.now()
            )
        except (InvalidInput, Refused) as error:
            typed.errors.update(field_of(error))
    if typed.errors:
        return _propose_form(request, denial, typed)
    messages.success(request, "The credit is proposed. Another manager decides.")
    return leave(request, words.credits_href(client.slug))


@require_http_methods(["GET", "POST"])
@for_client
def credit(request: HttpRequest, credit_id: uuid.UUID) -> HttpResponse:
    """One proposal.  POST: ``decision`` (approve, decline), ``note``."""
    actor, client = actor_of(request), client_of(request)
    if actor.role not in LEADERS:
        raise NotFound
    found = find_credit(actor=actor, client_id=client.id, credit_id=credit_id)
    if request.method == "GET":
        return _credit_page(request, found, {}, {})
    posted = {name: str(value) for name, value in request.POST.items()}
    decision = posted.get("decision", "")
    if decision not in (APPROVE, DECLINE):
        return _credit_page(request, found, posted, {"decision": "Choose what is decided."})
    try:
        decide_credit(
            actor=actor,
            proposal=found,
            is_approved=decision == APPROVE,
            note=posted.get("note", ""),
            now=timezone.now(),
        )
    except InvalidInput as error:
        return _credit_page(request, found, posted, field_of(error))
    messages.success(request, "The decision is recorded.")
    return leave(request, words.credits_href(client.slug))


@require_http_methods(["GET", "POST"])
@for_client
def notice(request: HttpRequest, notice_id: uuid.UUID) -> HttpResponse:
    """The clock of one sum.  POST: ``verb``, ``on``, ``amount``, ``note``."""
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    found = open_notice(actor=actor, client_id=client.id, notice_id=notice_id)
    typed = Typed({name: str(value) for name, value in request.POST.items()}, today)
    if request.method == "GET":
        return _notice_page(request, found, typed)
    require_corrector(actor)
    on, amount = typed.day("on", "Day"), typed.dollars("amount", "Amount", needed=False)
    if typed.text("verb") not in {verb.value for verb in words.ACTS}:
        typed.errors["verb"] = "Choose what was decided."
    if not typed.errors and on is not None:
        try:
            move_notice(
                actor=actor,
                notice=found,
                verb=ClockVerb(typed.text("verb")),
                on=on,
                note=typed.text("note"),
                today=today,
                amount=amount,
            )
        except (InvalidInput, Refused) as error:
            typed.errors.update(field_of(error))
    if typed.errors:
        return _notice_page(request, found, typed)
    messages.success(request, "The decision is recorded.")
    return leave(request, words.notice_href(client.slug, found.pk))


def _propose_form(request: HttpRequest, denial: Denial, typed: Typed) -> HttpResponse:
    client = client_of(request)
    count, threshold = confirmed_count(denial), systemic_count(denial.client_id)
    verdict = "systemic" if count >= threshold else "not systemic yet"
    page = FormPage(
        title="Propose a credit",
        heading=f"Propose a credit: {denial_words(denial)}",
        lead="For an error of ours that was confirmed. Another manager approves or declines it.",
        facts=(
            ("Claim", denial.claim.control_number),
            ("Denied", dollars(denial.denied_amount)),
            ("Recovered", dollars(denial.recovered_amount)),
            ("Cause", words.cause(denial)),
            ("Confirmed errors of this cause", f"{count:,}; {verdict} (from {threshold:,} on)"),
        ),
        fields=(
            FormField("amount", "Credit, dollars", value=typed.text("amount"), most=16, css="day"),
            FormField(
                "basis",
                "How the amount came about",
                value=typed.text("basis"),
                help="The clause of the contract or the fee. No patient data.",
            ),
        ),
        submit="Propose the credit",
        back_href=denial_href(client.slug, denial.pk),
        back_label="The denial",
    )
    return show_form(request, page, "credits", typed.errors)


def _credit_page(
    request: HttpRequest, found: CreditProposal, posted: Mapping[str, str], errors: Mapping[str, str]
) -> HttpResponse:
    client, actor = client_of(request), actor_of(request)
    is_open = found.state == CreditState.PROPOSED
    is_own = found.proposed_by_id == actor.user_id
    page = FormPage(
        title="Credit",
        heading="Credit",
        lead="Somebody else decides what you proposed." if is_open and is_own else "",
        facts=_credit_facts(found, client.timezone),
        fields=(
            FormField(
                "decision",
                "Decision",
                "radios",
                choices=tuple(
                    Choice(value, label, value == posted.get("decision")) for value, label in DECISIONS
                ),
            ),
            FormField(
                "note",
                "Why",
                value=posted.get("note", ""),
                help="Needed to decline. No patient data.",
            ),
        )
        if is_open and not is_own
        else (),
        submit="Record the decision",
        back_href=words.credits_href(client.slug),
        back_label="Credits",
        badge=str(found.get_state_display()),
        tone=words.TONES[CreditState(found.state)],
    )
    return show_form(request, page, "credits", errors)


def _credit_facts(found: CreditProposal, zone: str) -> tuple[tuple[str, str], ...]:
    facts = [
        ("Denial", denial_words(found.denial)),
        ("Credit", dollars(found.amount)),
        ("How it came about", found.basis),
        ("Cause", words.cause(found.denial)),
        ("Systemic", "Yes" if found.is_systemic else "No"),
        ("Proposed", f"{found.proposed_by.full_name}, {moment(found.proposed_at, zone)}"),
    ]
    if found.decided_at is not None and found.decided_by is not None:
        facts.append(("Decided", f"{found.decided_by.full_name}, {moment(found.decided_at, zone)}"))
    if found.decision_note:
        facts.append(("Why", found.decision_note))
    return tuple(facts)


def _notice_page(request: HttpRequest, found: OverpaymentNotice, typed: Typed) -> HttpResponse:
    client, actor, today = client_of(request), actor_of(request), today_of(request)
    shown, terms = words.face_of(found, today), terms_of(found)
    state, left, tone = words.state_of(found, shown, today)
    status = STATUS_WORDS.get(terms.status, terms.status)
    kind = found.claim.payer.kind if found.claim.payer is not None else ""
    facts = [
        ("Claim", found.claim.control_number),
        ("Payer", found.claim.payer.name if found.claim.payer is not None else ""),
        ("Program", programs().get(PROGRAMS.get(kind, ""), "")),
        ("Amount", dollars(found.amount)),
        ("Identified", day(found.identified_on)),
        ("Report and return by", f"{day(shown.due_on)}, {left}" if left else day(shown.due_on)),
        ("Looks back to", day(lookback_from(found.identified_on, terms.lookback_years))),
    ]
    if found.returned_on is not None:
        facts.append(("Returned", day(found.returned_on)))
    may = verbs_of(found) if actor.role in LEADERS else ()
    page = FormPage(
        title="Money to return",
        heading=f"Return {dollars(found.amount)}",
        lead="A correction lowered what this payer has paid.",
        facts=tuple((label, text) for label, text in facts if text),
        steps=(*shown.why, *((found.note or "").splitlines() if actor.is_vendor else ())),
        steps_heading="How the day and the amount came about",
        notes=(f"{terms.citation}{f' ({status})' if status else ''}.",),
        fields=_notice_fields(may, typed) if may else (),
        submit="Record the decision",
        back_href=words.credits_href(client.slug),
        back_label="Credits and returns",
        badge=state,
        tone=tone,
    )
    return show_form(request, page, "credits", typed.errors)


def _notice_fields(may: tuple[ClockVerb, ...], typed: Typed) -> tuple[FormField, ...]:
    chosen = typed.text("verb")
    return (
        FormField(
            "verb",
            "What was decided",
            "radios",
            choices=tuple(Choice(verb.value, words.ACTS[verb], verb.value == chosen) for verb in may),
        ),
        FormField(
            "on", "Day", value=typed.text("on") or day(typed.today), help="MM/DD/YYYY", most=10, css="day"
        ),
        FormField(
            "amount",
            "Amount, dollars",
            value=typed.text("amount"),
            help="Empty: as it stands.",
            most=16,
            css="day",
        ),
        FormField("note", "What was found or done", "area", typed.text("note"), most=1000),
    )
