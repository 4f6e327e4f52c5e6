"""The programme's figures, read from the kept sums: a few rows a month, however many audits there are."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from coding_ops.accounts.models import Specialty, User
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.models import Membership, Role
from encounters.models import Encounter, EncounterStatus
from qa_audit.models import AccuracyFact, CoverageFact, FindingFact, PlanVersion, Review, SamplingPlan
from qa_audit.rules.accuracy import Moments
from qa_audit.rules.plan_terms import PlanTerms, parse_terms
from qa_audit.rules.review_states import ReviewState

SUMS = ("charts", "weight", "numerator", "denominator", "wn", "wd", "wwnn", "wwnd", "wwdd")
DATA = Path(__file__).resolve().parent.parent / "data" / "programme.toml"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What figures are judged by: the newest active plan's terms, or the house's where there is no plan."""

    counted_score: str
    target: Decimal
    confidence: Decimal
    minimum_charts: int
    from_plan: str


@dataclass(frozen=True, slots=True)
class Settings:
    """``data/programme.toml``."""

    minimum_charts: int
    late_after_days: int
    target: Decimal
    confidence: Decimal
    counted_score: str
    windows: tuple[int, ...]
    bootstrapped_charts: int
    bootstrap_draws: int
    bootstrap_seed: int


@cache
def settings() -> Settings:
    """Read once a process."""
    given = tomllib.loads(DATA.read_text("utf-8"))
    return Settings(
        minimum_charts=given["minimum_charts"],
        late_after_days=given["late_after_days"],
        target=Decimal(given["target"]),
        confidence=Decimal(given["confidence"]),
        counted_score=given["counted_score"],
        windows=tuple(given["windows"]),
        bootstrapped_charts=given["bootstrapped_charts"],
        bootstrap_draws=given["bootstrap_draws"],
        bootstrap_seed=given["bootstrap_seed"],
    )


@dataclass(frozen=True, slots=True)
class Months:
    """A window of whole months, by the first days of its first and last."""

    first: date
    last: date

    @classmethod
    def through(cls, day: date, count: int) -> Months:
        """The ``count`` months that end with the month of ``day``."""
        last = day.replace(day=1)
        return cls(earlier(last, count - 1), last)

    @property
    def end(self) -> date:
        """The first day after the window."""
        return earlier(self.last, -1)

    def starts(self) -> list[date]:
        """The first day of each month, oldest first."""
        found = [self.first]
        while found[-1] < self.last:
            found.append(earlier(found[-1], -1))
        return found


