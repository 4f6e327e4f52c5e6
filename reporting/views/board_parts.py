"""The board of snapshots turned into cards, charts, breakdowns and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlencode

from markupsafe import Markup

from claims.rules.measures import CLEAN
from coding_ops.core.charts import Chart
from reporting.models import Span
from reporting.rules import (
    backlog,
    charts,
    denials,
    dnfb,
    dnfc,
    first_pass,
    productivity,
    queries,
    turnaround,
)
from reporting.rules.facts import NO_KEYS, Keys
from reporting.rules.kpi import ZERO, Kpi, KpiValue, TargetBand, Unit
from reporting.rules.verdict import Verdict, judge
from reporting.selectors.board import Board
from reporting.views import words
from reporting.views.dto import (
    Breakdown,
    Cell,
    Figure,
    FigureRow,
    GroupRow,
    KpiCard,
    Meaning,
    Share,
)

TONES = {Verdict.MET: "ok-t", Verdict.MISSED: "bad-t"}
_CLEAN = denials.INITIAL.definition.bucket_label(CLEAN)
SLA_AXIS = (Decimal(50), Decimal(100))


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every part of a page needs.

    Attributes:
        rows_href: address of the rows behind a number of these clients.
        targets: the contract's bands by KPI name; the definition's own holds where there is none.
    """

    board: Board
    span: Span
    zone: str
    rows_href: str
    targets: Mapping[str, TargetBand]

    def href(self, kpi: Kpi, *, keys: Keys = NO_KEYS, bucket: str = "", week: date | None = None) -> str:
        """Address of the rows behind one number."""
        query = {"kpi": kpi.definition.name, "span": Span.WEEK.value if week else self.span.value}
        if week is not None:
            query["through"] = week.isoformat()
        elif self.board.window_end is not None:
            query["through"] = words.last_day(self.board.window_end, self.zone).isoformat()
        query |= {
            "facility": keys.facility,
            "specialty": keys.specialty,
            "coder": keys.coder,
            "bucket": bucket,
        }
        return f"{self.rows_href}?{urlencode({name: value for name, value in query.items() if value})}"

    def week_day(self, week: datetime) -> date:
        """The day a week's census was taken: its last, or the day of the numbers while it is not over."""
        taken = week if self.board.as_of is None else min(week, self.board.as_of)
        return words.last_day(taken, self.zone)

    def target(self, kpi: Kpi) -> TargetBand | None:
        """The band the KPI is held to."""
        return self.targets.get(kpi.definition.name, kpi.definition.target)

    def verdict(self, kpi: Kpi, value: KpiValue | None) -> Verdict:
        """What can be said of a value."""
        if value is None:
            return Verdict.TOO_FEW
        return judge(value, self.target(kpi), minimum_n=kpi.definition.minimum_n)


def cards(sheet: Sheet, kpis: Sequence[Kpi]) -> tuple[KpiCard, ...]:
    """A card for each KPI that has a number for these clients together."""
    found = ((kpi, sheet.board.value(kpi)) for kpi in kpis)
    return tuple(_card(sheet, kpi, value) for kpi, value in found if value is not None)


def _card(sheet: Sheet, kpi: Kpi, value: KpiValue) -> KpiCard:
    definition, verdict = kpi.definition, sheet.verdict(kpi, value)
    delta = _delta(kpi, value, sheet.board.value_before(kpi))
    better = definition.higher_is_better
    return KpiCard(
        name=definition.title,
        href=sheet.href(kpi),
        meaning=f"{definition.question} {definition.numerator}. Out of: {definition.denominator}.",
        value=words.number(value.value, definition.unit),
        unit="" if value.value is None else words.unit_beside(definition.unit),
        n=words.count(value.n, definition.noun),
        interval=words.interval(value, definition.unit),
        why=value.why_empty,
        delta="" if delta is None else f"{delta:+,.1f}".replace("-", "−"),
        rising=delta is not None and delta > 0,
        better=None if delta is None or better is None else (delta > 0) == better,
        svg=_spark(sheet, kpi, value, verdict),
        verdict=verdict.value,
        target=words.target(sheet.target(kpi), definition.unit),
    )


