"""``/c/<client>/claims/measures/``: how many claims go through at the first try, coding beside the whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from claims.models import BillingProfile
from claims.rules.category_words import CATEGORY_WORDS
from claims.rules.classify import CODING
from claims.rules.cohorts import Cohort, Group, by_month, by_payer, cohort
from claims.rules.measures import ACCEPTED, CLEAN, PAID, UNMAPPED
from claims.selectors.accounts import billing_profile
from claims.selectors.cohorts import ANSWERED, SENT, WAITING, groups_of
from claims.terms.measures import MeasureTerms, measure_terms
from claims.views.measures import words
from claims.views.measures.dto import Card, Cell, MeasuresPage, Table, TableRow
from claims.views.measures.scope import (
    Period,
    claims_of,
    month_starts,
    months_back,
    require_room,
    turned,
)
from claims.views.tabs import claim_tabs, claims_href
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of

NO_PAYER = "Payer not known"
COLUMNS = (
    "Sent", "No answer yet", words.FIRST_PASS, words.RAW, "Accepted", "Resolved", "In no map", "Mature",
)  # fmt: skip
NOTES = (
    (
        "Claims count in the month they were sent. Corrected and voided claims are not counted again: they "
        "answer a failure. Intervals are 95% (Wilson); below {minimum_n} answered claims a rate is not "
        "worked out. Rows stand by month and name: this is no ranking."
    ),
    "The minimum of {minimum_n} is a house choice, not a figure of the field ({edition}).",
)
EMPTY = "No claim was sent in this period. Choose another period, or send claims under Submissions."
NO_PROFILE = (
    "This client has no billing profile yet, so its claims are not followed here. Add one under Set-up."
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every part of the page needs; ``base`` is the address of the claims behind a number."""

    period: Period
    terms: MeasureTerms
    maturity_days: int
    today: date
    base: str

    def cohort(self, groups: Iterable[Group]) -> Cohort:
        """The measures of some groups."""
        return cohort(groups, self.terms.confidence)

    def href(self, part: str, period: Period | None = None, payer: str = "") -> str:
        """Address of the claims behind one number."""
        of = period or self.period
        query = {
            "part": part,
            "from": of.first.isoformat(),
            "through": of.last.isoformat(),
            "payer": payer,
        }
        return self.base + turned(query)


@require_GET
@for_client
def measures(request: HttpRequest) -> HttpResponse:
    """``?months=``."""
    actor, client = actor_of(request), client_of(request)
    require_room(actor, "measures")
    terms, today = measure_terms(), today_of(request)
    text = request.GET.get("months", "")
    count = int(text) if text.isdecimal() and text in map(str, terms.windows) else terms.windows[0]
    period = Period(months_back(today, count), today)
    profile = billing_profile(client.id)
    groups = groups_of(claims_of(actor, client, period), ZoneInfo(client.timezone))
    base = f"{claims_href(client.slug)}measures/claims/"
    sheet = Sheet(period, terms, profile.maturity_days if profile else 0, today, base)
    windows = tuple(
        Choice(str(one), f"{one} months", one == count, f"?months={one}") for one in terms.windows
    )
    page = _page(sheet, groups, windows, profile)
    context = {"page": page, "tabs": claim_tabs(actor.role, client.slug, "measures")}
    return render(request, "claims/measures.html", context)


def _page(
    sheet: Sheet, groups: tuple[Group, ...], windows: tuple[Choice, ...], profile: BillingProfile | None
) -> MeasuresPage:
    whole, terms = sheet.cohort(groups), sheet.terms
    return MeasuresPage(
        summary=f"Claims sent {sheet.period.words}. Every number opens its claims.",
        windows=windows,
        cards=_cards(sheet, whole) if groups else (),
        young=_young(sheet, whole),
        tables=tuple(
            table
            for table in (_months(sheet, groups), _reasons(sheet, whole), _payers(sheet, groups))
            if groups and table.rows
        ),
        meanings=tuple(words.MEANINGS.items()),
        notes=tuple(note.format(minimum_n=terms.minimum_n, edition=terms.edition) for note in NOTES),
        empty_words="" if groups else NO_PROFILE if profile is None else EMPTY,
    )


