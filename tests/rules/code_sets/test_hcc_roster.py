"""The fast way to score a roster gives the categories and scores of the slow one, which CMS's tables test."""

from __future__ import annotations

import random
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from code_sets.hcc_tables import model_years, tables_of
from code_sets.rules.hcc import HccTables, Person, score
from code_sets.rules.hcc_roster import Roster, RosterScore

MODELS = ("CMS-HCC V28", "CMS-HCC V24", "CMS-HCC V22", "CMS-HCC ESRD V24", "CMS-HCC ESRD V21")

people = st.builds(
    Person,
    age=st.integers(0, 100),
    sex=st.sampled_from("FM"),
    dual=st.sampled_from(["NA", "01", "02"]),
    original_entitlement=st.sampled_from("0123"),
    current_entitlement=st.sampled_from("02"),
    institutional=st.booleans(),
    new_enrollee=st.booleans(),
    special_needs_plan=st.booleans(),
)


@cache
def tables(model: str) -> HccTables:
    return tables_of(next(one for one in model_years() if (one.model, one.payment_year) == (model, 2026)))


@cache
def roster(model: str) -> Roster:
    return Roster(tables(model))


@cache
def codes_by_category(model: str) -> tuple[tuple[str, ...], ...]:
    found: dict[str, list[str]] = {}
    for code, targets in tables(model).mapping.items():
        for target in targets:
            found.setdefault(target, []).append(code)
    return tuple(tuple(sorted(codes)) for _, codes in sorted(found.items()))


def slowly(model: str, person: Person, codes: list[str]) -> RosterScore:
    found = score(tables(model), person, codes)
    hccs = sorted(one.number for one in (*found.scored, *found.unscored))
    return RosterScore(tuple(hccs), found.raw)


@pytest.mark.parametrize("model", MODELS)
@settings(deadline=None, max_examples=60)
@given(data=st.data(), person=people)
def test_any_roster_line_scores_as_one_person_does(model: str, data: st.DataObject, person: Person) -> None:
    groups = data.draw(st.lists(st.sampled_from(codes_by_category(model)), max_size=14))
    codes = [data.draw(st.sampled_from(group)) for group in groups]
    assert roster(model).score(person, codes) == slowly(model, person, codes)


@pytest.mark.parametrize("model", MODELS[:2])
def test_crowded_charts_score_alike(model: str) -> None:
    """Many categories at once: every interaction and count is met somewhere."""
    chance = random.Random(20261123)  # noqa: S311 (the same charts in every run)
    groups = codes_by_category(model)
    for _ in range(300):
        person = Person(chance.randint(20, 99), chance.choice("FM"), "NA", chance.choice("01"))
        codes = [chance.choice(group) for group in chance.sample(groups, chance.randint(0, 30))]
        assert roster(model).score(person, codes) == slowly(model, person, codes)


def test_a_roster_keeps_its_order_and_knows_no_stranger() -> None:
    rows = [
        (Person(72, "F", "NA", "0"), ["E1122", "N1832", "I5022"]),
        (Person(72, "F", "NA", "0"), ["I10", "NONSENSE"]),
    ]
    assert list(roster("CMS-HCC V28").score_all(rows)) == [
        RosterScore((37, 226, 328), Decimal("1.336")),
        RosterScore((), Decimal("0.395")),
    ]


def test_an_artificial_heart_stands_only_beside_heart_failure() -> None:
    person = Person(80, "M", "NA", "0")
    assert roster("CMS-HCC V28").score(person, ["T82592A"]).hccs == ()
    assert roster("CMS-HCC V28").score(person, ["T82592A", "I5022"]).hccs == (223,)
