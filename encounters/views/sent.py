"""``/c/<client>/documents/``: what the client sent, document by document, without their text or a name."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from coding_ops.tenancy.access import ReachedClient
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.middleware import actor_of
from encounters.access import documents_in_reach
from encounters.models import Document
from encounters.selectors.sent import Versions, documents_page, versions_of
from encounters.views import words
from encounters.views.list_dto import SentPage, SentRow
from encounters.views.paging import at_of, turns


@require_GET
@for_client
def documents(request: HttpRequest) -> HttpResponse:
    """``after``, ``before``."""
    actor, client = actor_of(request), client_of(request)
    found = documents_page(documents_in_reach(actor, client.id), at_of(request.GET))
    versions = versions_of(client.id, found.rows) if found.rows else {}
    count = len(found.rows)
    more = "; more on the next page" if found.has_next else ""
    previous, following = turns(found, {})
    page = SentPage(
        heading="Documents",
        summary=f"{count} document{'s' if count != 1 else ''}, newest first{more}" if count else "",
        rows=tuple(_row(client, document, versions.get(document.pk)) for document in found.rows),
        empty_words="No document has arrived yet. Notes come with the visits in the files that are sent.",
        previous_page_href=previous,
        next_page_href=following,
    )
    return render(request, "encounters/documents.html", {"page": page})


def _row(client: ReachedClient, document: Document, versions: Versions | None) -> SentRow:
    return SentRow(
        href=f"/c/{client.slug}/encounters/{document.encounter_id}/",
        title=document.title or "Untitled",
        kind=str(document.get_kind_display()),
        visit_id=document.encounter.external_id,
        versions=str(versions.count) if versions else "0",
        first=words.moment(versions.first_at, client.timezone) if versions else "",
        newest=words.moment(versions.newest_at, client.timezone) if versions and versions.count > 1 else "",
    )
