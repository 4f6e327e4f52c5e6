"""Addresses of control charts, signals and decisions."""

from __future__ import annotations

from django.urls import URLPattern, path

from qa_audit.views import drift, drift_change, drift_subject

DRIFT = "c/<slug:client_slug>/quality/drift/"

urlpatterns: list[URLPattern] = [
    path(DRIFT, drift.drift, name="drift"),
    path(DRIFT + "change/", drift_change.change, name="drift_change"),
    path(DRIFT + "coders/<int:coder_id>/", drift_subject.coder, name="drift_coder"),
    path(DRIFT + "specialties/", drift_subject.specialty, name="drift_specialty"),
    path(DRIFT + "signals/", drift_subject.signals, name="drift_signals"),
    path(DRIFT + "signals/<uuid:signal_id>/", drift_subject.signal, name="drift_signal"),
    path(DRIFT + "notes/", drift.new_note, name="drift_notes"),
    path(DRIFT + "notes/<uuid:note_id>/withdraw/", drift.drop_note, name="drift_note_withdraw"),
    path(DRIFT + "widenings/<uuid:widening_id>/end/", drift.end, name="drift_widening_end"),
    path(DRIFT + "pauses/<uuid:pause_id>/lift/", drift.lift, name="drift_pause_lift"),
]
