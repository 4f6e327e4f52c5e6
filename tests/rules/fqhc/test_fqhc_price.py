"""Medicare's payment of FQHC claims, to the cent.

Sources: CMS FQHC Pricer (gov.cms.fiss.pricers.fqhc.core, algorithm read 2026-11-23) on the rates of
fqhc/data/medicare_pps.toml; CMS FQHC Pricer README V20192 (tribal rate of 2019). The shared vectors are
read in place and not committed.
"""

from __future__ import annotations

import csv
import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput, Refused
from fqhc.price_command import price_claim
from tests.shared_data import shared_path

D = Decimal
RATES = {"base": "207.72", "gaf": "0.980", "addon_factor": "1.3416", "coinsurance_rate": "0.20"}
ONE = RATES | {"gaf": "1.000"}
Lines = list[dict[str, Any]]


def g(code: str, charge: str, revenue: str = "0521", **more: Any) -> dict[str, Any]:
    return {"hcpcs": code, "charge": charge, "revenue_code": revenue} | more


def ask(lines: Lines, rates: dict[str, Any] = RATES, **more: Any) -> dict[str, Any]:
    numbered = [{"line": place} | line for place, line in enumerate(lines, 1)]
    return price_claim({"rates": rates, "tribal_rate": None, "mdpcp_percent": None, "lines": numbered} | more)


def told(answer: dict[str, Any], line: int = 0) -> str:
    names = ("payment_indicator", "pps_rate", "add_on", "payment", "coinsurance", "medicare", "return_code")
    return " ".join(answer["lines"][line][name] for name in names)


VISIT = g("99213", "100.00")
FREE = g("G0439", "120.00", coinsurance_applies=False)
OLD = ONE | {"base": "158.85"}
LAST_YEAR = ONE | {"base": "202.65"}

