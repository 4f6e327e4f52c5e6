"""What trigger rules found at a client: which rules are off, the list, what became of each rule's hits."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cdi_queries.models import HitState, TriggerHit, TriggerSwitch
from cdi_queries.terms.triggers import trigger_book, trigger_terms
from coding_ops.accounts.models import Specialty
from encounters.models import Encounter, EncounterStatus, Provider
from encounters.selectors.paging import At, KeysetPage, page_of

#: Before every id: the sweep begins to go through the charts here.
START = uuid.UUID(int=0)
#: Charts whose codes or documents still change.
CHANGING = (
    EncounterStatus.RECEIVED,
    EncounterStatus.READY,
    EncounterStatus.PENDED,
    EncounterStatus.REOPENED,
)
PROVIDERS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a document version, as a hit keeps them."""

    version_id: uuid.UUID
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is asked for; empty: all."""

    state: str = HitState.OPEN.value
    rule: str = ""
    family: str = ""
    specialty: int | None = None
    provider: uuid.UUID | None = None
    older_than_days: int | None = None
    newer_than_days: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Hits of one rule that were found in the counted days, by what became of them."""

    open: int = 0
    accepted: int = 0
    dismissed: int = 0
    settled: int = 0

    @property
    def decided(self) -> int:
        """Those a person decided about: the number its rate is of."""
        return self.accepted + self.dismissed


def off_keys(client_id: int) -> frozenset[str]:
    """Keys of the rules that are switched off at a client: one query."""
    rows = TriggerSwitch.objects.filter(client_id=client_id, is_on=False)
    return frozenset(rows.values_list("key", flat=True))


def spans_of(hit: TriggerHit) -> tuple[Span, ...]:
    """The words a hit points at; opens its sealed column."""
    return tuple(
        Span(uuid.UUID(one["version"]), one["start"], one["end"], one["quote"])
        for one in json.loads(hit.spans)
    )


def narrowed(
    hits: QuerySet[TriggerHit], asked: Asked, off: frozenset[str], now: datetime
) -> QuerySet[TriggerHit]:
    """The hits that fit.  Open ones of rules that are off are left out, unless the rule is asked for."""
    if asked.state:
        hits = hits.filter(state=asked.state)
    if asked.rule:
        hits = hits.filter(rule_key=asked.rule)
    elif asked.state == HitState.OPEN and off:
        hits = hits.exclude(rule_key__in=off)
    if asked.family:
        family = [rule.key for rule in trigger_book().rules if rule.family == asked.family]
        hits = hits.filter(rule_key__in=family)
    if asked.specialty is not None:
        hits = hits.filter(specialty_id=asked.specialty)
    if asked.provider is not None:
        hits = hits.filter(provider_id=asked.provider)
    if asked.older_than_days is not None:
        hits = hits.filter(found_at__lte=now - timedelta(days=asked.older_than_days))
    if asked.newer_than_days is not None:
        hits = hits.filter(found_at__gte=now - timedelta(days=asked.newer_than_days))
    return hits


def hit_page(reach: QuerySet[TriggerHit], rows: QuerySet[TriggerHit], at: At) -> KeysetPage[TriggerHit]:
    """One page, newest first; it opens no sealed column.

    Raises:
        NotFound: the row beside the page is missing or not theirs.
    """
    shown = rows.select_related("encounter", "provider", "specialty").defer("spans", "note")
    return page_of(shown, reach, at, by="found_at", newest_first=True)


def counts_by_rule(hits: QuerySet[TriggerHit], now: datetime) -> Mapping[str, Counts]:
    """What became of the hits of the counted days, by rule: one query."""
    since = now - timedelta(days=trigger_terms().counted_days)
    rows = (
        hits.filter(found_at__gte=since)
        .values_list("rule_key")
        .annotate(**{state.value: Count("id", filter=Q(state=state)) for state in HitState})
        .order_by("rule_key")
    )
    return {
        key: Counts(waiting, accepted, dismissed, settled)
        for key, waiting, accepted, dismissed, settled in rows
    }


def providers_with_hits(client_id: int) -> list[Provider]:
    """Providers to narrow the list by, by name: those with charts that wait for a look."""
    rows = Provider.objects.filter(_has_open(client_id, "provider_id"), client_id=client_id)
    return list(rows.order_by("name", "pk")[:PROVIDERS_SHOWN])


def specialties_with_hits(client_id: int) -> list[Specialty]:
    """Specialties to narrow the list by."""
    return list(Specialty.objects.filter(_has_open(client_id, "specialty_id")).order_by("name"))


def _has_open(client_id: int, column: str) -> Exists:
    """Asked of each provider or specialty by index, so that the number of gaps does not matter."""
    rows = TriggerHit.objects.filter(client_id=client_id, state=HitState.OPEN, **{column: OuterRef("pk")})
    return Exists(rows)


def charts_to_look_at(client_id: int, after: uuid.UUID, now: datetime, limit: int) -> list[uuid.UUID]:
    """The next charts that can still change or were finished lately, by id."""
    since = now - timedelta(days=trigger_terms().look_back_days)
    rows = Encounter.objects.filter(client_id=client_id, pk__gt=after).filter(
        Q(status__in=CHANGING) | Q(status=EncounterStatus.FINAL, final_at__gte=since)
    )
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])
