"""The sums of the denial board: read from tallies alone, three statements, whatever lies behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import connection

ZERO: Final = Decimal(0)
_SUMS: Final = """
       sum(denial_count) FILTER (WHERE source = '835'), sum(denial_count) FILTER (WHERE source <> '835'),
       sum(overturned_count), sum(upheld_count), sum(denied_amount), sum(recovered_amount)
"""
_WHERE: Final = """
FROM claims_denialtally
CROSS JOIN LATERAL (SELECT date_trunc(%(unit)s, received_on::timestamp)::date AS first) period
WHERE client_id = %(client)s AND received_on BETWEEN %(first)s AND %(last)s AND source <> ''
"""
_REASONS: Final = (
    "SELECT GROUPING(category), category, group_code, carc,"
    + _SUMS
    + _WHERE
    + "AND category <> '' GROUP BY GROUPING SETS ((category), (group_code, carc))"
)
_PAYERS: Final = (
    "SELECT GROUPING(payer_id), GROUPING(period.first), payer_id, period.first,"
    + _SUMS
    + _WHERE
    + "AND category = '' GROUP BY GROUPING SETS ((payer_id), (period.first), ())"
)
_CLAIMS: Final = """
SELECT GROUPING(payer_id), GROUPING(period.first), payer_id, period.first,
       sum(answered_count), sum(adjudicated_count), sum(denied_count)
FROM claims_claimtally
CROSS JOIN LATERAL (SELECT date_trunc(%(unit)s, answered_on::timestamp)::date AS first) period
WHERE client_id = %(client)s AND answered_on BETWEEN %(first)s AND %(last)s
GROUP BY GROUPING SETS ((payer_id), (period.first), ())
"""


@dataclass(frozen=True, slots=True)
class DenialSums:
    """Denials of one part of the board.

    ``denied_count``: by remittances; ``rejected_count``: before adjudication; amounts in dollars.
    """

    denied_count: int = 0
    rejected_count: int = 0
    overturned_count: int = 0
    upheld_count: int = 0
    denied_amount: Decimal = ZERO
    recovered_amount: Decimal = ZERO

    @property
    def count(self) -> int:
        """Denials and rejections."""
        return self.denied_count + self.rejected_count

    @property
    def decided_count(self) -> int:
        """Overturned or upheld."""
        return self.overturned_count + self.upheld_count


@dataclass(frozen=True, slots=True)
class ClaimSums:
    """Original claims by first answer: all, those adjudicated, and of these those denied in whole or part."""

    answered_count: int = 0
    adjudicated_count: int = 0
    denied_count: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """Denials with the claims they are measured against."""

    denials: DenialSums = field(default_factory=DenialSums)
    claims: ClaimSums = field(default_factory=ClaimSums)


@dataclass(frozen=True, slots=True)
class Board:
    """One client's denials received in a window.

    ``reasons`` by group and CARC (rejections under the empty pair), ``periods`` by first day, oldest first.
    """

    whole: Part
    categories: Mapping[str, DenialSums]
    reasons: Mapping[tuple[str, str], DenialSums]
    payers: Mapping[UUID | None, Part]
    periods: Mapping[date, Part]


def board_of(client_id: int, first: date, last: date, *, unit: str) -> Board:
    """The board of ``first`` to ``last``, both included; ``unit`` of its periods is week or month."""
    asked = {"client": client_id, "first": first, "last": last, "unit": unit}
    categories: dict[str, DenialSums] = {}
    reasons: dict[tuple[str, str], DenialSums] = {}
    denied_payers: dict[UUID | None, DenialSums] = {}
    denied_periods: dict[date, DenialSums] = {}
    whole = DenialSums()
    for no_category, category, group, carc, *sums in _rows(_REASONS, asked):
        if not no_category:
            categories[category] = _sums(sums)
        else:
            reasons[group, carc] = _sums(sums)
    for no_payer, no_period, payer, period, *sums in _rows(_PAYERS, asked):
        if not no_payer:
            denied_payers[payer] = _sums(sums)
        elif not no_period:
            denied_periods[period] = _sums(sums)
        else:
            whole = _sums(sums)
    claim_payers: dict[UUID | None, ClaimSums] = {}
    claim_periods: dict[date, ClaimSums] = {}
    claims = ClaimSums()
    for no_payer, no_period, payer, period, *sums in _rows(_CLAIMS, asked):
        counted = ClaimSums(*(one or 0 for one in sums))
        if not no_payer:
            claim_payers[payer] = counted
        elif not no_period:
            claim_periods[period] = counted
        else:
            claims = counted
    return Board(
        whole=Part(whole, claims),
        categories=categories,
        reasons=reasons,
        payers={
            one: Part(denied_payers.get(one, DenialSums()), claim_payers.get(one, ClaimSums()))
            for one in denied_payers | claim_payers
        },
        periods={
            one: Part(denied_periods.get(one, DenialSums()), claim_periods.get(one, ClaimSums()))
            for one in sorted(denied_periods | claim_periods)
        },
    )


def _sums(sums: list[Any]) -> DenialSums:
    denied, rejected, overturned, upheld = (int(one or 0) for one in sums[:4])
    return DenialSums(denied, rejected, overturned, upheld, sums[4] or ZERO, sums[5] or ZERO)


def _rows(statement: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
