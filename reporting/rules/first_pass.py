"""First pass: how many claims go through at the first try, by coding and at all.

Which claims count is decided by ``claims.rules.measures``, for these numbers as for the page of the measures.
Rows are original claims; amounts are days from sending to the answer.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Final

from claims.rules import measures
from claims.rules.classify import CODING
from claims.rules.measures import (
    ACCEPTED,
    CLEAN,
    DENIED,
    OTHER,
    PAID,
    PASSED,
    REFUSED,
    REJECTED,
    UNMAPPED,
    UNPAID,
)
from reporting.rules.claim_parts import claims_of, follows_claims, selection_of, share, window_of
from reporting.rules.facts import Facts, Frame
from reporting.rules.kpi import Audience, Bucket, Kpi, KpiDefinition, Selection, TargetBand, Unit, as_percent

NO_CODING: Final = (PASSED, OTHER, UNMAPPED)
_NONE: Final = "No claim was first answered in this window."


def select_coding(facts: Facts, frame: Frame) -> Selection:
    """Claims first answered in the window, by the part that coding had in what was refused."""
    return selection_of(measures.first_pass(claims_of(facts), window_of(frame)))


def select_raw(facts: Facts, frame: Frame) -> Selection:
    """The same claims, by whether anything was refused."""
    return selection_of(measures.raw(claims_of(facts), window_of(frame)))


def select_mature(facts: Facts, frame: Frame) -> Selection:
    """Claims whose time for an answer was over in the window, by the coding part of their answer."""
    days = facts.billing.maturity_days if facts.billing else 0
    return selection_of(measures.mature(claims_of(facts), window_of(frame), days))


def select_acceptance(facts: Facts, frame: Frame) -> Selection:
    """Claims accepted for adjudication or rejected for the first time in the window."""
    return selection_of(measures.acceptance(claims_of(facts), window_of(frame)))


def select_resolution(facts: Facts, frame: Frame) -> Selection:
    """Claims whose first answer was a remittance in the window, by what it decided."""
    return selection_of(measures.resolution(claims_of(facts), window_of(frame)))


# --- definitions -----------------------------------------------------------------------------------------

_CORRECTED: Final = "Corrected and voided claims: they answer a failure."
_UNANSWERED: Final = "Claims not answered by the end of the window; they are counted apart."
_ANSWERED: Final = "Original claims first answered in the window: rejected by 999 or 277CA, or decided by 835"
_CODING: Final = KpiDefinition(
    name="first_pass.coding",
    version=1,
    title="First pass, coding",
    question="How many claims does the payer not send back because of our codes?",
    numerator="Of these, claims whose first answer names no reason of the category coding",
    denominator=_ANSWERED,
    exclusions=(
        _CORRECTED,
        _UNANSWERED,
        "Nothing else: a claim refused for coding and for something else fails.",
        "A reason that no map knows does not fail; such claims are a part of their own.",
    ),
    window="Claims whose first answer is of the window, whenever they were sent",
    unit=Unit.PERCENT,
    target=TargetBand(low=Decimal(95)),
    source="House definition after HFMA's clean claim rate; 95% and more",
    minimum_n=30,
    audience=Audience.BOTH,
    buckets=(
        Bucket(PASSED, "Nothing refused"),
        Bucket(OTHER, "Refused, not for coding"),
        Bucket(UNMAPPED, "Refused, reason in no map"),
        Bucket(CODING, "Refused for coding"),
    ),
    noun="claims",
    groups=("facility", "specialty"),
    amount="Days to answer",
    higher_is_better=True,
    subject="claim",
)
CODING_PASS: Final = Kpi(
    _CODING, select_coding, partial(share, hits=NO_CODING, why=_NONE), as_percent, follows_claims
)
RAW: Final = Kpi(
    replace(
        _CODING,
        name="first_pass.raw",
        title="First pass, raw",
        question="How many claims go through at the first try, whatever the cause?",
        numerator="Of these, claims without any rejection or denial in their first answer",
        exclusions=(_CORRECTED, _UNANSWERED),
        target=TargetBand(low=Decimal(90)),
        source="House target beside the coding rate until a contract sets one",
        buckets=(Bucket(CLEAN, "Nothing refused"), Bucket(REFUSED, "Rejected, or denied in whole or part")),
    ),
    select_raw,
    partial(share, hits=(CLEAN,), why=_NONE),
    as_percent,
    follows_claims,
)
MATURE: Final = Kpi(
    replace(
        _CODING,
        name="first_pass.mature",
        title="First pass, coding, mature",
        question="What does the coding rate come to once late answers are in?",
        denominator="Original claims whose days for an answer were over in the window, and answered",
        exclusions=(_CORRECTED, "Claims that nobody had answered by then; they are counted apart."),
        window="Claims whose 45 days for an answer (or the contract's) ended in the window",
        source="House definition: young months look good, so 45 days are waited for",
    ),
    select_mature,
    partial(share, hits=NO_CODING, why="No claim's days for an answer were over in this window."),
    as_percent,
    follows_claims,
)
ACCEPTANCE: Final = Kpi(
    replace(
        _CODING,
        name="first_pass.acceptance",
        title="Accepted at first submission",
        question="How many claims reach the payer's decision without being rejected?",
        numerator="Of these, claims accepted (277CA A2) and never rejected",
        denominator="Original claims accepted or rejected for the first time in the window",
        exclusions=(
            _CORRECTED,
            _UNANSWERED,
            "Claims decided by a payer that never acknowledged them; they are counted apart.",
        ),
        window="Claims whose first acceptance or rejection is of the window",
        target=TargetBand(low=Decimal(98)),
        source="277CA final status A2 without A3, A6, A7, A8; house target until a contract sets one",
        buckets=(Bucket(ACCEPTED, "Accepted"), Bucket(REJECTED, "Rejected")),
    ),
    select_acceptance,
    partial(share, hits=(ACCEPTED,), why="No claim was accepted or rejected in this window."),
    as_percent,
    follows_claims,
)
RESOLUTION: Final = Kpi(
    replace(
        _CODING,
        name="first_pass.resolution",
        title="Resolved by the first remittance",
        question="How many claims are settled by the payer's first decision?",
        numerator="Of these, paid, or the patient's to pay, without any denial",
        denominator="Original claims whose first answer was a remittance of the window",
        exclusions=(_CORRECTED, _UNANSWERED, "Claims rejected before a decision; they are counted apart."),
        window="Claims first decided in the window, whenever they were sent",
        target=TargetBand(low=Decimal(90)),
        source="House target until a contract sets one",
        buckets=(
            Bucket(PAID, "Paid without a denial"),
            Bucket(DENIED, "Denied in whole or part"),
            Bucket(UNPAID, "Nothing paid, no denial given"),
        ),
    ),
    select_resolution,
    partial(share, hits=(PAID,), why="No claim was first decided in this window."),
    as_percent,
    follows_claims,
)
KPIS: Final = (CODING_PASS, RAW, MATURE, ACCEPTANCE, RESOLUTION)
