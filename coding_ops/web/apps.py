"""The shared web layer: page shell, assets, error pages, preferences."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Holds no tables; it is installed for its commands."""

    name = "coding_ops.web"
    label = "web"
    verbose_name = "Web"

    def ready(self) -> None:
        """A session's clock starts when somebody signs in."""
        from coding_ops.web import idle

        idle.connect()
