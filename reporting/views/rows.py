"""``…/dashboard/rows/``: every number opens the rows it counted, fifty at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from coding_ops.accounts.models import User
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from coding_ops.web.client_pages import client_of
from coding_ops.web.middleware import actor_of
from encounters.views import words as chart_words
from reporting.access import audience_of, visible_kpi
from reporting.models import KpiSnapshot, Span
from reporting.rules.facts import Keys
from reporting.rules.kpi import Audience
from reporting.selectors.board import value_of
from reporting.selectors.claim_rows import claim_details_of, denial_details_of
from reporting.selectors.rows import (
    Counted,
    Question,
    asked_details_of,
    counted_rows,
    details_of,
    parts_of,
    snapshot_of,
)
from reporting.views import words
from reporting.views.board_parts import meaning_of
from reporting.views.dashboard import led_clients
from reporting.views.dto import HEADS, DrillRow, Link, RowsPage
from reporting.views.row_words import RowWriter

PAGE_ROWS = 50


@require_GET
def client_rows(request: HttpRequest, client_slug: str) -> HttpResponse:
    """One client's rows, for its leader or its own people."""
    actor, client = actor_of(request), client_of(request)
    return _rows(request, actor, (client,), f"/c/{client_slug}/")


@require_GET
def work_rows(request: HttpRequest) -> HttpResponse:
    """The rows of all clients the person leads."""
    clients = led_clients(request)
    reach = request.reach  # type: ignore[attr-defined]
    actor = reach.actor(clients[0].role, actor_of(request).request_id)
    return _rows(request, actor, clients, "/work/dashboard/")


@dataclass(frozen=True, slots=True)
class Found:
    """One client's part of the answer: the number, its rows now, and how many it said it had."""

    client: ReachedClient
    snapshot: KpiSnapshot
    rows: tuple[Counted, ...]
    said: int


def _rows(
    request: HttpRequest, actor: Actor, clients: tuple[ReachedClient, ...], back_href: str
) -> HttpResponse:
    question = question_of(actor, request.GET)
    tenants = {client.pk: client for client in Client.objects.filter(pk__in=[c.id for c in clients])}
    found = [answer for c in clients if (answer := _answer(c, tenants[c.id], question)) is not None]
    if not found:
        raise NotFound
    page = _page(request.GET, question, found, back_href, for_leader=audience_of(actor) is Audience.VENDOR)
    return render(request, "reporting/rows.html", {"page": page})


def question_of(actor: Actor, query: QueryDict) -> Question:
    """What the address asks for.

    Raises:
        NotFound: no such number, or not for this person; a coder in a client's question.
    """
    kpi = visible_kpi(actor, query.get("kpi", ""))
    keys = Keys(query.get("facility", ""), query.get("specialty", ""), query.get("coder", ""))
    if keys.coder and audience_of(actor) is not Audience.VENDOR:
        raise NotFound
    bucket, span = query.get("bucket", ""), query.get("span", Span.FOUR.value)
    if span not in Span.values or (
        bucket and bucket not in {b.code for b in kpi.definition.buckets if b.opens}
    ):
        raise NotFound
    return Question(kpi, Span(span), _day(query.get("through", "")), keys, bucket, query.get("left_out", ""))


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound from None


def _answer(client: ReachedClient, tenant: Client, question: Question) -> Found | None:
    try:
        snapshot = snapshot_of(tenant, question)
    except NotFound:
        return None
    rows = counted_rows(tenant, snapshot, question)
    return Found(client, snapshot, rows, _said(snapshot, question, len(rows)))


def _said(snapshot: KpiSnapshot, question: Question, now: int) -> int:
    """How many encounters the number said it had; sittings, listed by chart, make no such claim."""
    listed = question.kpi.definition.listed
    if question.left_out:
        return int(snapshot.excluded.get(question.left_out, 0))
    if not question.bucket:
        return snapshot.n
    if listed and question.bucket not in listed:
        return now
    return parts_of(snapshot).get(question.bucket, now)


