"""`codes.pcs`: JSON in; how far an ICD-10-PCS code has come and which values may follow out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from code_sets.pcs_tables import pcs_tables_on
from code_sets.rule_input import Fields, invalid
from code_sets.rules.pcs import Axis, Build, build
from coding_ops.core.errors import InvalidInput

CITATION = "CMS ICD-10-PCS Official Guidelines, conventions A1, A4, A8, A9; ICD-10-PCS Tables"


def pcs(request: Mapping[str, Any]) -> dict[str, Any]:
    """`codes.pcs`: {"on": day of discharge, "prefix": "" to seven characters, "release": null (by date)} ->
    {"prefix", "chosen": [{"position", "axis", "value", "label"}], "next": {"position", "axis", "values":
    [{"value", "label", "definition"}]} or null, "valid", "operation", "trace"}. A label is null where the
    release's file gives none.

    Raises InvalidInput for a character that no row allows at its place; Refused where no tables are loaded.
    """
    fields = Fields(request)
    on = fields.day("on")
    typed = fields.values.get("prefix")
    if not isinstance(typed, str):
        raise invalid("prefix", "must be a text")
    release = fields.values.get("release")
    if release is not None and not isinstance(release, str):
        raise invalid("release", "must be a text")
    entry, tables = pcs_tables_on(on, release)
    found = build(tables, typed)
    if found.refused or len("".join(typed.split())) > len(found.prefix):
        raise InvalidInput(refusal_of(found), code="pcs.value", details={"path": "prefix"})
    return {
        "prefix": found.prefix,
        "chosen": [
            {"position": one.position, "axis": one.name, "value": one.value, "label": one.label}
            for one in found.chosen
        ],
        "next": _axis(found.next) if found.next is not None else None,
        "valid": found.valid,
        "operation": found.operation,
        "trace": [
            {
                "rule": "pcs.tables",
                "why": f"tables in force on {on}",
                "edition": f"ICD-10-PCS {entry.release}",
                "citation": CITATION,
            }
        ],
    }


def refusal_of(found: Build) -> str:
    """Why the next character cannot stand, in words for the coder."""
    if found.next is None:
        return f"{found.prefix} is a whole code: it has seven characters."
    after = f" after {found.prefix}" if found.prefix else ""
    return f"{found.refused} is not a value of {found.next.name}{after}."


def _axis(axis: Axis) -> dict[str, Any]:
    return {
        "position": axis.position,
        "axis": axis.name,
        "values": [
            {"value": one.value, "label": one.label, "definition": one.definition} for one in axis.values
        ],
    }
