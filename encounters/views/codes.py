"""Changes of a code set: each is a form that works without a script and a partial with one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from coding_ops.audit.models import Verb
from coding_ops.core.errors import Conflict, DomainError, InvalidInput, NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import for_client
from coding_ops.web.http import is_partial, leave, show
from coding_ops.web.middleware import actor_of
from encounters.actions import changes, coding
from encounters.actions.coding import Words
from encounters.forms import attributes_of, evidence_words, same_words, words_of_lines
from encounters.models import CodeAssignment, CodeKind, Encounter, EncounterKind, ExceptionReason
from encounters.rules.code_entry import CodeOptions, parse_entry
from encounters.selectors.chart import version_of
from encounters.selectors.readiness import shown_code
from encounters.views.chart_page import Chart, chart_page, code_row
from encounters.views.doors import conflict_answer, opened, to_change, uuid_of
from encounters.views.dto import CodeForm
from encounters.views.edit_rows import said_aloud

REMOVAL_REASONS = (
    "Not documented",
    "Wrong code",
    "Entered twice",
    "Part of another code",
    "Not for this visit",
)


def changing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """POST only; a lost lease answers 409 with both versions, what was tried taken from the form."""

    @require_POST
    @for_client
    @wraps(view)
    def answer(request: HttpRequest, encounter_id: uuid.UUID, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, encounter_id, **kwargs)
        except Conflict as error:
            return conflict_answer(request, encounter_id, error, _tried(request))

    return answer


def _tried(request: HttpRequest) -> tuple[str, ...]:
    """The posted form in words; what the coder typed and cited, so that nothing of it is lost."""
    shown = (
        "code", "q", "modifiers", "units", "pointers", "poa", "reason", "to", "lines", "kind", "count",
        "category", "fact", "value", "letter",
    )  # fmt: skip
    lines = [f"{name}: {request.POST[name]}" for name in shown if request.POST.get(name)]
    return (*lines, *(f"“{quote}”" for quote in request.POST.getlist("quote")))


def changed(
    request: HttpRequest, encounter_id: uuid.UUID, say: str, *, active: str = "", undoable: bool = True
) -> HttpResponse:
    """The answer to a change: the elements it touched, or the whole page again."""
    chart = opened(request, encounter_id, request.POST.get("version", ""))
    if not is_partial(request):
        return leave(request, f"{chart.href}#code-{active}" if active else chart.href)
    page = chart_page(chart, actor_of(request), timezone.now())
    context = {
        "page": page,
        "lines": chart.drawing.marked_lines() if chart.drawing else "",
        "say": f"{say} {said_aloud(chart.readiness)}".rstrip(),
        "active": active,
        "undoable": undoable and bool(page.undo_words),
    }
    return render(request, "workbench/_changes.html", context)


def refused(request: HttpRequest, encounter_id: uuid.UUID, error: DomainError) -> HttpResponse:
    """422: what is wrong, beside the box; without a script the whole page with what was typed."""
    errors = {"q": error.message}
    if is_partial(request):
        said = {"errors": errors, "say": error.message}
        return render(request, "workbench/_refused.html", said, status=422)
    chart = opened(request, encounter_id, request.POST.get("version", ""))
    page = chart_page(chart, actor_of(request), timezone.now())
    posted = {name: request.POST.get(name, "") for name in ("q", "lines")}
    page = replace(page, errors=errors, posted=posted, pane="codes")
    return render(request, "workbench/page.html", {"page": page}, status=422)


# --- add ---------------------------------------------------------------------------------------------------


@changing
def add(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``code``, ``system``, ``modifiers``, ``units`` as chosen from the list, or ``q`` as typed; ``evidence``
    (``<version>:<start>:<end>``) with ``quote``, or ``lines``."""
    actor, encounter, fence = to_change(request, encounter_id)
    try:
        system, code, posted = chosen_code(request)
        row = coding.assign_code(
            actor=actor,
            encounter=encounter,
            fence=fence,
            system=system,
            code=code,
            evidence=posted_evidence(request, encounter),
            attributes=attributes_of(posted, {}),
        )
    except Conflict:
        raise
    except DomainError as error:
        return refused(request, encounter_id, error)
    key = _key(row)
    cited = len(request.POST.getlist("evidence"))
    words = f", {cited} quote{'s' if cited != 1 else ''} cited" if cited else ", not cited yet"
    return changed(request, encounter_id, f"{shown_code(row)} added as {key}{words}.", active=key)


