"""What the lint says of a query, with the record that it is about."""

from __future__ import annotations

from collections.abc import Sequence

from cdi_queries.models import CdiQuery, QueryAnswer, QueryStatus
from cdi_queries.rules.content import QueryContent, from_json, linted
from cdi_queries.rules.contradictions import contradictions
from cdi_queries.rules.diagnoses import mentions
from cdi_queries.rules.lint import lint
from cdi_queries.rules.query import Finding, Previous
from cdi_queries.rules.triggers.shapes import Document as ReadDocument
from cdi_queries.terms.lint import lexicon, wording
from cdi_queries.terms.triggers import contradicting_values, trigger_book
from encounters.models import Document, DocumentVersion, Encounter

#: So many are named; whoever adds one sees the next.
MOST_OMITTED = 5
ANSWERED = (QueryStatus.ANSWERED, QueryStatus.CLOSED)


def record_of(encounter: Encounter) -> list[DocumentVersion]:
    """The newest version of each document but the answers to queries, in the order of their documents."""
    return list(
        DocumentVersion.objects.filter(client_id=encounter.client_id, document__encounter=encounter)
        .exclude(document__kind=Document.Kind.QUERY)
        .select_related("document")
        .order_by("document_id", "-number")
        .distinct("document_id")
    )


def documented_terms(
    encounter: Encounter, record: Sequence[DocumentVersion] | None = None
) -> tuple[str, ...]:
    """Names of diagnoses in the newest version of each document and in the answers to earlier queries.

    What the record turns down ("no sign of pneumonia") is not documented; neither is what a query offered.
    """
    answers = QueryAnswer.objects.filter(client_id=encounter.client_id, query__encounter=encounter)
    texts = [version.text for version in (record_of(encounter) if record is None else record)]
    texts += [f"{one.option_text or ''}\n{one.words or ''}" for one in answers]
    found = (hit.text for text in texts for hit in mentions(text, lexicon()) if not hit.turned_down)
    return tuple(dict.fromkeys(found))


def omitted(content: QueryContent, record: Sequence[DocumentVersion]) -> tuple[str, ...]:
    """Values of the record that speak against what is asked and are not among the indicators, as quoted."""
    asked = "\n".join((content.title, content.body, *(one.text for one in content.options)))
    documents = [ReadDocument(str(one.pk), one.document.kind, None, one.text) for one in record]
    titles = {str(one.pk): one.document.title for one in record}
    found = contradictions(asked, documents, contradicting_values(), trigger_book())
    return tuple(
        f"“{place.quote}” ({titles[place.document_id]})"
        for place in found
        if not any(
            one.version_id == place.document_id and one.start < place.end and place.start < one.end
            for one in content.indicators
        )
    )[:MOST_OMITTED]


def previous_of(query: CdiQuery) -> tuple[Previous, ...]:
    """The earlier queries about the same encounter, with what became of them."""
    others = (
        CdiQuery.objects.filter(client_id=query.client_id, encounter_id=query.encounter_id)
        .filter(sent_at__isnull=False)
        .exclude(pk=query.pk)
    )
    return tuple(
        Previous(
            from_json(one.content).body,
            str(one.provider_id),
            one.outcome if one.state in ANSWERED else "",
        )
        for one in others
    )


def findings_of(query: CdiQuery, content: QueryContent | None = None) -> list[Finding]:
    """The lint of a query as it stands, or with other words; one question and one record."""
    asked = content or from_json(query.content)
    record = record_of(query.encounter)
    read = linted(
        asked,
        documented_terms=documented_terms(query.encounter, record),
        provider=str(query.provider_id or ""),
        previous=previous_of(query),
        contradicting=omitted(asked, record),
        by_word_of_mouth=query.channel == "verbal",
    )
    return lint(read, wording(), lexicon())
