"""Which line of the coder's belongs to which line of the auditor's.

In this order, each line once: pairs the reviewer set; equal codes (of several, those whose attributes differ
least); the two principal diagnoses; the same condition; levels of one family; one category; one service or
block.  What is left is missed or unsupported.  The order in which lines were listed changes nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from qa_audit.rules.audit_lines import CodeLine, Taxonomy

Pair = tuple[CodeLine | None, CodeLine | None]
Candidate = tuple[tuple[int, ...], tuple[Any, ...], tuple[Any, ...], int, int]

#: How alike two different codes are, closest first.
_CONDITION: Final = 1
_LEVEL: Final = 2
_CATEGORY: Final = 3
_SERVICE: Final = 4


def align(
    coder: Sequence[CodeLine],
    auditor: Sequence[CodeLine],
    taxonomy: Taxonomy,
    pairs: Iterable[tuple[int, int]] = (),
) -> list[Pair]:
    """Every line once, paired or alone; ``pairs`` are indexes (coder, auditor) that the reviewer set."""
    left = {line.index: line for line in coder}
    right = {line.index: line for line in auditor}
    found: list[Pair] = []

    def join(one: CodeLine, other: CodeLine) -> None:
        found.append((left.pop(one.index), right.pop(other.index)))

    for ours, theirs in pairs:
        join(left[ours], right[theirs])
    _join_closest(_equal_codes(left.values(), right.values()), left, right, join)
    principals = (_principal(left.values()), _principal(right.values()))
    if principals[0] is not None and principals[1] is not None:
        join(principals[0], principals[1])
    _join_closest(_alike(left.values(), right.values(), taxonomy), left, right, join)
    found += [(line, None) for line in left.values()] + [(None, line) for line in right.values()]
    return sorted(found, key=_order)


def likeness(one: CodeLine, other: CodeLine, taxonomy: Taxonomy) -> tuple[int, ...] | None:
    """How alike two different codes are (smaller is closer), or None when they are not one line."""
    if one.group != other.group:
        return None
    if one.condition and one.condition == other.condition:
        return (_CONDITION,)
    levels = taxonomy.levels.get(one.code), taxonomy.levels.get(other.code)
    if levels[0] and levels[1]:
        same = levels[0][0] == levels[1][0]
        return (_LEVEL if same else _SERVICE, abs(levels[0][1] - levels[1][1]))
    if _same_start(one, other, taxonomy.category.get(one.group)):
        return (_CATEGORY, -_shared(one.code, other.code))
    if _same_start(one, other, taxonomy.service.get(one.group)):
        return (_SERVICE, -_shared(one.code, other.code))
    if one.group == "dx" and _block(one.code, taxonomy) == _block(other.code, taxonomy) != -1:
        return (_SERVICE, -_shared(one.code, other.code))
    return None


def same_category(one: CodeLine, other: CodeLine, taxonomy: Taxonomy) -> bool:
    """Whether the two codes differ in detail only."""
    return one.group == other.group and _same_start(one, other, taxonomy.category.get(one.group))


def differences(one: CodeLine, other: CodeLine) -> int:
    """How many attributes of two lines with the same code differ."""
    return (
        (sorted(one.modifiers) != sorted(other.modifiers))
        + (one.units != other.units)
        + (one.poa != other.poa)
        + (one.position != other.position)
        + (one.links != other.links)
        + (one.condition != other.condition)
    )


def _equal_codes(coder: Iterable[CodeLine], auditor: Iterable[CodeLine]) -> list[Candidate]:
    ours, theirs = _by_code(coder), _by_code(auditor)
    found: list[Candidate] = []
    for code, lines in ours.items():
        others = theirs.get(code, ())
        if len(lines) == len(others) == 1:  # nothing to choose: no need to know how far they differ
            found.append(((), (), (), lines[0].index, others[0].index))
            continue
        found += [_candidate((differences(one, other),), one, other) for one in lines for other in others]
    return found


def _by_code(lines: Iterable[CodeLine]) -> dict[tuple[str, str], list[CodeLine]]:
    found: dict[tuple[str, str], list[CodeLine]] = {}
    for line in lines:
        found.setdefault((line.group, line.code), []).append(line)
    return found


def _alike(coder: Iterable[CodeLine], auditor: Iterable[CodeLine], taxonomy: Taxonomy) -> list[Candidate]:
    others = list(auditor)
    return [
        _candidate(close, one, other)
        for one in coder
        for other in others
        if (close := likeness(one, other, taxonomy)) is not None
    ]


def _candidate(close: tuple[int, ...], one: CodeLine, other: CodeLine) -> Candidate:
    # Ties go by the lines' own values, never by their place in the list.
    return close, one.key, other.key, one.index, other.index


def _join_closest(
    candidates: list[Candidate],
    left: Mapping[int, CodeLine],
    right: Mapping[int, CodeLine],
    join: Callable[[CodeLine, CodeLine], None],
) -> None:
    for _, _, _, ours, theirs in sorted(candidates):
        if ours in left and theirs in right:
            join(left[ours], right[theirs])


def _principal(lines: Iterable[CodeLine]) -> CodeLine | None:
    first = [line for line in lines if line.group == "dx" and line.position == 1]
    return min(first, key=lambda line: line.key) if first else None


def _same_start(one: CodeLine, other: CodeLine, length: int | None) -> bool:
    if length is None or min(len(one.code), len(other.code)) < length:
        return False
    return one.code[:length] == other.code[:length]


def _shared(one: str, other: str) -> int:
    count = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        count += 1
    return count


def _block(code: str, taxonomy: Taxonomy) -> int:
    """The number of the block that a diagnosis lies in, or -1."""
    category = code[:3]
    at = bisect_right(taxonomy.blocks, (category, "￿")) - 1
    return at if at >= 0 and category <= taxonomy.blocks[at][1] else -1


def _order(pair: Pair) -> tuple[object, ...]:
    """Diagnoses first, by the auditor's position, then the coder's; then by code."""
    shown = pair[1] or pair[0]
    other = pair[0] or pair[1]
    if shown is None or other is None:
        raise ValueError("A line of the worksheet holds at least one code.")
    return (shown.group, shown.position or 10**6, shown.key, pair[0] is None, other.key)
