"""One receipt (999, 005010X231; or the older 997) as data: what became of each transaction of a group.

The copy of the bad element that a receipt repeats (IK404) is left out: it may be a patient's name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from claims.rules.x12.parts import Problem, at
from claims.rules.x12.reader import Transaction

ACCEPTED: Final = frozenset({"A", "E"})
"""IK501 and AK901 that let a transaction pass, E with errors noted."""
REJECTED: Final = frozenset({"R", "M", "W", "X", "P"})
_CLAIM_CONTEXT: Final = "CLM01"


@dataclass(frozen=True, slots=True)
class SegmentError:
    """One IK3 with its IK4.

    Attributes:
        segment_id, segment_position: in the transaction that is answered, ST being 1.
        control_number: of the claim it lies in (CTX), empty where the receipt names none.
        codes: IK304.  ``elements``: position of the element and its error code (IK401, IK403).
    """

    segment_id: str
    segment_position: int | None
    loop: str
    control_number: str
    codes: tuple[str, ...]
    elements: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SetResponse:
    """The answer to one transaction (AK2 to IK5).  ``status`` is IK501, empty where none was given."""

    position: int
    code: str
    control_number: str
    status: str
    codes: tuple[str, ...]
    errors: tuple[SegmentError, ...]

    @property
    def is_rejected(self) -> bool:
        return self.status in REJECTED


@dataclass(frozen=True, slots=True)
class Receipt:
    """One 999.

    Attributes:
        group_kind, group_number: GS01 and GS06 of the group that is answered.
        status: AK901; where it rejects and names no transaction, the whole group is rejected.
    """

    position: int
    group_kind: str
    group_number: str
    status: str
    codes: tuple[str, ...]
    sets: tuple[SetResponse, ...]
    problems: tuple[Problem, ...]

    @property
    def is_whole_group_rejected(self) -> bool:
        return self.status in REJECTED - {"P"} and not self.sets


def read_999(transaction: Transaction) -> Receipt:
    """The receipt of one transaction; bad data becomes placed problems."""
    reader = _Reader(transaction)
    for offset, segment in enumerate(transaction.segments()):
        reader.take(offset, segment)
    return reader.finish()


@dataclass(slots=True)
class _Error:
    segment: list[str]
    control_number: str = ""
    elements: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Set:
    offset: int
    segment: list[str]
    status: list[str] = field(default_factory=list)
    errors: list[_Error] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    transaction: Transaction
    group: list[str] = field(default_factory=list)
    end: list[str] = field(default_factory=list)
    sets: list[_Set] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def take(self, offset: int, segment: list[str]) -> None:
        name = segment[0]
        if name == "AK1":
            self.group = segment
        elif name == "AK2":
            self.sets.append(_Set(offset, segment))
        elif name == "AK9":
            self.end = segment
        elif name in ("IK3", "AK3", "CTX", "IK4", "AK4", "IK5", "AK5"):
            self.inside(offset, segment)

    def inside(self, offset: int, segment: list[str]) -> None:
        """A segment that belongs to the transaction named last (AK2)."""
        name = segment[0]
        if not self.sets:
            self.say(offset, name, "receipt.order", f"{name} stands before any transaction (AK2).")
            return
        current = self.sets[-1]
        if name in ("IK5", "AK5"):
            current.status = segment
        elif name in ("IK3", "AK3"):
            current.errors.append(_Error(segment))
        elif current.errors and name in ("IK4", "AK4"):
            place = at(segment, 1).split(self.transaction.delimiters.component)[0]
            current.errors[-1].elements.append((place, at(segment, 3)))
        elif current.errors and name == "CTX":
            what, _, value = at(segment, 1).partition(self.transaction.delimiters.component)
            if what == _CLAIM_CONTEXT:
                current.errors[-1].control_number = value

    def say(self, offset: int, name: str, code: str, message: str) -> None:
        self.problems.append(Problem(code, self.transaction.place(offset, name), message))

    def finish(self) -> Receipt:
        if not self.group:
            self.say(0, "ST", "receipt.group", "The receipt does not say which group it answers (AK1).")
        for one in self.sets:
            if at(one.status, 1) not in ACCEPTED | REJECTED:
                said = "The receipt does not say whether this transaction was accepted (IK5)."
                self.say(one.offset, "AK2", "receipt.status", said)
        return Receipt(
            position=self.transaction.position,
            group_kind=at(self.group, 1),
            group_number=at(self.group, 2),
            status=at(self.end, 1),
            codes=tuple(code for index in range(5, 10) if (code := at(self.end, index))),
            sets=tuple(self.set_of(one) for one in self.sets),
            problems=tuple(self.problems),
        )

    def set_of(self, one: _Set) -> SetResponse:
        return SetResponse(
            position=self.transaction.position + one.offset,
            code=at(one.segment, 1),
            control_number=at(one.segment, 2),
            status=at(one.status, 1),
            codes=tuple(code for index in range(2, 7) if (code := at(one.status, index))),
            errors=tuple(_error_of(error) for error in one.errors),
        )


def _error_of(one: _Error) -> SegmentError:
    segment = one.segment
    place = at(segment, 2)
    return SegmentError(
        segment_id=at(segment, 1),
        segment_position=int(place) if place.isascii() and place.isdigit() else None,
        loop=at(segment, 3),
        control_number=one.control_number,
        codes=tuple(code for code in segment[4:] if code.strip()),
        elements=tuple(one.elements),
    )
