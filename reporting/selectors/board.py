"""The snapshots behind a page of numbers: the newest window of each client, the one before, and twelve weeks.

Two queries, whatever the number of clients, measures and groups.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Max, Q

from reporting.models import KpiSnapshot, KpiTarget, Span
from reporting.rules import definitions
from reporting.rules.facts import NO_KEYS, Keys
from reporting.rules.kpi import Kpi, KpiValue, Part, TargetBand
from reporting.rules.windows import WEEKS

CONFIDENCE = Decimal("0.95")
_UNGROUPED = {"facility": "", "specialty": "", "coder": ""}


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a snapshot stands on the board."""

    client_id: int
    name: str
    keys: Keys = NO_KEYS


@dataclass(slots=True)
class Board:
    """The numbers of one span for one or several clients.

    Attributes:
        current, previous: the newest window and the one that ends where it begins.
        weeks: window ends, oldest first; ``weekly`` has the ungrouped values of each.
    """

    client_ids: tuple[int, ...]
    current: dict[Slot, KpiValue] = field(default_factory=dict)
    previous: dict[Slot, KpiValue] = field(default_factory=dict)
    weekly: dict[tuple[datetime, Slot], KpiValue] = field(default_factory=dict)
    weeks: tuple[datetime, ...] = ()
    window_start: datetime | None = None
    window_end: datetime | None = None
    as_of: datetime | None = None

    def of(self, client_id: int) -> Board:
        """The same board for one of its clients."""
        return replace(self, client_ids=(client_id,))

    def value(self, kpi: Kpi, keys: Keys = NO_KEYS) -> KpiValue | None:
        """The number of all these clients together; ``None`` where there is none or they cannot be added."""
        return self._together(kpi, self.current, keys)

    def value_before(self, kpi: Kpi) -> KpiValue | None:
        """The same for the window before."""
        return self._together(kpi, self.previous, NO_KEYS)

    def value_in_week(self, kpi: Kpi, week: datetime) -> KpiValue | None:
        """The same for one calendar week."""
        return self._together(kpi, {slot: v for (at, slot), v in self.weekly.items() if at == week}, NO_KEYS)

    def groups(self, key: str) -> tuple[str, ...]:
        """The facilities or specialties that have a number of their own."""
        return tuple(sorted({getattr(slot.keys, key) for slot in self.current} - {""}))

    def _together(self, kpi: Kpi, values: dict[Slot, KpiValue], keys: Keys) -> KpiValue | None:
        found = [values.get(Slot(client_id, kpi.definition.name, keys)) for client_id in self.client_ids]
        known = [value for value in found if value is not None and value.version == kpi.definition.version]
        if len(self.client_ids) == 1:
            return known[0] if known else None
        return kpi.combine(known, CONFIDENCE)


def board_of(client_ids: Sequence[int], span: Span) -> Board:
    """Reads the board; the scope of these clients must be open."""
    board = Board(tuple(client_ids))
    newest = {
        row["client_id"]: (row["start"], row["end"])
        for row in KpiSnapshot.objects.filter(client_id__in=board.client_ids, span=span)
        .values("client_id")
        .annotate(start=Max("window_start"), end=Max("window_end"))
    }
    if not newest:
        return board
    wanted = Q(pk__in=[])
    for client_id, (start, end) in newest.items():
        mine = Q(client_id=client_id)
        wanted |= mine & Q(span=span, window_end__in=[start, end])
        wanted |= mine & Q(
            span=Span.WEEK, window_end__gt=end - timedelta(weeks=WEEKS), window_start__lt=end, **_UNGROUPED
        )
    rows = list(KpiSnapshot.objects.filter(wanted).order_by("window_end", "name"))
    parts = _parts(rows)
    for row in rows:
        if not row.bucket:
            _place(board, row, parts.get(_window_key(row), []), newest[row.client_id][1])
    board.weeks = tuple(sorted({at for at, _slot in board.weekly}))
    return board


def _place(board: Board, row: KpiSnapshot, parts: list[KpiSnapshot], newest_end: datetime) -> None:
    value = value_of(row, () if row.facility or row.specialty or row.coder else parts)
    slot = Slot(row.client_id, row.name, Keys(row.facility, row.specialty, row.coder))
    if row.span == Span.WEEK:
        board.weekly[row.window_end, slot] = value
    elif row.window_end == newest_end:
        board.current[slot] = value
        board.window_start, board.window_end, board.as_of = row.window_start, row.window_end, row.as_of
    else:
        board.previous[slot] = value


def _window_key(row: KpiSnapshot) -> tuple[int, str, int, str, datetime]:
    return row.client_id, row.name, row.version, row.span, row.window_end


def _parts(rows: Iterable[KpiSnapshot]) -> dict[tuple[int, str, int, str, datetime], list[KpiSnapshot]]:
    """The bucket rows of each ungrouped number."""
    found: dict[tuple[int, str, int, str, datetime], list[KpiSnapshot]] = defaultdict(list)
    for row in rows:
        if row.bucket:
            found[_window_key(row)].append(row)
    return found


def value_of(snapshot: KpiSnapshot, parts: Iterable[KpiSnapshot] = ()) -> KpiValue:
    """A snapshot as the rules know it."""
    return KpiValue(
        name=snapshot.name,
        version=snapshot.version,
        numerator=snapshot.numerator,
        denominator=snapshot.denominator,
        n=snapshot.n,
        value=snapshot.value,
        low=snapshot.low,
        high=snapshot.high,
        why_empty=snapshot.why_empty,
        excluded=tuple(sorted(snapshot.excluded.items())),
        parts=_in_order(snapshot, parts),
    )


def _in_order(whole: KpiSnapshot, parts: Iterable[KpiSnapshot]) -> tuple[Part, ...]:
    """The parts in the order of the definition's legend; empty where none were kept."""
    found = {part.bucket: Part(part.bucket, part.n, part.numerator) for part in parts}
    legend = definitions.get(whole.name, whole.version).definition.buckets
    return tuple(found[bucket.code] for bucket in legend if bucket.code in found)


def targets_on(client_ids: Sequence[int], day: date) -> dict[tuple[int, str], TargetBand]:
    """The contracts' targets in force on a day, by client and KPI name."""
    rows = KpiTarget.objects.filter(client_id__in=client_ids, starts_on__lte=day).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=day)
    )
    return {(row.client_id, row.name): TargetBand(row.low, row.high) for row in rows}
