"""How deep the evidence of a group is: what each code it rests on is cited by, and what to look at twice.

A group rests on a code when the stay falls to another group without it.  Such a code with a single span of
words is one disagreement away from another group, which is what a second reader looks for first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

SINGLE_SEVERITY: Final = "drg.single_severity"
THIN: Final = 1
"""A code cited by so many spans or fewer is thinly supported."""


@dataclass(frozen=True, slots=True)
class Cited:
    """How a code is supported: distinct spans of words, and documents they stand in."""

    spans: int
    documents: int


@dataclass(frozen=True, slots=True)
class Group:
    """A group as the page tells it; `weight` None: no table of weights covers the day."""

    drg: int
    title: str
    weight: str | None


@dataclass(frozen=True, slots=True)
class Driver:
    """A code the group rests on, the group without it, and how it is supported."""

    code: str
    kind: str
    level: str | None
    without: Group
    cited: Cited

    @property
    def is_thin(self) -> bool:
        """Does it hang on one span, or on none?"""
        return self.cited.spans <= THIN


@dataclass(frozen=True, slots=True)
class Severity:
    """A CC or MCC of the stay; ``excluded_by`` in words, empty when it counts."""

    code: str
    level: str
    excluded_by: str

    @property
    def counts(self) -> bool:
        return not self.excluded_by


@dataclass(frozen=True, slots=True)
class SecondLook:
    """Why a second reader should see the stay; ``rule`` is stable."""

    rule: str
    code: str
    why: str


def drivers_with_evidence(
    drivers: Sequence[tuple[str, str, str | None, Group]], cited: Mapping[str, Cited]
) -> tuple[Driver, ...]:
    """Drivers (code, kind, level, group without it) with their support; the thinnest first."""
    found = [
        Driver(code, kind, level, without, cited.get(code, Cited(0, 0)))
        for code, kind, level, without in drivers
    ]
    return tuple(sorted(found, key=lambda one: (one.cited.spans, one.cited.documents)))


def second_looks(severity: Sequence[Severity], drivers: Sequence[Driver]) -> tuple[SecondLook, ...]:
    """What a second-level review asks of this group: a single CC or MCC that carries it, thin support."""
    found = []
    counting = [one for one in severity if one.counts]
    level = "MCC" if any(one.level == "MCC" for one in counting) else "CC"
    deciding = [one.code for one in counting if one.level == level]
    moving = {one.code for one in drivers}
    if len(deciding) == 1 and deciding[0] in moving:
        found.append(SecondLook(SINGLE_SEVERITY, deciding[0], f"It is the only {level} that counts."))
    for driver in drivers:
        if driver.is_thin:
            spans = "one span of words" if driver.cited.spans else "no words"
            found.append(SecondLook("drg.thin_evidence", driver.code, f"The group rests on {spans}."))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Expected:
    """A working group of one party."""

    working_id: str
    party: str
    drg: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A working group beside the final one; ``is_pending``: they differ and nobody has said why."""

    expected: Expected
    final_drg: int
    reason: str

    @property
    def differs(self) -> bool:
        return self.expected.drg != self.final_drg

    @property
    def is_pending(self) -> bool:
        return self.differs and not self.reason


def reconcile(
    expected: Sequence[Expected], final_drg: int, reasons: Mapping[str, str]
) -> tuple[Difference, ...]:
    """Each party's newest working group against the final one; ``reasons`` by working id."""
    return tuple(Difference(one, final_drg, reasons.get(one.working_id, "")) for one in expected)
