"""A killed process loses no chart: each is waiting, in somebody's hands, or done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from coding_ops.audit.models import AuditEvent
from coding_ops.tenancy.models import Role
from encounters.actions.leases import free_expired_leases, take_next
from encounters.models import WorkItem, WorkItemState
from tests import cast
from tests.conftest import ROOT

WORKER = """
import sys
import django
django.setup()
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[1]
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.scope import client_transaction
from encounters.actions.leases import take_next
from encounters.models import WorkItem
actor, client = Actor(int(sys.argv[2]), "Worker", "coder", "CPC", "kill"), int(sys.argv[3])
while True:
    taken = take_next(actor=actor, client_ids=[client])
    if taken is None:
        break
    print(taken.item_id, flush=True)
    with client_transaction([client]):
        WorkItem.objects.filter(pk=taken.item_id).update(
            state="done", holder=None, leased_at=None, lease_expires_at=None
        )
    print("done", taken.item_id, flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_five_killed_workers_lose_no_chart_and_acknowledge_none_twice() -> None:
    here = cast.cypress()
    coders = [cast.coder(f"Coder Number{n}", here) for n in range(6)]
    with cast.opened(here):
        charts = {cast.encounter(here, note=None).pk for _ in range(400)}
    acknowledged: list[str] = []
    for coder in coders[:5]:
        acknowledged += _killed_in_the_middle(coder.pk, here.client.pk)
    assert acknowledged and len(acknowledged) == len(set(acknowledged))
    with cast.opened(here):
        items = list(WorkItem.objects.all())
        assert {item.encounter_id for item in items} == charts
        leased = [item for item in items if item.state == WorkItemState.LEASED]
        assert len(leased) <= 5 and all(item.holder_id in {c.pk for c in coders} for item in leased)
        lost = set(acknowledged) - {str(item.pk) for item in items if item.state != WorkItemState.QUEUED}
        assert not lost
        WorkItem.objects.filter(state=WorkItemState.LEASED).update(
            lease_expires_at=timezone.now() - timedelta(seconds=1)
        )
        freed = free_expired_leases(actor=cast.SYSTEM, client_id=here.client.pk, now=timezone.now())
        assert freed == len(leased)
    while taken := take_next(actor=cast.actor_for(coders[5], Role.CODER), client_ids=[here.client.pk]):
        with cast.opened(here):
            WorkItem.objects.filter(pk=taken.item_id).update(
                state="done", holder=None, leased_at=None, lease_expires_at=None
            )
    with cast.opened(here):
        assert WorkItem.objects.filter(state=WorkItemState.DONE).count() == 400
        assert AuditEvent.objects.filter(verb="lease.expired").count() == freed


def _killed_in_the_middle(user_id: int, client_id: int) -> list[str]:
    """Items a worker was handed before SIGKILL struck it."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, connection.settings_dict["NAME"], str(user_id), str(client_id)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.15)
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.wait()
    return [line for line in rest.split("\n") if line and not line.startswith("done")]
