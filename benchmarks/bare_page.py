"""The limit of P17: the same fifty rows by bare WSGI and the driver, in one message, without a framework.

No session, no sign-in, no layout: what a page of these rows costs at the very least.  Served by gunicorn as
``benchmarks.bare_page:application``; ``BARE_CLIENT`` names the client.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from html import escape
from typing import Any

import psycopg2

SELECT = """
SELECT set_config('app.client_ids', %(client)s::text, true);
SELECT e.external_id, w.state, w.due_at, e.kind, e.service_on, w.queued_at, w.risk, s.name, q.name
FROM encounters_workitem w
JOIN encounters_encounter e ON e.client_id = w.client_id AND e.id = w.encounter_id
JOIN encounters_workqueue q ON q.id = w.queue_id
LEFT JOIN accounts_specialty s ON s.id = w.specialty_id
WHERE w.client_id = %(client)s AND w.queue_id = %(queue)s AND w.state = 'queued'
ORDER BY w.order_key, w.id LIMIT 50
"""
ROW = (
    '<tr><th scope="row">Visit {}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>'
    "<td>{}</td><td>{}</td></tr>"
)
_connection: Any = None


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """A table of the first fifty charts in line."""
    global _connection
    if _connection is None:
        _connection = psycopg2.connect(os.environ["DATABASE_URL"])
        _connection.autocommit = True
    with _connection.cursor() as cursor:
        cursor.execute(SELECT, {"client": int(os.environ["BARE_CLIENT"]), "queue": os.environ["BARE_QUEUE"]})
        rows = cursor.fetchall()
    body = "".join(ROW.format(*(escape(str(value)) for value in row)) for row in rows)
    page = f"<!doctype html><title>Worklist</title><table>{body}</table>".encode()
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(page)))])
    return [page]
