"""A client that bills, with its payers and charges, and claims, answers and denials in any state."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from claims.models import (
    Adjustment,
    BillingProfile,
    Charge,
    Claim,
    ClaimFormat,
    ClaimLine,
    ClaimStatus,
    Denial,
    DenialSource,
    Payer,
    PayerFile,
    PayerKind,
    Remittance,
    RemittedClaim,
    RemittedLine,
)
from claims.models.claims import SENT
from claims.rules.content import (
    Address,
    ClaimContent,
    ClaimForm,
    Diagnosis,
    Frequency,
    Organization,
    Person,
    ServiceLine,
    to_json,
)
from coding_ops.accounts.models import User
from coding_ops.core.ids import uuid7
from coding_ops.tenancy import crypto
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.actions.coding import Attributes, Words, assign_code
from encounters.actions.finalize import finalize
from encounters.actions.leases import take_chart
from encounters.models import CodeRevision, Coverage, DocumentVersion, Encounter, Patient
from encounters.rules.intake.incoming import IncomingAddress
from encounters.rules.intake.registration import address_text
from tests import cast

PAYER_NAME = "Sample Mutual"
CHARGES = {"99213": "135.00", "99214": "190.00", "83036": "25.00"}
NPI = "1234567893"
QUOTES = {
    "E1122": "Type 2 diabetes with diabetic chronic kidney disease, stage 3a",
    "N1831": "chronic kidney disease, stage 3a",
    "I10": "Hypertension, above goal",
    "99213": "follow-up of diabetes and blood pressure",
    "83036": "eGFR 52, stable",
}
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Desk:
    """A client with its coder, manager and administrator, what it bills as, and a payer."""

    place: cast.Place
    coder: User
    manager: User
    administrator: User
    payer: Payer

    def actor(self, user: User) -> Actor:
        roles = {self.coder: Role.CODER, self.manager: Role.MANAGER, self.administrator: Role.CLIENT_ADMIN}
        return cast.actor_for(user, roles[user], "CPC" if user == self.coder else "")


def desk(place: cast.Place) -> Desk:
    """The place's scope must be open."""
    cast.icd10cm()
    return Desk(
        place,
        cast.coder("Rosalind Ames", place),
        cast.person("Marguerite Lowell", (place, Role.MANAGER)),
        cast.person("Paul Whitaker", (place, Role.CLIENT_ADMIN)),
        billing(place),
    )


def billing(place: cast.Place, payer_name: str = PAYER_NAME) -> Payer:
    """The client's billing profile, its charges from 2020 on, and one commercial payer."""
    client = place.client
    BillingProfile.objects.create(
        client=client,
        name=client.name[:60],
        npi=NPI,
        tax_id="721234567",
        taxonomy_code="207R00000X",
        address_line="100 Levee Road",
        city="Thibodaux",
        state="LA",
        postal_code="703010100",
        submitter_name="Coding Ops Test",
        submitter_id="CODINGOPS",
        contact_name="Billing desk",
        contact_phone="9855550100",
    )
    for code, amount in CHARGES.items():
        Charge.objects.create(client=client, code=code, amount=Decimal(amount), starts_on=date(2020, 1, 1))
    payer: Payer = Payer.objects.create(
        client=client,
        name=payer_name,
        kind=PayerKind.COMMERCIAL,
        payer_id="SMPL1",
        filing_code="CI",
        receiver_name="Test Clearinghouse",
        receiver_id="CLEARTEST",
    )
    return payer


def covered(place: cast.Place, *, payer_name: str = PAYER_NAME, **attributes: Any) -> Encounter:
    """A chart in line whose patient is insured with the payer."""
    patient = attributes.pop("patient", None) or at_home(cast.patient(place))
    member = f"SM{next(_numbers):07d}"
    coverage = Coverage.objects.create(
        client=place.client,
        patient=patient,
        payer_name=payer_name,
        member_id=member,
        member_index=crypto.blind_index(place.client.pk, "member", member),
    )
    return cast.encounter(place, patient=patient, coverage=coverage, **attributes)


def at_home(patient: Patient) -> Patient:
    """The patient with an address, as a claim needs it."""
    patient.address = address_text(IncomingAddress("8 Bayou Lane", "Thibodaux", "LA", "703010100"))
    patient.save(update_fields=["address"])
    return patient


