"""``/c/<client>/quality/reviews/``: a client's reviews, filtered; and asking for one of a chart."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from coding_ops.core.errors import DomainError, InvalidInput, NotAllowed, NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.access import charts_in_reach
from encounters.models import Encounter
from encounters.views import words as chart_words
from encounters.views.paging import turn
from qa_audit.access import (
    LEADERS,
    VENDOR_REVIEWERS,
    may_review,
    origins_behind,
    reviews_in_reach,
    shown_origin,
)
from qa_audit.actions.reviews import ask_review
from qa_audit.models import Draw, Review, ReviewOrigin
from qa_audit.models.reviews import HIDDEN_ORIGINS
from qa_audit.rules.audit_lines import Verdict
from qa_audit.rules.plan_terms import Mode, PlanTerms
from qa_audit.rules.review_states import ReviewState
from qa_audit.rules.verdict_words import LABELS
from qa_audit.selectors.reviews import (
    DELIVERED,
    PAGE_ROWS,
    UNSEEN,
    Asked,
    filtered,
    people_of,
    specialties_of,
)
from qa_audit.views.reviews import words
from qa_audit.views.reviews.dto import AskForm, Filter, ReviewRow, ReviewsPage
from qa_audit.views.reviews.sheet_parts import review_href
from qa_audit.views.tabs import quality_href, quality_tabs

READERS = VENDOR_REVIEWERS | {Role.CODER, Role.CLIENT_ADMIN, Role.EXTERNAL_AUDITOR}
CUTS = ("closed_from", "closed_to", "clean", "run")
NAMES = ("state", "draw", "coder", "reviewer", "origin", "specialty", "verdict", *CUTS)
RUNS = {"vendor": False, "client": True}
CLEAN = {"0": False, "1": True}
MODES = ((Mode.BLIND.value, "Blind: coded before the coder's codes are seen"), (Mode.OPEN.value, "Open"))


@require_GET
@for_client
def reviews(request: HttpRequest) -> HttpResponse:
    """``state``, ``draw``, ``coder``, ``reviewer``, ``origin``, ``specialty``, ``verdict``, ``page``.

    What a number of another page counts is cut by ``closed_from``, ``closed_to`` (days at the client's),
    ``clean`` (1 without an error charged to the coder, 0 with one) and ``run`` (vendor, client) too.
    """
    return _list(request, AskForm())


def _list(request: HttpRequest, form: AskForm) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    if actor.role not in READERS:
        raise NotFound
    reach = reviews_in_reach(actor, client.id)
    kept = {name: request.GET.get(name, "") for name in NAMES}
    people = actor.is_vendor or actor.role == Role.EXTERNAL_AUDITOR
    asked = _asked(kept, actor, people, client.timezone)
    number = _page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    sees = actor.role in LEADERS
    found = list(filtered(reach, asked, sees_coders=sees)[start : start + PAGE_ROWS + 1])
    seen = _Seen(actor, client, people)
    base = f"{quality_href(client.slug)}reviews/"
    page = ReviewsPage(
        href=base,
        rows=tuple(seen.row(one) for one in found[:PAGE_ROWS]),
        states=_states(kept),
        filters=_filters(reach, kept, actor, people),
        hidden=tuple((name, kept[name]) for name in ("state", "draw", *CUTS) if kept[name]),
        summary=_summary(len(found), number),
        empty_words="No review fits this filter." if any(kept.values()) else "No review yet.",
        shows_people=people,
        draw=_draw_words(client.id, asked.draw),
        draw_off_href=turn({**kept, "draw": ""}) if asked.draw else "",
        cut=_cut_words(kept),
        cut_off_href=turn({**kept, **dict.fromkeys(CUTS, "")}) or "?",
        take_href=f"{base}next/" if may_review(actor) else "",
        ask=_ask_form(form) if may_review(actor) else None,
        next_page_href=turn({**kept, "page": str(number + 1)}) if len(found) > PAGE_ROWS else "",
        previous_page_href=turn({**kept, "page": str(number - 1)}) if number > 1 else "",
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "reviews")}
    return render(request, "qa_audit/reviews.html", context, status=422 if form.errors else 200)


def _page_number(text: str) -> int:
    return int(text) if text.isdecimal() and 0 < int(text[:6]) < 10_000 else 1


def _asked(kept: Mapping[str, str], actor: Actor, people: bool, zone: str) -> Asked:
    """The filter; a value that nobody can choose takes nothing away."""
    draw = kept["draw"]
    origin = kept["origin"] if kept["origin"] in ReviewOrigin.values else ""
    return Asked(
        state=kept["state"] if kept["state"] in {one.value for one in ReviewState} else "",
        draw=_uuid(draw),
        coder=int(kept["coder"]) if people and kept["coder"].isdecimal() else None,
        reviewer=int(kept["reviewer"]) if people and kept["reviewer"].isdecimal() else None,
        origins=origins_behind(actor, ReviewOrigin(origin)) if origin else None,
        specialty=kept["specialty"],
        verdict=kept["verdict"] if kept["verdict"] in {one.value for one in Verdict} else "",
        closed_from=_moment(kept["closed_from"], zone),
        closed_before=_moment(kept["closed_to"], zone, days=1),
        clean=CLEAN.get(kept["clean"]),
        is_client_run=RUNS.get(kept["run"]),
    )


def _moment(text: str, zone: str, days: int = 0) -> datetime | None:
    """The start of a day at the client's, or of a later one; ``None`` for what is no day."""
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=days), time.min, ZoneInfo(zone))
    except (ValueError, OverflowError):
        return None


