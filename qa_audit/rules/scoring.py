"""From aligned lines to verdicts, weights and the scores shown together.

Code-level = agree / (agree + wrong + missed + unsupported).  Code-over-code (AHIMA) = agree / auditor's.
Weighted = max(0, 1 - sum of weights / lines).  An encounter is clean when nothing is charged against it.
Process findings (query missed, evidence, observation) stand outside all of them; lines whose cause is not
the coder's (documentation gap, policy difference) are shown and left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from coding_ops.core.statistics import SIX_PLACES, Interval, IntervalMethod, interval
from qa_audit.rules.alignment import align, same_category
from qa_audit.rules.audit_lines import ATTRIBUTES, PROCESS, CodeLine, Row, Taxonomy, Verdict

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share with its parts; ``interval`` is None without a denominator."""

    numerator: int
    denominator: int
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Scores:
    """Every score of one audit; the contract says which one counts."""

    code_level: Ratio
    auditor_denominator: Ratio
    coder_denominator: Ratio
    weight: Decimal
    process_weight: Decimal
    lines: int
    weighted: Decimal | None
    encounter_clean: bool
    counts: dict[str, int]
    added: int
    removed: int


def judge(
    coder: Sequence[CodeLine],
    auditor: Sequence[CodeLine],
    taxonomy: Taxonomy,
    pairs: Iterable[tuple[int, int]] = (),
) -> list[Row]:
    """The worksheet: every line once with its verdict, in the order of the claim."""
    aligned = align(coder, auditor, taxonomy, pairs)
    principal_differs = _principal_differs(coder, auditor)
    return [_row(ours, theirs, taxonomy, principal_differs) for ours, theirs in aligned]


def score(
    rows: Sequence[Row], *, confidence: Decimal, method: IntervalMethod, attributes_count: bool = True
) -> Scores:
    """All scores of a worksheet.  ``attributes_count``: whether a wrong attribute makes a code wrong."""
    charged = [row for row in rows if row.charged and row.verdict not in _BESIDE]
    good = {Verdict.AGREE, Verdict.EVIDENCE} | (set() if attributes_count else ATTRIBUTES)
    agree = sum(row.verdict in good for row in charged)
    weight = sum((row.weight for row in charged), ZERO)
    ours = sum(row.coder is not None for row in charged)
    theirs = sum(row.auditor is not None for row in charged)
    net = theirs - ours
    return Scores(
        code_level=_ratio(agree, len(charged), confidence, method),
        auditor_denominator=_ratio(agree, theirs, confidence, method),
        coder_denominator=_ratio(agree, ours, confidence, method),
        weight=weight,
        process_weight=sum((row.process_weight for row in rows), ZERO),
        lines=len(charged),
        weighted=_weighted(weight, len(charged)),
        encounter_clean=all(row.verdict in PROCESS | {Verdict.AGREE} for row in charged),
        counts=dict(Counter(row.verdict.value for row in rows)),
        added=max(0, net),
        removed=max(0, -net),
    )


_BESIDE = frozenset({Verdict.QUERY_MISSED, Verdict.OBSERVATION})


def beside(line: CodeLine, verdict: Verdict, taxonomy: Taxonomy) -> Row:
    """A finding of the auditor that concerns no code: a query missed, an observation."""
    return Row(None, line, verdict, ZERO, taxonomy.weights[verdict])


def _row(ours: CodeLine | None, theirs: CodeLine | None, taxonomy: Taxonomy, principal_differs: bool) -> Row:
    charged = all(line.charged for line in (ours, theirs) if line is not None)
    levels = 0
    if ours is None or theirs is None:
        verdicts = [_alone(ours, theirs, principal_differs)]
    elif (ours.group, ours.code) != (theirs.group, theirs.code):
        verdict, levels = _different(ours, theirs, taxonomy, principal_differs)
        verdicts = [verdict]
    else:
        verdicts = _attributes(ours, theirs, principal_differs) or [Verdict.AGREE]
    weighed = sorted(
        ((_weight(one, ours, theirs, taxonomy, levels), one) for one in verdicts),
        key=lambda one: (one[1] in PROCESS, -one[0], one[1].value),
    )
    return Row(
        coder=ours,
        auditor=theirs,
        verdict=weighed[0][1],
        weight=sum((weight for weight, one in weighed if one not in PROCESS), ZERO) if charged else ZERO,
        process_weight=sum((weight for weight, one in weighed if one in PROCESS), ZERO),
        also=tuple(one for _, one in weighed[1:]),
        charged=charged,
        levels=levels,
    )


