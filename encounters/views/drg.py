"""The DRG tool of a stay: its group, what that rests on, and what was expected against what became final."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from code_sets.rules.entries import with_dot
from coding_ops.core.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.closed import closed_charts
from coding_ops.tenancy.models import Role
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.middleware import actor_of
from encounters.access import REVIEWING, find_chart
from encounters.actions import drg as acts
from encounters.models import DrgParty, DrgReason, Encounter, EncounterKind, EncounterStatus
from encounters.rules.drg_evidence import Cited, Driver, Severity
from encounters.selectors.drg import (
    Grouping,
    Pending,
    Reconciliation,
    discharge_statuses,
    grouping_of,
    pending_differences,
    reconciliation_of,
)
from encounters.views import words
from encounters.views.chart_page import Chart, chart_href
from encounters.views.codes import changing
from encounters.views.doors import to_change, uuid_of
from encounters.views.drg_dto import DrgPanel, DriverRow, PendingPage, PendingRow, SeverityRow, WorkingRow
from encounters.views.tools import ToolAnswer, chart_shown, show_tool, tool_changed

KEY = "drg"
TYPES = {"SURG": "surgical", "MED": "medical"}
PARTY_WORDS = {DrgParty.CDI: "CDI specialist", DrgParty.CODER: "Coder"}
LISTS = REVIEWING
MOST_PENDING = 200


@require_GET
@for_client
def drg(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """The panel.  A client's person has no such page."""
    if not actor_of(request).is_vendor:
        raise NotFound
    chart = chart_shown(request, encounter_id)
    return show_tool(request, chart, _answer(chart, actor_of(request)))


