"""Rows and parts of the pages of plans and draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError

from coding_ops.tenancy.actor import Actor
from coding_ops.web.client_pages import moment
from encounters.forms import DayField
from qa_audit.models import Draw, PlanVersion, SamplingPlan
from qa_audit.rules.plan_terms import Gate, Mode, PlanTerms, Schedule, parse_terms
from qa_audit.selectors.plans import (
    PlannedStratum,
    Preview,
    coders_of,
    names_in,
    specialties_of,
    weight_of,
)
from qa_audit.views.plans import words
from qa_audit.views.plans.dto import DrawRow, PlanRow, PreviewRow, PreviewView, VersionRow
from qa_audit.views.plans.words import Names

BAD_DAY = "write the day as MM/DD/YYYY."
MOST_STRATA = 60
LARGEST_SEED = 2**63 - 1
WAITS = {
    Schedule.DAILY: "a day",
    Schedule.WEEKLY: "a week",
    Schedule.MONTHLY: "a month",
    Schedule.MANUAL: "as long as nobody draws",
}


def read_draw(
    sent: Mapping[str, str], today: date
) -> tuple[tuple[date, date] | None, int | None, dict[str, str]]:
    """The days and the seed of a draw, or what is wrong by field."""
    errors: dict[str, str] = {}
    days: list[date] = []
    for name, label in (("first", "First day"), ("last", "Last day")):
        try:
            days.append(DayField(today, error_messages={"required": BAD_DAY}).clean(sent[name]))
        except ValidationError:
            errors[name] = f"{label}: {BAD_DAY}"
    text = sent["seed"]
    if text and not (text.isdecimal() and int(text[:20]) <= LARGEST_SEED and len(text) < 20):
        errors["seed"] = f"Seed: a whole number from 0 to {LARGEST_SEED:,}, or nothing."
    if errors:
        return None, None, errors
    return (days[0], days[1]), int(text) if text else None, {}


# --- names ----------------------------------------------------------------------------------------------


def names_of(actor: Actor, strata: Sequence[str]) -> Names:
    """Names for strata; a client's people are not told who codes."""
    coders, specialties = names_in(strata)
    return Names(coders if actor.is_vendor else {}, specialties)


def names_in_terms(actor: Actor, client_id: int, terms: Sequence[PlanTerms]) -> Names:
    """Names for the scopes of several versions of a plan."""
    coders = {one for version in terms for one in version.coders}
    specialties = {one for version in terms for one in version.specialties}
    return Names(
        {str(pk): name for pk, name, _ in coders_of(client_id, sorted(coders))}
        if coders and actor.is_vendor
        else {},
        dict(specialties_of(client_id, sorted(specialties))) if specialties else {},
    )


# --- plans ----------------------------------------------------------------------------------------------


def plan_row(base: str, version: PlanVersion) -> PlanRow:
    """One plan of the list; annotated by ``plans_of``."""
    terms, plan = parse_terms(version.terms), version.plan
    last, *days = (getattr(version, name, None) for name in ("last_draw", "last_from", "last_through"))
    return PlanRow(
        href=f"{base}plans/{plan.pk}/",
        name=plan.name,
        share=words.share(terms),
        cut=words.cut(terms),
        always=words.always(terms) if terms.certainty else "",
        schedule=words.SHORT_SCHEDULES[terms.schedule],
        gate="Before release" if terms.gate is Gate.PREBILL else "After release",
        is_on=plan.is_active,
        last=words.period(*days) if last else "",
        last_href=f"{base}draws/{last}/" if last else "",
        draws=str(getattr(version, "draw_count", None) or 0),
    )


def plan_standing(plan: SamplingPlan, zone: str) -> str:
    """``On since 11/02/2026 …``"""
    return (
        f"On since {moment(plan.active_since, zone)}" if plan.is_active else "Switched off: nothing is drawn"
    )


def says(terms: PlanTerms, names: Names) -> tuple[tuple[str, str], ...]:
    """Every term in words."""
    right, known = words.percent(terms.target), words.percent(terms.precision)
    confidence = words.percent(terms.confidence)
    return (
        ("In scope", words.scope(terms, names)),
        ("Drawn", f"{words.share(terms)}, {words.cut(terms)}"),
        ("Always reviewed", words.always(terms)),
        ("Schedule", words.SCHEDULES[terms.schedule]),
        ("When", words.GATES[terms.gate]),
        ("Review", words.MODES[Mode(terms.mode)]),
        ("Score that counts", words.SCORES[terms.counted_score]),
        ("Aim", f"{right}% right, known to ±{known} points at {confidence}% confidence"),
        ("Days to answer", str(terms.rebuttal_days)),
    )


