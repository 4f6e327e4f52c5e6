"""A client's queries as a list: newest first, cut by what they are about, without opening a sealed column.

Every cut has an index of its own (``models/queries.py``), so that a page costs the same however long the
archive is.  The choices of a filter are read by skipping from value to value of an index.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from cdi_queries.models import CdiQuery, TemplateVersion
from cdi_queries.selectors.templates import library
from coding_ops.accounts.models import Specialty, User
from encounters.models import Provider
from encounters.selectors.paging import At, KeysetPage, page_of

UNLISTED = (
    "content", "content_sha256", "lint", "internal_note", "codes_before", "codes_after", "shift",
    "provider__user", "encounter__pinned_releases",
)  # fmt: skip
"""What no list reads."""
MOST_CHOICES = 300
# Each value of the second column of an index that begins with the client: one look-up a value.
_SKIP = """
WITH RECURSIVE found AS (
    (SELECT {column} AS value FROM cdi_queries_cdiquery
     WHERE client_id = %(client)s AND {column} IS NOT NULL ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT q.{column} FROM cdi_queries_cdiquery q
            WHERE q.client_id = %(client)s AND q.{column} > found.value ORDER BY q.{column} LIMIT 1)
    FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE value IS NOT NULL LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A cut of the list; empty takes all.  ``sent_from`` and ``sent_before`` are moments.

    ``specialty`` is a code; ``advisor``: escalated to this account and waiting still.
    """

    state: str = ""
    outcome: str = ""
    provider: uuid.UUID | None = None
    author: int | None = None
    template: str = ""
    trigger: str = ""
    specialty: str = ""
    channel: str = ""
    advisor: int | None = None
    sent_from: datetime | None = None
    sent_before: datetime | None = None


def list_page(queries: QuerySet[CdiQuery], wanted: Wanted, at: At) -> KeysetPage[CdiQuery]:
    """One page of the queries in reach that fit.

    Raises:
        NotFound: the address names a row beside the page that is missing or not theirs.
    """
    return page_of(as_rows(cut(queries, wanted)), queries, at, by="drafted_at", newest_first=True)


def as_rows(queries: QuerySet[CdiQuery]) -> QuerySet[CdiQuery]:
    """With what a row shows, and nothing that is sealed."""
    return queries.select_related("encounter", "provider", "author", "specialty", "advisor").defer(*UNLISTED)


def cut(queries: QuerySet[CdiQuery], wanted: Wanted) -> QuerySet[CdiQuery]:
    """The queries that fit, in no order: what a measure counts is listed by the same conditions."""
    exact: dict[str, Any] = {
        "state": wanted.state,
        "outcome": wanted.outcome,
        "provider_id": wanted.provider,
        "author_id": wanted.author,
        "template_key": wanted.template,
        "trigger_key": wanted.trigger,
        "specialty_id": _specialty(wanted.specialty),
        "channel": wanted.channel,
    }
    queries = queries.filter(**{name: value for name, value in exact.items() if value not in ("", None)})
    if wanted.advisor is not None:
        queries = queries.filter(advisor_id=wanted.advisor, state="sent")
    if wanted.sent_from is not None:
        queries = queries.filter(sent_at__gte=wanted.sent_from)
    if wanted.sent_before is not None:
        queries = queries.filter(sent_at__lt=wanted.sent_before)
    return queries


def providers_asked(client_id: int) -> list[Provider]:
    """The providers who were asked something, by name."""
    found = Provider.objects.filter(client_id=client_id, pk__in=_values(client_id, "provider_id"))
    return list(found.order_by("name"))


def authors(client_id: int) -> list[User]:
    """Who has written queries, by name."""
    return list(User.objects.filter(pk__in=_values(client_id, "author_id")).order_by("full_name"))


def specialties() -> list[Specialty]:
    """The vendor's specialties, by name."""
    return list(Specialty.objects.order_by("name"))


def _specialty(code: str) -> int | None:
    """The specialty of a code; one that nobody has is -1 and fits nothing."""
    if not code:
        return None
    found = Specialty.objects.filter(code=code).values_list("pk", flat=True).first()
    return found if found is not None else -1


def _values(client_id: int, column: str) -> list[Any]:
    """Distinct values of a column that an index holds right after the client; ``column`` is ours."""
    with connection.cursor() as cursor:
        cursor.execute(_SKIP.format(column=column), {"client": client_id, "most": MOST_CHOICES})
        return [value for (value,) in cursor.fetchall()]


def template_names(queries: Iterable[CdiQuery]) -> dict[tuple[int, str], str]:
    """Names of the queries' templates by client and key: the client's own, else the library's."""
    keys = {(one.client_id, one.template_key) for one in queries if one.template_key}
    if not keys:
        return {}
    names = {(client, key): library()[key][-1].name for client, key in keys if key in library()}
    own = (
        TemplateVersion.objects.filter(
            client_id__in={client for client, _ in keys}, template__key__in={key for _, key in keys}
        )
        .order_by("template_id", "-number")
        .distinct("template_id")
        .values_list("client_id", "template__key", "name")
    )
    return names | {(client, key): name for client, key, name in own}
