"""What a search answers, over the bundled release."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from code_sets import index_store
from code_sets.loaders.base import ParsedRelease
from code_sets.rules.abbreviations import Abbreviations, AbbreviationTableError, parse_abbreviations
from code_sets.rules.entries import CodeEntry
from code_sets.rules.index import IndexFormatError, SearchIndex
from code_sets.rules.index_build import default_code
from code_sets.rules.prior import PriorError, parse_prior
from code_sets.rules.search import SearchResult, search
from code_sets.rules.spelling import Speller

QUERIES = Path(__file__).parent / "queries.csv"
RIGHT_IN_FIRST_FIVE = 0.95


class Desk:
    """An index with the table of abbreviations, as a coder's box has them."""

    def __init__(self, index: SearchIndex, abbreviations: Abbreviations) -> None:
        self.index = index
        self.abbreviations = abbreviations

    def find(self, text: str, limit: int = 20) -> list[SearchResult]:
        return search(self.index, self.abbreviations, text, limit)

    def codes(self, text: str, limit: int = 5) -> list[str]:
        return [one.code for one in self.find(text, limit)]


@pytest.fixture(scope="module")
def desk(index: SearchIndex, abbreviations: Abbreviations) -> Desk:
    return Desk(index, abbreviations)


def labelled() -> list[tuple[str, set[str], str]]:
    with QUERIES.open(encoding="utf-8", newline="") as file:
        return [(row["query"], set(row["expected"].split("|")), row["kind"]) for row in csv.DictReader(file)]


def test_every_label_is_a_billable_code(index: SearchIndex) -> None:
    for query, expected, _ in labelled():
        for code in expected:
            number = index.find(code)
            assert number is not None, (query, code)
            assert index.billable[number], (query, code)


def test_the_right_code_is_among_the_first_five(desk: Desk) -> None:
    queries = labelled()
    missed = [query for query, expected, _ in queries if not expected & set(desk.codes(query))]
    assert len(queries) >= 300
    assert len(missed) <= (1 - RIGHT_IN_FIRST_FIVE) * len(queries), missed


@pytest.mark.parametrize("kind", ["words", "terse", "abbreviation", "lay", "typo", "combination", "code"])
def test_no_kind_of_query_is_left_behind(desk: Desk, kind: str) -> None:
    queries = [(query, expected) for query, expected, of_kind in labelled() if of_kind == kind]
    missed = [query for query, expected in queries if not expected & set(desk.codes(query))]
    assert len(missed) <= (1 - RIGHT_IN_FIRST_FIVE) * len(queries), missed


def test_one_wrong_letter_still_finds_the_code(desk: Desk) -> None:
    """Two neighbouring letters of the longest word swapped, by a fixed seed, in queries of whole words."""
    rng = random.Random(20261123)  # noqa: S311
    tried = missed = 0
    for query, expected, kind in labelled():
        word = max(query.split(), key=len)
        if kind != "words" or len(word) < 8 or not word.isalpha() or not expected & set(desk.codes(query)):
            continue
        at = rng.randrange(2, len(word) - 2)
        wrong = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        tried += 1
        missed += not expected & set(desk.codes(query.replace(word, wrong)))
    assert tried > 300
    assert missed <= 0.1 * tried


def test_words_may_come_in_any_order_and_unfinished(desk: Desk) -> None:
    assert desk.codes("kidn chron stage 4 dis")[0] == "N184"


def test_a_combination_finds_the_one_code_for_both(desk: Desk) -> None:
    assert desk.codes("type 2 diabetes ckd")[0] == "E1122"
    assert "I130" in desk.codes("htn heart failure ckd")


@pytest.mark.parametrize(
    ("typed", "first"), [("n1831", "N1831"), ("N18.31", "N1831"), ("e11.9", "E119"), (" I10 ", "I10")]
)
def test_a_code_is_found_with_or_without_its_dot(desk: Desk, typed: str, first: str) -> None:
    assert desk.codes(typed)[0] == first


def test_children_and_sides_of_a_prefix_unfold(desk: Desk) -> None:
    assert {"M170", "M1710", "M1711", "M1712"} <= set(desk.codes("M17", 20))
    assert {"M25561", "M25562", "M25569"} <= set(desk.codes("knee pain", 5))


def test_a_code_prefix_with_words_searches_below_the_prefix(desk: Desk) -> None:
    found = desk.codes("E11 foot ulcer", 5)
    assert found[0] == "E11621"
    assert all(code.startswith("E11") for code in found)


def test_headings_come_after_codes_and_say_so(desk: Desk) -> None:
    found = desk.find("type 2 diabetes", 10)
    assert [one.billable for one in found] == sorted((one.billable for one in found), reverse=True)
    assert not found[-1].billable


def test_denied_words_find_the_codes_that_deny_them(desk: Desk) -> None:
    assert desk.codes("laceration right hand without foreign body", 1) == ["S61411A"]
    assert desk.codes("laceration right hand with foreign body", 1) == ["S61421A"]


