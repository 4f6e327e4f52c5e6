"""Alignment, verdicts and scores of a coding audit.

Sources: the house's error taxonomy (weights in qa_audit/data/verdicts.toml); its worked example of three
denominators; AHIMA, Benchmarks for coding quality (code over code, reviewer's codes as the denominator).
Cases are written by us.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput
from qa_audit.score_command import score

Lines = list[dict[str, Any]]


def dx(*codes: str, first: int = 1, **more: Any) -> Lines:
    return [{"kind": "dx", "code": code, "position": at} | more for at, code in enumerate(codes, first)]


def px(code: str, *modifiers: str, **more: Any) -> dict[str, Any]:
    return {"kind": "cpt", "code": code, "modifiers": list(modifiers)} | more


def ask(coder: Lines, auditor: Lines, **more: Any) -> dict[str, Any]:
    return score({"method": "agree-over-lines", "coder": coder, "auditor": auditor} | more)


def told(answer: dict[str, Any]) -> list[str]:
    def code(line: dict[str, Any] | None) -> str:
        return line["code"] if line else "-"

    return [f"{code(one['coder'])}>{code(one['auditor'])} {one['verdict']}" for one in answer["lines"]]


def test_the_worked_example_of_three_denominators() -> None:
    """Coder {A,B,C,D}, auditor {A,B,E,F,G}, C->E paired: 33.3 %, AHIMA 40 %, coder's denominator 50 %."""
    answer = ask(dx("A", "B", "C", "D"), dx("A", "B", "E", "F", "G"), pairs=[[2, 2]])
    assert told(answer) == ["A>A AG", "B>B AG", "C>E WC", "D>- UN", "->F MS", "->G MS"]
    scores = answer["scores"]
    assert scores["counts"] == {"AG": 2, "WC": 1, "UN": 1, "MS": 2}
    assert scores["code_level"] == {
        "numerator": 2,
        "denominator": 6,
        "rate": "0.333333",
        "low": "0.096771",
        "high": "0.700007",
    }
    assert scores["auditor_denominator"]["rate"] == "0.400000"
    assert scores["coder_denominator"]["rate"] == "0.500000"
    assert scores["weighted"] == {"numerator": "2.00", "denominator": 6, "rate": "0.333333", "weight": "4.00"}
    assert scores["net"] == {"added": 1, "removed": 0}
    assert scores["encounter_clean"] is False
    assert answer["score"] == scores["code_level"]
    assert json.loads(json.dumps(answer)) == answer


def test_the_example_pairs_by_itself_where_the_codes_are_real() -> None:
    coder = dx("I10", "E1122", "N1830", "J449")
    auditor = dx("I10", "E1122", "N1832", "F329", "Z794")
    answer = ask(coder, auditor)
    assert told(answer) == [
        "I10>I10 AG",
        "E1122>E1122 AG",
        "N1830>N1832 WS",
        "->F329 MS",
        "J449>- UN",
        "->Z794 MS",
    ]
    assert answer["scores"]["code_level"]["rate"] == "0.333333"
    assert answer["scores"]["weighted"]["weight"] == "3.50"


