"""Titles and queries become the same words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from code_sets.rules.text import fold, stem, title_words


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Sjögren's", "sjogren"), ("Parkinson’s disease", "parkinson disease"), ("A & B", "a  and  b")],
)
def test_accents_and_possessives_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("word", "singular"),
    [
        ("fractures", "fracture"),
        ("injuries", "injury"),
        ("sepsis", "sepsis"),
        ("virus", "virus"),
        ("gas", "gas"),
    ],
)
def test_only_plain_plurals_lose_their_s(word: str, singular: str) -> None:
    assert stem(word) == singular


def test_words_in_brackets_are_minor() -> None:
    words = title_words("Essential (primary) hypertension")
    assert words.words == ("essential", "primary", "hypertension")
    assert words.minor == {"primary"}


@pytest.mark.parametrize(
    ("title", "words"),
    [
        (
            "Laceration without foreign body of right hand",
            ("laceration", "without", "~foreign", "~body", "right", "hand"),
        ),
        ("Retinopathy without macular edema", ("retinopathy", "without", "~macular", "~edema")),
        ("Concussion without loss of consciousness", ("concussion", "without", "~loss", "~consciousness")),
        ("Migraine, not intractable, with aura", ("migraine", "not", "~intractable", "aura")),
    ],
)
def test_what_a_title_denies_is_marked(title: str, words: tuple[str, ...]) -> None:
    assert title_words(title).words == words


def test_hyphenated_words_are_also_kept_in_one_piece() -> None:
    assert title_words("Non-pressure chronic ulcer").joined == ("nonpressure",)


@given(st.text(max_size=80))
def test_any_text_has_words_and_folding_twice_changes_nothing(text: str) -> None:
    words = title_words(text)
    assert words.minor <= set(words.words)
    assert all(word.lstrip("~").isalnum() and word.isascii() for word in words.words)
    assert fold(fold(text)) == fold(text)
