"""The people and places of all tests.

Two clients that must never see each other: Cypress Ridge Internal Medicine and Harbor Light Health Center
(an FQHC).  Rosalind Ames codes for Cypress, Marcus Bell for both, Ines Calderon for nobody yet; Quentin
Drake reviews, Sunita Rao is CDI specialist, Marguerite Lowell manages, Adaeze Obi administers for the
vendor.  Nora Vance reads for Cypress, Dr. Okafor provides there, Paul Whitaker administers there; Beatriz
Souza reads for Harbor Light; Ellis Grant audits Cypress until a date.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from code_sets import selectors
from code_sets.models import Code, CodeSetRelease
from coding_ops.accounts.models import CoderCredential, CoderSpecialty, Specialty, User
from coding_ops.administration.clients import create_client, grant_membership
from coding_ops.tenancy import crypto
from coding_ops.tenancy.actor import Actor, system_actor
from coding_ops.tenancy.models import Client, Role
from coding_ops.tenancy.scope import client_transaction, current_client_ids
from encounters.actions.worklists import create_queue, enqueue_encounter
from encounters.models import (
    Document,
    DocumentVersion,
    Encounter,
    EncounterKind,
    EncounterStatus,
    IntakeConnection,
    Patient,
    Provider,
    WorkItem,
    WorkQueue,
)

PASSWORD = "correct horse battery staple"
SYSTEM = system_actor("tests")
NOTE = """Chief complaint: follow-up of diabetes and blood pressure.

Assessment and plan:
1. Type 2 diabetes with diabetic chronic kidney disease, stage 3a. eGFR 52, stable.
2. Hypertension, above goal. Increase losartan to 100 mg daily.
3. Long-term use of insulin glargine.

Electronically signed: N. Okafor, MD, 11/19/2026 4:42 PM
"""
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Place:
    """A client with its worklist and its way in."""

    client: Client
    queue: WorkQueue
    connection: IntakeConnection


def place(slug: str, name: str, **attributes: Any) -> Place:
    """A client with one worklist for everything, granted to its coders."""
    client = create_client(actor=SYSTEM, slug=slug, name=name, **attributes)
    with client_transaction([client.pk]):
        queue = create_queue(actor=SYSTEM, client=client, name="All charts")
        connection = IntakeConnection.objects.create(client=client, name="EHR", default_queue=queue)
    return Place(client, queue, connection)


def cypress() -> Place:
    return place("cypress-ridge", "Cypress Ridge Internal Medicine")


def harbor() -> Place:
    return place("harbor-light", "Harbor Light Health Center", kind=Client.Kind.FQHC)


def person(name: str, *roles: tuple[Place, Role], **extra: Any) -> User:
    """An account with roles; an external auditor's grant ends in thirty days."""
    email = f"{name.split()[0].lower()}{next(_numbers)}@example.test"
    user = User.objects.create_user(email=email, full_name=name, password=None, **extra)
    for where, role in roles:
        with nullcontext() if current_client_ids() else client_transaction([where.client.pk]):
            ends_on = timezone.localdate() + timedelta(days=30) if role == Role.EXTERNAL_AUDITOR else None
            grant_membership(actor=SYSTEM, client=where.client, user=user, role=role, ends_on=ends_on)
    return user


def certify(user: User, *, expires_on: date | None = None, specialties: tuple[str, ...] = ("IM",)) -> User:
    """A live CPC and the specialties the coder is trained for."""
    CoderCredential.objects.create(
        user=user,
        body="AAPC",
        name="CPC",
        number=f"0{next(_numbers):07d}",
        issued_on=date(2020, 1, 1),
        expires_on=expires_on or timezone.localdate() + timedelta(days=365),
    )
    for code in specialties:
        CoderSpecialty.objects.get_or_create(user=user, specialty=specialty(code))
    return user


def coder(name: str, *places: Place) -> User:
    return certify(person(name, *((where, Role.CODER) for where in places)))


def today() -> date:
    """The day where the tests' clients are: for some hours of the night the one before the server's."""
    return day_of(timezone.now())


def day_of(moment: datetime) -> date:
    """An instant's day where the tests' clients are."""
    return moment.astimezone(ZoneInfo(Client._meta.get_field("timezone").get_default())).date()


def specialty(code: str) -> Specialty:
    names = {
        "IM": "Internal medicine",
        "FM": "Family medicine",
        "ORTHO": "Orthopaedics",
        "CARD": "Cardiology",
    }
    return Specialty.objects.get_or_create(code=code, defaults={"name": names.get(code, code)})[0]


