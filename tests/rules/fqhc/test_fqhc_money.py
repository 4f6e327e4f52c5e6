"""Wraparound and sliding fee.

Sources: Social Security Act 1902(bb)(5)(A); HRSA Health Center Program Compliance Manual, chapter 9 (with
footnotes 7 and 9); HHS poverty guidelines of 2021 to 2026. The shared vectors are read in place and
not committed.
"""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput, Refused
from fqhc.rules.wraparound import updated_rate
from fqhc.sliding_fee_command import guidelines, sliding_fee
from fqhc.wraparound_command import settle
from tests.shared_data import shared_path

D = Decimal

# --- wraparound ------------------------------------------------------------------------------------------

WRAPS: list[tuple[dict[str, Any], str, str]] = [
    ({"rate": "180.00", "visits": 100, "mco_payments": "12500.00"}, "5500.00", "5500.00"),
    ({"rate": "180.00", "visits": 100, "mco_payments": "12500.00", "incentive_payments": "900"},
     "5500.00", "5500.00"),
    ({"rate": "180.00", "visits": 100, "mco_payments": "12500", "third_party_payments": "500"}, "5000.00",
     "5000.00"),
    ({"rate": "180.00", "visits": 100, "mco_payments": "20000"}, "0.00", "0.00"),
    ({"rate": "180.00", "visits": 100, "mco_payments": "12500", "advances": "6000"}, "5500.00", "-500.00"),
    ({"rate": "180.00", "visits": 0, "mco_payments": "0"}, "0.00", "0.00"),
    ({"rate": "180.00", "visits": []}, "0.00", "0.00"),
    ({"rate": "117.32", "visits": 3, "mco_payments": ["100.10", {"amount": "51.86"}, "-0.01"]}, "200.01",
     "200.01"),
    ({"rate": "180", "visits": [{"id": 1, "qualifying": True}, {"id": 2, "qualifying": False},
                                {"id": 1, "qualifying": True}]}, "180.00", "180.00"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "due", "settlement"), WRAPS)
def test_the_supplement_is_what_the_plans_did_not_pay(
    request_: dict[str, Any], due: str, settlement: str
) -> None:
    answer = settle(request_)
    assert (answer["due"], answer["settlement"]) == (due, settlement)
    assert json.loads(json.dumps(answer)) == answer


BAD_WRAPS: list[tuple[dict[str, Any], str]] = [
    ({"rate": None}, "rate"),
    ({"rate": "-1"}, "rate"),
    ({"visits": -1}, "visits"),
    ({"visits": True}, "visits"),
    ({"visits": "100"}, "visits"),
    ({"visits": [{"id": "v1"}]}, "visits[0].qualifying"),
    ({"visits": [{"id": "v1", "qualifying": True}, {"id": "v1", "qualifying": False}]}, "visits[1].id"),
    ({"mco_payments": "plenty"}, "mco_payments"),
    ({"third_party_payments": ["1", "x"]}, "third_party_payments[1]"),
]


