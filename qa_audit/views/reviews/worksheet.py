"""The blind pass: the note and the reviewer's own codes, changed as on the workbench."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from code_sets.addresses import book_href
from code_sets.rules.entries import shown_code
from coding_ops.core.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import is_partial, leave, show
from coding_ops.web.middleware import actor_of
from encounters.forms import attributes_of
from encounters.models import CodeKind, EncounterKind
from encounters.rules.note_html import Mark, NoteDrawing
from encounters.views.chart_page import banner_of, note_of, release_of
from encounters.views.codes import chosen_code, posted_evidence
from encounters.views.dto import ChartPage, CodeForm, CodeRow, LeaseView
from encounters.views.search import LONGEST, options_for
from qa_audit.actions import codes as acts
from qa_audit.actions.codes import CodeWords
from qa_audit.models import Review, ReviewCode
from qa_audit.rules.review_states import ReviewState
from qa_audit.views.reviews import comparison
from qa_audit.views.reviews.doors import home_of, opened, paper_asked, to_code
from qa_audit.views.reviews.sheet_parts import Paper, links_of, paper_of, review_href


def worksheet(request: HttpRequest, review: Review, **changes: Any) -> HttpResponse:
    """The page of a blind review for its reviewer; ``?version=`` chooses the document."""
    page, _ = _page(request, review)
    page = replace(page, **changes)
    status = 422 if page.errors else 200
    context = {"page": page, "reviews_href": home_of(actor_of(request), client_of(request))}
    return render(request, "qa_audit/worksheet.html", context, status=status)


def _page(request: HttpRequest, review: Review) -> tuple[ChartPage, NoteDrawing | None]:
    client, encounter = client_of(request), review.encounter
    href = review_href(client.slug, review)
    paper = paper_of(review, href, paper_asked(request))
    rows = codes_of(review)
    drawing = paper.drawing(_marks(rows, paper))
    lines = [_row(review, href, row, paper) for row in rows]
    page = ChartPage(
        href=href,
        title="Review",
        status=review.state,
        status_words="Coded blind: the coder's codes are closed to you until you compare",
        banner=banner_of(encounter),
        documents=paper.tabs,
        note=note_of(href, paper.documents, paper.version, drawing, client.timezone),
        services=tuple(line for line in lines if line.kind == CodeKind.SERVICE),
        diagnoses=tuple(line for line in lines if line.kind == CodeKind.DIAGNOSIS),
        ready=(),
        queue=None,
        lease=LeaseView(True, "Blind review, yours", 0, 0),
        can_edit=True,
        can_finalize=True,
        can_reopen=False,
        can_resume=False,
        release=release_of(encounter),
    )
    return page, drawing


def codes_of(review: Review) -> list[ReviewCode]:
    """The reviewer's set with its evidence: two queries."""
    rows = ReviewCode.objects.filter(client_id=review.client_id, review=review)
    return list(rows.prefetch_related("evidence").order_by("kind", "position"))


def key_of(row: ReviewCode) -> str:
    """``3`` or ``S1``, as on the workbench."""
    return str(row.position) if row.kind == CodeKind.DIAGNOSIS else f"S{row.position}"


def _marks(rows: Sequence[ReviewCode], paper: Paper) -> list[Mark]:
    return [
        Mark(link.start, link.end, key_of(row), row.kind, shown_code(row.system, row.code))
        for row in rows
        for link in links_of(row)
        if paper.version is not None and link.version_id == paper.version.pk
    ]


def _row(review: Review, href: str, row: ReviewCode, paper: Paper) -> CodeRow:
    units = row.service_unit_quantity
    chips = tuple(
        replace(paper.chip(link), quote=kept.quote, remove_href=f"{href}evidence/{kept.pk}/remove/")
        for link, kept in zip(links_of(row), row.evidence.all(), strict=True)
    )
    return CodeRow(
        key=key_of(row),
        kind=row.kind,
        code=shown_code(row.system, row.code),
        modifiers="-".join(row.modifiers),
        units=str(units) if units > 1 else "",
        title=row.title,
        chips=chips,
        href=f"{href}codes/{row.pk}/",
        poa=row.present_on_admission,
        problem="" if chips else "Not cited yet",
        book=book_href(row.system, row.code, review.encounter.coding_on) if row.title else "",
    )


# --- answers to a change -------------------------------------------------------------------------------


