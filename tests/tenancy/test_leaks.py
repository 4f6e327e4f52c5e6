"""Patient data stays out of logs, addresses, titles, headers and messages to the workers."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from django.db import DataError, connection, transaction

from coding_ops.tenancy.models import Role
from coding_ops.tenancy.tasks import TaskFailed, TenantTask
from coding_ops.web.logging import JsonFormatter, RequestIdFilter
from encounters.models import Patient
from tests import cast
from tests.tenancy.full import Full, fill
from tests.tenancy.matrix import MATRIX
from tests.tenancy.matrix_parts import METHODS
from tests.tenancy.walker import ask, browser_of, filled, values_of

pytestmark = pytest.mark.django_db
ADDRESS = re.compile(r'(?:href|src|action|formaction|hx-[a-z]+|data-[a-z-]*(?:href|url)[a-z-]*)="([^"]*)"')
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)


@pytest.fixture
def full() -> Full:
    cast.icd10cm()
    return fill(cast.cypress(), numbers=True)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged at any level, as production writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(RequestIdFilter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def private_of(full: Full) -> list[str]:
    return [*full.sealed, "1959-03-14"]


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_walk_over_every_address_logs_no_patient_data(full: Full, log: io.StringIO) -> None:
    browsers = {role: browser_of(user) for role, user in full.people.items()}
    for pattern, row in MATRIX.items():
        for method in METHODS:
            act = row.acts.get(method)
            roles = sorted(act.roles) if act else sorted(browsers)
            ask(
                browsers[roles[0]],
                method,
                filled(pattern, values_of(full, act)),
                act.send(full) if act else {},
            )
    text = log.getvalue()
    assert [word for word in private_of(full) if word.lower() in text.lower()] == []
    assert len(lines(log)) >= 10, "hardly anything was logged: that proves nothing"


def test_a_fault_whose_text_holds_patient_data_is_logged_by_kind_and_place_only(
    full: Full, log: io.StringIO, settings: Any
) -> None:
    settings.ROOT_URLCONF = "tests.tenancy.probes"
    browser = browser_of(next(iter(full.people.values())))
    answer = ask(browser, "GET", f"/c/{full.slug}/writes/database/")
    assert answer.status == 500 and b"DataError" not in answer.body
    (fault,) = [line for line in lines(log) if line["level"] == "ERROR"]
    assert fault["exception"] == "DataError" and any("probes.py" in place for place in fault["trace"])
    assert not any(word in log.getvalue() or word.encode() in answer.everything for word in private_of(full))


def test_a_database_error_holds_values_which_is_why_its_text_is_never_logged(full: Full) -> None:
    """What the other tests rely on: without the formatter's care these words would be in the log."""
    with (
        cast.opened(full.place),
        pytest.raises(DataError) as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT %s::int", [full.sealed[1]])
    assert full.sealed[1] in str(caught.value)


def failing(**kwargs: Any) -> None:
    raise ValueError(f"could not read {Patient.objects.all()[0].family_name}")


class Failing(TenantTask):
    """A task that fails with a patient's name in its error."""

    name = "tests.failing"
    redriven_by = "seal_ledgers"
    run = staticmethod(failing)


def test_a_task_that_fails_tells_the_worker_no_patient_data(full: Full, log: io.StringIO) -> None:
    app = Celery("probe", set_as_current=False)
    task = app.register_task(Failing())
    result = task.apply(kwargs={"client_id": full.client_id})
    assert isinstance(result.result, TaskFailed) and "ValueError in tests.failing" in str(result.result)
    text = log.getvalue() + str(result.traceback)
    assert "ValueError" in text and not any(word in text for word in private_of(full))
    assert any(line.get("exception") == "ValueError" and line["trace"] for line in lines(log))


def test_no_address_title_or_header_of_a_page_holds_patient_data(full: Full) -> None:
    wrong, addresses = [], 0
    for pattern, row in MATRIX.items():
        act = row.acts.get("GET")
        if act is None or pattern.startswith("api/"):
            continue
        for role in sorted(act.roles & {Role.CODER, Role.MANAGER, Role.CLIENT_ADMIN}):
            browser = browser_of(full.people[role])
            answer = ask(browser, "GET", filled(pattern, values_of(full, act)), act.send(full))
            # What comes is a page, or a file to keep, whose words may be anything.
            page = answer.everything.decode() if "text/html" in answer.headers else ""
            found = [*ADDRESS.findall(page), *TITLE.findall(page), answer.headers]
            addresses += len(found)
            wrong += [
                f"{role} {pattern}: {text}" for text in found if any(w in text for w in private_of(full))
            ]
    assert wrong == []
    assert addresses > 100


def test_what_a_page_hands_to_the_workers_holds_ids_only(
    full: Full, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    messages: list[str] = []
    monkeypatch.setattr(Celery, "send_task", lambda self, name, *a, **kw: messages.append(f"{name} {a} {kw}"))
    posted = 0
    for pattern, row in MATRIX.items():
        act = row.acts.get("POST")
        if act is None or "client_slug" not in pattern:
            continue
        browser = browser_of(full.people[sorted(act.roles)[0]])
        url, sent = filled(pattern, values_of(full, act)), dict(act.send(full))
        kind: dict[str, Any] = {"content_type": "application/json"} if url.startswith("/api/") else {}
        with django_capture_on_commit_callbacks(execute=True):
            posted += browser.post(url, data=sent, **kind).status_code < 400
    assert posted >= 5
    assert any("encounters.read_file" in message for message in messages)
    assert [m for m in messages if any(word in m for word in private_of(full))] == []
