"""A client's files: what came, what became of it, what could not be read; and sending one more."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import BinaryIO, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coding_ops.core.errors import Conflict, DomainError, InvalidInput, Refused
from coding_ops.tenancy.models import Client
from coding_ops.tenancy.tasks import enqueue
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.access import INTAKE_SENDERS, find_file, find_quarantined, require_intake, require_sender
from encounters.actions.intake import dismiss_item, retry_file, store_file
from encounters.actions.intake.connections import connection_for
from encounters.models import QuarantineItem, RawFile
from encounters.selectors.intake import PAGE_ROWS, items_of, open_items, received_files
from encounters.views import words

READ_TASK = "encounters.read_file"
TONES = {
    RawFile.Status.RECEIVED: "warn",
    RawFile.Status.READING: "warn",
    RawFile.Status.DONE: "ok",
    RawFile.Status.FAILED: "bad",
}
ITEM_TONES = {
    QuarantineItem.Status.OPEN: "warn",
    QuarantineItem.Status.RETRIED: "ok",
    QuarantineItem.Status.DISMISSED: "",
}


@dataclass(frozen=True, slots=True)
class FileRow:
    """One received file."""

    href: str
    name: str
    received: str
    sender: str
    size: str
    source_format: str
    status: str
    tone: str
    accepted: int
    updated: int
    duplicates: int
    quarantined: int
    read: int
    is_settled: bool


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One thing that was set aside: where, which field, why.  Never a value."""

    file_href: str
    dismiss_href: str
    place: str
    field: str
    message: str
    status: str
    tone: str
    resolution: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class FilesPage:
    """``/c/<client>/intake/``."""

    href: str
    files: tuple[FileRow, ...]
    waiting: tuple[ItemRow, ...]
    more_waiting: bool
    may_send: bool
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class FilePage:
    """``/c/<client>/intake/<file>/``."""

    file: FileRow
    set_aside: tuple[ItemRow, ...]
    may_send: bool
    list_href: str
    next_page_href: str = ""
    previous_page_href: str = ""


@require_http_methods(["GET", "POST"])
@for_client
def files(request: HttpRequest) -> HttpResponse:
    """The list; a POST with ``file`` sends one, which is stored at once and read in the background."""
    actor, client = actor_of(request), client_of(request)
    if request.method == "GET":
        require_intake(actor, client.id)
        return _files(request)
    require_sender(actor)
    try:
        raw_file, is_new = _store(request)
    except (Refused, InvalidInput) as error:
        return _files(request, error)
    if is_new:
        enqueue(READ_TASK, client_id=client.id, raw_file_id=str(raw_file.pk))
        messages.success(request, "The file is stored and will be read in a moment.")
    else:
        messages.info(request, "These very bytes were received before; nothing was added.")
    return leave(request, _file_href(client.slug, raw_file.pk))


def _store(request: HttpRequest) -> tuple[RawFile, bool]:
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        raise InvalidInput("Choose a file first.", code="intake.no_file")
    actor = actor_of(request)
    client = Client.objects.get(pk=client_of(request).id)
    way = connection_for(actor=actor, client=client, name=request.POST.get("connection", ""))
    return store_file(
        actor=actor, connection=way, filename=sent.name or "", content=cast("BinaryIO", sent.file)
    )


def _files(request: HttpRequest, error: DomainError | None = None) -> HttpResponse:
    client = client_of(request)
    number = _page_number(request)
    rows = received_files(client.id, offset=(number - 1) * PAGE_ROWS, limit=PAGE_ROWS + 1)
    waiting = open_items(client.id, limit=PAGE_ROWS + 1)
    page = FilesPage(
        href=_list_href(client.slug),
        files=tuple(_file_row(request, row) for row in rows[:PAGE_ROWS]),
        waiting=tuple(_item_row(request, item) for item in waiting[:PAGE_ROWS]),
        more_waiting=len(waiting) > PAGE_ROWS,
        may_send=actor_of(request).role in INTAKE_SENDERS,
        next_page_href=f"?page={number + 1}" if len(rows) > PAGE_ROWS else "",
        previous_page_href=f"?page={number - 1}" if number > 1 else "",
    )
    errors = {"file": error.message} if error else {}
    return render(
        request, "encounters/intake.html", {"page": page, "errors": errors}, status=422 if error else 200
    )


