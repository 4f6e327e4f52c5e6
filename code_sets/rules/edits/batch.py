"""PTP edits of many claims at once, as numbers: what a night's scrub of a file of claims asks first.

A finding with its words costs more than finding it. Here a hit is four numbers; the words are made for those
that somebody reads, by checking that claim alone (`check.check_claim`), which finds the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from code_sets.rules.edits.claim import Claim
from code_sets.rules.edits.ncci import DayLines, days_of, edits_of_pairs, lifting_modifier
from code_sets.rules.edits.ptp import PtpKind, PtpTable
from code_sets.rules.edits.tables import DayTables

AT_ONCE: Final = 512
"""Claims read together: more are not faster, and their pairs have to lie in memory."""


class PtpHit(NamedTuple):
    """A pair of lines not paid together: the claim by its place, the lines by number, column 1 first."""

    claim: int
    first: int
    second: int
    indicator: int


def ptp_hits(claims: Iterable[Claim], tables_on: Callable[[int], DayTables]) -> Iterator[PtpHit]:
    """The PTP edits that claims fail, in their order; what a modifier lifts is left out."""
    numbered = enumerate(claims)
    while part := list(islice(numbered, AT_ONCE)):
        yield from _hits(part, tables_on)


def _hits(claims: Sequence[tuple[int, Claim]], tables_on: Callable[[int], DayTables]) -> Iterator[PtpHit]:
    """The hits of one part; the pairs of all claims that one table answers for are read together."""
    days: list[tuple[int, DayLines, list[int]]] = []
    asked: dict[PtpTable, list[int]] = {}
    for place, claim in claims:
        if len(claim.lines) < 2 or claim.setting == "inpatient":
            continue
        for of_day in days_of(claim, tables_on):
            table = of_day.tables.ptp
            if table is not None:
                asked.setdefault(table, []).append(len(days))
                days.append((place, of_day, [one.number for one in of_day.facts]))
    pairs: dict[int, list[tuple[int, int]]] = {}
    for table, wanted in asked.items():
        found = table.pairs_of_claims([days[at][2] for at in wanted])
        pairs.update(zip(wanted, found, strict=True))
    for at, (place, of_day, numbers) in enumerate(days):
        table = of_day.tables.ptp
        if table is not None and pairs[at]:
            yield from _of_day(place, of_day, edits_of_pairs(of_day, table, numbers, pairs[at]))


def _of_day(place: int, of_day: DayLines, edits: Iterable[tuple[int, int, PtpKind]]) -> Iterator[PtpHit]:
    lines = of_day.lines
    for first, second, kind in edits:
        if kind.indicator == 0 or lifting_modifier(of_day, first, second) is None:
            yield PtpHit(place, lines[first].number, lines[second].number, kind.indicator)
