"""`codes.hcc` for the HHS-HCC models, which are scored by tables that were loaded."""

from __future__ import annotations

from code_sets.edit_store import TableEntry
from code_sets.hcc_loaded import loaded_release, loaded_releases
from code_sets.loaders.hhs_hcc import SYSTEM
from code_sets.rule_input import Fields
from code_sets.rules.hhs_hcc import METALS, Enrollee
from coding_ops.core.errors import Refused

MODEL = "HHS-HCC"
SEXES = ("F", "M")
OLDEST = 130
MONTHS = 12


def chosen_tables(fields: Fields) -> TableEntry:
    """The loaded tables of the benefit year a request asks for. Raises Refused, saying what to load."""
    loaded = loaded_releases(SYSTEM)
    if not loaded:
        raise Refused(
            f"{MODEL} is not scored: its tables are not loaded. Load those of the benefit year: "
            f"load_release {SYSTEM} FOLDER --release 2026.",
            code="hcc.no_tables",
            details={"path": "model"},
        )
    year = fields.whole("payment_year", 2000, 2100)
    found = loaded_release(SYSTEM, str(year))
    if found is None:
        known = ", ".join(one.release for one in loaded)
        raise Refused(
            f"There are no tables of {MODEL} for benefit year {year}, only for {known}.",
            code="hcc.no_tables",
            details={"path": "payment_year"},
        )
    return found


def enrollee_of(fields: Fields) -> Enrollee:
    """Who is scored. Raises InvalidInput naming the field."""
    variant = fields.values.get("cost_sharing")
    return Enrollee(
        age=fields.whole("age", 0, OLDEST),
        sex=fields.choice("sex", SEXES),
        metal=fields.choice("metal", METALS),
        months=fields.whole_or_none("enrollment_months", 1, MONTHS) or MONTHS,
        cost_sharing="" if variant is None else fields.text("cost_sharing"),
    )
