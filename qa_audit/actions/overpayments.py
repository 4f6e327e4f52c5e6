"""Overpayments: the clock started, moved by recorded decisions, and ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, Refused
from coding_ops.core.overpayment import ENDED, ClockDates, ClockState, ClockVerb, check_day, step, terms_for
from coding_ops.core.overpayment_terms import clock_editions
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from qa_audit.actions.rehearsals import locked_open, require_reason
from qa_audit.models import ClockStep, OverpaymentClock, Rehearsal
from qa_audit.rehearsal_access import require_rehearsal_planner
from qa_audit.selectors.rehearsal_result import result_of, terms_of

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Identified:
    """What was identified: when, under which program, how much as far as it is known."""

    title: str
    contract_name: str
    program: str
    identified_on: date
    amount: Decimal | None = None


@transaction.atomic
def start_clock(
    *, actor: Actor, client: Client, found: Identified, reason: str, rehearsal: Rehearsal | None = None
) -> OverpaymentClock:
    """Starts the clock of an overpayment.

    Raises:
        InvalidInput: no title or contract, a day in the future, an amount not above zero, or a program and
            day without a rule.
        Refused: no reason.
        NotAllowed: not a manager of the vendor.
    """
    require_rehearsal_planner(actor)
    require_reason(reason)
    if not found.title.strip():
        raise _bad("title", "Say in a few words what it is; no patient data.")
    if not found.contract_name.strip():
        raise _bad("contract_name", "Name the contract or payer.")
    if found.identified_on > _today(client):
        raise _bad("identified_on", "The day has not come yet.")
    _check_amount(found.amount)
    terms_for(clock_editions(), found.program, found.identified_on)
    clock: OverpaymentClock = OverpaymentClock.objects.create(
        client=client,
        rehearsal=rehearsal,
        title=found.title.strip(),
        contract_name=found.contract_name.strip(),
        program=found.program,
        amount=found.amount,
        state=ClockState.RUNNING.value,
        identified_on=found.identified_on,
    )
    _add_step(actor, clock, ClockVerb.IDENTIFY, found.identified_on, found.amount, reason)
    return clock


@transaction.atomic
def move_clock(
    *,
    actor: Actor,
    clock: OverpaymentClock,
    verb: ClockVerb,
    on: date,
    reason: str,
    amount: Decimal | None = None,
) -> OverpaymentClock:
    """One decision: an investigation begun, the amount established, returned, or found to be none.

    Raises:
        Conflict: it does not stand where this can be done.
        InvalidInput: a day that cannot be, or no amount where one is needed.
        Refused: no reason, or an investigation that began after the deadline.
    """
    require_rehearsal_planner(actor)
    require_reason(reason)
    locked: OverpaymentClock = OverpaymentClock.objects.select_for_update(of=("self",)).get(
        client_id=clock.client_id, pk=clock.pk
    )
    if verb is ClockVerb.IDENTIFY:
        raise Conflict("The overpayment was identified already.", code="clock.state")
    after = step(locked.state, verb)
    terms = terms_for(clock_editions(), locked.program, locked.identified_on)
    check_day(verb, on, dates_of(locked), terms, _today(locked.client))
    _check_amount(amount)
    if amount is not None:
        locked.amount = amount
    if verb in (ClockVerb.QUANTIFY, ClockVerb.RETURN) and locked.amount is None:
        raise _bad("amount", "Enter the amount.")
    locked.state = after.value
    if verb is ClockVerb.INVESTIGATE:
        locked.investigated_on = on
    elif verb is ClockVerb.QUANTIFY:
        locked.quantified_on = on
    if after in ENDED:
        locked.ended_on = on
    locked.save(update_fields=["state", "amount", "investigated_on", "quantified_on", "ended_on"])
    _add_step(actor, locked, verb, on, amount, reason)
    return locked


@dataclass(frozen=True, slots=True)
class Closing:
    """How a rehearsal ends.  A confirmed overpayment starts its clock on ``identified_on``."""

    is_confirmed: bool
    reason: str
    program: str = ""
    identified_on: date | None = None


@transaction.atomic
def close_rehearsal(*, actor: Actor, rehearsal: Rehearsal, closing: Closing) -> Rehearsal:
    """Ends a rehearsal with the decision about what was found; a confirmed overpayment's clock starts.

    Raises:
        Refused: something is not judged, no reason, or nothing was found that could be confirmed.
        InvalidInput: no day or program for the clock.
    """
    require_rehearsal_planner(actor)
    require_reason(closing.reason)
    locked = locked_open(rehearsal)
    result = result_of(locked, terms_of(locked))
    if result.open_items:
        raise Refused(
            f"{result.open_items} verdicts are still to come: judge them before the end.",
            code="rehearsal.open_items",
        )
    if closing.is_confirmed and result.found <= 0:
        raise Refused("Nothing was found that was paid too much.", code="rehearsal.nothing_found")
    locked.closed_by_id, locked.closed_at = actor.person_id, timezone.now()
    locked.is_confirmed, locked.closing = closing.is_confirmed, closing.reason.strip()
    locked.save(update_fields=["closed_by", "closed_at", "is_confirmed", "closing"])
    if closing.is_confirmed:
        if closing.identified_on is None:
            raise _bad("identified_on", "Enter the day on which it was identified.")
        found = Identified(
            title=f"Found by rehearsal {locked.name}"[:120],
            contract_name=locked.contract_name,
            program=closing.program,
            identified_on=closing.identified_on,
            amount=result.found.quantize(CENT),
        )
        start_clock(actor=actor, client=locked.client, found=found, reason=closing.reason, rehearsal=locked)
    record_event(
        actor=actor,
        verb=Verb.REHEARSAL_CLOSED,
        subject=locked,
        reason=closing.reason.strip(),
        facts={"confirmed": closing.is_confirmed, "found": str(result.found), **result.counts},
    )
    return locked


def dates_of(clock: OverpaymentClock) -> ClockDates:
    """The recorded days, as the rules take them."""
    return ClockDates(clock.identified_on, clock.investigated_on, clock.quantified_on, clock.ended_on)


def _add_step(
    actor: Actor, clock: OverpaymentClock, verb: ClockVerb, on: date, amount: Decimal | None, reason: str
) -> None:
    number = ClockStep.objects.filter(client_id=clock.client_id, clock=clock).count() + 1
    ClockStep.objects.create(
        client_id=clock.client_id,
        clock=clock,
        number=number,
        verb=verb.value,
        on=on,
        amount=amount,
        reason=reason.strip(),
        made_by_id=actor.person_id,
        made_at=timezone.now(),
    )
    record_event(
        actor=actor,
        verb=Verb.OVERPAYMENT_STEPPED,
        subject=clock,
        reason=reason.strip(),
        facts={"step": verb.value, "on": on.isoformat(), "amount": None if amount is None else str(amount)},
    )


def _check_amount(amount: Decimal | None) -> None:
    if amount is not None and amount <= 0:
        raise _bad("amount", "An overpayment is above zero.")


def _today(client: Client) -> date:
    return timezone.localdate(timezone=ZoneInfo(client.timezone))


def _bad(path: str, message: str) -> InvalidInput:
    return InvalidInput(message, code=f"clock.{path}", details={"path": path})
