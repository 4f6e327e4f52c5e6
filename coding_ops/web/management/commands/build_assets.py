"""``manage.py build_assets``: sprite, fonts and key table, to be called before ``collectstatic``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from coding_ops.web import assets


class Command(BaseCommand):
    """Needs no database, so that an image can be built without one."""

    help = "Builds the icon sprite, the cut fonts and the key table into ASSETS_DIR."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for name, size in assets.build(settings.ASSETS_DIR):
            self.stdout.write(f"{size:>8,} {name}")
