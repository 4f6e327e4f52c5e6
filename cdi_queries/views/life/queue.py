"""``/work/queries/``: what waits for a person who writes queries, across their clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cdi_queries.access.queries import AUTHORS, STEWARDS
from cdi_queries.selectors.queue import (
    ANSWERED,
    DRAFTS,
    ESCALATED,
    EXPIRED,
    PART_ROWS,
    WAITING,
    Part,
    queue_of,
)
from cdi_queries.views.life.dto import QueryRow, QueueLink, QueuePage, QueuePart
from cdi_queries.views.life.rows import rows_of
from cdi_queries.views.tabs import queries_href
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import Reach, ReachedClient
from coding_ops.web.choices import Choice
from coding_ops.web.middleware import actor_of

MINE = "mine"
# Heading, what the time of a row is, what an empty part says, and the state its rest is listed by.
PARTS = {
    ESCALATED: ("Escalated to you", "Waiting", "", "sent"),
    ANSWERED: (
        "Answered, to look at",
        "Since the answer",
        "No answer waits to be looked at. New ones appear here as they come.",
        "answered",
    ),
    WAITING: (
        "Waiting for the provider, longest first",
        "Waiting",
        "Nothing waits for a provider.",
        "sent",
    ),
    DRAFTS: ("Your drafts", "Since begun", "You have no draft. Select words of a note and press Q.", "draft"),
    EXPIRED: ("Ran out without an answer", "Since asked", "Nothing ran out.", "expired"),
}


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """``who=mine``: one's own alone; ``client``: one client's."""
    reach: Reach = request.reach  # type: ignore[attr-defined]
    actor, now = actor_of(request), timezone.now()
    every = reach.in_role(*AUTHORS)
    if not every:
        raise NotFound
    slug = request.GET.get("client", "")
    chosen = [one for one in every if one.slug == slug] or list(every)
    kept = {"who": request.GET.get("who", ""), "client": slug if len(chosen) < len(every) else ""}
    only_mine = kept["who"] == MINE
    overseen = [] if only_mine else [one for one in chosen if one.role in STEWARDS]
    found = queue_of(actor=actor, clients=chosen, overseen=overseen)
    rows = _rows(found, {one.id: one for one in chosen}, now)
    page = QueuePage(
        summary=_summary(found, rows),
        parts=tuple(
            _part(key, part, rows[key], chosen, None if overseen else actor.user_id)
            for key, part in found.items()
            if part.count or key not in (ESCALATED, EXPIRED)
        ),
        whose=_whose(kept) if any(one.role in STEWARDS for one in every) else (),
        clients=_client_choices(every, kept) if len(every) > 1 else (),
        shows_client=len(chosen) > 1,
        shows_author=bool(overseen),
    )
    return render(request, "cdi_queries/queue.html", {"page": page, "tabs": ()})


def _rows(
    found: Mapping[str, Part], clients: Mapping[int, ReachedClient], now: datetime
) -> dict[str, tuple[QueryRow, ...]]:
    """Rows of every part, made together so that names are read once."""
    made = rows_of([one for part in found.values() for one in part.rows], clients, now)
    rows, at = {}, 0
    for key, part in found.items():
        rows[key] = made[at : at + len(part.rows)]
        at += len(part.rows)
    return rows


def _part(
    key: str, part: Part, rows: tuple[QueryRow, ...], clients: Sequence[ReachedClient], author: int | None
) -> QueuePart:
    heading, when, empty, state = PARTS[key]
    cut = {"state": state} | ({"author": str(author)} if author is not None else {})
    if key == ESCALATED:
        cut = {"with": "me"}
    more = tuple(QueueLink(one.name, f"{queries_href(one.slug)}?{urlencode(cut)}") for one in clients)
    return QueuePart(
        key=key,
        heading=heading,
        count=f"{part.count}{' or more' if part.is_more else ''}",
        when=when,
        rows=rows,
        empty_words=empty,
        more=more if part.count > PART_ROWS else (),
    )


def _summary(found: Mapping[str, Part], rows: Mapping[str, Sequence[QueryRow]]) -> str:
    """``3 answered, 12 waiting, 2 past due``"""
    late = sum(row.due_tone == "bad" for row in rows[WAITING])
    told = [f"{found[ANSWERED].count} answered", f"{found[WAITING].count} waiting"]
    if late:
        told.append(f"{late}{' or more' if late == PART_ROWS else ''} past due")
    return ", ".join(told)


def _whose(kept: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(
        Choice(value, label, kept["who"] == value, _href({**kept, "who": value}))
        for value, label in (("", "Everybody's"), (MINE, "Mine"))
    )


def _client_choices(clients: Sequence[ReachedClient], kept: Mapping[str, str]) -> tuple[Choice, ...]:
    pairs = [("", "All clients"), *((one.slug, one.name) for one in clients)]
    return tuple(
        Choice(slug, name, kept["client"] == slug, _href({**kept, "client": slug})) for slug, name in pairs
    )


def _href(kept: Mapping[str, str]) -> str:
    """``?`` and what is chosen; ``?`` alone shows all."""
    return "?" + urlencode({name: value for name, value in kept.items() if value})
