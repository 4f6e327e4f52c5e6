"""Which words of an answer a code is searched by."""

from __future__ import annotations

import pytest

from cdi_queries.rules.answer_words import words_to_search
from cdi_queries.rules.content import AnswerOption, QueryContent
from cdi_queries.rules.query import Kind
from cdi_queries.terms.lint import lexicon, wording

CHOICE = QueryContent(
    kind=Kind.MULTIPLE_CHOICE,
    body="Please clarify the type and acuity of the heart failure.",
    options=(
        AnswerOption("o1", "Acute systolic heart failure"),
        AnswerOption("o2", "Other (please specify)"),
        AnswerOption("o3", "Unable to determine"),
    ),
)
YES_NO = QueryContent(
    kind=Kind.YES_NO,
    body="Was the pneumonia present on admission?",
    options=(
        AnswerOption("o1", "Yes"),
        AnswerOption("o2", "No"),
        AnswerOption("o3", "Unable to determine"),
    ),
)
OPEN = QueryContent(kind=Kind.OPEN, body="Please describe the finding.")


@pytest.mark.parametrize(
    ("content", "option", "words", "expected"),
    [
        (CHOICE, "o1", "", ("Acute systolic heart failure",)),
        (CHOICE, "o1", "Acute systolic heart failure", ("Acute systolic heart failure",)),
        (CHOICE, "o2", "Takotsubo cardiomyopathy", ("Takotsubo cardiomyopathy",)),
        (CHOICE, "o2", "Thank you. This is acute pulmonary edema.", ("This is acute pulmonary edema",)),
        (CHOICE, "o3", "Sepsis cannot be told apart.", ()),
        (YES_NO, "o1", "", ("pneumonia",)),
        (YES_NO, "o2", "", ()),
        (
            OPEN,
            "",
            "Severe protein-calorie malnutrition; no sepsis",
            ("Severe protein-calorie malnutrition",),
        ),
        (OPEN, "", "A finding of no name", ("A finding of no name",)),
    ],
)
def test_searches_by_what_the_provider_said(
    content: QueryContent, option: str, words: str, expected: tuple[str, ...]
) -> None:
    assert words_to_search(content, option, words, wording(), lexicon()) == expected


def test_a_long_answer_is_cut_to_what_the_search_reads() -> None:
    found = words_to_search(OPEN, "", "pneumonia " * 100, wording(), lexicon())
    assert all(len(one) <= 200 for one in found) and found
