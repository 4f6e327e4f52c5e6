"""Rates of charts, comparison with peers, the effect of a letter, and the letter's words."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdi_queries.rules.diagnoses import mentions
from cdi_queries.rules.education import (
    Axis,
    Charts,
    Span,
    Standing,
    Verdict,
    compare,
    effect,
    effect_days,
    leaves_open,
    month_due,
    open_codes,
    period_of,
    rate_of,
    told_apart_by,
)
from cdi_queries.rules.letter import (
    Answers,
    CodeCount,
    Example,
    Pattern,
    from_json,
    letter_of,
    payment_free,
    to_json,
)
from cdi_queries.terms.education import education_terms
from cdi_queries.terms.lint import lexicon, wording

TERMS = education_terms()
DAY = date(2026, 6, 30)
ACUITY = Axis("acuity", ("acute", "chronic"))


@pytest.mark.parametrize(
    ("code", "title", "is_open"),
    [
        ("I509", "Heart failure, unspecified", True),
        ("N189", "Chronic kidney disease, unspecified", True),
        ("I5020", "Unspecified systolic (congestive) heart failure", True),
        ("I5022", "Chronic systolic (congestive) heart failure", False),
        ("E118", "Type 2 diabetes mellitus with unspecified complications", True),
        ("N1832", "Chronic kidney disease, stage 3b", False),
        # an open wording is the usual end of a careful note
        ("J069", "Acute upper respiratory infection, unspecified", False),
        ("E785", "Hyperlipidemia, unspecified", False),
        # signs, factors and external causes
        ("R4182", "Altered mental status, unspecified", False),
        ("W19XXXA", "Unspecified fall, initial encounter", False),
        ("Z9989", "Dependence on unspecified machines", False),
        ("I509", "", False),
    ],
)
def test_a_title_that_leaves_something_open_counts(code: str, title: str, is_open: bool) -> None:
    assert leaves_open(code, title, TERMS) is is_open


def test_only_diagnoses_count_and_each_code_once() -> None:
    def line(
        code: str, title: str, position: int, kind: str = "dx", system: str = "ICD-10-CM"
    ) -> dict[str, object]:
        return {"kind": kind, "system": system, "code": code, "title": title, "position": position}

    found = open_codes(
        [
            line("N189", "Chronic kidney disease, unspecified", 3),
            line("I509", "Heart failure, unspecified", 1),
            line("I10", "Essential (primary) hypertension", 2),
            line("99214", "", 1, "px", "CPT"),
            line("0W3P8ZZ", "Control bleeding, unspecified", 2, "px", "ICD-10-PCS"),
        ],
        TERMS,
    )
    assert found == (
        3,
        (("I509", "Heart failure, unspecified"), ("N189", "Chronic kidney disease, unspecified")),
    )
    assert open_codes([], TERMS) == (0, ())


@pytest.mark.parametrize(
    ("own", "peers", "count", "standing"),
    [
        (Charts(30, 60), Charts(60, 400), 4, Standing.MORE),
        (Charts(2, 60), Charts(120, 400), 4, Standing.LESS),
        (Charts(10, 60), Charts(66, 400), 4, Standing.ALIKE),
        # nothing is judged below the minimum, and nobody is compared with one or two people
        (Charts(19, 19), Charts(0, 400), 4, Standing.TOO_FEW),
        (Charts(30, 60), Charts(0, 400), 2, Standing.NO_PEERS),
        (Charts(30, 60), Charts(0, 59), 4, Standing.NO_PEERS),
    ],
)
def test_a_provider_beside_the_others_of_the_specialty(
    own: Charts, peers: Charts, count: int, standing: Standing
) -> None:
    found = compare(own, peers, count, TERMS)
    assert found.standing is standing
    assert (found.low is None) is (standing in (Standing.TOO_FEW, Standing.NO_PEERS))


@given(st.integers(20, 300), st.integers(60, 3000), st.data())
def test_a_difference_is_told_only_when_its_interval_leaves_out_zero(
    own_of: int, peers_of: int, data: st.DataObject
) -> None:
    own = Charts(data.draw(st.integers(0, own_of)), own_of)
    peers = Charts(data.draw(st.integers(0, peers_of)), peers_of)
    found = compare(own, peers, 3, TERMS)
    assert found.low is not None and found.high is not None and found.difference is not None
    assert found.low - Decimal("0.000001") <= found.difference <= found.high + Decimal("0.000001")
    assert (found.standing is Standing.ALIKE) is (found.low <= 0 <= found.high)
    # The same two the other way round say the opposite.
    other = {Standing.MORE: Standing.LESS, Standing.LESS: Standing.MORE}.get(found.standing, found.standing)
    if peers_of >= own_of >= 60:
        assert compare(peers, own, 3, TERMS).standing is other


@pytest.mark.parametrize(
    ("before", "after", "days", "verdict"),
    [
        (Charts(40, 80), Charts(10, 80), 91, Verdict.FELL),
        (Charts(10, 80), Charts(40, 80), 91, Verdict.ROSE),
        (Charts(20, 80), Charts(18, 80), 91, Verdict.UNCHANGED),
        (Charts(40, 80), Charts(10, 80), 90, Verdict.TOO_EARLY),
        (Charts(10, 19), Charts(10, 80), 91, Verdict.TOO_FEW),
        (Charts(10, 80), Charts(0, 0), 200, Verdict.TOO_FEW),
    ],
)
def test_an_effect_is_judged_after_ninety_days_from_enough_charts(
    before: Charts, after: Charts, days: int, verdict: Verdict
) -> None:
    found = effect(before, after, acknowledged_on=DAY, today=DAY + timedelta(days=days), terms=TERMS)
    assert found.verdict is verdict
    assert found.judged_on == DAY + timedelta(days=91)
    assert (found.low is None) is (verdict in (Verdict.TOO_EARLY, Verdict.TOO_FEW))


def test_the_day_of_the_acknowledgement_is_on_neither_side() -> None:
    before, after = effect_days(DAY, TERMS)
    assert (before.last, after.first) == (DAY - timedelta(days=1), DAY + timedelta(days=1))
    assert (before.last - before.first).days == (after.last - after.first).days == 89


@pytest.mark.parametrize(
    ("today", "month", "first", "last"),
    [
        (date(2026, 11, 10), date(2026, 10, 1), date(2026, 8, 1), date(2026, 10, 31)),
        (date(2026, 11, 9), date(2026, 9, 1), date(2026, 7, 1), date(2026, 9, 30)),
        (date(2027, 1, 10), date(2026, 12, 1), date(2026, 10, 1), date(2026, 12, 31)),
        (date(2024, 3, 31), date(2024, 2, 1), date(2023, 12, 1), date(2024, 2, 29)),
    ],
)
def test_the_letter_of_a_month_and_the_days_it_looks_at(
    today: date, month: date, first: date, last: date
) -> None:
    assert month_due(today, TERMS) == month
    assert period_of(month, TERMS) == Span(first, last)


def test_the_codes_of_a_category_tell_what_may_be_documented() -> None:
    siblings = (
        "Acute systolic (congestive) heart failure", "Chronic systolic (congestive) heart failure",
        "Acute on chronic diastolic (congestive) heart failure", "Heart failure, unspecified",
    )  # fmt: skip
    assert told_apart_by("Heart failure, unspecified", siblings, TERMS) == (
        Axis("acuity", ("acute", "chronic", "acute on chronic")),
        Axis("type", ("systolic", "diastolic")),
    )
    # What the title says already is not asked for again.
    assert told_apart_by("Unspecified systolic (congestive) heart failure", siblings, TERMS) == (
        Axis("acuity", ("acute", "chronic", "acute on chronic")),
    )
    assert told_apart_by("Gout, unspecified", ("Gout, unspecified",), TERMS) == ()


def test_no_word_that_parts_codes_names_a_diagnosis() -> None:
    named = [word for axis in TERMS.axes for word in axis.words if mentions(word, lexicon())]
    assert named == []


def _pattern(**changed: object) -> Pattern:
    given: dict[str, object] = {
        "provider": "Adaeze Okafor", "client": "Cypress Ridge", "specialty": "Internal medicine",
        "month": date(2026, 10, 1), "span": Span(date(2026, 8, 1), date(2026, 10, 31)),
        "own": Charts(30, 60), "peers": Charts(60, 400), "peer_count": 4,
        "codes": (CodeCount("I509", "Heart failure, unspecified", 12, (ACUITY,)),),
        "causes": (("Heart and circulation: acuity or type", 3),),
        "answers": Answers(5, (("Agreed", 3), ("Unable to determine", 1))),
        "examples": (Example("Acuity or type", "edema 2+", "Heart failure, unspecified", "acuity"),),
    }  # fmt: skip
    return Pattern(**{**given, **changed})  # type: ignore[arg-type]


def test_a_letter_tells_rates_with_their_intervals_and_survives_being_kept() -> None:
    letter = letter_of(_pattern(), TERMS)
    assert letter.period == "08/01/2026 to 10/31/2026"
    assert [(one.rate, one.counted) for one in letter.figures] == [
        ("50.0%", "30 of 60 charts"),
        ("15.0%", "60 of 400 charts"),
    ]
    rate = rate_of(Charts(30, 60), TERMS)
    assert rate is not None
    assert letter.figures[0].interval == f"95% interval {100 * rate.low:.1f} to {100 * rate.high:.1f}%"
    assert letter.says.startswith("More than among the others: the difference is +35.0 points")
    assert letter.codes[0].code == "I50.9" and letter.codes[0].asks == "acuity (acute, chronic)"
    assert letter.questions == ("5 questions sent, 4 answered.", "Answers: Agreed 3, Unable to determine 1.")
    assert from_json(to_json(letter)) == letter


def test_a_letter_without_enough_peers_shows_none_of_their_figures() -> None:
    letter = letter_of(_pattern(peer_count=2, answers=Answers()), TERMS)
    assert len(letter.figures) == 1 and letter.says.startswith("No comparison")
    assert letter.questions == ("No question was sent in this time.",)
    assert not any("400" in text for text in letter.texts())


def test_no_word_of_a_letter_speaks_of_payment() -> None:
    assert payment_free(letter_of(_pattern(), TERMS).texts(), wording())
    tainted = _pattern(causes=(("Reimbursement of the DRG", 1),))
    assert not payment_free(letter_of(tainted, TERMS).texts(), wording())
