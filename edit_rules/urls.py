"""Pages of a client's rules.  Mounted at the root."""

from __future__ import annotations

from django.urls import path

from edit_rules.views import exchange, findings, listing, rule

app_name = "edit_rules"
RULES = "c/<slug:client_slug>/edit-rules/"

urlpatterns = [
    path(RULES, listing.rules, name="list"),
    path(RULES + "built-in/", listing.built_in, name="built_in"),
    path(RULES + "export/", exchange.export, name="export"),
    path(RULES + "import/", exchange.import_, name="import"),
    path(RULES + "new/", rule.new, name="new"),
    path(RULES + "<uuid:rule_id>/", rule.rule, name="rule"),
    path(RULES + "<uuid:rule_id>/findings/", findings.findings, name="findings"),
    path(RULES + "<uuid:rule_id>/switch/", rule.switch, name="switch"),
]
