"""The address of a page by keyset: which row it lies beside, and the filter carried along."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import QueryDict

from encounters.selectors.paging import At, KeysetPage, M
from encounters.views.doors import uuid_of


def at_of(query: QueryDict) -> At:
    """``after`` or ``before``: the id of the row beside the page.

    Raises:
        NotFound: not an id: the answer is that of an id that does not exist.
    """
    after, before = query.get("after", ""), query.get("before", "")
    return At(uuid_of(after) if after else None, uuid_of(before) if before else None)


def turn(kept: Mapping[str, str], **beside: uuid.UUID) -> str:
    """The same filter on another page."""
    return "?" + urlencode(
        {name: value for name, value in kept.items() if value} | {k: str(v) for k, v in beside.items()}
    )


def turns(page: KeysetPage[M], kept: Mapping[str, str]) -> tuple[str, str]:
    """The addresses of the previous and of the next page, empty where there is none."""
    previous = turn(kept, before=page.rows[0].pk) if page.has_previous and page.rows else ""
    following = turn(kept, after=page.rows[-1].pk) if page.has_next and page.rows else ""
    return previous, following