def history(versions: Sequence[PlanVersion], names: Names, actor: Actor, zone: str) -> tuple[VersionRow, ...]:
    """Newest first, each with what it changed.  A client is not told who of the vendor's did it."""
    told = [dict(says(parse_terms(one.terms), names)) for one in versions]
    return tuple(
        VersionRow(
            number=one.number,
            made=f"{_who(one, actor)}, {moment(one.made_at, zone)}",
            reason=one.reason,
            sha256=one.sha256,
            changes=tuple(
                (label, told[at + 1][label], now)
                for label, now in told[at].items()
                if told[at + 1][label] != now
            )
            if at + 1 < len(told)
            else (),
        )
        for at, one in enumerate(versions)
    )


def _who(version: PlanVersion, actor: Actor) -> str:
    inside = actor.is_vendor or version.made_by_id == actor.user_id
    return version.made_by.full_name if inside else "The coding vendor"


def draw_row(
    base: str, drawn: Draw, counts: Mapping[UUID, tuple[int, int]], actor: Actor, zone: str
) -> DrawRow:
    """One draw of a list."""
    closed, alive = counts.get(drawn.pk, (0, 0))
    return DrawRow(
        href=f"{base}draws/{drawn.pk}/",
        period=words.period(drawn.period_from, drawn.period_through),
        plan=drawn.version.plan.name,
        version=str(drawn.version.number),
        frame=f"{drawn.frame_count:,}",
        sample=f"{drawn.sample_count:,}",
        reviewed=f"{closed:,} of {alive:,}",
        drawn=f"{drawn_by(drawn, actor)}, {moment(drawn.drawn_at, zone)}",
    )


def drawn_by(drawn: Draw, actor: Actor) -> str:
    """Who drew it; the schedule has no name."""
    if drawn.drawn_by is None:
        return "By schedule"
    inside = actor.is_vendor or drawn.drawn_by_id == actor.user_id
    return drawn.drawn_by.full_name if inside else "The coding vendor"


# --- the preview ----------------------------------------------------------------------------------------


def preview_view(found: Preview, terms: PlanTerms, names: Names) -> PreviewView:
    """What the terms would draw, stratum by stratum."""
    shown = found.strata[:MOST_STRATA]
    confidence, precision = words.percent(terms.confidence), words.percent(terms.precision)
    enough = found.whole.sample >= found.needed
    return PreviewView(
        period=words.period(found.first, found.last),
        frame=words.charts(found.frame),
        left_out=words.left_out(found.left_out),
        rows=tuple(_preview_row(one, words.stratum(one.name, names)) for one in shown),
        more=f"{len(found.strata) - MOST_STRATA} more strata" if len(found.strata) > MOST_STRATA else "",
        whole=_preview_row(found.whole, "All strata"),
        precision=(
            f"±{precision} points at {confidence}% confidence needs {words.charts(found.needed)}; these"
            f" terms draw {found.whole.sample:,}."
            if found.frame
            else ""
        ),
        enough=enough,
        notices=tuple(_notices(found, terms, enough)),
    )


def _notices(found: Preview, terms: PlanTerms, enough: bool) -> list[str]:
    told = []
    if not found.frame:
        told.append("No final chart of this period is in scope: a draw of it would be refused.")
    elif not enough:
        told.append("The sample is smaller than the precision asks: draw more, or accept a wider interval.")
    thin = [one for one in found.strata if not one.certainty and one.sample < min(2, one.frame)]
    if thin:
        told.append(
            f"{len(thin)} {'stratum has' if len(thin) == 1 else 'strata have'} fewer than two charts drawn,"
            " too few to estimate from. Set a floor of 2, or cut by fewer things."
        )
    if terms.gate is Gate.PREBILL:
        told.append(
            f"Final charts in scope are held up to {WAITS[terms.schedule]} before they are drawn or let go."
        )
    return told


def _preview_row(one: PlannedStratum, name: str) -> PreviewRow:
    weight: Decimal | None = weight_of(one.frame, one.sample)
    return PreviewRow(
        name=name,
        frame=f"{one.frame:,}",
        sample=f"{one.sample:,}",
        weight=f"{weight:f}" if weight and name != "All strata" else "",
        planned=words.counted(one.expected, one.sample, one.planned),
    )
