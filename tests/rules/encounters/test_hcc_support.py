"""Support of a condition category by cited words.

[IV.J]  ICD-10-CM Official Guidelines, section IV.J: conditions that coexist and are cared for; not those
        treated before that no longer exist.
[C.2.m] the same, section I.C.2.m: a malignancy that is gone is a history code (Z85).
[RADV]  CMS RADV Medical Record Reviewer Guidance: a list of problems standing alone does not support.
"""

from __future__ import annotations

import pytest

from encounters.rules.hcc_support import (
    Changes,
    CitedSpan,
    HccDiagnosis,
    Judged,
    Policy,
    Support,
    changes,
    findings,
    judge,
)
from encounters.rules.sections import SectionKind as S
from encounters.selectors.hcc_tables import support_policy

POLICY = support_policy()


def judged(*spans: CitedSpan, code: str = "I5022") -> Judged:
    return judge(HccDiagnosis("k", code, "I50.22", spans), POLICY)


@pytest.mark.parametrize(
    ("cite", "spans", "support", "letters"),
    [
        ("IV.J", [CitedSpan((S.ASSESSMENT,), "T")], Support.SUPPORTED, "T"),
        (
            "IV.J",
            [CitedSpan((S.ASSESSMENT,), "T"), CitedSpan((S.EXAMINATION,), "M")],
            Support.SUPPORTED,
            "MT",
        ),
        ("IV.J", [CitedSpan((S.ASSESSMENT,))], Support.NO_TAG, ""),
        ("IV.J", [CitedSpan((S.PAST_HISTORY,))], Support.HISTORY_ONLY, ""),
        # a tag on a past history does not make it care of this visit
        ("C.2.m", [CitedSpan((S.PAST_HISTORY,), "A")], Support.HISTORY_ONLY, ""),
        ("IV.J", [CitedSpan((S.FAMILY_HISTORY,))], Support.HISTORY_ONLY, ""),
        ("RADV", [CitedSpan((S.PROBLEM_LIST,), "A")], Support.PROBLEM_LIST_ONLY, ""),
        ("RADV", [CitedSpan((S.PROBLEM_LIST,)), CitedSpan((S.PAST_HISTORY,))], Support.PROBLEM_LIST_ONLY, ""),
        # the list and the plan: what the plan says counts
        (
            "RADV",
            [CitedSpan((S.PROBLEM_LIST,), "A"), CitedSpan((S.ASSESSMENT,), "M")],
            Support.SUPPORTED,
            "M",
        ),
        # words that run from the list into the plan stand in both
        ("RADV", [CitedSpan((S.PROBLEM_LIST, S.ASSESSMENT), "M")], Support.SUPPORTED, "M"),
        ("IV.J", [], Support.NOT_CITED, ""),
    ],
)
def test_golden_support(cite: str, spans: list[CitedSpan], support: Support, letters: str) -> None:
    found = judged(*spans)
    assert (found.support, found.letters) == (support, letters), cite
    assert found.is_supported is (support is Support.SUPPORTED)


def test_the_state_is_said_with_its_letters() -> None:
    assert judged(CitedSpan((S.ASSESSMENT,), "A"), CitedSpan((S.VITALS,), "M")).words == "supported (M, A)"
    assert judged(CitedSpan((S.ASSESSMENT,))).words == "no MEAT tag"


def test_findings_name_the_code_and_the_remedy() -> None:
    (history,) = findings([judged(CitedSpan((S.PAST_HISTORY,)), code="C50911")], POLICY)
    assert (history.rule, history.severity, history.codes) == ("hcc.history_only", "warning", ("C50911",))
    assert "I.C.2.m" in history.citation
    assert "Z85 to Z87" in history.satisfy
    assert findings([judged(), judged(CitedSpan((S.ASSESSMENT,), "M"))], POLICY) == ()


def test_how_loud_a_finding_is_can_be_set() -> None:
    one = [judged(CitedSpan((S.ASSESSMENT,)))]
    levels = {**POLICY.levels, "hcc.meat": "error"}
    loud = Policy(POLICY.history, POLICY.problem_list, levels, POLICY.citations)
    assert [f.severity for f in findings(one, loud)] == ["error"]
    silent = Policy(POLICY.history, POLICY.problem_list, {**levels, "hcc.meat": "off"}, POLICY.citations)
    assert findings(one, silent) == ()


def test_every_rule_has_a_level_and_a_citation() -> None:
    assert set(POLICY.levels) == set(POLICY.citations)
    assert {s.value for s in Support if s.value.startswith("hcc.")} <= set(POLICY.levels)


def test_deletes_are_found_as_well_as_adds() -> None:
    kept = judge(HccDiagnosis("1", "E1122", "E11.22", (CitedSpan((S.ASSESSMENT,), "A"),)), POLICY)
    weak = judge(HccDiagnosis("2", "I5022", "I50.22", (CitedSpan((S.PAST_HISTORY,)),)), POLICY)
    new = judge(HccDiagnosis("3", "J449", "J44.9", (CitedSpan((S.ASSESSMENT,), "T"),)), POLICY)
    before = ("E1122", "I5022", "N1831", "I10")
    mapped = {"E1122", "I5022", "N1831", "J449"}
    assert changes(before, [kept, weak, new], mapped) == Changes(("J449",), ("N1831",), ("I5022",))


def test_without_a_version_before_nothing_is_taken_over() -> None:
    assert changes((), [], {"E1122"}) == Changes((), (), ())