def _principal_differs(coder: Sequence[CodeLine], auditor: Sequence[CodeLine]) -> bool:
    ours = {line.code for line in coder if line.group == "dx" and line.position == 1}
    theirs = {line.code for line in auditor if line.group == "dx" and line.position == 1}
    return bool(ours) and bool(theirs) and ours != theirs


def _alone(ours: CodeLine | None, theirs: CodeLine | None, principal_differs: bool) -> Verdict:
    if ours is not None:
        return Verdict.UNSUPPORTED
    is_principal = theirs is not None and theirs.group == "dx" and theirs.position == 1
    return Verdict.PRINCIPAL if is_principal and principal_differs else Verdict.MISSED


def _different(
    ours: CodeLine, theirs: CodeLine, taxonomy: Taxonomy, principal_differs: bool
) -> tuple[Verdict, int]:
    if principal_differs and ours.group == theirs.group == "dx" and theirs.position == 1:
        return Verdict.PRINCIPAL, 0
    levels = taxonomy.levels.get(ours.code), taxonomy.levels.get(theirs.code)
    if levels[0] and levels[1] and levels[0][0] == levels[1][0]:
        steps = levels[0][1] - levels[1][1]
        return (Verdict.LEVEL_OVER if steps > 0 else Verdict.LEVEL_UNDER), abs(steps)
    if same_category(ours, theirs, taxonomy):
        return Verdict.WRONG_SPECIFICITY, 0
    return Verdict.WRONG_CODE, 0


def _attributes(ours: CodeLine, theirs: CodeLine, principal_differs: bool) -> list[Verdict]:
    is_diagnosis = ours.group == "dx"
    moved = ours.position != theirs.position
    is_principal = is_diagnosis and theirs.position == 1 and moved and principal_differs
    told = dict(theirs.links)
    holds = {
        Verdict.PRINCIPAL: is_principal,
        Verdict.SEQUENCE: moved and theirs.sequence_matters and not is_principal,
        Verdict.PRESENT_ON_ADMISSION: theirs.poa is not None and ours.poa != theirs.poa,
        Verdict.MODIFIER: sorted(ours.modifiers) != sorted(theirs.modifiers),
        Verdict.UNITS: ours.units != theirs.units,
        Verdict.LINK: any(told.get(name, value) != value for name, value in ours.links),
        Verdict.EVIDENCE: not ours.evidence,
    }
    return [verdict for verdict, found in holds.items() if found]


def _weight(
    verdict: Verdict, ours: CodeLine | None, theirs: CodeLine | None, taxonomy: Taxonomy, levels: int
) -> Decimal:
    lines = [line for line in (ours, theirs) if line is not None]
    worse = {
        Verdict.UNSUPPORTED: any(line.weighty for line in lines),
        Verdict.PRESENT_ON_ADMISSION: any(line.hospital_acquired for line in lines),
        Verdict.MODIFIER: any(line.bypassed_edit for line in lines),
    }
    if worse.get(verdict, False):
        return taxonomy.heavier[verdict]
    return taxonomy.weights[verdict] * (levels or 1)


def _ratio(numerator: int, denominator: int, confidence: Decimal, method: IntervalMethod) -> Ratio:
    if denominator == 0:
        return Ratio(numerator, 0, None)
    return Ratio(numerator, denominator, _interval(numerator, denominator, confidence, method))


@lru_cache(maxsize=4096)
def _interval(numerator: int, denominator: int, confidence: Decimal, method: IntervalMethod) -> Interval:
    """Charts have few codes, so the same few shares come again and again."""
    return interval(numerator, denominator, confidence=confidence, method=method)


def _weighted(weight: Decimal, lines: int) -> Decimal | None:
    if not lines:
        return None
    return max(ZERO, 1 - weight / lines).quantize(SIX_PLACES, rounding=ROUND_HALF_UP)
