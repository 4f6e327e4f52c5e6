"""Plans and their draws in lists; what a plan would draw; how far the reviews of a draw are."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from coding_ops.accounts.models import Specialty, User
from coding_ops.core.errors import NotFound
from coding_ops.core.statistics import Interval, sample_size
from coding_ops.tenancy.models import Client, Membership, Role
from encounters.models import CodeRevision, Encounter
from qa_audit.models import Draw, PlanVersion, Review, ReviewScore, SamplingPlan
from qa_audit.rules.draw_estimate import DrawEstimate, DrawnStratum, Scored, achieved, estimate_draw
from qa_audit.rules.drawing import draw_rows
from qa_audit.rules.frame import stratum_of, unpack_frame
from qa_audit.rules.plan_terms import PlanTerms, Schedule, digest_of, parse_terms
from qa_audit.rules.review_states import ReviewState
from qa_audit.selectors.frame import frame_of, left_out_of
from qa_audit.selectors.widening import widened

PAGE_ROWS = 50
Name = tuple[str, str]


def plans_of(client_id: int) -> QuerySet[PlanVersion]:
    """The newest version of each plan by name, with when it was last drawn and how often."""
    draws = Draw.objects.filter(client_id=client_id, version__plan_id=OuterRef("plan_id"))
    newest = draws.order_by("-period_through", "-drawn_at")
    rows: QuerySet[PlanVersion] = (
        PlanVersion.objects.filter(client_id=client_id, number=F("plan__version_count"))
        .select_related("plan")
        .annotate(
            last_draw=Subquery(newest.values("pk")[:1]),
            last_from=Subquery(newest.values("period_from")[:1]),
            last_through=Subquery(newest.values("period_through")[:1]),
            draw_count=Subquery(
                draws.order_by().values("version__plan_id").annotate(n=Count("pk")).values("n")[:1]
            ),
        )
        .order_by("plan__name")
    )
    return rows


def scheduled_versions(client_id: int) -> list[PlanVersion]:
    """The newest version of each active plan that is drawn without anybody asking."""
    rows = PlanVersion.objects.filter(
        client_id=client_id, number=F("plan__version_count"), plan__is_active=True
    ).exclude(terms__schedule=Schedule.MANUAL.value)
    return list(rows.select_related("plan").order_by("plan__name"))


def find_plan(client_id: int, plan_id: uuid.UUID) -> PlanVersion:
    """A plan's newest version.

    Raises:
        NotFound: absent, or another client's.
    """
    found = (
        PlanVersion.objects.filter(client_id=client_id, plan_id=plan_id, number=F("plan__version_count"))
        .select_related("plan__client", "made_by")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def versions_of(plan: SamplingPlan) -> list[PlanVersion]:
    """All versions, newest first."""
    rows = PlanVersion.objects.filter(client_id=plan.client_id, plan=plan)
    return list(rows.select_related("made_by").order_by("-number"))


def draws_of(client_id: int, *, plan_id: uuid.UUID | None = None) -> QuerySet[Draw]:
    """Draws, newest first, without their frames."""
    rows: QuerySet[Draw] = (
        Draw.objects.filter(client_id=client_id)
        .select_related("version__plan", "drawn_by")
        .defer("frame", "strata", "version__terms")
        .order_by("-drawn_at", "-pk")
    )
    return rows.filter(version__plan_id=plan_id) if plan_id else rows


def settled_counts(client_id: int, draw_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, tuple[int, int]]:
    """Of each draw: reviews closed, and reviews that count (all but the cancelled): one query."""
    rows = (
        Review.objects.filter(client_id=client_id, draw_id__in=draw_ids)
        .values_list("draw_id")
        .annotate(
            closed=Count("pk", filter=Q(state=ReviewState.CLOSED)),
            alive=Count("pk", filter=~Q(state=ReviewState.CANCELLED)),
        )
    )
    return {draw: (closed, alive) for draw, closed, alive in rows}


def find_draw(client_id: int, draw_id: uuid.UUID) -> Draw:
    """A draw with its plan's version.

    Raises:
        NotFound: absent, or another client's.
    """
    found = (
        Draw.objects.filter(client_id=client_id, pk=draw_id)
        .select_related("version__plan__client", "drawn_by")
        .first()
    )
    if found is None:
        raise NotFound
    return found


# --- choices of the form, names of strata ---------------------------------------------------------------


def coders_of(client_id: int, chosen: Sequence[int] = ()) -> list[tuple[int, str, bool]]:
    """Id, name and whether they code here now: the coders of today, and those a plan names who have left."""
    standing = Membership.objects.filter(client_id=client_id, role=Role.CODER, revoked_at__isnull=True)
    here = set(standing.values_list("user_id", flat=True))
    people = User.objects.filter(pk__in=here | set(chosen)).order_by("full_name", "pk")
    return [(one.pk, one.full_name, one.pk in here and one.is_active) for one in people]


def specialties_of(client_id: int, chosen: Sequence[str] = ()) -> list[Name]:
    """Code and name of the specialties this client's charts have, and of those a plan names."""
    used = Encounter.objects.filter(client_id=client_id, specialty__isnull=False).values("specialty_id")
    found = Specialty.objects.filter(Q(pk__in=used.distinct()) | Q(code__in=chosen))
    return [(one.code, one.name) for one in found.order_by("name")]


