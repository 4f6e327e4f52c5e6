"""The way from an API request to a chart, and who may do what to it there."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from rest_framework.request import Request

from coding_ops.core.errors import Conflict, NotAllowed, NotFound
from coding_ops.tenancy.access import Reach, ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.access import OpenChart, find_chart, open_chart
from encounters.api.inputs import LARGEST_FENCE
from encounters.models import Encounter
from encounters.selectors.held import held_once

CODES = (Role.CODER,)


def actor_of(request: Request) -> Actor:
    """The person acting; the middleware has put them on Django's request."""
    actor: Actor = request._request.actor  # type: ignore[attr-defined]
    return actor


def client_of(request: Request) -> ReachedClient:
    """The client whose address this is."""
    client: ReachedClient = request._request.client  # type: ignore[attr-defined]
    return client


def reach_of(request: Request) -> Reach:
    """All clients the person reaches."""
    reach: Reach = request._request.reach  # type: ignore[attr-defined]
    return reach


def opened(request: Request, encounter_id: uuid.UUID) -> OpenChart:
    """The chart to be shown; the read is noted."""
    return open_chart(actor=actor_of(request), client_id=client_of(request).id, encounter_id=encounter_id)


def to_change(
    request: Request, encounter_id: uuid.UUID, roles: Iterable[Role] = CODES
) -> tuple[Actor, Encounter]:
    """The chart to be changed, without its being shown.

    Raises:
        NotFound: not theirs to see, and it never was.
        Conflict: they held it once, and somebody else does now.
        NotAllowed: they may see it, but their role does not do this.
    """
    actor, client = actor_of(request), client_of(request)
    try:
        encounter = find_chart(actor=actor, client_id=client.id, encounter_id=encounter_id)
    except NotFound:
        if not held_once(
            client_id=client.id, encounter_id=encounter_id, user_id=actor.user_id, fence=_fence_sent(request)
        ):
            raise
        raise Conflict(
            "You no longer hold this chart. Your change was not saved.", code="lease.lost"
        ) from None
    if actor.role not in set(roles):
        raise NotAllowed("Your role may not do this.", code="role.not_allowed")
    return actor, encounter


def _fence_sent(request: Request) -> int:
    """The fence in the body, before the body is checked; 0, which no lease has, when there is none."""
    fence = request.data.get("fence") if isinstance(request.data, dict) else None
    return fence if type(fence) is int and 0 < fence <= LARGEST_FENCE else 0