EM = ("99213", "99214")
#: (coder, auditor, worksheet, weight of the codes, agree, lines)
CASES: list[tuple[Lines, Lines, list[str], str, int, int]] = [
    (dx("I10"), dx("I10"), ["I10>I10 AG"], "0.00", 1, 1),
    (dx("I10"), dx("i10"), ["I10>i10 AG"], "0.00", 1, 1),
    (dx("E11.22"), dx("E1122"), ["E11.22>E1122 AG"], "0.00", 1, 1),
    ([], dx("I10"), ["->I10 MS"], "1.00", 0, 1),
    (dx("I10"), [], ["I10>- UN"], "1.00", 0, 1),
    (dx("I10", hcc=True), [], ["I10>- UN"], "1.50", 0, 1),
    (dx("J189", cc_mcc=True), [], ["J189>- UN"], "1.50", 0, 1),
    # principal diagnosis
    (dx("I10"), dx("N179"), ["I10>N179 PD"], "2.00", 0, 1),
    (dx("E119"), dx("E1122"), ["E119>E1122 PD"], "2.00", 0, 1),
    (dx("A419", "J189"), dx("J189", "A419"), ["J189>J189 PD", "A419>A419 AG"], "2.00", 1, 2),
    (dx("J189", "A419"), dx("A419"), ["A419>A419 PD", "J189>- UN"], "3.00", 0, 2),
    (dx("J189"), dx("A419", "J189"), ["->A419 PD", "J189>J189 AG"], "2.00", 1, 2),
    (dx("J189", "I10"), dx("A419", "I10"), ["J189>A419 PD", "I10>I10 AG"], "2.00", 1, 2),
    ([{"kind": "dx", "code": "I10"}], [{"kind": "dx", "code": "N179"}],
     ["I10>- UN", "->N179 MS"], "2.00", 0, 2),
    # specificity and code
    (dx("I10", "E119"), dx("I10", "E1122"), ["I10>I10 AG", "E119>E1122 WS"], "0.50", 1, 2),
    (dx("I10", "F329"), dx("I10", "F331"), ["I10>I10 AG", "F329>F331 WC"], "1.00", 1, 2),
    (dx("J45909", "I10"), dx("J45909", "I110"), ["J45909>J45909 AG", "I10>I110 WC"], "1.00", 1, 2),
    (dx("I10", "R0602"), dx("I10", "R079"), ["I10>I10 AG", "R0602>- UN", "->R079 MS"], "2.00", 1, 3),
    (dx("I10", "Z794"), dx("I10", "Z87891"), ["I10>I10 AG", "Z794>- UN", "->Z87891 MS"], "2.00", 1, 3),
    (dx("I10", "J449"), dx("I10", "E6601"), ["I10>I10 AG", "->E6601 MS", "J449>- UN"], "2.00", 1, 3),
    (dx("I10", "J449", condition="lung")[1:], dx("J984", first=2, condition="Lung"),
     ["J449>J984 WC"], "1.00", 0, 1),
    # two of a category: the nearer pair first
    (dx("I10", "E119", "E1140"), dx("I10", "E1142"),
     ["I10>I10 AG", "E1140>E1142 WS", "E119>- UN"], "1.50", 1, 3),
    # levels
    ([px("99215")], [px("99213")], ["99215>99213 EO"], "2.00", 0, 1),
    ([px("99213")], [px("99215")], ["99213>99215 EU"], "1.00", 0, 1),
    ([px("99214")], [px("99213")], ["99214>99213 EO"], "1.00", 0, 1),
    ([px("99285")], [px("99281")], ["99285>99281 EO"], "4.00", 0, 1),
    ([px("99203")], [px("99213")], ["99203>99213 WC"], "1.00", 0, 1),
    ([px("99213", "25")], [px("99213")], ["99213>99213 MO"], "0.50", 0, 1),
    # attributes
    ([px("99213")], [px("99213", "25")], ["99213>99213 MO"], "0.50", 0, 1),
    ([px("11042", "59", bypassed_edit=True)], [px("11042")], ["11042>11042 MO"], "1.00", 0, 1),
    ([px("97110", "GP", "59")], [px("97110", "59", "GP")], ["97110>97110 AG"], "0.00", 1, 1),
    ([px("96372", units=2)], [px("96372", units=1)], ["96372>96372 UT"], "0.50", 0, 1),
    ([px("96372", "59", units=2)], [px("96372", units=1)], ["96372>96372 MO"], "1.00", 0, 1),
    ([px("96372", pointers=[1])], [px("96372", pointers=[2])], ["96372>96372 DP"], "0.25", 0, 1),
    ([px("96372", service_on="2026-11-01")], [px("96372")], ["96372>96372 AG"], "0.00", 1, 1),
    (dx("I10", poa="N"), dx("I10", poa="Y"), ["I10>I10 PO"], "0.50", 0, 1),
    (dx("L89153", poa="Y", hac_psi=True), dx("L89153", poa="N"), ["L89153>L89153 PO"], "1.00", 0, 1),
    (dx("I10", poa="Y"), dx("I10"), ["I10>I10 AG"], "0.00", 1, 1),
    (dx("I10"), dx("I10", poa="Y"), ["I10>I10 PO"], "0.50", 0, 1),
    (dx("I10", "E119", "N183"), dx("I10", "N183", "E119"),
     ["I10>I10 AG", "N183>N183 AG", "E119>E119 AG"], "0.00", 3, 3),
    (dx("I10", "E119", "N183"), dx("I10") + dx("N183", "E119", first=2, sequence_matters=True),
     ["I10>I10 AG", "N183>N183 SQ", "E119>E119 SQ"], "0.50", 1, 3),
    # services
    ([px("20610")], [px("20611")], ["20610>20611 WC"], "1.00", 0, 1),
    ([px("20610")], [px("11042")], ["->11042 MS", "20610>- UN"], "2.00", 0, 2),
    ([px("97110"), px("97110")], [px("97110")], ["97110>97110 AG", "97110>- UN"], "1.00", 1, 2),
    ([px("97110", units=2), px("97110")], [px("97110"), px("97110", units=2)],
     ["97110>97110 AG", "97110>97110 AG"], "0.00", 2, 2),
    ([{"kind": "pcs", "code": "02100Z9"}], [{"kind": "pcs", "code": "02110Z9"}],
     ["02100Z9>02110Z9 WC"], "1.00", 0, 1),
    ([{"kind": "pcs", "code": "02100Z9"}], [{"kind": "pcs", "code": "021009W"}],
     ["02100Z9>021009W WS"], "0.50", 0, 1),
    ([{"kind": "px", "system": "ICD-10-PCS", "code": "02100Z9"}], [{"kind": "pcs", "code": "02100Z9"}],
     ["02100Z9>02100Z9 AG"], "0.00", 1, 1),
    ([{"kind": "hcpcs", "code": "J1030"}], [{"kind": "cpt", "code": "J1030"}],
     ["J1030>J1030 AG"], "0.00", 1, 1),
    ([px("99202")], [px("99205")], ["99202>99205 EU"], "1.50", 0, 1),
    ([px("99223")], [px("99221")], ["99223>99221 EO"], "2.00", 0, 1),
    ([px("99233")], [px("99231")], ["99233>99231 EO"], "2.00", 0, 1),
    ([px("99239")], [px("99238")], ["99239>99238 EO"], "1.00", 0, 1),
    ([px("99348")], [px("99350")], ["99348>99350 EU"], "1.00", 0, 1),
    ([px("99232")], [px("99223")], ["99232>99223 WC"], "1.00", 0, 1),
    ([px("99213")], [px("99213"), px("36415")], ["->36415 MS", "99213>99213 AG"], "1.00", 1, 2),
    ([px("J1885", units=4)], [px("J1885", units=2)], ["J1885>J1885 UT"], "0.50", 0, 1),
    ([px("G0439")], [px("G0438")], ["G0439>G0438 WC"], "1.00", 0, 1),
    (dx("S52501A"), dx("S52502A"), ["S52501A>S52502A PD"], "2.00", 0, 1),
    (dx("I10", "S52501A"), dx("I10", "S52501D"), ["I10>I10 AG", "S52501A>S52501D WS"], "0.50", 1, 2),
    ([*dx("I10"), px("99214")], [*dx("I10"), px("99213")], ["I10>I10 AG", "99214>99213 EO"], "1.00", 1, 2),
    # process and causes stand outside
    (dx("I10", evidence=False), dx("I10"), ["I10>I10 EV"], "0.00", 1, 1),
    (dx("I10", poa="N", evidence=False), dx("I10", poa="Y"), ["I10>I10 PO"], "0.50", 0, 1),
    (dx("I10"), [*dx("I10"), {"kind": "query"}], ["I10>I10 AG"], "0.00", 1, 1),
    (dx("I10"), [{"kind": "observation"}, *dx("I10")], ["I10>I10 AG"], "0.00", 1, 1),
    (dx("I10"), dx("I10") + dx("J449", first=2, cause="documentation_gap"),
     ["I10>I10 AG", "->J449 MS"], "0.00", 1, 1),
    (dx("I10"), dx("I10") + dx("J449", first=2, cause="documentation_read"),
     ["I10>I10 AG", "->J449 MS"], "1.00", 1, 2),
    (dx("I10", "E119", cause="policy_difference"), dx("I10"), ["I10>I10 AG", "E119>- UN"], "0.00", 0, 0),
]  # fmt: skip