#: (name, rates, lines, the first line: indicator, rate, add-on, payment, coinsurance, Medicare, return code)
SINGLE: list[tuple[str, dict[str, Any], Lines, str]] = [
    ("established, Wisconsin", RATES, [g("G0467", "250"), VISIT], "10 203.57 0.00 203.57 40.71 162.86 01"),
    ("new, two roundings", RATES, [g("G0466", "300"), VISIT], "13 273.11 69.54 273.11 54.62 218.49 05"),
    ("established, GAF 1", ONE, [g("G0467", "300"), VISIT], "10 207.72 0.00 207.72 41.54 166.18 01"),
    ("new, GAF 1", ONE, [g("G0466", "300"), VISIT], "13 278.68 70.96 278.68 55.74 222.94 05"),
    ("new, charge below", ONE, [g("G0466", "270"), VISIT], "13 278.68 0.00 270.00 54.00 216.00 02"),
    ("established, charge below", ONE, [g("G0467", "150"), VISIT], "10 207.72 0.00 150.00 30.00 120.00 02"),
    ("charge equals rate", ONE, [g("G0467", "207.72"), VISIT], "10 207.72 0.00 207.72 41.54 166.18 01"),
    ("new, charge equals rate", ONE, [g("G0466", "278.68")], "13 278.68 70.96 278.68 55.74 222.94 05"),
    ("a cent below", ONE, [g("G0466", "278.67")], "13 278.68 0.00 278.67 55.73 222.94 02"),
    ("nothing charged", ONE, [g("G0467", "0")], "10 207.72 0.00 0.00 0.00 0.00 02"),
    ("no packaged line", RATES, [g("G0467", "250")], "10 203.57 0.00 203.57 40.71 162.86 01"),
    ("mental, new", ONE, [g("G0469", "400", "0900")], "13 278.68 70.96 278.68 55.74 222.94 05"),
    ("mental, established", ONE, [g("G0470", "400", "0900")], "10 207.72 0.00 207.72 41.54 166.18 01"),
    ("2025 established", LAST_YEAR, [g("G0467", "300")], "10 202.65 0.00 202.65 40.53 162.12 01"),
    ("2025 new", LAST_YEAR, [g("G0466", "300")], "13 271.88 69.23 271.88 54.38 217.50 05"),
    ("October 2014 new", OLD, [g("G0466", "300")], "13 213.11 54.26 213.11 42.62 170.49 05"),
    # preventive
    ("AWV alone", RATES, [g("G0468", "350"), g("G0439", "350", coinsurance_applies=False)],
     "13 273.11 69.54 273.11 0.00 273.11 03"),
    ("AWV and problem", RATES, [g("G0468", "350"), FREE, VISIT], "13 273.11 69.54 273.11 30.62 242.49 03"),
    ("AWV, charge below", RATES, [g("G0468", "200"), FREE, VISIT], "13 273.11 0.00 200.00 16.00 184.00 04"),
    ("preventive above payment", RATES, [g("G0468", "100"), FREE, VISIT],
     "13 273.11 0.00 100.00 0.00 100.00 04"),
    ("preventive equals payment", RATES, [g("G0468", "120"), FREE, VISIT],
     "13 273.11 0.00 120.00 0.00 120.00 04"),
    ("the visit itself free", RATES, [g("G0467", "250", coinsurance_applies=False)],
     "10 203.57 0.00 203.57 0.00 203.57 03"),
    # Medicare Advantage: no comparison with charges
    ("wrap", RATES, [g("G0467", "250", "0519", ma_plan_amount="150.00")],
     "10 203.57 0.00 53.57 0.00 53.57 06"),
    ("wrap, low charge", RATES, [g("G0467", "10", "0519", ma_plan_amount="150.00")],
     "10 203.57 0.00 53.57 0.00 53.57 06"),
    ("plan pays the rate", RATES, [g("G0467", "250", "0519", ma_plan_amount="203.57")],
     "10 203.57 0.00 0.00 0.00 0.00 07"),
    ("plan pays more", RATES, [g("G0467", "250", "0519", ma_plan_amount="210")],
     "10 203.57 0.00 0.00 0.00 0.00 07"),
    ("plan's amount zero", RATES, [g("G0467", "250", "0519", ma_plan_amount="0")],
     "10 203.57 0.00 0.00 0.00 0.00 17"),
    ("plan's amount missing", RATES, [g("G0467", "250", "0519")], "10 203.57 0.00 0.00 0.00 0.00 17"),
    ("wrap, new", RATES, [g("G0466", "250", "0519", ma_plan_amount="150")],
     "13 273.11 69.54 123.11 0.00 123.11 06"),
    ("plan's amount, other revenue code", RATES, [g("G0467", "250", ma_plan_amount="150")],
     "10 203.57 0.00 203.57 40.71 162.86 01"),
    # outside the per diem
    ("telehealth", RATES, [g("G2025", "90")], "02 0.00 0.00 0.00 0.00 0.00 08"),
    ("no payment code", RATES, [VISIT], "11 0.00 0.00 0.00 0.00 0.00 08"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "rates", "lines", "expected"), SINGLE, ids=[row[0] for row in SINGLE])
def test_one_visit(name: str, rates: dict[str, Any], lines: Lines, expected: str) -> None:
    answer = ask(lines, rates)
    assert told(answer) == expected
    assert all(told(answer, at).split()[-1] in ("09", "08") for at in range(1, len(lines)))
    assert json.loads(json.dumps(answer)) == answer


def test_medical_and_mental_on_a_day_are_two_payments_and_one_bears_the_carve_out() -> None:
    awv = [
        g("G0468", "310"),
        g("G0439", "180", coinsurance_applies=False),
        g("G0470", "220", "0900"),
        g("90834", "140"),
    ]
    answer = ask(awv)
    assert told(answer, 0) == "13 273.11 69.54 273.11 18.62 254.49 03"
    assert told(answer, 2) == "10 203.57 0.00 203.57 40.71 162.86 03"
    assert answer["total"] == {"payment": "476.68", "coinsurance": "59.33", "medicare": "417.35"}
    assert [one["payment_indicator"] for one in answer["lines"]] == ["13", "12", "10", "12"]


