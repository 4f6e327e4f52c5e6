"""Keeping the programme's figures beside the scores: in the same transaction, exact under corrections."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from coding_ops.core.ids import uuid7
from coding_ops.tenancy.models import Client, TenantModel
from encounters.models import Encounter
from qa_audit.models import Review, ReviewOrigin, ReviewScore
from qa_audit.models.facts import AccuracyFact, AuditedChart, CoverageFact, FindingFact
from qa_audit.rules.accuracy import Moments
from qa_audit.rules.facts import (
    NOT_COUNTED,
    AccuracyKey,
    Cells,
    Contribution,
    CoverageKey,
    Finding,
    FindingKey,
    FreshCount,
    cells_of,
    change,
    findings_of,
    is_empty,
    parts_of,
)

ONE = Decimal(1)
ACCURACY = (
    "score", "month", "coder_id", "specialty_code", "origin", "mode", "is_client_run", "is_provisional",
    "definition",
)  # fmt: skip
SUMS = ("charts", "weight", "numerator", "denominator", "wn", "wd", "wwnn", "wwnd", "wwdd")
FINDING = (
    "month", "coder_id", "specialty_code", "origin", "is_client_run", "is_provisional", "verdict", "cause",
    "direction",
)  # fmt: skip
COVERAGE = ("final_month", "coder_id", "specialty_code", "is_client_run")
SCORED = (
    "review__closed_at", "review__delivered_at", "scored_at", "review__encounter__specialty__code",
    "review_id", "review__encounter_id", "review__coder_id", "review__origin", "review__mode",
    "review__is_client_run", "review__weight", "review__revision__finalized_at", "definition",
    "is_provisional", "scores",
)  # fmt: skip
BATCH = 500


@transaction.atomic
def count_review(review: Review, kept: ReviewScore) -> None:
    """Puts a review's newest score into the figures, in the place of what it added before."""
    if review.origin in NOT_COUNTED:
        return
    # The chart's other audits wait here, so that one of them alone is its first.
    encounter = (
        Encounter.objects.select_for_update(of=("self",), no_key=True)
        .select_related("specialty", "client")
        .get(client_id=review.client_id, pk=review.encounter_id)
    )
    counted = AuditedChart.objects.filter(client_id=review.client_id, review=review).first()
    others = AuditedChart.objects.filter(
        client_id=review.client_id, encounter=encounter, is_client_run=review.is_client_run, is_first=True
    ).exclude(review=review)
    is_first = counted.is_first if counted is not None else not others.exists()
    scored = Scored(
        review_id=review.pk,
        encounter_id=review.encounter_id,
        coder=review.coder_id,
        specialty=encounter.specialty.code if encounter.specialty is not None else "",
        origin=review.origin,
        mode=review.mode,
        is_client_run=review.is_client_run,
        weight=review.weight,
        final_at=review.revision.finalized_at,
        audited_at=review.closed_at or review.delivered_at or kept.scored_at,
        definition=kept.definition,
        is_provisional=kept.is_provisional,
        scores=kept.scores,
    )
    new, audited_on = contribution_of(scored, ZoneInfo(encounter.client.timezone), is_first=is_first)
    old = cells_of(contribution_of_row(counted)) if counted is not None else Cells({}, {}, {})
    row = _row(review.client_id, scored, new, audited_on)
    if counted is not None:
        row.pk, row._state.adding = counted.pk, False
    row.save()
    _add_cells(review.client_id, cells_of(new), old)


@dataclass(frozen=True, slots=True)
class Scored:
    """A review with its newest score, as far as it is counted; ``audited_at``: closed, or delivered."""

    review_id: uuid.UUID
    encounter_id: uuid.UUID
    coder: int
    origin: str
    mode: str
    is_client_run: bool
    weight: Decimal | None
    final_at: datetime
    definition: str
    is_provisional: bool
    scores: Mapping[str, Any]
    specialty: str
    audited_at: datetime


