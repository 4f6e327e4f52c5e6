"""Addresses of sampling plans, draws and the release gate."""

from __future__ import annotations

from django.urls import URLPattern, path

from qa_audit.views.plans import draws, held, plans

QUALITY = "c/<slug:client_slug>/quality/"
PLAN = QUALITY + "plans/<uuid:plan_id>/"
DRAW = QUALITY + "draws/<uuid:draw_id>/"

urlpatterns: list[URLPattern] = [
    path(QUALITY + "plans/", plans.plans, name="plans"),
    path(QUALITY + "plans/new/", plans.new, name="new_plan"),
    path(PLAN, plans.plan, name="plan"),
    path(PLAN + "change/", plans.change, name="change_plan"),
    path(PLAN + "switch/", plans.switch, name="switch_plan"),
    path(PLAN + "draw/", plans.draw, name="draw_plan"),
    path(QUALITY + "held/", held.held, name="held"),
    path(QUALITY + "draws/", draws.draws, name="draws"),
    path(DRAW, draws.draw, name="draw"),
    path(DRAW + "again/", draws.again, name="draw_again"),
    path(DRAW + "frame.csv", draws.frame, name="draw_frame"),
    path(DRAW + "qa-sample.json", draws.rule, name="draw_rule"),
]
