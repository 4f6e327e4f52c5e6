"""Worksheets scored again: the same edition gives the same scores, another gives its own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput
from coding_ops.core.statistics import IntervalMethod
from qa_audit.editions import edition_named, edition_on, editions, newest_edition
from qa_audit.rules.audit_lines import Verdict
from qa_audit.rules.lines import code_line
from qa_audit.rules.replay import StoredLine, replayed, settled_codes
from qa_audit.rules.scoring import Scores, judge, score
from qa_audit.score_command import score as score_command

OLD, NEW = edition_named("2026-01"), edition_named("2026-11")


def line(code: str, position: int = 1, **more: Any) -> dict[str, Any]:
    return {"kind": "dx", "system": "ICD-10-CM", "code": code, "position": position, **more}


def scores(lines: list[StoredLine], edition: Any = NEW, **how: Any) -> Scores:
    rows = replayed(lines, edition)
    return score(rows, confidence=Decimal("0.95"), method=IntervalMethod.WILSON, **how)


def compared(
    ours: list[dict[str, Any]], theirs: list[dict[str, Any]], edition: Any = NEW
) -> list[StoredLine]:
    """A worksheet as it is kept when the codes are compared."""
    rows = judge(
        [code_line(index, one, taxonomy=edition) for index, one in enumerate(ours)],
        [code_line(index, one, taxonomy=edition) for index, one in enumerate(theirs)],
        edition,
    )
    return [
        StoredLine(
            ours[row.coder.index] if row.coder else None,
            theirs[row.auditor.index] if row.auditor else None,
            row.verdict,
        )
        for row in rows
    ]


def test_the_worked_example_replays_as_it_was_scored() -> None:
    """measures.md 3: {A,B,C,D} against {A,B,E,F,G}: 2 of 6, 2 of 5, 2 of 4."""
    kept = [
        StoredLine(line("A000"), line("A000"), Verdict.AGREE),
        StoredLine(line("B000", 2), line("B000", 2), Verdict.AGREE),
        StoredLine(line("C500", 3), line("C501", 3), Verdict.WRONG_SPECIFICITY),
        StoredLine(line("D500", 4), None, Verdict.UNSUPPORTED),
        StoredLine(None, line("F320", 4), Verdict.MISSED),
        StoredLine(None, line("G400", 5), Verdict.MISSED),
    ]
    found = scores(kept)
    assert (found.code_level.numerator, found.code_level.denominator) == (2, 6)
    assert (found.auditor_denominator.numerator, found.auditor_denominator.denominator) == (2, 5)
    assert (found.coder_denominator.numerator, found.coder_denominator.denominator) == (2, 4)


def test_an_older_edition_weighs_the_principal_diagnosis_as_one_error() -> None:
    kept = compared([line("I10"), line("E119", 2)], [line("J069"), line("E119", 2)])
    assert {one.verdict for one in kept} == {Verdict.AGREE, Verdict.PRINCIPAL}
    assert (scores(kept).weight, scores(kept, OLD).weight) == (Decimal("2.0"), Decimal("1.0"))
    assert scores(kept).code_level.numerator == scores(kept, OLD).code_level.numerator == 1


def test_an_older_edition_charges_policy_differences() -> None:
    kept = [
        StoredLine(line("I10"), line("I10"), Verdict.AGREE),
        StoredLine(line("E119", 2), line("E1122", 2), Verdict.WRONG_SPECIFICITY, "policy_difference"),
    ]
    assert (scores(kept).code_level.denominator, scores(kept).encounter_clean) == (1, True)
    old = scores(kept, OLD)
    assert (old.code_level.numerator, old.code_level.denominator, old.encounter_clean) == (1, 2, False)


def test_a_finding_that_fell_stays_fallen_under_every_edition() -> None:
    kept = [
        StoredLine(line("I10"), line("J069"), Verdict.PRINCIPAL, has_fallen=True),
        StoredLine(None, line("Z794", 2), Verdict.MISSED, has_fallen=True),
    ]
    for edition in (OLD, NEW):
        found = scores(kept, edition)
        assert (found.code_level.numerator, found.code_level.denominator) == (1, 1)
        assert found.encounter_clean and found.weight == 0


def test_attributes_left_out_make_a_wrong_modifier_a_right_code() -> None:
    kept = [
        StoredLine(
            {**line("99213"), "kind": "px", "modifiers": []},
            {**line("99213"), "kind": "px", "modifiers": ["25"]},
            Verdict.MODIFIER,
        )
    ]
    assert scores(kept).code_level.numerator == 0
    assert scores(kept, attributes_count=False).code_level.numerator == 1


def test_process_findings_weigh_apart_and_count_nowhere() -> None:
    kept = [
        StoredLine(line("I10"), line("I10"), Verdict.AGREE),
        StoredLine(line("I10"), line("I10"), Verdict.QUERY_MISSED, is_process=True),
        StoredLine(line("I10"), line("I10"), Verdict.EVIDENCE, is_process=True, has_fallen=True),
    ]
    found = scores(kept)
    assert (found.code_level.denominator, found.encounter_clean) == (1, True)
    assert found.process_weight == Decimal("0.5")


CODES = st.sampled_from(["I10", "I129", "E119", "E1122", "N1831", "N1832", "Z794", "J069"])
SETS = st.lists(CODES, min_size=1, max_size=6, unique=True).map(
    lambda codes: [line(code, place) for place, code in enumerate(codes, start=1)]
)


@given(SETS, SETS, st.permutations(range(16)))
def test_the_same_edition_gives_the_same_scores_in_any_order_of_the_lines(
    ours: list[dict[str, Any]], theirs: list[dict[str, Any]], order: list[int]
) -> None:
    kept = compared(ours, theirs)
    first = score(
        judge(
            [code_line(index, one, taxonomy=NEW) for index, one in enumerate(ours)],
            [code_line(index, one, taxonomy=NEW) for index, one in enumerate(theirs)],
            NEW,
        ),
        confidence=Decimal("0.95"),
        method=IntervalMethod.WILSON,
    )
    assert scores(kept) == first
    assert scores([kept[at] for at in order if at < len(kept)]) == first


# --- the codes that are settled ---


def test_settled_codes_are_the_coders_corrected_by_what_is_charged() -> None:
    kept = [
        StoredLine(line("I10"), line("I10"), Verdict.AGREE),
        StoredLine(line("E119", 2), line("E1122", 2), Verdict.WRONG_SPECIFICITY),
        StoredLine(line("N1831", 3), line("N1832", 3), Verdict.WRONG_SPECIFICITY, "documentation_gap"),
        StoredLine(line("Z794", 4), None, Verdict.UNSUPPORTED),
        StoredLine(None, line("J069", 4), Verdict.MISSED),
        StoredLine(None, line("M1711", 5), Verdict.MISSED, has_fallen=True),
    ]
    assert [one["code"] for one in settled_codes(kept, NEW)] == ["I10", "E1122", "N1831", "J069"]


def test_the_principal_diagnosis_moves_only_while_its_finding_stands() -> None:
    ours, theirs = [line("I10"), line("E119", 2)], [line("E119"), line("I10", 2)]
    kept = compared(ours, theirs)
    assert [one["code"] for one in settled_codes(kept, NEW)] == ["E119", "I10"]
    fell = [
        StoredLine(one.coder, one.reviewer, one.verdict, has_fallen=one.verdict is not Verdict.AGREE)
        for one in kept
    ]
    assert [one["code"] for one in settled_codes(fell, NEW)] == ["I10", "E119"]


# --- editions ---


def test_editions_hold_from_their_day_on() -> None:
    assert [one.name for one in editions()] == ["2026-01", "2026-11"]
    assert edition_on(date(2026, 10, 31)).edition == "2026-01"
    assert edition_on(date(2026, 11, 1)).edition == newest_edition().edition == "2026-11"
    assert edition_on(date(2020, 1, 1)).edition == "2026-01"
    with pytest.raises(InvalidInput, match="no edition '1999'"):
        edition_named("1999")


def test_the_rule_command_scores_under_a_named_edition() -> None:
    request = {"coder": [line("I10")], "auditor": [line("J069")], "method": "weighted"}
    assert score_command(request)["lines"][0]["weight"] == "2.00"
    assert score_command({**request, "edition": "2026-01"})["lines"][0]["weight"] == "1.00"
    with pytest.raises(InvalidInput):
        score_command({**request, "edition": "2019-01"})