def final_chart(
    of: Desk,
    *,
    diagnoses: tuple[str, ...] = ("E1122", "N1831"),
    services: tuple[tuple[str, tuple[str, ...]], ...] = (("99213", ()),),
    **attributes: Any,
) -> Encounter:
    """A chart coded by the coder through the real actions, each code with its words."""
    chart = covered(of.place, **attributes)
    return code_chart(of, chart, diagnoses, services)


def code_chart(
    of: Desk,
    chart: Encounter,
    diagnoses: tuple[str, ...],
    services: tuple[tuple[str, tuple[str, ...]], ...],
) -> Encounter:
    """Codes a chart in line and makes it final."""
    actor = of.actor(of.coder)
    fence = take_chart(actor=actor, item=cast.item_of(chart), now=timezone.now()).fence
    version = DocumentVersion.objects.get(client_id=chart.client_id, document__encounter=chart)
    for system, code, modifiers in (
        *(("ICD-10-CM", one, ()) for one in diagnoses),
        *(("CPT", one, with_) for one, with_ in services),
    ):
        start = version.text.index(QUOTES[code])
        assign_code(
            actor=actor,
            encounter=chart,
            fence=fence,
            system=system,
            code=code,
            evidence=[Words(version.pk, start, start + len(QUOTES[code]))],
            attributes=Attributes(modifiers=modifiers),
        )
    finalize(actor=actor, encounter=chart, fence=fence)
    chart.refresh_from_db()
    return chart


def content(control_number: str, **changes: Any) -> ClaimContent:
    """A whole professional claim with one visit for two diagnoses."""
    whole = ClaimContent(
        form=ClaimForm.PROFESSIONAL,
        control_number=control_number,
        frequency=Frequency.ORIGINAL,
        facility_code="11",
        total_charge_amount=Decimal("135.00"),
        billing=Organization(
            "Cypress Ridge Internal Medicine",
            NPI,
            tax_id="721234567",
            taxonomy_code="207R00000X",
            address=Address("100 Levee Road", "Thibodaux", "LA", "703010100"),
        ),
        payer=Organization(PAYER_NAME, "SMPL1"),
        subscriber=Person(
            "Theriot",
            "Marguerite",
            identifier="SM0000001",
            birth_on=date(1959, 3, 14),
            sex="F",
            address=Address("8 Bayou Lane", "Thibodaux", "LA", "703010100"),
        ),
        diagnoses=(Diagnosis("E1122", "principal"), Diagnosis("N1831")),
        lines=(
            ServiceLine(
                1, "99213", Decimal("135.00"), Decimal(1), date(2026, 9, 15), pointers=(1, 2),
                place_of_service_code="11",
            ),
        ),
        filing_code="CI",
        rendering=Person("Okafor", "N", identifier="1888888884"),
    )  # fmt: skip
    return replace(whole, **changes)


def claim(
    of: Desk, chart: Encounter | None = None, *, state: str = ClaimStatus.READY, **attributes: Any
) -> Claim:
    """A claim in any state, its lines those of its content; keyed to the chart's first finished version."""
    now = attributes.pop("now", None) or timezone.now()
    number = attributes.pop("control_number", "") or f"T{next(_numbers):011d}"
    whole: ClaimContent = attributes.pop("content", None) or content(number)
    revision = _revision(chart)
    keys = {row["code"]: row["id"] for row in revision.codes} if revision else {}
    defaults: dict[str, Any] = {
        "client": of.place.client,
        "encounter": chart,
        "revision_number": revision.number if revision else None,
        "coverage": chart.coverage if chart else None,
        "specialty": chart.specialty if chart else None,
        "coder": revision.finalized_by if revision else None,
        "payer": of.payer,
        "form": ClaimFormat(whole.form.value),
        "control_number": number,
        "state": state,
        "content": to_json(whole),
        "diagnoses": [
            {"code": one.code, "role": one.role, "poa": one.poa, "key": keys.get(one.code, "")}
            for one in whole.diagnoses
        ],
        "service_from_on": date(2026, 9, 15),
        "service_through_on": date(2026, 9, 15),
        "total_charge_amount": whole.total_charge_amount,
        "made_at": now,
        "submitted_at": now if state in SENT else None,
    }
    made: Claim = Claim.objects.create(**(defaults | attributes))
    ClaimLine.objects.bulk_create(
        ClaimLine(
            client=of.place.client,
            claim=made,
            number=one.number,
            code=one.code,
            modifiers=list(one.modifiers),
            service_unit_quantity=one.units,
            charge_amount=one.charge_amount,
            pointers=list(one.pointers),
            service_on=one.service_on,
            assignment_id=keys.get(one.code),
        )
        for one in whole.lines
    )
    return made


