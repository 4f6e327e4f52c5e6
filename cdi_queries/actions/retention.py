"""Deleting queries whose retention is over, on the client's written order and by the tables' owner only.

The application's own role cannot: steps and answers are never taken away, and history is not its to change.
What goes is the query, what is kept of it (steps, answer, links, messages, audits, the opportunity it came
from) and the history of those rows, which holds the same words.  What stays: the document "Query and answer"
in the chart, which is the client's record, and the ledger, which says that it was deleted.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, Model

from cdi_queries.models import CdiQuery
from coding_ops.tenancy.models import TenantModel
from coding_ops.tenancy.models.history import TenantHistory


def delete_queries(cursor: Any, *, client_id: int, query_ids: Sequence[uuid.UUID]) -> Counter[str]:
    """Deletes queries of an open client with all that points at them; returns rows by table.

    ``cursor`` is one of the owner's, inside the caller's transaction: all of it goes or nothing.
    """
    counts: Counter[str] = Counter()
    _delete(cursor, CdiQuery, client_id, [str(one) for one in query_ids], counts)
    return counts


def _delete(
    cursor: Any, model: type[Model], client_id: int, row_ids: Sequence[str], counts: Counter[str]
) -> None:
    if not row_ids:
        return
    for pointing, column in _pointing_at(model):
        found = f'SELECT id FROM "{pointing._meta.db_table}" WHERE client_id = %s'  # noqa: S608
        cursor.execute(f'{found} AND "{column}" = ANY(%s::uuid[])', [client_id, list(row_ids)])
        _delete(cursor, pointing, client_id, [str(row[0]) for row in cursor.fetchall()], counts)
    table = model._meta.db_table
    cursor.execute(
        f'DELETE FROM "{table}" WHERE client_id = %s AND id = ANY(%s::uuid[])',  # noqa: S608
        [client_id, list(row_ids)],
    )
    counts[table] += cursor.rowcount
    for history in _histories(model):
        # After the rows themselves: their trigger has just written what they last said.
        cursor.execute(
            f'DELETE FROM "{history}" WHERE client_id = %s AND pgh_obj_id = ANY(%s::uuid[])',  # noqa: S608
            [client_id, list(row_ids)],
        )
        counts[history] += cursor.rowcount


def _pointing_at(model: type[Model]) -> Iterator[tuple[type[Model], str]]:
    """Tables of clients with a reference to this one, and its column; history is not among them."""
    for other in apps.get_models():
        if not issubclass(other, TenantModel):
            continue
        for field in other._meta.local_fields:
            if isinstance(field, ForeignKey) and field.related_model is model:
                yield other, field.column


def _histories(model: type[Model]) -> Iterator[str]:
    for other in apps.get_models():
        if issubclass(other, TenantHistory) and other._meta.get_field("pgh_obj").related_model is model:
            yield other._meta.db_table
