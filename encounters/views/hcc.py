"""The HCC tool: categories by model, MEAT support, adds and deletes, and whether the encounter counts."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from code_sets.rules.entries import with_dot
from coding_ops.core.errors import Conflict, DomainError, InvalidInput, NotFound
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import for_client
from coding_ops.web.middleware import actor_of
from encounters.actions import hcc_facts
from encounters.actions.meat import tag_meat
from encounters.models import CodeAssignment, EligibilityFact, Meat
from encounters.rules.hcc_eligibility import VALUES, Fact, Requirement, State
from encounters.rules.hcc_hints import Place, places_to_look
from encounters.rules.hcc_support import Support
from encounters.selectors.hcc_panel import (
    CategoryLine,
    HccPanel,
    ModelView,
    eligibility_of,
    facts_of,
    panel_of,
)
from encounters.selectors.hcc_support import main_mapping
from encounters.selectors.hcc_tables import eligibility_tables
from encounters.selectors.readiness import shown_code
from encounters.views.chart_page import Chart, code_row, key_of
from encounters.views.cited_chip import chip_of
from encounters.views.codes import changed, changing, posted_evidence
from encounters.views.doors import to_change
from encounters.views.hcc_dto import (
    CategoryRow,
    ChangeRow,
    HccView,
    HintLine,
    ModelColumn,
    RequirementRow,
    SupportRow,
)
from encounters.views.tools import ToolAnswer, chart_shown, show_tool, tool_changed

KEY = "hcc"
TONES = {State.MET: "ok", State.NOT_MET: "bad", State.UNKNOWN: "warn"}
STATES = {State.MET: "Met", State.NOT_MET: "Not met", State.UNKNOWN: "Not known"}
ANSWERS = {
    "yes": "Yes",
    "no": "No",
    "in_person": "In person",
    "video": "Audio and video",
    "audio": "Audio only",
    "none": "Not face to face",
}


@require_GET
@for_client
def hcc(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """The panel.  A client's person has no such page."""
    if not actor_of(request).is_vendor:
        raise NotFound
    chart = chart_shown(request, encounter_id)
    return show_tool(request, chart, _answer(chart))


