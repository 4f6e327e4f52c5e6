"""Worksheets as they are kept, for scoring them again; and the group of a stay by the codes they settle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from coding_ops.core.statistics import interval
from encounters.models import EncounterKind
from encounters.selectors.drg import Ungrouped, drg_of_codes
from qa_audit.models import AuditLine, Review
from qa_audit.rules.audit_lines import Taxonomy, Verdict
from qa_audit.rules.lines import lines_of_revision
from qa_audit.rules.replay import Line, StoredLine, settled_codes
from qa_audit.rules.review_states import FALLEN

COLUMNS = ("coder_line", "reviewer_line", "verdict", "cause", "state", "is_process")


def worksheets(client_id: int, reviews: Sequence[UUID]) -> dict[UUID, list[StoredLine]]:
    """The lines of reviews in the order of their numbers: one query."""
    rows = (
        AuditLine.objects.filter(client_id=client_id, review_id__in=reviews)
        .order_by("review_id", "number")
        .values_list("review_id", *COLUMNS)
    )
    found: dict[UUID, list[StoredLine]] = {}
    for review_id, *row in rows.iterator(chunk_size=5000):
        found.setdefault(review_id, []).append(_stored(row))
    return found


def _stored(row: Iterable[Any]) -> StoredLine:
    coder, reviewer, verdict, cause, state, is_process = row
    return StoredLine(coder, reviewer, Verdict(verdict), cause, state in FALLEN, is_process)


@dataclass(frozen=True, slots=True)
class _Code:
    """A line as the grouper reads a code."""

    kind: str
    system: str
    code: str
    present_on_admission: str


def drg_scores(review: Review, taxonomy: Taxonomy, confidence: Decimal) -> dict[str, Any]:
    """``{"drg": {…}}`` of a stay: the group by the coder's codes, by the settled ones, and whether they are
    one; nothing for any other visit.  A stay that cannot be grouped says why and counts in no rate."""
    encounter = review.encounter
    if encounter.kind != EncounterKind.INPATIENT:
        return {}
    lines = worksheets(review.client_id, [review.pk]).get(review.pk, [])
    ours = drg_of_codes(encounter, _codes(lines_of_revision(review.revision.codes)))
    theirs = drg_of_codes(encounter, _codes(settled_codes(lines, taxonomy)))
    for side in (ours, theirs):
        if isinstance(side, Ungrouped):
            return {"drg": {"agree": None, "reason": side.reason}}
    agree = ours == theirs
    found = interval(int(agree), 1, confidence=confidence)
    parts = {"numerator": int(agree), "denominator": 1, "rate": str(found.rate)}
    limits = {"low": str(found.low), "high": str(found.high)}
    return {"drg": {"coder": ours, "audited": theirs, "agree": agree, **parts, **limits}}


def _codes(lines: Sequence[Line]) -> list[_Code]:
    return [_Code(line["kind"], line["system"], line["code"], line["poa"] or "") for line in lines]
