"""The embedded servers: shared by their users, gone with the last one, and strict about roles."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator

import psycopg2
import pytest

from coding_ops.dev import embedded, services
from coding_ops.dev.places import places
from tests.dev.conftest import Checkout

_ATTACH = (
    "import sys; from coding_ops.dev import services; services.ensure_valkey('run'); "
    "print(services.ensure_postgres('run').app_url, flush=True); sys.stdin.readline(); "
    "print(services.stop('run'), flush=True)"
)


def attach(checkout: Checkout) -> tuple[subprocess.Popen[str], str]:
    process = checkout.start("-c", _ATTACH)
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert url.startswith("postgresql://coding_ops_app:"), process.communicate()
    return process, url


def test_users_share_a_server_and_the_last_one_takes_it_down(checkout: Checkout) -> None:
    first, url = attach(checkout)
    second, other = attach(checkout)
    assert other == url
    assert second.communicate("\n")[0].strip() == "['valkey', 'postgres']"
    psycopg2.connect(url).close()
    assert first.communicate("\n")[0].strip() == "[]"
    assert checkout.wait_until_empty(1) == []


def test_server_stops_by_itself_when_its_only_user_is_killed(checkout: Checkout) -> None:
    process, url = attach(checkout)
    process.kill()
    process.communicate()
    assert checkout.wait_until_empty(15) == []
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(url)


def test_killed_keeper_takes_its_server_along_and_the_next_start_recovers(checkout: Checkout) -> None:
    process, _url = attach(checkout)
    keepers = [found for found in checkout.processes() if "coding_ops.dev.keeper" in found.cmdline()]
    assert len(keepers) == 2
    for keeper in keepers:
        keeper.kill()
    process.kill()
    process.communicate()
    assert checkout.wait_until_empty(15) == []
    again, url = attach(checkout)
    psycopg2.connect(url).close()
    again.communicate("\n")


def test_manage_py_starts_a_server_for_the_length_of_a_command(checkout: Checkout) -> None:
    done = checkout.call("manage.py", "showmigrations", "contenttypes")
    assert done.returncode == 0, done.stderr
    assert "[ ] 0001_initial" in done.stdout
    assert checkout.wait_until_empty(1) == []


def test_manage_py_starts_nothing_for_commands_without_a_database(checkout: Checkout) -> None:
    done = checkout.call("manage.py", "version")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("5.2")
    assert not (checkout.local / "run").exists()


def test_secrets_and_listening_addresses_are_private(checkout: Checkout) -> None:
    process, _url = attach(checkout)
    for path in (checkout.local / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    for found in checkout.processes():
        words = " ".join(found.cmdline())
        for path in (checkout.local / "secrets").iterdir():
            assert path.read_text().strip() not in words
        for connection in found.net_connections("inet"):
            assert connection.laddr.ip == "127.0.0.1"
    process.communicate("\n")


Connections = tuple["psycopg2.extensions.connection", "psycopg2.extensions.connection"]


@pytest.fixture
def connections() -> Iterator[Connections]:
    """Owner and application, on a scratch database of the test cluster."""
    info = services.ensure_postgres("test")
    name = f"roles_{os.getpid()}"
    _execute(info.owner_url, f"CREATE DATABASE {name}")
    owner, app = (
        psycopg2.connect(url.rsplit("/", 1)[0] + f"/{name}") for url in (info.owner_url, info.app_url)
    )
    owner.autocommit = app.autocommit = True
    try:
        yield owner, app
    finally:
        owner.close()
        app.close()
        _execute(info.owner_url, f"DROP DATABASE {name}")


def _execute(url: str, statement: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def test_application_role_reads_and_writes_what_the_owner_makes(connections: Connections) -> None:
    owner, app = connections
    owner.cursor().execute("CREATE TABLE kept (id serial PRIMARY KEY, words text)")
    with app.cursor() as cursor:
        cursor.execute("INSERT INTO kept (words) VALUES ('a') RETURNING id")
        cursor.execute("UPDATE kept SET words = 'b'")
        cursor.execute("SELECT words FROM kept")
        assert cursor.fetchall() == [("b",)]
        cursor.execute("DELETE FROM kept")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "ALTER TABLE kept ADD COLUMN more text",
        "DROP TABLE kept",
        "TRUNCATE kept",
        "ALTER TABLE kept DISABLE ROW LEVEL SECURITY",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "SET ROLE coding_ops_owner",
    ],
)
def test_application_role_cannot(connections: Connections, statement: str) -> None:
    owner, app = connections
    owner.cursor().execute("CREATE TABLE kept (id int)")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        app.cursor().execute(statement)
    with owner.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert cursor.fetchall() == [("kept",)]


def test_neither_role_is_superuser_or_bypasses_row_security() -> None:
    info = services.ensure_postgres("test")
    with psycopg2.connect(info.superuser_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles "
            "WHERE rolname LIKE 'coding_ops_%' ORDER BY 1"
        )
        assert cursor.fetchall() == [
            ("coding_ops_app", False, False, False, False),
            ("coding_ops_owner", False, False, False, True),
        ]
        cursor.execute(
            "SELECT rolname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE datname = %s",
            [embedded.DATABASE],
        )
        assert cursor.fetchall() == [("coding_ops_owner",)]
    connection.close()


def test_remembered_port_is_kept_while_free_and_replaced_when_taken(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    import socket

    memory = tmp_path_factory.mktemp("port") / "port"
    port = embedded.remembered_port(memory)
    assert embedded.remembered_port(memory) == port
    with socket.socket() as taken:
        taken.bind((embedded.HOST, port))
        taken.listen()
        assert embedded.remembered_port(memory) != port
    assert embedded.remembered_port(memory) != port


def test_generated_secret_stays_the_same(monkeypatch: pytest.MonkeyPatch, checkout: Checkout) -> None:
    monkeypatch.setenv("CODING_OPS_LOCAL_DIR", str(checkout.local))
    first = places().secret("master_key")
    assert places().secret("master_key") == first
    assert places().secret("secret_key") != first
