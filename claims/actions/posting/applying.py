"""What a batch of answers does to its claims: states, first response, steps, denials, tallies.

The same way for answers that were just read and for those that waited for their claim: both come as the rows
that are stored, and say when they were said by what is stored, so that the order of reading changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from claims.actions.denials.opening import Denied, open_denials
from claims.actions.denials.settling import Answer, settle_paid
from claims.actions.denials.tallies import Counted, count_claims
from claims.actions.posting.bulk import insert_rows
from claims.actions.posting.known import Known, KnownClaim
from claims.actions.steps import NewStep
from claims.models import ClaimStep, ClaimStepKind, DenialSource
from claims.rules.claim_states import ADJUDICATED, ClaimVerb
from claims.rules.first_pass import Cut, First, Heard, adjudication, first_of, passes_coding, rejection
from claims.rules.remit_outcome import is_denying, verb_of_payment, verb_of_status
from claims.rules.x12.money import ZERO
from claims.rules.x12.remit_835 import REVERSAL
from claims.rules.x12.status_277ca import Outcome
from coding_ops.core.ids import uuid7
from coding_ops.tenancy.actor import system_actor

_READER = system_actor("payer's files")
_KINDS = {
    ClaimVerb.RECEIVE: ClaimStepKind.RECEIVED,
    ClaimVerb.ACCEPT: ClaimStepKind.ACCEPTED,
    ClaimVerb.REJECT: ClaimStepKind.REJECTED,
    ClaimVerb.PAY: ClaimStepKind.PAID,
    ClaimVerb.PAY_PART: ClaimStepKind.PARTLY_PAID,
    ClaimVerb.DENY: ClaimStepKind.DENIED,
    ClaimVerb.REVERSE: ClaimStepKind.REVERSED,
}


@dataclass(frozen=True, slots=True)
class Reduction:
    """One stored adjustment.  ``remarks``: those of its line, or of its claim."""

    adjustment_id: UUID
    claim_line_id: UUID | None
    group: str
    carc: str
    remarks: tuple[str, ...]
    category: str
    map_edition: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Payment:
    """One stored CLP with its adjustments; amounts in dollars, ``paid_lines`` by line of the claim."""

    remitted_claim_id: UUID
    status_code: str
    payer_control_number: str
    paid_amount: Decimal
    patient_amount: Decimal
    allowed_amount: Decimal
    decided_on: date | None
    posted_at: datetime
    reductions: tuple[Reduction, ...]
    paid_lines: Mapping[UUID, Decimal]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One stored status that rejects a claim or a line of it."""

    acknowledgement_id: UUID
    claim_line_id: UUID | None
    codes: str
    category: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What one receipt or acknowledgement says of one claim."""

    source: DenialSource
    outcome: Outcome
    payer_control_number: str
    answered_on: date | None
    posted_at: datetime
    refusals: tuple[Refusal, ...]


@dataclass(slots=True)
class Batch:
    """The answers of one transaction, gathered, then written by :meth:`save`.

    Of a claim it takes the answers of one file only: what one denied another may pay, and only denials that
    are written can be settled.  Several entries of one remittance are parts of one answer.
    """

    known: Known
    zone: ZoneInfo
    now: datetime
    steps: list[NewStep] = field(default_factory=list)
    denied: list[Denied] = field(default_factory=list)
    settled: dict[UUID, Answer] = field(default_factory=dict)
    counted: dict[UUID, Counted | None] = field(default_factory=dict)
    parts: dict[UUID, bool] = field(default_factory=dict)
    """Claims that an entry has answered so far, and whether one denied something."""
    taken_back: set[UUID] = field(default_factory=set)
    """Claims whose payment was reversed."""

    def said_at(self, on: date | None, posted_at: datetime) -> datetime:
        """The end of the day of an answer at the client's, but never after it was posted."""
        if on is None:
            return posted_at
        return min(datetime.combine(on, time.max, tzinfo=self.zone), posted_at)

    def pay(self, claim: KnownClaim, said: Payment) -> None:
        """A claim of a remittance."""
        at = self.said_at(said.decided_on, said.posted_at)
        denying = [one for one in said.reductions if is_denying(one.category, one.amount)]
        heard = adjudication(
            at,
            status_code=said.status_code,
            paid_amount=said.paid_amount,
            cuts=[Cut(one.group, one.category, one.amount) for one in said.reductions if one.amount > ZERO],
        )
        has_denied = self.parts.get(claim.id, False)
        verb = verb_of_payment(
            said.status_code,
            heard,
            said.paid_amount,
            paid_before=claim.row.paid_amount,
            is_denied_before=has_denied,
        )
        if verb is None:
            return
        is_part = claim.id in self.parts
        if said.status_code == REVERSAL:
            self._take_back(claim, said)
            denying = []
        else:
            self.parts[claim.id] = has_denied or bool(denying)
            if claim.may_have_denials:
                self.settled[claim.id] = _answer(said, denying, self.settled.get(claim.id))
        is_initial = self._hear(claim, heard)
        self._move(claim, verb, at, _facts(said, denying))
        _add_up(claim, said, at, is_part=is_part)
        on = at.astimezone(self.zone).date()
        self.denied += [_denied(claim, one, is_initial, on) for one in denying]

    def _take_back(self, claim: KnownClaim, said: Payment) -> None:
        """What this file said of the claim before a reversal denies and settles nothing."""
        if said.paid_amount < ZERO and claim.row.state in ADJUDICATED:
            self.taken_back.add(claim.id)
        self.denied = [one for one in self.denied if one.claim_id != claim.id]
        self.settled.pop(claim.id, None)
        self.parts.pop(claim.id, None)

    def reply(self, claim: KnownClaim, said: Reply) -> None:
        """A receipt or acknowledgement of a claim."""
        at = self.said_at(said.answered_on, said.posted_at)
        verb = verb_of_status(said.outcome)
        on = None if said.source is DenialSource.RECEIPT else said.answered_on
        news = [one for one in said.refusals if (claim.id, one.codes, on) not in self.known.refused]
        if verb is None or (verb is ClaimVerb.REJECT and not news):
            return
        self.known.refused |= {(claim.id, one.codes, on) for one in news}
        claim.is_changed = True
        row = claim.row
        row.payer_control_number = said.payer_control_number or row.payer_control_number
        if verb is ClaimVerb.ACCEPT:
            row.accepted_at = min(row.accepted_at or at, at)
            if claim.may_have_denials:
                self.settled.setdefault(claim.id, Answer(is_accepted=True))
        is_initial = verb is ClaimVerb.REJECT and self._hear(
            claim, rejection(at, [one.category for one in news])
        )
        facts: dict[str, object] = {
            "source": said.source.value,
            "codes": [one.codes for one in said.refusals],
        }
        if not self._move(claim, verb, at, facts) or verb is not ClaimVerb.REJECT:
            return
        day = at.astimezone(self.zone).date()
        for place, one in enumerate(news):
            # The charge is refused once, however many reasons are given.
            amount = row.total_charge_amount if place == 0 else ZERO
            self.denied.append(_refused(claim, said.source, one, amount, day, is_initial))

    def save(self) -> None:
        """Writes claims, tallies, settled and new denials, and steps: a few statements for the batch."""
        client_id = self.known.client_id
        self.known.save()
        if self.counted:
            come = [self._counted(self.known.by_id[claim_id]) for claim_id in self.counted]
            count_claims(client_id=client_id, gone=self.counted.values(), come=come)
        if self.settled or self.taken_back:
            settle_paid(client_id=client_id, claims=self.settled, now=self.now, taken_back=self.taken_back)
        if self.denied:
            open_denials(client_id=client_id, adjustments=self.denied, now=self.now)
        insert_rows(ClaimStep, [_step(client_id, one) for one in self.steps])

    def _hear(self, claim: KnownClaim, heard: Heard | None) -> bool:
        """Keeps the first response; whether this answer is (part of) it."""
        before = claim.heard
        if heard is None or (after := first_of(before, heard)) is None:
            return False
        if after != before:
            self.counted.setdefault(claim.id, self._counted(claim))
            claim.hear(after)
        return after.at == heard.at

    def _counted(self, claim: KnownClaim) -> Counted | None:
        """What the claim adds to the sums by its first response as it stands."""
        heard = claim.heard
        if heard is None or not claim.is_original:
            return None
        return Counted(
            answered_on=heard.at.astimezone(self.zone).date(),
            payer_id=claim.row.payer_id,
            form=claim.row.form,
            is_adjudicated=heard.first is not First.REJECTED,
            is_denied=heard.first is First.DENIED,
            is_coding=not passes_coding(heard.categories),
            charge_amount=claim.row.total_charge_amount,
        )

    def _move(self, claim: KnownClaim, verb: ClaimVerb, at: datetime, facts: dict[str, object]) -> bool:
        claim.is_changed = True
        if not claim.take(verb):
            return False
        if claim.told_at is not None and at <= claim.told_at:
            # Several answers of one day and file: their order is the file's.
            at = claim.told_at + timedelta(microseconds=1)
        claim.told_at = at
        self.steps.append(NewStep(claim.id, _KINDS[verb], at, facts))
        return True


