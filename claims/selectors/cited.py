"""What the chart cites for a billed service: the words, where they stand, and what guidelines say."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from claims.models import Claim, ClaimLine
from code_sets.book import guidelines
from code_sets.rules.entries import shown_code
from encounters.models import CodeKind, CodeRevision, DocumentVersion

DIAGNOSES = "ICD-10-CM"
MOST_QUOTES = 12
MOST_NOTES = 6


@dataclass(frozen=True, slots=True)
class Cited:
    """Words of the record that support a code, with the document they stand in."""

    code: str
    quote: str
    source: str
    version_id: uuid.UUID
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Support:
    """What supports a line (or the whole claim): codes without dots, words, notes as section and text."""

    codes: tuple[str, ...]
    cited: tuple[Cited, ...]
    notes: tuple[tuple[str, str], ...]
    edition: str


def support_of(claim: Claim, line: ClaimLine | None) -> Support:
    """The support of one line with its diagnoses, or of the whole claim; two queries.

    A claim that is tied to no finished version of ours has its codes and no words.
    """
    codes = _diagnoses(claim, line)
    found = guidelines().get(DIAGNOSES, ())
    notes = dict.fromkeys((one.section, one.text) for code in codes for one in found if one.is_about(code))
    return Support(
        codes=codes,
        cited=_cited(claim, line, codes),
        notes=tuple(notes)[:MOST_NOTES],
        edition=found[0].edition if found else "",
    )


def _diagnoses(claim: Claim, line: ClaimLine | None) -> tuple[str, ...]:
    """Those that the line points at, in the line's order; all of them where it points at none."""
    billed = [row["code"] for row in claim.diagnoses]
    wanted = [billed[number - 1] for number in (line.pointers if line else ()) if 0 < number <= len(billed)]
    return tuple(dict.fromkeys(wanted or billed))


def _cited(claim: Claim, line: ClaimLine | None, codes: Collection[str]) -> tuple[Cited, ...]:
    if claim.encounter_id is None or claim.revision_number is None:
        return ()
    revision = CodeRevision.objects.filter(
        client_id=claim.client_id, encounter_id=claim.encounter_id, number=claim.revision_number
    ).first()
    if revision is None:
        return ()
    service = str(line.assignment_id) if line is not None and line.assignment_id else ""
    rows = sorted(revision.codes, key=lambda row: (row["kind"] != CodeKind.SERVICE, row["position"]))
    links = [
        (row["code"], link)
        for row in rows
        if _is_meant(row["kind"], row["id"], row["code"], line, service, codes)
        for link in row["evidence"]
    ][:MOST_QUOTES]
    versions = _versions(claim.client_id, {link["document_version"] for _, link in links})
    return tuple(
        Cited(
            code,
            versions[link["document_version"]].text[link["start"] : link["end"]],
            _source(versions[link["document_version"]]),
            versions[link["document_version"]].pk,
            link["start"],
            link["end"],
        )
        for code, link in links
    )


def _is_meant(
    kind: str, key: str, code: str, line: ClaimLine | None, service: str, codes: Collection[str]
) -> bool:
    if kind == CodeKind.DIAGNOSIS:
        return code in codes
    return line is None or (key == service if service else code == line.code)


def _versions(client_id: int, ids: Collection[str]) -> dict[str, DocumentVersion]:
    rows = DocumentVersion.objects.filter(client_id=client_id, pk__in=ids).select_related("document")
    return {str(row.pk): row for row in rows}


def _source(version: DocumentVersion) -> str:
    parts = [version.document.title]
    if version.author_name:
        parts.append(version.author_name)
    if version.authored_at is not None:
        parts.append(f"{version.authored_at:%m/%d/%Y}")
    return ", ".join(parts)


def with_dots(codes: Collection[str]) -> str:
    """``E11.22, N18.31``"""
    return ", ".join(shown_code(DIAGNOSES, code) for code in codes)
