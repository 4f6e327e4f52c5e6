"""Which single code moves a group, how deep its evidence is, and what a second reader should see.

The groups are those of CMS, MS-DRG Definitions Manual v43.1 (MDC 8: 521 with MCC, 522 without).
"""

from __future__ import annotations

import pytest

from encounters.rules.drg_evidence import (
    Cited,
    Expected,
    Group,
    SecondLook,
    Severity,
    drivers_with_evidence,
    reconcile,
    second_looks,
)

WITHOUT = Group(522, "Hip Replacement with Principal Diagnosis of Hip Fracture without MCC", "2.1177")
MCC = Severity("J9601", "MCC", "")


def test_the_thinnest_support_comes_first_and_no_words_are_thinner_than_one_span() -> None:
    found = drivers_with_evidence(
        [
            ("J9601", "secondary", "MCC", WITHOUT),
            ("N179", "secondary", "CC", WITHOUT),
            ("0SR9039", "procedure", None, WITHOUT),
        ],
        {"J9601": Cited(3, 2), "0SR9039": Cited(1, 1)},
    )
    assert [(one.code, one.cited, one.is_thin) for one in found] == [
        ("N179", Cited(0, 0), True),
        ("0SR9039", Cited(1, 1), True),
        ("J9601", Cited(3, 2), False),
    ]


@pytest.mark.parametrize(
    ("severity", "moving", "expected"),
    [
        ([MCC], ["J9601"], ["drg.single_severity"]),
        # Two MCCs: neither alone moves the group, and nothing hangs on one.
        ([MCC, Severity("R6521", "MCC", "")], [], []),
        # A CC beside the only MCC does not carry the group.
        ([MCC, Severity("N179", "CC", "")], ["J9601"], ["drg.single_severity"]),
        # The only CC, without any MCC.
        ([Severity("N179", "CC", "")], ["N179"], ["drg.single_severity"]),
        # An excluded MCC does not count, and what does not move the group carries nothing.
        ([Severity("J9601", "MCC", "S72011A")], [], []),
        ([MCC], [], []),
    ],
)
def test_a_single_cc_or_mcc_that_carries_the_group_asks_for_a_second_look(
    severity: list[Severity], moving: list[str], expected: list[str]
) -> None:
    drivers = drivers_with_evidence(
        [(code, "secondary", "MCC", WITHOUT) for code in moving], {code: Cited(2, 1) for code in moving}
    )
    assert [one.rule for one in second_looks(severity, drivers)] == expected


def test_thin_evidence_asks_for_a_second_look_by_code() -> None:
    drivers = drivers_with_evidence([("0SR9039", "procedure", None, WITHOUT)], {"0SR9039": Cited(1, 1)})
    assert second_looks([], drivers) == (
        SecondLook("drg.thin_evidence", "0SR9039", "The group rests on one span of words."),
    )


def test_a_difference_is_pending_until_somebody_says_why() -> None:
    same, other = Expected("a", "coder", 521), Expected("b", "cdi", 522)
    found = reconcile([same, other], 521, {})
    assert [(one.differs, one.is_pending) for one in found] == [(False, False), (True, True)]
    (explained,) = reconcile([other], 521, {"b": "A query was answered"})
    assert explained.differs and not explained.is_pending