def contribution_of(scored: Scored, zone: ZoneInfo, *, is_first: bool) -> tuple[Contribution, date]:
    """What the review adds with this score, and the day it is counted on, in the client's time zone."""
    audited_on = timezone.localdate(scored.audited_at, zone)
    final_on = timezone.localdate(scored.final_at, zone)
    is_random = scored.origin == ReviewOrigin.SAMPLE
    made = Contribution(
        month=audited_on.replace(day=1),
        final_month=final_on.replace(day=1),
        coder=scored.coder,
        specialty=scored.specialty,
        origin=scored.origin,
        mode=scored.mode,
        is_client_run=scored.is_client_run,
        is_provisional=scored.is_provisional,
        definition=scored.definition,
        weight=scored.weight if is_random and scored.weight else ONE,
        is_first=is_first,
        parts=parts_of(scored.scores),
        findings=findings_of(scored.scores),
    )
    return made, audited_on


def contribution_of_row(row: AuditedChart) -> Contribution:
    """What a counted chart has added."""
    return Contribution(
        month=row.month,
        final_month=row.final_month,
        coder=row.coder_id,
        specialty=row.specialty_code,
        origin=row.origin,
        mode=row.mode,
        is_client_run=row.is_client_run,
        is_provisional=row.is_provisional,
        definition=row.definition,
        weight=row.weight,
        is_first=row.is_first,
        parts={name: (Decimal(one[0]), int(one[1])) for name, one in row.parts.items()},
        findings=tuple(Finding(*one) for one in row.findings),
    )


def _row(client_id: int, scored: Scored, made: Contribution, audited_on: date) -> AuditedChart:
    return AuditedChart(
        client_id=client_id,
        review_id=scored.review_id,
        encounter_id=scored.encounter_id,
        coder_id=made.coder,
        specialty_code=made.specialty,
        month=made.month,
        final_month=made.final_month,
        audited_on=audited_on,
        origin=made.origin,
        mode=made.mode,
        is_client_run=made.is_client_run,
        is_provisional=made.is_provisional,
        definition=made.definition,
        weight=made.weight,
        is_first=made.is_first,
        parts={name: [str(one[0]), one[1]] for name, one in made.parts.items()},
        findings=[list(one) for one in made.findings],
        verdicts=sorted({word for one in made.findings for word in (one.verdict, one.cause) if word}),
    )


def _add_cells(client_id: int, new: Cells, old: Cells) -> None:
    accuracy = change(new.accuracy, old.accuracy, is_empty)
    findings = change(new.findings, old.findings, lambda lines: not lines)
    coverage = change(new.coverage, old.coverage, lambda count: not count)
    _add(client_id, AccuracyFact, ACCURACY, SUMS, {key: astuple(sums) for key, sums in accuracy.items()})
    _add(client_id, FindingFact, FINDING, ("lines",), {key: (lines,) for key, lines in findings.items()})
    _add(client_id, CoverageFact, COVERAGE, ("audited",), {key: (count,) for key, count in coverage.items()})


def _add(
    client_id: int,
    model: type[TenantModel],
    keys: Sequence[str],
    sums: Sequence[str],
    cells: Mapping[Any, Sequence[Any]],
) -> None:
    """Adds to the kept sums, making the rows that are not there.  In the order of the keys, so that two
    reviews closed at once wait for each other and never both ways round."""
    if not cells:
        return
    table, columns = model._meta.db_table, ("id", "client_id", *keys, *sums)
    rows = [(uuid7(), client_id, *key, *cells[key]) for key in sorted(cells)]
    one = f"({', '.join(['%s'] * len(columns))})"
    added = ", ".join(f"{name} = {table}.{name} + EXCLUDED.{name}" for name in sums)
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)})"  # noqa: S608 (names of ours; values are given apart)
                f" VALUES {', '.join([one] * len(part))}"
                f" ON CONFLICT (client_id, {', '.join(keys)}) DO UPDATE SET {added}",
                [value for row in part for value in row],
            )


# --- counted afresh ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a fresh count found: charts counted, and what of the kept rows was not the same."""

    charts: int
    cells: int
    differences: tuple[str, ...]


