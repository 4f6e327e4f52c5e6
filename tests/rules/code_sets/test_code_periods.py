"""Which days a release answers for."""

from __future__ import annotations

from datetime import date
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from code_sets.rules.periods import InForce, Published, SameStartError, periods_in_force

FY2025 = Published("2025", date(2024, 10, 1), date(2025, 9, 30))
FY2026 = Published("2026", date(2025, 10, 1), date(2026, 9, 30))
APRIL = Published("2026-04", date(2026, 4, 1), date(2026, 9, 30), backfill_from=date(2025, 10, 1))
FY2027 = Published("2027", date(2026, 10, 1), date(2027, 9, 30))
FY2028 = Published("2028", date(2027, 10, 1), date(2028, 9, 30))


def test_the_newest_release_stays_in_force_until_a_newer_one_is_loaded() -> None:
    assert periods_in_force([FY2026]) == {"2026": InForce(date(2025, 10, 1), None)}


def test_an_older_release_ends_on_the_eve_of_the_next() -> None:
    assert periods_in_force([FY2026, FY2027])["2026"] == InForce(date(2025, 10, 1), date(2026, 9, 30))
    both = periods_in_force([FY2026, APRIL])
    assert both["2026"] == InForce(date(2025, 10, 1), date(2026, 3, 31))
    assert both["2026-04"] == InForce(date(2026, 4, 1), None)


def test_days_that_no_loaded_release_was_published_for_have_none() -> None:
    periods = periods_in_force([FY2026, FY2028])
    assert periods["2026"].last == date(2026, 9, 30)
    assert periods["2028"].first == date(2027, 10, 1)


def test_a_release_fills_back_only_where_none_is_loaded() -> None:
    assert periods_in_force([APRIL])["2026-04"].first == date(2025, 10, 1)
    after_2025 = periods_in_force([FY2025, APRIL])
    assert after_2025["2025"].last == date(2025, 9, 30)
    assert after_2025["2026-04"].first == date(2025, 10, 1)


def test_the_order_of_loading_does_not_matter() -> None:
    answers = [periods_in_force(order) for order in permutations([FY2025, FY2026, APRIL, FY2027])]
    assert all(answer == answers[0] for answer in answers)


def test_two_releases_of_one_day_are_refused() -> None:
    with pytest.raises(SameStartError):
        periods_in_force([FY2026, Published("other", date(2025, 10, 1), None)])


@given(
    st.lists(
        st.tuples(st.dates(date(2015, 1, 1), date(2030, 1, 1)), st.integers(0, 800), st.integers(0, 800)),
        unique_by=lambda item: item[0],
        max_size=6,
    )
)
def test_no_day_has_two_releases(published: list[tuple[date, int, int]]) -> None:
    releases = [
        Published(
            str(start),
            start,
            date.fromordinal(start.toordinal() + length),
            date.fromordinal(start.toordinal() - back) if back % 2 else None,
        )
        for start, length, back in published
    ]
    periods = sorted(periods_in_force(releases).values(), key=lambda one: one.first)
    for one, following in pairwise(periods):
        assert one.last is not None
        assert one.first <= one.last < following.first
