"""The Celery application, and what it does again and again."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coding_ops.settings")


def for_every_client(task_name: str, *, every_seconds: int) -> dict[str, Any]:
    """An entry of the schedule: a tenant task, for each client, every so many seconds.

    A message that waited longer than that is dropped: the next one does the same work.
    """
    return {
        "task": "tenancy.for_each_client",
        "schedule": float(every_seconds),
        "kwargs": {"task_name": task_name, "expires_seconds": every_seconds},
        "options": {"expires": every_seconds},
    }


app = Celery("coding_ops")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "free_expired_leases": for_every_client("encounters.free_expired_leases", every_seconds=60),
    "read_received_files": for_every_client("encounters.read_received_files", every_seconds=60),
    "make_exports": for_every_client("exports.make_exports", every_seconds=60),
    "read_release_uploads": {
        "task": "code_sets.read_uploads",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "seal_ledgers": for_every_client("audit.seal_ledger", every_seconds=600),
    # Every hour: clients' days end at different hours.
    "lapse_findings": for_every_client("qa_audit.lapse_findings", every_seconds=3600),
    "compare_gold": for_every_client("qa_audit.compare_gold", every_seconds=900),
    "look_for_drift": for_every_client("qa_audit.look_for_drift", every_seconds=21600),
    "ask_reaudits": for_every_client("qa_audit.ask_reaudits", every_seconds=86_400),
    "draw_samples": for_every_client("qa_audit.draw_samples", every_seconds=3600),
    "deliver_queries": for_every_client("cdi_queries.deliver_waiting", every_seconds=300),
    "escalate_queries": for_every_client("cdi_queries.escalate_due", every_seconds=900),
    "expire_queries": for_every_client("cdi_queries.expire_due", every_seconds=3600),
    "sweep_triggers": for_every_client("cdi_queries.sweep_triggers", every_seconds=600),
    "send_messages": for_every_client("cdi_queries.send_waiting", every_seconds=60),
    "count_documentation": for_every_client("cdi_queries.count_documentation", every_seconds=3600),
    # Twice a day: what could not be printed or mailed is tried again; a month's letters are written once.
    "write_letters": for_every_client("cdi_queries.write_letters", every_seconds=43_200),
    "bill_final_charts": for_every_client("claims.make_due", every_seconds=300),
    "recheck_blocked_claims": for_every_client("claims.recheck_blocked", every_seconds=600),
    "write_submissions": for_every_client("claims.write_submissions", every_seconds=300),
    "compare_billed_claims": for_every_client("claims.compare_billed", every_seconds=3600),
    "read_claim_files": for_every_client("claims.read_files", every_seconds=60),
    "refresh_kpis": for_every_client("reporting.refresh_kpis", every_seconds=3600),
}
