"""``…/appeals/<appeal>/``: the letter, where the appeal stands, and what moves it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from claims.access.answers import find_appeal, open_appeal, require_worker
from claims.access.claims import find_denial
from claims.access.roles import WORKERS
from claims.actions.appeals import (
    Decision,
    decide_appeal,
    draft_appeal,
    save_appeal,
    send_appeal,
    withdraw_appeal,
)
from claims.models import Appeal, AppealState, Denial, DenialStatus
from claims.rules.appeals import Level, level_at, unfilled
from claims.rules.denial_states import TO_WORK
from claims.selectors.appeal_levels import levels_for
from claims.terms.appeals import STATUS_WORDS
from claims.views.appeals import words
from claims.views.appeals.dto import AppealPage
from claims.views.appeals.forms import Typed, field_of
from claims.views.tabs import claim_tabs
from coding_ops.core.errors import InvalidInput, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.web.client_pages import client_of, for_client, moment, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of

Answer = Callable[[Actor, Appeal, Typed], str]


@require_GET
@for_client
def appeal(request: HttpRequest, appeal_id: uuid.UUID) -> HttpResponse:
    """The appeal with its letter: a read of the patient's data."""
    found = open_appeal(actor=actor_of(request), client_id=client_of(request).id, appeal_id=appeal_id)
    return _show(request, found)


@require_POST
@for_client
def draft(request: HttpRequest, denial_id: uuid.UUID) -> HttpResponse:
    """``template``: the key of a letter.  Composes it and opens it."""
    actor, client = actor_of(request), client_of(request)
    denial = find_denial(actor=actor, client_id=client.id, denial_id=denial_id)
    made = draft_appeal(
        actor=actor, denial=denial, template_key=request.POST.get("template", ""), now=timezone.now()
    )
    messages.success(request, "The letter is drafted. Read it, mend it, then send it.")
    return leave(request, words.appeal_href(client.slug, made.pk))


@require_POST
@for_client
def letter(request: HttpRequest, appeal_id: uuid.UUID) -> HttpResponse:
    """``letter``, ``requested_amount``."""

    def act(actor: Actor, found: Appeal, typed: Typed) -> str:
        amount = typed.dollars("requested_amount", "Amount asked for")
        if amount is None:
            return ""
        save_appeal(actor=actor, appeal=found, letter=typed.posted.get("letter", ""), requested_amount=amount)
        return "The letter is saved."

    return _done(request, appeal_id, "letter", act)


@require_POST
@for_client
def send(request: HttpRequest, appeal_id: uuid.UUID) -> HttpResponse:
    """``reference``: the payer's number of the appeal, where it is known."""

    def act(actor: Actor, found: Appeal, typed: Typed) -> str:
        send_appeal(actor=actor, appeal=found, reference=typed.text("reference"), now=timezone.now())
        return "The appeal is marked as sent."

    return _done(request, appeal_id, "send", act)


@require_POST
@for_client
def decide(request: HttpRequest, appeal_id: uuid.UUID) -> HttpResponse:
    """``decided_on``, ``awarded_amount`` (0 when lost), ``reference``, ``note``."""

    def act(actor: Actor, found: Appeal, typed: Typed) -> str:
        on = typed.day("decided_on", "Decided on")
        awarded = typed.dollars("awarded_amount", "Amount awarded")
        if on is None or awarded is None:
            return ""
        decision = Decision(on, awarded, typed.text("reference"), typed.text("note"))
        decided = decide_appeal(actor=actor, appeal=found, decision=decision, now=timezone.now())
        return f"The decision is recorded: {str(decided.get_state_display()).lower()}."

    return _done(request, appeal_id, "decide", act)


@require_POST
@for_client
def withdraw(request: HttpRequest, appeal_id: uuid.UUID) -> HttpResponse:
    """``reason``."""

    def act(actor: Actor, found: Appeal, typed: Typed) -> str:
        withdraw_appeal(actor=actor, appeal=found, reason=typed.text("reason"), now=timezone.now())
        return "The appeal is withdrawn."

    return _done(request, appeal_id, "withdraw", act)


def _done(request: HttpRequest, appeal_id: uuid.UUID, name: str, act: Answer) -> HttpResponse:
    """Does it and goes back to the page; what was typed wrong is shown there again."""
    actor, client = actor_of(request), client_of(request)
    found = find_appeal(actor=actor, client_id=client.id, appeal_id=appeal_id)
    require_worker(actor)
    typed = Typed({key: str(value) for key, value in request.POST.items()}, today_of(request))
    try:
        said = act(actor, found, typed)
    except (InvalidInput, Refused) as error:
        typed.errors.update(field_of(error))
        said = ""
    if typed.errors:
        shown = open_appeal(actor=actor, client_id=client.id, appeal_id=appeal_id)
        return _show(request, shown, failed=name, errors=typed.errors, values=typed.posted)
    messages.success(request, said)
    return leave(request, words.appeal_href(client.slug, appeal_id))