def chosen_code(request: HttpRequest) -> tuple[str, str, dict[str, str]]:
    """System, code and attributes: as chosen, or as typed when exactly one code can be meant."""
    post = request.POST
    if post.get("code"):
        beside = {name: post[name] for name in ("modifiers", "units") if post.get(name)}
        return post.get("system", ""), post["code"], beside
    entry = parse_entry(post.get("q", ""))
    if not isinstance(entry, CodeOptions):
        raise InvalidInput("Type a whole code, for example E11.22 or 99213-25.", code="code.form")
    first = entry.options[0]
    beside = {}
    if first.change.modifiers:
        beside["modifiers"] = " ".join(first.change.modifiers)
    if first.change.units:
        beside["units"] = str(first.change.units)
    return first.system, first.code, beside


def posted_evidence(request: HttpRequest, encounter: Encounter) -> tuple[Words, ...]:
    """The cited words.  The page sends the quote too: when it is not what stands there, nothing is saved."""
    found = evidence_words(request.POST.getlist("evidence"))
    for words, quote in zip(found, request.POST.getlist("quote"), strict=False):
        version = version_of(encounter, words.version_id)
        if version is not None and not same_words(quote, version, words):
            raise InvalidInput(
                "The selected words are not what stands at that place: reload the note and select again.",
                code="evidence.mismatch",
            )
    typed = request.POST.get("lines", "").strip()
    if typed:
        version = version_of(encounter, uuid_of(request.POST.get("version", "")))
        if version is None:
            raise InvalidInput(
                "The lines belong to no document of this chart.", code="evidence.foreign_document"
            )
        found += words_of_lines(typed, version)
    return found


def _key(row: CodeAssignment) -> str:
    return str(row.position) if row.kind == CodeKind.DIAGNOSIS else f"S{row.position}"


# --- one code ----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def code(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """GET: the forms of one code.  POST: modifiers, units, pointers, present-on-admission, exception."""
    return (_show_code if request.method == "GET" else _change_code)(request, **kwargs)


@for_client
def _show_code(request: HttpRequest, encounter_id: uuid.UUID, assignment_id: uuid.UUID) -> HttpResponse:
    if not actor_of(request).is_vendor:
        raise NotFound  # a row of the working set, which is shown to nobody outside
    return _form(request, opened(request, encounter_id), assignment_id)


@changing
def _change_code(request: HttpRequest, encounter_id: uuid.UUID, assignment_id: uuid.UUID) -> HttpResponse:
    actor, encounter, fence = to_change(request, encounter_id)
    try:
        row = _save(request, actor, encounter, fence, assignment_id)
    except (Conflict, NotFound):
        raise
    except DomainError as error:
        field = error.details.get("field") or error.code.partition(".")[0]
        field = {"modifier": "modifiers", "pointer": "pointers"}.get(field, field)
        return _form(request, opened(request, encounter_id), assignment_id, {field: error.message})
    return changed(request, encounter_id, f"{shown_code(row)} changed.", active=_key(row))


def _save(
    request: HttpRequest, actor: Actor, encounter: Encounter, fence: int, assignment_id: uuid.UUID
) -> CodeAssignment:
    """Only what differs is changed, so that one save is one step of undo."""
    posted = request.POST.dict()
    rows = CodeAssignment.objects.filter(client_id=encounter.client_id, encounter=encounter)
    row = rows.filter(pk=assignment_id).first()
    if row is None:
        raise NotFound
    diagnoses = {str(p): pk for pk, p in rows.filter(kind=CodeKind.DIAGNOSIS).values_list("pk", "position")}
    wanted = attributes_of(posted, diagnoses)
    act: dict[str, Any] = {
        "actor": actor,
        "encounter": encounter,
        "fence": fence,
        "assignment_id": assignment_id,
    }
    reason, note = posted.get("exception", row.exception_reason), posted.get("note", row.exception_note)
    if (reason, note.strip() if reason else "") != (row.exception_reason, row.exception_note):
        coding.record_exception(**act, reason=reason, note=note)
    if _differs(row, wanted):
        row = coding.change_code(**act, attributes=wanted)
    return row


def _differs(row: CodeAssignment, wanted: coding.Attributes) -> bool:
    pairs = (
        (wanted.modifiers, tuple(row.modifiers)),
        (wanted.service_unit_quantity, row.service_unit_quantity),
        (wanted.present_on_admission, row.present_on_admission),
        (wanted.pointers, tuple(row.pointers)),
    )
    return any(new is not None and new != old for new, old in pairs)


