"""The parts of an 837 claim as our data: names with addresses, diagnoses and procedures, service lines.

Each takes segments already split into elements.  What is absent is the empty text; what is there and cannot
be read is told to the ``Notes`` given, with the loop and segment, and read as absent.
Source of the layouts: ASC X12 005010X222A1 and 005010X223A2 implementation guides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from claims.rules.content import Address, Diagnosis, Organization, Person, Procedure, ServiceLine
from claims.rules.x12.parts import at, day_of, number_of, padded, period_of
from claims.rules.x12.quick import quick

Segment = list[str]
Tell = Callable[[int, str, str, str, str], None]
"""Tell a problem: offset in the transaction, code, loop, element, message."""
TellSegment = Callable[[Segment, str, str, str], None]
"""The same of a segment of the block at hand: segment, code, element, message."""

_Address, _Person, _Organization = quick(Address), quick(Person), quick(Organization)
_ServiceLine = quick(ServiceLine)
ROLES = {
    "ABK": "principal",
    "BK": "principal",
    "ABF": "other",
    "BF": "other",
    "ABJ": "admitting",
    "BJ": "admitting",
    "APR": "reason_for_visit",
    "PR": "reason_for_visit",
    "ABN": "external_cause",
    "BN": "external_cause",
}
PROCEDURES = frozenset({"BBR", "BR", "BBQ", "BQ"})
_POA = 8
_QUALIFIED = frozenset({"REF", "DTP", "PRV"})
_SEGMENTS = """AMT BHT CAS CL1 CLM CN1 CR1 CR2 CR3 CRC CTP CUR DMG DTP FRM HCP HI HL K3 LIN LQ LX MEA MIA MOA
N3 N4 NM1 NTE OI PAT PER PRV PS1 PWK QTY REF SBR SE ST SV1 SV2 SV5 SVD"""
_KNOWN = frozenset(_SEGMENTS.split())


@dataclass(slots=True)
class Codes:
    """What the HI segments of a claim carry."""

    diagnoses: list[Diagnosis] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    drg_code: str = ""

    def take(self, segment: Segment, component: str) -> str:
        """Take one HI; the first qualifier whose code could not be read, empty when all could."""
        bad = ""
        for composite in segment[1:]:
            read = code_of(composite, component)
            if isinstance(read, Diagnosis):
                self.diagnoses.append(read)
            elif isinstance(read, Procedure):
                self.procedures.append(read)
            elif read:
                kind, code = read
                if not code:
                    bad = bad or kind
                elif kind == "DR":
                    self.drg_code = code
        return bad


@lru_cache(maxsize=65_536)
def code_of(composite: str, component: str) -> Diagnosis | Procedure | tuple[str, str] | None:
    """One code of an HI: few texts, many claims.  Other kinds give qualifier and code; nothing ``None``."""
    parts = [one.strip() for one in composite.split(component)]
    kind, code, _, day = padded(parts, 4)
    code = code.replace(".", "")
    if code and kind in ROLES:
        return Diagnosis(code, ROLES[kind], at(parts, _POA))
    if code and kind in PROCEDURES:
        return Procedure(code, day_of(day))
    known = kind if len(kind) <= 3 and kind.isalnum() else "an unknown qualifier"
    return (known, code) if kind else None


Loop = dict[str, Segment]
"""The segments of one loop by id, the first of each; of REF, DTP and PRV by id and qualifier."""
Grouped = tuple[Loop, dict[str, Loop], Codes]
"""What stands before the first name, each name by its entity code (the first of each), and the codes."""


def grouped(block: list[Segment], component: str, tell: TellSegment) -> Grouped:
    """The segments of a level or of a claim before its lines, by the loop they stand in.

    What follows an NM1 belongs to its name.  The SBR of a claim begins what is about other payers of the
    patient (2320) and ends the walk.
    """
    top: Loop = {}
    names: dict[str, Loop] = {}
    codes = Codes()
    current = top
    for segment in block:
        name = segment[0]
        if name == "NM1":
            current = {"NM1": segment}
            names.setdefault(at(segment, 1), current)
        elif name in _QUALIFIED:
            current.setdefault(f"{name} {at(segment, 1)}", segment)
        elif name == "HI":
            bad = codes.take(segment, component)
            if bad:
                tell(segment, "claim.code", "HI", f"A code after {bad} cannot be read.")
        elif name == "SBR" and block[0][0] == "CLM":
            break
        elif name in _KNOWN:
            current.setdefault(name, segment)
        else:
            tell(segment, "claims.segment", "id", "This segment does not belong in an 837; it was not read.")
    return top, names, codes


def address_of(loop: Loop) -> Address | None:
    """The postal address of a name; ``None`` when it gives neither street nor city."""
    if "N3" not in loop and "N4" not in loop:
        return None
    _, line, second = padded(loop.get("N3", []), 3)
    _, city, state, postal_code = padded(loop.get("N4", []), 4)
    return _Address(
        line.strip(), city.strip(), state.strip(), postal_code.strip().replace("-", ""), second.strip()
    )


def person_of(loop: Loop) -> Person:
    """A name as a person; an organization as one with a family name only."""
    _, _, _, family, given, middle, _, _, _, identifier = padded(loop["NM1"], 10)
    _, _, born, sex = padded(loop.get("DMG", []), 4)
    taxonomy = loop.get("PRV PE") or loop.get("PRV AT") or []
    return _Person(family, given, middle, identifier, day_of(born), sex, address_of(loop), at(taxonomy, 3))


def organization_of(loop: Loop, taxonomy_code: str = "") -> Organization:
    """A name as an organization; a person in its place as ``FAMILY, GIVEN``."""
    _, _, kind, words, given, _, _, _, _, identifier = padded(loop["NM1"], 10)
    _, _, contact, channel, phone = padded(loop.get("PER", []), 5)
    tax_id = loop.get("REF EI") or loop.get("REF SY") or []
    return _Organization(
        f"{words.strip()}, {given.strip()}" if kind == "1" and given else words.strip(),
        identifier.strip(),
        at(tax_id, 2),
        taxonomy_code,
        address_of(loop),
        contact.strip(),
        phone.strip() if channel == "TE" else "",
    )


def line_of(block: list[Segment], offset: int, component: str, codes: int, tell: Tell) -> ServiceLine | None:
    """One service line, from its LX to before the next; ``None`` without an SV1 or SV2 that can be read.

    ``offset``: of its LX in the transaction.  ``codes``: how many diagnoses there are to point at.
    """
    service, days, rendering = _scan(block, offset, tell)
    number = number_of_line(at(block[0], 1))
    if number is None:
        tell(offset, "line.number", "2400", "LX01", "The line has no number.")
        number = 0
    if service is None:
        tell(offset, "line.no_service", "2400", "LX", "The line has no SV1 and no SV2 segment.")
        return None
    if service[0] == "SV1":
        revenue_code = ""
        _, composite, charge, _, units, place, _, pointed = padded(service, 8)
    else:
        place = pointed = ""
        _, revenue_code, composite, charge, _, units = padded(service, 6)
    procedure, pointers = procedure_of(composite, component), pointers_of(pointed, component)
    amount, quantity = number_of(charge), units_of(units)
    if procedure is None or pointers is None or amount is None or quantity is None:
        told = (procedure, amount, quantity, pointers)
        _tell_unreadable(told, service[0], offset + block.index(service), tell)
        if procedure is None or amount is None or quantity is None:
            return None
    for pointer in pointers or ():
        if not 0 < pointer <= codes:
            said = f"Line {number} points at a diagnosis that the claim does not have."
            tell(offset + block.index(service), "line.pointer", "2400", "SV107", said)
            break
    return _ServiceLine(
        number, procedure[0], amount, quantity, days[0], procedure[1], pointers or (), revenue_code.strip(),
        place.strip(), days[1], rendering,
    )  # fmt: skip


def _scan(
    block: list[Segment], offset: int, tell: Tell
) -> tuple[Segment | None, tuple[date | None, date | None], str]:
    """The SV segment of a line, its first and last day (``None`` when it is the first), who rendered it."""
    service: Segment | None = None
    on: date | None = None
    through: date | None = None
    rendering = ""
    for step, segment in enumerate(block):
        name = segment[0]
        if name == "SV1" or name == "SV2":
            service = segment
        elif name == "DTP":
            if at(segment, 1) == "472":
                on, through = period_of(at(segment, 2), at(segment, 3))
                if on is None or through is None:
                    tell(offset + step, "line.date", "2400", "DTP03", "The day of service cannot be read.")
        elif name == "NM1":
            if at(segment, 1) == "82":
                rendering = at(segment, 9)
        elif name == "SVD":
            # What follows is how another payer decided the line (2430).
            break
    return service, (on, None if through == on else through), rendering


@lru_cache(maxsize=1_024)
def number_of_line(text: str) -> int | None:
    """The number of a line; ``None`` when it is not one."""
    return int(text) if text.isascii() and text.isdigit() else None


@lru_cache(maxsize=4_096)
def units_of(text: str) -> Decimal | None:
    """Units of a line: few texts, many lines."""
    return number_of(text)


@lru_cache(maxsize=16_384)
def procedure_of(composite: str, component: str) -> tuple[str, tuple[str, ...]] | None:
    """Code and modifiers of SV101 or SV202, empty without one; ``None`` when they cannot be told apart."""
    if not composite.strip():
        return "", ()
    parts = [one.strip() for one in composite.split(component)]
    return (parts[1], tuple(filter(None, parts[2:6]))) if len(parts) > 1 else None


@lru_cache(maxsize=4_096)
def pointers_of(text: str, component: str) -> tuple[int, ...] | None:
    """Diagnosis numbers of SV107; ``None`` when one is not a number."""
    text = text.strip()
    numbers = tuple(number_of_line(one.strip()) for one in text.split(component)) if text else ()
    return None if None in numbers else tuple(one for one in numbers if one is not None)


def _tell_unreadable(told: tuple[object, object, object, object], name: str, offset: int, tell: Tell) -> None:
    elements = ("SV101", "SV102", "SV104", "SV107") if name == "SV1" else ("SV202", "SV203", "SV205", "")
    words = (
        ("line.code", "The procedure code cannot be told from its qualifier."),
        ("line.charge", "The charge of the line is not a number."),
        ("line.units", "The units of the line are not a number."),
        ("line.pointer", "A diagnosis pointer is not a number."),
    )
    for value, element, (code, message) in zip(told, elements, words, strict=True):
        if value is None:
            tell(offset, code, "2400", element, message)
