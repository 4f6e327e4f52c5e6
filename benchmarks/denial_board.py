"""The denial board must not know how many claims stand behind it: 20,000 against 2,000,000.

Two clients with the same payers, reasons and year; one has a hundred times the claims and denials.
Their tallies are what the application keeps of such rows, added up by SQL.  The page of both is asked in
turn, signed in, through all middleware, and shows the dollars that plain SQL sums over the denials.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from benchmarks.database import owner_connection

FEW, MANY = 20_000, 2_000_000
PAYERS, DAYS, WINDOW = 12, 365, 90
RATIO_LIMIT = 1.5
PAIRS = 25
REASONS = (
    ("coding", "97"), ("coding", "4"), ("coding", "11"), ("coding", "236"), ("coding", "151"),
    ("medical_necessity", "50"), ("eligibility", "27"), ("eligibility", "26"), ("registration", "31"),
    ("authorization", "197"), ("cob", "22"), ("enrolment", "B7"), ("submission", "129"), ("timely", "29"),
    ("duplicate", "18"), ("documentation", "252"), ("benefit", "96"), ("benefit", "204"),
    ("unmapped", "16"), ("coding", "B15"),
)  # fmt: skip
FILL = (
    "SELECT set_config('app.client_ids', %(client)s::text, false)",
    "ALTER TABLE claims_claim DISABLE TRIGGER USER",
    "ALTER TABLE claims_denial DISABLE TRIGGER USER",
    """
INSERT INTO claims_payer (id, client_id, name, kind, payer_id, filing_code, receiver_name, receiver_id,
    aliases, timely_filing_days, correction_days, appeal_days, terms_source, is_active)
SELECT gen_random_uuid(), %(client)s, 'Payer ' || lpad(n::text, 2, '0'), 'commercial', 'P' || n, 'CI',
    'Bench', 'BENCH', '{}', 365, 365, 120, '', true
FROM generate_series(0, %(payers)s - 1) n
    """,
    # Every tenth is denied; hashes spread payers, reasons and days apart, so that every sum has its row.
    """
INSERT INTO claims_claim (id, client_id, version, payer_id, form, control_number, frequency_code,
    bill_type_code, is_billed_by_client, state, problems, content, diagnoses, drg_code,
    service_from_on, service_through_on, total_charge_amount, payer_control_number, made_at,
    submitted_at, first_response_at, first_response, first_categories, adjudicated_at,
    allowed_amount, paid_amount, patient_amount, drift)
SELECT gen_random_uuid(), %(client)s, 1, p.ids[1 + abs(hashint8(n)) %% %(payers)s], '837P', 'B' || n, '1', '',
    true, CASE WHEN n %% 10 = 0 THEN 'denied' ELSE 'paid' END, '[]', 'x', '[]', '', at::date - 20,
    at::date - 20,
    100 + n %% 900, '', at, at, at, CASE WHEN n %% 10 = 0 THEN 'denied' ELSE 'paid' END,
    CASE WHEN n %% 10 = 0 THEN '{coding}'::varchar[] ELSE '{}'::varchar[] END, at, 0, 0, 0, '[]'
FROM generate_series(1, %(claims)s::bigint) n,
    (SELECT array_agg(id ORDER BY name) AS ids FROM claims_payer WHERE client_id = %(client)s) p,
    LATERAL (SELECT %(today)s::date + interval '12 hours' - (abs(hashint8(-n)) %% %(days)s) * interval '1 day'
        AS at) t
    """,
    """
INSERT INTO claims_denial (id, client_id, claim_id, payer_id, source, is_initial, state, group_code, carc,
    remarks, status_codes, category, map_edition, service_code, denied_amount, recovered_amount,
    received_on, edit_state, edit_rule, winnability, priority, root_cause, opened_at)
SELECT gen_random_uuid(), c.client_id, c.id, c.payer_id, '835', true,
    (ARRAY['open', 'working', 'overturned', 'upheld', 'closed'])[1 + n %% 5], 'CO', r.carc, '{}', '',
    r.category, '2024-06', '99213', c.total_charge_amount,
    CASE WHEN n %% 5 = 2 THEN c.total_charge_amount ELSE 0 END, c.first_response_at::date, 'no_edit', '', 50,
    c.total_charge_amount / 2, '', c.first_response_at
FROM (SELECT *, substr(control_number, 2)::bigint / 10 AS n FROM claims_claim
    WHERE client_id = %(client)s AND state = 'denied') c,
    LATERAL (SELECT (%(categories)s::text[])[1 + abs(hashint8(n * n)) %% %(reasons)s] AS category,
        (%(carcs)s::text[])[1 + abs(hashint8(n * n)) %% %(reasons)s] AS carc) r
    """,
    """