def names_in(strata: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Names of the coders and specialties that strata name, by what stands for them there: two queries."""
    parts = {part for name in strata for part in name.split("|")}
    ids = [int(one.removeprefix("coder=")) for one in parts if one.removeprefix("coder=").isdecimal()]
    codes = [one.removeprefix("specialty=") for one in parts if one.startswith("specialty=")]
    coders = dict(User.objects.filter(pk__in=ids).values_list("pk", "full_name")) if ids else {}
    specialties = dict(Specialty.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
    return {str(pk): name for pk, name in coders.items()}, specialties


# --- what a plan would draw -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlannedStratum:
    """A stratum of today's frame, how many would be drawn, and what that could show if the target is met."""

    name: str
    frame: int
    sample: int
    certainty: bool
    expected: int
    planned: Interval | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What the terms would draw of a period that is over.

    Attributes:
        needed: charts that estimate the rate within the plan's precision, by simple random sampling.
        whole: the row of all strata together.
    """

    first: date
    last: date
    frame: int
    left_out: Mapping[str, int]
    strata: tuple[PlannedStratum, ...]
    whole: PlannedStratum
    needed: int


def preview(client: Client, terms: PlanTerms, first: date, last: date) -> Preview:
    """Counts the period's frame and shares it out; nothing is drawn or kept."""
    widening = widened(client.pk, last)
    rows = [
        (one.encounter_id, stratum_of(one.chart, terms, widening))
        for one in frame_of(client, terms, first, last)
    ]
    drawn = draw_rows(rows, terms, 0)
    strata = tuple(
        _planned(one.name, one.population, len(one.drawn), one.certainty, terms) for one in drawn.strata
    )
    whole = _planned("", len(rows), sum(one.sample for one in strata), False, terms)
    needed = (
        sample_size(
            len(rows),
            expected_error=1 - terms.target,
            precision=terms.precision,
            confidence=terms.confidence,
        )
        if rows
        else 0
    )
    return Preview(first, last, len(rows), left_out_of(client, terms, first, last), strata, whole, needed)


def _planned(name: str, frame: int, sample: int, certainty: bool, terms: PlanTerms) -> PlannedStratum:
    expected = int((terms.target * sample).to_integral_value(rounding=ROUND_HALF_UP))
    return PlannedStratum(
        name, frame, sample, certainty, expected, achieved(expected, sample, terms.confidence)
    )


# --- a draw as its reviews stand ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StratumProgress:
    """A stratum of a draw: reviews by state, and the finished ones' result."""

    name: str
    frame: int
    sample: int
    certainty: bool
    states: Mapping[str, int]
    clean: int
    exact: Interval | None

    @property
    def closed(self) -> int:
        return self.states.get(ReviewState.CLOSED, 0)


@dataclass(frozen=True, slots=True)
class Progress:
    """All strata of a draw, and what they say together.

    Attributes:
        left: open reviews of charts whose coder no longer codes at this client.
        own: open reviews of charts whose coder reviews here now, so that somebody else must take them.
    """

    strata: tuple[StratumProgress, ...]
    states: Mapping[str, int]
    estimate: DrawEstimate
    provisional: int
    left: int = 0
    own: int = 0


def progress_of(drawn: Draw, terms: PlanTerms) -> Progress:
    """Where the reviews stand, and the estimates from the closed ones: four queries."""
    reviews = Review.objects.filter(client_id=drawn.client_id, draw=drawn)
    states: dict[str, Counter[str]] = {}
    for stratum, state, count in reviews.values_list("stratum", "state").annotate(n=Count("pk")):
        states.setdefault(stratum, Counter())[state] += count
    scores: dict[str, list[Scored]] = {}
    newest = (
        ReviewScore.objects.filter(client_id=drawn.client_id, review__draw=drawn, review__state="closed")
        .order_by("review_id", "-number")
        .distinct("review_id")
        .values_list("review__stratum", "numerator", "denominator", "is_clean")
    )
    for stratum, numerator, denominator, is_clean in newest:
        scores.setdefault(stratum, []).append(Scored(numerator, denominator, is_clean))
    strata = [
        DrawnStratum(name, told["frame"], tuple(scores.get(name, ())))
        for name, told in sorted(drawn.strata.items())
    ]
    whole: Counter[str] = sum(states.values(), Counter())
    return Progress(
        strata=tuple(_progress(one, drawn, states.get(one.name, Counter()), terms) for one in strata),
        states=whole,
        estimate=estimate_draw(strata, confidence=terms.confidence, seed=drawn.seed),
        provisional=whole[ReviewState.ANSWERING],
        **_moved(drawn),
    )


def _moved(drawn: Draw) -> dict[str, int]:
    """Open reviews of those who no longer code here, and of those who review here now."""
    counts = dict(
        Review.objects.filter(client_id=drawn.client_id, draw=drawn)
        .exclude(state__in=[ReviewState.CLOSED, ReviewState.CANCELLED])
        .values_list("coder_id")
        .annotate(n=Count("pk"))
    )
    roles = dict(
        Membership.objects.filter(
            client_id=drawn.client_id, user_id__in=counts, revoked_at__isnull=True, user__is_active=True
        ).values_list("user_id", "role")
    )
    return {
        "left": sum(count for coder, count in counts.items() if coder not in roles),
        "own": sum(count for coder, count in counts.items() if roles.get(coder) == Role.QA_REVIEWER),
    }


def _progress(one: DrawnStratum, drawn: Draw, states: Counter[str], terms: PlanTerms) -> StratumProgress:
    told = drawn.strata[one.name]
    return StratumProgress(
        name=one.name,
        frame=one.population,
        sample=told["sample"],
        certainty=told["certainty"],
        states=states,
        clean=one.clean,
        exact=achieved(one.clean, len(one.scored), terms.confidence),
    )


# --- drawing again --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Again:
    """A draw made again from what is stored of it, beside what was drawn and what the frame would be today.

    Attributes:
        frame_holds, plan_holds: the digests of what is stored are those written down when it was drawn.
        missing: charts drawn now that no review was asked of then; ``added``: the other way round.
        gone: charts of the frame that would not be in it today; ``come``: the other way round.
        revised: drawn charts whose codes have a newer version than the one under review.
    """

    frame_holds: bool
    plan_holds: bool
    sample: int
    missing: tuple[str, ...]
    added: tuple[str, ...]
    gone: int
    come: int
    revised: int

    @property
    def repeats(self) -> bool:
        return self.frame_holds and self.plan_holds and not self.missing and not self.added


def draw_again(drawn: Draw) -> Again:
    """Draws from the stored frame, plan and seed, and compares with the reviews that were asked for.

    Raises:
        InvalidInput: the stored frame cannot be read: it was changed after the draw.
    """
    terms = parse_terms(drawn.version.terms)
    rows = unpack_frame(bytes(drawn.frame))
    found = draw_rows(rows, terms, drawn.seed)
    now = {one for stratum in found.strata for one in stratum.drawn}
    reviews = Review.objects.filter(client_id=drawn.client_id, draw=drawn)
    then = {str(one) for one in reviews.values_list("encounter_id", flat=True)}
    client = drawn.version.plan.client
    today = {one.encounter_id for one in frame_of(client, terms, drawn.period_from, drawn.period_through)}
    kept = {chart for chart, _ in rows}
    return Again(
        frame_holds=found.frame_sha256 == drawn.frame_sha256,
        plan_holds=found.plan_sha256 == drawn.plan_sha256
        and digest_of(drawn.version.terms) == drawn.version.sha256,
        sample=len(now),
        missing=tuple(sorted(now - then)),
        added=tuple(sorted(then - now)),
        gone=len(kept - today),
        come=len(today - kept),
        revised=_revised(drawn),
    )


def _revised(drawn: Draw) -> int:
    newer = CodeRevision.objects.filter(
        client_id=drawn.client_id,
        encounter_id=OuterRef("encounter_id"),
        number__gt=OuterRef("revision__number"),
    )
    return (
        Review.objects.filter(client_id=drawn.client_id, draw=drawn)
        .annotate(newer=Subquery(newer.values("number")[:1]))
        .filter(newer__isnull=False)
        .count()
    )


def weight_of(frame: int, sample: int) -> Decimal | None:
    """How many charts of its stratum a drawn one stands for, two decimals."""
    return (Decimal(frame) / sample).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP) if sample else None
