"""The programme's overview must not know how many audits stand behind it: 1,000 against 100,000.

Two clients with the same coders, specialties, months and final charts; one has a hundred times the
audits.  Their figures are counted by ``rebuild_facts`` from the scores, as the application keeps them; then
the page is asked of both in turn, signed in, through all middleware.  Both show what plain SQL counts.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.database import owner_connection
from benchmarks.pairs import timed

FEW, MANY = 1_000, 100_000
CHARTS = 100_000
CODERS, DAYS = 20, 720
RATIO_LIMIT = 1.3
PAIRS = 15
SPECIALTIES = ("IM", "FM", "CARD")
SCORES = """jsonb_build_object(
    'code_level', jsonb_build_object('numerator', 10 + n % 3, 'denominator', 12),
    'auditor_denominator', jsonb_build_object('numerator', 10 + n % 3, 'denominator', 12),
    'lines', 12, 'weight', (2 - n % 3)::text, 'encounter_clean', n % 3 = 2, 'payment_right', true,
    'findings', CASE WHEN n % 3 = 2 THEN '[]'::jsonb ELSE jsonb_build_array(jsonb_build_object(
        'verdict', 'WC', 'cause', 'guideline_knowledge', 'direction', 'neutral', 'lines', 2 - n % 3)) END)"""
# Each on its own: a table whose deferred checks are pending cannot be altered.
FILL = (
    "SELECT set_config('app.client_ids', %(client)s::text, false)",
    "ALTER TABLE encounters_encounter DISABLE TRIGGER USER",
    "ALTER TABLE qa_audit_review DISABLE TRIGGER USER",
    """
INSERT INTO encounters_encounter (id, client_id, connection_id, external_id, patient_id, kind,
    place_of_service_code, service_on, status, risk, received_at, available_at, due_at, final_at,
    revision_count, specialty_id, discharge_status_code, assigned_coder_id)
SELECT gen_random_uuid(), %(client)s, %(connection)s::uuid, 'A' || n, %(patient)s::uuid, 'office', '11',
    current_date - 800, 'final', 0, at, at, at, at, 1,
    (%(specialties)s::bigint[])[1 + n %% cardinality(%(specialties)s::bigint[])], '',
    (%(coders)s::bigint[])[1 + n / 7 %% cardinality(%(coders)s::bigint[])]
FROM generate_series(1, %(charts)s) n, LATERAL (SELECT now() - (1 + n %% %(days)s) * interval '1 day' AS at) t
    """,
    """
INSERT INTO encounters_coderevision (id, client_id, encounter_id, number, codes, reason, note,
    finalized_by_id, credential, finalized_at)
SELECT gen_random_uuid(), e.client_id, e.id, 1, '[]', '', '', e.assigned_coder_id, 'CPC', e.final_at
FROM encounters_encounter e WHERE e.client_id = %(client)s AND substr(e.external_id, 2)::int <= %(audits)s
    """,
    """
INSERT INTO qa_audit_review (id, client_id, encounter_id, revision_id, origin, stratum, weight, mode, gate,
    counted_score, rebuttal_days, coder_id, reviewer_id, is_client_run, state, created_at, taken_at,
    revealed_at, delivered_at, closed_at, cancel_reason, summary)
SELECT gen_random_uuid(), r.client_id, r.encounter_id, r.id, 'sample', '', 1 + n %% 5, 'blind',
    'retrospective', 'code_level', 7, r.finalized_by_id, %(reviewer)s, false, 'closed', r.finalized_at,
    r.finalized_at, r.finalized_at, r.finalized_at, r.finalized_at + interval '3 hours', '', ''
FROM (SELECT *, row_number() OVER () AS n FROM encounters_coderevision WHERE client_id = %(client)s) r
    """,
    f"""
INSERT INTO qa_audit_reviewscore (id, client_id, review_id, number, definition, scores, numerator,
    denominator, is_clean, is_provisional, scored_at)
SELECT gen_random_uuid(), client_id, id, 1, '2026-11', {SCORES.replace("%", "%%")}, 10, 12, false, false,
    closed_at
FROM (SELECT *, row_number() OVER () AS n FROM qa_audit_review WHERE client_id = %(client)s) r
    """,
    "ALTER TABLE encounters_encounter ENABLE TRIGGER USER",
    "ALTER TABLE qa_audit_review ENABLE TRIGGER USER",
)
COUNTED = """
SELECT sum(rv.weight * (s.scores->'code_level'->>'numerator')::int)
     / sum(rv.weight * (s.scores->'code_level'->>'denominator')::int)
