"""Reading charts: who sees what, what it leaves in the ledger, and what outsiders never see."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coding_ops.audit.models import AuditEvent
from coding_ops.tenancy.models import Role
from encounters.actions.finalize import reopen
from encounters.actions.leases import skip_chart, take_chart
from encounters.models import SkipReason, WorkItem
from encounters.rules.encounter_states import ReopenReason
from tests import cast
from tests.api.scene import DIABETES, Scene

LIST = "clients/cypress-ridge/encounters/"
READS = ("", "revisions/", "revisions/compare/?before=1&after=1", "history/")
EVERYBODY = ("rosalind", "quentin", "marguerite", "nora", "paul", "okafor")


# --- the list ---


def test_the_list_is_newest_first_and_one_read_names_what_was_shown(scene: Scene) -> None:
    with cast.opened(scene.here):
        newest = cast.encounter(scene.here, service_on=date(2026, 10, 2))
    answer = scene.ask("quentin", "get", LIST)
    assert answer.status == 200
    ids = [row["id"] for row in answer.body["results"]]
    assert ids[0] == str(newest.pk) and set(ids) == {str(x.pk) for x in (newest, scene.chart, scene.waiting)}
    assert answer.body["results"][0]["patient"]["family_name"] == "Theriot"
    assert scene.reads() == [("chart.listed", str(scene.here.client.pk))]
    with cast.opened(scene.here):
        event = AuditEvent.objects.get(verb="chart.listed")
        assert sorted(event.facts["encounters"]) == sorted(ids)


def test_an_empty_list_is_no_read(scene: Scene) -> None:
    answer = scene.ask("quentin", "get", LIST + "?status=cancelled")
    assert (answer.status, answer.body) == (200, {"results": [], "next": None})
    assert scene.reads() == []


def test_pages_follow_each_other_without_a_gap_or_a_repeat(scene: Scene) -> None:
    with cast.opened(scene.here):
        for number in range(7):
            cast.encounter(scene.here, service_on=date(2026, 9, 1) + timedelta(days=number // 3))
    seen, cursor, pages = [], "", 0
    while True:
        answer = scene.ask("quentin", "get", f"{LIST}?limit=2{cursor}")
        seen += [(row["service_on"], row["id"]) for row in answer.body["results"]]
        pages += 1
        if answer.body["next"] is None:
            break
        cursor = f"&cursor={answer.body['next']}"
    assert len(seen) == 9 and seen == sorted(set(seen), reverse=True) and pages == 5


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("status=ready", 3),
        ("status=final", 0),
        ("service_from=2026-10-01", 1),
        ("service_to=2026-09-30", 2),
        ("service_from=2026-09-15&service_to=2026-09-15", 2),
        ("mine=true", 0),
    ],
)
def test_the_list_is_filtered(scene: Scene, query: str, count: int) -> None:
    with cast.opened(scene.here):
        cast.encounter(scene.here, service_on=date(2026, 10, 2))
    assert len(scene.ask("quentin", "get", f"{LIST}?{query}").body["results"]) == count


def test_mine_is_what_i_hold(scene: Scene) -> None:
    found = scene.ask("rosalind", "get", LIST + "?mine=true").body["results"]
    assert [row["id"] for row in found] == [str(scene.chart.pk)]


def test_a_coder_lists_only_what_is_theirs_to_code(scene: Scene) -> None:
    found = scene.ask("rosalind", "get", LIST).body["results"]
    assert [row["id"] for row in found] == [str(scene.chart.pk)]
    assert scene.ask("marcus", "get", LIST).body["results"] == []


@pytest.mark.parametrize(
    "query",
    [
        "status=other",
        "service_from=yesterday",
        "limit=0",
        "limit=101",
        "cursor=nonsense",
        "cursor=WyJhIiwgImIiXQ",
        "mine=maybe",
        "unknown=1",
        "limit=1&limit=2",
        "order=mrn",
    ],
)
def test_a_query_that_is_not_understood_is_refused(scene: Scene, query: str) -> None:
    answer = scene.ask("quentin", "get", f"{LIST}?{query}")
    assert answer.status == 422 and answer.body["code"] in ("invalid_input", "cursor.invalid")
    assert scene.reads() == []


def test_the_number_of_queries_does_not_grow_with_the_rows(scene: Scene) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert scene.ask("quentin", "get", LIST).status == 200
        return len(caught)

    few = queries()
    with cast.opened(scene.here):
        for _ in range(12):
            cast.encounter(scene.here)
    assert queries() == few


# --- one chart ---


def test_a_chart_is_read_whole_and_recorded_once(scene: Scene) -> None:
    scene.assign()
    answer = scene.ask("rosalind", "get", scene.at())
    assert answer.status == 200
    chart = answer.body
    assert (chart["id"], chart["client"], chart["status"]) == (str(scene.chart.pk), "cypress-ridge", "ready")
    assert chart["patient"]["mrn"].startswith("MRN")
    assert chart["provider"]["npi"] == "1888888884"
    assert chart["documents"][0]["versions"][0]["id"] == str(scene.version.pk)
    assert [one["code"] for one in chart["codes"]] == ["E1122"]
    assert chart["readiness"]["is_ready"] is True
    assert (chart["work"]["holder"], chart["work"]["fence"]) == ("Rosalind Ames", scene.fence)
    assert scene.reads() == [("chart.viewed", str(scene.chart.pk))]


def test_a_chart_in_other_hands_can_be_read_by_who_reviews_and_says_who_holds_it(scene: Scene) -> None:
    chart = scene.ask("quentin", "get", scene.at()).body
    assert chart["work"]["may_code"] is False
    assert chart["readiness"]["blocking"][0]["rule"] == "encounter.locked"


def test_the_text_of_a_version_is_what_was_received(scene: Scene) -> None:
    answer = scene.ask("rosalind", "get", f"clients/cypress-ridge/documents/versions/{scene.version.pk}/")
    assert answer.status == 200
    assert answer.body["text"] == cast.NOTE
    assert answer.body["character_count"] == len(cast.NOTE)
    assert scene.reads() == [("chart.viewed", str(scene.chart.pk))]


@pytest.mark.parametrize("rest", READS)
def test_each_read_leaves_exactly_one_record(scene: Scene, rest: str) -> None:
    scene.assign()
    scene.change("post", "finalize/")
    for who in EVERYBODY:
        before = len(scene.reads())
        assert scene.ask(who, "get", scene.at(rest)).status == 200, who
        assert len(scene.reads()) == before + 1, who


@pytest.mark.parametrize("rest", READS)
def test_a_refused_read_leaves_none_and_tells_nothing(scene: Scene, rest: str) -> None:
    scene.assign()
    answers = []
    for who, slug, pk in (
        ("marcus", "cypress-ridge", scene.chart.pk),  # a coder of this client who does not hold it
        ("ellis", "cypress-ridge", scene.chart.pk),
        ("quentin", "cypress-ridge", scene.foreign.pk),
        ("quentin", "cypress-ridge", uuid.uuid4()),
        ("quentin", "harbor-light", scene.foreign.pk),
        ("beatriz", "cypress-ridge", scene.chart.pk),
        ("beatriz", "harbor-light", scene.chart.pk),
    ):
        answer = scene.ask(who, "get", f"clients/{slug}/encounters/{pk}/{rest}")
        answers.append((answer.status, answer.raw))
    assert set(answers) == {(404, b'{"detail": "Not found.", "code": "not_found"}')}
    assert scene.reads() == []


def test_a_version_of_a_chart_that_is_not_theirs_is_as_missing(scene: Scene) -> None:
    with cast.opened(scene.there):
        document = scene.foreign.documents.get()
        foreign = document.versions.get().pk
    answers = [
        scene.ask(who, "get", f"clients/{slug}/documents/versions/{pk}/")
        for who, slug, pk in (
            ("marcus", "cypress-ridge", scene.version.pk),
            ("quentin", "cypress-ridge", foreign),
            ("quentin", "cypress-ridge", uuid.uuid4()),
            ("quentin", "harbor-light", foreign),
            ("quentin", "cypress-ridge", "not-a-uuid"),
        )
    ]
    assert {(one.status, one.raw) for one in answers} == {
        (404, b'{"detail": "Not found.", "code": "not_found"}')
    }


def test_nobody_reads_without_signing_in(scene: Scene) -> None:
    for path in (
        LIST,
        *(scene.at(rest) for rest in READS),
        "work/worklist/",
        "codes/search/?on=2026-09-15&text=a",
    ):
        answer = scene.ask("", "get", path)
        assert (answer.status, answer.body["code"]) == (403, "not_authenticated"), path


def test_methods_that_do_not_exist_are_refused_in_json(scene: Scene) -> None:
    answer = scene.ask("quentin", "put", LIST, {})
    assert (answer.status, answer.body["code"]) == (405, "method_not_allowed")


# --- people outside the vendor ---


@pytest.fixture
def worked(scene: Scene) -> Scene:
    """Skipped by Marcus, final by Rosalind, opened again, and a draft code that is not final."""
    with cast.opened(scene.here):
        marcus = cast.actor_for(scene.people["marcus"], Role.CODER)
        item = take_chart(
            actor=marcus, item=WorkItem.objects.get(encounter=scene.waiting), now=timezone.now()
        )
        skip_chart(
            actor=marcus,
            encounter=scene.waiting,
            fence=item.fence,
            reason=SkipReason.OTHER,
            note="skipcanary",
            now=timezone.now(),
        )
    scene.assign()
    assert scene.change("post", "finalize/").status == 200
    with cast.opened(scene.here):
        quentin = cast.actor_for(scene.people["quentin"], Role.QA_REVIEWER)
        reopen(
            actor=quentin, encounter=scene.chart, reason=ReopenReason.AUDIT, note="reopencanary, long enough"
        )
        rosalind = cast.actor_for(scene.people["rosalind"], Role.CODER)
        item = take_chart(
            actor=rosalind, item=WorkItem.objects.get(encounter=scene.chart), now=timezone.now()
        )
        scene.fence = item.fence
    scene.assign("I10", "Hypertension, above goal")
    return scene


@pytest.mark.parametrize("who", ["nora", "paul", "okafor"])
def test_a_clients_person_sees_the_final_codes_and_nothing_of_the_inside(worked: Scene, who: str) -> None:
    chart = worked.ask(who, "get", worked.at())
    assert chart.body["status"] == "reopened"
    assert [one["code"] for one in chart.body["codes"]] == ["E1122"]
    assert chart.body["codes"][0]["evidence"][0]["selectors"][1]["exact"] == DIABETES
    assert (chart.body["work"], chart.body["readiness"]) == (None, None)
    pages = [chart] + [
        worked.ask(who, "get", path)
        for path in (
            LIST,
            worked.at("history/"),
            worked.at("revisions/"),
            worked.at("", worked.waiting),
            worked.at("history/", worked.waiting),
            worked.at("revisions/compare/?before=1&after=1"),
        )
    ]
    inside = (
        *("Rosalind", "Ames", "Marcus", "Bell", "Quentin", "Drake", "CPC", "skipcanary", "reopencanary"),
        *("chart.skipped", "chart.taken", "code.assigned", "I10", "fence", "lease", "risk"),
    )
    for page in pages:
        assert page.status == 200
        assert not [word for word in inside if word in page.raw.decode()]


@pytest.mark.parametrize("who", ["nora", "paul", "okafor"])
def test_before_the_first_final_version_a_client_sees_no_codes(scene: Scene, who: str) -> None:
    scene.assign()
    chart = scene.ask(who, "get", scene.at()).body
    assert chart["codes"] == [] and chart["documents"]


def test_a_client_is_shown_the_holds_that_wait_for_it_and_no_others(scene: Scene) -> None:
    body = {"reason": "missing_note", "owner_party": "client", "due_on": "2999-01-01", "note": "Send page 2."}
    assert scene.change("post", "pend/", **body).status == 200
    hold = scene.ask("nora", "get", scene.at()).body["hold"]
    assert (hold["owner_party"], hold["reason"], hold["note"]) == ("client", "missing_note", "Send page 2.")
    verbs = [one["verb"] for one in scene.ask("nora", "get", scene.at("history/")).body["results"]]
    assert verbs == ["encounter.pended"]


@pytest.mark.parametrize("party", ["vendor", "payer"])
def test_holds_that_wait_for_others_are_not_told_to_the_client(scene: Scene, party: str) -> None:
    body = {"reason": "second_opinion", "owner_party": party, "due_on": "2999-01-01", "note": "holdcanary"}
    assert scene.change("post", "pend/", **body).status == 200
    chart = scene.ask("nora", "get", scene.at())
    story = scene.ask("nora", "get", scene.at("history/"))
    assert chart.body["hold"] is None and story.body["results"] == []
    assert b"holdcanary" not in chart.raw + story.raw and b"lead coder" not in chart.raw + story.raw
    assert scene.ask("rosalind", "get", scene.at()).body["hold"]["note"] == "holdcanary"


def test_an_auditor_reads_final_charts_with_who_signed_them(scene: Scene) -> None:
    scene.assign()
    scene.change("post", "finalize/")
    revision = scene.ask("ellis", "get", scene.at("revisions/")).body["results"][0]
    assert (revision["finalized_by"], revision["credential"]) == ("Rosalind Ames", "CPC")
    assert scene.ask("ellis", "get", scene.at()).body["work"] is None


def test_a_provider_sees_only_the_charts_they_rendered(scene: Scene) -> None:
    with cast.opened(scene.here):
        other = cast.encounter(scene.here, rendering_provider=None)
    assert scene.ask("okafor", "get", scene.at("", other)).status == 404
    listed = {row["id"] for row in scene.ask("okafor", "get", LIST).body["results"]}
    assert listed == {str(scene.chart.pk), str(scene.waiting.pk)}


def test_the_vendors_people_read_the_whole_story(worked: Scene) -> None:
    story = worked.ask("quentin", "get", worked.at("history/")).body["results"]
    verbs = [one["verb"] for one in story]
    assert verbs[0] == "code.assigned" and "encounter.reopened" in verbs and "chart.taken" in verbs
    assert "chart.viewed" not in verbs
    reopened = next(one for one in story if one["verb"] == "encounter.reopened")
    assert (reopened["who"], reopened["reason"]) == ("Quentin Drake", "reopencanary, long enough")
