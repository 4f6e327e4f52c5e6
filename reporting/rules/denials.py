"""Denials: how often the payer says no at first, how often it gives way, and how soon we ask it to.

Which claims and denials count is decided by ``claims.rules.measures``.  Rows of the rate are claims, all
others denials; a claim denied for two kinds of reason stands in two rows and counts once.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Final

from claims.rules import measures
from claims.rules.category_words import CATEGORY_WORDS
from claims.rules.classify import CATEGORIES, NOT_A_DENIAL
from claims.rules.measures import CLEAN, NOT_OVERTURNED, OVERTURNED
from coding_ops.core.statistics import percentile, percentile_interval
from reporting.rules.claim_parts import (
    claims_of,
    denials_of,
    follows_claims,
    selection_of,
    share,
    window_of,
)
from reporting.rules.facts import Facts, Frame
from reporting.rules.kpi import (
    Audience,
    Bucket,
    Estimate,
    Kpi,
    KpiDefinition,
    KpiValue,
    Selection,
    TargetBand,
    Unit,
    as_percent,
    empty_value,
    measured_value,
)

DENIALS: Final = tuple(category for category in CATEGORIES if category != NOT_A_DENIAL)
_HALF: Final = Decimal("0.5")
_HUNDREDTH: Final = Decimal("0.01")


def select_initial(facts: Facts, frame: Frame) -> Selection:
    """Claims first decided in the window, one row for each category of denial; amount: the claim's charge."""
    return selection_of(measures.initial_denials(claims_of(facts), window_of(frame)))


def select_overturned(facts: Facts, frame: Frame) -> Selection:
    """Denials that ended in the window; amount: dollars denied."""
    return selection_of(measures.overturns(denials_of(facts), window_of(frame)))


def select_appealed(facts: Facts, frame: Frame) -> Selection:
    """Denials first appealed in the window; amount: days since the denial came."""
    return selection_of(measures.days_to_appeal(denials_of(facts), window_of(frame)))


def measure_days(definition: KpiDefinition, selection: Selection, frame: Frame) -> KpiValue:
    """The nearest-rank median of the days, with its distribution-free interval."""
    if not selection.rows:
        return empty_value(definition, selection, "No denial was first appealed in this window.")
    days = sorted(row.amount for row in selection.rows)
    found = percentile(days, _HALF)
    bounds = percentile_interval(days, _HALF, confidence=frame.confidence)
    low, high = (None if bound is None else bound.quantize(_HUNDREDTH) for bound in bounds)
    return measured_value(
        definition,
        selection,
        n=len(days),
        numerator=Decimal(sum(value <= found for value in days)),
        denominator=Decimal(len(days)),
        estimate=Estimate(found.quantize(_HUNDREDTH), low, high),
    )


# --- definitions -----------------------------------------------------------------------------------------

_CATEGORIES: Final = tuple(Bucket(category, CATEGORY_WORDS[category]) for category in DENIALS)
_INITIAL: Final = KpiDefinition(
    name="denials.initial",
    version=1,
    title="Initial denial rate",
    question="How often does the payer's first decision deny something, and for what?",
    numerator="Of these, denied in whole or part; a claim counts once, and in each of its categories",
    denominator="Original claims whose first answer was a remittance of the window",
    exclusions=(
        "Corrected and voided claims.",
        "Claims rejected before a decision; they are counted apart.",
        "Contractual reductions and the patient's share: these are no denials.",
    ),
    window="Claims first decided in the window, whenever they were sent",
    unit=Unit.PERCENT,
    target=TargetBand(high=Decimal(9)),
    source="HFMA: initial denial rate; about 9% of hospital claims",
    minimum_n=30,
    audience=Audience.BOTH,
    buckets=(*_CATEGORIES, Bucket(CLEAN, "Nothing denied")),
    noun="claims",
    groups=("facility", "specialty"),
    amount="Charge",
    is_money=True,
    higher_is_better=False,
    subject="claim",
)
INITIAL: Final = Kpi(
    _INITIAL,
    select_initial,
    partial(share, hits=DENIALS, why="No claim was first decided in this window."),
    as_percent,
    follows_claims,
)
OVERTURN: Final = Kpi(
    replace(
        _INITIAL,
        name="denials.overturned",
        title="Denials overturned",
        question="How often does the payer give way?",
        numerator="Of these, denials that the payer took back, wholly or in part",
        denominator="Denials that ended in the window: overturned, written off or closed",
        exclusions=("Denials that are being worked, corrected or appealed.",),
        window="Denials that ended in the window, whenever they came",
        target=None,
        source="HFMA: denials overturned; no target, as it depends on what is contested",
        buckets=(Bucket(OVERTURNED, "Overturned"), Bucket(NOT_OVERTURNED, "Not overturned")),
        noun="denials",
        amount="Denied",
        higher_is_better=True,
        subject="denial",
    ),
    select_overturned,
    partial(share, hits=(OVERTURNED,), why="No denial ended in this window."),
    as_percent,
    follows_claims,
)
TO_APPEAL: Final = Kpi(
    replace(
        _INITIAL,
        name="denials.days_to_appeal",
        title="Days to appeal, median",
        question="How soon is a denial contested?",
        numerator="Denials at or below the nearest-rank median of days from the denial to its first appeal",
        denominator="Denials first appealed in the window",
        exclusions=("Later levels of an appeal.", "Denials answered by a corrected claim alone."),
        window="Denials first appealed in the window, whenever they came",
        unit=Unit.DAYS,
        target=None,
        source="HFMA: time from denial to appeal",
        minimum_n=10,
        buckets=_CATEGORIES,
        noun="denials",
        amount="Days",
        is_money=False,
        subject="denial",
    ),
    select_appealed,
    measure_days,
    None,
    follows_claims,
)
KPIS: Final = (INITIAL, OVERTURN, TO_APPEAL)
