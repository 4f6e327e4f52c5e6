"""What an answer changed: the codes before the question against the codes after it, derived, never typed in.

Diagnoses are matched by their code; what is left on both sides is paired within its three-character
category, because that is how ICD-10-CM says the same condition more or less exactly (N18.9 to N18.32).
Effects on groups (DRG, HCC) are facts for the vendor's people only: they stand apart under ``inside``, and
``outside()`` is the shift without them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from coding_ops.core.errors import InvalidInput

DIAGNOSIS: Final = "dx"
_CATEGORY: Final = 3
_UNSPECIFIED: Final = re.compile(r"\bunspecified\b|\bnot otherwise specified\b|\bNOS\b", re.IGNORECASE)


class Reason(StrEnum):
    """Why the codes are not what they were, in the order in which a page tells them."""

    PRINCIPAL = "principal"
    SPECIFIED = "specified"
    REPLACED = "replaced"
    ADDED = "added"
    REMOVED = "removed"
    POA = "poa"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Line:
    """One code of a set: ``code`` without its dot; ``poa`` empty where none is reported."""

    kind: str
    system: str
    code: str
    title: str = ""
    position: int = 0
    poa: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A code that took the place of another."""

    before: Line
    after: Line


@dataclass(frozen=True, slots=True)
class Effect:
    """Groups of payment models before and after; never in anything that a provider or a client sees."""

    drg: tuple[str, str] | None = None
    hccs_gained: tuple[str, ...] = ()
    hccs_lost: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing is known, or nothing differs."""
        return not (self.hccs_gained or self.hccs_lost) and (self.drg is None or self.drg[0] == self.drg[1])


@dataclass(frozen=True, slots=True)
class Shift:
    """``specified``: the same category, more specific; ``replaced``: the same category, otherwise.

    ``principal``: the first-listed diagnosis before and after, where it is another; a side is None where
    there was none.  ``poa``: the same code, its present-on-admission indicator changed.
    """

    added: tuple[Line, ...] = ()
    removed: tuple[Line, ...] = ()
    specified: tuple[Pair, ...] = ()
    replaced: tuple[Pair, ...] = ()
    poa: tuple[Pair, ...] = ()
    principal: tuple[Line | None, Line | None] | None = None
    inside: Effect = field(default_factory=Effect)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Every reason that holds, or ``none`` alone."""
        found = (
            (Reason.PRINCIPAL, self.principal is not None),
            (Reason.SPECIFIED, self.specified),
            (Reason.REPLACED, self.replaced),
            (Reason.ADDED, self.added),
            (Reason.REMOVED, self.removed),
            (Reason.POA, self.poa),
        )
        return tuple(reason for reason, holds in found if holds) or (Reason.NONE,)

    @property
    def is_empty(self) -> bool:
        """The codes are what they were."""
        return self.reasons == (Reason.NONE,)

    def outside(self) -> Shift:
        """The same without effects on groups."""
        return replace(self, inside=Effect())

    def to_json(self) -> dict[str, Any]:
        """As it is kept; :func:`from_json` reads it back."""
        return {
            "reasons": [one.value for one in self.reasons],
            "added": [_plain(one) for one in self.added],
            "removed": [_plain(one) for one in self.removed],
            "specified": [[_plain(one.before), _plain(one.after)] for one in self.specified],
            "replaced": [[_plain(one.before), _plain(one.after)] for one in self.replaced],
            "poa": [[_plain(one.before), _plain(one.after)] for one in self.poa],
            "principal": self.principal and [one and _plain(one) for one in self.principal],
            "inside": {
                "drg": self.inside.drg and list(self.inside.drg),
                "hccs_gained": list(self.inside.hccs_gained),
                "hccs_lost": list(self.inside.hccs_lost),
            },
        }


def shift_of(
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    *,
    drg: tuple[str, str] | None = None,
    hccs: tuple[Sequence[str], Sequence[str]] | None = None,
) -> Shift:
    """What differs between two code sets.

    Args:
        before, after: lines as a code set is stored: ``kind``, ``system``, ``code`` (no dot), ``title``,
            ``position``, ``present_on_admission``; other fields are left aside.
        drg: the group of the stay before and after, where a grouper was asked.
        hccs: the payment categories of both sets, where they were asked.

    Raises:
        InvalidInput: ``shift.unreadable`` when kind, system or code of a line is missing.
    """
    old, new = _read(before), _read(after)
    kept = _same_code(old, new)
    gone = [one for one in old if all(one is not pair.before for pair in kept)]
    come = [one for one in new if all(one is not pair.after for pair in kept)]
    pairs = _same_category(gone, come)
    return Shift(
        added=tuple(one for one in come if all(one is not pair.after for pair in pairs)),
        removed=tuple(one for one in gone if all(one is not pair.before for pair in pairs)),
        specified=tuple(one for one in pairs if is_more_specific(one.before, one.after)),
        replaced=tuple(one for one in pairs if not is_more_specific(one.before, one.after)),
        poa=tuple(one for one in kept if one.before.poa != one.after.poa),
        principal=_principal(old, new),
        inside=_effect(drg, hccs),
    )


