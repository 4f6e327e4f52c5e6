"""How a provider's documentation is counted, compared and shown: rates of charts, never of people.

A chart counts once: as one whose final diagnoses leave something unspecified that the code set tells apart,
or as one whose do not.  Rates are of charts because the codes of one chart err together.  A provider is
compared with all others of the specialty together; nobody is ranked, and no peer is named.

Sources: Wilson and Newcombe as in ``coding_ops.core.statistics``; the measure is the project's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from coding_ops.core.statistics import difference_interval, interval


@dataclass(frozen=True, slots=True)
class Axis:
    """What codes of a category differ in, and the words of their titles that show it."""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EducationTerms:
    """One edition of the thresholds; counts of charts, providers and days, ``confidence`` two-sided."""

    edition: str
    source: str
    confidence: Decimal
    period_months: int
    letter_day: int
    minimum_charts: int
    minimum_questions: int
    minimum_peers: int
    minimum_peer_charts: int
    effect_days: int
    most_codes: int
    most_examples: int
    most_causes: int
    keep_days: int
    most_siblings: int
    unspecified: re.Pattern[str]
    ordinary: frozenset[str]
    not_counted: tuple[str, ...]
    axes: tuple[Axis, ...]


@dataclass(frozen=True, slots=True)
class Charts:
    """Charts with an unspecified diagnosis, out of all charts with a diagnosis."""

    hits: int = 0
    of: int = 0

    def plus(self, other: Charts) -> Charts:
        """Both together."""
        return Charts(self.hits + other.hits, self.of + other.of)


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with its interval, 0 to 1."""

    charts: Charts
    rate: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Span:
    """Days of service, both included."""

    first: date
    last: date


class Standing(StrEnum):
    """What can be said of a provider beside the others of the specialty."""

    MORE = "more"
    LESS = "less"
    ALIKE = "alike"
    TOO_FEW = "too_few"
    NO_PEERS = "no_peers"


@dataclass(frozen=True, slots=True)
class Compared:
    """The difference own rate less the peers' rate, -1 to 1; without bounds where nothing is said."""

    standing: Standing
    difference: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


class Verdict(StrEnum):
    """What became of the rate after a letter: three verdicts, and two reasons why there is none."""

    FELL = "fell"
    ROSE = "rose"
    UNCHANGED = "unchanged"
    TOO_EARLY = "too_early"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Effect:
    """The rate before and after, and the difference after less before; ``judged_on``: the first day on which
    the days after are over."""

    before: Charts
    after: Charts
    verdict: Verdict
    judged_on: date
    difference: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


def terms_of(tables: Mapping[str, Any]) -> EducationTerms:
    """The terms from their table (``data/education.toml``)."""
    plain = (
        "edition", "source", "period_months", "letter_day", "minimum_charts", "minimum_questions",
        "minimum_peers", "minimum_peer_charts", "effect_days", "most_codes", "most_examples", "most_causes",
        "keep_days", "most_siblings",
    )  # fmt: skip
    return EducationTerms(
        **{name: tables[name] for name in plain},
        confidence=Decimal(tables["confidence"]),
        unspecified=re.compile(tables["unspecified"], re.IGNORECASE),
        ordinary=frozenset(tables["ordinary"]),
        not_counted=tuple(tables["not_counted"]),
        axes=tuple(Axis(one["name"], tuple(one["words"])) for one in tables["axes"]),
    )


def leaves_open(code: str, title: str, terms: EducationTerms) -> bool:
    """Whether a diagnosis (``code`` without its dot) leaves something unspecified that counts."""
    if not title or code in terms.ordinary or code.startswith(terms.not_counted):
        return False
    return terms.unspecified.search(title) is not None


