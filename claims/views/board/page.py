"""``/c/<client>/claims/board/``: what is denied, by whom and why, and what comes back of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from markupsafe import Markup

from claims.access.roles import READERS
from claims.selectors.board import Board, ClaimSums, DenialSums, Part, board_of
from claims.selectors.claim_list import payers
from claims.terms.measures import MeasureTerms, measure_terms
from claims.views.board.dto import BoardPage, Card, Pareto, PayerRow, Share, TrendRow
from claims.views.claims.words import DASH, dollars
from claims.views.denials.words import category as kind_words
from claims.views.denials.words import denials_href
from claims.views.tabs import claim_tabs
from coding_ops.core.columns import bar
from coding_ops.core.errors import NotFound
from coding_ops.core.statistics import interval
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of

WINDOWS: Final = {30: "30 days", 90: "90 days", 365: "12 months"}
FIRST_WINDOW: Final = 90
MOST_ROWS: Final = 10
_HUNDRED: Final = Decimal(100)
NOTES: Final = (
    (
        "Denials stand on the day the payer or clearinghouse answered. The initial denial rate counts"
        " original claims by their first answer: those denied in whole or part, of those adjudicated."
        " Rejections before adjudication are counted apart."
    ),
    (
        "Intervals are 95% (Wilson). Below {minimum_n} a rate is not worked out. Payers stand by name: this"
        " is no ranking. A reason in no map is shown as such and counts as no other kind."
    ),
)


@dataclass(frozen=True, slots=True)
class _Sheet:
    board: Board
    terms: MeasureTerms
    base: str
    first: date
    last: date

    def href(self, first: date | None = None, last: date | None = None, **cut: str) -> str:
        """The denials behind a number."""
        days = {"from": (first or self.first).isoformat(), "to": (last or self.last).isoformat()}
        return f"{self.base}?{urlencode({'group': 'all', 'order': 'newest', **cut, **days})}"

    def rate(self, hits: int, n: int) -> tuple[str, str]:
        """A share with its interval and n; ``3 of 4`` where that is too few for a rate."""
        if not n:
            return DASH, "none yet"
        if n < self.terms.minimum_n:
            return f"{hits:,} of {n:,}", f"too few for a rate: below {self.terms.minimum_n}"
        found = interval(hits, n, confidence=self.terms.confidence)
        low, high = _HUNDRED * found.low, _HUNDRED * found.high
        return f"{_HUNDRED * found.rate:.1f}%", f"{low:.1f} to {high:.1f}%, n {n:,}"

    def denial_rate(self, claims: ClaimSums) -> tuple[str, str]:
        """Claims denied at first, of those adjudicated."""
        return self.rate(claims.denied_count, claims.adjudicated_count)

    def overturn_rate(self, denials: DenialSums) -> tuple[str, str]:
        """Denials overturned, of those decided."""
        return self.rate(denials.overturned_count, denials.decided_count)


@require_GET
@for_client
def board(request: HttpRequest) -> HttpResponse:
    """``?days=``: 30, 90 or 365."""
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    if actor.role not in READERS:
        raise NotFound
    text = request.GET.get("days", "")
    days = int(text) if text in {str(one) for one in WINDOWS} else FIRST_WINDOW
    first = today - timedelta(days=days - 1)
    unit = "week" if days < max(WINDOWS) else "month"
    sheet = _Sheet(
        board_of(client.id, first, today, unit=unit),
        measure_terms(),
        denials_href(client.slug),
        first,
        today,
    )
    names = {one.pk: one.name for one in payers(client.id)}
    page = BoardPage(
        summary=f"Answers of {first:%m/%d/%Y} to {today:%m/%d/%Y}. Every number opens its denials.",
        windows=tuple(Choice(str(one), label, one == days, f"?days={one}") for one, label in WINDOWS.items()),
        cards=_cards(sheet),
        paretos=_paretos(sheet, names),
        trend_heading="Week by week" if unit == "week" else "Month by month",
        trend=_trend(sheet, unit),
        payers=_payers(sheet, names),
        notes=tuple(note.format(minimum_n=sheet.terms.minimum_n) for note in NOTES),
        empty_words="" if sheet.board.whole != Part() else _nothing(first),
    )
    context = {"page": page, "tabs": claim_tabs(actor.role, client.slug, "board")}
    return render(request, "claims/board.html", context)


def _nothing(first: date) -> str:
    return (
        f"No payer has answered a claim since {first:%m/%d/%Y}. Remittances and acknowledgements that are"
        " read fill this board."
    )


def _cards(sheet: _Sheet) -> tuple[Card, ...]:
    denials, claims = sheet.board.whole.denials, sheet.board.whole.claims
    rate, rate_detail = sheet.denial_rate(claims)
    won, won_detail = sheet.overturn_rate(denials)
    share = _percent(denials.recovered_amount, denials.denied_amount)
    return (
        Card(
            "Initial denial rate",
            "Original claims denied in whole or part by their first answer, of those adjudicated",
            rate,
            rate_detail,
            f"{claims.denied_count:,} of {claims.adjudicated_count:,} claims",
        ),
        Card(
            "Denied",
            "Dollars of all denials; of a rejection, the charge of its claim",
            dollars(denials.denied_amount),
            "a sum, without an interval",
            f"{denials.count:,} denials",
            sheet.href(),
        ),
        Card(
            "Won back",
            "Dollars paid later for what had been denied",
            dollars(denials.recovered_amount),
            "a sum, without an interval",
            f"{share} of what was denied",
            sheet.href(group="won"),
        ),
        Card(
            "Overturned",
            "Denials overturned, of those overturned or upheld",
            won,
            won_detail,
            f"{denials.overturned_count:,} of {denials.decided_count:,} decided",
            sheet.href(group="won"),
        ),
        Card(
            "Rejected before adjudication",
            "Rejections by acknowledgement (999, 277CA)",
            f"{denials.rejected_count:,}",
            "a count, without an interval",
            f"{claims.answered_count - claims.adjudicated_count:,} claims rejected at first",
        ),
    )


def _paretos(sheet: _Sheet, names: Mapping[uuid.UUID, str]) -> tuple[Pareto, ...]:
    board = sheet.board
    kinds = [(kind_words(one), sheet.href(category=one), sums) for one, sums in board.categories.items()]
    reasons = [
        (
            f"{group} {carc}".strip() if carc else "Rejections, without a reason code",
            sheet.href(carc=carc) if carc else sheet.href(source="277CA"),
            sums,
        )
        for (group, carc), sums in board.reasons.items()
    ]
    parts = [
        (_payer(one, names), sheet.href(payer=str(one)) if one else sheet.href(), part.denials)
        for one, part in board.payers.items()
    ]
    return (
        _pareto("kinds", "By kind", "Kind", kinds),
        _pareto("reasons", "By reason of the payer", "Group and CARC", reasons),
        _pareto("payers", "By payer", "Payer", parts),
    )


def _pareto(id: str, heading: str, first: str, parts: Iterable[tuple[str, str, DenialSums]]) -> Pareto:
    ordered = sorted((one for one in parts if one[2].count), key=lambda one: (-one[2].denied_amount, one[0]))
    total = sum((one[2].denied_amount for one in ordered), Decimal(0))
    top = ordered[0][2].denied_amount if ordered else Decimal(0)
    rows, cumulated = [], Decimal(0)
    for label, href, sums in ordered[:MOST_ROWS]:
        cumulated += sums.denied_amount
        rows.append(
            Share(
                label,
                href,
                _bar(sums.denied_amount, top),
                dollars(sums.denied_amount),
                _percent(sums.denied_amount, total),
                _percent(cumulated, total),
                f"{sums.count:,} denial{'' if sums.count == 1 else 's'}",
            )
        )
    left = ordered[MOST_ROWS:]
    rest = ""
    if left:
        amount = sum((one[2].denied_amount for one in left), Decimal(0))
        rest = f"{len(left)} more, {dollars(amount)} together"
    return Pareto(id, heading, first, tuple(rows), rest)


def _trend(sheet: _Sheet, unit: str) -> tuple[TrendRow, ...]:
    top = max((one.denials.denied_amount for one in sheet.board.periods.values()), default=Decimal(0))
    rows = []
    for start, part in reversed(tuple(sheet.board.periods.items())):
        first, last = max(start, sheet.first), min(_end(start, unit), sheet.last)
        rate, detail = sheet.denial_rate(part.claims)
        rows.append(
            TrendRow(
                f"{first:%m/%d/%Y}" if unit == "week" else f"{start:%m/%Y}",
                sheet.href(first, last),
                f"{part.claims.adjudicated_count:,}",
                rate,
                detail,
                f"{part.denials.count:,}",
                dollars(part.denials.denied_amount),
                dollars(part.denials.recovered_amount),
                _bar(part.denials.denied_amount, top),
            )
        )
    return tuple(rows)


def _end(start: date, unit: str) -> date:
    if unit == "week":
        return start + timedelta(days=6)
    return (start + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _payers(sheet: _Sheet, names: Mapping[uuid.UUID, str]) -> tuple[PayerRow, ...]:
    rows = [
        PayerRow(
            _payer(one, names),
            sheet.href(payer=str(one)) if one else sheet.href(),
            *sheet.denial_rate(part.claims),
            *sheet.overturn_rate(part.denials),
            dollars(part.denials.denied_amount),
        )
        for one, part in sheet.board.payers.items()
    ]
    return tuple(sorted(rows, key=lambda row: row.name.casefold()))


def _payer(one: uuid.UUID | None, names: Mapping[uuid.UUID, str]) -> str:
    return names.get(one, "Not in the set-up") if one is not None else "Not in the set-up"


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{_HUNDRED * part / whole:.0f}%" if whole else "0%"


def _bar(part: Decimal, whole: Decimal) -> Markup:
    return Markup(bar(part / whole if whole else Decimal(0)))  # noqa: S704 (made of numbers alone)
