"""P14: V28 and V24 scores of a roster against hccinfhir, with the same categories and scores on every member.

Both use the same mappings. The members are synthetic adults; their diagnoses are drawn from the mapped codes
and a few common ones without a category.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from benchmarks.pairs import rate_ratio
from code_sets.hcc_tables import ModelYear, model_years, tables_of
from code_sets.rules.hcc import HccTables, Person
from code_sets.rules.hcc_roster import Roster

MEMBERS = 100_000
TIMED = 2_000
AT_LEAST = 10.0
PAYMENT_YEAR = 2026
MODELS = ("CMS-HCC V28", "CMS-HCC V24")
UNMAPPED = ("I10", "E785", "Z0000", "R05")
MOST_DIAGNOSES = 14

Member = tuple[Person, list[str]]


def run() -> Iterator[dict[str, Any]]:
    """The rate of both, and how many of the members differ."""
    pairs = [_Pair(year) for year in _years()]
    members = list(_members(pairs))

    def rate(kind: str) -> float:
        start = time.perf_counter()
        for pair in pairs:
            work = pair.theirs if kind == "hccinfhir" else pair.ours
            for person, codes in members[:TIMED]:
                work(person, codes)
        return len(pairs) * TIMED / (time.perf_counter() - start)

    yield rate_ratio(
        "hcc_roster",
        lambda: rate("hccinfhir"),
        lambda: rate("ours"),
        limit=AT_LEAST,
        unit="scores/s",
        peer="hccinfhir",
    )
    different = sum(
        pair.theirs(person, codes) != pair.ours(person, codes) for person, codes in members for pair in pairs
    )
    yield {
        "name": "hcc_roster.differences",
        "value": different,
        "unit": "scores",
        "limit": 0,
        "ratio": None,
        "n": len(members) * len(pairs),
        "met": different == 0,
    }


class _Pair:
    """One model, scored by the package and by the roster."""

    def __init__(self, year: ModelYear) -> None:
        from hccinfhir.model_calculate import calculate_raf
        from hccinfhir.utils import load_dx_to_cc_mapping

        self.tables: HccTables = tables_of(year)
        self._roster = Roster(self.tables)
        self._calculate = calculate_raf
        self._mapping = load_dx_to_cc_mapping(year.mapping)

    def theirs(self, person: Person, codes: list[str]) -> tuple[tuple[int, ...], Decimal]:
        found = self._calculate(
            codes,
            self.tables.model,
            person.age,
            person.sex,
            person.dual,
            person.original_entitlement,
            person.current_entitlement,
            person.new_enrollee,
            lti=person.institutional,
            dx_to_cc_mapping=self._mapping,
        )
        return tuple(sorted(map(int, found.hcc_list))), Decimal(str(round(found.risk_score, 3)))

    def ours(self, person: Person, codes: list[str]) -> tuple[tuple[int, ...], Decimal]:
        found = self._roster.score(person, codes)
        return found.hccs, found.raw


def _years() -> list[ModelYear]:
    return [one for one in model_years() if one.model in MODELS and one.payment_year == PAYMENT_YEAR]


def _members(pairs: list[_Pair]) -> Iterator[Member]:
    chance = random.Random(20261123)
    mapped = sorted({code for pair in pairs for code in pair.tables.mapping})
    codes = mapped + list(UNMAPPED) * (len(mapped) // (4 * len(UNMAPPED)))
    for _ in range(MEMBERS):
        person = Person(
            age=chance.randint(20, 100),
            sex=chance.choice("FM"),
            dual=chance.choice(("NA", "NA", "01", "02")),
            original_entitlement=chance.choice("0001"),
            institutional=chance.random() < 0.05,
            new_enrollee=chance.random() < 0.05,
        )
        yield person, chance.choices(codes, k=chance.randint(0, MOST_DIAGNOSES))
