"""Rules that point at gaps, and what they found."""

from __future__ import annotations

from django.urls import URLPattern, path

from cdi_queries.views.triggers import hit, listing, rules

OPPORTUNITIES = "c/<slug:client_slug>/queries/opportunities/"
ONE = OPPORTUNITIES + "<uuid:hit_id>/"

urlpatterns: list[URLPattern] = [
    path(OPPORTUNITIES, listing.opportunities, name="opportunities"),
    path(OPPORTUNITIES + "rules/", rules.rules, name="trigger_rules"),
    path(OPPORTUNITIES + "rules/<str:rule_key>/switch/", rules.switch, name="trigger_switch"),
    path(ONE, hit.opportunity, name="opportunity"),
    path(ONE + "write/", hit.write, name="opportunity_write"),
    path(ONE + "dismiss/", hit.dismiss, name="opportunity_dismiss"),
    path(ONE + "put-back/", hit.put_back, name="opportunity_put_back"),
]
