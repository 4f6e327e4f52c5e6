"""Keeping the numbers current: the task, the schedule, the commands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.celery import app
from coding_ops.tenancy.tasks import tenant_task
from reporting.models import KpiSnapshot, KpiTarget, Span
from reporting.selectors.staleness import closed_windows_are_stale
from reporting.tasks import refresh_kpis
from tests import cast
from tests.reporting import build

pytestmark = pytest.mark.django_db


def numbers(here: cast.Place) -> int:
    with cast.opened(here):
        return KpiSnapshot.objects.count()


def test_the_task_is_on_the_schedule_for_every_client() -> None:
    assert tenant_task("reporting.refresh_kpis").redriven_by == "refresh_kpis"
    entry = app.conf.beat_schedule["refresh_kpis"]
    assert entry["task"] == "tenancy.for_each_client"
    assert entry["kwargs"]["task_name"] == "reporting.refresh_kpis"
    assert entry["schedule"] <= 3600


def test_the_first_run_computes_the_past_and_the_next_leaves_it() -> None:
    here = cast.cypress()
    refresh_kpis(client_id=here.client.pk)
    with cast.opened(here):
        first = dict(KpiSnapshot.objects.filter(name="dnfc.accounts").values_list("pk", "computed_at"))
        assert not closed_windows_are_stale(here.client.pk, timezone.now())
    refresh_kpis(client_id=here.client.pk)
    with cast.opened(here):
        again = dict(KpiSnapshot.objects.filter(name="dnfc.accounts").values_list("pk", "computed_at"))
        kept = KpiSnapshot.objects.filter(pk__in=[pk for pk in first if first[pk] == again[pk]])
        assert kept.exists()
        assert all(snapshot.window_end <= timezone.now() for snapshot in kept)
    assert set(first) == set(again)


def test_a_week_that_ended_and_a_day_that_passed_make_the_past_stale() -> None:
    here = cast.cypress()
    refresh_kpis(client_id=here.client.pk)
    now = timezone.now()
    with cast.opened(here):
        weeks = KpiSnapshot.objects.filter(span=Span.WEEK, window_end__lte=now)
        assert not closed_windows_are_stale(here.client.pk, now)
        assert closed_windows_are_stale(here.client.pk, now + timedelta(hours=21))
        last = weeks.latest("window_end").window_end
        weeks.filter(window_end=last).update(as_of=last - timedelta(minutes=30))
        assert closed_windows_are_stale(here.client.pk, now)


def test_the_task_works_on_its_own_client_only() -> None:
    here, elsewhere = cast.cypress(), cast.harbor()
    refresh_kpis(client_id=here.client.pk)
    assert numbers(here) > 0
    assert numbers(elsewhere) == 0


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("refresh_kpis", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_computes_one_client_or_all() -> None:
    here, elsewhere = cast.cypress(), cast.harbor()
    said = run("--client", "cypress-ridge")
    assert said.startswith("cypress-ridge: ")
    assert numbers(here) > 0
    assert numbers(elsewhere) == 0
    assert run().count("snapshots of") == 2
    assert numbers(elsewhere) == numbers(here)
    with cast.opened(here):
        assert AuditEvent.objects.filter(verb=Verb.KPIS_REFRESHED).count() == 2


def test_the_command_counts_a_past_day_as_it_was() -> None:
    here = cast.cypress()
    day = datetime(2026, 10, 15, 18, tzinfo=UTC)
    coder = cast.coder("Rosalind Ames", here)
    with cast.opened(here):
        build.finalized(here, coder, day - timedelta(days=3), day + timedelta(days=2))
    run("--through", "2026-10-14")
    with cast.opened(here):
        newest = KpiSnapshot.objects.filter(name="dnfc.accounts", span=Span.FOUR, bucket="").latest(
            "window_end"
        )
        assert newest.window_end == newest.as_of == datetime(2026, 10, 15, 5, tzinfo=UTC)
        assert newest.value == Decimal(1)  # final on the 17th; it waited on the 14th


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--client", "nobody"), "No client has the slug"),
        (("--through", "tomorrow"), "is not a date"),
        (("--through", "2126-01-01"), "is not over yet"),
    ],
)
def test_the_command_refuses_what_cannot_be(arguments: tuple[str, ...], words: str) -> None:
    here = cast.cypress()
    with pytest.raises(CommandError, match=words):
        run(*arguments)
    assert numbers(here) == 0


def test_a_target_is_set_from_the_command_line() -> None:
    here = cast.cypress()
    common = ["--client", "cypress-ridge", "--kpi", "turnaround.in_sla", "--source", "Agreement, exhibit B"]
    call_command("set_kpi_target", *common, "--low", "95", "--from", "2026-01-01", stdout=StringIO())
    for bad in (
        ["--low", "much", "--from", "2026-02-01"],
        ["--low", "95", "--from", "soon"],
        ["--from", "2026-02-01"],
    ):
        with pytest.raises(CommandError):
            call_command("set_kpi_target", *common, *bad, stdout=StringIO())
    with cast.opened(here):
        target = KpiTarget.objects.get()
        assert (target.low, target.ends_on, target.source) == (Decimal(95), None, "Agreement, exhibit B")