@changing
def confirm(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``fact``, ``value``; ``evidence`` with ``quote``, or ``lines``."""
    actor, encounter, fence = to_change(request, encounter_id)
    fact, value = request.POST.get("fact", ""), request.POST.get("value", "")

    def act() -> EligibilityFact:
        cited = posted_evidence(request, encounter)
        if len(cited) > 1:
            raise InvalidInput("One stretch of words shows one fact.", code="eligibility.words")
        return hcc_facts.confirm_fact(
            actor=actor,
            encounter=encounter,
            fence=fence,
            fact=fact,
            value=value,
            # That something is not there stands on no line, though the form names where to look.
            words=cited[0] if cited and value != "no" else None,
        )

    return _done(request, encounter_id, act, "Confirmed.")


@changing
def withdraw(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``fact``: it is not known again."""
    actor, encounter, fence = to_change(request, encounter_id)
    fact = request.POST.get("fact", "")
    return _done(
        request,
        encounter_id,
        lambda: hcc_facts.withdraw_fact(actor=actor, encounter=encounter, fence=fence, fact=fact),
        "Not known again.",
    )


@changing
def meat(request: HttpRequest, encounter_id: uuid.UUID, evidence_id: uuid.UUID) -> HttpResponse:
    """``letter``: M, E, A or T; empty takes the tag off."""
    actor, encounter, fence = to_change(request, encounter_id)
    letter = request.POST.get("letter", "")
    link = tag_meat(actor=actor, encounter=encounter, fence=fence, evidence_id=evidence_id, letter=letter)
    said = f"tagged {Meat(letter).label.lower()}" if letter else "has no tag"
    row = link.assignment
    return changed(request, encounter_id, f"Evidence of {shown_code(row)} {said}.", active=key_of(row))


def _done(request: HttpRequest, encounter_id: uuid.UUID, act: Callable[[], object], say: str) -> HttpResponse:
    try:
        act()
    except (Conflict, NotFound):
        raise
    except DomainError as error:
        chart = chart_shown(request, encounter_id)
        answer = _answer(chart, {request.POST.get("fact", "")[:24]: error.message})
        return show_tool(request, chart, answer, say=error.message, status=422)
    chart = chart_shown(request, encounter_id)
    answer = _answer(chart)
    view: HccView = answer.context["hcc"]
    return tool_changed(request, chart, answer, say=f"{say} {view.verdict}.")


# --- the panel --------------------------------------------------------------------------------------------


def _answer(chart: Chart, errors: Mapping[str, str] | None = None) -> ToolAnswer:
    return ToolAnswer(KEY, "workbench/hcc.html", {"hcc": hcc_view(chart, errors or {})}, module="em")


def hcc_view(chart: Chart, errors: Mapping[str, str]) -> HccView:
    """Everything the panel shows."""
    encounter = chart.open.encounter
    panel = panel_of(encounter, chart.rows)
    facts = {row.fact: row for row in facts_of(encounter)}
    kinds = [document.kind for document in chart.documents]
    judged = eligibility_of(encounter, chart.rows, kinds, list(facts.values()))
    hints = places_to_look(chart.lines, encounter.service_on, eligibility_tables().accepted_credentials)
    return HccView(
        href=f"{chart.href}hcc/",
        year_words=f"Diagnoses of {panel.payment_year - 1}, payment year {panel.payment_year}",
        verdict=judged.words,
        verdict_tone=TONES[judged.state],
        requirements=tuple(
            _requirement(chart, one, facts.get(one.fact), hints) for one in judged.requirements
        ),
        support=_support(chart, panel),
        adds=_adds(chart, panel),
        deletes=_deletes(chart, panel),
        compared_with=f"version {encounter.revision_count}" if panel.has_version_before else "",
        models=tuple(_column(one, panel.payment_year) for one in panel.models),
        note="" if panel.age_known else "The birth date was not sent: the models' age edits were not made.",
        can_edit=chart.open.may_code,
        fence=chart.open.item.fence if chart.open.item else 0,
        version_id=str(chart.version.pk) if chart.version else "",
        errors=errors,
    )


def _requirement(
    chart: Chart, one: Requirement, row: EligibilityFact | None, hints: Mapping[Fact, Place]
) -> RequirementRow:
    hint = hints.get(Fact(one.fact)) if one.fact and row is None and chart.version else None
    values = VALUES[Fact(one.fact)] if one.fact else ()
    return RequirementRow(
        fact=one.fact,
        label=one.label,
        state=STATES[one.state],
        tone=TONES[one.state],
        why=one.why,
        citation=one.citation,
        choices=tuple(
            Choice(value, ANSWERS[value], row is not None and row.value == value) for value in values
        ),
        chip=chip_of(chart, row) if row else None,
        by=row.confirmed_by.full_name if row else "",
        hint=HintLine(
            f"L{hint.line}", f"#L{hint.line}", f"{chart.version.pk}:{hint.start}:{hint.end}", hint.quote
        )
        if hint and chart.version
        else None,
        answered=row is not None,
    )


def _support(chart: Chart, panel: HccPanel) -> tuple[SupportRow, ...]:
    mapping = main_mapping(chart.open.encounter)
    rows = {str(row.pk): row for row in chart.rows}
    found = []
    for one in panel.judged:
        row = rows[one.diagnosis.key]
        shown = code_row(chart, row)
        found.append(
            SupportRow(
                key=shown.key,
                code=shown.code,
                title=shown.title,
                numbers=f"HCC {', '.join(sorted(mapping[row.code], key=int))}",
                support=one.words,
                tone="ok" if one.is_supported else "bad" if "not supported" in one.words else "warn",
                chips=shown.chips,
            )
        )
    return tuple(found)


def _adds(chart: Chart, panel: HccPanel) -> tuple[ChangeRow, ...]:
    by_code = _by_code(chart)
    return tuple(
        ChangeRow(with_dot(code), by_code[code].title, "supported", key_of(by_code[code]))
        for code in panel.changes.added
    )


def _deletes(chart: Chart, panel: HccPanel) -> tuple[ChangeRow, ...]:
    by_code = _by_code(chart)
    gone = [
        ChangeRow(with_dot(code), "", "in the version before, not in this one")
        for code in panel.changes.dropped
    ]
    weak = {
        one.diagnosis.code: f"{one.words}: tag its evidence, or delete"
        if one.support is Support.NO_TAG
        else one.words
        for one in panel.judged
    }
    return (
        *gone,
        *(
            ChangeRow(with_dot(code), by_code[code].title, weak[code], key_of(by_code[code]))
            for code in panel.changes.unsupported
        ),
    )


def _by_code(chart: Chart) -> dict[str, CodeAssignment]:
    return {row.code: row for row in chart.rows}


def _column(model: ModelView, payment_year: int) -> ModelColumn:
    if model.year is None:
        return ModelColumn(model.name, "Its tables are not loaded.")
    others = "" if model.year == payment_year else ", for comparison"
    return ModelColumn(
        name=model.name,
        note=f"Tables of {model.year}{others}",
        rows=tuple(_category(one) for one in model.categories),
        interactions=model.interactions,
        edited=", ".join(with_dot(code) for code in model.edited),
    )


def _category(one: CategoryLine) -> CategoryRow:
    fate = f"dropped, HCC {one.above} ranks above" if one.above else ""
    if one.is_removed:
        fate = "taken out by a rule of the model"
    return CategoryRow(str(one.number), one.label, ", ".join(with_dot(code) for code in one.codes), fate)
