"""At which level a denial is appealed next, and by when."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Max

from claims.models import Appeal, AppealState, Denial
from claims.rules.appeals import Level, due_on, level_at, levels_of
from claims.terms.appeals import level_editions
from coding_ops.tenancy.models import Client


def levels_for(denial: Denial) -> tuple[Level, ...]:
    """The levels of the denial's payer on the day it was received."""
    kind = denial.payer.kind if denial.payer is not None else ""
    return levels_of(level_editions(), kind, denial.received_on)


def next_level(denial: Denial) -> Level:
    """The level that the next appeal of a denial is at.

    Raises:
        Conflict: all levels are used up.
    """
    used = (
        Appeal.objects.filter(client_id=denial.client_id, denial=denial)
        .exclude(state=AppealState.WITHDRAWN)
        .aggregate(Max("level"))["level__max"]
    )
    return level_at(levels_for(denial), (used or 0) + 1)


def next_due_on(denial: Denial, level: Level) -> date | None:
    """The last day to send the next appeal; None where no days are on record.

    The first level counts from the day the denial was received, by the payer's own days; a later one from the
    decision before.
    """
    if level.number == 1:
        days = denial.payer.appeal_days if denial.payer is not None else None
        return due_on(level, since=denial.received_on, payer_days=days)
    before = (
        Appeal.objects.filter(client_id=denial.client_id, denial=denial, decided_at__isnull=False)
        .order_by("-level")
        .first()
    )
    if before is None or before.decided_at is None:
        return due_on(level, since=denial.received_on, payer_days=None)
    client = Client.objects.only("timezone").get(pk=denial.client_id)
    decided_on = before.decided_at.astimezone(ZoneInfo(client.timezone)).date()
    return due_on(level, since=decided_on, payer_days=None)
