"""Files made in the background for a person to download: any app registers its kinds."""

from __future__ import annotations

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """Exports: asked for on a page, made by a worker, kept sealed for some days."""

    name = "coding_ops.exports"
    label = "exports"
    verbose_name = "Exports"
