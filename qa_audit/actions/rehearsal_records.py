"""Citing the records that prove an item, and the verdict: the best record carries it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import InvalidInput, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from encounters.models import (
    CodeAssignment,
    Document,
    DocumentVersion,
    EligibilityFact,
    Encounter,
    EvidenceState,
    Meat,
)
from encounters.rules.anchors import Anchor, make_anchor
from encounters.rules.hcc_eligibility import VALUES, Eligibility, Fact
from encounters.rules.sections import detect_sections
from encounters.rules.text import split_lines
from encounters.selectors.hcc_panel import eligibility_of, facts_of
from encounters.selectors.hcc_tables import support_policy
from qa_audit.actions.rehearsals import locked_open, require_reason
from qa_audit.models import RehearsalItem, RehearsalRecord, RehearsalUnit
from qa_audit.rehearsal_access import open_record, require_rehearsal_reader
from qa_audit.rules.rehearsal import HccVerdict, Record, RehearsalKind, proof_of
from qa_audit.selectors.rehearsal_unit import as_rule_record

NO_ELIGIBILITY = "met"
"""A payer's audit of a claim asks for no risk-adjustment eligibility."""


@dataclass(frozen=True, slots=True)
class Cited:
    """Words as the reviewer points at them, in code points, and what they confirm about the encounter."""

    version_id: uuid.UUID
    start: int
    end: int
    meat: str = ""
    confirmed: Mapping[str, str] | None = None


@transaction.atomic
def cite_record(*, actor: Actor, unit: RehearsalUnit, item_id: uuid.UUID, cited: Cited) -> RehearsalRecord:
    """Adds words of one of the unit's own documents to an item.

    Raises:
        NotFound: the item is not of the unit, or the document is not of this member at this client.
        InvalidInput: words outside the document, an unknown letter or fact.
        Refused: the chart is outside the year, the words were cited before, it was judged, or it is closed.
    """
    require_rehearsal_reader(actor)
    locked_open(unit.rehearsal)
    item = _item(unit, item_id)
    if item.verdict:
        raise Refused("It was judged. Take the verdict back first.", code="rehearsal.judged")
    encounter, version = open_record(actor=actor, unit=unit, version_id=cited.version_id)
    anchor = make_anchor(version.text, cited.start, cited.end)
    if cited.meat and cited.meat not in Meat.values:
        raise InvalidInput("Choose M, E, A or T, or none.", code="rehearsal.meat", details={"path": "meat"})
    confirmed = _confirmed(cited.confirmed or {})
    judged = _judged(unit, encounter, confirmed)
    same = {"document_version": version, "start": anchor.start, "end": anchor.end}
    if RehearsalRecord.objects.filter(client_id=unit.client_id, item=item, **same).exists():
        raise Refused("These words are on the list already.", code="rehearsal.cited_before")
    made: RehearsalRecord = RehearsalRecord.objects.create(
        client_id=unit.client_id,
        item=item,
        encounter=encounter,
        quote=anchor.exact,
        meat=cited.meat,
        confirmed=dict(confirmed),
        eligibility=NO_ELIGIBILITY if judged is None else judged.state.value,
        requirements=[]
        if judged is None
        else [_kept(judged, place) for place in range(len(judged.requirements))],
        is_own=_is_own(unit, item, encounter),
        is_weak=judged is not None and _is_weak(version, anchor),
        added_by_id=actor.person_id,
        added_at=timezone.now(),
        **same,
    )
    record_event(
        actor=actor,
        verb=Verb.REHEARSAL_RECORD_CITED,
        subject=item,
        facts={"document_version": str(version.pk), "eligibility": made.eligibility, "own": made.is_own},
    )
    return made


@transaction.atomic
def take_record_away(*, actor: Actor, unit: RehearsalUnit, item_id: uuid.UUID, record_id: uuid.UUID) -> None:
    """Takes words off an item; its history keeps them.

    Raises:
        NotFound: no such record of the item.
        Refused: a verdict stands, or the rehearsal is closed.
    """
    require_rehearsal_reader(actor)
    locked_open(unit.rehearsal)
    item = _item(unit, item_id)
    if item.verdict:
        raise Refused("It was judged. Take the verdict back first.", code="rehearsal.judged")
    record = RehearsalRecord.objects.filter(client_id=unit.client_id, item=item, pk=record_id).first()
    if record is None:
        raise NotFound
    record.delete()
    record_event(
        actor=actor,
        verb=Verb.REHEARSAL_RECORD_REMOVED,
        subject=item,
        facts={"document_version": str(record.document_version_id)},
    )


