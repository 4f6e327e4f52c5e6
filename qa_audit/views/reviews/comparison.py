"""The comparison: both sides' lines beside the note, judged by their reviewer until they are delivered."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from coding_ops.core.statistics import IntervalMethod
from coding_ops.web.client_pages import client_of
from coding_ops.web.http import is_partial, leave
from coding_ops.web.middleware import actor_of
from qa_audit.actions.scores import CONFIDENCE, rows_of
from qa_audit.models import Review
from qa_audit.rules.plan_terms import Mode, parse_terms
from qa_audit.rules.scoring import Ratio, score
from qa_audit.views.reviews.doors import home_of, paper_asked
from qa_audit.views.reviews.sheet_dto import CompareSheet, Rate, Sheet
from qa_audit.views.reviews.sheet_parts import read_sheet

NO_ERRORS: Mapping[str, str] = {}


def comparison(
    request: HttpRequest,
    review: Review,
    *,
    errors: Mapping[str, str] = NO_ERRORS,
    posted: Mapping[str, str] = NO_ERRORS,
) -> HttpResponse:
    """The page of a review being compared, for its reviewer; ``?version=`` chooses the document."""
    page = page_of(request, review, errors=errors, posted=posted)
    status = 422 if errors else 200
    context = {"page": page, "reviews_href": home_of(actor_of(request), client_of(request))}
    return render(request, "qa_audit/comparison.html", context, status=status)


def changed(request: HttpRequest, review: Review, say: str, *, active: str = "") -> HttpResponse:
    """The lines after a change: elements for a script, or the whole page again."""
    page = page_of(request, review)
    if not is_partial(request):
        return leave(request, f"{page.href}#code-{active}" if active else page.href)
    left = len(page.sheet.unjudged)
    told = f"{say} {left} to judge." if left else f"{say} Every finding is judged."
    context = {"page": page, "say": told, "active": active}
    return render(request, "qa_audit/_comparison_changes.html", context)


def next_open(sheet: Sheet, key: str) -> str:
    """The line to go to after one was judged: the next finding that is not, else the line itself."""
    waiting = [line.key for line in sheet.unjudged]
    later = [one for one in waiting if int(one) > int(key)]
    return (later or waiting or [key])[0]


def page_of(
    request: HttpRequest,
    review: Review,
    *,
    errors: Mapping[str, str] = NO_ERRORS,
    posted: Mapping[str, str] = NO_ERRORS,
) -> CompareSheet:
    """Everything the page and its partials draw."""
    client = client_of(request)
    version_id = paper_asked(request)
    sheet = read_sheet(review, slug=client.slug, zone=client.timezone, version_id=version_id)
    blind = review.mode == Mode.BLIND
    return CompareSheet(
        sheet=sheet,
        rates=_rates(review),
        summary=_summary(sheet),
        status_words="Coded blind, now compared" if blind else "Open review",
        posted=posted,
        errors=errors,
    )


def _summary(sheet: Sheet) -> str:
    """``9 lines, 2 findings, 1 to judge``."""
    found, left = len(sheet.findings), len(sheet.unjudged)
    lines = f"{len(sheet.lines)} line{'s' if len(sheet.lines) != 1 else ''}"
    if not found:
        return f"{lines}, no finding"
    said = f"{lines}, {found} finding{'s' if found != 1 else ''}"
    return f"{said}, {left} to judge" if left else f"{said}, all judged"


def _rates(review: Review) -> tuple[Rate, ...]:
    """The scores as the lines stand: provisional, because nobody has answered yet."""
    confidence = parse_terms(review.draw.version.terms).confidence if review.draw else CONFIDENCE
    found = score(rows_of(review), confidence=confidence, method=IntervalMethod.WILSON)
    counted = review.counted_score
    rates = [
        _ratio("Code-level", found.code_level, counted == "code_level"),
        _ratio("Code over code", found.auditor_denominator, counted == "auditor_denominator"),
    ]
    if found.weighted is not None:
        parts = f"weight {found.weight.normalize():f} of {found.lines} lines"
        rates.append(Rate("Weighted", _percent(found.weighted), parts, "", counted == "weighted"))
    clean = "Yes" if found.encounter_clean else "No"
    return (*rates, Rate("Chart without error", clean, "", "", counted == "encounter_clean"))


def _ratio(label: str, ratio: Ratio, counted: bool) -> Rate:
    if ratio.interval is None:
        return Rate(label, "No line", "", "", counted)
    low, high = ratio.interval.low * 100, ratio.interval.high
    return Rate(
        label,
        _percent(ratio.interval.rate),
        f"{ratio.numerator} of {ratio.denominator}",
        f"{low:.1f} to {_percent(high)}",
        counted,
    )


def _percent(rate: Decimal) -> str:
    return f"{rate * 100:.1f}%"
