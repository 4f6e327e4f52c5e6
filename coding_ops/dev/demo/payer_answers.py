"""What an invented clearinghouse and an invented payer answer to claims: files as real ones send them.

A 999 for a file of claims, a 277CA for its claims, an 835 that pays or denies them and foots.  Used by the
demo and by the tests that follow a claim from end to end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Wire:
    """Between whom a file goes: interchange ids, and the payer and provider it speaks of."""

    sender_id: str
    receiver_id: str
    payer_name: str
    payer_id: str
    provider_name: str
    provider_npi: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One adjustment: group, CARC, dollars, and the remark beside it."""

    group: str
    carc: str
    amount: Decimal
    rarc: str = ""


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What is paid of one line; what is not must be in ``reasons``."""

    number: int
    code: str
    charge: Decimal
    paid: Decimal
    reasons: tuple[Reason, ...] = ()
    modifiers: tuple[str, ...] = ()
    revenue_code: str = ""

    @property
    def service(self) -> str:
        """The composite of SVC01; a line of a stay has a revenue code alone."""
        return ":".join(("HC", self.code, *self.modifiers)) if self.code else f"NU:{self.revenue_code}"


@dataclass(frozen=True, slots=True)
class ClaimAnswer:
    """What is decided of one claim.  ``status``: CLP02 (1 paid, 4 denied, 22 reversed)."""

    control_number: str
    payer_control_number: str
    status: str
    lines: tuple[LineAnswer, ...]
    family_name: str = "DOE"
    given_name: str = "J"
    service_on: str = "20260915"

    @property
    def charge(self) -> Decimal:
        return sum((line.charge for line in self.lines), ZERO)

    @property
    def paid(self) -> Decimal:
        return sum((line.paid for line in self.lines), ZERO)

    @property
    def patient(self) -> Decimal:
        """Left to the patient: what stands under group PR."""
        reasons = (one for line in self.lines for one in line.reasons)
        return sum((one.amount for one in reasons if one.group == "PR"), ZERO)


@dataclass(frozen=True, slots=True)
class Status:
    """What a 277CA says of one claim: STC01 as ``A2:20`` or ``A7:254``."""

    control_number: str
    payer_control_number: str
    code: str
    charge: Decimal
    service_on: str = "20260915"


def receipt(
    wire: Wire, *, number: int, at: datetime, group: int, version: str, transactions: Sequence[str]
) -> str:
    """A 999 that accepts every transaction of a group of claims."""
    body = [f"AK1*HC*{group}*{version}"]
    for one in transactions:
        body += [f"AK2*837*{one}*{version}", "IK5*A"]
    count = len(transactions)
    body.append(f"AK9*A*{count}*{count}*{count}")
    return _interchange(wire, number, at, "FA", "005010X231A1", "999", body)


def statuses(wire: Wire, *, number: int, at: datetime, found: Iterable[Status]) -> str:
    """A 277CA with one status for each claim."""
    day, listed = at.strftime("%Y%m%d"), list(found)
    total = sum((one.charge for one in listed), ZERO)
    body = [
        f"BHT*0085*08*{number}*{day}*{at:%H%M}*TH",
        "HL*1**20*1",
        f"NM1*PR*2*{wire.payer_name}*****PI*{wire.payer_id}",
        f"TRN*1*{number}",
        f"DTP*050*D8*{day}",
        f"DTP*009*D8*{day}",
        "HL*2*1*21*1",
        f"NM1*41*2*{wire.provider_name}*****46*{wire.receiver_id}",
        f"TRN*2*{number}",
        f"STC*A1:19:PR*{day}*WQ*{total}",
        f"QTY*90*{len(listed)}",
        f"AMT*YU*{total}",
        "HL*3*2*19*1",
        f"NM1*85*2*{wire.provider_name}*****XX*{wire.provider_npi}",
        "TRN*1*0",
        f"STC*A1:19:PR**WQ*{total}",
    ]
    for place, one in enumerate(listed, 4):
        body += [
            f"HL*{place}*3*PT",
            "NM1*QC*1*DOE*J****MI*M0000001",
            f"TRN*2*{one.control_number}",
            f"STC*{one.code}*{day}*WQ*{one.charge}",
            f"REF*1K*{one.payer_control_number}",
            f"DTP*472*D8*{one.service_on}",
        ]
    return _interchange(wire, number, at, "HN", "005010X214", "277", body)


def remittance(
    wire: Wire,
    *,
    number: int,
    at: datetime,
    trace: str,
    answers: Iterable[ClaimAnswer],
    taken_back: Decimal = ZERO,
) -> str:
    """An 835 that foots; ``taken_back``: dollars withheld beside the claims (PLB, WO)."""
    day, listed = at.strftime("%Y%m%d"), list(answers)
    amount = sum((one.paid for one in listed), ZERO) - taken_back
    method = "ACH" if amount else "NON"
    body = [
        f"BPR*{'I' if amount else 'H'}*{amount}*C*{method}************{day}",
        f"TRN*1*{trace}*1{wire.payer_id[:9]:0<9}",
        f"DTM*405*{day}",
        f"N1*PR*{wire.payer_name}*XV*{wire.payer_id}",
        "N3*1 PAYER WAY",
        "N4*BATON ROUGE*LA*70801",
        "PER*BL*CLAIMS DESK*TE*2255550100",
        f"N1*PE*{wire.provider_name}*XX*{wire.provider_npi}",
        "LX*1",
    ]
    for one in listed:
        body += _claim(one)
    if taken_back:
        body.append(f"PLB*{wire.provider_npi}*{day}*WO:{trace}*{taken_back}")
    return _interchange(wire, number, at, "HP", "005010X221A1", "835", body)


def _claim(one: ClaimAnswer) -> list[str]:
    patient = one.patient or ""
    found = [
        f"CLP*{one.control_number}*{one.status}*{one.charge}*{one.paid}*{patient}*12*{one.payer_control_number}",
        f"NM1*QC*1*{one.family_name}*{one.given_name}",
    ]
    for line in one.lines:
        found += [f"SVC*{line.service}*{line.charge}*{line.paid}**1", f"DTM*472*{one.service_on}"]
        found += [f"CAS*{reason.group}*{reason.carc}*{reason.amount}" for reason in line.reasons]
        found.append(f"REF*6R*{line.number}")
        found += [f"LQ*HE*{reason.rarc}" for reason in line.reasons if reason.rarc]
    return found


def _interchange(
    wire: Wire, number: int, at: datetime, group: str, version: str, transaction: str, body: Sequence[str]
) -> str:
    sender, receiver = wire.sender_id[:15], wire.receiver_id[:15]
    guide = f"*{version}" if transaction != "835" else ""
    segments = [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{sender:15}*ZZ*{receiver:15}*{at:%y%m%d}*{at:%H%M}*^*00501*{number:09d}*0*T*:",
        f"GS*{group}*{sender}*{receiver}*{at:%Y%m%d}*{at:%H%M}*{number}*X*{version}",
        f"ST*{transaction}*0001{guide}",
        *body,
        f"SE*{len(body) + 2}*0001",
        f"GE*1*{number}",
        f"IEA*1*{number:09d}",
    ]
    return "~\n".join(segments) + "~\n"
