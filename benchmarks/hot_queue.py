"""P2: one hot worklist, eight coders in eight processes, with and without a pinned old snapshot.

A long report keeps PostgreSQL from cleaning away the index entries of charts that were taken meanwhile; a
naive claim then walks over all of them.  Each phase is five slices of four seconds.  No chart may be handed
to two coders, and none may be lost.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from typing import Any

import psycopg2

from benchmarks.queue_data import Line, analyze, join_line, make_line

CODERS = 8
SLICES = 5
SLICE_SECONDS = 4.0
LIMIT_PINNED, LIMIT_LAST = 0.90, 0.85
FINISH = (
    "WITH done AS (UPDATE encounters_workitem SET state = 'done', holder_id = NULL, leased_at = NULL,"
    " lease_expires_at = NULL WHERE id = %(item)s RETURNING client_id, encounter_id, fence)"
    " UPDATE encounters_worksession s SET ended_at = now() FROM done"
    " WHERE s.client_id = done.client_id AND s.encounter_id = done.encounter_id AND s.fence = done.fence"
    " RETURNING s.id"
)


def run() -> Iterator[dict[str, Any]]:
    line = make_line(900, queues=1, charts=400_000)
    coders = [line] + [join_line(line, 900 + n) for n in range(1, CODERS)]
    analyze()
    _phase(coders, seconds=2.0, slices=1)  # warm-up
    free = _phase(coders)
    pin = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    pin.set_session(isolation_level="REPEATABLE READ")
    with pin.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
    pinned = _phase(coders)
    pin.rollback()
    pin.close()
    ratio = sorted(b / a for a, b in zip(free, pinned, strict=True))[SLICES // 2]
    last = pinned[-1] / pinned[0]
    yield {
        "name": "P2 hot queue under a pinned snapshot",
        "value": round(sorted(pinned)[SLICES // 2], 1),
        "unit": "claims/s",
        "limit": LIMIT_PINNED,
        "ratio": round(ratio, 3),
        "n": SLICES,
        "anchor": round(sorted(free)[SLICES // 2], 1),
        "slices": [round(rate) for rate in pinned],
        "met": ratio >= LIMIT_PINNED,
    }
    yield {
        "name": "P2 last slice against first",
        "value": round(pinned[-1], 1),
        "unit": "claims/s",
        "limit": LIMIT_LAST,
        "ratio": round(last, 3),
        "n": SLICES,
        "met": last >= LIMIT_LAST,
    }


def _phase(coders: list[Line], *, seconds: float = SLICE_SECONDS, slices: int = SLICES) -> list[float]:
    """Claims per second of each slice; fails when a chart was handed out twice."""
    context = multiprocessing.get_context("fork")
    results: Any = context.Queue()
    begin = time.monotonic() + 1.0
    workers = [
        context.Process(target=_work, args=(coder, begin, seconds, slices, results)) for coder in coders
    ]
    from django.db import connections

    connections.close_all()  # a forked process must not share a connection
    for worker in workers:
        worker.start()
    reports = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    taken = [item for claimed, _ in reports for item in claimed]
    if len(taken) != len(set(taken)):
        raise AssertionError(f"{len(taken) - len(set(taken))} charts were handed out twice")
    return [sum(counts[n] for _, counts in reports) / seconds for n in range(slices)]


def _work(coder: Line, begin: float, seconds: float, slices: int, results: Any) -> None:
    from coding_ops.tenancy.scope import fetch_in_one_round_trip
    from encounters.actions.leases import take_next

    claimed: list[str] = []
    counts = [0] * slices
    time.sleep(max(0.0, begin - time.monotonic()))
    while (now := time.monotonic()) < begin + seconds * slices:
        taken = take_next(actor=coder.actor, client_ids=[coder.client_id])
        if taken is None or taken.was_held:
            raise AssertionError("the worklist ran dry or a finished chart came back")
        claimed.append(str(taken.item_id))
        counts[min(int((now - begin) / seconds), slices - 1)] += 1
        fetch_in_one_round_trip([coder.client_id], FINISH, {"item": taken.item_id})
    results.put((claimed, counts))
