"""Drawing a sample: the frame frozen and hashed, the seed kept, a review for each chart drawn."""

from __future__ import annotations

import secrets
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import InvalidInput, Refused
from coding_ops.tenancy.actor import SYSTEM_ROLE, Actor
from coding_ops.tenancy.models import Client
from encounters.models import CodeRevision
from qa_audit.access import require_planner_of
from qa_audit.actions.gate import decide_period
from qa_audit.models import Draw, PlanVersion, Review, ReviewOrigin, SamplingPlan
from qa_audit.rules.drawing import draw_rows
from qa_audit.rules.frame import pack_frame, stratum_of, widened_strata
from qa_audit.rules.periods import periods_due
from qa_audit.rules.plan_terms import Gate, PlanTerms, parse_terms
from qa_audit.rules.review_states import ReviewState
from qa_audit.rules.sampling import Draw as Drawn
from qa_audit.selectors.frame import InFrame, frame_of, left_out_of
from qa_audit.selectors.plans import scheduled_versions
from qa_audit.selectors.widening import widened

SIX = Decimal("0.000001")
BATCH = 1000
EMPTY_FRAME = "draw.empty_frame"


@transaction.atomic
def draw_sample(
    *, actor: Actor, plan: SamplingPlan, first: date, last: date, seed: int | None = None
) -> Draw:
    """Draws a period's sample under the plan's newest version and asks for a review of each chart drawn.

    ``seed`` of ``None`` takes one from the machine's secret chance, so that nobody could know it before.

    Raises:
        InvalidInput: the period ends before it begins, or has not ended yet.
        Refused: the plan is switched off, the frame is empty, or the same draw was made before.
        NotAllowed: the person draws no samples here.
    """
    if actor.role != SYSTEM_ROLE:
        require_planner_of(actor, plan)
    locked: SamplingPlan = SamplingPlan.objects.select_for_update().get(client_id=plan.client_id, pk=plan.pk)
    client: Client = locked.client
    _check_period(locked, client, first, last)
    version = PlanVersion.objects.get(client_id=client.pk, plan=locked, number=locked.version_count)
    terms = parse_terms(version.terms)
    charts = frame_of(client, terms, first, last)
    if not charts:
        raise Refused("No final chart of this period is in the plan's scope.", code=EMPTY_FRAME)
    seed = secrets.randbits(48) if seed is None else seed
    if Draw.objects.filter(
        client_id=client.pk, version=version, period_from=first, period_through=last, seed=seed
    ).exists():
        raise Refused("This period was drawn with this seed before.", code="draw.repeated")
    widening = widened(client.pk, last)
    rows = [(one.encounter_id, stratum_of(one.chart, terms, widening)) for one in charts]
    drawn = draw_rows(rows, terms, seed)
    kept = _keep(actor, version, (first, last), seed, rows, drawn, left_out_of(client, terms, first, last))
    _ask_reviews(kept, locked, terms, drawn, {one.encounter_id: one for one in charts})
    if terms.gate is Gate.PREBILL:
        chosen = frozenset(one for stratum in drawn.strata for one in stratum.drawn)
        decide_period(actor=actor, client=client, plan=locked, first=first, last=last, chosen=chosen)
    record_event(
        actor=actor,
        verb=Verb.SAMPLE_DRAWN,
        subject=kept,
        facts={
            "seed": seed,
            "frame": kept.frame_count,
            "sample": kept.sample_count,
            "frame_sha256": kept.frame_sha256,
        },
    )
    return kept


def draw_due(*, actor: Actor, client: Client, today: date) -> list[Draw]:
    """Draws what the schedules of a client's active plans owe on a day; run again, it draws nothing twice.

    A period that ended is owed once, by the newest terms: a draw that somebody made of it counts, under
    whichever version.  Periods without a chart in scope are passed over.
    """
    made = []
    for version in scheduled_versions(client.pk):
        since = version.plan.active_since.astimezone(ZoneInfo(client.timezone)).date()
        schedule = parse_terms(version.terms).schedule
        for first, last in periods_due(schedule, since, today):
            drawn = _draw_once(actor, version.plan, first, last)
            if drawn is not None:
                made.append(drawn)
    return made