def changed(request: HttpRequest, review_id: uuid.UUID, say: str, *, active: str = "") -> HttpResponse:
    """What the change touched: the codes of a blind review, or the lines compared anew."""
    review = opened(request, review_id)
    if review.state == ReviewState.COMPARING:
        return comparison.changed(request, review, say, active="")
    href = review_href(client_of(request).slug, review)
    if not is_partial(request):
        return leave(request, f"{href}#code-{active}" if active else href)
    page, drawing = _page(request, review)
    lines = drawing.marked_lines() if drawing else ""
    context = {"page": page, "lines": lines, "say": say, "active": active}
    return render(request, "qa_audit/_worksheet_changes.html", context)


def refused(request: HttpRequest, review_id: uuid.UUID, error: DomainError) -> HttpResponse:
    """422: what is wrong, beside the box."""
    errors = {"q": error.message}
    if is_partial(request):
        said = {"errors": errors, "say": error.message}
        return render(request, "workbench/_refused.html", said, status=422)
    review = opened(request, review_id)
    posted = {name: request.POST.get(name, "") for name in ("q", "lines")}
    if review.state == ReviewState.COMPARING:
        return comparison.comparison(request, review, errors=errors, posted=posted)
    return worksheet(request, review, errors=errors, posted=posted, pane="codes")


# --- the reviewer's codes ------------------------------------------------------------------------------


@require_POST
@for_client
def search(request: HttpRequest, review_id: uuid.UUID) -> HttpResponse:
    """``q``: options for the list box, in the releases of the day the chart is coded for."""
    _, review = to_code(request, review_id)
    href = review_href(client_of(request).slug, review)
    rows = ReviewCode.objects.filter(client_id=review.client_id, review=review, kind=CodeKind.DIAGNOSIS)
    assigned = {code: f"{href}codes/{pk}/cite/" for code, pk in rows.values_list("code", "pk")}
    hits, words = options_for(review.encounter, request.POST.get("q", "")[:LONGEST], assigned)
    return render(request, "workbench/_hits.html", {"hits": hits, "empty_words": words})


@require_POST
@for_client
def add(request: HttpRequest, review_id: uuid.UUID) -> HttpResponse:
    """``code``, ``system``, ``modifiers``, ``units`` as chosen, or ``q`` as typed; ``evidence`` with
    ``quote``, or ``lines``."""
    actor, review = to_code(request, review_id)
    try:
        system, code, posted = chosen_code(request)
        words = posted_evidence(request, review.encounter)
        entry = _entry(system, code, posted)
        row = acts.add_code(actor=actor, review=review, entry=entry, evidence=words)
    except (Conflict, NotAllowed, NotFound):
        raise
    except DomainError as error:
        return refused(request, review_id, error)
    key, cited = key_of(row), len(words)
    told = f", {cited} quote{'s' if cited != 1 else ''} cited" if cited else ", not cited yet"
    say = f"{shown_code(row.system, row.code)} added as {key}{told}."
    return changed(request, review_id, say, active=key)


def _entry(system: str, code: str, posted: Mapping[str, str]) -> CodeWords:
    wanted = attributes_of(dict(posted), {})
    return CodeWords(
        system,
        code,
        wanted.modifiers or (),
        wanted.service_unit_quantity or 1,
        wanted.present_on_admission or "",
    )


@require_http_methods(["GET", "POST"])
@for_client
def code(request: HttpRequest, review_id: uuid.UUID, review_code_id: uuid.UUID) -> HttpResponse:
    """GET: the forms of one code.  POST: modifiers, units, present on admission."""
    _, review = to_code(request, review_id)
    row = row_of(review, review_code_id)
    if request.method == "GET":
        return code_form(request, review_id, review_code_id)
    try:
        row = change(request, review, row)
    except (Conflict, NotAllowed, NotFound):
        raise
    except DomainError as error:
        field = error.details.get("field") or error.code.partition(".")[0]
        errors = {"modifiers" if field == "modifier" else field: error.message}
        return code_form(request, review_id, review_code_id, errors)
    say = f"{shown_code(row.system, row.code)} changed."
    return changed(request, review_id, say, active=key_of(row))


def row_of(review: Review, code_id: uuid.UUID) -> ReviewCode:
    """One code of the reviewer's set.

    Raises:
        NotFound: not of this review.
    """
    row: ReviewCode | None = ReviewCode.objects.filter(
        client_id=review.client_id, review=review, pk=code_id
    ).first()
    if row is None:
        raise NotFound
    return row


