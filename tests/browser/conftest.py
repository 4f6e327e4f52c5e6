"""Chromium against the real application: real middleware, real headers, collected and hashed assets.

Chromium is Debian's (``apt-get install chromium``); where there is none, these tests say so and are skipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.harness import (
    CHROMIUM,
    PHONE,
    WIDE,
    Desk,
    Opener,
    Watched,
    collect_static,
    hashed_names,
    serving,
    sign_in,
)

# A refusal is an answer with a 4xx status, which the browser logs as an error of the network.
HARMLESS = tuple(f"status of {status}" for status in (401, 403, 404, 409, 422))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what lies here, and skips it with its reason where there is no Chromium."""
    here = Path(__file__).parent
    for item in items:
        if here not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        if not CHROMIUM:
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium"))


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Assets built and collected once, as at set-up, with hashed names and gzip beside them."""
    return collect_static(tmp_path_factory.mktemp("assets"), tmp_path_factory.mktemp("static"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the run; its event loop runs in this thread, which Django would forbid."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture(scope="session")
def server_url(static_root: Path, django_db_setup: None) -> Iterator[str]:
    """The application's address, for the run."""
    with serving(static_root) as url:
        yield url


@pytest.fixture
def browse(
    chromium: Browser, server_url: str, static_root: Path, settings: Any, transactional_db: None
) -> Iterator[Opener]:
    """``browse(user, theme="dark", phone=True)``: a signed-in page that fails the test on any CSP report,
    console error or script error."""
    from coding_ops.web import icons

    settings.STATIC_ROOT = static_root
    settings.STORAGES = hashed_names()
    icons.forget()
    contexts: list[tuple[BrowserContext, Watched]] = []

    def start(user: Any = None, *, theme: str = "light", phone: bool = False, script: bool = True) -> Watched:
        context = chromium.new_context(
            viewport=PHONE if phone else WIDE,
            color_scheme=theme,  # type: ignore[arg-type]
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        context.set_default_timeout(8000)
        if user is not None:
            sign_in(context, server_url, user)
        watched = Watched(context.new_page(), server_url)
        if script:  # without one, Chromium reports every module as blocked
            _watch(watched)
        contexts.append((context, watched))
        return watched

    yield start
    troubles = [trouble for _, watched in contexts for trouble in watched.troubles]
    for context, _ in contexts:
        context.close()
    icons.forget()
    assert troubles == []


def _watch(watched: Watched) -> None:
    page, troubles = watched.page, watched.troubles
    page.add_init_script(
        """addEventListener("securitypolicyviolation",
        e => console.error(`CSP ${e.violatedDirective} ${e.blockedURI} ${e.sample}`));"""
    )

    def heard(message: Any) -> None:
        if message.type == "error" and not any(word in message.text for word in HARMLESS):
            troubles.append(f"{message.text} at {page.url}")

    def answered(response: Any) -> None:
        if response.status >= 400 and "/static/" in response.url:
            troubles.append(f"{response.url}: {response.status}")

    page.on("response", answered)
    page.on("console", heard)
    page.on("pageerror", lambda error: troubles.append(f"script error: {error}"))
    page.on(
        "requestfailed",
        lambda failed: (
            None
            if "ERR_ABORTED" in (failed.failure or "")
            else troubles.append(f"{failed.url}: {failed.failure}")
        ),
    )


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    """Codes loaded, a coder certified, nothing in line yet."""
    from tests import cast

    cast.icd10cm()
    here = cast.cypress()
    return Desk(here, cast.coder("Rosalind Ames", here))
