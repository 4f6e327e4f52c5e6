"""What claims do in the background, a module a room.  Celery looks here, so every module is named here."""

from claims.tasks import billing, drift, files

__all__ = ["billing", "drift", "files"]
