"""The newest finished version of an encounter's codes: what people outside the coding team are shown.

It is read from the stored version alone, never from the working set, so that a draft cannot show through.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from encounters.models import CodeKind, CodeRevision, Encounter, ExceptionReason, OverrideReason
from encounters.selectors.release import released_revisions


@dataclass(frozen=True, slots=True)
class FinalLink:
    """Words of a document version that support a code, by offsets in code points."""

    version_id: uuid.UUID
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FinalFinding:
    """A finding of the edits that a finished version lets stand.

    ``reason`` is the label of the closed list; ``note`` and ``by`` are the coding team's own.
    """

    key: str
    rule: str
    citation: str
    message: str
    reason: str
    note: str
    by: str
    link: FinalLink | None
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FinalCode:
    """One code of a finished version.

    Attributes:
        key: ``"1"`` for the first diagnosis, ``"S1"`` for the first service.
        pointers: keys of the diagnoses a service is for.
        exception: the recorded reason for having no quoted words, as a label.
        findings: what the edits found of it, and was let stand with a reason.
    """

    key: str
    kind: str
    system: str
    code: str
    title: str
    modifiers: tuple[str, ...]
    units: int
    poa: str
    pointers: tuple[str, ...]
    exception: str
    links: tuple[FinalLink, ...]
    findings: tuple[FinalFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class FinalSet:
    """A finished version: its codes in claim order, and who answers for them."""

    number: int
    finalized_at: datetime
    coder_name: str
    credential: str
    codes: tuple[FinalCode, ...]


def final_set(encounter: Encounter) -> FinalSet | None:
    """The newest finished version that nobody holds from release, or ``None`` before the first: one query."""
    revision = released_revisions(encounter).select_related("finalized_by").first()
    return None if revision is None else set_of(revision)


def set_of(revision: CodeRevision) -> FinalSet:
    """A finished version as it was stored; no query when who finished it was read with it."""
    return FinalSet(
        number=revision.number,
        finalized_at=revision.finalized_at,
        coder_name=revision.finalized_by.full_name,
        credential=revision.credential,
        codes=_codes(revision.codes, (revision.edits or {}).get("findings", [])),
    )


def _codes(stored: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> tuple[FinalCode, ...]:
    keys = {row["id"]: _key(row) for row in stored}
    ordered = sorted(stored, key=lambda row: (row["kind"], row["position"]))
    return tuple(
        FinalCode(
            key=_key(row),
            kind=row["kind"],
            system=row["system"],
            code=row["code"],
            title=row["title"],
            modifiers=tuple(row["modifiers"]),
            units=row["service_unit_quantity"],
            poa=row["present_on_admission"],
            pointers=tuple(keys[pointer] for pointer in row["pointers"] if pointer in keys),
            exception=(
                str(ExceptionReason(row["exception_reason"]).label) if row["exception_reason"] else ""
            ),
            links=tuple(
                FinalLink(uuid.UUID(link["document_version"]), link["start"], link["end"])
                for link in row["evidence"]
            ),
            findings=tuple(
                _finding(one, keys)
                for one in found
                if one["became"] == "overridden" and one["assignments"][:1] == [row["id"]]
            ),
        )
        for row in ordered
    )


def _finding(one: Mapping[str, Any], keys: Mapping[str, str]) -> FinalFinding:
    link = None
    if one["evidence"]:
        version, start, end = one["evidence"].split(":")
        link = FinalLink(uuid.UUID(version), int(start), int(end))
    return FinalFinding(
        key=one["key"],
        rule=one["rule"],
        citation=one["citation"],
        message=one["message"],
        reason=str(OverrideReason(one["reason"]).label),
        note=one["note"],
        by=one["by"],
        link=link,
        also=tuple(keys[other] for other in one["assignments"][1:] if other in keys),
    )


def _key(row: Mapping[str, Any]) -> str:
    return str(row["position"]) if row["kind"] == CodeKind.DIAGNOSIS else f"S{row['position']}"
