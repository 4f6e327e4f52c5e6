"""The pages of queries must not know how long the archive is: 5,000 queries against 500,000.

Two clients with the same authors, providers and templates; one has a hundred times the queries and several
times the backlog.  Each page is asked of both in turn, signed in, through all middleware, and must
show the visits that plain SQL finds.  What is compared is the p95 of each page.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.database import owner_connection

FEW, MANY = 5_000, 500_000
RATIO_LIMIT = 1.5
ROUNDS = 60
AUTHORS, PROVIDERS, TEMPLATES, RARE, SHOWN = 20, 100, 40, 50, 50
#: Of so many queries one after the other, up to which number they stand in a state; the rest is closed.  The
#: smaller client is open in a larger share, so that both fill their pages and only what lies behind differs.
SHARES = {
    FEW: {"cycle": 20, "sent": 2, "answered": 4, "draft": 6, "expired": 8, "cancelled": 9},
    MANY: {"cycle": 1000, "sent": 5, "answered": 7, "draft": 8, "expired": 30, "cancelled": 60},
}
# Each on its own: a table whose deferred checks are pending cannot be altered.
FILL = (
    "SELECT set_config('app.client_ids', %(client)s::text, false)",
    "ALTER TABLE encounters_encounter DISABLE TRIGGER USER",
    "ALTER TABLE cdi_queries_cdiquery DISABLE TRIGGER USER",
    """
INSERT INTO encounters_provider (id, client_id, npi, name, professional_credential)
SELECT gen_random_uuid(), %(client)s, (1000000000 + n)::text, 'Provider ' || n, 'MD'
FROM generate_series(1, %(providers)s) n
    """,
    """
INSERT INTO encounters_encounter (id, client_id, connection_id, external_id, patient_id, kind,
    place_of_service_code, service_on, status, risk, received_at, available_at, due_at, revision_count,
    specialty_id, discharge_status_code)
SELECT gen_random_uuid(), %(client)s, %(connection)s::uuid, 'B' || n, %(patient)s::uuid, 'inpatient', '21',
    current_date - 30, 'ready', 0, now(), now(), now(), 0, %(specialty)s, ''
FROM generate_series(1, %(queries)s / 5) n
    """,
    # The first of a number are the oldest and the only ones of the rare template: what a walk finds last.
    """
INSERT INTO cdi_queries_cdiquery (id, client_id, encounter_id, provider_id, author_id, author_credential,
    specialty_id, state, kind, channel, template_key, trigger_key, content, content_sha256, lint,
    lint_edition, lint_warnings, impacts, codes_before, is_retrospective, outcome, drafted_at, sent_at,
    asked_at, due_at, expires_at, escalation_level, answered_at, ended_at, cancel_reason)
SELECT gen_random_uuid(), %(client)s, e.id, p.id, (%(authors)s::bigint[])[1 + n / 7 %% %(author_count)s],
    'CCDS',
    %(specialty)s, s.state, 'open', 'written',
    CASE WHEN n <= %(rare)s THEN 'rare' ELSE 'template-' || n %% %(templates)s END, '',
    decode(repeat('ab', 200), 'hex'), decode(repeat('cd', 32), 'hex'), decode(repeat('ef', 40), 'hex'),
    '2026-11', '{}', '{}', '[]', false,
    CASE WHEN s.state IN ('answered', 'closed') THEN (ARRAY['agreed', 'other', 'undetermined'])[1 + n %% 3]
         ELSE '' END,
    at, nullif(at, CASE WHEN s.state = 'draft' THEN at END),
    at, at + interval '72 hours', at + interval '14 days', 0,
    CASE WHEN s.state IN ('answered', 'closed') THEN at + interval '9 hours' END,
    CASE WHEN s.state IN ('closed', 'cancelled', 'expired') THEN at + interval '20 days' END,
    CASE WHEN s.state = 'cancelled' THEN 'duplicate' ELSE '' END
FROM generate_series(1, %(queries)s) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS r FROM encounters_encounter
      WHERE client_id = %(client)s) e ON e.r = 1 + n %% (%(queries)s / 5)
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS r FROM encounters_provider
      WHERE client_id = %(client)s) p ON p.r = 1 + n / 3 %% %(providers)s,
