"""Snapshots: what is kept, that running twice changes nothing, and that nobody's rows leak in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import InvalidInput, NotFound
from encounters.models import Encounter, EncounterStatus, OwnerParty
from reporting.actions.snapshots import refresh_snapshots
from reporting.actions.targets import TargetTerms, set_target
from reporting.models import KpiSnapshot, KpiTarget, Span
from reporting.rules.clock import Span as Stretch
from reporting.selectors.facts import coded_spans, facts_of
from tests import cast
from tests.reporting import build

D = Decimal
THROUGH = date(2026, 11, 20)  # a Friday
NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)  # noon in Chicago


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def golden(here: cast.Place) -> None:
    """Four charts final within four weeks, one before; one each waiting on vendor, client and provider."""
    coder = cast.coder("Rosalind Ames", here)
    with cast.opened(here):
        for hours in (10, 20, 40, 60):
            build.finalized(here, coder, days_ago(6), days_ago(6) + timedelta(hours=hours))
        build.finalized(here, coder, days_ago(40), days_ago(39))
        build.ready(here, days_ago(1.5))
        build.received(here, date(2026, 11, 16), days_ago(4))
        waiting = build.ready(here, days_ago(3))
        build.pended(waiting, coder, OwnerParty.PROVIDER, days_ago(2))


def refresh(here: cast.Place, now: datetime = NOW, *, open_only: bool = False) -> tuple[int, int, int]:
    with cast.opened(here):
        done = refresh_snapshots(
            actor=cast.SYSTEM, client=here.client, through=THROUGH, now=now, open_only=open_only
        )
    return done.windows, done.kept, done.dropped


def newest(name: str, span: Span = Span.FOUR, **group: str) -> KpiSnapshot:
    keys = dict.fromkeys(KpiSnapshot.GROUP, "") | group
    found: KpiSnapshot = KpiSnapshot.objects.filter(name=name, span=span, **keys).latest("window_end")
    return found


@pytest.mark.django_db
def test_the_golden_client() -> None:
    here = cast.cypress()
    golden(here)
    refresh(here)
    with cast.opened(here):
        p50, p90, sla = (newest(f"turnaround.{part}") for part in ("p50", "p90", "in_sla"))
        assert (p50.value, p50.n, p90.value) == (D(20), 4, D(60))
        # 48 hours agreed: 10, 20 and 40 keep them.
        assert (sla.numerator, sla.denominator, sla.value) == (D(3), D(4), D(75))
        assert sla.low is not None and sla.high is not None and sla.low < 75 < sla.high
        accounts = newest("dnfc.accounts")
        assert (accounts.value, accounts.as_of) == (D(3), NOW)
        parties = {
            row.bucket: row.n
            for row in KpiSnapshot.objects.filter(
                name="dnfc.accounts", span=Span.FOUR, window_end=accounts.window_end
            ).exclude(bucket="")
        }
        assert parties == {"vendor": 1, "client": 1, "provider": 1, "payer": 0}
        days = newest("dnfc.days")
        by_party = {party: newest("dnfc.days", bucket=party).numerator for party in parties}
        assert sum(by_party.values()) == days.numerator
        assert by_party["client"] == D(4)  # the nights of the 16th to the 19th
        assert newest("backlog.open").value == D(1)
        assert newest("backlog.open", bucket="1-2").n == 1
        pace = newest("productivity.charts_per_hour")
        assert (pace.numerator, pace.denominator, pace.value) == (D(4), D(2), D(2))
        before = KpiSnapshot.objects.filter(
            name="turnaround.p50", span=Span.FOUR, bucket="", facility="", specialty="", coder=""
        ).earliest("window_end")
        assert (before.n, before.value) == (1, D(24))


@pytest.mark.django_db
def test_running_twice_keeps_one_row_for_each_number() -> None:
    here = cast.cypress()
    golden(here)
    first = refresh(here)
    with cast.opened(here):
        rows = KpiSnapshot.objects.count()
        values = list(KpiSnapshot.objects.order_by("pk").values_list("pk", "value", "n"))
    second = refresh(here)
    assert first[:2] == second[:2]
    assert second[2] == 0
    with cast.opened(here):
        assert KpiSnapshot.objects.count() == rows == first[1]
        assert list(KpiSnapshot.objects.order_by("pk").values_list("pk", "value", "n")) == values


@pytest.mark.django_db
def test_a_group_that_is_no_more_leaves_no_number_behind() -> None:
    here = cast.cypress()
    golden(here)
    refresh(here)
    with cast.opened(here):
        assert newest("dnfc.accounts", specialty="IM").n == 3
        Encounter.objects.exclude(status=EncounterStatus.FINAL).update(specialty=cast.specialty("CARD"))
    *_, dropped = refresh(here, NOW + timedelta(minutes=1))
    assert dropped
    with cast.opened(here):
        assert newest("dnfc.accounts", specialty="CARD").n == 3
        assert not KpiSnapshot.objects.filter(
            name="dnfc.accounts", specialty="IM", window_end=newest("dnfc.accounts").window_end
        ).exists()


@pytest.mark.django_db
def test_a_late_correction_moves_the_right_week_and_no_other() -> None:
    here = cast.cypress()
    golden(here)
    refresh(here)
    coder = cast.coder("Marcus Bell", here)
    with cast.opened(here):

        def series() -> dict[datetime, int]:
            rows = KpiSnapshot.objects.filter(
                name="turnaround.p50", span=Span.WEEK, bucket="", facility="", specialty="", coder=""
            )
            return dict(rows.values_list("window_end", "n"))

        before = series()
        build.finalized(here, coder, days_ago(21), days_ago(20))
    refresh(here)
    with cast.opened(here):
        after = series()
    changed = {end: after[end] - before[end] for end in before if after[end] != before[end]}
    assert changed == {datetime(2026, 11, 2, 6, tzinfo=UTC): 1}


@pytest.mark.django_db
def test_the_hourly_run_leaves_closed_windows_alone() -> None:
    here = cast.cypress()
    golden(here)
    refresh(here)
    later = NOW + timedelta(hours=1)
    windows, *_ = refresh(here, later, open_only=True)
    assert windows == 4  # this week, and the three spans that end today
    with cast.opened(here):
        touched = KpiSnapshot.objects.filter(computed_at=later)
        assert set(touched.values_list("span", flat=True)) == set(Span.values)
        assert KpiSnapshot.objects.filter(computed_at=NOW).exists()


@pytest.mark.django_db
def test_one_clients_numbers_hold_nothing_of_anothers() -> None:
    here, elsewhere = cast.cypress(), cast.harbor()
    golden(here)
    coder = cast.coder("Marcus Bell", elsewhere)
    with cast.opened(elsewhere):
        build.finalized(elsewhere, coder, days_ago(2), days_ago(1))
    refresh(here)
    refresh(elsewhere)
    with cast.opened(here):
        assert newest("turnaround.p50").n == 4
        mine = KpiSnapshot.objects.count()
    with cast.opened(elsewhere):
        assert newest("turnaround.p50").n == 1
        assert newest("dnfc.accounts").n == 0
    with cast.opened(here, elsewhere):
        assert KpiSnapshot.objects.count() > mine


@pytest.mark.django_db
def test_an_empty_client_has_dashes_with_reasons_and_true_zeros() -> None:
    here = cast.cypress()
    refresh(here)
    with cast.opened(here):
        assert (newest("dnfc.accounts").value, newest("backlog.open").value) == (D(0), D(0))
        for name in ("turnaround.p50", "turnaround.in_sla", "dnfc.days", "productivity.charts_per_hour"):
            empty = newest(name)
            assert empty.value is None
            assert empty.why_empty
        assert AuditEvent.objects.filter(verb=Verb.KPIS_REFRESHED).count() == 1


@pytest.mark.django_db
def test_reopened_and_cancelled_charts_take_their_times_from_the_ledger() -> None:
    here = cast.cypress()
    coder = cast.coder("Rosalind Ames", here)
    with cast.opened(here):
        reopened = build.finalized(here, coder, days_ago(9), days_ago(8))
        cancelled = build.ready(here, days_ago(5))
        Encounter.objects.filter(pk=reopened.pk).update(status=EncounterStatus.REOPENED)
        Encounter.objects.filter(pk=cancelled.pk).update(status=EncounterStatus.CANCELLED)
        record_event(
            actor=cast.SYSTEM, verb=Verb.ENCOUNTER_REOPENED, subject=reopened, facts={"reason": "audit"}
        )
        record_event(actor=cast.SYSTEM, verb=Verb.ENCOUNTER_CANCELLED, subject=cancelled)
        times = dict(AuditEvent.objects.values_list("subject_id", "occurred_at"))
        facts = {fact.id: fact for fact in facts_of(here.client, days_ago(28)).encounters}
    assert facts[reopened.pk].coded == (Stretch(days_ago(8), times[str(reopened.pk)]),)
    assert facts[cancelled.pk].cancelled_at == times[str(cancelled.pk)]


T1, T2, T3, T4 = (datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3, 4))
SPANS = [
    ([], [], False, ()),
    ([T1], [], True, (Stretch(T1),)),
    ([T1], [T2], False, (Stretch(T1, T2),)),
    ([T1, T3], [T2], True, (Stretch(T1, T2), Stretch(T3))),
    ([T1, T3], [T2, T4], False, (Stretch(T1, T2), Stretch(T3, T4))),
    ([T1, T3], [], True, (Stretch(T1, T3), Stretch(T3))),
    ([T3], [T1], False, (Stretch(T3, T3),)),  # a backdated final: not final for long
]


@pytest.mark.parametrize(("finals", "reopened", "is_final", "spans"), SPANS)
def test_final_stretches_end_where_the_ledger_says(
    finals: list[datetime], reopened: list[datetime], is_final: bool, spans: tuple[Stretch, ...]
) -> None:
    assert coded_spans(finals, reopened, is_final=is_final) == spans


@pytest.mark.django_db
def test_a_new_target_ends_the_one_before() -> None:
    here = cast.cypress()
    name = "turnaround.in_sla"
    with cast.opened(here):
        for start, low in ((date(2026, 1, 1), D(90)), (date(2026, 7, 1), D(95))):
            terms = TargetTerms(low, None, start, "Agreement, exhibit B")
            set_target(actor=cast.SYSTEM, client=here.client, name=name, terms=terms)
        assert list(KpiTarget.objects.values_list("starts_on", "ends_on", "low")) == [
            (date(2026, 1, 1), date(2026, 6, 30), D(90)),
            (date(2026, 7, 1), None, D(95)),
        ]
        assert AuditEvent.objects.filter(verb=Verb.TARGET_CHANGED).count() == 2


BAD_TERMS = [
    TargetTerms(None, None, date(2026, 8, 1), "x"),
    TargetTerms(D(9), D(1), date(2026, 8, 1), "x"),
    TargetTerms(D(90), None, date(2026, 1, 1), "x"),  # the same day again
    TargetTerms(D(90), None, date(2025, 1, 1), "x"),  # before one that stands
    TargetTerms(D(90), None, date(2026, 8, 1), ""),
]


@pytest.mark.django_db
@pytest.mark.parametrize("terms", BAD_TERMS)
def test_a_target_that_cannot_be_is_refused_and_nothing_changes(terms: TargetTerms) -> None:
    here = cast.cypress()
    with cast.opened(here):
        good = TargetTerms(D(90), None, date(2026, 1, 1), "Agreement")
        set_target(actor=cast.SYSTEM, client=here.client, name="turnaround.in_sla", terms=good)
        before = list(KpiTarget.objects.values())
        with pytest.raises(InvalidInput):
            set_target(actor=cast.SYSTEM, client=here.client, name="turnaround.in_sla", terms=terms)
        assert list(KpiTarget.objects.values()) == before
        assert AuditEvent.objects.filter(verb=Verb.TARGET_CHANGED).count() == 1
        with pytest.raises(NotFound):
            set_target(actor=cast.SYSTEM, client=here.client, name="turnaround.p99", terms=good)
