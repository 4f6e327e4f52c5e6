"""Which topic a finding gets, the life of a training, and how often errors come back.

Topics and their map are the house's (``data/topics.toml``, edition 2026-11); the figures of recurrence are
checked against Wilson's interval as published (JASA 22 (1927) 209) and worked by hand.
"""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import Conflict, InvalidInput
from coding_ops.core.statistics import interval
from qa_audit.models.reviews import Cause
from qa_audit.rules.audit_lines import Verdict
from qa_audit.rules.recurrence import ChartSums, chart_rate, recurrence
from qa_audit.rules.recurrence import Verdict as Said
from qa_audit.rules.topics import is_charged_error, read_topics
from qa_audit.rules.training_states import (
    OPEN,
    STEPS,
    TrainingState,
    TrainingVerb,
    training_step,
)
from qa_audit.topic_tables import TABLES, topic_map

KNOWLEDGE, READ, TOOL, PREFERENCE = (
    "guideline_knowledge",
    "documentation_read",
    "tool_edit",
    "auditor_preference",
)


def dx(code: str) -> dict[str, Any]:
    return {"kind": "dx", "system": "ICD-10-CM", "code": code}


def px(code: str) -> dict[str, Any]:
    return {"kind": "px", "system": "CPT", "code": code}


def pcs(code: str) -> dict[str, Any]:
    return {"kind": "px", "system": "ICD-10-PCS", "code": code}


@pytest.mark.parametrize(
    ("verdict", "cause", "coder", "reviewer", "topic"),
    [
        # the cause decides before anything else
        ("WS", TOOL, dx("N1831"), dx("N1832"), "tools"),
        ("WC", PREFERENCE, dx("I10"), dx("I129"), "conventions"),
        # then what is wrong of the line
        ("EO", KNOWLEDGE, px("99214"), px("99213"), "em-level"),
        ("EU", KNOWLEDGE, px("99212"), px("99213"), "em-level"),
        ("MO", KNOWLEDGE, px("20610"), px("20610"), "modifiers"),
        ("UT", KNOWLEDGE, px("96372"), px("96372"), "units"),
        ("PD", KNOWLEDGE, dx("E1122"), dx("N179"), "sequencing"),
        ("SQ", KNOWLEDGE, dx("I10"), dx("I10"), "sequencing"),
        ("PO", KNOWLEDGE, dx("L89153"), dx("L89153"), "present-on-admission"),
        ("DP", KNOWLEDGE, px("99213"), px("99213"), "claim-data"),
        ("QM", KNOWLEDGE, dx("D649"), None, "queries"),
        ("EV", READ, dx("Z794"), dx("Z794"), "evidence"),
        ("MS", READ, None, dx("Z794"), "reading-missed"),
        ("UN", READ, dx("Z794"), None, "reading-unsupported"),
        # then the family of what should have been coded
        ("MS", KNOWLEDGE, None, dx("Z794"), "factors"),
        ("UN", KNOWLEDGE, dx("Z794"), None, "factors"),
        ("WS", KNOWLEDGE, dx("E119"), dx("E1122"), "diabetes"),
        ("WC", KNOWLEDGE, dx("I10"), dx("N1831"), "kidney"),
        ("WC", KNOWLEDGE, dx("N1831"), dx("I10"), "hypertension"),
        ("WS", KNOWLEDGE, dx("I1A0"), dx("I1A0"), "hypertension"),
        ("WS", KNOWLEDGE, dx("I509"), dx("I5022"), "heart"),
        ("WS", KNOWLEDGE, dx("J069"), dx("J0190"), "respiratory"),
        ("WS", KNOWLEDGE, dx("C509"), dx("C50911"), "neoplasms"),
        ("WS", KNOWLEDGE, dx("D509"), dx("D508"), "diagnoses"),
        ("WS", KNOWLEDGE, dx("M179"), dx("M1711"), "musculoskeletal"),
        ("WS", KNOWLEDGE, dx("O0900"), dx("O0901"), "pregnancy"),
        ("WS", KNOWLEDGE, dx("S52509A"), dx("S52501A"), "injuries"),
        ("WC", KNOWLEDGE, dx("J069"), dx("R05"), "symptoms"),
        ("WS", KNOWLEDGE, dx("K219"), dx("K2100"), "diagnoses"),
        ("UN", KNOWLEDGE, px("99213"), None, "em-level"),
        ("MS", KNOWLEDGE, None, px("20610"), "surgery"),
        ("WC", KNOWLEDGE, px("71045"), px("71046"), "radiology"),
        ("MS", KNOWLEDGE, None, px("83036"), "laboratory"),
        ("WC", KNOWLEDGE, px("96372"), px("96374"), "services"),
        ("MS", KNOWLEDGE, None, px("J1885"), "services"),
        ("WC", KNOWLEDGE, pcs("0SR9019"), pcs("0SR901A"), "inpatient-procedures"),
    ],
)
def test_a_finding_gets_the_topic_of_its_cause_verdict_and_family(
    verdict: str, cause: str, coder: Any, reviewer: Any, topic: str
) -> None:
    found = topic_map().topic_of(verdict=verdict, cause=cause, coder_line=coder, reviewer_line=reviewer)
    assert found == topic