def _form(
    request: HttpRequest, chart: Chart, assignment_id: uuid.UUID, errors: dict[str, str] | None = None
) -> HttpResponse:
    row = next((row for row in chart.rows if row.pk == assignment_id), None)
    if row is None:
        raise NotFound
    posted = request.POST
    shown = code_row(chart, row)
    form = CodeForm(
        row=shown,
        chart_href=chart.href,
        fence=chart.open.item.fence if chart.open.item else 0,
        modifiers=tuple(posted["modifiers"].split()) if "modifiers" in posted else tuple(row.modifiers),
        units=posted.get("units", str(row.service_unit_quantity)),
        pointers=posted.get("pointers", shown.pointers),
        poa=posted.get("poa", row.present_on_admission),
        exceptions=tuple(
            Choice(value, label, value == posted.get("exception", row.exception_reason))
            for value, label in (("", "None"), *ExceptionReason.choices)
        ),
        note=posted.get("note", row.exception_note),
        show_poa=chart.open.encounter.kind == EncounterKind.INPATIENT and row.kind == CodeKind.DIAGNOSIS,
        errors=errors or {},
        remove_reasons=tuple(Choice(words, words) for words in REMOVAL_REASONS),
    )
    status = 422 if errors else 200
    return show(request, "workbench/edit.html", "workbench/_edit.html", {"form": form}, status=status)


@changing
def cite(request: HttpRequest, encounter_id: uuid.UUID, assignment_id: uuid.UUID) -> HttpResponse:
    """``evidence`` with ``quote``, or ``lines`` of the document ``version``."""
    actor, encounter, fence = to_change(request, encounter_id)
    words = posted_evidence(request, encounter)
    if not words:
        raise InvalidInput(
            "Nothing is selected; select the words that support the code.", code="evidence.empty"
        )
    for piece in words:
        link = coding.cite(
            actor=actor, encounter=encounter, fence=fence, assignment_id=assignment_id, words=piece
        )
    row = link.assignment
    return changed(request, encounter_id, f"Cited for {shown_code(row)}.", active=_key(row))


@changing
def move(request: HttpRequest, encounter_id: uuid.UUID, assignment_id: uuid.UUID) -> HttpResponse:
    """``to``: ``up``, ``down``, or the position it shall have."""
    actor, encounter, fence = to_change(request, encounter_id)
    rows = CodeAssignment.objects.filter(client_id=encounter.client_id, encounter=encounter)
    row = rows.filter(pk=assignment_id).first()
    if row is None:
        raise NotFound
    to = request.POST.get("to", "")
    step = {"up": -1, "down": 1}.get(to)
    if step is None and not (to.isdecimal() and len(to) < 4):
        raise InvalidInput("Move it up or down.", code="code.position")
    wanted = int(to) if step is None else row.position + step
    if not 1 <= wanted <= rows.filter(kind=row.kind).count():
        return changed(request, encounter_id, "It is at the end already.", active=_key(row), undoable=False)
    coding.move_code(
        actor=actor, encounter=encounter, fence=fence, assignment_id=assignment_id, position=wanted
    )
    row.position = wanted
    return changed(request, encounter_id, f"{shown_code(row)} is now {_key(row)}.", active=_key(row))


@changing
def remove(request: HttpRequest, encounter_id: uuid.UUID, assignment_id: uuid.UUID) -> HttpResponse:
    """``reason``."""
    actor, encounter, fence = to_change(request, encounter_id)
    reason = request.POST.get("reason", "").strip()
    if len(reason) < 3:
        errors = {"reason": "Say why the code is removed."}
        return _form(request, opened(request, encounter_id), assignment_id, errors)
    coding.remove_code(
        actor=actor, encounter=encounter, fence=fence, assignment_id=assignment_id, reason=reason
    )
    return changed(request, encounter_id, "Code removed.")


@changing
def remove_evidence(request: HttpRequest, encounter_id: uuid.UUID, evidence_id: uuid.UUID) -> HttpResponse:
    """Unties one quote."""
    actor, encounter, fence = to_change(request, encounter_id)
    coding.remove_evidence(actor=actor, encounter=encounter, fence=fence, evidence_id=evidence_id)
    return changed(request, encounter_id, "Evidence removed.")


@changing
def undo(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """Takes the newest change of this lease back."""
    actor, encounter, fence = to_change(request, encounter_id)
    change = changes.undo(actor=actor, encounter=encounter, fence=fence)
    words = Verb(change.verb).label
    return changed(request, encounter_id, f"Taken back: {words}.", undoable=False)