def _show(
    request: HttpRequest,
    found: Appeal,
    *,
    failed: str = "",
    errors: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    denial = found.denial
    level = level_at(levels_for(denial), found.level)
    state = AppealState(found.state)
    typed = (values or {}) if failed == "letter" else {}
    page = AppealPage(
        href=words.appeal_href(client.slug, found.pk),
        heading=f"{level.name}: {words.denial_words(denial)}",
        state=str(found.get_state_display()),
        tone=words.TONES[state],
        facts=_facts(request, found, level),
        letter=typed.get("letter", found.letter),
        letter_digest=hashlib.sha256(found.letter.encode()).hexdigest(),
        requested=typed.get("requested_amount", f"{found.requested_amount:.2f}"),
        may=_may(actor, state),
        denial_href=words.denial_href(client.slug, denial.pk),
        list_href=words.appeals_href(client.slug),
        export_href=reverse("exports:list", args=[client.slug]),
        appeal_id=str(found.pk),
        today=words.day(today_of(request)),
        reference=found.reference,
        level_words=_level_words(level, denial),
        level_status=_status(level, denial),
        notice=_notice(found) if actor.role in WORKERS else "",
        gaps=unfilled(found.letter) if state is AppealState.DRAFT else (),
        decision_note=(found.decision_note or "") if actor.is_vendor else "",
        failed=failed,
        errors=errors or {},
        values=values or {},
    )
    context = {"page": page, "tabs": claim_tabs(actor.role, client.slug, "appeals")}
    return render(request, "claims/appeal.html", context, status=422 if errors else 200)


def _notice(found: Appeal) -> str:
    """What happened to the denial while the appeal was under way, and what to do."""
    denial = found.denial
    if found.state == AppealState.SENT and denial.state != DenialStatus.APPEALED:
        return (
            f"The denial stands at “{denial.get_state_display()}” by now:"
            " record what the payer decided, or withdraw the appeal."
        )
    if found.state == AppealState.DRAFT and denial.state not in TO_WORK:
        return (
            f"The denial stands at “{denial.get_state_display()}”: this draft cannot be sent. Withdraw it,"
            " or open the denial again."
        )
    return ""


def _may(actor: Actor, state: AppealState) -> frozenset[str]:
    paper = frozenset({"paper"})
    if actor.role not in WORKERS:
        return paper
    if state is AppealState.DRAFT:
        return paper | {"letter", "send", "withdraw"}
    return paper | {"decide", "withdraw"} if state is AppealState.SENT else paper


def _level_words(level: Level, denial: Denial) -> str:
    payer = denial.payer if level.number == 1 else None
    days, source = (payer.appeal_days, payer.terms_source) if payer else (level.days, level.source)
    counted = level.counted_from or "the first decision"
    when = f"{days} days from {counted}" if days else "days by the contract"
    decision = f", decision within {level.decision_days} days" if level.decision_days else ""
    return f"Level {level.number}: {when}{decision}. {source or 'As the payer is set up.'}".rstrip(".") + "."


def _status(level: Level, denial: Denial) -> str:
    """How sure the days are: the payer's own are as sure as the contract they name."""
    if level.number == 1 and denial.payer is not None:
        return "" if denial.payer.terms_source else STATUS_WORDS["unverified"]
    return STATUS_WORDS.get(level.status, level.status)


def _facts(request: HttpRequest, found: Appeal, level: Level) -> tuple[tuple[str, str], ...]:
    client, today, denial = client_of(request), today_of(request), found.denial
    facts = [
        ("Payer", denial.payer.name if denial.payer is not None else words.DASH),
        ("Claim", denial.claim.control_number),
        ("Level", f"{found.level}, {level.name}"),
        ("Denied", words.dollars(denial.denied_amount)),
        ("Asked for", words.dollars(found.requested_amount)),
    ]
    if found.state in (AppealState.DRAFT, AppealState.SENT):
        due = words.awaited(found)
        what = "Send by" if found.state == AppealState.DRAFT else "Decision by"
        left = words.left(due, today)[0]
        facts.append((what, f"{words.day(due)}, {left}" if due else left))
    if found.sent_at is not None:
        facts.append(("Sent", moment(found.sent_at, client.timezone)))
    if found.decided_at is not None:
        facts.append(("Awarded", words.dollars(found.awarded_amount)))
        facts.append(("Decided", moment(found.decided_at, client.timezone)))
    if found.reference:
        facts.append(("Payer’s number of the appeal", found.reference))
    if actor_of(request).is_vendor:
        facts.append(("Chance to win, as judged", f"{denial.winnability}%"))
        facts.append(("Drafted by", f"{found.made_by.full_name}, {moment(found.made_at, client.timezone)}"))
    return tuple(facts)
