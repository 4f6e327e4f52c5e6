"""``/c/<client>/quality/``: how the programme stands, and every number's way to the charts behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of
from qa_audit.access import reviews_in_reach
from qa_audit.models import SamplingPlan
from qa_audit.rules.plan_terms import PlanTerms
from qa_audit.selectors import programme as figures
from qa_audit.selectors.programme import Months, Sums
from qa_audit.views.programme import parts, words
from qa_audit.views.programme.dto import Choice, GroupTable, OverviewPage
from qa_audit.views.programme.parts import Sheet
from qa_audit.views.programme.scope import Asked, Sight, asked_of, sight_of, turned, window_chips
from qa_audit.views.tabs import quality_href, quality_tabs

NOTES = (
    (
        "Rates of random audits are weighted by the charts each one stands for. The spread is taken between "
        "charts, because codes of one chart err together. “Met” and “missed” are said only when the whole "
        "interval lies on one side of the target."
    ),
    (
        "Charts that were chosen (always reviewed, by a person, after training) are told apart and never "
        "judged; gold and calibration charts stand in no rate. Findings that were withdrawn or overturned "
        "count as agreed."
    ),
)


@require_GET
@for_client
def overview(request: HttpRequest) -> HttpResponse:
    """``?months=``, ``?score=``.  A coder is sent to their own accuracy."""
    actor, client = actor_of(request), client_of(request)
    if actor.role == Role.CODER:
        return HttpResponseRedirect("/work/accuracy/")
    sight, asked = sight_of(actor.role), asked_of(request.GET, today_of(request))
    plans = figures.plans_in_force(client.id)
    yard = figures.yardstick_of(plans)
    score = asked.score or yard.counted_score
    sums = _seen(figures.accuracy([client.id], score, asked.months), sight)
    base = quality_href(client.slug)
    sheet = Sheet(f"{base}rows/", asked.months, score, yard, sums, sight)
    covered = figures.coverage(client.id, client.timezone, asked.months)
    waiting = _waiting(actor, client, sight)
    specialties = figures.specialty_names()
    coders = {one.coder for one in covered} | {group.coder for group in sums}
    names = figures.names_of(coders) if sight.names_coders else {}
    found = figures.errors([client.id], asked.months)
    page = OverviewPage(
        summary=_summary(asked.months, yard.from_plan, waiting, client.timezone),
        windows=window_chips(asked),
        scores=_score_chips(asked, score, yard.counted_score),
        cards=parts.cards(sheet, covered, waiting),
        counts=parts.counts(base, waiting, figures.settings().late_after_days) if waiting else (),
        tables=_tables(sheet, base, names, specialties, sight),
        paretos=parts.paretos(
            found,
            lambda **wanted: sheet.href(run=False, provisional=False, **wanted),
        ),
        coverage=parts.coverage_rows(
            covered,
            _since(plans),
            names,
            specialties,
            open_month=asked.months.last,
            names_coders=sight.names_coders,
        ),
        coverage_note="Final charts of each month, and how many were audited",
        shows_coders=sight.names_coders,
        notes=(*NOTES, *_editions(sums)),
        replay_href=f"{base}replay/",
        empty_words=parts.no_figures(sums, waiting),
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "programme")}
    return render(request, "qa_audit/overview.html", context)


def _seen(sums: Sums, sight: Sight) -> Sums:
    return {
        group: one for group, one in sums.items() if sight.shows(group.is_client_run, group.is_provisional)
    }


def _waiting(actor: Actor, client: ReachedClient, sight: Sight) -> figures.Waiting | None:
    """The open reviews of the person's own side; an auditor sees closed ones only."""
    if not (sight.sees_provisional or sight.is_client):
        return None
    now = timezone.now()
    return figures.waiting(
        reviews_in_reach(actor, client.id),
        late_before=now - timedelta(days=figures.settings().late_after_days),
        today=timezone.localdate(now, ZoneInfo(client.timezone)),
        is_client_run=sight.is_client,
    )


def _tables(
    sheet: Sheet, base: str, names: Mapping[Any, str], specialties: Mapping[Any, str], sight: Sight
) -> tuple[GroupTable, ...]:
    tables = []
    if sight.names_coders:
        tables.append(
            parts.group_table(
                sheet,
                id="coders",
                heading="By coder",
                first="Coder",
                names=names,
                key=lambda group: group.coder,
                wanted="coder",
                link=lambda coder: f"{base}people/{coder}/{turned({'months': _count(sheet.months)})}",
            )
        )
    tables.append(
        parts.group_table(
            sheet,
            id="specialties",
            heading="By specialty",
            first="Specialty",
            names=specialties,
            key=lambda group: group.specialty,
            wanted="specialty",
            link=lambda code: sheet.href(specialty=str(code) or "none", run=False, provisional=False),
        )
    )
    # A single kind or mode says nothing that the rows above have not said.
    tables += [one for one in (parts.kind_table(sheet), parts.mode_table(sheet)) if len(one.rows) > 1]
    return tuple(tables)


def _since(plans: Sequence[tuple[SamplingPlan, PlanTerms]]) -> list[tuple[date, PlanTerms]]:
    """Terms by the month after the plan was made: the first one that it could cover."""
    return [(figures.earlier(plan.created_at.date(), -1), terms) for plan, terms in plans]


def _count(months: Months) -> str:
    return str(len(months.starts()))


def _score_chips(asked: Asked, score: str, counted: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            f"{label} (contract)" if name == counted else label,
            turned({"months": str(asked.count), "score": name}),
            name == score,
        )
        for name, label in words.SCORES.items()
    )


def _summary(months: Months, plan: str, waiting: figures.Waiting | None, zone: str) -> str:
    judged = f"Judged by the plan “{plan}”." if plan else "No plan is active: judged by the house's target."
    oldest: datetime | None = (
        waiting.oldest_at.astimezone(ZoneInfo(zone)) if waiting and waiting.oldest_at else None
    )
    return " ".join(
        filter(None, (f"Reviews closed in {words.window(months)}.", judged, parts.oldest_words(oldest)))
    )


def _editions(sums: Sums) -> tuple[str, ...]:
    """A window across two editions of the error table mixes two measures: said, with what to do."""
    editions = sorted({group.definition for group in sums})
    if len(editions) < 2:
        return ()
    return (f"Scored under editions {', '.join(editions)} of the error table: replay the window under one.",)
