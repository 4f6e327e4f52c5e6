"""``/c/<client>/quality/training/``: topics of errors, who works on them, and whether they come back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client, Role
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of
from qa_audit.access import reviews_in_reach
from qa_audit.models import FindingTopic, RootCause, TrainingAssignment
from qa_audit.selectors.reaudits import progress_of
from qa_audit.selectors.root_causes import Systemic, open_causes, systemic_topics
from qa_audit.selectors.training import (
    PAGE_ROWS,
    AskedTrainings,
    Decided,
    Found,
    coders_of,
    decided_by_topic,
    findings_of_topic,
    found_by_topic,
    open_by_topic,
    trained_lines,
    trainings_in,
)
from qa_audit.topic_tables import topic_map
from qa_audit.training_access import TRAINERS, require_trainer, trainings_in_reach
from qa_audit.views.tabs import quality_tabs
from qa_audit.views.training import words
from qa_audit.views.training.dto import AssignmentList, AssignmentRow, TopicList, TopicPage, TopicRow
from qa_audit.views.training.rows import assignment_row, base_href, finding_row

SHOWN = (("", "Open"), ("assigned", "To do"), ("reaudit", "Re-audit"), ("closed", "Over"), ("all", "All"))
NOTHING = {
    "": "No training is open.",
    "assigned": "No training is to do.",
    "reaudit": "No re-audit is awaited.",
    "closed": "No training is over yet.",
    "all": "No training has been assigned.",
}
ONLY_FOUND, EVERY = "", "all"


@require_GET
@for_client
def topics(request: HttpRequest) -> HttpResponse:
    """``?show=all`` lists topics without findings too.  A coder is sent to their own assignments."""
    actor, client = actor_of(request), client_of(request)
    base = base_href(client.slug)
    if actor.role == Role.CODER:
        return HttpResponseRedirect(f"{base}assignments/")
    require_trainer(actor)
    show = EVERY if request.GET.get("show") == EVERY else ONLY_FOUND
    rows = _topic_rows(client, today_of(request), show)
    numbers = topic_map().numbers
    page = TopicList(
        summary=f"Settled findings of the last {numbers.window_days} days",
        rows=rows,
        chips=(
            Choice("", "With findings or training", show == ONLY_FOUND, base),
            Choice("all", "Every topic", show == EVERY, f"{base}?show=all"),
        ),
        empty_words="No settled finding has a topic yet. Topics follow once coders have answered findings.",
        notes=_notes(),
        assignments_href=f"{base}assignments/",
        causes_href=f"{base}causes/",
        assign_href=f"{base}assign/",
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "training")}
    return render(request, "qa_audit/training.html", context)


def _notes() -> tuple[str, ...]:
    numbers = topic_map().numbers
    return (
        (
            "Found again after training: re-audits that found an error of the topic again, of all that are"
            f" decided. Target: at most {words.percent(numbers.recurrence_target)}, judged from"
            f" {numbers.recurrence_minimum} re-audits on. Beside it the charts of these re-audits; their"
            " interval is taken between re-audits, because charts of one coder err together."
        ),
        (
            f"A root cause is looked for from {numbers.systemic_findings} settled findings of one topic"
            f" within {numbers.window_days} days on. Topics: edition {topic_map().edition}."
        ),
    )


def _topic_rows(client: ReachedClient, today: date, show: str) -> tuple[TopicRow, ...]:
    since = timezone.now() - timedelta(days=topic_map().numbers.window_days)
    found, opened = found_by_topic(client.id, since), open_by_topic(client.id)
    decided = decided_by_topic(client.id)
    systemic = systemic_topics(Client.objects.get(pk=client.id), today)
    causes = {one.topic: one for one in open_causes(client.id)}
    known = set(topic_map().topics)
    keys = set(found) | set(opened) | set(decided) | set(causes) | (known if show == EVERY else set())
    ordered = sorted(keys, key=lambda key: (-found.get(key, Found()).findings, topic_map().name(key)))
    return tuple(
        _topic_row(
            base_href(client.slug),
            key,
            found.get(key, Found()),
            opened.get(key, 0),
            decided.get(key, Decided()),
            cause_words(base_href(client.slug), key, systemic, causes),
        )
        for key in ordered
    )


def _topic_row(
    base: str, key: str, found: Found, opened: int, decided: Decided, cause: tuple[str, str, str]
) -> TopicRow:
    return TopicRow(
        href=f"{base}topic/?name={key}",
        name=topic_map().name(key),
        findings=f"{found.findings:,}",
        coders=f"{found.coders:,}",
        open_count=f"{opened:,}",
        open_href=f"{base}assignments/?topic={key}" if opened else "",
        rounds=words.rounds_rate(decided.rounds_again, decided.rounds),
        charts=words.charts_rate(decided.charts),
        cause=cause[0],
        cause_href=cause[1],
        cause_tone=cause[2],
    )


def cause_words(
    base: str, key: str, systemic: Mapping[str, Systemic], causes: Mapping[str, RootCause]
) -> tuple[str, str, str]:
    """What is being done about a topic's cause: words, address, tone; empty where nothing asks for it."""
    if key in causes:
        return f"Open, due {words.day(causes[key].due_on)}", f"{base}causes/{causes[key].pk}/", "query"
    if key in systemic:
        return "Look for the cause", f"{base}causes/new/?topic={key}", "bad"
    return "", "", ""