def _delta(kpi: Kpi, value: KpiValue, before: KpiValue | None) -> Decimal | None:
    """The change since the window before; none below the minimum n on either side, or when it rounds away."""
    if before is None or value.value is None or before.value is None:
        return None
    if min(value.n, before.n) < kpi.definition.minimum_n:
        return None
    change = round(value.value - before.value, 1)
    return change or None


def _spark(sheet: Sheet, kpi: Kpi, value: KpiValue, verdict: Verdict) -> Markup:
    unit = kpi.definition.unit
    points = []
    for week in sheet.board.weeks:
        found = sheet.board.value_in_week(kpi, week)
        day = sheet.week_day(week)
        points.append(charts.Point(f"{day:%m/%d}", found.value if found else None, found.n if found else 0))
    short = words.SHORT[unit]
    return _markup(
        charts.sparkline(
            points,
            id=f"spark-{kpi.definition.name.replace('.', '-')}",
            title=f"{kpi.definition.title} by week; now {words.amount(value.value, unit)}",
            unit=short if short in ("%", "/h", "") else f" {short}",
            band=sheet.target(kpi),
            verdict=verdict,
        )
    )


def waiting_days(sheet: Sheet) -> Figure | None:
    """Days not final coded at each week's end, by the party that held the accounts up."""
    return _by_party(sheet, dnfc.DAYS, "dnfc", "Days not final coded, by who holds the account", " days")


def _by_party(sheet: Sheet, kpi: Kpi, id: str, heading: str, unit: str) -> Figure | None:
    """A census by party at each week's end; accounts are counted, of days their sum is shown."""
    board, of_days = sheet.board, kpi.definition.unit is Unit.DAYS
    weeks = [(week, board.value_in_week(kpi, week)) for week in board.weeks]
    if not weeks:
        return None
    days = [sheet.week_day(week) for week, _value in weeks]
    layers = [
        charts.Series(
            bucket.code,
            bucket.label,
            tuple(_part(value, bucket.code, of_days=of_days) for _week, value in weeks),
        )
        for bucket in kpi.definition.buckets
    ]
    chart = charts.stacked_columns(
        [f"{day:%m/%d}" for day in days], layers, id=f"chart-{id}", title=heading, unit=unit
    )
    rows = []
    for position, (week, _value) in enumerate(weeks):
        through = words.last_day(week, sheet.zone)
        cells = [
            (f"{layer.values[position]:,.0f}", sheet.href(kpi, bucket=layer.code, week=through))
            for layer in layers
        ]
        whole = sum((layer.values[position] for layer in layers), ZERO)
        all_of_it = (f"{whole:,.0f}", sheet.href(kpi, week=through))
        rows.append(FigureRow(f"{days[position]:%m/%d/%Y}", (*cells, all_of_it)))
    return Figure(
        id=id,
        heading=heading,
        note="at each week's end",
        svg=_markup(chart),
        columns=chart.head,
        rows=tuple(rows),
        legend=tuple((layer.code, layer.label) for layer in layers),
    )


def waiting_parties(sheet: Sheet) -> Breakdown | None:
    """The accounts that wait now, by the party that holds them."""
    return _breakdown(sheet, dnfc.ACCOUNTS, "parties", "Who the accounts wait for", "Party")


def backlog_ages(sheet: Sheet) -> Breakdown | None:
    """The backlog now, by age."""
    return _breakdown(sheet, backlog.OPEN, "ages", "Charts of each age", "Age")


def backlog_histogram(sheet: Sheet) -> Figure | None:
    """The same as a chart."""
    return _ages(sheet, backlog.OPEN, "backlog", "Backlog by age", "charts that could be coded now")


