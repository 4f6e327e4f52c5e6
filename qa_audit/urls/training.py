"""Addresses of training after errors, and re-audits."""

from __future__ import annotations

from django.urls import URLPattern, path

from qa_audit.views import root_causes, training, training_acts, training_assign, training_one

TRAINING = "c/<slug:client_slug>/quality/training/"
ONE = TRAINING + "assignments/<uuid:training_id>/"
CAUSE = TRAINING + "causes/<uuid:cause_id>/"

urlpatterns: list[URLPattern] = [
    path(TRAINING, training.topics, name="training"),
    path(TRAINING + "topic/", training.topic, name="training_topic"),
    path(TRAINING + "findings/<uuid:line_id>/topic/", training_acts.finding_topic, name="finding_topic"),
    path(TRAINING + "assign/", training_assign.assign, name="training_assign"),
    path(TRAINING + "assignments/", training.assignments, name="trainings"),
    path(ONE, training_one.assignment, name="training_one"),
    path(ONE + "complete/", training_acts.complete, name="training_complete"),
    path(ONE + "reaudit/", training_acts.reaudit, name="training_reaudit"),
    path(ONE + "end/", training_acts.end, name="training_end"),
    path(TRAINING + "causes/", root_causes.causes, name="root_causes"),
    path(TRAINING + "causes/new/", root_causes.new, name="root_cause_new"),
    path(CAUSE, root_causes.cause, name="root_cause"),
    path(CAUSE + "close/", root_causes.close, name="root_cause_close"),
]
