"""The pages of drift: who sees them, that numbers lead to their reviews, and that forms say what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from code_sets import selectors
from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.actions.pauses import pause_coder
from encounters.models import Encounter, WorkPause
from qa_audit.actions.drift import look_for_signals
from qa_audit.models import DriftNote, DriftSignal, SampleWidening, SignalDecision
from tests import cast
from tests.qa_audit.drift_scene import STEADY, newest_week, reviewed_weeks
from tests.qa_audit.scene import Team, final_chart, team

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@pytest.fixture
def crew() -> Team:
    crew = team(cast.cypress())
    with cast.opened(crew.place):
        reviewed_weeks(crew, final_chart(crew), *STEADY, (0, 0), (3, 1), (10, 6))
        look_for_signals(actor=cast.SYSTEM, client=crew.place.client, now=timezone.now())
    return crew


def base_of(crew: Team) -> str:
    return f"/c/{crew.place.client.slug}/quality/drift/"


def browser_of(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def page(crew: Team, path: str = "", *, by: User | None = None) -> str:
    answer = browser_of(by or crew.manager).get(base_of(crew) + path)
    assert answer.status_code == 200
    return answer.content.decode()


def signal_of(crew: Team) -> DriftSignal:
    with cast.opened(crew.place):
        return DriftSignal.objects.get(coder=crew.coder, kind="above")


def send(crew: Team, path: str, by: User | None = None, **data: Any) -> Any:
    return browser_of(by or crew.manager).post(base_of(crew) + path, data)


def test_the_room_names_what_waits_and_each_number_opens_its_reviews(crew: Team) -> None:
    text = page(crew)
    assert "6 of 10 charts with an error, 60.0%; limit 38.5%" in text
    assert "A signal waits for a decision" in text
    # 93 charts in ten weeks with reviews, 15 of them with an error.
    assert ">93</a>" in text and ">15</a>" in text and "16.1%" in text and "10.0% to 24.9%" in text
    one = page(crew, f"coders/{crew.coder.pk}/")
    week = newest_week(crew)
    first, last = week.isoformat(), (week + timedelta(days=6)).isoformat()
    assert (
        f"/c/{crew.place.client.slug}/quality/reviews/?state=closed&amp;origin=sample&amp;run=vendor&amp;"
        f"coder={crew.coder.pk}&amp;closed_from={first}&amp;closed_to={last}&amp;clean=0" in one
    )
    assert "Too few to judge alone" in one and "Centre 10.0%: 8 of 80 charts" in one
    assert one.count('<svg class="pchart"') == 2 and "style=" not in one
    about = page(crew, "specialties/?code=IM")
    assert "specialty=IM&amp;closed_from=" in about


def test_reviewers_read_and_do_not_decide_and_nobody_else_reads(crew: Team) -> None:
    text = page(crew, f"signals/{signal_of(crew).pk}/", by=crew.reviewer)
    assert "A manager decides." in text and "Record the decision" not in text
    assert send(crew, f"signals/{signal_of(crew).pk}/", crew.reviewer, kind="dismiss").status_code == 403
    client_admin = cast.person("Paul Whitaker", (crew.place, Role.CLIENT_ADMIN))
    for user in (crew.coder, client_admin):
        for path in ("", "change/", "signals/", f"coders/{crew.coder.pk}/", "specialties/?code=IM"):
            assert browser_of(user).get(base_of(crew) + path).status_code == 404
    assert browser_of(crew.manager).get(f"{base_of(crew)}coders/{crew.reviewer.pk}/").status_code == 404
    assert browser_of(crew.manager).get(f"{base_of(crew)}specialties/?code=CARD").status_code == 404


def test_a_decision_is_recorded_and_holds_on_the_first_page_until_it_is_ended(crew: Team) -> None:
    signal = signal_of(crew)
    path = f"signals/{signal.pk}/"
    wrong = send(crew, path, kind="widen", factor="0.5", until="t+14", reason="Two new coders")
    assert wrong.status_code == 422 and "widened by more than 1" in wrong.content.decode()
    with cast.opened(crew.place):
        assert not SampleWidening.objects.exists() and not SignalDecision.objects.exists()
    assert (
        send(crew, path, kind="widen", factor="3", until="t+14", reason="Two new coders").status_code == 303
    )
    last = f"{cast.today() + timedelta(days=14):%m/%d/%Y}"
    text = page(crew)
    assert f"Sample ×3 through {last}" in text and "Two new coders" in text
    assert f"Sample ×3 through {last}; Marguerite Lowell" in page(crew, path)
    assert "Sample ×3" in page(crew, "signals/?show=decided")
    assert crew.coder.full_name not in page(crew, "signals/?show=waiting").split("<main")[1]
    with cast.opened(crew.place):
        widening = SampleWidening.objects.get()
    ended = send(crew, f"widenings/{widening.pk}/end/", reason="Clean again")
    assert ended.status_code == 303 and "Sample ×3" not in page(crew).split('<h2 id="me-h"')[1]


def test_a_pause_is_lifted_where_it_is_told(crew: Team) -> None:
    with cast.opened(crew.place):
        pause = pause_coder(
            actor=crew.actor(crew.manager),
            client_id=crew.place.client.pk,
            coder_id=crew.coder.pk,
            specialty_id=None,
            reason="Looked at together",
        )
    assert "New charts paused" in page(crew)
    assert send(crew, f"pauses/{pause.pk}/lift/", crew.reviewer, reason="Clean again").status_code == 403
    assert send(crew, f"pauses/{pause.pk}/lift/", reason="Clean again").status_code == 303
    with cast.opened(crew.place):
        assert WorkPause.objects.get().lifted_by_id == crew.manager.pk


def test_notes_are_numbered_on_the_charts_and_taken_off(crew: Team) -> None:
    day = f"{newest_week(crew) - timedelta(days=20):%m/%d/%Y}"
    wrong = send(crew, "notes/", kind="staffing", happened_on="13/45/2026", words="Two joined")
    assert wrong.status_code == 422 and "MM/DD/YYYY" in wrong.content.decode()
    with cast.opened(crew.place):
        assert not DriftNote.objects.exists()
    assert send(crew, "notes/", kind="staffing", happened_on=day, words="Two joined").status_code == 303
    one = page(crew, f"coders/{crew.coder.pk}/")
    assert one.count('class="c-notelab"') == 2 and "Staffing: Two joined" in one
    with cast.opened(crew.place):
        note = DriftNote.objects.get()
    assert send(crew, f"notes/{note.pk}/withdraw/").status_code == 303
    assert "Two joined" not in page(crew).split("<main")[1].split('role="status"')[-1]


def test_the_change_adds_up_on_the_page(crew: Team) -> None:
    newest = newest_week(crew)
    day = timedelta(days=1)
    with cast.opened(crew.place):
        for at in (newest - 5 * day, newest + day):
            chart = final_chart(crew)
            Encounter.objects.filter(pk=chart.pk).update(final_at=timezone.now() - (cast.today() - at))
    query = (
        f"?from_a={newest - 60 * day:%m/%d/%Y}&to_a={newest - day:%m/%d/%Y}"
        f"&from_b={newest:%m/%d/%Y}&to_b={newest + 6 * day:%m/%d/%Y}"
    )
    text = page(crew, "change/" + query)
    # Six weeks of 1 of 10 and one of 1 of 3: 7 of 63, 11.1%; then 6 of 10.
    found = re.search(r"([+−][\d.]+) points together", text)
    assert found is not None and found[1] == "+48.9"
    assert "More errors than chance explains" in text and "6 of 10" in text
    late = browser_of(crew.manager).get(
        f"{base_of(crew)}change/?from_a=11/01/2026&to_a=11/10/2026&from_b=11/05/2026&to_b=11/20/2026"
    )
    assert late.status_code == 422 and "starts after the first has ended" in late.content.decode()
    assert "nobody finished a chart" in page(
        crew, "change/?from_a=01/01/2020&to_a=01/10/2020&from_b=01/11/2020&to_b=01/20/2020"
    )


def test_a_number_opens_as_many_reviews_as_it_counts(crew: Team) -> None:
    one = page(crew, f"coders/{crew.coder.pk}/")
    links = re.findall(r'href="([^"]*/reviews/\?[^"]*)" aria-label="[^"]*: (\d+), show', one)
    assert len(links) > 10
    browser = browser_of(crew.manager)
    for href, count in (links[0], links[1], links[2], links[-1]):
        text = browser.get(href.replace("&amp;", "&")).content.decode()
        assert text.count('<tr class="row">') == int(count)
        assert "Only closed from " in text and ", ours." in text
