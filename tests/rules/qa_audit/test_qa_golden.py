"""The worked cases of `scoring_cases.toml`, and what measurement promises of every rule of a QA programme."""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, islice, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.rules.estimates import (
    RateStratum,
    ValueStratum,
    cluster_bootstrap,
    stratified_rate,
    stratified_total,
)
from qa_audit.rules.projection import project
from qa_audit.rules.sampling import Method, Plan, draw, stream, stream_words
from qa_audit.score_command import score

CASES: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "scoring_cases.toml").read_text("utf-8")
)["case"]
Lines = list[dict[str, Any]]


def lines_of(given_lines: list[Any]) -> Lines:
    """Texts are diagnoses at their place; tables may be anything, and a diagnosis has its place too."""
    found: Lines = []
    place = 0
    for one in given_lines:
        table = {"c": one} if isinstance(one, str) else dict(one)
        line = {"kind": table.pop("k", "dx"), "code": table.pop("c"), **table}
        if line["kind"] == "dx":
            place += 1
            line["position"] = place
        found.append(line)
    return found


def asked(case: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: case[name] for name in ("pairs", "weights", "attributes") if name in case}
    lines = {side: lines_of(case[side]) for side in ("coder", "auditor")}
    return score({"method": "agree-over-lines", **lines, **kept})


def row_of(line: dict[str, Any]) -> str:
    ours, theirs = line["coder"], line["auditor"]
    shown = f"{ours['code'] if ours else ''}>{theirs['code'] if theirs else '-'}"
    return f"{shown} {line['verdict']}"


@pytest.mark.parametrize("case", CASES, ids=[case["why"][:60] for case in CASES])
def test_a_worked_case(case: dict[str, Any]) -> None:
    answer = asked(case)
    scores = answer["scores"]
    if "rows" in case:
        coded = [one for one in answer["lines"] if one["verdict"] not in ("QM", "OB")]
        assert sorted(row_of(one) for one in coded) == sorted(case["rows"])
    assert scores["weighted"]["weight"] == case["w"]
    names = {"code": "code_level", "over": "auditor_denominator", "ours": "coder_denominator"}
    for short, name in names.items():
        if short in case:
            found = scores[name]
            assert f"{found['numerator']}/{found['denominator']}" == case[short], name
            assert found["rate"] == _six(case[short])
    if "weighted" in case:
        expected = None if case["weighted"] == "none" else case["weighted"]
        assert scores["weighted"]["rate"] == expected
    if "process" in case:
        assert scores["process_weight"] == case["process"]
    if "clean" in case:
        assert scores["encounter_clean"] is case["clean"]
    if "net" in case:
        assert [scores["net"]["added"], scores["net"]["removed"]] == case["net"]
    if "lines" in case:
        assert len(answer["lines"]) == case["lines"]


def _six(ratio: str) -> str | None:
    top, bottom = map(int, ratio.split("/"))
    return None if bottom == 0 else f"{Decimal(top) / bottom:.6f}"


def test_there_are_enough_worked_cases_and_each_says_why() -> None:
    assert len(CASES) >= 60
    assert all(len(case["why"]) >= 10 for case in CASES)
    told = {row.rsplit(" ", 1)[1] for case in CASES for row in case.get("rows", [])}
    verdicts = {"AG", "WC", "WS", "MS", "UN", "PD", "SQ", "PO", "MO", "UT", "EO", "EU", "DP", "EV"}
    assert told == verdicts


def test_listing_a_worked_case_backwards_changes_no_score() -> None:
    for case in CASES:
        if "pairs" in case:
            continue  # they name lines by their place in the list
        lines = {side: lines_of(case[side]) for side in ("coder", "auditor")}
        kept: dict[str, Any] = {name: case[name] for name in ("weights", "attributes") if name in case}
        request: dict[str, Any] = {"method": "agree-over-lines", **lines, **kept}
        turned = request | {side: list(reversed(ones)) for side, ones in lines.items()}
        assert score(turned)["scores"] == score(request)["scores"], case["why"]


# --- intervals: an own Wilson, in floats --------------------------------------------------------------


