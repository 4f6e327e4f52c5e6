"""A risk adjustment model as a loadable table: which diagnosis belongs to which category, and what follows.

A mapping alone (CMS's yearly lists) replaces the one a package carries; a whole model (RxHCC, HHS-HCC) holds
hierarchies, factors by segment and labels too. Factors are texts with the publisher's decimals.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from code_sets.rules.edits.packed import PackedTable, code_column, code_text, pack
from code_sets.rules.hcc import DiagnosisEdit


@dataclass(frozen=True, slots=True)
class HccModel:
    """`mapping`: categories of a diagnosis; `facts`: what else the model's publisher says, as JSON has it."""

    mapping: Mapping[str, tuple[str, ...]]
    edits: Mapping[str, DiagnosisEdit] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


def build_hcc_model(model: HccModel, meta: dict[str, str]) -> bytes:
    """The table of a model."""
    codes = sorted(model.mapping)
    at, categories = array("I", [0]), array("H")
    for code in codes:
        categories.extend(int(one) for one in model.mapping[code])
        at.append(len(categories))
    edits = {
        code: [edit.sex, edit.fires_through, edit.fires_from, edit.moved_to]
        for code, edit in model.edits.items()
    }
    sections = {
        "codes": code_column(codes),
        "at": at.tobytes(),
        "categories": categories.tobytes(),
        "edits": json.dumps(edits, sort_keys=True).encode(),
        "facts": json.dumps(model.facts, sort_keys=True).encode(),
    }
    return pack(HccModelTable.KIND, sections, meta)


class HccModelTable(PackedTable):
    """Read access to a table made by `build_hcc_model`."""

    KIND = "hcc-model"

    def read(self) -> HccModel:
        """The whole model, as plain mappings (about 10,000 diagnoses)."""
        at, categories = self.numbers("at", "I"), self.numbers("categories", "H")
        mapping = {
            code_text(number): tuple(str(one) for one in categories[at[place] : at[place + 1]])
            for place, number in enumerate(self.codes)
        }
        edits = json.loads(bytes(self.section("edits")))
        return HccModel(
            mapping=mapping,
            edits={code: DiagnosisEdit(*parts) for code, parts in edits.items()},
            facts=json.loads(bytes(self.section("facts"))),
        )
