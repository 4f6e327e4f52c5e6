"""Whether Excludes1 notes can matter between the diagnoses of a claim, told from one number a code.

Nearly all claims have no two codes of which one's notes point into the category of the other. A code's number
says the categories its notes point into and its own category; all numbers of a claim are joined by OR, and a
single AND of the two halves tells most claims apart, without looking at any pair. What is told wrongly (two
categories share a bit) is found out by looking at the intervals.

Bits of a number: 0 to FOLDED - 1, the categories its notes point into, without its own; OWN, its notes point
into its own category; from CATEGORY on, its category. Codes of a category with the same notes share one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Final

FOLDED: Final = 959
"""Categories are folded into this many bits: fewer are read faster, and tell less apart."""
FOLDS: Final = (1 << FOLDED) - 1
OWN: Final = 1 << FOLDED
CATEGORY: Final = FOLDED + 1


def folded(bits: int) -> int:
    """The bits of a long number folded into FOLDED: two numbers that share a bit share one when folded."""
    found = 0
    while bits:
        found |= bits & FOLDS
        bits >>= FOLDED
    return found


def near_number(category: int, reach: int) -> int:
    """The number of codes of a category whose notes point into the categories `reach` (one bit each)."""
    own = 1 << category
    points = folded(reach & ~own) | (OWN if reach & own else 0)
    return points | 1 << (CATEGORY + category % FOLDED)


def wanted(numbers: Sequence[int]) -> int:
    """The bits by which a code of this claim may exclude another one, 0: none does.

    A code whose number shares one of them is to be looked at. A number 0 stands for no code.
    """
    joined = reduce(or_, numbers) if numbers else 0
    categories = joined >> CATEGORY
    # Only where two codes may be of one category do notes that point into their own category count.
    if joined & OWN and categories.bit_count() < len(numbers):
        categories |= OWN
    return categories if joined & categories else 0
