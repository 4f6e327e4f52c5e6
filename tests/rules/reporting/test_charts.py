"""Charts are well-formed, say their data in words and as a table, and never break the content policy."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.charts import Chart, ticks
from reporting.rules import charts
from reporting.rules.charts import Point, Series
from reporting.rules.kpi import TargetBand
from reporting.rules.verdict import Verdict

D = Decimal
HOSTILE = '<script>alert("x")</script> & "quotes" \'single\''
DRAWABLE = {
    "c-band",
    "c-target",
    "c-line",
    "c-alone",
    "c-ci",
    "c-end",
    "c-dot",
    "c-bar",
    "c-stack",
    "c-grid",
    "c-ax",
    "c-lab",
}


def spark(values: list[Decimal | None]) -> Chart:
    points = [Point(f"11/{day:02}", value, 40) for day, value in enumerate(values, start=1)]
    return charts.sparkline(
        points,
        id="k1",
        title=HOSTILE,
        unit="%",
        band=TargetBand(low=D(90)),
        interval=(D(88), None),
        verdict=Verdict.UNSURE,
    )


def every_chart() -> list[Chart]:
    bars = [("0-1", 12), ("1-2", 0), (HOSTILE, 1)]
    layers = [Series("vendor", HOSTILE, (D(1), D(2))), Series("client", "Client", (D(0), D(5)))]
    return [
        spark([D(91), None, D(95), D(93)]),
        spark([]),
        spark([None]),
        spark([D(5)]),
        charts.dot_whisker(D(97), D(95), None, id="a", title=HOSTILE, unit="%", axis=(D(80), D(100))),
        charts.histogram(bars, id="b", title=HOSTILE, noun="charts"),
        charts.histogram([], id="b", title="Empty", noun="charts"),
        charts.stacked_columns(["11/02", HOSTILE], layers, id="c", title=HOSTILE, unit=" days"),
        charts.stacked_columns([], [], id="c", title="Empty", unit=" days"),
    ]


def parsed(chart: Chart) -> Element:
    return fromstring(chart.svg)  # noqa: S314 (our own markup)


@pytest.mark.parametrize("chart", every_chart())
def test_a_chart_is_one_named_image_without_style_or_script(chart: Chart) -> None:
    root = parsed(chart)
    assert root.get("role") == "img"
    assert [child.tag for child in root][:2] == ["title", "desc"]
    title, description = root[0], root[1]
    assert root.get("aria-labelledby") == title.get("id")
    assert root.get("aria-describedby") == description.get("id")
    assert title.text
    assert description.text or not chart.rows
    for element in root.iter():
        assert element.tag in {"svg", "title", "desc", "rect", "path", "polyline", "circle", "text"}
        assert not any(name == "style" or name.startswith("on") or "href" in name for name in element.attrib)
        known = {word for word in element.get("class", "").split() if word.startswith("c-")}
        assert known <= DRAWABLE


@pytest.mark.parametrize("chart", every_chart())
def test_the_table_twin_is_rectangular(chart: Chart) -> None:
    assert chart.caption
    assert all(len(row) == len(chart.head) for row in chart.rows)


def test_a_sparkline_leaves_a_gap_where_nothing_was_measured() -> None:
    root = parsed(spark([D(91), D(92), None, D(95), D(93), None, D(90)]))
    assert len(root.findall("polyline")) == 2
    assert len([line for line in root.findall("path") if "c-alone" in line.get("class", "")]) == 1
    assert [row[1] for row in spark([D(91), None]).rows] == ["91%", "—"]


def test_a_bar_is_as_tall_as_its_count() -> None:
    chart = charts.histogram([("a", 10), ("b", 5), ("c", 0), ("d", 1)], id="h", title="T", noun="charts")
    heights = [float(bar.get("height", "")) for bar in parsed(chart).findall("rect")]
    assert heights[1] == pytest.approx(heights[0] / 2, abs=0.02)
    assert heights[2] == 0
    assert heights[3] == pytest.approx(heights[0] / 10, abs=0.02)
    assert chart.rows == (("a", "10"), ("b", "5"), ("c", "0"), ("d", "1"))


def test_one_chart_among_thousands_is_still_seen() -> None:
    chart = charts.histogram([("a", 100_000), ("b", 1)], id="h", title="T", noun="charts")
    assert float(parsed(chart).findall("rect")[1].get("height", "")) >= 2


TICKS = [  # the highest value, whether only whole numbers are counted, the numbers on the axis
    ("0", True, "0 1"),
    ("1", True, "0 1"),
    ("3", True, "0 1 2 3"),
    ("7", True, "0 2 4 6 8"),
    ("11", True, "0 5 10 15"),  # no steps of 2.5 for what is counted whole
    ("11", False, "0 2.5 5.0 7.5 10.0 12.5"),
    ("0.8", False, "0 0.2 0.4 0.6 0.8"),
    ("0.8", True, "0 1"),
    ("100", True, "0 20 40 60 80 100"),
    ("101", True, "0 25 50 75 100 125"),
    ("783", True, "0 200 400 600 800"),
    ("1204", True, "0 250 500 750 1000 1250"),
]


@pytest.mark.parametrize(("highest", "whole", "expected"), TICKS)
def test_the_ticks_of_an_axis_are_round_numbers(highest: str, whole: bool, expected: str) -> None:
    assert ticks(D(highest), whole=whole) == tuple(D(text) for text in expected.split())


@given(st.decimals(0, 10_000_000, places=2), st.booleans())
def test_an_axis_reaches_its_highest_value_in_few_even_round_steps(highest: Decimal, whole: bool) -> None:
    found = ticks(highest, whole=whole)
    steps = {upper - lower for lower, upper in pairwise(found)}
    assert len(steps) == 1
    step = steps.pop()
    assert found[0] == 0
    assert found[-1] - step < max(highest, D(1)) <= max(found[-1], D(1))
    assert 2 <= len(found) <= 6
    assert "".join(str(digit) for digit in step.normalize().as_tuple().digits) in {"1", "2", "25", "5"}
    assert not whole or all(value == int(value) for value in found)


def test_an_axis_writes_round_numbers_and_its_unit_once() -> None:
    layers = [Series("vendor", "Vendor", (D(700), D(1204))), Series("client", "Client", (D(83), D(0)))]
    root = parsed(charts.stacked_columns(["11/02", "11/09"], layers, id="c", title="T", unit=" days"))
    axis = [text.text for text in root.findall("text") if text.get("text-anchor") == "end"]
    assert axis == ["0", "250", "500", "750", "1,000", "1,250", "days"]


amounts = st.decimals(0, 10_000, places=1)


@given(st.integers(1, 13).flatmap(lambda n: st.lists(st.tuples(*[amounts] * n), min_size=1, max_size=4)))
def test_the_layers_of_a_column_fill_it_without_a_gap(layers: list[tuple[Decimal, ...]]) -> None:
    labels = [str(i) for i in range(len(layers[0]))]
    series = [Series(f"k{i}", f"Layer {i}", values) for i, values in enumerate(layers)]
    chart = charts.stacked_columns(labels, series, id="s", title="T", unit="")
    columns: dict[str, list[tuple[float, float]]] = {}
    for rect in parsed(chart).findall("rect"):
        top, tall = float(rect.get("y", "")), float(rect.get("height", ""))
        columns.setdefault(rect.get("x", ""), []).append((top, top + tall))
    for pieces in columns.values():
        pieces.sort()
        for upper, lower in pairwise(pieces):
            assert upper[1] == pytest.approx(lower[0], abs=0.03)
    for i, row in enumerate(chart.rows):
        whole = sum((values[i] for values in layers), D(0))
        assert D(row[-1].replace(",", "")) == whole.quantize(D("0.01")).normalize() + 0


@pytest.mark.parametrize(("share", "width"), [("0", 0), ("0.25", 25), ("1", 100), ("7", 100), ("-1", 0)])
def test_a_cells_bar_is_as_wide_as_its_share(share: str, width: float) -> None:
    root = fromstring(charts.bar(D(share)))  # noqa: S314 (our own markup)
    assert float(root[0].get("width", "")) == width
    assert root.get("aria-hidden") == "true"


def test_an_interval_outside_the_axis_runs_to_its_edge_without_an_end() -> None:
    chart = charts.dot_whisker(D(60), D(40), D(95), id="w", title="T", unit="%", axis=(D(80), D(100)))
    whisker = next(path for path in parsed(chart).findall("path") if path.get("class") == "c-ci")
    assert whisker.get("d", "").count("v6") == 1
    assert re.match(r"M2 10H98", whisker.get("d", ""))


@given(st.lists(st.none() | st.decimals(-1000, 1000, places=2), max_size=30))
def test_a_sparkline_draws_inside_its_box(values: list[Decimal | None]) -> None:
    chart = spark(values)
    for line in parsed(chart).findall("polyline"):
        for pair in line.get("points", "").split():
            left, top = (float(text) for text in pair.split(","))
            assert 0 <= left <= 212
            assert 0 <= top <= 52
