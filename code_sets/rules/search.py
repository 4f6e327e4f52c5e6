"""Ranked search over one release: code prefix, word beginnings in any order, abbreviations, typing errors.

Candidates come from set operations on the index, in tiers: every word in one name of the code; every word in
the code's names and the headings above it; all words but one, two, three. The first of each tier (the index
numbers phrases by how likely they are wanted) are scored one by one:

    score = 100 x share of what was asked that the name holds + 35 x share of the name that was asked for
            + points of the code itself (common use, chapter, seventh character)

Billable codes come first, whatever the score of a heading; headings fill what is left, two places at least.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import and_, or_

from code_sets.rules.abbreviations import Abbreviations
from code_sets.rules.index import SearchIndex, first_phrases
from code_sets.rules.query import Alternative, Concept, Query, Word, read_query

MATCH_POINTS = 100.0
COVERAGE_POINTS = 35.0
TIER_SIZE = 80
PHRASES_PER_RESULT = 4
"""A code has several names: so many of them are scored for each result that is wanted, a tier at least."""
FILTERED_TIER_SIZE = 4000
HEADINGS_SHOWN = 2
MOST_RESULTS = 100
FEW = 5

EXACT, STARTED, NEARBY = 1.0, 0.8, 0.5


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One code found; headings come with `billable` False and cannot be assigned. `code` has no dot."""

    code: str
    title: str
    billable: bool
    score: float


class _Term:
    """One word of one reading, and the sets of phrases that hold it."""

    __slots__ = (
        "_exact",
        "_nearby",
        "_started",
        "exact",
        "index",
        "nearby",
        "number",
        "shares",
        "started",
        "word",
    )

    def __init__(self, index: SearchIndex, word: Word) -> None:
        self.index = index
        self.word = word
        self.number = index.word(word.text)
        self.exact = 0 if self.number is None else index.bits("primary", self.number)
        self.started = index.prefix_bits("primary", word.text) if word.open_end else 0
        self.nearby = 0
        own = 0.0 if self.number is None else index.weights[self.number]
        self.shares = (own, min(word.weight, own) if own else word.weight)
        self._exact = self.exact.to_bytes(index.width, "little")
        self._started = self.started.to_bytes(index.width, "little") if self.started else b""
        self._nearby = b""

    def look_nearby(self) -> None:
        """Take in the headings above and the other names of a code."""
        if self.nearby:
            return
        if self.number is not None:
            self.nearby = self.index.bits("context", self.number)
        if self.word.open_end:
            self.nearby |= self.index.prefix_bits("context", self.word.text)
        self._nearby = self.nearby.to_bytes(self.index.width, "little")

    def anywhere(self) -> int:
        return self.exact | self.started | self.nearby

    def match(self, byte: int, mask: int) -> tuple[float, float]:
        """How well a phrase holds the word (0..1), and the share of the phrase's weight that it makes up."""
        if self._exact[byte] & mask:
            return EXACT, self.shares[0]
        if self._started and self._started[byte] & mask:
            return STARTED, self.shares[1]
        if self._nearby and self._nearby[byte] & mask:
            return NEARBY, 0.0
        return 0.0, 0.0


class _Reading:
    """One reading of a concept: its words, all of which must be there."""

    __slots__ = ("quality", "single", "terms", "weight")

    def __init__(self, index: SearchIndex, alternative: Alternative) -> None:
        self.quality = alternative.quality
        self.terms = [_Term(index, word) for word in alternative.words]
        self.single = self.terms[0] if len(self.terms) == 1 else None
        self.weight = sum(term.word.weight for term in self.terms) or 1.0

    def match(self, byte: int, mask: int) -> tuple[float, float]:
        """Quality 0..1 of this reading in a phrase (0 unless all its words are there), and its share."""
        if self.single is not None:
            quality, share = self.single.match(byte, mask)
            return self.quality * quality, share
        held = covered = 0.0
        for term in self.terms:
            quality, share = term.match(byte, mask)
            if not quality:
                return 0.0, 0.0
            held += term.word.weight * quality
            covered += share
        return self.quality * held / self.weight, covered


class _Wanted:
    """One concept with its readings prepared."""

    __slots__ = ("readings", "required", "weight")

    def __init__(self, index: SearchIndex, concept: Concept) -> None:
        self.weight = concept.weight
        self.required = concept.required
        self.readings = [_Reading(index, one) for one in concept.alternatives]

    def exact(self) -> int:
        return reduce(or_, [reduce(and_, [term.exact for term in one.terms]) for one in self.readings])

    def anywhere(self) -> int:
        return reduce(or_, [reduce(and_, [term.anywhere() for term in one.terms]) for one in self.readings])

    def look_nearby(self) -> None:
        for reading in self.readings:
            for term in reading.terms:
                term.look_nearby()

    def match(self, byte: int, mask: int) -> tuple[float, float]:
        best = self.readings[0].match(byte, mask)
        for reading in self.readings[1:]:
            best = max(best, reading.match(byte, mask))
        return best


