"""The reviewer's own codes: entered before the coder's are seen, or corrected beside them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from code_sets.rules.entries import without_dot
from code_sets.selectors import check_assignable
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from encounters.actions.coding import CLAIM_SYSTEMS, DIAGNOSIS_SYSTEM, MOST_MODIFIERS, Words
from encounters.models import DocumentVersion
from encounters.rules.anchors import make_anchor
from qa_audit.actions.reviews import mine
from qa_audit.actions.scores import compare_lines
from qa_audit.models import Review, ReviewCode, ReviewEvidence
from qa_audit.rules.review_states import ReviewState

OPEN_STATES = (ReviewState.CODING.value, ReviewState.COMPARING.value)


@dataclass(frozen=True, slots=True)
class CodeWords:
    """A code as the reviewer enters it."""

    system: str
    code: str
    modifiers: tuple[str, ...] = ()
    units: int = 1
    poa: str = ""


@transaction.atomic
def add_code(*, actor: Actor, review: Review, entry: CodeWords, evidence: Sequence[Words] = ()) -> ReviewCode:
    """A code at the end of its kind, with the words that support it.

    Raises:
        InvalidInput: the code is not of its release, or cannot be assigned on the chart's day.
        Refused: it is there already.
    """
    locked = _open(actor, review)
    checked = _checked(locked, entry)
    kind = "dx" if entry.system == DIAGNOSIS_SYSTEM else "px"
    rows = ReviewCode.objects.filter(client_id=locked.client_id, review=locked, kind=kind)
    if kind == "dx" and rows.filter(code=checked.code).exists():
        raise Refused(f"{entry.code} is there already.", code="code.duplicate")
    row: ReviewCode = ReviewCode.objects.create(
        client_id=locked.client_id,
        review=locked,
        kind=kind,
        system=entry.system,
        code=checked.code,
        title=checked.title,
        position=rows.count() + 1,
        modifiers=list(entry.modifiers),
        service_unit_quantity=entry.units,
        present_on_admission=entry.poa,
    )
    for words in evidence:
        _cite(locked, row, words)
    _changed(actor, locked, "added", row.code)
    return row


@transaction.atomic
def change_code(*, actor: Actor, review: Review, code_id: uuid.UUID, entry: CodeWords) -> ReviewCode:
    """Another code, or other modifiers, units or present-on-admission, at the same place."""
    locked = _open(actor, review)
    row = _row(locked, code_id)
    checked = _checked(locked, entry)
    if (entry.system == DIAGNOSIS_SYSTEM) != (row.kind == "dx"):
        raise InvalidInput("A diagnosis stays a diagnosis: remove it and add the other.", code="code.kind")
    row.system, row.code, row.title = entry.system, checked.code, checked.title
    row.modifiers, row.service_unit_quantity = list(entry.modifiers), entry.units
    row.present_on_admission = entry.poa
    row.save()
    _changed(actor, locked, "changed", row.code)
    return row


@transaction.atomic
def remove_code(*, actor: Actor, review: Review, code_id: uuid.UUID) -> None:
    """Takes a code off the reviewer's set; later ones move up."""
    locked = _open(actor, review)
    row = _row(locked, code_id)
    kind, position, code = row.kind, row.position, row.code
    row.evidence.all().delete()
    row.delete()
    later = ReviewCode.objects.filter(
        client_id=locked.client_id, review=locked, kind=kind, position__gt=position
    )
    for one in later.order_by("position"):
        one.position -= 1
        one.save(update_fields=["position"])
    _changed(actor, locked, "removed", code)


