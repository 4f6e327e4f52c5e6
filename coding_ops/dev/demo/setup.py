"""Clients, worklists and people of the demo, made through the same actions as real ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from coding_ops.accounts.models import CoderCredential, CoderSpecialty, Specialty, User
from coding_ops.administration.clients import create_client, grant_membership
from coding_ops.dev.demo.people import CLIENTS, PEOPLE, SPECIALTIES, DemoClient, DemoPerson
from coding_ops.tenancy.actor import Actor, system_actor
from coding_ops.tenancy.models import Client, Facility, Role
from coding_ops.tenancy.scope import client_transaction
from encounters.actions.intake.connections import create_connection
from encounters.actions.worklists import create_queue
from encounters.models import IntakeConnection, Provider

SYSTEM = system_actor("demo data")
# Who brings visits in, as a chart's history names it.
SOURCE = system_actor("EHR export")
CREDENTIAL_YEARS = timedelta(days=2 * 365)
AUDIT_DAYS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Place:
    """A demo client as it stands in the database."""

    demo: DemoClient
    client: Client
    connection: IntakeConnection


def make_places() -> dict[str, Place]:
    """The clients by slug, each with its worklists, its way in, its sites and its clinicians."""
    for code, name in SPECIALTIES.items():
        Specialty.objects.get_or_create(code=code, defaults={"name": name})
    return {demo.slug: _place(demo) for demo in CLIENTS}


def _place(demo: DemoClient) -> Place:
    client = create_client(
        actor=SYSTEM,
        slug=demo.slug,
        name=demo.name,
        kind=demo.kind,
        timezone=demo.zone,
        turnaround_hours=demo.turnaround_hours,
        turnaround_clock=demo.clock,
    )
    with client_transaction([client.pk]):
        for position, queue in enumerate(demo.queues, start=1):
            made = create_queue(
                actor=SYSTEM,
                client=client,
                name=queue.name,
                specialty_codes=queue.specialties,
                kinds=queue.kinds,
                position=position,
            )
        connection = create_connection(
            actor=SYSTEM, client=client, name=SOURCE.display_name, default_queue=made
        )
        Facility.objects.bulk_create(Facility(client=client, name=name) for name in demo.facilities)
        Provider.objects.bulk_create(
            Provider(client=client, npi=one.npi, name=one.name, professional_credential="MD")
            for one in demo.providers
        )
    return Place(demo, client, connection)


def make_people(places: dict[str, Place], password: str) -> dict[str, User]:
    """The accounts by name.  One hash for all: hashing is slow on purpose, and this password is printed."""
    sealed = make_password(password)
    return {person.name: _account(person, places, sealed) for person in PEOPLE}


def _account(person: DemoPerson, places: dict[str, Place], sealed: str) -> User:
    user = User(email=person.email, full_name=person.name, password=sealed)
    user.save()
    today = timezone.localdate()
    for number, (body, name) in enumerate(person.credentials, start=1):
        CoderCredential.objects.create(
            user=user,
            body=body,
            name=name,
            number=f"DEMO-{user.pk}-{number}",
            issued_on=today - CREDENTIAL_YEARS,
            expires_on=today + CREDENTIAL_YEARS,
            verified_on=today - timedelta(days=30),
        )
    for code in person.specialties:
        CoderSpecialty.objects.create(user=user, specialty=Specialty.objects.get(code=code))
    for slug, role in person.roles:
        client = places[slug].client
        with client_transaction([client.pk]):
            ends_on = today + AUDIT_DAYS if role == Role.EXTERNAL_AUDITOR else None
            grant_membership(actor=SYSTEM, client=client, user=user, role=role, ends_on=ends_on)
            if person.npi:
                Provider.objects.filter(client_id=client.pk, npi=person.npi).update(user=user)
    return user


def acting(person: DemoPerson, user: User, slug: str) -> Actor:
    """The person in their role at a client."""
    role = next(role for place, role in person.roles if place == slug)
    return Actor(
        user_id=user.pk,
        display_name=user.full_name,
        role=role,
        credential=", ".join(sorted(name for _, name in person.credentials)),
        request_id="demo",
    )
