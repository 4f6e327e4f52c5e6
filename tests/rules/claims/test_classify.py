"""The category of an adjustment against the categories of June 2024.

Sources: X12 lists of claim adjustment reasons and remittance advice remarks (numbers only), June 2024; own
categories, of which the table below names every one. Remark N519 is modifiers, as published lists say.
"""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.classify_command import classify, editions
from claims.rules.classify import CATEGORIES
from coding_ops.core.errors import InvalidInput, Refused
from tests.shared_data import shared_path


def ask(carc: str, *rarcs: str, group: str = "CO", on: str = "2026-11-01", **more: Any) -> str:
    answer = classify({"group": group, "carc": carc, "rarcs": list(rarcs), "on": on} | more)
    assert json.loads(json.dumps(answer)) == answer
    category: str = answer["category"]
    return category


SUMMARY = {
    "coding": "4 5 6 7 9 10 11 49 54 58 59 97 107 146 150 151 152 153 167 181 182 189 199 231 234 236 261 "
    "282 A8 B14 B15 B16 B22",
    "medical_necessity": "40 50 55",
    "eligibility": "24 26 27 33 109 177 178 200 B9 B11",
    "registration": "13 14 31 32 140 227",
    "authorization": "39 197 198 210 242 243 284 288",
    "cob": "19 20 21 22 23 136",
    "enrolment": "8 12 147 170 171 172 183 184 185 208 299 B7 B23",
    "submission": "60 110 129 206 207",
    "timely": "29 166",
    "duplicate": "18 B13 B20",
    "documentation": "112 148 163 164 226 251 252 267",
    "benefit": "35 119 149 222 273 96 204 272",
    "not_a_denial": "1 2 3 45 253",
    "unmapped": "15 17 25 138 162 165 168 95 133 246 256 16 A1 999 ZZ9",
}
EVERY = [(carc, category) for category, carcs in SUMMARY.items() for carc in carcs.split()]


@pytest.mark.parametrize(("carc", "category"), EVERY)
def test_every_reason_has_its_category(carc: str, category: str) -> None:
    assert ask(carc) == category


def test_the_map_holds_no_reason_beyond_the_table() -> None:
    (edition,) = editions()
    named = {carc for carc, category in EVERY if category != "unmapped"}
    assert set(edition.carc) == named
    assert set(edition.carc.values()) | set(edition.rarc.values()) <= set(CATEGORIES)


REMARKS = [
    ("16", ("M76",), "coding"),
    ("16", ("M64",), "coding"),
    ("16", ("M20",), "coding"),
    ("16", ("M51",), "coding"),
    ("16", ("MA63",), "coding"),
    ("16", ("N519",), "coding"),
    ("16", ("N4",), "cob"),
    ("16", ("MA04",), "cob"),
    ("16", ("N382",), "registration"),
    ("16", ("M62",), "authorization"),
    ("16", ("MA130",), "submission"),
    ("16", ("N706",), "documentation"),
    ("16", (), "unmapped"),
    ("16", ("N999",), "unmapped"),
    ("16", ("N999", "N4"), "cob"),
    ("16", ("N4", "M76"), "coding"),
    ("16", ("m76",), "coding"),
    ("A1", ("M76",), "coding"),
    ("A1", (), "unmapped"),
    ("A1", ("N115",), "medical_necessity"),
    # only 16 and A1 are told by their remark
    ("97", ("N4",), "coding"),
    ("22", ("M76",), "cob"),
    ("45", ("M76",), "not_a_denial"),
]


@pytest.mark.parametrize(("carc", "rarcs", "category"), REMARKS)
def test_remarks_decide_where_the_reason_says_nothing(
    carc: str, rarcs: tuple[str, ...], category: str
) -> None:
    assert ask(carc, *rarcs) == category


@pytest.mark.parametrize("group", ["CO", "PR", "OA", "PI", "CR"])
def test_the_group_changes_no_category(group: str) -> None:
    assert (ask("45", group=group), ask("97", group=group)) == ("not_a_denial", "coding")


def test_a_wraparound_paid_as_a_negative_adjustment_is_no_denial() -> None:
    assert ask("172", amount="-63.20") == "not_a_denial"
    assert ask("172", amount="63.20") == "enrolment"
    assert ask("97", amount="-63.20") == "coding"


def test_codes_are_dated() -> None:
    assert ask("299", on="2019-06-30") == "unmapped"
    assert ask("299", on="2019-07-01") == "enrolment"
    assert ask("16", "N822", on="2018-01-01") == "unmapped"
    told = classify({"group": "CO", "carc": "138", "rarcs": [], "on": "2026-11-01"})["trace"][0]
    assert told["why"] == "CARC 138 is retired since 2018-05-01"
    with pytest.raises(Refused) as refusal:
        ask("97", on="2003-12-31")
    assert refusal.value.details["path"] == "on"


def test_unverified_remarks_say_so() -> None:
    def status(rarc: str) -> str:
        found: str = classify({"group": "CO", "carc": "16", "rarcs": [rarc], "on": "2026-11-01"})["trace"][0][
            "status"
        ]
        return found

    assert (status("M76"), status("MA63")) == ("secondary", "unverified")


def test_leading_zeros_and_case_do_not_matter() -> None:
    assert (ask("045"), ask("b13"), ask("a1", "m76")) == ("not_a_denial", "duplicate", "coding")


BAD: list[tuple[dict[str, Any], str]] = [
    ({"group": "XX"}, "group"),
    ({"group": None}, "group"),
    ({"carc": ""}, "carc"),
    ({"carc": 16}, "carc"),
    ({"carc": "CO-16"}, "carc"),
    ({"rarcs": "M76"}, "rarcs"),
    ({"rarcs": ["M76", None]}, "rarcs[1]"),
    ({"on": "today"}, "on"),
    ({"on": None}, "on"),
    ({"amount": "much"}, "amount"),
]


@pytest.mark.parametrize(("changes", "path"), BAD)
def test_bad_input_names_the_culprit(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        classify({"group": "CO", "carc": "16", "rarcs": [], "on": "2026-11-01"} | changes)
    assert refusal.value.details["path"] == path


@given(
    st.from_regex(r"[A-Z]?[1-9]\d{0,2}", fullmatch=True),
    st.lists(st.from_regex(r"(M|MA|N)\d{1,3}", fullmatch=True)),
)
def test_every_code_has_a_category_and_never_an_invented_one(carc: str, rarcs: list[str]) -> None:
    assert ask(carc, *rarcs) in CATEGORIES


def test_the_list_of_june_2024() -> None:
    with shared_path("reference/codesets/carc_rarc_group_codes_2024-06_codes_only.csv").open() as lines:
        listed = {(row["adj_type"], row["adj_code"]): row["adj_end_date"] for row in csv.DictReader(lines)}
    (edition,) = editions()
    assert all(listed[("CARC", carc)] == "" for carc in edition.carc)
    assert all(listed[("RARC", rarc)] == "" for rarc in edition.rarc)
    ended = {code: end for (kind, code), end in listed.items() if kind == "CARC" and end}
    assert {code: str(last) for code, last in edition.retired.items()} == ended
