"""How far reviewers agree: Cohen's kappa on labels, F1 on sets of codes, and the matrix over reviewers.

Sources: Cohen, Educational and Psychological Measurement 20 (1960) 37; F1 of two code sets is Dice's
coefficient 2|A and B| / (|A| + |B|), pooled over charts so that a chart weighs by its codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations

from coding_ops.core.errors import InvalidInput
from coding_ops.core.statistics import SIX_PLACES


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two reviewers over the charts both have read; a value is None where it is not defined."""

    one: str
    other: str
    charts: int
    f1: Decimal | None
    kappa: Decimal | None


def cohen_kappa(one: Sequence[Hashable], other: Sequence[Hashable]) -> Decimal | None:
    """Agreement of two lists of labels beyond chance, six decimals; None where chance alone agrees fully.

    Raises:
        InvalidInput: lists of different length, or empty ones.
    """
    if len(one) != len(other):
        raise _bad("Both reviewers label the same items.")
    if not one:
        raise _bad("There is no agreement without an item.")
    count = len(one)
    observed = Fraction(sum(first == second for first, second in zip(one, other, strict=True)), count)
    left, right = Counter(one), Counter(other)
    chance = sum((Fraction(left[label] * right[label], count * count) for label in left), Fraction(0))
    return None if chance == 1 else _six((observed - chance) / (1 - chance))


def code_f1(one: Mapping[str, Set[str]], other: Mapping[str, Set[str]]) -> Decimal | None:
    """F1 of two reviewers' codes over the charts both have read, six decimals; None without any code."""
    shared = one.keys() & other.keys()
    size = sum(len(one[chart]) + len(other[chart]) for chart in shared)
    if not size:
        return None
    return _six(Fraction(2 * sum(len(one[chart] & other[chart]) for chart in shared), size))


def matrix(reviewers: Mapping[str, Mapping[str, Set[str]]]) -> list[Agreement]:
    """Every two reviewers in the order of their names: F1 and kappa of given against not given.

    Kappa's items are the codes that any reviewer gave to a chart that both have read.
    """
    given: dict[str, set[str]] = {}
    for charts in reviewers.values():
        for chart, codes in charts.items():
            given.setdefault(chart, set()).update(codes)
    return [
        _pair(one, other, reviewers[one], reviewers[other], given)
        for one, other in combinations(sorted(reviewers), 2)
    ]


def _pair(
    one: str,
    other: str,
    ours: Mapping[str, Set[str]],
    theirs: Mapping[str, Set[str]],
    given: Mapping[str, Set[str]],
) -> Agreement:
    shared = sorted(ours.keys() & theirs.keys())
    items = [(chart, code) for chart in shared for code in sorted(given[chart])]
    kappa = None
    if items:
        kappa = cohen_kappa(
            [code in ours[chart] for chart, code in items], [code in theirs[chart] for chart, code in items]
        )
    return Agreement(one, other, len(shared), code_f1(ours, theirs), kappa)


def _six(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(
        SIX_PLACES, rounding=ROUND_HALF_UP
    )


def _bad(message: str) -> InvalidInput:
    return InvalidInput(message, code="statistics.out_of_range", details={"path": ""})
