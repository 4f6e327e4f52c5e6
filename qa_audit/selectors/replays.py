"""Closed audits scored again under another method: what was kept beside what would have been."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from coding_ops.core.errors import Refused
from coding_ops.core.statistics import IntervalMethod
from coding_ops.tenancy.actor import Actor
from qa_audit.models import Draw
from qa_audit.rules.accuracy import Moments, of_chart
from qa_audit.rules.audit_lines import Taxonomy, Verdict
from qa_audit.rules.replay import parts_of_scores, replayed
from qa_audit.rules.scoring import score
from qa_audit.selectors.audited import Wanted, audited_for
from qa_audit.selectors.worksheets import worksheets

MOST_CHARTS = 3000
CHUNK = 500
REPLAYED = ("code_level", "auditor_denominator", "weighted", "encounter_clean")
Parts = Mapping[str, tuple[Decimal, int]]


@dataclass(frozen=True, slots=True)
class Method:
    """How worksheets are scored."""

    taxonomy: Taxonomy
    attributes_count: bool
    confidence: Decimal


@dataclass(frozen=True, slots=True)
class ReplayedChart:
    """One audit both ways; ``kept_under`` is the edition its score was made with."""

    review_id: uuid.UUID
    visit_id: str
    kept: Parts
    again: Parts
    kept_under: str


@dataclass(frozen=True, slots=True)
class Replay:
    """Sums of each score both ways, findings by verdict both ways, and the charts, newest first."""

    kept: Mapping[str, Moments]
    again: Mapping[str, Moments]
    kept_verdicts: Mapping[str, int]
    verdicts: Mapping[str, int]
    charts: tuple[ReplayedChart, ...]


def replay(
    actor: Actor, client_id: int, wanted: Wanted, method: Method, draw_id: uuid.UUID | None = None
) -> Replay:
    """Scores the audits that this person may be shown again; nothing is written.

    Raises:
        Refused: more charts than a page can score.
    """
    rows = audited_for(actor, client_id, wanted).select_related("encounter")
    if draw_id is not None:
        rows = rows.filter(review__draw_id=draw_id)
    found = list(rows[: MOST_CHARTS + 1])
    if len(found) > MOST_CHARTS:
        raise Refused(
            f"More than {MOST_CHARTS:,} charts: choose a shorter period, a coder or one draw.",
            code="replay.too_many",
        )
    kept: dict[str, Moments] = {}
    again: dict[str, Moments] = {}
    verdicts, kept_verdicts = Counter[str](), Counter[str]()
    charts = []
    scored = dict(_scored(client_id, [row.review_id for row in found], method))
    for row in found:
        before = {name: (Decimal(one[0]), int(one[1])) for name, one in row.parts.items()}
        after, counts = scored[row.review_id]
        for name in REPLAYED:
            kept[name] = kept.get(name, Moments()) + of_chart(*before.get(name, (Decimal(0), 0)), row.weight)
            again[name] = again.get(name, Moments()) + of_chart(*after[name], row.weight)
        verdicts.update(counts)
        kept_verdicts.update({verdict: lines for verdict, _cause, _direction, lines in _added(row.findings)})
        charts.append(ReplayedChart(row.review_id, row.encounter.external_id, before, after, row.definition))
    return Replay(kept, again, kept_verdicts, verdicts, tuple(charts))


def _added(findings: Sequence[Sequence[object]]) -> list[tuple[str, str, str, int]]:
    """One entry a verdict: a chart may have the same verdict for several causes."""
    sums = Counter[str]()
    for verdict, _cause, _direction, lines in findings:
        sums[str(verdict)] += int(str(lines))
    return [(verdict, "", "", lines) for verdict, lines in sums.items()]


def _scored(
    client_id: int, reviews: Sequence[uuid.UUID], method: Method
) -> Iterator[tuple[uuid.UUID, tuple[Parts, Counter[str]]]]:
    for start in range(0, len(reviews), CHUNK):
        part = reviews[start : start + CHUNK]
        sheets = worksheets(client_id, part)
        for review_id in part:
            rows = replayed(sheets.get(review_id, []), method.taxonomy)
            found = score(
                rows,
                confidence=method.confidence,
                method=IntervalMethod.WILSON,
                attributes_count=method.attributes_count,
            )
            counts = Counter(
                {
                    name: lines
                    for name, lines in found.counts.items()
                    if name not in (Verdict.AGREE.value, Verdict.OBSERVATION.value)
                }
            )
            yield review_id, (parts_of_scores(found), counts)


@dataclass(frozen=True, slots=True)
class DrawChoice:
    """A draw as it is offered for a replay."""

    draw_id: uuid.UUID
    plan: str
    first: date
    last: date


def draws_to_replay(client_id: int, most: int = 50) -> list[DrawChoice]:
    """The newest draws: one query, without their frames."""
    rows = Draw.objects.filter(client_id=client_id).order_by("-drawn_at")
    names = ("pk", "version__plan__name", "period_from", "period_through")
    return [DrawChoice(*row) for row in rows.values_list(*names)[:most]]
