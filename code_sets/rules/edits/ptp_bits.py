"""Which codes of many claims have a PTP edit with each other, read from the table's bits all at once.

A part of a batch has tens of thousands of pairs, of which one in twenty-five has a bit. The bits stay in the
mapped file: numpy reads them there, nothing is copied. For a single claim numpy is no faster than a loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.intp]
MOST_SIZES: Final = 256
BIT: Final = np.array([1 << place for place in range(8)], dtype=np.uint8)


@lru_cache(maxsize=MOST_SIZES)
def places(count: int) -> tuple[Numbers, Numbers]:
    """The pairs of `count` lines: the place of the first and of the second line of each."""
    first, second = np.triu_indices(count, 1)
    return first.astype(np.intp), second.astype(np.intp)


class PairBits:
    """Rows of bits: row n, from byte `starts[n]` on, has a bit for each code up to n."""

    def __init__(self, bits: memoryview, starts: memoryview) -> None:
        self._bits = np.frombuffer(bits, dtype=np.uint8)
        self._starts = np.frombuffer(starts, dtype=np.uint32)

    def of_claims(self, claims: Sequence[Sequence[int]]) -> list[list[tuple[int, int]]]:
        """For each claim the places of each pair of different codes with a bit, first line first.

        A negative number, of a code that the table does not hold, has no pair.
        """
        if not claims or not self._bits.size:
            return [[] for _ in claims]
        sizes = [len(numbers) for numbers in claims]
        pairs = [places(size) for size in sizes]
        counts = [len(first) for first, _ in pairs]
        first = np.concatenate([one for one, _ in pairs])
        second = np.concatenate([one for _, one in pairs])
        # The claims' numbers stand in one row: places of a claim begin where those before it end.
        starts = np.cumsum([0, *sizes[:-1]])
        begin = np.repeat(starts, counts)
        codes = np.array([number for numbers in claims for number in numbers], dtype=np.intp)
        one, other = codes.take(first + begin), codes.take(second + begin)
        low, high = np.minimum(one, other), np.maximum(one, other)
        rows = self._starts.take(high, mode="clip")
        read = self._bits.take(rows + (low >> 3), mode="clip") & BIT.take(low & 7)
        found = (read.astype(np.bool_) & (low >= 0)).nonzero()[0]
        claim_of = np.searchsorted(np.cumsum(counts), found, side="right")
        hits: list[list[tuple[int, int]]] = [[] for _ in claims]
        columns = (claim_of.tolist(), first.take(found).tolist(), second.take(found).tolist())
        for claim, a, b in zip(*columns, strict=True):
            hits[claim].append((a, b))
        return hits
