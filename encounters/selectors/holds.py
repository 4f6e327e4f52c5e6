"""Holds: open ones longest first, closed ones newest first."""

from __future__ import annotations

from django.db.models import QuerySet

from encounters.models import Encounter, Pend
from encounters.selectors.paging import At, KeysetPage, page_of


def holds_page(holds: QuerySet[Pend], at: At, *, closed: bool) -> KeysetPage[Pend]:
    """One page of the holds in reach.

    Raises:
        NotFound: the address names a hold beside the page that is missing or not theirs.
    """
    rows = holds.filter(closed_at__isnull=not closed).select_related("encounter", "closed_by")
    if closed:
        return page_of(rows, holds, at, by="closed_at", newest_first=True)
    return page_of(rows, holds, at, by="opened_at", newest_first=False)


def open_hold(holds: QuerySet[Pend], encounter: Encounter) -> Pend | None:
    """The encounter's open hold, when it is among those in reach."""
    found: Pend | None = holds.filter(encounter=encounter, closed_at__isnull=True).first()
    return found