@pytest.mark.parametrize(("changes", "path"), BAD_WRAPS)
def test_a_settlement_refuses_what_it_cannot_read(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        settle({"rate": "180.00", "visits": 100, "mco_payments": "12500.00"} | changes)
    assert refusal.value.details["path"] == path


@given(st.decimals(0, 500, places=2), st.integers(0, 5000), st.decimals(0, 900000, places=2))
def test_due_is_never_negative_and_never_beyond_the_visits(rate: Decimal, visits: int, paid: Decimal) -> None:
    answer = settle({"rate": str(rate), "visits": visits, "mco_payments": str(paid)})
    assert D(answer["due"]) == max(D(0), rate * visits - paid)


UPDATES = [
    ("158.85", "1.1", "160.60"),
    ("160.60", "1.8", "163.49"),
    ("180.16", "3.9", "187.19"),
    ("202.65", "2.5", "207.72"),
]


@pytest.mark.parametrize(("prior", "percent", "rate"), UPDATES)
def test_rates_are_updated_to_the_cent(prior: str, percent: str, rate: str) -> None:
    assert updated_rate(D(prior), D(percent)) == D(rate)


# --- sliding fee -----------------------------------------------------------------------------------------

CLASSES = [
    {"above_percent": 100, "to_percent": 133, "kind": "percent", "value": 25},
    {"above_percent": 133, "to_percent": 166, "kind": "percent", "value": 50},
    {"above_percent": 166, "to_percent": 200, "kind": "percent", "value": 75},
]
FLAT = [one | {"kind": "flat", "value": value} for one, value in zip(CLASSES, (30, 45, 60), strict=True)]
SCHEDULE = {"nominal": "20.00", "classes": CLASSES}
FAMILY = {
    "service_on": "2026-11-01",
    "income": "33000",
    "family_size": 4,
    "region": "48",
    "schedule": SCHEDULE,
    "charge": "100.00",
    "insured_patient_share": None,
    "determination": {"on": "2026-10-01", "expires_on": "2027-09-30"},
}


def fee(**changes: Any) -> dict[str, Any]:
    answer = sliding_fee(FAMILY | changes)
    assert json.loads(json.dumps(answer)) == answer
    return answer


def rules(answer: dict[str, Any]) -> list[str]:
    return [one["rule"] for one in answer["findings"]]


#: (changes, percent, class, pays, discount); a family of four in 2026: 33,000
FEES: list[tuple[dict[str, Any], str, str, str, str]] = [
    ({}, "100.00", "0-100", "20.00", "80.00"),
    ({"income": "0"}, "0.00", "0-100", "20.00", "80.00"),
    ({"income": "33000.01"}, "100.00", "100-133", "25.00", "75.00"),
    ({"income": "43890"}, "133.00", "100-133", "25.00", "75.00"),
    ({"income": "43890.01"}, "133.00", "133-166", "50.00", "50.00"),
    ({"income": "66000"}, "200.00", "166-200", "75.00", "25.00"),
    ({"income": "66000.01"}, "200.00", "over 200", "100.00", "0.00"),
    ({"income": "2750", "income_period": "month"}, "100.00", "0-100", "20.00", "80.00"),
    ({"income": "49500"}, "150.00", "133-166", "50.00", "50.00"),
    ({"schedule": SCHEDULE | {"classes": FLAT}, "income": "49500"}, "150.00", "133-166", "45.00", "55.00"),
    ({"schedule": SCHEDULE | {"classes": FLAT}, "income": "49500", "charge": "40"}, "150.00", "133-166",
     "40.00", "0.00"),
    ({"charge": "12.00"}, "100.00", "0-100", "12.00", "0.00"),
    ({"schedule": SCHEDULE | {"nominal": "0"}}, "100.00", "0-100", "0.00", "100.00"),
    ({"charge": "33.33", "income": "66000"}, "200.00", "166-200", "25.00", "8.33"),
    ({"charge": "0"}, "100.00", "0-100", "0.00", "0.00"),
    # insured: the lower of the plan's share and the schedule
    ({"insured_patient_share": "60", "charge": "80", "income": "49500"}, "150.00", "133-166", "40.00",
     "20.00"),
    ({"insured_patient_share": "15"}, "100.00", "0-100", "15.00", "0.00"),
    ({"insured_patient_share": "60", "charge": "80", "income": "49500", "share_is_fixed": True},
     "150.00", "133-166", "60.00", "0.00"),
    ({"insured_patient_share": "60", "income": "99000"}, "300.00", "over 200", "60.00", "0.00"),
    # other years, places and sizes
    ({"region": "AK", "family_size": 2, "income": "27050"}, "100.00", "0-100", "20.00", "80.00"),
    ({"region": "HI", "family_size": 3, "income": "47130"}, "150.00", "133-166", "50.00", "50.00"),
    ({"family_size": 1, "income": "31920"}, "200.00", "166-200", "75.00", "25.00"),
    ({"family_size": 9, "income": "61400"}, "100.00", "0-100", "20.00", "80.00"),
    ({"service_on": "2025-06-01", "determination": {"on": "2025-05-01", "expires_on": None},
     "income": "64300"},
     "200.00", "166-200", "75.00", "25.00"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "percent", "name", "pays", "discount"), FEES)
def test_the_fee(changes: dict[str, Any], percent: str, name: str, pays: str, discount: str) -> None:
    answer = fee(**changes)
    assert (answer["percent_of_poverty"], answer["class"]) == (percent, name)
    assert (answer["patient_pays"], answer["discount"]) == (pays, discount)


def test_a_discount_schedule_is_read_by_its_direction_or_its_word() -> None:
    falling = [one | {"value": value} for one, value in zip(CLASSES, (75, 50, 25), strict=True)]
    answer = fee(income="43890", schedule=SCHEDULE | {"classes": falling})
    assert (answer["patient_pays"], rules(answer)) == ("25.00", [])
    assert answer["trace"][-1]["value_is"] == "discount"
    told = fee(income="43890", schedule=SCHEDULE | {"classes": falling, "value_is": "patient_pays"})
    assert (told["patient_pays"], rules(told)) == ("75.00", ["SF6"])


FOUR = [
    {"above_percent": low, "to_percent": low + 25, "kind": "flat", "value": 30 + low}
    for low in (100, 125, 150, 175)
]
#: (changes of the schedule, findings)
FAULTS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"classes": FOUR}, []),
    ({"classes": [*CLASSES[:2], CLASSES[2] | {"to_percent": None}]}, ["SF7"]),
    ({"classes": [CLASSES[0] | {"to_percent": 150}, CLASSES[2] | {"above_percent": 150}]}, ["SF6"]),
    ({"classes": [CLASSES[0], CLASSES[1] | {"above_percent": 140}, CLASSES[2]]}, ["SF6"]),
    ({"classes": [CLASSES[0], CLASSES[1] | {"above_percent": 120}, CLASSES[2]]}, ["SF6"]),
    ({"classes": [*CLASSES[:2], CLASSES[2] | {"to_percent": 190}]}, ["SF6"]),
    ({"classes": [CLASSES[0] | {"above_percent": 110}, *CLASSES[1:]]}, ["SF6"]),
    ({"classes": [CLASSES[0] | {"value": 60}, CLASSES[1] | {"value": 40}, CLASSES[2]]}, ["SF6"]),
    ({"nominal": "25.00"}, ["SF5"]),
    ({"nominal": "24.99"}, []),
    ({"nominal": "5", "nominal_kind": "percent"}, ["SF5"]),
    (
        {"classes": [*CLASSES, {"above_percent": 200, "to_percent": 250, "kind": "percent", "value": 90}]},
        ["SF7"],
    ),
    (
        {"classes": [*CLASSES, {"above_percent": 200, "to_percent": None, "kind": "percent", "value": 100}]},
        [],
    ),
    ({"classes": [{"above_percent": 0, "to_percent": 100, "kind": "flat", "value": 22}, *CLASSES]}, ["SF4"]),
    ({"assets": True}, ["SF3"]),
    ({"classes": []}, ["SF6"]),
]