def search(
    index: SearchIndex, abbreviations: Abbreviations, text: str, limit: int, day: int | None = None
) -> list[SearchResult]:
    """The best `limit` codes (1..100) for what was typed, best first. Never raises.

    `day` (YYYYMMDD): codes whose own dates do not hold it are left out.
    """
    return look_up(index, abbreviations, text, limit, day).results


def look_up(
    index: SearchIndex, abbreviations: Abbreviations, text: str, limit: int, day: int | None = None
) -> Found:
    """The same, with how much of what was typed the code system knows at all. Never raises."""
    limit = max(1, min(limit, MOST_RESULTS))
    query = read_query(text, index, abbreviations)
    known, unknown = len(query.concepts), len(query.unknown)
    if query.code_prefix and not query.concepts:
        return Found(_by_code(index, query.code_prefix, limit, day), 1.0 if not unknown else 0.5)
    if not query.concepts:
        return Found([], 0.0)
    scores = _Scorer(index, query, day).scores(limit)
    return Found(_results(index, scores.items(), limit), known / (known + unknown))


@dataclass(frozen=True, slots=True)
class Found:
    """What one code system has for a query; `known`: share (0..1) of the typed words that it knows."""

    results: list[SearchResult]
    known: float


def _by_code(index: SearchIndex, prefix: str, limit: int, day: int | None) -> list[SearchResult]:
    """Codes that begin with `prefix`: itself, then common ones, then in the order of the classification."""
    exact = index.find(prefix)
    found = []
    for number in index.code_range(prefix):
        if day is not None and not index.holds_on(number, day):
            continue
        points = 200.0 if number == exact else 100.0 + max(index.code_prior[number], 0.0)
        found.append((number, points))
    return _results(index, found, limit)


def _results(index: SearchIndex, scores: Iterable[tuple[int, float]], limit: int) -> list[SearchResult]:
    ranked = sorted(scores, key=lambda item: (-item[1], item[0]))
    billable = [item for item in ranked if index.billable[item[0]]]
    headings = [item for item in ranked if not index.billable[item[0]]]
    room = min(HEADINGS_SHOWN, len(headings)) if limit > 2 * HEADINGS_SHOWN else 0
    chosen = billable[: limit - room]
    chosen += headings[: limit - len(chosen)]
    return [
        SearchResult(index.codes[number], index.title(number), bool(index.billable[number]), round(score, 2))
        for number, score in chosen
    ]


class _Scorer:
    def __init__(self, index: SearchIndex, query: Query, day: int | None) -> None:
        self.index = index
        self.day = day if index.dated else None
        self.wanted = [_Wanted(index, concept) for concept in query.concepts]
        self.required = [one for one in self.wanted if one.required] or self.wanted
        self.total = sum(one.weight for one in self.wanted) or 1.0
        self.codes = index.code_range(query.code_prefix) if query.code_prefix else None
        self.size = TIER_SIZE
        self.scored: set[int] = set()
        self.best: dict[int, float] = {}

    def scores(self, limit: int) -> dict[int, float]:
        """Best score of each code found, by its number."""
        self.size = max(TIER_SIZE, PHRASES_PER_RESULT * limit)
        self._score(reduce(and_, [one.exact() for one in self.required]))
        own = [one.anywhere() for one in self.required]
        self._score(reduce(and_, own))
        if self._found() >= limit:
            return self.best
        for one in self.wanted:
            one.look_nearby()
        wide = [one.anywhere() for one in self.required]
        self._score(reduce(and_, wide))
        for size in range(len(wide) - 1, max(0, len(wide) - 4), -1):
            if self._found() >= FEW:
                break
            for some in combinations(wide, size):
                self._score(reduce(and_, some))
        return self.best

    def _found(self) -> int:
        return sum(self.index.billable[number] for number in self.best)

    def _score(self, phrases: int) -> None:
        index, best = self.index, self.best
        size = self.size if self.codes is None else FILTERED_TIER_SIZE
        for phrase in first_phrases(phrases, index.width, size):
            number = index.phrase_code[phrase]
            if phrase in self.scored or (self.codes is not None and number not in self.codes):
                continue
            if self.day is not None and not index.holds_on(number, self.day):
                continue
            self.scored.add(phrase)
            score = self._phrase_score(phrase)
            if score > best.get(number, 0.0):
                best[number] = score

    def _phrase_score(self, phrase: int) -> float:
        byte, mask = phrase >> 3, 1 << (phrase & 7)
        asked = named = 0.0
        for one in self.wanted:
            quality, share = one.match(byte, mask)
            asked += one.weight * quality
            named += share
        coverage = min(1.0, named / (self.index.phrase_weight[phrase] or 1.0))
        return (
            MATCH_POINTS * asked / self.total + COVERAGE_POINTS * coverage + self.index.phrase_bonus[phrase]
        )
