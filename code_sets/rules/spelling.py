"""Repairs a mistyped word over the vocabulary of a release: thousands of words, not its many more titles."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4
CANDIDATES = 4


def allowed_distance(word: str) -> int:
    """Edits that a word of this length may be away: none below four letters, two from eight."""
    if len(word) < SHORTEST or any(character.isdigit() for character in word):
        return 0
    return 1 if len(word) < 8 else 2


def repair(word: str, vocabulary: Sequence[str], unfinished: bool) -> list[tuple[str, int]]:
    """Words of the sorted `vocabulary` near `word`, nearest first, with their distances (transposition: 1).

    Words with the same first letter are tried first; the others only when none of those is near.
    `unfinished`: the word may still be being typed, so beginnings of words are compared too.
    """
    limit = allowed_distance(word)
    if not limit:
        return []
    first = bisect_left(vocabulary, word[0])
    same_letter = vocabulary[first : bisect_left(vocabulary, word[0] + "\x7f", first)]
    return (
        _near(word, same_letter, limit)
        or (_near_start(word, same_letter, limit) if unfinished else [])
        or _near(word, vocabulary, limit)
    )


def _near(word: str, choices: Sequence[str], limit: int) -> list[tuple[str, int]]:
    sized = [choice for choice in choices if abs(len(choice) - len(word)) <= limit]
    found = process.extract(word, sized, scorer=OSA.distance, score_cutoff=limit, limit=CANDIDATES)
    nearest = found[0][1] if found else 0
    return [(choice, int(distance)) for choice, distance, _ in found if distance == nearest]


def _near_start(word: str, choices: Sequence[str], limit: int) -> list[tuple[str, int]]:
    """Beginnings of words near an unfinished word; given back as beginnings."""
    size = len(word)
    starts = {choice[:length] for choice in choices for length in (size, size + 1) if len(choice) >= length}
    found = process.extract(word, sorted(starts), scorer=OSA.distance, score_cutoff=limit, limit=CANDIDATES)
    nearest = found[0][1] if found else 0
    return [(choice, int(distance)) for choice, distance, _ in found if distance == nearest]
