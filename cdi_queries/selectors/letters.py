"""Letters that were written, what became of them, and what they had for an effect."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cdi_queries.models import EducationLetter, LetterPaper, LetterStep, LetterStepKind
from cdi_queries.rules.education import Charts, Effect, Span, effect, effect_days
from cdi_queries.selectors.contacts import day_at
from cdi_queries.selectors.education import charts_by_day
from cdi_queries.terms.education import education_terms
from coding_ops.tenancy.actor import Actor
from encounters.models import Provider

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class LetterRead:
    """A letter with what happened to it."""

    letter: EducationLetter
    acknowledged: LetterStep | None
    told: LetterStep | None


def letters(client_id: int) -> QuerySet[EducationLetter]:
    """A client's letters, the newest month first; without their words."""
    rows: QuerySet[EducationLetter] = EducationLetter.objects.filter(client_id=client_id)
    return rows.defer("content").select_related("provider").order_by("-month", "-pk")


def own_letters(actor: Actor, client_id: int) -> QuerySet[EducationLetter]:
    """The letters to the provider who is signed in."""
    mine = Provider.objects.filter(client_id=client_id, user_id=actor.person_id)
    return letters(client_id).filter(provider__in=mine)


def with_steps(client_id: int, found: Iterable[EducationLetter]) -> list[LetterRead]:
    """Letters with their steps: one query."""
    listed = list(found)
    steps: dict[tuple[uuid.UUID, str], LetterStep] = {
        (step.letter_id, step.kind): step
        for step in LetterStep.objects.filter(client_id=client_id, letter__in=[one.pk for one in listed])
    }
    return [
        LetterRead(
            one,
            steps.get((one.pk, LetterStepKind.ACKNOWLEDGED.value)),
            steps.get((one.pk, LetterStepKind.TOLD.value)),
        )
        for one in listed
    ]


def newest_letters(client_id: int, provider_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, LetterRead]:
    """The newest letter of each provider: two queries."""
    rows = (
        EducationLetter.objects.filter(client_id=client_id, provider_id__in=list(provider_ids))
        .defer("content")
        .select_related("provider")
        .order_by("provider_id", "-month")
        .distinct("provider_id")
    )
    return {one.letter.provider_id: one for one in with_steps(client_id, rows)}


def month_counts(client_id: int, month: date) -> tuple[int, int]:
    """How many letters of a month were written, and how many of them are acknowledged: one query."""
    seen = LetterStep.objects.filter(
        client_id=client_id, letter=OuterRef("pk"), kind=LetterStepKind.ACKNOWLEDGED
    )
    found = EducationLetter.objects.filter(client_id=client_id, month=month).aggregate(
        written=Count("pk"), acknowledged=Count("pk", filter=Q(Exists(seen)))
    )
    return found["written"], found["acknowledged"]


def waiting_for_acknowledgement(actor: Actor, client_id: int) -> int:
    """How many letters to the provider who is signed in are not acknowledged."""
    seen = LetterStep.objects.filter(
        client_id=client_id, letter=OuterRef("pk"), kind=LetterStepKind.ACKNOWLEDGED
    )
    return own_letters(actor, client_id).exclude(Exists(seen)).count()


def without_paper(client_id: int, since: datetime) -> list[uuid.UUID]:
    """Letters whose PDF is still to be made."""
    papers = LetterPaper.objects.filter(client_id=client_id, letter=OuterRef("pk"))
    rows = EducationLetter.objects.filter(client_id=client_id, written_at__gte=since)
    return list(rows.exclude(Exists(papers)).order_by("written_at").values_list("pk", flat=True))


def untold(client_id: int, since: datetime) -> list[uuid.UUID]:
    """Letters whose provider has not been told by mail."""
    told = LetterStep.objects.filter(client_id=client_id, letter=OuterRef("pk"), kind=LetterStepKind.TOLD)
    rows = EducationLetter.objects.filter(
        client_id=client_id, written_at__gte=since, provider__user__isnull=False
    )
    return list(rows.exclude(Exists(told)).order_by("written_at").values_list("pk", flat=True))


def effects_of(
    client_id: int, provider_id: uuid.UUID, reads: Iterable[LetterRead], *, zone: str, today: date
) -> dict[uuid.UUID, Effect]:
    """What became of a provider's rate after each letter they acknowledged: one query, however many."""
    terms = education_terms()
    days = {one.letter.pk: day_at(zone, one.acknowledged.at) for one in reads if one.acknowledged}
    if not days:
        return {}
    spans = {pk: effect_days(day, terms) for pk, day in days.items()}
    whole = Span(
        min(before.first for before, _ in spans.values()), max(after.last for _, after in spans.values())
    )
    daily = charts_by_day(client_id, provider_id, whole)
    return {
        pk: effect(*(_sum(daily, span) for span in spans[pk]), acknowledged_on=day, today=today, terms=terms)
        for pk, day in days.items()
    }


def _sum(daily: Mapping[date, Charts], span: Span) -> Charts:
    found = Charts()
    for day, charts in daily.items():
        if span.first <= day <= span.last:
            found = found.plus(charts)
    return found
