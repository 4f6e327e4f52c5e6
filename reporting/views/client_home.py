"""``/c/<client>/`` for the client's own people: what waits for them, what they sent, how fast it is coded."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from coding_ops.tenancy.access import ReachedClient
from coding_ops.web.client_pages import client_of
from encounters.models import EncounterStatus, OwnerParty, PendReason, SourceFormat
from encounters.selectors.listing import CODING, WAITING
from encounters.views import words as chart_words
from encounters.views.standing import WITH_CODERS
from reporting.models import Span
from reporting.rules import definitions
from reporting.rules.kpi import Audience
from reporting.selectors.board import board_of, targets_on
from reporting.selectors.client_home import (
    NO_NOTE,
    WaitingVisit,
    newest_documents,
    newest_files,
    visits_by_standing,
    waiting_visits,
)
from reporting.views import board_parts as parts
from reporting.views import words
from reporting.views.board_parts import Sheet
from reporting.views.dto import Cell, ClientHomePage, DocumentRow, Listing, SentRow, WaitingRow

MOST_WAITING, MOST_SENT = 10, 5
STANDINGS = ((WAITING, "Waiting for you"), (CODING, WITH_CODERS), (EncounterStatus.FINAL.value, "Final"))
FOOTNOTE = (
    "Visits and holds are as of now; the figures above are computed every hour. Intervals are 95%. "
    "A day of waiting counts for the one party that held the visit up when the day ended."
)


def client_home(request: HttpRequest) -> HttpResponse:
    """The client's own page; numbers of the vendor's inside are not on it."""
    return render(request, "reporting/client_home.html", {"page": _page(client_of(request))})


def _page(client: ReachedClient) -> ClientHomePage:
    board = board_of([client.id], Span.FOUR)
    day = timezone.now().astimezone(ZoneInfo(client.timezone)).date()
    targets = {name: band for (_client_id, name), band in targets_on([client.id], day).items()}
    sheet = Sheet(board, Span.FOUR, client.timezone, f"/c/{client.slug}/dashboard/rows/", targets)
    kpis = definitions.current(Audience.CLIENT)
    figures, breakdowns = parts.waiting_pairs(sheet)
    window = ""
    if board.window_start is not None and board.window_end is not None:
        window = f"Figures for {words.period(board.window_start, board.window_end, client.timezone)}."
    count = visits_by_standing(client.id)
    listed = f"/c/{client.slug}/encounters/"
    return ClientHomePage(
        heading=client.name,
        summary=window or "No figures yet; the first come within the hour.",
        encounters_href=listed,
        kpis=parts.cards(sheet, kpis),
        figures=figures,
        breakdowns=breakdowns,
        counts=tuple(Cell(label, f"{count[code]:,}", f"{listed}?status={code}") for code, label in STANDINGS),
        waiting=_waiting(client, count[WAITING]),
        sent=_sent(client),
        documents=_documents(client),
        meanings=parts.meanings(kpis),
        footnote=FOOTNOTE,
    )


def _waiting(client: ReachedClient, count: int) -> Listing[WaitingRow]:
    rows = tuple(_waiting_row(client, visit) for visit in waiting_visits(client.id, MOST_WAITING))
    return Listing(f"{count:,}", f"/c/{client.slug}/encounters/?status={WAITING}", rows)


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


def _sent(client: ReachedClient) -> Listing[SentRow]:
    count, files = newest_files(client.id, MOST_SENT)
    base = f"/c/{client.slug}/intake/"
    rows = tuple(
        SentRow(
            href=f"{base}{file.id}/",
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
    return Listing(f"{count:,}", base, rows)


def _documents(client: ReachedClient) -> Listing[DocumentRow]:
    count, documents = newest_documents(client.id, MOST_SENT)
    rows = tuple(
        DocumentRow(
            href=f"/c/{client.slug}/encounters/{document.encounter_id}/",
            visit_id=document.visit_id,
            title=document.title,
            versions=str(document.versions),
            at=chart_words.moment(document.newest_at, client.timezone),
        )
        for document in documents
    )
    return Listing(f"{count:,}", f"/c/{client.slug}/documents/", rows)
