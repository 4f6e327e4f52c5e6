"""``make screenshots``: pictures of the pages for the README, of a freshly seeded demo.

A database of its own on the test servers, filled by the demo's seed.  The clocks of the application, of the
database and of the browser say what the demo says, so that the same code makes the same pictures; only the
order of rows that tie (visits of one file) and the random numbers of claims may differ.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2.errors
from playwright.sync_api import Browser, Page, sync_playwright

from tests import conftest as servers
from tests.browser.harness import CHROMIUM, PHONE, WIDE, collect_static, serving, sign_in
from tests.browser.pictures import shrink

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
MOMENT = datetime(2026, 11, 19, 19, 40, tzinfo=UTC)
FILLED_AT = MOMENT - timedelta(minutes=4)
# In front of the database's own clock, in this database only.
CLOCK = f"""CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS
$$SELECT coalesce(nullif(current_setting('studio.now', true), ''), '{MOMENT.isoformat()}')::timestamptz$$"""
SEED = 7
CLIENT = "cypress-ridge"
CODER, LEADER, VIEWER, REVIEWER = "Marcus Bell", "Marguerite Lowell", "Nora Vance", "Quentin Drake"
CDI, PROVIDER = "Sunita Rao", "Ngozi Okafor"


@dataclass(frozen=True, slots=True)
class Studio:
    """The running demo, and where pictures go."""

    browser: Browser
    base: str
    blank: Page

    @contextmanager
    def page(self, name: str, path: str, *, theme: str = "light", phone: bool = False) -> Iterator[Page]:
        """A page open for a person of the demo, or for nobody, with the clock standing still."""
        from coding_ops.accounts.models import User

        context = self.browser.new_context(
            viewport=PHONE if phone else WIDE,
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            timezone_id="America/Chicago",
        )
        context.set_default_timeout(10_000)
        context.clock.set_fixed_time(MOMENT)
        if name:
            sign_in(context, self.base, User.objects.get(full_name=name))
        page = context.new_page()
        page.goto(self.base + path)
        page.wait_for_load_state("networkidle")
        yield page
        context.close()

    def keep(self, page: Page, name: str) -> None:
        """Writes what the window shows."""
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        path = FOLDER / f"{name}.png"
        path.write_bytes(shrink(page.screenshot(caret="hide", animations="disabled"), self.blank))
        _say(f"{path.name}: {path.stat().st_size // 1024} KB")


def shoot(studio: Studio) -> None:
    """Every picture.  What changes the chart comes last."""
    chart, revised = _charts()
    shoot_pages(studio, revised)
    shoot_quality(studio)
    shoot_queries(studio)
    shoot_claims(studio)
    shoot_workbench(studio, chart)


def shoot_pages(studio: Studio, revised: str) -> None:
    """Lists, numbers and what a client sees."""
    home = f"/c/{CLIENT}/"
    plain = (
        ("sign-in", "", "/accounts/login/"),
        ("worklist", CODER, "/work/"),
        ("history", LEADER, f"{revised}history/"),
        ("compare", LEADER, f"{revised}compare/"),
        ("dashboard-rows", LEADER, f"{home}dashboard/rows/?kpi=dnfc.days"),
        ("client-home", VIEWER, home),
        ("client-chart", VIEWER, revised),
        ("holds", LEADER, f"{home}holds/"),
        ("encounters", LEADER, f"{home}encounters/"),
        ("documents", VIEWER, f"{home}documents/"),
        ("intake", LEADER, f"{home}intake/"),
    )
    for name, person, path in plain:
        with studio.page(person, path) as page:
            studio.keep(page, name)
    for suffix, theme, phone in (("", "light", False), ("-dark", "dark", False), ("-390", "light", True)):
        with studio.page(LEADER, home, theme=theme, phone=phone) as page:
            studio.keep(page, f"dashboard{suffix}")
    with studio.page(VIEWER, home, phone=True) as page:
        studio.keep(page, "client-home-390")
    with studio.page(CODER, "/work/", phone=True) as page:
        studio.keep(page, "worklist-390")


def shoot_quality(studio: Studio) -> None:
    """The QA programme: its overview and rooms, a coder's findings and accuracy, a review being compared."""
    quality = f"/c/{CLIENT}/quality/"
    for suffix, theme, phone in (("", "light", False), ("-dark", "dark", False), ("-390", "light", True)):
        with studio.page(LEADER, quality, theme=theme, phone=phone) as page:
            studio.keep(page, f"quality{suffix}")
    for name, person, path in (
        ("quality-findings", CODER, "/work/findings/"),
        ("quality-accuracy", CODER, "/work/accuracy/"),
        ("quality-drift", LEADER, f"{quality}drift/"),
        ("quality-training", LEADER, f"{quality}training/"),
        ("quality-plan", LEADER, f"{quality}plans/"),
    ):
        with studio.page(person, path) as page:
            studio.keep(page, name)
    with studio.page(CODER, "/work/findings/") as page:
        page.locator(".rowlk").first.click()
        studio.keep(page, "quality-exchange")
    with studio.page(REVIEWER, "/work/reviews/") as page:
        page.keyboard.press("n")
        page.wait_for_url("**/quality/reviews/*/")
        page.wait_for_load_state("networkidle")
        for words, code in _codes_to_review(page.url)[1:]:
            page.keyboard.press("/")
            page.keyboard.type(words)
            page.keyboard.press("Enter")
            page.keyboard.type(code)
            page.locator("#hits [role=option]").first.wait_for()
            page.keyboard.press("Enter")
            page.locator("#hits").wait_for(state="hidden")
        studio.keep(page, "quality-blind")
        page.keyboard.press("Control+Enter")
        page.locator(".sheetln").first.wait_for()
        page.wait_for_load_state("networkidle")
        page.keyboard.press("f")
        page.keyboard.press("2")
        page.locator("#citation").wait_for()
        studio.keep(page, "quality-comparison")


