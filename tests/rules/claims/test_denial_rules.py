"""How a contract reads a reason, how a denial is scored, and what the edits said of its line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.classify_command import editions
from claims.rules.classify import CATEGORIES
from claims.rules.edit_at_submit import AtSubmit, edits_at_submit
from claims.rules.reason_reading import ContractRow, Decision, read_reason
from claims.rules.winnability import Seen, priority, winnability
from claims.selectors.reason_maps import status_category
from claims.terms.denials import status_map, win_terms

PAYER, OTHER = uuid4(), uuid4()
DAY = date(2026, 9, 15)


def row(category: str, **changes: Any) -> ContractRow:
    whole: dict[str, Any] = {
        "id": uuid4(), "payer_id": None, "group": "", "carc": "97", "rarc": "", "category": category,
        "starts_on": date(2020, 1, 1), "ends_on": None,
    }  # fmt: skip
    return ContractRow(**(whole | changes))


def read(*rows: ContractRow, payer: UUID = PAYER, on: date = DAY, **changes: Any) -> Decision:
    asked: dict[str, Any] = {"group": "CO", "carc": "97", "rarcs": ("N56",), "amount": Decimal(10)}
    return read_reason(rows, editions(), payer_id=payer, on=on, **(asked | changes))


def test_the_most_exact_row_of_the_contract_wins_over_the_map() -> None:
    assert read().category == "coding", "the built-in map, without a row"
    rows = [row("benefit")]
    assert read(*rows).category == "benefit"
    rows.append(row("timely", group="CO"))
    assert read(*rows).category == "timely"
    rows.append(row("duplicate", payer_id=PAYER))
    assert read(*rows).category == "duplicate"
    rows.append(row("documentation", rarc="N56"))
    found = read(*rows)
    assert (found.category, found.decided_by, found.status) == ("documentation", "N56", "contract")
    assert found.edition.startswith("contract-") and len(found.edition) <= 40


def test_a_row_holds_for_its_days_payer_group_and_remark_only() -> None:
    rule = row("benefit", payer_id=PAYER, group="CO", rarc="N56", starts_on=DAY, ends_on=date(2026, 9, 30))
    assert read(rule).category == "benefit"
    assert read(rule, on=date(2026, 9, 30)).category == "benefit", "its last day is its own"
    for changes in (
        {"payer": OTHER}, {"group": "PR"}, {"rarcs": ()}, {"on": date(2026, 9, 14)},
        {"on": date(2026, 10, 1)},
    ):  # fmt: skip
        assert read(rule, **changes).category == "coding", changes


def test_the_newest_of_equal_rows_holds() -> None:
    assert read(row("timely"), row("benefit", starts_on=date(2026, 1, 1))).category == "benefit"


def test_a_day_before_every_map_is_unmapped_and_no_error() -> None:
    found = read(on=date(1999, 1, 1))
    assert (found.category, found.edition) == ("unmapped", "none")


def test_leading_zeros_and_small_letters_are_the_same_reason() -> None:
    assert read(row("benefit", carc="45"), carc="045").category == "benefit"
    assert read(carc="16", rarcs=("m76",)).category == "coding"


@given(
    st.text(alphabet="0123456789AB", min_size=1, max_size=4),
    st.lists(st.sampled_from(["N56", "M76", "M15", "ZZ9"]), max_size=3),
    st.sampled_from([Decimal(-5), Decimal(5)]),
)
def test_every_reason_has_exactly_one_kind(carc: str, rarcs: list[str], amount: Decimal) -> None:
    assert read(carc=carc, rarcs=rarcs, amount=amount).category in CATEGORIES


def test_a_rejection_is_read_by_its_status_and_an_unknown_one_stays_unmapped() -> None:
    assert status_category("A7", "255") == "coding"
    assert status_category("A7", "0033") == "eligibility"
    assert status_category("999") == "submission"
    assert status_category("A4", "9999") == "submission"
    assert status_category("A7", "9999") == "unmapped"
    assert status_map().status == "unverified"


@given(
    st.sampled_from(CATEGORIES), st.booleans(), st.booleans(), st.integers(0, 3),
    st.sampled_from(["overridden", "lifted", "no_edit", "unknown"]), st.integers(0, 50), st.integers(0, 50),
)  # fmt: skip
def test_a_score_is_the_sum_of_its_parts_and_never_certain(
    category: str, rejected: bool, ours: bool, quotes: int, edit: str, won: int, lost: int
) -> None:
    score = winnability(Seen(category, "PR", rejected, ours, quotes, edit, won, won + lost), win_terms())
    assert score.value == sum(one.points for one in score.reasons)
    assert win_terms().lowest <= score.value <= win_terms().highest


def test_evidence_raises_a_score_and_an_overridden_edit_lowers_it() -> None:
    def value(**seen: Any) -> int:
        return winnability(Seen("coding", "CO", is_coded_by_us=True, **seen), win_terms()).value

    assert value(evidence_count=2) > value() > value(edit_state="overridden")


def test_own_history_counts_from_ten_decided_on() -> None:
    def value(won: int, decided: int) -> int:
        seen = Seen("coding", overturned_count=won, decided_count=decided)
        return winnability(seen, win_terms()).value

    assert value(0, 9) == value(9, 9) == 55, "nine say nothing yet"
    assert value(0, 30) == 28, "thirty weigh half: between 55 and nothing"
    assert value(30, 30) == 78


def test_priority_is_the_money_the_work_should_bring() -> None:
    assert priority(Decimal("135.00"), 55) == Decimal("74.25")


EDITS = {
    "findings": [
        {"rule": "mue.line", "level": "warning", "became": "accepted", "assignments": ["a"]},
        {"rule": "ncci.ptp", "level": "error", "became": "overridden", "assignments": ["a", "b"]},
        {"rule": "told", "level": "info", "became": "told", "assignments": ["c"]},
    ],
    "passed": [{"rule": "ncci.ptp", "assignments": ["d", "e"], "modifier": "59"}],
}


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        (["a"], AtSubmit("overridden", "ncci.ptp", "error")),
        (["d"], AtSubmit("lifted", "ncci.ptp", "error")),
        (["c"], AtSubmit("no_edit")),
        (["z"], AtSubmit("no_edit")),
        ([], AtSubmit("unknown")),
    ],
)
def test_the_edits_of_a_line_are_told_by_the_heaviest(keys: list[str], found: AtSubmit) -> None:
    assert edits_at_submit(EDITS, keys) == found


def test_without_a_finished_version_the_edits_are_unknown() -> None:
    assert edits_at_submit(None, ["a"]) == AtSubmit("unknown")
