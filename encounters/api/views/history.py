"""Finished versions, two of them compared, and the encounter's story."""

from __future__ import annotations

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from code_sets.rules.entries import with_dot
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import CLIENT_ROLES, Role
from coding_ops.web.api import ApiView, answers
from encounters.api import represent
from encounters.api.doors import actor_of, opened
from encounters.api.inputs import CompareQuery
from encounters.api.serializers import CompareOutput, RevisionList, StoryOutput
from encounters.models import CodeRevision
from encounters.rules.code_diff import Changed, CodeDiff, CodeLine, compare, describe
from encounters.selectors.history import lines_of, revisions_of, story_of

# Facts of an event that people outside the vendor may read.
OUTSIDE_FACTS = frozenset({"revision", "codes", "owner", "due_on", "version", "document", "reason"})
HOLDS = (Verb.ENCOUNTER_PENDED, Verb.ENCOUNTER_RESUMED)


class Revisions(ApiView):
    """The finished versions of a chart."""

    @extend_schema(operation_id="revisions_list", responses=answers({200: RevisionList}, 404))
    def get(self, request: Request, encounter_id: uuid.UUID) -> Response:
        """First to last, each with its codes and quotes."""
        actor = actor_of(request)
        chart = opened(request, encounter_id)
        revisions = revisions_of(chart.encounter, inside=actor.is_vendor)
        texts = represent.texts_of(chart.encounter, revisions)
        answer = {"results": [_revision(one, texts, actor) for one in revisions]}
        return Response(RevisionList(answer).data)


def _revision(one: CodeRevision, texts: dict[str, str], actor: Actor) -> dict[str, Any]:
    """An auditor reads who signed; a client does not."""
    signed = actor.is_vendor or actor.role == Role.EXTERNAL_AUDITOR
    return {
        "number": one.number,
        "finalized_at": one.finalized_at,
        "finalized_by": one.finalized_by.full_name if signed else "",
        "credential": one.credential if signed else "",
        "reason": one.reason,
        "codes": represent.revision_codes(one.codes, texts),
    }


class Compare(ApiView):
    """Two finished versions side by side."""

    @extend_schema(
        operation_id="revisions_compare",
        parameters=[CompareQuery],
        responses=answers({200: CompareOutput}, 404),
    )
    def get(self, request: Request, encounter_id: uuid.UUID) -> Response:
        """What it takes to come from ``before`` to ``after``."""
        wanted = self.read_query(CompareQuery, request)
        inside, chart = actor_of(request).is_vendor, opened(request, encounter_id)
        revisions = {one.number: one for one in revisions_of(chart.encounter, inside=inside)}
        before, after = revisions.get(wanted["before"]), revisions.get(wanted["after"])
        if before is None or after is None:
            raise NotFound
        diff = compare(lines_of(before.codes), lines_of(after.codes))
        answer = {"before": before.number, "after": after.number, **_diff(diff)}
        return Response(CompareOutput(answer).data)


def _diff(diff: CodeDiff) -> dict[str, Any]:
    return {
        "added": [_line(line) for line in diff.added],
        "removed": [_line(line) for line in diff.removed],
        "changed": [_changed(change) for change in diff.changed],
        "moved": [
            {"code": _line(move.new), "from_position": move.old.position, "to_position": move.new.position}
            for move in diff.moved
        ],
        "unchanged": [_line(line) for line in diff.unchanged],
        "summary": list(
            describe(diff, lambda system, code: with_dot(code) if system == "ICD-10-CM" else code)
        ),
    }


def _changed(change: Changed) -> dict[str, Any]:
    return {
        "code": _line(change.new),
        "fields": [{"field": one.field, "old": one.old, "new": one.new} for one in change.fields],
    }


def _line(line: CodeLine) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "system": line.system,
        "code": line.code,
        "position": line.position,
        "modifiers": list(line.modifiers),
        "units": line.units,
        "poa": line.poa,
        "pointers": list(line.pointers),
    }


class Story(ApiView):
    """The encounter's story out of the ledger."""

    @extend_schema(operation_id="encounters_history", responses=answers({200: StoryOutput}, 404))
    def get(self, request: Request, encounter_id: uuid.UUID) -> Response:
        """Newest first.  Outside the vendor: what came in, what waited for whom, what became final."""
        actor = actor_of(request)
        chart = opened(request, encounter_id)
        events = story_of(chart.encounter, for_client=not actor.is_vendor)
        shown = [_event(one, actor) for one in events if actor.is_vendor or not _is_inside(one)]
        return Response(StoryOutput({"results": shown}).data)


def _is_inside(event: AuditEvent) -> bool:
    """A hold that waits for neither the client nor its provider: why is not the client's business."""
    return event.verb in HOLDS and event.facts.get("owner") not in represent.CLIENT_PARTIES


def _event(event: AuditEvent, actor: Actor) -> dict[str, Any]:
    inside = actor.is_vendor
    named = inside or event.role in CLIENT_ROLES or actor.role == Role.EXTERNAL_AUDITOR
    # What a coder typed on reopening stays inside; its reason from the list is among the facts.
    told = inside or event.verb != Verb.ENCOUNTER_REOPENED
    return {
        "at": event.occurred_at,
        "verb": event.verb,
        "words": Verb(event.verb).label,
        "who": event.actor_name if named else ("The coding team" if event.actor_id else "The system"),
        "credential": event.credential if named else "",
        "reason": event.reason if told else "",
        "facts": {name: value for name, value in event.facts.items() if inside or name in OUTSIDE_FACTS},
    }