LATERAL (SELECT now() - (%(queries)s - n) * interval '720 days' / %(queries)s AS at) t,
LATERAL (SELECT CASE WHEN n %% %(cycle)s < %(sent)s THEN 'sent'
    WHEN n %% %(cycle)s < %(answered)s THEN 'answered' WHEN n %% %(cycle)s < %(draft)s THEN 'draft'
    WHEN n %% %(cycle)s < %(expired)s THEN 'expired' WHEN n %% %(cycle)s < %(cancelled)s THEN 'cancelled'
    ELSE 'closed' END AS state) s
    """,
    "ALTER TABLE encounters_encounter ENABLE TRIGGER USER",
    "ALTER TABLE cdi_queries_cdiquery ENABLE TRIGGER USER",
)
VISITS = """
SELECT e.external_id FROM cdi_queries_cdiquery q JOIN encounters_encounter e ON e.id = q.encounter_id
WHERE q.client_id = %s AND {where} ORDER BY {order} LIMIT {limit}
"""


@dataclass(frozen=True, slots=True)
class Place:
    """One client with its people, each known at this client alone."""

    id: int
    slug: str
    specialist: Any
    coder: Any


@dataclass(frozen=True, slots=True)
class Page:
    """One page: who asks it, where, and which visits it must show, in their order."""

    name: str
    who: str
    href: Callable[[Place], str]
    where: str
    order: str = "q.drafted_at DESC, q.id DESC"
    limit: int = SHOWN


PAGES = (
    Page("list", "specialist", lambda one: f"/c/{one.slug}/queries/", "true"),
    Page("list of a rare template", "specialist", lambda one: f"/c/{one.slug}/queries/?template=rare",
         "q.template_key = 'rare'"),
    Page("list of a state", "specialist", lambda one: f"/c/{one.slug}/queries/?state=sent",
         "q.state = 'sent'"),
    Page("list of an author", "coder", lambda one: f"/c/{one.slug}/queries/", "q.author_id = {coder}"),
    Page("queue", "specialist", lambda one: "/work/queries/", "q.state = 'answered'",
         "q.answered_at, q.id", 20),
    Page("own queue", "coder", lambda one: "/work/queries/",
         "q.state = 'answered' AND q.author_id = {coder}", "q.answered_at, q.id", 20),
)  # fmt: skip


def run() -> Iterator[dict[str, Any]]:
    """One line a page."""
    from django.test import Client as Browser

    few, many = (_place(number, count) for number, count in ((9901, FEW), (9902, MANY)))
    _analyze()
    browsers = {}
    for person in (few.specialist, few.coder, many.specialist, many.coder):
        browsers[person.pk] = Browser()
        browsers[person.pk].force_login(person, backend="coding_ops.tenancy.backends.ReachBackend")

    def ask(page: Page, place: Place) -> float:
        browser = browsers[getattr(place, page.who).pk]
        start = time.perf_counter()
        answer = browser.get(page.href(place))
        took = (time.perf_counter() - start) * 1000
        assert answer.status_code == 200, answer.status_code
        return took

    for page in PAGES:
        for place in (few, many):
            found = _shown(browsers[getattr(place, page.who).pk].get(page.href(place)).content.decode())
            wanted = _expected(page, place)
            assert found[: len(wanted)] == wanted, f"{page.name} of {place.slug} shows other visits than SQL"
        pairs = [(ask(page, few), ask(page, many)) for _ in range(ROUNDS)]
        smaller, larger = ([pair[side] for pair in pairs] for side in (0, 1))
        yield _line(page, _p95(smaller), _p95(larger), statistics.median(larger))


def _line(page: Page, smaller: float, larger: float, median: float) -> dict[str, Any]:
    ratio = larger / smaller
    return {
        "name": f"query_queue.{page.name.replace(' ', '_')}",
        "value": round(larger, 1),
        "unit": "ms p95",
        "limit": RATIO_LIMIT,
        "ratio": round(ratio, 3),
        "n": MANY,
        "anchor": round(smaller, 1),
        "median": round(median, 1),
        "met": ratio <= RATIO_LIMIT,
    }


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _shown(text: str) -> list[str]:
    """Visits of the first table of the page."""
    return re.findall(r"Visit (B\d+)", text.split("<tbody>")[1].split("</tbody>")[0])


def _expected(page: Page, place: Place) -> list[str]:
    owner = owner_connection()
    with owner.cursor() as cursor:
        cursor.execute("SELECT set_config('app.client_ids', %s, false)", [str(place.id)])
        where = page.where.format(coder=place.coder.pk)
        cursor.execute(VISITS.format(where=where, order=page.order, limit=page.limit), [place.id])
        found = [visit for (visit,) in cursor.fetchall()]
    owner.close()
    return found


def _place(number: int, queries: int) -> Place:
    from benchmarks.queue_data import SYSTEM
    from coding_ops.accounts.models import Specialty, User
    from coding_ops.administration.clients import create_client, grant_membership
    from coding_ops.tenancy.models import Role
    from coding_ops.tenancy.scope import client_transaction
    from encounters.models import IntakeConnection, Patient

    client = create_client(actor=SYSTEM, slug=f"bench-{number}", name=f"Bench {number}")
    people = [
        User.objects.create_user(f"author{number}-{n}@example.test", f"Author {n:02}") for n in range(AUTHORS)
    ]
    specialty, _ = Specialty.objects.get_or_create(code="IM", defaults={"name": "Internal medicine"})
    with client_transaction([client.pk]):
        grant_membership(actor=SYSTEM, client=client, user=people[0], role=Role.CDI_SPECIALIST)
        grant_membership(actor=SYSTEM, client=client, user=people[1], role=Role.CODER)
        connection = IntakeConnection.objects.create(client=client, name="EHR")
        patient = Patient.objects.create(
            client=client,
            mrn_index=b"0" * 16,
            mrn="0",
            family_name="Bench",
            given_name="Mark",
            birth_on="1960-01-01",
        )
    values = {
        "client": client.pk,
        "connection": str(connection.pk),
        "patient": str(patient.pk),
        "specialty": specialty.pk,
        "authors": [one.pk for one in people],
        "author_count": AUTHORS,
        "providers": PROVIDERS,
        "templates": TEMPLATES,
        "rare": RARE,
        "queries": queries,
        **SHARES[queries],
    }
    owner = owner_connection()
    with owner.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement, values)
    owner.close()
    return Place(client.pk, client.slug, people[0], people[1])


def _analyze() -> None:
    owner = owner_connection()
    with owner.cursor() as cursor:
        for table in ("encounters_encounter", "encounters_provider", "cdi_queries_cdiquery"):
            cursor.execute(f"VACUUM ANALYZE {table}")
    owner.close()
