"""Addresses of RADV and payer audit rehearsals, and of overpayments."""

from __future__ import annotations

from django.urls import URLPattern, path

from qa_audit.views import overpayments, rehearsal, rehearsal_unit, rehearsals

REHEARSALS = "c/<slug:client_slug>/quality/rehearsals/"

urlpatterns: list[URLPattern] = [
    path(REHEARSALS, rehearsals.rehearsals, name="rehearsals"),
    path(REHEARSALS + "new/", rehearsals.new, name="new_rehearsal"),
    path(REHEARSALS + "clocks/new/", overpayments.new, name="new_clock"),
    path(REHEARSALS + "clocks/<uuid:clock_id>/", overpayments.clock, name="clock"),
    path(REHEARSALS + "<uuid:rehearsal_id>/", rehearsal.rehearsal, name="rehearsal"),
    path(
        REHEARSALS + "<uuid:rehearsal_id>/units/<uuid:unit_id>/", rehearsal_unit.unit, name="rehearsal_unit"
    ),
]