@pytest.mark.parametrize(("coder", "auditor", "lines", "weight", "agree", "count"), CASES)
def test_the_worksheet(
    coder: Lines, auditor: Lines, lines: list[str], weight: str, agree: int, count: int
) -> None:
    answer = ask(coder, auditor)
    coded = [one for one in answer["lines"] if one["verdict"] not in ("QM", "OB")]
    assert told(answer | {"lines": coded}) == lines
    code_level = answer["scores"]["code_level"]
    assert answer["scores"]["weighted"]["weight"] == weight
    assert (code_level["numerator"], code_level["denominator"]) == (agree, count)


def test_process_findings_have_their_own_weight_and_leave_the_encounter_clean() -> None:
    answer = ask(dx("I10", evidence=False), [*dx("I10"), {"kind": "query"}, {"kind": "observation"}])
    assert [one["verdict"] for one in answer["lines"]] == ["EV", "QM", "OB"]
    assert (answer["scores"]["process_weight"], answer["scores"]["encounter_clean"]) == ("0.75", True)
    assert answer["scores"]["auditor_denominator"]["denominator"] == 1


def test_attributes_may_be_left_out_by_contract() -> None:
    coder, auditor = [px("99213", "25")], [px("99213")]
    assert ask(coder, auditor)["scores"]["code_level"]["rate"] == "0.000000"
    assert ask(coder, auditor, attributes="out")["scores"]["code_level"]["rate"] == "1.000000"
    assert ask(coder, auditor, attributes="out")["scores"]["encounter_clean"] is False


