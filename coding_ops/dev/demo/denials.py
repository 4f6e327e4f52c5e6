"""What the demo's people do about denials: taken, explained, appealed, won, given up; some wait still."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from claims.actions.appeals import Decision, decide_appeal, draft_appeal, save_appeal, send_appeal
from claims.actions.credits import decide_credit, propose_credit
from claims.actions.denials.working import assign_denial, set_cause, write_off
from claims.models import Denial, DenialSource, RootCause
from claims.rules.appeals import templates_for
from claims.terms.appeals import letter_book
from coding_ops.dev.demo.clock import at
from coding_ops.dev.demo.setup import Place
from coding_ops.dev.demo.sitting import Day
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.tenancy.scope import client_transaction

WORKED_AFTER, DECIDED_AFTER = timedelta(days=1), timedelta(days=6)
TO_FILL_IN = re.compile(r"\([a-z]+ it here\)")
CAUSES = {
    "coding": RootCause.CODING,
    "authorization": RootCause.AUTHORIZATION,
    "medical_necessity": RootCause.DOCUMENTATION,
}
Act = Callable[[Day, Place, Denial, datetime, datetime], None]


def work_denials(day: Day, now: datetime) -> None:
    """By turn, oldest first: appealed and won, explained with a credit, taken, given up; the others wait."""
    acts: tuple[Act | None, ...] = (_appeal, _explain, None, _take, None, _give_up)
    for place in day.places.values():
        with client_transaction([place.client.pk]):
            denials = Denial.objects.filter(
                client_id=place.client.pk, source=DenialSource.REMITTANCE, opened_at__lt=now - WORKED_AFTER
            ).select_related("claim", "payer")
            for turn, denial in enumerate(denials.order_by("opened_at", "pk")):
                act = acts[turn % len(acts)]
                if act is not None:
                    moment = denial.opened_at + WORKED_AFTER
                    with at(moment):
                        act(day, place, denial, moment, now)


def _manager(day: Day, place: Place) -> Actor:
    return day.someone(Role.MANAGER, place.demo.slug)


def _take(day: Day, place: Place, denial: Denial, moment: datetime, _now: datetime) -> None:
    coder = day.someone(Role.CODER, place.demo.slug)
    assign_denial(actor=_manager(day, place), denial=denial, owner_id=coder.person_id, now=moment)


def _explain(day: Day, place: Place, denial: Denial, moment: datetime, _now: datetime) -> None:
    """An error of the vendor's where the payer names coding; then a credit, each second one approved."""
    manager, cause = _manager(day, place), CAUSES.get(denial.category, RootCause.PAYER)
    is_ours = cause == RootCause.CODING
    explained = set_cause(
        actor=manager,
        denial=denial,
        root_cause=cause,
        note="Seen with the coder; the chart does not support it as billed." if is_ours else "",
        is_vendor_error=is_ours,
    )
    if is_ours:
        proposal = propose_credit(
            actor=manager, denial=explained, amount=Decimal("18.00"), basis="Fee of the visit", now=moment
        )
        if day.turn("credit") % 2 == 0:
            other = day.someone(Role.VENDOR_ADMIN, place.demo.slug)
            decide_credit(actor=other, proposal=proposal, is_approved=True, note="", now=moment)


def _give_up(day: Day, place: Place, denial: Denial, moment: datetime, _now: datetime) -> None:
    reason = "The payer's authorization was never asked for; the contract bars an appeal."
    write_off(actor=_manager(day, place), denial=denial, reason=reason, now=moment)


def _appeal(day: Day, place: Place, denial: Denial, moment: datetime, now: datetime) -> None:
    """The letter goes out complete; six days later the payer agrees, where that day has come."""
    manager = _manager(day, place)
    template = templates_for(letter_book(), denial.category)[0].key
    appeal = draft_appeal(actor=manager, denial=denial, template_key=template, now=moment)
    letter = TO_FILL_IN.sub("as the chart of the visit shows", appeal.letter)
    save_appeal(actor=manager, appeal=appeal, letter=letter, requested_amount=appeal.requested_amount)
    send_appeal(actor=manager, appeal=appeal, reference=f"A{denial.received_on:%m%d}", now=moment)
    decided_at = moment + DECIDED_AFTER
    if decided_at < now:
        with at(decided_at):
            decision = Decision(
                decided_at.astimezone(ZoneInfo(place.client.timezone)).date(), appeal.requested_amount
            )
            decide_appeal(actor=manager, appeal=appeal, decision=decision, now=decided_at)
