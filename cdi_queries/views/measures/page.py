"""``/c/<client>/queries/measures/``: how often is asked, how fast and how is it answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cdi_queries.access.audits import require_measure_reader
from cdi_queries.rules.measure_figures import DIMENSIONS, Figures, Slice, figures, slices
from cdi_queries.rules.measures import ASKED, IN_TIME, Window
from cdi_queries.rules.outcome import Outcome
from cdi_queries.selectors.measures import provider_names
from cdi_queries.selectors.templates import kept_templates
from cdi_queries.terms.measures import measure_terms
from cdi_queries.views.measures import words
from cdi_queries.views.measures.dto import Card, Cell, GroupRow, GroupTable, MeasuresPage
from cdi_queries.views.measures.scope import (
    Facts,
    Period,
    month_starts,
    months_back,
    period_of,
    read_facts,
    turned,
)
from cdi_queries.views.tabs import queries_href, query_tabs
from coding_ops.accounts.models import Specialty
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of

NONE = "none"
WINDOWS = {1: "This month", 3: "3 months", 12: "12 months"}
NOTES = (
    (
        "Intervals are 95%: Wilson for shares, exact Poisson for queries per 100 charts, order statistics "
        "for percentiles. Below {minimum_n} a share is not worked out and nothing is said of it. Rows stand "
        "by name: this is no ranking, and no number here is a quota for anybody."
    ),
    (
        "A query counts where it happened: sent in the period for the rate, answered in the period for "
        "hours and agreement, its {answer_hours} hours over in the period for answers in time."
    ),
)


@require_GET
@for_client
def measures(request: HttpRequest) -> HttpResponse:
    """``?months=``."""
    actor, client = actor_of(request), client_of(request)
    require_measure_reader(actor)
    terms, today = measure_terms(), today_of(request)
    text = request.GET.get("months", "")
    count = int(text) if text.isdecimal() and text in map(str, terms.windows) else terms.windows[0]
    facts = read_facts(actor, client, period_of(months_back(today, count), today, client.timezone))
    sheet = Sheet(facts, f"{queries_href(client.slug)}measures/rows/")
    whole = sheet.figures(facts.whole)
    page = MeasuresPage(
        summary=_summary(facts),
        windows=tuple(
            Choice(str(one), WINDOWS[one], one == count, f"?months={one}") for one in sorted(terms.windows)
        ),
        cards=_cards(sheet, whole),
        tables=_tables(sheet, whole.rate.n, client.id, client.timezone),
        meanings=tuple((words.titles(terms)[key], text) for key, text in words.meanings(terms).items()),
        notes=tuple(
            note.format(minimum_n=terms.minimum_n, answer_hours=terms.answer_hours) for note in NOTES
        ),
        empty_words="" if facts.whole.queries or facts.whole.marks else _nothing(facts),
    )
    context = {"page": page, "tabs": query_tabs(actor.role, client.slug, "measures")}
    return render(request, "cdi_queries/measures.html", context)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every part of the page needs; ``base`` is the address of the rows behind a number."""

    facts: Facts
    base: str

    def href(
        self,
        measure: str,
        part: str = "",
        *,
        period: Period | None = None,
        group: Mapping[str, str] | None = None,
    ) -> str:
        """Address of the rows behind one number."""
        of = period or self.facts.period
        query = {
            "measure": measure,
            "part": part,
            "from": of.first.isoformat(),
            "through": of.last.isoformat(),
        }
        return self.base + turned({**query, **(group or {})})

    def figures(self, part: Slice, window: Window | None = None, *, reviewed: int | None = None) -> Figures:
        """The numbers of a part of the queries; ``reviewed``: charts, where they are not the part's own."""
        found = self.facts.find(part, window)
        return figures(found, confidence=self.facts.terms.confidence, reviewed=reviewed)


def _summary(facts: Facts) -> str:
    return f"{facts.period.words}. Every number opens what it counted."


def _nothing(facts: Facts) -> str:
    return (
        f"No query was sent and no chart marked as reviewed in {facts.period.words}. Choose another period, "
        "or mark charts as reviewed beside their note."
    )


def _cards(sheet: Sheet, found: Figures) -> tuple[Card, ...]:
    terms = sheet.facts.terms
    titles, told = words.titles(terms), words.meanings(terms)
    agreed = found.share_of(Outcome.AGREED)
    numbers = (
        (words.RATE, ASKED, words.share(found.rate, terms), words.count(found.rate.n, "charts")),
        (words.PER_HUNDRED, ASKED, words.hundred(found.per_hundred, terms), _sent(found)),
        (words.MEDIAN, "", words.hours(found.median, terms), _answered(found)),
        (words.NINETIETH, "", words.hours(found.ninetieth, terms), _answered(found)),
        (words.IN_TIME_RATE, IN_TIME, words.share(found.in_time, terms), _queries(found.in_time.n)),
        (words.AGREEMENT, Outcome.AGREED.value, words.share(agreed, terms), _queries(agreed.n)),
    )
    cards = [
        Card(titles[key], told[key], text, detail, counted, sheet.href(key, part))
        for key, part, (text, detail), counted in numbers
    ]
    waits = Card(
        titles[words.WAITING],
        told[words.WAITING],
        f"{found.waiting:,}",
        "a count of what waits, without an interval",
        _queries(found.waiting),
        sheet.href(words.WAITING),
    )
    return (*cards, waits)


