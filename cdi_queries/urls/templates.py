"""The library and a client's own templates."""

from __future__ import annotations

from django.urls import URLPattern, path

from cdi_queries.views.templates import designer, listing, page

TEMPLATES = "c/<slug:client_slug>/queries/templates/"

urlpatterns: list[URLPattern] = [
    path(TEMPLATES, listing.templates, name="templates"),
    path(TEMPLATES + "new/", designer.new, name="template_new"),
    path(TEMPLATES + "<slug:template_key>/", page.template, name="template"),
    path(TEMPLATES + "<slug:template_key>/change/", designer.change, name="template_change"),
    path(TEMPLATES + "<slug:template_key>/compare/", page.compare, name="template_compare"),
    path(TEMPLATES + "<slug:template_key>/switch/", page.switch, name="template_switch"),
]
