"""First pass, denials and DNFB as KPIs, worked out by hand for one census."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules.billing_days import Account, Cause, Gross, Stop
from claims.rules.first_pass import First
from claims.rules.measures import ClaimKeys, DenialFact, SentClaim
from encounters.rules.deadlines import Party
from reporting.rules import definitions, denials, dnfb, first_pass
from reporting.rules.facts import Billing, Facts, Frame
from reporting.rules.kpi import Kpi, KpiValue
from tests.rules.reporting.builders import at, frame

D = Decimal
CENSUS = frame(at(5), at(12, 15))
KPIS = (*first_pass.KPIS, *denials.KPIS, *dnfb.KPIS)
EAST = ClaimKeys("east")


def claim(number: int, answered: int, first: First | None, *categories: str) -> SentClaim:
    when = at(answered) if first else None
    return SentClaim(UUID(int=number), at(1), None, when, first, categories, D(100), EAST)


CLAIMS = [
    claim(1, 6, First.PAID),
    claim(2, 6, First.DENIED, "coding", "eligibility"),
    claim(3, 7, First.DENIED, "eligibility"),
    claim(4, 8, First.REJECTED, "coding"),
    claim(5, 8, First.UNPAID),
    claim(6, 0, None),
]
ACCOUNTS = [
    # Ten days old: uncoded and the provider's; coded and blocked at the client's; ready at the vendor's.
    Account(
        UUID(int=11), date(2026, 11, 2), at(3), holds=(Stop(at(4), None, Party.PROVIDER, Cause.QUERY),),
        charge_amount=D(300),
    ),
    Account(
        UUID(int=12), date(2026, 11, 2), at(3), coded=((at(4), None),),
        blocks=(Stop(at(5), None, Party.CLIENT, Cause.BLOCKED),), charge_amount=D(200), facility="east",
    ),
    Account(UUID(int=13), date(2026, 11, 2), at(3), coded=((at(4), None),), charge_amount=None),
    Account(UUID(int=14), date(2026, 11, 10), at(11), charge_amount=D(50)),  # within three days of service
    Account(UUID(int=15), date(2026, 11, 2), at(3), coded=((at(4), None),), billed_at=at(9)),
    Account(UUID(int=16), date(2026, 11, 2), cancelled_at=at(9)),
]  # fmt: skip
GROSS = (
    Gross(date(2026, 11, 11), D(8_000)),
    Gross(date(2026, 10, 1), D(1_000), "east"),
    Gross(date(2026, 8, 1), D(9)),
)
BILLING = Billing(3, 45, CLAIMS, (), ACCOUNTS, GROSS)


def value(kpi: Kpi, billing: Billing = BILLING, window: Frame = CENSUS) -> KpiValue:
    return kpi.value(kpi.rows(Facts(billing=billing), window), window)


@pytest.mark.parametrize(
    ("kpi", "numerator", "denominator"),
    [
        (first_pass.CODING_PASS, 3, 5),
        (first_pass.RAW, 2, 5),
        (first_pass.RESOLUTION, 1, 4),
        (denials.INITIAL, 2, 4),
        (dnfb.ACCOUNTS, 3, 1),
        (dnfb.DOLLARS, 500, 1),
        (dnfb.DAYS, 500, 100),
        (dnfb.UNCODED_DOLLARS, 350, 1),
    ],
    ids=lambda one: one.definition.name if isinstance(one, Kpi) else str(one),
)
def test_a_week_by_hand(kpi: Kpi, numerator: int, denominator: int) -> None:
    found = value(kpi)
    assert (found.numerator, found.denominator) == (D(numerator), D(denominator))


def test_what_is_left_out_is_counted_by_its_reason() -> None:
    assert value(first_pass.CODING_PASS).excluded == (("no response yet", 1),)
    assert value(dnfb.ACCOUNTS).excluded == (("within the bill-hold days", 1),)
    assert value(dnfb.DOLLARS).excluded == (("no charge known", 1), ("within the bill-hold days", 1))
    assert value(first_pass.RESOLUTION).excluded == (
        ("no response yet", 1),
        ("rejected before a decision", 1),
    )


def test_each_account_lies_with_one_party() -> None:
    parts = {part.bucket: (part.n, part.amount) for part in value(dnfb.DOLLARS).parts}
    assert parts == {"vendor": (0, D(0)), "client": (1, D(200)), "provider": (1, D(300)), "payer": (0, D(0))}
    assert {part.bucket: part.n for part in value(dnfb.ACCOUNTS).parts} == {
        "vendor": 1, "client": 1, "provider": 1, "payer": 0,
    }  # fmt: skip


def test_a_facilitys_days_are_of_its_own_revenue() -> None:
    rows = dnfb.DAYS.rows(Facts(billing=BILLING), CENSUS)
    found = dnfb.DAYS.value(rows.where("facility", "east"), CENSUS)
    assert (found.numerator, found.value, found.n) == (D(200), D(18), 1)  # 1,000 dollars in ninety days
    assert value(dnfb.DAYS, replace(BILLING, gross=())).why_empty


def test_a_claim_denied_for_two_kinds_counts_once_and_in_both() -> None:
    parts = {part.bucket: part.n for part in value(denials.INITIAL).parts if part.n}
    assert parts == {"coding": 1, "eligibility": 2, "clean": 2}


def test_one_claim_more_moves_first_pass_by_exactly_that_claim() -> None:
    before, refused = value(first_pass.CODING_PASS), claim(7, 9, First.REJECTED, "coding")
    after = value(first_pass.CODING_PASS, replace(BILLING, claims=[*CLAIMS, refused]))
    assert (after.numerator, after.denominator) == (before.numerator, before.denominator + 1)
    raw = value(first_pass.RAW, replace(BILLING, claims=[*CLAIMS, claim(7, 9, First.PAID)]))
    assert (raw.numerator, raw.denominator) == (D(3), D(6))


def test_a_client_whose_claims_are_not_followed_has_no_such_number() -> None:
    assert all(kpi.applies is not None and not kpi.applies(Facts()) for kpi in KPIS)
    assert all(kpi.applies is not None and kpi.applies(Facts(billing=BILLING)) for kpi in KPIS)
    assert set(KPIS) <= set(definitions.current())


MOMENTS = st.integers(0, 100 * 24).map(
    lambda hours: datetime(2026, 8, 20, tzinfo=UTC) + timedelta(hours=hours)
)
SENT = st.builds(
    SentClaim,
    st.integers(1, 10**6).map(lambda number: UUID(int=number)),
    MOMENTS,
    st.none() | MOMENTS,
    st.none() | MOMENTS,
    st.sampled_from(First),
    st.sampled_from([(), ("coding",), ("unmapped", "cob")]),
).map(lambda one: one if one.answered_at else replace(one, first=None))
DENIED = st.builds(
    DenialFact,
    st.uuids(),
    st.just("coding"),
    MOMENTS,
    st.none() | MOMENTS,
    st.booleans(),
    st.none() | MOMENTS,
)
UNBILLED = st.builds(
    Account,
    st.uuids(),
    st.dates(date(2026, 9, 1), date(2026, 11, 20)),
    billed_at=st.none() | MOMENTS,
    cancelled_at=st.none() | MOMENTS,
    charge_amount=st.just(D(10)),
)


@given(st.lists(SENT, max_size=6), st.lists(DENIED, max_size=4), st.lists(UNBILLED, max_size=4))
def test_what_was_done_before_a_window_never_counts_in_it(
    sent: list[SentClaim], denied: list[DenialFact], unbilled: list[Account]
) -> None:
    facts = Facts(billing=Billing(3, 45, sent, denied, unbilled, GROSS))
    window = frame(at(2), at(16, 15))
    for kpi in KPIS:
        assert kpi.rows(facts.since(window.start), window) == kpi.rows(facts, window)
