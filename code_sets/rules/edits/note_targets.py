"""Which codes an instructional note of the ICD-10-CM tabular list points at.

A note names codes in brackets: "(I10)", "(I15.-)", "(E08-E13)", "(I12.0, I13.-)", and may narrow them in
words: "(E08-E13 with .44)", "(S06.0X- with seventh character A)", "(I69. with final characters -23)". What is
narrowed in words that are not understood points at nothing: a finding must not rest on a guess.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

CODE = r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{0,4})?"
TARGET = re.compile(
    rf"(?<![0-9A-Za-z.])(?P<low>{CODE})(?:\s*-{{1,2}}\s*(?P<high>{CODE}))?(?:\.?-)?(?:\s+with\s+(?P<with>[^,;()]*))?"
)
BRACKETS = re.compile(r"\(([^()]*)\)?")
SUFFIX = re.compile(r"\.(?P<low>[0-9A-Z]+)-?(?:\s*-\s*\.(?P<high>[0-9A-Z]+)-?)?")
FINAL = re.compile(r"(?:final|last) characters? -(?P<end>[0-9A-Z]+)")
CHARACTER = re.compile(r"(?P<places>.+?)[ -]characters? (?P<values>[0-9A-Z](?:[-, or]+[0-9A-Z])*)")
PLACES = {"4th": 3, "fourth": 3, "5th": 4, "fifth": 4, "6th": 5, "sixth": 5, "7th": 6, "seventh": 6}
LAST = "\x7f"

Keep = Callable[[str], bool]
Interval = tuple[int, int]
"""First place and place after the last in the sorted codes of a release."""


def intervals(text: str, codes: Sequence[str]) -> list[Interval]:
    """The codes (sorted, without dots) that a note points at, as intervals of their places, in order."""
    found: list[Interval] = []
    for low, high, keep in targets(text):
        first, stop = bisect_left(codes, low), bisect_left(codes, high + LAST)
        found.extend([(first, stop)] if keep is None and first < stop else [])
        if keep is not None:
            found.extend(_runs(codes, first, stop, keep))
    return merged(found)


def targets(text: str) -> Iterator[tuple[str, str, Keep | None]]:
    """First and last code (without dots; all that begin with the last are meant) and what narrows them."""
    for bracket in BRACKETS.finditer(text):
        for match in TARGET.finditer(bracket[1]):
            keep = None
            if match["with"] is not None:
                keep = _narrowing(match["with"].strip())
                if keep is None:
                    continue
            low = match["low"].replace(".", "")
            yield low, (match["high"] or match["low"]).replace(".", ""), keep


def merged(found: Sequence[Interval]) -> list[Interval]:
    """The same places in as few intervals as there can be, in order."""
    result: list[Interval] = []
    for first, stop in sorted(found):
        if result and first <= result[-1][1]:
            result[-1] = (result[-1][0], max(stop, result[-1][1]))
        else:
            result.append((first, stop))
    return result


def _runs(codes: Sequence[str], first: int, stop: int, keep: Keep) -> Iterator[Interval]:
    for place in range(first, stop):
        if keep(codes[place]):
            yield place, place + 1


def _narrowing(words: str) -> Keep | None:
    if match := SUFFIX.fullmatch(words):
        low, high = match["low"], match["high"] or match["low"]
        return lambda code: low <= code[3 : 3 + len(low)] and code[3 : 3 + len(high)] <= high
    if match := FINAL.fullmatch(words):
        end = match["end"]
        return lambda code: code.endswith(end)
    if match := CHARACTER.fullmatch(words):
        places = [PLACES[word] for word in re.findall(r"[0-9a-z]+", match["places"]) if word in PLACES]
        values = _characters(match["values"])
        if places:
            return lambda code: any(code[place : place + 1] in values for place in places)
    return None


def _characters(text: str) -> frozenset[str]:
    """ "1-4, 6" -> 1, 2, 3, 4, 6."""
    found: set[str] = set()
    for low, high in re.findall(r"([0-9A-Z])(?:-([0-9A-Z]))?", text):
        found.update(chr(value) for value in range(ord(low), ord(high or low) + 1))
    return frozenset(found)
