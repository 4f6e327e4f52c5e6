"""The rows behind a number: the same selection that counted them, at the same moment.

A snapshot says when its census was; with that moment the rule finds the same rows again, because facts are
instants.  Where a correction came in since, the rows are those of today's facts, and the page says that the
number was computed before it.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from cdi_queries.models import CdiQuery
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.models import Client
from encounters.models import Encounter, Pend
from reporting.models import KpiSnapshot, Span
from reporting.rules.clock import start_of
from reporting.rules.facts import NO_KEYS, Keys
from reporting.rules.kpi import ZERO, Kpi, Row, Selection
from reporting.selectors.facts import facts_of
from reporting.selectors.frames import frame_of


@dataclass(frozen=True, slots=True)
class Question:
    """Which number is opened.

    Attributes:
        through: the last day of its window; ``None`` asks for the newest.
        bucket: one part of it; empty: the whole.
        left_out: instead of what was counted, what was left out for this reason.
    """

    kpi: Kpi
    span: Span
    through: date | None = None
    keys: Keys = NO_KEYS
    bucket: str = ""
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """One encounter or query behind the number, its amounts added when it stands in several rows.

    Attributes:
        bucket: the one that holds most of it.
        shares: what it contributed to each of its buckets, the largest first.
    """

    id: uuid.UUID
    bucket: str
    amount: Decimal
    coder: str
    shares: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Detail:
    """What a list of rows shows of an encounter, with its open hold; no sealed column is opened."""

    encounter: Encounter
    hold: Pend | None


@dataclass(frozen=True, slots=True)
class AskedDetail:
    """What a list of rows shows of a query; no sealed column is opened."""

    visit_id: str
    provider: str
    state: str
    outcome: str
    sent_at: datetime | None
    answered_at: datetime | None


def snapshot_of(client: Client, question: Question) -> KpiSnapshot:
    """The number itself.

    Raises:
        NotFound: it was never computed, or not for this group.
    """
    definition = question.kpi.definition
    found = KpiSnapshot.objects.filter(
        client_id=client.pk,
        span=question.span,
        name=definition.name,
        version=definition.version,
        facility=question.keys.facility,
        specialty=question.keys.specialty,
        coder=question.keys.coder,
        bucket="",
    )
    if question.through is not None:
        found = found.filter(
            window_end=start_of(question.through + timedelta(days=1), ZoneInfo(client.timezone))
        )
    snapshot: KpiSnapshot | None = found.order_by("-window_end").first()
    if snapshot is None:
        raise NotFound
    return snapshot


def parts_of(snapshot: KpiSnapshot) -> dict[str, int]:
    """How many rows each bucket of an ungrouped number has; empty for a grouped one."""
    if snapshot.facility or snapshot.specialty or snapshot.coder:
        return {}
    rows = KpiSnapshot.objects.filter(
        client_id=snapshot.client_id,
        span=snapshot.span,
        window_end=snapshot.window_end,
        window_start=snapshot.window_start,
        name=snapshot.name,
        version=snapshot.version,
    ).exclude(bucket="")
    return dict(rows.values_list("bucket", "n"))


def counted_rows(client: Client, snapshot: KpiSnapshot, question: Question) -> tuple[Counted, ...]:
    """The encounters or queries that make up the number, or the part asked for; largest amount first."""
    frame = frame_of(client, snapshot.window_start, snapshot.as_of)
    selection = question.kpi.rows(facts_of(client, snapshot.window_start), frame)
    for key in ("facility", "specialty", "coder"):
        code = getattr(question.keys, key)
        if code:
            selection = selection.where(key, code)
    if question.left_out:
        return _left_out(selection, question.left_out)
    listed = question.kpi.definition.listed
    buckets = (question.bucket,) if question.bucket else listed
    return _by_encounter(selection.in_buckets(*buckets) if buckets else selection.rows)


def details_of(client_ids: Collection[int], ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Detail]:
    """What is shown of these encounters, in two queries."""
    holds = {
        pend.encounter_id: pend
        for pend in Pend.objects.filter(client_id__in=client_ids, encounter__in=ids, closed_at__isnull=True)
    }
    rows = Encounter.objects.filter(client_id__in=client_ids, pk__in=ids).only(
        "client_id", "external_id", "service_on", "status", "final_at", "received_at", "available_at"
    )
    return {row.pk: Detail(row, holds.get(row.pk)) for row in rows}


def asked_details_of(client_ids: Collection[int], ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, AskedDetail]:
    """What is shown of these queries, in one query."""
    rows = CdiQuery.objects.filter(client_id__in=client_ids, pk__in=ids).values_list(
        "pk", "encounter__external_id", "provider__name", "state", "outcome", "sent_at", "answered_at"
    )
    return {
        key: AskedDetail(visit, provider or "", state, outcome, sent_at, answered_at)
        for key, visit, provider, state, outcome, sent_at, answered_at in rows
    }


def _by_encounter(rows: Sequence[Row]) -> tuple[Counted, ...]:
    """One line an encounter, with its share of each bucket it stands in."""
    merged: dict[uuid.UUID, list[Row]] = {}
    for row in rows:
        merged.setdefault(row.id, []).append(row)
    lines = [_counted(key, found) for key, found in merged.items()]
    return tuple(sorted(lines, key=lambda line: (-line.amount, str(line.id))))


def _counted(key: uuid.UUID, found: Sequence[Row]) -> Counted:
    sums: dict[str, Decimal] = {}
    for row in found:
        sums[row.bucket] = sums.get(row.bucket, ZERO) + row.amount
    shares = tuple(sorted(sums.items(), key=lambda share: (-share[1], share[0])))
    return Counted(key, shares[0][0], sum(sums.values(), ZERO), found[0].keys.coder, shares)


def _left_out(selection: Selection, reason: str) -> tuple[Counted, ...]:
    seen = {item.id: item.keys.coder for item in selection.left_out if item.reason == reason}
    return tuple(Counted(key, "", ZERO, coder) for key, coder in seen.items())