def _cut_words(kept: Mapping[str, str]) -> str:
    """``closed 11/16/2026 to 11/22/2026, with an error``; empty where the list is not cut."""
    days = [_moment(kept[name], "UTC") for name in ("closed_from", "closed_to")]
    told = [f"{word} {at:%m/%d/%Y}" for word, at in zip(("from", "through"), days, strict=True) if at]
    parts = [f"closed {' '.join(told)}"] if told else []
    parts += (
        [{"0": "with an error", "1": "without an error"}[kept["clean"]]] if kept["clean"] in CLEAN else []
    )
    parts += [{"vendor": "ours", "client": "the client's own"}[kept["run"]]] if kept["run"] in RUNS else []
    return ", ".join(parts)


def _uuid(text: str) -> uuid.UUID | None:
    """An id of the address.

    Raises:
        NotFound: it is none.
    """
    try:
        return uuid.UUID(text) if text else None
    except ValueError as error:
        raise NotFound from error


def _states(kept: Mapping[str, str]) -> tuple[Choice, ...]:
    pairs = [("", "All"), *((state.value, label) for state, label in words.STATES.items())]
    return tuple(
        Choice(value, label, value == kept["state"], turn({**kept, "state": value}) or "?")
        for value, label in pairs
    )


def _filters(
    reach: QuerySet[Review], kept: Mapping[str, str], actor: Actor, people: bool
) -> tuple[Filter, ...]:
    origins = [one for one in ReviewOrigin if actor.role in LEADERS or one.value not in HIDDEN_ORIGINS]
    found = [
        ("origin", "Why", [(one.value, str(one.label)) for one in origins]),
        ("specialty", "Specialty", [(one.code, one.name) for one in specialties_of(reach)]),
        ("verdict", "With a line", [(one.value, label) for one, label in LABELS.items()]),
    ]
    if people:
        known = reach if actor.role in LEADERS else reach.exclude(UNSEEN)
        found = [
            ("coder", "Coder", [(str(one.pk), one.full_name) for one in people_of(known, "coder")]),
            ("reviewer", "Reviewer", [(str(one.pk), one.full_name) for one in people_of(reach, "reviewer")]),
            *found,
        ]
    return tuple(
        Filter(name, label, (Choice("", "All", not kept[name]), *_choices(pairs, kept[name])))
        for name, label, pairs in found
    )


def _choices(pairs: Iterable[tuple[str, str]], chosen: str) -> list[Choice]:
    return [Choice(value, label, value == chosen) for value, label in pairs]


def _summary(count: int, number: int) -> str:
    more = " or more" if count > PAGE_ROWS else ""
    shown = min(count, PAGE_ROWS)
    return f"{shown}{more} review{'s' if shown != 1 else ''}" + (f", page {number}" if number > 1 else "")


