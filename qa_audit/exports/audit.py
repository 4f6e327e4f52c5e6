"""The export of a finished audit: a draw whose reviews are over, or one closed review."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from coding_ops.core.errors import InvalidInput, NotFound, Refused
from coding_ops.exports import pdf, xlsx
from coding_ops.exports.kinds import Asked, ExportKind, Job, Produced
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import CLIENT_ROLES, Client, Role
from coding_ops.web.client_pages import moment
from qa_audit.access import VENDOR_REVIEWERS, reviews_in_reach
from qa_audit.exports.contents import Head, ReviewSheet, read_head, read_reviews
from qa_audit.exports.sheets import audit_workbook
from qa_audit.exports.totals import totals
from qa_audit.models import Draw, Review
from qa_audit.rules.review_states import ReviewState

FORMATS = ("pdf", "xlsx")
MAY_EXPORT = VENDOR_REVIEWERS | {Role.CLIENT_ADMIN, Role.EXTERNAL_AUDITOR}
CHUNK = 20
MOST_ON_PAPER = 400
HEAD = "head"
OVER = (ReviewState.CLOSED.value, ReviewState.CANCELLED.value)


def ask(actor: Actor, client_id: int, given: Mapping[str, str]) -> Asked:
    """``format`` (pdf, xlsx) and either ``review`` or ``draw``, an id.

    Raises:
        InvalidInput: another format, or not exactly one of the two.
        NotFound: absent, or not theirs to see.
        Refused: not finished, or too long for paper.
    """
    kind = given.get("format", "")
    review, draw = given.get("review", ""), given.get("draw", "")
    if kind not in FORMATS or bool(review) == bool(draw):
        raise InvalidInput("The form is incomplete: reload the page.", code="export.form")
    if actor.role not in MAY_EXPORT:
        raise NotFound
    named = "" if actor.role in CLIENT_ROLES else "1"
    if review:
        found = reviews_in_reach(actor, client_id).filter(pk=_id(review)).select_related("encounter").first()
        if found is None:
            raise NotFound
        if found.state != ReviewState.CLOSED:
            raise Refused("The review is not closed: its score can still change.", code="export.unfinished")
        title = f"Audit of visit {found.encounter.external_id}"
        return Asked(f"{title}, {_words(kind)}", {"format": kind, "review": str(found.pk), "named": named})
    drawn = Draw.objects.filter(client_id=client_id, pk=_id(draw)).select_related("version__plan").first()
    if drawn is None or (actor.role == Role.CLIENT_ADMIN and not drawn.version.plan.is_client_run):
        raise NotFound
    reviews = Review.objects.filter(client_id=client_id, draw=drawn)
    waiting = reviews.exclude(state__in=OVER).count()
    if waiting:
        raise Refused(f"{waiting} of its reviews are not finished.", code="export.unfinished")
    if kind == "pdf" and reviews.count() > MOST_ON_PAPER:
        raise Refused(
            f"More than {MOST_ON_PAPER} reviews do not fit on paper: take the Excel file.", code="export.long"
        )
    period = f"{drawn.period_from:%m/%d/%Y} to {drawn.period_through:%m/%d/%Y}"
    title = f"Audit {drawn.version.plan.name}, {period}, {_words(kind)}"
    return Asked(title, {"format": kind, "draw": str(drawn.pk), "named": named})


def parts(job: Job) -> Sequence[str]:
    """What was drawn, then the reviews in chunks."""
    ids = [
        str(one)
        for one in _reviews(job).order_by("encounter__external_id", "pk").values_list("pk", flat=True)
    ]
    return [HEAD, *(",".join(ids[at : at + CHUNK]) for at in range(0, len(ids), CHUNK))]


def read(job: Job, part: str) -> Head | list[ReviewSheet]:
    """One part, as plain values."""
    zone, named = Client.objects.get(pk=job.client_id).timezone, bool(job.params["named"])
    if part == HEAD:
        if "draw" in job.params:
            draws = Draw.objects.select_related("version__plan", "client")
            found = draws.get(client_id=job.client_id, pk=job.params["draw"])
            return read_head(found, None, zone=zone, are_named=named)
        review = _reviews(job).select_related("encounter", "client", "draw").get()
        return read_head(None, review, zone=zone, are_named=named)
    ids = [uuid.UUID(one) for one in part.split(",")]
    return read_reviews(job.client_id, ids, zone=zone, are_named=named)


def write(job: Job, read_parts: Sequence[Any]) -> Produced:
    """The file; what it is called names neither patient nor coder."""
    head: Head = read_parts[0]
    reviews: list[ReviewSheet] = [review for chunk in read_parts[1:] for review in chunk]
    made_by = job.asked_by if job.params["named"] else "The client"
    if job.params["format"] == "xlsx":
        content = audit_workbook(head, reviews, made_by=made_by, made_at=job.asked_at)
        media_type = xlsx.MEDIA_TYPE
    else:
        context = {
            "head": head,
            "reviews": reviews,
            "totals": totals(reviews, confidence=head.confidence, counted_score=head.counted_score),
            "made_by": made_by,
            "made_at": moment(job.asked_at, head.zone),
            "level": f"{head.confidence * 100:.0f}%",
        }
        content, media_type = pdf.pdf("qa_audit/audit_paper.html", context), pdf.MEDIA_TYPE
    subject = job.params.get("draw") or job.params["review"]
    return Produced(
        content=content,
        file_name=f"audit-{subject}.{job.params['format']}",
        media_type=media_type,
        encounter_ids=tuple(sorted({review.encounter_id for review in reviews})),
    )


def _reviews(job: Job) -> Any:
    reviews = Review.objects.filter(client_id=job.client_id, state=ReviewState.CLOSED)
    if "draw" in job.params:
        return reviews.filter(draw_id=job.params["draw"])
    return reviews.filter(pk=job.params["review"])


def _id(text: str) -> uuid.UUID:
    if not re.fullmatch(r"[0-9a-f-]{36}", text):
        raise NotFound
    return uuid.UUID(text)


def _words(kind: str) -> str:
    return "PDF" if kind == "pdf" else "Excel"


KIND = ExportKind(ask=ask, parts=parts, read=read, write=write)
