"""Addresses of calibration rounds and gold charts."""

from __future__ import annotations

from django.urls import URLPattern, path

from qa_audit.views.calibration import gold, hand_out, overview
from qa_audit.views.calibration import round as calibration_round

BASE = "c/<slug:client_slug>/quality/calibration/"
ROUND = BASE + "rounds/<uuid:calibration_id>/"
CHART = BASE + "charts/<uuid:calibration_chart_id>/"
GOLD = BASE + "gold/"

urlpatterns: list[URLPattern] = [
    path(BASE, overview.home, name="calibration"),
    path(BASE + "compare/", overview.compare_now, name="gold_compare_now"),
    path(BASE + "policy/", overview.policy, name="gold_policy"),
    path(BASE + "signals/<uuid:gold_signal_id>/", overview.decide, name="gold_signal"),
    path(BASE + "rounds/new/", calibration_round.new, name="calibration_new"),
    path(ROUND, calibration_round.round_, name="calibration_round"),
    path(ROUND + "end/", calibration_round.end, name="calibration_end"),
    path(CHART, calibration_round.chart, name="calibration_chart"),
    path(CHART + "readers/", calibration_round.readers, name="calibration_readers"),
    path(GOLD, gold.charts, name="gold"),
    path(GOLD + "hand-out/", hand_out.hand_out, name="gold_hand_out"),
    path(GOLD + "checks/", gold.checks, name="gold_checks"),
    path(GOLD + "checks/<uuid:gold_check_id>/", gold.check, name="gold_check"),
    path(GOLD + "<uuid:gold_id>/", gold.key, name="gold_key"),
    path(GOLD + "<uuid:gold_id>/void/", gold.void, name="gold_void"),
]
