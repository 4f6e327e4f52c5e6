"""Query rate, response time and agreement; marks of charts reviewed."""

from __future__ import annotations

from django.urls import URLPattern, path

from cdi_queries.views.measures import marks, page, rows

MEASURES = "c/<slug:client_slug>/queries/measures/"

urlpatterns: list[URLPattern] = [
    path(MEASURES, page.measures, name="measures"),
    path(MEASURES + "rows/", rows.rows, name="measure_rows"),
    path(
        "c/<slug:client_slug>/encounters/<uuid:encounter_id>/query/reviewed/",
        marks.chart_reviewed,
        name="chart_reviewed",
    ),
]
