"""Rows about pauses and drift for a client that has rows in every tenant table."""

from __future__ import annotations

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.actions.pauses import lift_pause, pause_coder
from tests import cast


def fill_drift(place: cast.Place, people: dict[Role, User]) -> None:
    """A pause of the coder that was lifted, so that the coder still takes charts."""
    manager = cast.actor_for(people[Role.MANAGER], Role.MANAGER)
    pause = pause_coder(
        actor=manager,
        client_id=place.client.pk,
        coder_id=people[Role.CODER].pk,
        specialty_id=None,
        reason="The error rate moved",
    )
    lift_pause(actor=manager, pause=pause, reason="Settled by training")
