"""Reads what a coder typed: code prefix, words, abbreviations, typing errors."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from code_sets.rules.abbreviations import Abbreviations, Expansion
from code_sets.rules.index import SearchIndex
from code_sets.rules.text import LIGHT_WORDS, NEGATED, STOP_WORDS, fold, stem

LONGEST_TEXT = 200
MOST_WORDS = 12
CHUNK = re.compile(r"[a-z0-9]+(?:[/-][a-z0-9]+)*/?")
CODE = re.compile(r"[A-Z][0-9A-Z]{1,2}(?:\.?[0-9A-Z]{0,4})?")
BARE_CODE = re.compile(r"[0-9A-Z]{2,7}")
"""Beginning of a code of a system that writes no dot; the release decides whether it is one."""
LETTERS_DIGITS = re.compile(r"([a-z]{2,})-?(\d[a-z0-9]?)")

# Asked for or not, these words say nothing a title must hold.
OPTIONAL_WORDS = frozenset(
    {"unspecified", "nos", "nec", "uncomplicated", "disease", "disorder", "syndrome", "condition", "problem",
     "patient", "site", "part", "not", "without", "specified", "finding"}
)  # fmt: skip

WITHOUT = frozenset({"without", "w/o", "wo", "no", "not"})
WITH = frozenset({"with", "w/", "w", "and"})

UNLIKELY_PREFIX_QUALITY = 0.5
STARTED_QUALITY = 0.9
MOST_STARTED = 4
REPAIR_QUALITY = {0: 0.95, 1: 0.85, 2: 0.75}
"""By edits; 0: the word without its last letter, a plural that the stemmer leaves alone."""
SHORT = 3
SHORTEST_JOINED = 7
JOINED_QUALITY = 0.97


@dataclass(frozen=True, slots=True)
class Word:
    """One word to look for: exactly as `text`, or (`open_end`) as the beginning of a word."""

    text: str
    open_end: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Alternative:
    """One reading of a concept: all `words` must be there; `quality` 0..1 says how sure the reading is."""

    words: tuple[Word, ...]
    quality: float


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that was asked for, in all its readings; `weight` says how much it tells codes apart."""

    alternatives: tuple[Alternative, ...]
    weight: float
    required: bool


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed: a code prefix ("" when none), the concepts, and the words nothing was found for."""

    code_prefix: str
    concepts: tuple[Concept, ...]
    unknown: tuple[str, ...] = ()


def read_query(text: str, index: SearchIndex, abbreviations: Abbreviations) -> Query:
    """Read a query against the vocabulary of one release. Never raises on any text."""
    typed = text[:LONGEST_TEXT]
    code_prefix, rest = _split_code(typed, index)
    terms = Terms(index, abbreviations)
    return _Reader(index, terms).read(code_prefix, _tokens(rest, index, terms))


class Terms:
    """The table of abbreviations and the terms of the code system itself, asked as one."""

    __slots__ = ("_tables", "longest")

    def __init__(self, index: SearchIndex, table: Abbreviations) -> None:
        self._tables = (index.aliases, table) if index.aliases.expansions else (table,)
        self.longest = max(one.longest for one in self._tables)

    def of(self, term: str) -> tuple[Expansion, ...]:
        """The expansions of a folded term, those of the code system first."""
        if len(self._tables) == 1:
            return self._tables[0].of(term)
        return self._tables[0].of(term) + self._tables[1].of(term)

    def near(self, word: str, last: bool, distance: int) -> tuple[Expansion, ...]:
        """What a mistyped or unfinished word may stand for, the code system's own terms first.

        `distance`: edits to the nearest word of a title (0: none is near). A term of the system must not be
        further off, one of the table must be nearer: words of titles are the likelier ones.
        """
        if len(word) <= SHORT:
            return ()
        for table in self._tables:
            own = len(self._tables) == 2 and table is self._tables[0]
            started = _starting(table.words, word) if last else []
            if started:
                return _weakened(table, started, STARTED_QUALITY)
            found = table.speller.repair(word, last)
            off = found[0][1] if found else 0
            if found and (not distance or off < distance or (own and off == distance)):
                return _weakened(table, [term for term, edits in found if edits == off], REPAIR_QUALITY[off])
        return ()


def _starting(words: Sequence[str], start: str) -> Sequence[str]:
    at = bisect_left(words, start)
    return words[at : bisect_left(words, start + "\x7f", at)][:MOST_STARTED]


def _weakened(table: Abbreviations, terms: Sequence[str], factor: float) -> tuple[Expansion, ...]:
    """What terms of a table say, less sure; a repaired word may be one that only begins such a term."""
    return tuple(
        replace(one, quality=one.quality * factor) for term in terms for one in table.expansions.get(term, ())
    )


def _split_code(text: str, index: SearchIndex) -> tuple[str, str]:
    """A leading code or beginning of one, where the release holds it, and what follows it."""
    head, _, rest = text.strip().partition(" ")
    candidate = head.upper().rstrip(".-")
    form = CODE if index.meta.get("system", "ICD-10-CM") == "ICD-10-CM" else BARE_CODE
    if not form.fullmatch(candidate) or not any(character.isdigit() for character in candidate):
        return "", text
    prefix = candidate.replace(".", "")
    if (rest.strip() and len(prefix) < 3) or not index.code_range(prefix):
        return "", text
    return prefix, rest


def _tokens(text: str, index: SearchIndex, abbreviations: Terms) -> list[str]:
    """Words and known terms as typed; "ckd3b" and "stage3" are taken apart where no title has them whole."""
    tokens: list[str] = []
    for chunk in CHUNK.findall(fold(text)):
        if abbreviations.of(chunk):
            tokens.append(chunk)
            continue
        for part in re.split(r"[/-]", chunk):
            glued = LETTERS_DIGITS.fullmatch(part)
            if glued and not index.word_range(part) and not abbreviations.of(part):
                tokens.extend(glued.groups())
            elif part:
                tokens.append(part)
    return tokens[:MOST_WORDS]


class _Reader:
    def __init__(self, index: SearchIndex, abbreviations: Terms) -> None:
        self.index = index
        self.abbreviations = abbreviations
        self.unknown: list[str] = []
        self.denied = False
        self.repairs: dict[tuple[str, bool], list[tuple[str, int]]] = {}

    def read(self, code_prefix: str, tokens: Sequence[str]) -> Query:
        concepts: list[Concept] = []
        repaired = self._with_repairs(tokens)
        at = 0
        while at < len(tokens):
            size, expansions = self._longest_term(repaired, at)
            if size == 1:
                expansions = self.abbreviations.of(tokens[at])
            span = tokens[at : at + size]
            at += size
            if span[0] in WITH:
                self.denied = False
            if size == 1 and span[0] in STOP_WORDS and not expansions:
                continue
            concept = self._concept(span, expansions, at == len(tokens))
            if span[0] in WITHOUT:
                self.denied = True
            if concept is not None and concept not in concepts:
                concepts.append(concept)
        return Query(code_prefix, tuple(concepts), tuple(self.unknown))

    def _with_repairs(self, tokens: Sequence[str]) -> list[str]:
        """The words with mistyped ones put right, to find terms of several words ("demand ischeima")."""
        if len(tokens) < 2:
            return list(tokens)
        result = []
        for at, token in enumerate(tokens):
            last = at == len(tokens) - 1
            wrong = len(token) > SHORT and self._is_unknown(token, last) and not self.abbreviations.of(token)
            near = self._repaired(token, False) if wrong else []
            result.append(near[0][0] if near else token)
        return result

    def _longest_term(self, tokens: Sequence[str], at: int) -> tuple[int, tuple[Expansion, ...]]:
        for size in range(min(self.abbreviations.longest, len(tokens) - at), 1, -1):
            found = self.abbreviations.of(" ".join(tokens[at : at + size]))
            if found and size > 1:
                return size, found
        if at + 1 < len(tokens):
            joined = stem(tokens[at] + tokens[at + 1])
            if len(joined) >= SHORTEST_JOINED and self.index.word(joined) is not None:
                return 2, (Expansion((joined,), JOINED_QUALITY),)
        return 1, self.abbreviations.of(tokens[at])

    def _concept(self, span: Sequence[str], expansions: Sequence[Expansion], last: bool) -> Concept | None:
        known = self._expanded(expansions)
        if not known and len(span) == 1 and self._is_unknown(span[0], last):
            distance = min((off for _, off in self._repaired(span[0], last)), default=0)
            known = self._expanded(self.abbreviations.near(span[0], last, distance))
        known.extend(self._literal(span, bool(known), last))
        if self.denied:
            known = [*filter(None, map(self._denied, known)), *known]
        if not known:
            return None
        weight = max(max(word.weight for word in alternative.words) for alternative in known)
        required = any(word.text not in OPTIONAL_WORDS for alternative in known for word in alternative.words)
        return Concept(tuple(known), weight, required)

    def _expanded(self, expansions: Sequence[Expansion]) -> list[Alternative]:
        return [one for one in map(self._expansion, expansions) if one is not None]

    def _is_unknown(self, token: str, last: bool) -> bool:
        """Whether no title holds a word, or (unfinished) a word that begins so."""
        if self.index.word(stem(token)) is not None:
            return False
        return not self.index.word_range(token) or (len(token) == 1 and not last)

    def _expansion(self, expansion: Expansion) -> Alternative | None:
        """A reading from the table; a word that no title of this release holds drops the reading."""
        if any(self.index.word(word) is None for word in expansion.words):
            return None
        return Alternative(tuple(self._exact(word) for word in expansion.words), expansion.quality)

    def _literal(self, span: Sequence[str], expanded: bool, last: bool) -> list[Alternative]:
        readings: list[list[tuple[Word, float]]] = [[]]
        for token in span:
            if token in STOP_WORDS:
                continue
            found = self._word(token, expanded, last)
            if not found:
                return []
            readings = [[*reading, one] for reading in readings for one in found][:4]
        return [
            Alternative(tuple(word for word, _ in reading), min(quality for _, quality in reading))
            for reading in readings
            if reading
        ]

    def _word(self, token: str, expanded: bool, last: bool) -> list[tuple[Word, float]]:
        """The ways to take one typed word: as it stands, as a beginning, or repaired."""
        short = len(token) <= SHORT
        exact = self.index.word(stem(token))
        if exact is not None:
            return [(self._open(stem(token)) if not short or not expanded else self._exact(stem(token)), 1.0)]
        if self.index.word_range(token) and (len(token) > 1 or last):
            return [(self._open(token), UNLIKELY_PREFIX_QUALITY if expanded and short else 1.0)]
        if expanded:
            return []
        repaired = [
            (
                self._open(word) if self.index.word(word) is None else self._exact(word),
                REPAIR_QUALITY[distance],
            )
            for word, distance in self._repaired(token, last)
        ]
        if not repaired:
            self.unknown.append(token)
        return repaired

    def _repaired(self, token: str, last: bool) -> list[tuple[str, int]]:
        """The nearest words; "diabetis" may be a plural gone wrong, so it is also tried without the s."""
        known = self.repairs.get((token, last))
        if known is None:
            known = self.repairs[token, last] = self._nearest(token, last)
        return known

    def _nearest(self, token: str, last: bool) -> list[tuple[str, int]]:
        tries = {stem(token), token[:-1]} if token.endswith("s") else {token}
        found = [near for one in sorted(tries) for near in self.index.speller.repair(one, last)]
        nearest = min((distance for _, distance in found), default=0)
        return [(word, distance) for word, distance in dict(found).items() if distance == nearest]

    def _denied(self, reading: Alternative) -> Alternative | None:
        """The same reading of words that a title denies; None when no title denies them."""
        words = [replace(word, text=NEGATED + word.text) for word in reading.words]
        if not all(self.index.word_range(word.text) for word in words):
            return None
        return Alternative(tuple(words), reading.quality)

    def _exact(self, word: str) -> Word:
        number = self.index.word(word)
        weight = self.index.weights[number] if number is not None else 0.0
        return Word(word, False, max(weight, 2.0) if word in LIGHT_WORDS else weight)

    def _open(self, start: str) -> Word:
        members = self.index.prefix_bits("primary", start).bit_count()
        weight = 1 + math.log(self.index.phrase_count / members) if members else 1.0
        if start in LIGHT_WORDS:
            weight = min(weight, 2.0)
        return Word(start, True, weight)
