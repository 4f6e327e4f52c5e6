"""One line of the comparison: judged, settled with the coder, given a finding about the work."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from code_sets.rules.entries import shown_code
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import show
from qa_audit.actions.agree import agree_with_coder
from qa_audit.actions.findings import Judgement, add_process_line, judge_line, remove_process_line
from qa_audit.models import AuditLine, Review, ReviewCode
from qa_audit.models.reviews import Cause, CitationKind, Direction, Severity
from qa_audit.rules.judging import start_of_judgement
from qa_audit.rules.review_states import ReviewState
from qa_audit.rules.verdict_words import verdict_words
from qa_audit.views.reviews import worksheet
from qa_audit.views.reviews.comparison import changed, next_open, page_of
from qa_audit.views.reviews.doors import opened, to_change
from qa_audit.views.reviews.sheet_dto import JudgeForm, SheetLine
from qa_audit.views.reviews.sheet_parts import read_sheet

CITED_BEFORE = 40
FIELDS = ("cause", "severity", "direction", "citation_kind", "citation", "note")
ATTRIBUTES = ("modifiers", "units", "poa")


@require_http_methods(["GET", "POST"])
@for_client
def line(request: HttpRequest, review_id: uuid.UUID, line_id: uuid.UUID) -> HttpResponse:
    """GET: the forms of one line.  POST: cause, severity, direction, citation; or, as typed into the box,
    attributes of the reviewer's code."""
    actor, review = to_change(request, review_id)
    row = _row(actor.person_id, review, line_id)
    if request.method == "GET":
        return _form(request, review_id, row)
    if "cause" not in request.POST and any(name in request.POST for name in ATTRIBUTES):
        code = worksheet.change(request, review, _own_code(row))
        return changed(request, opened(request, review_id), f"{shown_code(code.system, code.code)} changed.")
    posted = {name: request.POST.get(name, "") for name in FIELDS}
    try:
        judge_line(actor=actor, review=review, line_id=line_id, judgement=Judgement(**posted))
    except (Conflict, NotAllowed, NotFound):
        raise
    except InvalidInput as error:
        return _form(request, review_id, row, {str(error.details.get("path", "")): error.message})
    found = opened(request, review_id)
    key = str(row.number)
    active = next_open(page_of(request, found).sheet, key)
    return changed(request, found, f"Line {key} is judged.", active=active)


def _row(person_id: int, review: Review, line_id: uuid.UUID) -> AuditLine:
    """A line of a review under comparison, for its reviewer.

    Raises:
        NotFound: not of this review, or not theirs to judge.
    """
    row = AuditLine.objects.filter(client_id=review.client_id, review=review, pk=line_id).first()
    if row is None or review.reviewer_id != person_id or review.state != ReviewState.COMPARING:
        raise NotFound
    return row


def _own_code(row: AuditLine) -> ReviewCode:
    """The reviewer's code of a line.

    Raises:
        InvalidInput: the line has none.
    """
    side = row.reviewer_line
    found: ReviewCode | None = None
    if side is not None:
        found = ReviewCode.objects.filter(
            client_id=row.client_id, review_id=row.review_id, kind=side["kind"], position=side["position"]
        ).first()
    if found is None:
        raise InvalidInput("The reviewer has no code on this line; add one first.", code="line.no_code")
    return found


