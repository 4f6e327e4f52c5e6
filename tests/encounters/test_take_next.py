"""Who is handed which chart, and that two people never share one."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import close_old_connections, connections
from django.utils import timezone

from coding_ops.audit.models import AuditEvent
from coding_ops.core.errors import Conflict
from coding_ops.tenancy.models import Role
from encounters.actions.leases import free_expired_leases, require_lease, skip_chart, take_next
from encounters.models import SkipReason, WorkItem, WorkItemState
from tests import cast


@pytest.mark.django_db
def test_the_chart_due_first_is_handed_out_first_then_the_riskier_then_the_older() -> None:
    here = cast.cypress()
    rosalind = cast.coder("Rosalind Ames", here)
    now = timezone.now()
    with cast.opened(here):
        later = cast.encounter(here, due_at=now + timedelta(hours=9))
        risky = cast.encounter(here, due_at=now + timedelta(hours=3), risk=7)
        older = cast.encounter(here, due_at=now + timedelta(hours=3), now=now - timedelta(hours=2))
        newer = cast.encounter(here, due_at=now + timedelta(hours=3))
    handed = []
    for _ in range(4):
        taken = take_next(actor=cast.actor_for(rosalind, Role.CODER), client_ids=[here.client.pk])
        assert taken is not None and not taken.was_held
        handed.append(taken.encounter_id)
        with cast.opened(here):
            WorkItem.objects.filter(pk=taken.item_id).update(
                state="done", holder=None, lease_expires_at=None, leased_at=None
            )
    assert handed == [risky.pk, older.pk, newer.pk, later.pk]
    assert take_next(actor=cast.actor_for(rosalind, Role.CODER), client_ids=[here.client.pk]) is None


@pytest.mark.django_db
def test_asking_again_returns_the_chart_in_hand() -> None:
    here = cast.cypress()
    rosalind = cast.coder("Rosalind Ames", here)
    with cast.opened(here):
        cast.encounter(here)
        cast.encounter(here)
    actor = cast.actor_for(rosalind, Role.CODER)
    first = take_next(actor=actor, client_ids=[here.client.pk])
    again = take_next(actor=actor, client_ids=[here.client.pk])
    assert first is not None and again is not None
    assert (again.encounter_id, again.fence, again.was_held) == (first.encounter_id, first.fence, True)
    with cast.opened(here):
        assert WorkItem.objects.filter(state=WorkItemState.LEASED).count() == 1
        assert AuditEvent.objects.filter(verb="chart.taken").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("lacking", ["credential", "specialty", "grant", "membership"])
def test_no_chart_for_a_coder_who_lacks(lacking: str) -> None:
    here, elsewhere = cast.cypress(), cast.harbor()
    user = cast.person("Ines Calderon", (elsewhere if lacking == "membership" else here, Role.CODER))
    if lacking == "credential":
        cast.certify(user, expires_on=date(2026, 1, 1))
    else:
        cast.certify(user, specialties=("ORTHO",) if lacking == "specialty" else ("IM",))
    if lacking == "grant":
        user.groups.clear()
    with cast.opened(here):
        cast.encounter(here)
    assert take_next(actor=cast.actor_for(user, Role.CODER), client_ids=[here.client.pk]) is None
    with cast.opened(here):
        assert WorkItem.objects.get().state == WorkItemState.QUEUED
        assert not AuditEvent.objects.filter(verb="chart.taken").exists()


@pytest.mark.django_db
def test_a_skipped_chart_goes_to_others_not_to_nobody() -> None:
    here = cast.cypress()
    rosalind, marcus = cast.coder("Rosalind Ames", here), cast.coder("Marcus Bell", here)
    with cast.opened(here):
        chart = cast.encounter(here)
    taken = take_next(actor=cast.actor_for(rosalind, Role.CODER), client_ids=[here.client.pk])
    assert taken is not None
    with cast.opened(here):
        skip_chart(
            actor=cast.actor_for(rosalind, Role.CODER),
            encounter=chart,
            fence=taken.fence,
            reason=SkipReason.CONFLICT,
            note="",
            now=timezone.now(),
        )
    assert take_next(actor=cast.actor_for(rosalind, Role.CODER), client_ids=[here.client.pk]) is None
    other = take_next(actor=cast.actor_for(marcus, Role.CODER), client_ids=[here.client.pk])
    assert other is not None and other.encounter_id == chart.pk


@pytest.mark.django_db
def test_a_chart_put_back_in_front_is_handed_out_at_once() -> None:
    here = cast.cypress()
    rosalind, marcus = cast.coder("Rosalind Ames", here), cast.coder("Marcus Bell", here)
    now = timezone.now()
    with cast.opened(here):
        urgent = cast.encounter(here, due_at=now + timedelta(hours=1))
        cast.encounter(here, due_at=now + timedelta(hours=5))
        cast.encounter(here, due_at=now + timedelta(hours=6))
    a, b = cast.actor_for(rosalind, Role.CODER), cast.actor_for(marcus, Role.CODER)
    first = take_next(actor=a, client_ids=[here.client.pk])
    second = take_next(actor=b, client_ids=[here.client.pk])
    assert first is not None and second is not None and first.encounter_id == urgent.pk
    with cast.opened(here):
        skip_chart(
            actor=a,
            encounter=urgent,
            fence=first.fence,
            reason=SkipReason.TOO_LONG,
            note="",
            now=timezone.now(),
        )
        WorkItem.objects.filter(pk=second.item_id).update(
            state="done", holder=None, lease_expires_at=None, leased_at=None
        )
    third = take_next(actor=b, client_ids=[here.client.pk])
    assert third is not None and third.encounter_id == urgent.pk


@pytest.mark.django_db
def test_a_silent_holder_loses_the_chart_and_their_save_is_refused() -> None:
    here = cast.cypress()
    rosalind, marcus = cast.coder("Rosalind Ames", here), cast.coder("Marcus Bell", here)
    with cast.opened(here):
        chart = cast.encounter(here)
    a, b = cast.actor_for(rosalind, Role.CODER), cast.actor_for(marcus, Role.CODER)
    mine = take_next(actor=a, client_ids=[here.client.pk], lease=timedelta(seconds=-1))
    assert mine is not None
    with cast.opened(here):
        assert free_expired_leases(actor=cast.SYSTEM, client_id=here.client.pk, now=timezone.now()) == 1
    theirs = take_next(actor=b, client_ids=[here.client.pk])
    assert theirs is not None and theirs.encounter_id == chart.pk and theirs.fence == mine.fence + 1
    with cast.opened(here), pytest.raises(Conflict) as caught:
        require_lease(actor=a, encounter=chart, fence=mine.fence, now=timezone.now())
    assert caught.value.code == "lease.lost" and "Marcus Bell" in caught.value.message
    with cast.opened(here):
        assert (
            require_lease(actor=b, encounter=chart, fence=theirs.fence, now=timezone.now()).holder_id
            == marcus.pk
        )


@pytest.mark.django_db(transaction=True)
def test_twenty_coders_at_once_never_share_a_chart_and_none_is_lost() -> None:
    here = cast.cypress()
    coders = [cast.coder(f"Coder Number{n}", here) for n in range(20)]
    with cast.opened(here):
        charts = {cast.encounter(here, note=None).pk for _ in range(60)}
    start = threading.Barrier(20)
    handed: list[tuple[int, object]] = []
    failures: list[BaseException] = []

    def work(user_index: int) -> None:
        try:
            close_old_connections()
            actor = cast.actor_for(coders[user_index], Role.CODER)
            start.wait()
            for _ in range(3):
                taken = take_next(actor=actor, client_ids=[here.client.pk])
                assert taken is not None
                handed.append((user_index, taken.encounter_id))
                with cast.opened(here):
                    WorkItem.objects.filter(pk=taken.item_id).update(
                        state="done", holder=None, lease_expires_at=None, leased_at=None
                    )
        except BaseException as error:  # noqa: BLE001  a thread's failure is raised by the test
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert len(handed) == 60 and {chart for _, chart in handed} == charts