def _ages(sheet: Sheet, kpi: Kpi, id: str, heading: str, note: str, *, fewest: int = 1) -> Figure | None:
    """A census by age as a histogram, each bar with its rows; none below ``fewest``."""
    value = sheet.board.value(kpi)
    if value is None or value.n < fewest:
        return None
    definition = kpi.definition
    bars = [(definition.bucket_label(part.bucket), part.n) for part in value.parts]
    chart = charts.histogram(bars, id=f"chart-{id}", title=heading, noun=definition.noun)
    rows = tuple(
        FigureRow(
            definition.bucket_label(part.bucket), ((f"{part.n:,}", sheet.href(kpi, bucket=part.bucket)),)
        )
        for part in value.parts
    )
    return Figure(id, heading, note, _markup(chart), chart.head, rows)


def queries_waiting(sheet: Sheet) -> Figure | None:
    """The queries that wait for their answer, by age."""
    note = "queries that wait for their answer"
    return _ages(sheet, queries.WAITING, "queries", "Queries waiting, by age", note, fewest=0)


def query_answers(sheet: Sheet) -> Breakdown | None:
    """What providers answered: "other" and "unable to determine" apart from agreement."""
    note = "that offered answers to choose from"
    return _breakdown(sheet, queries.AGREEMENT, "answers", "What providers answered", "Answer", note)


def unbilled_accounts(sheet: Sheet) -> Figure | None:
    """Accounts that should have been billed at each week's end, by the party that held them up then."""
    if sheet.board.value(dnfb.ACCOUNTS) is None:
        return None
    return _by_party(sheet, dnfb.ACCOUNTS, "dnfb", "Accounts not billed, by who holds them", "")


def denied_kinds(sheet: Sheet) -> Breakdown | None:
    """Claims by what the payer's first decision denied, the most frequent kind first."""
    note = "decided; a claim denied for two kinds is in both"
    found = _breakdown(sheet, denials.INITIAL, "denied", "What was denied at first", "Kind", note)
    if found is None:
        return None
    denied = [row for row in found.rows if row.count != "0" and row.label != _CLEAN]
    return replace(found, rows=tuple(sorted(denied, key=_count, reverse=True))) if denied else None


def _count(row: Share) -> int:
    return int(row.count.replace(",", ""))


def waiting_pairs(sheet: Sheet) -> tuple[tuple[Figure, ...], tuple[Breakdown, ...]]:
    """What waits, as pairs: days by party over time beside the parties now, the backlog beside its ages, and
    where queries were answered those that wait beside the answers, unbilled accounts beside what was denied.
    """
    figures = [waiting_days(sheet), backlog_histogram(sheet)]
    breakdowns = [waiting_parties(sheet), backlog_ages(sheet)]
    asked, answers = queries_waiting(sheet), query_answers(sheet)
    if asked is not None and answers is not None:
        figures.append(asked)
        breakdowns.append(answers)
    figures.append(unbilled_accounts(sheet))
    breakdowns.append(denied_kinds(sheet))
    return (
        tuple(figure for figure in figures if figure is not None),
        tuple(breakdown for breakdown in breakdowns if breakdown is not None),
    )


def _breakdown(
    sheet: Sheet, kpi: Kpi, id: str, heading: str, first: str, note: str = "at the census"
) -> Breakdown | None:
    value = sheet.board.value(kpi)
    if value is None or value.n == 0:
        return None
    top = max(part.n for part in value.parts) or 1
    rows = tuple(
        Share(
            label=kpi.definition.bucket_label(part.bucket),
            href=sheet.href(kpi, bucket=part.bucket),
            bar=Markup(charts.bar(Decimal(part.n) / top)),  # noqa: S704 (made of numbers alone)
            count=f"{part.n:,}",
            share=f"{100 * part.n / value.n:.0f}%",
        )
        for part in value.parts
    )
    counted = f"{words.count(value.n, kpi.definition.noun)} {note}"
    return Breakdown(id, heading, counted, first, kpi.definition.noun.capitalize(), rows)


