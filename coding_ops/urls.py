"""Which room a URL opens.  ``/c/<client>/…`` is one client's, ``/work/…`` is across a vendor's clients."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from coding_ops.web import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/v1/", include("encounters.api.urls")),
    path("api/v1/", include("edit_rules.api.urls")),
    path("api/v1/", include("cdi_queries.api.urls")),
    path("api/v1/", include("claims.api.urls")),
    path("", include("coding_ops.web.urls")),
    path("", include("coding_ops.exports.urls")),
    path("", include("edit_rules.urls")),
    path("", include("code_sets.urls")),
    path("", include("encounters.urls")),
    path("", include("qa_audit.urls")),
    path("", include("cdi_queries.urls")),
    path("", include("claims.urls")),
    path("", include("reporting.urls")),
]

handler404 = "coding_ops.web.api.page_not_found"
