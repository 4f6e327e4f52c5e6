"""The Medicare Code Editor's edits as findings that name their codes.

Golden rows: CMS, Definitions of Medicare Code Edits v43.1; the edits of the reference deck are answers of
CMS's own editor.
"""

from __future__ import annotations

import json
from datetime import date

import pytest

from code_sets.drg_commands import tables
from code_sets.index_store import DATA
from code_sets.rules.drg import Coded, Stay, version_on
from code_sets.rules.mce import parse_words, stay_findings
from tests.shared_data import shared_path

WORDS = parse_words((DATA / "mce_edits.toml").read_text("utf-8"))
ON = date(2026, 9, 14)


Told = list[tuple[str, str, tuple[str, ...]]]


def found(principal: str, *secondary: str, known: tuple[str, ...] = ()) -> Told:
    stay = Stay(ON, 67, "F", 1, Coded(principal, "Y"), tuple(Coded(one, "Y") for one in secondary))
    version = version_on(tables().versions, ON)
    assert version is not None
    return [(one.rule, one.severity, one.codes) for one in stay_findings(stay, version, WORDS, known)]


@pytest.mark.parametrize(
    ("principal", "secondary", "expected"),
    [
        ("S72011A", ("J9601",), []),
        ("W19XXXA", (), [("mce.e_code_as_pdx", "error", ("W19XXXA",))]),
        ("Z9989", ("I10",), [("mce.unacceptable_pdx", "error", ("Z9989",))]),
        ("S72001A", ("T8450XA", "I10"), [("mce.unspecified", "warning", ("T8450XA",))]),
        ("J9601", ("I10", "J9601"), [("mce.duplicate_of_pdx", "error", ("J9601",))]),
    ],
)
def test_an_edit_names_the_code_it_is_about(
    principal: str, secondary: tuple[str, ...], expected: Told
) -> None:
    assert found(principal, *secondary) == expected


def test_what_another_edit_finds_with_its_line_is_not_said_twice() -> None:
    """Z38.00 is a newborn's diagnosis: icd.age says so beside it, where its table is loaded."""
    assert found("S72011A", "Z3800", known=("icd.age",)) == []
    assert found("W19XXXA", known=("icd.first_listed",)) == []
    assert found("S72011A", "Z3800") == [("mce.age_conflict", "error", ("Z3800",))]


def test_a_finding_says_what_it_is_and_what_would_satisfy_it() -> None:
    version = version_on(tables().versions, ON)
    assert version is not None
    stay = Stay(ON, 67, "F", 1, Coded("W19XXXA", "Y"))
    (finding,) = stay_findings(stay, version, WORDS)
    assert finding.message == "W19XXXA: an external cause cannot be the principal diagnosis."
    assert finding.citation == "CMS, Definitions of Medicare Code Edits, v43.1"
    assert finding.satisfy == "Sequence the injury or condition first."


def test_every_edit_of_the_reference_deck_has_its_words() -> None:
    deck = json.loads(shared_path("reference/msdrg/cms_java_grouper_expected_dev.json").read_text("utf-8"))
    named = {name for case in deck for name in case["expected_mce"]["edits"]}
    assert named and not named - WORDS.keys()
