"""A drawn note holds exactly the note's text, however evidence overlaps."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from encounters.rules.note_html import Mark, NoteDrawing, lines_touched, whole_lines
from encounters.rules.sections import detect_sections
from encounters.rules.text import split_lines

TEXT = st.text(alphabet="ab <&>\"'\t\n\r.:é\u0301😀👩\u200d⚕", max_size=80)
LINE = re.compile(
    r'<div class="ln[^"]*" id="L(\d+)" data-s="(\d+)">.*?<(p|h2)[^>]*>(.*?)</\3></div>', re.DOTALL
)
TAG = re.compile(r"<button.*?</button>|</?mark[^>]*>", re.DOTALL)


def _draw(text: str, marks: list[Mark]) -> NoteDrawing:
    lines = split_lines(text)
    return NoteDrawing(lines, detect_sections(lines), marks)


@given(TEXT, st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=5))
def test_every_drawn_line_is_the_text_at_its_offset(text: str, spans: list[tuple[int, int]]) -> None:
    marks = [Mark(min(s), max(s), str(n + 1), "dx", "I10") for n, s in enumerate(spans)]
    drawn = {
        int(n): (int(at), unescape(TAG.sub("", body)))
        for n, at, _, body in LINE.findall(_draw(text, marks).whole())
    }
    for line in split_lines(text):
        if line.is_blank:
            assert line.number not in drawn
        else:
            assert drawn[line.number] == (line.start, line.text)
            assert text[line.start : line.start + len(line.text)] == line.text


def test_overlapping_evidence_nests_and_each_code_is_tagged_once_at_its_end() -> None:
    html = _draw(
        "type 2 diabetes with kidney disease",
        [Mark(0, 15, "1", "dx", "E11.9"), Mark(7, 35, "S1", "px", "99213")],
    ).whole()
    assert '<mark class="dx" data-codes="1">type 2 </mark>' in html
    assert '<mark class="px" data-codes="1 S1">diabetes<button' in html
    assert html.count('class="evt"') == 2


def test_markup_of_a_note_is_shown_and_never_run() -> None:
    html = _draw(
        '<img src=x onerror="alert(1)"> & <b>bold</b>', [Mark(0, 4, "1", "dx", '"><script>')]
    ).whole()
    assert "<img" not in html
    assert "<script" not in html


def test_only_lines_with_evidence_are_drawn_after_a_change() -> None:
    drawing = _draw("one\ntwo\nthree", [Mark(4, 7, "1", "dx", "I10")])
    assert [int(n) for n, *_ in LINE.findall(drawing.marked_lines())] == [2]
    assert drawing.minimap().count("<path") == 1


def test_whole_lines_leave_outer_white_space_and_blank_lines_out() -> None:
    lines = split_lines("  first  \n\n second \n")
    assert whole_lines(lines, 1, 3) == (2, 18)
    assert whole_lines(lines, 2, 2) is None
    assert whole_lines(lines, 1, 9) is None
    assert [line.number for line in lines_touched(lines, 4, 14)] == [1, 3]
