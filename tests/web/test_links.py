"""No dead link: what a page offers a person, the application answers them."""

from __future__ import annotations

import re
from collections import deque
from html import unescape

import pytest
from django.test import Client as Browser
from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.actions.coding import Words, assign_code
from encounters.actions.finalize import finalize
from encounters.actions.leases import take_chart
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)
LINK = re.compile(r'<a\b[^>]*?\bhref="([^"#]*)')
MOST_PAGES = 120


@pytest.fixture
def here() -> cast.Place:
    """Cypress Ridge with a chart in hand, one waiting, one that is final and one without a note."""
    cast.icd10cm()
    place = cast.cypress()
    user = cast.coder("Rosalind Ames", place)
    actor = cast.actor_for(user, Role.CODER)
    with cast.opened(place):
        for final in (True, False):
            chart = cast.encounter(place)
            fence = take_chart(actor=actor, item=cast.item_of(chart), now=timezone.now()).fence
            version = chart.documents.get().versions.get()
            assign_code(
                actor=actor,
                encounter=chart,
                fence=fence,
                system="ICD-10-CM",
                code="I10",
                evidence=[Words(version.pk, 0, 15)],
            )
            if final:
                finalize(actor=actor, encounter=chart, fence=fence)
        cast.encounter(place)
        cast.encounter(place, note=None, status="received", queued=False)
    return place


def walk(user: User) -> dict[str, int]:
    """Every page that links lead to from the start page, with the status it answered."""
    browser = Browser()
    browser.force_login(user)
    seen: dict[str, int] = {}
    ahead = deque(["/"])
    while ahead and len(seen) < MOST_PAGES:
        path = ahead.popleft()
        if path in seen:
            continue
        answer = browser.get(path)
        seen[path] = answer.status_code
        if answer.status_code in (301, 302, 303):
            ahead.append(answer["Location"])
        if answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
            continue
        for found in LINK.findall(answer.content.decode()):
            link = unescape(found)
            target = path.split("?")[0] + link if link.startswith("?") else link
            if target.startswith("/") and not target.startswith("/static/"):
                ahead.append(target)
    return seen


@pytest.mark.parametrize("role", [role for role in Role if role != Role.CODER])
def test_no_link_leads_to_nothing(here: cast.Place, role: Role) -> None:
    seen = walk(cast.person("Marguerite Lowell", (here, role)))
    assert {path: status for path, status in seen.items() if status not in (200, 301, 302, 303)} == {}
    assert len(seen) >= 3


def test_no_link_leads_a_coder_to_nothing(here: cast.Place) -> None:
    seen = walk(User.objects.get(full_name="Rosalind Ames"))
    assert {path: status for path, status in seen.items() if status not in (200, 301, 302, 303)} == {}
    assert any("/encounters/" in path and path.endswith("/pend/") for path in seen)


def test_somebody_without_a_client_is_told_so() -> None:
    browser = Browser()
    browser.force_login(cast.person("Ines Calderon"))
    assert "No client is open to you" in browser.get("/").content.decode()


@pytest.mark.parametrize(
    ("role", "start"),
    [(Role.CODER, "/work/"), (Role.MANAGER, "/work/dashboard/"), (Role.QA_REVIEWER, "/work/reviews/")],
)
def test_start_page_of_a_person_with_several_clients(role: Role, start: str) -> None:
    browser = Browser()
    browser.force_login(cast.person("Marcus Bell", (cast.cypress(), role), (cast.harbor(), role)))
    assert browser.get("/")["Location"] == start
    assert browser.get(start).status_code == 200