@transaction.atomic
def _draw_once(actor: Actor, plan: SamplingPlan, first: date, last: date) -> Draw | None:
    """Draws a period unless it was drawn.  The plan's row is held: of two runs at once one finds it drawn."""
    locked = SamplingPlan.objects.select_for_update().get(client_id=plan.client_id, pk=plan.pk)
    drawn = Draw.objects.filter(
        client_id=plan.client_id, version__plan=locked, period_from=first, period_through=last
    )
    if not locked.is_active or drawn.exists():
        return None
    try:
        return draw_sample(actor=actor, plan=locked, first=first, last=last)
    except Refused as refused:
        if refused.code == EMPTY_FRAME:
            return None
        raise


def _keep(
    actor: Actor,
    version: PlanVersion,
    period: tuple[date, date],
    seed: int,
    rows: list[tuple[str, str]],
    drawn: Drawn,
    left_out: dict[str, int],
) -> Draw:
    first, last = period
    kept: Draw = Draw.objects.create(
        client_id=version.client_id,
        version=version,
        period_from=first,
        period_through=last,
        seed=seed,
        frame=pack_frame(rows),
        frame_sha256=drawn.frame_sha256,
        plan_sha256=drawn.plan_sha256,
        frame_count=len(rows),
        sample_count=sum(len(stratum.drawn) for stratum in drawn.strata),
        strata={
            stratum.name: {
                "frame": stratum.population,
                "sample": len(stratum.drawn),
                "certainty": stratum.certainty,
            }
            for stratum in drawn.strata
        },
        widened={
            name: f"{factor:f}" for name, factor in widened_strata(one.name for one in drawn.strata).items()
        },
        excluded=left_out,
        drawn_by_id=actor.user_id,
        drawn_at=timezone.now(),
    )
    return kept


def _check_period(plan: SamplingPlan, client: Client, first: date, last: date) -> None:
    if not plan.is_active:
        raise Refused("The plan is switched off.", code="plan.inactive")
    if last < first:
        raise InvalidInput("The period ends before it begins.", code="draw.period", details={"path": "last"})
    if last >= timezone.localdate(timezone=ZoneInfo(client.timezone)):
        raise InvalidInput(
            "The period has not ended: a chart that becomes final later could never be drawn.",
            code="draw.period",
            details={"path": "last"},
        )


def _ask_reviews(
    kept: Draw, plan: SamplingPlan, terms: PlanTerms, drawn: Drawn, charts: dict[str, InFrame]
) -> None:
    chosen = [(stratum, one) for stratum in drawn.strata for one in stratum.drawn]
    revisions = dict(
        CodeRevision.objects.filter(client_id=kept.client_id, encounter_id__in=[one for _, one in chosen])
        .order_by("encounter_id", "number")
        .values_list("encounter_id", "pk")
    )
    by_text = {str(encounter): revision for encounter, revision in revisions.items()}
    Review.objects.bulk_create(
        [
            Review(
                client_id=kept.client_id,
                encounter_id=one,
                revision_id=by_text[one],
                draw=kept,
                origin=ReviewOrigin.CERTAINTY if stratum.certainty else ReviewOrigin.SAMPLE,
                stratum=stratum.name,
                weight=(Decimal(stratum.population) / len(stratum.drawn)).quantize(SIX),
                mode=terms.mode.value,
                gate=terms.gate.value,
                counted_score=terms.counted_score,
                rebuttal_days=terms.rebuttal_days,
                coder_id=charts[one].coder_id,
                is_client_run=plan.is_client_run,
                state=ReviewState.WAITING.value,
                created_at=kept.drawn_at,
            )
            for stratum, one in chosen
        ],
        batch_size=BATCH,
    )
