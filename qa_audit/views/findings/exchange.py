"""The page of a delivered review: findings with both sides' words beside the note, and the exchange."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.web.client_pages import client_of, moment
from coding_ops.web.middleware import actor_of
from encounters.views.doors import uuid_of
from qa_audit.access import LEADERS, shown_origin
from qa_audit.actions.findings import part_of, today_at
from qa_audit.models import AuditLine, Review, ReviewScore
from qa_audit.rules.audit_lines import Verdict
from qa_audit.rules.plan_terms import Mode
from qa_audit.rules.review_states import CODERS_TURN, LineState, ReviewState
from qa_audit.selectors.findings import lines_of, standing
from qa_audit.views.findings.exchange_dto import ExchangePage, ExtendView, Sent
from qa_audit.views.findings.exchange_parts import Beside, finding_view, people_of
from qa_audit.views.plans.parts import names_of
from qa_audit.views.plans.words import stratum as stratum_words
from qa_audit.views.reviews.score_rows import score_note, score_rows
from qa_audit.views.reviews.sheet_dto import SheetLine
from qa_audit.views.reviews.sheet_parts import read_sheet
from qa_audit.views.tabs import quality_tabs

EXPORTERS = LEADERS | {Role.QA_REVIEWER, Role.CLIENT_ADMIN, Role.EXTERNAL_AUDITOR}
TITLES = {
    ReviewState.ANSWERING: ("Findings delivered", "warn"),
    ReviewState.CLOSED: ("Closed", "ok"),
    ReviewState.CANCELLED: ("Cancelled", ""),
}


def exchange(request: HttpRequest, review: Review, sent: Sent | None = None) -> HttpResponse:
    """The page of a review that was delivered, closed or cancelled; ``?version=`` chooses the document.

    The caller has opened the review through its door, which noted the read.  ``sent``: a form that was
    refused; it is shown again with what was typed, and the answer is 422.
    """
    actor, client = actor_of(request), client_of(request)
    page = _page(actor, client, review, request.GET.get("version", ""), sent or Sent())
    context = {"page": page, "tabs": quality_tabs(actor.role, client.slug, "findings")}
    return render(request, "qa_audit/exchange.html", context, status=422 if sent else 200)


def _page(actor: Actor, client: ReachedClient, review: Review, version: str, sent: Sent) -> ExchangePage:
    sheet = read_sheet(
        review, slug=client.slug, zone=client.timezone, version_id=uuid_of(version) if version else None
    )
    found = [line for line in lines_of(review) if line.state != LineState.DRAFT]
    drawn = {line.id: line for line in sheet.lines}
    beside = Beside(
        findings_href=f"/c/{client.slug}/quality/findings/",
        zone=client.timezone,
        today=today_at(review.client),
        review=review,
        part=part_of(actor, review),
        people=people_of(review, actor.role),
        standing=standing(client.id, [one for one in (review.coder_id, review.reviewer_id) if one]),
    )
    state, tone = TITLES[ReviewState(review.state)]
    scores = ReviewScore.objects.filter(client_id=client.id, review=review).order_by("-number").first()
    is_over = review.state == ReviewState.CLOSED
    return ExchangePage(
        href=sheet.href,
        heading=f"Review of visit {review.encounter.external_id}",
        state=state,
        tone=tone,
        sheet=sheet,
        facts=_facts(actor, client, review),
        findings=tuple(finding_view(beside, line, drawn[str(line.pk)], sent) for line in found),
        agreed=tuple(_code(line) for line in sheet.lines if line.verdict == Verdict.AGREE),
        scores=score_rows(scores, review) if scores else (),
        score_note=score_note(scores, review),
        summary=review.summary or review.cancel_reason,
        extend=_extend(actor, client, found, sent),
        exports=(("pdf", "PDF"), ("xlsx", "Excel")) if is_over and actor.role in EXPORTERS else (),
        export_href=f"/c/{client.slug}/exports/",
        review_id=str(review.pk),
    )


def _code(line: SheetLine) -> str:
    side = line.coder or line.reviewer
    return side.code if side else ""


def _facts(actor: Actor, client: ReachedClient, review: Review) -> tuple[tuple[str, str], ...]:
    zone, people = client.timezone, people_of(review, actor.role)
    stratum = (
        f": {stratum_words(review.stratum, names_of(actor, [review.stratum]))}" if review.stratum else ""
    )
    facts = [
        ("Coder", f"{people.name(review.coder)}, {review.revision.credential}".rstrip(", ")),
        ("Reviewer", people.name(review.reviewer)),
        ("Done", "Blind: coded before seeing the coder's codes" if review.mode == Mode.BLIND else "Open"),
        ("Why", f"{shown_origin(actor, review).label}{stratum}"),
        ("Delivered", moment(review.delivered_at, zone) if review.delivered_at else ""),
        (
            "Answers until",
            f"{review.respond_by:%m/%d/%Y}"
            if review.respond_by and review.state == ReviewState.ANSWERING
            else "",
        ),
        ("Closed", moment(review.closed_at, zone) if review.closed_at else ""),
        ("Run by", "The client" if review.is_client_run else ""),
    ]
    return tuple((label, value) for label, value in facts if value)


def _extend(actor: Actor, client: ReachedClient, lines: list[AuditLine], sent: Sent) -> ExtendView | None:
    """For a manager, while something waits for the coder."""
    waiting = [line for line in lines if line.state in {state.value for state in CODERS_TURN}]
    if actor.role not in LEADERS or not waiting or waiting[0].review.state != ReviewState.ANSWERING:
        return None
    mine = sent if sent.form == "extend" else Sent()
    return ExtendView(
        href=f"/c/{client.slug}/quality/findings/{waiting[0].pk}/extend/",
        until=mine.values.get("until", ""),
        reason=mine.values.get("reason", ""),
        errors=mine.errors,
    )
