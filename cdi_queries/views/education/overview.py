"""``/c/<client>/queries/education/``: documentation by provider, by name."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cdi_queries.access.education import require_educator
from cdi_queries.rules.education import Charts, Span, compare, period_of
from cdi_queries.rules.education import Standing as Says
from cdi_queries.rules.letter import standing_short
from cdi_queries.selectors.education import (
    Standing,
    provider_names,
    questions_by_provider,
    specialty_names,
    standings,
)
from cdi_queries.selectors.letters import PAGE_ROWS, LetterRead, month_counts, newest_letters
from cdi_queries.terms.education import education_terms
from cdi_queries.views.education import words
from cdi_queries.views.education.dto import Counted, Overview, ProviderRow
from cdi_queries.views.tabs import query_tabs
from coding_ops.tenancy.access import ReachedClient
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of

NOT_SHOWN = {Says.TOO_FEW: "Too few charts", Says.NO_PEERS: "Too few peers"}


@require_GET
@for_client
def overview(request: HttpRequest) -> HttpResponse:
    """``month``, ``specialty``, ``q`` (part of a name), ``page``."""
    actor, client = actor_of(request), client_of(request)
    require_educator(actor)
    today = today_of(request)
    month = words.month_asked(request.GET.get("month", ""), today)
    span = period_of(month, education_terms())
    found = standings(client.id, span)
    names = provider_names(client.id, set(found))
    specialties = specialty_names({one.specialty_id for one in found.values()})
    chosen = request.GET.get("specialty", "")
    text = request.GET.get("q", "").strip()[:80]
    listed = _listed(found, names, chosen, text)
    number = words.page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    rows = _rows(client, listed[start : start + PAGE_ROWS], names, specialties, span, month)
    query = {"month": request.GET.get("month", ""), "specialty": chosen, "q": text}
    previous, following = words.turns(number, query, listed[start + PAGE_ROWS :])
    page = Overview(
        href=words.base_href(client.slug),
        summary=_summary(found),
        period=words.days(span),
        letters=words.month_words(month, *month_counts(client.id, month)),
        months=words.month_choices(today, month),
        specialties=_specialty_choices(specialties, chosen),
        text=text,
        rows=rows,
        empty_words=_empty(bool(found), words.days(span)),
        notes=(words.next_letters(today), *words.notes()),
        previous_page_href=previous,
        next_page_href=following,
    )
    context = {"page": page, "tabs": query_tabs(actor.role, client.slug, "education")}
    return render(request, "cdi_queries/education.html", context)


def _listed(
    found: Mapping[uuid.UUID, Standing], names: Mapping[uuid.UUID, str], specialty: str, text: str
) -> list[Standing]:
    """The providers asked for, by name."""
    kept = [
        one
        for one in found.values()
        if (not specialty or str(one.specialty_id or "none") == specialty)
        and text.casefold() in names.get(one.provider_id, "").casefold()
    ]
    return sorted(kept, key=lambda one: (names.get(one.provider_id, "").casefold(), str(one.provider_id)))


def _rows(
    client: ReachedClient,
    shown: list[Standing],
    names: Mapping[uuid.UUID, str],
    specialties: Mapping[int | None, str],
    span: Span,
    month: date,
) -> tuple[ProviderRow, ...]:
    ids = [one.provider_id for one in shown]
    letters = newest_letters(client.id, ids)
    asked = questions_by_provider(client.id, span, client.timezone)
    return tuple(
        _row(
            client,
            one,
            names,
            specialties,
            letters.get(one.provider_id),
            asked.get(one.provider_id, 0),
            month,
        )
        for one in shown
    )


def _row(
    client: ReachedClient,
    one: Standing,
    names: Mapping[uuid.UUID, str],
    specialties: Mapping[int | None, str],
    read: LetterRead | None,
    asked: int,
    month: date,
) -> ProviderRow:
    terms = education_terms()
    compared = compare(one.own, one.peers, one.peer_count, terms)
    letter = f"{read.letter.month:%B %Y}: {words.letter_state(read, client.timezone)[0]}" if read else ""
    return ProviderRow(
        href=words.provider_href(client.slug, one.provider_id, month),
        name=names.get(one.provider_id, ""),
        specialty=specialties[one.specialty_id],
        own=words.counted(one.own),
        peers=Counted(words.DASH, "") if compared.standing in NOT_SHOWN else words.counted(one.peers),
        says=NOT_SHOWN.get(compared.standing) or standing_short(compared),
        asked=f"{asked:,}",
        letter=letter,
        letter_href=f"/c/{client.slug}/letters/{read.letter.pk}/" if read else "",
    )


def _specialty_choices(names: Mapping[int | None, str], chosen: str) -> tuple[Choice, ...]:
    ordered = sorted(names.items(), key=lambda one: (one[0] is None, one[1].casefold()))
    shown = [(str(pk or "none"), name) for pk, name in ordered]
    return tuple(Choice(value, name, value == chosen) for value, name in shown)


def _summary(found: Mapping[uuid.UUID, Standing]) -> str:
    whole = Charts()
    for one in found.values():
        whole = whole.plus(one.own)
    counted = words.counted(whole)
    people = f"{len(found):,} provider{'' if len(found) == 1 else 's'}"
    between = f" ({counted.interval})" if counted.interval else ""
    return f"{people}; {counted.counted} leave a diagnosis unspecified, {counted.rate}{between}."


def _empty(any_found: bool, period: str) -> str:
    if any_found:
        return "No provider of that name or specialty has a chart in these days. Clear the filter."
    return (
        f"No final chart of {period} is counted yet. Charts are counted within the hour after they are final."
    )
