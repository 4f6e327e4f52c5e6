"""Is the process alive, and can it serve?  Both are asked by machines, without signing in.

``/healthz`` touches nothing outside the process: a database that is away is no reason to restart the web.
``/readyz`` tries each thing a request needs and names the one that is missing; a load balancer sends no
request here until all are there.  Neither says anything of a client.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import redis
from django.apps import apps
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

BROKER_SECONDS = 2.0
DIAGNOSIS_SYSTEM = "ICD-10-CM"
logger = logging.getLogger(__name__)


class NotReadyError(Exception):
    """Why a check does not pass, in words without names of hosts or accounts."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be there before a request can be served."""

    name: str
    passes: Callable[[], None]


@login_not_required
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 as long as this process can answer at all."""
    return _answer({"status": "ok"}, 200)


@login_not_required
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 with every check ``ok``, else 503 and what is missing."""
    checks = {check.name: _outcome(check) for check in CHECKS}
    ready = all(words == "ok" for words in checks.values())
    return _answer({"status": "ready" if ready else "not ready", "checks": checks}, 200 if ready else 503)


def _answer(body: dict[str, object], status: int) -> JsonResponse:
    response = JsonResponse(body, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _outcome(check: Check) -> str:
    try:
        check.passes()
    except NotReadyError as error:
        return str(error)
    except (DatabaseError, redis.RedisError, OSError) as error:
        # The error's own text may hold hosts, accounts or row values: it stays out of answer and log.
        logger.warning("not ready", extra={"check": check.name, "error": type(error).__name__})
        return "not reachable"
    return "ok"


def _database() -> None:
    """Reachable, as a role that row-level security binds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        row = cursor.fetchone()
    if row is None or row[0]:
        raise NotReadyError("the database role is not bound by row-level security")


def _migrations() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = set(cursor.fetchall())
    missing = len(_known_migrations() - applied)
    if missing:
        raise NotReadyError(f"{missing} migration{'s are' if missing > 1 else ' is'} not applied")


@lru_cache(maxsize=1)
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Every migration that came with this program; read from disk once a process."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return frozenset((str(app), str(name)) for app, name in loader.disk_migrations or ())


def _broker() -> None:
    client = redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS
    )
    try:
        client.ping()
    finally:
        client.close()


def _code_sets() -> None:
    # By name: this layer lies below the code sets.
    release = apps.get_model("code_sets", "CodeSetRelease")
    today = timezone.localdate()
    in_force = release.objects.filter(system=DIAGNOSIS_SYSTEM, effective_from__lte=today).filter(
        Q(effective_to__isnull=True) | Q(effective_to__gte=today)
    )
    if not in_force.exists():
        raise NotReadyError(f"no release of {DIAGNOSIS_SYSTEM} is in force today: load one")


CHECKS = (
    Check("database", _database),
    Check("migrations", _migrations),
    Check("broker", _broker),
    Check("code_sets", _code_sets),
)
