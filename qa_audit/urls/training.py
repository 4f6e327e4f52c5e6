"""Addresses of training after errors, and re-audits."""

from __future__ import annotations

from django.urls import URLPattern, path

from qa_audit.views.training import acts, assign, assignment, root_causes, topics

TRAINING = "c/<slug:client_slug>/quality/training/"
ONE = TRAINING + "assignments/<uuid:training_id>/"
CAUSE = TRAINING + "causes/<uuid:cause_id>/"

urlpatterns: list[URLPattern] = [
    path(TRAINING, topics.topics, name="training"),
    path(TRAINING + "topic/", topics.topic, name="training_topic"),
    path(TRAINING + "findings/<uuid:line_id>/topic/", acts.finding_topic, name="finding_topic"),
    path(TRAINING + "assign/", assign.assign, name="training_assign"),
    path(TRAINING + "assignments/", topics.assignments, name="trainings"),
    path(ONE, assignment.assignment, name="training_one"),
    path(ONE + "complete/", acts.complete, name="training_complete"),
    path(ONE + "reaudit/", acts.reaudit, name="training_reaudit"),
    path(ONE + "end/", acts.end, name="training_end"),
    path(TRAINING + "causes/", root_causes.causes, name="root_causes"),
    path(TRAINING + "causes/new/", root_causes.new, name="root_cause_new"),
    path(CAUSE, root_causes.cause, name="root_cause"),
    path(CAUSE + "close/", root_causes.close, name="root_cause_close"),
]
