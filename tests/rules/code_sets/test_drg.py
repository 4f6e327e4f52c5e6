"""Groups, severity, drivers and edits of inpatient stays.

Sources: CMS, ICD-10 MS-DRG Definitions Manual (groups, their splits by CC and MCC, CC exclusions, conditions
acquired in hospital); FY 2026 IPPS final rule, table 5 (titles and types); CMS, Medicare Code Editor. The
reference deck holds answers of CMS's Java grouper and MCE; it is read in place.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

import pytest

from code_sets.drg_commands import drg, tables, weights_of
from code_sets.loaders.base import LoadError, SourceFile
from code_sets.loaders.drg_weights import Weight, parse_table5
from code_sets.rules.drg import version_on
from coding_ops.core.errors import InvalidInput, Refused
from tests.shared_data import shared_path

STAY: dict[str, Any] = {
    "discharge_on": "2026-06-15",
    "age": 78,
    "sex": "F",
    "discharge_status": "01",
    "principal": "I5023",
    "principal_poa": "Y",
    "secondary": [],
    "procedures": [],
}
SEX_OF_DECK = {0: "M", 1: "F"}


def ask(*secondary: str, **change: Any) -> dict[str, Any]:
    coded = [{"code": code, "poa": "Y"} for code in secondary]
    return drg(STAY | {"secondary": coded} | change)


def edits(answer: dict[str, Any]) -> dict[str, int]:
    return {one["edit"]: one["count"] for one in answer["mce"]}


SPLITS = [
    ("I5023", [], 293),
    ("I5023", ["N179"], 292),
    ("I5023", ["J9601"], 291),
    ("I5023", ["J9601", "N179"], 291),
    ("J189", [], 195),
    ("J189", ["N179"], 194),
    ("J189", ["J9601"], 193),
    ("J441", [], 192),
    ("J441", ["N179"], 191),
    ("A419", [], 872),
    ("A419", ["N179"], 872),
    ("A419", ["J9601"], 871),
    ("N179", [], 684),
    ("I639", [], 66),
    ("R079", [], 313),
]


@pytest.mark.parametrize(("principal", "secondary", "number"), SPLITS)
def test_groups_split_by_the_highest_level(principal: str, secondary: list[str], number: int) -> None:
    answer = ask(*secondary, principal=principal)
    assert (answer["drg"], answer["return_code"], answer["type"]) == (number, "OK", "MED")


def test_a_bypass_with_respiratory_failure() -> None:
    answer = ask("J9601", "I5022", "E785", procedures=["02100Z9"])
    assert {name: answer[name] for name in ("drg", "title", "mdc", "type", "version", "initial_drg")} == {
        "drg": 235,
        "title": "Coronary Bypass without Cardiac Catheterization with MCC",
        "mdc": 5,
        "type": "SURG",
        "version": "43.1",
        "initial_drg": 235,
    }
    # Chronic systolic failure is excluded by its acute form as principal diagnosis (appendix C).
    assert answer["cc_mcc"] == [
        {"code": "J9601", "level": "MCC", "excluded_by": None},
        {"code": "I5022", "level": "CC", "excluded_by": "I5023"},
    ]
    moved = {one["code"]: (one["kind"], one["level"], one["without"]["drg"]) for one in answer["drivers"]}
    assert moved == {"J9601": ("secondary", "MCC", 236), "02100Z9": ("procedure", None, 291)}
    assert json.loads(json.dumps(answer)) == answer


@pytest.mark.parametrize(
    ("change", "number", "weight"),
    [
        ({"secondary": [{"code": "J9601", "poa": "Y"}]}, 291, "1.2838"),
        ({"principal": "A419"}, 872, "1.0233"),
        ({"principal": "O80", "sex": "M", "age": 30}, 998, None),
        ({"discharge_on": "2026-10-01"}, 293, None),
        ({"discharge_on": "2025-09-30"}, 293, None),
    ],
)
def test_weights_are_those_of_the_fiscal_year_of_discharge(
    change: dict[str, Any], number: int, weight: str | None
) -> None:
    answer = ask(**change)
    assert (answer["drg"], answer["weight"]) == (number, weight)
    told = next(step for step in answer["trace"] if step["rule"] == "drg.weight")
    assert told["weight"] == weight


def test_a_driver_shows_the_weight_the_stay_would_have_without_it() -> None:
    moved = ask("J9601")["drivers"][0]["without"]
    assert (moved["drg"], moved["weight"]) == (293, "0.5660")


def table5(text: str) -> SourceFile:
    return SourceFile("table5.txt", text.encode("cp1252"), "")


HEAD = "TABLE 5.–WEIGHTS\n" + "\t".join(["MS-DRG", *"bcdefghij"]) + "\n"
ROW = "{}\tNo\tNo\t05\tMED\tTITLE\t1.5\t1.6\t2.5\t3.0\n"
END = "999\tNo\tNo\t \t**\tUNGROUPABLE\t.\t.\t.\t\n"


def test_the_capped_weight_is_read_and_a_missing_one_is_none() -> None:
    read = parse_table5(table5(HEAD + ROW.format("291") + END))
    assert read[291] == Weight("MED", Decimal("1.6"), Decimal("2.5"), Decimal("3.0"))
    assert read[999] == Weight("**", None, None, None)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("nothing\n", 0, "not table 5"),
        (HEAD + ROW.format("291"), 0, "looks cut"),
        (HEAD + "291\tNo\n" + END, 3, "cells"),
        (HEAD + ROW.format("29") + END, 3, "group number"),
        (HEAD + ROW.format("291").replace("1.6", "x") + END, 3, "not a number"),
        (HEAD + ROW.format("291") + ROW.format("291") + END, 4, "does not follow"),
    ],
)
def test_a_table_that_cannot_be_right_is_refused_with_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(LoadError, match=reason) as refusal:
        parse_table5(table5(text))
    assert refusal.value.line == line


def test_weights_and_types_equal_the_published_table() -> None:
    path = shared_path("reference/msdrg/cms_fy2026_drg_weights.csv")
    with path.open(encoding="utf-8") as lines:
        rows = {int(row["ms_drg"]): row for row in csv.DictReader(lines)}
    read = weights_of(tables().weights[0])
    assert {number: str(one.weight or ".") for number, one in read.items()} == {
        number: row["weight_10pct_cap"] for number, row in rows.items()
    }
    assert {number: tables().type_of(number) or "**" for number in rows} == {
        number: row["type"] for number, row in rows.items()
    }


def test_two_codes_that_each_suffice_are_no_drivers() -> None:
    one = ask("J9601")
    assert [found["code"] for found in one["drivers"]] == ["J9601"]
    two = ask("J9601", "A419")
    assert (two["drg"], two["drivers"]) == (291, [])
    severity = next(step for step in two["trace"] if step["rule"] == "drg.severity")
    assert severity["counting"] == {"MCC": ["J9601", "A419"], "CC": []}


def test_an_mcc_that_needs_survival_does_not_count_after_death() -> None:
    alive, died = ask("I469"), ask("I469", discharge_status="20")
    assert (alive["drg"], died["drg"]) == (291, 293)
    assert died["cc_mcc"] == [{"code": "I469", "level": "MCC", "excluded_by": "discharge status 20"}]


def test_a_condition_acquired_in_hospital_is_set_aside() -> None:
    """A pressure ulcer of stage 3 is an MCC and HAC 04: it counts when it was present on admission only."""
    present = ask("L89153")
    acquired = ask(secondary=[{"code": "L89153", "poa": "N"}])
    assert (present["drg"], acquired["initial_drg"], acquired["drg"]) == (291, 291, 293)
    assert acquired["cc_mcc"] == [{"code": "L89153", "level": "MCC", "excluded_by": "HAC 04"}]
    assert [step["drg"] for step in acquired["trace"] if step["rule"] == "drg.hac"] == [293]
    exempt = ask(secondary=[{"code": "L89153", "poa": "N"}], hospital_status="EXEMPT")
    assert exempt["drg"] == 291


def test_a_condition_of_the_list_without_its_poa_leaves_the_stay_without_a_group() -> None:
    answer = ask(secondary=[{"code": "L89153"}])
    assert (answer["drg"], answer["return_code"]) == (999, "HAC_MISSING_ONE_POA")


def test_a_worker_forked_after_a_grouping_has_its_own_grouper() -> None:
    ask()
    with get_context("fork").Pool(1) as pool:
        assert pool.apply(ask, ("J9601",))["drg"] == 291
    assert ask()["drg"] == 293


def test_a_ventilated_stay_is_medical_though_a_procedure_makes_its_group() -> None:
    answer = ask(principal="J9601", procedures=["5A1955Z"])
    assert (answer["drg"], answer["type"]) == (207, "MED")
    assert [one["code"] for one in answer["drivers"]] == ["5A1955Z"]


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (1, "SURG"), (14, "MED"), (18, "MED"), (65, "MED"), (235, "SURG"), (291, "MED"), (362, "SURG"),
        (470, "SURG"), (509, "SURG"), (525, "SURG"), (733, "SURG"), (871, "MED"), (876, "SURG"),
        (989, "SURG"), (998, None), (999, None),
    ],
)  # fmt: skip
def test_types_are_those_of_table_5(number: int, kind: str | None) -> None:
    assert tables().type_of(number) == kind


MCE = [
    ({"principal": "V0001XA"}, "E_CODE_AS_PDX", 999),
    ({"principal": "Z9981"}, "UNACCEPTABLE_PDX", 951),
    ({"principal": "ZZZ9"}, "INVALID_CODE", 999),
    ({"principal": "O80", "age": 78}, "AGE_CONFLICT", None),
    ({"sex": "M", "procedures": ["0UT90ZZ"], "discharge_on": "2024-06-15"}, "SEX_CONFLICT", None),
    ({"discharge_status": "99"}, "INVALID_DISCHARGE_STATUS", None),
]


@pytest.mark.parametrize(("change", "name", "number"), MCE)
def test_the_code_editor_names_its_edit(change: dict[str, Any], name: str, number: int | None) -> None:
    answer = ask(**change)
    assert edits(answer)[name] == 1
    assert number is None or answer["drg"] == number


def test_levels_are_told_in_the_order_of_the_claim() -> None:
    answer = ask("N179", "J9601", "A419", "E871")
    assert [one["code"] for one in answer["cc_mcc"]] == ["N179", "J9601", "A419", "E871"]


def test_the_code_editor_is_that_of_the_day_of_discharge() -> None:
    """The editor of 2026 no longer holds a patient's sex against a procedure; that of 2024 did."""
    stay = {"sex": "M", "procedures": ["0UT90ZZ"]}
    assert "SEX_CONFLICT" in edits(ask(**stay, discharge_on="2024-06-15"))
    assert "SEX_CONFLICT" not in edits(ask(**stay, discharge_on="2026-06-15"))


