"""Agreement of several readers: kappa with its interval, low charts, the majority, and fair dealing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.rules.calibration import (
    Reading,
    chart_f1,
    code_names,
    deal,
    kappa,
    majority,
    pairs,
    reading_of,
    wants_reader,
)
from qa_audit.score_command import taxonomy


def dx(code: str, position: int) -> dict[str, Any]:
    return {
        "kind": "dx",
        "system": "ICD-10-CM",
        "code": code,
        "position": position,
        "modifiers": [],
        "units": 1,
        "poa": None,
        "evidence": True,
    }


def codes(*names: str) -> frozenset[str]:
    return code_names([dx(name, at) for at, name in enumerate(names, start=1)])


def test_kappa_and_its_interval_are_cohens() -> None:
    """A published worked table (20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no): po 0.70, pe 0.50, kappa 0.40.

    Its standard error by formula 7 is sqrt(0.7 * 0.3 / (50 * 0.25)) = 0.1296.
    """
    one = [True] * 25 + [False] * 25
    other = [True] * 20 + [False] * 5 + [True] * 10 + [False] * 15
    found = kappa(one, other)
    assert (found.value, found.items) == (Decimal("0.400000"), 50)
    assert found.low is not None and found.high is not None
    assert abs(found.low - Decimal("0.1460")) < Decimal("0.0002")
    assert abs(found.high - Decimal("0.6540")) < Decimal("0.0002")


def test_kappa_is_not_defined_where_chance_alone_agrees() -> None:
    found = kappa(["AG", "AG"], ["AG", "AG"])
    assert (found.value, found.low, found.items) == (None, None, 2)
    assert kappa([], []).items == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=40))
def test_kappa_lies_in_its_interval_and_forgets_who_was_first(labels: list[tuple[str, str]]) -> None:
    one, other = [first for first, _ in labels], [second for _, second in labels]
    found, turned = kappa(one, other), kappa(other, one)
    assert found == turned
    if found.value is not None:
        assert found.low is not None and found.high is not None
        assert -1 <= found.low <= found.value <= found.high <= 1


def test_a_charts_f1_is_the_mean_over_its_readers() -> None:
    # 2*2/5 = 0.8, 2*1/5 = 0.4, 2*1/4 = 0.5.
    found = chart_f1([codes("E1122", "N1831", "I10"), codes("E1122", "N1831"), codes("I10", "N1831")][:2])
    assert found == Decimal("0.800000")
    three = [codes("E1122", "N1831", "I10"), codes("E1122", "N1831"), codes("E119", "E1122")]
    assert chart_f1(three) == Decimal("0.566667")
    assert chart_f1([codes("I10")]) is None
    assert chart_f1([codes(), codes()]) is None


@pytest.mark.parametrize(
    ("given_codes", "waiting", "asked"),
    [
        ([codes("I10"), codes("E119")], 0, True),
        ([codes("I10"), codes("E119")], 1, False),
        ([codes("I10"), codes("I10")], 0, False),
        ([codes("I10")], 1, False),
        ([codes("I10")], 0, True),
        ([codes("I10"), codes("E119"), codes("N1831")], 0, False),
    ],
)
def test_one_more_reader_is_asked_when_all_have_read_or_one_dropped_out(
    given_codes: list[frozenset[str]], waiting: int, asked: bool
) -> None:
    found = wants_reader(given_codes, waiting=waiting, each=2, least_f1=Decimal("0.8"), most_readers=3)
    assert found is asked


def test_pairs_share_charts_and_verdicts_are_of_the_coders_lines() -> None:
    coder, table = [dx("E1122", 1), dx("N1831", 2)], taxonomy()
    readings = [
        reading_of("a", "1", [dx("E1122", 1), dx("N1831", 2)], coder, table),
        reading_of("b", "1", [dx("E1122", 1), dx("N1832", 2)], coder, table),
        reading_of("c", "2", [dx("I10", 1)], coder, table),
    ]
    assert [one.verdicts for one in readings[:2]] == [("AG", "AG"), ("AG", "WS")]
    (found,) = pairs(readings)
    assert (found.one, found.other, found.charts, found.f1) == ("a", "b", 1, Decimal("0.500000"))
    assert (found.codes.items, found.verdicts.items) == (3, 2)


def test_readers_of_no_common_chart_are_no_pair() -> None:
    assert pairs([Reading("a", "1", codes("I10"), ()), Reading("b", "2", codes("I10"), ())]) == []


def test_the_majority_has_more_than_half_and_keeps_most_readers_order() -> None:
    readers = [
        [dx("E1122", 1), dx("I129", 2), dx("N1831", 3)],
        [dx("I129", 1), dx("E1122", 2)],
        [dx("E1122", 1), dx("Z794", 2)],
        [dx("E1122", 1), dx("I129", 2)],
    ]
    assert [(one["code"], one["position"]) for one in majority(readers)] == [("E1122", 1), ("I129", 2)]
    assert majority([[dx("I10", 1)], [dx("E119", 1)]]) == []


@given(st.integers(2, 6), st.integers(1, 30), st.data())
def test_charts_are_dealt_evenly_and_only_to_who_may_read_them(people: int, charts: int, data: Any) -> None:
    each = data.draw(st.integers(2, people))
    readers = {str(chart): list(range(people)) for chart in range(charts)}
    dealt = deal(list(readers), readers, each)
    assert all(len(set(chosen)) == each for chosen in dealt.values())
    load = [sum(person in chosen for chosen in dealt.values()) for person in range(people)]
    assert max(load) - min(load) <= 1


def test_who_knows_a_chart_is_not_dealt_it() -> None:
    dealt = deal(["x", "y"], {"x": [1, 2, 3], "y": [2, 3]}, 2)
    assert dealt == {"x": (1, 2), "y": (2, 3)}