def test_an_unrelated_illness_is_a_second_payment_and_a_repeated_visit_is_none() -> None:
    twice = ask([g("G0467", "250"), g("G0467", "250", modifiers=["59"]), VISIT])
    assert [one["payment"] for one in twice["lines"]] == ["203.57", "203.57", "0.00"]
    again = ask([g("G0467", "100"), g("G0467", "90"), VISIT])
    # One visit of a kind is paid; its charges of the day are compared together.
    assert [one["payment"] for one in again["lines"]] == ["190.00", "0.00", "0.00"]
    assert [one["return_code"] for one in again["lines"]] == ["02", "09", "09"]
    awv = ask([g("G0467", "150"), g("G0468", "310")])
    assert [one["payment"] for one in awv["lines"]] == ["0.00", "273.11"]


def test_days_are_priced_apart() -> None:
    lines = [g("G0467", "250", service_on="2026-03-02"), g("G0467", "250", service_on="2026-03-03")]
    assert ask(lines)["total"]["payment"] == "407.14"
    by_table = {"service_on": "2025-12-31", "carrier": "06302", "locality": "00"}
    with pytest.raises(Refused) as refusal:
        ask([g("G0467", "250", service_on="2025-12-31")], by_table)
    assert refusal.value.code == "fqhc.no_gaf"


def test_tribal_centers_have_their_rate_without_factor_or_add_on() -> None:
    """CMS FQHC Pricer README V20192: 405.00 in 2019."""
    rates = {"service_on": "2019-06-01"}
    assert (
        told(ask([g("G0466", "500")], rates, tribal_rate="405.00")) == "14 405.00 0.00 405.00 81.00 324.00 21"
    )
    assert (
        told(ask([g("G0467", "300")], rates, tribal_rate="405.00")) == "14 405.00 0.00 300.00 60.00 240.00 22"
    )
    assert told(ask([g("G0467", "405")], {}, tribal_rate="405.00")) == "14 405.00 0.00 405.00 81.00 324.00 21"
    wrap = ask([g("G0467", "300", "0519", ma_plan_amount="300")], {}, tribal_rate="405.00")
    assert told(wrap) == "14 405.00 0.00 105.00 0.00 105.00 06"


MARYLAND = [
    ("0.10", "187.28"),
    ("0.25", "162.85"),
    ("0.45", "130.28"),
    ("0.65", "97.71"),
    ("65", "97.71"),
    (25, "162.85"),
]


@pytest.mark.parametrize(("percent", "payment"), MARYLAND)
def test_the_maryland_program_takes_its_share_off(percent: Any, payment: str) -> None:
    answer = ask([g("G0467", "250")], mdpcp_percent=percent)
    assert (answer["lines"][0]["payment"], answer["lines"][0]["coinsurance"]) == (payment, "40.71")
    assert answer["lines"][0]["medicare"] == str(D(payment) - D("40.71"))


def test_the_maryland_program_knows_four_percentages_and_medical_visits() -> None:
    assert told(ask([g("G0467", "250")], mdpcp_percent="0.30"))[-2:] == "23"
    assert told(ask([g("G0467", "250")], mdpcp_percent="0"))[-2:] == "24"
    mental = ask([g("G0470", "250", "0900")], mdpcp_percent="0.10")
    assert mental["lines"][0]["payment"] == "203.57"


def test_intensive_outpatient_services_have_a_per_diem_and_take_the_mental_visit_in() -> None:
    rates = RATES | {"iop_up_to_three": "269.19", "iop_four_or_more": "408.55"}
    lines = [g("90853", "400", "0905", iop_services=3), g("G0470", "250", "0900"), g("G0467", "250")]
    answer = ask(lines, rates)
    assert [told(answer, at) for at in (0, 2)] == [
        "15 269.19 0.00 269.19 53.84 215.35 01",
        "10 203.57 0.00 203.57 40.71 162.86 01",
    ]
    assert told(answer, 1) == "12 0.00 0.00 0.00 0.00 0.00 09"
    four = ask([g("90853", "500", "0905", iop_services=4)], rates)
    assert four["lines"][0]["payment"] == "408.55"
    with pytest.raises(Refused) as refusal:
        ask([g("90853", "400", "0905", iop_services=4)])
    assert refusal.value.code == "fqhc.no_iop_rate"


