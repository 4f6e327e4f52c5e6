"""The base of every table that belongs to a client."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.db import models
from django_scopes import ScopedManager

from coding_ops.core.ids import uuid7

_Row = TypeVar("_Row", bound=models.Model, covariant=True)
if TYPE_CHECKING:
    _Scoped = models.Manager
else:
    _Scoped = type(ScopedManager(client="client"))


class TenantManager(_Scoped[_Row]):
    """Raises without an open scope, filters by the open clients with one."""


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A reference to another row of the same client.

    The database constraint is on the pair ``(client_id, this)`` and is made by ``SecureTenantTables``,
    so Django's own single-column one is left out.
    """

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)


class TenantModel(models.Model):
    """A row of one client.

    ``objects`` raises without an open scope and filters by the client with one.  A table that others point
    at makes ``(client, id)`` unique, so that they point at the pair and never at another client's row.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.ForeignKey("tenancy.Client", models.PROTECT, related_name="+", db_index=False)

    client_id: int
    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"

    @property
    def public_id(self) -> uuid.UUID:
        """The id that may stand in a URL: random enough to be unguessable, and no patient data."""
        return self.id
