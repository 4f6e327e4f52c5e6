"""A visit's level as it was scored, and what our own data say of the patient being new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from code_sets.rules.em_level import Edition
from encounters.models import (
    Encounter,
    EncounterKind,
    EncounterStatus,
    EvidenceState,
    ScoredBy,
    VisitLevel,
    VisitLevelElement,
)
from encounters.rules.em_visit import Cited, Kind, Scored, score
from encounters.selectors.em_tables import categories, edition_for, kinds_for, years_established

ESTABLISHED = "office_established"


@dataclass(frozen=True, slots=True)
class Tables:
    """The edition of an encounter's day and what can be cited under it."""

    edition: Edition
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class SeenBefore:
    """The newest earlier visit by the same practitioner or specialty at this client, within the years that
    make a patient established.  ``on`` is None when our data hold none since ``since``."""

    on: date | None
    since: date
    by: str


def tables_of(encounter: Encounter) -> Tables:
    """The tables of the visit's day.

    Raises:
        Refused: no edition covers it.
    """
    edition = edition_for(encounter.service_on)
    return Tables(edition, kinds_for(edition, encounter.service_on))


def levels_of(encounter: Encounter) -> tuple[VisitLevel | None, list[VisitLevel]]:
    """The coders' level and the reviewers', elements fetched: two queries."""
    rows = list(
        VisitLevel.objects.filter(client_id=encounter.client_id, encounter=encounter)
        .select_related("scorer")
        .prefetch_related("elements")
        .order_by("id")
    )
    coders = next((row for row in rows if row.scored_by == ScoredBy.CODER), None)
    return coders, [row for row in rows if row.scored_by == ScoredBy.REVIEWER]


def cited_of(elements: Iterable[VisitLevelElement]) -> list[Cited]:
    """Elements as the rules read them; one whose words are lost in the newest version counts no longer."""
    return [Cited(row.part, row.kind, row.count) for row in elements if row.state != EvidenceState.LOST]


def scored_of(tables: Tables, category: str, elements: Iterable[VisitLevelElement]) -> Scored:
    """Both paths of a level."""
    return score(tables.edition, category, cited_of(elements), tables.kinds)


def suggested_category(encounter: Encounter, edition: Edition) -> str:
    """The category offered first, by the kind of visit.

    An office visit is offered as established: that our data hold no earlier visit may only mean that they
    begin late, and a guess must not lead to the higher codes of a new patient.
    """
    names = [
        one.name for one in categories() if one.name in edition.categories and encounter.kind in one.kinds
    ]
    if ESTABLISHED in names:
        return ESTABLISHED
    return names[0] if names else next(iter(edition.categories))


def seen_before(encounter: Encounter) -> SeenBefore | None:
    """Whether the patient was seen before, by the same practitioner or specialty: one query.

    A hint: our data begin with the client's first file, and say nothing of visits elsewhere in the group.
    None when neither practitioner nor specialty is known.
    """
    since = _years_before(encounter.service_on, years_established())
    same = Q()
    if encounter.rendering_provider_id:
        same |= Q(rendering_provider_id=encounter.rendering_provider_id)
    if encounter.specialty_id:
        same |= Q(specialty_id=encounter.specialty_id)
    if not same:
        return None
    found = (
        Encounter.objects.filter(
            same,
            client_id=encounter.client_id,
            patient_id=encounter.patient_id,
            service_on__gte=since,
            service_on__lt=encounter.service_on,
        )
        .exclude(status=EncounterStatus.CANCELLED)
        .exclude(kind=EncounterKind.OTHER)
        .order_by("-service_on")
        .values_list("service_on", "rendering_provider_id")
        .first()
    )
    if found is None:
        return SeenBefore(None, since, "")
    by = "the same practitioner" if found[1] == encounter.rendering_provider_id else "the same specialty"
    return SeenBefore(found[0], since, by)


def _years_before(on: date, years: int) -> date:
    try:
        return on.replace(year=on.year - years)
    except ValueError:  # February 29
        return on.replace(year=on.year - years, day=28)