def earlier(month: date, count: int) -> date:
    """The first day of the month that lies so many months before; negative: after."""
    at = month.year * 12 + month.month - 1 - count
    return date(at // 12, at % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Group:
    """Audits that are alike: whose, of which kind."""

    coder: int
    specialty: str
    origin: str
    mode: str
    is_client_run: bool
    is_provisional: bool
    definition: str


Sums = Mapping[Group, Moments]


def accuracy(client_ids: Sequence[int], score: str, months: Months, *, coder: int | None = None) -> Sums:
    """One score's sums of a window, by group: one query over the kept sums."""
    facts = AccuracyFact.objects.filter(
        client_id__in=client_ids, score=score, month__gte=months.first, month__lte=months.last
    )
    if coder is not None:
        facts = facts.filter(coder_id=coder)
    keys = ("coder_id", "specialty_code", "origin", "mode", "is_client_run", "is_provisional", "definition")
    rows = facts.order_by().values_list(*keys).annotate(*(Sum(name) for name in SUMS))
    found = ((Group(*row[: len(keys)]), _moments(row[len(keys) :])) for row in rows)
    return {group: sums for group, sums in found if sums.charts}


def every_score(
    client_ids: Sequence[int], months: Months, *, coder: int
) -> dict[str, dict[tuple[int, Group], Moments]]:
    """All scores of a coder by client and group: one query."""
    keys = ("coder_id", "specialty_code", "origin", "mode", "is_client_run", "is_provisional", "definition")
    facts = AccuracyFact.objects.filter(
        client_id__in=client_ids, coder_id=coder, month__gte=months.first, month__lte=months.last
    )
    rows = facts.order_by().values_list("score", "client_id", *keys).annotate(*(Sum(name) for name in SUMS))
    found: dict[str, dict[tuple[int, Group], Moments]] = {}
    for score, client_id, *rest in rows:
        sums = _moments(rest[len(keys) :])
        if sums.charts:
            found.setdefault(score, {})[client_id, Group(*rest[: len(keys)])] = sums
    return found


def _moments(row: Sequence[Any]) -> Moments:
    """Sums as the database adds them: a sum of whole numbers may come back as a decimal."""
    charts, weight, numerator, denominator, *rest = row
    return Moments(int(charts), weight, numerator, int(denominator), *rest)


def folded(sums: Sums, keep: Callable[[Group], bool]) -> Moments:
    """The groups that are kept, together."""
    whole = Moments()
    for group, one in sums.items():
        if keep(group):
            whole = whole + one
    return whole


@dataclass(frozen=True, slots=True)
class Errors:
    """Lines that stand, by verdict and cause."""

    verdict: str
    cause: str
    direction: str
    lines: int


def errors(
    client_ids: Sequence[int],
    months: Months,
    *,
    is_provisional: bool | None = False,
    is_client_run: bool = False,
    coder: int | None = None,
) -> list[Errors]:
    """What stands in audits of the window; ``is_provisional`` of None takes both."""
    facts = FindingFact.objects.filter(
        client_id__in=client_ids,
        month__gte=months.first,
        month__lte=months.last,
        is_client_run=is_client_run,
    )
    if is_provisional is not None:
        facts = facts.filter(is_provisional=is_provisional)
    if coder is not None:
        facts = facts.filter(coder_id=coder)
    rows = facts.order_by().values_list("verdict", "cause", "direction").annotate(total=Sum("lines"))
    return [Errors(*row) for row in rows if row[3]]


# --- coverage ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Covered:
    """Charts of a coder and specialty that became final in a month, and how many of them were audited."""

    month: date
    coder: int
    specialty: str
    final: int
    audited: int


def coverage(client_id: int, zone: str, months: Months) -> list[Covered]:
    """Each coder's finals of the window by specialty and month: two queries."""
    at = ZoneInfo(zone)
    finals = (
        Encounter.objects.filter(
            client_id=client_id,
            status=EncounterStatus.FINAL,
            final_at__gte=datetime.combine(months.first, time.min, at),
            final_at__lt=datetime.combine(months.end, time.min, at),
            assigned_coder__isnull=False,
        )
        .order_by()
        .annotate(month=TruncMonth("final_at", tzinfo=at))
        .values_list("month", "assigned_coder_id", "specialty__code")
        .annotate(count=Count("pk"))
    )
    audited = {
        (month, coder, specialty): count
        for month, coder, specialty, count in CoverageFact.objects.filter(
            client_id=client_id,
            is_client_run=False,
            final_month__gte=months.first,
            final_month__lte=months.last,
        ).values_list("final_month", "coder_id", "specialty_code", "audited")
    }
    found = []
    for moment, coder, specialty, count in finals:
        key = (moment.date(), coder, specialty or "")
        found.append(Covered(*key, final=count, audited=min(count, audited.get(key, 0))))
    return sorted(found, key=lambda one: (one.month, one.specialty, one.coder))


def plans_in_force(client_id: int) -> list[tuple[SamplingPlan, PlanTerms]]:
    """The vendor's active plans with their newest terms, newest plan first: one query."""
    rows = (
        PlanVersion.objects.filter(
            client_id=client_id, plan__is_active=True, plan__is_client_run=False, number__gte=1
        )
        .select_related("plan")
        .order_by("plan_id", "-number")
        .distinct("plan_id")
    )
    found = [(row.plan, parse_terms(row.terms)) for row in rows]
    return sorted(found, key=lambda one: one[0].created_at, reverse=True)


def yardstick_of(plans: Sequence[tuple[SamplingPlan, PlanTerms]]) -> Yardstick:
    """What the newest plan judges by; the house's own where there is none."""
    house = settings()
    if not plans:
        return Yardstick(house.counted_score, house.target, house.confidence, house.minimum_charts, "")
    plan, terms = plans[0]
    return Yardstick(
        terms.counted_score, terms.target, terms.confidence, house.minimum_charts, str(plan.name)
    )


# --- what waits ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """Reviews that are not over.

    Attributes:
        oldest_at: since when the oldest waits for a reviewer; None when none waits.
        late: waiting for a reviewer since before the day given.
        unanswered: delivered, and past the coder's last day.
    """

    waiting: int
    under_way: int
    answering: int
    late: int
    unanswered: int
    oldest_at: datetime | None


def waiting(reviews: QuerySet[Review], *, late_before: datetime, today: date, is_client_run: bool) -> Waiting:
    """The open ones of the reviews in a person's reach: one query that reads no closed one."""
    states = [ReviewState.WAITING, ReviewState.CODING, ReviewState.COMPARING, ReviewState.ANSWERING]
    row = reviews.filter(state__in=states, is_client_run=is_client_run).aggregate(
        waiting=Count("pk", filter=Q(state=ReviewState.WAITING)),
        under_way=Count("pk", filter=Q(state__in=[ReviewState.CODING, ReviewState.COMPARING])),
        answering=Count("pk", filter=Q(state=ReviewState.ANSWERING)),
        late=Count("pk", filter=Q(state=ReviewState.WAITING, created_at__lt=late_before)),
        unanswered=Count("pk", filter=Q(state=ReviewState.ANSWERING, respond_by__lt=today)),
        oldest_at=Min("created_at", filter=Q(state=ReviewState.WAITING)),
    )
    return Waiting(**row)


# --- names ---------------------------------------------------------------------------------------------


def names_of(coders: Iterable[int]) -> dict[int, str]:
    """Names of people by their ids: one query."""
    wanted = set(coders)
    if not wanted:
        return {}
    people: QuerySet[User] = User.objects.filter(pk__in=wanted)
    return dict(people.values_list("pk", "full_name"))


def coder_name(client_id: int, coder: int) -> str:
    """The name of somebody whose charts were audited at this client, or who codes there.

    Raises:
        NotFound: nobody of the client's coders.
    """
    known = AccuracyFact.objects.filter(client_id=client_id, coder_id=coder).exists() or (
        Membership.objects.filter(client_id=client_id, user_id=coder, role=Role.CODER).exists()
    )
    name = names_of([coder]).get(coder) if known else None
    if name is None:
        raise NotFound
    return name


def audited_coders(client_id: int) -> dict[int, str]:
    """Everybody whose charts were audited here, by name: two queries."""
    known = AccuracyFact.objects.filter(client_id=client_id).order_by().values_list("coder_id").distinct()
    found = names_of(row[0] for row in known)
    return dict(sorted(found.items(), key=lambda one: one[1]))


def specialty_names() -> dict[str, str]:
    """Names of specialties by their codes: one query."""
    return dict(Specialty.objects.values_list("code", "name"))