INSERT INTO claims_denialtally (id, client_id, received_on, payer_id, source, category, group_code, carc,
    denial_count, initial_count, overturned_count, upheld_count, denied_amount, recovered_amount)
SELECT gen_random_uuid(), client_id, k.received_on, k.payer_id, k.source, k.category, k.group_code, k.carc,
    count(*), count(*), count(*) FILTER (WHERE state = 'overturned'),
    count(*) FILTER (WHERE state = 'upheld'), sum(denied_amount), sum(recovered_amount)
FROM claims_denial d, LATERAL (VALUES
    (d.received_on, d.payer_id, d.source, '', '', ''),
    (d.received_on, NULL, d.source, d.category, d.group_code, d.carc),
    (date_trunc('month', d.received_on)::date, d.payer_id, '', d.category, '', '')
) k (received_on, payer_id, source, category, group_code, carc)
WHERE client_id = %(client)s GROUP BY 2, 3, 4, 5, 6, 7, 8
    """,
    """
INSERT INTO claims_claimtally (id, client_id, answered_on, payer_id, form, answered_count, adjudicated_count,
    denied_count, coding_count, charge_amount)
SELECT gen_random_uuid(), client_id, first_response_at::date, payer_id, form, count(*), count(*),
    count(*) FILTER (WHERE first_response = 'denied'), count(*) FILTER (WHERE first_response = 'denied'),
    sum(total_charge_amount)
FROM claims_claim WHERE client_id = %(client)s GROUP BY 2, 3, 4, 5
    """,
    "ALTER TABLE claims_claim ENABLE TRIGGER USER",
    "ALTER TABLE claims_denial ENABLE TRIGGER USER",
)
DENIED = "SELECT sum(denied_amount) FROM claims_denial WHERE client_id = %s AND received_on >= %s"
TABLES = ("claims_claim", "claims_denial", "claims_denialtally", "claims_claimtally", "claims_payer")


def run() -> Iterator[dict[str, Any]]:
    """The page at both clients, and what its two statements read."""
    from django.test import Client as Browser

    from coding_ops.accounts.models import User

    leader = User.objects.create_user("board@example.test", "Leads Board")
    few, many = (_client(number, claims, leader) for number, claims in ((8901, FEW), (8902, MANY)))
    _analyze()
    browser = Browser()
    browser.force_login(leader, backend="coding_ops.tenancy.backends.ReachBackend")

    def page(one: tuple[Any, str]) -> float:
        client, denied = one
        start = time.perf_counter()
        answer = browser.get(f"/c/{client.slug}/claims/board/?days={WINDOW}")
        took = (time.perf_counter() - start) * 1000
        assert answer.status_code == 200
        assert denied in answer.content.decode(), "the page shows other dollars than SQL sums"
        return took

    page(few), page(many)  # the process warm
    pairs = [(page(few), page(many)) for _ in range(PAIRS)]
    ratio = statistics.median(larger / smaller for smaller, larger in pairs)
    yield {
        "name": "denial_board.flat",
        "value": round(statistics.median(one[1] for one in pairs), 1),
        "unit": "ms",
        "limit": RATIO_LIMIT,
        "ratio": round(ratio, 3),
        "n": MANY,
        "anchor": round(statistics.median(one[0] for one in pairs), 1),
        "met": ratio <= RATIO_LIMIT,
    }


def _client(number: int, claims: int, leader: Any) -> tuple[Any, str]:
    """A filled client and the dollars its board must show."""
    from zoneinfo import ZoneInfo

    from django.utils import timezone

    from benchmarks.queue_data import SYSTEM
    from coding_ops.administration.clients import create_client, grant_membership
    from coding_ops.tenancy.models import Role
    from coding_ops.tenancy.scope import client_transaction

    client = create_client(actor=SYSTEM, slug=f"bench-{number}", name=f"Bench {number}")
    with client_transaction([client.pk]):
        grant_membership(actor=SYSTEM, client=client, user=leader, role=Role.MANAGER)
    today = timezone.localdate(timezone=ZoneInfo(client.timezone))
    owner = owner_connection()
    with owner.cursor() as cursor:
        values = {
            "client": client.pk,
            "claims": claims,
            "payers": PAYERS,
            "days": DAYS,
            "today": today,
            "categories": [one for one, _ in REASONS],
            "carcs": [one for _, one in REASONS],
            "reasons": len(REASONS),
        }
        for statement in FILL:
            cursor.execute(statement, values)
        cursor.execute(DENIED, [client.pk, today - timedelta(days=WINDOW - 1)])
        row = cursor.fetchone()
    owner.close()
    assert row is not None
    return client, f"${row[0]:,.2f}"


def _analyze() -> None:
    owner = owner_connection()
    with owner.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")
    owner.close()
