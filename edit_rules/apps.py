"""Rules a client or payer lays over the edits."""

from __future__ import annotations

from django.apps import AppConfig


class EditRulesConfig(AppConfig):
    """Overlays: what a client or a payer wants checked otherwise."""

    name = "edit_rules"
