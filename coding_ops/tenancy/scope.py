"""Opening the data of one or several clients, for the length of one transaction.

Two walls are opened together and closed together: the ORM scope (belt 2), which also names the client
in every query, and the database setting that row-level security reads (belt 3).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction
from django_scopes import get_scope, scope

CLIENT_IDS_SETTING = "app.client_ids"
HISTORY_SETTING = "pghistory.context_metadata"
_acting: ContextVar[Mapping[str, str | int]] = ContextVar("acting")


class ScopeMisuse(RuntimeError):
    """A scope was opened in a way that could show more than was meant."""


def current_client_ids() -> tuple[int, ...]:
    """The clients that are open now; empty when none is."""
    value = get_scope().get("client")
    if value is None:
        return ()
    return tuple(value) if isinstance(value, (list, tuple)) else (int(value),)


@contextmanager
def acting_as(**who: str | int) -> Iterator[None]:
    """Names who writes from here on in each row's history: account, role, request, task or command.

    Ids and names of ours only, never patient data.  A history row without them was not written by the
    application: that is the alarm.
    """
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)


@contextmanager
def client_transaction(client_ids: Sequence[int], *, durable: bool = False) -> Iterator[None]:
    """One transaction in which exactly these clients' rows exist.

    Refuses ``None`` and the empty list, because for django-scopes no value means no filter, and refuses
    to nest, because ``SET LOCAL`` is not undone when a savepoint is released.
    """
    ids = _checked(client_ids)
    with transaction.atomic(durable=durable):
        who = _acting.get({})
        _set_local(",".join(map(str, ids)), json.dumps(dict(who)) if who else "")
        with scope(client=list(ids) if len(ids) > 1 else ids[0]):
            yield
        if connection.savepoint_ids and not connection.needs_rollback:
            # Inside somebody's outer transaction (a test's) the commit that would clear it is not ours.
            _set_local("", "")


def _checked(client_ids: Sequence[int] | None) -> tuple[int, ...]:
    if client_ids is None or isinstance(client_ids, (str, int)):
        raise ScopeMisuse("Name the clients as a list of ids; None would mean every client.")
    ids = tuple(dict.fromkeys(int(value) for value in client_ids))
    if not ids:
        raise ScopeMisuse("An empty list of clients opens nothing; answer 404 instead of opening a scope.")
    if current_client_ids():
        raise ScopeMisuse("A scope is open already; pass the objects on instead of opening another.")
    return ids


def _set_local(client_ids: str, history: str) -> None:
    """Both settings, until the transaction ends, in one message."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config(%s, %s, true), set_config(%s, %s, true)",
            [CLIENT_IDS_SETTING, client_ids, HISTORY_SETTING, history],
        )


def fetch_in_one_round_trip(
    client_ids: Sequence[int], sql: str, params: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """Runs one statement with these clients open, as a transaction of its own, in one message.

    For the few hot paths: the setting and the statement travel together, and PostgreSQL treats a message
    of several statements as one transaction.  Inside an open transaction (a test's) it takes the ordinary
    way.  The statement is written by us; values go in ``params``, which the driver quotes.
    """
    ids = _checked(client_ids)
    if connection.in_atomic_block:
        with client_transaction(ids), connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
    opening = "SELECT set_config(%(_setting)s, %(_open)s, true); "
    values = {**params, "_setting": CLIENT_IDS_SETTING, "_open": ",".join(map(str, ids))}
    with connection.cursor() as cursor:
        cursor.execute(opening + sql, values)
        fetched: list[tuple[Any, ...]] = cursor.fetchall()
    return fetched
