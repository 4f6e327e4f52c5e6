"""One chart in Rosalind's hands at Cypress, and everybody who might look at it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client as Browser
from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent
from coding_ops.tenancy.models import Role
from encounters.actions.changes import code_set
from encounters.actions.leases import take_chart
from encounters.models import DocumentVersion, Encounter, Provider
from tests import cast

DIABETES = "Type 2 diabetes with diabetic chronic kidney disease"


@dataclass
class Answer:
    """Status, body and bytes of a response."""

    status: int
    body: Any
    raw: bytes


@dataclass
class Scene:
    """The place, its people and the chart."""

    here: cast.Place
    there: cast.Place
    people: dict[str, User]
    chart: Encounter
    waiting: Encounter
    foreign: Encounter
    version: DocumentVersion
    fence: int

    def ask(self, who: str, method: str, path: str, body: Any = None, **extra: Any) -> Answer:
        """One request below ``/api/v1/``; ``who`` empty: nobody is signed in."""
        browser = Browser(raise_request_exception=False)
        if who:
            browser.force_login(self.people[who])
        data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        response = getattr(browser, method)(f"/api/v1/{path}", **data, **extra)
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        parsed = json.loads(response.content) if response.content and is_json else None
        return Answer(response.status_code, parsed, response.content)

    def at(self, rest: str = "", chart: Encounter | None = None) -> str:
        """The address of something below the chart."""
        return f"clients/{self.here.client.slug}/encounters/{(chart or self.chart).pk}/{rest}"

    def change(self, method: str, rest: str, who: str = "rosalind", **body: Any) -> Answer:
        """A change under the lease in hand, unless another fence is given."""
        return self.ask(who, method, self.at(rest), {"fence": self.fence} | body)

    def selectors(self, quote: str) -> list[dict[str, Any]]:
        """W3C selectors of words of the note."""
        start = self.version.text.index(quote)
        return [
            {"type": "TextPositionSelector", "start": start, "end": start + len(quote)},
            {"type": "TextQuoteSelector", "exact": quote},
        ]

    def words(self, quote: str) -> dict[str, Any]:
        """Evidence as the API takes it."""
        return {"document_version": str(self.version.pk), "selectors": self.selectors(quote)}

    def assign(self, code: str = "E11.22", quote: str = DIABETES, **more: Any) -> dict[str, Any]:
        """A code with its words; gives the code of the answer."""
        body = {"system": "ICD-10-CM", "code": code, "evidence": [self.words(quote)]} | more
        answer = self.change("post", "assignments/", **body)
        assert answer.status == 201, answer.body
        found: dict[str, Any] = next(
            one for one in answer.body["codes"] if one["code"] == code.replace(".", "")
        )
        return found

    def now(self) -> tuple[Any, ...]:
        """What a refused act must leave as it was: codes, status, and the ledger's acts (not its reads)."""
        with cast.opened(self.here):
            fresh = Encounter.objects.get(pk=self.chart.pk)
            acts = AuditEvent.objects.exclude(verb__in=["chart.viewed", "chart.listed"]).count()
            return code_set(fresh), fresh.status, fresh.revision_count, acts

    def reads(self) -> list[tuple[str, str]]:
        """Verb and subject of every read in the ledger, in order."""
        with cast.opened(self.here):
            rows = AuditEvent.objects.filter(verb__in=["chart.viewed", "chart.listed"])
            return list(rows.order_by("seq").values_list("verb", "subject_id"))


def make_scene() -> Scene:
    """Rosalind and Marcus code at Cypress; the others stand around."""
    cast.icd10cm()
    here, there = cast.cypress(), cast.harbor()
    people = {
        "rosalind": cast.coder("Rosalind Ames", here),
        "marcus": cast.coder("Marcus Bell", here, there),
        "quentin": cast.person("Quentin Drake", (here, Role.QA_REVIEWER)),
        "marguerite": cast.person("Marguerite Lowell", (here, Role.MANAGER)),
        "nora": cast.person("Nora Vance", (here, Role.CLIENT_VIEWER)),
        "paul": cast.person("Paul Whitaker", (here, Role.CLIENT_ADMIN)),
        "okafor": cast.person("Ngozi Okafor", (here, Role.PROVIDER)),
        "ellis": cast.person("Ellis Grant", (here, Role.EXTERNAL_AUDITOR)),
        "beatriz": cast.person("Beatriz Souza", (there, Role.CLIENT_VIEWER)),
    }
    with cast.opened(there):
        foreign = cast.encounter(there, due_at=timezone.now() + timedelta(days=9))
    with cast.opened(here):
        chart, waiting = cast.encounter(here), cast.encounter(here)
        Provider.objects.filter(client_id=here.client.pk).update(user=people["okafor"])
        actor = cast.actor_for(people["rosalind"], Role.CODER)
        item = take_chart(actor=actor, item=cast.item_of(chart), now=timezone.now())
        version = DocumentVersion.objects.get(document__encounter=chart)
        assert version.text  # opened while the scope stands
    return Scene(here, there, people, chart, waiting, foreign, version, item.fence)
