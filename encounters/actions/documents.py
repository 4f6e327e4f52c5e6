"""New documents and new versions of documents; evidence follows the words, or is flagged as lost."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.tenancy.actor import Actor
from encounters.actions.em_level import rescore
from encounters.actions.finalize import reopen
from encounters.models import (
    Document,
    DocumentVersion,
    EditOverride,
    EligibilityFact,
    Encounter,
    EncounterStatus,
    EvidenceLink,
    EvidenceState,
    VisitLevelElement,
)
from encounters.models.cited import CitedWords
from encounters.rules.anchors import Anchor, make_anchor
from encounters.rules.encounter_states import ReopenReason
from encounters.rules.reanchoring import NoteVersion, reanchor_in
from encounters.rules.text import accept_text
from encounters.selectors.em_level import tables_of


@dataclass(frozen=True, slots=True)
class Writing:
    """A document as its source sent it."""

    external_id: str
    kind: str
    title: str
    text: str
    author_name: str = ""
    authored_at: datetime | None = None


@transaction.atomic
def add_document(
    *, actor: Actor, encounter: Encounter, writing: Writing, now: datetime, opens_final: bool = True
) -> DocumentVersion | None:
    """Adds a document, or a new version when its text differs from the newest; ``None`` when it does not.

    An old version is never touched.  On an encounter that is already final, a new version opens the codes
    again as late documentation; with ``opens_final`` off the caller decides that, and with which reason.
    """
    document, created = Document.objects.get_or_create(
        client_id=encounter.client_id,
        encounter=encounter,
        external_id=writing.external_id,
        defaults={"kind": writing.kind, "title": writing.title},
    )
    accept_text(writing.text)
    digest = hashlib.sha256(writing.text.encode("utf-8")).digest()
    newest = (
        DocumentVersion.objects.filter(client_id=encounter.client_id, document=document)
        .order_by("-number")
        .first()
    )
    if newest is not None and bytes(newest.sha256) == digest:
        return None
    version: DocumentVersion = DocumentVersion.objects.create(
        client_id=encounter.client_id,
        document=document,
        number=(newest.number if newest else 0) + 1,
        text=writing.text,
        sha256=digest,
        character_count=len(writing.text),
        author_name=writing.author_name,
        authored_at=writing.authored_at,
        received_at=now,
    )
    moved = lost = 0
    if newest is not None:
        moved, lost = _carry_evidence(encounter, newest, version)
    record_event(
        actor=actor,
        verb=Verb.DOCUMENT_ADDED if created else Verb.DOCUMENT_VERSION_ADDED,
        subject=encounter,
        facts={"document": str(document.pk), "version": version.number, "kept": moved, "lost": lost},
    )
    if opens_final and encounter.status == EncounterStatus.FINAL and encounter.revision_count:
        what = "document" if created else "new version of a document"
        reopen(
            actor=actor,
            encounter=encounter,
            reason=ReopenReason.LATE_DOCUMENTATION,
            note=f"A {what} arrived after the codes were final.",
        )
    return version


def _carry_evidence(encounter: Encounter, old: DocumentVersion, new: DocumentVersion) -> tuple[int, int]:
    """Moves the working set's links onto the new version; returns how many held and how many are lost.

    A lost link stays on the version it was made on, flagged, so that its words can still be read there.
    """
    links = list(
        EvidenceLink.objects.select_for_update().filter(
            client_id=encounter.client_id, document_version=old, assignment__encounter=encounter
        )
    )
    beside = _cited_beside(encounter, old)
    if not links and not beside:
        return 0, 0
    old_note, new_note = NoteVersion.of(old.text), NoteVersion.of(new.text)
    held = sum(_carry(row, old_note, new_note, new) for row in beside)
    _score_anew(encounter, beside)
    places: set[tuple[object, int, int]] = set()
    for link in links:
        anchor = Anchor(link.start, link.end, link.quote, link.prefix, link.suffix)
        found = reanchor_in(anchor, old_note, new_note)
        if found.holds and found.start is not None and found.end is not None:
            moved = make_anchor(new.text, found.start, found.end)
            held += 1
            place = (link.assignment_id, moved.start, moved.end)
            if place in places:
                link.delete()  # two quotes have become one: the same words support a code once
                continue
            places.add(place)
            link.document_version = new
            link.start, link.end = moved.start, moved.end
            link.quote, link.prefix, link.suffix = moved.exact, moved.prefix, moved.suffix
        else:
            link.state = EvidenceState.LOST
        link.save()
    return held, len(links) + len(beside) - held


def _cited_beside(encounter: Encounter, old: DocumentVersion) -> list[CitedWords]:
    """What else the old version's words support: the visit's level, facts confirmed, findings let stand."""
    elements = (
        VisitLevelElement.objects.select_for_update(of=("self",))
        .filter(client_id=encounter.client_id, document_version=old, level__encounter=encounter)
        .select_related("level")
    )
    facts = EligibilityFact.objects.select_for_update().filter(
        client_id=encounter.client_id, document_version=old, encounter=encounter
    )
    overrides = EditOverride.objects.select_for_update().filter(
        client_id=encounter.client_id, document_version=old, encounter=encounter
    )
    return [*elements, *facts, *overrides]


def _score_anew(encounter: Encounter, beside: Iterable[CitedWords]) -> None:
    """A level one of whose elements has moved or is lost is computed again."""
    levels = {row.level_id: row.level for row in beside if isinstance(row, VisitLevelElement)}
    for level in levels.values():
        rescore(level, tables_of(encounter))


def _carry(row: CitedWords, old: NoteVersion, new: NoteVersion, version: DocumentVersion) -> bool:
    """Moves one row's words onto the new version, or flags them as lost; whether they held."""
    anchor = Anchor(row.start or 0, row.end or 0, row.quote or "", row.prefix or "", row.suffix or "")
    found = reanchor_in(anchor, old, new)
    if found.holds and found.start is not None and found.end is not None:
        moved = make_anchor(version.text, found.start, found.end)
        row.document_version = version
        row.start, row.end = moved.start, moved.end
        row.quote, row.prefix, row.suffix = moved.exact, moved.prefix, moved.suffix
        if isinstance(row, VisitLevelElement) and _stands_already(row):
            row.delete()  # two quotes have become one: the same words show an element once
            return True
    else:
        row.state = EvidenceState.LOST
    row.save()
    return row.state == EvidenceState.ANCHORED


def _stands_already(row: VisitLevelElement) -> bool:
    """Does another element of the score rest on the very words this one has moved to?"""
    place = {name: getattr(row, name) for name in ("part", "kind", "document_version", "start", "end")}
    others = VisitLevelElement.objects.filter(client_id=row.client_id, level_id=row.level_id, **place)
    return others.exclude(pk=row.pk).exists()
