"""CDI queries: composed from the chart, linted, answered by the provider, traced to the changed code."""

from __future__ import annotations

from django.apps import AppConfig


class CdiQueriesConfig(AppConfig):
    """Questions to providers about their documentation."""

    name = "cdi_queries"
    verbose_name = "CDI queries"
