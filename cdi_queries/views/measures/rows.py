"""``…/measures/rows/``: the queries or charts behind one number, found by the rule that counted them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cdi_queries.access.audits import require_measure_reader
from cdi_queries.models import CdiQuery, QueryOutcome, QueryStatus
from cdi_queries.rules.measure_figures import DIMENSIONS, Found, figures, sliced
from cdi_queries.rules.measures import Picked
from cdi_queries.rules.outcome import Outcome
from cdi_queries.selectors.templates import kept_templates
from cdi_queries.terms.measures import MeasureTerms, measure_terms
from cdi_queries.views.measures import words
from cdi_queries.views.measures.dto import CountedRow, RowsPage
from cdi_queries.views.measures.page import NONE
from cdi_queries.views.measures.scope import Period, day_of, period_of, read_facts, turned
from cdi_queries.views.tabs import queries_href, query_tabs
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.middleware import actor_of
from encounters.models import Encounter

PAGE_ROWS = 50
LONGEST_DAYS = 400
CHARTS = (words.RATE, words.PER_HUNDRED)
KEPT = ("measure", "part", "left_out", "from", "through", *DIMENSIONS)


@dataclass(frozen=True, slots=True)
class Asked:
    """One number of one period and group; ``left_out`` asks for what it does not count, by the reason."""

    measure: str
    part: str
    left_out: str
    period: Period
    groups: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One row before its details are read: what it is, when, in which part, how much."""

    id: uuid.UUID
    at: Any
    part: str
    amount: str


