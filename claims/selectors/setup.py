"""What a client bills as, whom and for how much, and how that came about."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model, Q, QuerySet

from claims.models import BillingProfile, Charge, Payer
from coding_ops.accounts.models import User
from coding_ops.core.errors import NotFound
from encounters.selectors.paging import At, KeysetPage, page_of

NEWEST = 50
_OWN = ("id", "client", "pgh_id", "pgh_obj", "pgh_label", "pgh_created_at", "pgh_context")


@dataclass(frozen=True, slots=True)
class Change:
    """One version of one row: who made it, and each field that moved with what it said before and after.

    ``title`` is what the row was called; values before are ``None`` when it was new.
    """

    at: datetime
    by_id: int | None
    role: str
    title: str
    is_new: bool
    fields: Mapping[str, tuple[Any, Any]]


def profile_of(client_id: int) -> BillingProfile | None:
    """The client's billing profile, if somebody wrote one."""
    return BillingProfile.objects.filter(client_id=client_id).first()


def payers_of(client_id: int) -> list[Payer]:
    """Every payer of the client, those in use first, by name."""
    return list(Payer.objects.filter(client_id=client_id).order_by("-is_active", "name"))


def payer_of(client_id: int, payer_id: uuid.UUID) -> Payer:
    """One payer.

    Raises:
        NotFound: no such payer of this client.
    """
    payer = Payer.objects.filter(client_id=client_id, pk=payer_id).first()
    if payer is None:
        raise NotFound
    return payer


def charge_count(client_id: int, on: date) -> int:
    """How many charges hold on a day."""
    return holding(client_id, on).count()


def holding(client_id: int, on: date) -> QuerySet[Charge]:
    """The charges that hold on a day."""
    found: QuerySet[Charge] = Charge.objects.filter(client_id=client_id, starts_on__lte=on)
    return found.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))


def charges_page(client_id: int, at: At, *, code: str, on: date | None) -> KeysetPage[Charge]:
    """Charges by code; ``code`` is how it begins, ``on`` keeps those that hold that day.

    Raises:
        NotFound: the address names a row beside the page that is missing.
    """
    every: QuerySet[Charge] = Charge.objects.filter(client_id=client_id)
    rows = holding(client_id, on) if on is not None else every
    if code:
        rows = rows.filter(code__startswith=code)
    return page_of(rows, every, at, by="code", newest_first=False)


def every_charge(client_id: int) -> Iterator[Charge]:
    """All charges by code, for a file."""
    found = Charge.objects.filter(client_id=client_id).order_by("code", "modifier", "starts_on")
    return found.iterator(chunk_size=1_000)


def changes_of(
    model: type[BillingProfile | Payer | Charge], client_id: int, row_id: uuid.UUID | None = None
) -> list[Change]:
    """The newest changes of a table, newest first; of one row when it is named.  Two queries."""
    versions: Any = model._meta.get_field("history").related_model
    found = versions.objects.filter(client_id=client_id)
    if row_id is not None:
        found = found.filter(pgh_obj_id=row_id)
    shown = dict(found.order_by("-pgh_id").values_list("pgh_id", "pgh_obj_id")[:NEWEST])
    last: dict[uuid.UUID, Model] = {}
    changes = []
    for version in found.filter(pgh_obj_id__in=set(shown.values())).order_by("pgh_id"):
        before = last.get(version.pgh_obj_id)
        last[version.pgh_obj_id] = version
        if version.pgh_id in shown:
            changes.append(_change(before, version))
    return changes[::-1]


def _change(before: Model | None, version: Any) -> Change:
    who = version.pgh_context or {}
    return Change(
        at=version.pgh_created_at,
        by_id=who.get("user"),
        role=str(who.get("role", "")),
        title=_title(version),
        is_new=before is None,
        fields=_moved(before, version),
    )


def _title(version: Any) -> str:
    if hasattr(version, "code"):
        return "-".join(part for part in (version.code, version.modifier) if part)
    return "" if hasattr(version, "npi") else str(version.name)


def names_of(ids: set[int]) -> dict[int, str]:
    """The people's names."""
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "full_name"))


def _moved(before: Model | None, after: Model) -> dict[str, tuple[Any, Any]]:
    names = [one.name for one in after._meta.concrete_fields if one.name not in _OWN]
    pairs = {name: (getattr(before, name) if before else None, getattr(after, name)) for name in names}
    return {name: pair for name, pair in pairs.items() if before is None or pair[0] != pair[1]}