@given(st.sampled_from(Verdict), st.sampled_from(Cause), st.text("ABEIJNZ0159", min_size=1, max_size=7))
def test_every_finding_has_a_topic_that_exists(verdict: Verdict, cause: Cause, code: str) -> None:
    found = topic_map().topic_of(
        verdict=verdict.value, cause=cause.value, coder_line=dx(code), reviewer_line=None
    )
    assert found in topic_map().topics


def test_agreements_observations_and_what_is_not_the_coders_fault_are_no_errors() -> None:
    free = frozenset({"documentation_gap", "policy_difference"})
    assert is_charged_error("WS", KNOWLEDGE, free)
    assert is_charged_error("QM", READ, free)
    assert not is_charged_error("WS", "documentation_gap", free)
    assert not is_charged_error("AG", KNOWLEDGE, free)
    assert not is_charged_error("OB", KNOWLEDGE, free)


def test_a_chart_shows_an_error_only_with_a_code_of_the_topic() -> None:
    table = topic_map()
    assert table.can_show("kidney", [dx("I10"), dx("N1831")])
    assert not table.can_show("kidney", [dx("I10"), px("99213")])
    assert not table.can_show("kidney", [])
    # A topic without families can be shown by any chart, and one of an older edition too.
    assert table.can_show("modifiers", []) and table.can_show("left-out-since", [])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda t: t["rules"].insert(0, {"topic": "astrology"}), "astrology"),
        (lambda t: t["rules"][-2].update(families=["stars"]), "stars"),
        (lambda t: t["topics"]["kidney"].update(families=["stars"]), "stars"),
        (lambda t: t["rules"].pop(), "last rule"),
        (lambda t: t["families"].update(stars=["N17-N19"]), "not a range"),
        (lambda t: t["families"].update(stars=["dx:N17"]), "not a range"),
    ],
)
def test_a_map_that_names_what_is_not_there_is_refused(change: Any, problem: str) -> None:
    tables = tomllib.loads(TABLES.read_text())
    change(tables)
    with pytest.raises(InvalidInput, match=problem):
        read_topics(tables)


# --- the life of a training ---


def test_a_training_is_closed_through_a_clean_reaudit_only() -> None:
    ways = {(before, verb) for (before, verb), after in STEPS.items() if after is TrainingState.CLOSED}
    assert ways == {(TrainingState.REAUDIT, TrainingVerb.FOUND_CLEAN)}


@given(st.lists(st.sampled_from(TrainingVerb), max_size=12))
def test_what_is_over_stays_over_and_no_reaudit_precedes_its_training(verbs: list[TrainingVerb]) -> None:
    state, done = TrainingState.ASSIGNED, False
    for verb in verbs:
        try:
            after = training_step(state, verb)
        except Conflict:
            continue
        assert state in OPEN
        if verb is TrainingVerb.ASK_REAUDIT:
            assert done
        done = verb is TrainingVerb.COMPLETE or (done and after is not TrainingState.ASSIGNED)
        state = after
    assert (state in OPEN) == any((state, verb) in STEPS for verb in TrainingVerb)


# --- recurrence ---


@pytest.mark.parametrize(
    ("again", "decided", "said"),
    [
        (0, 0, Said.TOO_FEW),
        (4, 4, Said.TOO_FEW),
        (5, 5, Said.MISSED),
        (0, 5, Said.UNSURE),  # 0 of 5 is compatible with 43%
        (1, 10, Said.UNSURE),
        (0, 35, Said.MET),  # 0 of 35 is below 9.9%
        (0, 34, Said.UNSURE),
    ],
)
def test_recurrence_is_judged_only_where_the_whole_interval_lies_on_one_side(
    again: int, decided: int, said: Said
) -> None:
    found = recurrence(again, decided, confidence=Decimal("0.95"), target=Decimal("0.10"), minimum_n=5)
    assert found.verdict is said
    assert (found.found is None) == (decided == 0)


def test_charts_of_reaudits_that_are_all_clean_or_all_alike_are_independent_trials() -> None:
    clean = ChartSums(rounds=3, charts=30, charts_squared=300)
    found = chart_rate(clean, confidence=Decimal("0.95"))
    assert found == interval(0, 30, confidence=Decimal("0.95"))
    assert chart_rate(ChartSums(), confidence=Decimal("0.95")) is None


def test_errors_of_one_reaudit_together_make_the_interval_wider() -> None:
    # Six of sixty charts either way: all six of one coder, or one of each.
    spread = ChartSums(rounds=6, again=6, charts=60, again_squared=6, again_by_charts=60, charts_squared=600)
    lumped = ChartSums(rounds=6, again=6, charts=60, again_squared=36, again_by_charts=60, charts_squared=600)
    even, uneven = (chart_rate(one, confidence=Decimal("0.95")) for one in (spread, lumped))
    assert even is not None and uneven is not None
    assert even.rate == uneven.rate == Decimal("0.1")
    assert even == interval(6, 60, confidence=Decimal("0.95"))
    assert uneven.low < even.low and uneven.high > even.high
