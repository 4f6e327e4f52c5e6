"""Appeals: drafted from the evidence, sent, and decided; the denial moves with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from claims.access.answers import require_worker
from claims.actions.denials.moving import Move, move_denials
from claims.actions.denials.settling import settle_appeal
from claims.actions.steps import add_step, locked_denial
from claims.models import Appeal, AppealState, ClaimStepKind, Denial, DenialSource, DenialStatus
from claims.rules.appeals import (
    AppealVerb,
    checked_letter,
    compose,
    decision_due_on,
    due_on,
    level_at,
    step,
    unfilled,
    verb_of_decision,
)
from claims.rules.denial_states import TO_WORK, DenialVerb
from claims.selectors.appeal_levels import levels_for, next_due_on, next_level
from claims.selectors.letter_parts import letter_parts
from claims.terms.appeals import letter_book
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client

LONGEST_NOTE = 1_000
LONGEST_REFERENCE = 50
MOST = Decimal("9999999999.99")


@dataclass(frozen=True, slots=True)
class Decision:
    """What the payer decided; ``awarded_amount`` in dollars, zero when nothing."""

    decided_on: date
    awarded_amount: Decimal
    reference: str = ""
    note: str = ""


@transaction.atomic
def draft_appeal(*, actor: Actor, denial: Denial, template_key: str, now: datetime) -> Appeal:
    """The next level's appeal with a letter composed from the evidence, for a person to read and mend.

    Raises:
        NotAllowed: not one who works denials.
        InvalidInput: no such letter.
        Refused: a rejection, which was never decided and is corrected instead.
        Conflict: the denial is not being worked, a draft exists, or all levels are used up.
    """
    require_worker(actor)
    locked = locked_denial(denial)
    _require_appealable(locked)
    template = letter_book().template(template_key)
    level = next_level(locked)
    open_amount = locked.denied_amount - locked.recovered_amount
    made: Appeal = Appeal.objects.create(
        client_id=locked.client_id,
        denial=locked,
        level=level.number,
        template_key=template.key,
        letter=compose(letter_book(), template, letter_parts(locked, level, signer=actor.display_name)),
        requested_amount=open_amount if open_amount > 0 else locked.denied_amount,
        due_on=next_due_on(locked, level),
        made_by_id=actor.person_id,
        made_at=now,
    )
    record_event(
        actor=actor,
        verb=Verb.APPEAL_DRAFTED,
        subject=made,
        facts={"denial": str(locked.pk), "level": level.number, "template": template.key},
    )
    return made


@transaction.atomic
def save_appeal(*, actor: Actor, appeal: Appeal, letter: str, requested_amount: Decimal) -> Appeal:
    """Keeps a draft's letter and amount.

    Raises:
        NotAllowed: not one who works denials.
        InvalidInput: no letter, one too long, or an amount that is none.
        Conflict: it was sent, decided or withdrawn.
    """
    require_worker(actor)
    locked = _locked(appeal)
    step(locked.state, AppealVerb.SAVE)
    locked.letter = checked_letter(letter)
    locked.requested_amount = _amount(requested_amount, "requested_amount")
    if locked.requested_amount > locked.denial.denied_amount:
        raise InvalidInput(
            f"Not more than was denied, ${locked.denial.denied_amount:,.2f}.",
            code="appeal.requested_amount",
            details={"path": "requested_amount"},
        )
    locked.save(update_fields=["letter", "requested_amount"])
    record_event(
        actor=actor,
        verb=Verb.APPEAL_SAVED,
        subject=locked,
        facts={"characters": len(locked.letter), "amount": str(locked.requested_amount)},
    )
    return locked


@transaction.atomic
def send_appeal(*, actor: Actor, appeal: Appeal, reference: str, now: datetime) -> Appeal:
    """Marks a draft as sent; its letter is not changed any more.  The denial waits for the decision.

    Raises:
        NotAllowed: not one who works denials.
        InvalidInput: a reference too long.
        Refused: the letter has places that a person was to fill in.
        Conflict: it is no draft, or the denial moved on meanwhile.
    """
    require_worker(actor)
    locked = _locked(appeal)
    locked.state = step(locked.state, AppealVerb.SEND).value
    gaps = unfilled(locked.letter)
    if gaps:
        raise Refused(
            f"The letter still says “{gaps[0]}”: fill it in, or take the sentence out.",
            code="appeal.unfilled",
        )
    denial = locked_denial(locked.denial)
    move_denials(client_id=denial.client_id, moves=[Move(denial, DenialVerb.APPEAL)], now=now)
    locked.sent_at = now
    locked.reference = _reference(reference)
    level = level_at(levels_for(denial), locked.level)
    locked.decision_due_on = decision_due_on(level, _day(denial, now))
    locked.save(update_fields=["state", "sent_at", "reference", "decision_due_on"])
    facts = {
        "appeal": str(locked.pk),
        "level": locked.level,
        "amount": str(locked.requested_amount),
        "late": locked.due_on is not None and _day(denial, now) > locked.due_on,
    }
    add_step(actor=actor, claim=denial.claim, kind=ClaimStepKind.APPEALED, at=now, facts=facts)
    record_event(
        actor=actor, verb=Verb.APPEAL_SENT, subject=locked, facts={**facts, "denial": str(denial.pk)}
    )
    return locked


@transaction.atomic
def decide_appeal(*, actor: Actor, appeal: Appeal, decision: Decision, now: datetime) -> Appeal:
    """Records what the payer decided.  Won, wholly or in part: the denial is overturned; lost: upheld.

    Raises:
        NotAllowed: not one who works denials.
        InvalidInput: a day that cannot be, an amount below zero, words too long.
        Conflict: it was not sent, or is decided.
    """
    require_worker(actor)
    locked = _locked(appeal)
    denial = locked_denial(locked.denial)
    verb = verb_of_decision(
        locked.requested_amount, _amount(decision.awarded_amount, "awarded_amount", least=Decimal(0))
    )
    after = step(locked.state, verb)
    _check_day(locked, denial, decision.decided_on, now)
    locked.state = after.value
    locked.awarded_amount = decision.awarded_amount
    locked.decided_at = _moment(denial, decision.decided_on, now)
    locked.decision_note = _note(decision.note) or None
    locked.reference = _reference(decision.reference) or locked.reference
    locked.save(update_fields=["state", "awarded_amount", "decided_at", "decision_note", "reference"])
    _settle(actor, denial, verb, decision, now)
    facts = {"appeal": str(locked.pk), "level": locked.level, "awarded": str(decision.awarded_amount)}
    add_step(
        actor=actor,
        claim=denial.claim,
        kind=ClaimStepKind.DECIDED,
        at=now,
        facts={**facts, "outcome": after.value},
        note=decision.note,
    )
    record_event(
        actor=actor,
        verb=Verb.APPEAL_DECIDED,
        subject=locked,
        facts={**facts, "outcome": after.value, "on": decision.decided_on.isoformat()},
    )
    return locked


@transaction.atomic
def withdraw_appeal(*, actor: Actor, appeal: Appeal, reason: str, now: datetime) -> Appeal:
    """Takes a draft, or an appeal that was sent, back; the payer's denial then stands.

    Raises:
        NotAllowed: not one who works denials.
        InvalidInput: no reason.
        Conflict: it is decided or withdrawn.
    """
    require_worker(actor)
    if not reason.strip():
        raise InvalidInput("Say why it is withdrawn.", code="appeal.reason", details={"path": "reason"})
    locked = _locked(appeal)
    was_sent = locked.state == AppealState.SENT
    locked.state = step(locked.state, AppealVerb.WITHDRAW).value
    locked.decision_note = _note(reason)
    locked.save(update_fields=["state", "decision_note"])
    denial = locked_denial(locked.denial)
    if was_sent and denial.state == DenialStatus.APPEALED:
        settle_appeal(
            actor=actor, denial=denial, verb=DenialVerb.UPHOLD, recovered_amount=Decimal(0), now=now
        )
    record_event(
        actor=actor,
        verb=Verb.APPEAL_WITHDRAWN,
        subject=locked,
        facts={"level": locked.level, "was_sent": was_sent, "denial": str(denial.pk)},
    )
    return locked


def _require_appealable(locked: Denial) -> None:
    if locked.source != DenialSource.REMITTANCE:
        raise Refused(
            "The payer never decided this claim: correct it and send it again. A decision is appealed.",
            code="appeal.rejection",
        )
    if locked.state not in TO_WORK:
        raise Conflict(
            f"This cannot be done now: the denial stands at “{locked.get_state_display()}”.",
            code="denial.step",
        )
    standing = Appeal.objects.filter(client_id=locked.client_id, denial=locked, state=AppealState.DRAFT)
    if standing.exists():
        raise Conflict("A draft of this appeal exists already: open it.", code="appeal.drafted")


def _settle(actor: Actor, denial: Denial, verb: AppealVerb, decision: Decision, now: datetime) -> None:
    """The denial as the payer decided; one that a payment has overturned already stays so."""
    if denial.state != DenialStatus.APPEALED:
        return
    is_lost = verb is AppealVerb.LOSE
    settle_appeal(
        actor=actor,
        denial=denial,
        verb=DenialVerb.UPHOLD if is_lost else DenialVerb.OVERTURN,
        recovered_amount=min(decision.awarded_amount, denial.denied_amount - denial.recovered_amount),
        now=now,
    )
    if is_lost:
        _set_next_deadline(denial, decision.decided_on)


def _set_next_deadline(denial: Denial, decided_on: date) -> None:
    """The worklist then counts to the last day of the next level, where one is on record."""
    try:
        level = next_level(denial)
    except Conflict:
        return
    denial.deadline_on = due_on(level, since=decided_on, payer_days=None)
    denial.save(update_fields=["deadline_on"])


def _check_day(appeal: Appeal, denial: Denial, on: date, now: datetime) -> None:
    sent_on = _day(denial, appeal.sent_at) if appeal.sent_at else on
    if not sent_on <= on <= _day(denial, now):
        raise InvalidInput(
            f"The day lies between the day it was sent, {sent_on:%m/%d/%Y}, and today.",
            code="appeal.decided_on",
            details={"path": "decided_on"},
        )


def _day(denial: Denial, at: datetime) -> date:
    client = Client.objects.only("timezone").get(pk=denial.client_id)
    return at.astimezone(ZoneInfo(client.timezone)).date()


def _moment(denial: Denial, on: date, now: datetime) -> datetime:
    """An instant of the day at the client's: now for today, else its noon."""
    client = Client.objects.only("timezone").get(pk=denial.client_id)
    zone = ZoneInfo(client.timezone)
    return now if now.astimezone(zone).date() == on else datetime.combine(on, time(12), tzinfo=zone)


def _amount(amount: Decimal, path: str, *, least: Decimal = Decimal("0.01")) -> Decimal:
    if not least <= amount <= MOST or amount != round(amount, 2):
        raise InvalidInput(
            "Enter the amount in dollars and cents.", code=f"appeal.{path}", details={"path": path}
        )
    return amount


def _note(text: str) -> str:
    if len(text) > LONGEST_NOTE:
        raise InvalidInput(
            f"Keep it to {LONGEST_NOTE:,} characters.", code="appeal.note", details={"path": "note"}
        )
    return text.strip()


def _reference(text: str) -> str:
    if len(text.strip()) > LONGEST_REFERENCE:
        raise InvalidInput(
            f"The payer's number has at most {LONGEST_REFERENCE} characters.",
            code="appeal.reference",
            details={"path": "reference"},
        )
    return text.strip()


def _locked(appeal: Appeal) -> Appeal:
    locked: Appeal = (
        Appeal.objects.select_for_update(of=("self",))
        .filter(client_id=appeal.client_id)
        .select_related("denial")
        .get(pk=appeal.pk)
    )
    return locked