@require_GET
@for_client
def rows(request: HttpRequest) -> HttpResponse:
    """``measure``, ``part`` or ``left_out``, ``from``, ``through``, and a provider, specialty or template."""
    actor, client = actor_of(request), client_of(request)
    require_measure_reader(actor)
    terms = measure_terms()
    asked = _asked(request.GET, client, terms)
    facts = read_facts(actor, client, asked.period)
    part = facts.whole
    for dimension, value in asked.groups.items():
        part = sliced(part.queries, part.marks, dimension, "" if value == NONE else value)
    found = facts.find(part)
    lines, reasons = _lines(found, asked)
    text = request.GET.get("page", "1")
    number = int(text) if text.isdecimal() and 0 < int(text[:6]) < 100_000 else 1
    shown = lines[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
    kept = {name: request.GET.get(name, "") for name in KEPT}
    more = len(lines) > number * PAGE_ROWS
    labels = words.parts(asked.measure, terms)
    page = RowsPage(
        heading=_heading(asked, labels, terms),
        summary=f"{asked.period.words}{_group_words(asked)}",
        counted=_counted(found, asked, len(lines), terms),
        meaning=words.meanings(terms)[asked.measure],
        parts=_parts(kept, asked, labels, reasons),
        at=_at(asked),
        amount="" if asked.left_out or asked.measure == words.AGREEMENT else _amount(asked),
        are_charts=asked.measure in CHARTS,
        rows=_rows(client, shown, labels, are_charts=asked.measure in CHARTS),
        back_href=f"{queries_href(client.slug)}measures/",
        previous_page_href=turned({**kept, "page": str(number - 1)}) if number > 1 else "",
        next_page_href=turned({**kept, "page": str(number + 1)}) if more else "",
    )
    context = {"page": page, "tabs": query_tabs(actor.role, client.slug, "measures")}
    return render(request, "cdi_queries/measure_rows.html", context)


def _asked(query: Mapping[str, str], client: ReachedClient, terms: MeasureTerms) -> Asked:
    """What the address asks for.

    Raises:
        NotFound: no such measure, part or day, or more days than the page ever links to.
    """
    measure, part = query.get("measure", ""), query.get("part", "")
    if measure not in words.titles(terms) or (part and part not in words.parts(measure, terms)):
        raise NotFound
    first, last = day_of(query.get("from", "")), day_of(query.get("through", ""))
    if not 0 <= (last - first).days <= LONGEST_DAYS:
        raise NotFound
    groups = {name: query.get(name, "") for name in DIMENSIONS}
    return Asked(
        measure,
        part,
        query.get("left_out", ""),
        period_of(first, last, client.timezone),
        {name: value for name, value in groups.items() if value},
    )


def _lines(found: Found, asked: Asked) -> tuple[list[Line], tuple[str, ...]]:
    """The rows, newest first, and why queries were left out of this measure."""
    if asked.measure in CHARTS:
        lines = [
            Line(chart.encounter_id, chart.at, chart.part, f"{len(chart.query_ids)}")
            for chart in found.charts
        ]
        return _of_part(lines, asked.part), ()
    picked = _picked(found, asked.measure)
    reasons = tuple(sorted({one.reason for one in picked.left_out}))
    if asked.left_out:
        return [
            Line(one.query.id, one.query.sent_at, "", "")
            for one in reversed(picked.left_out)
            if one.reason == asked.left_out
        ], reasons
    lines = [Line(one.query.id, one.at, one.part, f"{one.amount:,.1f}") for one in picked.counted]
    return _of_part(lines, asked.part), reasons


def _of_part(lines: Sequence[Line], part: str) -> list[Line]:
    return [line for line in reversed(lines) if not part or line.part == part]


def _picked(found: Found, measure: str) -> Picked:
    return {
        words.MEDIAN: found.responses,
        words.NINETIETH: found.responses,
        words.IN_TIME_RATE: found.in_time,
        words.AGREEMENT: found.agreement,
        words.WAITING: found.waiting,
    }[measure]


def _heading(asked: Asked, labels: Mapping[str, str], terms: MeasureTerms) -> str:
    title = words.titles(terms)[asked.measure]
    if asked.left_out:
        return f"{title}: left out, {asked.left_out}"
    return f"{title}: {labels[asked.part].lower()}" if asked.part else title


def _group_words(asked: Asked) -> str:
    names = ", ".join(f"one {name}" for name in asked.groups)
    return f", {names} only" if names else ""


def _counted(found: Found, asked: Asked, rows_count: int, terms: MeasureTerms) -> str:
    """``18.4% (15.1 to 22.2%, of 412), 76 charts here``."""
    numbers = figures(found, confidence=terms.confidence)
    shown = {
        words.RATE: words.share(numbers.rate, terms),
        words.PER_HUNDRED: words.hundred(numbers.per_hundred, terms),
        words.MEDIAN: words.hours(numbers.median, terms),
        words.NINETIETH: words.hours(numbers.ninetieth, terms),
        words.IN_TIME_RATE: words.share(numbers.in_time, terms),
        words.AGREEMENT: words.share(numbers.share_of(_outcome(asked)), terms),
        words.WAITING: ("", ""),
    }[asked.measure]
    listed = words.count(rows_count, "charts" if asked.measure in CHARTS else "queries")
    if not shown[0] or asked.left_out:
        return listed
    number = f"{shown[0]} ({shown[1]})" if shown[1] else shown[0]
    return f"{number}. Listed here: {listed}"


def _outcome(asked: Asked) -> Outcome:
    """The outcome whose share is shown: the part asked for, agreement where none is."""
    return Outcome(asked.part) if asked.measure == words.AGREEMENT and asked.part else Outcome.AGREED


def _parts(
    kept: Mapping[str, str], asked: Asked, labels: Mapping[str, str], reasons: Sequence[str]
) -> tuple[Choice, ...]:
    every = {**kept, "part": "", "left_out": ""}
    links = [Choice("", "All", not asked.part and not asked.left_out, turned(every))]
    if len(labels) > 1:
        links += [
            Choice(code, label, code == asked.part, turned({**every, "part": code}))
            for code, label in labels.items()
        ]
    links += [
        Choice(reason, f"Left out: {reason}", reason == asked.left_out, turned({**every, "left_out": reason}))
        for reason in reasons
    ]
    return tuple(links)


def _at(asked: Asked) -> str:
    if asked.left_out:
        return "Sent"
    return {
        words.RATE: "Reviewed",
        words.PER_HUNDRED: "Reviewed",
        words.IN_TIME_RATE: "Due",
        words.WAITING: "Asked",
    }.get(asked.measure, "Answered")


def _amount(asked: Asked) -> str:
    return "Queries" if asked.measure in CHARTS else "Hours"


# --- rows ------------------------------------------------------------------------------------------------

TONES = {
    QueryStatus.SENT.value: "query",
    QueryStatus.ANSWERED.value: "ok",
    QueryStatus.CLOSED.value: "ok",
    QueryStatus.EXPIRED.value: "warn",
}


def _rows(
    client: ReachedClient, lines: Sequence[Line], labels: Mapping[str, str], *, are_charts: bool
) -> tuple[CountedRow, ...]:
    """The rows of one page, by one query; no sealed column is read."""
    ids = [line.id for line in lines]
    if are_charts:
        charts = Encounter.objects.filter(client_id=client.id, pk__in=ids).values_list(
            "pk", "external_id", "rendering_provider__name", "specialty__name"
        )
        named = {key: rest for key, *rest in charts}
        return tuple(_chart_row(client, line, named[line.id], labels) for line in lines if line.id in named)
    queries = CdiQuery.objects.filter(client_id=client.id, pk__in=ids).values_list(
        "pk",
        "encounter__external_id",
        "provider__name",
        "specialty__name",
        "template_key",
        "state",
        "outcome",
    )
    found = {key: rest for key, *rest in queries}
    templates = {one.template.key: one.template.name for one in kept_templates(client.id)}
    return tuple(
        _query_row(client, line, found[line.id], labels, templates) for line in lines if line.id in found
    )


def _chart_row(
    client: ReachedClient, line: Line, facts: Sequence[Any], labels: Mapping[str, str]
) -> CountedRow:
    visit, provider, specialty = facts
    return CountedRow(
        href=f"/c/{client.slug}/encounters/{line.id}/",
        visit=visit,
        at=moment(line.at, client.timezone),
        part=labels[line.part],
        amount=line.amount,
        provider=provider or words.NONE["provider"],
        specialty=specialty or "",
        template="",
        state="",
        tone="",
    )


def _query_row(
    client: ReachedClient,
    line: Line,
    facts: Sequence[Any],
    labels: Mapping[str, str],
    templates: Mapping[str, str],
) -> CountedRow:
    visit, provider, specialty, template, state, outcome = facts
    standing = f"{QueryStatus(state).label}"
    if outcome:
        standing = f"{standing}: {QueryOutcome(outcome).label.lower()}"
    return CountedRow(
        href=f"{queries_href(client.slug)}{line.id}/",
        visit=visit,
        at=moment(line.at, client.timezone),
        part=labels.get(line.part, ""),
        amount=line.amount,
        provider=provider or "",
        specialty=specialty or "",
        template=templates.get(template, template) or words.NONE["template"],
        state=standing,
        tone=TONES.get(state, "line"),
    )
