"""Keeping that a provider has seen a question."""

from __future__ import annotations

from datetime import datetime

from cdi_queries.actions.steps import add_step
from cdi_queries.models import CdiQuery, QueryStatus, QueryStep, StepKind
from coding_ops.tenancy.actor import Actor


def note_opened(*, actor: Actor, query: CdiQuery, now: datetime) -> bool:
    """Adds the step that the provider who is asked now has opened a waiting question: once, not at each look.

    The read of the patient's record is noted apart, at each look (``open_query``).
    """
    if query.state != QueryStatus.SENT or query.asked_at is None:
        return False
    seen = QueryStep.objects.filter(
        client_id=query.client_id, query=query, kind=StepKind.OPENED, at__gte=query.asked_at
    )
    if seen.exists():
        return False
    add_step(actor=actor, query=query, kind=StepKind.OPENED, at=now, provider=query.provider)
    return True
