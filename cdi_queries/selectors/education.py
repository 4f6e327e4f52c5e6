"""What is counted of a client's documentation: by provider, over days of service."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from cdi_queries.models import CdiQuery, DocumentedChart, ProviderContact, QueryOutcome, QueryStatus
from cdi_queries.rules.education import Charts, Span
from cdi_queries.rules.letter import Answers
from cdi_queries.rules.template import AREAS, GAPS
from cdi_queries.selectors.templates import kept_templates
from cdi_queries.terms.education import education_terms
from coding_ops.accounts.models import Specialty
from encounters.models import Provider

WITHOUT_TEMPLATE = "Asked without a template"


@dataclass(frozen=True, slots=True)
class Standing:
    """One provider over a period.  ``peers``: all other providers of the specialty together."""

    provider_id: uuid.UUID
    specialty_id: int | None
    own: Charts
    peers: Charts
    peer_count: int


@dataclass(slots=True)
class _Sums:
    charts: Charts = field(default_factory=Charts)
    by_specialty: Counter[int | None] = field(default_factory=Counter)


def counted_charts(client_id: int, span: Span) -> QuerySet[DocumentedChart]:
    """The charts of the days of service that have a diagnosis."""
    charts: QuerySet[DocumentedChart] = DocumentedChart.objects.filter(
        client_id=client_id,
        service_on__gte=span.first,
        service_on__lte=span.last,
        diagnosis_count__gt=0,
    )
    return charts


def standings(client_id: int, span: Span) -> dict[uuid.UUID, Standing]:
    """Every provider with a counted chart in the period, beside the others of the specialty: two queries.

    A provider's specialty is the one entered for them, else that of most of their charts.
    """
    sums: dict[uuid.UUID, _Sums] = defaultdict(_Sums)
    rows = (
        counted_charts(client_id, span)
        .values("provider_id", "specialty_id")
        .annotate(of=Count("pk"), hits=Count("pk", filter=Q(is_open=True)))
        .values_list("provider_id", "specialty_id", "of", "hits")
    )
    for provider_id, specialty_id, of, hits in rows:
        found = sums[provider_id]
        found.charts = found.charts.plus(Charts(hits, of))
        found.by_specialty[specialty_id] += of
    entered = _entered_specialties(client_id)
    specialty = {one: entered.get(one) or _most(found.by_specialty) for one, found in sums.items()}
    together: dict[int | None, Charts] = defaultdict(Charts)
    people: Counter[int | None] = Counter()
    for provider_id, found in sums.items():
        together[specialty[provider_id]] = together[specialty[provider_id]].plus(found.charts)
        people[specialty[provider_id]] += 1
    return {
        provider_id: _standing(provider_id, specialty[provider_id], found.charts, together, people)
        for provider_id, found in sums.items()
    }


def charts_by_day(client_id: int, provider_id: uuid.UUID, span: Span) -> dict[date, Charts]:
    """One provider's charts by day of service."""
    rows = (
        counted_charts(client_id, span)
        .filter(provider_id=provider_id)
        .values("service_on")
        .annotate(of=Count("pk"), hits=Count("pk", filter=Q(is_open=True)))
        .values_list("service_on", "of", "hits")
    )
    return {day: Charts(hits, of) for day, of, hits in rows}


def open_charts(
    client_id: int, provider_id: uuid.UUID, span: Span, code: str = ""
) -> QuerySet[DocumentedChart]:
    """The charts of a provider that leave a diagnosis open, newest first; with ``code``, that one."""
    charts = counted_charts(client_id, span).filter(provider_id=provider_id, is_open=True)
    if code:
        charts = charts.filter(open_codes__contains=[[code]])
    return charts.order_by("-service_on", "-pk")


