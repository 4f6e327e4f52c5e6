"""What the composer reads beside the chart: its queries, drafts about the same patient, whom to ask."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from cdi_queries.models import CdiQuery, ProviderContact, QueryStatus
from cdi_queries.rules.content import QueryContent, QuotedIndicator
from coding_ops.core.errors import InvalidInput
from encounters.models import Document, DocumentVersion, Encounter, Provider
from encounters.rules.anchors import make_anchor
from encounters.rules.note_html import lines_touched
from encounters.rules.text import split_lines

#: Longest quote of one indicator, in characters: a whole note quoted is no indicator.
LONGEST_INDICATOR = 1000
#: What stands before the answer in the document of a query (`rules/paper.py`).
ANSWER_BEGINS = "\nANSWER:\n"
#: Queries of one chart that its panel lists; a chart with more has a trail for each in the client's list.
QUERIES_SHOWN = 40
#: Providers offered at once; the others are found by name or NPI.
PROVIDERS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one document version, in code points."""

    version_id: uuid.UUID
    start: int
    end: int


def queries_about(queries: QuerySet[CdiQuery], encounter: Encounter) -> list[CdiQuery]:
    """Those of ``queries`` about one encounter, the newest first, each with its answer: two queries."""
    found = queries.filter(encounter=encounter).select_related("provider", "author", "answer_document")
    return list(found.prefetch_related("answers").order_by("-drafted_at", "-id")[:QUERIES_SHOWN])


def drafts_elsewhere(*, client_id: int, author_id: int, encounter: Encounter) -> list[CdiQuery]:
    """A person's drafts about other visits of the same patient, the newest first: one query."""
    drafts = CdiQuery.objects.filter(
        client_id=client_id,
        author_id=author_id,
        state=QueryStatus.DRAFT,
        encounter__patient_id=encounter.patient_id,
    )
    return list(drafts.exclude(encounter=encounter).select_related("encounter").order_by("-drafted_at"))


def quoted(encounter: Encounter, spans: Sequence[Span], zone: str) -> tuple[QuotedIndicator, ...]:
    """Words of this patient's record as indicators: quoted, dated and labelled with their lines.

    The day is the one on which the document was written, or received where the source did not say, in the
    client's own zone.  Words of another visit of the patient are marked as such.

    Raises:
        InvalidInput: words that are in no document of this patient, outside it, too many or none.
    """
    versions = {
        one.pk: one
        for one in DocumentVersion.objects.filter(
            client_id=encounter.client_id,
            pk__in={span.version_id for span in spans},
            document__encounter__patient_id=encounter.patient_id,
        ).select_related("document")
    }
    return tuple(_quote(encounter, versions.get(span.version_id), span, zone) for span in spans)


def _quote(encounter: Encounter, version: DocumentVersion | None, span: Span, zone: str) -> QuotedIndicator:
    if version is None:
        raise InvalidInput("The words are in no document of this patient.", code="evidence.foreign_document")
    if version.document.kind == Document.Kind.QUERY and span.start < version.text.rfind(ANSWER_BEGINS):
        raise InvalidInput(
            "The words of a question are no indicator: quote the answer, or the record itself.",
            code="query.quoted_question",
        )
    anchor = make_anchor(version.text, span.start, span.end, longest=LONGEST_INDICATOR)
    written = version.authored_at or version.received_at
    touched = lines_touched(split_lines(version.text), anchor.start, anchor.end)
    first, last = touched[0].number, touched[-1].number
    return QuotedIndicator(
        id="",
        version_id=str(version.pk),
        start=anchor.start,
        end=anchor.end,
        quote=version.text[anchor.start : anchor.end],
        document_title=version.document.title,
        document_on=written.astimezone(ZoneInfo(zone)).date(),
        lines=f"L{first}" if first == last else f"L{first}–{last}",
        is_prior=version.document.encounter_id != encounter.pk,
    )


def with_indicators(
    content: QueryContent, found: Iterable[QuotedIndicator], relevance: str = ""
) -> QueryContent:
    """The content with indicators more; ``relevance`` says why those of another visit matter now."""
    for one in found:
        content = content.with_indicator(replace(one, relevance=relevance) if one.is_prior else one)
    return content


def askable(client_id: int, today: date, words: str, always: Iterable[uuid.UUID]) -> list[Provider]:
    """Who can be asked: providers who have not left, those in ``always`` first, the rest by name.

    ``words`` narrows them by name or NPI.  At most ``PROVIDERS_SHOWN`` beside those in ``always``.
    """
    gone = ProviderContact.objects.filter(client_id=client_id, left_on__lte=today).values("provider_id")
    here = Provider.objects.filter(client_id=client_id).exclude(pk__in=gone)
    wanted = [one for one in always if one]
    first = {one.pk: one for one in here.filter(pk__in=wanted)} if wanted else {}
    found = here.exclude(pk__in=wanted)
    if words:
        found = found.filter(Q(name__icontains=words) | Q(npi__startswith=words))
    ahead = [first[pk] for pk in dict.fromkeys(wanted) if pk in first]
    return [*ahead, *found.order_by("name", "id")[:PROVIDERS_SHOWN]]
