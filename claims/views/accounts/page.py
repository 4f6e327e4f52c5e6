"""``/c/<client>/claims/accounts/``: what should be billed and is not, how old it is, and on whom it waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET
from markupsafe import Markup

from claims.access.roles import is_inside
from claims.models import BillingProfile
from claims.rules import account_board as board
from claims.rules.account_board import Standing
from claims.rules.billing_days import Cause, days_by_party
from claims.selectors.accounts import accounts_of, billed_later, billing_profile, gross_charges
from claims.terms.measures import measure_terms
from claims.views.accounts import words
from claims.views.accounts.dto import AccountRow, AccountsPage, Card, Held, Week
from claims.views.measures.page import NO_PROFILE
from claims.views.measures.scope import require_room, turned
from claims.views.tabs import claim_tabs, claims_href
from coding_ops.core.charts import Chart
from coding_ops.core.columns import bar, histogram
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.closed import closed_charts
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of
from encounters.models import Encounter
from encounters.rules.deadlines import Party

PAGE_ROWS = 50
REVENUE_DAYS = 90
NOTES = (
    (
        "An account is billed when its first claim has gone out. Each day belongs to one party: who held the "
        "account up when the day ended. Days and ages are whole days since service, or since discharge."
    ),
    (
        "Dollars are gross charges: the claim's, else those that came with the visit. Accounts whose charge "
        "nobody has named are counted and worth nothing here."
    ),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter: one party, one cause, one age, one page."""

    party: str
    cause: str
    age: str
    page: int

    def kept(self, **changes: str) -> dict[str, str]:
        """The same filter with changes, from its first page."""
        return {"party": self.party, "cause": self.cause, "age": self.age, **changes}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every part of the page needs."""

    client: ReachedClient
    profile: BillingProfile
    now: datetime
    zone: ZoneInfo
    inside: bool
    found: Sequence[Standing]

    @property
    def above(self) -> list[Standing]:
        """Accounts older than the bill-hold days."""
        return board.above(self.found, self.profile.bill_hold_days)


@require_GET
@for_client
def accounts(request: HttpRequest) -> HttpResponse:
    """``?party=&cause=&age=&page=``."""
    actor, client = actor_of(request), client_of(request)
    require_room(actor, "accounts")
    inside = is_inside(actor)
    asked, now, zone = asked_of(request, inside=inside), timezone.now(), ZoneInfo(client.timezone)
    profile = billing_profile(client.id)
    tabs = claim_tabs(actor.role, client.slug, "accounts")
    if profile is None:
        return render(request, "claims/accounts.html", {"page": None, "empty": NO_PROFILE, "tabs": tabs})
    closed = set(
        Encounter.objects.filter(client_id=client.id, pk__in=closed_charts(actor, client.id)).values_list(
            "pk", flat=True
        )
    )
    rows = accounts_of(profile, now)
    found = board.standings((one for one in rows if one.id not in closed), now, zone)
    sheet = Sheet(client, profile, now, zone, inside, found)
    page = _page(sheet, asked, today_of(request))
    return render(request, "claims/accounts.html", {"page": page, "empty": "", "tabs": tabs})


def asked_of(request: HttpRequest, *, inside: bool) -> Asked:
    """What the address asks for.

    Raises:
        NotFound: a party, cause or age that is none; any cause outside, where the vendor's are one.
    """
    party, cause = request.GET.get("party", ""), request.GET.get("cause", "")
    age, text = request.GET.get("age", ""), request.GET.get("page", "1")
    known = ("", *board.age_buckets(measure_terms().age_bounds))
    causes = ("", *Cause) if inside else ("",)
    if party not in ("", *Party) or cause not in causes or age not in known:
        raise NotFound
    number = int(text) if text.isdecimal() and 0 < int(text[:6]) < 100_000 else 1
    return Asked(party, cause, age, number)


def _page(sheet: Sheet, asked: Asked, today: date) -> AccountsPage:
    bounds, above = measure_terms().age_bounds, sheet.above
    chosen = [
        one
        for one in (sheet.found if asked.age else above)
        if (not asked.party or one.held.party == asked.party)
        and (not asked.cause or one.held.cause == asked.cause)
        and (not asked.age or board.age_bucket(one.age, bounds) == asked.age)
    ]
    shown = chosen[(asked.page - 1) * PAGE_ROWS : asked.page * PAGE_ROWS]
    ages = _ages(sheet)
    hold = sheet.profile.bill_hold_days
    return AccountsPage(
        summary=(
            "Served and not billed as of now. Not counted as late: "
            f"{words.accounts(len(sheet.found) - len(above))} within the {words.days(hold)} of bill hold."
        ),
        cards=_cards(sheet, today),
        held=_held(sheet, asked),
        ages=Markup(ages.svg),  # noqa: S704 (made of numbers and our own words)
        age_rows=tuple((row[0], row[1]) for row in ages.rows),
        weeks=_weeks(sheet, today),
        parties=_parties(asked, above),
        buckets=_buckets(asked, sheet.found),
        counted=words.accounts(len(chosen)),
        rows=_rows(sheet, shown),
        notes=NOTES,
        empty_words="No account is here. Everything older than the bill-hold days is billed."
        if not above and not asked.age
        else "No account fits this choice.",
        previous_page_href=turned(asked.kept(page=str(asked.page - 1))) if asked.page > 1 else "",
        next_page_href=turned(asked.kept(page=str(asked.page + 1)))
        if len(chosen) > asked.page * PAGE_ROWS
        else "",
    )


def _cards(sheet: Sheet, today: date) -> tuple[Card, ...]:
    above, hold = sheet.above, sheet.profile.bill_hold_days
    total, uncoded = board.added(above), board.added(board.uncoded(sheet.found))
    gross = gross_charges(sheet.client.id, today - timedelta(days=REVENUE_DAYS), today - timedelta(days=1))
    revenue = sum((one.amount for one in gross), Decimal(0))
    in_days = board.days_of_revenue(total.dollars, revenue, REVENUE_DAYS)
    worth, missing = words.dollars(total)
    waiting, unpriced = words.dollars(uncoded)
    return (
        Card(
            "Not final billed",
            f"Accounts older than {words.days(hold)} whose first claim has not gone out.",
            f"{total.count:,}",
            f"of {words.accounts(len(sheet.found))} not billed",
            "?",
        ),
        Card("Dollars not final billed", "Gross charges of these accounts.", worth, missing),
        Card(
            "Days not final billed",
            f"These dollars over the average gross charges of a day, of the last {REVENUE_DAYS} days.",
            words.DASH if in_days is None else f"{in_days:,.1f} days",
            "No charge is known of these days" if in_days is None else "of gross revenue; a census",
        ),
        Card(
            "Dollars not final coded",
            "Gross charges of all unbilled accounts, bill-hold days or not, that wait for their codes.",
            waiting,
            f"{words.accounts(uncoded.count)}, {unpriced}",
        ),
    )


def _held(sheet: Sheet, asked: Asked) -> tuple[Held, ...]:
    """Who holds the late accounts up with what; the days are those of this party in these accounts."""
    above = sheet.above
    sums = board.by_cause(above)
    merged: dict[tuple[Party, str], list[tuple[Cause, list[Standing]]]] = {}
    for (party, cause), of in sums.items():
        label = words.cause(of[0].held, inside=sheet.inside)
        merged.setdefault((party, label), []).append((cause, of))
    rows = []
    order = list(Party)
    for (party, label), parts in sorted(
        merged.items(), key=lambda one: (order.index(one[0][0]), -sum(len(of) for _, of in one[1]), one[0][1])
    ):
        of = [one for _cause, part in parts for one in part]
        # Where causes are one word outside, the filter is the party's.
        only = parts[0][0].value if len(parts) == 1 and sheet.inside else ""
        rows.append(
            Held(
                party=words.PARTIES[party],
                cause=label,
                href=turned(asked.kept(party=party.value, cause=only, age="")),
                count=f"{len(of):,}",
                days=f"{board.party_days(of, sheet.now, sheet.zone)[party]:,}",
                dollars=words.dollars(board.added(of))[0],
                bar=_bar(len(of), len(above)),
            )
        )
    return tuple(rows)


def _ages(sheet: Sheet) -> Chart:
    """All unbilled accounts by age, those within the bill-hold days too."""
    bounds = measure_terms().age_bounds
    count = dict.fromkeys(board.age_buckets(bounds), 0)
    for one in sheet.found:
        count[board.age_bucket(one.age, bounds)] += 1
    bars = [(words.bucket(code), n) for code, n in count.items()]
    return histogram(bars, id="chart-ages", title="Unbilled accounts by days since service", noun="accounts")


def _weeks(sheet: Sheet, today: date) -> tuple[Week, ...]:
    """The census at the end of each of the last weeks, newest first, and now."""
    back = measure_terms().trend_weeks
    days = [today - timedelta(days=1 + 7 * week) for week in range(back)]
    start = datetime.combine(days[-1] + timedelta(days=1), time(), sheet.zone)
    later = billed_later(sheet.client.id, start, sheet.zone)
    censuses = board.trend(sheet.found, later, days, sheet.profile.bill_hold_days)
    top = max((one.count for one in censuses), default=0)
    return tuple(
        Week(f"{one.on:%m/%d/%Y}", f"{one.count:,}", words.money(one.dollars), _bar(one.count, top))
        for one in censuses
    )


def _parties(asked: Asked, above: Sequence[Standing]) -> tuple[Choice, ...]:
    parts = board.by_party(above)
    links = [Choice("", "All", not asked.party, turned(asked.kept(party="", cause="")) or "?", "")]
    links += [
        Choice(
            party.value,
            words.PARTIES[party],
            asked.party == party,
            turned(asked.kept(party=party.value, cause="")),
            f"{len(of):,}",
        )
        for party, of in parts.items()
        if party is not Party.PAYER or of
    ]
    return tuple(links)


def _buckets(asked: Asked, found: Sequence[Standing]) -> tuple[Choice, ...]:
    bounds = measure_terms().age_bounds
    count = dict.fromkeys(board.age_buckets(bounds), 0)
    for one in found:
        count[board.age_bucket(one.age, bounds)] += 1
    links = [Choice("", "Above the bill-hold days", not asked.age, turned(asked.kept(age="")), "")]
    links += [
        Choice(code, words.bucket(code), asked.age == code, turned(asked.kept(age=code)), f"{n:,}")
        for code, n in count.items()
    ]
    return tuple(links)


def _rows(sheet: Sheet, shown: Sequence[Standing]) -> tuple[AccountRow, ...]:
    """The rows of one page, by one query; no sealed column is read."""
    ids = [one.account.id for one in shown]
    visits = dict(
        Encounter.objects.filter(client_id=sheet.client.id, pk__in=ids).values_list("pk", "external_id")
    )
    base, slug = f"{claims_href(sheet.client.slug)}accounts/", sheet.client.slug
    hold = sheet.profile.bill_hold_days
    return tuple(
        AccountRow(
            href=f"{base}{one.account.id}/",
            chart_href=f"/c/{slug}/encounters/{one.account.id}/",
            visit=visits.get(one.account.id, ""),
            served=f"{one.account.served_on:%m/%d/%Y}" if one.account.served_on else words.DASH,
            age=words.days(one.age),
            tone="bad-t" if one.age > hold else "",
            charge=words.money(one.account.charge_amount),
            party=words.PARTIES[one.held.party],
            cause=words.cause(one.held, inside=sheet.inside),
            days=words.shares(days_by_party(one.account, sheet.now, sheet.zone)),
        )
        for one in shown
    )


def _bar(part: int, whole: int) -> Markup:
    return Markup(bar(Decimal(part) / max(1, whole)))  # noqa: S704 (made of numbers alone)
