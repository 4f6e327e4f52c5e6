"""Carrying a message: one function a carrier, from bytes to what became of them.

Nothing here logs, raises or keeps words of the receiver: they may repeat the message.
"""

from __future__ import annotations

from dataclasses import dataclass

from cdi_queries.carriers.folder import put
from cdi_queries.carriers.https import post
from cdi_queries.carriers.mllp import exchange
from cdi_queries.rules.outbound.outbox_states import Result
from cdi_queries.rules.outbound.ways import Carrier, Way
from cdi_queries.terms.outbox import Limits


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message at the door: where to, its bytes, and what its carrier needs to know."""

    way: Way
    body: bytes
    control_id: str
    client_slug: str
    token: str = ""


def carry(parcel: Parcel, limits: Limits) -> Result:
    """Takes one message to its receiver; blocks, so no transaction may be open."""
    if parcel.way.carrier is Carrier.FOLDER:
        return put(parcel.body, name=parcel.control_id, client_slug=parcel.client_slug)
    if parcel.way.carrier is Carrier.HTTPS:
        return post(parcel.way, parcel.body, token=parcel.token, limits=limits)
    return exchange(parcel.way, parcel.body, control_id=parcel.control_id, limits=limits)