def change(request: HttpRequest, review: Review, row: ReviewCode) -> ReviewCode:
    """The posted attributes of a code; what the form does not carry stays."""
    kept = {
        "modifiers": " ".join(row.modifiers),
        "units": str(row.service_unit_quantity),
        "poa": row.present_on_admission,
    }
    posted = {name: request.POST.get(name, value) for name, value in kept.items()}
    entry = _entry(row.system, row.code, posted)
    actor = to_code(request, review.pk)[0]
    return acts.change_code(actor=actor, review=review, code_id=row.pk, entry=entry)


def code_form(
    request: HttpRequest, review_id: uuid.UUID, code_id: uuid.UUID, errors: dict[str, str] | None = None
) -> HttpResponse:
    """The forms of one code, inline or as a page."""
    review = opened(request, review_id)
    href = review_href(client_of(request).slug, review)
    paper = paper_of(review, href)
    row = next((one for one in codes_of(review) if one.pk == code_id), None)
    if row is None:
        raise NotFound
    posted = request.POST
    form = CodeForm(
        row=_row(review, href, row, paper),
        chart_href=href,
        fence=0,
        modifiers=tuple(posted["modifiers"].split()) if "modifiers" in posted else tuple(row.modifiers),
        units=posted.get("units", str(row.service_unit_quantity)),
        pointers="",
        poa=posted.get("poa", row.present_on_admission),
        exceptions=(),
        note="",
        show_poa=review.encounter.kind == EncounterKind.INPATIENT and row.kind == CodeKind.DIAGNOSIS,
        errors=errors or {},
        takes_pointers=False,
    )
    status = 422 if errors else 200
    return show(request, "workbench/edit.html", "workbench/_edit.html", {"form": form}, status=status)


@require_POST
@for_client
def cite(request: HttpRequest, review_id: uuid.UUID, review_code_id: uuid.UUID) -> HttpResponse:
    """``evidence`` with ``quote``, or ``lines`` of the document ``version``."""
    _, review = to_code(request, review_id)
    row = cite_for(request, review, review_code_id)
    return changed(request, review_id, f"Cited for {shown_code(row.system, row.code)}.", active=key_of(row))


def cite_for(request: HttpRequest, review: Review, code_id: uuid.UUID) -> ReviewCode:
    """Ties the posted words to a code.

    Raises:
        InvalidInput: nothing is selected.
    """
    actor = to_code(request, review.pk)[0]
    words = posted_evidence(request, review.encounter)
    if not words:
        raise InvalidInput(
            "Nothing is selected; select the words that support the code.", code="evidence.empty"
        )
    for piece in words:
        acts.cite(actor=actor, review=review, code_id=code_id, words=piece)
    return row_of(review, code_id)


@require_POST
@for_client
def move(request: HttpRequest, review_id: uuid.UUID, review_code_id: uuid.UUID) -> HttpResponse:
    """``to``: ``up`` or ``down``."""
    actor, review = to_code(request, review_id)
    row = row_of(review, review_code_id)
    step = {"up": -1, "down": 1}.get(request.POST.get("to", ""))
    if step is None:
        raise InvalidInput("Move it up or down.", code="code.position")
    wanted = row.position + step
    count = ReviewCode.objects.filter(client_id=review.client_id, review=review, kind=row.kind).count()
    if not 1 <= wanted <= count:
        return changed(request, review_id, "It is at the end already.", active=key_of(row))
    acts.move_code(actor=actor, review=review, code_id=row.pk, position=wanted)
    row.position = wanted
    say = f"{shown_code(row.system, row.code)} is now {key_of(row)}."
    return changed(request, review_id, say, active=key_of(row))


@require_POST
@for_client
def remove(request: HttpRequest, review_id: uuid.UUID, review_code_id: uuid.UUID) -> HttpResponse:
    """Takes a code off; no reason is asked, because nobody has relied on it yet."""
    actor, review = to_code(request, review_id)
    acts.remove_code(actor=actor, review=review, code_id=review_code_id)
    return changed(request, review_id, "Code removed.")


@require_POST
@for_client
def remove_evidence(
    request: HttpRequest, review_id: uuid.UUID, review_evidence_id: uuid.UUID
) -> HttpResponse:
    """Unties one quote."""
    actor, review = to_code(request, review_id)
    acts.uncite(actor=actor, review=review, evidence_id=review_evidence_id)
    return changed(request, review_id, "Evidence removed.")