FROM qa_audit_review rv JOIN qa_audit_reviewscore s ON s.review_id = rv.id AND s.client_id = rv.client_id
WHERE rv.client_id = %s AND rv.closed_at >= %s
"""


def run() -> Iterator[dict[str, Any]]:
    """The rebuild of the larger client, and the page at both."""
    from django.test import Client as Browser

    people = _people()
    few, many = (_client(number, audits, people) for number, audits in ((8801, FEW), (8802, MANY)))
    _rebuilt(few)
    seconds = timed(lambda: _rebuilt(many))
    yield _line("quality_facts.rebuild", round(seconds, 1), "s", None, MANY)
    _analyze()
    browser = Browser()
    browser.force_login(people["leader"], backend="coding_ops.tenancy.backends.ReachBackend")

    def page(client: Any) -> float:
        start = time.perf_counter()
        answer = browser.get(f"/c/{client.slug}/quality/")
        took = (time.perf_counter() - start) * 1000
        assert answer.status_code == 200
        assert _counted(client) in answer.content.decode(), "the page shows another rate than SQL counts"
        return took

    page(few), page(many)  # the process warm
    pairs = [(page(few), page(many)) for _ in range(PAIRS)]
    ratio = statistics.median(larger / smaller for smaller, larger in pairs)
    yield {
        **_line(
            "quality_overview.flat", round(statistics.median(one[1] for one in pairs), 1), "ms", None, MANY
        ),
        "anchor": round(statistics.median(one[0] for one in pairs), 1),
        "ratio": round(ratio, 3),
        "limit": RATIO_LIMIT,
        "met": ratio <= RATIO_LIMIT,
    }


def _people() -> dict[str, Any]:
    from coding_ops.accounts.models import Specialty, User

    coders = [
        User.objects.create_user(f"audited{number}@example.test", f"Audited {number:02}")
        for number in range(CODERS)
    ]
    specialties = [
        Specialty.objects.get_or_create(code=code, defaults={"name": code})[0] for code in SPECIALTIES
    ]
    return {
        "coders": [one.pk for one in coders],
        "specialties": [one.pk for one in specialties],
        "reviewer": User.objects.create_user("reviews@example.test", "Reviews All").pk,
        "leader": User.objects.create_user("leads@example.test", "Leads All"),
    }


def _client(number: int, audits: int, people: dict[str, Any]) -> Any:
    from benchmarks.queue_data import SYSTEM
    from coding_ops.administration.clients import create_client, grant_membership
    from coding_ops.tenancy.models import Role
    from coding_ops.tenancy.scope import client_transaction
    from encounters.models import IntakeConnection, Patient

    client = create_client(actor=SYSTEM, slug=f"bench-{number}", name=f"Bench {number}")
    with client_transaction([client.pk]):
        grant_membership(actor=SYSTEM, client=client, user=people["leader"], role=Role.MANAGER)
        connection = IntakeConnection.objects.create(client=client, name="EHR")
        patient = Patient.objects.create(
            client=client,
            mrn_index=b"0" * 16,
            mrn="0",
            family_name="Bench",
            given_name="Mark",
            birth_on="1960-01-01",
        )
    owner = owner_connection()
    with owner.cursor() as cursor:
        values = {
            **{name: people[name] for name in ("coders", "specialties", "reviewer")},
            "client": client.pk,
            "connection": str(connection.pk),
            "patient": str(patient.pk),
            "charts": CHARTS,
            "audits": audits,
            "days": DAYS,
        }
        for statement in FILL:
            cursor.execute(statement, values)
    owner.close()
    return client


def _rebuilt(client: Any) -> None:
    from coding_ops.tenancy.scope import client_transaction
    from qa_audit.actions.facts import rebuild_facts

    with client_transaction([client.pk]):
        rebuild_facts(client, write=True)


def _counted(client: Any) -> str:
    """The rate of the page's window by plain SQL over reviews and scores."""
    from datetime import datetime, time
    from zoneinfo import ZoneInfo

    from django.utils import timezone

    from coding_ops.tenancy.scope import client_transaction
    from qa_audit.selectors.programme import Months, settings

    if client.pk not in _KNOWN:
        from django.db import connection

        zone = ZoneInfo(client.timezone)
        months = Months.through(timezone.localdate(timezone=zone), settings().windows[0])
        with client_transaction([client.pk]), connection.cursor() as cursor:
            cursor.execute(COUNTED, [client.pk, datetime.combine(months.first, time.min, zone)])
            _KNOWN[client.pk] = f"{100 * cursor.fetchone()[0]:.1f}%"
    return _KNOWN[client.pk]


_KNOWN: dict[int, str] = {}


def _analyze() -> None:
    owner = owner_connection()
    with owner.cursor() as cursor:
        for table in ("encounters_encounter", "qa_audit_review", "qa_audit_accuracyfact"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        for table in ("qa_audit_findingfact", "qa_audit_coveragefact", "qa_audit_auditedchart"):
            cursor.execute(f"VACUUM ANALYZE {table}")
    owner.close()


def _line(name: str, value: float, unit: str, limit: float | None, n: int) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "limit": limit, "ratio": None, "n": n, "met": True}
