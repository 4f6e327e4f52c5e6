"""Rows, figures and notices of a draw's page."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from coding_ops.core.statistics import Interval
from qa_audit.models import Draw
from qa_audit.rules.accuracy import judge
from qa_audit.rules.draw_estimate import DrawEstimate
from qa_audit.rules.plan_terms import PlanTerms
from qa_audit.selectors.plans import Again, Progress, StratumProgress, weight_of
from qa_audit.selectors.programme import settings
from qa_audit.views.plans import words
from qa_audit.views.plans.dto import Figure, StratumRow
from qa_audit.views.plans.words import Names

ORDER = tuple(words.STATES)
SILENT_SHOWN = 3


def stratum_row(one: StratumProgress, names: Names, reviews_href: str) -> StratumRow:
    """One stratum: what was drawn, where its reviews stand, what the closed ones found."""
    weight = weight_of(one.frame, one.sample)
    return StratumRow(
        name=words.stratum(one.name, names),
        frame=f"{one.frame:,}",
        sample=f"{one.sample:,}",
        weight=f"{weight:f}" if weight else words.DASH,
        reviews=_states(one.states),
        reviews_href=reviews_href,
        result=words.counted(one.clean, one.closed, one.exact),
    )


def whole_row(found: Progress, drawn: Draw, reviews_href: str) -> StratumRow:
    """All strata together; the result counts charts as they are, without weights."""
    estimate = found.estimate
    return StratumRow(
        name="All strata",
        frame=f"{drawn.frame_count:,}",
        sample=f"{drawn.sample_count:,}",
        weight="",
        reviews=_states(found.states),
        reviews_href=reviews_href,
        result=words.counted(estimate.clean, estimate.finished, estimate.exact),
    )


def _states(states: Mapping[str, int]) -> str:
    """``3 waiting, 12 closed``"""
    told = [f"{states[state]:,} {words.STATES[state]}" for state in ORDER if states.get(state)]
    return ", ".join(told) or words.DASH


def figures(found: DrawEstimate, terms: PlanTerms) -> tuple[Figure, ...]:
    """The contract's score and the share of charts without an error, both weighted to the whole frame."""
    charts = _figure("Charts without an error", found.charts, found, terms)
    if terms.counted_score == "encounter_clean":
        return (charts,)
    return (_figure(words.SCORES[terms.counted_score], found.lines, found, terms), charts)


def _figure(name: str, rate: Interval | None, found: DrawEstimate, terms: PlanTerms) -> Figure:
    counts_here = name == words.SCORES[terms.counted_score]
    verdict = judge(rate, found.finished, target=terms.target, minimum_charts=settings().minimum_charts)
    return Figure(
        name=name,
        value=f"{words.percent(rate.rate)}%" if rate else words.DASH,
        interval=words.percents(rate) if rate else "",
        n=f"{words.charts(found.finished)} finished, weighted to {found.covered:,}",
        verdict=verdict.value if counts_here else "",
        target=f"target {words.percent(terms.target)}%" if counts_here else "",
    )


def estimate_note(found: DrawEstimate, names: Names) -> str:
    """What the estimate rests on, and what it cannot speak for."""
    if not found.finished:
        return "No review of this draw is finished, so there is nothing to estimate from yet."
    told = ["Each chart is weighted by the charts of its stratum that it stands for."]
    if found.resamples:
        told.append(
            f"The interval of the score comes from {found.resamples:,} resamples of whole charts, because the"
            " codes of one chart err together."
        )
    if found.silent:
        listed = [words.stratum(one, names) for one in found.silent[:SILENT_SHOWN]]
        more = len(found.silent) - len(listed)
        share = (
            Decimal(found.population - found.covered) / found.population if found.population else Decimal(0)
        )
        told.append(
            f"Left out, {words.percent(share)}% of the frame, for want of two finished reviews each:"
            f" {'; '.join(listed)}{f'; and {more} more' if more else ''}."
        )
    return " ".join(told)


def notices(drawn: Draw, found: Progress, names: Names) -> tuple[str, ...]:
    """What a reader of the numbers must know."""
    told = []
    if drawn.widened:
        listed = "; ".join(words.stratum(name, names) for name in drawn.widened)
        told.append(f"Drawn more often, on a signal: {listed}. Their weights are smaller for it.")
    if found.provisional:
        told.append(
            f"{words.charts(found.provisional)} with the coder: their findings may still fall, so they are"
            " not counted yet."
        )
    if found.left:
        told.append(
            f"{words.charts(found.left)} to review by people who no longer code here: nobody can answer for"
            " them, so a manager settles what is found."
        )
    if found.own:
        told.append(
            f"{words.charts(found.own)} to review by people who review here now: somebody else takes those."
        )
    cancelled = found.states.get("cancelled", 0)
    if cancelled:
        told.append(
            f"{words.charts(cancelled)} taken out of review. The others of their stratum stand for them,"
            " which is right only if the reason had nothing to do with the coding."
        )
    return tuple(told)


def checks(found: Again) -> tuple[tuple[str, bool, str], ...]:
    """Name, whether it holds, what was found."""
    listed = not found.missing and not found.added
    return (
        (
            "Stored frame",
            found.frame_holds,
            "Its digest is the one written down" if found.frame_holds else "Its digest is another one now",
        ),
        (
            "Stored plan",
            found.plan_holds,
            "Its digest is the one written down" if found.plan_holds else "Its digest is another one now",
        ),
        (
            "List",
            listed,
            f"{words.charts(found.sample)}, each with its review"
            if listed
            else f"{len(found.missing)} drawn now without review, {len(found.added)} reviewed and not drawn",
        ),
    )


def since(found: Again) -> tuple[str, ...]:
    """What has changed in the charts since; the stored draw is not touched by it."""
    told = []
    if found.gone:
        told.append(
            f"{words.charts(found.gone)} of the frame would not be in it today: opened again, or no longer in"
            " scope. The frame stays as it was drawn from."
        )
    if found.come:
        were = "was" if found.come == 1 else "were"
        told.append(f"{words.charts(found.come)} would be in the frame today and {were} not then.")
    if found.revised:
        have = "has" if found.revised == 1 else "have"
        told.append(
            f"{words.charts(found.revised)} drawn {have} a newer version of the codes. The review is of the"
            " version that was drawn."
        )
    return tuple(told)
