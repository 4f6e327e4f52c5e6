"""The tests run against real servers, as the plain database role.

The environment is made here, before Django reads its settings.  The schema is migrated once, by the
owner role, into a template database; each run (and each xdist worker) gets a copy of it.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import secrets
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from coding_ops.dev import services

ROOT = Path(__file__).resolve().parent.parent
# Named by `make test` for its own server; a server that was given from outside is emptied by its owner.
SUPERUSER_URL = os.environ.get("TEST_SUPERUSER_URL") or (
    "" if os.environ.get("DATABASE_URL") else services.ensure_postgres("test").superuser_url
)
_DELETE_ROWS = """
SET LOCAL session_replication_role = replica;
DO $$
DECLARE
    name regclass;
    filled boolean;
BEGIN
    FOR name IN
        SELECT oid FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
          AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', name) INTO filled;
        IF filled THEN
            EXECUTE format('DELETE FROM %s', name);
        END IF;
    END LOOP;
END $$"""

os.environ.update(services.environment("test"))
os.environ["DJANGO_SETTINGS_MODULE"] = "coding_ops.settings"
os.environ["SECURE"] = "false"
os.environ["SECRET_KEY"] = secrets.token_urlsafe(50)
os.environ["MASTER_KEY"] = b64encode(secrets.token_bytes(32)).decode()
os.environ.pop("SECRET_KEY_FILE", None)
os.environ.pop("MASTER_KEY_FILE", None)
os.environ["LEDGER_SEAL_DIR"] = tempfile.mkdtemp(prefix="ledger-seals-")
CODE_INDEXES = Path(tempfile.mkdtemp(prefix="code-index-"))
os.environ["CODE_INDEX_DIR"] = str(CODE_INDEXES)
OWNER_URL = os.environ["DATABASE_OWNER_URL"]


def pytest_configure() -> None:
    """pytest-django looks for settings before this file has made the environment; now they can be read,
    and its own ``pytest_configure``, which runs last, sets Django up."""
    from django.conf import settings

    assert settings.DATABASES
    # Pages name their files plainly; only browser tests collect them and use hashed names.
    # Each test client reads the collected files' folder anew; that of `make run` holds hundreds.
    settings.STATIC_ROOT = tempfile.mkdtemp(prefix="static-")
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


def owner_url(database: str) -> str:
    """The owner role's URL of another database on the test server."""
    return urlunsplit(urlsplit(OWNER_URL)._replace(path=f"/{database}"))


def owner_execute(database: str, *statements: str) -> None:
    """Runs statements as the owner, each on its own (CREATE DATABASE refuses a transaction)."""
    connection = psycopg2.connect(owner_url(database))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


def _schema_fingerprint() -> str:
    digest = hashlib.sha256()
    for pattern in (
        "*/migrations/*.py",
        "coding_ops/*/migrations/*.py",
        "*/sql/*.sql",
        "coding_ops/*/sql/*.sql",
    ):
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    for extra in ("coding_ops/tenancy/operations.py", "requirements.txt"):
        digest.update((ROOT / extra).read_bytes())
    return digest.hexdigest()[:12]


def template_database() -> str:
    """The name of a migrated, empty database; made by whoever comes first."""
    name = f"template_{_schema_fingerprint()}"
    home = psycopg2.connect(OWNER_URL)
    home.autocommit = True
    try:
        with home.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(4201)")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}_new"')
                cursor.execute(f'CREATE DATABASE "{name}_new"')
                _migrate(f"{name}_new")
                cursor.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')
    finally:
        home.close()
    return name


def _migrate(database: str) -> None:
    environment = {**os.environ, "DATABASE_ROLE": "owner", "DATABASE_OWNER_URL": owner_url(database)}
    environment.pop("DATABASE_OWNER_URL_FILE", None)
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"The migrations failed:\n{done.stdout}{done.stderr}")


def _drop_database(name: str) -> None:
    """Ends what is still connected, as the role it belongs to, and drops the database as its owner."""
    app = psycopg2.connect(urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres")))
    app.autocommit = True
    try:
        with app.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND usename = current_user",
                [name],
            )
    finally:
        app.close()
    owner_execute("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests last: Playwright keeps an event loop running in this thread until the end.

    Those of pure rules first: they need no database, which another run is migrating meanwhile.
    """
    items.sort(key=lambda item: ("browser" in item.path.parts, "rules" not in item.path.parts))


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """A fresh copy of the migrated schema, reached as the plain role."""
    from django.db import connections

    worker = getattr(request.config, "workerinput", {}).get("workerid", "")
    suffix = os.environ.get("TEST_DATABASE_SUFFIX", str(os.getpid()))
    name = f"test_{suffix}_{worker}".rstrip("_")
    template = template_database()
    _drop_database(name)
    owner_execute("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    connection = connections["default"]
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = name
        _flush_as_owner(connection, name)
        yield
        connections.close_all()
    _drop_database(name)


def _flush_as_owner(connection: Any, name: str) -> None:
    """Emptying the tables between transactional tests is not the plain role's right.

    On the embedded server only what has rows is emptied, and what migrations filled in stays: a TRUNCATE of
    all tables makes some hundred files anew, and costs more than most tests.
    """
    if not SUPERUSER_URL:
        type(connection.ops).execute_sql_flush = lambda self, statements: owner_execute(name, *statements)
        return
    url = urlunsplit(urlsplit(SUPERUSER_URL)._replace(path=f"/{name}"))
    type(connection.ops).execute_sql_flush = lambda self, statements: _delete_rows(url)
    # What it would make anew was not taken away.
    flush = importlib.import_module("django.core.management.commands.flush")
    vars(flush)["emit_post_migrate_signal"] = lambda *arguments, **named: None


def _delete_rows(url: str) -> None:
    """Deletes every row but Django's own, with no trigger and no key checked on the way."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(_DELETE_ROWS)
    finally:
        connection.close()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Client keys, worklist bounds and releases are remembered by the process; a test's rows are not.

    Only what a test has loaded is reset: tests of pure rules load no Django.  The catalogs that a test wrote
    beside its releases go too: they would name releases that no later test has.
    """
    for catalog in ("catalog.json", "edits.json"):
        (CODE_INDEXES / catalog).unlink(missing_ok=True)
    for module, forget in (
        ("coding_ops.tenancy.crypto", "forget_keys"),
        ("encounters.actions.leases", "forget_bounds"),
        ("code_sets.selectors", "forget_releases"),
    ):
        if module in sys.modules:
            getattr(sys.modules[module], forget)()
