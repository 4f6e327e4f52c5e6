"""Documents the client sent, newest first, without a word of their text."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, QuerySet

from encounters.models import Document, DocumentVersion
from encounters.selectors.paging import At, KeysetPage, page_of


@dataclass(frozen=True, slots=True)
class Versions:
    """How many versions of a document arrived, and when the first and the newest did."""

    count: int
    first_at: datetime
    newest_at: datetime


def documents_page(documents: QuerySet[Document], at: At) -> KeysetPage[Document]:
    """One page in the order of arrival: ids are made in that order, so no other index is needed.

    Raises:
        NotFound: the address names a document beside the page that is missing or not theirs.
    """
    return page_of(documents.select_related("encounter"), documents, at, by="id", newest_first=True)


def versions_of(client_id: int, documents: Sequence[Document]) -> Mapping[uuid.UUID, Versions]:
    """Of each listed document, in one query."""
    rows = (
        DocumentVersion.objects.filter(client_id=client_id, document_id__in=[row.pk for row in documents])
        .order_by()
        .values_list("document_id")
        .annotate(Count("pk"), Min("received_at"), Max("received_at"))
    )
    return {document_id: Versions(count, first, newest) for document_id, count, first, newest in rows}
