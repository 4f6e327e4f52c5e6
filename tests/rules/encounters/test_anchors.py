"""Anchors: made, checked, and carried as W3C selectors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput
from encounters.rules.anchors import (
    Anchor,
    check_anchor,
    from_selectors,
    make_anchor,
    to_selectors,
    utf16_range,
)
from encounters.rules.text import inside_cluster, utf16_to_code_points
from tests.rules.encounters.strategies import notes

NOTE = "PLAN\r\n1. CHF \U0001f600, stable.\tCafe\u0301 au lait spots.\r\n2. A1c 7.4\r\n"


@pytest.mark.parametrize(
    ("selected", "exact"),
    [
        ("CHF", "CHF"),
        (" CHF ", "CHF"),
        ("\r\n1. CHF", "1. CHF"),
        ("\U0001f600, stable.\t", "\U0001f600, stable."),
        ("Cafe", "Cafe\u0301"),
        ("\u0301 au lait", "e\u0301 au lait"),
        ("spots.\r\n2. A1c 7.4\r\n", "spots.\r\n2. A1c 7.4"),
    ],
)
def test_make_anchor_keeps_the_words_a_reader_saw(selected: str, exact: str) -> None:
    start = NOTE.index(selected)
    anchor = make_anchor(NOTE, start, start + len(selected))
    assert anchor.exact == exact == NOTE[anchor.start : anchor.end]
    assert anchor.prefix == NOTE[: anchor.start][-40:]
    assert anchor.suffix == NOTE[anchor.end :][:40]


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (0, 0, "evidence.empty"),
        (4, 6, "evidence.empty"),
        (5, 3, "evidence.range"),
        (-1, 3, "evidence.range"),
        (0, len(NOTE) + 1, "evidence.range"),
        (NOTE.index(", stable"), NOTE.index(", stable") + 2, "evidence.no_words"),
    ],
)
def test_make_anchor_refuses_what_points_at_no_words(start: int, end: int, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        make_anchor(NOTE, start, end)
    assert refusal.value.code == code


def test_make_anchor_refuses_a_whole_note_as_evidence() -> None:
    text = "word " * 1_000
    with pytest.raises(InvalidInput) as refusal:
        make_anchor(text, 0, len(text))
    assert refusal.value.code == "evidence.too_long"
    assert make_anchor(text, 0, len(text), longest=5_000).exact == text.strip()


def test_a_refusal_never_repeats_the_note() -> None:
    with pytest.raises(InvalidInput) as refusal:
        make_anchor("Theriot " * 700, 0, 5_600)
    assert "Theriot" not in refusal.value.message + repr(refusal.value.details)


@given(notes, st.data())
def test_an_anchor_quotes_its_place_and_contains_the_visible_selection(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    try:
        anchor = make_anchor(text, start, end)
    except InvalidInput:
        assert not any(char.isalnum() for char in text[start:end])
        return
    assert text[anchor.start : anchor.end] == anchor.exact
    assert not anchor.exact[0].isspace() and not anchor.exact[-1].isspace()
    assert text[start:end].strip() in anchor.exact
    assert not inside_cluster(text, anchor.start) and not inside_cluster(text, anchor.end)
    assert text.startswith(anchor.prefix + anchor.exact + anchor.suffix, anchor.start - len(anchor.prefix))
    check_anchor(anchor, text)
    wire = json.loads(json.dumps(to_selectors(anchor)))
    assert from_selectors(wire, text) == anchor
    first, last = utf16_range(anchor, text)
    assert (utf16_to_code_points(text, first), utf16_to_code_points(text, last)) == (anchor.start, anchor.end)


def test_selectors_are_the_two_of_the_annotation_model() -> None:
    start = NOTE.index("stable")
    assert to_selectors(make_anchor(NOTE, start, start + 6)) == [
        {"type": "TextPositionSelector", "start": 16, "end": 22},
        {
            "type": "TextQuoteSelector",
            "exact": "stable",
            "prefix": "PLAN\r\n1. CHF \U0001f600, ",
            "suffix": ".\tCafe\u0301 au lait spots.\r\n2. A1c 7.4\r\n",
        },
    ]


POSITION: dict[str, Any] = {"type": "TextPositionSelector", "start": 9, "end": 12}
QUOTE: dict[str, Any] = {"type": "TextQuoteSelector", "exact": "CHF"}


def test_a_client_may_leave_the_context_out() -> None:
    assert from_selectors([QUOTE, POSITION], NOTE).prefix == "PLAN\r\n1. "


@pytest.mark.parametrize(
    ("selectors", "code"),
    [
        ([], "evidence.selector"),
        ([POSITION], "evidence.selector"),
        ([POSITION, POSITION, QUOTE], "evidence.selector"),
        ([POSITION | {"start": "9"}, QUOTE], "evidence.selector"),
        ([POSITION | {"start": True}, QUOTE], "evidence.selector"),
        ([POSITION, QUOTE | {"exact": None}], "evidence.selector"),
        ([POSITION, QUOTE | {"prefix": 3}], "evidence.selector"),
        ([POSITION | {"start": 8, "end": 11}, QUOTE], "evidence.mismatch"),
        ([POSITION, QUOTE | {"exact": "chf"}], "evidence.mismatch"),
        ([POSITION, QUOTE | {"prefix": "PLAN\n1. "}], "evidence.mismatch"),
        ([POSITION | {"start": -3}, QUOTE], "evidence.mismatch"),
        (["CHF"], "evidence.selector"),
    ],
)
def test_selectors_that_do_not_fit_the_note_are_refused(selectors: list[Any], code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        from_selectors(selectors, NOTE)
    assert refusal.value.code == code


def test_an_anchor_of_another_text_is_refused() -> None:
    with pytest.raises(InvalidInput):
        check_anchor(Anchor(0, 3, "CHF", "", ""), NOTE)