@require_GET
@for_client
def topic(request: HttpRequest) -> HttpResponse:
    """One topic; ``?name=<its key>``, ``?page=``."""
    actor, client = actor_of(request), client_of(request)
    require_trainer(actor)
    topic = request.GET.get("name", "")
    if not topic:
        raise NotFound
    base = base_href(client.slug)
    rows, number, more = _findings(request, actor, client, topic)
    decided = decided_by_topic(client.id, topic).get(topic, Decided())
    systemic = systemic_topics(Client.objects.get(pk=client.id), today_of(request))
    cause, cause_href, _tone = cause_words(
        base, topic, systemic, {one.topic: one for one in open_causes(client.id)}
    )
    standing = trainings_in(trainings_in_reach(actor, client.id), AskedTrainings(show="all", topic=topic))
    recent = list(standing[:PAGE_ROWS])
    if not rows and not recent and topic not in topic_map().topics:
        raise NotFound
    trained = trained_lines(client.id, [one.line_id for one in rows])
    page = TopicPage(
        heading=topic_map().name(topic),
        list_href=base,
        assign_href=f"{base}assign/?topic={topic}",
        figures=(
            (
                "Found again, of re-audits decided",
                words.rounds_rate(decided.rounds_again, decided.rounds),
            ),
            (
                "Charts with it again, of charts re-audited",
                words.charts_rate(decided.charts),
            ),
        ),
        cause=cause,
        cause_href=cause_href,
        trainings=_rows(client, recent, today_of(request)),
        findings=tuple(
            finding_row(client, one, is_trained=one.line_id in trained, may_change=True) for one in rows
        ),
        previous_page_href=turned({"name": topic, "page": str(number - 1)}) if number > 1 else "",
        next_page_href=turned({"name": topic, "page": str(number + 1)}) if more else "",
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "training")}
    return render(request, "qa_audit/training_topic.html", context)


def _findings(
    request: HttpRequest, actor: Actor, client: ReachedClient, topic: str
) -> tuple[list[FindingTopic], int, bool]:
    number = page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    found = list(
        findings_of_topic(client.id, topic, reviews_in_reach(actor, client.id))[start : start + PAGE_ROWS + 1]
    )
    return found[:PAGE_ROWS], number, len(found) > PAGE_ROWS


@require_GET
@for_client
def assignments(request: HttpRequest) -> HttpResponse:
    """``show`` (open, assigned, reaudit, closed, all), ``topic``, ``coder``, ``page``; a coder's own only."""
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    if actor.role not in TRAINERS | {Role.CODER}:
        raise NotFound
    is_trainer = actor.role in TRAINERS
    asked = _asked(request.GET)
    number = page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    found = trainings_in(trainings_in_reach(actor, client.id), asked)
    rows = list(found[start : start + PAGE_ROWS + 1])
    shown, more = rows[:PAGE_ROWS], len(rows) > PAGE_ROWS
    kept = {"show": asked.show, "topic": asked.topic, "coder": str(asked.coder_id or "")}
    base = base_href(client.slug)
    coders = coders_of(client.id) if is_trainer else {}
    page = AssignmentList(
        heading="Training" if is_trainer else "My training",
        lead=(
            "Who works on which topic, and what the re-audits found."
            if is_trainer
            else "What to learn from findings on your charts. Charts you finish afterwards are reviewed."
        ),
        summary=words.plural(len(shown), "assignment") + ("; more on the next page" if more else ""),
        href=f"{base}assignments/",
        rows=_rows(client, shown, today),
        chips=tuple(
            Choice(value, label, value == asked.show, turned({**kept, "show": value}))
            for value, label in SHOWN
        ),
        show=asked.show,
        topics=words.topic_choices(asked.topic),
        coders=tuple(Choice(str(one), name, one == asked.coder_id) for one, name in coders.items()),
        empty_words=NOTHING[asked.show],
        topics_href=base if is_trainer else "",
        previous_page_href=turned({**kept, "page": str(number - 1)}) if number > 1 else "",
        next_page_href=turned({**kept, "page": str(number + 1)}) if more else "",
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "training")}
    return render(request, "qa_audit/training_list.html", context)


def _rows(client: ReachedClient, shown: list[TrainingAssignment], today: date) -> tuple[AssignmentRow, ...]:
    standing = progress_of(client.id, shown)
    return tuple(assignment_row(client, one, standing.get(one.pk), today) for one in shown)


def _asked(query: Mapping[str, str]) -> AskedTrainings:
    show, coder = query.get("show", ""), query.get("coder", "")
    topic = query.get("topic", "")
    return AskedTrainings(
        show=show if show in dict(SHOWN) else "",
        topic=topic if topic in topic_map().topics else "",
        coder_id=int(coder) if coder.isdecimal() and len(coder) < 10 else None,
    )


def page_number(text: str) -> int:
    """The page of ``?page=``, 1 for anything that is none."""
    return int(text) if text.isdecimal() and 0 < int(text[:6]) < 10_000 else 1


def turned(kept: Mapping[str, str]) -> str:
    """A query of what is not empty."""
    return f"?{urlencode({name: value for name, value in kept.items() if value})}"
