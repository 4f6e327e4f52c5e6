"""Lines, words and offsets of a note: nothing is normalised, nothing is lost, every offset stays true."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput
from encounters.rules.text import (
    accept_text,
    code_points_to_utf16,
    inside_cluster,
    line_at,
    split_lines,
    utf16_to_code_points,
    widen_to_clusters,
    words,
)
from tests.rules.encounters.strategies import any_text, notes

LINE_ENDS = ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("end", LINE_ENDS)
def test_every_line_end_gives_the_same_lines(end: str) -> None:
    text = end.join(["HPI:", "", "cough\t3 d", "fever"]) + end
    assert [line.text for line in split_lines(text)] == ["HPI:", "", "cough\t3 d", "fever"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n", [(0, 0)]),
        ("a", [(0, 1)]),
        ("a\r\nb", [(0, 1), (3, 4)]),
        ("a\n\rb", [(0, 1), (2, 2), (3, 4)]),
        ("a\r\n\r\nb\n", [(0, 1), (3, 3), (5, 6)]),
        ("a\x1cb\x1eb", [(0, 5)]),
        ("\U0001f600\ncafe\u0301\n", [(0, 1), (2, 7)]),
        ("\ufeffHPI\n", [(0, 4)]),
    ],
)
def test_line_offsets(text: str, expected: list[tuple[int, int]]) -> None:
    assert [(line.start, line.end) for line in split_lines(text)] == expected


@given(any_text, st.sampled_from([None, 1, 2, 7, 40]))
def test_lines_cover_the_text_but_for_line_ends(text: str, limit: int | None) -> None:
    lines = split_lines(text, limit)
    at = 0
    for number, line in enumerate(lines, start=1):
        assert line.number == number
        assert text[line.start : line.end] == line.text
        assert not set(line.text) & set("\r\n\v\f\x85\u2028\u2029")
        gap = text[at : line.start]
        assert gap == "" if line.continued else gap in ("", *LINE_ENDS)
        at = line.end
    assert text[at:] in ("", *LINE_ENDS)


@given(any_text, st.sampled_from([2, 7, 40]))
def test_no_line_is_longer_than_the_limit_unless_one_character_is(text: str, limit: int) -> None:
    for line in split_lines(text, limit):
        if len(line.text) > limit:
            assert all(inside_cluster(text, at) for at in range(line.start + 1, line.end))


def test_a_note_on_one_line_is_numbered_by_headings_and_sentences() -> None:
    body = "He has had a cough for three days. " * 10
    text = f"SUBJECTIVE:,  {body}MEDICATIONS: , Lisinopril 20 mg.,PAST MEDICAL HISTORY: None."
    lines = split_lines(text)
    starts = [line.text[:24] for line in lines]
    assert starts[0].startswith("SUBJECTIVE:")
    assert any(start.startswith("MEDICATIONS:") for start in starts)
    assert any(start.startswith("PAST MEDICAL HISTORY:") for start in starts)
    assert "".join(line.text for line in lines) == text
    assert [line.continued for line in lines] == [False] + [True] * (len(lines) - 1)
    assert all(len(line.text) <= 320 for line in lines)


def test_line_at_finds_the_line_of_an_offset() -> None:
    lines = split_lines("ab\r\n\r\ncd")
    assert [line_at(lines, offset).number for offset in range(8)] == [1, 1, 1, 1, 2, 2, 3, 3]  # type: ignore[union-attr]
    assert line_at((), 0) is None


@pytest.mark.parametrize(
    ("text", "code"), [("a\0b", "text.nul"), ("a\ud83d", "text.surrogate"), ("\udc00b", "text.surrogate")]
)
def test_accept_text_refuses_what_cannot_be_kept(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        accept_text(text)
    assert refusal.value.code == code
    assert "b" not in refusal.value.details.values()


@given(any_text.filter(lambda text: "\0" not in text))
def test_accept_text_changes_nothing(text: str) -> None:
    assert accept_text(text) is text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A1c 7.4, at goal.", ["A1c", "7.4", ",", "at", "goal", "."]),
        ("BP 148/86 HR 72", ["BP", "148/86", "HR", "72"]),
        ("patient's joint-line", ["patient's", "joint-line"]),
        ("128\u2013165 mg/dL", ["128\u2013165", "mg/dL"]),
        ("stage 3a. eGFR", ["stage", "3a", ".", "eGFR"]),
        ("cafe\u0301 ok", ["cafe\u0301", "ok"]),
        ("ok\U0001f44d\U0001f3fd!", ["ok", "\U0001f44d\U0001f3fd", "!"]),
        ("\U0001f469\u200d\u2695\ufe0f RN", ["\U0001f469\u200d\u2695\ufe0f", "RN"]),
        ("\U0001f1fa\U0001f1f8\U0001f1e8\U0001f1e6", ["\U0001f1fa\U0001f1f8", "\U0001f1e8\U0001f1e6"]),
        ("a -- b ...", ["a", "--", "b", "..."]),
        ("10:30 11/19/2026", ["10:30", "11/19/2026"]),
        ("1,000 mg; \u22655%", ["1,000", "mg", ";", "\u2265", "5", "%"]),
    ],
)
def test_words_are_what_a_coder_would_select(text: str, expected: list[str]) -> None:
    assert [text[word.start : word.end] for word in words(text)] == expected


@given(any_text)
def test_words_cover_every_visible_character_once(text: str) -> None:
    at, found = 0, words(text)
    for word in found:
        assert text[at : word.start].strip() == ""
        assert word.start < word.end
        assert not any(char.isspace() for char in text[word.start : word.end])
        at = word.end
    assert text[at:].strip() == ""


@given(notes)
def test_word_edges_never_part_a_visible_character(text: str) -> None:
    for word in words(text):
        for edge in (word.start, word.end):
            if 0 < edge < len(text) and not text[edge - 1].isspace():
                assert unicodedata.category(text[edge])[0] != "M"


@given(any_text)
@example("\U0001f600a\U0001f600")
def test_utf16_offsets_round_trip_and_agree_with_the_encoding(text: str) -> None:
    for offset in range(len(text) + 1):
        utf16 = code_points_to_utf16(text, offset)
        assert utf16 == len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2
        assert utf16_to_code_points(text, utf16) == offset


@pytest.mark.parametrize(
    ("text", "offset", "code"),
    [
        ("\U0001f600", 1, "offset.inside_character"),
        ("a\U0001f600b", 2, "offset.inside_character"),
        ("a\U0001f600b", 5, "offset.out_of_range"),
        ("ab", 3, "offset.out_of_range"),
        ("", 1, "offset.out_of_range"),
        ("ab", -1, "offset.out_of_range"),
        ("\U0001f600", -1, "offset.out_of_range"),
    ],
)
def test_utf16_offsets_that_mean_no_place_are_refused(text: str, offset: int, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        utf16_to_code_points(text, offset)
    assert refusal.value.code == code


@pytest.mark.parametrize("offset", [-1, 3])
def test_code_point_offsets_outside_the_text_are_refused(offset: int) -> None:
    with pytest.raises(InvalidInput):
        code_points_to_utf16("ab", offset)


@given(notes, st.data())
def test_widening_reaches_whole_characters_and_never_shrinks(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    wider = widen_to_clusters(text, start, end)
    assert wider[0] <= start <= end <= wider[1]
    assert not inside_cluster(text, wider[0]) and not inside_cluster(text, wider[1])


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("e\u0301", [1]),
        ("\r\n", [1]),
        ("\U0001f469\u200d\u2695\ufe0f", [1, 2, 3]),
        ("\U0001f1fa\U0001f1f8\U0001f1e8\U0001f1e6", [1, 3]),
        ("ab", []),
        (" \u0301", []),
    ],
)
def test_inside_cluster_knows_visible_characters(text: str, inside: list[int]) -> None:
    assert [at for at in range(len(text) + 1) if inside_cluster(text, at)] == inside
