"""What waits longest at a client or a part of it, opened in place of a page change."""

from __future__ import annotations

from urllib.parse import urlencode

from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.models import Client
from reporting.models import Span
from reporting.rules import dnfc
from reporting.rules.facts import Keys
from reporting.selectors.rows import Question, counted_rows, details_of, snapshot_of
from reporting.views.dto import Drill
from reporting.views.row_words import RowWriter

SHOWN = 5


def drill_of(client: ReachedClient, rows_href: str, span: Span, keys: Keys) -> Drill:
    """The five accounts that have waited longest, and how many wait on whom.

    A group of which nothing waits has no number, and its drill says so.
    """
    kpi = dnfc.ACCOUNTS
    question = Question(kpi, span, keys=keys)
    tenant = Client.objects.get(pk=client.id)
    try:
        rows = counted_rows(tenant, snapshot_of(tenant, question), question)
    except NotFound:
        rows = ()
    details = details_of([client.id], [row.id for row in rows[:SHOWN]])
    writer = RowWriter(kpi, inside=True, coders={})
    counts = tuple(
        (bucket.label, f"{sum(row.bucket == bucket.code for row in rows):,}")
        for bucket in kpi.definition.buckets
    )
    query = {
        "kpi": kpi.definition.name,
        "span": span.value,
        "facility": keys.facility,
        "specialty": keys.specialty,
    }
    return Drill(
        heading=f"{len(rows):,} not final coded",
        counts=counts,
        list_heading="Waiting longest" if rows else "Nothing waits here",
        all_href=f"{rows_href}?{urlencode({k: v for k, v in query.items() if v})}",
        rows=tuple(writer.row(client, row, details[row.id]) for row in rows[:SHOWN] if row.id in details),
    )
