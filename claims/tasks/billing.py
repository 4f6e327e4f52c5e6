"""Making claims in the background, and writing files of them."""

from __future__ import annotations

import uuid
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from claims.actions.hearing import bill_chart as bring_up
from claims.actions.hearing import bill_due
from claims.actions.hearing import recheck_blocked as look_again
from claims.actions.writing import write_submission as write
from claims.selectors.submissions import left_over
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.scope import client_transaction
from coding_ops.tenancy.tasks import TenantTask

QUIET = timedelta(minutes=10)
"""A file asked for longer ago than this, and not written, lost its worker."""


class BillingTask(TenantTask):
    """Opens its client once for each step, so that a long run holds nothing for long."""

    abstract = True
    opens_own_transaction = True


@shared_task(name="claims.bill_chart", base=TenantTask, redriven_by="bill_final_charts")
def bill_chart(*, client_id: int, encounter_id: str) -> bool:
    """Brings the claim of one chart up to date."""
    return bring_up(actor=system_actor("billing"), client_id=client_id, encounter_id=uuid.UUID(encounter_id))


@shared_task(name="claims.make_due", base=BillingTask, redriven_by="bill_final_charts")
def make_due(*, client_id: int) -> int:
    """Claims of every final, released chart without one; returns how many."""
    return bill_due(actor=system_actor("billing"), client_id=client_id)


@shared_task(name="claims.recheck_blocked", base=BillingTask, redriven_by="recheck_blocked_claims")
def recheck_blocked(*, client_id: int) -> int:
    """Blocked claims that are whole by now; returns how many."""
    return look_again(actor=system_actor("billing"), client_id=client_id)


@shared_task(name="claims.write_submission", base=BillingTask, redriven_by="write_submissions")
def write_submission(*, client_id: int, submission_id: str) -> bool:
    """Writes one file; whether it is ready."""
    return write(actor=system_actor("billing"), client_id=client_id, submission_id=uuid.UUID(submission_id))


@shared_task(name="claims.write_submissions", base=BillingTask, redriven_by="write_submissions")
def write_submissions(*, client_id: int) -> int:
    """Writes the files that were left lying; returns how many."""
    with client_transaction([client_id]):
        waiting = left_over(client_id, timezone.now(), quiet=QUIET)
    actor = system_actor("billing")
    return sum(write(actor=actor, client_id=client_id, submission_id=one) for one in waiting)