def _cards(sheet: Sheet, whole: Cohort) -> tuple[Card, ...]:
    told = words.MEANINGS
    worst, _ = words.percent(whole.at_worst, sheet.terms.minimum_n)
    unmapped = whole.parts.get(UNMAPPED, 0)
    shares = (
        (words.FIRST_PASS, whole.coding, ANSWERED, f"{worst} at worst: {unmapped:,} in no map"),
        (words.RAW, whole.raw, ANSWERED, f"{words.claims(whole.answered)} answered"),
        (words.ACCEPTANCE, whole.accepted, ACCEPTED, f"{words.claims(whole.accepted.hits)} accepted"),
        (words.RESOLUTION, whole.resolved, PAID, f"{words.claims(whole.resolved.hits)} paid at once"),
    )
    cards = [
        Card(name, told[name], *words.percent(share, sheet.terms.minimum_n), counted, sheet.href(part))
        for name, share, part, counted in shares
    ]
    waits = Card(
        "No answer yet",
        told["No answer yet"],
        f"{whole.waiting:,}",
        "a count, in no rate",
        f"of {words.claims(whole.sent)} sent",
        sheet.href(WAITING),
    )
    return (*cards, waits)


def _young(sheet: Sheet, whole: Cohort) -> str:
    """Said above the numbers while answers of the period's newest claims are still to come."""
    mature_on = whole.mature_on(sheet.maturity_days)
    if mature_on is None or mature_on <= sheet.today:
        return ""
    return (
        f"This period is young: answers come for {sheet.maturity_days} days after a claim went out, so its "
        f"rates are final from {mature_on:%m/%d/%Y}. Mature months are marked below."
    )


def _cells(sheet: Sheet, of: Cohort, period: Period, payer: str = "") -> tuple[Cell, ...]:
    """The numbers of one row."""
    minimum = sheet.terms.minimum_n
    mature_on = of.mature_on(sheet.maturity_days)
    is_mature = mature_on is not None and mature_on <= sheet.today
    state = (
        "Nothing sent" if mature_on is None else f"{'Since' if is_mature else 'From'} {mature_on:%m/%d/%Y}"
    )
    numbers: tuple[tuple[str, tuple[str, str]], ...] = (
        (SENT, (f"{of.sent:,}", "")),
        (WAITING, (f"{of.waiting:,}", "")),
        (ANSWERED, words.percent(of.coding, minimum)),
        (CLEAN, words.percent(of.raw, minimum)),
        (ACCEPTED, words.percent(of.accepted, minimum)),
        (PAID, words.percent(of.resolved, minimum)),
        (UNMAPPED, (f"{of.parts.get(UNMAPPED, 0):,}", "")),
    )
    cells = [
        Cell(label, text, detail, "" if text in (words.DASH, "0") else sheet.href(part, period, payer))
        for label, (part, (text, detail)) in zip(COLUMNS, numbers, strict=False)
    ]
    return (*cells, Cell(COLUMNS[-1], state, tone="ok-t" if is_mature else ""))


def _months(sheet: Sheet, groups: tuple[Group, ...]) -> Table:
    starts = month_starts(sheet.period)
    parts = by_month(groups, starts)
    rows = []
    for month in reversed(starts):
        period = Period(month, min(months_back(month, 0) - timedelta(days=1), sheet.period.last))
        rows.append(TableRow(f"{month:%m/%Y}", _cells(sheet, sheet.cohort(parts[month]), period)))
    note = f"By the month a claim was sent; mature {sheet.maturity_days} days after the last of them"
    return Table("month", "By month", note, "Month", COLUMNS, tuple(rows))


def _payers(sheet: Sheet, groups: tuple[Group, ...]) -> Table:
    rows = [
        TableRow(name or NO_PAYER, _cells(sheet, sheet.cohort(part), sheet.period, name))
        for name, part in sorted(by_payer(groups).items(), key=lambda one: one[0].casefold())
    ]
    return Table("payer", "By payer", "By name", "Payer", COLUMNS, tuple(rows) if len(rows) > 1 else ())


def _reasons(sheet: Sheet, whole: Cohort) -> Table:
    """Why claims were refused at first; a claim with two kinds of reason stands in both."""
    columns = ("Claims", "Of answered", "Fails first pass, coding")
    rows = [
        TableRow(
            CATEGORY_WORDS[category],
            (
                Cell(columns[0], f"{count:,}", "", sheet.href(f"category-{category}")),
                Cell(columns[1], f"{100 * count / whole.answered:.1f}%"),
                Cell(columns[2], "Yes" if category == CODING else "No"),
            ),
        )
        for category, count in sorted(whole.categories.items(), key=lambda one: (-one[1], one[0]))
    ]
    note = (
        "Kinds of reasons in the first answer; a claim of two kinds stands in both rows. "
        f"{words.claims(whole.mixed)} refused for coding and something else: failed for coding"
    )
    return Table("reasons", "Why claims were refused", note, "Kind", columns, tuple(rows))
