"""The E/M tool: a visit's level by decision making and by time, each element with its words."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from code_sets.rules.em_level import Level
from coding_ops.core.errors import Conflict, DomainError, InvalidInput, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.middleware import actor_of
from encounters.access import find_chart
from encounters.actions import em_level as acts
from encounters.models import CodeAssignment, Encounter, VisitLevel, VisitLevelElement
from encounters.rules.em_visit import PARTS, Cited, Scored, compare
from encounters.selectors.em_level import (
    SeenBefore,
    Tables,
    cited_of,
    levels_of,
    scored_of,
    seen_before,
    suggested_category,
    tables_of,
)
from encounters.selectors.em_tables import categories
from encounters.views import words
from encounters.views.chart_page import Chart
from encounters.views.cited_chip import chip_of
from encounters.views.codes import changing, posted_evidence
from encounters.views.doors import to_change
from encounters.views.em_dto import DifferenceRow, ElementRow, EmPanel, KindGroup, PartView, ScoreView
from encounters.views.tools import ToolAnswer, chart_shown, show_tool, tool_changed

KEY = "em"
PART_LABELS = {
    "problems": "Problems addressed",
    "data": "Data reviewed",
    "risk": "Risk of management",
    "time": "Time",
}
PATHS = {"mdm": "decision making", "time": "time"}


@require_GET
@for_client
def em(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """The panel.  A client's person has no such page."""
    if not actor_of(request).is_vendor:
        raise NotFound
    chart = chart_shown(request, encounter_id)
    return show_tool(request, chart, _answer(chart, actor_of(request)))


