"""Claims of the demo: made from its final charts, sent week by week, answered by an invented payer.

Each step goes through the same actions as a real one, at its moment; files come in through the same door.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from claims.actions.files import keep_file
from claims.actions.hearing import bill_chart
from claims.actions.reading import read_waiting
from claims.actions.submissions import build_submission, mark_sent
from claims.actions.writing import write_submission
from claims.models import BillingProfile, Claim, ClaimLine, Door, Payer, Submission, SubmittedClaim
from claims.selectors.submissions import waiting_groups
from coding_ops.dev.demo.billing import RECEIVER, SUBMITTER
from coding_ops.dev.demo.clock import at
from coding_ops.dev.demo.payer_answers import (
    ZERO,
    ClaimAnswer,
    LineAnswer,
    Reason,
    Status,
    Wire,
    receipt,
    remittance,
    statuses,
)
from coding_ops.dev.demo.setup import SYSTEM, Place
from coding_ops.dev.demo.sitting import Day
from coding_ops.tenancy.models import Role
from coding_ops.tenancy.scope import client_transaction
from encounters.models import Encounter, EncounterStatus

SENT_EVERY, SENT_WEEKS = timedelta(days=7), 6
RECEIPT_AFTER, STATUS_AFTER, PAYMENT_AFTER = timedelta(hours=1), timedelta(hours=26), timedelta(days=9)
CENT = Decimal("0.01")
#: What becomes of a claim, by its turn: CLP02, share paid, group, CARC and RARC of the rest.
PAID = ("1", "0.62", "CO", "45", "")
FATES = (
    PAID, PAID, ("1", "0.55", "PR", "3", ""), ("4", "0", "CO", "97", ""), PAID, PAID, None, PAID,
    ("4", "0", "CO", "16", "M76"), PAID, ("4", "0", "CO", "197", ""), PAID, PAID,
    ("4", "0", "CO", "50", "N115"), PAID, ("4", "0", "CO", "11", ""),
)  # fmt: skip
"""None: rejected by the clearinghouse, with a diagnosis code it does not know (A7:254)."""


def bill_and_answer(day: Day, now: datetime) -> None:
    """Every chart that is final goes out in the next file, and is answered as far as ``now`` allows."""
    for place in day.places.values():
        for week in range(SENT_WEEKS, -1, -1):
            # Files carry the day as it is where the client is.
            moment = (now - SENT_EVERY * week - timedelta(hours=30)).astimezone(ZoneInfo(place.demo.zone))
            _bill(place, moment)
            for submission in _send(day, place, moment):
                _answer(day, place, submission, moment, now)


def _bill(place: Place, moment: datetime) -> None:
    """A claim for each chart that had been final for some hours by then."""
    client_id = place.client.pk
    with client_transaction([client_id]):
        final = Encounter.objects.filter(
            client_id=client_id, status=EncounterStatus.FINAL, final_at__lt=moment - timedelta(hours=6)
        )
        due = list(final.filter(claims__isnull=True).order_by("final_at").values_list("pk", flat=True))
        with at(moment - timedelta(hours=2)):
            for pk in due:
                bill_chart(actor=SYSTEM, client_id=client_id, encounter_id=pk)


def _send(day: Day, place: Place, moment: datetime) -> list[Submission]:
    """One file for each form that waits."""
    client_id, manager = place.client.pk, day.someone(Role.MANAGER, place.demo.slug)
    sent = []
    with client_transaction([client_id]):
        groups = waiting_groups(client_id)
    for group in groups:
        with at(moment):
            with client_transaction([client_id]):
                asked = build_submission(
                    actor=manager,
                    client_id=client_id,
                    receiver_id=group.receiver_id,
                    form=group.form,
                    now=moment,
                )
            if write_submission(actor=SYSTEM, client_id=client_id, submission_id=asked.pk):
                with client_transaction([client_id]):
                    asked.refresh_from_db()
                    sent.append(mark_sent(actor=manager, submission=asked, now=moment))
    return sent


def _answer(day: Day, place: Place, submission: Submission, sent_at: datetime, now: datetime) -> None:
    """A receipt in an hour, statuses the next day, payments after nine; each only once it is time."""
    client_id = place.client.pk
    with client_transaction([client_id]):
        rows = list(
            SubmittedClaim.objects.filter(client_id=client_id, submission=submission)
            .select_related("claim__payer")
            .order_by("position")
        )
        files: list[tuple[datetime, str]] = []
        number = 1_000 + 10 * submission.interchange_number + (submission.form == "837I")
        guide = "005010X222A1" if submission.form == "837P" else "005010X223A2"
        wire = _wire(client_id, RECEIVER["receiver_name"], RECEIVER["receiver_id"])
        files.append(
            (
                sent_at + RECEIPT_AFTER,
                receipt(
                    wire,
                    number=number,
                    at=sent_at + RECEIPT_AFTER,
                    group=submission.interchange_number,
                    version=guide,
                    transactions=sorted({row.transaction_number for row in rows}),
                ),
            )
        )
        fates = [(row.claim, FATES[day.turn("claim") % len(FATES)]) for row in rows]
        files += _statuses(wire, number + 1, fates, sent_at)
        files += payments(client_id, number + 2, fates, sent_at)
    for moment, text in files:
        if moment <= now:
            bring_in(place, moment, text)


def bring_in(place: Place, moment: datetime, text: str) -> None:
    """A file comes in by the watched folder and is read at once."""
    client_id = place.client.pk
    with at(moment):
        with client_transaction([client_id]):
            keep_file(
                actor=SYSTEM,
                client_id=client_id,
                filename=f"claims-{moment:%Y%m%d-%H%M%S}.edi",
                content=io.BytesIO(text.encode()),
                door=Door.FOLDER,
                now=moment,
            )
        read_waiting(actor=SYSTEM, client_id=client_id)


Fated = Sequence[tuple[Claim, tuple[str, str, str, str, str] | None]]


def _statuses(wire: Wire, number: int, fates: Fated, sent_at: datetime) -> Iterator[tuple[datetime, str]]:
    moment = sent_at + STATUS_AFTER
    found = [
        Status(
            claim.control_number,
            _payer_number(claim),
            "A7:254" if fate is None else "A2:20",
            claim.total_charge_amount,
            f"{claim.service_from_on:%Y%m%d}",
        )
        for claim, fate in fates
    ]
    yield moment, statuses(wire, number=number, at=moment, found=found)


def payments(client_id: int, number: int, fates: Fated, sent_at: datetime) -> Iterator[tuple[datetime, str]]:
    """Remittances: one file a payer, in the order of their names."""
    payers: dict[Payer, list[ClaimAnswer]] = {}
    for claim, fate in fates:
        if fate is not None and claim.payer is not None:
            payers.setdefault(claim.payer, []).append(_decided(claim, fate))
    for place, payer in enumerate(sorted(payers, key=lambda payer: payer.name)):
        moment = sent_at + PAYMENT_AFTER + timedelta(hours=5 * place)
        wire = _wire(client_id, payer.name, payer.payer_id)
        yield (
            moment,
            remittance(
                wire,
                number=number + place,
                at=moment,
                trace=f"{payer.payer_id}{number + place}",
                answers=payers[payer],
            ),
        )


def _decided(claim: Claim, fate: tuple[str, str, str, str, str]) -> ClaimAnswer:
    status, share, group, carc, rarc = fate
    lines = ClaimLine.objects.filter(client_id=claim.client_id, claim=claim).order_by("number")
    return ClaimAnswer(
        claim.control_number,
        _payer_number(claim),
        status,
        tuple(_lines(lines, Decimal(share), group, carc, rarc)),
        service_on=f"{claim.service_from_on:%Y%m%d}",
    )


def _lines(
    lines: Iterable[ClaimLine], share: Decimal, group: str, carc: str, rarc: str
) -> Iterator[LineAnswer]:
    for line in lines:
        paid = (line.charge_amount * share).quantize(CENT)
        left = line.charge_amount - paid
        # A patient's part is small; the rest of what is not paid is the contract's.
        parts = (
            [(group, carc, (left / 3).quantize(CENT)), ("CO", "45", left - (left / 3).quantize(CENT))]
            if group == "PR"
            else [(group, carc, left)]
        )
        reasons = tuple(Reason(*part, rarc if part[1] == carc else "") for part in parts if part[2] != ZERO)
        yield LineAnswer(
            line.number,
            line.code,
            line.charge_amount,
            paid,
            reasons,
            tuple(line.modifiers),
            line.revenue_code,
        )


def _payer_number(claim: Claim) -> str:
    return f"P{claim.control_number[:10]}"


def _wire(client_id: int, payer_name: str, payer_id: str) -> Wire:
    profile = BillingProfile.objects.get(client_id=client_id)
    return Wire(
        RECEIVER["receiver_id"],
        SUBMITTER["submitter_id"],
        payer_name.upper(),
        payer_id,
        profile.name.upper(),
        profile.npi,
    )
