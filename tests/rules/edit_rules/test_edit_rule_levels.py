"""Which rule decides the level of a finding, what an own check tells, and what a rule would have done."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from code_sets.rules.edits.claim import Claim, ClaimLine, Finding
from edit_rules.rules.apply import Level, Overlay, apply_overlays, judge
from edit_rules.rules.builtin import BUILT_IN
from edit_rules.rules.conditions import Conditions, parse_conditions
from edit_rules.rules.dry_run import DryRun, Sample, try_out
from edit_rules.rules.facts import ClaimFacts
from encounters.rules.hcc_support import Support

DAY = 20261101
ENGINE = Path(__file__).resolve().parents[3] / "code_sets" / "rules" / "edits"
CLAIM = Claim(
    setting="practitioner",
    diagnoses=("E1122", "I10"),
    lines=(
        ClaimLine(1, "99213", DAY, modifiers=("25",), pointers=(1,)),
        ClaimLine(2, "20610", DAY, pointers=(2,)),
        ClaimLine(3, "99214", DAY, pointers=(1,)),
    ),
)
AETNA, CIGNA = ClaimFacts(payer_name="Aetna"), ClaimFacts(payer_name="Cigna")
PTP = Finding("ncci.ptp", "error", (1, 2), ("20610", "99213"), "not paid", "NCCI", "remove", ("59",))
MUE = Finding("ncci.mue", "warning", (2,), ("20610",), "too many", "NCCI", "fewer")


def lines_with(*codes: str) -> Conditions:
    return parse_conditions(
        {
            "groups": [
                {"about": "any_line", "conditions": [{"fact": "code", "op": "is", "values": list(codes)}]}
            ]
        }
    )


def rule(number: int, level: str, *, payer: str = "", since: int = 20260101, **more: Any) -> Overlay:
    values: dict[str, Any] = {"builtin": "ncci.ptp", "conditions": Conditions()} | more
    return Overlay(
        number=number,
        version=1,
        name=f"rule {number}",
        level=Level(level),
        effective_from=since,
        payer=payer,
        **values,
    )


PRECEDENCE: list[tuple[str, list[Overlay], ClaimFacts, str, int | None]] = [
    ("no rule: the engine's level", [], AETNA, "error", None),
    ("a rule of the client", [rule(1, "warning")], AETNA, "warning", 1),
    ("a rule of another payer", [rule(1, "info", payer="Cigna")], AETNA, "error", None),
    (
        "the payer's before the client's, though older",
        [rule(1, "off"), rule(2, "info", payer="Aetna", since=20250101)],
        AETNA,
        "info",
        2,
    ),
    (
        "the payer's does not reach another payer",
        [rule(1, "warning"), rule(2, "info", payer="Aetna")],
        CIGNA,
        "warning",
        1,
    ),
    ("the later first day", [rule(2, "info"), rule(1, "warning", since=20260601)], AETNA, "warning", 1),
    (
        "the higher number when the day is the same",
        [rule(3, "info"), rule(4, "warning")],
        AETNA,
        "warning",
        4,
    ),
    ("a rule of another edit", [rule(1, "off", builtin="ncci.mue")], AETNA, "error", None),
    ("conditions that do not hold", [rule(1, "off", conditions=lines_with("99499"))], AETNA, "error", None),
    (
        "no payer is known: only the client's",
        [rule(1, "info"), rule(2, "off", payer="Aetna")],
        ClaimFacts(),
        "info",
        1,
    ),
    ("payers are compared without case", [rule(1, "info", payer="AETNA ")], AETNA, "info", 1),
]


@pytest.mark.parametrize(
    ("case", "overlays", "facts", "level", "number"), PRECEDENCE, ids=lambda one: str(one)[:50]
)
def test_one_rule_decides_the_level(
    case: str, overlays: list[Overlay], facts: ClaimFacts, level: str, number: int | None
) -> None:
    for order in (overlays, overlays[::-1]):
        judged = judge([PTP], CLAIM, facts, order)
        (found,) = (*judged.findings, *judged.switched_off)
        assert found.level == level, case
        assert found.default_level == "error"
        assert (found.overlay.number if found.overlay else None) == number


def test_what_is_switched_off_is_left_out_and_told_apart() -> None:
    off = rule(1, "off", payer="Aetna", citation="Aetna policy 12 of 01/01/2026")
    assert [one.rule for one in apply_overlays([PTP, MUE], CLAIM, AETNA, [off])] == ["ncci.mue"]
    (gone,) = judge([PTP, MUE], CLAIM, AETNA, [off]).switched_off
    assert gone.why == "Rule 1, rule 1: Payer is Aetna. Aetna policy 12 of 01/01/2026"


def test_line_by_line_a_level_is_set_only_for_findings_of_those_lines() -> None:
    only = rule(1, "info", conditions=lines_with("99214"), per_line=True)
    other = PTP._replace(lines=(2, 3), codes=("20610", "99214"))
    assert [one.level for one in apply_overlays([PTP, other], CLAIM, AETNA, [only])] == ["error", "info"]


def own(level: str = "warning", **more: Any) -> Overlay:
    values: dict[str, Any] = {
        "builtin": "",
        "conditions": lines_with("99213-99215"),
        "message": "{payer}: line {line} ({code}) needs a note.",
        "satisfy": "Add it to {code}.",
        "citation": "Policy 7 of 12/01/2025",
        "bypass": ("24",),
    } | more
    return rule(12, level, **values)


def test_an_own_check_tells_one_finding_of_the_claim_or_one_a_line() -> None:
    (whole,) = apply_overlays([], CLAIM, AETNA, [own()])
    assert (whole.rule, whole.lines, whole.codes) == ("client.12", (1, 3), ("99213", "99214"))
    assert whole.message == "Aetna: line 1, 3 (99213, 99214) needs a note."
    assert (whole.citation, whole.bypass, whole.default_level) == ("Policy 7 of 12/01/2025", ("24",), "")
    each = apply_overlays([], CLAIM, AETNA, [own(per_line=True)])
    assert [(one.lines, one.satisfy) for one in each] == [
        ((1,), "Add it to 99213."),
        ((3,), "Add it to 99214."),
    ]


def test_a_payers_name_is_not_read_for_placeholders() -> None:
    (found,) = apply_overlays([], CLAIM, ClaimFacts(payer_name="{line}"), [own()])
    assert found.message.startswith("{line}: line 1, 3")


def test_an_own_check_that_is_off_is_silent_and_one_about_diagnoses_leads_to_them() -> None:
    assert apply_overlays([], CLAIM, AETNA, [own("off")]) == ()
    body = {
        "groups": [{"about": "claim", "conditions": [{"fact": "diagnosis", "op": "has", "values": ["I10"]}]}]
    }
    (found,) = apply_overlays([], CLAIM, AETNA, [own(conditions=parse_conditions(body))])
    assert (found.lines, found.diagnoses, found.codes) == ((), (2,), ("I10",))


def test_findings_keep_their_order_and_own_checks_follow_by_number() -> None:
    found = apply_overlays([MUE, PTP], CLAIM, AETNA, [replace(own(), number=9), own()])
    assert [one.rule for one in found] == ["ncci.mue", "ncci.ptp", "client.9", "client.12"]


def test_a_dry_run_counts_charts_and_findings() -> None:
    plain = replace(CLAIM, lines=CLAIM.lines[1:2])
    samples = [Sample(CLAIM, AETNA), Sample(plain, AETNA), Sample(CLAIM, CIGNA)]
    never = lambda claim: pytest.fail("an own check needs no edits")  # noqa: E731
    assert try_out(own(per_line=True), samples, never) == DryRun(3, 2, 4)
    assert try_out(own("off"), samples, never) == DryRun(3, 2, 2)
    assert try_out(own(payer="Aetna"), samples, never) == DryRun(3, 1, 1)
    assert try_out(rule(1, "off", payer="Cigna"), samples, lambda claim: [PTP, MUE]) == DryRun(3, 1, 1)


def test_a_dry_run_says_its_counts() -> None:
    assert DryRun(500, 12, 12).words == "Would have fired on 12 of the last 500 final charts."
    assert DryRun(2, 1, 3).words == "Would have fired on 1 of the last 2 final charts, with 3 findings."
    assert "nothing to try it on" in DryRun(0, 0, 0).words


def test_every_edit_of_the_engine_can_be_levelled_and_no_other() -> None:
    named = re.compile(r'"((?:code|icd|ncci|modifier|pointer|poa|pos)\.[a-z0-9_]+)"')
    told = {name for path in ENGINE.glob("*.py") for name in named.findall(path.read_text("utf-8"))}
    told |= {support.value for support in Support if support.value.startswith("hcc.")}
    assert told == set(BUILT_IN), "List the engine's rule ids in edit_rules/rules/builtin.py"
