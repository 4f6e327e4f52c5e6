"""Two versions of a code set compared, for the revision page and the timeline.

Codes are matched by what they are, not by where they stand: an inserted diagnosis does not make every later
one "changed".  Pointers are compared by the diagnosis they name.  A move is reported only for the fewest
codes whose order really changed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from coding_ops.core.errors import InvalidInput

KINDS: Final = ("dx", "px")


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One code of a set, as a revision keeps it.

    ``code`` has no dot; ``pointers`` are the diagnosis codes a service is for, in order; ``evidence`` are
    opaque references (document version and offsets), compared as a set.
    """

    kind: str
    system: str
    code: str
    position: int
    modifiers: tuple[str, ...] = ()
    units: int = 1
    poa: str = ""
    pointers: tuple[str, ...] = ()
    exception_reason: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's value before and after, in the words of the page."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Changed:
    """The same code, attributes differ; ``fields`` in the order of :class:`CodeLine`, never empty."""

    old: CodeLine
    new: CodeLine
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """The same code at another place among its kind: its order against the others changed."""

    old: CodeLine
    new: CodeLine


@dataclass(frozen=True, slots=True)
class CodeDiff:
    """Everything that differs.  A code may be both changed and moved; ``unchanged`` are neither."""

    added: tuple[CodeLine, ...]
    removed: tuple[CodeLine, ...]
    changed: tuple[Changed, ...]
    moved: tuple[Moved, ...]
    unchanged: tuple[CodeLine, ...]

    @property
    def is_empty(self) -> bool:
        """Do both versions say the same?"""
        return not (self.added or self.removed or self.changed or self.moved)


_FIELDS: Final[tuple[tuple[str, Callable[[CodeLine], str]], ...]] = (
    ("modifiers", lambda line: " ".join(line.modifiers)),
    ("units", lambda line: str(line.units)),
    ("poa", lambda line: line.poa),
    ("pointers", lambda line: " ".join(line.pointers)),
    ("exception_reason", lambda line: line.exception_reason),
    ("evidence", lambda line: " ".join(sorted(set(line.evidence)))),
)


def compare(old: Iterable[CodeLine], new: Iterable[CodeLine]) -> CodeDiff:
    """What it takes to come from ``old`` to ``new``; diagnoses before services, each by position."""
    before, after = _ordered(old), _ordered(new)
    pairs = _pair(before, after)
    left = {id(a) for a, _ in pairs}
    right = {id(b) for _, b in pairs}
    changed = tuple(Changed(a, b, fields) for a, b in pairs if (fields := _fields(a, b)))
    moved = tuple(
        move for kind in _kinds(before, after) for move in _moves([p for p in pairs if p[0].kind == kind])
    )
    touched = {id(change.new) for change in changed} | {id(move.new) for move in moved}
    return CodeDiff(
        added=tuple(line for line in after if id(line) not in right),
        removed=tuple(line for line in before if id(line) not in left),
        changed=changed,
        moved=moved,
        unchanged=tuple(b for _, b in pairs if id(b) not in touched),
    )


def _ordered(lines: Iterable[CodeLine]) -> list[CodeLine]:
    # Copies, because identity tells apart two equal lines below.
    return [
        CodeLine(*(getattr(line, name) for name in CodeLine.__slots__))
        for line in sorted(
            lines, key=lambda line: (line.kind, line.position, line.system, line.code, line.modifiers)
        )
    ]


def _kinds(*sets: Sequence[CodeLine]) -> list[str]:
    return sorted({line.kind for lines in sets for line in lines})


def _pair(old: Sequence[CodeLine], new: Sequence[CodeLine]) -> list[tuple[CodeLine, CodeLine]]:
    """Partners of the same code: with the same modifiers first, then in order; sorted by the new order."""
    partner: dict[int, CodeLine] = {}
    rest_old, rest_new = list(old), list(new)
    keys: tuple[Callable[[CodeLine], object], ...] = (
        lambda line: (line.kind, line.system, line.code, line.modifiers, line.units),
        lambda line: (line.kind, line.system, line.code, line.modifiers),
        lambda line: (line.kind, line.system, line.code),
    )
    for key in keys:
        waiting: dict[object, list[CodeLine]] = defaultdict(list)
        for line in rest_old:
            waiting[key(line)].append(line)
        for line in rest_new:
            if waiting[key(line)]:
                partner[id(line)] = waiting[key(line)].pop(0)
        taken = {id(line) for line in partner.values()}
        rest_old = [line for line in rest_old if id(line) not in taken]
        rest_new = [line for line in rest_new if id(line) not in partner]
    return [(partner[id(line)], line) for line in new if id(line) in partner]