def open_code_counts(client_id: int, provider_id: uuid.UUID, span: Span) -> list[tuple[str, str, int]]:
    """Diagnoses that were left open: code, title, charts; the commonest first."""
    counts: Counter[str] = Counter()
    titles: dict[str, str] = {}
    for codes in open_charts(client_id, provider_id, span).values_list("open_codes", flat=True):
        for code, title in codes:
            counts[code] += 1
            titles.setdefault(code, title)
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [(code, titles[code], count) for code, count in ordered]


def asked_in(client_id: int, span: Span, zone: str) -> QuerySet[CdiQuery]:
    """The questions sent on these days at the client's, cancelled ones left out."""
    first, after = (
        datetime.combine(day, time(), ZoneInfo(zone)) for day in (span.first, span.last + timedelta(days=1))
    )
    queries: QuerySet[CdiQuery] = CdiQuery.objects.filter(
        client_id=client_id, sent_at__gte=first, sent_at__lt=after
    ).exclude(state=QueryStatus.CANCELLED)
    return queries


def questions_by_provider(client_id: int, span: Span, zone: str) -> dict[uuid.UUID, int]:
    """How many questions were sent to each provider on these days: one query."""
    rows = asked_in(client_id, span, zone).values("provider_id").annotate(n=Count("pk"))
    return dict(rows.values_list("provider_id", "n"))


def causes_and_answers(
    client_id: int, provider_id: uuid.UUID, span: Span, zone: str
) -> tuple[tuple[tuple[str, int], ...], Answers]:
    """What the questions were about, the commonest first, and what became of them."""
    labels = cause_labels(client_id)
    causes: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    asked = asked_in(client_id, span, zone).filter(provider_id=provider_id)
    for template_key, outcome in asked.values_list("template_key", "outcome"):
        causes[labels.get(template_key, WITHOUT_TEMPLATE)] += 1
        if outcome:
            outcomes[outcome] += 1
    ordered = sorted(causes.items(), key=lambda one: (-one[1], one[0]))[: education_terms().most_causes]
    return tuple(ordered), Answers(
        sum(causes.values()),
        tuple((str(one.label), outcomes[one.value]) for one in QueryOutcome if outcomes[one.value]),
    )


def cause_labels(client_id: int) -> Mapping[str, str]:
    """``Heart and circulation: acuity or type`` by the key of a template."""
    return {
        one.template.key: f"{AREAS[one.template.area]}: {_small(GAPS[one.template.gap])}"
        for one in kept_templates(client_id)
    }


def provider_names(client_id: int, ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names with what stands behind them: ``N. Okafor, MD``."""
    rows = Provider.objects.filter(client_id=client_id, pk__in=ids)
    return {
        one.pk: f"{one.name}, {one.professional_credential}" if one.professional_credential else one.name
        for one in rows
    }


def specialty_names(ids: set[int | None]) -> dict[int | None, str]:
    """Names of specialties; of none: ``no specialty``."""
    found = Specialty.objects.filter(pk__in=[one for one in ids if one is not None])
    return {None: "no specialty", **dict(found.values_list("pk", "name"))}


def first_counted_on(today: date) -> date:
    """The first day of service that is still counted."""
    return today - timedelta(days=education_terms().keep_days)


def _entered_specialties(client_id: int) -> dict[uuid.UUID, int]:
    rows = ProviderContact.objects.filter(client_id=client_id, specialty__isnull=False)
    return dict(rows.values_list("provider_id", "specialty_id"))


def _most(counted: Counter[int | None]) -> int | None:
    """The specialty of most charts; of two alike the one with the lower id, so that it does not change."""
    return min(counted, key=lambda one: (-counted[one], one is None, one or 0))


def _standing(
    provider_id: uuid.UUID,
    specialty_id: int | None,
    own: Charts,
    together: Mapping[int | None, Charts],
    people: Mapping[int | None, int],
) -> Standing:
    everybody = together[specialty_id]
    peers = Charts(everybody.hits - own.hits, everybody.of - own.of)
    count = people[specialty_id] - 1 if specialty_id is not None else 0
    return Standing(provider_id, specialty_id, own, peers if count else Charts(), count)


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]
