"""Claims of an 837 (professional 005010X222A1/A2, institutional 005010X223A2/A3) as ``ClaimContent``.

One walk by hand over the segments, a claim at a time, so that a file of any size costs the memory of one
claim.  A claim takes its billing provider, subscriber, payer and patient from the HL levels it hangs
under, the dependent's included; when a level is missing or names another parent, the claim is told as
unreadable rather than given to the wrong person.  Nothing is raised on bad data.
Not taken over, and not lost since the file is kept: other payers (2320), supplements, notes, home health.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from claims.rules.content import ClaimContent, ClaimForm, Frequency, Organization, Person, ServiceLine
from claims.rules.x12.claim_parts import (
    Grouped,
    Loop,
    Segment,
    grouped,
    line_of,
    organization_of,
    person_of,
)
from claims.rules.x12.parts import Problem, at, number_of, padded, period_of
from claims.rules.x12.quick import quick
from claims.rules.x12.reader import Transaction

UNREADABLE = frozenset(
    {"claim.control_number", "claim.charge", "claim.location", "claim.frequency", "claim.levels"}
)
"""Problems of a claim that is not returned; exactly one of them is told of each such claim."""
FORMS = {"005010X222": ClaimForm.PROFESSIONAL, "005010X223": ClaimForm.INSTITUTIONAL}
_STARTS = frozenset({"HL", "CLM", "SE"})
_FREQUENCIES = {one.value: one for one in Frequency}


@dataclass(frozen=True, slots=True)
class ReadClaim:
    """A claim that was read.  ``position``: the number of its CLM segment in the file, from 1."""

    content: ClaimContent
    position: int


_ClaimContent, _ReadClaim = quick(ClaimContent), quick(ReadClaim)


def form_of(version: str) -> ClaimForm | None:
    """Which form an implementation version is, ``None`` for one that is not read here (4010, dental)."""
    return FORMS.get(version[:10])


@lru_cache(maxsize=1_024)
def location_of(composite: str, component: str) -> tuple[str, Frequency | None]:
    """Facility code and frequency of CLM05; no facility code when the two cannot be told apart."""
    parts = [one.strip() for one in composite.split(component)]
    return (parts[0], _FREQUENCIES.get(parts[2])) if len(parts) > 2 else ("", None)


def read_claims(transaction: Transaction, problems: list[Problem]) -> Iterator[ReadClaim]:
    """Every claim of an 837 that can be read, in file order; problems are appended as they are met."""
    form = form_of(transaction.version)
    if transaction.code != "837" or form is None:
        problems.append(
            Problem(
                "claims.version",
                transaction.place(0, "ST"),
                "Only professional (005010X222) and institutional (005010X223) claims are read here.",
            )
        )
        return
    walk = _Walk(transaction, form, problems)
    block: list[Segment] = []
    start = 0
    for segments in transaction.blocks():
        for segment in segments:
            if segment[0] in _STARTS:
                read = walk.finish(block, start)
                if read is not None:
                    yield read
                start += len(block)
                block = []
            block.append(segment)
    if not transaction.is_complete:
        read = walk.finish(block, start)
        if read is not None:
            yield read


@dataclass(slots=True)
class _Level:
    """The HL level that is open at 20, 22 or 23, with what was read of it."""

    number: str = ""
    billing: Organization | None = None
    payer: Organization | None = None
    person: Person | None = None
    relationship: str = ""
    order: str = ""
    group_number: str = ""
    filing_code: str = ""


class _Walk:
    """The levels that are open while the segments of one transaction go by."""

    def __init__(self, transaction: Transaction, form: ClaimForm, problems: list[Problem]) -> None:
        self.transaction = transaction
        self.form = form
        self.problems = problems
        self.component = transaction.delimiters.component
        self.provider: _Level | None = None
        self.subscriber: _Level | None = None
        self.dependent: _Level | None = None
        self.control_number = ""
        self.at_hand: tuple[list[Segment], int, str] = ([], 0, "")

    def tell(self, offset: int, code: str, loop: str, element: str, message: str) -> None:
        claim = f"Claim {self.control_number}: " if self.control_number else ""
        place = self.transaction.place(offset, element, loop)
        self.problems.append(Problem(code, place, f"{claim}{message}"))

    def finish(self, block: list[Segment], offset: int) -> ReadClaim | None:
        """Take in a whole block: a level, or a claim, which is returned when it could be read."""
        if not block:
            return None
        name = block[0][0]
        if name == "CLM":
            content = self.claim(block, offset)
            self.control_number = ""
            return _ReadClaim(content, self.transaction.position + offset) if content else None
        if name == "HL":
            self.level(block, offset)
        return None

    def tell_segment(self, segment: Segment, code: str, element: str, message: str) -> None:
        """Tell a problem of a segment of the block at hand: its place is looked for only now."""
        block, offset, loop = self.at_hand
        step = next(step for step, one in enumerate(block) if one is segment)
        self.tell(offset + step, code, loop, segment[0] if element == "id" else element, message)

    # --- levels ---

    def level(self, block: list[Segment], offset: int) -> None:
        _, number, parent, code = padded(block[0], 4)
        number, parent, code = number.strip(), parent.strip(), code.strip()
        self.at_hand = (block, offset, "2000")
        top, names, _ = grouped(block, self.component, self.tell_segment)
        if code == "20":
            self.subscriber = self.dependent = None
            self.provider = self.provider_level(number, top, names, offset)
        elif code == "22":
            self.dependent = None
            self.subscriber = self.subscriber_level(number, top, names, offset)
            if self.provider is None or parent != self.provider.number:
                self.tell(offset, "claims.level", "2000B", "HL02", "The level is under no provider (20).")
                self.subscriber = None
        elif code == "23":
            self.dependent = self.dependent_level(number, top, names, offset)
            if self.subscriber is None or parent != self.subscriber.number:
                self.tell(offset, "claims.level", "2000C", "HL02", "The level is under no subscriber (22).")
                self.dependent = _Level()
        else:
            self.tell(offset, "claims.level", "2000", "HL03", "The level is none of 20, 22 and 23.")
            self.subscriber = self.dependent = None

    def provider_level(self, number: str, top: Loop, names: dict[str, Loop], offset: int) -> _Level:
        billing = names.get("85")
        if billing is None:
            self.tell(offset, "claims.billing", "2010AA", "HL", "The level has no billing provider (NM1*85).")
            return _Level(number)
        return _Level(number, billing=organization_of(billing, at(top.get("PRV BI", []), 3)))

    def subscriber_level(self, number: str, top: Loop, names: dict[str, Loop], offset: int) -> _Level:
        name, payer = names.get("IL"), names.get("PR")
        _, order, relationship, group_number, *_, filing_code = padded(top.get("SBR", []), 10)
        if name is None:
            self.tell(offset, "claims.subscriber", "2010BA", "HL", "The level has no subscriber (NM1*IL).")
        if payer is None:
            self.tell(offset, "claims.payer", "2010BB", "HL", "The level has no payer (NM1*PR).")
        return _Level(
            number,
            payer=organization_of(payer) if payer else None,
            person=self.person(name, offset, "2010BA") if name else None,
            relationship=relationship.strip(),
            order=order.strip(),
            group_number=group_number.strip(),
            filing_code=filing_code.strip(),
        )

    def dependent_level(self, number: str, top: Loop, names: dict[str, Loop], offset: int) -> _Level:
        name = names.get("QC")
        if name is None:
            self.tell(offset, "claims.patient", "2010CA", "HL", "The level has no patient (NM1*QC).")
            return _Level(number)
        person = self.person(name, offset, "2010CA")
        return _Level(number, person=person, relationship=at(top.get("PAT", []), 1))

    def person(self, name: Loop, offset: int, loop: str) -> Person:
        person = person_of(name)
        if person.birth_on is None and at(name.get("DMG", []), 2):
            self.tell(offset, "claims.birth", loop, "DMG02", "The birth day cannot be read.")
        return person

    # --- a claim ---

    def claim(self, block: list[Segment], offset: int) -> ClaimContent | None:
        _, number, charge, _, _, location = padded(block[0], 6)
        self.control_number = number.strip()
        total = number_of(charge)
        facility, frequency = self.location(location, offset)
        cuts = [step for step, segment in enumerate(block) if segment[0] == "LX"]
        before = block[: cuts[0]] if cuts else block
        self.at_hand = (before, offset, "2300")
        head = grouped(before, self.component, self.tell_segment)
        lines = self.lines(block, cuts, len(head[2].diagnoses), offset)
        if frequency is None:
            return None
        if not self.control_number:
            self.tell(offset, "claim.control_number", "2300", "CLM01", "The claim has no control number.")
            return None
        if total is None:
            self.tell(offset, "claim.charge", "2300", "CLM02", "The total charge is not a number.")
            return None
        self.check(lines, total, offset)
        return self.content(total, facility, frequency, head, lines, offset)

    def location(self, composite: str, offset: int) -> tuple[str, Frequency | None]:
        """Facility code and frequency of CLM05."""
        facility, frequency = location_of(composite, self.component)
        if not facility:
            self.tell(
                offset, "claim.location", "2300", "CLM05",
                "Facility code and frequency cannot be told apart: they are missing, or divided by another "
                "sign than the one ISA16 names.",
            )  # fmt: skip
        elif frequency is None:
            said = "The frequency is not 1 (original), 7 (replacement) or 8 (void)."
            self.tell(offset, "claim.frequency", "2300", "CLM05-3", said)
        return facility, frequency

    def lines(self, block: list[Segment], cuts: list[int], codes: int, offset: int) -> list[ServiceLine]:
        lines = []
        ends = [*cuts[1:], len(block)] if cuts else []
        for start, end in zip(cuts, ends, strict=True):
            line = line_of(block[start:end], offset + start, self.component, codes, self.tell)
            if line is not None:
                lines.append(line)
        return lines

    def check(self, lines: list[ServiceLine], total: Decimal, offset: int) -> None:
        """What does not agree inside a claim; the claim is kept all the same."""
        if not lines:
            self.tell(offset, "claim.no_lines", "2400", "CLM", "The claim has no service line.")
            return
        charged = Decimal(0)
        for line in lines:
            charged += line.charge_amount
        if charged != total:
            place = self.transaction.place(offset, "CLM02", "2300")
            said = f"Claim {self.control_number}: the lines do not add up to the total charge."
            self.problems.append(Problem("claim.line_sum", place, said, total - charged))

    def content(
        self,
        total: Decimal,
        facility: str,
        frequency: Frequency,
        head: Grouped,
        lines: list[ServiceLine],
        offset: int,
    ) -> ClaimContent | None:
        provider, subscriber, dependent = self.provider, self.subscriber, self.dependent
        if (
            provider is None
            or provider.billing is None
            or subscriber is None
            or subscriber.person is None
            or subscriber.payer is None
            or (dependent is not None and dependent.person is None)
        ):
            said = "Billing provider, subscriber, payer or patient is missing in the levels above it."
            self.tell(offset, "claim.levels", "2000", "CLM", said)
            return None
        top, names, codes = head
        rendering, attending, place = names.get("82"), names.get("71"), names.get("77")
        _, admission_type, admission_source, discharge = padded(top.get("CL1", []), 4)
        statement = self.days(top, "434", offset)
        return _ClaimContent(
            form=self.form,
            control_number=self.control_number,
            frequency=frequency,
            facility_code=facility,
            total_charge_amount=total,
            billing=provider.billing,
            payer=subscriber.payer,
            subscriber=subscriber.person,
            diagnoses=tuple(codes.diagnoses),
            lines=tuple(lines),
            payer_control_number=at(top.get("REF F8", []), 2),
            filing_code=subscriber.filing_code,
            payer_order=subscriber.order,
            relationship=dependent.relationship if dependent else subscriber.relationship,
            group_number=subscriber.group_number,
            patient=dependent.person if dependent else None,
            rendering=person_of(rendering) if rendering else None,
            attending=person_of(attending) if attending else None,
            service_facility=organization_of(place) if place else None,
            procedures=tuple(codes.procedures),
            drg_code=codes.drg_code,
            admitted_on=self.days(top, "435", offset)[0],
            statement_from_on=statement[0],
            statement_through_on=statement[1],
            discharge_status_code=discharge,
            admission_type=admission_type,
            admission_source=admission_source,
            prior_authorization=at(top.get("REF G1", []), 2),
        )

    def days(self, top: Loop, kind: str, offset: int) -> tuple[date | None, date | None]:
        """First and last day of a date of the claim (434 statement, 435 admission)."""
        found = top.get(f"DTP {kind}")
        if found is None:
            return None, None
        days = period_of(at(found, 2), at(found, 3))
        if None in days:
            self.tell(offset, "claim.date", "2300", f"DTP*{kind}", "The date cannot be read.")
        return days
