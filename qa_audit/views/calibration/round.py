"""Opening a calibration round, its agreement, and the consensus on each of its charts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coding_ops.accounts.models import User
from coding_ops.core.errors import InvalidInput, Refused
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from qa_audit.access import LEADERS
from qa_audit.actions.calibration import NewRound, add_reader, end_round, open_round, record_consensus
from qa_audit.calibration_access import find_round, open_calibration_chart, require_gold
from qa_audit.calibration_tables import thresholds
from qa_audit.models import CalibrationChart, CalibrationReading, CalibrationRound
from qa_audit.models.calibration import RoundState
from qa_audit.rules.agreement import code_f1
from qa_audit.rules.calibration import chart_f1, code_names, majority, pairs
from qa_audit.rules.key_text import typed_key
from qa_audit.rules.lines import lines_of_revision, shown
from qa_audit.selectors.calibration import (
    ReadChart,
    charts_of,
    readers_for,
    readings_of,
    reviewers_of,
    texts_of,
    titles_of,
)
from qa_audit.views.calibration import words
from qa_audit.views.calibration.dto import (
    ChartPage,
    ChartRow,
    CodeCells,
    Head,
    NewRoundForm,
    PairRow,
    RoundPage,
)
from qa_audit.views.tabs import quality_tabs


@require_http_methods(["GET", "POST"])
@for_client
def new(request: HttpRequest) -> HttpResponse:
    """Charts, readers, and how many read each."""
    actor, client = actor_of(request), client_of(request)
    require_gold(actor)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            made = open_round(actor=actor, client_id=client.id, wanted=_wanted(request))
        except InvalidInput as error:
            errors = {str(error.details.get("path", "")): error.message}
        else:
            messages.success(request, "The round is open. Its readers find the reviews in their queue.")
            return leave(request, f"{words.base_href(client.slug)}rounds/{made.pk}/")
    chosen = request.POST.getlist("readers")
    form = NewRoundForm(
        base=words.base_href(client.slug),
        name=request.POST.get("name", ""),
        visits=request.POST.get("visits", ""),
        each=request.POST.get("each", "2"),
        readers=tuple(
            Choice(str(one.pk), one.full_name, str(one.pk) in chosen) for one in reviewers_of(client.id)
        ),
        most_charts=thresholds().most_charts,
    )
    context = {
        "form": form,
        "errors": errors,
        "tabs": quality_tabs(actor.role, client.slug, "calibration"),
    }
    return render(request, "qa_audit/calibration_new.html", context, status=422 if errors else 200)


def _wanted(request: HttpRequest) -> NewRound:
    each = request.POST.get("each", "").strip()
    return NewRound(
        name=request.POST.get("name", "")[:80],
        visits=tuple(request.POST.get("visits", "").split()),
        readers=tuple(int(one) for one in request.POST.getlist("readers") if one.isdecimal()),
        each=int(each) if each.isdecimal() and len(each) < 4 else 0,
    )


# --- one round -----------------------------------------------------------------------------------------


@require_GET
@for_client
def round_(request: HttpRequest, calibration_id: uuid.UUID) -> HttpResponse:
    """Agreement by two readers, and the charts."""
    actor, client = actor_of(request), client_of(request)
    found = find_round(actor=actor, client_id=client.id, round_id=calibration_id)
    charts = charts_of(found)
    base = words.base_href(client.slug)
    page = RoundPage(
        base=base,
        href=f"{base}rounds/{found.pk}/",
        heading=found.name,
        summary=f"{words.count(len(charts), 'chart')}, opened {moment(found.opened_at, client.timezone)}"
        f" by {found.opened_by.full_name}",
        state=str(found.get_state_display()),
        tone=words.ROUND_TONES[RoundState(found.state)],
        closing=found.closing_words,
        pairs=_pairs(charts),
        charts=tuple(_chart_row(base, found, one) for one in charts),
        may_end=found.state == RoundState.OPEN and actor.role in LEADERS,
        note=f"Mean F1 of a chart’s readers below {words.two(found.least_f1)} asks for one more reader, up to"
        f" {found.most_readers}. Kappa on codes asks of each code that any reader gave whether both gave it;"
        " kappa on verdicts compares what both make of the coder’s lines. Both from the codes as they were"
        " before the coder’s were seen; intervals are 95%.",
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "calibration")}
    return render(request, "qa_audit/calibration_round.html", context)


def _pairs(charts: Sequence[ReadChart]) -> tuple[PairRow, ...]:
    names = {str(one.reader_id): one.reader.full_name for read in charts for one in read.read}
    rows, least = [], thresholds().least_lines
    for found in pairs(readings_of(charts)):
        codes, verdicts = (words.kappa_words(one, least) for one in (found.codes, found.verdicts))
        rows.append(
            PairRow(
                f"{names[found.one]} and {names[found.other]}",
                str(found.charts),
                words.two(found.f1),
                *codes,
                *verdicts,
            )
        )
    return tuple(sorted(rows, key=lambda row: row.pair))


def _chart_row(base: str, found: CalibrationRound, one: ReadChart) -> ChartRow:
    value = chart_f1([code_names(reading.review.blind_codes or []) for reading in one.read])
    is_low = value is not None and value < found.least_f1
    return ChartRow(
        href=f"{base}charts/{one.chart.pk}/",
        visit=one.chart.encounter.external_id,
        read=f"{len(one.read)} of {len(one.read) + len(one.waiting)}",
        f1=words.two(value) + (", low" if is_low else ""),
        tone="bad-t" if is_low else "",
        consensus="Recorded" if one.chart.consensus is not None else "Not yet",
    )


@require_POST
@for_client
def end(request: HttpRequest, calibration_id: uuid.UUID) -> HttpResponse:
    """``do``: close or cancel; ``words``."""
    actor, client = actor_of(request), client_of(request)
    require_gold(actor)
    found = find_round(actor=actor, client_id=client.id, round_id=calibration_id)
    cancelled = request.POST.get("do") == "cancel"
    end_round(actor=actor, round_=found, words=request.POST.get("words", "")[:500], cancelled=cancelled)
    messages.success(request, "The round is cancelled." if cancelled else "The round is closed.")
    return leave(request, f"{words.base_href(client.slug)}rounds/{found.pk}/")


# --- one chart -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@for_client
def chart(request: HttpRequest, calibration_chart_id: uuid.UUID) -> HttpResponse:
    """Each reader's codes side by side; a leader records what was agreed."""
    actor, client = actor_of(request), client_of(request)
    found = open_calibration_chart(actor=actor, client_id=client.id, chart_id=calibration_chart_id)
    errors: dict[str, str] = {}
    problems: Sequence[tuple[int, str]] = ()
    if request.method == "POST":
        require_gold(actor)
        try:
            record_consensus(
                actor=actor,
                chart=found,
                typed=request.POST.get("key", ""),
                words=request.POST.get("words", "")[:500],
            )
        except InvalidInput as error:
            errors, problems = {"key": error.message}, error.details.get("lines", ())
        except Refused as error:
            errors = {"words": error.message}
        else:
            messages.success(request, "The consensus is recorded.")
            return leave(request, f"{words.base_href(client.slug)}rounds/{found.round_id}/")
    context = {
        "page": _chart_page(request, actor, client, found),
        "documents": words.texts_shown(found.encounter),
        "errors": errors,
        "problems": problems,
        "tabs": quality_tabs(actor.role, client.slug, "calibration"),
    }
    return render(request, "qa_audit/calibration_chart.html", context, status=422 if errors else 200)