def _step(client_id: int, one: NewStep) -> dict[str, object]:
    """As :func:`claims.actions.steps.add_steps` stores it, nobody of ours having acted."""
    return {
        "id": uuid7(),
        "client_id": client_id,
        "claim_id": one.claim_id,
        "kind": one.kind.value,
        "at": one.at,
        "by_name": _READER.display_name,
        "role": _READER.role,
        "facts": one.facts,
    }


def _add_up(claim: KnownClaim, said: Payment, at: datetime, *, is_part: bool) -> None:
    """Paid is the sum of all answers (a reversal is below zero), allowed and patient share are the last's."""
    row, is_reversal = claim.row, said.status_code == REVERSAL
    row.paid_amount += said.paid_amount
    patient, allowed = (row.patient_amount, row.allowed_amount) if is_part else (ZERO, ZERO)
    row.patient_amount = ZERO if is_reversal else patient + said.patient_amount
    row.allowed_amount = ZERO if is_reversal else allowed + said.allowed_amount
    row.payer_control_number = said.payer_control_number or row.payer_control_number
    if not is_reversal:
        row.adjudicated_at = min(row.adjudicated_at or at, at)


def _answer(said: Payment, denying: Sequence[Reduction], before: Answer | None) -> Answer:
    """What settles, with the parts of the same answer that came before it."""
    earlier = before or Answer()
    lines = {
        line: earlier.paid_lines.get(line, ZERO) + said.paid_lines.get(line, ZERO)
        for line in (*earlier.paid_lines, *said.paid_lines)
    }
    denied = earlier.denied | {(one.claim_line_id, one.group, one.carc) for one in denying}
    return Answer(earlier.paid_amount + said.paid_amount, lines, denied)


