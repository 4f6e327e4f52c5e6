"""Pairing both sides' lines, and keeping the scores they give: never typed, always derived."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from django.db.models import F, Max
from django.utils import timezone

from coding_ops.core.statistics import IntervalMethod
from qa_audit.actions.facts import count_review
from qa_audit.editions import edition_on
from qa_audit.models import AuditLine, Review, ReviewCode, ReviewScore
from qa_audit.models.reviews import Direction
from qa_audit.rules.audit_lines import PROCESS, CodeLine, Row, Taxonomy, Verdict
from qa_audit.rules.lines import code_line, lines_of_revision
from qa_audit.rules.plan_terms import parse_terms
from qa_audit.rules.review_states import FALLEN
from qa_audit.rules.scoring import Ratio, Scores, judge, score
from qa_audit.selectors.worksheets import drg_scores

JUDGED = ("cause", "severity", "direction", "citation_kind", "citation", "note")
CONFIDENCE = Decimal("0.95")
NO_FINDING = (Verdict.AGREE.value, Verdict.OBSERVATION.value)


def reviewer_lines(review: Review) -> list[dict[str, Any]]:
    """The reviewer's codes as lines, diagnoses first, in claim order."""
    rows = (
        ReviewCode.objects.filter(client_id=review.client_id, review=review)
        .prefetch_related("evidence")
        .order_by("kind", "position")
    )
    return [
        {
            "kind": row.kind,
            "system": row.system,
            "code": row.code,
            "position": row.position,
            "modifiers": list(row.modifiers),
            "units": row.service_unit_quantity,
            "poa": row.present_on_admission or None,
            "evidence": bool(row.evidence.all()),
        }
        for row in rows
    ]


def compare_lines(review: Review) -> None:
    """Pairs the lines anew; what the reviewer said of a pair stays with it while both its sides stand."""
    ours, theirs = lines_of_revision(review.revision.codes), reviewer_lines(review)
    table = definition_of(review)
    rows = judge(
        [code_line(index, line, taxonomy=table) for index, line in enumerate(ours)],
        [code_line(index, line, taxonomy=table) for index, line in enumerate(theirs)],
        table,
    )
    before = {
        _identity(line.coder_line, line.reviewer_line, line.verdict): line
        for line in AuditLine.objects.filter(client_id=review.client_id, review=review, is_process=False)
    }
    AuditLine.objects.filter(client_id=review.client_id, review=review, is_process=False).delete()
    _number_behind(review, len(rows))
    for number, row in enumerate(rows, start=1):
        coder = ours[row.coder.index] if row.coder is not None else None
        reviewer = theirs[row.auditor.index] if row.auditor is not None else None
        told = before.get(_identity(coder, reviewer, row.verdict.value))
        AuditLine.objects.create(
            client_id=review.client_id,
            review=review,
            number=number,
            coder_line=coder,
            reviewer_line=reviewer,
            verdict=row.verdict.value,
            weight=row.weight,
            **{name: getattr(told, name) if told is not None else "" for name in JUDGED},
        )


PASSING = 10_000
"""Above every number of a line: where lines stand while they are renumbered."""


def _number_behind(review: Review, pairs: int) -> None:
    """Findings about the work follow the pairs, which are numbered from 1."""
    process = AuditLine.objects.filter(client_id=review.client_id, review=review, is_process=True)
    rows = list(process.order_by("number"))
    process.update(number=F("number") + PASSING)
    for number, line in enumerate(rows, start=pairs + 1):
        line.number = number
        line.save(update_fields=["number"])


def _identity(
    coder: dict[str, Any] | None, reviewer: dict[str, Any] | None, verdict: str
) -> tuple[str, str, str]:
    """What makes it the same pair: its place and whether words are cited may change beside it."""
    return (_told(coder), _told(reviewer), verdict)


def _told(line: dict[str, Any] | None) -> str:
    return repr(
        sorted((name, value) for name, value in (line or {}).items() if name not in ("position", "evidence"))
    )


# --- scores --------------------------------------------------------------------------------------------


def definition_of(review: Review) -> Taxonomy:
    """The edition of the error table in force when the codes were compared: it holds until the end."""
    return edition_on(timezone.localdate(review.revealed_at or timezone.now()))


