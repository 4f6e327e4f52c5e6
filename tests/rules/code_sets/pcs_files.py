"""A few ICD-10-PCS tables in the layouts they are published in, cut down from CMS's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from code_sets.loaders.base import SourceFile
from code_sets.loaders.pcs_tables import load
from code_sets.rules.pcs_table import PcsTables

OPEN, PERC, ENDO = {"0": "Open"}, {"3": "Percutaneous"}, {"4": "Percutaneous Endoscopic"}
NO_DEVICE, NO_QUALIFIER = {"Z": "No Device"}, {"Z": "No Qualifier"}
INSERTION = "Putting in a nonbiological appliance"
REPLACEMENT = "Putting in or on biological or synthetic material that takes the place of a body part"


def _row(*axes: Mapping[str, str | None], names: Sequence[str] = ()) -> dict[str, Any]:
    named = names or ("Body Part", "Approach", "Device", "Qualifier")
    return {f"{name}|{at}": dict(axis) for at, name, axis in zip(range(4, 8), named, axes, strict=True)}


def table(prefix: str, heads: Sequence[str | None], definition: str | None, *rows: Any) -> dict[str, Any]:
    section, system, operation = heads
    return {
        "table": prefix,
        "section": section,
        "body_system": system,
        "operation": operation,
        "definition": definition,
        "rows": list(rows),
    }


MED = "Medical and Surgical"
TABLES = (
    # Convention A9's example: 0JHT3VZ is a valid code, 0JHW3VZ is not.
    table(
        "0JH",
        (MED, "Subcutaneous Tissue and Fascia", "Insertion"),
        INSERTION,
        _row(
            {"S": "Head and Neck", "V": "Upper Extremity", "W": "Lower Extremity"},
            OPEN | PERC,
            {"1": "Radioactive Element", "3": "Infusion Device"},
            NO_QUALIFIER,
        ),
        _row(
            {"T": "Trunk"},
            OPEN | PERC,
            {"1": "Radioactive Element", "3": "Infusion Device", "V": "Infusion Pump"},
            NO_QUALIFIER,
        ),
    ),
    # Convention A5's example: device 3 differs between Insertion and Replacement of a lower joint.
    table(
        "0SH",
        (MED, "Lower Joints", "Insertion"),
        INSERTION,
        _row({"9": "Hip Joint, Right"}, OPEN | PERC | ENDO, {"3": "Infusion Device"}, NO_QUALIFIER),
    ),
    table(
        "0SR",
        (MED, "Lower Joints", "Replacement"),
        REPLACEMENT,
        _row(
            {"9": "Hip Joint, Right", "B": "Hip Joint, Left"},
            OPEN,
            {"3": "Synthetic Substitute, Ceramic"},
            {"9": "Cemented", "A": "Uncemented", "Z": "No Qualifier"},
        ),
    ),
    # A table whose words its publisher does not give: only the characters.
    table(
        "0TR",
        (None, None, None),
        None,
        _row({"0": "Kidney, Right", "Q": None}, OPEN, {"J": "Synthetic Substitute"}, NO_QUALIFIER),
    ),
    table(
        "GZB",
        ("Mental Health", "None", "Electroconvulsive Therapy"),
        None,
        _row(
            {"0": "Unilateral-Single Seizure", "4": "Other Electroconvulsive Therapy"},
            {"Z": "None"},
            {"Z": "None"},
            {"Z": "None"},
            names=("Qualifier",) * 4,
        ),
    ),
)
CODE_COUNT = 3 * 2 * 2 + 2 * 3 + 3 + 2 * 3 + 2 + 2


def json_file(
    folder: Path, tables: Sequence[Any] = TABLES, name: str = "icd10pcs_tables_fy2027.json"
) -> Path:
    path = folder / name
    path.write_text(json.dumps(list(tables)), "utf-8")
    return path


def xml_text(tables: Sequence[Any] = TABLES, version: str = "2027") -> str:
    """The same tables in the layout of icd10pcs_tables_2027.xml."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<ICD10PCS.tabular>", f"<version>{version}</version>"]
    lines.append("<title>ICD-10-PCS Tables</title>")
    for one in tables:
        lines.append("<pcsTable>")
        heads = (("Section", "section"), ("Body System", "body_system"), ("Operation", "operation"))
        for at, (title, key) in enumerate(heads, 1):
            meaning = f"<definition>{one['definition']}</definition>" if at == 3 and one["definition"] else ""
            lines.append(_axis(at, title, {one["table"][at - 1]: one[key]}, meaning))
        for row in one["rows"]:
            count = 1
            for labels in row.values():
                count *= len(labels)
            lines.append(f'<pcsRow codes="{count}">')
            for key, labels in row.items():
                name, position = key.split("|")
                lines.append(_axis(int(position), name, labels))
            lines.append("</pcsRow>")
        lines.append("</pcsTable>")
    return "\n".join([*lines, "</ICD10PCS.tabular>", ""])


def _axis(position: int, title: str, labels: Mapping[str, str | None], more: str = "") -> str:
    shown = "".join(f'<label code="{value}">{label or ""}</label>' for value, label in labels.items())
    return f'<axis pos="{position}" values="{len(labels)}"><title>{title}</title>\n{shown}{more}</axis>'


def xml_file(folder: Path, text: str | None = None, name: str = "icd10pcs_tables_2027.xml") -> Path:
    path = folder / name
    path.write_text(xml_text() if text is None else text, "utf-8")
    return path


def tables_of(path: Path) -> PcsTables:
    """The tables as a worker maps them."""
    return PcsTables(load(SourceFile.read(path), None, lambda *_: None).data)
