"""Claims: written from final codes, and everything that payers answered to them."""

from __future__ import annotations

from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    """Claims, acknowledgements, remittances, denials and appeals."""

    name = "claims"
    verbose_name = "Claims"
