"""PTP edits of many claims at once, as numbers: what a night's scrub of a file of claims asks first.

A finding with its words costs more than finding it. Here a hit is four numbers; the words are made for those
that somebody reads, by checking that claim alone (`check.check_claim`), which finds the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from code_sets.rules.edits.claim import Claim
from code_sets.rules.edits.ncci import days_of, lifting_modifier, pairs_in_force
from code_sets.rules.edits.tables import DayTables


class PtpHit(NamedTuple):
    """A pair of lines not paid together: the claim by its place, the lines by number, column 1 first."""

    claim: int
    first: int
    second: int
    indicator: int


def ptp_hits(claims: Iterable[Claim], tables_on: Callable[[int], DayTables]) -> Iterator[PtpHit]:
    """The PTP edits that claims fail, in their order; what a modifier lifts is left out."""
    for place, claim in enumerate(claims):
        if len(claim.lines) < 2 or claim.setting == "inpatient":
            continue
        for of_day in days_of(claim, tables_on):
            table = of_day.tables.ptp
            for first, second, kind in pairs_in_force(of_day, table) if table is not None else ():
                if kind.indicator == 0 or lifting_modifier(of_day, first, second) is None:
                    lines = of_day.lines
                    yield PtpHit(place, lines[first].number, lines[second].number, kind.indicator)
