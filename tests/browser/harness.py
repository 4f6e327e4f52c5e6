"""What browser tests hold in their hands.  Imports no Django: the conftest is read before it is set up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Page

if TYPE_CHECKING:
    from tests import cast


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
