"""Which payer of the client an answer comes from, and the client's clock."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from claims.models import Payer
from coding_ops.tenancy.models import Client


@dataclass(frozen=True, slots=True)
class Payers:
    """The client's payers by every name and id they are known under, in lower case."""

    by_name: dict[str, UUID]

    def find(self, *names: str) -> UUID | None:
        """The payer of the first name or id that is known, None when none is."""
        for name in names:
            found = self.by_name.get(" ".join(name.lower().split()))
            if found is not None:
                return found
        return None


def load_payers(client_id: int) -> Payers:
    """All of the client's payers, one query; a name that two of them share stands for neither."""
    by_name: dict[str, set[UUID]] = {}
    rows = Payer.objects.filter(client_id=client_id).values_list("pk", "name", "payer_id", "aliases")
    for pk, name, payer_id, aliases in rows:
        for one in (name, payer_id, *aliases):
            if one:
                by_name.setdefault(" ".join(one.lower().split()), set()).add(pk)
    return Payers({name: next(iter(found)) for name, found in by_name.items() if len(found) == 1})


def zone_of(client_id: int) -> ZoneInfo:
    """The client's time zone."""
    return ZoneInfo(Client.objects.values_list("timezone", flat=True).get(pk=client_id))
