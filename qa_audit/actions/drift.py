"""Looking for drift: what the newest weeks say is stored once, with what it was seen in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from coding_ops.accounts.models import Specialty
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from qa_audit.drift_tables import drift_table
from qa_audit.models import (
    DriftSignal,
    SignalKind,
)
from qa_audit.rules.watch import Policy, Speaks, Watched, Week, watch
from qa_audit.selectors.drift import (
    WEEK,
    Subject,
    baseline_starts,
    last_week,
    mondays,
    notes_of,
    signals_about,
    since_baseline,
    undecided,
    weekly,
)

ONCE_OPEN = frozenset({Speaks.RUN, Speaks.CUSUM})
"""One of these is not stored again while the one before waits for a decision: it is the same slide."""


@transaction.atomic
def look_for_signals(*, actor: Actor, client: Client, now: datetime) -> int:
    """Stores what the newest ended weeks say, each week as its chart stood when it ended; returns how many.

    A run that was lost is made up for by the next, and what is stored is not stored twice.
    """
    table = drift_table()
    newest = last_week(now.astimezone(ZoneInfo(client.timezone)).date())
    weeks = mondays(newest, table.policy.weeks + table.judged_weeks - 1)
    starts = baseline_starts(notes_of(client.pk, weeks[0], newest + WEEK))
    specialties = dict(Specialty.objects.values_list("code", "pk"))
    stored = 0
    for subject, counts in sorted(weekly(client.pk, weeks).items(), key=lambda one: str(one[0])):
        for back in range(table.judged_weeks - 1, -1, -1):
            window = counts[len(counts) - back - table.policy.weeks : len(counts) - back]
            watched = watch(since_baseline(window, starts), table.policy)
            for rule in watched.speaks[-1] if watched.speaks else ():
                stored += _store(actor, client.pk, subject, specialties, rule, watched, table.policy, now)
    return stored


def _store(
    actor: Actor,
    client_id: int,
    subject: Subject,
    specialties: Mapping[str, int],
    rule: Speaks,
    watched: Watched,
    policy: Policy,
    now: datetime,
) -> bool:
    week = watched.weeks[-1].monday
    about = {"coder_id": subject.coder, "specialty_id": specialties.get(subject.specialty)}
    kind = SignalKind(rule.value)
    same = signals_about(client_id, subject).filter(kind=kind)
    if same.filter(week=week).exists():
        return False
    if rule in ONCE_OPEN and undecided(client_id).filter(pk__in=same.values("pk")).exists():
        return False
    signal, made = DriftSignal.objects.get_or_create(
        client_id=client_id,
        **about,
        kind=kind,
        week=week,
        defaults={"evidence": evidence_of(watched, policy), "found_at": now},
    )
    if made:
        facts = {**about, "kind": rule.value, "week": week.isoformat()}
        record_event(actor=actor, verb=Verb.DRIFT_FOUND, subject=signal, facts=facts)
    return made


def evidence_of(watched: Watched, policy: Policy) -> dict[str, Any]:
    """The chart as it stands, as plain JSON: what a decision was made on."""
    point, total, baseline = watched.points[-1], watched.sums[-1], watched.baseline
    return {
        "edition": drift_table().edition,
        "weeks": [[week.monday.isoformat(), week.charts, week.wrong] for week in watched.weeks],
        "baseline": None
        if baseline is None
        else {
            "weeks": baseline.weeks,
            "charts": baseline.charts,
            "wrong": baseline.wrong,
            "rate": f"{baseline.rate:.6f}",
        },
        "rate": None if point.rate is None else str(point.rate),
        "low": None if point.low is None else str(point.low),
        "high": None if point.high is None else str(point.high),
        "sum": None if total is None else str(total.value),
        "sum_limit": str(policy.sum_limit),
    }


def weeks_in(evidence: Mapping[str, Any]) -> list[Week]:
    """The weeks of a stored chart."""
    return [Week(date.fromisoformat(day), charts, wrong) for day, charts, wrong in evidence["weeks"]]
