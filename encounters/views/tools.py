"""Tools of the workbench: panels that take the place of the code list, beside the note.

A tool is a page of its own address: the whole workbench with the panel open.  A script asks for the panel
alone (`HX-Request`) and puts it in place.  Its template draws the inside of ``<section id="tool">``.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from coding_ops.web.http import is_partial, leave
from coding_ops.web.middleware import actor_of
from encounters.views.chart_page import Chart, chart_page
from encounters.views.doors import opened
from encounters.views.dto import OpenTool
from encounters.views.tool_tabs import BY_KEY


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What a tool draws: its template, what the template is given, and what it says aloud."""

    key: str
    template: str
    context: Mapping[str, Any]
    module: str = ""
    """Script of static/js that the panel needs, without ``.js``; loaded when the panel is first shown."""


def show_tool(
    request: HttpRequest, chart: Chart, answer: ToolAnswer, *, say: str = "", status: int = 200
) -> HttpResponse:
    """The panel for a script, the whole page with the panel open for a browser."""
    page = chart_page(chart, actor_of(request), timezone.now())
    tool = OpenTool(answer.key, BY_KEY[answer.key].label, answer.template, answer.module)
    page = replace(page, tool=tool, pane="codes")
    context = {**answer.context, "page": page, "say": say}
    template = "workbench/_tool_alone.html" if is_partial(request) else "workbench/page.html"
    response = render(request, template, context, status=status)
    response["Vary"] = "HX-Request, Cookie"
    return response


def tool_changed(
    request: HttpRequest, chart: Chart, answer: ToolAnswer, *, say: str, active: str = ""
) -> HttpResponse:
    """The answer to a change made in a tool: what it touched in the chart, and the panel anew."""
    tab = BY_KEY[answer.key]
    if not is_partial(request):
        return leave(request, f"{chart.href}{tab.path}")
    page = chart_page(chart, actor_of(request), timezone.now())
    page = replace(page, tool=OpenTool(answer.key, tab.label, answer.template, answer.module))
    context = {
        **answer.context,
        "page": page,
        "lines": chart.drawing.marked_lines() if chart.drawing else "",
        "say": say,
        "active": active,
        "undoable": bool(page.undo_words),
    }
    return render(request, "workbench/_tool_changes.html", context)


def chart_shown(request: HttpRequest, encounter_id: uuid.UUID) -> Chart:
    """The chart of a tool's request, on the document version that the page shows."""
    version = request.POST.get("version", "") if request.method == "POST" else request.GET.get("version", "")
    return opened(request, encounter_id, version)
