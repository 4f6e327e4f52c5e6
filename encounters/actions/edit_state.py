"""What undo needs to know of the edits: the overrides in force, and the releases a chart is pinned to."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from coding_ops.tenancy.actor import Actor
from encounters.models import EditOverride, Encounter


def edit_state(encounter: Encounter) -> dict[str, Any]:
    """Overrides in force by id, and the pins, as plain JSON values."""
    standing = EditOverride.objects.filter(
        client_id=encounter.client_id, encounter=encounter, withdrawn_at__isnull=True
    )
    return {
        "overrides": [str(pk) for pk in standing.values_list("pk", flat=True)],
        "pins": encounter.pinned_releases,
    }


def restore_edits(actor: Actor, encounter: Encounter, wanted: dict[str, Any]) -> None:
    """Puts overrides and pins back as ``edit_state`` had them; no row is deleted, marks are set and taken."""
    rows = list(
        EditOverride.objects.select_for_update().filter(client_id=encounter.client_id, encounter=encounter)
    )
    keep = set(wanted["overrides"])
    for row in rows:
        if row.withdrawn_at is None and str(row.pk) not in keep:
            withdraw(actor, row)
    for row in rows:
        if row.withdrawn_at is not None and str(row.pk) in keep:
            row.withdrawn_at = row.withdrawn_by = None
            row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    if encounter.pinned_releases != wanted["pins"]:
        encounter.pinned_releases = wanted["pins"]
        encounter.save(update_fields=["pinned_releases"])


def withdraw(actor: Actor, row: EditOverride) -> None:
    """Marks an override as withdrawn by this person, now."""
    row.withdrawn_at = timezone.now()
    row.withdrawn_by_id = actor.person_id
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