@pytest.mark.parametrize(("changes", "findings"), FAULTS)
def test_the_schedule_is_checked(changes: dict[str, Any], findings: list[str]) -> None:
    assert rules(fee(schedule=SCHEDULE | changes)) == findings


def test_without_a_determination_in_force_nothing_is_discounted() -> None:
    for determination, rule in (
        (None, "SF9"),
        ({"on": "2026-11-02", "expires_on": None}, "SF9"),
        ({"on": "2025-10-01", "expires_on": "2026-10-31"}, "SF10"),
    ):
        answer = fee(determination=determination)
        assert (rules(answer), answer["patient_pays"], answer["discount"]) == ([rule], "100.00", "0.00")
    last_day = fee(determination={"on": "2026-10-01", "expires_on": "2026-11-01"})
    assert rules(last_day) == []


def test_an_old_guideline_is_said() -> None:
    assert rules(fee(table_year=2025)) == ["SF8"]
    assert rules(fee(table_year=2026)) == []


def test_an_income_in_a_gap_and_a_day_without_guideline_are_refused() -> None:
    holed = SCHEDULE | {"classes": [CLASSES[0], CLASSES[1] | {"above_percent": 140}, CLASSES[2]]}
    with pytest.raises(Refused) as refusal:
        fee(schedule=holed, income="45000")
    assert (refusal.value.code, refusal.value.details["path"]) == ("fqhc.no_class", "schedule.classes")
    with pytest.raises(Refused):
        fee(service_on="2020-05-01", determination=None)


