"""Computing the numbers of one client and keeping them.

Reads first, then pure computing, then one write: between statements a reading transaction pins nothing, so
however long the computing takes, the worklists' dead rows can still be cleaned up behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from reporting.models import KpiSnapshot
from reporting.rules import definitions
from reporting.rules.facts import NO_KEYS, Facts, Frame, Keys
from reporting.rules.kpi import Kpi, KpiValue, Part, Select, Selection
from reporting.rules.windows import Window, windows
from reporting.selectors.facts import facts_of
from reporting.selectors.frames import frame_of

_VALUES = (
    "as_of",
    "numerator",
    "denominator",
    "n",
    "value",
    "low",
    "high",
    "why_empty",
    "excluded",
    "computed_at",
)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did: windows computed, snapshots kept, and snapshots that no longer had a group."""

    windows: int
    kept: int
    dropped: int


@transaction.atomic
def refresh_snapshots(
    *, actor: Actor, client: Client, through: date, now: datetime, open_only: bool = False
) -> Refreshed:
    """Recomputes the windows of the day ``through``; the client's scope must be open.

    Running it twice gives the same rows: one snapshot for each definition, version, window and group.

    Args:
        now: the moment of the census where a window is not over yet; windows that begin later are left out.
        open_only: leave windows alone that were over before ``now``.
    """
    zone = ZoneInfo(client.timezone)
    chosen = [
        window
        for window in windows(through, zone)
        if window.start < now and not (open_only and window.end <= now)
    ]
    if not chosen:
        return Refreshed(0, 0, 0)
    facts = facts_of(client, min(window.start for window in chosen))
    snapshots = [snapshot for window in chosen for snapshot in _window_snapshots(client, facts, window, now)]
    KpiSnapshot.objects.bulk_create(
        snapshots,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=[*KpiSnapshot.KEY],
        update_fields=[*_VALUES],
    )
    dropped = _drop_older(client, chosen, now)
    record_event(
        actor=actor,
        verb=Verb.KPIS_REFRESHED,
        subject=client,
        client_id=client.pk,
        facts={"through": through.isoformat(), "windows": len(chosen), "snapshots": len(snapshots)},
    )
    return Refreshed(len(chosen), len(snapshots), dropped)


def _window_snapshots(client: Client, facts: Facts, window: Window, now: datetime) -> Iterator[KpiSnapshot]:
    frame = frame_of(client, window.start, min(window.end, now))
    touched, found = facts.since(frame.start), dict[Select, Selection]()
    for kpi in definitions.current():
        if kpi.applies is not None and not kpi.applies(facts):
            continue
        if kpi.select not in found:
            found[kpi.select] = kpi.select(touched, frame)
        for keys, selection in _groups(kpi, kpi.counted(found[kpi.select])):
            value = kpi.value(selection, frame)
            snapshot = _snapshot(client, window, frame, now, value, keys)
            yield snapshot
            if keys == NO_KEYS:
                yield from (_part_snapshot(snapshot, part) for part in value.parts)


def _groups(kpi: Kpi, selection: Selection) -> Iterator[tuple[Keys, Selection]]:
    """The whole, then each facility, specialty or coder on its own, as the definition says."""
    yield NO_KEYS, selection
    for name in kpi.definition.groups:
        for code, part in selection.split(name).items():
            if code:
                yield replace(NO_KEYS, **{name: code}), part


def _snapshot(
    client: Client, window: Window, frame: Frame, now: datetime, value: KpiValue, keys: Keys
) -> KpiSnapshot:
    return KpiSnapshot(
        client=client,
        name=value.name,
        version=value.version,
        span=window.span,
        window_start=window.start,
        window_end=window.end,
        as_of=frame.end,
        facility=keys.facility,
        specialty=keys.specialty,
        coder=keys.coder,
        numerator=value.numerator,
        denominator=value.denominator,
        n=value.n,
        value=value.value,
        low=value.low,
        high=value.high,
        why_empty=value.why_empty,
        excluded=dict(value.excluded),
        computed_at=now,
    )


def _part_snapshot(whole: KpiSnapshot, part: Part) -> KpiSnapshot:
    """A bucket of the whole: its rows counted, and their amounts summed."""
    return KpiSnapshot(
        client_id=whole.client_id,
        name=whole.name,
        version=whole.version,
        span=whole.span,
        window_start=whole.window_start,
        window_end=whole.window_end,
        as_of=whole.as_of,
        bucket=part.bucket,
        numerator=part.amount,
        denominator=whole.numerator,
        n=part.n,
        value=part.amount,
        computed_at=whole.computed_at,
    )


def _drop_older(client: Client, chosen: list[Window], now: datetime) -> int:
    """Snapshots of these windows that this run did not make: a group that is no more."""
    dropped = 0
    for window in chosen:
        count, _ = KpiSnapshot.objects.filter(
            client_id=client.pk,
            span=window.span,
            window_start=window.start,
            window_end=window.end,
            computed_at__lt=now,
        ).delete()
        dropped += count
    return dropped
