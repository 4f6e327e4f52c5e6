"""``/c/<client>/claims/appeals/``: a client's appeals, newest first."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from claims.access.answers import appeals_in_reach
from claims.access.roles import READERS
from claims.models import Appeal, AppealState
from claims.rules.appeals import level_at
from claims.rules.cohorts import Share
from claims.selectors.appeal_figures import AppealFigures, figures_of
from claims.selectors.appeal_levels import levels_for
from claims.terms.measures import measure_terms
from claims.views.appeals import words
from claims.views.appeals.dto import AppealRow, AppealsPage
from claims.views.measures.words import percent
from claims.views.tabs import claim_tabs
from coding_ops.core.errors import NotFound
from coding_ops.core.statistics import interval
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of
from encounters.selectors.paging import page_of
from encounters.views.paging import at_of, turn, turns

GROUPS = {
    "draft": (AppealState.DRAFT,),
    "sent": (AppealState.SENT,),
    "decided": (AppealState.WON, AppealState.PART, AppealState.LOST),
    "withdrawn": (AppealState.WITHDRAWN,),
}
CHIPS = (
    ("", "All"),
    ("draft", "Drafts"),
    ("sent", "Waiting for a decision"),
    ("decided", "Decided"),
    ("withdrawn", "Withdrawn"),
)


@require_GET
@for_client
def appeals(request: HttpRequest) -> HttpResponse:
    """``state`` (draft, sent, decided, withdrawn), ``after``, ``before``; no drafts for a client's people."""
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    if actor.role not in READERS:
        raise NotFound
    state = request.GET.get("state", "")
    kept = {"state": state if state in GROUPS else ""}
    reach = appeals_in_reach(actor, client.id)
    wanted = reach.filter(state__in=GROUPS[state]) if state in GROUPS else reach
    found = page_of(
        wanted.select_related("denial__payer").defer("letter", "decision_note"),
        reach,
        at_of(request.GET),
        by="made_at",
        newest_first=True,
    )
    previous, following = turns(found, kept)
    count = len(found.rows)
    more = "; more on the next page" if found.has_next else ""
    page = AppealsPage(
        href=words.appeals_href(client.slug),
        summary=f"{count} appeal{'' if count == 1 else 's'}, newest first{more}" if count else "",
        figures=_figures(figures_of(reach, today), inside=actor.is_vendor),
        states=tuple(
            Choice(value, label, value == kept["state"], turn({"state": value}))
            for value, label in CHIPS
            if actor.is_vendor or value != "draft"
        ),
        rows=tuple(_row(one, client.slug, today) for one in found.rows),
        empty_words=(
            "No appeal stands there."
            if kept["state"]
            else "No denial was appealed yet. Appeals begin on a denial’s page."
        ),
        previous_page_href=previous,
        next_page_href=following,
    )
    context = {"page": page, "tabs": claim_tabs(actor.role, client.slug, "appeals")}
    return render(request, "claims/appeals.html", context)


def _figures(of: AppealFigures, *, inside: bool) -> tuple[tuple[str, str], ...]:
    """How appeals end, with how many that are and the interval; nothing before the first decision."""
    terms = measure_terms()
    found = interval(of.won, of.decided, confidence=terms.confidence) if of.decided else None
    rate, detail = percent(Share(of.won, of.decided, found), terms.minimum_n)
    shown = [
        ("Won, wholly or in part", f"{rate} ({detail})" if detail else rate),
        (
            "Awarded of what was asked for",
            f"{words.dollars(of.awarded_amount)} of {words.dollars(of.asked_amount)}",
        ),
        ("Waiting for a decision", f"{of.waiting:,}, {of.overdue:,} overdue"),
    ]
    if inside:
        shown.append(("Drafts past their last day", f"{of.late_drafts:,}"))
    return tuple(shown)


def _row(appeal: Appeal, slug: str, today: date) -> AppealRow:
    denial, awaited = appeal.denial, words.awaited(appeal)
    left, tone = words.left(awaited, today) if appeal.state in ("draft", "sent") else ("", "")
    return AppealRow(
        href=words.appeal_href(slug, appeal.pk),
        denial=words.denial_words(denial),
        level=f"{appeal.level}, {level_at(levels_for(denial), appeal.level).name}",
        payer=denial.payer.name if denial.payer is not None else words.DASH,
        state=str(appeal.get_state_display()),
        tone=words.TONES[AppealState(appeal.state)],
        requested=words.dollars(appeal.requested_amount),
        awarded=words.dollars(appeal.awarded_amount),
        due=words.day(awaited),
        left=left,
        left_tone=tone,
    )