@transaction.atomic
def move_code(*, actor: Actor, review: Review, code_id: uuid.UUID, position: int) -> None:
    """Moves a code within its kind, counted from 1; the others make room."""
    locked = _open(actor, review)
    row = _row(locked, code_id)
    rows = list(
        ReviewCode.objects.filter(client_id=locked.client_id, review=locked, kind=row.kind).order_by(
            "position"
        )
    )
    if not 1 <= position <= len(rows):
        raise InvalidInput(f"Position {position} is outside 1 to {len(rows)}.", code="code.position")
    rows = [one for one in rows if one.pk != row.pk]
    rows.insert(position - 1, row)
    for number, one in enumerate(rows, start=1):
        if one.position != number:
            one.position = number
            one.save(update_fields=["position"])
    _changed(actor, locked, "moved", row.code)


@transaction.atomic
def cite(*, actor: Actor, review: Review, code_id: uuid.UUID, words: Words) -> ReviewEvidence:
    """Ties words of the chart to a code of the reviewer's."""
    locked = _open(actor, review)
    row = _row(locked, code_id)
    link = _cite(locked, row, words)
    _changed(actor, locked, "cited", row.code)
    return link


@transaction.atomic
def uncite(*, actor: Actor, review: Review, evidence_id: uuid.UUID) -> None:
    """Unties words from a code of the reviewer's.

    Raises:
        NotFound: they are not of this review.
    """
    locked = _open(actor, review)
    link = (
        ReviewEvidence.objects.filter(client_id=locked.client_id, code__review=locked, pk=evidence_id)
        .select_related("code")
        .first()
    )
    if link is None:
        raise NotFound
    code = link.code.code
    link.delete()
    _changed(actor, locked, "uncited", code)


# --- shared --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Checked:
    code: str
    title: str


def _open(actor: Actor, review: Review) -> Review:
    locked = mine(actor, review)
    if locked.state not in OPEN_STATES:
        raise Conflict("The findings were delivered: the codes stay as they are.", code="review.state")
    return locked


def _row(review: Review, code_id: uuid.UUID) -> ReviewCode:
    row: ReviewCode | None = ReviewCode.objects.filter(
        client_id=review.client_id, review=review, pk=code_id
    ).first()
    if row is None:
        raise NotFound
    return row


def _checked(review: Review, entry: CodeWords) -> _Checked:
    if entry.system not in CLAIM_SYSTEMS:
        raise InvalidInput(f"{entry.system} is not a system of a claim.", code="code.system")
    if len(entry.modifiers) > MOST_MODIFIERS or len(set(entry.modifiers)) != len(entry.modifiers):
        raise InvalidInput("A service carries up to four different modifiers.", code="modifier.form")
    if not 1 <= entry.units <= 9999:
        raise InvalidInput("Units are 1 to 9999.", code="units.range")
    if entry.poa not in ("", "Y", "N", "U", "W", "1"):
        raise InvalidInput("Present on admission is Y, N, U, W or 1.", code="poa.form")
    verdict = check_assignable(entry.system, entry.code, review.encounter.coding_on)
    if not verdict.ok:
        raise InvalidInput(verdict.reason, code="code.not_assignable")
    return _Checked(without_dot(entry.code).upper(), verdict.title)


def _cite(review: Review, row: ReviewCode, words: Words) -> ReviewEvidence:
    version = DocumentVersion.objects.filter(
        client_id=review.client_id, pk=words.version_id, document__encounter_id=review.encounter_id
    ).first()
    if version is None:
        raise InvalidInput("The words are not in a document of this chart.", code="evidence.foreign_document")
    anchor = make_anchor(version.text, words.start, words.end)
    link: ReviewEvidence
    link, _ = ReviewEvidence.objects.get_or_create(
        client_id=review.client_id,
        code=row,
        document_version=version,
        start=anchor.start,
        end=anchor.end,
        defaults={"quote": anchor.exact},
    )
    return link


def _changed(actor: Actor, review: Review, how: str, code: str) -> None:
    if review.state == ReviewState.COMPARING:
        compare_lines(review)
    record_event(actor=actor, verb=Verb.REVIEW_CODED, subject=review, facts={"how": how, "code": code})
