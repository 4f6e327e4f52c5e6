"""Money to give back: noticed when a correction lowers what a federal payer paid, and its clock moved."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from claims.access.answers import require_corrector
from claims.models import Claim, ClaimLine, OverpaymentNotice, PayerKind, RemittedLine
from claims.rules.content import Frequency, from_json
from claims.rules.correcting import Overpaid, PaidLine, overpaid, overpaid_by_group
from claims.selectors.drg_weights import drg_weights
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput
from coding_ops.core.overpayment import ClockDates, ClockTerms, ClockVerb, check_day, terms_for
from coding_ops.core.overpayment_terms import MEDICARE, MEDICARE_ADVANTAGE, clock_editions
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client

PROGRAMS = {
    PayerKind.MEDICARE.value: MEDICARE,
    PayerKind.MEDICARE_ADVANTAGE.value: MEDICARE_ADVANTAGE,
}
"""Kinds of payers whose overpayments have a clock, with the rule that sets it."""
LONGEST_NOTE = 1_000
DAYS = {
    ClockVerb.INVESTIGATE: "suspended_on",
    ClockVerb.QUANTIFY: "resumed_on",
    ClockVerb.RETURN: "returned_on",
}
"""The column of the day on which each was decided."""


def notice_lowered(
    *, actor: Actor, before: Claim, correction: Claim, now: datetime
) -> OverpaymentNotice | None:
    """Starts the clock when a correction, or a void, lowers what a federal payer has paid; once a claim.

    The amount is an estimate of ours until somebody establishes it.  None where nothing is to be given back,
    or the correction is too little known yet to tell.
    """
    program = PROGRAMS.get(before.payer.kind) if before.payer else None
    if program is None or before.paid_amount <= 0:
        return None
    if OverpaymentNotice.objects.filter(client_id=before.client_id, claim=before).exists():
        return None
    found = _lowered(before, correction)
    if found is None:
        return None
    client = Client.objects.get(pk=before.client_id)
    notice: OverpaymentNotice = OverpaymentNotice.objects.create(
        client_id=before.client_id,
        claim=before,
        amount=found.amount,
        identified_on=now.astimezone(ZoneInfo(client.timezone)).date(),
        note="\n".join(("Estimated from the claims:", *found.why)),
        made_at=now,
    )
    record_event(
        actor=actor,
        verb=Verb.CLAIM_OVERPAID,
        subject=notice,
        facts={"claim": str(before.pk), "amount": str(found.amount), "program": program},
    )
    return notice


@transaction.atomic
def move_notice(
    *,
    actor: Actor,
    notice: OverpaymentNotice,
    verb: ClockVerb,
    on: date,
    note: str,
    today: date,
    amount: Decimal | None = None,
) -> OverpaymentNotice:
    """One decision: an investigation begun, the amount established, or the money reported and returned.

    Raises:
        NotAllowed: not a leader.
        Conflict: it does not stand where this can be done.
        InvalidInput: a day that cannot be, an amount not above zero, or no words.
        Refused: an investigation that began after the deadline.
    """
    require_corrector(actor)
    locked = _locked(notice)
    if verb not in verbs_of(locked):
        raise Conflict("This cannot be done now: see what was decided already.", code="clock.state")
    if not note.strip() or len(note) > LONGEST_NOTE:
        raise _bad("note", f"Say what was found or done, in {LONGEST_NOTE:,} characters at most.")
    check_day(verb, on, dates_of(locked), terms_of(locked), today)
    if amount is not None:
        if amount <= 0:
            raise _bad("amount", "The amount is above zero.")
        locked.amount = amount
    setattr(locked, DAYS[verb], on)
    locked.note = f"{locked.note or ''}\n{on:%m/%d/%Y}: {note.strip()}".strip()
    locked.save(update_fields=["amount", "suspended_on", "resumed_on", "returned_on", "note"])
    record_event(
        actor=actor,
        verb=Verb.OVERPAYMENT_STEPPED,
        subject=locked,
        facts={"step": verb.value, "on": on.isoformat(), "amount": str(locked.amount)},
    )
    return locked


def _locked(notice: OverpaymentNotice) -> OverpaymentNotice:
    locked: OverpaymentNotice = (
        OverpaymentNotice.objects.select_for_update(of=("self",))
        .select_related("claim__payer")
        .get(client_id=notice.client_id, pk=notice.pk)
    )
    return locked


def verbs_of(notice: OverpaymentNotice) -> tuple[ClockVerb, ...]:
    """What can be decided next."""
    if notice.returned_on is not None:
        return ()
    if notice.suspended_on is None:
        return (ClockVerb.INVESTIGATE, ClockVerb.RETURN)
    if notice.resumed_on is None:
        return (ClockVerb.QUANTIFY,)
    return (ClockVerb.RETURN,)


def dates_of(notice: OverpaymentNotice) -> ClockDates:
    """The recorded days, as the clock takes them."""
    return ClockDates(notice.identified_on, notice.suspended_on, notice.resumed_on, notice.returned_on)


def terms_of(notice: OverpaymentNotice) -> ClockTerms:
    """The rule in force for the payer's program on the day it was identified; the payer must be loaded."""
    kind = notice.claim.payer.kind if notice.claim.payer else ""
    return terms_for(clock_editions(), PROGRAMS.get(kind, MEDICARE), notice.identified_on)


def _lowered(before: Claim, correction: Claim) -> Overpaid | None:
    if correction.frequency_code == Frequency.VOID.value:
        return overpaid((), before.paid_amount, None)
    if not correction.content:
        return None
    if before.drg_code and correction.drg_code:
        # A stay is paid by its group, whatever its charges are.
        weights = drg_weights(before.drg_code, correction.drg_code, before.service_through_on)
        return overpaid_by_group(before.drg_code, correction.drg_code, before.paid_amount, weights)
    lines = list(ClaimLine.objects.filter(client_id=before.client_id, claim=before).order_by("number"))
    paid: dict[UUID, Decimal] = defaultdict(Decimal)
    rows = RemittedLine.objects.filter(
        client_id=before.client_id, remitted_claim__claim=before, claim_line__isnull=False
    )
    for line_id, amount in rows.values_list("claim_line_id", "paid_amount"):
        # A reversal is negative: what stands is the sum of all that was ever paid for the line.
        paid[line_id] += amount
    is_by_line = any(line.pk in paid for line in lines)
    return overpaid(
        [
            PaidLine(
                line.code,
                tuple(line.modifiers),
                line.service_unit_quantity,
                line.charge_amount,
                paid.get(line.pk, Decimal(0)) if is_by_line else None,
            )
            for line in lines
        ],
        before.paid_amount,
        from_json(correction.content).lines,
    )


def _bad(path: str, message: str) -> InvalidInput:
    return InvalidInput(message, code=f"clock.{path}", details={"path": path})