def _form(
    request: HttpRequest, review_id: uuid.UUID, row: AuditLine, errors: dict[str, str] | None = None
) -> HttpResponse:
    review, client = opened(request, review_id), client_of(request)
    sheet = read_sheet(review, slug=client.slug, zone=client.timezone)
    shown = next(one for one in sheet.lines if one.id == str(row.pk))
    start = start_of_judgement()
    posted = {name: request.POST.get(name, "") for name in FIELDS}
    asked = request.GET.get("cause", "")
    by_key = (
        start.causes[int(asked) - 1] if asked.isdecimal() and 1 <= int(asked) <= len(start.causes) else ""
    )
    told = {
        "cause": posted["cause"] or by_key or row.cause,
        "severity": posted["severity"] or row.severity or start.severity.get(row.verdict, ""),
        "direction": posted["direction"] or row.direction or start.direction.get(row.verdict, ""),
        "citation_kind": posted["citation_kind"] or row.citation_kind or CitationKind.GUIDELINE.value,
    }
    causes = [(value, f"{number} {Cause(value).label}") for number, value in enumerate(start.causes, start=1)]
    form = JudgeForm(
        line=shown,
        review_href=sheet.href,
        causes=_choices([("", "Choose"), *causes], told["cause"]),
        severities=_choices(Severity.choices, told["severity"]),
        directions=_choices(Direction.choices, told["direction"]),
        citation_kinds=_choices(CitationKind.choices, told["citation_kind"]),
        citation=posted["citation"] or row.citation,
        note=posted["note"] or row.note,
        cited_before=_cited_before(review),
        code_href=f"{sheet.href}codes/{_own_code(row).pk}/" if shown.reviewer and not row.is_process else "",
        agree_words=_agree_words(shown),
        process=tuple(Choice(one, verdict_words(one)) for one in ("QM", "EV", "OB")),
        errors=errors or {},
    )
    status = 422 if errors else 200
    return show(request, "qa_audit/judge.html", "qa_audit/_judge.html", {"form": form}, status=status)


def _choices(pairs: Iterable[tuple[str, str]], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, str(label), value == chosen) for value, label in pairs)


def _agree_words(line: SheetLine) -> str:
    """What taking the coder's side does, on the button; empty where both agree."""
    if line.is_process or not line.is_finding:
        return ""
    if line.coder is None:
        return f"The coder is right: leave out {line.reviewer.code if line.reviewer else ''}".rstrip()
    return f"The coder is right: take {line.coder.code}"


def _cited_before(review: Review) -> tuple[str, ...]:
    """What was cited at this client lately, newest first, each once: offered while a citation is typed."""
    rows = (
        AuditLine.objects.filter(client_id=review.client_id)
        .exclude(verdict="AG")
        .exclude(citation="")
        .order_by("-pk")
        .values_list("citation", flat=True)[: CITED_BEFORE * 3]
    )
    return tuple(dict.fromkeys(rows))[:CITED_BEFORE]


@require_POST
@for_client
def cite(request: HttpRequest, review_id: uuid.UUID, line_id: uuid.UUID) -> HttpResponse:
    """``evidence`` with ``quote``: words for the reviewer's code of the line."""
    actor, review = to_change(request, review_id)
    row = _row(actor.person_id, review, line_id)
    code = worksheet.cite_for(request, review, _own_code(row).pk)
    say = f"Cited for {shown_code(code.system, code.code)}."
    return changed(request, opened(request, review_id), say, active=str(row.number))


@require_POST
@for_client
def agree(request: HttpRequest, review_id: uuid.UUID, line_id: uuid.UUID) -> HttpResponse:
    """The coder is right: their side becomes the reviewer's."""
    actor, review = to_change(request, review_id)
    _row(actor.person_id, review, line_id)
    taken = agree_with_coder(actor=actor, review=review, line_id=line_id)
    say = f"{taken} taken over." if taken else "Code left out."
    return changed(request, opened(request, review_id), say)


@require_POST
@for_client
def process(request: HttpRequest, review_id: uuid.UUID, line_id: uuid.UUID) -> HttpResponse:
    """``verdict``: QM, EV or OB beside the line."""
    actor, review = to_change(request, review_id)
    _row(actor.person_id, review, line_id)
    verdict = request.POST.get("verdict", "")
    made = add_process_line(actor=actor, review=review, line_id=line_id, verdict=verdict)
    say = f"{verdict_words(verdict)} added as line {made.number}."
    return changed(request, opened(request, review_id), say, active=str(made.number))


@require_POST
@for_client
def remove(request: HttpRequest, review_id: uuid.UUID, line_id: uuid.UUID) -> HttpResponse:
    """Takes a finding about the work back."""
    actor, review = to_change(request, review_id)
    remove_process_line(actor=actor, review=review, line_id=line_id)
    return changed(request, opened(request, review_id), "Line removed.")
