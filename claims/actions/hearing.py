"""What claims do when codes become final, and the rounds that find what nobody told."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import OperationalError
from django.utils import timezone

from claims.actions.correcting import bring_up_to_date
from claims.actions.making import recheck
from claims.models import ClaimStatus
from claims.selectors.due import (
    billed_by_claim,
    blocked_claims,
    charts_without_claim,
    could_be_whole,
    is_billed_by_us,
)
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.scope import client_transaction
from coding_ops.tenancy.tasks import enqueue
from encounters.models import CodeRevision, Encounter

logger = logging.getLogger(__name__)

BILL_TASK = "claims.bill_chart"
MOST_A_ROUND = 5_000


def chart_is_final(*, actor: Actor, encounter: Encounter, revision: CodeRevision) -> None:
    """Has the chart billed once this transaction has committed; the round finds it if the message is lost."""
    enqueue(BILL_TASK, client_id=encounter.client_id, encounter_id=str(encounter.pk))


def bill_chart(*, actor: Actor, client_id: int, encounter_id: UUID) -> bool:
    """Brings the claim of one chart up to date; whether there is one.  The client's scope is open.

    A chart of a client that bills for itself gets none, but what was coded again for a denial ends here too.
    """
    chart = billed_by_claim(client_id, Encounter.objects.filter(client_id=client_id, pk=encounter_id)).first()
    if chart is None:
        return False
    return bring_up_to_date(actor=actor, encounter=chart, now=timezone.now()) is not None


def bill_due(*, actor: Actor, client_id: int) -> int:
    """Every final, released chart whose codes no claim has yet; returns how many claims there are now.

    A transaction a chart; one that fails is logged and keeps no other back.  No scope may be open.
    """
    with client_transaction([client_id]):
        if not is_billed_by_us(client_id):
            return 0
        due = list(charts_without_claim(client_id).values_list("pk", flat=True)[:MOST_A_ROUND])
    billed = 0
    for pk in due:
        with _apart(client_id, "chart not billed", pk):
            billed += bill_chart(actor=actor, client_id=client_id, encounter_id=pk)
    return billed


def recheck_blocked(*, actor: Actor, client_id: int) -> int:
    """Every blocked claim anew, each apart; returns how many are ready now.  No scope may be open."""
    with client_transaction([client_id]):
        if not is_billed_by_us(client_id):
            return 0
        waiting = could_be_whole(client_id, MOST_A_ROUND)
    cleared = 0
    for pk in waiting:
        with _apart(client_id, "blocked claim not looked at", pk):
            claim = blocked_claims(client_id).filter(pk=pk).first()
            if claim is not None:
                cleared += recheck(actor=actor, claim=claim).state == ClaimStatus.READY
    return cleared


@contextmanager
def _apart(client_id: int, what: str, pk: UUID) -> Iterator[None]:
    """A transaction of its own: the oldest that cannot be done must not stop every round at its place."""
    try:
        with client_transaction([client_id]):
            yield
    except OperationalError:
        raise  # the database went away: the next round begins again
    except Exception:
        logger.exception(what, extra={"subject": str(pk)})