@pytest.mark.parametrize(("hits", "lines"), [(3, 4), (9, 10), (8, 8), (0, 2), (57, 60), (1, 3)])
def test_a_code_level_rate_has_wilsons_interval(hits: int, lines: int) -> None:
    """Wilson 1927, the centre and half width written out with z = 1.959964."""
    codes = [f"A{number:02}9" for number in range(lines)]
    found = score(
        {
            "method": "agree-over-lines",
            "coder": lines_of(list(codes)),
            "auditor": lines_of([{"c": code} for code in codes[:hits]]),
        }
    )["scores"]["code_level"]
    z, rate = 1.9599639845400545, hits / lines
    centre = (rate + z * z / (2 * lines)) / (1 + z * z / lines)
    half = z * math.sqrt(rate * (1 - rate) / lines + z * z / (4 * lines * lines)) / (1 + z * z / lines)
    assert float(found["low"]) == pytest.approx(max(0.0, centre - half), abs=1e-6)
    assert float(found["high"]) == pytest.approx(min(1.0, centre + half), abs=1e-6)


# --- samples -------------------------------------------------------------------------------------------


def test_inclusion_probabilities_of_a_stratified_draw() -> None:
    """1,500 seeds; strata of 40, 24 and 6 with a floor of 4 under a count of 20: 10, 6 and 4 by hand.

    4 of 6 is the floor; 16 of 64 is left: 40/64 * 16 = 10 and 24/64 * 16 = 6.  So 0.25, 0.25 and 2/3.
    """
    sizes = {"a": 40, "b": 24, "c": 6}
    frame = [(f"{name}{number:02}", name) for name, size in sizes.items() for number in range(size)]
    plan = Plan(Method.COUNT, Decimal(20), 4)
    seeds = 1500
    hits: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for seed in range(seeds):
        for stratum in draw(frame, plan, seed).strata:
            hits.update(stratum.drawn)
            if stratum.name == "c":
                pairs.update(combinations(sorted(stratum.drawn), 2))
    for name, share in (("a", 0.25), ("b", 0.25), ("c", 2 / 3)):
        spread = math.sqrt(seeds * share * (1 - share))
        assert max(abs(hits[unit] - seeds * share) for unit, own in frame if own == name) < 4.5 * spread
    # Joint inclusion of two of six, four drawn: (4*3)/(6*5) = 0.4 for every pair.
    assert len(pairs) == 15
    assert max(abs(count - seeds * 0.4) for count in pairs.values()) < 4.5 * math.sqrt(seeds * 0.24)


def test_the_weighted_rate_is_unbiased_over_every_possible_sample() -> None:
    """All C(5,2) * C(4,3) = 40 samples of two strata, each as likely: their mean is the true rate."""
    big, small = (1, 1, 0, 1, 0), (0, 0, 1, 1)
    rates = []
    for one, other in product(combinations(big, 2), combinations(small, 3)):
        strata = [RateStratum("big", 5, 2, sum(one)), RateStratum("small", 4, 3, sum(other))]
        rates.append(stratified_rate(strata, confidence=Decimal("0.95")).rate)
    mean = sum(rates, Decimal(0)) / len(rates)
    assert len(rates) == 40
    # Each rate is rounded to six decimals, so the mean may be half of the last one off.
    assert abs(mean - Decimal(5) / 9) < Decimal("0.0000006")


def test_the_projected_total_is_unbiased_and_a_pooled_one_is_not() -> None:
    big, small = (Decimal(0), Decimal(10), Decimal(20), Decimal(0)), (Decimal(100), Decimal(300), Decimal(50))
    totals, pooled = [], []
    for one, other in product(combinations(big, 2), combinations(small, 2)):
        strata = [ValueStratum("big", 4, one), ValueStratum("small", 3, other)]
        totals.append(stratified_total(strata, confidence=Decimal("0.90")).total)
        pooled.append(Fraction(sum(one + other, Decimal(0))) / 4 * 7)
    true = sum(big + small, Decimal(0))
    assert abs(sum(totals, Decimal(0)) / len(totals) - true) < Decimal("0.00001")
    assert abs(sum(pooled, Fraction(0)) / len(pooled) - Fraction(true)) > 10


