"""One claim acknowledgement (277CA, 005010X214) as data: what was said of the file, providers, claims, lines.

The free words of a status (STC12) are left out: they may repeat a patient's data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from claims.rules.x12.money import money_of
from claims.rules.x12.parts import Problem, at, day_of, period_of
from claims.rules.x12.reader import Transaction

VERSION: Final = "005010X214"
REJECTING: Final = frozenset({"A3", "A4", "A6", "A7", "A8"})
"""STC01-1: not processed, not found, missing, invalid, at odds with other data."""
ACCEPTING: Final = frozenset({"A2"})
"""Accepted into adjudication."""
RECEIVING: Final = frozenset({"A0", "A1", "A5"})
"""Forwarded, received, split: the claim is on its way, nothing is decided."""
_COMPOSITES: Final = (1, 10, 11)
_REJECTED_ACTION: Final = "U"


class Outcome(StrEnum):
    """What a status means for the claim; the values are those of the database column."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    OTHER = "other"


class Level(StrEnum):
    """Whom a status is about, by the HL level it stands under (HL03)."""

    SOURCE = "20"
    RECEIVER = "21"
    PROVIDER = "19"
    CLAIM = "PT"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Status:
    """One status composite of an STC; an STC with three of them gives three."""

    position: int
    level: Level
    category: str
    code: str
    entity: str
    outcome: Outcome
    stated_on: date | None
    amount: Decimal | None
    line_number: str = ""


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """One claim with its own statuses and those of its lines.

    Attributes:
        control_number: ours (TRN02).  ``payer_control_number``: REF 1K.  ``batch_number``: that of its file.
    """

    position: int
    control_number: str
    payer_control_number: str
    batch_number: str
    statuses: tuple[Status, ...]
    service_from_on: date | None = None
    service_through_on: date | None = None

    @property
    def outcome(self) -> Outcome:
        """Rejected if anything rejects, at the claim or a line; else accepted, else received."""
        return outcome_of_all(one.outcome for one in self.statuses)


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """What was said of a whole file (receiver level) or of one provider's part of it."""

    position: int
    batch_number: str
    statuses: tuple[Status, ...]

    @property
    def is_rejected(self) -> bool:
        return any(one.outcome is Outcome.REJECTED for one in self.statuses)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """One 277CA.  ``stated_on`` is its own day (BHT04)."""

    position: int
    payer_code: str
    payer_name: str
    stated_on: date | None
    batches: tuple[BatchStatus, ...]
    claims: tuple[ClaimStatus, ...]
    problems: tuple[Problem, ...]


def outcome_of(category: str, action: str) -> Outcome:
    """What a category (STC01-1) means; of one that is not known the action (STC03) ``U`` still rejects."""
    if category in REJECTING:
        return Outcome.REJECTED
    if category in ACCEPTING:
        return Outcome.ACCEPTED
    if category in RECEIVING:
        return Outcome.RECEIVED
    return Outcome.REJECTED if action == _REJECTED_ACTION else Outcome.OTHER


def outcome_of_all(outcomes: Iterable[Outcome | str]) -> Outcome:
    """What several statuses of one claim mean together: the worst word stands."""
    found = set(outcomes)
    ranked = (Outcome.REJECTED, Outcome.ACCEPTED, Outcome.RECEIVED)
    return next((one for one in ranked if one in found), Outcome.OTHER)


def read_277ca(transaction: Transaction) -> Acknowledgement:
    """The acknowledgement of one transaction; bad data becomes placed problems."""
    reader = _Reader(transaction)
    if transaction.version and not transaction.version.startswith(VERSION):
        said = "This 277 is no claim acknowledgement (005010X214): it is not posted."
        reader.say(0, "ST", "status.version", said)
        return reader.finish()
    for offset, segment in enumerate(transaction.segments()):
        reader.take(offset, segment)
    return reader.finish()


@dataclass(slots=True)
class _Level:
    offset: int
    level: Level
    number: str = ""
    payer_number: str = ""
    period: tuple[date | None, date | None] = (None, None)
    statuses: list[Status] = field(default_factory=list)
    in_line: bool = False
    line_start: int = 0


