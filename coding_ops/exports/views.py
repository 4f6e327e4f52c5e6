"""Files that a person asked for: the list, one with its progress, and its download."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from coding_ops.exports.access import find_export, own_exports, take_export
from coding_ops.exports.actions import ask_export
from coding_ops.exports.dto import ExportList, ExportPage, ExportRow
from coding_ops.exports.models import ExportFile
from coding_ops.exports.states import PENDING, ExportState
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.http import leave, show
from coding_ops.web.middleware import actor_of

PAGE_ROWS = 50
STATES = {
    ExportState.WAITING: ("In line", "warn"),
    ExportState.RUNNING: ("Being made", "warn"),
    ExportState.DONE: ("Ready", "ok"),
    ExportState.FAILED: ("Failed", "bad"),
    ExportState.EXPIRED: ("Deleted", ""),
}


@require_http_methods(["GET", "POST"])
@for_client
def exports(request: HttpRequest) -> HttpResponse:
    """GET ``page``: the person's own files.  POST ``kind`` and what it asks for: another one."""
    actor, client = actor_of(request), client_of(request)
    base = f"/c/{client.slug}/exports/"
    if request.method == "POST":
        given = {
            name: value for name, value in request.POST.items() if name not in ("csrfmiddlewaretoken", "kind")
        }
        made = ask_export(
            actor=actor,
            client_id=client.id,
            kind=request.POST.get("kind", ""),
            given={name: str(value) for name, value in given.items()},
        )
        return leave(request, f"{base}{made.pk}/")
    text = request.GET.get("page", "1")
    number = int(text) if text.isdecimal() and 0 < int(text) < 10_000 else 1
    start = (number - 1) * PAGE_ROWS
    found = list(own_exports(actor, client.id)[start : start + PAGE_ROWS + 1])
    page = ExportList(
        rows=tuple(_row(one, base, client.timezone) for one in found[:PAGE_ROWS]),
        previous_page_href=f"?page={number - 1}" if number > 1 else "",
        next_page_href=f"?page={number + 1}" if len(found) > PAGE_ROWS else "",
    )
    return render(request, "exports/list.html", {"page": page})


@require_GET
@for_client
def export(request: HttpRequest, export_id: uuid.UUID) -> HttpResponse:
    """One file: how far it is, then its download; the partial is what a script asks for again."""
    client = client_of(request)
    found = find_export(actor=actor_of(request), client_id=client.id, export_id=export_id)
    context = {"page": _page(found, f"/c/{client.slug}/exports/", client.timezone)}
    return show(request, "exports/export.html", "exports/_progress.html", context)


@require_GET
@for_client
def download(request: HttpRequest, export_id: uuid.UUID) -> HttpResponse:
    """The file itself; the read is noted, and nothing on the way keeps a copy."""
    client = client_of(request)
    found, content = take_export(
        actor=actor_of(request), client_id=client.id, export_id=export_id, now=timezone.now()
    )
    answer = HttpResponse(content, content_type=found.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _row(found: ExportFile, base: str, zone: str) -> ExportRow:
    words, tone = STATES[ExportState(found.state)]
    return ExportRow(
        href=f"{base}{found.pk}/",
        title=found.title,
        state=words,
        tone=tone,
        asked=moment(found.asked_at, zone),
        until=moment(found.expires_at, zone) if found.expires_at and found.state == ExportState.DONE else "",
        size=_size(found.byte_count) if found.byte_count else "",
    )


def _page(found: ExportFile, base: str, zone: str) -> ExportPage:
    state = ExportState(found.state)
    words, tone = STATES[state]
    href = f"{base}{found.pk}/"
    facts = (
        ("Asked for", moment(found.asked_at, zone)),
        ("Made", moment(found.finished_at, zone) if found.finished_at else ""),
        ("Kept until", moment(found.expires_at, zone) if found.expires_at else ""),
        ("File", f"{found.file_name}, {_size(found.byte_count)}" if found.file_name else ""),
        ("SHA-256", found.sha256),
        ("Charts in it", f"{len(found.encounter_ids):,}" if found.sha256 else ""),
    )
    return ExportPage(
        href=href,
        list_href=base,
        title=found.title,
        state=words,
        tone=tone,
        is_pending=state in PENDING,
        done=found.done_count,
        total=found.total_count,
        words=_progress(found) if state in PENDING else "",
        failure=found.failure,
        download_href=f"{href}file/" if state is ExportState.DONE else "",
        facts=tuple((label, value) for label, value in facts if value),
    )


def _progress(found: ExportFile) -> str:
    if not found.total_count:
        return "In line. It starts within a minute."
    return f"{found.done_count:,} of {found.total_count:,} steps"


def _size(count: int) -> str:
    """``37 kB``, ``1.2 MB``."""
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1000)):,} kB"
