"""Scoring a visit's level: category, elements with their words, and using the level as the visit's code.

A coder holds the lease, and each act can be taken back.  A reviewer scores a row of their own beside the
coders': it needs no lease and touches no code.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import InvalidInput, NotAllowed, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.actions.changes import code_set, note_change
from encounters.actions.cited_state import level_state, word_columns
from encounters.actions.coding import Words, assign_code, replace_service
from encounters.actions.leases import require_lease
from encounters.models import (
    CodeAssignment,
    CodeKind,
    Encounter,
    ScoredBy,
    VisitLevel,
    VisitLevelElement,
)
from encounters.rules.em_visit import Cited, check_element
from encounters.selectors.em_level import Tables, scored_of, tables_of

RESCORING = frozenset({Role.QA_REVIEWER, Role.MANAGER, Role.VENDOR_ADMIN})
SYSTEM = "CPT"
MDM_PARTS = ("problems", "data", "risk")


@transaction.atomic
def set_category(*, actor: Actor, encounter: Encounter, fence: int | None, category: str) -> VisitLevel:
    """Chooses the category of the visit; elements stay.

    Raises:
        InvalidInput: a category the edition of the day does not have.
        Refused: no edition covers the day.
        NotAllowed: this role does not score visits.
        Conflict: the chart is no longer held.
    """
    act = _Act(actor, encounter, fence, Verb.LEVEL_CATEGORY_SET)
    level = act.level(category)
    level.category = category
    return act.end(level, {"category": category})


@transaction.atomic
def set_element(
    *,
    actor: Actor,
    encounter: Encounter,
    fence: int | None,
    category: str,
    element: Cited,
    words: Words | None,
) -> VisitLevel:
    """Adds an element with the words that show it, or changes the count of the same words; a total time
    replaces the one before.  ``category`` starts the level when there is none yet.

    Raises:
        InvalidInput: not a listed kind, a count out of range, words outside the chart.
        Refused: a coder cites no words, or no edition covers the day.
        NotAllowed: this role does not score visits.
        Conflict: the chart is no longer held.
    """
    act = _Act(actor, encounter, fence, Verb.LEVEL_ELEMENT_SET)
    check_element(element, act.tables.kinds)
    if words is None and act.scored_by == ScoredBy.CODER:
        raise Refused("Select the words that show it, then choose the element.", code="em.words")
    level = act.level(category)
    columns = word_columns(
        encounter, *((words.version_id, words.start, words.end) if words else (None, None, None))
    )
    rows = VisitLevelElement.objects.filter(client_id=encounter.client_id, level=level, part=element.part)
    if element.part == "time":
        rows.delete()
    place = {name: columns[name] for name in ("document_version", "start", "end")}
    same = (
        rows.filter(kind=element.kind, **place).first()
        if words
        else rows.filter(kind=element.kind, document_version__isnull=True).first()
    )
    if same is not None:
        same.count = element.count
        same.save(update_fields=["count"])
    else:
        VisitLevelElement.objects.create(
            client_id=encounter.client_id,
            level=level,
            part=element.part,
            kind=element.kind,
            count=element.count,
            created_by_id=actor.person_id,
            **columns,
        )
    return act.end(level, {"part": element.part, "kind": element.kind, "count": element.count})


@transaction.atomic
def remove_element(
    *, actor: Actor, encounter: Encounter, fence: int | None, element_id: uuid.UUID
) -> VisitLevel:
    """Takes an element off one's own score.

    Raises:
        NotFound: no element of this score.
        NotAllowed: this role does not score visits.
        Conflict: the chart is no longer held.
    """
    act = _Act(actor, encounter, fence, Verb.LEVEL_ELEMENT_REMOVED)
    level = act.found()
    row = (
        VisitLevelElement.objects.filter(client_id=encounter.client_id, level=level, pk=element_id).first()
        if level
        else None
    )
    if level is None or row is None:
        raise NotFound
    row.delete()
    return act.end(level, {"part": row.part, "kind": row.kind})


@transaction.atomic
def use_level(*, actor: Actor, encounter: Encounter, fence: int) -> CodeAssignment:
    """Makes the level the visit's code, the words of its elements being the code's evidence.

    A visit's code of the same categories that stands on the chart gives way; its modifiers, units and
    pointers stay.

    Raises:
        Refused: no level is reached, or the chart has several codes of visits.
        NotAllowed: a reviewer's score touches no code.
        Conflict: the chart is no longer held.
    """
    act = _Act(actor, encounter, fence, Verb.CODE_CHANGED)
    if act.scored_by != ScoredBy.CODER:
        raise NotAllowed("A reviewer's score does not change codes.", code="em.reviewer")
    level = act.found()
    if level is None or not level.code:
        raise Refused("No level is reached yet: cite its elements first.", code="em.no_level")
    words = _words_of(level)
    family = {row.code for rows in act.tables.edition.categories.values() for row in rows}
    standing = list(
        CodeAssignment.objects.filter(
            client_id=encounter.client_id, encounter=encounter, kind=CodeKind.SERVICE, code__in=family
        ).order_by("position")
    )
    if len(standing) > 1:
        shown = ", ".join(row.code for row in standing)
        raise Refused(
            f"The chart has several codes of visits: {shown}. Remove all but one first.", code="em.several"
        )
    if not standing:
        return assign_code(
            actor=actor, encounter=encounter, fence=fence, system=SYSTEM, code=level.code, evidence=words
        )
    return replace_service(
        actor=actor,
        encounter=encounter,
        fence=fence,
        assignment_id=standing[0].pk,
        system=SYSTEM,
        code=level.code,
        evidence=words,
    )


def rescore(level: VisitLevel, tables: Tables) -> None:
    """Computes the result anew from the elements as they are, and saves it."""
    elements = list(VisitLevelElement.objects.filter(client_id=level.client_id, level=level))
    scored = scored_of(tables, level.category, elements)
    level.edition = tables.edition.name
    level.code = scored.decision.code or ""
    level.by = scored.decision.by or ""
    level.other_code = scored.other_code
    level.save()


def _words_of(level: VisitLevel) -> list[Words]:
    """The words of the elements on the path that decided."""
    parts = ("time",) if level.by == "time" else MDM_PARTS
    rows = VisitLevelElement.objects.filter(client_id=level.client_id, level=level, part__in=parts)
    return [
        Words(row.document_version_id, row.start, row.end)
        for row in rows.order_by("id")
        if row.is_cited and row.document_version_id and row.start is not None and row.end is not None
    ]


class _Act:
    """One act of scoring: who may, the row it is about, the result anew, its change and its event."""

    def __init__(self, actor: Actor, encounter: Encounter, fence: int | None, verb: Verb) -> None:
        self.actor, self.encounter, self.verb = actor, encounter, verb
        self.scored_by = self._may(fence)
        self.tables: Tables = tables_of(encounter)
        self.before: dict[str, Any] = {}
        if self.scored_by == ScoredBy.CODER:
            self.before = {"codes": code_set(encounter), "level": level_state(encounter)}

    def _may(self, fence: int | None) -> ScoredBy:
        if self.actor.role == Role.CODER:
            if fence is None:
                raise InvalidInput("The form is incomplete: reload the page.", code="fence.missing")
            require_lease(actor=self.actor, encounter=self.encounter, fence=fence, now=timezone.now())
            return ScoredBy.CODER
        if self.actor.role in RESCORING:
            return ScoredBy.REVIEWER
        raise NotAllowed("You may read this score, but your role does not score visits.", code="em.role")

    def found(self) -> VisitLevel | None:
        """This party's row, locked."""
        rows = VisitLevel.objects.select_for_update(of=("self",)).filter(
            client_id=self.encounter.client_id, encounter=self.encounter, scored_by=self.scored_by
        )
        if self.scored_by == ScoredBy.REVIEWER:
            rows = rows.filter(scorer_id=self.actor.person_id)
        level: VisitLevel | None = rows.first()
        return level

    def level(self, category: str) -> VisitLevel:
        """This party's row; made with the category when there is none."""
        if category not in self.tables.edition.categories:
            raise InvalidInput("Choose one of the listed categories.", code="em.category")
        level = self.found()
        if level is None:
            # Two windows of one reviewer may start at once: the later one waits and finds the row.
            VisitLevel.objects.get_or_create(
                client_id=self.encounter.client_id,
                encounter=self.encounter,
                scored_by=self.scored_by,
                scorer_id=self.actor.person_id,
                defaults={"category": category, "edition": self.tables.edition.name},
            )
            level = self.found()
            assert level is not None
        return level

    def end(self, level: VisitLevel, facts: dict[str, Any]) -> VisitLevel:
        """Scores anew, saves, and records the act."""
        rescore(level, self.tables)
        facts = {**facts, "level": level.code, "scored_by": self.scored_by.value}
        if self.before:
            change = note_change(
                actor=self.actor, encounter=self.encounter, verb=self.verb, before=self.before
            )
            facts["change"] = change.number
        record_event(actor=self.actor, verb=self.verb, subject=self.encounter, facts=facts)
        return level
