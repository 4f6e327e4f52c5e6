"""A client's rules on a chart: they judge its edits while it is coded, and count what became of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from coding_ops.core.errors import DomainError
from coding_ops.tenancy.models import Role
from edit_rules.actions.rules import create_rule, switch_rule
from edit_rules.models import EditOutcome, EditRule
from edit_rules.rules.apply import Level
from edit_rules.rules.conditions import Conditions, parse_conditions
from edit_rules.rules.content import Content
from encounters.actions.coding import Attributes, Words, assign_code
from encounters.actions.finalize import finalize
from encounters.actions.leases import take_chart
from encounters.models import CodeAssignment, Coverage, DocumentVersion, Encounter
from encounters.selectors.edits import LiveEdits, edits_of
from encounters.selectors.readiness import setting_of
from tests import cast

pytestmark = pytest.mark.django_db
ALONE = Content(
    name="25 alone is fine here",
    level=Level.ERROR,
    conditions=Conditions(),
    effective_from=date(2026, 1, 1),
    citation="Aetna payment policy 25",
    citation_on=date(2026, 1, 1),
)
OWN = replace(
    ALONE,
    name="Kidney disease is staged by eGFR",
    level=Level.WARNING,
    conditions=parse_conditions(
        {
            "groups": [
                {"about": "claim", "conditions": [{"fact": "diagnosis", "op": "has", "values": ["N18*"]}]},
                {"about": "any_line", "conditions": [{"fact": "code", "op": "is", "values": ["992*"]}]},
            ]
        }
    ),
    message="{code}: cite the eGFR.",
    satisfy="Cite the eGFR of the last three months.",
)


class Chart:
    """A visit with 25 on it that stands alone, in a coder's hand; its payer is Aetna."""

    def __init__(self) -> None:
        cast.icd10cm()
        self.here = cast.cypress()
        self.lead = cast.actor_for(cast.person("Marguerite Lowell", (self.here, Role.MANAGER)), Role.MANAGER)
        self.coder = cast.actor_for(cast.coder("Rosalind Ames", self.here), Role.CODER)
        with cast.opened(self.here):
            patient = cast.patient(self.here)
            coverage = Coverage.objects.create(
                client=self.here.client,
                patient=patient,
                payer_name="Aetna",
                member_id="1",
                member_index=b"1" * 16,
            )
            self.encounter = cast.encounter(self.here, patient=patient, coverage=coverage)
            item = cast.item_of(self.encounter)
            self.fence = take_chart(actor=self.coder, item=item, now=timezone.now()).fence
            version = DocumentVersion.objects.get(document__encounter=self.encounter)
            pointers: tuple[Any, ...] = ()
            for system, code, quote in (
                ("ICD-10-CM", "E1122", "Type 2 diabetes with diabetic chronic kidney disease"),
                ("ICD-10-CM", "N1831", "stage 3a"),
                ("CPT", "99213", "Hypertension, above goal"),
            ):
                start = version.text.index(quote)
                service = system == "CPT"
                made = assign_code(
                    actor=self.coder, encounter=self.encounter, fence=self.fence, system=system, code=code,
                    evidence=[Words(version.pk, start, start + len(quote))],
                    attributes=Attributes(modifiers=("25",), pointers=pointers) if service else Attributes(),
                )  # fmt: skip
                pointers = (*pointers, made.pk)

    def rule(self, content: Content, *, builtin: str = "", payer: str = "") -> EditRule:
        return create_rule(
            actor=self.lead, client_id=self.here.client.pk, builtin=builtin, payer_name=payer,
            content=content, reason="It is the policy.",
        )  # fmt: skip

    def edits(self) -> LiveEdits:
        chart = Encounter.objects.get(pk=self.encounter.pk)
        rows = (
            CodeAssignment.objects.filter(encounter=chart)
            .prefetch_related("evidence")
            .order_by("kind", "position")
        )
        return edits_of(chart, list(rows), setting_of(chart))

    def level(self, rule: str) -> list[str]:
        return [one.level for one in self.edits().findings if one.rule == rule]


@pytest.fixture
def chart() -> Chart:
    return Chart()


def test_the_payers_level_holds_before_the_clients_and_the_engines(chart: Chart) -> None:
    with cast.opened(chart.here):
        assert chart.level("modifier.25") == ["warning"]
        chart.rule(replace(ALONE, level=Level.INFO), builtin="modifier.25")
        assert chart.level("modifier.25") == ["info"]
        payer = chart.rule(replace(ALONE, level=Level.ERROR), builtin="modifier.25", payer="Aetna")
        assert chart.level("modifier.25") == ["error"]
        (finding,) = [one for one in chart.edits().findings if one.rule == "modifier.25"]
        assert "Rule 2, 25 alone is fine here: Payer is Aetna." in finding.decided_by
        chart.rule(replace(ALONE, level=Level.OFF), builtin="modifier.25", payer="Cigna")
        assert chart.level("modifier.25") == ["error"]
        switch_rule(
            actor=chart.lead, client_id=chart.here.client.pk, rule_id=payer.pk, base_version=1, on=False,
            reason="The payer withdrew it.", today=date(2026, 9, 1),
        )  # fmt: skip
        assert chart.level("modifier.25") == []
        assert [one.rule for one in chart.edits().switched_off] == ["modifier.25"]


def test_a_rule_of_a_later_day_leaves_the_chart_alone(chart: Chart) -> None:
    with cast.opened(chart.here):
        chart.rule(replace(ALONE, effective_from=date(2026, 9, 16)), builtin="modifier.25")
        assert chart.level("modifier.25") == ["warning"]


def test_an_error_of_the_client_stops_finalizing_and_a_warning_is_counted(chart: Chart) -> None:
    with cast.opened(chart.here):
        own = chart.rule(OWN)
        block = chart.rule(ALONE, builtin="modifier.25", payer="Aetna")
        with pytest.raises(DomainError):
            finalize(actor=chart.coder, encounter=chart.encounter, fence=chart.fence)
        assert EditOutcome.objects.count() == 0
        switch_rule(
            actor=chart.lead, client_id=chart.here.client.pk, rule_id=block.pk, base_version=1, on=False,
            reason="The payer withdrew it.", today=date(2026, 9, 1),
        )  # fmt: skip
        finalize(actor=chart.coder, encounter=chart.encounter, fence=chart.fence)
        (outcome,) = EditOutcome.objects.filter(rule="client.1")
        assert (outcome.level, outcome.outcome, outcome.codes) == ("warning", "fired", ["99213", "N1831"])
        assert outcome.rule_version is not None and outcome.rule_version.rule_id == own.pk


def test_a_final_chart_keeps_the_rules_it_was_final_with(chart: Chart) -> None:
    with cast.opened(chart.here):
        finalize(actor=chart.coder, encounter=chart.encounter, fence=chart.fence)
        chart.rule(replace(ALONE, level=Level.INFO), builtin="modifier.25")
        assert chart.level("modifier.25") == ["warning"]