ICD10CM = {
    "E11": "Type 2 diabetes mellitus",
    "E1122": "Type 2 diabetes mellitus with diabetic chronic kidney disease",
    "E119": "Type 2 diabetes mellitus without complications",
    "N18": "Chronic kidney disease (CKD)",
    "N1831": "Chronic kidney disease, stage 3a",
    "N1832": "Chronic kidney disease, stage 3b",
    "I10": "Essential (primary) hypertension",
    "I129": "Hypertensive chronic kidney disease with stage 1 through stage 4 chronic kidney disease",
    "Z794": "Long term (current) use of insulin",
    "M1711": "Unilateral primary osteoarthritis, right knee",
    "J069": "Acute upper respiratory infection, unspecified",
}


def icd10cm() -> CodeSetRelease:
    """A small release in force since 2015: headings ``E11`` and ``N18``, the rest billable."""
    release = CodeSetRelease.objects.create(
        system="ICD-10-CM",
        release="test",
        title="A handful of codes for tests",
        published_from=date(2015, 10, 1),
        effective_from=date(2015, 10, 1),
        source="cast.py",
        sha256=hashlib.sha256(repr(ICD10CM).encode()).hexdigest(),
        code_count=len(ICD10CM),
    )
    Code.objects.bulk_create(
        Code(
            release=release,
            code=code,
            position=position,
            kind="category" if len(code) == 3 else "subcategory",
            title=title,
            is_billable=code not in ("E11", "N18"),
            parent_code=code[:3] if len(code) > 3 and code[:3] in ICD10CM else "",
        )
        for position, (code, title) in enumerate(ICD10CM.items(), start=1)
    )
    selectors.forget_releases()
    return release


def actor_for(user: User, role: Role | str, credential: str = "CPC") -> Actor:
    return Actor(user.pk, user.full_name, str(role), credential, "test-request")


def patient(where: Place, *, mrn: str = "", family: str = "Theriot", given: str = "Marguerite") -> Patient:
    """A patient; the client's scope must be open."""
    number = mrn or f"MRN{next(_numbers):06d}"
    return Patient.objects.create(
        client=where.client,
        mrn_index=crypto.blind_index(where.client.pk, "mrn", number),
        mrn=number,
        family_name=family,
        given_name=given,
        birth_on="1959-03-14",
        contact="",
        sex="F",
    )


def encounter(where: Place, *, note: str | None = NOTE, queued: bool = True, **attributes: Any) -> Encounter:
    """A codable office visit with one note, in line at the place's worklist; the scope must be open."""
    now = attributes.pop("now", None) or timezone.now()
    who = attributes.pop("patient", None) or patient(where)
    provider, _ = Provider.objects.get_or_create(
        client=where.client, npi="1888888884", defaults={"name": "N. Okafor", "professional_credential": "MD"}
    )
    defaults: dict[str, Any] = {
        "client": where.client,
        "connection": where.connection,
        "external_id": f"V{next(_numbers):06d}",
        "patient": who,
        "rendering_provider": provider,
        "specialty": specialty("IM"),
        "kind": EncounterKind.OFFICE,
        "place_of_service_code": "11",
        "service_on": date(2026, 9, 15),
        "status": EncounterStatus.READY,
        "received_at": now,
        "available_at": now,
        "due_at": now + timedelta(hours=48),
    }
    made: Encounter = Encounter.objects.create(**(defaults | attributes))
    if note is not None:
        add_note(made, note)
    if queued and made.status in (EncounterStatus.READY, EncounterStatus.REOPENED):
        enqueue_encounter(encounter=made, queue=where.queue, now=now)
    return made


def add_note(made: Encounter, text: str, *, title: str = "Progress note") -> DocumentVersion:
    document, _ = Document.objects.get_or_create(
        client_id=made.client_id,
        encounter=made,
        external_id="note-1",
        defaults={"title": title, "kind": Document.Kind.PROGRESS_NOTE},
    )
    number = DocumentVersion.objects.filter(client_id=made.client_id, document=document).count() + 1
    version: DocumentVersion = DocumentVersion.objects.create(
        client_id=made.client_id,
        document=document,
        number=number,
        text=text,
        sha256=hashlib.sha256(text.encode()).digest(),
        character_count=len(text),
        author_name="N. Okafor",
        authored_at=datetime(2026, 9, 15, 21, 42, tzinfo=UTC),
        received_at=timezone.now(),
    )
    return version


def item_of(made: Encounter) -> WorkItem:
    return WorkItem.objects.get(client_id=made.client_id, encounter=made)


@contextmanager
def opened(*places: Place) -> Iterator[None]:
    """The places' rows, for the length of a transaction."""
    with client_transaction([where.client.pk for where in places]):
        yield
