"""Codes in a list, as people write them: ``99213``, ``99213-99215``, ``992*``, ``E11.22``, ``E08-E13``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from coding_ops.core.errors import InvalidInput

CODE = re.compile(r"[A-Z0-9]{1,8}")
DASHES = str.maketrans("–—−", "---")


@dataclass(frozen=True, slots=True)
class CodePattern:
    """Codes whose first ``len(low)`` characters lie between `low` and `high`; `exact`: and have no more."""

    low: str
    high: str
    exact: bool

    def matches(self, code: str) -> bool:
        """Whether a code without dot is meant."""
        if self.exact and len(code) != len(self.low):
            return False
        return self.low <= code[: len(self.low)] <= self.high

    @property
    def written(self) -> str:
        """The one way of writing it that rules store."""
        if self.low != self.high:
            return f"{self.low}-{self.high}"
        return self.low if self.exact else f"{self.low}*"

    @property
    def words(self) -> str:
        """The same for reading: ``99213–99215``, ``E11…``."""
        if self.low != self.high:
            return f"{self.low}–{self.high}"
        return self.low if self.exact else f"{self.low}…"


@lru_cache(maxsize=4096)
def code_pattern(text: str) -> CodePattern:
    """Reads one code, range or prefix.

    A range counts the codes below its ends too, as a tabular list does: E08-E13 holds E1122.

    Raises:
        InvalidInput: not a code, or a range upside down or of unequal ends.
    """
    written = text.upper().translate(DASHES).replace(".", "").replace(" ", "")
    low, dash, high = written.partition("-")
    if dash:
        if not (CODE.fullmatch(low) and CODE.fullmatch(high)):
            raise InvalidInput(f"“{text}” is not a range such as 99213-99215.", code="pattern")
        if len(low) != len(high):
            raise InvalidInput(f"The ends of “{text}” need the same length.", code="pattern")
        if low > high:
            raise InvalidInput(f"“{text}” is upside down: write the lower code first.", code="pattern")
        return CodePattern(low, high, exact=low == high)
    stem = low.removesuffix("*")
    if not CODE.fullmatch(stem):
        raise InvalidInput(f"“{text}” is not a code, a range or a prefix such as 992*.", code="pattern")
    return CodePattern(stem, stem, exact=stem == low)
