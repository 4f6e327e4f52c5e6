"""Tasks and commands work on one client at a time, are handed ids only, and repair a lost message."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery, shared_task
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone

from coding_ops.tenancy import tasks
from coding_ops.tenancy.commands import TenantCommand
from coding_ops.tenancy.models import Client, Role
from coding_ops.tenancy.scope import current_client_ids
from coding_ops.tenancy.tasks import TaskMisuse, TenantTask, enqueue, for_each_client, tenant_task
from encounters.actions.leases import take_next
from encounters.models import Encounter, WorkItem, WorkItemState
from tests import cast

SEEN: list[tuple[tuple[int, ...], dict[str, Any]]] = []


@shared_task(name="tests.look_around", base=TenantTask, redriven_by="seal_ledgers")
def look_around(**kwargs: Any) -> int:
    SEEN.append((current_client_ids(), kwargs))
    return Encounter.objects.count()


@shared_task(name="tests.nobody_repairs", base=TenantTask, redriven_by="no_such_entry")
def nobody_repairs(**kwargs: Any) -> None:
    """Its message, once lost, is lost for good."""


@shared_task(name="tests.not_of_a_client")
def not_of_a_client() -> None:
    """A task that is no tenant task."""


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What would have gone to the broker."""
    SEEN.clear()
    messages: list[dict[str, Any]] = []

    def send(self: Celery, name: str, args: Any = None, kwargs: Any = None, **options: Any) -> None:
        messages.append({"name": name, "args": args, "kwargs": kwargs, "expires": options.get("expires")})

    monkeypatch.setattr(Celery, "send_task", send)
    yield messages


@pytest.mark.django_db
def test_a_task_sees_its_client_and_no_other() -> None:
    here, there = cast.cypress(), cast.harbor()
    with cast.opened(here):
        cast.encounter(here)
    with cast.opened(there):
        cast.encounter(there)
        cast.encounter(there)
    assert look_around.apply(kwargs={"client_id": here.client.pk}).get() == 1
    assert look_around.apply(kwargs={"client_id": there.client.pk}).get() == 2
    assert [ids for ids, _ in SEEN] == [(here.client.pk,), (there.client.pk,)]
    assert current_client_ids() == ()


@pytest.mark.parametrize(
    "kwargs", [{}, {"client_id": None}, {"client_id": "7"}, {"client_id": [7]}, {"client_id": True}]
)
def test_a_task_without_its_client_is_refused_before_it_runs(kwargs: dict[str, Any]) -> None:
    with pytest.raises(TaskMisuse):
        look_around(**kwargs)
    with pytest.raises(TaskMisuse):
        look_around.delay(**kwargs)
    assert SEEN == []


@pytest.mark.parametrize(
    "value",
    [
        "Marguerite Theriot",
        "Pt. has DM2",
        {"mrn": "MRN000001"},
        ["Theriot, M."],
        b"bytes",
        1.5,
        "x" * 65,
        "ä",
        "a\n",
    ],
)
def test_a_task_is_handed_ids_and_no_text(value: object, sent: list[dict[str, Any]]) -> None:
    for call in (look_around.delay, look_around, lambda **kwargs: enqueue("tests.look_around", **kwargs)):
        with pytest.raises(TaskMisuse) as caught:
            call(client_id=1, about=value)
        assert str(value) not in str(caught.value)
    assert SEEN == [] and sent == []


@pytest.mark.django_db(transaction=True)
def test_enqueue_sends_when_the_act_commits_and_not_when_it_is_undone(sent: list[dict[str, Any]]) -> None:
    chart = "0199d3c0-0000-7000-8000-000000000001"
    with transaction.atomic():
        enqueue("tests.look_around", client_id=5, encounter_id=chart)
        assert sent == []
    assert [(m["name"], m["kwargs"]) for m in sent] == [
        ("tests.look_around", {"client_id": 5, "encounter_id": chart})
    ]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue("tests.look_around", client_id=5)
        raise ZeroDivisionError
    assert len(sent) == 1


