"""Weeks of reviewed charts, written straight into the figures: one final chart stands for them all."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from coding_ops.accounts.models import User
from encounters.models import Encounter
from qa_audit.actions.reviews import newest_revision
from qa_audit.drift_tables import drift_table
from qa_audit.models import AuditedChart, Review, ReviewOrigin, ReviewScore
from qa_audit.selectors.drift import WEEK, last_week
from tests.qa_audit.scene import Team

STEADY = ((10, 1),) * 8


def newest_week(crew: Team) -> date:
    """The Monday of the newest ended week at the client."""
    return last_week(timezone.localdate(timezone=ZoneInfo(crew.place.client.timezone)))


def reviewed_weeks(
    crew: Team, chart: Encounter, *weeks: tuple[int, int], coder: User | None = None, **how: Any
) -> None:
    """Weeks of (reviewed charts, with an error), the last of them the newest that has ended."""
    newest = newest_week(crew)
    for back, (charts, wrong) in enumerate(reversed(weeks)):
        reviewed_charts(crew, chart, newest - WEEK * back, charts, wrong, coder=coder, **how)


def reviewed_charts(
    crew: Team,
    chart: Encounter,
    day: date,
    charts: int,
    wrong: int,
    *,
    coder: User | None = None,
    specialty: str = "IM",
    origin: ReviewOrigin = ReviewOrigin.SAMPLE,
    is_client_run: bool = False,
    is_provisional: bool = False,
) -> None:
    """Closed reviews of a day, the first of them with an error."""
    revision = newest_revision(chart)
    closed = datetime.combine(day, time(17), ZoneInfo(crew.place.client.timezone))
    common: dict[str, Any] = {
        "client_id": chart.client_id,
        "encounter": chart,
        "coder": coder or crew.coder,
        "origin": origin,
        "mode": "open",
        "is_client_run": is_client_run,
    }
    reviews = Review.objects.bulk_create(
        Review(
            **common,
            revision=revision,
            gate="retrospective",
            counted_score="code_level",
            rebuttal_days=7,
            reviewer=crew.reviewer,
            state="closed",
            created_at=closed - timedelta(days=2),
            closed_at=closed,
        )
        for _ in range(charts)
    )
    ReviewScore.objects.bulk_create(
        ReviewScore(
            client_id=chart.client_id,
            review=review,
            number=1,
            definition="2026-11",
            scores={},
            numerator=0 if number < wrong else 1,
            denominator=1,
            is_clean=number >= wrong,
            is_provisional=is_provisional,
            scored_at=closed,
        )
        for number, review in enumerate(reviews)
    )
    AuditedChart.objects.bulk_create(
        AuditedChart(
            **common,
            review=review,
            specialty_code=specialty,
            month=day.replace(day=1),
            final_month=day.replace(day=1),
            audited_on=day,
            is_provisional=is_provisional,
            definition="2026-11",
            weight=Decimal(1),
            is_first=False,
            parts={"encounter_clean": ["0" if number < wrong else "1", 1]},
            findings=[],
            verdicts=[],
        )
        for number, review in enumerate(reviews)
    )


def policy_weeks() -> int:
    """Weeks on a chart."""
    return drift_table().policy.weeks
