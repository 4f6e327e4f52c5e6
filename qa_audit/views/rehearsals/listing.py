"""``/c/<client>/quality/rehearsals/``: rehearsed audits, exposure by contract, clocks; and a new design."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from code_sets.hcc_tables import model_years
from coding_ops.core.errors import InvalidInput, Refused
from coding_ops.core.overpayment import ClockState
from coding_ops.tenancy.models import Client
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from edit_rules.views.listing import page_number
from qa_audit.access import PLANNERS
from qa_audit.actions.rehearsals import Design, draw_rehearsal, plan_of, stratified
from qa_audit.models import OverpaymentClock, Rehearsal, RehearsalDeadline
from qa_audit.rehearsal_access import require_rehearsal_planner, require_rehearsal_reader
from qa_audit.rules.rehearsal import STRATUM_NAMES, RehearsalKind, recommended
from qa_audit.rules.sampling import draw
from qa_audit.selectors.rehearsal_frame import payers, population_of
from qa_audit.selectors.rehearsal_result import Result, results_of
from qa_audit.selectors.rehearsal_tables import audit_type
from qa_audit.selectors.rehearsals import (
    CLOCKS_SHOWN,
    PAGE_ROWS,
    Progress,
    ended_clocks,
    newest_by_contract,
    next_deadlines,
    open_clocks,
    owed_by_contract,
    progress_of,
    rehearsals_of,
)
from qa_audit.views.rehearsals import words
from qa_audit.views.rehearsals.dto import (
    ClockRow,
    DesignForm,
    ExposureRow,
    Preview,
    RehearsalRow,
    RehearsalsPage,
)
from qa_audit.views.rehearsals.forms import error_of, read_design
from qa_audit.views.tabs import quality_tabs

STATES = (("", "All"), ("open", "Open"), ("closed", "Closed"))
DRAW = "draw"
ENDED_SHOWN = 5
PREVIEW_SEED = 0
"""A preview shows sizes only, which no seed changes; the units themselves are drawn when it is saved."""
MOST_UNKNOWN = {
    "kind": RehearsalKind.RADV.value,
    "strata": "3",
    "count": "",
    "precision": "",
    "expected": "5",
    "model": "CMS-HCC V28",
}


@require_GET
@for_client
def rehearsals(request: HttpRequest) -> HttpResponse:
    """``state``, ``page``."""
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    require_rehearsal_reader(actor)
    state = request.GET.get("state", "")
    state = state if state in dict(STATES) else ""
    number = page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    found = list(rehearsals_of(client.id, state)[start : start + PAGE_ROWS + 1])
    shown, more = found[:PAGE_ROWS], len(found) > PAGE_ROWS
    progress, due = progress_of(client.id, shown), next_deadlines(client.id, shown)
    kept = f"state={state}&" if state else ""
    page = RehearsalsPage(
        rows=tuple(
            _row(client.slug, one, progress.get(one.pk, Progress()), due.get(one.pk), today) for one in shown
        ),
        exposure=_exposure(client.slug, client.id),
        clocks=tuple(
            clock_row(client.slug, one, today)
            for one in [*open_clocks(client.id)[:CLOCKS_SHOWN], *ended_clocks(client.id)[:ENDED_SHOWN]]
        ),
        states=tuple(
            Choice(value, label, value == state, f"?state={value}" if value else "?")
            for value, label in STATES
        ),
        new_href=reverse("qa_audit:new_rehearsal", args=[client.slug]),
        clock_href=reverse("qa_audit:new_clock", args=[client.slug]),
        may_plan=actor.role in PLANNERS,
        summary=words.counted(len(shown), "rehearsal") if shown else "",
        next_page_href=f"?{kept}page={number + 1}" if more else "",
        previous_page_href=f"?{kept}page={number - 1}" if number > 1 else "",
    )
    return _render(request, "qa_audit/rehearsals.html", {"page": page})


@require_http_methods(["GET", "POST"])
@for_client
def new(request: HttpRequest) -> HttpResponse:
    """A design: shown as often as wanted what it would draw, then drawn."""
    actor, client = actor_of(request), client_of(request)
    require_rehearsal_planner(actor)
    if request.method == "GET":
        kind = RehearsalKind.PAYER if request.GET.get("kind") == "payer" else RehearsalKind.RADV
        last_year = today_of(request).year - 1
        days = {"first_on": f"01/01/{last_year}", "last_on": f"12/31/{last_year}"}
        return _form(request, MOST_UNKNOWN | days | {"kind": kind.value}, None, {})
    values = {name: str(value) for name, value in request.POST.items()}
    design, errors = read_design(values)
    if design is None:
        return _form(request, values, None, errors)
    try:
        if values.get("do") != DRAW:
            return _form(request, values, _preview(client.id, design), {})
        made = draw_rehearsal(actor=actor, client=Client.objects.get(pk=client.id), design=design)
    except (InvalidInput, Refused) as error:
        return _form(request, values, None, error_of(error, "first_on"))
    messages.success(
        request, f"Drawn: {words.counted(made.sample_count, words.NOUNS[RehearsalKind(made.kind)])}."
    )
    return leave(request, reverse("qa_audit:rehearsal", args=[client.slug, made.pk]))


def _preview(client_id: int, design: Design) -> Preview:
    units = population_of(client_id, design.population)
    if not units:
        raise Refused("No final chart of this period fits the design.", code="rehearsal.empty_frame")
    size = design.size(len(units))
    drawn = draw(stratified(units, design.strata), plan_of(size), PREVIEW_SEED)
    size = sum(len(one.drawn) for one in drawn.strata)
    kind = design.population.kind
    known, noun = audit_type(kind), words.NOUNS[kind]
    return Preview(
        frame=f"{len(units):,}",
        sample=words.counted(size, noun),
        note=recommended(size, known.least, known.most),
        strata=tuple((one.name, f"{one.population:,}", f"{len(one.drawn):,}") for one in drawn.strata),
    )


def _form(
    request: HttpRequest, values: Mapping[str, str], preview: Preview | None, errors: Mapping[str, str]
) -> HttpResponse:
    client = client_of(request)
    kind = RehearsalKind.PAYER if values.get("kind") == RehearsalKind.PAYER else RehearsalKind.RADV
    known = audit_type(kind)
    models = sorted({one.model for one in model_years() if one.model.startswith("CMS-HCC V")}, reverse=True)
    form = DesignForm(
        values=values,
        kinds=tuple(
            Choice(one.value, audit_type(one).label, one is kind, f"?kind={one.value}")
            for one in RehearsalKind
        ),
        models=tuple(Choice(one, one, one == values.get("model")) for one in models),
        payers=tuple(Choice(one, one, one == values.get("payer")) for one in payers(client.id)),
        strata=tuple(
            Choice(
                str(parts),
                "One stratum" if parts == 1 else f"{parts} of equal size",
                str(parts) == values.get("strata"),
            )
            for parts in STRATUM_NAMES
        ),
        is_radv=kind is RehearsalKind.RADV,
        size_note=f"{known.size_source} ({words.status(known.size_status)}).",
        list_href=reverse("qa_audit:rehearsals", args=[client.slug]),
        preview=preview,
        errors=errors,
    )
    return _render(
        request, "qa_audit/rehearsal_new.html", {"form": form, "errors": errors}, 422 if errors else 200
    )


def _row(
    slug: str, one: Rehearsal, progress: Progress, due: RehearsalDeadline | None, today: date
) -> RehearsalRow:
    left, tone = (
        words.left((due.due_on - today).days) if due is not None and one.closed_at is None else ("", "")
    )
    return RehearsalRow(
        href=reverse("qa_audit:rehearsal", args=[slug, one.pk]),
        name=one.name,
        kind="RADV" if one.kind == RehearsalKind.RADV else "Payer",
        contract=one.contract_name,
        period=f"{words.day(one.first_on)} to {words.day(one.last_on)}",
        progress=f"{progress.items - progress.open_items:,} of {progress.items:,}",
        state="Closed" if one.closed_at else "Open",
        tone="" if one.closed_at else "warn",
        next_due=f"{due.label}: {left}" if due is not None and left else "",
        due_tone=tone,
    )


def _exposure(slug: str, client_id: int) -> tuple[ExposureRow, ...]:
    """By contract: what its newest rehearsal found and would be asked for, beside what is still owed."""
    newest, owed = newest_by_contract(client_id), owed_by_contract(client_id)
    results = results_of(newest)
    rows = [_exposed(slug, one, results[one.pk], owed.pop(one.contract_name, None)) for one in newest]
    rows += [
        ExposureRow(name, "", words.DASH, words.DASH, words.DASH, words.DASH, "No rehearsal", _owed(standing))
        for name, standing in sorted(owed.items())
    ]
    return tuple(rows)


def _exposed(slug: str, one: Rehearsal, result: Result, owed: tuple[int, object] | None) -> ExposureRow:
    projected = result.projection
    return ExposureRow(
        contract=one.contract_name,
        href=reverse("qa_audit:rehearsal", args=[slug, one.pk]),
        found=words.dollars(result.found),
        point=words.dollars(projected.point if projected else None),
        low=words.dollars(projected.low if projected else None),
        asked=words.dollars(projected.asked if projected else None),
        note=f"{one.name}: still being judged" if result.open_items else one.name,
        owed=_owed(owed),
    )


def _owed(standing: tuple[int, object] | None) -> str:
    if standing is None:
        return "$0.00"
    count, total = standing
    return f"${total:,.2f} in {words.counted(count, 'overpayment')}"


def clock_row(slug: str, clock: OverpaymentClock, today: date) -> ClockRow:
    """One overpayment of a list."""
    face = words.face_of(clock, today)
    left, tone = words.clock_left(clock, face)
    return ClockRow(
        href=reverse("qa_audit:clock", args=[slug, clock.pk]),
        title=clock.title,
        contract=clock.contract_name,
        amount=words.dollars(clock.amount) if clock.amount is not None else "not known yet",
        state=words.CLOCK_STATES[ClockState(clock.state)],
        due=words.day(face.due_on),
        left=left,
        tone=tone,
    )


def _render(
    request: HttpRequest, template: str, context: dict[str, object], status: int = 200
) -> HttpResponse:
    tabs = quality_tabs(actor_of(request).role, client_of(request).slug, "rehearsals")
    return render(request, template, {**context, "tabs": tabs}, status=status)
