"""Pages of a client's claims, a module a room."""

from __future__ import annotations

from claims.urls import (
    accounts,
    appeals,
    board,
    claims,
    credit_proposals,
    denials,
    drift,
    files,
    measures,
    reasons,
    setup,
    submissions,
)

app_name = "claims"
# The list of claims comes last: a claim's id is the only thing below it that is not a room.
urlpatterns = [
    *denials.urlpatterns,
    *board.urlpatterns,
    *appeals.urlpatterns,
    *credit_proposals.urlpatterns,
    *accounts.urlpatterns,
    *measures.urlpatterns,
    *files.urlpatterns,
    *submissions.urlpatterns,
    *drift.urlpatterns,
    *reasons.urlpatterns,
    *setup.urlpatterns,
    *claims.urlpatterns,
]