def _chart_page(
    request: HttpRequest, actor: Actor, client: ReachedClient, found: CalibrationChart
) -> ChartPage:
    base = words.base_href(client.slug)
    one = next(read for read in charts_of(found.round) if read.chart.pk == found.pk)
    is_leader = actor.role in LEADERS
    is_open = is_leader and found.round.state == RoundState.OPEN and found.consensus is None
    free = _free(client.id, found) if is_open else ()
    texts = texts_of(found.encounter)
    proposed = majority([reading.review.blind_codes or [] for reading in one.read])
    sent = request.POST if request.method == "POST" else None
    agreed = code_names(found.consensus) if found.consensus is not None else None
    value = chart_f1([code_names(reading.review.blind_codes or []) for reading in one.read])
    return ChartPage(
        base=base,
        href=f"{base}charts/{found.pk}/",
        round_href=f"{base}rounds/{found.round_id}/",
        round_name=found.round.name,
        visit=found.encounter.external_id,
        chart_href=f"/c/{client.slug}/encounters/{found.encounter_id}/",
        summary=f"Chart {found.number} of the round, {words.count(len(one.read), 'reading')}, mean F1"
        f" {words.two(value)}",
        heads=tuple(_head(client, actor, reading, agreed) for reading in one.read),
        rows=_grid(one),
        waiting=tuple(_head(client, actor, reading, None) for reading in one.waiting),
        consensus=", ".join(shown(line) for line in found.consensus or ()),
        consensus_words=found.consensus_words,
        consensus_by=f"{found.consensus_by.full_name}, {moment(found.consensus_at, client.timezone)}"
        if found.consensus_by and found.consensus_at
        else "",
        typed=sent.get("key", "")
        if sent
        else typed_key([{**line, "evidence": []} for line in proposed], texts),
        words=sent.get("words", "") if sent else "",
        may_agree=is_open and not one.waiting and len(one.read) > 1,
        free_readers=free,
        nobody="Every reviewer of this client knows this chart, so nobody else can be asked."
        if is_open and not free
        else "",
        is_leader=is_leader,
    )