def _facts(said: Payment, denying: Sequence[Reduction]) -> dict[str, object]:
    return {
        "remitted_claim": str(said.remitted_claim_id),
        "status_code": said.status_code,
        "paid_amount": str(said.paid_amount),
        "denied_amount": str(sum((one.amount for one in denying), ZERO)),
        "reasons": sorted({f"{one.group}-{one.carc}" for one in denying}),
    }


def _denied(claim: KnownClaim, one: Reduction, is_initial: bool, on: date) -> Denied:
    return Denied(
        claim_id=claim.id,
        source=DenialSource.REMITTANCE,
        category=one.category,
        amount=one.amount,
        received_on=on,
        is_initial=is_initial and claim.is_original,
        claim_line_id=one.claim_line_id,
        adjustment_id=one.adjustment_id,
        group_code=one.group,
        carc=one.carc,
        remarks=one.remarks,
        map_edition=one.map_edition,
    )


def _refused(
    claim: KnownClaim, source: DenialSource, one: Refusal, amount: Decimal, on: date, is_initial: bool
) -> Denied:
    return Denied(
        claim_id=claim.id,
        source=source,
        category=one.category,
        amount=amount,
        received_on=on,
        is_initial=is_initial and claim.is_original,
        claim_line_id=one.claim_line_id,
        acknowledgement_id=one.acknowledgement_id,
        status_codes=one.codes,
    )
