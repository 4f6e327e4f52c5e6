"""One box over several code systems: their answers as one list, and the sides of one thing together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from code_sets.rules.index import SearchIndex
from code_sets.rules.search import Found, SearchResult
from code_sets.rules.text import fold

MARGIN = 12.0
"""A later system comes first only when its best answer is better by so many points."""
SHARE = 0.72
"""Answers below this share of the best one are left out of the other systems."""
OTHERS = 4
"""Places kept for each further system."""
SIDE_WORDS = frozenset({"right", "left", "bilateral", "unilateral", "unspecified", "both"})
UNFOLDED = 2
"""How many of the first answers are shown with their other sides."""
WIDEST = 400
SEVENTH = 7


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer and the code system it is of."""

    system: str
    result: SearchResult


def merge(answers: Mapping[str, Found], limit: int) -> list[Hit]:
    """The answers of several systems, best system first, each in its own order; `limit` at most.

    `answers`: by system, the one that is meant when nothing speaks for another first.
    """
    weighed = {
        system: found.results[0].score * found.known for system, found in answers.items() if found.results
    }
    if not weighed:
        return []
    order = {system: -MARGIN * place for place, system in enumerate(answers)}
    ranked = sorted(weighed, key=lambda system: -(weighed[system] + order[system]))
    floor = max(weighed.values()) * SHARE
    kept = {
        system: [one for one in answers[system].results if one.score * answers[system].known >= floor]
        for system in ranked[1:]
    }
    others = {system: found[:OTHERS] for system, found in kept.items() if found}
    room = max(1, limit - sum(map(len, others.values())))
    first = [Hit(ranked[0], one) for one in answers[ranked[0]].results[:room]]
    return (first + [Hit(system, one) for system, found in others.items() for one in found])[:limit]


def with_sides(index: SearchIndex, results: Sequence[SearchResult], text: str) -> list[SearchResult]:
    """The results with the other sides of the first of them right below it, unless a side was asked for."""
    if SIDE_WORDS & set(fold(text).split()) or "rt" in fold(text).split() or "lt" in fold(text).split():
        return list(results)
    ordered: list[SearchResult] = []
    seen: set[str] = set()
    unfolded = 0
    by_code = {one.code: one for one in results}
    for one in results:
        if one.code in seen:
            continue
        sides = sides_of(index, one) if one.billable and unfolded < UNFOLDED else []
        unfolded += bool(sides)
        for code in (one.code, *(code for code in sides if code not in seen and code != one.code)):
            number = index.find(code)
            if number is not None:
                seen.add(code)
                ordered.append(by_code.get(code) or SearchResult(code, index.title(number), True, one.score))
    return ordered


def sides_of(index: SearchIndex, result: SearchResult) -> list[str]:
    """The codes that differ from one in the side only, itself included, in their order; [] without a side."""
    words = fold(result.title).replace(",", " ").split()
    if not SIDE_WORDS & set(words):
        return []
    code = result.code
    # A seventh character stands behind the side: the other sides are not its sisters but its cousins.
    start = code[:-2] if len(code) == SEVENTH else code[:-1]
    numbers = index.code_range(start)
    if len(numbers) > WIDEST:
        return []
    bare = _bare(words)
    found = [
        index.codes[number]
        for number in numbers
        if index.billable[number]
        and len(index.codes[number]) == len(code)
        and (len(code) < SEVENTH or index.codes[number][-1] == code[-1])
        and _bare(fold(index.title(number)).replace(",", " ").split()) == bare
    ]
    return found if len(found) > 1 else []


def _bare(words: Sequence[str]) -> list[str]:
    return [word.removesuffix("s") for word in words if word not in SIDE_WORDS]
