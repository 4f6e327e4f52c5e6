"""``/c/<client>/quality/drift/``: whose error rate moved, what waits for a decision, what holds now."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from coding_ops.core.errors import InvalidInput, NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.actions.pauses import lift_pause
from encounters.models import WorkPause
from qa_audit.access import LEADERS, VENDOR_REVIEWERS
from qa_audit.actions.drift_decisions import add_note, end_widening, withdraw_note
from qa_audit.drift_tables import drift_table
from qa_audit.models import DriftNote, NoteKind, SampleWidening
from qa_audit.rules.watch import Standing, Watched, Week, watch
from qa_audit.selectors.drift import (
    Subject,
    baseline_starts,
    last_week,
    mondays,
    notes_of,
    since_baseline,
    undecided,
    weekly,
)
from qa_audit.selectors.programme import names_of, specialty_names
from qa_audit.views.drift import parts, words
from qa_audit.views.drift.dto import DriftPage, NoteForm, SubjectRow, SubjectTable
from qa_audit.views.drift.forms import NewNoteForm, first_errors
from qa_audit.views.tabs import quality_tabs

MOST_WAITING = 20
HOW = (
    (
        "Counted are our closed reviews of randomly drawn charts, by the week they were closed in. A chart "
        "is wrong when it has at least one error charged to the coder: charts err independently of each "
        "other, codes of one chart do not."
    ),
    (
        "The centre is the rate of the earliest weeks shown, as many as make it steady. Limits lie three "
        "standard errors from it and widen where fewer charts were reviewed. A week stands out only where "
        "chance explains it as rarely in the exact binomial distribution too; eight weeks in a row above the "
        "centre, and a sum of excess errors at its limit, stand out as well."
    ),
    (
        "While a coder's sample is wider, more of their charts are reviewed, and a specialty's rate leans "
        "towards theirs. Coders stand in the order of their names; nobody is ranked."
    ),
)


def require_reader(actor: Actor) -> None:
    """Drift is for those who review and lead.

    Raises:
        NotFound: another role; the page is no business of theirs.
    """
    if actor.role not in VENDOR_REVIEWERS:
        raise NotFound


@require_GET
@for_client
def drift(request: HttpRequest) -> HttpResponse:
    """The room's first page."""
    return _page(request, NoteForm(kinds=_kinds("")), {})


def _page(request: HttpRequest, form: NoteForm, errors: Mapping[str, str]) -> HttpResponse:
    actor, client, table = actor_of(request), client_of(request), drift_table()
    require_reader(actor)
    weeks = mondays(last_week(today_of(request)), table.policy.weeks)
    notes = notes_of(client.id, weeks[0], today_of(request))
    counts = weekly(client.id, weeks)
    waiting = list(undecided(client.id)[: MOST_WAITING + 1])
    measures = parts.measures_of(client, timezone.now())
    people = names_of(one.coder for one in counts if one.coder is not None)
    named = parts.names_of_subjects(counts, people, specialty_names())
    starts = baseline_starts(notes)
    waits = {words.subject_of(one) for one in waiting}
    rows = [
        (subject, _row(client.slug, name, subject, counts[subject], starts, waits, measures, client.timezone))
        for name, subject in named
    ]
    base = words.drift_href(client.slug)
    page = DriftPage(
        summary=f"{len(weeks)} weeks through {words.day(words.week_end(weeks[-1]))}",
        change_href=f"{base}change/",
        signals_href=f"{base}signals/",
        notes_href=f"{base}notes/",
        waiting=parts.signal_rows(client, waiting[:MOST_WAITING]),
        more_waiting="There are more: open all signals." if len(waiting) > MOST_WAITING else "",
        tables=(
            SubjectTable("coders", "Coders", "Coder", tuple(r for s, r in rows if s.coder is not None)),
            SubjectTable(
                "specialties", "Specialties", "Specialty", tuple(r for s, r in rows if s.coder is None)
            ),
        ),
        measures=parts.measure_rows(client, measures),
        notes=parts.note_rows(client.slug, notes),
        form=form,
        may_decide=actor.role in LEADERS,
        how=HOW,
    )
    context = {"page": page, "errors": errors, "tabs": quality_tabs(actor.role, client.slug, "drift")}
    return render(request, "qa_audit/drift.html", context, status=422 if errors else 200)


