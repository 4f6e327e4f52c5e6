"""What a reading would change: adjustments of the last months, read once more with it and without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Sum

from claims.models import Denial
from claims.rules.reason_reading import ContractRow, read_reason
from claims.selectors.reason_maps import classifier

LOOK_BACK_DAYS: Final = 90
MOST_GROUPS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Change:
    """Denials that would be of another kind: from, to, how many and how many dollars."""

    before: str
    after: str
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Effect:
    """What a reading would do to the last months' denials.

    ``matched_count``: those it reads; of them those in ``changes`` would be of another kind.  ``is_whole``:
    every one was looked at.
    """

    matched_count: int
    changes: tuple[Change, ...]
    is_whole: bool


def effect_of(client_id: int, row: ContractRow, today: date) -> Effect:
    """Reads the denials of the row's reason, received in the last 90 days, with the row and without: two
    queries; nothing is written."""
    rows: Sequence[Any] = list(
        Denial.objects.filter(
            client_id=client_id,
            carc=row.carc,
            source="835",
            received_on__gte=today - timedelta(days=LOOK_BACK_DAYS),
        )
        .order_by()
        .values_list("payer_id", "group_code", "remarks", "received_on")
        .annotate(count=Count("pk"), amount=Sum("denied_amount"))[: MOST_GROUPS + 1]
    )
    known = classifier(client_id)
    without = tuple(one for one in known.rows.get(row.carc, ()) if not _is_same(one, row))
    counts: Counter[tuple[str, str]] = Counter()
    amounts: Counter[tuple[str, str]] = Counter()
    matched = 0
    for payer_id, group, remarks, on, count, amount in rows[:MOST_GROUPS]:
        if not row.fits(payer_id=payer_id, group=group, carc=row.carc, rarcs=tuple(remarks), on=on):
            continue
        matched += count
        asked: dict[str, Any] = {
            "payer_id": payer_id, "group": group, "carc": row.carc, "rarcs": tuple(remarks), "on": on,
            "amount": Decimal(1),
        }  # fmt: skip
        before = read_reason(without, known.editions, **asked).category
        after = read_reason((*without, row), known.editions, **asked).category
        if before != after:
            counts[before, after] += count
            amounts[before, after] += amount
    return Effect(
        matched,
        tuple(Change(*pair, count, Decimal(amounts[pair])) for pair, count in counts.most_common()),
        len(rows) <= MOST_GROUPS,
    )


def unmapped_reasons(client_id: int, today: date, most: int) -> list[tuple[str, str, int, Decimal]]:
    """Reasons of the last 90 days that no map knows: group, reason, how many denials, dollars; most first."""
    rows = (
        Denial.objects.filter(
            client_id=client_id,
            category="unmapped",
            received_on__gte=today - timedelta(days=LOOK_BACK_DAYS),
        )
        .order_by()
        .values_list("group_code", "carc")
        .annotate(count=Count("pk"), amount=Sum("denied_amount"))
        .order_by("-count", "carc")[:most]
    )
    return [(group, carc, count, amount) for group, carc, count, amount in rows]


def _is_same(one: ContractRow, other: ContractRow) -> bool:
    return one.id == other.id or (
        (one.payer_id, one.group, one.carc, one.rarc) == (other.payer_id, other.group, other.carc, other.rarc)
        and one.starts_on == other.starts_on
    )
