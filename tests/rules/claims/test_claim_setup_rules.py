"""What a client's set-up may say, and how charges of one code follow each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules.charges import ChargeRow, KnownCharge, charge_problems, normal_charge, plan_charges
from claims.rules.charges_csv import dollars_of, read_charges, write_charges
from claims.rules.setup import (
    PayerTerms,
    Profile,
    normal_payer,
    normal_profile,
    payer_problems,
    profile_problems,
)
from claims.terms.setup import setup_terms

TERMS = setup_terms()
WHOLE = Profile(
    name="Cypress Ridge Internal Medicine",
    npi="1234567893",
    tax_id="72-1234567",
    taxonomy_code="207r00000x",
    address_line="100 Levee Road",
    city="Thibodaux",
    state="la",
    postal_code="70301-0100",
    submitter_name="Coding Ops Test",
    submitter_id="CODINGOPS",
    contact_name="Billing desk",
    contact_phone="(985) 555-0100",
)
MUTUAL = PayerTerms("Sample Mutual", "commercial", "smpl1", "CI", "Clearinghouse", "CLEARTEST")
KINDS = frozenset({"commercial", "medicare"})


def profile(**changes: Any) -> dict[str, str]:
    return profile_problems(normal_profile(replace(WHOLE, **changes)), TERMS)


def test_a_whole_profile_is_stored_without_hyphens_and_in_capitals() -> None:
    stored = normal_profile(WHOLE)
    assert (stored.tax_id, stored.postal_code, stored.contact_phone) == (
        "721234567",
        "703010100",
        "9855550100",
    )
    assert (stored.state, stored.taxonomy_code) == ("LA", "207R00000X")
    assert profile_problems(stored, TERMS) == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("npi", "1234567890"),
        ("npi", "123456789"),
        ("npi", ""),
        ("tax_id", "00-1234567"),
        ("tax_id", "7212345678"),
        ("taxonomy_code", "207R00000Y"),
        ("postal_code", "70301"),
        ("state", "XX"),
        ("address_line", "P.O. Box 12"),
        ("name", "Cypress*Ridge"),
        ("name", "Cypress~Ridge"),
        ("city", "T" * 31),
        ("submitter_id", "A" * 16),
        ("contact_phone", "555-0100"),
        ("bill_hold_days", 61),
        ("maturity_days", 0),
        ("systemic_count", 0),
    ],
)
def test_one_wrong_fact_of_a_profile_is_named(field: str, value: Any) -> None:
    assert list(profile(**{field: value})) == [field]


def test_a_client_that_bills_itself_needs_its_name_and_npi_and_what_it_writes_is_checked() -> None:
    bare = Profile(name="Harbor Light", npi="1234567893", is_self_billed=True)
    assert profile_problems(bare, TERMS) == {}
    assert list(profile_problems(replace(bare, tax_id="12"), TERMS)) == ["tax_id"]
    assert list(profile_problems(replace(bare, npi=""), TERMS)) == ["npi"]


def test_a_payer_keeps_each_other_name_once_and_none_it_says_already() -> None:
    payer = normal_payer(
        replace(MUTUAL, aliases=("Sample  Mutual PPO", "sample mutual ppo", "SMPL1", " ", "MUTUAL"))
    )
    assert (payer.payer_id, payer.aliases) == ("SMPL1", ("Sample Mutual PPO", "MUTUAL"))
    assert payer_problems(payer, TERMS, kinds=KINDS, names={}) == {}


def test_a_name_leads_to_one_payer() -> None:
    taken = {"mutual": "Other Plan"}
    payer = normal_payer(replace(MUTUAL, aliases=("Mutual",)))
    assert "Other Plan" in payer_problems(payer, TERMS, kinds=KINDS, names=taken)["aliases"]
    found = payer_problems(replace(payer, name="MUTUAL", aliases=()), TERMS, kinds=KINDS, names=taken)
    assert list(found) == ["name"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "other plan"),
        ("filing_code", "QQ"),
        ("payer_id", "S"),
        ("receiver_id", "A:B"),
        ("appeal_days", 0),
    ],
)
def test_one_wrong_fact_of_a_payer_is_named(field: str, value: Any) -> None:
    wanted = normal_payer(replace(MUTUAL, **{field: value}))
    assert list(payer_problems(wanted, TERMS, kinds=KINDS, names={})) == [field]


# --- charges ---

NEW_YEAR = date(2026, 1, 1)


def row(first: date, amount: str = "135.00", last: date | None = None, **more: str) -> ChargeRow:
    return ChargeRow("99213", Decimal(amount), first, last, **more)


def test_a_later_charge_ends_the_standing_one_the_day_before() -> None:
    standing = KnownCharge(UUID(int=1), row(date(2020, 1, 1)))
    plan = plan_charges([standing], [row(NEW_YEAR, "140.00")])
    assert plan.problems == ()
    assert plan.added == (row(NEW_YEAR, "140.00"),)
    assert [(one.id, one.row.ends_on) for one in plan.ended] == [(UUID(int=1), date(2025, 12, 31))]


def test_a_stored_first_day_corrects_and_the_same_again_does_nothing() -> None:
    standing = KnownCharge(UUID(int=1), row(NEW_YEAR))
    again = plan_charges([standing], [row(NEW_YEAR)])
    assert (again.added, again.changed, again.ended, again.same_count) == ((), (), (), 1)
    plan = plan_charges([standing], [row(NEW_YEAR, "150.00")])
    assert (plan.added, [one.row.amount for one in plan.changed]) == ((), [Decimal("150.00")])


def test_written_days_that_overlap_are_refused_with_the_row_that_makes_them() -> None:
    standing = KnownCharge(UUID(int=1), row(date(2025, 1, 1), last=date(2026, 6, 30)))
    plan = plan_charges([standing], [row(NEW_YEAR)])
    assert [(one.row, one.field) for one in plan.problems] == [(0, "starts_on")]
    assert "01/01/2025 to 06/30/2026" in plan.problems[0].message
    early = row(date(2024, 1, 1), last=date(2025, 2, 1))
    assert [(one.row, one.field) for one in plan_charges([standing], [early]).problems] == [(0, "ends_on")]
    assert [one.row for one in plan_charges([], [row(NEW_YEAR), row(NEW_YEAR, "1.00")]).problems] == [1]


def test_another_modifier_is_another_charge() -> None:
    standing = KnownCharge(UUID(int=1), row(date(2025, 1, 1), last=date(2026, 6, 30)))
    plan = plan_charges([standing], [row(NEW_YEAR, modifier="26")])
    assert (plan.problems, plan.ended, len(plan.added)) == ((), (), 1)


@given(
    known=st.lists(st.integers(0, 40), unique=True, max_size=6),
    wanted=st.lists(st.tuples(st.integers(0, 40), st.none() | st.integers(0, 12)), max_size=6),
)
def test_what_is_planned_never_holds_twice_on_a_day(
    known: list[int], wanted: list[tuple[int, int | None]]
) -> None:
    stored = plan_charges([], [row(NEW_YEAR + timedelta(day)) for day in known]).added
    kept = [KnownCharge(UUID(int=at), one) for at, one in enumerate(stored)]
    rows = [
        row(NEW_YEAR + timedelta(day), last=None if days is None else NEW_YEAR + timedelta(day + days))
        for day, days in wanted
    ]
    plan = plan_charges(kept, rows)
    if plan.problems:
        return
    moved = {one.id: one.row for one in (*plan.changed, *plan.ended)}
    after = sorted(
        [*plan.added, *(moved.get(one.id, one.row) for one in kept)], key=lambda one: one.starts_on
    )
    assert len({one.starts_on for one in after}) == len(after)
    for earlier, later in pairwise(after):
        assert earlier.ends_on is not None
        assert earlier.ends_on < later.starts_on


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "9921"}, "code"),
        ({"modifier": "2"}, "modifier"),
        ({"revenue_code": "52A0"}, "revenue_code"),
        ({"amount": Decimal("-1")}, "amount"),
        ({"amount": Decimal("1.005")}, "amount"),
        ({"ends_on": date(2025, 1, 1)}, "ends_on"),
    ],
)
def test_one_wrong_fact_of_a_charge_is_named(changes: Any, field: str) -> None:
    assert list(charge_problems(normal_charge(replace(row(NEW_YEAR), **changes)), TERMS)) == [field]


def test_a_file_of_charges_is_read_with_the_line_of_each_problem() -> None:
    text = (
        "Code,Amount,Starts on,ends_on,note\r\n"
        '99213,"$1,135.50",01/01/2026,,first\r\n'
        "\r\n"
        "99214,abc,2026-01-01,soon,second\r\n"
        "g0467,180,2026-01-01,,third\r\n"
        "99215,1,200.00,01/01/2026,,fourth\r\n"
    )
    found = read_charges(text, most_rows=10)
    assert [normal_charge(one).code for one in found.rows] == ["99213", "G0467"]
    assert found.rows[0].amount == Decimal("1135.50")
    assert found.lines == (2, 5)
    assert {(one.row, one.field) for one in found.problems} == {
        (4, "amount"),
        (4, "ends_on"),
        (6, ""),
        (6, "starts_on"),
    }


def test_a_file_without_our_columns_or_with_too_many_rows_says_so() -> None:
    assert "starts_on" in read_charges("code;amount\n1;2", most_rows=5).problems[0].message
    assert read_charges("", most_rows=5).problems
    assert read_charges("code,amount,starts_on\n", most_rows=5).problems
    many = "code,amount,starts_on\n" + "99213,1.00,01/01/2026\n" * 3
    assert [one.row for one in read_charges(many, most_rows=2).problems] == [4]


@pytest.mark.parametrize("text", ["", "1.234", "-5", "1,23", "1e3", "$", "٣"])
def test_what_is_no_amount_is_none(text: str) -> None:
    assert dollars_of(text) is None


def test_what_is_written_is_read_back() -> None:
    rows = (row(NEW_YEAR, last=date(2026, 3, 1), modifier="26", revenue_code="0521"), row(date(2026, 4, 1)))
    assert read_charges("".join(write_charges(rows)), most_rows=5).rows == rows
