"""A review's lines with both sides' words over the note: read once, drawn by worksheet and exchange."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from markupsafe import Markup

from coding_ops.core.errors import NotFound
from encounters.models import DocumentVersion
from encounters.rules.note_html import Mark, NoteDrawing
from encounters.rules.sections import detect_sections
from encounters.rules.text import Line, split_lines
from encounters.selectors.chart import DocumentLine, documents_of, version_of
from encounters.selectors.final_codes import FinalLink, set_of
from encounters.views.chart_page import banner_of, note_of, release_of, tabs_of
from encounters.views.dto import Chip, DocumentTab
from encounters.views.final_chip import chip_of
from qa_audit.models import AuditLine, Review, ReviewCode
from qa_audit.models.reviews import CitationKind
from qa_audit.rules.audit_lines import Verdict
from qa_audit.rules.lines import shown
from qa_audit.rules.review_states import LineState
from qa_audit.rules.verdict_words import verdict_tone, verdict_words
from qa_audit.views.reviews.sheet_dto import Sheet, SheetLine, Side

STATE_WORDS = {
    LineState.DRAFT: "",
    LineState.OPEN: "Waiting for the coder",
    LineState.ACCEPTED: "Accepted",
    LineState.REBUTTED: "Rebutted, waiting for the reviewer",
    LineState.WITHDRAWN: "Withdrawn by the reviewer",
    LineState.UPHELD: "Upheld, waiting for the coder",
    LineState.ESCALATED: "Waiting for a third person",
    LineState.CONFIRMED: "Confirmed by a third person",
    LineState.OVERTURNED: "Overturned by a third person",
    LineState.LAPSED: "Stands, not answered in time",
}
NO_FINDING = frozenset({Verdict.AGREE.value, Verdict.OBSERVATION.value})
CODER_MARK = "c"
"""Behind a line's number: the coder's words.  They are drawn dashed, the reviewer's solid."""


@dataclass(frozen=True, slots=True)
class Paper:
    """The document version that is shown, and where the others are."""

    href: str
    documents: tuple[DocumentLine, ...]
    tabs: tuple[DocumentTab, ...]
    version: DocumentVersion | None
    lines: tuple[Line, ...]

    def chip(self, link: FinalLink) -> Chip:
        """Where the words of a link stand."""
        return chip_of(link, self.href, self.documents, self.version, self.lines)

    def drawing(self, marks: Iterable[Mark]) -> NoteDrawing | None:
        """The paper with marks over it; ``None`` without a document."""
        return NoteDrawing(self.lines, detect_sections(self.lines), marks) if self.version else None


def review_href(slug: str, review: Review) -> str:
    """``/c/<client>/quality/reviews/<id>/``"""
    return reverse("qa_audit:review", args=[slug, review.pk])


def paper_of(review: Review, href: str, version_id: uuid.UUID | None = None) -> Paper:
    """The document asked for, else the first, in the version that its coder could have read.

    Raises:
        NotFound: no version of this chart's documents has the id.
    """
    encounter = review.encounter
    documents = documents_of(encounter)
    then = _versions_then(review, documents)
    chosen = version_id or (then[documents[0].document_id] if documents else None)
    version = version_of(encounter, chosen) if chosen else None
    if version_id is not None and version is None:
        raise NotFound
    read = [replace(line, newest_id=then[line.document_id]) for line in documents]
    lines = split_lines(version.text) if version is not None else ()
    return Paper(href, documents, tabs_of(href, read, version), version, lines)


def _versions_then(review: Review, documents: Sequence[DocumentLine]) -> dict[uuid.UUID, uuid.UUID]:
    """Of each document the newest version that was there when the codes became final, if any was."""
    ids = [one for line in documents for one in line.version_ids]
    found = dict(
        DocumentVersion.objects.filter(
            client_id=review.client_id, pk__in=ids, received_at__lte=review.revision.finalized_at
        )
        .order_by("number")
        .values_list("document_id", "pk")
    )
    return {line.document_id: found.get(line.document_id, line.newest_id) for line in documents}


