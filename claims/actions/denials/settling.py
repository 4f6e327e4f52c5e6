"""What an answer of a payer, or the decision of an appeal, does to the denials that stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from claims.actions.denials.facts import lines_of
from claims.actions.denials.moving import Move, move_denials
from claims.models import Claim, ClaimLine, Denial, DenialSource, DenialStatus
from claims.rules.denial_states import STANDING, DenialVerb
from coding_ops.core.errors import InvalidInput
from coding_ops.tenancy.actor import Actor

_ZERO = Decimal(0)
_WITH_PAYER = (DenialStatus.APPEALED, DenialStatus.CORRECTED)
_MOST_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What one answer says of a claim.

    Attributes:
        paid_amount: of the whole claim, in dollars.  ``paid_lines``: by line of the claim.
        denied: line (none: the claim as a whole), group and reason of each adjustment that denies.
        is_accepted: an acceptance into adjudication, which pays and denies nothing.
    """

    paid_amount: Decimal = _ZERO
    paid_lines: Mapping[UUID, Decimal] = field(default_factory=dict)
    denied: frozenset[tuple[UUID | None, str, str]] = frozenset()
    is_accepted: bool = False


@dataclass(frozen=True, slots=True)
class _Said:
    """An answer with the claim it is of, as the denials of that claim and of those it replaced see it."""

    claim_id: UUID
    answer: Answer
    lines: tuple[ClaimLine, ...]

    def line_for(self, denial: Denial) -> ClaimLine | None:
        """The line that stands where the denied one stood: itself, else by number, else by code."""
        theirs = denial.claim_line
        if theirs is None:
            return None
        same = (
            [one for one in self.lines if one.pk == theirs.pk],
            [one for one in self.lines if one.number == theirs.number and one.code == theirs.code],
            [one for one in self.lines if one.code == theirs.code],
            [one for one in self.lines if one.number == theirs.number],
        )
        return next((found[0] for found in same if found), None)


@transaction.atomic
def settle_paid(
    *, client_id: int, claims: Mapping[UUID, Answer], now: datetime, taken_back: Collection[UUID] = ()
) -> int:
    """Moves the standing denials of answered claims, and of the claims they replace; gives how many moved.

    What was paid more than before is recovered and overturns the denial; what is denied again upholds one
    that was appealed or corrected.  A denial that is neither paid nor denied any more ends.

    Args:
        taken_back: claims whose payment was reversed before these answers: what it won back is open again.
    """
    if taken_back:
        _open_again(client_id, taken_back, now)
    answered = _answered_by(client_id, claims)
    standing = list(
        Denial.objects.select_for_update(of=("self",))
        .filter(client_id=client_id, claim_id__in=list(answered), state__in=[one.value for one in STANDING])
        .select_related("claim_line", "adjustment__remitted_line", "adjustment__remitted_claim")
        .order_by("claim_id", "opened_at", "id")
    )
    if not standing:
        return 0
    lines = lines_of(client_id, set(answered.values()))
    said = {
        claim_id: _Said(answer_id, claims[answer_id], tuple(lines.get(answer_id, ())))
        for claim_id, answer_id in answered.items()
    }
    return move_denials(client_id=client_id, moves=list(_moves(standing, said)), now=now)


@transaction.atomic
def settle_appeal(
    *, actor: Actor, denial: Denial, verb: DenialVerb, recovered_amount: Decimal, now: datetime
) -> None:
    """Moves a locked denial by the decision of its appeal; part of the act that records the decision.

    Args:
        verb: OVERTURN (won, also in part) or UPHOLD.
        recovered_amount: dollars the decision brings.

    Raises:
        InvalidInput: ``denial.amount``: below zero, or more than was denied.
        Conflict: ``denial.step``: it does not stand where this can be done.
    """
    actor.person_id  # noqa: B018 (a decision is told by a person; the property refuses the application)
    if not _ZERO <= denial.recovered_amount + recovered_amount <= denial.denied_amount:
        raise InvalidInput(
            f"Give an amount from $0.00 to ${denial.denied_amount - denial.recovered_amount:,.2f}.",
            code="denial.amount",
            details={"fields": {"amount": "More than was denied, or below zero."}},
        )
    move_denials(client_id=denial.client_id, moves=[Move(denial, verb, recovered_amount)], now=now)


