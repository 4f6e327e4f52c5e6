"""Documented against codable: masked phrases of the provider's own notes beside titles of codes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import lru_cache

from cdi_queries.models import CdiQuery, DocumentedChart
from cdi_queries.rules.content import from_json
from cdi_queries.rules.education import Axis, Span, told_apart_by
from cdi_queries.rules.letter import CodeCount, Example, axes_words, payment_free
from cdi_queries.rules.masking import phrase
from cdi_queries.selectors.education import asked_in, cause_labels, open_charts, open_code_counts
from cdi_queries.terms.education import education_terms, masks
from cdi_queries.terms.lint import wording
from code_sets.models import Code
from code_sets.selectors import release_in_force
from coding_ops.core.errors import Refused
from coding_ops.tenancy.models import Client, Facility
from encounters.models import CodeRevision, DocumentVersion, Patient, Provider

DIAGNOSES = "ICD-10-CM"
CATEGORY = 3
LOOKED_THROUGH = 12
"""So many of the newest charts or questions are looked through for one example."""


def code_counts(client_id: int, provider_id: uuid.UUID, span: Span) -> tuple[CodeCount, ...]:
    """The commonest diagnoses that were left open, with what the code set of the last day tells apart."""
    terms = education_terms()
    return tuple(
        CodeCount(code, title, count, axes_of(code, title, span))
        for code, title, count in open_code_counts(client_id, provider_id, span)[: terms.most_codes]
    )


def axes_of(code: str, title: str, span: Span) -> tuple[Axis, ...]:
    """What the billable codes of the category tell apart; nothing while no release is loaded for the day."""
    try:
        release = release_in_force(DIAGNOSES, span.last)
    except Refused:
        return ()
    return told_apart_by(title, _siblings(release.pk, code[:CATEGORY]), education_terms())


@lru_cache(maxsize=512)
def _siblings(release_id: uuid.UUID, category: str) -> tuple[str, ...]:
    """Titles of a category's billable codes; a release never changes once it is loaded."""
    codes = Code.objects.filter(release_id=release_id, code__startswith=category, is_billable=True)
    return tuple(
        codes.order_by("position").values_list("title", flat=True)[: education_terms().most_siblings]
    )


def examples_of(
    client: Client, provider_id: uuid.UUID, span: Span, codes: tuple[CodeCount, ...]
) -> tuple[Example, ...]:
    """At most as many examples as the terms say: of answered questions first, then of codes.

    Words of a record are read here, and leave it masked.  What speaks of payment is left out.
    """
    names = _names(client)
    found: list[Example] = []
    for one in (
        *_of_queries(client, provider_id, span, names),
        *_of_codes(client.pk, provider_id, span, codes, names),
    ):
        texts = (one.about, one.phrase, one.coded, one.says)
        if one not in found and payment_free(texts, wording()):
            found.append(one)
        if len(found) == education_terms().most_examples:
            break
    return tuple(found)


def _of_queries(
    client: Client, provider_id: uuid.UUID, span: Span, names: tuple[str, ...]
) -> Iterator[Example]:
    """Questions whose answer made a code more specific: the words asked about, the code before and after."""
    labels = cause_labels(client.pk)
    asked = asked_in(client.pk, span, client.timezone).filter(provider_id=provider_id, shift__isnull=False)
    for query in asked.select_related("encounter__patient").order_by("-sent_at", "-pk")[:LOOKED_THROUGH]:
        pairs = (query.shift or {}).get("specified", [])
        quoted = _quoted(query, names)
        if pairs and quoted:
            before, after = pairs[0]
            about = labels.get(query.template_key, "A question")
            says = f"After your answer it was coded: {after['title']}."
            yield Example(about, quoted, before["title"], says)


def _quoted(query: CdiQuery, names: tuple[str, ...]) -> str:
    """The first indicator of this visit of which enough could stay."""
    known = (*names, *_patient(query.encounter.patient))
    quotes = (one.quote for one in from_json(query.content).indicators if not one.is_prior)
    return next((kept for one in quotes if (kept := phrase(one, masks(), known))), "")


def _of_codes(
    client_id: int, provider_id: uuid.UUID, span: Span, codes: tuple[CodeCount, ...], names: tuple[str, ...]
) -> Iterator[Example]:
    """A phrase that a code left open was given for."""
    for one in codes:
        if not one.axes:
            continue
        charts = open_charts(client_id, provider_id, span, one.code).select_related("encounter__patient")
        for chart in charts[:LOOKED_THROUGH]:
            kept = _cited(client_id, chart, one.code, names)
            if kept:
                says = f"The code set tells apart {axes_words(one.axes)}."
                yield Example("A diagnosis left unspecified", kept, one.title, says)
                break


def _cited(client_id: int, chart: DocumentedChart, code: str, names: tuple[str, ...]) -> str:
    """Masked words that were cited for the code in the version that was counted."""
    codes = CodeRevision.objects.filter(
        client_id=client_id, encounter_id=chart.encounter_id, number=chart.revision_number
    ).values_list("codes", flat=True)
    links = [link for line in codes.get() if line["code"] == code for link in line["evidence"]]
    known = (*names, *_patient(chart.encounter.patient))
    for link in links:
        version = DocumentVersion.objects.filter(client_id=client_id, pk=link["document_version"]).first()
        if version is not None and (
            kept := phrase(version.text[link["start"] : link["end"]], masks(), known)
        ):
            return kept
    return ""


def _names(client: Client) -> tuple[str, ...]:
    """Names that may stand in any note of the client: its own, its places', its providers'."""
    return (
        client.name,
        *Facility.objects.filter(client_id=client.pk).values_list("name", flat=True),
        *Provider.objects.filter(client_id=client.pk).values_list("name", flat=True),
    )


def _patient(patient: Patient) -> tuple[str, str]:
    return patient.family_name, patient.given_name
