"""What a coder does over the API: the same acts as on the page, refused alike."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from coding_ops.tenancy.models import Role
from encounters.actions.leases import take_chart
from encounters.models import Encounter, EncounterStatus, WorkItem
from tests import cast
from tests.api.scene import DIABETES, Scene

POINTS = {"system": "CPT", "code": "99213"}
CHANGES: list[tuple[str, str, dict[str, Any]]] = [
    ("post", "assignments/", {"system": "ICD-10-CM", "code": "I10"}),
    ("patch", "assignments/{code}/", {"service_unit_quantity": 2}),
    ("delete", "assignments/{code}/", {}),
    ("post", "assignments/{code}/evidence/", {"words": "Hypertension, above goal"}),
    ("post", "assignments/{code}/move/", {"position": 1}),
    (
        "post",
        "assignments/{code}/exception/",
        {"reason": "client_rule", "note": "Rule 4 of the client's guide."},
    ),
    ("delete", "evidence/{evidence}/", {}),
    ("post", "undo/", {}),
    ("post", "heartbeat/", {}),
    ("post", "release/", {}),
    ("post", "skip/", {"reason": "conflict"}),
    ("post", "pend/", {"reason": "missing_note", "owner_party": "client", "due_on": "2999-01-01"}),
    ("post", "finalize/", {}),
]


def filled(scene: Scene, change: tuple[str, str, dict[str, Any]]) -> tuple[str, str, dict[str, Any]]:
    """A change of the table for the first code of the chart."""
    method, rest, body = change
    code = scene.assign()
    rest = rest.format(code=code["id"], evidence=code["evidence"][0]["id"])
    body = dict(body)
    if "words" in body:
        body |= scene.words(body.pop("words"))
    return method, rest, body


def test_a_code_is_assigned_with_its_words(scene: Scene) -> None:
    code = scene.assign()
    assert (code["kind"], code["system"], code["position"]) == ("dx", "ICD-10-CM", 1)
    position = code["evidence"][0]["selectors"][0]
    assert scene.version.text[position["start"] : position["end"]] == DIABETES
    detail = scene.ask("rosalind", "get", scene.at()).body
    assert detail["codes"][0]["evidence"][0]["selectors"][1]["exact"] == DIABETES
    assert detail["readiness"]["cited_count"] == 1


def test_answers_to_changes_hold_no_words_of_the_note(scene: Scene) -> None:
    answer = scene.change(
        "post", "assignments/", system="ICD-10-CM", code="E11.22", evidence=[scene.words(DIABETES)]
    )
    assert answer.status == 201
    assert DIABETES.encode() not in answer.raw and b"Theriot" not in answer.raw
    assert scene.reads() == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"system": "ICD-10-CM", "code": "E11"}, "code.not_assignable"),
        ({"system": "ICD-10-CM", "code": "hello"}, "code.not_assignable"),
        ({"system": "SNOMED", "code": "1"}, "invalid_input"),
        ({"system": "CPT", "code": "99213", "modifiers": ["123"]}, "modifier.form"),
        ({"system": "CPT", "code": "99213", "modifiers": ["25", "25"]}, "modifier.twice"),
        ({"system": "ICD-10-CM", "code": "I10", "present_on_admission": "Y"}, "poa.outpatient"),
        ({"system": "CPT", "code": "99213", "pointers": [str(uuid.uuid4())]}, "pointer.unknown"),
        ({"system": "ICD-10-CM"}, "invalid_input"),
        ({"system": "ICD-10-CM", "code": "I10", "service_unit_quantity": 0}, "invalid_input"),
    ],
)
def test_what_cannot_be_assigned_is_refused_and_nothing_changes(
    scene: Scene, body: dict[str, Any], code: str
) -> None:
    before = scene.now()
    answer = scene.change("post", "assignments/", **body)
    assert answer.status == 422, answer.body
    assert answer.body["code"] == code and answer.body["detail"]
    assert scene.now() == before


def test_a_quote_that_does_not_stand_there_is_refused(scene: Scene) -> None:
    before = scene.now()
    evidence = scene.words(DIABETES)
    evidence["selectors"][1]["exact"] = "Type 1 diabetes"
    answer = scene.change("post", "assignments/", system="ICD-10-CM", code="E11.22", evidence=[evidence])
    assert (answer.status, answer.body["code"]) == (422, "evidence.mismatch")
    evidence = scene.words(DIABETES) | {"document_version": str(uuid.uuid4())}
    answer = scene.change("post", "assignments/", system="ICD-10-CM", code="E11.22", evidence=[evidence])
    assert (answer.status, answer.body["code"]) == (422, "evidence.foreign_document")
    assert scene.now() == before


def test_attributes_order_evidence_and_undo(scene: Scene) -> None:
    first = scene.assign()
    second = scene.assign("I10", "Hypertension, above goal")
    service = scene.assign("99213", "Increase losartan", system="CPT")
    assert service["pointers"] == [first["id"], second["id"]]

    answer = scene.change(
        "patch",
        f"assignments/{service['id']}/",
        modifiers=["25"],
        service_unit_quantity=2,
        pointers=[second["id"]],
    )
    changed = next(one for one in answer.body["codes"] if one["id"] == service["id"])
    assert (changed["modifiers"], changed["service_unit_quantity"]) == (["25"], 2)
    assert changed["pointers"] == [second["id"]]

    answer = scene.change("post", f"assignments/{second['id']}/move/", position=1)
    assert [one["code"] for one in answer.body["codes"]][:2] == ["I10", "E1122"]

    answer = scene.change("post", f"assignments/{first['id']}/evidence/", **scene.words("eGFR 52"))
    assert answer.status == 201
    cited = next(one for one in answer.body["codes"] if one["id"] == first["id"])["evidence"]
    assert len(cited) == 2

    answer = scene.change("delete", f"evidence/{cited[0]['id']}/")
    left = next(one for one in answer.body["codes"] if one["id"] == first["id"])["evidence"]
    assert [one["id"] for one in left] == [cited[1]["id"]]

    before = scene.now()[0]
    answer = scene.change("delete", f"assignments/{second['id']}/")
    assert [one["code"] for one in answer.body["codes"]] == ["E1122", "99213"]
    answer = scene.change("post", "undo/")
    assert answer.status == 200 and scene.now()[0] == before


def test_an_exception_needs_a_sentence_and_can_be_taken_back(scene: Scene) -> None:
    code = scene.assign()
    before = scene.now()
    rest = f"assignments/{code['id']}/exception/"
    answer = scene.change("post", rest, reason="client_rule", note="short")
    assert (answer.status, answer.body["code"]) == (422, "exception.note")
    assert scene.change("post", rest, reason="because", note="a long enough sentence").status == 422
    assert scene.now() == before
    answer = scene.change("post", rest, reason="client_rule", note="Rule 4 of the client's guide.")
    assert answer.body["codes"][0]["exception_reason"] == "client_rule"
    answer = scene.change("post", rest, reason="")
    assert (answer.body["codes"][0]["exception_reason"], answer.body["codes"][0]["exception_note"]) == (
        "",
        "",
    )


def test_undo_with_nothing_to_take_back_is_refused(scene: Scene) -> None:
    answer = scene.change("post", "undo/")
    assert (answer.status, answer.body["code"]) == (422, "undo.nothing")


# --- final, hold, open again ---


def test_finalize_refuses_a_code_without_evidence_and_says_where(scene: Scene) -> None:
    scene.assign()
    scene.assign("I10", "Hypertension, above goal", evidence=[])
    before = scene.now()
    answer = scene.change("post", "finalize/")
    assert (answer.status, answer.body["code"]) == (422, "evidence.missing")
    (blocking,) = answer.body["blocking"]
    assert blocking["where"] == "evidence" and "I10" in blocking["message"]
    assert scene.now() == before


def test_finalize_makes_a_version_that_can_be_reopened_and_compared(scene: Scene) -> None:
    scene.assign()
    final = scene.change("post", "finalize/")
    assert (final.status, final.body["status"], final.body["revision_count"]) == (200, "final", 1)

    before = scene.now()
    short = scene.ask("quentin", "post", scene.at("reopen/"), {"reason": "audit", "note": "short"})
    assert (short.status, short.body["code"]) == (422, "reopen.note_missing")
    assert scene.now() == before
    note = "The sample found a missing code."
    answer = scene.ask("quentin", "post", scene.at("reopen/"), {"reason": "audit", "note": note})
    assert (answer.status, answer.body["status"]) == (200, "reopened")

    with cast.opened(scene.here):
        actor = cast.actor_for(scene.people["rosalind"], Role.CODER)
        item = WorkItem.objects.get(encounter=scene.chart)
        scene.fence = take_chart(actor=actor, item=item, now=timezone.now()).fence
    scene.assign("I10", "Hypertension, above goal")
    assert scene.change("post", "finalize/").body["revision_count"] == 2

    revisions = scene.ask("rosalind", "get", scene.at("revisions/")).body["results"]
    assert [(one["number"], one["reason"], one["finalized_by"]) for one in revisions] == [
        (1, "", "Rosalind Ames"),
        (2, "audit", "Rosalind Ames"),
    ]
    diff = scene.ask("rosalind", "get", scene.at("revisions/compare/?before=1&after=2")).body
    assert [one["code"] for one in diff["added"]] == ["I10"]
    assert (diff["removed"], diff["changed"], diff["moved"]) == ([], [], [])
    assert diff["summary"] == ["Added I10 as diagnosis 2."]
    assert scene.ask("rosalind", "get", scene.at("revisions/compare/?before=1&after=3")).status == 404


def test_a_hold_is_answered_by_whom_it_waits_for(scene: Scene) -> None:
    before = scene.now()
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    body = {"reason": "missing_note", "owner_party": "client", "due_on": yesterday}
    answer = scene.change("post", "pend/", **body)
    assert (answer.status, answer.body["code"]) == (422, "pend.due_on")
    assert scene.now() == before
    answer = scene.change("post", "pend/", **body | {"due_on": "2999-01-01"})
    assert (answer.status, answer.body["status"]) == (200, "pended")

    held = scene.now()
    refused = scene.ask("nora", "post", scene.at("resume/"), {"answer": "It was sent."})
    assert (refused.status, refused.body["code"]) == (403, "role.not_allowed")
    assert scene.ask("paul", "post", scene.at("resume/"), {"answer": "x"}).status == 422
    assert scene.now() == held
    answer = scene.ask("paul", "post", scene.at("resume/"), {"answer": "The note was sent."})
    assert (answer.status, answer.body["status"]) == (200, "ready")
    again = scene.ask("paul", "post", scene.at("resume/"), {"answer": "The note was sent."})
    assert (again.status, again.body["code"]) == (409, "pend.absent")
    assert (again.body["current"], again.body["holder"]) == (None, "")


def test_a_hold_of_the_coding_team_is_not_the_clients_to_answer(scene: Scene) -> None:
    body = {"reason": "second_opinion", "owner_party": "vendor", "due_on": "2999-01-01"}
    assert scene.change("post", "pend/", **body).status == 200
    held = scene.now()
    answer = scene.ask("paul", "post", scene.at("resume/"), {"answer": "It was sent."})
    assert (answer.status, answer.body["code"]) == (403, "pend.not_yours")
    assert scene.now() == held


# --- leases ---


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[0]} {change[1]}")
def test_an_older_fence_is_refused_with_both_versions(
    scene: Scene, change: tuple[str, str, dict[str, Any]]
) -> None:
    method, rest, body = filled(scene, change)
    before = scene.now()
    answer = scene.change(method, rest, **body | {"fence": scene.fence + 1})
    assert (answer.status, answer.body["code"]) == (409, "lease.stale")
    assert [one["code"] for one in answer.body["current"]["codes"]] == ["E1122"]
    assert answer.body["submitted"] == body | {"fence": scene.fence + 1}
    assert answer.body["holder"] == "Rosalind Ames"
    assert scene.now() == before


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[0]} {change[1]}")
def test_who_lost_the_chart_to_another_learns_that_and_sees_nothing_of_it(
    scene: Scene, change: tuple[str, str, dict[str, Any]]
) -> None:
    method, rest, body = filled(scene, change)
    with cast.opened(scene.here):
        later = timezone.now() + timedelta(hours=1)
        actor = cast.actor_for(scene.people["marcus"], Role.CODER)
        take_chart(actor=actor, item=WorkItem.objects.get(encounter=scene.chart), now=later)
    before = scene.now()
    answer = scene.change(method, rest, **body)
    assert (answer.status, answer.body["code"]) == (409, "lease.lost")
    assert (answer.body["holder"], answer.body["current"]) == ("Marcus Bell", None)
    assert scene.now() == before


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[0]} {change[1]}")
def test_who_may_look_but_not_code_changes_nothing(
    scene: Scene, change: tuple[str, str, dict[str, Any]]
) -> None:
    method, rest, body = filled(scene, change)
    before = scene.now()
    for who in ("quentin", "marguerite", "nora", "paul", "okafor"):
        answer = scene.change(method, rest, who=who, **body)
        assert (answer.status, answer.body["code"]) == (403, "role.not_allowed"), who
        assert b"Rosalind" not in answer.raw
    assert scene.now() == before


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[0]} {change[1]}")
def test_a_foreign_chart_is_answered_as_a_missing_one(
    scene: Scene, change: tuple[str, str, dict[str, Any]]
) -> None:
    method, rest, body = filled(scene, change)
    before = scene.now()
    answers = [
        scene.ask(who, method, f"clients/{slug}/encounters/{pk}/{rest}", {"fence": scene.fence} | body)
        for who, slug, pk in (
            ("rosalind", "cypress-ridge", scene.waiting.pk),  # hers to code perhaps, not yet in hand
            ("rosalind", "cypress-ridge", scene.foreign.pk),
            ("rosalind", "cypress-ridge", uuid.uuid4()),
            ("rosalind", "harbor-light", scene.foreign.pk),
            ("rosalind", "no-such-client", scene.foreign.pk),
            ("beatriz", "cypress-ridge", scene.chart.pk),
            ("ellis", "cypress-ridge", scene.chart.pk),  # an auditor sees final charts only
        )
    ]
    assert {(one.status, one.raw) for one in answers} == {
        (404, b'{"detail": "Not found.", "code": "not_found"}')
    }
    assert scene.now() == before


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[0]} {change[1]}")
def test_nobody_is_let_in_without_signing_in_or_without_the_csrf_token(
    scene: Scene, change: tuple[str, str, dict[str, Any]]
) -> None:
    from django.test import Client as Browser

    method, rest, body = filled(scene, change)
    before = scene.now()
    answer = scene.ask("", method, scene.at(rest), {"fence": scene.fence} | body)
    assert (answer.status, answer.body["code"]) == (403, "not_authenticated")
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(scene.people["rosalind"])
    response = getattr(browser, method)(
        f"/api/v1/{scene.at(rest)}", data=body, content_type="application/json"
    )
    assert response.status_code == 403
    assert scene.now() == before


def test_an_evidence_of_another_chart_is_not_found(scene: Scene) -> None:
    code = scene.assign()
    with cast.opened(scene.here):
        actor = cast.actor_for(scene.people["marcus"], Role.CODER)
        item = WorkItem.objects.get(encounter=scene.waiting)
        fence = take_chart(actor=actor, item=item, now=timezone.now()).fence
    before = scene.now()
    for method, rest in (
        ("delete", f"evidence/{code['evidence'][0]['id']}/"),
        ("delete", f"assignments/{code['id']}/"),
        ("patch", f"assignments/{code['id']}/"),
    ):
        answer = scene.ask("marcus", method, scene.at(rest, scene.waiting), {"fence": fence})
        assert answer.status == 404, (method, rest)
    assert scene.now() == before


# --- mass assignment ---


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[0]} {change[1]}")
def test_fields_that_cannot_be_set_are_refused_by_name(
    scene: Scene, change: tuple[str, str, dict[str, Any]]
) -> None:
    method, rest, body = filled(scene, change)
    before = scene.now()
    protected = {
        "client": scene.there.client.pk,
        "client_id": scene.there.client.pk,
        "status": EncounterStatus.FINAL,
        "encounter": str(scene.waiting.pk),
        "created_by": scene.people["marcus"].pk,
        "holder": scene.people["marcus"].pk,
        "revision_count": 9,
        "title": "other",
    }
    answer = scene.change(method, rest, **body | protected)
    assert (answer.status, answer.body["code"]) == (422, "invalid_input")
    assert set(answer.body["fields"]) == set(protected)
    assert scene.now() == before


def test_the_chart_keeps_its_client_whatever_is_sent(scene: Scene) -> None:
    scene.change("post", "assignments/", system="ICD-10-CM", code="I10", client_id=scene.there.client.pk)
    with cast.opened(scene.here):
        assert Encounter.objects.get(pk=scene.chart.pk).client_id == scene.here.client.pk