@transaction.atomic
def rebuild_facts(client: Client, *, write: bool) -> Rebuilt:
    """Counts a client's figures afresh from its scores and compares them with the kept ones.

    Scores are read as a stream, so that the count of many years fits into memory.  ``write`` puts the fresh
    count in the place of what differs.
    """
    kept = {
        row.review_id: _digest(contribution_of_row(row))
        for row in AuditedChart.objects.filter(client_id=client.pk).iterator(chunk_size=BATCH)
    }
    differences, count = [], FreshCount()
    for scored, made, _ in _fresh(client):
        count.add(made)
        found = kept.pop(scored.review_id, None)
        if found != _digest(made):
            what = "not counted" if found is None else "counted otherwise than its score says"
            differences.append(f"review {scored.review_id}: {what}")
    differences += [f"review {key}: counted without a score" for key in kept]
    cells, standing = count.cells(), kept_cells(client.pk)
    differences += _unequal("accuracy", cells.accuracy, standing.accuracy)
    differences += _unequal("findings", cells.findings, standing.findings)
    differences += _unequal("coverage", cells.coverage, standing.coverage)
    if write and differences:
        _write_afresh(client, cells)
    sums = len(cells.accuracy) + len(cells.findings) + len(cells.coverage)
    return Rebuilt(count.charts, sums, tuple(differences))


def _digest(made: Contribution) -> bytes:
    """Equal contributions have equal digests, whatever zeros their decimals end in."""
    parts = sorted((name, one[0].normalize(), one[1]) for name, one in made.parts.items())
    plain = replace(made, weight=made.weight.normalize(), parts={}, findings=tuple(sorted(made.findings)))
    return blake2b(repr((plain, parts)).encode(), digest_size=16).digest()


def _write_afresh(client: Client, cells: Cells) -> None:
    for model in (AuditedChart, AccuracyFact, FindingFact, CoverageFact):
        model.objects.filter(client_id=client.pk).delete()
    rows = (_row(client.pk, scored, made, on) for scored, made, on in _fresh(client))
    while batch := list(islice(rows, BATCH)):
        AuditedChart.objects.bulk_create(batch)
    _add_cells(client.pk, cells, Cells({}, {}, {}))


def kept_cells(client_id: int) -> Cells:
    """The kept sums of a client that are not nothing."""
    accuracy = {
        AccuracyKey(*row[: len(ACCURACY)]): Moments(*row[len(ACCURACY) :])
        for row in AccuracyFact.objects.filter(client_id=client_id).values_list(*ACCURACY, *SUMS)
    }
    findings = FindingFact.objects.filter(client_id=client_id).exclude(lines=0)
    coverage = CoverageFact.objects.filter(client_id=client_id).exclude(audited=0)
    return Cells(
        {key: sums for key, sums in accuracy.items() if not is_empty(sums)},
        {FindingKey(*row[:-1]): row[-1] for row in findings.values_list(*FINDING, "lines")},
        {CoverageKey(*row[:-1]): row[-1] for row in coverage.values_list(*COVERAGE, "audited")},
    )


def _fresh(client: Client) -> Iterator[tuple[Scored, Contribution, date]]:
    """Every counted review with its newest score."""
    zone = ZoneInfo(client.timezone)
    scores = ReviewScore.objects.filter(client_id=client.pk).exclude(review__origin__in=NOT_COUNTED)
    first: dict[tuple[uuid.UUID, bool], uuid.UUID] = {}
    # The first score of a chart's reviews is its first audit.
    for chart, run, review_id in (
        scores.filter(number=1)
        .order_by("scored_at", "pk")
        .values_list("review__encounter_id", "review__is_client_run", "review_id")
        .iterator(chunk_size=BATCH)
    ):
        first.setdefault((chart, run), review_id)
    newest = scores.order_by("review_id", "-number").distinct("review_id")
    for row in newest.values_list(*SCORED).iterator(chunk_size=BATCH):
        closed_at, delivered_at, scored_at, specialty, *rest = row
        values: list[Any] = [*rest, specialty or "", closed_at or delivered_at or scored_at]
        scored = Scored(*values)
        is_first = first.get((scored.encounter_id, scored.is_client_run)) == scored.review_id
        yield scored, *contribution_of(scored, zone, is_first=is_first)


def _unequal(name: str, fresh: Mapping[Any, Any], kept: Mapping[Any, Any]) -> list[str]:
    return [
        f"{name} {'/'.join(str(part) for part in key)}: kept {kept.get(key)}, counted {fresh.get(key)}"
        for key in sorted(fresh.keys() | kept.keys())
        if fresh.get(key) != kept.get(key)
    ]
