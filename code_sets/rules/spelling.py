"""Repairs a mistyped word over the vocabulary of a release: thousands of words, not its many more titles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4
CANDIDATES = 4

Near = list[tuple[str, int]]
"""Words and their distances, nearest first."""


def allowed_distance(word: str) -> int:
    """Edits that a word of this length may be away: none below four letters, two from eight."""
    if len(word) < SHORTEST or any(character.isdigit() for character in word):
        return 0
    return 1 if len(word) < 8 else 2


class Speller:
    """A vocabulary sorted into drawers by first letter and length, so that few words are compared."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._by_letter: dict[tuple[str, int], list[str]] = {}
        self._by_length: dict[int, list[str]] = {}
        for word in vocabulary:
            if word.isalpha():
                self._by_letter.setdefault((word[0], len(word)), []).append(word)
                self._by_length.setdefault(len(word), []).append(word)
        self._longest = max(self._by_length, default=0)

    def repair(self, word: str, unfinished: bool) -> Near:
        """Words near `word`, nearest first, with their distances (a transposition is 1).

        Words with the same first letter are tried first; the others only when none of those is near.
        `unfinished`: the word may still be being typed, so beginnings of words are compared too.
        """
        limit = allowed_distance(word)
        if not limit:
            return []
        lengths = range(len(word) - limit, len(word) + limit + 1)
        same_letter = list(chain.from_iterable(self._by_letter.get((word[0], size), ()) for size in lengths))
        found = _nearest(word, same_letter, limit)
        if not found and unfinished:
            found = _nearest(word, sorted(self._starts(word)), limit)
        if not found:
            anywhere = chain.from_iterable(self._by_length.get(size, ()) for size in lengths)
            found = _nearest(word, list(anywhere), limit)
        return found

    def _starts(self, word: str) -> set[str]:
        """Beginnings, as long as `word` or one longer, of the words with its first letter."""
        size = len(word)
        longer = range(size, self._longest + 1)
        words = chain.from_iterable(self._by_letter.get((word[0], length), ()) for length in longer)
        return {start for one in words for start in (one[:size], one[: size + 1])}


def _nearest(word: str, choices: Sequence[str], limit: int) -> Near:
    found = process.extract(word, choices, scorer=OSA.distance, score_cutoff=limit, limit=CANDIDATES)
    nearest = found[0][1] if found else 0
    return [(choice, int(distance)) for choice, distance, _ in found if distance == nearest]
