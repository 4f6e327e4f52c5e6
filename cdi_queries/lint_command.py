"""`cdi.lint`: a query in JSON in, its findings and whether it may be sent out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cdi_queries.rules.lint import RULES, is_sendable, lint
from cdi_queries.rules.query import Finding, Indicator, Kind, Option, Previous, Query, Severity, Verbal
from cdi_queries.terms.lint import lexicon, wording
from code_sets.rule_input import Fields, invalid

PURPOSES = ("present_on_admission", "cause_and_effect", "substantiation", "conflicting_documentation")
ORDERS = ("alphabetic", "shuffled", "weight")
OUTCOMES = ("agreed", "disagreed", "other", "undetermined", "unanswered", "cancelled")


def check(request: Mapping[str, Any]) -> dict[str, Any]:
    """`cdi.lint`: a query as it would be sent, to its findings.

    {"kind": "multiple_choice" | "yes_no" | "open", "title", "body", "options": [{"text", "indicator_ids",
    "preselected"}], "indicators": [{"id", "quote", "document_on", "encounter": "current" | "prior",
    "relevance"}], "documented_terms": [text]} and, where they are known, "purpose" (of a yes/no query),
    "option_order", "contradicting" (ids), "provider", "previous": [{"body", "provider", "outcome"}],
    "channel": "written" | "verbal", "verbal": {"asked_by", "asked_of", "asked_on"}
    -> {"findings": [{"rule", "severity", "message", "span"}], "sendable", "reasons_needed", "trace"}; a span
    is {"field", "start", "end", "text"} in characters of the field as it was given, or null.
    Raises InvalidInput with the path of a field that has another shape.
    """
    query = _query(Fields(request))
    findings = lint(query, wording(), lexicon())
    return {
        "findings": [_finding(one) for one in findings],
        "sendable": is_sendable(findings),
        "reasons_needed": list(
            dict.fromkeys(one.rule for one in findings if one.severity is Severity.WARNING)
        ),
        "trace": _trace(findings),
    }


def _query(fields: Fields) -> Query:
    indicators = tuple(_indicator(one) for one in fields.objects("indicators"))
    ids = [one.id for one in indicators]
    for place, one in enumerate(ids):
        if one in ids[:place]:
            raise invalid(f"indicators[{place}].id", "is given twice")
    return Query(
        kind=Kind(fields.choice("kind", [one.value for one in Kind])),
        title=fields.verbatim("title"),
        body=fields.verbatim("body"),
        options=tuple(
            Option(one.verbatim("text"), tuple(one.texts("indicator_ids")), one.flag("preselected"))
            for one in fields.objects("options")
        ),
        indicators=indicators,
        documented_terms=tuple(fields.texts("documented_terms")),
        purpose=_choice_or_empty(fields, "purpose", PURPOSES),
        option_order=_choice_or_empty(fields, "option_order", ORDERS),
        contradicting=tuple(fields.texts("contradicting")),
        provider=fields.verbatim("provider").strip(),
        previous=tuple(
            Previous(one.text("body"), one.verbatim("provider").strip(), one.choice("outcome", OUTCOMES))
            for one in fields.objects("previous")
        ),
        verbal=_verbal(fields),
        by_word_of_mouth=fields.choice("channel", ("written", "verbal"), default="written") == "verbal",
    )


def _indicator(fields: Fields) -> Indicator:
    return Indicator(
        id=fields.text("id"),
        quote=fields.verbatim("quote"),
        document_on=fields.day_or_none("document_on"),
        prior=fields.choice("encounter", ("current", "prior"), default="current") == "prior",
        relevance=fields.verbatim("relevance"),
    )


def _verbal(fields: Fields) -> Verbal | None:
    if fields.values.get("verbal") is None:
        return None
    one = fields.inner("verbal")
    return Verbal(
        one.verbatim("asked_by").strip(), one.verbatim("asked_of").strip(), one.day_or_none("asked_on")
    )


def _choice_or_empty(fields: Fields, name: str, known: Sequence[str]) -> str:
    return "" if fields.values.get(name) is None else fields.choice(name, known)


def _finding(one: Finding) -> dict[str, Any]:
    span = one.span and {
        "field": one.span.field,
        "start": one.span.start,
        "end": one.span.end,
        "text": one.span.text,
    }
    return {"rule": one.rule, "severity": one.severity.value, "message": one.message, "span": span}


def _trace(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    words = wording()
    return [
        {
            "rule": f"cdi.{rule}",
            "why": (check.__doc__ or "").split(": ", 1)[-1],
            "findings": sum(one.rule == rule for one in findings),
            "edition": words.edition,
            "citation": words.source,
        }
        for rule, check in RULES
    ]
