"""Audited charts as rows, and ``/c/<client>/quality/rows/``: the charts behind a number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of
from qa_audit.models import AuditedChart, ReviewOrigin
from qa_audit.rules.facts import SCORES
from qa_audit.rules.plan_terms import Mode
from qa_audit.selectors import programme as figures
from qa_audit.selectors.audited import PAGE_ROWS, Wanted, audited_for
from qa_audit.selectors.programme import Group, Months
from qa_audit.views.programme import words
from qa_audit.views.programme.dto import AuditRow, Figure, RowsPage
from qa_audit.views.programme.scope import Sight, sight_of, turned
from qa_audit.views.tabs import quality_href, quality_tabs

MODES = {Mode.BLIND.value: "Blind", Mode.OPEN.value: "Open"}


@require_GET
@for_client
def rows(request: HttpRequest) -> HttpResponse:
    """The filters of a number in its address; ``page``."""
    actor, client = actor_of(request), client_of(request)
    sight = sight_of(actor.role)
    wanted = wanted_of(request.GET, today_of(request), sight)
    if wanted.coder is not None and not sight.names_coders:
        raise NotFound
    plans = figures.plans_in_force(client.id)
    yard = figures.yardstick_of(plans)
    score = wanted.score or yard.counted_score
    found = audited_for(actor, client.id, wanted)
    if not sight.sees_provisional:
        found = found.filter(is_provisional=False) | (
            found.filter(is_client_run=True) if sight.is_client else found.none()
        )
    number = page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    shown = list(found.select_related("encounter", "coder")[start : start + PAGE_ROWS + 1])
    specialties = figures.specialty_names()
    sums = figures.folded(
        figures.accuracy([client.id], score, wanted.months), lambda group: _matches(group, wanted, sight)
    )
    kept = request.GET.dict()
    page = RowsPage(
        heading="Audited charts",
        summary=f"Audits of {words.window(wanted.months)}, the newest first.",
        counted=_counted(wanted, score, words.figure(sums, score, yard, judged=False)),
        score=words.SCORES[score],
        filters=filters_of(wanted, specialties, figures.names_of([wanted.coder] if wanted.coder else [])),
        rows=audit_rows(shown[:PAGE_ROWS], {client.id: client}, specialties, score),
        shows_coders=sight.names_coders,
        back_href=quality_href(client.slug),
        next_page_href=turned({**kept, "page": str(number + 1)}) if len(shown) > PAGE_ROWS else "",
        previous_page_href=turned({**kept, "page": str(number - 1)}) if number > 1 else "",
    )
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "programme")}
    return render(request, "qa_audit/audited_rows.html", context)


def wanted_of(query: Mapping[str, str], today: date, sight: Sight) -> Wanted:
    """The filters of an address; what cannot be read is left out."""
    last = _month(query.get("through", "")) or today.replace(day=1)
    first = min(_month(query.get("from", "")) or last, last)
    coder = query.get("coder", "")
    return Wanted(
        Months(first, last),
        score=_one_of(query, "score", SCORES),
        coder=int(coder) if coder.isdecimal() and len(coder) < 10 else None,
        specialty=query.get("specialty", "")[:16],
        origin=_one_of(query, "origin", ReviewOrigin.values),
        mode=_one_of(query, "mode", MODES),
        run=_flag(query, "run"),
        provisional=_flag(query, "provisional"),
        verdict=_one_of(query, "verdict", words.VERDICTS),
        cause=_one_of(query, "cause", words.CAUSES),
    )


def audit_rows(
    shown: Iterable[AuditedChart],
    clients: Mapping[int, ReachedClient],
    specialties: Mapping[str, str],
    score: str,
) -> tuple[AuditRow, ...]:
    """Rows whose review stands one click away; encounters and coders must be at hand."""
    return tuple(_row(one, clients[one.client_id], specialties, score) for one in shown)


def _row(one: AuditedChart, client: ReachedClient, specialties: Mapping[str, str], score: str) -> AuditRow:
    numerator, denominator = one.parts.get(score, ["0", 0])
    found = ", ".join(
        f"{words.VERDICTS.get(verdict, verdict)}{f' ×{lines}' if lines > 1 else ''}"
        for verdict, _cause, _direction, lines in one.findings
    )
    return AuditRow(
        href=f"{quality_href(client.slug)}reviews/{one.review_id}/",
        visit_id=one.encounter.external_id,
        client=client.name,
        specialty=specialties.get(one.specialty_code, one.specialty_code) or "No specialty",
        coder=one.coder.full_name,
        audited_on=f"{one.audited_on:%m/%d/%Y}",
        origin="The client's own" if one.is_client_run else words.ORIGINS[one.origin],
        standing="Provisional" if one.is_provisional else "Closed",
        tone="warn" if one.is_provisional else "",
        counted=f"{words.number(words.decimal(numerator))} of {denominator}" if denominator else words.DASH,
        weight=words.number(one.weight) if one.weight != 1 else "",
        findings=found or "None",
    )


def page_number(text: str) -> int:
    """The page of ``?page=``, 1 for anything that is none."""
    return int(text) if text.isdecimal() and 0 < int(text[:6]) < 10_000 else 1


def _counted(wanted: Wanted, score: str, figure: Figure) -> str:
    if wanted.verdict or wanted.cause:
        return "Charts in which such a finding stands. A chart may have several."
    if not figure.counted:
        return "Nothing counted."
    return f"{words.SCORES[score]}: {figure.rate} ({figure.interval}), {figure.counted}."


def _matches(group: Group, wanted: Wanted, sight: Sight) -> bool:
    specialty = "" if wanted.specialty == "none" else wanted.specialty
    return (
        sight.shows(group.is_client_run, group.is_provisional)
        and wanted.coder in (None, group.coder)
        and (not wanted.specialty or specialty == group.specialty)
        and wanted.origin in ("", group.origin)
        and wanted.mode in ("", group.mode)
        and wanted.run in (None, group.is_client_run)
        and wanted.provisional in (None, group.is_provisional)
    )


def filters_of(
    wanted: Wanted, specialties: Mapping[str, str], names: Mapping[int, str]
) -> tuple[tuple[str, str], ...]:
    """What the number was cut by, in words."""
    found = [
        ("Coder", names.get(wanted.coder or 0, "")),
        ("Specialty", specialties.get(wanted.specialty, "No specialty" if wanted.specialty else "")),
        ("Kind", words.ORIGINS.get(wanted.origin, "")),
        ("Mode", MODES.get(wanted.mode, "")),
        ("Run by", {True: "The client", False: "Us"}.get(wanted.run, "") if wanted.run is not None else ""),
        ("Standing", {True: "Provisional", False: "Closed"}.get(bool(wanted.provisional), "")),
        ("Verdict", words.VERDICTS.get(wanted.verdict, "")),
        ("Cause", words.CAUSES.get(wanted.cause, "") if wanted.cause else ""),
    ]
    return tuple(
        (name, text)
        for name, text in found
        if text and not (name == "Standing" and wanted.provisional is None)
    )


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _one_of(query: Mapping[str, str], name: str, known: Iterable[str]) -> str:
    text = query.get(name, "")
    return text if text in known else ""


def _flag(query: Mapping[str, str], name: str) -> bool | None:
    return {"1": True, "0": False}.get(query.get(name, ""))
