"""P17: the signed-in 50-row worklist against a bare WSGI page of the same rows, same server, same database.

Two gunicorn workers each, sixteen connections of ``wrk`` (Debian's package).  Both pages must show the same
fifty visits; the application may use three round trips.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from benchmarks.pairs import rate_ratio
from benchmarks.queue_data import Line, analyze, make_line

LIMIT = 0.45
ROUND_TRIPS = 3
SECONDS = 4


def run() -> Iterator[dict[str, Any]]:
    line = make_line(700, queues=1, charts=50_000)
    analyze()
    yield _round_trips(line)
    if shutil.which("wrk") is None:
        yield {"name": "P17 worklist", "skipped": "wrk is not installed (Debian package wrk)", "met": True}
        return
    cookie = _session_cookie(line)
    bare_env = {"BARE_CLIENT": str(line.client_id), "BARE_QUEUE": line.queue_ids[0]}
    with (
        _server("benchmarks.bare_page:application", bare_env) as bare,
        _server("coding_ops.wsgi:application", {}) as app,
    ):
        page = f"{app}/work/?page=1"
        first, second = _visits(bare, ""), _visits(page, cookie)
        assert first == second and len(first) == 50, (len(first), len(second))
        yield rate_ratio(
            "P17 worklist of 50 rows",
            lambda: _wrk(bare, ""),
            lambda: _wrk(page, cookie),
            limit=LIMIT,
            unit="requests/s",
        )


def _round_trips(line: Line) -> dict[str, Any]:
    """Messages to the database for one page: statements, BEGIN and COMMIT alike."""
    from django.db import connection
    from django.test import Client as Browser
    from django.test.utils import CaptureQueriesContext

    browser = Browser()
    browser.force_login(line.user, backend="coding_ops.tenancy.backends.ReachBackend")
    browser.get("/work/")
    with CaptureQueriesContext(connection) as queries:
        response = browser.get("/work/")
    assert response.status_code == 200
    count = len(queries)
    return {
        "name": "P17 round trips of the worklist",
        "value": count,
        "unit": "messages",
        "limit": ROUND_TRIPS,
        "ratio": count / ROUND_TRIPS,
        "n": 1,
        "met": count <= ROUND_TRIPS,
    }


def _session_cookie(line: Line) -> str:
    from django.conf import settings
    from django.test import Client as Browser

    browser = Browser()
    browser.force_login(line.user, backend="coding_ops.tenancy.backends.ReachBackend")
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


@contextmanager
def _server(application: str, extra: dict[str, str]) -> Iterator[str]:
    """gunicorn with two workers on a free port; the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-w", "2", "-b", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*command, "--log-level", "error", application], env={**os.environ, **extra})
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _visits(url: str, cookie: str) -> list[str]:
    response = httpx.get(url, headers={"Cookie": cookie} if cookie else {}).raise_for_status()
    return re.findall(r"Visit (Q0-\d+)", response.text)


def _wrk(url: str, cookie: str) -> float:
    signed_in = ["-H", f"Cookie: {cookie}"] if cookie else []
    command = ["wrk", "-t1", "-c16", f"-d{SECONDS}s", *signed_in, url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in output, output
    found = re.search(r"Requests/sec:\s+([\d.]+)", output)
    assert found, output
    return float(found.group(1))
