"""A chart as the trigger rules read it: newest texts, diagnoses of the working set, titles beside them."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from cdi_queries.rules.triggers.shapes import Book, Chart, Chronic, Code, Document
from code_sets.rules.index import SearchIndex
from code_sets.selectors import index_of, release_in_force
from coding_ops.core.errors import Refused
from encounters.models import CodeAssignment, CodeKind, DocumentVersion, Encounter
from encounters.selectors.hcc_support import judged_of
from encounters.selectors.readiness import assignments_of

SYSTEM = "ICD-10-CM"
#: In a title that leaves something open; only such codes are compared with those beside them.
OPEN_WORD = "unspecified"


def trigger_chart(encounter: Encounter, book: Book, zone: str) -> Chart:
    """One encounter, five queries at most; ``zone`` is the client's, for the days of documents."""
    rows = [row for row in assignments_of(encounter) if row.kind == CodeKind.DIAGNOSIS]
    return Chart(documents=_documents(encounter, ZoneInfo(zone)), codes=_codes(encounter, rows, book))


def _documents(encounter: Encounter, zone: ZoneInfo) -> tuple[Document, ...]:
    """The newest version of each document, in the order in which they were written."""
    versions = list(
        DocumentVersion.objects.filter(client_id=encounter.client_id, document__encounter=encounter)
        .select_related("document")
        .order_by("document_id", "-number")
        .distinct("document_id")
    )
    versions.sort(key=lambda one: (one.authored_at or one.received_at, one.pk))
    return tuple(
        Document(
            str(one.pk),
            one.document.kind,
            (one.authored_at or one.received_at).astimezone(zone).date(),
            one.text,
        )
        for one in versions
    )


def _codes(encounter: Encounter, rows: Sequence[CodeAssignment], book: Book) -> tuple[Code, ...]:
    index = _index(encounter) if any(OPEN_WORD in row.title.lower() for row in rows) else None
    support = _support(encounter, rows, book)
    return tuple(
        Code(
            row.code,
            row.title,
            _siblings(index, row.code) if index and OPEN_WORD in row.title.lower() else (),
            support.get(str(row.pk), ""),
        )
        for row in rows
    )


def _support(encounter: Encounter, rows: Sequence[CodeAssignment], book: Book) -> dict[str, str]:
    """What the cited words of chronic conditions make of them, by the assignment's id."""
    chronic = [rule.test.codes for rule in book.rules if isinstance(rule.test, Chronic)]
    mapped = {row.code: () for row in rows if any(codes.fullmatch(row.code) for codes in chronic)}
    if not mapped:
        return {}
    return {one.diagnosis.key: one.support.value for one in judged_of(encounter, rows, mapped)}


def _index(encounter: Encounter) -> SearchIndex | None:
    """The codes in force on the coding day; None where no release answers for it: then titles alone speak."""
    try:
        return index_of(release_in_force(SYSTEM, encounter.coding_on))
    except Refused:
        return None


def _siblings(index: SearchIndex, code: str) -> tuple[str, ...]:
    """Titles of the codes beside one, and of those beside its heading: a fracture's side stands there."""
    number = index.find(code)
    if number is None:
        return ()
    found: list[int] = []
    for _ in range(2):
        parent = index.parents[number]
        if parent >= len(index.codes):
            break
        found += [one for one in index.children(parent) if one != number]
        number = parent
    return tuple(index.title(one) for one in found)
