"""Readers of the same charts beside each other: agreement by pair and chart, and what most of them said.

Sources: `qa_audit.rules.agreement`; the interval of kappa is Cohen's large-sample one (Educational and
Psychological Measurement 20 (1960) 37, formula 7): kappa +- z sqrt(po (1 - po) / (n (1 - pe)^2)).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import sqrt
from statistics import NormalDist
from typing import Any

from coding_ops.core.statistics import SIX_PLACES
from qa_audit.rules.agreement import code_f1, cohen_kappa, matrix
from qa_audit.rules.audit_lines import Taxonomy
from qa_audit.rules.lines import code_line
from qa_audit.rules.scoring import judge

Z95 = Decimal(str(NormalDist().inv_cdf(0.975)))


@dataclass(frozen=True, slots=True)
class Reading:
    """One reader's blind codes of one chart, and their verdict on each line of the coder's."""

    reader: str
    chart: str
    codes: frozenset[str]
    verdicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa with its 95% interval over ``items``; None where chance alone agrees fully."""

    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    items: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two readers over the charts both have read."""

    one: str
    other: str
    charts: int
    f1: Decimal | None
    codes: Kappa
    verdicts: Kappa


def reading_of(
    reader: str,
    chart: str,
    blind: Sequence[Mapping[str, Any]],
    coder: Sequence[Mapping[str, Any]],
    taxonomy: Taxonomy,
) -> Reading:
    """A reader's blind lines as agreement takes them."""
    rows = judge(
        [code_line(at, line, taxonomy=taxonomy) for at, line in enumerate(coder)],
        [code_line(at, line, taxonomy=taxonomy) for at, line in enumerate(blind)],
        taxonomy,
    )
    verdicts = {row.coder.index: row.verdict.value for row in rows if row.coder is not None}
    return Reading(reader, chart, code_names(blind), tuple(verdicts[at] for at in range(len(coder))))


def code_names(lines: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """What agreement on codes is about: the code in its system, without its attributes."""
    return frozenset(f"{line['kind']}:{line['system']}:{line['code']}" for line in lines)


def pairs(readings: Sequence[Reading]) -> list[Pair]:
    """Every two readers who share a chart, in the order of their names."""
    codes: dict[str, dict[str, frozenset[str]]] = {}
    verdicts: dict[str, dict[str, tuple[str, ...]]] = {}
    for reading in readings:
        codes.setdefault(reading.reader, {})[reading.chart] = reading.codes
        verdicts.setdefault(reading.reader, {})[reading.chart] = reading.verdicts
    agreed = {(found.one, found.other): found.f1 for found in matrix(codes)}
    together = []
    for one, other in combinations(sorted(codes), 2):
        shared = sorted(codes[one].keys() & codes[other].keys())
        if not shared:
            continue
        items = [
            (chart, code) for chart in shared for code in sorted(codes[one][chart] | codes[other][chart])
        ]
        together.append(
            Pair(
                one,
                other,
                len(shared),
                agreed[one, other],
                # Kappa over the codes that any reader gave, as the matrix counts them.
                _code_kappa(readings, codes, one, other, shared) if items else Kappa(None, None, None, 0),
                kappa(
                    [label for chart in shared for label in verdicts[one][chart]],
                    [label for chart in shared for label in verdicts[other][chart]],
                ),
            )
        )
    return together


def _code_kappa(
    readings: Sequence[Reading],
    codes: Mapping[str, Mapping[str, frozenset[str]]],
    one: str,
    other: str,
    shared: Sequence[str],
) -> Kappa:
    given: dict[str, set[str]] = {}
    for reading in readings:
        given.setdefault(reading.chart, set()).update(reading.codes)
    items = [(chart, code) for chart in shared for code in sorted(given[chart])]
    return kappa(
        [code in codes[one][chart] for chart, code in items],
        [code in codes[other][chart] for chart, code in items],
    )


def kappa(one: Sequence[object], other: Sequence[object]) -> Kappa:
    """Cohen's kappa of two lists of labels with its interval, cut at -1 and 1."""
    if not one:
        return Kappa(None, None, None, 0)
    value = cohen_kappa(one, other)
    if value is None:
        return Kappa(None, None, None, len(one))
    count = len(one)
    observed = sum(first == second for first, second in zip(one, other, strict=True)) / count
    left, right = Counter(one), Counter(other)
    chance = sum(left[label] * right[label] for label in left) / count**2
    half = Z95 * Decimal(str(sqrt(observed * (1 - observed) / (count * (1 - chance) ** 2))))
    return Kappa(
        value,
        max(Decimal(-1), value - half).quantize(SIX_PLACES),
        min(Decimal(1), value + half).quantize(SIX_PLACES),
        count,
    )


def chart_f1(codes: Sequence[frozenset[str]]) -> Decimal | None:
    """Mean F1 over every two readers of one chart; None with fewer than two, or without any code."""
    values = [code_f1({"": one}, {"": other}) for one, other in combinations(codes, 2)]
    told = [Fraction(value) for value in values if value is not None]
    if not told:
        return None
    mean = sum(told, Fraction(0)) / len(told)
    return (Decimal(mean.numerator) / mean.denominator).quantize(SIX_PLACES)


def wants_reader(
    codes: Sequence[frozenset[str]], *, waiting: int, each: int, least_f1: Decimal, most_readers: int
) -> bool:
    """Whether one more reader is asked: somebody dropped out, or all have read and agree too little.

    Args:
        codes: of those who have read.
        waiting: how many still read.
        each: readers that each chart was given to at the start.
    """
    if len(codes) + waiting < each:
        return True
    if waiting or len(codes) >= most_readers:
        return False
    found = chart_f1(codes)
    return found is not None and found < least_f1


def majority(readers: Sequence[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """The lines that more than half of the readers gave, as the first of them gave each; positions anew.

    They stand in the order of their mean position, so that the principal diagnosis is most readers' own.
    """
    places: dict[str, list[int]] = {}
    first: dict[str, Mapping[str, Any]] = {}
    for lines in readers:
        for line in lines:
            name = next(iter(code_names([line])))
            places.setdefault(name, []).append(int(line["position"]))
            first.setdefault(name, line)
    chosen = [name for name, found in places.items() if 2 * len(found) > len(readers)]
    chosen.sort(key=lambda name: (first[name]["kind"], Fraction(sum(places[name]), len(places[name])), name))
    counts: Counter[str] = Counter()
    found_lines = []
    for name in chosen:
        line = dict(first[name])
        counts[line["kind"]] += 1
        line["position"] = counts[line["kind"]]
        found_lines.append(line)
    return found_lines


def deal(
    charts: Sequence[str], readers: Mapping[str, Sequence[int]], each: int
) -> dict[str, tuple[int, ...]]:
    """Gives each chart ``each`` of the readers who may read it, so that everybody reads about as many.

    Args:
        readers: chart to those who may read it.

    A chart with fewer readers than asked gets those it has; deterministic.
    """
    load: Counter[int] = Counter()
    dealt: dict[str, tuple[int, ...]] = {}
    for chart in charts:
        chosen = sorted(readers[chart], key=lambda person: (load[person], person))[:each]
        load.update(chosen)
        dealt[chart] = tuple(sorted(chosen))
    return dealt
