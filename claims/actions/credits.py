"""Credits that the vendor owes for confirmed errors of its own: proposed, then decided by another leader."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from claims.access.answers import require_creditor
from claims.actions.steps import locked_denial
from claims.models import CreditProposal, CreditState, Denial
from claims.rules.credits import checked_amount, is_systemic, require_confirmed
from claims.selectors.credits import confirmed_count, same_cause, systemic_count
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed
from coding_ops.tenancy.actor import Actor

LONGEST = 300


@transaction.atomic
def propose_credit(
    *, actor: Actor, denial: Denial, amount: Decimal | None, basis: str, now: datetime
) -> CreditProposal:
    """Proposes a credit for one confirmed error; when its cause has become systemic, all of it is marked.

    Raises:
        NotAllowed: not a leader.
        InvalidInput: an amount that is none, or not how it came about.
        Refused: the denial is not confirmed as an error of ours.
        Conflict: proposed already.
    """
    require_creditor(actor)
    locked = locked_denial(denial)
    require_confirmed(locked.is_vendor_error)
    value, words = checked_amount(amount), _words(basis, "basis", "Say how the amount came about.")
    if CreditProposal.objects.filter(client_id=locked.client_id, denial=locked).exists():
        raise Conflict("A credit was proposed for this denial already.", code="credit.proposed")
    count = confirmed_count(locked)
    systemic = is_systemic(count, systemic_count(locked.client_id))
    made: CreditProposal = CreditProposal.objects.create(
        client_id=locked.client_id,
        denial=locked,
        amount=value,
        basis=words,
        is_systemic=systemic,
        proposed_by_id=actor.person_id,
        proposed_at=now,
    )
    if systemic:
        _mark_systemic(locked)
    record_event(
        actor=actor,
        verb=Verb.CREDIT_PROPOSED,
        subject=made,
        facts={"denial": str(locked.pk), "amount": str(value), "cause": locked.root_cause}
        | {"confirmed": count, "systemic": systemic},
    )
    return made


@transaction.atomic
def decide_credit(
    *, actor: Actor, proposal: CreditProposal, is_approved: bool, note: str, now: datetime
) -> CreditProposal:
    """Approves or declines a proposal of somebody else's.

    Raises:
        NotAllowed: not a leader, or the one who proposed it.
        InvalidInput: declined without a reason, or too many words.
        Refused: approved, though the denial is no confirmed error of ours any more.
        Conflict: decided already.
    """
    require_creditor(actor)
    locked: CreditProposal = (
        CreditProposal.objects.select_for_update(of=("self",))
        .filter(client_id=proposal.client_id)
        .select_related("denial")
        .defer("denial__cause_note")
        .get(pk=proposal.pk)
    )
    if locked.state != CreditState.PROPOSED:
        raise Conflict(
            f"This proposal is decided already: {locked.get_state_display().lower()}.", code="credit.decided"
        )
    if locked.proposed_by_id == actor.person_id:
        raise NotAllowed("Somebody else decides what you proposed.", code="credit.own")
    words = note.strip()
    if not is_approved:
        words = _words(note, "note", "Say why it is declined.")
    elif len(words) > LONGEST:
        raise _bad("note", f"Keep it to {LONGEST} characters.")
    else:
        require_confirmed(locked.denial.is_vendor_error)
    locked.state = CreditState.APPROVED if is_approved else CreditState.DECLINED
    locked.decided_by_id, locked.decided_at, locked.decision_note = actor.person_id, now, words
    locked.save(update_fields=["state", "decided_by", "decided_at", "decision_note"])
    record_event(
        actor=actor,
        verb=Verb.CREDIT_DECIDED,
        subject=locked,
        facts={"approved": is_approved, "amount": str(locked.amount)},
    )
    return locked


def _mark_systemic(denial: Denial) -> None:
    """What was proposed before the cause was known to be systemic is marked too."""
    rows: QuerySet[CreditProposal] = CreditProposal.objects.filter(
        client_id=denial.client_id,
        state=CreditState.PROPOSED,
        is_systemic=False,
        denial__in=same_cause(denial),
    )
    rows.update(is_systemic=True)


def _words(text: str, path: str, missing: str) -> str:
    words = text.strip()
    if not words:
        raise _bad(path, missing)
    if len(words) > LONGEST:
        raise _bad(path, f"Keep it to {LONGEST} characters.")
    return words


def _bad(path: str, message: str) -> InvalidInput:
    return InvalidInput(message, code=f"credit.{path}", details={"path": path})