def payer_file(of: Desk, kind: str = "835", **attributes: Any) -> PayerFile:
    """A file that was read, without its bytes."""
    token = uuid7().bytes
    defaults: dict[str, Any] = {
        "client": of.place.client,
        "kind": kind,
        "sha256": token * 2,
        "byte_count": 100,
        "state": "done",
        "received_at": timezone.now(),
    }
    made: PayerFile = PayerFile.objects.create(**(defaults | attributes))
    return made


def remitted(
    of: Desk,
    made: Claim | None,
    *,
    adjustments: tuple[tuple[str, str, str, str], ...] = (("CO", "97", "135.00", "coding"),),
    paid: str = "0.00",
    status: str = "4",
    now: datetime | None = None,
) -> RemittedClaim:
    """One claim of a remittance with its first line; ``adjustments``: group, CARC, amount, category."""
    at = now or timezone.now()
    charge = made.total_charge_amount if made else Decimal("135.00")
    common = {"client": of.place.client}
    remittance = Remittance.objects.create(
        file=payer_file(of),
        position=1,
        payer=of.payer,
        payer_name=of.payer.name,
        payer_code=of.payer.payer_id,
        trace_number=f"TRN{next(_numbers):06d}",
        payment_amount=Decimal(paid),
        paid_on=cast.day_of(at),
        claim_count=1,
        posted_at=at,
        **common,
    )
    row: RemittedClaim = RemittedClaim.objects.create(
        remittance=remittance,
        position=1,
        claim=made,
        control_number=made.control_number if made else "UNKNOWN1",
        payer_control_number="ICN0001",
        status_code=status,
        charge_amount=charge,
        paid_amount=Decimal(paid),
        decided_on=cast.day_of(at),
        posted_at=at,
        **common,
    )
    line = RemittedLine.objects.create(
        remitted_claim=row,
        position=1,
        claim_line=ClaimLine.objects.filter(client_id=row.client_id, claim=made).first() if made else None,
        line_number=1,
        code="99213",
        charge_amount=charge,
        paid_amount=Decimal(paid),
        **common,
    )
    for place, (group, carc, amount, category) in enumerate(adjustments, 1):
        Adjustment.objects.create(
            remitted_claim=row,
            remitted_line=line,
            position=place,
            group_code=group,
            carc=carc,
            amount=Decimal(amount),
            category=category,
            decided_by=carc,
            map_edition="2024-06",
            **common,
        )
    return row


def denial(of: Desk, made: Claim, **attributes: Any) -> Denial:
    """A denial of the claim's first line, from a remittance made for it."""
    row = remitted(of, made)
    adjustment = Adjustment.objects.get(client_id=row.client_id, remitted_claim=row)
    line = ClaimLine.objects.filter(client_id=row.client_id, claim=made).first()
    defaults: dict[str, Any] = {
        "client": of.place.client,
        "claim": made,
        "claim_line": line,
        "adjustment": adjustment,
        "payer": of.payer,
        "source": DenialSource.REMITTANCE,
        "group_code": "CO",
        "carc": "97",
        "category": "coding",
        "map_edition": "2024-06",
        "service_code": "99213",
        "denied_amount": Decimal("135.00"),
        "received_on": cast.today(),
        "deadline_on": cast.today() + timedelta(days=90),
        "coder": made.coder,
        "assignment_id": line.assignment_id if line else None,
        "edit_state": "no_edit" if made.coder_id else "unknown",
        "winnability": 50,
        "priority": Decimal("67.50"),
        "opened_at": timezone.now(),
    }
    row_of: Denial = Denial.objects.create(**(defaults | attributes))
    return row_of


def _revision(chart: Encounter | None) -> CodeRevision | None:
    if chart is None:
        return None
    found: CodeRevision | None = (
        CodeRevision.objects.filter(client_id=chart.client_id, encounter=chart)
        .select_related("finalized_by")
        .order_by("-number")
        .first()
    )
    return found