@changing
def category(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``category``."""
    actor, encounter, fence = _to_score(request, encounter_id)
    wanted = request.POST.get("category", "")
    return _done(
        request,
        encounter_id,
        lambda: acts.set_category(actor=actor, encounter=encounter, fence=fence, category=wanted),
    )


@changing
def add(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``kind`` (``part:kind``), ``count``, ``category``; ``evidence`` with ``quote``, or ``lines``."""
    actor, encounter, fence = _to_score(request, encounter_id)

    def act() -> VisitLevel:
        cited = posted_evidence(request, encounter)
        if len(cited) > 1:
            raise InvalidInput("One stretch of words shows one element.", code="em.words")
        return acts.set_element(
            actor=actor,
            encounter=encounter,
            fence=fence,
            category=request.POST.get("category", ""),
            element=_element(request),
            words=cited[0] if cited else None,
        )

    return _done(request, encounter_id, act)


@changing
def remove(request: HttpRequest, encounter_id: uuid.UUID, element_id: uuid.UUID) -> HttpResponse:
    """Takes one element off one's own score."""
    actor, encounter, fence = _to_score(request, encounter_id)
    return _done(
        request,
        encounter_id,
        lambda: acts.remove_element(actor=actor, encounter=encounter, fence=fence, element_id=element_id),
    )


@changing
def use(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """Makes the level the visit's code."""
    actor, encounter, fence = to_change(request, encounter_id)
    try:
        row = acts.use_level(actor=actor, encounter=encounter, fence=fence)
    except (Conflict, NotFound):
        raise
    except DomainError as error:
        return _refused(request, encounter_id, error)
    return _changed(request, encounter_id, f"{row.code} is the visit's code now.", row)


def _done(request: HttpRequest, encounter_id: uuid.UUID, act: Callable[[], VisitLevel]) -> HttpResponse:
    """Runs the act; what was refused comes back beside the form."""
    try:
        level = act()
    except (Conflict, NotFound):
        raise
    except DomainError as error:
        return _refused(request, encounter_id, error)
    by = f" by {PATHS[level.by]}" if level.by else ""
    return _changed(request, encounter_id, f"{level.code}{by}." if level.code else "No level is reached yet.")


def _changed(
    request: HttpRequest, encounter_id: uuid.UUID, say: str, row: CodeAssignment | None = None
) -> HttpResponse:
    chart = chart_shown(request, encounter_id)
    active = chart.keys.get(row.pk, "") if row else ""
    return tool_changed(request, chart, _answer(chart, actor_of(request)), say=say, active=active)


def _refused(request: HttpRequest, encounter_id: uuid.UUID, error: DomainError) -> HttpResponse:
    chart = chart_shown(request, encounter_id)
    field = error.details.get("field") or "kind"
    answer = _answer(chart, actor_of(request), {field: error.message}, request.POST.dict())
    return show_tool(request, chart, answer, say=error.message, status=422)


def _to_score(request: HttpRequest, encounter_id: uuid.UUID) -> tuple[Actor, Encounter, int | None]:
    """Who scores what: a coder under the lease, a reviewer without one.

    Raises:
        NotFound, NotAllowed, Conflict: as for a change of codes; the action refuses other roles.
    """
    actor = actor_of(request)
    if actor.role not in acts.RESCORING:
        return to_change(request, encounter_id)
    encounter = find_chart(actor=actor, client_id=client_of(request).id, encounter_id=encounter_id)
    return actor, encounter, None


def _element(request: HttpRequest) -> Cited:
    part, _, kind = request.POST.get("kind", "").partition(":")
    count = request.POST.get("count", "").strip() or "1"
    if not count.isdecimal() or len(count) > 4:
        raise InvalidInput("Write a whole number.", code="em.count", details={"field": "count"})
    return Cited(part, kind, int(count))


# --- the panel --------------------------------------------------------------------------------------------


def _answer(
    chart: Chart, actor: Actor, errors: dict[str, str] | None = None, posted: dict[str, str] | None = None
) -> ToolAnswer:
    return ToolAnswer(
        KEY, "workbench/em.html", {"em": em_panel(chart, actor, errors or {}, posted or {})}, module="em"
    )


def em_panel(chart: Chart, actor: Actor, errors: dict[str, str], posted: dict[str, str]) -> EmPanel:
    """Everything the panel shows to this person."""
    encounter, href = chart.open.encounter, f"{chart.href}em/"
    try:
        tables = tables_of(encounter)
    except Refused as error:
        return EmPanel(href, refusal=error.message)
    coders, reviewers = levels_of(encounter)
    is_reviewer = actor.role in acts.RESCORING
    own = next((row for row in reviewers if row.scorer_id == actor.user_id), None) if is_reviewer else coders
    seen = seen_before(encounter)
    scored = own or coders
    chosen = scored.category if scored else suggested_category(encounter, tables.edition)
    can_score = is_reviewer or (chart.open.may_code and actor.role == Role.CODER)
    mine = _score(chart, tables, own, chosen, "Your score" if is_reviewer else "Level", can_score=can_score)
    beside = None
    if is_reviewer and coders is not None:
        heading = f"Coder: {coders.scorer.full_name}"
        beside = _score(chart, tables, coders, coders.category, heading, can_score=False)
    differences = _differences(tables, coders, own) if is_reviewer and coders and own else ()
    return EmPanel(
        href=href,
        edition=f"Tables {tables.edition.name}",
        source=tables.edition.source,
        categories=_categories(encounter, tables, chosen),
        category=chosen,
        hint=_hint(seen) if chosen.startswith("office") else "",
        mine=mine,
        coders=beside,
        differences=differences,
        agrees=bool(is_reviewer and coders and own and not differences),
        kinds=_kinds(tables, posted.get("kind", "")) if can_score else (),
        can_score=can_score,
        is_reviewer=is_reviewer,
        use_words=f"Use {mine.code}" if chart.open.may_code and mine.code and not is_reviewer else "",
        fence=chart.open.item.fence if chart.open.item else 0,
        version_id=str(chart.version.pk) if chart.version else "",
        errors=errors,
        posted=posted,
    )


def _score(
    chart: Chart, tables: Tables, level: VisitLevel | None, category: str, heading: str, *, can_score: bool
) -> ScoreView:
    elements = sorted(level.elements.all(), key=lambda row: row.pk) if level else []
    scored = scored_of(tables, category, elements)
    decision = scored.decision
    return ScoreView(
        heading=heading,
        code=decision.code or "",
        by=f"by {PATHS[decision.by]}" if decision.by else "",
        other=_other(scored),
        steps=(
            *((f"{scored.next_mdm.code}: {scored.next_mdm.lacks}",) if scored.next_mdm else ()),
            *((scored.next_time.lacks,) if scored.next_time else ()),
        ),
        parts=tuple(_part(chart, tables, scored, part, elements, can_score) for part in PARTS),
    )


def _other(scored: Scored) -> str:
    decision = scored.decision
    if decision.by == "time":
        found = decision.mdm_code
        return f"By decision making: {found} ({decision.level.word})" if found else "By decision making: none"
    return f"By time: {decision.time_code}" if decision.time_code else f"By time: {decision.time_why}"


def _part(
    chart: Chart,
    tables: Tables,
    scored: Scored,
    part: str,
    elements: Sequence[VisitLevelElement],
    can_score: bool,
) -> PartView:
    decision = scored.decision
    rows = [row for row in elements if row.part == part]
    reached = {"problems": decision.problems, "data": decision.data, "risk": decision.risk}.get(part)
    level = reached.level.word if reached is not None and rows and reached.level else ""
    if part == "time":
        level = decision.time_code or ""
    labels = {kind.name: kind.label for kind in tables.kinds if kind.part == part}
    return PartView(
        name=part,
        label=PART_LABELS[part],
        level=level,
        why="" if rows else "nothing cited",
        elements=tuple(
            ElementRow(
                label=labels.get(row.kind, row.kind.replace("_", " ")),
                count=f"{row.count} min" if part == "time" else f"×{row.count}" if row.count > 1 else "",
                chip=chip_of(chart, row),
                remove_href=f"{chart.href}em/elements/{row.pk}/remove/" if can_score else "",
            )
            for row in rows
        ),
    )


def _differences(tables: Tables, coders: VisitLevel, own: VisitLevel) -> tuple[DifferenceRow, ...]:
    labels = {one.name: one.label for one in categories()}
    found = compare(cited_of(list(coders.elements.all())), cited_of(list(own.elements.all())), tables.kinds)
    rows = [DifferenceRow(PART_LABELS[one.part], one.coder, one.reviewer) for one in found]
    if coders.category != own.category:
        rows.insert(0, DifferenceRow("Category", labels[coders.category], labels[own.category]))
    if coders.code != own.code:
        rows.append(DifferenceRow("Level", coders.code or "none", own.code or "none"))
    return tuple(rows)


def _categories(encounter: Encounter, tables: Tables, chosen: str) -> tuple[Choice, ...]:
    """Those of the visit's kind first."""
    known = [one for one in categories() if one.name in tables.edition.categories]
    known.sort(key=lambda one: encounter.kind not in one.kinds)
    return tuple(Choice(one.name, one.label, one.name == chosen) for one in known)


def _kinds(tables: Tables, chosen: str) -> tuple[KindGroup, ...]:
    return tuple(
        KindGroup(
            PART_LABELS[part],
            tuple(
                Choice(
                    f"{part}:{kind.name}",
                    _kind_label(kind.label, kind.level),
                    f"{part}:{kind.name}" == chosen,
                )
                for kind in tables.kinds
                if kind.part == part
            ),
        )
        for part in PARTS
    )


def _kind_label(label: str, level: Level) -> str:
    return f"{label} ({level.word})" if level not in (Level.NONE, Level.STRAIGHTFORWARD, Level.LOW) else label


def _hint(seen: SeenBefore | None) -> str:
    if seen is None:
        return "New or established: the visit names neither practitioner nor specialty."
    if seen.on is None:
        return (
            "Hint: our data hold no visit with this practitioner or specialty since "
            f"{words.day(seen.since)}. If the patient is new, choose it."
        )
    return f"Hint: seen on {words.day(seen.on)} by {seen.by}, so established."