def rows_of(review: Review) -> list[Row]:
    """The worksheet as it stands now: a finding that fell counts as the coder's line agreeing.

    A missed code whose finding fell was never the coder's to assign, so its line is gone.
    """
    table = definition_of(review)
    rows = []
    for index, line in enumerate(AuditLine.objects.filter(client_id=review.client_id, review=review)):
        verdict = Verdict(line.verdict)
        has_fallen = line.state in {state.value for state in FALLEN}
        if line.is_process:
            # Its code stands in a line of its own already: here it must not be counted a second time.
            if not has_fallen:
                rows.append(Row(None, None, verdict, Decimal(0), line.weight, charged=False))
            continue
        if has_fallen:
            if line.coder_line is None:
                continue
            verdict = Verdict.AGREE
        ours = _side(index, line.coder_line, line.cause, table)
        theirs = _side(index, line.reviewer_line, line.cause, table)
        if verdict is Verdict.AGREE:
            # The coder's line stands for both sides: a code whose finding fell is a code of the right set.
            ours = theirs = ours or theirs
        is_process = verdict in PROCESS
        charged = line.cause not in table.not_charged
        weight = Decimal(0) if verdict is Verdict.AGREE or is_process or not charged else line.weight
        rows.append(
            Row(ours, theirs, verdict, weight, line.weight if is_process else Decimal(0), charged=charged)
        )
    return rows


def _side(index: int, line: dict[str, Any] | None, cause: str, table: Taxonomy) -> CodeLine | None:
    return None if line is None else code_line(index, line, cause=cause, taxonomy=table)


def keep_score(review: Review, *, is_provisional: bool) -> ReviewScore:
    """Stores the scores as they stand now, and what they add to the figures; the newest row counts."""
    found = score(rows_of(review), confidence=_confidence(review), method=IntervalMethod.WILSON)
    table = definition_of(review)
    kept_beside = {**standing_findings(review, table), **drg_scores(review, table, _confidence(review))}
    newest = ReviewScore.objects.filter(client_id=review.client_id, review=review).aggregate(n=Max("number"))
    counted = _counted(found, review.counted_score, kept_beside.get("drg", {}).get("agree"))
    kept: ReviewScore = ReviewScore.objects.create(
        client_id=review.client_id,
        review=review,
        number=(newest["n"] or 0) + 1,
        definition=table.edition,
        scores={**scores_as_json(found), **kept_beside},
        numerator=counted[0],
        denominator=counted[1],
        is_clean=found.encounter_clean,
        is_provisional=is_provisional,
        scored_at=timezone.now(),
    )
    count_review(review, kept)
    return kept


def standing_findings(review: Review, table: Taxonomy) -> dict[str, Any]:
    """Findings that have not fallen, counted alike, and whether none charged to the coder moved a payment."""
    counts, right = Counter[tuple[str, str, str]](), True
    lines = AuditLine.objects.filter(client_id=review.client_id, review=review)
    for line in lines.exclude(verdict__in=NO_FINDING).exclude(state__in=[one.value for one in FALLEN]):
        counts[line.verdict, line.cause, line.direction] += 1
        charged = line.cause not in table.not_charged and line.verdict not in PROCESS
        right = right and not (charged and line.direction in (Direction.OVER, Direction.UNDER))
    names = ("verdict", "cause", "direction", "lines")
    found = [dict(zip(names, (*key, count), strict=True)) for key, count in sorted(counts.items())]
    return {"findings": found, "payment_right": right}


def _confidence(review: Review) -> Decimal:
    return parse_terms(review.draw.version.terms).confidence if review.draw is not None else CONFIDENCE


def _counted(found: Scores, name: str, drg_agrees: bool | None) -> tuple[int, int]:
    """Numerator and denominator of the score that the contract counts.

    A weighted score is no count: its lines stand here, its rate in ``scores``.
    """
    if name == "drg":
        return int(bool(drg_agrees)), int(drg_agrees is not None)
    if name == "encounter_clean":
        return int(found.encounter_clean), 1
    if name == "auditor_denominator":
        return found.auditor_denominator.numerator, found.auditor_denominator.denominator
    return found.code_level.numerator, found.code_level.denominator


def scores_as_json(found: Scores) -> dict[str, Any]:
    """All scores with their parts, as plain JSON values: rates as texts of six decimals."""
    return {
        "code_level": _ratio(found.code_level),
        "auditor_denominator": _ratio(found.auditor_denominator),
        "coder_denominator": _ratio(found.coder_denominator),
        "weighted": None if found.weighted is None else str(found.weighted),
        "weight": str(found.weight),
        "process_weight": str(found.process_weight),
        "lines": found.lines,
        "encounter_clean": found.encounter_clean,
        "counts": found.counts,
    }


def _ratio(ratio: Ratio) -> dict[str, Any]:
    found = ratio.interval
    return {
        "numerator": ratio.numerator,
        "denominator": ratio.denominator,
        "rate": None if found is None else str(found.rate),
        "low": None if found is None else str(found.low),
        "high": None if found is None else str(found.high),
    }