@changing
def status(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``status``: how the stay ended."""
    actor, encounter, fence = to_change(request, encounter_id)
    code = request.POST.get("status", "")

    def act() -> str:
        acts.set_discharge_status(actor=actor, encounter=encounter, fence=fence, code=code)
        return f"Discharge status {code}." if code else "Discharge status taken back."

    return _done(request, encounter_id, act)


@changing
def record(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``drg`` (empty: the group of the codes), ``reason``."""
    actor, encounter, fence = _to_expect(request, encounter_id)

    def act() -> str:
        made = acts.record_working_drg(
            actor=actor,
            encounter=encounter,
            fence=fence,
            drg=_number(request.POST.get("drg", "")),
            reason=request.POST.get("reason", ""),
        )
        return f"Working MS-DRG {made.drg:03} recorded."

    return _done(request, encounter_id, act)


@changing
def explain(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``working``, ``why``, ``note``: why the final group is another one."""
    actor = actor_of(request)
    if not actor.is_vendor:
        raise NotFound
    encounter = find_chart(actor=actor, client_id=client_of(request).id, encounter_id=encounter_id)
    working = uuid_of(request.POST.get("working", ""))

    def act() -> str:
        acts.explain_difference(
            actor=actor,
            encounter=encounter,
            working_id=working,
            reason=request.POST.get("why", ""),
            note=request.POST.get("note", ""),
        )
        return "The reason is recorded."

    return _done(request, encounter_id, act)


@require_GET
@for_client
def differences(request: HttpRequest) -> HttpResponse:
    """Final stays whose group was expected otherwise and nobody has said why: visit numbers, no names."""
    actor, client = actor_of(request), client_of(request)
    if actor.role not in LISTS:
        raise NotFound
    closed = set(closed_charts(actor, client.id))
    found = [one for one in pending_differences(client.id, MOST_PENDING) if one.encounter.pk not in closed]
    count = "Nothing waits" if not found else f"{len(found)} {'waits' if len(found) == 1 else 'wait'}"
    page = PendingPage(
        summary=f"{count} for the reason of a difference.",
        rows=tuple(_pending(client.slug, client.timezone, one) for one in found),
    )
    return render(request, "encounters/drg_differences.html", {"page": page})


def _pending(slug: str, zone: str, one: Pending) -> PendingRow:
    final_at = one.encounter.final_at
    return PendingRow(
        href=f"{chart_href(slug, one.encounter.pk)}drg/",
        visit_id=one.encounter.external_id,
        discharge_on=words.day(one.encounter.discharge_on),
        final_at=words.moment(final_at, zone) if final_at else "",
        expected=f"{one.working.drg:03}",
        party=PARTY_WORDS[DrgParty(one.working.party)],
        final=f"{one.final_drg:03}",
    )


# --- answers ----------------------------------------------------------------------------------------------


def _done(request: HttpRequest, encounter_id: uuid.UUID, act: Callable[[], str]) -> HttpResponse:
    """Runs the act; what was refused comes back beside its form."""
    try:
        say = act()
    except (Conflict, NotFound, NotAllowed):
        raise
    except DomainError as error:
        chart = chart_shown(request, encounter_id)
        errors = {error.details.get("field") or "drg": error.message}
        answer = _answer(chart, actor_of(request), errors, request.POST.dict())
        return show_tool(request, chart, answer, say=error.message, status=422)
    chart = chart_shown(request, encounter_id)
    return tool_changed(request, chart, _answer(chart, actor_of(request)), say=say)


def _to_expect(request: HttpRequest, encounter_id: uuid.UUID) -> tuple[Actor, Encounter, int | None]:
    """Who expects a group: a CDI specialist without a lease, anybody else as for a change of codes."""
    actor = actor_of(request)
    if actor.role != Role.CDI_SPECIALIST:
        return to_change(request, encounter_id)
    return actor, find_chart(actor=actor, client_id=client_of(request).id, encounter_id=encounter_id), None


def _number(typed: str) -> int | None:
    text = typed.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 3:
        raise InvalidInput(
            "An MS-DRG is a number of three digits.", code="drg.number", details={"field": "drg"}
        )
    return int(text)


# --- the panel --------------------------------------------------------------------------------------------


def _answer(
    chart: Chart, actor: Actor, errors: dict[str, str] | None = None, posted: dict[str, str] | None = None
) -> ToolAnswer:
    panel = drg_panel(chart, actor, errors or {}, posted or {})
    return ToolAnswer(KEY, "workbench/drg.html", {"drg": panel}, module="drg")


def drg_panel(chart: Chart, actor: Actor, errors: dict[str, str], posted: dict[str, str]) -> DrgPanel:
    """Everything the panel shows to this person; weights to those who review, never to the coder."""
    encounter, href = chart.open.encounter, f"{chart.href}drg/"
    found = grouping_of(encounter, chart.rows)
    if encounter.kind != EncounterKind.INPATIENT:
        return DrgPanel(href, problem="An MS-DRG is for an inpatient stay.")
    told = reconciliation_of(encounter)
    codes = chart.open.may_code and actor.role == Role.CODER
    expects = codes or actor.role == Role.CDI_SPECIALIST
    group = found if isinstance(found, Grouping) else None
    sees_weight = actor.role in REVIEWING
    own = acts.PARTIES.get(Role(actor.role)) if actor.role in acts.PARTIES else None
    code = encounter.discharge_status_code
    return DrgPanel(
        href=href,
        problem="" if group else getattr(found, "reason", ""),
        version=f"MS-DRG v{group.answer['version']}" if group else "",
        drg=f"{group.group.drg:03}" if group else "",
        title=group.group.title if group else "",
        facts=_facts(group) if group else (),
        weight=_weight(group.group.weight) if group and sees_weight else "",
        statuses=_statuses(code),
        status_words=f"{code} {discharge_statuses()[code]}" if code else "01 Home, self care",
        assumed=not code,
        severity=tuple(_severity(chart, one) for one in group.severity) if group else (),
        drivers=tuple(_driver(chart, one, sees_weight) for one in group.drivers) if group else (),
        edits=tuple(one.message for one in chart.edits.findings if one.rule.startswith("mce.")),
        working=_working(chart, told),
        final=_final(told),
        reasons=tuple(Choice(value, label, value == posted.get("why")) for value, label in DrgReason.choices),
        can_set_status=codes,
        can_record=expects and encounter.status != EncounterStatus.FINAL,
        needs_reason=any(one.party == own for one in told.working),
        may_explain=actor.role in acts.EXPLAINS,
        list_href=_list_href(chart) if actor.role in LISTS else "",
        fence=chart.open.item.fence if chart.open.item else 0,
        errors=errors,
        posted=posted,
    )


def _list_href(chart: Chart) -> str:
    return reverse("encounters:drg_differences", args=[chart.client.slug])


def _facts(found: Grouping) -> tuple[str, ...]:
    answer = found.answer
    facts = [f"MDC {answer['mdc']:02} {answer['mdc_title']}"]
    if answer["type"]:
        facts.append(TYPES[answer["type"]].capitalize())
    if answer["initial_drg"] != answer["drg"]:
        facts.append(f"{answer['initial_drg']:03} before hospital-acquired conditions were set aside")
    if answer["return_code"] != "OK":
        facts.append(f"Not grouped: {answer['return_code'].replace('_', ' ').lower()}")
    return tuple(facts)


def _weight(weight: str | None) -> str:
    return weight or "not loaded"


def _statuses(code: str) -> tuple[Choice, ...]:
    none = Choice("", "Not recorded", not code)
    known = discharge_statuses().items()
    return (none, *(Choice(value, f"{value} {label}", value == code) for value, label in known))


def _key(chart: Chart, code: str) -> str:
    return next((chart.keys[row.pk] for row in chart.rows if row.code == code), "")


def _shown(chart: Chart, code: str) -> str:
    """Diagnoses with their dot, procedures without."""
    key = _key(chart, code)
    return code if key.startswith("S") else with_dot(code)


def _severity(chart: Chart, one: Severity) -> SeverityRow:
    by = one.excluded_by
    known = any(row.code == by for row in chart.rows)
    why_not = f"Excluded by {_shown(chart, by) if known else by}" if by else ""
    return SeverityRow(_key(chart, one.code), _shown(chart, one.code), one.level, why_not)


def _driver(chart: Chart, one: Driver, sees_weight: bool) -> DriverRow:
    return DriverRow(
        key=_key(chart, one.code),
        code=_shown(chart, one.code),
        level=one.level or ("procedure" if one.kind == "procedure" else ""),
        without=f"{one.without.drg:03} {one.without.title}",
        weight=_weight(one.without.weight) if sees_weight else "",
        cited=_cited(one.cited),
        thin=one.is_thin,
    )


def _cited(cited: Cited) -> str:
    if not cited.spans:
        return "no quote"
    quotes = f"{cited.spans} quote{'s' if cited.spans > 1 else ''}"
    return f"{quotes} in {cited.documents} document{'s' if cited.documents > 1 else ''}"


def _working(chart: Chart, told: Reconciliation) -> tuple[WorkingRow, ...]:
    by_id = {one.expected.working_id: one for one in told.differences}
    rows = []
    for one in told.working:
        difference = by_id.get(str(one.pk))
        outcome, tone = "", ""
        if difference is not None:
            outcome, tone = ("Same as final", "ok") if not difference.differs else ("Reason pending", "warn")
        explained = told.reasons.get(str(one.pk))
        if difference is not None and explained is not None and difference.differs:
            note = f": {explained.note}" if explained.note else ""
            outcome, tone = f"{explained.get_reason_display()}{note}", "line"
        rows.append(
            WorkingRow(
                working_id=str(one.pk),
                party=PARTY_WORDS[DrgParty(one.party)],
                drg=f"{one.drg:03} {one.title}".strip(),
                who=f"{one.recorded_by.full_name}, {words.moment(one.recorded_at, chart.client.timezone)}",
                reason=one.reason,
                outcome=outcome,
                outcome_tone=tone,
                is_pending=difference is not None and difference.is_pending,
            )
        )
    return tuple(rows)


def _final(told: Reconciliation) -> str:
    if told.final is None:
        return ""
    if told.final["drg"] is None:
        return f"Version {told.revision_number}: no group. {told.final['reason']}"
    return f"Version {told.revision_number}: {told.final['drg']:03} {told.final['title']}"