def _open_again(client_id: int, claims: Collection[UUID], now: datetime) -> None:
    rows = (
        Denial.objects.select_for_update(of=("self",))
        .filter(
            client_id=client_id,
            claim_id__in=list(_answered_by(client_id, claims)),
            state=DenialStatus.OVERTURNED,
            recovered_amount__gt=0,
        )
        .defer("cause_note")
        .order_by("claim_id", "opened_at", "id")
    )
    move_denials(client_id=client_id, moves=[Move(row, DenialVerb.REOPEN) for row in rows], now=now)


def _answered_by(client_id: int, claims: Collection[UUID]) -> dict[UUID, UUID]:
    """Every claim whose denials the answers are about, to the one answered: itself and those it replaces."""
    found = {claim_id: claim_id for claim_id in claims}
    asked = set(claims)
    for _ in range(_MOST_VERSIONS):
        rows = Claim.objects.filter(client_id=client_id, pk__in=list(asked), replaces__isnull=False)
        before = {
            older: found[newer]
            for newer, older in rows.values_list("pk", "replaces_id")
            if older is not None and older not in found
        }
        if not before:
            break
        found |= before
        asked = set(before)
    return found


def _moves(standing: Iterable[Denial], said: Mapping[UUID, _Said]) -> Iterable[Move]:
    left: dict[tuple[UUID, UUID | None], Decimal] = {}
    # A dollar is won back once: denials of lines come first, then rejections, which are about any dollar.
    unclaimed = {one.claim_id: one.answer.paid_amount for one in said.values()}
    for denial in sorted(standing, key=lambda one: one.source != DenialSource.REMITTANCE):
        one = said[denial.claim_id]
        rest = unclaimed[one.claim_id]
        move = (
            _rejected(denial, one, rest)
            if denial.source != DenialSource.REMITTANCE
            else _denied(denial, one, left, rest)
        )
        if move is not None:
            unclaimed[one.claim_id] -= move.recovered_amount
            yield move


def _rejected(denial: Denial, said: _Said, rest: Decimal) -> Move | None:
    """A rejection is over as soon as the claim, or the one that corrects it, is taken in or paid."""
    recovered = min(denial.denied_amount - denial.recovered_amount, rest)
    if recovered > 0:
        return Move(denial, DenialVerb.OVERTURN, recovered)
    if said.answer.is_accepted and denial.state == DenialStatus.CORRECTED:
        return None  # the corrected claim is with the payer now: what it pays is still to come
    return Move(denial, DenialVerb.CLOSE)


def _denied(
    denial: Denial, said: _Said, left: dict[tuple[UUID, UUID | None], Decimal], rest: Decimal
) -> Move | None:
    if said.answer.is_accepted:
        return None
    line = said.line_for(denial)
    if line is not None and said.answer.paid_lines and line.pk not in said.answer.paid_lines:
        return None  # it answers other lines of the claim
    gained = min(_gained(denial, said, line, left), rest)
    if gained > 0:
        return Move(denial, DenialVerb.OVERTURN, gained)
    again = [one for one in said.answer.denied if one[0] in (None, line.pk if line else None)]
    own = denial.claim_id == said.claim_id
    if own and any(one[1:] == (denial.group_code, denial.carc) for one in again):
        return None  # opening sees it again, and upholds it where it was with the payer
    is_decision = bool(again) and denial.state in _WITH_PAYER
    return Move(denial, DenialVerb.CLOSE, is_decision=is_decision)


def _gained(
    denial: Denial,
    said: _Said,
    line: ClaimLine | None,
    left: dict[tuple[UUID, UUID | None], Decimal],
) -> Decimal:
    """Dollars of this answer beyond what the denying one had paid, shared out in order among its denials."""
    if denial.claim_line is not None and line is None:
        return _ZERO  # the line is billed no more
    key = (said.claim_id, line.pk if line else None)
    if key not in left:
        left[key] = _paid_now(said.answer, line) - _paid_then(denial)
    gained = min(left[key], denial.denied_amount - denial.recovered_amount)
    if gained <= 0:
        return _ZERO
    left[key] -= gained
    return gained


def _paid_now(answer: Answer, line: ClaimLine | None) -> Decimal:
    if line is not None and answer.paid_lines:
        return answer.paid_lines.get(line.pk, _ZERO)
    return answer.paid_amount


def _paid_then(denial: Denial) -> Decimal:
    adjustment = denial.adjustment
    if adjustment is None:
        return _ZERO
    # A line of the payer's that is none of ours is measured as the claim is: its own sum has no other side.
    line = adjustment.remitted_line if denial.claim_line_id is not None else None
    paid: Decimal = (line or adjustment.remitted_claim).paid_amount
    return paid
