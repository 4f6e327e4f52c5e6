"""Addresses of control charts, signals and decisions."""

from __future__ import annotations

from django.urls import URLPattern, path

from qa_audit.views.drift import change, overview, subject

DRIFT = "c/<slug:client_slug>/quality/drift/"

urlpatterns: list[URLPattern] = [
    path(DRIFT, overview.drift, name="drift"),
    path(DRIFT + "change/", change.change, name="drift_change"),
    path(DRIFT + "coders/<int:coder_id>/", subject.coder, name="drift_coder"),
    path(DRIFT + "specialties/", subject.specialty, name="drift_specialty"),
    path(DRIFT + "signals/", subject.signals, name="drift_signals"),
    path(DRIFT + "signals/<uuid:signal_id>/", subject.signal, name="drift_signal"),
    path(DRIFT + "notes/", overview.new_note, name="drift_notes"),
    path(DRIFT + "notes/<uuid:note_id>/withdraw/", overview.drop_note, name="drift_note_withdraw"),
    path(DRIFT + "widenings/<uuid:widening_id>/end/", overview.end, name="drift_widening_end"),
    path(DRIFT + "pauses/<uuid:pause_id>/lift/", overview.lift, name="drift_pause_lift"),
]
