"""Pages of calibration and gold charts, and what a coder's and a reviewer's pages must not tell."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client as Browser

from coding_ops.accounts.models import User
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Role
from encounters.models import Encounter
from qa_audit.actions.calibration import record_consensus
from qa_audit.actions.findings import Judgement
from qa_audit.actions.gold import compare_coders
from qa_audit.actions.reviews import ask_review, deliver, take_next_review
from qa_audit.models import (
    AuditLine,
    CalibrationChart,
    CalibrationRound,
    GoldChart,
    GoldCheck,
    GoldPolicy,
    GoldSignal,
    Review,
    ReviewOrigin,
)
from qa_audit.rules.plan_terms import PlanTerms
from tests import cast
from tests.qa_audit.scene import Team, final_chart, team
from tests.qa_audit.test_calibration import opened_round, read
from tests.qa_audit.test_gold import KEY, code_and_finish, low_score, ready_key
from tests.qa_audit.test_programme import CITED

pytestmark = pytest.mark.django_db
BASE = "/c/cypress-ridge/quality/calibration/"
VOLATILE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|V\d{6}|MRN ••\d{4}|[0-9a-f]{20}"
    r"|MRN\d{6}|\d{4}-\d\d-\d\dT[\d:.]+Z"
    r'|csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"|\d{1,2}:\d\d(:\d\d)? [AP]M|\d\d/\d\d/\d{4}'
    r"|datetime=\"[^\"]+\"|\b\d+ (?:minutes?|seconds?)(?: ago)?|\d+(?:\.\d+)? (?:h|min|s)\b|&#34;|fence\D+\d+"
)
WORDS = re.compile(r"gold|calibrat|consensus|key is|measure", re.IGNORECASE)


@pytest.fixture
def crew() -> Team:
    return team(cast.cypress())


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def page(browser: Browser, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status, answer.content.decode()[:600]
    return answer.content.decode()


def told(browser: Browser, path: str) -> str:
    """The page without what differs between any two charts: ids, numbers, times, tokens."""
    return VOLATILE.sub("·", page(browser, path))


def around(shown: str) -> list[str]:
    """Where the words stand, for the message."""
    return [shown[max(0, hit.start() - 80) : hit.end() + 80] for hit in WORDS.finditer(shown)]


# --- what must not be told -----------------------------------------------------------------------------


def test_a_coders_pages_of_a_gold_chart_are_those_of_its_twin_before_and_after(crew: Team) -> None:
    with cast.opened(crew.place):
        gold, twin = cast.encounter(crew.place), cast.encounter(crew.place)
        ready_key(crew, gold)
    coder = signed_in(crew.coder)
    assert not WORDS.search(page(coder, "/work/"))
    with cast.opened(crew.place):
        for chart in (gold, twin):
            code_and_finish(crew, chart)
    own = ("/work/", "/work/findings/", "/work/accuracy/", "/c/cypress-ridge/quality/findings/")
    before = {path: told(coder, path) for path in own}
    with cast.opened(crew.place):
        assert compare_coders(actor=system_actor("gold charts"), client_id=gold.client_id) == 1
    # Being compared changes nothing of what the coder has about themselves.
    assert {path: told(coder, path) for path in own} == before
    for path in ("", "history/", "compare/?before=1&after=1"):
        pair = [told(coder, f"/c/cypress-ridge/encounters/{chart.pk}/{path}") for chart in (gold, twin)]
        assert pair[0] == pair[1]
        assert not WORDS.search(pair[0])
    api = "/api/v1/clients/cypress-ridge/encounters/"
    for path in ("", "history/"):
        pair = [VOLATILE.sub("·", page(coder, f"{api}{chart.pk}/{path}")) for chart in (gold, twin)]
        assert pair[0] == pair[1]


def test_a_calibrated_reviewers_pages_are_those_of_a_review_somebody_asked_for(crew: Team) -> None:
    with cast.opened(crew.place):
        opened_round(crew)
        ask_review(
            actor=crew.actor(crew.manager),
            encounter=final_chart(crew),
            terms=PlanTerms(),
            origin=ReviewOrigin.FOCUSED,
            reason="Asked for in a test.",
        )
        actor = crew.actor(crew.reviewer)
        first = take_next_review(actor=actor, client_id=crew.place.client.pk)
        second = take_next_review(actor=actor, client_id=crew.place.client.pk)
        assert first is not None and second is not None
        assert [first.origin, second.origin] == ["calibration", "focused"]
    reviewer = signed_in(crew.reviewer)
    reviews = "/c/cypress-ridge/quality/reviews/"
    pair = [told(reviewer, f"{reviews}{one.pk}/") for one in (first, second)]
    assert pair[0] == pair[1]
    for path in (reviews, "/work/reviews/", f"{reviews}?origin=focused"):
        shown = page(reviewer, path).replace("Calibration</a>", "").replace("quality/calibration/", "")
        assert not WORDS.search(shown), (path, around(shown))
    assert str(first.pk) in page(reviewer, f"{reviews}?origin=focused")
    assert str(first.pk) not in page(reviewer, f"{reviews}?origin=calibration")
    # The overview counts what the reviewer's own list shows, and no more.
    for person, waiting in ((crew.reviewer, 0), (crew.manager, 1)):
        shown = page(signed_in(person), "/c/cypress-ridge/quality/")
        assert re.search(rf'Waiting for a reviewer <b class="num ?">{waiting}</b>', shown)
    # Nor does the list show that somebody else has the same chart.
    with cast.opened(crew.place):
        other = Review.objects.get(assigned_to=crew.second)
    assert str(other.pk) not in page(reviewer, reviews)
    assert reviewer.get(f"{reviews}{other.pk}/").status_code == 404


def test_a_delivered_calibration_review_looks_like_another_and_its_coder_never_hears_of_it(
    crew: Team,
) -> None:
    with cast.opened(crew.place):
        opened_round(crew)
        ask_review(
            actor=crew.actor(crew.manager),
            encounter=final_chart(crew),
            terms=PlanTerms(),
            origin=ReviewOrigin.FOCUSED,
            reason="Asked for in a test.",
        )
        both = [read(crew, crew.reviewer, "E1122", "N1831", "I129") for _ in range(2)]
    reviewer, coder = signed_in(crew.reviewer), signed_in(crew.coder)
    reviews = "/c/cypress-ridge/quality/reviews/"
    pair = [told(reviewer, f"{reviews}{one.pk}/") for one in both]
    assert pair[0] == pair[1]
    with cast.opened(crew.place):
        for one in both:
            AuditLine.objects.filter(review=one, verdict="UN").update(**vars_of(CITED))
            deliver(actor=crew.actor(crew.reviewer), review=one)
        hidden, plain = Review.objects.get(pk=both[0].pk), Review.objects.get(pk=both[1].pk)
        assert [hidden.state, plain.state] == ["answering", "answering"]
    pair = [told(reviewer, f"{reviews}{one.pk}/") for one in both]
    assert pair[0] == pair[1]
    mine = page(reviewer, "/c/cypress-ridge/quality/findings/")
    assert str(hidden.pk) in mine and str(plain.pk) in mine
    own = page(coder, "/work/findings/")
    assert str(plain.pk) in own and str(hidden.pk) not in own
    assert coder.get(f"{reviews}{hidden.pk}/").status_code == 404
    assert coder.get(f"{reviews}{plain.pk}/").status_code == 200


def vars_of(said: Judgement) -> dict[str, str]:
    """The judgement as columns of a line."""
    names = ("cause", "severity", "direction", "citation_kind", "citation")
    return {name: getattr(said, name) for name in names}


def test_gold_and_open_rounds_are_for_leaders_and_to_others_not_there(crew: Team) -> None:
    viewer = cast.person("Nora Vance", (crew.place, Role.CLIENT_ADMIN))
    with cast.opened(crew.place):
        found = opened_round(crew)
        chart = CalibrationChart.objects.get()
        gold = ready_key(crew, cast.encounter(crew.place))
    inside = ("", f"rounds/{found.pk}/", f"charts/{chart.pk}/", "gold/", f"gold/{gold.pk}/", "gold/checks/")
    for path in (*inside, "gold/hand-out/", "policy/", "rounds/new/"):
        assert signed_in(crew.manager).get(BASE + path).status_code == 200
        for person in (crew.coder, viewer):
            assert signed_in(person).get(BASE + path).status_code == 404
        assert signed_in(crew.reviewer).get(BASE + path).status_code == (200 if path == "" else 404)
    assert "November" not in page(signed_in(crew.reviewer), BASE)


# --- the leader's pages --------------------------------------------------------------------------------


def post(browser: Browser, path: str, status: int = 303, **data: Any) -> str:
    answer = browser.post(BASE + path, data)
    assert answer.status_code == status, answer.content.decode()[:600]
    return answer.content.decode()


def test_a_leader_writes_a_key_is_told_every_wrong_line_and_decides_differences(crew: Team) -> None:
    leader = signed_in(crew.manager)
    with cast.opened(crew.place):
        chart = cast.encounter(crew.place)
    assert "no such visit" in post(leader, "gold/", 422, visit="V-none")
    post(leader, "gold/", visit=chart.external_id)
    with cast.opened(crew.place):
        gold = GoldChart.objects.get()
    shown = page(leader, f"{BASE}gold/{gold.pk}/")
    assert "stage 3a" in shown and "Line 4" in shown
    wrong = post(leader, f"gold/{gold.pk}/", 422, key="E11.22\nQ99.99\nI12.9 @77", do="ready")
    assert "Line 2:" in wrong and "Line 3:" in wrong and "Q99.99" in wrong
    post(leader, f"gold/{gold.pk}/", key=KEY, do="save")
    assert "E11.22 @4 &#34;Type 2 diabetes&#34;" in page(leader, f"{BASE}gold/{gold.pk}/")
    post(leader, f"gold/{gold.pk}/", key=KEY, do="ready")
    with cast.opened(crew.place):
        code_and_finish(crew, Encounter.objects.get(pk=chart.pk))
    post(leader, "compare/")
    with cast.opened(crew.place):
        check = GoldCheck.objects.get()
    shown = page(leader, f"{BASE}gold/checks/{check.pk}/")
    assert "2 of 4 lines, 50.0%" in shown and "Progress note, line 4: “stage 3a”" in shown
    line = next(one["number"] for one in check.lines if one["verdict"] == "WS")
    other = next(one["number"] for one in check.lines if one["verdict"] == "UN")
    refused = post(leader, f"gold/checks/{check.pk}/", 422, number=line, decision="key_wrong", why="")
    assert "what is wrong with the key" in refused
    post(leader, f"gold/checks/{check.pk}/", number=line, decision="key_wrong", why="The note says 3a.")
    post(leader, f"gold/checks/{check.pk}/", number=other, decision="stands", why="")
    home = page(leader, BASE)
    assert "75.0%" in home and "1 chart, 3 of 4 lines" in home and "Too few to judge" in home
    assert chart.external_id in page(leader, f"{BASE}gold/checks/?side=coder&person={crew.coder.pk}")


def test_a_leader_opens_a_round_sees_agreement_and_records_the_consensus(crew: Team) -> None:
    leader = signed_in(crew.manager)
    readers = [crew.reviewer.pk, crew.second.pk]
    with cast.opened(crew.place):
        visit = final_chart(crew).external_id
    assert "is no visit" in post(leader, "rounds/new/", 422, name="A", visits="V0", readers=readers, each="2")
    post(leader, "rounds/new/", name="November", visits=visit, readers=readers, each="2")
    with cast.opened(crew.place):
        found, chart = CalibrationRound.objects.get(), CalibrationChart.objects.get()
        read(crew, crew.reviewer, "E1122", "N1831", "I129", "Z794")
        read(crew, crew.second, "E1122", "N1832", "I129")
    shown = page(leader, f"{BASE}rounds/{found.pk}/")
    assert "Quentin Drake and Wilhelmina Stroud" in shown and "0.57" in shown
    grid = page(leader, f"{BASE}charts/{chart.pk}/")
    assert "N18.32" in grid and "First listed" in grid
    wrong = post(leader, f"charts/{chart.pk}/", 422, key="E11.22\nE11.22", words="Agreed in a call.")
    assert "is there twice" in wrong
    post(leader, f"charts/{chart.pk}/", key="E11.22\nN18.31\nI12.9", words="Agreed in a call.")
    post(leader, f"rounds/{found.pk}/end/", do="close", words="Stage 3a and 3b were mixed up.")
    reader = signed_in(crew.reviewer)
    assert "November" in page(reader, BASE)
    assert "Agreed in a call." in page(reader, f"{BASE}charts/{chart.pk}/")
    assert reader.post(f"{BASE}rounds/{found.pk}/end/").status_code == 404


def test_a_leader_adds_a_reader_and_a_second_time_is_refused(crew: Team) -> None:
    third = cast.person("Theodora Finch", (crew.place, Role.QA_REVIEWER))
    leader = signed_in(crew.manager)
    with cast.opened(crew.place):
        opened_round(crew)
        chart = CalibrationChart.objects.get()
    post(leader, f"charts/{chart.pk}/readers/", reader=third.pk, why="Two new reviewers.")
    answer = leader.post(f"{BASE}charts/{chart.pk}/readers/", {"reader": third.pk, "why": "Once more."})
    assert answer.status_code == 422
    with cast.opened(crew.place):
        assert Review.objects.filter(assigned_to=third).count() == 1


def test_a_low_score_is_decided_on_the_page_and_the_policy_has_versions(crew: Team) -> None:
    leader = signed_in(crew.manager)
    with cast.opened(crew.place):
        low_score(crew, crew.coder, "coder", right=20, lines=40)
    post(leader, "compare/")
    home = page(leader, BASE)
    assert "50.0% of 40 lines on 1 gold chart, target 90.0%" in home and "Missed" in home
    with cast.opened(crew.place):
        signal = GoldSignal.objects.get()
    post(leader, f"signals/{signal.pk}/", do="pause", reason="Training comes first.")
    assert "Paused" in page(leader, BASE)
    fields: dict[str, Any] = {"least_lines": "30", "window_days": "60", "reason": "Agreed with the client."}
    for target in ("abc", "20", "NaN"):
        assert "Enter a number" in post(leader, "policy/", 422, target=target, **fields)
    post(leader, "policy/", target="92.5", **fields)
    with cast.opened(crew.place):
        newest = GoldPolicy.objects.get()
        assert (str(newest.target), newest.window_days, newest.pauses_itself) == ("0.925", 60, False)
    assert "92.5%" in page(leader, f"{BASE}policy/")


def test_a_reviewers_closed_round_shows_their_own_review_and_nobody_elses(crew: Team) -> None:
    with cast.opened(crew.place):
        found = opened_round(crew)
        chart = CalibrationChart.objects.get()
        mine = read(crew, crew.reviewer, "E1122")
        theirs = read(crew, crew.second, "E1122")
        record_consensus(
            actor=crew.actor(crew.manager), chart=chart, typed="E11.22", words="Agreed in a call."
        )
    leader = signed_in(crew.manager)
    post(leader, f"rounds/{found.pk}/end/", do="close", words="All agree on it.")
    shown = page(signed_in(crew.reviewer), f"{BASE}charts/{chart.pk}/")
    assert str(mine.pk) in shown and str(theirs.pk) not in shown
