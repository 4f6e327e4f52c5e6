"""Bringing a query to its provider: through the client's inbox where it has one, else by mail with a link."""

from __future__ import annotations

from cdi_queries.models import CdiQuery
from coding_ops.tenancy.tasks import enqueue


def ask_delivery(query: CdiQuery) -> None:
    """Has the query brought to its provider once this transaction has committed."""
    enqueue("cdi_queries.deliver_query", client_id=query.client_id, query_id=str(query.pk))


def deliver(*, client_id: int, query_id: str) -> bool:
    """Whether the query went out."""
    return False


def deliver_waiting(*, client_id: int) -> int:
    """Brings what was asked and never went out; returns how many."""
    return 0
