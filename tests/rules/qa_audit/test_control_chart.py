"""The images of drift: what is drawn, that it is text alone, and that it never breaks on thin data."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from qa_audit.drift_tables import drift_table
from qa_audit.rules.control_chart import Event, cusum_image, p_chart_image
from qa_audit.rules.watch import Watched, Week, watch

MONDAY = date(2026, 1, 5)
POLICY = drift_table().policy


def charted(*counts: tuple[int, int]) -> Watched:
    return watch([Week(MONDAY + timedelta(days=7 * at), *one) for at, one in enumerate(counts)], POLICY)


def drawn(watched: Watched, *events: Event) -> tuple[str, str]:
    return (
        p_chart_image(watched, events, id="p", title="A <b> & more"),
        cusum_image(watched, POLICY.sum_limit, events, id="s", title="Sum"),
    )


def test_a_week_that_stands_out_is_a_diamond_a_gap_is_no_bridge_and_words_are_escaped() -> None:
    image, _ = drawn(charted(*[(10, 1)] * 8, (0, 0), (10, 6)), Event(MONDAY + timedelta(days=10), "1"))
    assert image.count('class="c-pt sig-low"') == 1 and image.count("<circle") == 8
    # The week without a review cuts the line in two, and a single point has no line.
    assert image.count("<polyline") == 1
    assert "A &lt;b&gt; &amp; more" in image and "Centre 10.0%" in image
    assert image.count('class="c-note"') == 1
    assert "10 charts." in image and "1 week stands out" in image


def test_a_note_outside_of_the_weeks_is_not_drawn() -> None:
    watched = charted(*[(10, 1)] * 8)
    for day in (MONDAY - timedelta(days=30), MONDAY + timedelta(days=200)):
        assert "c-note" not in drawn(watched, Event(day, "1"))[0]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 100)), min_size=1, max_size=30))
def test_every_image_is_well_formed_and_inside_its_box(rows: list[tuple[int, int]]) -> None:
    watched = charted(*[(charts, charts * share // 100) for charts, share in rows])
    for image in drawn(watched, Event(MONDAY, "1")):
        root = ElementTree.fromstring(image)  # noqa: S314 - drawn by us a line above
        width, height = (Decimal(root.get(name, "0")) for name in ("width", "height"))
        for mark in root.iter("circle"):
            assert 0 <= Decimal(mark.get("cx", "-1")) <= width
            assert 0 <= Decimal(mark.get("cy", "-1")) <= height
        assert not re.search(r"style=|on\w+=|href|NaN|inf", image)
