"""A chart in a coder's hands, for tests of leveling, MEAT and risk adjustment.  The scope must be open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.actions.changes import code_set
from encounters.actions.cited_state import facts_state, level_state
from encounters.actions.coding import Words, assign_code
from encounters.actions.leases import take_chart
from encounters.models import CodeAssignment, DocumentVersion, Encounter
from tests import cast

NOTE = """Problem list:
Chronic systolic heart failure
COPD

Past medical history: breast cancer 2009, mastectomy.

Assessment and plan:
1. Type 2 diabetes with diabetic chronic kidney disease, stage 3a. eGFR 52 reviewed.
2. Hypertension, stable. Continue losartan. BMP ordered, outside cardiology note reviewed.
Total time on the date: 41 minutes.

Electronically signed: N. Okafor, MD, 09/15/2026 4:42 PM
"""


@dataclass
class Bench:
    """The chart, who codes it, and its note."""

    here: cast.Place
    actor: Actor
    encounter: Encounter
    version: DocumentVersion
    fence: int

    def words(self, quote: str) -> Words:
        start = self.version.text.index(quote)
        return Words(self.version.pk, start, start + len(quote))

    def act(self, **more: Any) -> dict[str, Any]:
        return {"actor": self.actor, "encounter": self.encounter, "fence": self.fence, **more}

    def add(self, code: str, *quotes: str, system: str = "ICD-10-CM") -> CodeAssignment:
        return assign_code(**self.act(system=system, code=code, evidence=[self.words(q) for q in quotes]))

    def stored(self) -> tuple[Any, Any, Any]:
        """Everything a refusal must leave as it was."""
        return code_set(self.encounter), level_state(self.encounter), facts_state(self.encounter)


def bench(here: cast.Place, note: str = NOTE, **attributes: Any) -> Bench:
    """A chart taken by Rosalind Ames."""
    rosalind = cast.coder("Rosalind Ames", here)
    made = cast.encounter(here, note=note, **attributes)
    actor = cast.actor_for(rosalind, Role.CODER)
    item = take_chart(actor=actor, item=cast.item_of(made), now=timezone.now())
    version = DocumentVersion.objects.get(document__encounter=made)
    return Bench(here, actor, made, version, item.fence)