def shoot_queries(studio: Studio) -> None:
    """CDI queries: the desk, gaps, templates, numbers, a trail, the composer, and the provider's phone."""
    queries = f"/c/{CLIENT}/queries/"
    for name, path in (
        ("queries", "/work/queries/"),
        ("queries-gaps", f"{queries}opportunities/"),
        ("queries-templates", f"{queries}templates/"),
        ("queries-measures", f"{queries}measures/"),
        ("queries-education", f"{queries}education/"),
    ):
        with studio.page(CDI, path) as page:
            studio.keep(page, name)
    with studio.page(CDI, f"{queries}?state=closed") as page:
        page.locator(".rowlk").first.click()
        page.wait_for_load_state("networkidle")
        studio.keep(page, "queries-trail")
    for suffix, theme in (("", "light"), ("-dark", "dark")):
        with studio.page(CDI, f"{queries}?state=draft", theme=theme) as page:
            page.locator(".rowlk").first.click()
            page.wait_for_load_state("networkidle")
            page.locator("#q-body").fill("Would you agree that the patient has sepsis?")
            page.locator("#q-lint li.bad").first.wait_for()
            studio.keep(page, f"query-composer{suffix}")
    with studio.page(PROVIDER, "/", phone=True) as page:
        studio.keep(page, "asked-390")
        page.get_by_role("link", name="Clarification").first.click()
        page.wait_for_load_state("networkidle")
        studio.keep(page, "asked-question-390")


def shoot_claims(studio: Studio) -> None:
    """Claims: the board in both themes and on a phone, lists and rooms, one claim, one denial."""
    claims = f"/c/{CLIENT}/claims/"
    for suffix, theme, phone in (("", "light", False), ("-dark", "dark", False), ("-390", "light", True)):
        with studio.page(LEADER, f"{claims}board/", theme=theme, phone=phone) as page:
            studio.keep(page, f"claims-board{suffix}")
    for name, room in (
        ("claims", ""),
        ("claims-measures", "measures/"),
        ("claims-accounts", "accounts/"),
        ("claims-files", "files/"),
        ("claims-submissions", "submissions/"),
    ):
        with studio.page(LEADER, f"{claims}{room}") as page:
            studio.keep(page, name)
    for name, path in (("claim", f"{claims}?state=denied"), ("claims-denial", f"{claims}denials/")):
        with studio.page(LEADER, path) as page:
            page.locator(".rowlk").first.click()
            page.wait_for_load_state("networkidle")
            studio.keep(page, name)


def _codes_to_review(url: str) -> list[tuple[str, str]]:
    """Quoted words and code of each line of the chart under review, as its coder cited them."""
    from coding_ops.tenancy.models import Client
    from coding_ops.tenancy.scope import client_transaction
    from encounters.models import EvidenceLink
    from qa_audit.models import Review

    _, slug, _, _, review_id, _ = urlsplit(url).path.removeprefix("/").split("/")
    with client_transaction([Client.objects.get(slug=slug).pk]):
        encounter = Review.objects.get(pk=review_id).encounter_id
        links = EvidenceLink.objects.filter(assignment__encounter_id=encounter).select_related("assignment")
        cited = {link.assignment.code: link.quote for link in links.order_by("-start")}
    return [(words, code) for code, words in sorted(cited.items())]


