"""Taking the coder's code of a line into the reviewer's own set: the coder is right."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from coding_ops.core.errors import Conflict, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from encounters.actions.coding import Words
from encounters.selectors.final_codes import FinalLink, set_of
from qa_audit.actions.codes import CodeWords, add_code, change_code, move_code, remove_code
from qa_audit.actions.reviews import mine
from qa_audit.models import AuditLine, Review, ReviewCode
from qa_audit.rules.audit_lines import Verdict
from qa_audit.rules.review_states import ReviewState


@transaction.atomic
def agree_with_coder(*, actor: Actor, review: Review, line_id: uuid.UUID) -> str:
    """The reviewer's side of a line becomes the coder's, with the coder's words; gives the code, if any.

    What the reviewer had coded blind stays in ``Review.blind_codes``.

    Raises:
        Refused: the sides do not differ, or it is a finding about the work.
        Conflict: the codes are not being compared.
    """
    locked = mine(actor, review)
    if locked.state != ReviewState.COMPARING:
        raise Conflict("Lines are settled while the codes are compared.", code="review.state")
    line = AuditLine.objects.filter(client_id=locked.client_id, review=locked, pk=line_id).first()
    if line is None:
        raise NotFound
    if line.is_process or line.verdict == Verdict.AGREE:
        raise Refused("Both sides agree on this line already.", code="finding.agrees")
    ours = _row_of(locked, line.reviewer_line)
    if line.coder_line is None:
        if ours is not None:
            remove_code(actor=actor, review=locked, code_id=ours.pk)
        return ""
    theirs = line.coder_line
    entry = CodeWords(
        theirs["system"], theirs["code"], tuple(theirs["modifiers"]), theirs["units"], theirs["poa"] or ""
    )
    if ours is None:
        row = add_code(actor=actor, review=locked, entry=entry, evidence=_words_of(locked, theirs))
    else:
        row = change_code(actor=actor, review=locked, code_id=ours.pk, entry=entry)
    last = ReviewCode.objects.filter(client_id=locked.client_id, review=locked, kind=row.kind).count()
    wanted = min(int(theirs["position"]), last)
    if row.position != wanted:
        move_code(actor=actor, review=locked, code_id=row.pk, position=wanted)
    return row.code


def _row_of(review: Review, line: Mapping[str, Any] | None) -> ReviewCode | None:
    if line is None:
        return None
    row: ReviewCode | None = ReviewCode.objects.filter(
        client_id=review.client_id, review=review, kind=line["kind"], position=line["position"]
    ).first()
    return row


def _words_of(review: Review, line: Mapping[str, Any]) -> list[Words]:
    """The words the coder cited for the line, as they were stored with the version."""
    links: tuple[FinalLink, ...] = next(
        (
            code.links
            for code in set_of(review.revision).codes
            if (code.kind, int(code.key.lstrip("S"))) == (line["kind"], int(line["position"]))
        ),
        (),
    )
    return [Words(link.version_id, link.start, link.end) for link in links]