def test_a_contract_sets_its_own_weights_and_method() -> None:
    coder, auditor = dx("I10"), dx("N179")
    assert ask(coder, auditor, weights={"PD": "1"})["scores"]["weighted"]["rate"] == "0.000000"
    assert ask(coder, auditor, weights={"PD": "0.125"})["scores"]["weighted"]["weight"] == "0.125"
    assert ask(dx("I10"), dx("I10"), method="encounter")["score"] is True
    assert ask(dx("I10"), dx("I10", "N179"), method="code-over-code")["score"]["rate"] == "0.500000"
    assert ask([], [], method="weighted")["score"]["rate"] is None


def test_nothing_to_compare_has_no_rate_and_no_error() -> None:
    scores = ask([], [])["scores"]
    assert scores["code_level"] == {"numerator": 0, "denominator": 0, "rate": None, "low": None, "high": None}
    assert scores["encounter_clean"] is True
    assert ask(dx("I10"), [])["scores"]["auditor_denominator"]["rate"] is None


def test_the_drg_is_compared_where_it_is_given() -> None:
    assert "drg" not in ask(dx("I10"), dx("I10"))["scores"]
    assert ask([], [], drg={"coder": "64", "auditor": "064"})["scores"]["drg"] == {"agree": True}
    assert ask([], [], drg={"coder": "291", "auditor": "292"})["scores"]["drg"] == {"agree": False}


def test_clopper_pearson_for_contracts() -> None:
    lines = dx(*(f"A{number:02}0" for number in range(30)))
    answer = ask(lines, lines[:29], interval="clopper-pearson")["scores"]["code_level"]
    assert (answer["rate"], answer["low"], answer["high"]) == ("0.966667", "0.827831", "0.999156")


