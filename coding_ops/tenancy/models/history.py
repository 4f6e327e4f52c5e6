"""Row history: every version of a row, added by triggers, so that raw SQL leaves it too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

import pghistory
import pghistory.models

from coding_ops.tenancy.models.base import TenantManager, TenantModel

_Tracked = TypeVar("_Tracked", bound=type[TenantModel])


class TenantHistory(pghistory.models.Event):
    """A version of a client's row.  Like the row, it is found only while its client is open."""

    objects: ClassVar[TenantManager[Any]] = TenantManager()

    class Meta:
        abstract = True


def keep_history(*, exclude: Sequence[str] = ()) -> Callable[[_Tracked], _Tracked]:
    """Class decorator of a tenant model whose inserts, updates and deletes are kept as ``XEvent`` rows.

    ``exclude``: large columns that the database refuses to change later, so that a copy says nothing new.
    The history table still needs its walls: name it in ``SecureTenantTables(history=[…])``.
    """

    def decorate(model: _Tracked) -> _Tracked:
        track: Callable[[_Tracked], _Tracked] = pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            base_model=TenantHistory,
            exclude=list(exclude) or None,
            model_name=f"{model.__name__}Event",
            context_field=pghistory.ContextJSONField(),
            context_id_field=None,
            obj_field=pghistory.ObjForeignKey(related_name="history", db_constraint=False),
        )
        return track(model)

    return decorate
