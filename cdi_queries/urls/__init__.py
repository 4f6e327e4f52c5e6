"""Pages of CDI queries, a module a room.  Mounted at the root: ``/work/…`` crosses clients, ``/q/…`` is a
provider's link."""

from __future__ import annotations

from cdi_queries.urls import (
    audits,
    compose,
    education,
    exchange,
    life,
    measures,
    provider,
    templates,
    triggers,
)

app_name = "cdi_queries"
urlpatterns = [
    *compose.urlpatterns,
    *life.urlpatterns,
    *provider.urlpatterns,
    *templates.urlpatterns,
    *triggers.urlpatterns,
    *education.urlpatterns,
    *measures.urlpatterns,
    *audits.urlpatterns,
    *exchange.urlpatterns,
]
