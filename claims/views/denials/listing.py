"""``/c/<client>/claims/denials/``: what was denied, what it is worth, and until when it can be answered."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from claims.access.claims import denials_in_reach
from claims.access.roles import READERS, WORKERS
from claims.models import Denial, DenialSource, DenialStatus
from claims.rules.category_words import CATEGORY_WORDS
from claims.rules.classify import NOT_A_DENIAL
from claims.selectors import denial_list
from claims.selectors.claim_list import payers
from claims.selectors.denial_list import GROUPS, NOBODY, ORDERS, Wanted
from claims.views.claims.words import dollars
from claims.views.denials import words
from claims.views.denials.dto import DenialRow, DenialsPage, Select
from claims.views.tabs import claim_tabs
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of
from encounters.views.paging import at_of, turn, turns

CHIPS: Final = (
    ("", "To work"),
    ("payer", "With the payer"),
    ("won", "Overturned"),
    ("ended", "Written off or closed"),
    ("all", "All"),
)
ORDER_WORDS: Final = (
    ("", "Dollars × chance"),
    ("dollars", "Dollars"),
    ("deadline", "Deadline"),
    ("chance", "Chance"),
    ("newest", "Newest"),
)
CLIENT_ORDERS: Final = ("dollars", "deadline", "newest")
DUE: Final = ("7", "14", "30")
MINE, UNOWNED = "mine", "nobody"
FILTERS: Final = ("category", "payer", "source", "carc", "owner", "due", "from", "to")
NAMES: Final = ("group", "order", *FILTERS)
MOST_CARC: Final = 8


@require_GET
@for_client
def denials(request: HttpRequest) -> HttpResponse:
    """``group``, ``order``, ``category``, ``payer``, ``source``, ``carc``, ``owner``, ``due`` (within days),
    ``from`` and ``to`` (ISO days of the answer), ``after``, ``before``."""
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    if actor.role not in READERS:
        raise NotFound
    kept = {name: request.GET.get(name, "").strip() for name in NAMES}
    order = _order(kept["order"], actor)
    reach = denials_in_reach(actor, client.id)
    found = denial_list.list_page(reach, _wanted(kept, actor, today), order, at_of(request.GET))
    previous, following = turns(found, kept)
    count = len(found.rows)
    narrowed = any(kept[name] for name in FILTERS)
    page = DenialsPage(
        href=words.denials_href(client.slug),
        lead=_lead(order, actor),
        summary=_summary(count, found.has_next),
        rows=tuple(row(one, client.slug, today, actor) for one in found.rows),
        groups=tuple(
            Choice(value, label, value == kept["group"], turn({**kept, "group": value}))
            for value, label in CHIPS
        ),
        orders=_orders(kept, order, actor),
        selects=_selects(client.id, kept, actor),
        hidden=tuple((name, kept[name]) for name in ("group", "order", "carc", "from", "to") if kept[name]),
        empty_words=_nothing(kept),
        is_inside=actor.is_vendor,
        clear_href=turn({"group": kept["group"], "order": kept["order"]}) if narrowed else "",
        previous_page_href=previous,
        next_page_href=following,
    )
    context = {"page": page, "tabs": claim_tabs(actor.role, client.slug, "denials")}
    return render(request, "claims/denials.html", context)


def row(denial: Denial, slug: str, today: date, actor: Actor) -> DenialRow:
    """One denial as a row of a list."""
    encounter = denial.claim.encounter
    due, tone = words.due(denial.deadline_on, today) if denial.ended_at is None else ("", "")
    return DenialRow(
        href=words.denial_href(slug, denial.pk),
        visit=f"Visit {encounter.external_id}" if encounter else "Visit not known to us",
        code=denial.service_code or "Whole claim",
        kind=words.category(denial.category),
        reason=words.reason(denial),
        payer=denial.payer.name if denial.payer else "Not in the set-up",
        amount=dollars(denial.denied_amount),
        due=due,
        due_tone=tone,
        chance=str(denial.winnability) if actor.is_vendor else "",
        expected=dollars(denial.priority) if actor.is_vendor else "",
        state=str(DenialStatus(denial.state).label),
        tone=words.TONES[DenialStatus(denial.state)],
        owner=denial.owner.full_name if denial.owner and actor.is_vendor else "",
        received=f"{denial.received_on:%m/%d/%Y}",
    )


def _order(text: str, actor: Actor) -> str:
    if actor.is_vendor:
        return text if text in ORDERS else "expected"
    return text if text in CLIENT_ORDERS else "dollars"


def _wanted(kept: Mapping[str, str], actor: Actor, today: date) -> Wanted:
    """The cut; a value that nobody can choose takes nothing away, an id that is none is not found."""
    group = kept["group"] or "work"
    owner: int | None = None
    if actor.is_vendor and kept["owner"] in (MINE, UNOWNED):
        owner = NOBODY if kept["owner"] == UNOWNED else actor.person_id
    return Wanted(
        group="" if group == "all" else group if group in GROUPS else "work",
        category=kept["category"] if kept["category"] in CATEGORY_WORDS else "",
        payer=_uuid(kept["payer"]),
        carc=kept["carc"][:MOST_CARC],
        source=kept["source"] if kept["source"] in DenialSource.values else "",
        owner=owner,
        due_by=today + timedelta(days=int(kept["due"])) if kept["due"] in DUE else None,
        received_from=_day(kept["from"]),
        received_to=_day(kept["to"]),
    )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError as error:
        raise NotFound from error


def _day(text: str) -> date | None:
    """A day that the board's links carry."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise NotFound from error


