"""Pages of the QA programme, a module a room.  Mounted at the root: ``/work/…`` crosses clients."""

from __future__ import annotations

from qa_audit.urls import (
    calibration,
    drift,
    findings,
    plans,
    programme,
    rehearsals,
    reviews,
    training,
)

app_name = "qa_audit"
urlpatterns = [
    *programme.urlpatterns,
    *reviews.urlpatterns,
    *findings.urlpatterns,
    *plans.urlpatterns,
    *training.urlpatterns,
    *calibration.urlpatterns,
    *drift.urlpatterns,
    *rehearsals.urlpatterns,
]