def _page(
    query: QueryDict, question: Question, found: Sequence[Found], back_href: str, *, for_leader: bool
) -> RowsPage:
    definition = question.kpi.definition
    lines = [(answer.client, row) for answer in found for row in answer.rows]
    lines.sort(key=lambda pair: (-pair[1].amount, str(pair[1].id)))
    number = query.get("page", "1")
    page = int(number) if number.isdecimal() and 0 < int(number) < 100_000 else 1
    shown = lines[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    more = len(lines) > page * PAGE_ROWS
    return RowsPage(
        heading=_heading(question),
        summary=_summary(found[0]),
        counted=_counted(question, found),
        changed=_changed(found, len(lines)),
        meaning=meaning_of(question.kpi),
        amount=definition.amount,
        part_title=definition.part_title,
        show_bucket=not question.bucket and not question.left_out,
        show_coder=for_leader and "coder" in definition.groups,
        show_client=len(found) > 1,
        filters=_filters(query, question, found),
        rows=_lines(question, shown, for_leader=for_leader),
        back_href=back_href,
        next_page_href=_again(query, page=page + 1) if more else "",
        previous_page_href=_again(query, page=page - 1) if page > 1 else "",
        empty_words="Nothing was counted here.",
        heads=HEADS[definition.subject],
    )


def _lines(
    question: Question, shown: Sequence[tuple[ReachedClient, Counted]], *, for_leader: bool
) -> tuple[DrillRow, ...]:
    """The rows of one page, in three queries; of queries, claims or denials in one."""
    subject = question.kpi.definition.subject
    if subject in ("claim", "denial"):
        read = claim_details_of if subject == "claim" else denial_details_of
        told = read({client.id for client, _row in shown}, [row.id for _client, row in shown])
        writer = RowWriter(question.kpi, inside=for_leader, coders={})
        return tuple(writer.claim_row(client, row, told[row.id]) for client, row in shown if row.id in told)
    if subject == "query":
        asked = asked_details_of({client.id for client, _row in shown}, [row.id for _client, row in shown])
        writer = RowWriter(question.kpi, inside=for_leader, coders={})
        return tuple(writer.asked_row(client, row, asked[row.id]) for client, row in shown if row.id in asked)
    details = details_of({client.id for client, _row in shown}, [row.id for _client, row in shown])
    coders = {row.coder for _client, row in shown if row.coder} if for_leader else set()
    people = User.objects.filter(pk__in=coders).values_list("pk", "full_name") if coders else ()
    names = {str(key): name for key, name in people}
    writer = RowWriter(question.kpi, inside=for_leader, coders=names)
    return tuple(writer.row(client, row, details[row.id]) for client, row in shown if row.id in details)


def _heading(question: Question) -> str:
    definition = question.kpi.definition
    if question.left_out:
        return f"{definition.title}: left out, {question.left_out}"
    return (
        f"{definition.title}: {definition.bucket_label(question.bucket)}"
        if question.bucket
        else definition.title
    )


def _summary(answer: Found) -> str:
    snapshot, zone = answer.snapshot, answer.client.timezone
    window = words.period(snapshot.window_start, snapshot.window_end, zone)
    return f"{window}, counted {chart_words.moment(snapshot.as_of, zone)}"


def _counted(question: Question, found: Sequence[Found]) -> str:
    """The number as it was shown, with its n."""
    definition = question.kpi.definition
    count = words.count(sum(answer.said for answer in found), definition.noun)
    if question.bucket or question.left_out or len(found) > 1:
        return count
    value = value_of(found[0].snapshot)
    bounds = words.interval(value, definition.unit)
    shown = words.amount(value.value, definition.unit)
    return f"{shown}{f' ({bounds})' if bounds else ''}, {count}"


def _changed(found: Sequence[Found], now: int) -> str:
    said = sum(answer.said for answer in found)
    if said == now:
        return ""
    return (
        f"The number counted {said:,}. Corrections since then make it {now:,}; the next refresh will say so."
    )


def _filters(query: QueryDict, question: Question, found: Sequence[Found]) -> tuple[Link, ...]:
    links = [Link("All", _again(query), not question.bucket and not question.left_out)]
    links += [
        Link(bucket.label, _again(query, bucket=bucket.code), bucket.code == question.bucket)
        for bucket in question.kpi.definition.buckets
        if bucket.opens
    ]
    reasons = sorted({reason for answer in found for reason in answer.snapshot.excluded})
    links += [
        Link(f"Left out: {reason}", _again(query, left_out=reason), reason == question.left_out)
        for reason in reasons
    ]
    return tuple(links)


def _again(query: QueryDict, *, page: int = 0, bucket: str = "", left_out: str = "") -> str:
    """The same question: on another page, or about another part from its first page."""
    kept = ("kpi", "span", "through", "facility", "specialty", "coder")
    asked = {name: query.get(name, "") for name in kept}
    asked |= {"bucket": bucket, "left_out": left_out}
    if page:
        asked |= {name: query.get(name, "") for name in ("bucket", "left_out")} | {"page": str(page)}
    return f"?{urlencode({name: value for name, value in asked.items() if value})}"
