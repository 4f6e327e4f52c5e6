"""Audits of queries: ten questions."""

from __future__ import annotations

from django.urls import URLPattern, path

from cdi_queries.views.audits import audit, audited, author, listing

AUDITS = "c/<slug:client_slug>/queries/audits/"

urlpatterns: list[URLPattern] = [
    path(AUDITS, listing.audits, name="audits"),
    path(AUDITS + "new/", listing.new_audit, name="audit_new"),
    path(AUDITS + "authors/<int:author_id>/", author.author, name="audit_author"),
    path(AUDITS + "queries/<uuid:audited_id>/", audited.audited, name="audited"),
    path(AUDITS + "queries/<uuid:audited_id>/reopen/", audited.reopen, name="audited_reopen"),
    path(AUDITS + "<uuid:audit_id>/", audit.audit, name="audit"),
    path(AUDITS + "<uuid:audit_id>/csv/", audit.audit_csv, name="audit_csv"),
]
