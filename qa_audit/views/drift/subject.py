"""One coder's or specialty's charts; signals, and the decision about one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from coding_ops.core.errors import InvalidInput, NotAllowed, NotFound, Refused
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.views.paging import turn
from qa_audit.access import LEADERS
from qa_audit.actions.drift import weeks_in
from qa_audit.actions.drift_decisions import Choice as Decided
from qa_audit.actions.drift_decisions import decide
from qa_audit.drift_tables import drift_table
from qa_audit.models import DecisionKind, DriftSignal
from qa_audit.rules.watch import Week, watch
from qa_audit.selectors.drift import (
    Subject,
    baseline_starts,
    last_week,
    mondays,
    notes_of,
    signals_about,
    signals_of,
    since_baseline,
    since_first,
    undecided,
    weekly,
)
from qa_audit.selectors.programme import names_of, specialty_names
from qa_audit.views.drift import parts, words
from qa_audit.views.drift.dto import DecisionForm, SignalPage, SignalsPage, SubjectPage
from qa_audit.views.drift.forms import DecideForm, first_errors
from qa_audit.views.drift.overview import require_reader
from qa_audit.views.tabs import quality_tabs

PAGE_ROWS = 50
SHOWS = {"waiting": "Waiting", "decided": "Decided", "": "All"}


@require_GET
@for_client
def coder(request: HttpRequest, coder_id: int) -> HttpResponse:
    """The charts of one coder at this client."""
    name = names_of([coder_id]).get(coder_id)
    return _subject(request, Subject(coder=coder_id), name)


@require_GET
@for_client
def specialty(request: HttpRequest) -> HttpResponse:
    """The charts of one specialty at this client; ``code``."""
    code = request.GET.get("code", "")
    return _subject(request, Subject(specialty=code), specialty_names().get(code))


def _subject(request: HttpRequest, subject: Subject, name: str | None) -> HttpResponse:
    actor, client, table = actor_of(request), client_of(request), drift_table()
    require_reader(actor)
    weeks = mondays(last_week(today_of(request)), table.policy.weeks)
    counts = weekly(client.id, weeks).get(subject)
    signals = list(signals_about(client.id, subject)[:PAGE_ROWS])
    if name is None or (counts is None and not signals):
        # Without a reviewed chart here there is nothing to see, and no name to tell.
        raise NotFound
    notes = notes_of(client.id, weeks[0], today_of(request))
    held = counts or [Week(one, 0, 0) for one in weeks]
    compared = since_first(since_baseline(held, baseline_starts(notes)))
    watched = watch(compared, table.policy)
    measures = parts.measures_of(client, timezone.now()).about(subject)
    page = SubjectPage(
        heading=name,
        summary=f"Weeks {words.day(compared[0].monday)} through {words.day(words.week_end(weeks[-1]))}",
        list_href=words.drift_href(client.slug),
        view=parts.watched_view(client.slug, subject, watched, notes, table.policy, name),
        signals=parts.signal_rows(client, signals),
        measures=parts.measure_rows(client, measures),
        may_decide=actor.role in LEADERS,
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "drift")}
    return render(request, "qa_audit/drift_subject.html", context)


@require_GET
@for_client
def signals(request: HttpRequest) -> HttpResponse:
    """``show`` (waiting, decided), ``page``."""
    actor, client = actor_of(request), client_of(request)
    require_reader(actor)
    show = request.GET.get("show", "")
    show = show if show in SHOWS else ""
    text = request.GET.get("page", "1")
    number = int(text) if text.isdecimal() and 0 < int(text[:6]) < 10_000 else 1
    rows = undecided(client.id) if show == "waiting" else signals_of(client.id)
    if show == "decided":
        rows = rows.exclude(pk__in=undecided(client.id).values("pk"))
    start = (number - 1) * PAGE_ROWS
    found = list(rows.order_by("-week", "-pk")[start : start + PAGE_ROWS + 1])
    kept = {"show": show}
    page = SignalsPage(
        list_href=words.drift_href(client.slug),
        chips=tuple(Choice(key, label, key == show, turn({"show": key})) for key, label in SHOWS.items()),
        rows=parts.signal_rows(client, found[:PAGE_ROWS]),
        next_page_href=turn({**kept, "page": str(number + 1)}) if len(found) > PAGE_ROWS else "",
        previous_page_href=turn({**kept, "page": str(number - 1)}) if number > 1 else "",
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "drift")}
    return render(request, "qa_audit/drift_signals.html", context)


@require_http_methods(["GET", "POST"])
@for_client
def signal(request: HttpRequest, signal_id: uuid.UUID) -> HttpResponse:
    """What was seen, as it was seen; a manager decides: ``kind``, ``factor``, ``until``, ``reason``."""
    actor, client = actor_of(request), client_of(request)
    require_reader(actor)
    found = signals_of(client.id).filter(pk=signal_id).first()
    if found is None:
        raise NotFound
    if request.method == "GET":
        return _signal(request, found, _proposed(today_of(request)), {})
    if actor.role not in LEADERS:
        raise NotAllowed("Only a manager decides about drift.", code="drift.role")
    form = DecideForm(request.POST, today=today_of(request))
    if not form.is_valid():
        return _signal(request, found, request.POST.dict(), first_errors(form))
    given = form.cleaned_data
    choice = Decided(DecisionKind(given["kind"]), given["reason"], given["factor"], given["until"])
    try:
        made = decide(actor=actor, signal=found, choice=choice)
    except (InvalidInput, Refused) as error:
        path = str(error.details.get("path", "")) or ("reason" if error.code == "drift.reason" else "kind")
        return _signal(request, found, request.POST.dict(), {path: error.message})
    messages.success(
        request,
        f"{choice.kind.label}: decided"
        + (f" for {len(made)} signals of {words.about(found)}." if len(made) > 1 else "."),
    )
    return leave(request, words.drift_href(client.slug))


def _proposed(today: date) -> dict[str, str]:
    table = drift_table()
    return {
        "factor": f"{table.widen_factor:f}",
        "until": words.day(today + timedelta(days=table.widen_days)),
    }


def _signal(
    request: HttpRequest, found: DriftSignal, sent: Mapping[str, str], errors: Mapping[str, str]
) -> HttpResponse:
    actor, client, policy = actor_of(request), client_of(request), drift_table().policy
    subject, held = words.subject_of(found), since_first(weeks_in(found.evidence))
    watched = watch(held, policy)
    notes = notes_of(client.id, held[0].monday, words.week_end(found.week))
    (row,) = parts.signal_rows(client, [found])
    waiting = undecided(client.id).filter(pk__in=signals_about(client.id, subject).values("pk"))
    others = 0 if row.decided else waiting.count()
    decision = found.decisions.first()
    page = SignalPage(
        heading=f"{row.about}: {row.what}",
        href=row.href,
        about_href=words.subject_href(client.slug, subject),
        list_href=words.drift_href(client.slug),
        facts=(("Week of", row.week), ("Seen", row.seen), ("Found", row.found)),
        week=parts.counted(client.slug, subject, held[-1:], wrong=False),
        wrong=parts.counted(client.slug, subject, held[-1:], wrong=True),
        view=parts.watched_view(client.slug, subject, watched, notes, policy, row.about),
        decided=row.decided,
        reason=decision.reason if decision is not None else "",
        form=_form(sent, others, is_coder=found.coder_id is not None)
        if actor.role in LEADERS and not row.decided
        else None,
    )
    context = {"page": page, "errors": errors, "tabs": quality_tabs(actor.role, client.slug, "drift")}
    return render(request, "qa_audit/drift_signal.html", context, status=422 if errors else 200)


def _form(sent: Mapping[str, str], waiting: int, *, is_coder: bool) -> DecisionForm:
    kinds = [one for one in DecisionKind if is_coder or one is not DecisionKind.PAUSE]
    return DecisionForm(
        kinds=tuple(Choice(one.value, str(one.label), sent.get("kind") == one.value) for one in kinds),
        factor=sent.get("factor", "")[:10],
        until=sent.get("until", "")[:20],
        reason=sent.get("reason", "")[:300],
        answers=f"It answers all {waiting} signals that wait about them." if waiting > 1 else "",
    )
