"""A finished audit as plain values: what the file says, whatever its format."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from coding_ops.web.client_pages import moment
from encounters.models import DocumentVersion
from encounters.rules.note_html import lines_touched
from encounters.rules.text import Line, split_lines
from qa_audit.models import AuditLine, Draw, LineStep, Review, ReviewScore
from qa_audit.models.reviews import Cause, CitationKind, Direction, ReviewOrigin, Severity
from qa_audit.rules.facts import parts_of
from qa_audit.rules.lines import shown
from qa_audit.rules.review_states import LineState, LineVerb
from qa_audit.rules.verdict_words import verdict_words
from qa_audit.selectors.evidence import Side, Spot, both_sides
from qa_audit.selectors.plans import names_in
from qa_audit.views.findings import words
from qa_audit.views.findings.exchange_parts import People
from qa_audit.views.plans.words import Names, left_out
from qa_audit.views.plans.words import stratum as stratum_words


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the chart, and where they stand."""

    document: str
    version: int
    lines: str
    text: str

    @property
    def place(self) -> str:
        """``Progress note, version 1, line 4``."""
        return f"{self.document}, version {self.version}, {self.lines}"


@dataclass(frozen=True, slots=True)
class LineSheet:
    """One line of the audit with both sides' words and what was said of it."""

    number: int
    verdict: str
    verdict_words: str
    coder_code: str
    coder_title: str
    reviewer_code: str
    reviewer_title: str
    weight: Decimal
    is_process: bool
    is_finding: bool
    cause: str
    severity: str
    direction: str
    citation: str
    note: str
    state: str
    coder_quotes: tuple[Quote, ...]
    reviewer_quotes: tuple[Quote, ...]
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewSheet:
    """One review.  ``counts`` are numerator and denominator of each score that has them."""

    encounter_id: str
    visit: str
    service_on: date
    coder: str
    credential: str
    reviewer: str
    mode: str
    origin: str
    stratum: str
    weight: Decimal | None
    revision: int
    delivered: str
    closed: str
    summary: str
    definition: str
    counted_score: str
    scores: Mapping[str, Any]
    counts: Mapping[str, tuple[Decimal, int]]
    lines: tuple[LineSheet, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """What was audited and how it was drawn; ``facts`` in the order they are written."""

    title: str
    client: str
    facts: tuple[tuple[str, str], ...]
    strata: tuple[tuple[str, int, int, bool], ...]
    confidence: Decimal
    counted_score: str
    zone: str
    cancelled: int = 0


def read_head(draw: Draw | None, review: Review | None, *, zone: str, are_named: bool) -> Head:
    """Of a draw, or of a single review."""
    if draw is None:
        assert review is not None
        drawn = review.draw
        confidence = Decimal(drawn.version.terms["confidence"]) if drawn else Decimal("0.95")
        return Head(
            title=f"Audit of visit {review.encounter.external_id}",
            client=review.client.name,
            facts=_draw_facts(drawn, zone) if drawn else (("Chosen", "By a person, not at random"),),
            strata=(),
            confidence=confidence,
            counted_score=review.counted_score,
            zone=zone,
        )
    terms = draw.version.terms
    names = _names(draw.strata, are_named)
    cancelled = Review.objects.filter(client_id=draw.client_id, draw=draw, state="cancelled").count()
    return Head(
        title=f"Audit {draw.version.plan.name}, {_period(draw)}",
        client=draw.client.name,
        facts=_draw_facts(draw, zone),
        strata=tuple(
            (stratum_words(name, names), int(found["frame"]), int(found["sample"]), bool(found["certainty"]))
            for name, found in sorted(draw.strata.items())
        ),
        confidence=Decimal(terms["confidence"]),
        counted_score=str(terms["counted_score"]),
        zone=zone,
        cancelled=cancelled,
    )


def _period(draw: Draw) -> str:
    return f"{draw.period_from:%m/%d/%Y} to {draw.period_through:%m/%d/%Y}"


def _draw_facts(draw: Draw, zone: str) -> tuple[tuple[str, str], ...]:
    return (
        ("Plan", f"{draw.version.plan.name}, version {draw.version.number}"),
        ("Period", _period(draw)),
        ("Drawn", moment(draw.drawn_at, zone)),
        ("Frame", f"{draw.frame_count:,} charts"),
        ("Sample", f"{draw.sample_count:,} charts"),
        ("Left out", left_out(draw.excluded) or "Nothing"),
        ("Seed", str(draw.seed)),
        ("Frame SHA-256", draw.frame_sha256),
        ("Plan SHA-256", draw.plan_sha256),
        ("Plan version SHA-256", draw.version.sha256),
    )


def read_reviews(
    client_id: int, ids: Sequence[uuid.UUID], *, zone: str, are_named: bool
) -> list[ReviewSheet]:
    """Reviews with lines, answers, scores and quoted words, in the order of the visits."""
    reviews = (
        Review.objects.filter(client_id=client_id, pk__in=ids)
        .select_related("encounter", "revision", "coder", "reviewer")
        .prefetch_related(
            Prefetch(
                "lines",
                AuditLine.objects.filter(client_id=client_id)
                .order_by("number")
                .prefetch_related(Prefetch("steps", LineStep.objects.select_related("said_by"))),
            ),
            Prefetch("scores", ReviewScore.objects.filter(client_id=client_id).order_by("-number")),
        )
        .order_by("encounter__external_id", "pk")
    )
    found = list(reviews)
    names = _names([review.stratum for review in found if review.stratum], are_named)
    return [_sheet(review, zone, People(review, are_named), names) for review in found]


def _names(strata: Iterable[str], are_named: bool) -> Names:
    coders, specialties = names_in(list(strata))
    return Names(coders if are_named else {}, specialties)


def _sheet(review: Review, zone: str, people: People, names: Names) -> ReviewSheet:
    sides, papers = both_sides(review), _Papers(review)
    score = next(iter(review.scores.all()), None)
    scores: Mapping[str, Any] = score.scores if score else {}
    origin = "" if review.origin in (ReviewOrigin.GOLD, ReviewOrigin.CALIBRATION) else review.origin
    return ReviewSheet(
        encounter_id=str(review.encounter_id),
        visit=review.encounter.external_id,
        service_on=review.encounter.service_on,
        coder=people.name(review.coder),
        credential=review.revision.credential,
        reviewer=people.name(review.reviewer),
        mode=review.mode,
        origin=str(ReviewOrigin(origin or ReviewOrigin.FOCUSED).label),
        stratum=stratum_words(review.stratum, names) if review.stratum else "",
        weight=review.weight,
        revision=review.revision.number,
        delivered=moment(review.delivered_at, zone) if review.delivered_at else "",
        closed=moment(review.closed_at, zone) if review.closed_at else "",
        summary=review.summary,
        definition=score.definition if score else "",
        counted_score=review.counted_score,
        scores=scores,
        counts=parts_of(scores),
        lines=tuple(_line(line, sides.of(line), papers, people, zone) for line in review.lines.all()),
    )


def _line(line: AuditLine, sides: tuple[Side, Side], papers: _Papers, people: People, zone: str) -> LineSheet:
    coder, reviewer = sides
    kind = f"{CitationKind(line.citation_kind).label}: " if line.citation_kind else ""
    return LineSheet(
        number=line.number,
        verdict=line.verdict,
        verdict_words=verdict_words(line.verdict),
        coder_code=shown(line.coder_line),
        coder_title=coder.title,
        reviewer_code=shown(line.reviewer_line),
        reviewer_title=reviewer.title,
        weight=line.weight,
        is_process=line.is_process,
        is_finding=line.verdict != "AG",
        cause=str(Cause(line.cause).label) if line.cause else "",
        severity=str(Severity(line.severity).label) if line.severity else "",
        direction=str(Direction(line.direction).label) if line.direction else "",
        citation=f"{kind}{line.citation}",
        note=line.note,
        state=words.STATES[LineState(line.state)] if line.state != LineState.DRAFT else "",
        coder_quotes=tuple(papers.quote(spot) for spot in coder.spots),
        reviewer_quotes=tuple(papers.quote(spot) for spot in reviewer.spots),
        steps=tuple(_step(step, people, zone) for step in line.steps.all()),
    )


def _step(step: LineStep, people: People, zone: str) -> str:
    who = people.name(step.said_by)
    cited = f" ({CitationKind(step.citation_kind).label}: {step.citation})" if step.citation_kind else ""
    said = f": {step.words}" if step.words else ""
    return (
        f"{moment(step.said_at, zone)} {who} {words.STEPS[LineVerb(step.verb)]}".replace("  ", " ")
        + said
        + cited
    )


class _Papers:
    """The documents of one chart, each opened once and only when something of it is quoted."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._read: dict[uuid.UUID, tuple[DocumentVersion, tuple[Line, ...]]] = {}

    def quote(self, spot: Spot) -> Quote:
        version, lines = self._paper(spot.version_id)
        touched = lines_touched(lines, spot.start, spot.end)
        first, last = (touched[0].number, touched[-1].number) if touched else (0, 0)
        place = f"line {first}" if first == last else f"lines {first} to {last}"
        return Quote(version.document.title, version.number, place, version.text[spot.start : spot.end])

    def _paper(self, version_id: uuid.UUID) -> tuple[DocumentVersion, tuple[Line, ...]]:
        if version_id not in self._read:
            version = DocumentVersion.objects.select_related("document").get(
                client_id=self._review.client_id,
                document__encounter_id=self._review.encounter_id,
                pk=version_id,
            )
            self._read[version_id] = version, split_lines(version.text)
        return self._read[version_id]