def from_json(stored: Mapping[str, Any]) -> Shift:
    """The shift that ``to_json`` wrote."""

    def pairs(name: str) -> tuple[Pair, ...]:
        return tuple(Pair(Line(**one), Line(**other)) for one, other in stored[name])

    inside, principal = stored["inside"], stored["principal"]
    return Shift(
        added=tuple(Line(**one) for one in stored["added"]),
        removed=tuple(Line(**one) for one in stored["removed"]),
        specified=pairs("specified"),
        replaced=pairs("replaced"),
        poa=pairs("poa"),
        principal=(_maybe(principal[0]), _maybe(principal[1])) if principal else None,
        inside=Effect(
            drg=(inside["drg"][0], inside["drg"][1]) if inside["drg"] else None,
            hccs_gained=tuple(inside["hccs_gained"]),
            hccs_lost=tuple(inside["hccs_lost"]),
        ),
    )


def is_more_specific(before: Line, after: Line) -> bool:
    """Whether a code of the same category says more: its title is unspecified in fewer respects, or it is
    a subdivision of the other, or, where the titles say the same, the longer code.
    """
    vague_before, vague_after = _vagueness(before), _vagueness(after)
    if vague_before != vague_after:
        return vague_after < vague_before
    return len(after.code.rstrip("X")) > len(before.code.rstrip("X"))


def _vagueness(line: Line) -> int:
    return len(_UNSPECIFIED.findall(line.title))


def _read(lines: Sequence[Mapping[str, Any]]) -> list[Line]:
    try:
        found = [
            Line(
                kind=str(one["kind"]),
                system=str(one["system"]),
                code=str(one["code"]),
                title=str(one.get("title") or ""),
                position=int(one.get("position") or 0),
                poa=str(one.get("present_on_admission") or ""),
            )
            for one in lines
        ]
    except KeyError as error:
        raise InvalidInput("A stored code lacks a field.", code="shift.unreadable") from error
    return sorted(found, key=lambda one: (one.kind, one.position, one.system, one.code))


def _same_code(old: Sequence[Line], new: Sequence[Line]) -> list[Pair]:
    """Partners of the same code, each line once: a code that stands twice has two partners."""
    waiting = list(old)
    found = []
    for line in new:
        key = (line.kind, line.system, line.code)
        partner = next((one for one in waiting if (one.kind, one.system, one.code) == key), None)
        if partner is not None:
            waiting = [one for one in waiting if one is not partner]
            found.append(Pair(partner, line))
    return found


def _same_category(gone: Sequence[Line], come: Sequence[Line]) -> list[Pair]:
    """Diagnoses of the same category, paired in the order of the claim."""
    waiting = [one for one in gone if one.kind == DIAGNOSIS]
    found = []
    for line in come:
        key = (line.kind, line.system, line.code[:_CATEGORY])
        partner = next((one for one in waiting if (one.kind, one.system, one.code[:_CATEGORY]) == key), None)
        if partner is not None:
            waiting = [one for one in waiting if one is not partner]
            found.append(Pair(partner, line))
    return found


def _principal(old: Sequence[Line], new: Sequence[Line]) -> tuple[Line | None, Line | None] | None:
    first = [next((one for one in lines if one.kind == DIAGNOSIS), None) for lines in (old, new)]
    codes = [one and (one.system, one.code) for one in first]
    return (first[0], first[1]) if codes[0] != codes[1] else None


def _effect(drg: tuple[str, str] | None, hccs: tuple[Sequence[str], Sequence[str]] | None) -> Effect:
    before, after = (set(hccs[0]), set(hccs[1])) if hccs else (set(), set())
    return Effect(drg, tuple(sorted(after - before)), tuple(sorted(before - after)))


def _plain(line: Line) -> dict[str, Any]:
    return {name: getattr(line, name) for name in Line.__slots__}


def _maybe(stored: Mapping[str, Any] | None) -> Line | None:
    return Line(**stored) if stored else None