def test_a_clean_stay_has_no_edits() -> None:
    assert ask("J9601")["mce"] == []


@pytest.mark.parametrize(
    ("on", "version"),
    [
        ("2022-10-01", "40.0"),
        ("2025-09-30", "42.1"),
        ("2025-10-01", "43.0"),
        ("2026-03-31", "43.0"),
        ("2026-04-01", "43.1"),
        ("2026-09-30", "43.1"),
        ("2026-10-01", "44.0"),
    ],
)
def test_the_discharge_date_chooses_the_version(on: str, version: str) -> None:
    assert ask(discharge_on=on)["version"] == version


def test_a_version_that_is_named_wins_over_the_date() -> None:
    assert ask(version="42.1")["version"] == "42.1"
    undated = ask(version="43.1", discharge_on=None)
    assert (undated["version"], undated["drg"], undated["mce"]) == ("43.1", 293, [])


def test_versions_follow_each_other_without_a_gap() -> None:
    versions = tables().versions
    for earlier, later in pairwise(versions):
        assert later.first - earlier.last == timedelta(days=1)
    assert version_on(versions, date(2022, 9, 30)) is None


@pytest.mark.parametrize("on", ["2022-09-30", "2027-04-01"])
def test_a_discharge_without_a_grouper_is_refused(on: str) -> None:
    with pytest.raises(Refused, match="only from 2022-10-01 to 2027-03-31") as refusal:
        ask(discharge_on=on)
    assert refusal.value.details["path"] == "discharge_on"


