"""What browser tests hold in their hands.  Imports no Django: the conftest is read before it is set up."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import BrowserContext, Page, ViewportSize

if TYPE_CHECKING:
    from tests import cast

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass
class Watched:
    """A page with everything that went wrong on it."""

    page: Page
    base: str
    troubles: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Goes there and waits until the script has run."""
        self.page.goto(self.base + path)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def axe(self) -> list[str]:
        """Violations of WCAG 2.2 AA and of good practice, as ``rule: element``."""
        import axe_playwright_python

        script = Path(axe_playwright_python.__file__ or "").parent / "axe.min.js"
        self.page.evaluate(script.read_text())
        found = self.page.evaluate(
            """axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa",
            "best-practice"]}).then(r => r.violations.map(
            v => `${v.id}: ${v.nodes[0].html.slice(0, 160)}`))"""
        )
        return list(found)

    def scrolls_sideways(self) -> bool:
        """Whether the page itself, not a table in it, is wider than the window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))


Opener = Callable[..., Watched]


@dataclass
class Desk:
    """A coder of Cypress Ridge with charts in line."""

    here: cast.Place
    user: Any


def hashed_names() -> dict[str, Any]:
    """Storages as in production, where static files carry the hash of their content in their names."""
    from django.conf import settings

    return settings.STORAGES | {"staticfiles": {"BACKEND": "coding_ops.web.storage.ModuleManifestStorage"}}


def collect_static(built: Path, collected: Path) -> Path:
    """Assets built and collected, as at set-up, with hashed names and gzip beside them."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test import override_settings

    from coding_ops.web import assets

    assets.build(built)
    folders = [settings.BASE_DIR / "static", built]
    with override_settings(STATICFILES_DIRS=folders, STATIC_ROOT=collected, STORAGES=hashed_names()):
        call_command("collectstatic", interactive=False, verbosity=0)
    return collected


@contextmanager
def serving(static_root: Path) -> Iterator[str]:
    """The WSGI application in a thread, and its address.  WhiteNoise serves the collected files, as in
    production; pytest-django's own live server would serve them without hashes and headers."""
    from django.test import override_settings
    from django.test.testcases import LiveServerThread

    def as_it_is(application: Any) -> Any:
        return application

    thread = LiveServerThread("127.0.0.1", static_handler=as_it_is)  # type: ignore[arg-type]
    with override_settings(STATIC_ROOT=static_root):
        thread.daemon = True
        thread.start()
        thread.is_ready.wait()
    if thread.error:
        raise thread.error
    try:
        yield f"http://127.0.0.1:{thread.port}"
    finally:
        thread.terminate()
        thread.join()


def sign_in(context: BrowserContext, base: str, user: Any) -> None:
    """Gives the browser a session of the person's."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": base}])
