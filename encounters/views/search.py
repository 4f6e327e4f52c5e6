"""The add-code box: what was typed, answered as a list of codes.

The words come in the body of a POST: they are words of the note, and addresses are logged.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from code_sets.rules.entries import with_dot
from code_sets.selectors import check_assignable, search_codes
from coding_ops.core.errors import Refused
from encounters.models import CodeAssignment, CodeKind, Encounter
from encounters.rules.code_entry import CodeEntry, CodeOptions, EntryProblem, LineChange, parse_entry
from encounters.views.codes import changing
from encounters.views.doors import client_of, to_change
from encounters.views.dto import SearchHit

DIAGNOSES = "ICD-10-CM"
LIMIT = 12
LONGEST = 200
NEAR_A_CHANGE = timedelta(days=30)


@changing
def search(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``q``: options for the list box, best first, in the release of the date of service."""
    _, chart, _ = to_change(request, encounter_id)
    typed = request.POST.get("q", "")[:LONGEST]
    hits, words = _answer(chart, client_of(request).slug, typed)
    return render(request, "workbench/_hits.html", {"hits": hits, "empty_words": words})


def _answer(chart: Encounter, slug: str, typed: str) -> tuple[list[SearchHit], str]:
    entry = parse_entry(typed)
    if isinstance(entry, EntryProblem):
        return [], entry.message
    if isinstance(entry, LineChange):
        return [_line_hit(entry)], ""
    words = entry.search if isinstance(entry, CodeOptions) else entry.words
    assigned = _assigned(chart, slug)
    hits: list[SearchHit] = []
    if isinstance(entry, CodeOptions):
        hits += [hit for option in entry.options for hit in _exact(chart.coding_on, option, assigned)]
    try:
        found = search_codes(DIAGNOSES, chart.coding_on, words, LIMIT)
    except Refused as error:
        return hits, error.message
    known = {hit.value for hit in hits if hit.system == DIAGNOSES}
    hits += [
        SearchHit(
            DIAGNOSES,
            one.code,
            with_dot(one.code),
            one.title,
            one.billable,
            cite_href=assigned.get(one.code, ""),
        )
        for one in found
        if one.code not in known
    ]
    return hits[:LIMIT], f"No code of the release in force on {chart.coding_on:%m/%d/%Y} matches."


def _exact(on: date, option: CodeEntry, assigned: dict[str, str]) -> Iterator[SearchHit]:
    """A code typed whole; nothing when the release does not know it (the search says what is near)."""
    try:
        verdict = check_assignable(option.system, option.code, on)
    except Refused:
        return
    if not verdict.ok and not verdict.title:
        return
    until = verdict.valid_until
    near = until is not None and timedelta(0) <= until - on <= NEAR_A_CHANGE
    shown = with_dot(option.code) if option.system == DIAGNOSES else option.code
    yield SearchHit(
        system=option.system,
        value=option.code,
        shown=shown,
        title=verdict.title or f"{option.system} code; its form is checked, its text is not loaded",
        billable=verdict.billable,
        warning=f"valid until {until:%m/%d/%Y}" if near and until is not None else "",
        modifiers=" ".join(option.change.modifiers),
        units=str(option.change.units) if option.change.units else "",
        cite_href=assigned.get(option.code, "") if option.system == DIAGNOSES else "",
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
