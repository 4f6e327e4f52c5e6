"""``/c/<client>/quality/calibration/``: rounds, gold scores and what waits for a decision."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coding_ops.accounts.models import User
from coding_ops.core.errors import InvalidInput, Refused
from coding_ops.tenancy.access import ReachedClient
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.selectors.pauses import standing_pauses
from qa_audit.access import LEADERS
from qa_audit.actions.calibration import add_readers_where_low
from qa_audit.actions.gold import compare_coders, compare_reviewers
from qa_audit.actions.gold_signals import (
    PolicyTerms,
    decide_signal,
    lift_review_pause,
    raise_signals,
    set_policy,
)
from qa_audit.calibration_access import find_signal, require_calibration, require_gold, rounds_in_reach
from qa_audit.models import CalibrationRound, GoldPolicy, GoldSignal
from qa_audit.models.calibration import GoldSide, RoundState, SignalDecision
from qa_audit.rules.gold import Sum
from qa_audit.selectors.calibration import Policy, gold_sums, policy_of
from qa_audit.views.calibration import words
from qa_audit.views.calibration.dto import (
    Home,
    PersonScore,
    PolicyForm,
    PolicyRow,
    RoundRow,
    ScoreTable,
    SignalCard,
)
from qa_audit.views.tabs import quality_tabs

STATES = (("", "All"), ("open", "Being read"), ("closed", "Closed"), ("cancelled", "Cancelled"))
HEADS = {
    GoldSide.CODER.value: ("Gold scores of coders", "Coder", "No coder was compared with a gold key yet."),
    GoldSide.REVIEWER.value: (
        "Gold scores of reviewers",
        "Reviewer",
        "No reviewer was compared with a settled chart yet.",
    ),
}


@require_GET
@for_client
def home(request: HttpRequest) -> HttpResponse:
    """``?state=`` filters rounds, ``page``.  A QA reviewer sees closed rounds they read in, no more."""
    actor, client = actor_of(request), client_of(request)
    require_calibration(actor)
    is_leader = actor.role in LEADERS
    number = words.page_number(request.GET.get("page", ""))
    state = request.GET.get("state", "") if is_leader else ""
    rows = _rounds(request, state, number)
    base = words.base_href(client.slug)
    kept = {"state": state} if state else {}
    policy = policy_of(client.id)
    page = Home(
        base=base,
        is_leader=is_leader,
        lead="Whether reviewers read the same chart alike, and how people code charts whose codes are known."
        if is_leader
        else "Rounds you took part in, once they are closed.",
        signals=_signals(client, base) if is_leader else (),
        tables=_tables(client, base, policy) if is_leader else (),
        note=_policy_words(policy) if is_leader else "",
        states=tuple(
            Choice(value, label, value == state, f"{base}?state={value}" if value else base)
            for value, label in STATES
        )
        if is_leader
        else (),
        rounds=tuple(_round_row(client, base, one) for one in rows[: words.PAGE_ROWS]),
        empty_words="No calibration round yet. A round gives the same final charts to several reviewers."
        if is_leader
        else "No round you took part in is closed yet.",
        next_page_href=_turned(kept, number + 1) if len(rows) > words.PAGE_ROWS else "",
        previous_page_href=_turned(kept, number - 1) if number > 1 else "",
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "calibration")}
    return render(request, "qa_audit/calibration.html", context)


def _turned(kept: Mapping[str, str], number: int) -> str:
    return f"?{urlencode({**kept, 'page': number})}"


def _rounds(request: HttpRequest, state: str, number: int) -> list[CalibrationRound]:
    found = rounds_in_reach(actor_of(request), client_of(request).id)
    if state in RoundState.values:
        found = found.filter(state=state)
    standing = ~Q(charts__readings__review__state="cancelled")
    found = found.annotate(
        chart_count=Count("charts", distinct=True),
        reading_count=Count("charts__readings", filter=standing, distinct=True),
        read_count=Count(
            "charts__readings",
            filter=standing & Q(charts__readings__review__revealed_at__isnull=False),
            distinct=True,
        ),
    )
    start = (number - 1) * words.PAGE_ROWS
    return list(found.order_by("-opened_at", "-pk")[start : start + words.PAGE_ROWS + 1])


def _round_row(client: ReachedClient, base: str, one: CalibrationRound) -> RoundRow:
    return RoundRow(
        href=f"{base}rounds/{one.pk}/",
        name=one.name,
        charts=str(one.chart_count),  # type: ignore[attr-defined]
        read=f"{one.read_count} of {one.reading_count}",  # type: ignore[attr-defined]
        state=str(one.get_state_display()),
        tone=words.ROUND_TONES[RoundState(one.state)],
        opened=moment(one.opened_at, client.timezone),
    )


# --- gold scores ---------------------------------------------------------------------------------------


def _tables(client: ReachedClient, base: str, policy: Policy) -> tuple[ScoreTable, ...]:
    now = timezone.now()
    sums = {side: gold_sums(client.id, side, policy, now) for side in HEADS}
    people = User.objects.in_bulk([person for found in sums.values() for person in found])
    paused = {
        GoldSide.CODER.value: set(standing_pauses(client.id).values_list("coder_id", flat=True)),
        GoldSide.REVIEWER.value: set(_review_pauses(client.id).values_list("person_id", flat=True)),
    }
    tables = []
    for side, (heading, first, empty) in HEADS.items():
        rows = [
            _person(base, side, people[person], found, person in paused[side])
            for person, found in sums[side].items()
        ]
        # By name: people are not ranked.
        ordered = tuple(sorted(rows, key=lambda row: row.name))
        tables.append(ScoreTable(side, heading, first, ordered, empty))
    return tuple(tables)


def _person(base: str, side: str, user: User, found: Sum, is_paused: bool) -> PersonScore:
    return PersonScore(
        name=user.full_name,
        href=f"{base}gold/checks/?side={side}&person={user.pk}",
        rate=words.percent(found.interval.rate if found.interval else None),
        interval=words.between(found.interval),
        counted=f"{words.count(found.charts, 'chart')}, {found.numerator:,} of"
        f" {words.count(found.denominator, 'line')}",
        standing=found.standing.value,
        paused="Paused" if is_paused else "",
    )


def _review_pauses(client_id: int) -> QuerySet[GoldSignal]:
    return GoldSignal.objects.filter(
        client_id=client_id,
        side=GoldSide.REVIEWER,
        decision=SignalDecision.PAUSE,
        lifted_at__isnull=True,
    )


def _signals(client: ReachedClient, base: str) -> tuple[SignalCard, ...]:
    waiting = GoldSignal.objects.filter(client_id=client.id, decision="")
    found = [*waiting.select_related("person"), *_review_pauses(client.id).select_related("person")]
    return tuple(_signal(client, base, one) for one in found)


def _signal(client: ReachedClient, base: str, one: GoldSignal) -> SignalCard:
    rate = words.percent(Decimal(one.numerator) / one.denominator)
    sure = (
        "the whole 95% interval lies below the target"
        if one.is_sure
        else "the 95% interval reaches the target"
    )
    told = (
        f"{rate} of {words.count(one.denominator, 'line')} on {words.count(one.charts, 'gold chart')}, target"
        f" {words.percent(one.target)}; {sure}. Found {moment(one.raised_at, client.timezone)}."
    )
    if one.decision:
        told = (
            f"Takes no new reviews since {moment(one.decided_at or one.raised_at, client.timezone)}. {told}"
        )
    side = words.SIDES[one.side].lower()
    return SignalCard(
        href=f"{base}signals/{one.pk}/",
        heading=f"{one.person.full_name}, {side}",
        words=told,
        is_open=not one.decision,
    )


def _policy_words(policy: Policy) -> str:
    by = f"Policy {policy.number}" if policy.number else "The house’s values"
    itself = "pauses by itself" if policy.pauses_itself else "pauses nobody by itself"
    return (
        f"{by}: {words.percent(policy.target)} of the lines of settled gold charts of the last"
        f" {policy.window_days} days, judged from {policy.least_lines} lines on; {itself}. Intervals are"
        " 95% Wilson; the lines of one chart belong together, which makes them a little too narrow."
    )


@require_POST
@for_client
def decide(request: HttpRequest, gold_signal_id: uuid.UUID) -> HttpResponse:
    """``do``: pause, dismiss or lift; ``reason``."""
    actor, client = actor_of(request), client_of(request)
    signal = find_signal(actor=actor, client_id=client.id, signal_id=gold_signal_id)
    wanted, reason = request.POST.get("do", ""), request.POST.get("reason", "")
    if wanted == "lift":
        lift_review_pause(actor=actor, signal=signal, reason=reason)
        messages.success(request, "The pause is lifted.")
    elif wanted in SignalDecision.values:
        decide_signal(actor=actor, signal=signal, decision=SignalDecision(wanted), reason=reason)
        messages.success(request, "Paused." if wanted == SignalDecision.PAUSE else "Recorded: no pause.")
    else:
        raise InvalidInput("Choose whether to pause.", code="gold.decision", details={"path": "do"})
    return leave(request, words.base_href(client.slug))


@require_POST
@for_client
def compare_now(request: HttpRequest) -> HttpResponse:
    """Does at once what the schedule does every quarter of an hour."""
    actor, client = actor_of(request), client_of(request)
    require_gold(actor)
    compared = compare_coders(actor=actor, client_id=client.id)
    compared += compare_reviewers(actor=actor, client_id=client.id)
    added = add_readers_where_low(actor=actor, client_id=client.id)
    raised = raise_signals(actor=actor, client_id=client.id)
    messages.success(
        request,
        f"{words.count(compared, 'gold chart')} compared, {words.count(added, 'reader')} added,"
        f" {words.count(raised, 'low score')} found.",
    )
    return leave(request, words.base_href(client.slug))


# --- policy --------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@for_client
def policy(request: HttpRequest) -> HttpResponse:
    """What gold scores are held to; a save is a new version."""
    actor, client = actor_of(request), client_of(request)
    require_gold(actor)
    base, errors, status = words.base_href(client.slug), {}, 200
    if request.method == "POST":
        try:
            terms = _terms(request)
            set_policy(
                actor=actor, client_id=client.id, terms=terms, reason=request.POST.get("reason", "").strip()
            )
        except InvalidInput as error:
            errors, status = {str(error.details.get("path", "")): error.message}, 422
        except Refused as error:
            errors, status = {"reason": error.message}, 422
        else:
            messages.success(request, "The policy holds from now on.")
            return leave(request, base)
    context = {
        "form": _policy_form(request, client, base),
        "errors": errors,
        "tabs": quality_tabs(actor.role, client.slug, "calibration"),
    }
    return render(request, "qa_audit/gold_policy.html", context, status=status)


def _terms(request: HttpRequest) -> PolicyTerms:
    numbers = {}
    for field in ("target", "least_lines", "window_days"):
        try:
            numbers[field] = Decimal(request.POST.get(field, "").strip().removesuffix("%"))
        except InvalidOperation as error:
            raise InvalidInput("Enter a number.", code="gold.policy", details={"path": field}) from error
        if not numbers[field].is_finite():
            raise InvalidInput("Enter a number.", code="gold.policy", details={"path": field})
    for field in ("least_lines", "window_days"):
        if numbers[field] != numbers[field].to_integral_value():
            raise InvalidInput("Enter a whole number.", code="gold.policy", details={"path": field})
    return PolicyTerms(
        target=numbers["target"] / 100,
        least_lines=int(numbers["least_lines"]),
        window_days=int(numbers["window_days"]),
        pauses_itself=request.POST.get("pauses_itself") == "1",
    )


def _policy_form(request: HttpRequest, client: ReachedClient, base: str) -> PolicyForm:
    now = policy_of(client.id)
    sent = request.POST if request.method == "POST" else None
    versions = GoldPolicy.objects.filter(client_id=client.id).select_related("made_by")[: words.PAGE_ROWS]
    return PolicyForm(
        base=base,
        href=f"{base}policy/",
        target=sent.get("target", "") if sent else f"{100 * now.target:.1f}",
        least_lines=sent.get("least_lines", "") if sent else str(now.least_lines),
        window_days=sent.get("window_days", "") if sent else str(now.window_days),
        pauses_itself=sent.get("pauses_itself") == "1" if sent else now.pauses_itself,
        reason=sent.get("reason", "") if sent else "",
        versions=tuple(
            PolicyRow(
                number=str(one.number),
                words=f"{words.percent(one.target)}, from {one.least_lines} lines on, {one.window_days} days,"
                f" {'pauses by itself' if one.pauses_itself else 'pauses nobody by itself'}",
                made=f"{moment(one.made_at, client.timezone)} by {one.made_by.full_name}",
                reason=one.reason,
            )
            for one in versions
        ),
    )