def test_the_weighted_rate_over_seeded_draws_centres_on_the_truth() -> None:
    """800 draws of 12 from 60 and 5 from 8, sampled at different rates; the truth is 41/68."""
    frame = {f"r{number:02}": ("routine", number % 3 != 0) for number in range(60)}
    frame |= {f"h{number}": ("high", number == 0) for number in range(8)}
    rows = [(unit, stratum) for unit, (stratum, _) in frame.items()]
    plan = Plan(Method.COUNT, Decimal(17), 5)
    rates = []
    for seed in range(800):
        strata = [
            RateStratum(one.name, one.population, len(one.drawn), sum(frame[unit][1] for unit in one.drawn))
            for one in draw(rows, plan, seed).strata
        ]
        rates.append(float(stratified_rate(strata, confidence=Decimal("0.95")).rate))
    assert {(one.name, one.sampled) for one in strata} == {("routine", 12), ("high", 5)}
    mean = sum(rates) / len(rates)
    spread = math.sqrt(sum((rate - mean) ** 2 for rate in rates) / (len(rates) - 1) / len(rates))
    assert abs(mean - 41 / 68) < 4 * spread < 0.02


frames = st.dictionaries(
    st.text("abcdef0123456789", min_size=1, max_size=6),
    st.sampled_from(["x", "y", "z"]),
    min_size=1,
    max_size=40,
)


@given(frames, st.integers(0, 30), st.integers(0, 3), st.integers(-(2**62), 2**62))
def test_the_same_seed_gives_the_same_list_and_a_certain_stratum_is_whole(
    frame: dict[str, str], count: int, floor: int, seed: int
) -> None:
    plan = Plan(Method.COUNT, Decimal(count), floor, frozenset({"z"}))
    rows = list(frame.items())
    drawn = draw(rows, plan, seed)
    assert draw(rows[::-1], plan, seed) == drawn
    for one in drawn.strata:
        if one.name == "z":
            assert one.certainty and sorted(one.drawn) == sorted(u for u, s in rows if s == "z")


@given(
    st.lists(st.integers(-500, 5000), min_size=2, max_size=12),
    st.integers(0, 40),
    st.sampled_from(["0.80", "0.90", "0.95"]),
)
def test_what_is_asked_for_is_never_below_what_was_found_nor_below_zero(
    values: list[int], more: int, confidence: str
) -> None:
    strata = [ValueStratum("all", len(values) + more, tuple(map(Decimal, values)))]
    on = project(strata, extrapolate=True, confidence=Decimal(confidence))
    off = project(strata, extrapolate=False)
    assert on.asked >= max(Decimal(0), off.found) == off.asked
    assert on.low is not None and on.point is not None and on.high is not None
    assert on.low <= on.point <= on.high
    if more == 0:
        assert on.low == on.point == on.high == off.found


# --- the bootstrap, once more by the plain definition ---------------------------------------------------


@given(st.lists(st.integers(0, 9), max_size=6), st.integers(0, 10**6))
def test_the_numbers_taken_together_are_those_of_the_stream(counts: list[int], seed: int) -> None:
    following = stream_words(seed, "bootstrap")
    taken = b"".join(following(count) for count in counts)
    words = [int.from_bytes(taken[at : at + 8], "big") for at in range(0, len(taken), 8)]
    assert words == list(islice(stream(seed, "bootstrap"), sum(counts)))


@pytest.mark.parametrize("weighted", [False, True])
def test_the_bootstrap_is_whole_charts_drawn_by_the_stream(weighted: bool) -> None:
    """200 resamples of 12 charts, chart k being the next number modulo 12: percentiles 5 and 195 of 200."""
    charts = [(number % 4, 3 + number % 2) for number in range(12)]
    weights = [Decimal("1.5") if weighted and number % 3 == 0 else Decimal(1) for number in range(12)]
    numbers = stream(42, "bootstrap")
    rates = []
    for _ in range(200):
        chosen = [next(numbers) % 12 for _ in range(12)]
        hits = sum((weights[one] * charts[one][0] for one in chosen), Decimal(0))
        rates.append(hits / sum((weights[one] * charts[one][1] for one in chosen), Decimal(0)))
    rates.sort()
    found = cluster_bootstrap(charts, confidence=Decimal("0.95"), seed=42, draws=200, weights=weights)
    assert abs(found.low - rates[5]) < Decimal("0.000001")
    assert abs(found.high - rates[195]) < Decimal("0.000001")
