"""Setting the way out to a client's inbox.  It makes our servers call an address, so few may set it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from cdi_queries.actions.outbox import require_way_keeper
from cdi_queries.models import DeliveryRoute, MessageFormat
from cdi_queries.rules.outbound.ways import Carrier, Format, Way, parse_way
from cdi_queries.selectors.outbound import route_of
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import InvalidInput
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,2000}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+")
_PLAIN = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True)
class WayOut:
    """What is set.  ``token`` empty: the one that is kept stays, as long as the address does."""

    kind: str
    address: str
    receiving_application: str
    receiving_facility: str
    authority: str
    token: str
    is_on: bool


@transaction.atomic
def set_way(*, actor: Actor, client: Client, wanted: WayOut) -> DeliveryRoute:
    """Keeps how queries reach the client's inbox.  A token never follows to another address.

    Messages in line for the way before are not sent; their questions go by mail.

    Raises:
        NotFound, NotAllowed: not a vendor administrator.
        InvalidInput: ``details["fields"]`` says what is wrong, by field.
    """
    require_way_keeper(actor)
    way = _checked(wanted)
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    route = route_of(client.pk)
    moved = (route.kind, route.address) != (wanted.kind, wanted.address.strip())
    route.kind, route.address = wanted.kind, wanted.address.strip()
    route.receiving_application = wanted.receiving_application.strip()
    route.receiving_facility = wanted.receiving_facility.strip()
    route.authority, route.is_on = wanted.authority.strip(), wanted.is_on and way is not None
    if wanted.token or moved:
        route.token = wanted.token or None
    route.save()
    facts = {"kind": route.kind, "address": route.address, "is_on": route.is_on, "token": bool(route.token)}
    record_event(actor=actor, verb=Verb.QUERY_WAY_CHANGED, subject=route, facts=facts)
    return route


def _checked(wanted: WayOut) -> Way | None:
    problems: dict[str, str] = {}
    way: Way | None = None
    if wanted.kind not in MessageFormat.values:
        problems["kind"] = "Choose how messages are written."
    else:
        try:
            way = parse_way(Format(wanted.kind), wanted.address)
        except InvalidInput as error:
            problems["address"] = error.message
    if way is not None and way.carrier is Carrier.FOLDER and not settings.OUTBOX_DROP_DIR:
        problems["address"] = "This installation has no drop folder (OUTBOX_DROP_DIR)."
    for name in ("receiving_application", "receiving_facility", "authority"):
        if not _PLAIN.fullmatch(getattr(wanted, name)):
            problems[name] = "Use plain letters, digits and signs."
    if (
        wanted.kind == MessageFormat.FHIR
        and wanted.authority
        and not _URI.fullmatch(wanted.authority.strip())
    ):
        problems["authority"] = "For FHIR this is a URI, as urn:oid:2.16.840.1.113883.19.5, or empty."
    if wanted.token and (way is None or way.carrier is not Carrier.HTTPS):
        problems["token"] = "A token is for HTTPS only."  # noqa: S105
    elif wanted.token and not _TOKEN.fullmatch(wanted.token):
        problems["token"] = "A token holds letters, digits and . _ ~ + / = - only."  # noqa: S105
    if problems:
        raise InvalidInput("The way out was not saved.", code="way.invalid", details={"fields": problems})
    return way
