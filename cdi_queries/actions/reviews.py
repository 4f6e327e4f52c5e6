"""Marking a chart as read for what to ask: without those that raise no question there is no query rate."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from cdi_queries.access.audits import require_marker
from cdi_queries.models import ChartReview
from cdi_queries.selectors.measures import standing_review
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, Refused
from coding_ops.tenancy.actor import Actor
from encounters.models import Encounter, EncounterStatus


@transaction.atomic
def mark_reviewed(*, actor: Actor, encounter: Encounter, day: date, now: datetime) -> ChartReview:
    """Marks a chart as reviewed, nothing to ask, on the client's day; a second mark of the day is the first.

    Raises:
        NotAllowed: another role.
        Refused: the visit is cancelled.
    """
    require_marker(actor)
    # The chart's row stands guard: two who press at once make one mark.
    locked = Encounter.objects.select_for_update().get(client_id=encounter.client_id, pk=encounter.pk)
    if locked.status == EncounterStatus.CANCELLED:
        raise Refused("The visit is cancelled: there is nothing to review.", code="query.cancelled_visit")
    standing = standing_review(locked.client_id, locked.pk, day)
    if standing is not None:
        return standing
    made: ChartReview = ChartReview.objects.create(
        client_id=locked.client_id,
        encounter=locked,
        reviewed_on=day,
        reviewed_at=now,
        reviewed_by_id=actor.person_id,
    )
    record_event(
        actor=actor, verb=Verb.CHART_REVIEWED_FOR_QUERIES, subject=made, facts={"encounter": str(locked.pk)}
    )
    return made


@transaction.atomic
def take_back_review(*, actor: Actor, encounter: Encounter, day: date, now: datetime) -> ChartReview:
    """Takes the day's mark back; it stays in the history, and the measures leave it out.

    Raises:
        NotAllowed: another role.
        Conflict: there is no mark of the day.
    """
    require_marker(actor)
    standing = (
        ChartReview.objects.select_for_update()
        .filter(
            client_id=encounter.client_id,
            encounter_id=encounter.pk,
            reviewed_on=day,
            withdrawn_at__isnull=True,
        )
        .first()
    )
    if standing is None:
        raise Conflict("The chart is not marked as reviewed today.", code="query.no_review")
    standing.withdrawn_at = now
    standing.save(update_fields=["withdrawn_at"])
    record_event(
        actor=actor,
        verb=Verb.CHART_REVIEW_WITHDRAWN,
        subject=standing,
        facts={"encounter": str(encounter.pk)},
    )
    return standing
