"""A sent and delivered query with its link, and a browser of nobody."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import mail
from django.test import Client as Browser

from cdi_queries.actions.delivery import deliver
from cdi_queries.actions.links import find_link, read_token
from cdi_queries.models import CdiQuery, QueryLink
from encounters.models import Provider
from tests import cast
from tests.cdi_queries import scene

LINK = re.compile(r"(/q/[^/\s]+/)")
CODE = re.compile(r"Your code is (\d{6})")
BODY = "Please clarify the type and acuity"


@dataclass
class Asked:
    """A sent and delivered query, its link, and a browser of nobody."""

    desk: scene.Desk
    query: CdiQuery
    href: str
    browser: Browser

    def link(self) -> QueryLink:
        with cast.opened(self.desk.place):
            named = read_token(self.href.split("/")[2])
            assert named is not None
            return find_link(client_id=named[0], link_id=named[1])

    def fresh(self) -> CdiQuery:
        with cast.opened(self.desk.place):
            return CdiQuery.objects.get(pk=self.query.pk)

    def code(self) -> str:
        """Asks for a code and reads it in the newest mail."""
        assert self.browser.post(f"{self.href}code/").status_code == 303
        found = CODE.search(str(mail.outbox[-1].body))
        assert found
        return found[1]

    def enter(self) -> None:
        """Through the code."""
        assert self.browser.post(f"{self.href}open/", {"code": self.code()}).status_code == 303


def mailed(place: cast.Place) -> Asked:
    """One question, sent and delivered by mail; the client's scope must not be open."""
    desk = scene.desk(place)
    with cast.opened(place):
        query = scene.sent(desk, scene.chart(desk))
    return mailed_query(desk, query)


def mailed_query(desk: scene.Desk, query: CdiQuery) -> Asked:
    """A query that was sent already, delivered by mail."""
    with cast.opened(desk.place):
        assert deliver(client_id=query.client_id, query_id=str(query.pk))
    found = LINK.search(str(mail.outbox[-1].body))
    assert found
    return Asked(desk, query, found[1], Browser())


def words_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def other_provider(asked: Asked) -> Provider:
    with cast.opened(asked.desk.place):
        made: Provider = Provider.objects.create(
            client=asked.desk.place.client, name="L. Reyes", npi="1000000491"
        )
    return made


def age_code(asked: Asked, *, seconds: int) -> None:
    with cast.opened(asked.desk.place):
        link = QueryLink.objects.get(query=asked.query)
        assert link.code_sent_at is not None
        link.code_sent_at -= timedelta(seconds=seconds)
        link.save(update_fields=["code_sent_at"])