def _draw_words(client_id: int, draw_id: uuid.UUID | None) -> str:
    """``Every month, 11/01/2026 to 11/15/2026``; empty without a draw.

    Raises:
        NotFound: the client has no such draw.
    """
    if draw_id is None:
        return ""
    drawn = Draw.objects.filter(client_id=client_id, pk=draw_id).select_related("version__plan").first()
    if drawn is None:
        raise NotFound
    days = f"{chart_words.day(drawn.period_from)} to {chart_words.day(drawn.period_through)}"
    return f"{drawn.version.plan.name}, {days}"


@dataclass(frozen=True, slots=True)
class _Seen:
    """Rows as one person may see them."""

    actor: Actor
    client: ReachedClient
    people: bool

    def row(self, one: Review) -> ReviewRow:
        """One review; of a blind one neither visit nor coder while its reviewer may not know them."""
        unseen = words.is_unseen(one)
        mine = one.reviewer_id == self.actor.user_id
        chart = one.encounter
        told = self.people and (not unseen or (self.actor.role in LEADERS and not mine))
        return ReviewRow(
            href=review_href(self.client.slug, one),
            visit=f"Visit {chart.external_id}" if mine or not unseen else "Blind review",
            specialty=chart.specialty.name if chart.specialty else "",
            coder=one.coder.full_name if told else (words.NOT_SHOWN if self.people else ""),
            reviewer=one.reviewer.full_name if self.people and one.reviewer else "",
            origin=str(shown_origin(self.actor, one).label),
            mode=words.mode(one),
            state=words.STATES[ReviewState(one.state)],
            tone=words.TONES[ReviewState(one.state)],
            asked_on=chart_words.moment(one.created_at, self.client.timezone)[:10],
            due=chart_words.day(one.respond_by) if one.state == ReviewState.ANSWERING else "",
            score=_score(one),
            findings=str(getattr(one, "found", None) or 0) if one.state in DELIVERED else "",
        )


def _score(one: Review) -> str:
    """``15 of 16``, the score the contract counts; ``, provisional`` until it is closed."""
    numerator = getattr(one, "numerator", None)
    if numerator is None:
        return ""
    told = f"{numerator} of {getattr(one, 'denominator', 0)}"
    return f"{told}, provisional" if getattr(one, "is_provisional", False) else told


# --- asking for one ------------------------------------------------------------------------------------


def _ask_form(form: AskForm) -> AskForm:
    return form if form.modes else AskForm(form.visit, form.reason, _modes(Mode.BLIND.value), form.errors)


def _modes(chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, label, value == chosen) for value, label in MODES)


@require_POST
@for_client
def ask(request: HttpRequest) -> HttpResponse:
    """``visit``, ``mode``, ``reason``: a review of one final chart, chosen by this person."""
    actor, client = actor_of(request), client_of(request)
    if not may_review(actor):
        raise NotFound
    visit, reason = request.POST.get("visit", "").strip(), request.POST.get("reason", "").strip()
    mode = request.POST.get("mode", "")
    try:
        if mode not in {value for value, _ in MODES}:
            raise InvalidInput("Choose blind or open.", code="review.mode")
        made = ask_review(
            actor=actor,
            encounter=_chart(actor, client.id, visit),
            terms=PlanTerms(mode=Mode(mode)),
            origin=ReviewOrigin.FOCUSED,
            reason=reason,
        )
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        name = {"review.reason": "reason", "review.mode": "mode"}.get(error.code, "visit")
        return _list(request, AskForm(visit, reason, _modes(mode), {name: error.message}))
    messages.success(request, f"A review of visit {visit} waits for its reviewer.")
    return leave(request, f"{quality_href(client.slug)}reviews/?{urlencode({'state': made.state})}")


def _chart(actor: Actor, client_id: int, visit: str) -> Encounter:
    """The chart of a visit number.

    Raises:
        InvalidInput: none has it, or it is closed to this person for now.
    """
    found = charts_in_reach(actor, client_id).filter(external_id=visit).order_by("-received_at")
    chart = found.first() if visit else None
    if chart is None:
        raise InvalidInput("No chart of this client has this visit number.", code="review.visit")
    return chart
