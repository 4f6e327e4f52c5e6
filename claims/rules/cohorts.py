"""First pass of claims by when they were sent: sums of like claims in, shares with their intervals out.

A month is mature once its last claim went out long enough ago for slow answers to be in; before that its
numbers are those of the fast answers, and look better than they will.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from claims.rules.classify import CATEGORIES, CODING
from claims.rules.first_pass import First, passes_raw
from claims.rules.measures import UNMAPPED, first_part
from coding_ops.core.statistics import Interval, interval


@dataclass(frozen=True, slots=True)
class Group:
    """Original claims of one month and payer that stand alike.

    Attributes:
        month: its first day.
        is_accepted: accepted for adjudication before any other answer.
        last_sent_on: the day the last of them went out.
    """

    month: date
    payer: str
    first: First | None
    categories: tuple[str, ...]
    is_accepted: bool
    count: int
    last_sent_on: date


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``n``; ``found`` (0 to 1) is None where n is 0: that is neither 0% nor 100%."""

    hits: int
    n: int
    found: Interval | None


@dataclass(frozen=True, slots=True)
class Cohort:
    """The measures of some claims.

    Attributes:
        sent, answered, waiting: ``waiting`` have no first answer yet, and are in no share.
        parts: answered claims by the coding part of their first answer.
        categories: claims whose first answer names the category; a claim stands in each of its own.
        mixed: claims refused for coding and for something else: they fail.
        coding: not refused for coding, of answered; ``at_worst``: unmapped reasons counted as coding.
        raw: not refused at all, of answered.
        accepted: accepted, of those accepted or rejected.
        resolved: paid without a denial, of those whose first answer was a remittance.
        last_sent_on: ``None`` where nothing was sent.
    """

    sent: int
    answered: int
    waiting: int
    parts: dict[str, int]
    categories: dict[str, int]
    mixed: int
    coding: Share
    at_worst: Share
    raw: Share
    accepted: Share
    resolved: Share
    last_sent_on: date | None

    def mature_on(self, maturity_days: int) -> date | None:
        """The day from which late answers change little; ``None`` where nothing was sent."""
        return None if self.last_sent_on is None else self.last_sent_on + timedelta(days=maturity_days)


def cohort(groups: Iterable[Group], confidence: Decimal) -> Cohort:
    """The measures of these groups together."""
    of = list(groups)
    answered = [(group, group.first) for group in of if group.first is not None]
    parts: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    for group, first in answered:
        parts[first_part(first, group.categories)] += group.count
        for category in group.categories:
            categories[category] += group.count
    n = sum(group.count for group, _first in answered)
    decided = {
        first: sum(group.count for group, one in answered if one is first)
        for first in (First.PAID, First.DENIED, First.UNPAID)
    }
    rejected = sum(group.count for group, first in answered if first is First.REJECTED)
    accepted = sum(group.count for group in of if group.is_accepted and group.first is not First.REJECTED)
    return Cohort(
        sent=sum(group.count for group in of),
        answered=n,
        waiting=sum(group.count for group in of if group.first is None),
        parts=dict(parts),
        categories={one: categories[one] for one in CATEGORIES if categories[one]},
        mixed=sum(group.count for group in of if CODING in group.categories and len(group.categories) > 1),
        coding=share(n - parts[CODING], n, confidence),
        at_worst=share(n - parts[CODING] - parts[UNMAPPED], n, confidence),
        raw=share(
            sum(group.count for group, first in answered if passes_raw(first, group.categories)),
            n,
            confidence,
        ),
        accepted=share(accepted, accepted + rejected, confidence),
        resolved=share(decided[First.PAID], sum(decided.values()), confidence),
        last_sent_on=max((group.last_sent_on for group in of), default=None),
    )


def by_month(groups: Sequence[Group], months: Sequence[date]) -> dict[date, list[Group]]:
    """The groups of each month, empty ones too."""
    return {month: [group for group in groups if group.month == month] for month in months}


def by_payer(groups: Sequence[Group]) -> dict[str, list[Group]]:
    """The groups of each payer."""
    found: dict[str, list[Group]] = {}
    for group in groups:
        found.setdefault(group.payer, []).append(group)
    return found


def share(hits: int, n: int, confidence: Decimal) -> Share:
    """A share with Wilson's interval."""
    return Share(hits, n, interval(hits, n, confidence=confidence) if n else None)
