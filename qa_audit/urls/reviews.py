"""Addresses of the review queue and the worksheet."""

from __future__ import annotations

from django.urls import URLPattern, path

from qa_audit.views.reviews import lines, listing, queue, review, worksheet

REVIEWS = "c/<slug:client_slug>/quality/reviews/"
REVIEW = REVIEWS + "<uuid:review_id>/"
CODE = REVIEW + "codes/<uuid:review_code_id>/"
LINE = REVIEW + "lines/<uuid:line_id>/"

urlpatterns: list[URLPattern] = [
    path("work/reviews/", queue.queue, name="queue"),
    path("work/reviews/next/", queue.take, name="take_any"),
    path(REVIEWS, listing.reviews, name="reviews"),
    path(REVIEWS + "ask/", listing.ask, name="ask"),
    path(REVIEWS + "next/", review.take_next, name="take_next"),
    path(REVIEW, review.review, name="review"),
    path(REVIEW + "take/", review.take, name="take"),
    path(REVIEW + "give-back/", review.give_back, name="give_back"),
    path(REVIEW + "cancel/", review.cancel, name="cancel"),
    path(REVIEW + "reveal/", review.reveal, name="reveal"),
    path(REVIEW + "deliver/", review.deliver, name="deliver"),
    path(REVIEW + "codes/", worksheet.add, name="review_codes"),
    path(REVIEW + "codes/search/", worksheet.search, name="review_search"),
    path(CODE, worksheet.code, name="review_code"),
    path(CODE + "cite/", worksheet.cite, name="review_cite"),
    path(CODE + "move/", worksheet.move, name="review_move"),
    path(CODE + "remove/", worksheet.remove, name="review_remove"),
    path(
        REVIEW + "evidence/<uuid:review_evidence_id>/remove/",
        worksheet.remove_evidence,
        name="review_uncite",
    ),
    path(LINE, lines.line, name="line"),
    path(LINE + "cite/", lines.cite, name="line_cite"),
    path(LINE + "agree/", lines.agree, name="line_agree"),
    path(LINE + "process/", lines.process, name="line_process"),
    path(LINE + "remove/", lines.remove, name="line_remove"),
]
