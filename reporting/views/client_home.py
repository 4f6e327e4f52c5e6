"""``/c/<client>/`` for the client's own people: what waits for them, what they sent, how fast it is coded."""

from __future__ import annotations

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from coding_ops.tenancy.access import ReachedClient
from encounters.models import EncounterStatus, OwnerParty, PendReason, SourceFormat
from encounters.views import words as chart_words
from encounters.views.doors import client_of
from reporting.models import Span
from reporting.rules import definitions
from reporting.rules.kpi import Audience
from reporting.selectors.board import board_of, targets_on
from reporting.selectors.client_home import (
    NO_NOTE,
    WaitingVisit,
    documents_of,
    encounters_by_status,
    files_of,
    waiting_for_client,
)
from reporting.views import board_parts as parts
from reporting.views import words
from reporting.views.board_parts import Sheet
from reporting.views.dto import Cell, ClientHomePage, DocumentRow, Listing, R, SentRow, WaitingRow

PAGE_ROWS = 20
FOOTNOTE = (
    "Visits and holds are as of now; the figures above are computed every hour. Intervals are 95%. "
    "A day of waiting counts for the one party that held the visit up when the day ended."
)


def client_home(request: HttpRequest) -> HttpResponse:
    """The client's own page; numbers of the vendor's inside are not on it."""
    client = client_of(request)
    return render(request, "reporting/client_home.html", {"page": _page(client, request.GET)})


def _page(client: ReachedClient, query: QueryDict) -> ClientHomePage:
    board = board_of([client.id], Span.FOUR)
    day = timezone.now().astimezone(ZoneInfo(client.timezone)).date()
    targets = {name: band for (_client_id, name), band in targets_on([client.id], day).items()}
    sheet = Sheet(board, Span.FOUR, client.timezone, f"/c/{client.slug}/dashboard/rows/", targets)
    kpis = definitions.current(Audience.CLIENT)
    party = parts.waiting_parties(sheet)
    window = ""
    if board.window_start is not None and board.window_end is not None:
        window = f"Figures for {words.period(board.window_start, board.window_end, client.timezone)}."
    return ClientHomePage(
        heading=client.name,
        summary=window or "No figures yet; the first come within the hour.",
        encounters_href=f"/c/{client.slug}/encounters/",
        kpis=parts.cards(sheet, kpis),
        breakdowns=(party,) if party else (),
        counts=_counts(client),
        waiting=_waiting(client, query),
        sent=_sent(client, query),
        documents=_documents(client, query),
        meanings=parts.meanings(kpis),
        footnote=FOOTNOTE,
    )


def _counts(client: ReachedClient) -> tuple[Cell, ...]:
    """The client's encounters by where they stand; each number opens its list."""
    count = encounters_by_status(client.id)
    return tuple(
        Cell(str(status.label), f"{count[status]:,}", f"/c/{client.slug}/encounters/?status={status.value}")
        for status in EncounterStatus
        if count.get(status)
    )


def _waiting(client: ReachedClient, query: QueryDict) -> Listing[WaitingRow]:
    page = _number(query, "waiting")
    count, visits = waiting_for_client(client.id, limit=PAGE_ROWS, offset=(page - 1) * PAGE_ROWS)
    return _listing(query, "waiting", page, count, tuple(_waiting_row(client, visit) for visit in visits))


def _waiting_row(client: ReachedClient, visit: WaitingVisit) -> WaitingRow:
    now = timezone.now()
    zone = ZoneInfo(client.timezone)
    late = visit.due_on is not None and visit.due_on < now.astimezone(zone).date()
    reason = "No note has arrived" if visit.reason == NO_NOTE else str(PendReason(visit.reason).label)
    return WaitingRow(
        href=f"/c/{client.slug}/encounters/{visit.encounter_id}/",
        visit_id=visit.visit_id,
        service_on=chart_words.day(visit.service_on),
        reason=reason,
        owner=str(OwnerParty(visit.owner_party).label),
        since=chart_words.day(visit.since.astimezone(zone).date()),
        age=chart_words.age(visit.since, now),
        due=chart_words.day(visit.due_on),
        due_tone="bad" if late else "",
    )


def _sent(client: ReachedClient, query: QueryDict) -> Listing[SentRow]:
    page = _number(query, "sent")
    count, files = files_of(client.id, limit=PAGE_ROWS, offset=(page - 1) * PAGE_ROWS)
    rows = tuple(
        SentRow(
            at=chart_words.moment(file.received_at, client.timezone),
            source=file.connection,
            kind=str(SourceFormat(file.source_format).label),
            accepted=f"{file.accepted:,}",
            duplicate=f"{file.duplicate:,}",
            quarantined=f"{file.quarantined:,}",
            tone="bad-t" if file.quarantined else "",
        )
        for file in files
    )
    return _listing(query, "sent", page, count, rows)


def _documents(client: ReachedClient, query: QueryDict) -> Listing[DocumentRow]:
    page = _number(query, "documents")
    count, documents = documents_of(client.id, limit=PAGE_ROWS, offset=(page - 1) * PAGE_ROWS)
    rows = tuple(
        DocumentRow(
            href=f"/c/{client.slug}/encounters/{document.encounter_id}/",
            visit_id=document.visit_id,
            title=document.title,
            version=str(document.number),
            at=chart_words.moment(document.received_at, client.timezone),
        )
        for document in documents
    )
    return _listing(query, "documents", page, count, rows)


def _number(query: QueryDict, name: str) -> int:
    text = query.get(name, "1")
    return int(text) if text.isdecimal() and 0 < int(text) < 100_000 else 1


def _listing(query: QueryDict, name: str, page: int, count: int, rows: tuple[R, ...]) -> Listing[R]:
    return Listing(
        count=f"{count:,}",
        rows=rows,
        next_page_href=_turned(query, name, page + 1) if count > page * PAGE_ROWS else "",
        previous_page_href=_turned(query, name, page - 1) if page > 1 else "",
    )


def _turned(query: QueryDict, name: str, page: int) -> str:
    """The address of another page of one list; the other lists stay where they are."""
    kept = {key: query[key] for key in ("waiting", "sent", "documents") if key in query and key != name}
    return f"?{urlencode({**kept, name: page})}"
