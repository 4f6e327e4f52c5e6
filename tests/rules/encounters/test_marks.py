"""Marks over lines: nothing is lost or doubled, overlaps are cut, tags stand where a span ends."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from encounters.rules.marks import Segment, Span, mark_lines
from encounters.rules.text import split_lines
from tests.rules.encounters.strategies import notes


def drawn(text: str, *spans: Span) -> list[list[tuple[str, str, str]]]:
    rows = mark_lines(split_lines(text), spans)
    return [[(s.text, " ".join(s.span_ids), " ".join(s.tags)) for s in row] for row in rows]


def test_a_line_without_evidence_is_one_plain_segment() -> None:
    assert mark_lines(split_lines("ab\n\ncd"), []) == ((Segment(0, 2, "ab"),), (), (Segment(4, 6, "cd"),))


def test_overlapping_spans_are_cut_at_every_edge() -> None:
    text = "CHF with ankle edema."
    assert drawn(text, Span("a", 0, 14, "1"), Span("b", 9, 20, "2")) == [
        [("CHF with ", "a", ""), ("ankle", "a b", "1"), (" edema", "b", "2"), (".", "", "")]
    ]


def test_nested_spans_name_the_longer_first_and_tag_each_end() -> None:
    assert drawn("abcdef", Span("in", 2, 4, "2"), Span("out", 0, 6, "1"), Span("same", 0, 6, "3")) == [
        [("ab", "out same", ""), ("cd", "out same in", "2"), ("ef", "out same", "1 3")]
    ]


def test_touching_spans_share_no_segment() -> None:
    assert drawn("abcd", Span("a", 0, 2, "1"), Span("b", 2, 4, "2")) == [[("ab", "a", "1"), ("cd", "b", "2")]]


def test_a_span_over_lines_is_drawn_on_each_and_tagged_on_the_last() -> None:
    text = "one two\r\n\r\nthree\U0001f600 four"
    assert drawn(text, Span("a", 4, 17, "1")) == [
        [("one ", "", ""), ("two", "a", "")],
        [],
        [("three\U0001f600", "a", "1"), (" four", "", "")],
    ]


def test_a_span_ending_in_a_line_end_is_tagged_on_its_last_word() -> None:
    assert drawn("ab\r\n\r\ncd", Span("a", 0, 5, "1")) == [[("ab", "a", "1")], [], [("cd", "", "")]]


def test_two_spans_of_one_code_ending_together_show_one_tag() -> None:
    assert drawn("abc", Span("x", 0, 3, "1"), Span("y", 1, 3, "1")) == [[("a", "x", ""), ("bc", "x y", "1")]]


def test_spans_that_cover_no_character_draw_nothing() -> None:
    spans = [Span("empty", 1, 1, "1"), Span("end", 2, 3, "2"), Span("far", 50, 60, "3")]
    assert drawn("ab\ncd", *spans) == [[("ab", "", "")], [("cd", "", "")]]


@given(notes, st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=12))
def test_segments_rebuild_lines_and_cover_exactly_their_spans(
    text: str, edges: list[tuple[int, int]]
) -> None:
    lines = split_lines(text)
    spans = [Span(str(n), min(pair), max(pair), f"t{n}") for n, pair in enumerate(edges)]
    rows = mark_lines(lines, spans)
    assert len(rows) == len(lines)
    covered: dict[str, set[int]] = {span.id: set() for span in spans}
    tagged: list[str] = []
    for line, row in zip(lines, rows, strict=True):
        assert "".join(segment.text for segment in row) == line.text
        for segment in row:
            assert segment.start < segment.end and text[segment.start : segment.end] == segment.text
            for span_id in segment.span_ids:
                covered[span_id] |= set(range(segment.start, segment.end))
            tagged.extend(segment.tags)
    inside = {at for line in lines for at in range(line.start, line.end)}
    for span in spans:
        assert covered[span.id] == set(range(span.start, span.end)) & inside
        assert tagged.count(span.tag) == bool(covered[span.id])


def test_order_of_the_spans_given_does_not_matter() -> None:
    lines = split_lines("one two three\nfour five")
    spans = [Span("a", 0, 7, "1"), Span("b", 4, 18, "2"), Span("c", 4, 18, "3"), Span("d", 14, 18, "4")]
    assert mark_lines(lines, spans) == mark_lines(lines, reversed(spans))


def test_a_long_note_with_two_hundred_spans_is_cut_quickly() -> None:
    text = "\n".join(
        f"Line {n} of a long note with eighty characters, as notes of inpatients have it." for n in range(600)
    )
    lines = split_lines(text)
    spans = [Span(str(n), n * 230, n * 230 + 120, str(n)) for n in range(200)]
    began = time.perf_counter()
    rows = mark_lines(lines, spans)
    assert time.perf_counter() - began < 0.25
    assert sum(len(segment.tags) for row in rows for segment in row) == 200
