"""Answers are put in order by us, and the two that are always there stand last."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cdi_queries.rules.arrange import (
    OTHER,
    STANDING,
    UNABLE,
    arranged,
    known_links,
    with_blank,
    without_blanks,
)
from cdi_queries.rules.content import AnswerOption, QueryContent, QuotedIndicator, linted
from cdi_queries.rules.lint import lint
from cdi_queries.rules.query import Kind
from cdi_queries.terms.lint import lexicon, wording

TEXTS = st.sampled_from(
    ["", "Acute systolic heart failure", "acute kidney injury", "Pneumonia", "None of these", "Sepsis",
     "Other (please specify)", "Clinically undetermined", "Yes", "No", "Not clinically significant"]
)  # fmt: skip
OPTIONS = st.lists(TEXTS, max_size=8).map(
    lambda texts: tuple(AnswerOption(f"o{n}", text) for n, text in enumerate(texts, start=1))
)


@given(OPTIONS)
def test_a_choice_is_never_out_of_order_and_never_without_its_last_two(
    options: tuple[AnswerOption, ...],
) -> None:
    found = arranged(Kind.MULTIPLE_CHOICE, options, wording())
    assert found[-2:] == (OTHER, UNABLE)
    assert arranged(Kind.MULTIPLE_CHOICE, found, wording()) == found
    assert arranged(Kind.MULTIPLE_CHOICE, tuple(reversed(found)), wording())[-2:] == (OTHER, UNABLE)
    content = without_blanks(QueryContent(Kind.MULTIPLE_CHOICE, "Title", "Please clarify.", found))
    said = lint(linted(content, documented_terms=(), provider=""), wording(), lexicon())
    assert not [one for one in said if one.rule == "R3" or "alphabetic" in one.message]


@given(OPTIONS)
def test_no_diagnosis_is_lost_and_none_stands_after_a_neutral_answer(
    options: tuple[AnswerOption, ...],
) -> None:
    found = arranged(Kind.MULTIPLE_CHOICE, options, wording())
    is_named = wording().is_diagnostic
    before = sorted(one.text for one in options if one.text and is_named(one.text))
    assert sorted(one.text for one in found if one.text and is_named(one.text)) == before
    kinds = [is_named(one.text) for one in found if one.text and one.id not in STANDING]
    assert kinds == sorted(kinds, reverse=True)


@given(OPTIONS)
def test_yes_and_no_are_offered_whatever_was_there(options: tuple[AnswerOption, ...]) -> None:
    found = arranged(Kind.YES_NO, options, wording())
    assert found[-2:] == (OTHER, UNABLE) and len(found) > 2
    assert not any(wording().is_diagnostic(one.text) for one in found)
    assert arranged(Kind.OPEN, options, wording()) == ()


def test_one_empty_answer_is_enough_and_is_not_sent() -> None:
    content = QueryContent(Kind.MULTIPLE_CHOICE, options=(AnswerOption("o1", "Sepsis"), OTHER, UNABLE))
    more = with_blank(content)
    assert [one.id for one in more.options] == ["o1", "other", "unable", "o2"]
    assert with_blank(more) == more
    assert without_blanks(more) == content


def test_a_link_to_an_indicator_that_is_gone_is_none() -> None:
    here = QuotedIndicator("i2", "v", 0, 4, "here", "Note", None, "L1")
    option = AnswerOption("o1", "Sepsis", ("i1", "i2", "i2"))
    content = QueryContent(Kind.MULTIPLE_CHOICE, options=(option,), indicators=(here,))
    assert known_links(content).options[0].indicator_ids == ("i2",)
