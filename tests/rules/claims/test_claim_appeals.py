"""Appeals: their steps and days, and letters without empty claims."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules.appeals import (
    STEPS,
    AppealStep,
    AppealVerb,
    LetterTemplate,
    Level,
    checked_letter,
    compose,
    decision_due_on,
    due_on,
    level_at,
    levels_of,
    named_parts,
    step,
    templates_for,
    unfilled,
    verb_of_decision,
)
from claims.rules.classify import CATEGORIES
from claims.rules.credits import checked_amount, is_systemic, require_confirmed
from claims.terms.appeals import letter_book, level_editions
from coding_ops.core.errors import Conflict, InvalidInput, Refused

TODAY = date(2026, 11, 24)
PARTS = {name: f"<{name}>" for name in named_parts(letter_book())}


def level(number: int, days: int | None = 30, decision_days: int | None = 60) -> Level:
    return Level(number, f"Level {number}", "the payer", days, decision_days, "", "", "unverified")


@pytest.mark.parametrize("state", list(AppealStep))
@pytest.mark.parametrize("verb", list(AppealVerb))
def test_only_a_draft_is_sent_and_only_what_was_sent_is_decided(state: AppealStep, verb: AppealVerb) -> None:
    if (state, verb) in STEPS:
        assert step(state, verb) is STEPS[state, verb]
    else:
        with pytest.raises(Conflict):
            step(state, verb)
    assert (AppealStep.SENT, AppealVerb.SAVE) not in STEPS
    assert not [one for one in STEPS if one[0] in (AppealStep.WON, AppealStep.LOST, AppealStep.PART)]


@pytest.mark.parametrize(
    ("awarded", "verb"),
    [
        ("0.00", AppealVerb.LOSE),
        ("99.99", AppealVerb.WIN_PART),
        ("100.00", AppealVerb.WIN),
        ("101", AppealVerb.WIN),
    ],
)
def test_the_amounts_say_how_it_ended(awarded: str, verb: AppealVerb) -> None:
    assert verb_of_decision(Decimal("100.00"), Decimal(awarded)) is verb


def test_an_award_below_zero_is_refused() -> None:
    with pytest.raises(InvalidInput):
        verb_of_decision(Decimal("100.00"), Decimal("-0.01"))


def test_the_payers_own_days_go_before_ours_for_the_first_level_alone() -> None:
    assert due_on(level(1), since=TODAY, payer_days=90) == date(2027, 2, 22)
    assert due_on(level(1), since=TODAY, payer_days=None) == date(2026, 12, 24)
    assert due_on(level(2), since=TODAY, payer_days=90) == date(2026, 12, 24)
    assert due_on(level(2, None), since=TODAY, payer_days=90) is None
    assert decision_due_on(level(1), TODAY) == date(2027, 1, 23)
    assert decision_due_on(level(1, decision_days=None), TODAY) is None


def test_medicare_has_its_five_levels_and_any_payer_some() -> None:
    medicare = levels_of(level_editions(), "medicare", TODAY)
    assert [(one.number, one.days, one.decision_days) for one in medicare] == [
        (1, 120, 60),
        (2, 180, 60),
        (3, 60, 90),
        (4, 60, 90),
        (5, 60, None),
    ]
    others = levels_of(level_editions(), "commercial", TODAY)
    assert {one.days for one in others} == {None}
    assert all(one.status == "unverified" and one.source for one in (*medicare, *others))
    assert level_at(others, 4).days is None
    with pytest.raises(Conflict):
        level_at(medicare, 6)


@pytest.mark.parametrize("category", CATEGORIES)
def test_each_kind_of_denial_has_a_letter_that_fits_first(category: str) -> None:
    first = templates_for(letter_book(), category)[0]
    assert category in first.categories or "*" in first.categories


@given(st.sets(st.sampled_from(sorted(PARTS))), st.sampled_from(letter_book().templates))
def test_a_letter_never_names_a_part_and_then_says_nothing(empty: set[str], template: LetterTemplate) -> None:
    parts = {name: "" if name in empty else value for name, value in PARTS.items()}
    letter = compose(letter_book(), template, parts)
    assert "{" not in letter
    assert ":\n\n" not in letter.replace(f"To {parts['to_whom']}:\n\n", "")
    assert not letter.endswith("\n\n")
    if "quotes" in empty:
        assert "own words" not in letter


def test_a_letter_is_whole_and_told_from_an_unfinished_one() -> None:
    assert checked_letter(" One.\r\nTwo.\r ") == "One.\nTwo.\n"
    for wrong in ("", "  \r\n ", "x" * 20_001):
        with pytest.raises(InvalidInput):
            checked_letter(wrong)
    assert unfilled("The rule is: (add it here). Enclosed: (name it here).") == (
        "(add it here)",
        "(name it here)",
    )
    assert unfilled("Nothing is left (see page 2).") == ()


def test_credits_are_in_cents_above_zero_for_confirmed_errors_and_systemic_from_the_number_on() -> None:
    assert checked_amount(Decimal("35.10")) == Decimal("35.10")
    for wrong in (None, Decimal(0), Decimal("-1"), Decimal("1.005")):
        with pytest.raises(InvalidInput):
            checked_amount(wrong)
    assert [is_systemic(count, 3) for count in (2, 3, 4)] == [False, True, True]
    require_confirmed(True)
    for not_ours in (None, False):
        with pytest.raises(Refused):
            require_confirmed(not_ours)
