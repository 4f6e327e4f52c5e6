"""What a loaded release means for open work: charts whose codes do not hold on their day, or end soon.

Two statements whatever the number of charts: the codes in use with the first and last day of their charts,
which the mapped indexes judge, and the charts of those codes that are in trouble.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from code_sets.code_ends import Trouble, troubles
from encounters.models import CodeAssignment, Encounter, EncounterKind, EncounterStatus

OPEN = (EncounterStatus.RECEIVED, EncounterStatus.READY, EncounterStatus.PENDED, EncounterStatus.REOPENED)
LOOK_BACK, LOOK_AHEAD = timedelta(days=92), timedelta(days=92)
"""Ends are told of a quarter on either side of today: work reaches back, and a release is loaded early."""


@dataclass(frozen=True, slots=True)
class Group:
    """Codes with one trouble: not in force on their charts' day (`ends_on` None), or ending on a day."""

    ends_on: date | None
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True)
class ClientImpact:
    """Open charts of a client with one trouble, and how many different codes it is."""

    client_id: int
    group: Group
    charts: int


def groups_of(client_ids: Sequence[int], today: date) -> list[Group]:
    """The troubles of codes on open charts: what does not hold first, then ends by their day."""
    used = {(system, code): (first, last) for system, code, first, last in _used(client_ids)}
    found = troubles(used, ends_from=today - LOOK_BACK, ends_to=today + LOOK_AHEAD)
    by_end: dict[date | None, list[Trouble]] = {}
    for one in found:
        by_end.setdefault(one.ends_on, []).append(one)
    ordered = sorted(by_end, key=lambda day: (day is not None, day or date.min))
    return [Group(day, tuple(by_end[day])) for day in ordered]


def impact(client_ids: Sequence[int], groups: Sequence[Group]) -> list[ClientImpact]:
    """Open charts by client and trouble."""
    if not groups:
        return []
    label = Case(
        *(When(_wanted(group), then=Value(place)) for place, group in enumerate(groups)),
        output_field=IntegerField(),
    )
    rows = _on_open_charts(client_ids).annotate(place=label).filter(place__isnull=False)
    counted = rows.values_list("client_id", "place").annotate(charts=Count("encounter_id", distinct=True))
    return [
        ClientImpact(client_id, groups[place], charts)
        for client_id, place, charts in counted.order_by("client_id", "place")
    ]


def charts_of(client_id: int, group: Group) -> QuerySet[Encounter]:
    """The open charts of a client with one trouble."""
    codes = _coded(CodeAssignment.objects.filter(client_id=client_id, encounter_id=OuterRef("pk")))
    return Encounter.objects.filter(client_id=client_id, status__in=OPEN).filter(
        Exists(codes.filter(_wanted(group)))
    )


def codes_of(client_id: int, encounters: Sequence[Encounter], group: Group) -> list[CodeAssignment]:
    """The codes in trouble on these charts, in their order there."""
    ids = [one.pk for one in encounters]
    rows = _coded(CodeAssignment.objects.filter(client_id=client_id, encounter_id__in=ids))
    return list(rows.filter(_wanted(group)).order_by("encounter_id", "kind", "position"))


def _used(client_ids: Sequence[int]) -> list[tuple[str, str, date, date]]:
    rows = _on_open_charts(client_ids).values_list("system", "code")
    return list(rows.annotate(first=Min("coding_day"), last=Max("coding_day")).order_by())


def _on_open_charts(client_ids: Sequence[int]) -> QuerySet[CodeAssignment]:
    rows = CodeAssignment.objects.filter(client_id__in=client_ids, encounter__status__in=OPEN)
    return _coded(rows.filter(encounter__client_id=F("client_id")))


def _coded(rows: QuerySet[CodeAssignment]) -> QuerySet[CodeAssignment]:
    """With the day whose code sets apply: discharge for inpatient stays, service otherwise."""
    stay = When(
        encounter__kind=EncounterKind.INPATIENT,
        encounter__discharge_on__isnull=False,
        then=F("encounter__discharge_on"),
    )
    return rows.annotate(coding_day=Case(stay, default=F("encounter__service_on"), output_field=DateField()))


def _wanted(group: Group) -> Q:
    """Codes of a group on charts of the days it says; codes with the same days are asked for together."""
    together: dict[tuple[str, date, date], list[str]] = {}
    for one in group.troubles:
        together.setdefault((one.system, one.first, one.last), []).append(one.code)
    return reduce(
        or_,
        (
            Q(system=system, code__in=codes, coding_day__gte=first, coding_day__lte=last)
            for (system, first, last), codes in together.items()
        ),
    )
