"""A queue of a million charts: fifty clients, two hundred worklists, filled by SQL as the owner."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils import timezone

from benchmarks.database import owner_connection
from coding_ops.accounts.models import CoderCredential, CoderSpecialty, Specialty, User
from coding_ops.administration.clients import create_client, grant_membership
from coding_ops.tenancy.actor import Actor, system_actor
from coding_ops.tenancy.models import Client, Role
from coding_ops.tenancy.scope import client_transaction
from encounters.actions.worklists import create_queue
from encounters.models import IntakeConnection, Patient

SYSTEM = system_actor("benchmarks")

# Each on its own: a table whose deferred checks are pending cannot be altered.
FILL = (
    """
SELECT set_config('app.client_ids', %(client)s::text, false)
    """,
    """
ALTER TABLE encounters_encounter DISABLE TRIGGER USER
    """,
    """
INSERT INTO encounters_encounter (id, client_id, connection_id, external_id, patient_id, kind,
    place_of_service_code,
    service_on, status, risk, received_at, available_at, due_at, revision_count, specialty_id,
    discharge_status_code)
SELECT gen_random_uuid(), %(client)s, %(connection)s::uuid, %(prefix)s || n, %(patient)s::uuid, 'office',
    '11',
    date '2026-09-01', 'ready', n %% 3, now(), now(),
    now() + (n %% 10000) * interval '1 minute', 0, %(specialty)s, ''
FROM generate_series(1, %(count)s) n
    """,
    """
ALTER TABLE encounters_encounter ENABLE TRIGGER USER
    """,
    """
INSERT INTO encounters_workitem (id, client_id, queue_id, encounter_id, state, specialty_id, due_at, risk,
    order_key,
    queued_at, fence, skipped_by)
SELECT gen_random_uuid(), e.client_id, %(queue)s::uuid, e.id, 'queued', e.specialty_id, e.due_at, e.risk,
    (floor(extract(epoch FROM e.due_at - timestamptz '2020-01-01 00:00+00') / 60)::bigint << 36)
    | ((9 - e.risk)::bigint << 32) | (row_number() OVER ()),
    now(), 0, '{}'
FROM encounters_encounter e WHERE e.client_id = %(client)s AND e.external_id LIKE %(prefix)s || '%%'
    """,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One client with its worklists and one of its coders."""

    client: Client
    queue_ids: tuple[str, ...]
    connection_id: str
    patient_id: str
    actor: Actor
    user: User

    @property
    def client_id(self) -> int:
        return self.client.pk


def make_line(number: int, *, queues: int, charts: int) -> Line:
    """A client with this many worklists and charts, and a coder who is granted them all."""
    client = create_client(actor=SYSTEM, slug=f"bench-{number}", name=f"Bench {number}")
    with client_transaction([client.pk]):
        connection = IntakeConnection.objects.create(client=client, name="EHR")
        made = [create_queue(actor=SYSTEM, client=client, name=f"List {n}") for n in range(queues)]
        patient = Patient.objects.create(
            client=client,
            mrn_index=b"0" * 16,
            mrn="0",
            family_name="Bench",
            given_name="Mark",
            birth_on="1960-01-01",
        )
    line = Line(
        client,
        tuple(str(queue.pk) for queue in made),
        str(connection.pk),
        str(patient.pk),
        *_coder(client, number),
    )
    fill(line, charts, prefix="Q")
    return line


def join_line(line: Line, number: int) -> Line:
    """Another coder of the same client."""
    actor, user = _coder(line.client, number)
    return replace(line, actor=actor, user=user)


def _coder(client: Client, number: int) -> tuple[Actor, User]:
    specialty, _ = Specialty.objects.get_or_create(code="IM", defaults={"name": "Internal medicine"})
    user = User.objects.create_user(f"coder{number}@example.test", f"Coder {number}")
    today = timezone.localdate()
    CoderCredential.objects.create(
        user=user,
        body="AAPC",
        name="CPC",
        number=str(number),
        issued_on=today - timedelta(days=365),
        expires_on=today + timedelta(days=365),
    )
    CoderSpecialty.objects.create(user=user, specialty=specialty)
    with client_transaction([client.pk]):
        grant_membership(actor=SYSTEM, client=client, user=user, role=Role.CODER)
    return Actor(user.pk, user.full_name, Role.CODER, "CPC", "bench"), user


def fill(line: Line, charts: int, *, prefix: str) -> None:
    """Charts spread evenly over the client's worklists, by SQL as the owner, which row security binds too."""
    owner = owner_connection()
    with owner.cursor() as cursor:
        for n, queue in enumerate(line.queue_ids):
            values = {
                "client": line.client_id,
                "connection": line.connection_id,
                "patient": line.patient_id,
                "queue": queue,
                "specialty": Specialty.objects.get(code="IM").pk,
                "count": charts // len(line.queue_ids),
                "prefix": f"{prefix}{n}-",
            }
            for statement in FILL:
                cursor.execute(statement, values)
    owner.close()


TABLES = (
    "encounters_workitem",
    "encounters_encounter",
    "encounters_workqueue",
    "encounters_worksession",
    "encounters_workqueuegrouppermission",
    "audit_auditevent",
    "accounts_user_groups",
    "accounts_coderspecialty",
    "accounts_codercredential",
    "auth_permission",
)


def analyze() -> None:
    """What autovacuum would have done by now."""
    owner = owner_connection()
    with owner.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")
    owner.close()
