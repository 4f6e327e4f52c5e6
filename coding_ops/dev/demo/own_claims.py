"""Claims that a demo client sent itself before we billed for it: as we finalized them but for a few slips.

They come in as its own 837 files, after the day from which the set-up says that we bill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from claims.models import Claim
from claims.rules.assemble import assemble
from claims.rules.content import ClaimContent, ClaimForm, Organization
from claims.rules.x12.write_837 import write_837
from claims.rules.x12.write_parts import Envelope
from claims.selectors.claim_sources import facts_of, payer_of
from claims.terms.assembly import assembly_terms, most_per_transaction
from coding_ops.dev.demo.billing import RECEIVER, billing_data, save_billing
from coding_ops.dev.demo.claims import FATES, PAID, bring_in, payments
from coding_ops.dev.demo.clock import at
from coding_ops.dev.demo.setup import Place
from coding_ops.dev.demo.sitting import Day
from coding_ops.tenancy.scope import client_transaction
from encounters.models import Encounter, EncounterStatus
from encounters.selectors.release import released_revisions

OURS_FROM, SENT = timedelta(days=28), timedelta(days=25)
SLIP_EACH = 3
FILE_NUMBER, PAYMENT_NUMBER = 7001, 9001
OTHER_SERVICE = {"12002": "12001", "93306": "93308", "99213": "99214", "99283": "99284"}
Slip = Callable[[ClaimContent], ClaimContent]


def bring_own_claims(day: Day, now: datetime) -> None:
    """Files of each client that bills for itself, the payers' answers, and then the day we took over."""
    for place in day.places.values():
        if not billing_data()[place.demo.slug]["profile"].get("is_self_billed"):
            continue
        local = now.astimezone(ZoneInfo(place.demo.zone))
        sent_at, first = local - SENT, (local - OURS_FROM).date()
        for number, text in enumerate(_files(place, first, sent_at)):
            bring_in(place, sent_at + timedelta(minutes=number), text)
        with at(sent_at + timedelta(hours=1)):
            save_billing(place, is_self_billed=False, bills_from_on=first)
        with client_transaction([place.client.pk]):
            rows = Claim.objects.filter(client_id=place.client.pk, is_billed_by_client=True)
            fates = [
                # Its clearinghouse rejected none: such a claim would have been sent again.
                (claim, FATES[turn % len(FATES)] or PAID)
                for turn, claim in enumerate(rows.select_related("payer").order_by("control_number"))
            ]
            answers = list(payments(place.client.pk, PAYMENT_NUMBER, fates, sent_at))
        for moment, text in answers:
            bring_in(place, moment, text)


def _files(place: Place, first: date, sent_at: datetime) -> Iterator[str]:
    """One file for each form."""
    with client_transaction([place.client.pk]):
        contents = list(_slipped(_finalized(place, first, sent_at)))
    profile = billing_data()[place.demo.slug]["profile"]
    for number, form in enumerate(ClaimForm):
        claims = [one for one in contents if one.form is form]
        envelope = Envelope(
            sender_id=profile["npi"],
            receiver_id=RECEIVER["receiver_id"],
            submitter=Organization(
                profile["name"], profile["npi"], contact_name="Patient accounts", contact_phone="9855550160"
            ),
            receiver=Organization(RECEIVER["receiver_name"], RECEIVER["receiver_id"]),
            interchange_number=FILE_NUMBER + number,
            made_at=sent_at,
            is_test=True,
        )
        if claims:
            yield write_837(claims, envelope, most_per_transaction=most_per_transaction()).text


def _finalized(place: Place, first: date, sent_at: datetime) -> Iterator[ClaimContent]:
    """What our codes make of each visit before ``first``, under the visit's own number."""
    charts = Encounter.objects.filter(
        client_id=place.client.pk,
        status=EncounterStatus.FINAL,
        service_on__lt=first,
        final_at__lt=sent_at,
    ).select_related("client", "patient", "coverage", "rendering_provider")
    for chart in charts.order_by("external_id"):
        revision = released_revisions(chart).first()
        if revision is not None:
            facts = facts_of(
                chart, revision, control_number=chart.external_id, payer=payer_of(chart.coverage)
            )
            content = assemble(facts, assembly_terms()).content
            if content is not None:
                yield content


def _slipped(contents: Iterable[ClaimContent]) -> Iterator[ClaimContent]:
    """Each third claim with the first slip that it can have, each slip once."""
    slips: list[Slip] = [_other_service, _no_modifier, _fewer_diagnoses, _not_present, _twice]
    for turn, content in enumerate(contents):
        slip = (
            next((one for one in slips if one(content) != content), None) if turn % SLIP_EACH == 0 else None
        )
        if slip is None:
            yield content
        else:
            slips.remove(slip)
            yield slip(content)


def _other_service(one: ClaimContent) -> ClaimContent:
    lines = tuple(replace(line, code=OTHER_SERVICE.get(line.code, line.code)) for line in one.lines)
    return replace(one, lines=lines)


def _no_modifier(one: ClaimContent) -> ClaimContent:
    return replace(one, lines=tuple(replace(line, modifiers=()) for line in one.lines))


def _fewer_diagnoses(one: ClaimContent) -> ClaimContent:
    """Without the last one, if there are several."""
    left = one.diagnoses[: max(1, len(one.diagnoses) - 1)]
    lines = tuple(
        replace(line, pointers=tuple(place for place in line.pointers if place <= len(left)))
        for line in one.lines
    )
    return replace(one, diagnoses=left, lines=lines)


def _not_present(one: ClaimContent) -> ClaimContent:
    """The last diagnosis as if it had come during the stay."""
    last = one.diagnoses[-1]
    return replace(
        one, diagnoses=(*one.diagnoses[:-1], replace(last, poa="N" if last.poa == "Y" else last.poa))
    )


def _twice(one: ClaimContent) -> ClaimContent:
    """The last service, where it has a code, with two units."""
    last = one.lines[-1]
    return replace(one, lines=(*one.lines[:-1], replace(last, units=Decimal(2) if last.code else last.units)))
