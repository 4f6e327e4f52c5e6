"""What of final codes may go out: nothing that somebody still holds for a second look."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.module_loading import import_string

from coding_ops.audit.models import AuditEvent, Verb
from encounters.models import CodeRevision, Encounter, EncounterStatus, ReleaseHold
from encounters.models.release import NEVER_OUT


@dataclass(frozen=True, slots=True)
class Holder:
    """Who wants to see final codes before they go out, and in which words that is told."""

    id: uuid.UUID
    words: str


Gate = Callable[[Encounter], Sequence[Holder]]
KEPT_BACK = Q(lifted_at__isnull=True) | Q(lift_reason__in=NEVER_OUT)
"""Holds that keep a version from everybody outside: they stand, or the version was replaced under them."""


def holders_of(encounter: Encounter) -> Sequence[Holder]:
    """Who holds this encounter's codes when they become final.

    Holders lie in an app above this one: ``settings.RELEASE_GATE`` names the function that knows them.
    """
    gate: Gate = import_string(settings.RELEASE_GATE)
    return gate(encounter)


def open_holds(client_id: int) -> QuerySet[ReleaseHold]:
    """The holds that stand, oldest first."""
    rows: QuerySet[ReleaseHold] = ReleaseHold.objects.filter(client_id=client_id, lifted_at__isnull=True)
    return rows.order_by("held_at", "pk")


def hold_of(encounter: Encounter) -> ReleaseHold | None:
    """The oldest standing hold on an encounter's codes."""
    return open_holds(encounter.client_id).filter(encounter=encounter).first()


def kept_back_of(client_id: int, encounters: Sequence[Encounter]) -> frozenset[uuid.UUID]:
    """The listed charts whose final codes are held: one query, none when none of them is final."""
    final = [row.pk for row in encounters if row.status == EncounterStatus.FINAL]
    if not final:
        return frozenset()
    rows = ReleaseHold.objects.filter(client_id=client_id, lifted_at__isnull=True, encounter_id__in=final)
    return frozenset(rows.values_list("encounter_id", flat=True))


def released_revisions(encounter: Encounter) -> QuerySet[CodeRevision]:
    """The finished versions that may go out, newest first: nobody holds them, and none was replaced while
    it was held."""
    holds = ReleaseHold.objects.filter(
        KEPT_BACK,
        client_id=encounter.client_id,
        encounter_id=OuterRef("encounter_id"),
        revision_number=OuterRef("number"),
    )
    rows: QuerySet[CodeRevision] = CodeRevision.objects.filter(
        ~Exists(holds), client_id=encounter.client_id, encounter=encounter
    )
    return rows.order_by("-number")


def held_numbers(encounter: Encounter) -> frozenset[int]:
    """The versions of an encounter that have not gone out: held now, or replaced while they were held."""
    rows = ReleaseHold.objects.filter(KEPT_BACK, client_id=encounter.client_id, encounter=encounter)
    return frozenset(rows.values_list("revision_number", flat=True))


def without_held(events: Iterable[AuditEvent], held: frozenset[int]) -> list[AuditEvent]:
    """Events for people outside the vendor: a version that is held is not final to them yet."""
    return [
        event
        for event in events
        if event.verb != Verb.ENCOUNTER_FINALIZED or event.facts.get("revision") not in held
    ]
