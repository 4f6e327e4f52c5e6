"""The words behind both sides' codes of a review: where they stand in the chart."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qa_audit.models import AuditLine, Review, ReviewCode


@dataclass(frozen=True, slots=True)
class Spot:
    """Words of a document version; offsets are code points of its text, end exclusive."""

    version_id: uuid.UUID
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Side:
    """One side's code: its title, and the words that support it."""

    title: str
    spots: tuple[Spot, ...]


NOTHING = Side("", ())
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class BothSides:
    """Codes of coder and reviewer by kind and position, as audit lines name them."""

    coder: Mapping[Key, Side]
    reviewer: Mapping[Key, Side]

    def of(self, line: AuditLine) -> tuple[Side, Side]:
        """The coder's and the reviewer's side of a line."""
        return _side(self.coder, line.coder_line), _side(self.reviewer, line.reviewer_line)


def both_sides(review: Review) -> BothSides:
    """Titles and evidence of a review's codes: the revision's as they were signed, the reviewer's own."""
    coder = {
        (row["kind"], int(row["position"])): Side(
            str(row.get("title", "")),
            tuple(
                Spot(uuid.UUID(link["document_version"]), int(link["start"]), int(link["end"]))
                for link in row.get("evidence", ())
                if link.get("state") == "anchored"
            ),
        )
        for row in review.revision.codes
    }
    reviewer: dict[Key, Side] = defaultdict(lambda: NOTHING)
    rows = ReviewCode.objects.filter(client_id=review.client_id, review=review).prefetch_related("evidence")
    for row in rows:
        spots = tuple(Spot(link.document_version_id, link.start, link.end) for link in row.evidence.all())
        reviewer[row.kind, row.position] = Side(row.title, spots)
    return BothSides(coder, dict(reviewer))


def _side(codes: Mapping[Key, Side], line: Mapping[str, Any] | None) -> Side:
    return NOTHING if line is None else codes.get((str(line["kind"]), int(line["position"])), NOTHING)
