"""The benchmarks' own database on the durable embedded server, reached as the plain role."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import MutableMapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from coding_ops.dev import services

ROOT = Path(__file__).resolve().parent.parent
NAME = "coding_ops_bench"


def on_database(url: str, name: str) -> str:
    """The same server and role, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def prepare(environment: MutableMapping[str, str]) -> None:
    """Makes a fresh, migrated database and points Django at it."""
    made = services.environment("run")
    owner = made.get("DATABASE_OWNER_URL") or environment["DATABASE_OWNER_URL"]
    app = made.get("DATABASE_URL") or environment["DATABASE_URL"]
    home = psycopg2.connect(owner)
    home.autocommit = True
    with home.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {NAME}")
    home.close()
    environment.update(made)
    environment["DATABASE_OWNER_URL"] = on_database(owner, NAME)
    environment["DATABASE_URL"] = on_database(app, NAME)
    environment["DJANGO_SETTINGS_MODULE"] = "coding_ops.settings"
    environment["SECURE"] = "false"
    environment["ALLOWED_HOSTS"] = "testserver,127.0.0.1"
    environment["LOG_LEVEL"] = "WARNING"
    for command, role in (
        (["migrate", "--verbosity", "0"], "owner"),
        (["build_assets"], "app"),
        (["collectstatic", "--noinput", "--verbosity", "0"], "app"),
        (["load_release", "ICD-10-CM", "--bundled"], "app"),
    ):
        subprocess.run(
            [sys.executable, "-m", "django", *command],
            env={**environment, "DATABASE_ROLE": role},
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    import django

    django.setup()


def owner_connection() -> psycopg2.extensions.connection:
    """A connection of the tables' owner, for filling them in bulk; row security binds it too."""
    connection = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    connection.autocommit = True
    return connection
