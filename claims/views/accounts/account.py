"""``/c/<client>/claims/accounts/<encounter>/``: whose each day of one account was."""

from __future__ import annotations

import uuid
from collections import Counter
from itertools import groupby
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from claims.access.roles import is_inside
from claims.rules.billing_days import Stretch as Days
from claims.rules.billing_days import holder_at, stretches
from claims.selectors.accounts import accounts_by_id, billing_profile
from claims.views.accounts import words
from claims.views.accounts.dto import AccountPage, Stretch
from claims.views.measures.scope import require_room
from claims.views.tabs import claim_tabs, claims_href
from coding_ops.core.errors import NotFound
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.middleware import actor_of
from encounters.access import find_chart
from encounters.rules.deadlines import Party

NOTE = (
    "A day belongs to whoever held the account up when it ended, at midnight of the client's time. Today is "
    "not over and not among them. Days end at the payer's first answer."
)


@require_GET
@for_client
def account(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """The days of one account, billed or not."""
    actor, client = actor_of(request), client_of(request)
    require_room(actor, "accounts")
    profile = billing_profile(client.id)
    if profile is None:
        raise NotFound
    chart = find_chart(actor=actor, client_id=client.id, encounter_id=encounter_id)
    now, zone, inside = timezone.now(), ZoneInfo(client.timezone), is_inside(actor)
    (of,) = accounts_by_id(profile, [chart.pk])
    total: Counter[Party] = Counter()
    found = stretches(of, now, zone)
    for one in found:
        total[one.held.party] += one.days
    if of.answered_at is not None:
        standing = f"First answered {of.answered_at.astimezone(zone):%m/%d/%Y}."
    elif of.cancelled_at is not None:
        standing = f"Cancelled {of.cancelled_at.astimezone(zone):%m/%d/%Y}."
    elif of.served_on is None:
        standing = "The stay is not over."
    else:
        held = holder_at(of, now)
        standing = f"Now: {words.PARTIES[held.party]}, {words.cause(held, inside=inside).lower()}."
    served = f"Served {of.served_on:%m/%d/%Y}. " if of.served_on else ""
    page = AccountPage(
        visit=chart.external_id,
        summary=f"{served}{standing} Charge: {words.money(of.charge_amount)}.",
        chart_href=f"/c/{client.slug}/encounters/{chart.pk}/",
        back_href=f"{claims_href(client.slug)}accounts/",
        totals=tuple((words.PARTIES[party], words.days(total[party])) for party in Party if total[party]),
        stretches=_rows(found, inside=inside),
        note=NOTE,
    )
    context = {"page": page, "tabs": claim_tabs(actor.role, client.slug, "accounts")}
    return render(request, "claims/account.html", context)


def _rows(found: tuple[Days, ...], *, inside: bool) -> tuple[Stretch, ...]:
    """The stretches in words; neighbours that read alike are one, so that nothing shows between the lines."""
    rows: list[Stretch] = []
    for (party, cause), part in groupby(
        found, lambda one: (words.PARTIES[one.held.party], words.cause(one.held, inside=inside))
    ):
        of = list(part)
        days = sum(one.days for one in of)
        rows.append(Stretch(f"{of[0].first:%m/%d/%Y}", f"{of[-1].last:%m/%d/%Y}", f"{days:,}", party, cause))
    return tuple(rows)