def test_unknown_words_alone_find_nothing(desk: Desk) -> None:
    assert desk.codes("qqqqqqqq zzzzzzz") == []
    assert desk.codes("") == []
    assert desk.codes("  .,;--  ") == []


def test_the_limit_is_kept(desk: Desk) -> None:
    for limit in (1, 2, 5, 20, 50):
        assert len(desk.find("fracture", limit)) == limit


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                ["w/o", "htn", "E11", "dm", "of", "a", "1", "~", "diabetes", "~edema", "with", "no"]
            ),
            max_size=14,
        ).map(" ".join),
    ),
    st.integers(-3, 200),
)
def test_any_text_is_answered_with_codes_of_the_release(desk: Desk, text: str, limit: int) -> None:
    found = desk.find(text, limit)
    assert len(found) <= 100
    assert len({one.code for one in found}) == len(found)
    for one in found:
        number = desk.index.find(one.code)
        assert number is not None
        assert (desk.index.title(number), bool(desk.index.billable[number])) == (one.title, one.billable)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_code_prefix_finds_only_codes_that_begin_with_it(desk: Desk, data: st.DataObject) -> None:
    code = desk.index.codes[data.draw(st.integers(0, len(desk.index.codes) - 1))]
    prefix = code[: data.draw(st.integers(3, len(code)))]
    typed = prefix if len(prefix) < 4 or data.draw(st.booleans()) else f"{prefix[:3]}.{prefix[3:]}"
    if not any(character.isdigit() for character in prefix):
        return
    found = desk.codes(data.draw(st.sampled_from([typed, typed.lower()])), 20)
    assert found
    assert all(one.startswith(prefix) for one in found)


def test_every_expansion_of_the_table_finds_a_code(desk: Desk) -> None:
    empty = [term for term in desk.abbreviations.expansions if not desk.codes(term, 1)]
    assert empty == []
    assert len(desk.abbreviations.expansions) >= 250


def test_every_common_code_is_billable(index: SearchIndex) -> None:
    for code in index_store.prior().common:
        number = index.find(code)
        assert number is not None, code
        assert index.billable[number], code


@pytest.mark.parametrize(
    "lines",
    [
        ["term,expansion"],
        ["term,expansion,kind", "htn,,abbreviation"],
        ["term,expansion,kind", "htn,hypertension,guess"],
        ["term,expansion,kind", "htn,hypertension,lay", "HTN,Hypertension,lay"],
    ],
)
def test_a_wrong_table_of_abbreviations_is_refused(lines: list[str]) -> None:
    with pytest.raises(AbbreviationTableError):
        parse_abbreviations(lines)


def test_a_wrong_table_of_common_codes_is_refused() -> None:
    settings_text = "[use]\ndaily = 1.0\n[chapter]\n[seventh]\n"
    assert parse_prior(["code,use", "I10,daily"], settings_text).common == {"I10": 1.0}
    for lines in (["code"], ["code,use", "I10,rarely"], ["code,use", "I10,daily", "I10,daily"]):
        with pytest.raises(PriorError):
            parse_prior(lines, settings_text)


@pytest.mark.parametrize("data", [b"", b"CODEIDX5", b"CODEIDX0" + bytes(100), b"CODEIDX5" + bytes([255] * 4)])
def test_foreign_bytes_are_no_index(data: bytes) -> None:
    with pytest.raises(IndexFormatError):
        SearchIndex(data)


def test_a_word_is_repaired_by_the_nearest_words() -> None:
    speller = Speller(["asthma", "diabete", "hypertension", "hypotension", "pneumonia", "b12"])
    assert speller.repair("astma", unfinished=False) == [("asthma", 1)]
    assert speller.repair("pnuemonia", unfinished=False) == [("pneumonia", 1)]
    assert speller.repair("npeumonia", unfinished=False) == [("pneumonia", 1)]
    assert speller.repair("hypertensoin", unfinished=False) == [("hypertension", 1)]
    assert speller.repair("pnuemo", unfinished=False) == []
    assert speller.repair("pnuemo", unfinished=True) == [("pneumo", 1)]
    assert speller.repair("abc", unfinished=False) == []


def test_the_code_for_a_heading_is_the_one_without_more_said(bundled: ParsedRelease) -> None:
    entries = bundled.entries
    children: dict[str, list[CodeEntry]] = {}
    for entry in entries:
        children.setdefault(entry.parent or "", []).append(entry)
    headings = {entry.code: entry for entry in entries}
    found = {
        code: default_code(headings[code], children) for code in ("E11", "J45", "S52501", "M2556", "G43")
    }
    assert {code: one.code for code, one in found.items() if one} == {
        "E11": "E119",
        "J45": "J45909",
        "S52501": "S52501A",
        "M2556": "M25569",
        "G43": "G43909",
    }
