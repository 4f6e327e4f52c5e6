"""A person before a chart with a browser, who writes queries by forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.test import Client as Browser
from django.utils import timezone

from cdi_queries.models import CdiQuery
from cdi_queries.rules.content import QueryContent, from_json
from coding_ops.accounts.models import User
from encounters.actions.leases import take_chart
from encounters.models import DocumentVersion, Encounter
from tests import cast
from tests.cdi_queries import scene

PARTIAL = {"HX-Request": "true"}


@dataclass
class Seat:
    """A person before a chart, with a browser."""

    of: scene.Desk
    made: Encounter
    version: DocumentVersion
    browser: Browser
    fence: int = 0

    @property
    def href(self) -> str:
        return f"/c/{self.of.place.client.slug}/encounters/{self.made.pk}/query/"

    def cited(self, *quotes: str) -> dict[str, list[str]]:
        at = [self.version.text.index(quote) for quote in quotes]
        pieces = [
            f"{self.version.pk}:{start}:{start + len(quote)}" for start, quote in zip(at, quotes, strict=True)
        ]
        return {"evidence": pieces, "quote": list(quotes)}

    def post(self, path: str, partial: Any = True, **data: Any) -> Any:
        body = {"fence": self.fence, "version": str(self.version.pk), **data}
        return self.browser.post(f"{self.href}{path}", body, headers=PARTIAL if partial else {})

    def begin(self, *quotes: str, **more: Any) -> CdiQuery:
        answer = self.post("start/", **self.cited(*quotes), **more)
        assert answer.status_code == 200, answer.content.decode()
        return self.query()

    def query(self) -> CdiQuery:
        with cast.opened(self.of.place):
            return CdiQuery.objects.select_related("provider").latest("drafted_at")

    def content(self) -> QueryContent:
        return from_json(self.query().content)

    def written(self, **changes: Any) -> dict[str, Any]:
        """The form of a compliant multiple choice over the draft's indicators."""
        query = self.query()
        ids = [one.id for one in from_json(query.content).indicators]
        return {
            "kind": "multiple_choice",
            "title": "Clarification: heart failure",
            "body": "Please clarify the type and acuity of the heart failure treated during this stay.",
            "oid": ["o1", "o2"],
            "text-o1": "Chronic systolic heart failure",
            "for-o1": ids,
            "text-o2": "Acute systolic heart failure",
            "for-o2": ids,
            "provider": str(query.provider_id or ""),
            "hold": "1",
        } | changes

    def act(self, verb: str, partial: Any = True, **changes: Any) -> Any:
        return self.post(f"{self.query().pk}/", partial=partial, act=verb, **self.written(**changes))


def seat(of: scene.Desk, user: User, made: Encounter | None = None) -> Seat:
    with cast.opened(of.place):
        chart = made or scene.chart(of)
        version = DocumentVersion.objects.filter(document__encounter=chart).latest("number")
        fence = 0
        if user == of.coder:
            item = take_chart(actor=of.actor(user), item=cast.item_of(chart), now=timezone.now())
            fence = item.fence
    browser = Browser()
    browser.force_login(user)
    return Seat(of, chart, version, browser, fence)


def html(answer: Any, status: int = 200) -> str:
    text: str = answer.content.decode()
    assert answer.status_code == status, text
    return text
