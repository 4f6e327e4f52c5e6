"""The leader's pages: one client's numbers, all clients' numbers, and the first page of a client by role."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from coding_ops.accounts.models import Specialty
from coding_ops.tenancy.access import Reach, ReachedClient
from coding_ops.tenancy.models import Facility, Role
from coding_ops.web.client_pages import client_of
from coding_ops.web.http import show
from coding_ops.web.middleware import actor_of
from reporting.access import CLIENT_READERS, LEADERS, require_leader
from reporting.models import Span
from reporting.rules import definitions
from reporting.rules.facts import Keys
from reporting.rules.kpi import Audience
from reporting.selectors.board import Board, board_of, targets_on
from reporting.views import board_parts as parts
from reporting.views import words
from reporting.views.board_parts import Sheet
from reporting.views.client_home import client_home
from reporting.views.drill import drill_of
from reporting.views.dto import DashboardPage, GroupTable, Link

FOOTNOTE = (
    "Intervals are 95%: Wilson for shares, exact Poisson for charts per hour, order statistics for "
    "percentiles; a census of what waits has none. “Met” and “missed” are said only when the whole interval "
    "lies on one side of the target. Below the smallest n a number is shown and not judged."
)
NO_NUMBERS = "No numbers yet. They are computed every hour; the first come within the hour."


@require_GET
def overview(request: HttpRequest, client_slug: str) -> HttpResponse:
    """``/c/<client>/``: the leader's page, the client's own page, or the work of everybody else."""
    role = actor_of(request).role
    if role in LEADERS:
        return _client_dashboard(request, client_slug)
    if role in CLIENT_READERS:
        return client_home(request)
    if role == Role.CODER:
        return HttpResponseRedirect("/work/")
    return HttpResponseRedirect(f"/c/{client_slug}/encounters/")


@require_GET
def client_dashboard(request: HttpRequest, client_slug: str) -> HttpResponse:
    """``/c/<client>/dashboard/`` for who leads the vendor's work there."""
    require_leader(actor_of(request))
    return _client_dashboard(request, client_slug)


@require_GET
def drill(request: HttpRequest, client_slug: str) -> HttpResponse:
    """What waits longest at a client, facility or specialty: a partial under its row, or a page."""
    actor = actor_of(request)
    require_leader(actor)
    keys = Keys(request.GET.get("facility", ""), request.GET.get("specialty", ""))
    context = {"drill": drill_of(client_of(request), rows_href(client_slug), span_of(request), keys)}
    return show(request, "reporting/drill.html", "reporting/_drill.html", context)


@require_GET
def work_dashboard(request: HttpRequest) -> HttpResponse:
    """``/work/dashboard/``: every client the person leads, together and one by one."""
    clients = led_clients(request)
    span = span_of(request)
    board = board_of([client.id for client in clients], span)
    targets = targets_on(board.client_ids, _day_of(board, clients[0].timezone))
    sheet = Sheet(board, span, clients[0].timezone, "/work/dashboard/rows/", {})
    rows = tuple(
        parts.group_row(
            Sheet(
                board.of(client.id),
                span,
                client.timezone,
                rows_href(client.slug),
                {name: band for (client_id, name), band in targets.items() if client_id == client.id},
            ),
            f"client-{client.slug}",
            client.name,
            f"/c/{client.slug}/dashboard/drill/?span={span.value}",
        )
        for client in clients
    )
    table = GroupTable("clients", "By client", "Client", parts.group_columns(), rows)
    page = _page(sheet, "All clients", (table,) if board.current else ())
    return render(request, "reporting/dashboard.html", {"page": page})


def led_clients(request: HttpRequest) -> tuple[ReachedClient, ...]:
    """The clients whose work the person leads; being their coder does not show their numbers.

    Raises:
        NotFound: none.
    """
    reach: Reach = request.reach  # type: ignore[attr-defined]
    led = reach.in_role(*LEADERS)
    if not led:
        require_leader(actor_of(request))
    return led