def _fields(old: CodeLine, new: CodeLine) -> tuple[FieldChange, ...]:
    return tuple(FieldChange(name, read(old), read(new)) for name, read in _FIELDS if read(old) != read(new))


def _moves(pairs: Sequence[tuple[CodeLine, CodeLine]]) -> list[Moved]:
    """Pairs outside a longest run that kept its order (patience sorting), in the new order."""
    ranks = {id(a): rank for rank, (a, _) in enumerate(sorted(pairs, key=lambda pair: pair[0].position))}
    tops: list[int] = []
    top_at: list[int] = []
    previous: list[int | None] = []
    for index, (old, _) in enumerate(pairs):
        rank = ranks[id(old)]
        pile = bisect_left(tops, rank)
        previous.append(top_at[pile - 1] if pile else None)
        tops[pile : pile + 1] = [rank]
        top_at[pile : pile + 1] = [index]
    kept: set[int] = set()
    at = top_at[-1] if top_at else None
    while at is not None:
        kept.add(at)
        at = previous[at]
    return [Moved(a, b) for index, (a, b) in enumerate(pairs) if index not in kept]


# --- as kept in a revision ----------------------------------------------------------------------------


def to_json(lines: Iterable[CodeLine]) -> list[dict[str, Any]]:
    """JSON-ready objects in the set's order; :func:`from_json` reads them back."""
    return [
        {
            name: list(value) if isinstance(value := getattr(line, name), tuple) else value
            for name in CodeLine.__slots__
        }
        for line in _ordered(lines)
    ]


def from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[CodeLine, ...]:
    """The lines of a stored revision; fields it does not know are left aside, missing ones take defaults.

    Raises:
        InvalidInput: ``revision.unreadable`` when kind, system, code or position is missing.
    """
    lines = []
    for item in stored:
        known = {name: _plain(item[name]) for name in CodeLine.__slots__ if name in item}
        try:
            lines.append(CodeLine(**known))
        except TypeError as error:
            raise InvalidInput("A stored code lacks a field.", code="revision.unreadable") from error
    return tuple(lines)


def _plain(value: Any) -> Any:
    return tuple(str(part) for part in value) if isinstance(value, list) else value


def describe(diff: CodeDiff, show: Callable[[str, str], str] | None = None) -> tuple[str, ...]:
    """Sentences for the timeline; ``show(system, code)`` writes a code as people read it."""

    def bare(line: CodeLine) -> str:
        return show(line.system, line.code) if show else line.code

    def name(line: CodeLine) -> str:
        return "-".join([bare(line), *line.modifiers])

    words = [f"Added {name(line)} as {_place(line)}." for line in diff.added]
    words += [f"Removed {name(line)}, {_place(line)}." for line in diff.removed]
    for change in diff.changed:
        code = bare(change.new)
        for field in change.fields:
            if field.field == "evidence":
                gained, dropped = _evidence_counts(change)
                words.append(f"{code}: evidence {gained} added, {dropped} removed.")
            else:
                label = {"poa": "POA", "exception_reason": "exception"}.get(field.field, field.field)
                words.append(f"{code}: {label} {field.old or 'none'} to {field.new or 'none'}.")
    words += [f"{name(move.new)} moved from {_place(move.old)} to {_place(move.new)}." for move in diff.moved]
    return tuple(words)


def _place(line: CodeLine) -> str:
    return f"{'diagnosis' if line.kind == 'dx' else 'service'} {line.position}"


def _evidence_counts(change: Changed) -> tuple[int, int]:
    old, new = set(change.old.evidence), set(change.new.evidence)
    return len(new - old), len(old - new)
