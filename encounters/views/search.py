"""The add-code box: what was typed, answered as a list of codes of the systems a chart of its kind takes.

The words come in the body of a POST: they are words of the note, and addresses are logged.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from code_sets.addresses import book_href
from code_sets.rules.entries import shown_code
from code_sets.selectors import BoxHit, check_assignable, children_of, search_box
from coding_ops.core.errors import NotFound, Refused
from coding_ops.web.client_pages import client_of
from encounters.models import CodeAssignment, CodeKind, Encounter, EncounterKind
from encounters.rules.code_entry import CodeEntry, CodeOptions, EntryProblem, LineChange, parse_entry
from encounters.views.codes import changing
from encounters.views.doors import to_change
from encounters.views.dto import SearchHit

DIAGNOSES, PROCEDURES = "ICD-10-CM", "ICD-10-PCS"
STAY_SYSTEMS = (DIAGNOSES, PROCEDURES)
VISIT_SYSTEMS = (DIAGNOSES, "HCPCS", "CPT")
LIMIT = 12
MOST_CHILDREN = 40
LONGEST = 200
LONGEST_TITLE = 150
NEAR_A_CHANGE = timedelta(days=30)
HEADING = re.compile(r"(?P<code>[A-Z0-9][A-Z0-9.]{0,7})-")
"""How ICD-10 writes that more characters follow: "S52.5-" lists what stands below S52.5."""


@changing
def search(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``q``: options for the list box, best first, in the releases of the day the chart is coded for."""
    _, chart, _ = to_change(request, encounter_id)
    typed = request.POST.get("q", "")[:LONGEST]
    hits, words = options_for(chart, typed, _assigned(chart, client_of(request).slug))
    return render(request, "workbench/_hits.html", {"hits": hits, "empty_words": words})


def systems_of(chart: Encounter) -> tuple[str, ...]:
    """The systems a chart of this kind takes codes from, the one usually meant first."""
    return STAY_SYSTEMS if chart.kind == EncounterKind.INPATIENT else VISIT_SYSTEMS


def options_for(chart: Encounter, typed: str, assigned: Mapping[str, str]) -> tuple[list[SearchHit], str]:
    """What the box offers for what was typed, best first, and what it says when that is nothing.

    ``assigned``: code of each diagnosis that is there already, and the address that cites for it.
    """
    heading = HEADING.fullmatch(typed.strip().upper())
    below = _children(chart, heading["code"], assigned) if heading is not None else []
    if below:
        return below, ""
    entry = parse_entry(typed)
    if isinstance(entry, EntryProblem):
        return [], entry.message
    if isinstance(entry, LineChange):
        return [_line_hit(entry)], ""
    words = entry.search if isinstance(entry, CodeOptions) else entry.words
    hits: list[SearchHit] = []
    if isinstance(entry, CodeOptions):
        hits += [hit for option in entry.options for hit in _exact(chart.coding_on, option, assigned)]
    try:
        found = search_box(systems_of(chart), chart.coding_on, words, LIMIT)
    except Refused as error:
        return hits, error.message
    known = {(hit.system, hit.value) for hit in hits}
    hits += [_hit(one, chart.coding_on, assigned) for one in found if (one.system, one.code) not in known]
    return hits[:LIMIT], f"No code of the releases in force on {chart.coding_on:%m/%d/%Y} matches."


def _children(chart: Encounter, code: str, assigned: Mapping[str, str]) -> list[SearchHit]:
    """What stands below a heading, in the order of the classification; nothing where it is none."""
    for system in systems_of(chart):
        try:
            found = children_of(system, code, chart.coding_on)
        except (Refused, NotFound):
            continue
        if found:
            return [_hit(one, chart.coding_on, assigned) for one in found[:MOST_CHILDREN]]
    return []


def _hit(one: BoxHit, on: date, assigned: Mapping[str, str]) -> SearchHit:
    return SearchHit(
        one.system,
        one.code,
        shown_code(one.system, one.code),
        _cut(one.title),
        one.billable,
        warning=_until(one.valid_until, on),
        cite_href=assigned.get(one.code, "") if one.system == DIAGNOSES else "",
        book=book_href(one.system, one.code, on),
    )


def _cut(title: str) -> str:
    if len(title) <= LONGEST_TITLE:
        return title
    return title[:LONGEST_TITLE].rsplit(" ", 1)[0] + " …"


def _until(last: date | None, on: date) -> str:
    near = last is not None and timedelta(0) <= last - on <= NEAR_A_CHANGE
    return f"valid until {last:%m/%d/%Y}" if near and last is not None else ""


def _exact(on: date, option: CodeEntry, assigned: Mapping[str, str]) -> Iterator[SearchHit]:
    """A code typed whole; nothing when the release does not know it (the search says what is near)."""
    try:
        verdict = check_assignable(option.system, option.code, on)
    except Refused:
        return
    if not verdict.ok and not verdict.title:
        return
    yield SearchHit(
        system=option.system,
        value=option.code,
        shown=shown_code(option.system, option.code),
        title=_cut(verdict.title) or f"{option.system} code; its form is checked, its text is not loaded",
        billable=verdict.billable,
        why_not="" if verdict.ok or not verdict.billable else verdict.reason,
        warning=_until(verdict.valid_until, on),
        modifiers=" ".join(option.change.modifiers),
        units=str(option.change.units) if option.change.units else "",
        cite_href=assigned.get(option.code, "") if option.system == DIAGNOSES else "",
        book=book_href(option.system, option.code, on) if verdict.title else "",
    )


def _line_hit(change: LineChange) -> SearchHit:
    """``-25``, ``x4``, ``p:1,2`` typed alone: a change of the code shown."""
    parts = [
        f"modifiers {' '.join(change.modifiers)}" if change.modifiers else "",
        f"units {change.units}" if change.units else "",
        f"pointers {' '.join(map(str, change.pointers))}" if change.pointers else "",
        f"present on admission {change.poa}" if change.poa else "",
    ]
    return SearchHit(
        system="",
        value="",
        shown="Change",
        title="the code shown: " + ", ".join(part for part in parts if part),
        modifiers=" ".join(change.modifiers),
        units=str(change.units) if change.units else "",
        pointers=" ".join(map(str, change.pointers)),
        poa=change.poa,
    )


def _assigned(chart: Encounter, slug: str) -> dict[str, str]:
    """Diagnoses on the chart already: choosing one again cites the selection for it."""
    rows = CodeAssignment.objects.filter(
        client_id=chart.client_id, encounter=chart, kind=CodeKind.DIAGNOSIS
    ).values_list("code", "pk")
    return {code: reverse("encounters:cite", args=[slug, chart.pk, pk]) for code, pk in rows}
