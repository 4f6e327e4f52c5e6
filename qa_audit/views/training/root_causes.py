"""``/c/<client>/quality/training/causes/``: why errors keep being made, and what was done about it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coding_ops.core.errors import Conflict, InvalidInput, NotFound, Refused
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.models import Client
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from qa_audit.access import reviews_in_reach
from qa_audit.actions.root_causes import (
    WHYS,
    CauseWords,
    change_root_cause,
    close_root_cause,
    open_root_cause,
)
from qa_audit.models import RootCause
from qa_audit.selectors.root_causes import Systemic, findings_behind, root_causes, systemic_topics
from qa_audit.selectors.training import PAGE_ROWS, colleagues_of
from qa_audit.topic_tables import topic_map
from qa_audit.training_access import find_root_cause, require_trainer
from qa_audit.views.tabs import quality_tabs
from qa_audit.views.training import words
from qa_audit.views.training.root_causes_dto import Asked, CauseForm, CauseList, CausePage, CauseRow
from qa_audit.views.training.rows import base_href, finding_row
from qa_audit.views.training.topics import page_number

BUTTONS = {True: "Open the root cause", False: "Save"}


@require_GET
@for_client
def causes(request: HttpRequest) -> HttpResponse:
    """Topics that ask for their cause, then every analysis, the open ones first."""
    actor, client = actor_of(request), client_of(request)
    require_trainer(actor)
    base, numbers, today = base_href(client.slug), topic_map().numbers, today_of(request)
    number = page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    found = list(root_causes(client.id)[start : start + PAGE_ROWS + 1])
    page = CauseList(
        topics_href=base,
        rule=f"From {numbers.systemic_findings} settled findings of one topic within"
        f" {numbers.window_days} days on, the cause behind them is looked for.",
        asked=tuple(
            Asked(topic_map().name(one.topic), _counted(one), f"{base}causes/new/?topic={one.topic}")
            for one in systemic_topics(_client(client), today).values()
        ),
        rows=tuple(_row(base, one, today) for one in found[:PAGE_ROWS]),
        previous_page_href=f"?page={number - 1}" if number > 1 else "",
        next_page_href=f"?page={number + 1}" if len(found) > PAGE_ROWS else "",
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "training")}
    return render(request, "qa_audit/root_causes.html", context)


def _counted(one: Systemic) -> str:
    return (
        f"{words.plural(one.found.findings, 'settled finding')} by {words.plural(one.found.coders, 'coder')},"
        f" {words.day(one.window_from)} to {words.day(one.window_through)}"
    )


def _row(base: str, one: RootCause, today: date) -> CauseRow:
    is_open = one.closed_at is None
    return CauseRow(
        href=f"{base}causes/{one.pk}/",
        topic=topic_map().name(one.topic),
        problem=one.problem,
        findings=f"{one.finding_count:,}",
        owner=one.owner.full_name,
        due=words.day(one.due_on),
        due_tone="bad" if is_open and one.due_on < today else "",
        state="Open" if is_open else "Closed",
        tone="query" if is_open else "ok",
    )


@require_http_methods(["GET", "POST"])
@for_client
def new(request: HttpRequest) -> HttpResponse:
    """``topic``: one whose findings ask for their cause."""
    actor, client = actor_of(request), client_of(request)
    require_trainer(actor)
    sent = request.POST if request.method == "POST" else request.GET
    topic = sent.get("topic", "")
    if topic not in topic_map().topics:
        raise NotFound
    if request.method == "GET":
        return _new_page(request, topic, {})
    try:
        made = open_root_cause(actor=actor, client=_client(client), topic=topic, words=_read(request.POST))
    except (InvalidInput, Refused) as error:
        path = str(error.details.get("path", ""))
        return _new_page(request, topic, request.POST, errors={path: error.message}, status=error.http_status)
    messages.success(request, "The root cause is open.")
    return leave(request, f"{base_href(client.slug)}causes/{made.pk}/")


def _new_page(
    request: HttpRequest,
    topic: str,
    sent: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    client, today = client_of(request), today_of(request)
    base, numbers = base_href(client.slug), topic_map().numbers
    systemic = systemic_topics(_client(client), today).get(topic)
    lead = f"{_counted(systemic)}." if systemic else "Its findings do not ask for a root cause now."
    filled = {
        "owner": str(actor_of(request).user_id),
        "due_on": (today + timedelta(days=numbers.due_days)).isoformat(),
        **dict(sent.items()),
    }
    form = _form(client, f"{base}causes/new/", topic, filled, is_new=True) if systemic or sent else None
    page = CausePage(
        heading=f"Root cause: {topic_map().name(topic)}",
        list_href=f"{base}causes/",
        topic_href=f"{base}topic/?name={topic}",
        state="New",
        tone="line",
        lead=lead
        if systemic
        else f"{lead} From {numbers.systemic_findings} settled findings within {numbers.window_days} days on"
        " one can be opened, if none is open.",
        form=form,
        close_href="",
        evidence="",
        facts=(),
        whys=(),
        findings=(),
        not_shown="",
    )
    return _render(request, page, errors, status)


@require_http_methods(["GET", "POST"])
@for_client
def cause(request: HttpRequest, cause_id: uuid.UUID) -> HttpResponse:
    """What was found out; a POST saves what has been found out since."""
    actor, client = actor_of(request), client_of(request)
    found = find_root_cause(actor=actor, client_id=client.id, cause_id=cause_id)
    if request.method == "GET":
        return _page(request, found)
    try:
        change_root_cause(
            actor=actor,
            client=_client(client),
            cause=found,
            seen_version=words.read_count(request.POST.get("version", ""), "version"),
            words=_read(request.POST),
        )
    except (InvalidInput, Conflict) as error:
        path = str(error.details.get("path", ""))
        return _page(
            request, found, sent=request.POST, errors={path: error.message}, status=error.http_status
        )
    messages.success(request, "Saved.")
    return leave(request, f"{base_href(client.slug)}causes/{cause_id}/")


@require_POST
@for_client
def close(request: HttpRequest, cause_id: uuid.UUID) -> HttpResponse:
    """Ends it with its ``evidence``."""
    actor, client = actor_of(request), client_of(request)
    found = find_root_cause(actor=actor, client_id=client.id, cause_id=cause_id)
    try:
        close_root_cause(
            actor=actor,
            cause=found,
            seen_version=words.read_count(request.POST.get("version", ""), "version"),
            evidence=request.POST.get("evidence", ""),
        )
    except (InvalidInput, Refused, Conflict) as error:
        path = str(error.details.get("path", ""))
        evidence = request.POST.get("evidence", "")
        return _page(
            request, found, evidence=evidence, errors={path: error.message}, status=error.http_status
        )
    messages.success(request, "The root cause is closed.")
    return leave(request, f"{base_href(client.slug)}causes/{cause_id}/")


def _client(client: ReachedClient) -> Client:
    return Client.objects.get(pk=client.id)


def _read(sent: Mapping[str, str]) -> CauseWords:
    return CauseWords(
        problem=sent.get("problem", ""),
        whys=[sent.get(f"why{number}", "") for number in range(1, WHYS + 1)],
        remedy=sent.get("remedy", ""),
        owner_id=words.read_count(sent.get("owner", "") or "0", "owner"),
        due_on=words.read_day(sent.get("due_on", ""), "due_on"),
    )


def _form(
    client: ReachedClient, href: str, topic: str, sent: Mapping[str, str], *, is_new: bool
) -> CauseForm:
    return CauseForm(
        href=href,
        topic=topic,
        problem=sent.get("problem", ""),
        whys=tuple(sent.get(f"why{number}", "") for number in range(1, WHYS + 1)),
        remedy=sent.get("remedy", ""),
        owners=tuple(
            Choice(str(pk), name, str(pk) == sent.get("owner", ""))
            for pk, name in colleagues_of(client.id).items()
        ),
        due_on=sent.get("due_on", ""),
        version=sent.get("version", "1"),
        button=BUTTONS[is_new],
    )


def _as_sent(found: RootCause) -> dict[str, str]:
    return {
        "problem": found.problem,
        **{f"why{number}": why for number, why in enumerate(found.whys, start=1)},
        "remedy": found.remedy,
        "owner": str(found.owner_id),
        "due_on": found.due_on.isoformat(),
        "version": str(found.version),
    }


def _page(
    request: HttpRequest,
    found: RootCause,
    *,
    sent: Mapping[str, str] | None = None,
    evidence: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    base, is_open = base_href(client.slug), found.closed_at is None
    href = f"{base}causes/{found.pk}/"
    behind = findings_behind(_client(client), found).filter(
        line__review__in=reviews_in_reach(actor, client.id).values("pk")
    )
    rows = list(behind[: PAGE_ROWS + 1])
    page = CausePage(
        heading=f"Root cause: {topic_map().name(found.topic)}",
        list_href=f"{base}causes/",
        topic_href=f"{base}topic/?name={found.topic}",
        state="Open" if is_open else "Closed",
        tone="query" if is_open else "ok",
        lead=f"{words.plural(found.finding_count, 'settled finding')} by"
        f" {words.plural(found.coder_count, 'coder')} when it was opened,"
        f" {words.day(found.window_from)} to {words.day(found.window_through)}.",
        form=_form(client, href, found.topic, sent or _as_sent(found), is_new=False) if is_open else None,
        close_href=f"{href}close/" if is_open else "",
        evidence=evidence,
        facts=_facts(found, client) if not is_open else (),
        whys=tuple(found.whys) if not is_open else (),
        findings=tuple(
            finding_row(client, one, is_trained=True, may_change=False) for one in rows[:PAGE_ROWS]
        ),
        not_shown=f"The newest {PAGE_ROWS} are shown." if len(rows) > PAGE_ROWS else "",
    )
    return _render(request, page, errors, status)


def _facts(found: RootCause, client: ReachedClient) -> tuple[tuple[str, str], ...]:
    closed_by = found.closed_by.full_name if found.closed_by else ""
    return (
        ("What goes wrong", found.problem),
        ("What was done", found.remedy),
        ("Owner", found.owner.full_name),
        ("Due", words.day(found.due_on)),
        ("What shows that it ended", found.evidence),
        ("Closed", f"{words.time_of(found.closed_at, client.timezone)} by {closed_by}"),
    )


def _render(
    request: HttpRequest, page: CausePage, errors: Mapping[str, str] | None, status: int
) -> HttpResponse:
    role, slug = actor_of(request).role, client_of(request).slug
    context = {"page": page, "errors": errors or {}, "tabs": quality_tabs(role, slug, "training")}
    return render(request, "qa_audit/root_cause.html", context, status=status)