def rows_href(client_slug: str) -> str:
    """Where the rows behind a client's numbers are."""
    return f"/c/{client_slug}/dashboard/rows/"


def span_of(request: HttpRequest) -> Span:
    """``?span=``: 7 days, 4 weeks (the default) or 12 weeks."""
    asked = request.GET.get("span", "")
    return Span(asked) if asked in words.SPAN_WORDS else Span.FOUR


def _client_dashboard(request: HttpRequest, client_slug: str) -> HttpResponse:
    client, span = client_of(request), span_of(request)
    board = board_of([client.id], span)
    targets = targets_on([client.id], _day_of(board, client.timezone))
    sheet = Sheet(
        board,
        span,
        client.timezone,
        rows_href(client_slug),
        {name: band for (_client_id, name), band in targets.items()},
    )
    tables = (
        _group_table(sheet, client_slug, "specialty", "By specialty", _specialty_names(board)),
        _group_table(sheet, client_slug, "facility", "By facility", _facility_names(client.id, board)),
    )
    page = _page(sheet, client.name, tuple(table for table in tables if table.rows))
    return render(request, "reporting/dashboard.html", {"page": page})


def _page(sheet: Sheet, heading: str, tables: tuple[GroupTable, ...]) -> DashboardPage:
    kpis = definitions.current(Audience.VENDOR)
    cards = parts.cards(sheet, kpis)
    figures, breakdowns = parts.waiting_pairs(sheet)
    return DashboardPage(
        heading=heading,
        summary=summary_of(sheet.board, sheet.span, sheet.zone),
        ranges=tuple(
            Link(label, f"?span={span.value}", span is sheet.span) for span, label in words.SPAN_WORDS.items()
        ),
        kpis=cards,
        figures=figures,
        breakdowns=breakdowns,
        tables=tables,
        meanings=parts.meanings(kpis),
        footnote=FOOTNOTE,
        empty_words="" if cards else NO_NUMBERS,
    )


def summary_of(board: Board, span: Span, zone: str) -> str:
    """``10/27/2026 to 11/23/2026, against the 4 weeks before. Data through 11/23 6:00 AM CST.``"""
    if board.window_start is None or board.window_end is None or board.as_of is None:
        return ""
    at = board.as_of.astimezone(ZoneInfo(zone))
    clock = f"{at:%m/%d} {at:%I:%M %p %Z}".replace(" 0", " ")
    window = words.period(board.window_start, board.window_end, zone)
    return f"{window}, against the {words.SPAN_WORDS[span]} before. Data through {clock}."


def _group_table(sheet: Sheet, client_slug: str, key: str, heading: str, names: dict[str, str]) -> GroupTable:
    rows = tuple(
        parts.group_row(
            sheet,
            f"{key}-{position}",
            names.get(code, code),
            f"/c/{client_slug}/dashboard/drill/?span={sheet.span.value}&{key}={code}",
            _keys(key, code),
        )
        for position, code in enumerate(sheet.board.groups(key), start=1)
    )
    # One group says nothing that the whole has not said.
    return GroupTable(key, heading, key.capitalize(), parts.group_columns(), rows if len(rows) > 1 else ())


def _keys(key: str, code: str) -> Keys:
    return Keys(facility=code) if key == "facility" else Keys(specialty=code)


def _specialty_names(board: Board) -> dict[str, str]:
    codes: Sequence[str] = board.groups("specialty")
    return dict(Specialty.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}


def _facility_names(client_id: int, board: Board) -> dict[str, str]:
    codes = board.groups("facility")
    if not codes:
        return {}
    rows = Facility.objects.filter(client_id=client_id, pk__in=codes).values_list("pk", "name")
    return {str(key): name for key, name in rows}


def _day_of(board: Board, zone: str) -> date:
    moment: datetime = board.as_of or timezone.now()
    return moment.astimezone(ZoneInfo(zone)).date()
