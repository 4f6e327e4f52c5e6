"""Addresses of the API, below ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from encounters.api.views import changes, charts, edits, history, schema, search, steps, work

app_name = "api"
CLIENT = "clients/<slug:client_slug>/"
CHART = CLIENT + "encounters/<uuid:encounter_id>/"
CODE = CHART + "assignments/<uuid:assignment_id>/"

urlpatterns = [
    path("schema/", schema.Schema.as_view(), name="schema"),
    path("codes/search/", search.Search.as_view(), name="search"),
    path("work/worklist/", work.Worklist.as_view(), name="worklist"),
    path("work/next/", work.take_next_view, name="next"),
    path(CLIENT + "encounters/", charts.EncounterList.as_view(), name="encounters"),
    path(CLIENT + "documents/versions/<uuid:version_id>/", charts.VersionDetail.as_view(), name="version"),
    path(CHART, charts.EncounterDetail.as_view(), name="encounter"),
    path(CHART + "assignments/", changes.Assignments.as_view(), name="assignments"),
    path(CODE, changes.AssignmentDetail.as_view(), name="assignment"),
    path(CODE + "evidence/", changes.Evidence.as_view(), name="cite"),
    path(CODE + "move/", changes.Move.as_view(), name="move"),
    path(CODE + "exception/", changes.RecordException.as_view(), name="exception"),
    path(CHART + "evidence/<uuid:evidence_id>/", changes.EvidenceDetail.as_view(), name="evidence"),
    path(CHART + "overrides/", edits.Overrides.as_view(), name="overrides"),
    path(CHART + "overrides/<uuid:override_id>/", edits.OverrideDetail.as_view(), name="override"),
    path(CHART + "undo/", changes.Undo.as_view(), name="undo"),
    path(CHART + "heartbeat/", steps.Heartbeat.as_view(), name="heartbeat"),
    path(CHART + "release/", steps.Release.as_view(), name="release"),
    path(CHART + "skip/", steps.Skip.as_view(), name="skip"),
    path(CHART + "pend/", steps.Pend.as_view(), name="pend"),
    path(CHART + "resume/", steps.Resume.as_view(), name="resume"),
    path(CHART + "finalize/", steps.Finalize.as_view(), name="finalize"),
    path(CHART + "reopen/", steps.Reopen.as_view(), name="reopen"),
    path(CHART + "revisions/", history.Revisions.as_view(), name="revisions"),
    path(CHART + "revisions/compare/", history.Compare.as_view(), name="compare"),
    path(CHART + "history/", history.Story.as_view(), name="history"),
]
