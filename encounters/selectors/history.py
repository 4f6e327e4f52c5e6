"""An encounter's story and its finished versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.audit.selectors import events_of
from encounters.models import CodeKind, CodeRevision, Encounter
from encounters.rules.code_diff import CodeLine
from encounters.selectors.release import held_numbers, released_revisions, without_held

# Reads are kept in the ledger and left out of the story.
READS = (Verb.CHART_VIEWED, Verb.CHART_LISTED, Verb.RAW_FILE_VIEWED, Verb.QUERY_VIEWED)
# What a client's person sees: what came in, what waited for whom, what became final.  Nothing of the inside.
SEEN_BY_CLIENT = (
    Verb.ENCOUNTER_RECEIVED,
    Verb.ENCOUNTER_UPDATED,
    Verb.DOCUMENT_ADDED,
    Verb.DOCUMENT_VERSION_ADDED,
    Verb.ENCOUNTER_PENDED,
    Verb.ENCOUNTER_RESUMED,
    Verb.ENCOUNTER_FINALIZED,
    Verb.ENCOUNTER_REOPENED,
    Verb.ENCOUNTER_CANCELLED,
    Verb.QUERY_SENT,
    Verb.QUERY_ANSWERED,
    Verb.QUERY_REDIRECTED,
    Verb.QUERY_CANCELLED,
    Verb.QUERY_EXPIRED,
)
MOST_EVENTS = 500


def story_of(encounter: Encounter, *, for_client: bool) -> list[AuditEvent]:
    """What happened to it, newest first; at most ``MOST_EVENTS``."""
    events = events_of(encounter).order_by("-seq")
    if not for_client:
        return list(events.exclude(verb__in=READS)[:MOST_EVENTS])
    held = held_numbers(encounter) if encounter.revision_count else frozenset()
    return without_held(events.filter(verb__in=SEEN_BY_CLIENT)[:MOST_EVENTS], held)


def revisions_of(encounter: Encounter, *, inside: bool) -> list[CodeRevision]:
    """The finished versions, first to last; outside the vendor without those that are held from release."""
    rows = (
        CodeRevision.objects.filter(client_id=encounter.client_id, encounter=encounter)
        if inside
        else released_revisions(encounter)
    )
    return list(rows.select_related("finalized_by").order_by("number"))


def link_name(version: object, start: int, end: int, meat: str) -> str:
    """One piece of evidence as versions are compared by it: where it lies, and its tag."""
    return f"{version}:{start}-{end}{':' if meat else ''}{meat}"


def lines_of(codes: Sequence[Mapping[str, Any]]) -> tuple[CodeLine, ...]:
    """A stored code set (``encounters.actions.changes.code_set``) as the comparison reads it."""
    by_id = {row["id"]: row["code"] for row in codes if row["kind"] == CodeKind.DIAGNOSIS}
    return tuple(
        CodeLine(
            kind=row["kind"],
            system=row["system"],
            code=row["code"],
            position=row["position"],
            modifiers=tuple(row["modifiers"]),
            units=row["service_unit_quantity"],
            poa=row["present_on_admission"],
            pointers=tuple(by_id[pointer] for pointer in row["pointers"] if pointer in by_id),
            exception_reason=row["exception_reason"],
            evidence=tuple(
                link_name(e["document_version"], e["start"], e["end"], e.get("meat", ""))
                for e in row["evidence"]
            ),
        )
        for row in codes
    )
