"""The rows of a query's trail, its events in the chart's history, and the lock under which it moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cdi_queries.models import CdiQuery, QueryStep, StepKind
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.tenancy.actor import Actor
from encounters.models import Provider


def locked_query(query: CdiQuery) -> CdiQuery:
    """The query as it stands now, locked for the length of the transaction."""
    locked: CdiQuery = (
        CdiQuery.objects.select_for_update(of=("self",))
        .filter(client_id=query.client_id)
        .select_related("encounter__client", "provider", "author", "pend")
        .get(pk=query.pk)
    )
    return locked


def add_step(
    *,
    actor: Actor,
    query: CdiQuery,
    kind: StepKind,
    at: datetime,
    provider: Provider | None = None,
    note: str = "",
    facts: Mapping[str, Any] | None = None,
) -> QueryStep:
    """One row more; ``note`` is a person's words and is sealed."""
    made: QueryStep = QueryStep.objects.create(
        client_id=query.client_id,
        query=query,
        kind=kind,
        at=at,
        by_id=actor.user_id,
        by_name=actor.display_name,
        role=actor.role,
        provider=provider,
        note=note.strip() or None,
        facts=dict(facts or {}),
    )
    return made


def record_in_chart(
    *, actor: Actor, verb: Verb, query: CdiQuery, facts: Mapping[str, Any] | None = None
) -> None:
    """Writes an act on a query into the ledger as one on its chart, so that the chart's history tells it."""
    told = {"query": str(query.pk), **(facts or {})}
    record_event(actor=actor, verb=verb, subject=query.encounter, facts=told)