def _head(
    client: ReachedClient, actor: Actor, reading: CalibrationReading, agreed: frozenset[str] | None
) -> Head:
    given = code_names(reading.review.blind_codes or [])
    told = words.two(code_f1({"": given}, {"": agreed})) if agreed is not None else ""
    may_open = actor.role in LEADERS or reading.reader_id == actor.person_id
    return Head(
        name=reading.reader.full_name,
        href=f"/c/{client.slug}/quality/reviews/{reading.review_id}/" if may_open else "",
        f1=told,
        why=reading.why_added,
    )


def _grid(one: ReadChart) -> tuple[CodeCells, ...]:
    """One row a code: the coder's first, in claim order, then what only readers gave."""
    coder = lines_of_revision(one.chart.revision.codes)
    sets = [coder, *(reading.review.blind_codes or [] for reading in one.read)]
    names = [{next(iter(code_names([line]))): line for line in lines} for lines in sets]
    titles = titles_of([reading.review for reading in one.read])
    titles |= {row["code"]: row.get("title", "") for row in one.chart.revision.codes}
    ordered = list(dict.fromkeys(name for found in names for name in found))
    ordered.sort(key=lambda name: name.split(":")[0])
    consensus = code_names(one.chart.consensus or ())
    rows = []
    for name in ordered:
        line = next(found[name] for found in names if name in found)
        cells = [_cell(found.get(name)) for found in names]
        if one.chart.consensus is not None:
            cells.append(("Yes", "ok-t") if name in consensus else (words.DASH, "muted"))
        rows.append(
            CodeCells(
                shown({**line, "modifiers": [], "units": 1}), titles.get(line["code"], ""), tuple(cells)
            )
        )
    return tuple(rows)


def _cell(line: dict[str, object] | None) -> tuple[str, str]:
    if line is None:
        return (words.DASH, "muted")
    is_first = line["kind"] == "dx" and line["position"] == 1
    parts = ["First listed" if is_first else "Yes"]
    if line.get("modifiers"):
        parts.append("-".join(map(str, line["modifiers"])))  # type: ignore[call-overload]
    if int(str(line.get("units", 1))) > 1:
        parts.append(f"×{line['units']}")
    return (" ".join(parts), "")


def _free(client_id: int, found: CalibrationChart) -> tuple[Choice, ...]:
    people = readers_for(client_id, [found.encounter_id])[found.encounter_id]
    return tuple(
        Choice(str(one.pk), one.full_name)
        for one in User.objects.filter(pk__in=people).order_by("full_name", "pk")
    )


@require_POST
@for_client
def readers(request: HttpRequest, calibration_chart_id: uuid.UUID) -> HttpResponse:
    """One more reader, chosen by a leader: ``reader``, ``why``."""
    actor, client = actor_of(request), client_of(request)
    require_gold(actor)
    found = open_calibration_chart(actor=actor, client_id=client.id, chart_id=calibration_chart_id)
    reader = request.POST.get("reader", "")
    add_reader(
        actor=actor,
        chart=found,
        reader_id=int(reader) if reader.isdecimal() and len(reader) < 10 else 0,
        why=request.POST.get("why", "")[:200],
    )
    messages.success(request, "The reader finds the review in their queue.")
    return leave(request, f"{words.base_href(client.slug)}charts/{found.pk}/")
