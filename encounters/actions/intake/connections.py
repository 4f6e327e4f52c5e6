"""The ways in: a file's client is its connection's."""

from __future__ import annotations

from django.db import transaction

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from encounters.models import IntakeConnection, WorkQueue

FIRST_NAME = "Files"


@transaction.atomic
def create_connection(
    *, actor: Actor, client: Client, name: str, default_queue: WorkQueue | None = None
) -> IntakeConnection:
    """A new way in for the client, whose scope must be open."""
    made: IntakeConnection = IntakeConnection.objects.create(
        client=client, name=name, default_queue=default_queue
    )
    record_event(actor=actor, verb=Verb.CONNECTION_CREATED, subject=made, facts={"name": name})
    return made


def connection_for(*, actor: Actor, client: Client, name: str = "") -> IntakeConnection:
    """The connection of that name, or the client's only one; its first file makes one called "Files".

    The client's scope must be open.

    Raises:
        Refused: no connection of that name, or several and none was named.
    """
    ways = list(IntakeConnection.objects.filter(client_id=client.pk, is_active=True).order_by("name"))
    if name:
        ways = [way for way in ways if way.name == name]
        if not ways:
            raise Refused(f"This client has no open connection called {name!r}.", code="intake.connection")
    if not ways:
        return create_connection(actor=actor, client=client, name=FIRST_NAME)
    if len(ways) > 1:
        listed = ", ".join(way.name for way in ways)
        raise Refused(f"Say through which connection it came: {listed}.", code="intake.connection")
    return ways[0]
