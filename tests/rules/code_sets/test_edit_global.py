"""Golden tables of the global package: which E/M and which further procedure needs which modifier, and when.

Sources: CMS, "Medicare Claims Processing Manual" (Pub. 100-04), chapter 12, 40.1 (000: the day; 010: the day
and 10 days after; 090: the day before, the day and 90 days after), 40.2.A.4 (57), 30.6.6.A (24), 30.6.6.B
(25), 40.2.A.5 to A.6 and 40.4 (58, 78, 79). Global days of the codes: MPFS relative value file 2024.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from code_sets import index_store
from code_sets.rules.edits.check import check_claim
from code_sets.rules.edits.claim import Claim, ClaimLine, Finding, PriorService
from code_sets.rules.edits.lists import GlobalTable, build_global
from code_sets.rules.edits.modifier_facts import parse_modifiers
from code_sets.rules.edits.ptp import PtpTable, build_ptp
from code_sets.rules.edits.tables import DayTables

MODIFIERS = parse_modifiers((index_store.DATA / "edit_modifiers.toml").read_text("utf-8"))
GLOBAL = (
    ("10060", "010"),
    ("20610", "000"),
    ("27447", "090"),
    ("66984", "090"),
    ("71046", "XXX"),
    ("99213", "XXX"),
    ("15272", "ZZZ"),
)
TABLES = DayTables(MODIFIERS, global_days=GlobalTable(build_global(GLOBAL, {"release": "2024"})))
NPI, OTHER = "1000000001", "1000000002"
HISTORY = PriorService("27447", 20260601, NPI, (), ("M1711",))


def line(code: str, *modifiers: str, day: int = 20260710, number: int = 1, npi: str = NPI) -> ClaimLine:
    return ClaimLine(number, code, day, 1, modifiers, (1,), npi)


def found(
    *lines: ClaimLine,
    history: tuple[PriorService, ...] | None = None,
    tables: DayTables = TABLES,
    setting: str = "practitioner",
    diagnosis: str = "I10",
) -> list[Finding]:
    numbered = tuple(replace(one, number=number) for number, one in enumerate(lines, 1))
    claim = Claim(
        "outpatient" if setting == "outpatient" else "practitioner", (diagnosis,), numbered, history=history
    )
    return list(check_claim(claim, lambda day: tables).findings)


def rules(findings: list[Finding]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.rule, one.severity, one.codes) for one in findings]


AFTER = [
    # days after a procedure of 10 or 90 global days, modifiers of the visit, whether it lacks 24
    ("10060", 20260710, (), False),  # the day itself: 25
    ("10060", 20260711, (), True),
    ("10060", 20260720, (), True),  # the tenth day
    ("10060", 20260721, (), False),  # the eleventh
    ("10060", 20260720, ("24",), False),
    ("10060", 20260720, ("25",), True),
    ("27447", 20260711, (), True),
    ("27447", 20261008, (), True),  # 90 days after 2026-07-10
    ("27447", 20261009, (), False),
    ("20610", 20260711, (), False),  # 000: nothing after the day
]


@pytest.mark.parametrize(("procedure", "day", "modifiers", "lacks"), AFTER)
def test_a_visit_after_a_procedure_needs_24(
    procedure: str, day: int, modifiers: tuple[str, ...], lacks: bool
) -> None:
    prior = PriorService(procedure, 20260710, NPI)
    findings = found(line("99213", *modifiers, day=day), history=(prior,))
    lacking = [one for one in findings if one.rule == "modifier.24"]
    assert [(one.severity, one.codes, one.bypass) for one in lacking] == (
        [("error", ("99213", procedure), ("24",))] if lacks else []
    )


def test_a_visit_to_another_provider_is_in_no_package() -> None:
    assert not found(line("99213", npi=OTHER), history=(HISTORY,))


def test_a_visit_that_does_not_name_its_provider_may_be_of_the_surgeon() -> None:
    nobody = replace(line("99213"), npi=None)
    assert rules(found(nobody, history=(HISTORY,))) == [("modifier.24", "error", ("99213", "27447"))]


def test_24_for_the_condition_of_the_procedure_is_doubted() -> None:
    (doubted,) = found(line("99213", "24"), history=(HISTORY,), diagnosis="M1711")
    assert (doubted.rule, doubted.severity) == ("modifier.24", "warning")
    assert "M17.11" in doubted.message
    assert not found(line("99213", "24"), history=(HISTORY,), diagnosis="J189")


DECISION = [
    # day of the visit, day of the major procedure, modifiers, severity of the finding
    (20260710, 20260710, (), "error"),
    (20260709, 20260710, (), "error"),
    (20260708, 20260710, (), None),
    (20260710, 20260710, ("57",), None),
    (20260709, 20260710, ("57",), None),
    (20260710, 20260710, ("25",), "warning"),
    (20260630, 20260701, (), "error"),  # the day before, over the end of a month
]


@pytest.mark.parametrize(("visit", "surgery", "modifiers", "severity"), DECISION)
def test_the_decision_for_major_surgery_needs_57(
    visit: int, surgery: int, modifiers: tuple[str, ...], severity: str | None
) -> None:
    findings = found(line("99213", *modifiers, day=visit), line("27447", day=surgery))
    assert [(one.rule, one.severity, one.lines) for one in findings] == (
        [("modifier.57", severity, (1, 2))] if severity else []
    )


def test_the_surgery_may_stand_on_another_claim() -> None:
    tomorrow = PriorService("66984", 20260711, NPI)
    assert rules(found(line("99213"), history=(tomorrow,))) == [("modifier.57", "error", ("99213", "66984"))]


@pytest.mark.parametrize("minor", ["10060", "20610"])
def test_a_visit_beside_a_minor_procedure_needs_25(minor: str) -> None:
    assert rules(found(line("99213"), line(minor))) == [("modifier.25", "warning", ("99213", minor))]
    assert not found(line("99213", "25"), line(minor))
    assert not found(line("99213"), line(minor, day=20260711), history=())
    assert not found(line("99213"), line("71046"))


def test_a_visit_is_told_of_one_modifier_only() -> None:
    """A PTP edit asks for 25 as well: it is told once, and as 57 where the surgery is major."""
    pairs = [("20610", "99213", 20130401, 99991231, 1, "x"), ("27447", "99213", 20130401, 99991231, 1, "x")]
    tables = replace(TABLES, ptp=PtpTable(build_ptp(pairs, {"release": "2026q3"})))
    minor = [one.rule for one in found(line("99213"), line("20610"), tables=tables)]
    major = [one.rule for one in found(line("99213"), line("27447"), tables=tables)]
    assert minor == ["ncci.ptp", "modifier.25"]
    assert major == ["ncci.ptp", "modifier.57"]


FURTHER = [
    ("10060", (), [("modifier.global", "error", ("10060", "27447"))]),
    ("10060", ("58",), []),
    ("10060", ("78",), []),
    ("10060", ("79",), []),
    ("71046", (), []),  # diagnostic tests are not in the package
    ("15272", (), []),  # ZZZ goes with the code it is added to
]


@pytest.mark.parametrize(("code", "modifiers", "expected"), FURTHER)
def test_a_further_procedure_says_how_it_stands_to_the_first(
    code: str, modifiers: tuple[str, ...], expected: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    findings = found(line(code, *modifiers), history=(HISTORY,))
    assert rules(findings) == expected
    assert all(one.bypass == ("58", "78", "79") for one in findings)


NEEDLESS = [
    (line("10060", "78"), "modifier.global"),
    (line("99213", "24"), "modifier.24"),
    (line("99213", "57"), "modifier.57"),
]


@pytest.mark.parametrize(("made", "rule"), NEEDLESS)
def test_a_modifier_of_a_package_that_is_not_there_is_doubted(made: ClaimLine, rule: str) -> None:
    assert [(one.rule, one.severity) for one in found(made, history=())] == [(rule, "warning")]
    # Nobody looked for other claims: nothing can be said.
    assert not found(made)


def test_57_beside_a_minor_procedure_is_doubted_without_history() -> None:
    assert [one.rule for one in found(line("99213", "57"), line("20610"))] == ["modifier.57"]


def test_the_package_binds_practitioners_not_facilities() -> None:
    assert not found(line("99213"), line("27447"), setting="outpatient")


def test_without_global_days_nothing_is_said() -> None:
    assert not found(line("99213"), line("27447"), tables=DayTables(MODIFIERS))


def test_a_finding_names_the_manual_and_the_table() -> None:
    (one,) = found(line("99213"), line("27447"))
    assert "chapter 12, 40.1" in one.citation
    assert one.citation.endswith("MPFS global days 2024")
