"""A chart in a coder's hands with small tables of edits behind it, in their publishers' layouts.

Services of 2026-09-15: 45385 takes 45378 with it (indicator 0), 97530 takes 97116 unless a modifier sets them
apart (indicator 1), 20610 takes an office visit unless it has 25; 20610 has an MUE of 2 (MAI 3), A9276 of 3
(MAI 1), 45385 of 1 (MAI 2).  Diagnoses are those of a handmade tabular list: N18.- stands after E11.22, E11.9
and E10.9 exclude each other.
"""

# ruff: noqa: E501 - the tabular list is laid out as its publisher does

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils import timezone

from code_sets import selectors
from code_sets.actions.edit_tables import load_edit_table, publish
from code_sets.actions.releases import load_release_file
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.actions.coding import Attributes, Words, assign_code, cite
from encounters.actions.leases import take_chart
from encounters.actions.overrides import Statement, override_finding
from encounters.models import CodeAssignment, DocumentVersion, EditOverride, Encounter
from encounters.rules.edit_findings import EditFinding
from encounters.selectors.readiness import Judged, judged
from tests import cast
from tests.rules.code_sets.edit_files import mue_file, ptp_file, unwatched

NOTE = """Visit of 09/15/2026.

Subjective: right knee pain for two weeks; blood pressure reviewed and losartan increased.
Procedure: injection of the right knee, 40 mg triamcinolone.
Therapy: gait training for 15 minutes in the morning session.
Therapeutic activities for 30 minutes in a separate afternoon session.
Type 1 diabetes was ruled out in 2019; type 2 diabetes without complications.
"""

TABULAR = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular>
  <version>2026</version>
  <introduction><introSection type="title"><title>TABULAR LIST</title></introSection></introduction>
  <chapter>
    <name>4</name>
    <desc>Endocrine diseases (E00-E89)</desc>
    <sectionIndex><sectionRef first="E08" last="E13" id="E08-E13">Diabetes mellitus</sectionRef></sectionIndex>
    <section id="E08-E13">
      <desc>Diabetes mellitus (E08-E13)</desc>
      <diag><name>E10</name><desc>Type 1 diabetes mellitus</desc>
        <excludes1><note>type 2 diabetes mellitus (E11.-)</note></excludes1>
        <diag><name>E10.9</name><desc>Type 1 diabetes mellitus without complications</desc></diag></diag>
      <diag><name>E11</name><desc>Type 2 diabetes mellitus</desc>
        <diag><name>E11.22</name><desc>Type 2 diabetes mellitus with diabetic chronic kidney disease</desc></diag>
        <diag><name>E11.9</name><desc>Type 2 diabetes mellitus without complications</desc></diag></diag>
    </section>
  </chapter>
  <chapter>
    <name>9</name>
    <desc>Diseases of the circulatory system (I00-I99)</desc>
    <sectionIndex><sectionRef first="I10" last="I1A" id="I10-I1A">Hypertensive diseases</sectionRef></sectionIndex>
    <section id="I10-I1A">
      <desc>Hypertensive diseases (I10-I1A)</desc>
      <diag><name>I10</name><desc>Essential (primary) hypertension</desc></diag>
    </section>
  </chapter>
  <chapter>
    <name>14</name>
    <desc>Diseases of the genitourinary system (N00-N99)</desc>
    <sectionIndex><sectionRef first="N17" last="N19" id="N17-N19">Kidney failure</sectionRef></sectionIndex>
    <section id="N17-N19">
      <desc>Kidney failure (N17-N19)</desc>
      <diag><name>N18</name><desc>Chronic kidney disease (CKD)</desc>
        <codeFirst><note>any associated: diabetic chronic kidney disease (E11.22)</note></codeFirst>
        <diag><name>N18.31</name><desc>Chronic kidney disease, stage 3a</desc></diag></diag>
    </section>
  </chapter>
</ICD10CM.tabular>
"""


@contextmanager
def own_folder(settings: Any, folder: Path) -> Iterator[None]:
    """Tables of this test alone."""
    settings.CODE_INDEX_DIR = folder
    selectors.forget_releases()
    yield
    selectors.forget_releases()


def load_tables(folder: Path, *, ptp: Any = None, name: str = "ccipra-v322r0-f1.txt") -> None:
    """The small releases: diagnoses, pairs of procedures, units."""
    tabular = folder / "icd10cm_tabular_2026.xml"
    tabular.write_text(TABULAR, "utf-8")
    load_release_file(system="ICD-10-CM", path=tabular, release=None, progress=unwatched)
    load_pairs(folder, ptp=ptp, name=name)
    load_edit_table(system="NCCI-MUE-PRACTITIONER", path=mue_file(folder), release=None, progress=unwatched)
    settle()


def load_pairs(folder: Path, *, ptp: Any = None, name: str = "ccipra-v322r0-f1.txt") -> None:
    """A release of pairs of procedures; the name says its quarter."""
    path = ptp_file(folder, name=name) if ptp is None else ptp_file(folder, ptp, name)
    load_edit_table(system="NCCI-PTP-PRACTITIONER", path=path, release=None, progress=unwatched)
    settle()


def settle() -> None:
    """What a commit would do: the test's own transaction never commits."""
    from code_sets.actions.releases import _publish

    publish()
    _publish()
    selectors.forget_releases()


@dataclass
class Held:
    """A chart in a coder's hands."""

    here: cast.Place
    actor: Actor
    encounter: Encounter
    version: DocumentVersion
    fence: int
    said: io.StringIO = field(default_factory=io.StringIO)

    def words(self, quote: str) -> Words:
        start = self.version.text.index(quote)
        return Words(self.version.pk, start, start + len(quote))

    def add(self, code: str, *quotes: str, system: str = "", **attributes: Any) -> CodeAssignment:
        kind = system or ("CPT" if code.isdigit() else "ICD-10-CM")
        return assign_code(
            actor=self.actor,
            encounter=self.encounter,
            fence=self.fence,
            system=kind,
            code=code,
            evidence=[self.words(quote) for quote in quotes],
            attributes=Attributes(**attributes),
        )

    def cite(self, row: CodeAssignment, quote: str) -> None:
        cite(
            actor=self.actor,
            encounter=self.encounter,
            fence=self.fence,
            assignment_id=row.pk,
            words=self.words(quote),
        )

    def fresh(self) -> Encounter:
        return Encounter.objects.get(pk=self.encounter.pk)

    def judged(self) -> Judged:
        return judged(self.fresh())

    def finding(self, rule: str) -> EditFinding:
        (found,) = [one for one in self.judged().edits.findings if one.rule == rule]
        return found

    def rules(self) -> list[str]:
        """What claim edits say; support of risk adjustment has tests of its own."""
        return [one.rule for one in self.judged().edits.findings if not one.rule.startswith("hcc.")]

    def override(self, rule: str, reason: str, note: str = "", quote: str = "") -> EditOverride:
        return override_finding(
            actor=self.actor,
            encounter=self.encounter,
            fence=self.fence,
            key=self.finding(rule).key,
            statement=Statement(reason, note, self.words(quote) if quote else None),
        )


def held(here: cast.Place, actor: Actor, note: str = NOTE, **attributes: Any) -> Held:
    """Takes a chart; the scope must be open."""
    made = cast.encounter(here, note=note, **attributes)
    item = take_chart(actor=actor, item=cast.item_of(made), now=timezone.now())
    version = DocumentVersion.objects.get(document__encounter=made)
    return Held(here, actor, made, version, item.fence)


def coder_of(here: cast.Place) -> Actor:
    return cast.actor_for(cast.coder("Rosalind Ames", here), Role.CODER)
