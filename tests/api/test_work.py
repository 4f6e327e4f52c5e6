"""Across clients: the worklist and taking the next chart."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from encounters.models import WorkItem, WorkItemState
from tests import cast
from tests.api.scene import Scene


def test_the_worklist_shows_mine_first_and_names_nobody(scene: Scene) -> None:
    answer = scene.ask("rosalind", "get", "work/worklist/")
    assert answer.status == 200
    states = [(row["encounter"], row["state"]) for row in answer.body["results"]]
    assert states == [(str(scene.chart.pk), "leased"), (str(scene.waiting.pk), "queued")]
    assert answer.body["next"] is None
    assert b"Theriot" not in answer.raw
    assert scene.reads() == []


def test_the_worklist_crosses_the_clients_of_the_person_and_no_others(scene: Scene) -> None:
    found = {row["client"] for row in scene.ask("marcus", "get", "work/worklist/").body["results"]}
    assert found == {"cypress-ridge", "harbor-light"}
    found = {row["client"] for row in scene.ask("rosalind", "get", "work/worklist/").body["results"]}
    assert found == {"cypress-ridge"}
    one = scene.ask("marcus", "get", "work/worklist/?client=harbor-light").body["results"]
    assert [row["encounter"] for row in one] == [str(scene.foreign.pk)]


def test_the_worklist_goes_on_where_the_page_ended(scene: Scene) -> None:
    with cast.opened(scene.here):
        for hours in range(1, 6):
            cast.encounter(scene.here, due_at=timezone.now() + timedelta(hours=hours))
    seen, path = [], "work/worklist/?limit=3"
    while path:
        answer = scene.ask("rosalind", "get", path)
        seen += [row["encounter"] for row in answer.body["results"]]
        path = f"work/worklist/?limit=3&cursor={answer.body['next']}" if answer.body["next"] else ""
    assert len(seen) == len(set(seen)) == 7


def test_a_client_that_is_not_theirs_is_not_found_in_the_worklist(scene: Scene) -> None:
    foreign = scene.ask("rosalind", "get", "work/worklist/?client=harbor-light")
    missing = scene.ask("rosalind", "get", "work/worklist/?client=nowhere")
    assert (foreign.status, foreign.raw) == (missing.status, missing.raw)
    assert foreign.status == 404


def test_the_clients_people_have_no_worklist(scene: Scene) -> None:
    for who in ("nora", "paul", "okafor", "ellis", "beatriz"):
        assert scene.ask(who, "get", "work/worklist/").status == 404
        assert scene.ask(who, "post", "work/next/").status == 404


def test_next_gives_the_chart_in_hand_again(scene: Scene) -> None:
    first = scene.ask("rosalind", "post", "work/next/")
    again = scene.ask("rosalind", "post", "work/next/")
    assert first.status == again.status == 200
    assert first.body["was_held"] is True
    assert first.body["chart"]["id"] == again.body["chart"]["id"] == str(scene.chart.pk)
    assert first.body["fence"] == again.body["fence"] == scene.fence
    assert first.body["client"] == "cypress-ridge"


def test_next_hands_out_a_chart_and_records_one_read(scene: Scene) -> None:
    answer = scene.ask("marcus", "post", "work/next/")
    assert answer.status == 200 and answer.body["was_held"] is False
    assert answer.body["chart"]["id"] == str(scene.waiting.pk)
    assert answer.body["chart"]["work"]["may_code"] is True
    assert scene.reads() == [("chart.viewed", str(scene.waiting.pk))]
    with cast.opened(scene.here):
        item = WorkItem.objects.get(encounter=scene.waiting)
        assert (item.state, item.holder_id) == (WorkItemState.LEASED, scene.people["marcus"].pk)


def test_next_says_that_nothing_waits(scene: Scene) -> None:
    with cast.opened(scene.here):
        WorkItem.objects.filter(encounter=scene.waiting).update(skipped_by=[scene.people["marcus"].pk])
    with cast.opened(scene.there):
        WorkItem.objects.filter(encounter=scene.foreign).update(skipped_by=[scene.people["marcus"].pk])
    answer = scene.ask("marcus", "post", "work/next/")
    assert (answer.status, answer.raw) == (204, b"")


def test_only_coders_take_charts(scene: Scene) -> None:
    before = scene.now()
    for who in ("quentin", "marguerite"):
        answer = scene.ask(who, "post", "work/next/")
        assert (answer.status, answer.body["code"]) == (403, "take.not_a_coder")
    assert scene.now() == before


def test_a_heartbeat_keeps_the_lease(scene: Scene) -> None:
    with cast.opened(scene.here):
        soon = timezone.now() + timedelta(minutes=1)
        WorkItem.objects.filter(encounter=scene.chart).update(lease_expires_at=soon)
    answer = scene.change("post", "heartbeat/", active=True)
    assert answer.status == 200 and answer.body["fence"] == scene.fence
    with cast.opened(scene.here):
        later = soon + timedelta(minutes=10)
        assert WorkItem.objects.filter(encounter=scene.chart, lease_expires_at__gt=later).exists()


def test_release_puts_the_chart_back_and_takes_it_out_of_sight(scene: Scene) -> None:
    answer = scene.change("post", "release/")
    assert (answer.status, answer.body["status"]) == (200, "ready")
    assert scene.ask("rosalind", "get", scene.at()).status == 404
    with cast.opened(scene.here):
        assert WorkItem.objects.get(encounter=scene.chart).state == WorkItemState.QUEUED


def test_skip_needs_a_reason_and_passes_the_chart_to_others(scene: Scene) -> None:
    before = scene.now()
    assert scene.change("post", "skip/").status == 422
    refused = scene.change("post", "skip/", reason="other")
    assert (refused.status, refused.body["code"]) == (422, "skip.note_missing")
    assert scene.now() == before
    answer = scene.change("post", "skip/", reason="conflict")
    assert answer.status == 200
    with cast.opened(scene.here):
        item = WorkItem.objects.get(encounter=scene.chart)
        assert (item.state, item.skipped_by) == (WorkItemState.QUEUED, [scene.people["rosalind"].pk])
