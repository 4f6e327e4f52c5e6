"""Who may read a chart, what readers said of it, and a person's settled gold charts."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Membership, Role
from encounters.models import CodeRevision, DocumentVersion, Encounter
from encounters.selectors.chart import documents_of
from qa_audit.calibration_tables import thresholds
from qa_audit.models import (
    AuditLine,
    CalibrationChart,
    CalibrationReading,
    CalibrationRound,
    GoldCheck,
    GoldPolicy,
    GoldSignal,
    PlanVersion,
    Review,
    ReviewCode,
    SamplingPlan,
)
from qa_audit.models.calibration import CheckState, GoldSide, SignalDecision
from qa_audit.rules.calibration import Reading, reading_of
from qa_audit.rules.gold import Sum, sum_up
from qa_audit.rules.key_text import Text
from qa_audit.rules.lines import lines_of_revision
from qa_audit.rules.plan_terms import Gate, Mode, PlanTerms, parse_terms
from qa_audit.rules.review_states import FALLEN, ReviewState
from qa_audit.score_command import taxonomy


@dataclass(frozen=True, slots=True)
class Policy:
    """What gold scores are held to; ``number`` 0: the house's own values."""

    number: int
    target: Decimal
    least_lines: int
    window_days: int
    pauses_itself: bool


def policy_of(client_id: int) -> Policy:
    """The newest policy of an open client."""
    newest = GoldPolicy.objects.filter(client_id=client_id).order_by("-number").first()
    if newest is None:
        house = thresholds()
        return Policy(0, house.gold_target, house.gold_least_lines, house.gold_days, pauses_itself=False)
    return Policy(newest.number, newest.target, newest.least_lines, newest.window_days, newest.pauses_itself)


def ordinary_terms(client_id: int) -> PlanTerms:
    """Blind and retrospective under the client's newest plan, so that a review looks like those drawn."""
    plan = (
        SamplingPlan.objects.filter(client_id=client_id, is_active=True, is_client_run=False)
        .order_by("-created_at")
        .first()
    )
    if plan is None:
        return PlanTerms()
    version = PlanVersion.objects.get(client_id=client_id, plan=plan, number=plan.version_count)
    known = parse_terms(version.terms)
    return PlanTerms(
        mode=Mode.BLIND,
        gate=Gate.RETROSPECTIVE,
        counted_score=known.counted_score,
        rebuttal_days=known.rebuttal_days,
    )


# --- people --------------------------------------------------------------------------------------------


def reviewers_of(client_id: int) -> list[User]:
    """QA reviewers of a client by name.  Leaders are not among them: they see which charts measure."""
    return people_in(client_id, Role.QA_REVIEWER)


def people_in(client_id: int, role: Role) -> list[User]:
    """Who holds a role at a client today, by name."""
    people = Membership.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=timezone.localdate()),
        client_id=client_id,
        role=role,
        revoked_at__isnull=True,
        user__is_active=True,
    ).values("user_id")
    return list(User.objects.filter(pk__in=people).order_by("full_name", "pk"))


def readers_for(client_id: int, encounters: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[int]]:
    """Encounter to the reviewers who know nothing of it: none of its coders, none who reviewed it."""
    ids = list(encounters)
    known: dict[uuid.UUID, set[int]] = {one: set() for one in ids}
    coded = CodeRevision.objects.filter(client_id=client_id, encounter_id__in=ids)
    for encounter_id, person in coded.values_list("encounter_id", "finalized_by_id"):
        known[encounter_id].add(person)
    reviewed = Review.objects.filter(client_id=client_id, encounter_id__in=ids)
    for encounter_id, reviewer, assigned in reviewed.values_list(
        "encounter_id", "reviewer_id", "assigned_to_id"
    ):
        known[encounter_id] |= {one for one in (reviewer, assigned) if one is not None}
    # Who gave a calibration or gold review back stands in no review any more.
    read = CalibrationReading.objects.filter(client_id=client_id, chart__encounter_id__in=ids)
    met = GoldCheck.objects.filter(client_id=client_id, gold__encounter_id__in=ids)
    for encounter_id, person in [
        *read.values_list("chart__encounter_id", "reader_id"),
        *met.values_list("gold__encounter_id", "person_id"),
    ]:
        known[encounter_id].add(person)
    people = [one.pk for one in reviewers_of(client_id)]
    return {one: [person for person in people if person not in known[one]] for one in ids}