def shoot_workbench(studio: Studio, chart: str) -> None:
    """The chart in hand: both themes, a phone, the search, and what keeps it from being final."""
    with studio.page(CODER, chart, theme="dark") as page:
        page.keyboard.press("1")
        studio.keep(page, "workbench-dark")
    with studio.page(CODER, chart, phone=True) as page:
        studio.keep(page, "workbench-390-note")
        page.locator(".mobnav [data-pane=codes]").click()
        studio.keep(page, "workbench-390-codes")
    with studio.page(CODER, chart) as page:
        studio.keep(page, "workbench")
        page.keyboard.press("/")
        page.keyboard.type("diabetes")
        page.keyboard.press("Enter")
        page.locator("#hits [role=option]").first.wait_for()
        studio.keep(page, "workbench-search")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.keyboard.press("o")
        page.locator("#dialog").wait_for()
        studio.keep(page, "workbench-hold")
        page.keyboard.press("Escape")
        page.keyboard.press("Control+k")
        page.locator("dialog[open]").wait_for()
        studio.keep(page, "palette")
        page.keyboard.press("Escape")
        page.locator("#codefind").fill("z79.82")
        page.locator("#hits [role=option]").first.wait_for()
        page.locator("#codefind").press("Enter")
        page.locator("#hits").wait_for(state="hidden")
        page.keyboard.press("Control+Enter")
        page.locator("#blockers h2").wait_for()
        studio.keep(page, "workbench-blockers")


def _charts() -> tuple[str, str]:
    """The addresses of the coder's chart in hand and of one whose codes were revised, most text first."""
    from coding_ops.tenancy.models import Client
    from coding_ops.tenancy.scope import client_transaction
    from encounters.models import Encounter, WorkItem

    client = Client.objects.get(slug=CLIENT)
    with client_transaction([client.pk]):
        held = WorkItem.objects.get(client=client, state="leased").encounter_id
        revised = Encounter.objects.filter(client=client, revision_count__gt=1).latest("external_id").pk
    return tuple(f"/c/{CLIENT}/encounters/{pk}/" for pk in (held, revised))  # type: ignore[return-value]


@contextmanager
def database() -> Iterator[None]:
    """A migrated database with the code set and the demo, gone afterwards."""
    name = f"screenshots_{os.getpid()}"
    servers.owner_execute("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{servers.template_database()}"')
    try:
        servers.owner_execute(name, CLOCK, f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog')
        os.environ["DATABASE_URL"] = urlunsplit(
            urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}")
        )
        yield
    finally:
        from django.db import connections

        connections.close_all()
        _drop(name)


def _drop(name: str) -> None:
    """The owner may not end the sessions of the plain role: the server's last ones end by themselves."""
    for left in range(40, -1, -1):
        try:
            return servers.owner_execute("postgres", f'DROP DATABASE IF EXISTS "{name}"')
        except psycopg2.errors.ObjectInUse:
            if not left:
                raise
            time.sleep(0.25)
    return None


@contextmanager
def ticking(moment: datetime) -> Iterator[None]:
    """Every reading of the application's clock is a little later, and the database's clock follows it."""
    from django.db import connection
    from django.utils import timezone

    true_now, ticks, said = timezone.now, count(), [""]

    def follow(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        now = timezone.now().isoformat(timespec="seconds")
        if now != said[0]:
            said[0] = now
            context["cursor"].cursor.execute("SELECT set_config('studio.now', %s, false)", [now])
        return execute(sql, params, many, context)

    timezone.now = lambda: moment + timedelta(milliseconds=next(ticks))
    try:
        with connection.execute_wrapper(follow):
            yield
    finally:
        timezone.now = true_now


def fill() -> Any:
    """The code set as published, and the demo."""
    from django.core.management import call_command

    from coding_ops.dev.demo import seed
    from coding_ops.dev.demo.people import PASSWORD

    call_command("load_release", "ICD-10-CM", bundled=True, verbosity=0)
    return seed.fill(now=FILLED_AT, seed=SEED, password=PASSWORD, force=False, say=_say)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


def main() -> int:
    """Fills, serves, and takes the pictures; 1 where there is no Chromium."""
    if not CHROMIUM:
        sys.stderr.write("No Chromium on this machine: apt-get install chromium\n")
        return 1
    os.environ |= {
        "LOG_LEVEL": "ERROR",
        "CONN_MAX_AGE": "0",
    }  # nothing may hold the database when it is dropped
    started = time.monotonic()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(database())
        import django

        django.setup()
        from coding_ops.dev.demo.clock import at

        with ticking(FILLED_AT):
            fill()
        stack.enter_context(at(MOMENT))
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        built, collected = (Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2))
        from django.test import override_settings

        stack.enter_context(override_settings(STATIC_ROOT=collect_static(built, collected)))
        base = stack.enter_context(serving(collected))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        stack.callback(browser.close)
        # Under the browser's event loop Django keeps connections apart; they are closed while it runs.
        from django.db import connections

        stack.callback(connections.close_all)
        shoot(Studio(browser, base, browser.new_page()))
    sys.stdout.write(f"{time.monotonic() - started:.0f} s, in {FOLDER}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
