"""``make run``, started and stopped for real on free ports in a folder of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import psycopg2
import pytest

from coding_ops.dev import embedded
from coding_ops.dev.places import Places
from tests.dev.conftest import Checkout

RUN = ("-m", "coding_ops.dev", "run")
BARE = {"SEED_DEMO": "false", "LOAD_CODE_SETS": "false"}


def wait_until_healthy(port: int, process: subprocess.Popen[str], log: Path, seconds: float = 240) -> float:
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if process.poll() is not None:
            break
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return time.monotonic() - started
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    pytest.fail(f"never healthy:\n{log.read_text()[-4000:]}")


def server_port(checkout: Checkout, service: str) -> int:
    port: int = json.loads((checkout.local / "run" / f"{service}.json").read_text())["port"]
    return port


def test_run_serves_stops_without_orphans_and_starts_again_with_its_data(
    checkout: Checkout, tmp_path: Path
) -> None:
    port, log = embedded.free_port(), tmp_path / "first.log"
    first = checkout.start(*RUN, log=log, PORT=str(port), **BARE)
    wait_until_healthy(port, first, log)
    ports = [port, server_port(checkout, "postgres"), server_port(checkout, "valkey")]
    url = embedded.Postgres(Places(checkout.local), "run").url(ports[1], embedded.OWNER)

    again = checkout.call(*RUN, PORT=str(embedded.free_port()), **BARE)
    assert again.returncode == 1
    assert f"http://127.0.0.1:{port}/" in again.stderr

    inside = checkout.call("manage.py", "shell", "--verbosity", "0", "-c", _WHO)
    assert inside.stdout.strip() == "coding_ops_app False False", inside.stderr
    assert first.poll() is None

    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    connection.close()

    first.send_signal(signal.SIGINT)
    assert first.wait(30) == 0, log.read_text()[-4000:]
    assert checkout.wait_until_empty(1) == []
    assert all(embedded.port_is_free(number) for number in ports)

    log = tmp_path / "second.log"
    second = checkout.start(*RUN, log=log, PORT=str(port), **BARE)
    seconds = wait_until_healthy(port, second, log)
    assert "Migrating" not in log.read_text()
    assert seconds < 45
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM kept")
        assert cursor.fetchall() == [(42,)]
    connection.close()

    second.kill()  # no chance to clean up: the kernel and the keepers do
    second.wait()
    assert checkout.wait_until_empty(20) == []
    assert all(embedded.port_is_free(number) for number in ports)


_WHO = (
    "from django.db import connection as c; k = c.cursor(); "
    "k.execute('SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user'); "
    "print(*k.fetchone())"
)


def test_sigterm_during_preparation_leaves_nothing(checkout: Checkout, tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = checkout.start(*RUN, log=log, PORT=str(embedded.free_port()), **BARE)
    while "Migrating" not in log.read_text():
        assert process.poll() is None, log.read_text()
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    assert checkout.wait_until_empty(20) == []


def test_taken_port_is_named_with_its_holder_and_a_free_one(checkout: Checkout) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = checkout.call(*RUN, PORT=str(port), **BARE)
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert f"(process {os.getpid()})" in done.stderr
    assert "make run PORT=" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (checkout.local / "run" / "postgres").exists()


@pytest.mark.parametrize("port", ["eighty", "0", "65536", "-1"])
def test_impossible_port_is_refused(checkout: Checkout, port: str) -> None:
    done = checkout.call(*RUN, PORT=port)
    assert done.returncode == 1
    assert "PORT must be a number from 1 to 65535" in done.stderr
    assert not checkout.local.exists()


def test_unwritable_data_folder_is_told_in_plain_words(checkout: Checkout) -> None:
    checkout.local.parent.mkdir(exist_ok=True)
    checkout.local.write_text("a file where the folder should be")
    done = checkout.call(*RUN, PORT=str(embedded.free_port()))
    assert done.returncode == 1
    assert f"{checkout.local}" in done.stderr
    assert "cannot be written" in done.stderr
    assert "CODING_OPS_LOCAL_DIR" in done.stderr
    assert "Traceback" not in done.stderr


def test_broken_cluster_is_told_with_the_end_of_its_log(checkout: Checkout) -> None:
    data = Places(checkout.local).of("run") / "postgres"
    data.mkdir(mode=0o700)
    (data / "PG_VERSION").write_text("12\n")
    done = checkout.call(*RUN, PORT=str(embedded.free_port()), **BARE)
    assert done.returncode == 1
    assert "The embedded postgres server did not start. Its log ends with:" in done.stderr
    assert "postgres.log" in done.stderr
    assert "Traceback" not in done.stderr
    assert checkout.wait_until_empty(5) == []