def read_sheet(review: Review, *, slug: str, zone: str, version_id: uuid.UUID | None = None) -> Sheet:
    """Both sides of a review whose codes were compared; its encounter and revision must be read with it.

    ``zone`` is the client's time zone.  Queries: documents, versions, the paper, codes with evidence, lines.
    """
    href = review_href(slug, review)
    paper = paper_of(review, href, version_id)
    sides = _Sides(review)
    rows = list(AuditLine.objects.filter(client_id=review.client_id, review=review).order_by("number"))
    drawing = paper.drawing(sides.marks(rows, paper))
    return Sheet(
        href=href,
        banner=banner_of(review.encounter),
        documents=paper.tabs,
        note=note_of(href, paper.documents, paper.version, drawing, zone),
        lines=tuple(_line(row, href, sides, paper) for row in rows),
        marked_lines=drawing.marked_lines() if drawing else Markup(),
        release=release_of(review.encounter),
        revision=f"Version {review.revision.number}",
        notice=revision_notice(review),
    )


def revision_notice(review: Review) -> str:
    """Said when the codes were opened again since: the review stays with the version it was drawn for."""
    newest = review.encounter.revision_count
    if newest <= review.revision.number:
        return ""
    return (
        f"The chart has version {newest} by now. This review is of version {review.revision.number}, "
        "as it stood when the review was asked for."
    )


class _Sides:
    """Titles and cited words of both sides, found by kind and place."""

    def __init__(self, review: Review) -> None:
        self._coder = {
            (code.kind, int(code.key.lstrip("S"))): (code.title, code.links, code.exception)
            for code in set_of(review.revision).codes
        }
        rows = ReviewCode.objects.filter(client_id=review.client_id, review=review).prefetch_related(
            "evidence"
        )
        self._reviewer = {
            (row.kind, row.position): (row.title, links_of(row), "")
            for row in rows.order_by("kind", "position")
        }

    def coder(self, line: Mapping[str, Any] | None, paper: Paper) -> Side | None:
        return self._side(line, self._coder, paper)

    def reviewer(self, line: Mapping[str, Any] | None, paper: Paper) -> Side | None:
        return self._side(line, self._reviewer, paper)

    def _side(self, line: Mapping[str, Any] | None, known: Mapping[Any, Any], paper: Paper) -> Side | None:
        if line is None:
            return None
        title, links, exception = known.get(_place(line), ("", (), ""))
        return Side(
            shown(line), title, tuple(paper.chip(link) for link in links), line.get("poa") or "", exception
        )

    def marks(self, rows: Iterable[AuditLine], paper: Paper) -> list[Mark]:
        """Both sides' words on the paper; a finding about the work has those of the line it stands beside."""
        return [
            Mark(link.start, link.end, key, kind, shown(line))
            for row in rows
            if not row.is_process
            for line, known, key, kind in (
                (row.reviewer_line, self._reviewer, str(row.number), None),
                (row.coder_line, self._coder, f"{row.number}{CODER_MARK}", "sg"),
            )
            if line is not None
            for kind in (kind or str(line["kind"]),)
            for link in known.get(_place(line), ("", (), ""))[1]
            if paper.version is not None and link.version_id == paper.version.pk
        ]


def _place(line: Mapping[str, Any]) -> tuple[str, int]:
    return str(line["kind"]), int(line["position"])


def links_of(row: ReviewCode) -> tuple[FinalLink, ...]:
    """The words of a reviewer's code, read with it."""
    return tuple(FinalLink(one.document_version_id, one.start, one.end) for one in row.evidence.all())


def _line(row: AuditLine, href: str, sides: _Sides, paper: Paper) -> SheetLine:
    key = str(row.number)
    said = [
        str(label)
        for label in (row.get_cause_display(), row.get_severity_display(), row.get_direction_display())
        if label
    ]
    kind = str(CitationKind(row.citation_kind).label) if row.citation_kind else ""
    return SheetLine(
        id=str(row.pk),
        key=key,
        href=f"{href}lines/{row.pk}/",
        marks=f"{key} {key}{CODER_MARK}",
        kind=str((row.reviewer_line or row.coder_line or {}).get("kind", "dx")),
        verdict=row.verdict,
        verdict_words=verdict_words(row.verdict),
        tone=verdict_tone(row.verdict),
        weight=f"{row.weight.normalize():f}",
        coder=sides.coder(row.coder_line, paper),
        reviewer=sides.reviewer(row.reviewer_line, paper),
        is_process=row.is_process,
        is_finding=row.verdict not in NO_FINDING,
        is_judged=bool(row.cause and row.severity and row.direction and row.citation),
        said=tuple(said),
        citation=f"{kind} {row.citation}".strip(),
        note=row.note,
        state=row.state,
        state_words=STATE_WORDS[LineState(row.state)],
    )
