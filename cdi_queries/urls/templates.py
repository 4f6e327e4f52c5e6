"""The library and a client's own templates."""

from __future__ import annotations

from django.urls import URLPattern, path

from cdi_queries.views.templates import designer, listing, page

TEMPLATES = "c/<slug:client_slug>/queries/templates/"

urlpatterns: list[URLPattern] = [
    path(TEMPLATES, listing.templates, name="templates"),
    path(TEMPLATES + "new/", designer.new, name="template_new"),
    path(TEMPLATES + "<slug:key>/", page.template, name="template"),
    path(TEMPLATES + "<slug:key>/change/", designer.change, name="template_change"),
    path(TEMPLATES + "<slug:key>/compare/", page.compare, name="template_compare"),
    path(TEMPLATES + "<slug:key>/switch/", page.switch, name="template_switch"),
]