BAD_FEES: list[tuple[dict[str, Any], str]] = [
    ({"income": "-1"}, "income"),
    ({"income": None}, "income"),
    ({"income_period": "fortnight"}, "income_period"),
    ({"family_size": 0}, "family_size"),
    ({"region": "PR"}, "region"),
    ({"charge": "x"}, "charge"),
    ({"schedule": {"classes": [CLASSES[0] | {"to_percent": 90}]}}, "schedule.classes[0].to_percent"),
    ({"schedule": {"classes": [CLASSES[0] | {"value": 101}]}}, "schedule.classes[0].value"),
    ({"schedule": {"classes": [CLASSES[0] | {"kind": "barter"}]}}, "schedule.classes[0].kind"),
    ({"determination": {"on": "x"}}, "determination.on"),
]


@pytest.mark.parametrize(("changes", "path"), BAD_FEES)
def test_a_fee_refuses_what_it_cannot_read(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        fee(**changes)
    assert refusal.value.details["path"] == path


@given(st.decimals(0, 120000, places=2), st.integers(1, 12), st.decimals(0, 900, places=2))
def test_a_fee_never_exceeds_the_charge_and_never_falls_with_income(
    income: Decimal, size: int, charge: Decimal
) -> None:
    poor = fee(income=str(income), family_size=size, charge=str(charge))
    richer = fee(income=str(income + 5000), family_size=size, charge=str(charge))
    assert D(poor["patient_pays"]) + D(poor["discount"]) == charge
    if charge >= 80:  # below that the nominal charge is not the least
        assert D(poor["patient_pays"]) <= D(richer["patient_pays"]) <= charge


# --- the shared vectors -------------------------------------------------------------------------------------


def test_the_shared_vectors_of_money() -> None:
    checked = 0
    with shared_path("facts/fqhc_vectors.csv").open(newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            given_, expected = json.loads(row["inputs_json"]), json.loads(row["expected_json"])
            checked += _check(row["id"], row["topic"], given_, expected)
    assert checked >= 16


def _check(name: str, topic: str, given_: dict[str, Any], expected: dict[str, Any]) -> bool:
    if topic == "FQHC_RATE_UPDATE":
        assert updated_rate(D(given_["prior"]), D(given_["update_pct"])) == D(expected["rate"]), name
    elif topic == "MEDICAID_WRAP":
        wrap = settle({"rate": given_["pps"], "visits": given_["visits"], "mco_payments": given_["mco_paid"]})
        assert D(wrap["due"]) == D(expected["supplement"]), name
    elif topic == "FPL_PERCENT":
        region = "48" if given_["area"].startswith("48") else given_["area"]
        on = f"{given_['year']}-06-01"
        found = fee(service_on=on, determination={"on": on}, region=region, family_size=given_["family_size"],
                    income=given_["annual_income"])  # fmt: skip
        assert found["percent_of_poverty"] == expected["fpl_pct"], name
    elif name == "SFS-01":
        found = fee(income="49500", charge=given_["fee"], insured_patient_share=given_["insurance_copay"])
        assert D(found["patient_pays"]) == D(expected["max_patient_charge"])
    else:
        return False
    return True


def test_the_guidelines_of_every_year_and_size() -> None:
    with shared_path("reference/fqhc/federal_poverty_guidelines_2015_2026.csv").open() as rows:
        for row in csv.DictReader(rows):
            if int(row["year"]) < 2021:
                continue
            region = "48" if row["area"] == "48_DC" else row["area"]
            (found,) = [one for one in guidelines()[region] if one.year == int(row["year"])]
            assert [found.of_family(size) for size in range(1, 9)] == [
                D(row[f"size_{n}"]) for n in range(1, 9)
            ]
