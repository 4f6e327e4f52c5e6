"""What the lint says of a query, with the record that it is about."""

from __future__ import annotations

from cdi_queries.lint_command import lexicon, wording
from cdi_queries.models import CdiQuery, QueryAnswer, QueryStatus
from cdi_queries.rules.content import QueryContent, from_json, linted
from cdi_queries.rules.diagnoses import mentions
from cdi_queries.rules.lint import lint
from cdi_queries.rules.query import Finding, Previous
from encounters.models import Document, DocumentVersion, Encounter

ANSWERED = (QueryStatus.ANSWERED, QueryStatus.CLOSED)


def documented_terms(encounter: Encounter) -> tuple[str, ...]:
    """Names of diagnoses in the newest version of each document and in the answers to earlier queries.

    What the record turns down ("no sign of pneumonia") is not documented; neither is what a query offered.
    """
    versions = (
        DocumentVersion.objects.filter(client_id=encounter.client_id, document__encounter=encounter)
        .exclude(document__kind=Document.Kind.QUERY)
        .order_by("document_id", "-number")
        .distinct("document_id")
        .only("id", "client_id", "text")
    )
    answers = QueryAnswer.objects.filter(client_id=encounter.client_id, query__encounter=encounter)
    texts = [version.text for version in versions]
    texts += [f"{one.option_text or ''}\n{one.words or ''}" for one in answers]
    found = (hit.text for text in texts for hit in mentions(text, lexicon()) if not hit.turned_down)
    return tuple(dict.fromkeys(found))


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
    read = linted(
        content or from_json(query.content),
        documented_terms=documented_terms(query.encounter),
        provider=str(query.provider_id or ""),
        previous=previous_of(query),
        by_word_of_mouth=query.channel == "verbal",
    )
    return lint(read, wording(), lexicon())