def _orders(kept: Mapping[str, str], order: str, actor: Actor) -> tuple[Choice, ...]:
    pairs = [(value, label) for value, label in ORDER_WORDS if actor.is_vendor or value in CLIENT_ORDERS]
    return tuple(
        Choice(value, label, (value or "expected") == order, turn({**kept, "order": value}))
        for value, label in pairs
    )


def _selects(client_id: int, kept: Mapping[str, str], actor: Actor) -> tuple[Select, ...]:
    kinds = [(one, label) for one, label in CATEGORY_WORDS.items() if one != NOT_A_DENIAL]
    found: list[tuple[str, str, Iterable[tuple[str, str]]]] = [
        ("category", "Kind", kinds),
        ("payer", "Payer", [(str(one.pk), one.name) for one in payers(client_id)]),
        ("source", "Told by", list(words.SOURCES.items())),
        ("due", "Deadline", [(one, f"within {one} days") for one in DUE]),
    ]
    if actor.is_vendor:
        mine = [(MINE, "Mine")] if actor.role in WORKERS else []
        found.append(("owner", "Worked by", [*mine, (UNOWNED, "Nobody yet")]))
    return tuple(
        Select(
            name,
            label,
            (
                Choice("", "All", not kept[name]),
                *(Choice(value, text, value == kept[name]) for value, text in pairs),
            ),
        )
        for name, label, pairs in found
    )


def _lead(order: str, actor: Actor) -> str:
    if order == "expected":
        return "Largest first by the dollars denied times the chance to win them, in percent."
    if order == "deadline":
        return "Earliest deadline first; a denial whose payer's terms are not known is not in this order."
    tail = "" if actor.is_vendor else " Each opens what was answered and what was done."
    return f"Every denial and rejection of a claim, not only its first.{tail}"


def _summary(count: int, more: bool) -> str:
    if not count:
        return ""
    return f"{count} denial{'' if count == 1 else 's'}{'; more on the next page' if more else ''}"


def _nothing(kept: Mapping[str, str]) -> str:
    if any(kept[name] for name in FILTERS):
        return "No denial fits this filter. Choose All, or clear it."
    if kept["group"]:
        return "No denial stands here."
    return "No denial waits for work. New ones appear as remittances and acknowledgements are read."
