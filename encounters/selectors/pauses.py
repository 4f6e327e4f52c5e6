"""Which pauses hold now."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from encounters.models import WorkPause


def standing_pauses(client_id: int, on: date | None = None) -> QuerySet[WorkPause]:
    """Pauses of an open client that hold on a day (today when not given), newest first."""
    day = on or timezone.localdate()
    found: QuerySet[WorkPause] = WorkPause.objects.filter(client_id=client_id, lifted_at__isnull=True).filter(
        Q(until__isnull=True) | Q(until__gte=day)
    )
    return found


def paused_now(client_id: int, coder_id: int) -> list[WorkPause]:
    """The pauses that keep new charts of an open client from this coder today; none: the coder codes."""
    return list(standing_pauses(client_id).filter(coder_id=coder_id).select_related("specialty"))


def is_paused(client_id: int, coder_id: int, specialty_id: int | None) -> bool:
    """Whether a chart of this specialty may not be handed to the coder today."""
    return (
        standing_pauses(client_id)
        .filter(coder_id=coder_id)
        .filter(Q(specialty__isnull=True) | Q(specialty_id=specialty_id))
        .exists()
    )
