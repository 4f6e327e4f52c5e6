"""One remittance (835, 005010X221A1) as data: the payment, its claims, their services and every adjustment.

Nothing is left out that moves money: adjustments stand at the claim or at the service they were written
at, all six triples of a CAS, and adjustments of the provider (PLB) beside the claims.  Bad data raises
nothing: it becomes a placed problem, and what else could be read is still there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from claims.rules.x12.money import ZERO, money_of
from claims.rules.x12.parts import Problem, at, day_of, number_of
from claims.rules.x12.reader import Transaction

FATAL: Final = frozenset(
    {"remit.amount", "remit.order", "remit.payment", "remit.claim_number", "remit.group"}
)
"""Problems that keep a remittance from being posted: its money or its claims are not what they say."""
REVERSAL: Final = "22"
_CAS_END: Final = 20
"""A CAS has its group and six triples; what follows is not of it."""
_GROUPS: Final = frozenset({"CO", "PR", "OA", "PI", "CR"})
_REVENUE: Final = "NU"
_LONGEST_NUMBER: Final = 38
_LONGEST_REASON: Final = 5
_LONGEST_STATUS: Final = 2
_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One triple of a CAS: dollars not paid (below zero: added) for a reason."""

    group: str
    carc: str
    amount: Decimal
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ServicePayment:
    """One SVC.  ``submitted_code``: what was billed, where the payer paid another code (SVC06).

    ``line_number``: ours as sent (REF 6R).  ``units``: paid units; ``remarks``: RARC of LQ.
    """

    position: int
    code: str
    modifiers: tuple[str, ...]
    charge_amount: Decimal
    paid_amount: Decimal
    units: Decimal | None
    revenue_code: str = ""
    submitted_code: str = ""
    submitted_units: Decimal | None = None
    service_on: date | None = None
    service_through_on: date | None = None
    line_number: str = ""
    allowed_amount: Decimal | None = None
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimPayment:
    """One CLP.  ``status``: CLP02, ``patient_amount``: CLP05, ``interest_amount``: AMT*I, not in paid."""

    position: int
    control_number: str
    status: str
    charge_amount: Decimal
    paid_amount: Decimal
    patient_amount: Decimal
    filing_code: str = ""
    payer_control_number: str = ""
    facility_code: str = ""
    frequency: str = ""
    drg_code: str = ""
    received_on: date | None = None
    interest_amount: Decimal = ZERO
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()
    services: tuple[ServicePayment, ...] = ()


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """One pair of a PLB: dollars withheld from the payment (below zero: added), as interest (L6) is."""

    position: int
    reason: str
    reference: str
    amount: Decimal
    provider_npi: str = ""
    period_ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Remittance:
    """One 835 transaction.  ``payer_code``: N104 of the payer, else its REF 2U, else TRN03 (originator)."""

    position: int
    payment_position: int
    number: str
    paid_amount: Decimal
    method: str
    trace_number: str
    payer_code: str
    payer_name: str
    payee_npi: str
    paid_on: date | None
    claims: tuple[ClaimPayment, ...]
    provider_adjustments: tuple[ProviderAdjustment, ...]
    problems: tuple[Problem, ...]

    @property
    def is_readable(self) -> bool:
        """Whether nothing in it keeps it from being posted."""
        return not any(one.code in FATAL for one in self.problems)


def read_835(transaction: Transaction) -> Remittance:
    """The remittance of one transaction, whatever it could not read named in its problems."""
    reader = _Reader(transaction)
    handlers = reader.handlers()
    for offset, segment in enumerate(transaction.segments()):
        handle = handlers.get(segment[0])
        if handle is not None:
            reader.offset = offset
            handle(segment)
    return reader.finish()