@transaction.atomic
def judge_item(
    *,
    actor: Actor,
    unit: RehearsalUnit,
    item_id: uuid.UUID,
    verdict: str,
    amount: Decimal | None = None,
    reason: str = "",
) -> RehearsalItem:
    """Enters a verdict with the best record behind it; an empty verdict takes the last one back.

    Raises:
        NotFound: the item is not of the unit.
        InvalidInput: no such verdict, or one that this kind of audit does not have.
        Refused: the records say otherwise, "not supported" has no reason, or the rehearsal is closed.
    """
    require_rehearsal_reader(actor)
    locked = locked_open(unit.rehearsal)
    item = _item(unit, item_id)
    if verdict and verdict not in set(HccVerdict):
        raise InvalidInput("Choose a verdict.", code="rehearsal.verdict", details={"path": "verdict"})
    if verdict == HccVerdict.ELSEWHERE and locked.kind == RehearsalKind.PAYER:
        raise InvalidInput(
            "A claim is proved by its own chart or not at all.",
            code="rehearsal.verdict",
            details={"path": "verdict"},
        )
    if not verdict or verdict == HccVerdict.NOT_SUPPORTED:
        require_reason(reason)
    proof = proof_of(HccVerdict(verdict), _records(item)) if verdict else None
    item.verdict, item.overpaid_amount = verdict, amount if verdict else None
    item.proof_id = None if proof is None else uuid.UUID(proof.key)
    item.reason = reason.strip()
    item.decided_by_id = actor.person_id if verdict else None
    item.decided_at = timezone.now() if verdict else None
    item.save(update_fields=["verdict", "overpaid_amount", "proof", "reason", "decided_by", "decided_at"])
    record_event(
        actor=actor,
        verb=Verb.REHEARSAL_JUDGED,
        subject=item,
        reason=reason.strip(),
        facts={
            "verdict": verdict,
            "hcc": item.hcc,
            "record": "" if proof is None else proof.key,
            "amount": None if item.overpaid_amount is None else str(item.overpaid_amount),
        },
    )
    return item


def _records(item: RehearsalItem) -> list[Record]:
    rows = RehearsalRecord.objects.filter(client_id=item.client_id, item=item).select_related("encounter")
    return [as_rule_record(row) for row in rows]


def _item(unit: RehearsalUnit, item_id: uuid.UUID) -> RehearsalItem:
    item: RehearsalItem | None = (
        RehearsalItem.objects.select_for_update(of=("self",))
        .filter(client_id=unit.client_id, unit=unit, pk=item_id)
        .first()
    )
    if item is None:
        raise NotFound
    return item


def _is_own(unit: RehearsalUnit, item: RehearsalItem, encounter: Encounter) -> bool:
    if unit.encounter_id is not None:
        return True
    return str(encounter.pk) in {row["encounter"] for row in item.carried}


def _confirmed(given: Mapping[str, str]) -> Mapping[str, str]:
    for fact, value in given.items():
        if fact not in set(Fact) or value not in VALUES[Fact(fact)]:
            raise InvalidInput(
                "Choose one of the listed answers.", code="rehearsal.fact", details={"path": fact}
            )
    return given


def _judged(unit: RehearsalUnit, encounter: Encounter, confirmed: Mapping[str, str]) -> Eligibility | None:
    """Encounter and provider by the rules of risk adjustment, the reviewer's own answers going first."""
    rehearsal = unit.rehearsal
    if not rehearsal.first_on <= encounter.coding_on <= rehearsal.last_on:
        raise Refused(
            f"The visit of {encounter.coding_on:%m/%d/%Y} lies outside the period that is audited.",
            code="rehearsal.outside",
        )
    if rehearsal.kind == RehearsalKind.PAYER:
        return None
    rows = list(CodeAssignment.objects.filter(client_id=unit.client_id, encounter=encounter))
    kinds = Document.objects.filter(client_id=unit.client_id, encounter=encounter).values_list(
        "kind", flat=True
    )
    own = [
        EligibilityFact(
            client_id=unit.client_id,
            encounter=encounter,
            fact=fact,
            value=value,
            state=EvidenceState.ANCHORED,
        )
        for fact, value in confirmed.items()
    ]
    return eligibility_of(encounter, rows, list(kinds), [*facts_of(encounter), *own])


def _kept(judged: Eligibility, place: int) -> dict[str, str]:
    one = judged.requirements[place]
    return {"label": one.label, "state": one.state.value, "why": one.why, "citation": one.citation}


def _is_weak(version: DocumentVersion, anchor: Anchor) -> bool:
    """Whether the words stand nowhere but under a past history or in a list of problems."""
    lines = split_lines(version.text)
    starts = {line.number: line for line in lines}
    policy = support_policy()
    touched = {
        section.kind
        for section in detect_sections(lines)
        if starts[section.first_line].start < anchor.end and starts[section.last_line].end > anchor.start
    }
    return bool(touched) and touched <= policy.history | policy.problem_list