def _row(
    slug: str,
    name: str,
    subject: Subject,
    weeks: Sequence[Week],
    starts: Sequence[date],
    waits: set[Subject],
    measures: parts.Measures,
    zone: str,
) -> SubjectRow:
    compared = since_baseline(weeks, starts)
    watched = watch(compared, drift_table().policy)
    charts, wrong = sum(one.charts for one in weeks), sum(one.wrong for one in weeks)
    newest = next((one for one in reversed(weeks) if one.charts), None)
    standing, tone = _standing(watched, subject in waits)
    return SubjectRow(
        name=name,
        href=words.subject_href(slug, subject),
        charts=parts.counted(slug, subject, weeks, wrong=False),
        wrong=parts.counted(slug, subject, weeks, wrong=True),
        share=words.share(wrong, charts),
        interval=words.spread(wrong, charts),
        newest="" if newest is None else f"{words.day(newest.monday)}: {newest.wrong} of {newest.charts}",
        standing=standing,
        tone=tone,
        now=measures.about(subject).in_a_line(zone),
    )


def _standing(watched: Watched, waits: bool) -> tuple[str, str]:
    """What can be said of a subject now."""
    if waits:
        return "A signal waits for a decision", "bad"
    if watched.baseline is None:
        charts = sum(week.charts for week in watched.weeks)
        return f"Too few to judge: {charts} of {drift_table().policy.baseline_charts} charts", ""
    newest = next(
        (one for one in reversed(watched.standings) if one not in (Standing.NONE, Standing.FEW)),
        Standing.NONE,
    )
    if newest in (Standing.UNSURE, Standing.ABOVE, Standing.BELOW):
        return words.SAYS[newest]
    return "Nothing stands out", ""


def _kinds(chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, str(label), value == chosen) for value, label in NoteKind.choices)


@require_POST
@for_client
def new_note(request: HttpRequest) -> HttpResponse:
    """``kind``, ``happened_on``, ``words``, ``starts_baseline``."""
    actor, client = actor_of(request), client_of(request)
    require_reader(actor)
    form = NewNoteForm(request.POST, today=today_of(request))
    errors = {} if form.is_valid() else first_errors(form)
    if not errors:
        try:
            add_note(
                actor=actor,
                client=Client.objects.get(pk=client.id),
                kind=form.cleaned_data["kind"],
                happened_on=form.cleaned_data["happened_on"],
                words=form.cleaned_data["words"],
                starts_baseline=form.cleaned_data["starts_baseline"],
            )
        except InvalidInput as error:
            errors = {str(error.details.get("path", "")): error.message}
    if errors:
        sent = NoteForm(
            kinds=_kinds(request.POST.get("kind", "")),
            happened_on=request.POST.get("happened_on", "")[:20],
            words=request.POST.get("words", "")[:200],
            starts_baseline=request.POST.get("starts_baseline") == "1",
        )
        return _page(request, sent, errors)
    messages.success(request, "The note is on the charts.")
    return leave(request, words.drift_href(client.slug))


@require_POST
@for_client
def drop_note(request: HttpRequest, note_id: uuid.UUID) -> HttpResponse:
    """Takes a note off the charts."""
    actor, client = actor_of(request), client_of(request)
    require_reader(actor)
    if not DriftNote.objects.filter(client_id=client.id, pk=note_id).exists():
        raise NotFound
    withdraw_note(actor=actor, client_id=client.id, note_id=note_id)
    messages.success(request, "The note is off the charts.")
    return leave(request, words.drift_href(client.slug))


@require_POST
@for_client
def end(request: HttpRequest, widening_id: uuid.UUID) -> HttpResponse:
    """Draws take the plan's share again; ``reason``."""
    actor, client = actor_of(request), client_of(request)
    require_reader(actor)
    if not SampleWidening.objects.filter(client_id=client.id, pk=widening_id).exists():
        raise NotFound
    ended = end_widening(
        actor=actor, client_id=client.id, widening_id=widening_id, reason=request.POST.get("reason", "")
    )
    about = ended.coder.full_name if ended.coder is not None else str(ended.specialty)
    messages.success(request, f"Draws take the plan's share of {about} again.")
    return leave(request, words.drift_href(client.slug))


@require_POST
@for_client
def lift(request: HttpRequest, pause_id: uuid.UUID) -> HttpResponse:
    """The coder takes new charts again; ``reason``."""
    actor, client = actor_of(request), client_of(request)
    require_reader(actor)
    pause = WorkPause.objects.filter(client_id=client.id, pk=pause_id).select_related("coder").first()
    if pause is None:
        raise NotFound
    lift_pause(actor=actor, pause=pause, reason=request.POST.get("reason", ""))
    messages.success(request, f"{pause.coder.full_name} takes new charts again.")
    return leave(request, words.drift_href(client.slug))
