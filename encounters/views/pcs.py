"""The tool that builds an ICD-10-PCS code axis by axis, from the tables of the day of discharge."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from code_sets.pcs_commands import refusal_of
from code_sets.pcs_tables import pcs_tables_on
from code_sets.rules.pcs import Axis, Build, build
from code_sets.rules.pcs_table import LENGTH
from code_sets.selectors import check_assignable
from coding_ops.core.errors import NotFound, Refused
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import is_partial
from coding_ops.web.middleware import actor_of
from encounters.models import Encounter, EncounterKind
from encounters.views.chart_page import chart_href
from encounters.views.doors import to_change
from encounters.views.tools import ToolAnswer, chart_shown, show_tool

SYSTEM = "ICD-10-PCS"
NO_LABEL = "label not published here"
LONGEST = 20


@dataclass(frozen=True, slots=True)
class PcsCell:
    """One of the seven places: the axis, the character chosen and its words; empty until it is chosen."""

    axis: str
    value: str = ""
    label: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class PcsChoice:
    """A value that may follow: choosing it makes the code `prefix`."""

    value: str
    label: str
    prefix: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class PcsStep:
    """How far the code has come.

    Attributes:
        problem: why nothing can be built here, or why the whole code cannot be assigned; empty when it can.
        refused: the character typed that no row allows, in words.
        meaning: what the operation of the table is.
        title: of a whole code, as the release of the day of discharge has it.
    """

    release: str = ""
    prefix: str = ""
    back: str = ""
    cells: tuple[PcsCell, ...] = ()
    axis: str = ""
    choices: tuple[PcsChoice, ...] = ()
    meaning: str = ""
    title: str = ""
    refused: str = ""
    problem: str = ""
    whole: bool = False
    chart_href: str = ""
    fence: int = 0
    version: str = ""


@require_http_methods(["GET", "POST"])
@for_client
def pcs(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """GET: the tool.  POST ``prefix`` (or ``pick``): the next axis; the code stands in no address."""
    if not actor_of(request).is_vendor:
        raise NotFound  # it shows the working set's chart, which nobody outside sees
    if request.method == "POST":
        _, encounter, fence = to_change(request, encounter_id)
        if is_partial(request):
            href = chart_href(client_of(request).slug, encounter_id)
            step = step_of(encounter, _typed(request), href, fence, request.POST.get("version", ""))
            return render(request, "workbench/_pcs_step.html", {"pcs": step})
    chart = chart_shown(request, encounter_id)
    fence = chart.open.item.fence if chart.open.item else 0
    version = str(chart.version.pk) if chart.version is not None else ""
    step = step_of(chart.open.encounter, _typed(request), chart.href, fence, version)
    return show_tool(request, chart, ToolAnswer("pcs", "workbench/pcs.html", {"pcs": step}, module="pcs"))


def _typed(request: HttpRequest) -> str:
    return (request.POST.get("pick") or request.POST.get("prefix", ""))[:LONGEST]


def step_of(encounter: Encounter, typed: str, href: str, fence: int, version: str) -> PcsStep:
    """What the page shows after these characters; ``href``, ``fence`` and ``version`` are for its forms."""
    if encounter.kind != EncounterKind.INPATIENT:
        return PcsStep(problem="ICD-10-PCS is for the procedures of an inpatient stay.")
    try:
        entry, tables = pcs_tables_on(encounter.coding_on)
    except Refused as error:
        return PcsStep(problem=error.message)
    found = build(tables, typed)
    names = _names(found)
    title, problem = _title(encounter, found) if found.valid else (found.title, "")
    return PcsStep(
        release=f"ICD-10-PCS {entry.release}",
        prefix=found.prefix,
        back=found.prefix[:-1],
        cells=tuple(_cell(found, names, place) for place in range(LENGTH)),
        axis=found.next.name if found.next is not None else "",
        choices=_choices(found),
        meaning=found.operation or "",
        title=title,
        refused=refusal_of(found) if found.refused else "",
        problem=problem,
        whole=found.valid,
        chart_href=href,
        fence=fence,
        version=version,
    )


def _names(found: Build) -> list[str]:
    """The axes known so far: those chosen, then the one to choose from."""
    return [one.name for one in found.chosen] + ([found.next.name] if found.next is not None else [])


def _cell(found: Build, names: list[str], place: int) -> PcsCell:
    axis = names[place] if place < len(names) else ""
    if place < len(found.chosen):
        chosen = found.chosen[place]
        return PcsCell(axis, chosen.value, chosen.label or NO_LABEL)
    return PcsCell(axis, current=place == len(found.chosen))


def _choices(found: Build) -> tuple[PcsChoice, ...]:
    axis: Axis | None = found.next
    if axis is None:
        return ()
    return tuple(
        PcsChoice(one.value, one.label or NO_LABEL, found.prefix + one.value, one.definition or "")
        for one in axis.values
    )


def _title(encounter: Encounter, found: Build) -> tuple[str, str]:
    """Title of a whole code, and why it cannot be assigned; its own words where no codes are loaded."""
    try:
        verdict = check_assignable(SYSTEM, found.prefix, encounter.coding_on)
    except Refused as error:
        return found.title, error.message
    return verdict.title or found.title, "" if verdict.ok else verdict.reason
