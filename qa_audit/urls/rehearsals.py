"""Addresses of RADV and payer audit rehearsals, and of overpayments."""

from __future__ import annotations

from django.urls import URLPattern, path

from qa_audit.views.rehearsals import listing, overpayments, rehearsal, unit

REHEARSALS = "c/<slug:client_slug>/quality/rehearsals/"

urlpatterns: list[URLPattern] = [
    path(REHEARSALS, listing.rehearsals, name="rehearsals"),
    path(REHEARSALS + "new/", listing.new, name="new_rehearsal"),
    path(REHEARSALS + "clocks/new/", overpayments.new, name="new_clock"),
    path(REHEARSALS + "clocks/<uuid:clock_id>/", overpayments.clock, name="clock"),
    path(REHEARSALS + "<uuid:rehearsal_id>/", rehearsal.rehearsal, name="rehearsal"),
    path(REHEARSALS + "<uuid:rehearsal_id>/units/<uuid:unit_id>/", unit.unit, name="rehearsal_unit"),
]
