"""Alive and ready: asked by machines, told nothing of a client."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from coding_ops.web import health
from tests import cast


def test_healthz_touches_nothing_outside_the_process(client: Client) -> None:
    """Without the database mark any query raises."""
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_is_ready_when_everything_is_there(client: Client) -> None:
    cast.icd10cm()
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "checks": {"database": "ok", "migrations": "ok", "broker": "ok", "code_sets": "ok"},
    }


@pytest.mark.django_db
def test_readyz_names_the_missing_release(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    checks = response.json()["checks"]
    assert "ICD-10-CM" in checks["code_sets"]
    assert [name for name, words in checks.items() if words != "ok"] == ["code_sets"]


@pytest.mark.django_db
def test_readyz_names_the_broker_and_tells_no_address(client: Client, settings: Any) -> None:
    cast.icd10cm()
    settings.CELERY_BROKER_URL = "redis://:secret-of-ours@127.0.0.1:1/0"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["broker"] == "not reachable"
    assert b"127.0.0.1" not in response.content and b"secret-of-ours" not in response.content


@pytest.mark.django_db
def test_readyz_counts_migrations_that_are_not_applied(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.icd10cm()
    known = health._known_migrations()
    monkeypatch.setattr(health, "_known_migrations", lambda: known | {("encounters", "9999_not_there")})
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["migrations"] == "1 migration is not applied"


@pytest.mark.django_db
def test_readyz_refuses_a_role_that_row_security_does_not_bind(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.icd10cm()

    class Unbound:
        def __enter__(self) -> Unbound:
            return self

        def __exit__(self, *_: object) -> None:
            return None

        def execute(self, _sql: str) -> None:
            return None

        def fetchone(self) -> tuple[bool]:
            return (True,)

    class Connected:
        def cursor(self) -> Unbound:
            return Unbound()

    monkeypatch.setattr(health, "connection", Connected())
    with pytest.raises(health.NotReadyError, match="row-level security"):
        health._database()


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
@pytest.mark.django_db
def test_only_reading_is_answered(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