def _is_status(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_STATUS


@dataclass(slots=True)
class _Open:
    """A claim or a service that is being read: its segment, and what followed it."""

    offset: int
    segment: list[str]
    adjustments: list[Adjustment] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    days: dict[str, date] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    amounts: dict[str, Decimal] = field(default_factory=dict)
    services: list[ServicePayment] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    transaction: Transaction
    offset: int = 0
    payment_offset: int = 0
    payment: list[str] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    payer: list[str] = field(default_factory=list)
    payee: list[str] = field(default_factory=list)
    references: dict[str, str] = field(default_factory=dict)
    claim: _Open | None = None
    service: _Open | None = None
    claims: list[ClaimPayment] = field(default_factory=list)
    provider_adjustments: list[ProviderAdjustment] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def handlers(self) -> dict[str, Callable[[list[str]], None]]:
        return {
            "BPR": self.on_bpr,
            "TRN": self.on_trn,
            "N1": self.on_n1,
            "REF": self.on_ref,
            "CLP": self.on_clp,
            "CAS": self.on_cas,
            "SVC": self.on_svc,
            "DTM": self.on_dtm,
            "AMT": self.on_amt,
            "LQ": self.on_lq,
            "MIA": self.on_mia,
            "MOA": self.on_moa,
            "PLB": self.on_plb,
        }

    def say(self, code: str, segment: str, message: str) -> None:
        self.problems.append(Problem(code, self.transaction.place(self.offset, segment), message))

    def amount(self, segment: list[str], index: int) -> Decimal:
        found = money_of(at(segment, index))
        if found is None:
            name = f"{segment[0]}{index:02d}"
            self.say("remit.amount", segment[0], f"{name} is not an amount in dollars and cents.")
            return ZERO
        return found

    def count(self, segment: list[str], index: int) -> Decimal | None:
        text = at(segment, index)
        return number_of(text) if text else None

    def on_bpr(self, segment: list[str]) -> None:
        self.payment, self.payment_offset = segment, self.offset

    def on_trn(self, segment: list[str]) -> None:
        self.trace = self.trace or segment

    def on_n1(self, segment: list[str]) -> None:
        if self.claim is not None or self.claims:
            said = "A second payer or payee stands after claims: this is two remittances in one transaction."
            self.say("remit.order", "N1", said)
        elif at(segment, 1) == "PR":
            self.payer = segment
        elif at(segment, 1) == "PE":
            self.payee = segment

    def on_ref(self, segment: list[str]) -> None:
        holder = self.service or self.claim
        references = self.references if holder is None else holder.references
        references.setdefault(at(segment, 1), at(segment, 2))

    def on_clp(self, segment: list[str]) -> None:
        self.close_claim()
        self.claim = _Open(self.offset, segment)

    def on_svc(self, segment: list[str]) -> None:
        self.close_service()
        if self.claim is None:
            self.say("remit.order", "SVC", "A service stands before any claim (CLP).")
        else:
            self.service = _Open(self.offset, segment)

    def on_cas(self, segment: list[str]) -> None:
        holder = self.service or self.claim
        if holder is None:
            self.say("remit.order", "CAS", "An adjustment stands before any claim (CLP).")
            return
        group = at(segment, 1)
        if group not in _GROUPS:
            self.say("remit.group", "CAS", "CAS01 is no adjustment group.")
        for index in range(2, min(len(segment), _CAS_END), 3):
            carc = at(segment, index)
            amount = self.amount(segment, index + 1)
            if 0 < len(carc) <= _LONGEST_REASON:
                holder.adjustments.append(Adjustment(group, carc, amount, self.count(segment, index + 2)))
            elif carc or amount:
                self.say("remit.group", "CAS", f"CAS{index:02d} names no reason for an amount.")

    def on_dtm(self, segment: list[str]) -> None:
        holder = self.service or self.claim
        found = day_of(at(segment, 2))
        if holder is not None and found is not None:
            holder.days.setdefault(at(segment, 1), found)

    def on_amt(self, segment: list[str]) -> None:
        holder = self.service or self.claim
        if holder is not None:
            holder.amounts.setdefault(at(segment, 1), self.amount(segment, 2))

    def on_lq(self, segment: list[str]) -> None:
        holder = self.service or self.claim
        if holder is not None and at(segment, 1) == "HE" and at(segment, 2):
            holder.remarks.append(at(segment, 2))

    def on_mia(self, segment: list[str]) -> None:
        self.claim_remarks(segment, (5, 20, 21, 22, 23))

    def on_moa(self, segment: list[str]) -> None:
        self.claim_remarks(segment, (3, 4, 5, 6, 7))

    def claim_remarks(self, segment: list[str], indexes: tuple[int, ...]) -> None:
        if self.claim is not None:
            self.claim.remarks.extend(code for index in indexes if (code := at(segment, index)))

    def on_plb(self, segment: list[str]) -> None:
        self.close_claim()
        ends_on, position = day_of(at(segment, 2)), self.transaction.position + self.offset
        for index in range(3, len(segment), 2):
            amount = self.amount(segment, index + 1)
            reason, _, reference = at(segment, index).partition(self.transaction.delimiters.component)
            if reason or amount:
                self.provider_adjustments.append(
                    ProviderAdjustment(position, reason, reference, amount, at(segment, 1), ends_on)
                )

    def close_service(self) -> None:
        one, self.service = self.service, None
        if one is not None and self.claim is not None:
            here, self.offset = self.offset, one.offset
            self.claim.services.append(self.service_of(one))
            self.offset = here

    def service_of(self, one: _Open) -> ServicePayment:
        segment, days = one.segment, one.days
        component = self.transaction.delimiters.component
        parts = at(segment, 1).split(component)
        code = parts[1].strip() if len(parts) > 1 else ""
        if not code:
            self.say("remit.procedure", "SVC", "SVC01 names no procedure that can be read.")
        submitted = at(segment, 6).split(component)
        is_revenue = parts[0] == _REVENUE
        return ServicePayment(
            position=self.transaction.position + one.offset,
            code="" if is_revenue else code,
            modifiers=tuple(part for part in parts[2:6] if part),
            charge_amount=self.amount(segment, 2),
            paid_amount=self.amount(segment, 3),
            units=self.count(segment, 5) if at(segment, 5) else _ONE,
            revenue_code=code if is_revenue else at(segment, 4),
            submitted_code=submitted[1].strip() if len(submitted) > 1 else "",
            submitted_units=self.count(segment, 7),
            service_on=days.get("472") or days.get("150"),
            service_through_on=days.get("151") or days.get("472"),
            line_number=one.references.get("6R", ""),
            allowed_amount=one.amounts.get("B6"),
            adjustments=tuple(one.adjustments),
            remarks=tuple(one.remarks),
        )

    def close_claim(self) -> None:
        self.close_service()
        one, self.claim = self.claim, None
        if one is not None:
            here, self.offset = self.offset, one.offset
            self.claims.append(self.claim_of(one))
            self.offset = here

    def claim_of(self, one: _Open) -> ClaimPayment:
        segment = one.segment
        number, status = at(segment, 1), at(segment, 2)
        if not 0 < len(number) <= _LONGEST_NUMBER or not _is_status(status):
            said = "The claim has no control number (CLP01) or status (CLP02) as the standard has them."
            self.say("remit.claim_number", "CLP", said)
        return ClaimPayment(
            position=self.transaction.position + one.offset,
            control_number=number,
            status=status,
            charge_amount=self.amount(segment, 3),
            paid_amount=self.amount(segment, 4),
            patient_amount=self.amount(segment, 5),
            filing_code=at(segment, 6),
            payer_control_number=at(segment, 7),
            facility_code=at(segment, 8),
            frequency=at(segment, 9),
            drg_code=at(segment, 11),
            received_on=one.days.get("050"),
            interest_amount=one.amounts.get("I", ZERO),
            adjustments=tuple(one.adjustments),
            remarks=tuple(one.remarks),
            services=tuple(one.services),
        )

    def finish(self) -> Remittance:
        self.close_claim()
        self.offset = 0
        if not at(self.payment, 2) or not at(self.trace, 2):
            said = "The remittance has no payment amount (BPR02) or no trace number (TRN02)."
            self.say("remit.payment", "ST", said)
        return Remittance(
            position=self.transaction.position,
            payment_position=self.transaction.position + self.payment_offset,
            number=self.transaction.control_number,
            paid_amount=self.amount(self.payment, 2),
            method=at(self.payment, 4),
            trace_number=at(self.trace, 2),
            payer_code=at(self.payer, 4) or self.references.get("2U", "") or at(self.trace, 3),
            payer_name=at(self.payer, 2),
            payee_npi=at(self.payee, 4) if at(self.payee, 3) == "XX" else "",
            paid_on=day_of(at(self.payment, 16)),
            claims=tuple(self.claims),
            provider_adjustments=tuple(self.provider_adjustments),
            problems=tuple(self.problems),
        )
