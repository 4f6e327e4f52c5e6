"""How many queries each page makes, recorded, and the same for four rows as for twelve.

The baseline is ``query_counts.json``.  A page that needs more is a change to that file, to be argued for;
``UPDATE_QUERY_COUNTS=1`` writes it anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.actions.coding import Words, assign_code
from encounters.actions.finalize import finalize
from encounters.actions.leases import take_chart
from encounters.actions.pends import Hold, pend_encounter
from encounters.models import DocumentVersion, Encounter, OwnerParty, PendReason
from tests import cast

BASELINE = Path(__file__).with_name("query_counts.json")
FEW, MANY = 4, 12
CODES = ("E1122", "I10", "Z794", "N1831", "E119", "I129", "M1711", "J069", "N1832")


class Scene:
    """Two of everything: charts in line, on hold and final, by one coder of one client."""

    def __init__(self) -> None:
        cast.icd10cm()
        self.here = cast.cypress()
        self.coder = cast.coder("Rosalind Ames", self.here)
        self.manager = cast.person("Marguerite Lowell", (self.here, Role.MANAGER))
        self.viewer = cast.person("Nora Vance", (self.here, Role.CLIENT_VIEWER))
        self.admin = cast.person("Paul Whitaker", (self.here, Role.CLIENT_ADMIN))
        self.actor = cast.actor_for(self.coder, Role.CODER)
        with cast.opened(self.here):
            self.chart = cast.encounter(self.here, due_at=timezone.now() + timedelta(hours=1))
            self.final = self._finished(1)
        self.rows = 0

    def grow(self, rows: int) -> None:
        """At least this many rows in every list, and codes on the open chart."""
        with cast.opened(self.here):
            for number in range(self.rows, rows):
                cast.encounter(self.here)
                self._on_hold()
                self._finished(1 + number % 3)
            item = take_chart(actor=self.actor, item=cast.item_of(self.chart), now=timezone.now())
            for code in CODES[self.rows * 3 // 4 : rows * 3 // 4]:
                self._assign(self.chart, item.fence, code)
        self.rows = rows

    def _assign(self, chart: Encounter, fence: int, code: str) -> None:
        version = DocumentVersion.objects.get(document__encounter=chart)
        assign_code(
            actor=self.actor,
            encounter=chart,
            fence=fence,
            system="ICD-10-CM",
            code=code,
            evidence=[Words(version.pk, 0, 15), Words(version.pk, 17, 26)],
        )

    def _held(self) -> tuple[Encounter, int]:
        """A chart in the coder's hands, through the row itself: one coder holds one chart at a time."""
        chart = cast.encounter(self.here)
        other = cast.coder("Second Hands", self.here)
        taken = take_chart(
            actor=cast.actor_for(other, Role.CODER), item=cast.item_of(chart), now=timezone.now()
        )
        self.hands = cast.actor_for(other, Role.CODER)
        return chart, taken.fence

    def _on_hold(self) -> None:
        chart, fence = self._held()
        hold = Hold(PendReason.MISSING_NOTE, OwnerParty.CLIENT, timezone.localdate() + timedelta(days=2))
        pend_encounter(actor=self.hands, encounter=chart, fence=fence, hold=hold)

    def _finished(self, codes: int) -> Encounter:
        chart, fence = self._held()
        mine, self.actor = self.actor, self.hands
        for code in CODES[:codes]:
            self._assign(chart, fence, code)
        self.actor = mine
        finalize(actor=self.hands, encounter=chart, fence=fence)
        return chart


PAGES: dict[str, tuple[str, Callable[[Scene], str]]] = {
    "work list": ("coder", lambda s: "/work/"),
    "work list of a manager": ("manager", lambda s: "/work/"),
    "chart in hand": ("coder", lambda s: f"/c/cypress-ridge/encounters/{s.chart.pk}/"),
    "chart for a manager": ("manager", lambda s: f"/c/cypress-ridge/encounters/{s.final.pk}/"),
    "level of the visit": ("coder", lambda s: f"/c/cypress-ridge/encounters/{s.chart.pk}/em/"),
    "condition categories": ("coder", lambda s: f"/c/cypress-ridge/encounters/{s.chart.pk}/hcc/"),
    "chart for the client": ("viewer", lambda s: f"/c/cypress-ridge/encounters/{s.final.pk}/"),
    "history of a chart": ("manager", lambda s: f"/c/cypress-ridge/encounters/{s.chart.pk}/history/"),
    "overview of a manager": ("manager", lambda s: "/c/cypress-ridge/"),
    "overview of the client": ("viewer", lambda s: "/c/cypress-ridge/"),
    "dashboard": ("manager", lambda s: "/c/cypress-ridge/dashboard/"),
    "encounters of a manager": ("manager", lambda s: "/c/cypress-ridge/encounters/"),
    "encounters of the client": ("viewer", lambda s: "/c/cypress-ridge/encounters/"),
    "encounters of a coder": ("coder", lambda s: "/c/cypress-ridge/encounters/"),
    "holds of a manager": ("manager", lambda s: "/c/cypress-ridge/holds/"),
    "holds of the client": ("admin", lambda s: "/c/cypress-ridge/holds/"),
    "documents of the client": ("viewer", lambda s: "/c/cypress-ridge/documents/"),
    "received files": ("admin", lambda s: "/c/cypress-ridge/intake/"),
    "dashboard across clients": ("manager", lambda s: "/work/dashboard/"),
    "code sets of a manager": ("manager", lambda s: "/work/code-sets/"),
    "code sets of a coder": ("coder", lambda s: "/work/code-sets/"),
    "open charts of a release": (
        "manager",
        lambda s: "/work/code-sets/charts/?client=cypress-ridge&why=invalid",
    ),
    "code search": ("coder", lambda s: "/api/v1/codes/search/?system=ICD-10-CM&on=2026-09-15&text=diab"),
    "API work list": ("coder", lambda s: "/api/v1/work/worklist/"),
    "API encounters": ("manager", lambda s: "/api/v1/clients/cypress-ridge/encounters/"),
    "API encounter": ("manager", lambda s: f"/api/v1/clients/cypress-ridge/encounters/{s.chart.pk}/"),
    "API history": ("manager", lambda s: f"/api/v1/clients/cypress-ridge/encounters/{s.chart.pk}/history/"),
}


def count(user: User, url: str) -> int:
    """Messages to the database for one GET, the process warm."""
    browser = Browser()
    browser.force_login(user, backend="coding_ops.tenancy.backends.ReachBackend")
    assert browser.get(url).status_code == 200, url
    with CaptureQueriesContext(connection) as queries:
        browser.get(url)
    return len(queries)


@pytest.mark.django_db(transaction=True)
def test_each_page_makes_as_many_queries_as_recorded_whatever_the_number_of_rows() -> None:
    scene = Scene()
    measured: dict[str, dict[str, int]] = {}
    for rows in (FEW, MANY):
        scene.grow(rows)
        for name, (who, url) in PAGES.items():
            measured.setdefault(name, {})[str(rows)] = count(getattr(scene, who), url(scene))
    growing = {name: counts for name, counts in measured.items() if len(set(counts.values())) > 1}
    assert not growing, f"the number of rows shows in the number of queries: {growing}"
    counts: dict[str, Any] = {name: counts[str(MANY)] for name, counts in measured.items()}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    recorded = json.loads(BASELINE.read_text(encoding="utf-8"))
    assert counts == recorded
