"""Pages by keyset: a page costs the same wherever it lies, and a row that comes in between shifts nothing.

The address names the row beside the page by its id alone; the value by which the list is ordered is looked
up, because a date of service has no place in an address that nobody asked for.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from coding_ops.core.errors import NotFound

PAGE_ROWS = 50
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class At:
    """Where the page lies: behind a row, in front of one, or at the head of the list."""

    after: uuid.UUID | None = None
    before: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[M]):
    """Rows in the list's order, and whether there are others on either side."""

    rows: tuple[M, ...]
    has_previous: bool
    has_next: bool


def page_of(
    rows: QuerySet[M], anchors: QuerySet[M], at: At, *, by: str, newest_first: bool, limit: int = PAGE_ROWS
) -> KeysetPage[M]:
    """One page ordered by ``by`` and then by id, so that equal values keep one order.

    Args:
        rows: the filtered list.
        anchors: all that the person may see: the row beside the page may have left the filter since.

    Raises:
        NotFound: the row beside the page is missing or not theirs: one answer.
    """
    anchor = at.before or at.after
    downwards = newest_first != (at.before is not None)
    if anchor is not None:
        value = anchors.filter(pk=anchor).values_list(by, flat=True).first()
        if value is None:
            raise NotFound
        side = "lt" if downwards else "gt"
        # The first condition is implied by the second; it is what the index can be entered with.
        rows = rows.filter(**{f"{by}__{side}e": value}).filter(
            Q(**{f"{by}__{side}": value}) | Q(**{f"pk__{side}": anchor})
        )
    sign = "-" if downwards else ""
    found = list(rows.order_by(f"{sign}{by}", f"{sign}pk")[: limit + 1])
    shown, more = found[:limit], len(found) > limit
    if at.before is not None:
        return KeysetPage(tuple(reversed(shown)), has_previous=more, has_next=True)
    return KeysetPage(tuple(shown), has_previous=anchor is not None, has_next=more)
