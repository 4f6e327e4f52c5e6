"""The draw of an audit sample: worked cases, and what holds for every frame, plan and seed."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput
from qa_audit.rules.sampling import Method, Plan, allocate, draw, stream
from qa_audit.sample_command import sample

HUNDRED = [{"id": f"e{number:03}", "stratum": "office"} for number in range(100)]
TWENTY_PERCENT = {"method": "percent", "value": 20}


def ask(frame: list[dict[str, Any]], plan: dict[str, Any], seed: int = 20261101) -> dict[str, Any]:
    return sample({"frame": frame, "plan": plan, "seed": seed})


#: Written down once from the algorithm of sampling.py; a change of any of them breaks every stored draw.
FOR_EVER = {
    "list": "2f55472f6370be4ae80277caab1d15134190f95f38cda4404017c3dcc4755e2e",
    "frame": "0ed657a4f357be98b472dda3378413af2aadd54ca35cdf1b234a56af24a341e8",
    "plan": "002b45c649b8c1c90a4212f0e52aaa0e48067a52f738934fb6e2966ca8ecfcc2",
}


def test_twenty_percent_of_a_hundred_is_twenty() -> None:
    answer = ask(HUNDRED, TWENTY_PERCENT)
    assert len({one["id"] for one in answer["sample"]}) == 20
    assert {one["weight"] for one in answer["sample"]} == {"5.000000"}
    assert json.loads(json.dumps(answer)) == answer


def test_the_stream_is_the_documented_one() -> None:
    digest = hashlib.sha256(b"coding-ops/qa.sample/1\x0020261101\x00office\x000").digest()
    words = [int.from_bytes(digest[at : at + 8], "big") for at in (0, 8, 16, 24)]
    assert list(islice(stream(20261101, "office"), 4)) == words
    # The first unit drawn, by hand: place 0 + the first number modulo 100.
    assert ask(HUNDRED, TWENTY_PERCENT)["sample"][0]["id"] == f"e{words[0] % 100:03}"


def test_a_draw_of_november_2026_is_the_same_for_ever() -> None:
    answer = ask(HUNDRED, TWENTY_PERCENT)
    listed = ",".join(one["id"] for one in answer["sample"])
    assert hashlib.sha256(listed.encode()).hexdigest() == FOR_EVER["list"]
    assert (answer["frame_sha256"], answer["plan_sha256"]) == (FOR_EVER["frame"], FOR_EVER["plan"])


def test_the_hashes_are_of_canonical_texts() -> None:
    frame = "\n".join(["office", *(one["id"] for one in HUNDRED)]) + "\n\n"
    plan = '{"certainty_strata":[],"floor_per_stratum":0,"method":"percent","value":"20"}'
    answer = ask(list(reversed(HUNDRED)), {"method": "percent", "value": "20.0", "certainty_strata": []})
    assert answer["frame_sha256"] == hashlib.sha256(frame.encode()).hexdigest()
    assert answer["plan_sha256"] == hashlib.sha256(plan.encode()).hexdigest()


ALLOCATIONS: list[tuple[dict[str, int], str, str, int, dict[str, int]]] = [
    ({"a": 100}, "percent", "20", 0, {"a": 20}),
    ({"a": 7}, "percent", "20", 0, {"a": 2}),
    ({"a": 90, "b": 10}, "percent", "20", 0, {"a": 18, "b": 2}),
    ({"a": 90, "b": 10}, "count", "20", 5, {"a": 15, "b": 5}),
    ({"a": 90, "b": 3}, "count", "20", 5, {"a": 17, "b": 3}),
    ({"a": 50, "b": 50, "c": 50}, "count", "20", 0, {"a": 7, "b": 7, "c": 6}),
    ({"a": 1, "b": 1, "c": 1}, "count", "2", 0, {"a": 1, "b": 1, "c": 0}),
    ({"a": 5, "b": 5}, "count", "2", 3, {"a": 3, "b": 3}),
    ({"a": 5}, "count", "30", 0, {"a": 5}),
    ({"a": 5}, "count", "0", 0, {"a": 0}),
    ({"a": 5, "b": 4}, "percent", "100", 0, {"a": 5, "b": 4}),
    ({"a": 1000, "b": 1}, "percent", "0.1", 1, {"a": 1, "b": 1}),
    ({}, "count", "20", 5, {}),
]


@pytest.mark.parametrize(("sizes", "method", "value", "floor", "expected"), ALLOCATIONS)
def test_sizes_of_the_strata(
    sizes: dict[str, int], method: str, value: str, floor: int, expected: dict[str, int]
) -> None:
    assert allocate(sizes, Plan(Method(method), Decimal(value), floor)) == expected


def test_certainty_strata_are_whole_and_the_rest_is_sampled() -> None:
    inpatient = [{"id": f"i{number}", "stratum": "inpatient"} for number in range(10)]
    plan = TWENTY_PERCENT | {"certainty_strata": ["inpatient", "surgery"]}
    answer = ask(HUNDRED + inpatient, plan)
    drawn = Counter(one["stratum"] for one in answer["sample"])
    assert drawn == {"inpatient": 10, "office": 20}
    assert {one["weight"] for one in answer["sample"] if one["stratum"] == "inpatient"} == {"1.000000"}
    assert answer["trace"][0]["certainty_strata_absent"] == ["surgery"]


def test_an_empty_frame_gives_an_empty_sample() -> None:
    answer = ask([], TWENTY_PERCENT | {"floor_per_stratum": 5})
    assert (answer["sample"], answer["strata"]) == ([], [])
    assert answer["frame_sha256"] == hashlib.sha256(b"").hexdigest()


def test_numbers_and_missing_strata_are_taken_as_they_are() -> None:
    answer = ask([{"id": number} for number in range(10)], {"method": "count", "value": 10})
    assert {one["id"] for one in answer["sample"]} == set(range(10))
    assert answer["sample"][0]["stratum"] is None


def test_another_seed_gives_another_list_and_more_units_keep_those_drawn() -> None:
    small, other = ask(HUNDRED, TWENTY_PERCENT), ask(HUNDRED, TWENTY_PERCENT, seed=7)
    assert small["sample"] != other["sample"]
    larger = ask(HUNDRED, {"method": "count", "value": 35})
    assert [one["id"] for one in larger["sample"]][:20] == [one["id"] for one in small["sample"]]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"frame": [{"id": "a"}, {"id": "b"}, {"id": "a"}]}, "frame[2].id"),
    ({"frame": [{"id": 1}, {"id": "1"}]}, "frame[1].id"),
    ({"frame": [{"stratum": "x"}]}, "frame[0].id"),
    ({"frame": [{"id": "a\nb"}]}, "frame"),
    ({"frame": [{"id": True}]}, "frame[0].id"),
    ({"frame": "all"}, "frame"),
    ({"frame": None}, "frame"),
    ({"seed": "20261101"}, "seed"),
    ({"seed": None}, "seed"),
    ({"plan": {"method": "percent", "value": 101}}, "plan.value"),
    ({"plan": {"method": "percent", "value": -1}}, "plan.value"),
    ({"plan": {"method": "count", "value": 2.5}}, "plan.value"),
    ({"plan": {"method": "count", "value": "NaN"}}, "plan.value"),
    ({"plan": {"method": "die roll", "value": 1}}, "plan.method"),
    ({"plan": {"method": "count", "value": 1, "floor_per_stratum": -1}}, "plan.floor_per_stratum"),
    ({"plan": {"method": "count", "value": 1, "certainty_strata": "a"}}, "plan.certainty_strata"),
]


@pytest.mark.parametrize(("changes", "path"), BAD)
def test_bad_input_names_the_culprit(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        sample({"frame": HUNDRED, "plan": TWENTY_PERCENT, "seed": 1} | changes)
    assert refusal.value.details["path"] == path


units = st.text(st.characters(exclude_characters="\n"), min_size=1, max_size=8)
frames = st.dictionaries(units, st.sampled_from(["a", "b", "c", "d"]), max_size=60)
plans = st.one_of(
    st.builds(Plan, st.just(Method.PERCENT), st.decimals(0, 100, places=2), st.integers(0, 6)),
    st.builds(Plan, st.just(Method.COUNT), st.integers(0, 80).map(Decimal), st.integers(0, 6)),
)


@given(frames, plans, st.integers(), st.randoms(use_true_random=False))
def test_any_draw_keeps_its_promises(frame: dict[str, str], plan: Plan, seed: int, chance: Any) -> None:
    rows = list(frame.items())
    drawn = draw(rows, plan, seed)
    chance.shuffle(rows)
    assert draw(rows, plan, seed) == drawn
    populations = Counter(frame.values())
    floors = sum(min(size, plan.floor_per_stratum) for size in populations.values())
    total = len(frame)
    asked = int(plan.value) if plan.method is Method.COUNT else math.ceil(plan.value * total / 100)
    assert sum(len(one.drawn) for one in drawn.strata) == max(min(total, asked), floors)
    for one in drawn.strata:
        assert one.population == populations[one.name]
        assert len(set(one.drawn)) == len(one.drawn) >= min(one.population, plan.floor_per_stratum)
        assert {frame[unit] for unit in one.drawn} <= {one.name}
        assert one.weight is None or one.weight * len(one.drawn) == one.population


def test_every_unit_has_the_same_chance() -> None:
    """2,000 seeds, 20 of 100: each unit about 400 times (binomial sd 17.9); 5 sd leave no honest failure."""
    rows = [(f"e{number:03}", "office") for number in range(100)]
    plan = Plan(Method.COUNT, Decimal(20))
    hits = Counter(unit for seed in range(2000) for unit in draw(rows, plan, seed).strata[0].drawn)
    assert sum(hits.values()) == 40_000
    assert max(abs(hits[unit] - 400) for unit, _ in rows) < 90
    # Chi-square with 99 degrees of freedom: 160 is beyond 99.99 %; the draw is without replacement (0.8).
    assert sum((hits[unit] - 400) ** 2 / (400 * 0.8) for unit, _ in rows) < 160
