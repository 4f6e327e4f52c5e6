"""Windows meet without a gap, in the client's own days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reporting.rules.windows import WEEKS, windows
from tests.rules.reporting.builders import CHICAGO


def test_the_windows_of_a_monday() -> None:
    found = windows(date(2026, 11, 23), CHICAGO)
    weeks = [window for window in found if window.span == "week"]
    assert len(weeks) == WEEKS
    assert weeks[-1].start == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert weeks[-1].end == datetime(2026, 11, 30, 6, tzinfo=UTC)
    # The week in which the clocks went back has an hour more.
    lengths = {window.end - window.start for window in weeks}
    assert lengths == {timedelta(days=7), timedelta(days=7, hours=1)}
    four = [window for window in found if window.span == "28d"]
    assert [window.end for window in four] == [
        datetime(2026, 10, 27, 5, tzinfo=UTC),
        datetime(2026, 11, 24, 6, tzinfo=UTC),
    ]


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_windows_of_a_series_meet_and_the_newest_holds_the_day(through: date) -> None:
    found = windows(through, CHICAGO)
    noon = datetime(through.year, through.month, through.day, 18, tzinfo=UTC)
    for span in ("week", "7d", "28d", "84d"):
        series = [window for window in found if window.span == span]
        assert all(one.end == two.start for one, two in pairwise(series))
        assert series[-1].start <= noon < series[-1].end
