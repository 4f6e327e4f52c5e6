"""A session ends after some time without activity, and what pages ask by themselves is none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from coding_ops.dev.demo.clock import at
from coding_ops.tenancy.models import Role
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)
IDLE = 600


@pytest.fixture
def browser(settings: Any) -> Browser:
    settings.SESSION_IDLE_SECONDS = IDLE
    made = Browser()
    made.force_login(cast.person("Marguerite Lowell", (cast.cypress(), Role.MANAGER)))
    return made


def ask(browser: Browser, seconds: int, path: str = "/preferences/", method: str = "get") -> Any:
    """The answer that many seconds from now."""
    with at(timezone.now() + timedelta(seconds=seconds)):
        return getattr(browser, method)(path)


def test_work_keeps_a_session_open_beyond_the_idle_time(browser: Browser) -> None:
    for seconds in (IDLE - 5, 2 * IDLE - 10, 3 * IDLE - 15):
        assert ask(browser, seconds).status_code == 200


def test_idle_session_is_signed_out_everywhere_and_stays_so(browser: Browser) -> None:
    assert ask(browser, IDLE + 1)["Location"] == "/accounts/login/?next=/preferences/"
    assert ask(browser, 0)["Location"] == "/accounts/login/?next=/preferences/"


def test_asking_how_long_it_lasts_does_not_make_it_last(browser: Browser) -> None:
    assert 0 < ask(browser, IDLE - 100, "/accounts/session/").json()["seconds"] <= 100
    assert ask(browser, IDLE - 50, "/accounts/session/").json()["seconds"] <= 50
    assert ask(browser, IDLE + 1, "/accounts/session/").status_code == 302


def test_asking_for_more_time_gives_all_of_it(browser: Browser) -> None:
    assert ask(browser, IDLE - 100, "/accounts/session/", "post").json()["seconds"] > IDLE - 5
    assert ask(browser, IDLE + 1).status_code == 200


def test_heartbeat_of_an_untouched_chart_is_no_activity(browser: Browser) -> None:
    chart = "/c/cypress-ridge/encounters/00000000-0000-7000-8000-000000000000/heartbeat/"
    with at(timezone.now() + timedelta(seconds=IDLE - 100)):
        browser.post(chart, {"active": "0"})
    assert ask(browser, IDLE + 1).status_code == 302


def test_activity_is_written_once_a_minute_at_most(browser: Browser) -> None:
    ask(browser, 0)
    before = browser.session["seen"]
    ask(browser, 30)
    assert browser.session["seen"] == before
    ask(browser, 90)
    assert browser.session["seen"] > before
