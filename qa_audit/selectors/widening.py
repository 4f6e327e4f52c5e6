"""Whose charts are drawn more often on a day, as decided after a signal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from qa_audit.models import SampleWidening
from qa_audit.rules.frame import Widening


def standing_widenings(client_id: int, on: date) -> QuerySet[SampleWidening]:
    """The widenings of an open client that hold on a day, newest first."""
    found: QuerySet[SampleWidening] = SampleWidening.objects.filter(
        client_id=client_id, ended_at__isnull=True, starts_on__lte=on, ends_on__gte=on
    )
    return found


def widened(client_id: int, on: date) -> Widening:
    """What multiplies the share of a draw whose period ends on ``on``: the largest factor decided for each.

    Coders by account id as a text, specialties by their code, as charts of a frame name them.
    """
    coders: dict[str, Decimal] = {}
    specialties: dict[str, Decimal] = {}
    rows = standing_widenings(client_id, on).values_list("coder_id", "specialty__code", "factor")
    for coder, specialty, factor in rows:
        held, key = (coders, str(coder)) if coder is not None else (specialties, str(specialty))
        held[key] = max(factor, held.get(key, Decimal(1)))
    return Widening(coders, specialties)