@dataclass(slots=True)
class _Reader:
    transaction: Transaction
    payer: list[str] = field(default_factory=list)
    stated_on: date | None = None
    batch: str = ""
    open: _Level | None = None
    batches: list[BatchStatus] = field(default_factory=list)
    claims: list[ClaimStatus] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def say(self, offset: int, name: str, code: str, message: str) -> None:
        self.problems.append(Problem(code, self.transaction.place(offset, name), message))

    def take(self, offset: int, segment: list[str]) -> None:
        name = segment[0]
        if name == "HL":
            self.on_hl(offset, segment)
        elif name == "STC":
            self.on_stc(offset, segment)
        elif name == "TRN":
            self.on_trn(segment)
        elif name == "BHT":
            self.stated_on = day_of(at(segment, 4))
        elif name == "NM1" and at(segment, 1) in ("PR", "AY") and not self.payer:
            self.payer = segment
        elif self.open is not None and name in ("REF", "DTP", "SVC"):
            self.inside(self.open, segment)

    def on_hl(self, offset: int, segment: list[str]) -> None:
        self.close()
        level = at(segment, 3)
        if level == "22":
            # A few senders number the patient's level as a 276 answer does.
            level = Level.CLAIM
        if level not in (Level.SOURCE, Level.RECEIVER, Level.PROVIDER, Level.CLAIM):
            self.say(
                offset, "HL", "status.level", "HL03 names a level that an acknowledgement does not have."
            )
            return
        self.open = _Level(offset, Level(level))
        if level == Level.RECEIVER:
            self.batch = ""

    def on_trn(self, segment: list[str]) -> None:
        here = self.open
        if here is None or at(segment, 1) != "2":
            return
        if here.level is Level.RECEIVER:
            self.batch = at(segment, 2)
        if here.level is Level.CLAIM and here.number:
            # A second claim of the same patient follows without an HL of its own.
            self.close()
            here = self.open = _Level(here.offset, Level.CLAIM)
        here.number = at(segment, 2)

    def inside(self, here: _Level, segment: list[str]) -> None:
        name = segment[0]
        if name == "SVC":
            here.in_line, here.line_start = True, len(here.statuses)
        elif name == "REF" and at(segment, 1) == "1K":
            here.payer_number = at(segment, 2)
        elif name == "REF" and at(segment, 1) == "FJ" and here.in_line:
            self.number_line(here, at(segment, 2))
        elif name == "DTP" and at(segment, 1) == "472" and not here.in_line:
            here.period = period_of(at(segment, 2), at(segment, 3))

    def number_line(self, here: _Level, number: str) -> None:
        """The line's number comes after its statuses."""
        for index in range(here.line_start, len(here.statuses)):
            one = here.statuses[index]
            here.statuses[index] = Status(
                one.position, one.level, one.category, one.code, one.entity, one.outcome, one.stated_on,
                one.amount, number,
            )  # fmt: skip

    def on_stc(self, offset: int, segment: list[str]) -> None:
        here = self.open
        if here is None:
            self.say(offset, "STC", "status.order", "A status stands outside every level (HL).")
            return
        amount = money_of(at(segment, 4)) if at(segment, 4) else None
        if amount is None and at(segment, 4):
            self.say(offset, "STC", "status.amount", "STC04 is not an amount in dollars and cents.")
        for index in _COMPOSITES:
            text = at(segment, index)
            if not text:
                continue
            category, code, entity, *_ = [*text.split(self.transaction.delimiters.component), "", ""]
            outcome = outcome_of(category, at(segment, 3))
            if outcome is Outcome.OTHER or (index == 1 and not code):
                self.say(offset, "STC", "status.category", f"STC{index:02d} is no status of a 277CA.")
            here.statuses.append(
                Status(
                    position=self.transaction.position + offset,
                    level=Level.LINE if here.in_line else here.level,
                    category=category,
                    code=code,
                    entity=entity,
                    outcome=outcome,
                    stated_on=day_of(at(segment, 2)),
                    amount=amount,
                )
            )

    def close(self) -> None:
        here, self.open = self.open, None
        if here is None:
            return
        position = self.transaction.position + here.offset
        if here.level is Level.CLAIM:
            if not here.number:
                self.say(here.offset, "HL", "status.claim_number", "The claim's number (TRN02) is missing.")
            if not here.statuses:
                self.say(here.offset, "HL", "status.missing", "The claim has no status (STC).")
            self.claims.append(
                ClaimStatus(
                    position, here.number, here.payer_number, self.batch, tuple(here.statuses), *here.period
                )
            )
        elif here.statuses:
            self.batches.append(BatchStatus(position, self.batch, tuple(here.statuses)))

    def finish(self) -> Acknowledgement:
        self.close()
        return Acknowledgement(
            position=self.transaction.position,
            payer_code=at(self.payer, 9),
            payer_name=at(self.payer, 3),
            stated_on=self.stated_on,
            batches=tuple(self.batches),
            claims=tuple(self.claims),
            problems=tuple(self.problems),
        )
