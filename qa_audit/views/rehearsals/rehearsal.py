"""``/c/<client>/quality/rehearsals/<rehearsal>/``: draw, result in dollars, deadlines, units, the end."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from coding_ops.core.errors import Conflict, InvalidInput, Refused
from coding_ops.core.overpayment_terms import programs
from coding_ops.core.statistics import Interval
from coding_ops.tenancy.actor import Actor
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, moment, today_of
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from edit_rules.views.listing import page_number
from qa_audit.access import PLANNERS
from qa_audit.actions.overpayments import Closing, close_rehearsal
from qa_audit.actions.rehearsals import meet_deadline, move_deadline, plan_of, set_days, set_terms
from qa_audit.models import Rehearsal, RehearsalDeadline, RehearsalTerms, RehearsalUnit
from qa_audit.rehearsal_access import find_rehearsal, require_rehearsal_planner
from qa_audit.rules.rehearsal import HccVerdict, RehearsalKind, size_for
from qa_audit.selectors.rehearsal_result import Result, judged_items, result, share_of, terms_of
from qa_audit.selectors.rehearsal_tables import AuditType, audit_type, extrapolation_notes
from qa_audit.selectors.rehearsals import PAGE_ROWS, can_be_drawn_again, units_of
from qa_audit.views.rehearsals import words
from qa_audit.views.rehearsals.dto import DeadlineRow, NoteRow, Outcome, RehearsalPage, UnitRow
from qa_audit.views.rehearsals.forms import Reader, error_of, read_terms
from qa_audit.views.tabs import quality_tabs

SHOWN = (("", "All"), ("open", "Still to judge"), ("found", "Not supported"))


@require_http_methods(["GET", "POST"])
@for_client
def rehearsal(request: HttpRequest, rehearsal_id: uuid.UUID) -> HttpResponse:
    """GET: ``shown``, ``page``, ``again``.  POST: ``do``: ``terms``, ``days``, ``deadline`` or ``close``."""
    actor, client = actor_of(request), client_of(request)
    found = find_rehearsal(actor=actor, client_id=client.id, rehearsal_id=rehearsal_id)
    if request.method == "GET":
        return _page(request, found, {}, {}, "")
    require_rehearsal_planner(actor)
    posted = {name: str(value) for name, value in request.POST.items()}
    tried = posted.get("do", "")
    acts = {"terms": _terms, "days": _days, "deadline": _deadline, "close": _close}
    if tried not in acts:
        raise InvalidInput("Choose what to change.", code="rehearsal.do")
    try:
        errors = acts[tried](actor, found, posted)
    except (InvalidInput, Refused, Conflict) as error:
        errors = error_of(error)
    if errors:
        return _page(request, found, posted, errors, tried)
    messages.success(request, "Saved.")
    return leave(request, reverse("qa_audit:rehearsal", args=[client.slug, found.pk]))


def _terms(actor: Actor, found: Rehearsal, posted: Mapping[str, str]) -> Mapping[str, str]:
    terms, errors = read_terms(posted)
    if terms is None:
        return errors
    seen = posted.get("seen", "")
    set_terms(
        actor=actor,
        rehearsal=found,
        terms=terms,
        seen_number=int(seen) if seen.isdecimal() else 0,
        reason=posted.get("reason", ""),
    )
    return {}


def _days(actor: Actor, found: Rehearsal, posted: Mapping[str, str]) -> Mapping[str, str]:
    reader = Reader(posted)
    notice = reader.day("notice_on", "Notice", needed=False)
    report = reader.day("report_on", "Report", needed=False)
    if not reader.errors:
        set_days(actor=actor, rehearsal=found, notice_on=notice, report_on=report)
    return reader.errors


def _deadline(actor: Actor, found: Rehearsal, posted: Mapping[str, str]) -> Mapping[str, str]:
    reader, key = Reader(posted), posted.get("key", "")
    name = f"day-{key}"
    day = reader.day(name, "Day")
    if day is None:
        return reader.errors
    try:
        if posted.get("how") == "move":
            move_deadline(actor=actor, rehearsal=found, key=key, due_on=day, reason=posted.get("reason", ""))
        else:
            meet_deadline(actor=actor, rehearsal=found, key=key, done_on=day)
    except (InvalidInput, Refused) as error:
        return {name: error.message}
    return {}


def _close(actor: Actor, found: Rehearsal, posted: Mapping[str, str]) -> Mapping[str, str]:
    reader = Reader(posted)
    decision = posted.get("confirmed", "")
    if decision not in ("yes", "no"):
        return {"confirmed": "Say whether what was found is an overpayment to return."}
    day = reader.day("identified_on", "Identified", needed=decision == "yes")
    if reader.errors:
        return reader.errors
    closing = Closing(decision == "yes", posted.get("reason", ""), posted.get("program", ""), day)
    try:
        close_rehearsal(actor=actor, rehearsal=found, closing=closing)
    except (InvalidInput, Refused) as error:
        path = str(error.details.get("path", ""))
        return {"closing" if path == "reason" else path: error.message}
    return {}


# --- the page ------------------------------------------------------------------------------------------


def _page(
    request: HttpRequest, found: Rehearsal, posted: Mapping[str, str], errors: Mapping[str, str], tried: str
) -> HttpResponse:
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    base = reverse("qa_audit:rehearsal", args=[client.slug, found.pk])
    kind = RehearsalKind(found.kind)
    terms = terms_of(found)
    items = judged_items([found])[found.pk]
    counted = result(found, terms, items)
    deadlines = list(RehearsalDeadline.objects.filter(client_id=client.id, rehearsal=found))
    clock = found.clocks.first()
    words_again, tone_again = _again(found) if request.GET.get("again") else ("", "")
    page = RehearsalPage(
        href=base,
        list_href=reverse("qa_audit:rehearsals", args=[client.slug]),
        heading=found.name,
        state="Closed" if found.closed_at else "Open",
        tone="" if found.closed_at else "warn",
        lead=f"{audit_type(kind).label}, contract {found.contract_name}",
        facts=_facts(found, client.timezone),
        strata=tuple(
            (name, f"{sizes['frame']:,}", f"{sizes['sample']:,}")
            for name, sizes in sorted(found.strata.items())
        ),
        check_href=f"{base}?again=1#draw",
        check_words=words_again,
        check_tone=tone_again,
        counts=tuple(
            (words.VERDICTS[one], f"{counted.counts[one.value]:,}", words.VERDICT_TONES[one])
            for one in HccVerdict
            if kind is RehearsalKind.RADV or one is not HccVerdict.ELSEWHERE
        ),
        outcome=_outcome(audit_type(kind), terms, counted, share_of(found, items)),
        notes=_notes(kind),
        deadlines=tuple(_deadline_row(one, today) for one in deadlines),
        units=(),
        shown=(),
        units_summary="",
        may_plan=actor.role in PLANNERS,
        is_closed=found.closed_at is not None,
        closing=_closing(found, client.timezone),
        clock_href="" if clock is None else reverse("qa_audit:clock", args=[client.slug, clock.pk]),
        programs=_programs(kind, posted.get("program", "")),
        form=posted if posted else _form_values(found, terms, today),
        errors=errors,
        tried=tried,
    )
    page = _with_units(request, found, page)
    tabs = quality_tabs(actor.role, client.slug, "rehearsals")
    context = {"page": page, "tabs": tabs, "seen": terms.number}
    return render(request, "qa_audit/rehearsal.html", context, status=422 if errors else 200)


def _notes(kind: RehearsalKind) -> tuple[NoteRow, ...]:
    if kind is not RehearsalKind.RADV:
        return ()
    return tuple(
        NoteRow(words.day(one.on), one.words, one.source, words.status(one.status))
        for one in extrapolation_notes()
    )


def _programs(kind: RehearsalKind, chosen: str) -> tuple[Choice, ...]:
    wanted = chosen or _program(kind)
    return tuple(Choice(key, label, key == wanted) for key, label in programs().items())


def _program(kind: RehearsalKind) -> str:
    return "medicare_advantage" if kind is RehearsalKind.RADV else "medicare_ab"


def _form_values(found: Rehearsal, terms: RehearsalTerms, today: date) -> dict[str, str]:
    return {
        "extrapolated": "1" if terms.is_extrapolated else "",
        "confidence": f"{(terms.confidence * 100).normalize():f}",
        "rates": "\n".join(
            f"{hcc} {rate}" for hcc, rate in sorted(terms.rates.items(), key=lambda one: int(one[0]))
        ),
        "rates_source": terms.rates_source,
        "notice_on": words.day(found.notice_on),
        "report_on": words.day(found.report_on),
        "identified_on": words.day(today),
    }


def _facts(found: Rehearsal, zone: str) -> tuple[tuple[str, str], ...]:
    noun = words.NOUNS[RehearsalKind(found.kind)]
    facts = [
        ("Period", f"{words.day(found.first_on)} to {words.day(found.last_on)}"),
        ("Payer", found.payer_name or "Every payer"),
        ("Model", f"{found.model}, payment year {found.payment_year}" if found.model else ""),
        ("Drawn", f"{words.counted(found.sample_count, noun)} of {found.frame_count:,}"),
        ("On", moment(found.created_at, zone)),
        ("Seed", str(found.seed)),
        ("Frame SHA-256", found.frame_sha256),
        ("Plan SHA-256", found.plan_sha256),
    ]
    return tuple((label, text) for label, text in facts if text)


def _again(found: Rehearsal) -> tuple[str, str]:
    """Draws from what is stored and compares."""
    design = found.design
    size = size_for(
        found.frame_count,
        count=design["count"],
        precision=None if design["precision"] is None else Decimal(design["precision"]),
        expected=Decimal(design["expected"]),
        confidence=Decimal(design["confidence"]),
    )
    if can_be_drawn_again(found, plan_of(size)):
        return "Drawn again from the stored frame and seed: the same list in the same order.", "ok"
    return "Drawn again, the list differs: frame, plan or units were changed after the draw.", "bad"


def _outcome(known: AuditType, terms: RehearsalTerms, counted: Result, share: Interval | None) -> Outcome:
    projected = counted.projection
    judged = counted.items - counted.open_items
    verdict = words.judged(share, judged, known.minimum_n, known.target)
    return Outcome(
        supported=words.percent(share.rate) if share is not None and verdict != "few" else words.DASH,
        interval=words.interval(share) if share is not None and verdict != "few" else "",
        counted=f"{judged:,} of {counted.items:,} judged; fewer than {known.minimum_n} are not rated"
        if verdict == "few"
        else f"n = {judged:,} of {counted.items:,}",
        verdict=verdict,
        target=f"target {words.percent(known.target)}; {known.target_source}",
        found=words.dollars(counted.found),
        point=words.dollars(projected.point if projected else None),
        low=words.dollars(projected.low if projected else None),
        precision=""
        if projected is None or projected.precision is None
        else f"± {words.percent(projected.precision)}",
        asked=words.dollars(projected.asked if projected else None),
        why_none=counted.why_none,
        confidence=f"{(terms.confidence * 100).normalize():f}%",
        is_extrapolated=terms.is_extrapolated,
    )


def _deadline_row(one: RehearsalDeadline, today: date) -> DeadlineRow:
    left, tone = words.left((one.due_on - (one.done_on or today)).days, is_done=one.done_on is not None)
    return DeadlineRow(
        key=one.key,
        label=one.label,
        due=words.day(one.due_on),
        left=f"{left} on {words.day(one.done_on)}" if one.done_on else left,
        tone=tone,
        citation=one.citation,
        status=words.status(one.status),
        reason=one.reason,
        is_done=one.done_on is not None,
    )


def _closing(found: Rehearsal, zone: str) -> str:
    if found.closed_at is None or found.closed_by is None:
        return ""
    decided = "an overpayment to return" if found.is_confirmed else "no overpayment to return"
    return (
        f"Closed {moment(found.closed_at, zone)} by {found.closed_by.full_name}: {decided}. {found.closing}"
    )


def _with_units(request: HttpRequest, found: Rehearsal, page: RehearsalPage) -> RehearsalPage:
    shown = request.GET.get("shown", "")
    shown = shown if shown in dict(SHOWN) else ""
    number = page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    rows = list(units_of(found, shown)[start : start + PAGE_ROWS + 1])
    kept = f"shown={shown}&" if shown else ""
    slug = client_of(request).slug
    return replace(
        page,
        units=tuple(_unit_row(slug, found, one) for one in rows[:PAGE_ROWS]),
        shown=tuple(
            Choice(value, label, value == shown, f"?shown={value}#units" if value else "?#units")
            for value, label in SHOWN
        ),
        units_summary=words.counted(len(rows[:PAGE_ROWS]), words.NOUNS[RehearsalKind(found.kind)]),
        next_page_href=f"?{kept}page={number + 1}#units" if len(rows) > PAGE_ROWS else "",
        previous_page_href=f"?{kept}page={number - 1}#units" if number > 1 else "",
    )


def _unit_row(slug: str, found: Rehearsal, unit: RehearsalUnit) -> UnitRow:
    items = sorted(unit.items.all(), key=lambda one: one.number)
    noun = words.NOUNS[RehearsalKind(found.kind)].capitalize()
    return UnitRow(
        href=reverse("qa_audit:rehearsal_unit", args=[slug, found.pk, unit.pk]),
        label=f"{noun} {unit.number}",
        stratum=unit.stratum,
        items=", ".join(f"HCC {one.hcc}" if one.hcc else one.label for one in items),
        verdicts=tuple(
            (words.VERDICTS[HccVerdict(value)], words.VERDICT_TONES[HccVerdict(value)])
            for value in dict.fromkeys(one.verdict for one in items if one.verdict)
        ),
        is_open=any(not one.verdict for one in items),
    )