def _sent(found: Figures) -> str:
    return f"{_queries(found.per_hundred.queries)} on {words.count(found.per_hundred.charts, 'charts')}"


def _answered(found: Figures) -> str:
    return f"{_queries(found.median.n)} answered"


def _queries(n: int) -> str:
    return words.count(n, "queries")


def cells(sheet: Sheet, found: Figures, href: Callable[[str, str], str]) -> tuple[Cell, ...]:
    """The numbers of one row; ``href`` gives the rows behind a measure and its part."""
    terms = sheet.facts.terms
    heads = columns(terms.answer_hours)
    shares = [(words.AGREEMENT, one.value, words.share(share, terms)) for one, share in found.outcomes]
    numbers: list[tuple[str, str, tuple[str, str]]] = [
        (words.RATE, "", (f"{found.rate.n:,}", "")),
        (words.RATE, ASKED, words.share(found.rate, terms)),
        (words.PER_HUNDRED, ASKED, words.hundred(found.per_hundred, terms)),
        (words.MEDIAN, "", words.hours(found.median, terms)),
        (words.NINETIETH, "", words.hours(found.ninetieth, terms)),
        (words.IN_TIME_RATE, IN_TIME, words.share(found.in_time, terms)),
        *shares,
    ]
    return tuple(
        Cell(head, text, detail, href(measure, part) if text != words.DASH else "")
        for head, (measure, part, (text, detail)) in zip(heads, numbers, strict=True)
    )


def columns(answer_hours: int) -> tuple[str, ...]:
    """Headings of the tables, after the first."""
    return (
        "Charts reviewed", "With a query", "Queries per 100", "Median hours", "90th percentile",
        f"In {answer_hours} hours", *words.OUTCOMES.values(),
    )  # fmt: skip


def _tables(sheet: Sheet, reviewed: int, client_id: int, zone: str) -> tuple[GroupTable, ...]:
    whole = sheet.facts.whole
    parts = {name: slices(whole.queries, whole.marks, name) for name in DIMENSIONS}
    names: dict[str, Mapping[str, str]] = {
        "provider": provider_names(client_id, [one for one in parts["provider"] if one]),
        "specialty": dict(Specialty.objects.filter(code__in=parts["specialty"]).values_list("code", "name")),
        "template": {one.template.key: one.template.name for one in kept_templates(client_id)},
    }
    tables = [_months(sheet, zone)]
    tables += [_grouped(sheet, name, parts[name], names[name], reviewed) for name in DIMENSIONS]
    return tuple(table for table in tables if table.rows)


def _grouped(
    sheet: Sheet, dimension: str, parts: Mapping[str, Slice], names: Mapping[str, str], reviewed: int
) -> GroupTable:
    rows = []
    for value, part in parts.items():
        found = sheet.figures(part, reviewed=reviewed if dimension == "template" else None)
        name = names.get(value, value) or words.NONE[dimension]

        def href(measure: str, part: str, value: str = value) -> str:
            return sheet.href(measure, part, group={dimension: value or NONE})

        rows.append(GroupRow(name, cells(sheet, found, href)))
    rows.sort(key=lambda row: row.name.casefold())
    note = {
        "provider": "Whom the queries were asked of; charts without a query by their rendering provider",
        "specialty": "The specialty of the visit",
        "template": "The share of all charts reviewed that were asked about with it",
    }[dimension]
    return GroupTable(
        dimension, f"By {dimension}", note, dimension.capitalize(), columns(sheet.facts.terms.answer_hours),
        tuple(rows),
    )  # fmt: skip


def _months(sheet: Sheet, zone: str) -> GroupTable:
    period = sheet.facts.period
    starts = month_starts(period.first, period.last)
    rows = []
    for at, first in enumerate(starts):
        last = starts[at + 1] - timedelta(days=1) if at + 1 < len(starts) else period.last
        month = period_of(first, last, zone)
        found = sheet.figures(sheet.facts.whole, month.window)

        def href(measure: str, part: str, month: Period = month) -> str:
            return sheet.href(measure, part, period=month)

        rows.append(GroupRow(_month(first), cells(sheet, found, href)))
    rows.reverse()
    note = "Newest first; the last month is not over" if rows else ""
    return GroupTable(
        "month", "By month", note, "Month", columns(sheet.facts.terms.answer_hours), tuple(rows)
    )


def _month(first: date) -> str:
    return f"{first:%m/%Y}"
