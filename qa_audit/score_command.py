"""`qa.score`: a coder's lines and an auditor's, to verdicts and all scores."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from code_sets.rule_input import Fields, invalid
from coding_ops.core.statistics import IntervalMethod
from qa_audit.editions import edition_named, newest_edition
from qa_audit.rules.audit_lines import CodeLine, Row, Taxonomy, Verdict
from qa_audit.rules.replay import with_weights
from qa_audit.rules.scoring import Ratio, Scores, beside, judge
from qa_audit.rules.scoring import score as score_rows

METHODS = {
    "agree-over-lines": "code_level",
    "code-over-code": "auditor_denominator",
    "weighted": "weighted",
    "encounter": "encounter_clean",
}
KINDS = ("dx", "pcs", "px", "cpt", "hcpcs", "em", "procedure", "service")
BESIDE = {"query": Verdict.QUERY_MISSED, "observation": Verdict.OBSERVATION}
LINKS = ("pointers", "service_on", "provider", "place_of_service", "disposition")
CAUSES = (
    "guideline_knowledge",
    "documentation_read",
    "tool_edit",
    "documentation_gap",
    "policy_difference",
    "auditor_preference",
)
CENT = Decimal("0.01")


def score(request: Mapping[str, Any]) -> dict[str, Any]:
    """`qa.score`: both sides' lines of one encounter, to the worksheet and its scores.

    {"method": "agree-over-lines" | "code-over-code" | "weighted" | "encounter", "coder": [line],
    "auditor": [line]}; a line is {"kind": "dx" | "pcs" | "px" | "cpt" | "hcpcs" | "em", "code", "position",
    "modifiers", "units", "poa", "evidence"}. Where known also, of a line: "condition", "hcc", "cc_mcc",
    "hac_psi", "bypassed_edit", "sequence_matters", "cause", "pointers", "service_on", "provider",
    "place_of_service", "disposition", "system" (ICD-10-PCS parts procedures of stays); of the request:
    "pairs" ([[coder, auditor]] indexes set by the reviewer), "drg": {"coder", "auditor"}, "interval",
    "confidence", "edition" (of the error table; the newest where left out), "attributes": "in" | "out",
    "weights" (a contract's own). An auditor's line of kind "query" is a query
    missed, of kind "observation" an observation.
    -> {"lines": [{"coder", "auditor", "verdict", "weight", "also", "charged"}], "scores": {...}, "score",
    "trace"}; "coder" and "auditor" are the lines as given or null; a rate is null without a denominator.
    Raises InvalidInput with the path of a field that cannot be read.
    """
    fields = Fields(request)
    method = fields.choice("method", METHODS, default="agree-over-lines")
    table = _taxonomy(fields)
    coder = [_line(one, index, table) for index, one in enumerate(fields.listed("coder"))]
    auditor, others = _auditor(fields, table)
    rows = [*judge(coder, auditor, table, _pairs(fields, coder, auditor)), *others]
    found = score_rows(
        rows,
        confidence=_confidence(fields),
        method=IntervalMethod(
            fields.choice(
                "interval", [one.value for one in IntervalMethod], default=IntervalMethod.WILSON.value
            )
        ),
        attributes_count=fields.choice("attributes", ("in", "out"), default="in") == "in",
    )
    scores = _scores(found)
    if fields.values.get("drg") is not None:
        drg = fields.inner("drg")
        scores["drg"] = {"agree": _drg(drg, "coder") == _drg(drg, "auditor")}
    return {
        "lines": [_row(row, request) for row in rows],
        "scores": scores,
        "score": scores[METHODS[method]],
        "trace": _trace(rows, table, method),
    }


def taxonomy() -> Taxonomy:
    """Weights and categories of the house: the newest edition."""
    return newest_edition()


def _taxonomy(fields: Fields) -> Taxonomy:
    own = fields.inner("weights")
    known = [one.value for one in Verdict]
    for name in own.values:
        if name not in known:
            raise invalid(own.at(name), f"must be one of {', '.join(known)}")
    named = fields.text_or_none("edition")
    table = taxonomy() if named is None else edition_named(named)
    return with_weights(table, {Verdict(name): own.number(name, "0", "100", 3) for name in own.values})


def _auditor(fields: Fields, table: Taxonomy) -> tuple[list[CodeLine], list[Row]]:
    lines, others = [], []
    for index, one in enumerate(fields.listed("auditor")):
        verdict = BESIDE.get(str(one.values.get("kind")))
        if verdict is None:
            lines.append(_line(one, index, table))
        else:
            others.append(beside(CodeLine(index, "", ""), verdict, table))
    return lines, others


def _line(fields: Fields, index: int, table: Taxonomy) -> CodeLine:
    kind = fields.choice("kind", KINDS)
    group = kind if kind in ("dx", "pcs") else "px"
    if group == "px" and fields.values.get("system") == "ICD-10-PCS":
        group = "pcs"
    cause = None if fields.values.get("cause") is None else fields.choice("cause", CAUSES)
    units = fields.whole_or_none("units", 0, 1_000_000)
    return CodeLine(
        index=index,
        group=group,
        code=fields.text("code").replace(".", "").upper(),
        position=fields.whole_or_none("position", 1, 10_000),
        modifiers=tuple(one.upper() for one in fields.texts("modifiers")),
        units=1 if units is None else units,
        poa=None if not fields.values.get("poa") else fields.text("poa").upper(),
        evidence=fields.values.get("evidence") is None or fields.flag("evidence"),
        condition=(fields.text_or_none("condition") or "").casefold(),
        weighty=fields.flag("hcc") or fields.flag("cc_mcc"),
        hospital_acquired=fields.flag("hac_psi"),
        bypassed_edit=fields.flag("bypassed_edit"),
        sequence_matters=fields.flag("sequence_matters"),
        charged=cause is None or cause not in table.not_charged,
        links=tuple(
            (name, str(fields.values[name])) for name in LINKS if fields.values.get(name) is not None
        ),
    )


def _pairs(fields: Fields, coder: list[CodeLine], auditor: list[CodeLine]) -> list[tuple[int, int]]:
    value = fields.values.get("pairs") or []
    if not isinstance(value, list):
        raise invalid("pairs", "must be a list")
    known = ({line.index for line in coder}, {line.index for line in auditor})
    used: tuple[set[int], set[int]] = (set(), set())
    for place, pair in enumerate(value):
        path = f"pairs[{place}]"
        if not isinstance(pair, list) or len(pair) != 2:
            raise invalid(path, "must be [coder's index, auditor's index]")
        for side, index in enumerate(pair):
            if isinstance(index, bool) or not isinstance(index, int) or index not in known[side]:
                raise invalid(f"{path}[{side}]", "must be the index of a line")
            if index in used[side]:
                raise invalid(f"{path}[{side}]", "is paired already")
            used[side].add(index)
    return [(pair[0], pair[1]) for pair in value]


def _confidence(fields: Fields) -> Decimal:
    return fields.number_or_none("confidence", "0.5", "0.9999", 4) or Decimal("0.95")


def _drg(fields: Fields, name: str) -> str:
    return fields.text(name).zfill(3)


def _row(row: Row, request: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "coder": None if row.coder is None else request["coder"][row.coder.index],
        "auditor": None if row.auditor is None else request["auditor"][row.auditor.index],
        "verdict": row.verdict.value,
        "weight": _two(row.weight + row.process_weight),
        "also": [one.value for one in row.also],
        "charged": row.charged,
    }


def _scores(found: Scores) -> dict[str, Any]:
    return {
        "code_level": _ratio(found.code_level),
        "auditor_denominator": _ratio(found.auditor_denominator),
        "coder_denominator": _ratio(found.coder_denominator),
        "weighted": {
            "numerator": _two(max(Decimal(0), found.lines - found.weight)),
            "denominator": found.lines,
            "rate": None if found.weighted is None else str(found.weighted),
            "weight": _two(found.weight),
        },
        "encounter_clean": found.encounter_clean,
        "process_weight": _two(found.process_weight),
        "counts": found.counts,
        "net": {"added": found.added, "removed": found.removed},
    }


def _ratio(found: Ratio) -> dict[str, Any]:
    one = found.interval
    return {
        "numerator": found.numerator,
        "denominator": found.denominator,
        "rate": None if one is None else str(one.rate),
        "low": None if one is None else str(one.low),
        "high": None if one is None else str(one.high),
    }


def _two(value: Decimal) -> str:
    # A contract's weight may have three decimals; they are shown, never rounded away.
    return str(value.quantize(CENT)) if value == value.quantize(CENT) else str(value)


def _trace(rows: list[Row], table: Taxonomy, method: str) -> list[dict[str, Any]]:
    cite = {"edition": table.edition, "citation": table.source}
    steps: list[dict[str, Any]] = [
        {
            "rule": f"qa.verdict.{row.verdict.value}",
            "coder": row.coder.code if row.coder else None,
            "auditor": row.auditor.code if row.auditor else None,
            "levels": row.levels,
            **cite,
        }
        for row in rows
        if row.verdict is not Verdict.AGREE
    ]
    formulas = {
        "agree-over-lines": "agree / (agree + wrong + missed + unsupported)",
        "code-over-code": "agree / auditor's codes",
        "weighted": "max(0, 1 - sum of weights / lines)",
        "encounter": "no finding charged to the coder",
    }
    steps.append({"rule": f"qa.score.{method}", "why": formulas[method], **cite})
    return steps