BAD = [
    ({"version": "43"}, "version"),
    ({"version": 431}, "version"),
    ({"discharge_on": "20260615"[:6]}, "discharge_on"),
    ({"discharge_on": None}, "discharge_on"),
    ({"age": "78"}, "age"),
    ({"sex": 1}, "sex"),
    ({"discharge_status": 1}, "discharge_status"),
    ({"discharge_status": "1"}, "discharge_status"),
    ({"principal": None}, "principal"),
    ({"principal": "02100Z9"}, "principal"),
    ({"principal_poa": "X"}, "principal_poa"),
    ({"secondary": ["J9601"]}, "secondary[0]"),
    ({"secondary": [{"code": "J9601"}, {"code": ""}]}, "secondary[1].code"),
    ({"secondary": [{"code": "J9601", "poa": "yes"}]}, "secondary[0].poa"),
    ({"procedures": ["02100Z9", "0210"]}, "procedures[1]"),
    ({"hospital_status": "exempt"}, "hospital_status"),
]


@pytest.mark.parametrize(("change", "path"), BAD)
def test_bad_input_names_the_culprit(change: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ask(**change)
    assert refusal.value.details["path"] == path


def test_the_package_is_imported_only_when_a_stay_is_grouped() -> None:
    check = "import sys, code_sets.drg_commands\nassert 'msdrg' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_every_reference_case_has_the_group_and_edits_of_the_cms_programs() -> None:
    cases = json.loads(shared_path("reference/msdrg/cms_java_grouper_expected_dev.json").read_text("utf-8"))
    assert len(cases) == 728
    wrong = []
    for case in cases:
        day, number = str(case["discharge_date"]), str(case["version"])
        answer = drg(
            {
                "version": f"{number[:2]}.{number[2]}",
                "discharge_on": f"{day[:4]}-{day[4:6]}-{day[6:]}",
                "age": case["age"],
                "sex": SEX_OF_DECK[case["sex"]],
                "discharge_status": f"{case['discharge_status']:02}",
                "hospital_status": case["hospital_status"],
                "principal": case["pdx"]["code"],
                "principal_poa": case["pdx"]["poa"],
                "secondary": case["sdx"],
                "procedures": [one["code"] for one in case["procedures"]],
            }
        )
        expected = case["expected"]
        found = {
            "initial_drg": answer["initial_drg"],
            "final_drg": answer["drg"],
            "final_mdc": answer["mdc"],
            "return_code": answer["return_code"],
            "final_drg_description": answer["title"],
        }
        if (
            found != {name: expected[name] for name in found}
            or edits(answer) != case["expected_mce"]["edits"]
        ):
            wrong.append(case["case_id"])
    assert wrong == []


def test_levels_equal_the_public_lists_of_mcc_and_cc() -> None:
    """FY 2026 tables 6I and 6J: every code is an MCC or CC beside a principal diagnosis of chest pain."""
    for table, level in (("6i_mcc", "MCC"), ("6j_cc", "CC")):
        path = shared_path(f"reference/msdrg/cms_fy2026_table{table}_list.txt")
        lines = path.read_text("utf-8", errors="replace").splitlines()
        codes = [line.split("\t")[0].replace(".", "").strip() for line in lines if line[3:4] == "."]
        assert len(codes) > 3000
        sample = codes[:: len(codes) // 40]
        answer = ask(*sample, principal="R079", age=40, discharge_on="2026-02-01")
        assert {one["code"]: one["level"] for one in answer["cc_mcc"]} == dict.fromkeys(sample, level)
