"""What a client has agreed on about queries."""

from __future__ import annotations

from cdi_queries.models import QueryPolicy


def policy_of(client_id: int) -> QueryPolicy:
    """The client's policy; the defaults, not stored, while it has none."""
    found = QueryPolicy.objects.filter(client_id=client_id).select_related("advisor").first()
    return found if found is not None else QueryPolicy(client_id=client_id)
