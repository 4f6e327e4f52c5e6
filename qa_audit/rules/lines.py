"""Between stored codes and the lines that `qa.score` compares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from qa_audit.rules.audit_lines import CodeLine, Taxonomy


def line_of_revision(row: Mapping[str, Any]) -> dict[str, Any]:
    """A code of a `CodeRevision` as a line.  An exception with its reason stands for evidence."""
    anchored = any(link.get("state") == "anchored" for link in row.get("evidence", ()))
    return {
        "kind": row["kind"],
        "system": row["system"],
        "code": row["code"],
        "position": row["position"],
        "modifiers": list(row.get("modifiers", ())),
        "units": row.get("service_unit_quantity", 1),
        "poa": row.get("present_on_admission") or None,
        "evidence": anchored or bool(row.get("exception_reason")),
    }


def lines_of_revision(codes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """All codes of a revision, diagnoses first, in claim order."""
    return [line_of_revision(row) for row in sorted(codes, key=lambda row: (row["kind"], row["position"]))]


def shown(line: Mapping[str, Any] | None) -> str:
    """A line in words: ``99213-25 ×2``; empty without one."""
    if line is None:
        return ""
    code = str(line["code"])
    if line["kind"] == "dx" and len(code) > 3:
        code = f"{code[:3]}.{code[3:]}"
    text = "-".join([code, *line.get("modifiers", ())])
    return f"{text} ×{line['units']}" if int(line.get("units", 1)) > 1 else text


def code_line(index: int, line: Mapping[str, Any], *, cause: str = "", taxonomy: Taxonomy) -> CodeLine:
    """A stored line as the comparison takes it; a cause that is not the coder's leaves it uncharged."""
    is_procedure = line.get("system") == "ICD-10-PCS"
    return CodeLine(
        index=index,
        group="dx" if line["kind"] == "dx" else "pcs" if is_procedure else "px",
        code=str(line["code"]),
        position=int(line["position"]),
        modifiers=tuple(line.get("modifiers", ())),
        units=int(line.get("units", 1)),
        poa=line.get("poa") or None,
        evidence=bool(line.get("evidence", True)),
        charged=cause not in taxonomy.not_charged,
    )
