"""Many rows in one statement: they travel as one JSON text, so that a batch costs one round trip a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model
from psycopg2 import sql


def insert_rows(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows that all have the same columns; the walls of the tables check them as any other insert.

    ``rows``: column → value (text, number, Decimal, date, datetime, UUID, list of these, None).
    """
    if not rows:
        return
    table = sql.Identifier(model._meta.db_table)
    columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {columns}"
        " FROM json_populate_recordset(NULL::{table}, %s::json)"
    ).format(table=table, columns=columns)
    _execute(statement, [_json(rows)])


def update_rows(model: type[Model], client_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Updates rows by their ``id``, each with the same columns."""
    if not rows:
        return
    table = sql.Identifier(model._meta.db_table)
    changed = [sql.Identifier(name) for name in rows[0] if name != "id"]
    settings = sql.SQL(", ").join(sql.SQL("{0} = new.{0}").format(name) for name in changed)
    statement = sql.SQL(
        "UPDATE {table} AS old SET {settings} FROM json_populate_recordset(NULL::{table}, %s::json) AS new"
        " WHERE old.client_id = %s AND old.id = new.id"
    ).format(table=table, settings=settings)
    _execute(statement, [_json(rows), client_id])


def _json(rows: Iterable[Mapping[str, Any]]) -> str:
    return json.dumps(list(rows), default=str, separators=(",", ":"))


def _execute(statement: sql.Composed, parameters: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
