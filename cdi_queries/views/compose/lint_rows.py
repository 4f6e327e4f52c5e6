"""The lint of a draft as the panel shows it: each finding leads to the words it means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cdi_queries.actions.sending import SHORTEST_REASON
from cdi_queries.models import CdiQuery
from cdi_queries.rules.arrange import without_blanks
from cdi_queries.rules.content import QueryContent
from cdi_queries.rules.query import Finding, Severity
from cdi_queries.rules.template import Template, field_problems
from cdi_queries.selectors.linting import findings_of
from cdi_queries.views.compose.dto import FindingRow, LintView

PLACE = re.compile(r"(options|indicators)\[(\d+)\]\.(text|quote|relevance)")
BLOCKS = "Blocks sending"
#: Where a rule points when it means no words of its own.
WHOLE: Mapping[str, str] = {
    "R1": "q-indicators", "R2": "q-indicators", "R3": "q-options", "R4": "q-options", "R5": "q-options",
    "R10": "q-indicators", "R12": "verbal",
}  # fmt: skip


def lint_of(
    query: CdiQuery, content: QueryContent, reasons: Mapping[str, str], template: Template | None
) -> LintView:
    """The lint of a draft with the words that are in its form; ``query`` names provider and channel.

    What else keeps it from being sent is said with it: fields of its template, and whom to ask.
    """
    shown = without_blanks(content)
    missing = {"provider": "Choose the provider to ask."} if query.provider_id is None else {}
    if template is not None:
        problems = field_problems(template, dict(content.fields))
        missing |= {f"tf-{name}": message for name, message in problems.items()}
    return lint_view(findings_of(query, shown), shown, reasons, missing)


def lint_view(
    findings: Sequence[Finding],
    content: QueryContent,
    reasons: Mapping[str, str],
    missing: Mapping[str, str] | None = None,
) -> LintView:
    """What blocks first, then warnings, each in the order of the rules; ``content`` is what was linted.

    ``missing``: fields of the form by their id, with what is to be done.
    """
    ordered = sorted(findings, key=lambda one: one.severity is not Severity.ERROR)
    rows = [FindingRow("", "bad", BLOCKS, message, at, 0, 0) for at, message in (missing or {}).items()]
    asked: set[str] = set()
    for one in ordered:
        asks = one.severity is Severity.WARNING and one.rule not in asked
        asked |= {one.rule} if asks else set()
        rows.append(_row(one, content, reasons.get(one.rule, ""), asks=asks))
    errors = sum(row.tone == "bad" for row in rows)
    unexplained = sum(len(reasons.get(rule, "").strip()) < SHORTEST_REASON for rule in asked)
    verdict, tone = _verdict(errors, unexplained)
    return LintView(verdict, tone, tuple(rows))


def _verdict(errors: int, unexplained: int) -> tuple[str, str]:
    if errors:
        return f"{errors} {'thing keeps' if errors == 1 else 'things keep'} it from being sent.", "bad"
    if unexplained:
        each = "warning needs a reason" if unexplained == 1 else "warnings need a reason each"
        return f"{unexplained} {each}.", "warn"
    return "Ready to send.", "ok"


def _row(one: Finding, content: QueryContent, reason: str, *, asks: bool) -> FindingRow:
    is_error = one.severity is Severity.ERROR
    span = one.span
    return FindingRow(
        rule=one.rule,
        tone="bad" if is_error else "warn",
        says=BLOCKS if is_error else "Needs a reason",
        message=f"{_about(one, content)}{one.message}",
        target=_target(one, content),
        start=span.start if span else 0,
        end=span.end if span else 0,
        reason=reason,
        asks=asks,
    )


def _about(one: Finding, content: QueryContent) -> str:
    """Which answer or indicator is meant, where the message does not quote it: ``“Sepsis”: ``"""
    place = PLACE.fullmatch(one.span.field) if one.span else None
    if place is None:
        return ""
    at = int(place.group(2))
    if place.group(1) == "indicators":
        return f"Indicator {at + 1}: "
    text = content.options[at].text
    return "" if not text or text in one.message else f"“{text}”: "


def _target(one: Finding, content: QueryContent) -> str:
    """The id of the element whose text the span counts in."""
    if one.span is None:
        return WHOLE.get(one.rule, "q-body")
    place = PLACE.fullmatch(one.span.field)
    if place is None:
        return f"q-{one.span.field}"
    at = int(place.group(2))
    if place.group(1) == "options":
        return f"text-{content.options[at].id}"
    return f"{'why' if place.group(3) == 'relevance' else 'ind'}-{content.indicators[at].id}"