def group_columns() -> tuple[str, ...]:
    """Headings of a table of groups, after its first."""
    return (
        "Finalized",
        "Within agreed hours",
        "Median",
        "90th percentile",
        "Not final coded",
        "Mean wait",
        "Backlog",
        "Past due",
        "Charts per hour",
        "Query rate",
        "Answered in 72 hours",
        "First pass, coding",
        "Not final billed",
    )


def group_row(sheet: Sheet, id: str, name: str, drill_href: str, keys: Keys = NO_KEYS) -> GroupRow:
    """One line of that table; every number opens its rows."""
    heads = group_columns()
    volume = sheet.board.value(turnaround.P50, keys)
    cells = [
        Cell(heads[0], "0" if volume is None else f"{volume.n:,}", sheet.href(turnaround.P50, keys=keys))
    ]
    cells.append(_sla_cell(sheet, id, heads[1], keys))
    rest = (turnaround.P50, turnaround.P90, dnfc.ACCOUNTS, dnfc.DAYS, backlog.OPEN, backlog.PAST_DUE)
    asked = (queries.RATE, queries.ANSWERED_IN_TIME)
    billed = (first_pass.CODING_PASS, dnfb.DOLLARS)
    for label, kpi in zip(heads[2:], (*rest, productivity.CHARTS_PER_HOUR, *asked, *billed), strict=True):
        cells.append(_cell(sheet, label, kpi, keys))
    return GroupRow(id, name, drill_href, tuple(cells))


def _cell(sheet: Sheet, label: str, kpi: Kpi, keys: Keys) -> Cell:
    value = sheet.board.value(kpi, keys)
    if value is None:
        return Cell(label, "0" if kpi.definition.unit is Unit.COUNT else words.DASH)
    tone = TONES.get(sheet.verdict(kpi, value), "")
    tone = tone if tone == "bad-t" else ""
    return Cell(label, words.amount(value.value, kpi.definition.unit), sheet.href(kpi, keys=keys), tone)


def _sla_cell(sheet: Sheet, id: str, label: str, keys: Keys) -> Cell:
    """The share within the agreed hours with its interval drawn; "3 of 4" below the minimum n."""
    kpi = turnaround.IN_SLA
    value = sheet.board.value(kpi, keys)
    if value is None or value.value is None:
        return Cell(label, words.DASH)
    href, verdict = sheet.href(kpi, keys=keys), sheet.verdict(kpi, value)
    if value.n < kpi.definition.minimum_n:
        return Cell(label, f"{value.numerator:,.0f} of {value.n:,}", href)
    chart = charts.dot_whisker(
        value.value,
        value.low,
        value.high,
        id=f"dw-{id}",
        title=f"Within agreed hours: {words.amount(value.value, Unit.PERCENT)}",
        unit="%",
        axis=SLA_AXIS,
        target=sheet.target(kpi),
        verdict=verdict,
    )
    return Cell(label, words.amount(value.value, Unit.PERCENT), href, TONES.get(verdict, ""), _markup(chart))


def meanings(kpis: Sequence[Kpi]) -> tuple[Meaning, ...]:
    """The definitions, for the foot of the page."""
    return tuple(meaning_of(kpi) for kpi in kpis)


def meaning_of(kpi: Kpi) -> Meaning:
    """One definition in words."""
    definition = kpi.definition
    return Meaning(definition.name.replace(".", "-"), definition.title, words.meaning(definition))


def _part(value: KpiValue | None, bucket: str, *, of_days: bool) -> Decimal:
    parts = value.parts if value else ()
    found = next((part for part in parts if part.bucket == bucket), None)
    if found is None:
        return ZERO
    return found.amount if of_days else Decimal(found.n)


def _markup(chart: Chart) -> Markup:
    return Markup(chart.svg)  # noqa: S704 (every text in it is escaped where it is made)