def test_rates_come_from_dated_tables_that_say_how_well_they_are_known() -> None:
    answer = ask([g("G0466", "300")], {"service_on": "2026-11-01", "carrier": "06302", "locality": "00"})
    assert told(answer) == "13 273.11 69.54 273.11 54.62 218.49 05"
    rates = {step["rule"]: step for step in answer["trace"] if step["rule"].startswith("fqhc.rate")}
    assert (rates["fqhc.rate.base"]["value"], rates["fqhc.rate.base"]["status"]) == ("207.72", "secondary")
    assert rates["fqhc.rate.gaf"]["status"] == "secondary"
    chicago = ask([g("G0467", "300")], {"service_on": "2026-11-01", "carrier": "06102", "locality": "16"})
    assert {step["status"] for step in chicago["trace"] if step["rule"] == "fqhc.rate.gaf"} == {"unverified"}
    formulas = [step["formula"] for step in answer["trace"] if "formula" in step]
    assert formulas[:2] == ["round2(207.72 x 0.980)", "round2(203.57 x 1.3416)"]


NO_RATE = [
    (
        {"service_on": "2027-01-01", "carrier": "06302", "locality": "00"},
        "fqhc.no_base_rate",
        "rates.service_on",
    ),
    (
        {"service_on": "2014-09-30", "carrier": "06302", "locality": "00"},
        "fqhc.no_base_rate",
        "rates.service_on",
    ),
    ({"service_on": "2026-11-01", "carrier": "99999", "locality": "00"}, "fqhc.no_gaf", "rates.locality"),
    ({"service_on": "2023-11-01", "carrier": "06302", "locality": "00"}, "fqhc.no_gaf", "rates.locality"),
]


@pytest.mark.parametrize(("rates", "code", "path"), NO_RATE)
def test_a_day_or_place_without_rate_is_refused(rates: dict[str, Any], code: str, path: str) -> None:
    with pytest.raises(Refused) as refusal:
        ask([g("G0467", "250")], rates)
    assert (refusal.value.code, refusal.value.details["path"]) == (code, path)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"rates": {}}, "rates.service_on"),
    ({"rates": {"base": "207.72"}}, "rates.gaf"),
    ({"rates": RATES | {"base": "free"}}, "rates.base"),
    ({"rates": {"service_on": "2026-11-01"}}, "rates.carrier"),
    ({"lines": [{"line": 1, "hcpcs": "G0467"}]}, "lines[0].charge"),
    ({"lines": [g("G0467", "-1")]}, "lines[0].charge"),
    ({"lines": [g("G0467", "1.001")]}, "lines[0].charge"),
    ({"lines": [g("G0467", "1", line=1), g("G0467", "1", line=1)]}, "lines[1].line"),
    ({"lines": [g("G0467", "1", coinsurance_applies="no")]}, "lines[0].coinsurance_applies"),
    ({"lines": None}, "lines"),
    ({"tribal_rate": "-405"}, "tribal_rate"),
    ({"mdpcp_percent": "ten"}, "mdpcp_percent"),
]


