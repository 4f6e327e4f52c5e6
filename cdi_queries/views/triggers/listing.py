"""``/c/<client>/queries/opportunities/``: gaps that wait for a look, cut by what stands in the address."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cdi_queries.access.triggers import hits_in_reach
from cdi_queries.models import HitState, TriggerHit
from cdi_queries.rules.triggers.shapes import Family
from cdi_queries.selectors.triggers import (
    Asked,
    hit_page,
    narrowed,
    off_keys,
    providers_with_hits,
    specialties_with_hits,
)
from cdi_queries.terms.triggers import trigger_book
from cdi_queries.views.tabs import queries_href, query_tabs
from cdi_queries.views.triggers import words
from cdi_queries.views.triggers.dto import Filter, HitList, HitRow
from coding_ops.core.errors import NotFound
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.middleware import actor_of
from encounters.views.paging import at_of, turn, turns

NAMES = ("state", "family", "rule", "specialty", "provider", "age", "last")
ALL = "all"
AGES = (3, 7, 14, 30)
NOTHING = "No gap waits for a look. Charts are looked at again whenever a document or a code changes."
NO_FIT = "No gap fits this filter. Choose All, or take a filter away."


@require_GET
@for_client
def opportunities(request: HttpRequest) -> HttpResponse:
    """``state`` (``all`` for every one), ``family``, ``rule``, ``specialty``, ``provider``, ``age`` (days or
    more), ``last`` (found in the last days), ``after``, ``before``."""
    actor, client = actor_of(request), client_of(request)
    hits = hits_in_reach(actor, client.id)
    kept = {name: request.GET.get(name, "").strip() for name in NAMES}
    asked, now = _asked(kept), timezone.now()
    found = hit_page(hits, narrowed(hits, asked, off_keys(client.id), now), at_of(request.GET))
    previous, following = turns(found, kept)
    base = opportunities_href(client.slug)
    page = HitList(
        href=base,
        rules_href=f"{base}rules/",
        summary=_summary(len(found.rows), found.has_next),
        rows=tuple(_row(base, one, now, client.timezone) for one in found.rows),
        states=_chips(
            kept,
            "state",
            [
                ("", HitState.OPEN.label),
                *((s.value, s.label) for s in HitState if s != HitState.OPEN),
                (ALL, "All"),
            ],
        ),
        families=_chips(
            kept,
            "family",
            [("", "Every kind"), *((one.value, label) for one, label in words.FAMILIES.items())],
        ),
        filters=_filters(client.id, kept),
        hidden=tuple((name, kept[name]) for name in ("state", "family", "last") if kept[name]),
        empty_words=NO_FIT if any(kept.values()) else NOTHING,
        cut=f"those found in the last {kept['last']} days" if kept["last"] else "",
        cut_off_href=turn({**kept, "last": ""}) if kept["last"] else "",
        previous_page_href=previous,
        next_page_href=following,
    )
    context = {"page": page, "tabs": query_tabs(actor.role, client.slug, "triggers")}
    return render(request, "cdi_queries/opportunities.html", context)


def opportunities_href(slug: str) -> str:
    """``/c/<client>/queries/opportunities/``"""
    return f"{queries_href(slug)}opportunities/"


def _asked(kept: Mapping[str, str]) -> Asked:
    """The cut; a value that nobody can choose is an address that does not exist."""
    book = trigger_book()
    if kept["state"] not in ("", ALL, *HitState.values) or kept["family"] not in ("", *Family):
        raise NotFound
    if kept["rule"] and book.rule(kept["rule"]) is None:
        raise NotFound
    return Asked(
        state="" if kept["state"] == ALL else kept["state"] or HitState.OPEN.value,
        rule=kept["rule"],
        family=kept["family"],
        specialty=_whole(kept["specialty"]),
        provider=_uuid(kept["provider"]),
        older_than_days=_whole(kept["age"]),
        newer_than_days=_whole(kept["last"]),
    )


def _whole(text: str) -> int | None:
    if text and not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise NotFound
    return int(text) if text else None


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError as error:
        raise NotFound from error


def _chips(kept: Mapping[str, str], name: str, pairs: Iterable[tuple[str, object]]) -> tuple[Choice, ...]:
    return tuple(
        Choice(value, str(label), kept[name] == value, turn({**kept, name: value})) for value, label in pairs
    )


def _filters(client_id: int, kept: Mapping[str, str]) -> tuple[Filter, ...]:
    found: list[tuple[str, str, list[tuple[str, str]]]] = [
        (
            "rule",
            "Rule",
            [
                (rule.key, rule.name)
                for rule in trigger_book().rules
                if kept["family"] in ("", rule.family) or rule.key == kept["rule"]
            ],
        ),
        ("specialty", "Specialty", [(str(one.pk), one.name) for one in specialties_with_hits(client_id)]),
        ("provider", "Provider", [(str(one.pk), one.name) for one in providers_with_hits(client_id)]),
        ("age", "Waiting for", [(str(days), f"{days} days or more") for days in AGES]),
    ]
    return tuple(
        Filter(
            name,
            label,
            (
                Choice("", "All", not kept[name]),
                *(Choice(value, text, value == kept[name]) for value, text in pairs),
            ),
        )
        for name, label, pairs in found
    )


def _summary(count: int, more: bool) -> str:
    if not count:
        return ""
    noun = "gap" if count == 1 else "gaps"
    return f"{count} {noun}, newest first{'; more on the next page' if more else ''}"


def _row(base: str, hit: TriggerHit, now: datetime, zone: str) -> HitRow:
    state = HitState(hit.state)
    return HitRow(
        href=f"{base}{hit.pk}/",
        visit=hit.encounter.external_id,
        rule=words.rule_name(hit.rule_key),
        family=words.family_name(hit.rule_key),
        specialty=hit.specialty.name if hit.specialty else "",
        provider=hit.provider.name if hit.provider else "",
        found=f"{hit.found_at.astimezone(ZoneInfo(zone)):%m/%d/%Y}",
        age=words.age(hit.found_at, now),
        state=str(state.label),
        tone=words.TONES[state],
    )