BAD: list[tuple[dict[str, Any], str]] = [
    ({"method": "gut feeling"}, "method"),
    ({"coder": [{"kind": "dx"}]}, "coder[0].code"),
    ({"coder": [{"kind": "rx", "code": "1"}]}, "coder[0].kind"),
    ({"coder": dx("I10", units=-1)}, "coder[0].units"),
    ({"coder": [*dx("I10"), 1]}, "coder[1]"),
    ({"coder": dx("I10", evidence="yes")}, "coder[0].evidence"),
    ({"auditor": dx("I10", cause="bad luck")}, "auditor[0].cause"),
    ({"auditor": {"code": "I10"}}, "auditor"),
    ({"coder": None}, "coder"),
    ({"auditor": None}, "auditor"),
    ({"pairs": [[0]]}, "pairs[0]"),
    ({"pairs": [[0, 7]]}, "pairs[0][1]"),
    ({"pairs": [[0, 0], [0, 0]]}, "pairs[1][0]"),
    ({"weights": {"XX": 1}}, "weights.XX"),
    ({"weights": {"WC": -1}}, "weights.WC"),
    ({"confidence": "2"}, "confidence"),
    ({"interval": "wald"}, "interval"),
    ({"drg": {"coder": "291"}}, "drg.auditor"),
]


@pytest.mark.parametrize(("changes", "path"), BAD)
def test_bad_input_names_the_culprit(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ask(**({"coder": dx("I10"), "auditor": dx("I10")} | changes))
    assert refusal.value.details["path"] == path


codes = st.sampled_from(
    ["I10", "I110", "E119", "E1122", "E1140", "J189", "A419", "N179", "N1830", "N1832", "Z794"]
)
services = st.sampled_from(["99213", "99214", "99215", "99203", "20610", "20611", "97110", "J1030"])
diagnosis_lists = st.lists(codes, unique=True, max_size=7).map(lambda found: dx(*found))
service_lists = st.lists(
    st.builds(lambda code, units, mods: px(code, *mods, units=units), services, st.integers(1, 2),
              st.lists(st.sampled_from(["25", "59", "GP"]), unique=True, max_size=2)),
    max_size=5,
)  # fmt: skip
sides = st.builds(lambda one, other: one + other, diagnosis_lists, service_lists)


@given(sides, sides, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_changes_no_score(coder: Lines, auditor: Lines, chance: Any) -> None:
    before = ask(coder, auditor)
    mixed, other = list(coder), list(auditor)
    chance.shuffle(mixed)
    chance.shuffle(other)
    after = ask(mixed, other)
    assert after["scores"] == before["scores"]
    assert sorted(told(after)) == sorted(told(before))


@given(sides, sides)
def test_every_line_stands_once_and_the_parts_add_up(coder: Lines, auditor: Lines) -> None:
    answer = ask(coder, auditor)
    rows, scores = answer["lines"], answer["scores"]
    assert sorted(map(str, (one["coder"] for one in rows if one["coder"]))) == sorted(map(str, coder))
    assert sorted(map(str, (one["auditor"] for one in rows if one["auditor"]))) == sorted(map(str, auditor))
    assert scores["code_level"]["denominator"] == len(rows) >= scores["auditor_denominator"]["denominator"]
    assert sum(scores["counts"].values()) == len(rows)
    assert scores["encounter_clean"] is (scores["counts"].get("AG", 0) == len(rows))
    assert ask(coder, coder)["scores"]["encounter_clean"] is True


def test_ten_thousand_charts_are_scored_while_one_waits() -> None:
    coder = dx("A419", "J189", "I10", "E119", "N1830", "E785", "Z794") + [
        px(code) for code in ("99214", "97110")
    ]
    auditor = dx("A419", "J189", "I10", "E1122", "N1832", "E785") + [px(code) for code in ("99213", "97110")]
    begun = time.process_time()
    for _ in range(200):
        ask(coder, auditor)
    # 10,000 in 3 s would be 0.06 s; the test leaves room for a loaded machine.
    assert time.process_time() - begun < 1.0