@pytest.mark.parametrize(("changes", "path"), BAD)
def test_bad_input_names_the_culprit(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        price_claim({"rates": RATES, "lines": [g("G0467", "250")]} | changes)
    assert refusal.value.details["path"] == path


def test_a_claim_without_lines_is_worth_nothing() -> None:
    assert ask([])["total"] == {"payment": "0.00", "coinsurance": "0.00", "medicare": "0.00"}


money = st.decimals("0", "900", places=2)


priced_codes = st.sampled_from(["G0466", "G0467", "G0468", "G0469", "G0470", "99213", "G0439"])


@given(
    st.decimals("100", "300", places=2),
    st.decimals("0.8", "1.4", places=3),
    st.lists(st.tuples(priced_codes, money, st.booleans()), max_size=7),
)
def test_amounts_hold_together(base: Decimal, gaf: Decimal, parts: list[tuple[str, Decimal, bool]]) -> None:
    lines = [g(code, str(charge), coinsurance_applies=applies) for code, charge, applies in parts]
    answer = ask(lines, RATES | {"base": str(base), "gaf": str(gaf)})
    adjusted = (base * gaf).quantize(D("0.01"), ROUND_HALF_UP)
    for one in answer["lines"]:
        amounts = {
            name: D(one[name]) for name in ("pps_rate", "add_on", "payment", "coinsurance", "medicare")
        }
        assert amounts["medicare"] + amounts["coinsurance"] == amounts["payment"] <= amounts["pps_rate"]
        assert (
            0 <= amounts["coinsurance"] <= (amounts["payment"] * D("0.2")).quantize(D("0.01"), ROUND_HALF_UP)
        )
        assert amounts["add_on"] in (0, amounts["pps_rate"] - adjusted)
    for name, total in answer["total"].items():
        assert D(total) == sum(D(one[name]) for one in answer["lines"])
    assert sum(D(one["payment"]) > 0 for one in answer["lines"]) <= 2


TOPICS = {"FQHC_PPS", "FQHC_MA_WRAP", "FQHC_GFTF", "FQHC_MDPCP"}


def test_the_shared_vectors() -> None:
    """Every row of the four topics, to the cent."""
    checked = 0
    with shared_path("facts/fqhc_vectors.csv").open(newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            if row["topic"] in TOPICS:
                given_, expected = json.loads(row["inputs_json"]), json.loads(row["expected_json"])
                _check_vector(row["id"], row["topic"], given_, expected)
                checked += 1
    assert checked >= 16


def _check_vector(name: str, topic: str, given_: dict[str, Any], expected: dict[str, Any]) -> None:
    if topic == "FQHC_PPS":
        line = _pps(given_)
        wanted = {
            "pps_rate": "pps",
            "add_on": "addon",
            "payment": "payment",
            "coinsurance": "coins",
            "medicare": "medicare",
        }
    elif topic == "FQHC_MA_WRAP":
        rates = ONE | {"base": given_["pps_rate"]}
        line = ask([g("G0467", "500", given_["rev"], ma_plan_amount=given_["ma_plan_amount"])], rates)[
            "lines"
        ][0]
        wanted = {"payment": "payment"}
    elif topic == "FQHC_GFTF":
        rates = {"service_on": given_["dos"]}
        line = ask([g("G0466", given_["charges"])], rates, tribal_rate=given_["tribal_rate"])["lines"][0]
        wanted = {"payment": "payment"}
    else:
        rates = ONE | {"base": given_["payment"]}
        line = ask([g("G0467", "500")], rates, mdpcp_percent=given_["pct"])["lines"][0]
        wanted = {"payment": "line_payment"}
    for ours, theirs in wanted.items():
        assert D(line[ours]) == D(expected[theirs]), (name, ours, line)
    assert line["return_code"] == expected.get("rc", line["return_code"]), (name, line)


def _pps(given_: dict[str, Any]) -> dict[str, Any]:
    lines = [g("G0466" if given_["addon_eligible"] else "G0467", given_["payment_code_charges"])]
    if D(given_["coins_na_packaged_charges"]):
        lines.append(g("G0439", given_["coins_na_packaged_charges"], coinsurance_applies=False))
    if given_["other_packaged_line_present"]:
        lines.append(VISIT)
    rates = {"base": given_["base"], "gaf": given_["gaf"], "addon_factor": given_["addon_factor"],
             "coinsurance_rate": given_["coins_rate"]}  # fmt: skip
    line: dict[str, Any] = ask(lines, rates)["lines"][0]
    return line