@require_GET
@for_client
def file(request: HttpRequest, raw_file_id: uuid.UUID) -> HttpResponse:
    """One file and all that was set aside of it."""
    actor, client = actor_of(request), client_of(request)
    found = find_file(actor=actor, client_id=client.id, raw_file_id=raw_file_id)
    number = _page_number(request)
    items = items_of(client.id, found.pk, offset=(number - 1) * PAGE_ROWS, limit=PAGE_ROWS + 1)
    page = FilePage(
        file=_file_row(request, found),
        set_aside=tuple(_item_row(request, item) for item in items[:PAGE_ROWS]),
        may_send=actor.role in INTAKE_SENDERS,
        list_href=_list_href(client.slug),
        next_page_href=f"?page={number + 1}" if len(items) > PAGE_ROWS else "",
        previous_page_href=f"?page={number - 1}" if number > 1 else "",
    )
    return render(request, "encounters/intake_file.html", {"page": page})


@require_POST
@for_client
def retry(request: HttpRequest, raw_file_id: uuid.UUID) -> HttpResponse:
    """Has the file read again: what was taken stays, what is refused again stays open."""
    actor, client = actor_of(request), client_of(request)
    require_sender(actor)
    found = find_file(actor=actor, client_id=client.id, raw_file_id=raw_file_id)
    retry_file(actor=actor, client_id=client.id, raw_file_id=found.pk)
    enqueue(READ_TASK, client_id=client.id, raw_file_id=str(found.pk))
    messages.success(request, "The file will be read again in a moment.")
    return leave(request, _file_href(client.slug, found.pk))


@require_http_methods(["GET", "POST"])
@for_client
def dismiss(request: HttpRequest, item_id: uuid.UUID) -> HttpResponse:
    """A form that asks why; then the item is closed."""
    actor, client = actor_of(request), client_of(request)
    require_sender(actor)
    item = find_quarantined(actor=actor, client_id=client.id, item_id=item_id)
    reason, error = request.POST.get("reason", ""), ""
    if request.method == "POST":
        try:
            dismiss_item(actor=actor, client_id=client.id, item_id=item.pk, reason=reason)
        except Conflict:
            messages.info(request, "Somebody has closed this already.")
            return leave(request, _file_href(client.slug, item.raw_file_id))
        except Refused as refusal:
            error = refusal.message
        else:
            messages.success(request, "Dismissed.")
            return leave(request, _file_href(client.slug, item.raw_file_id))
    context = {
        "item": _item_row(request, item),
        "reason": reason,
        "errors": {"reason": error} if error else {},
    }
    return render(request, "encounters/intake_dismiss.html", context, status=422 if error else 200)


def _page_number(request: HttpRequest) -> int:
    number = request.GET.get("page", "1")
    return int(number) if number.isdecimal() and 0 < int(number) < 10_000 else 1


def _list_href(slug: str) -> str:
    return f"/c/{slug}/intake/"


def _file_href(slug: str, raw_file_id: uuid.UUID) -> str:
    return f"{_list_href(slug)}{raw_file_id}/"


def _file_row(request: HttpRequest, row: RawFile) -> FileRow:
    client = client_of(request)
    status = RawFile.Status(row.status)
    return FileRow(
        href=_file_href(client.slug, row.pk),
        name=row.filename or "(no name)",
        received=words.moment(row.received_at, client.timezone),
        sender=row.received_by.full_name if row.received_by else row.connection.name,
        size=_size(row.byte_count),
        source_format=row.get_source_format_display(),
        status=status.label,
        tone=TONES[status],
        accepted=row.accepted_count,
        updated=row.updated_count,
        duplicates=row.duplicate_count,
        quarantined=row.quarantined_count,
        read=row.read_count,
        is_settled=status in (RawFile.Status.DONE, RawFile.Status.FAILED),
    )


def _item_row(request: HttpRequest, item: QuarantineItem) -> ItemRow:
    client = client_of(request)
    status = QuarantineItem.Status(item.status)
    return ItemRow(
        file_href=_file_href(client.slug, item.raw_file_id),
        dismiss_href=f"{_list_href(client.slug)}items/{item.pk}/dismiss/",
        place=item.place,
        field=item.field,
        message=item.message,
        status=status.label,
        tone=ITEM_TONES[status],
        resolution=item.resolution,
        is_open=status == QuarantineItem.Status.OPEN,
    )


def _size(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.0f} kB" if count < 1024 * 1024 else f"{count / (1024 * 1024):.1f} MB"
