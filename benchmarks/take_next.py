"""P1: the take-next service against the bare claim statement, both with the same driver, a million charts.

The anchor is one UPDATE with SKIP LOCKED on the same table, autocommitted.  The application is
``take_next`` as shipped: plain role, row security, eligibility, lease, work session, chained event.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import psycopg2

from benchmarks.pairs import rate_ratio
from benchmarks.queue_data import Line, analyze, make_line
from encounters.actions.leases import take_next

BARE = """
UPDATE encounters_workitem SET state = 'leased', holder_id = %s, leased_at = now(),
    lease_expires_at = now() + interval '15 minutes', fence = fence + 1
WHERE id = (SELECT id FROM encounters_workitem
    WHERE client_id = %s AND queue_id = %s AND state = 'queued'
    ORDER BY order_key, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, encounter_id
"""
CLAIMS = 400


def run() -> Iterator[dict[str, Any]]:
    lines = [make_line(number, queues=4, charts=2_000) for number in range(50)]
    analyze()
    yield measure(lines)


def measure(lines: list[Line]) -> dict[str, Any]:
    bare = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    bare.autocommit = True
    with bare.cursor() as cursor:
        every = ",".join(str(line.client_id) for line in lines)
        cursor.execute("SELECT set_config('app.client_ids', %s, false)", [every])

    def anchor() -> float:
        claimed = set()
        start = time.perf_counter()
        with bare.cursor() as cursor:
            for n in range(CLAIMS):
                line = lines[n % len(lines)]
                cursor.execute(BARE, [line.actor.user_id, line.client_id, line.queue_ids[n % 4]])
                claimed.add(cursor.fetchone()[0])  # type: ignore[index]
        elapsed = time.perf_counter() - start
        assert len(claimed) == CLAIMS
        put_away(bare)
        return CLAIMS / elapsed

    def application() -> float:
        claimed = set()
        spent = 0.0
        for _ in range(CLAIMS // len(lines)):
            start = time.perf_counter()
            for line in lines:
                taken = take_next(actor=line.actor, client_ids=[line.client_id])
                assert taken is not None and not taken.was_held
                claimed.add(taken.item_id)
            spent += time.perf_counter() - start
            put_away(bare)
        assert len(claimed) == CLAIMS
        return CLAIMS / spent

    return rate_ratio("P1 take-next", anchor, application, limit=0.60, unit="claims/s", queued=1_000_000)


def put_away(connection: Any) -> None:
    """The claimed charts are finished, outside the time that is measured."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE encounters_workitem SET state = 'done', holder_id = NULL, leased_at = NULL,"
            " lease_expires_at = NULL WHERE state = 'leased'"
        )
        cursor.execute("UPDATE encounters_worksession SET ended_at = now() WHERE ended_at IS NULL")