@pytest.mark.parametrize("name", ["tests.look_arund", "tests.not_of_a_client", "tests.nobody_repairs"])
def test_a_name_that_is_no_repairable_tenant_task_is_refused_at_once(name: str) -> None:
    with pytest.raises(LookupError):
        enqueue(name, client_id=1)


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_does_not_undo_what_was_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_broker(self: Any, *args: Any, **kwargs: Any) -> None:
        raise ConnectionError

    here = cast.cypress()
    monkeypatch.setattr(TenantTask, "apply_async", no_broker)
    with cast.opened(here):
        chart = cast.encounter(here)
        enqueue("tests.look_around", client_id=here.client.pk)
    with cast.opened(here):
        assert Encounter.objects.filter(pk=chart.pk).exists()


@pytest.mark.django_db
def test_the_fan_out_sends_one_message_for_each_active_client_and_sees_no_rows(
    sent: list[dict[str, Any]],
) -> None:
    here, there = cast.cypress(), cast.harbor()
    closed = cast.place("closed-clinic", "Closed Clinic")
    Client.objects.filter(pk=closed.client.pk).update(is_active=False)
    assert for_each_client(task_name="tests.look_around", expires_seconds=60) == 2
    assert [m["kwargs"] for m in sent] == [{"client_id": here.client.pk}, {"client_id": there.client.pk}]
    assert {m["expires"] for m in sent} == {60}


def test_every_tenant_task_is_repaired_by_a_beat_entry_that_exists() -> None:
    app = tasks.application()
    found = [
        name
        for name, task in app.tasks.items()
        if isinstance(task, TenantTask) and not name.startswith("tests.")
    ]
    assert {"encounters.free_expired_leases", "audit.seal_ledger"} <= set(found)
    for name in found:
        tenant_task(name)  # raises, naming the task, when redriven_by is no entry of the schedule


def test_every_beat_entry_names_a_task_that_exists() -> None:
    app = tasks.application()
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks
        if entry["task"] == for_each_client.name:
            assert tenant_task(entry["kwargs"]["task_name"])


@pytest.mark.django_db
def test_the_lease_sweep_puts_a_silent_coders_chart_back_in_line() -> None:
    here = cast.cypress()
    rosalind = cast.coder("Rosalind Ames", here)
    with cast.opened(here):
        cast.encounter(here)
    actor = cast.actor_for(rosalind, Role.CODER)
    take_next(actor=actor, client_ids=[here.client.pk], lease=timedelta(seconds=-1))
    task = tenant_task("encounters.free_expired_leases")
    assert task.apply(kwargs={"client_id": here.client.pk}).get() == 1
    assert task.apply(kwargs={"client_id": here.client.pk}).get() == 0
    with cast.opened(here):
        assert WorkItem.objects.get().state == WorkItemState.QUEUED


class CountCharts(TenantCommand):
    """A tenant command as an app would write it."""

    def handle_client(self, client: Client, **options: Any) -> None:
        self.stdout.write(f"{client.slug} {current_client_ids() == (client.pk,)} {Encounter.objects.count()}")


def run_command(**options: Any) -> list[str]:
    out = io.StringIO()
    call_command(CountCharts(), stdout=out, **options)
    return out.getvalue().splitlines()


@pytest.mark.django_db
def test_a_command_opens_one_client_at_a_time() -> None:
    here, there = cast.cypress(), cast.harbor()
    with cast.opened(there):
        cast.encounter(there, now=timezone.now())
    assert run_command(client="harbor-light") == ["harbor-light True 1"]
    assert run_command(all_clients=True) == ["cypress-ridge True 0", "harbor-light True 1"]
    assert here.client.pk != there.client.pk


@pytest.mark.django_db
def test_a_command_without_a_choice_or_with_an_unknown_client_does_nothing() -> None:
    cast.cypress()
    with pytest.raises(CommandError, match="--client"):
        run_command()
    with pytest.raises(CommandError, match="nowhere"):
        run_command(client="nowhere")
