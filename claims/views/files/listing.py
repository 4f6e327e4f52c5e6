"""``/c/<client>/claims/files/``: the files that came, and sending more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO, cast

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from claims.access.files import open_files, require_sender
from claims.access.roles import SENDERS
from claims.actions.files import keep_file
from claims.models import Door, FileKind, FileState, PayerFile
from claims.selectors.payer_files import (
    MOST_PROBLEMS_SHOWN,
    WantedFiles,
    file_page,
    open_problems,
)
from claims.views.files.dto import FilesPage
from claims.views.files.words import STATES, file_href, file_row, list_href, problem_row
from claims.views.tabs import claim_tabs
from coding_ops.core.errors import DomainError, InvalidInput, Refused
from coding_ops.tenancy.tasks import enqueue
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.views.paging import at_of, turn, turns

READ_TASK = "claims.read_files"
MOST_AT_ONCE = 50
NAMES = ("kind", "state")


@require_http_methods(["GET", "POST"])
@for_client
def files(request: HttpRequest) -> HttpResponse:
    """``kind``, ``state``, ``after``, ``before``; a POST with ``file`` sends one or several."""
    actor, client = actor_of(request), client_of(request)
    if request.method == "GET":
        open_files(actor, client.id)
        return _page(request)
    require_sender(actor)
    try:
        kept = _keep(request)
    except (Refused, InvalidInput) as error:
        open_files(actor, client.id)
        return _page(request, error)
    fresh = [file for file, is_new in kept if is_new]
    if fresh:
        enqueue(READ_TASK, client_id=client.id)
    _tell(request, len(fresh), len(kept) - len(fresh))
    if len(kept) == 1:
        return leave(request, file_href(client.slug, kept[0][0].pk))
    return leave(request, list_href(client.slug))


def _keep(request: HttpRequest) -> list[tuple[PayerFile, bool]]:
    """All of them or none: a file that is refused keeps the others out, so that none is forgotten."""
    sent = [one for one in request.FILES.getlist("file") if isinstance(one, UploadedFile)]
    if not sent:
        raise InvalidInput("Choose one file or several first.", code="claim_file.no_file")
    if len(sent) > MOST_AT_ONCE:
        raise InvalidInput(f"Send at most {MOST_AT_ONCE} files at once.", code="claim_file.too_many")
    for one in sent:
        if (one.size or 0) > settings.INTAKE_MAX_BYTES:
            raise Refused(f"A file is larger than {_most()}. Send it in parts.", code="claim_file.too_large")
    return [
        keep_file(
            actor=actor_of(request),
            client_id=client_of(request).id,
            filename=one.name or "",
            content=cast("BinaryIO", one.file),
            door=Door.UPLOAD,
            now=timezone.now(),
        )
        for one in sent
    ]


def _tell(request: HttpRequest, fresh: int, known: int) -> None:
    if fresh:
        what = "The file is kept" if fresh == 1 else f"{fresh} files are kept"
        messages.success(request, f"{what} and will be read in a moment.")
    if known:
        which = "These very bytes were" if known == 1 else f"The very bytes of {known} files were"
        messages.info(request, f"{which} received before; nothing was added.")


def _page(request: HttpRequest, error: DomainError | None = None) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    kept = {name: request.GET.get(name, "").strip() for name in NAMES}
    wanted = WantedFiles(
        kind=kept["kind"] if kept["kind"] in FileKind.values else "",
        state=kept["state"] if kept["state"] in FileState.values else "",
    )
    found = file_page(client.id, wanted, at_of(request.GET))
    waiting = open_problems(client.id)
    previous, following = turns(found, kept)
    page = FilesPage(
        href=list_href(client.slug),
        unmatched_href=f"{list_href(client.slug)}unmatched/",
        rows=tuple(file_row(row, client) for row in found.rows),
        waiting=tuple(problem_row(row, client) for row in waiting[:MOST_PROBLEMS_SHOWN]),
        more_waiting=len(waiting) > MOST_PROBLEMS_SHOWN,
        kinds=_chips(kept, "kind", [("", "Every kind"), *FileKind.choices]),
        states=_chips(
            kept, "state", [("", "Every state"), *((one.value, label) for one, label in STATES.items())]
        ),
        empty_words="No file fits this filter. Choose Every kind and Every state."
        if any(kept.values())
        else "Nothing has come yet. Send what a payer or clearinghouse answered.",
        may_send=actor.role in SENDERS,
        most=_most(),
        next_page_href=following,
        previous_page_href=previous,
    )
    context = {
        "page": page,
        "tabs": claim_tabs(actor.role, client.slug, "files"),
        "errors": {"file": error.message} if error else {},
    }
    return render(request, "claims/files/list.html", context, status=422 if error else 200)


def _chips(kept: Mapping[str, str], name: str, choices: list[tuple[str, str]]) -> tuple[Choice, ...]:
    return tuple(
        Choice(value, str(label), kept[name] == value, turn({**kept, name: value}))
        for value, label in choices
    )


def _most() -> str:
    return f"{settings.INTAKE_MAX_BYTES // (1024 * 1024)} MB"
