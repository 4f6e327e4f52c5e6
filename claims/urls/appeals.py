"""Addresses of the room "appeals" of a client's claims, and of what else is done about denials."""

from __future__ import annotations

from django.urls import URLPattern, path

from claims.views.appeals import answers, appeal, listing

CLAIMS = "c/<slug:client_slug>/claims/"
APPEALS = f"{CLAIMS}appeals/"
APPEAL = f"{APPEALS}<uuid:appeal_id>/"
DENIAL = f"{CLAIMS}denials/<uuid:denial_id>/"
urlpatterns: list[URLPattern] = [
    path(APPEALS, listing.appeals, name="appeals"),
    path(APPEAL, appeal.appeal, name="appeal"),
    path(f"{APPEAL}letter/", appeal.letter, name="appeal_letter"),
    path(f"{APPEAL}send/", appeal.send, name="appeal_send"),
    path(f"{APPEAL}decide/", appeal.decide, name="appeal_decide"),
    path(f"{APPEAL}withdraw/", appeal.withdraw, name="appeal_withdraw"),
    path(f"{DENIAL}appeal/", appeal.draft, name="appeal_draft"),
    path(f"{DENIAL}rework/", answers.rework, name="rework"),
    path(f"{CLAIMS}<uuid:claim_id>/correct/", answers.correct, name="correct"),
]