def review_pause_of(client_id: int, person_id: int) -> GoldSignal | None:
    """The decision that keeps new reviews from a reviewer, while it stands."""
    found: GoldSignal | None = GoldSignal.objects.filter(
        client_id=client_id,
        person_id=person_id,
        side=GoldSide.REVIEWER,
        decision=SignalDecision.PAUSE,
        lifted_at__isnull=True,
    ).first()
    return found


# --- rounds --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadChart:
    """A chart of a round with its readings; ``read`` are those whose blind codes are kept."""

    chart: CalibrationChart
    read: tuple[CalibrationReading, ...]
    waiting: tuple[CalibrationReading, ...]


def charts_of(found: CalibrationRound) -> list[ReadChart]:
    """Every chart of a round with its readers, cancelled reviews left out: two queries."""
    charts = list(
        CalibrationChart.objects.filter(client_id=found.client_id, round=found).select_related(
            "encounter", "revision", "consensus_by"
        )
    )
    by_chart: dict[uuid.UUID, list[CalibrationReading]] = {one.pk: [] for one in charts}
    readings = (
        CalibrationReading.objects.filter(client_id=found.client_id, chart__round=found)
        .exclude(review__state=ReviewState.CANCELLED)
        .select_related("review", "reader")
        .order_by("added_at", "pk")
    )
    for reading in readings:
        by_chart[reading.chart_id].append(reading)
    return [
        ReadChart(
            one,
            tuple(r for r in by_chart[one.pk] if r.review.blind_codes is not None),
            tuple(r for r in by_chart[one.pk] if r.review.blind_codes is None),
        )
        for one in charts
    ]


def readings_of(charts: Sequence[ReadChart]) -> list[Reading]:
    """What has been read so far, as agreement takes it; readers by their id."""
    table = taxonomy()
    return [
        reading_of(
            str(reading.reader_id),
            str(one.chart.pk),
            reading.review.blind_codes or [],
            lines_of_revision(one.chart.revision.codes),
            table,
        )
        for one in charts
        for reading in one.read
    ]


def titles_of(reviews: Sequence[Review]) -> dict[str, str]:
    """Code to title, as reviewers entered them: one query."""
    rows = ReviewCode.objects.filter(
        client_id__in={one.client_id for one in reviews}, review_id__in=[one.pk for one in reviews]
    )
    return dict(rows.values_list("code", "title"))


# --- gold ----------------------------------------------------------------------------------------------


def texts_of(encounter: Encounter) -> list[Text]:
    """The newest version of each document, in the order a coder reads them."""
    lines = documents_of(encounter)
    versions = DocumentVersion.objects.in_bulk([one.newest_id for one in lines if one.newest_id is not None])
    return [Text(str(one.newest_id), versions[one.newest_id].text) for one in lines]


def settled_lines(review: Review) -> list[dict[str, object]]:
    """The right set of a closed review: the reviewer's line, or the coder's where the finding fell."""
    fallen = {state.value for state in FALLEN}
    rows = AuditLine.objects.filter(client_id=review.client_id, review=review, is_process=False)
    lines = []
    for row in rows.order_by("number"):
        line = row.coder_line if row.state in fallen or row.verdict == "AG" else row.reviewer_line
        if line is not None:
            lines.append(dict(line))
    return sorted(lines, key=lambda line: (line["kind"], line["position"]))


def window_start(policy: Policy, now: datetime) -> datetime:
    """Since when settled charts count."""
    return now - timedelta(days=policy.window_days)


def gold_sums(client_id: int, side: str, policy: Policy, now: datetime) -> dict[int, Sum]:
    """Each person's settled gold charts of the window together."""
    rows = GoldCheck.objects.filter(
        client_id=client_id, side=side, state=CheckState.SETTLED, settled_at__gte=window_start(policy, now)
    ).values_list("person_id", "numerator", "denominator")
    scores: dict[int, list[tuple[int, int]]] = {}
    for person, numerator, denominator in rows:
        scores.setdefault(person, []).append((numerator, denominator))
    return {
        person: sum_up(found, target=policy.target, least_lines=policy.least_lines)
        for person, found in scores.items()
    }