def open_codes(
    codes: Iterable[Mapping[str, Any]], terms: EducationTerms
) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Of a finished version's codes: how many ICD-10-CM diagnoses, and those that leave something open, each
    once as (code, title) in claim order."""
    lines = [one for one in codes if one["kind"] == "dx" and one["system"] == "ICD-10-CM"]
    found = {
        one["code"]: one["title"]
        for one in sorted(lines, key=lambda one: one["position"])
        if leaves_open(one["code"], one["title"], terms)
    }
    return len(lines), tuple(found.items())


def rate_of(charts: Charts, terms: EducationTerms) -> Rate | None:
    """The rate with its Wilson interval, or None without a chart."""
    if not charts.of:
        return None
    found = interval(charts.hits, charts.of, confidence=terms.confidence)
    return Rate(charts, found.rate, found.low, found.high)


def compare(own: Charts, peers: Charts, peer_count: int, terms: EducationTerms) -> Compared:
    """A provider beside the other ``peer_count`` providers of the specialty, all their charts together."""
    if own.of < terms.minimum_charts:
        return Compared(Standing.TOO_FEW)
    if peer_count < terms.minimum_peers or peers.of < terms.minimum_peer_charts:
        return Compared(Standing.NO_PEERS)
    low, high = _difference(peers, own, terms)
    standing = Standing.MORE if low > 0 else Standing.LESS if high < 0 else Standing.ALIKE
    return Compared(standing, _share(own) - _share(peers), low, high)


def effect_days(acknowledged_on: date, terms: EducationTerms) -> tuple[Span, Span]:
    """The days before an acknowledgement and the days after it; its own day is in neither."""
    length = timedelta(days=terms.effect_days)
    day = timedelta(days=1)
    return (
        Span(acknowledged_on - length, acknowledged_on - day),
        Span(acknowledged_on + day, acknowledged_on + length),
    )


def effect(
    before: Charts, after: Charts, *, acknowledged_on: date, today: date, terms: EducationTerms
) -> Effect:
    """What became of the rate; nothing is said before the days after are over, or of too few charts."""
    judged_on = effect_days(acknowledged_on, terms)[1].last + timedelta(days=1)
    if today < judged_on:
        return Effect(before, after, Verdict.TOO_EARLY, judged_on)
    if min(before.of, after.of) < terms.minimum_charts:
        return Effect(before, after, Verdict.TOO_FEW, judged_on)
    low, high = _difference(before, after, terms)
    verdict = Verdict.FELL if high < 0 else Verdict.ROSE if low > 0 else Verdict.UNCHANGED
    return Effect(before, after, verdict, judged_on, _share(after) - _share(before), low, high)


def is_enough(charts: int, questions: int, terms: EducationTerms) -> bool:
    """Whether there is enough of a provider to write of."""
    return charts >= terms.minimum_charts or questions >= terms.minimum_questions


def month_before(today: date) -> date:
    """The first day of the last whole month."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def month_due(today: date, terms: EducationTerms) -> date:
    """The month whose letter is due: the last whole one from the letter's day on, before that the one
    before."""
    last = month_before(today)
    return last if today.day >= terms.letter_day else month_before(last)


def period_of(month: date, terms: EducationTerms) -> Span:
    """The days of service that the letter of a month (its first day) looks at."""
    first = month
    for _ in range(terms.period_months - 1):
        first = month_before(first)
    following = (month + timedelta(days=31)).replace(day=1)
    return Span(first, following - timedelta(days=1))


def told_apart_by(title: str, siblings: Sequence[str], terms: EducationTerms) -> tuple[Axis, ...]:
    """What the other codes of the category tell and this title does not: axes with the words that show it, in
    the order of the terms.  A diagnosis is never named: only what parts one from another."""
    own, others = _plain(title), [_plain(one) for one in siblings]
    found = []
    for axis in terms.axes:
        if any(_holds(own, word) for word in axis.words):
            continue
        words = tuple(word for word in axis.words if any(_holds(one, word) for one in others))
        if len(words) > 1:
            found.append(Axis(axis.name, words))
    return tuple(found)


def _difference(first: Charts, second: Charts, terms: EducationTerms) -> tuple[Decimal, Decimal]:
    return difference_interval((first.hits, first.of), (second.hits, second.of), confidence=terms.confidence)


def _share(charts: Charts) -> Decimal:
    return Decimal(charts.hits) / charts.of


def _plain(title: str) -> str:
    return f" {' '.join(re.findall(r'[a-z0-9()-]+', title.casefold()))} "


def _holds(title: str, word: str) -> bool:
    return f" {word} " in title
