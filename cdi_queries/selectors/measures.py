"""What the measures are computed from: sent queries as instants, and the charts that were marked as reviewed.

No sealed column is read.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from cdi_queries.models import CdiQuery, Channel, ChartReview, QueryKind, QueryStatus
from cdi_queries.rules.measures import QueryKeys, ReviewMark, SentQuery
from cdi_queries.rules.outcome import Outcome
from encounters.models import Provider

_COLUMNS = (
    "id", "encounter_id", "sent_at", "asked_at", "answered_at", "ended_at", "state", "channel", "kind",
    "outcome", "provider_id", "specialty__code", "template_key", "encounter__facility_id",
)  # fmt: skip
_ENDED_UNANSWERED = (QueryStatus.CANCELLED, QueryStatus.EXPIRED)


def sent_queries(queries: QuerySet[CdiQuery], since: datetime) -> list[SentQuery]:
    """Those of ``queries`` that anything happened to at or after ``since``, or that wait still, by sending.

    ``queries`` names its client; each condition has an index of its own.
    """
    touched = queries.filter(sent_at__isnull=False).filter(
        Q(sent_at__gte=since)
        | Q(answered_at__gte=since)
        | Q(state=QueryStatus.SENT)
        | Q(state__in=_ENDED_UNANSWERED, ended_at__gte=since)
    )
    return [_fact(row) for row in touched.order_by("sent_at", "id").values_list(*_COLUMNS)]


def review_marks(marks: QuerySet[ChartReview], since: datetime) -> list[ReviewMark]:
    """The marks that stand, from ``since`` on, with what their charts are grouped by."""
    rows = (
        marks.filter(withdrawn_at__isnull=True, reviewed_at__gte=since)
        .order_by("reviewed_at", "id")
        .values_list(
            "encounter_id",
            "reviewed_at",
            "encounter__rendering_provider_id",
            "encounter__specialty__code",
            "encounter__facility_id",
        )
    )
    return [
        ReviewMark(chart, at, QueryKeys(_text(provider), _text(specialty), "", _text(facility)))
        for chart, at, provider, specialty, facility in rows
    ]


def standing_review(client_id: int, encounter_id: uuid.UUID, day: date) -> ChartReview | None:
    """The mark that this chart was reviewed on this day, with who made it."""
    found: ChartReview | None = (
        ChartReview.objects.filter(
            client_id=client_id, encounter_id=encounter_id, reviewed_on=day, withdrawn_at__isnull=True
        )
        .select_related("reviewed_by")
        .first()
    )
    return found


def provider_names(client_id: int, ids: Collection[str]) -> dict[str, str]:
    """Names by id, as text."""
    rows = Provider.objects.filter(client_id=client_id, pk__in=ids).values_list("pk", "name")
    return {str(key): name for key, name in rows}


def _fact(row: tuple[Any, ...]) -> SentQuery:
    (
        key, chart, sent_at, asked_at, answered_at, ended_at, state, channel, kind,
        outcome, provider, specialty, template, facility,
    ) = row  # fmt: skip
    return SentQuery(
        id=key,
        encounter_id=chart,
        sent_at=sent_at,
        asked_at=asked_at or sent_at,
        answered_at=answered_at,
        ended_at=ended_at,
        is_cancelled=state == QueryStatus.CANCELLED,
        is_verbal=channel == Channel.VERBAL,
        has_choices=kind != QueryKind.OPEN,
        outcome=Outcome(outcome) if outcome else None,
        keys=QueryKeys(_text(provider), _text(specialty), template, _text(facility)),
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)
