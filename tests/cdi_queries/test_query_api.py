"""Queries through the API: the same doors, and nothing inside for who is outside."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client as Browser
from fhir.resources.R4B.bundle import Bundle

from cdi_queries.models import CdiQuery, Impact, QueryStep, StepKind
from cdi_queries.terms.lint import wording
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.models import Role
from encounters.models import DocumentVersion, Encounter
from tests import cast
from tests.cdi_queries import scene

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class Api:
    """The scene and a browser for each person."""

    of: scene.Desk

    def __call__(self, user: User, method: str, path: str = "", body: Any = None) -> tuple[int, Any]:
        browser = Browser()
        browser.force_login(user)
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        url = f"/api/v1/clients/{self.of.place.client.slug}/queries/{path}"
        response = getattr(browser, method)(url, **sent)
        return response.status_code, response.json()

    def sent(self, **changes: Any) -> CdiQuery:
        with cast.opened(self.of.place):
            return scene.sent(self.of, scene.chart(self.of), **changes)

    def query(self, query_id: str) -> CdiQuery:
        with cast.opened(self.of.place):
            return CdiQuery.objects.get(client_id=self.of.place.client.pk, pk=query_id)

    def outsider(self, role: Role) -> User:
        return cast.person("Nora Vance", (self.of.place, role))


@pytest.fixture
def api() -> Api:
    return Api(scene.desk(cast.cypress()))


def span(made: Encounter, quote: str) -> dict[str, Any]:
    version = DocumentVersion.objects.get(client_id=made.client_id, document__encounter=made)
    start = version.text.index(quote)
    return {"document_version": str(version.pk), "start": start, "end": start + len(quote)}


def draft_body(api: Api) -> dict[str, Any]:
    with cast.opened(api.of.place):
        made = scene.chart(api.of)
        words = [span(made, quote) for quote in scene.QUOTES]
        return {
            "encounter": str(made.pk),
            "provider": str(made.rendering_provider_id),
            "kind": "multiple_choice",
            "title": "Clarification: heart failure",
            "body": "Please clarify the type and acuity of the heart failure.",
            "indicators": words,
            "options": [
                {"text": "Chronic systolic heart failure", "indicators": [2]},
                {"text": "Acute systolic heart failure", "indicators": [1, 2, 3]},
            ],
        }


def test_from_draft_to_the_providers_answer(api: Api) -> None:
    status, made = api(api.of.cdi, "post", "", draft_body(api))
    assert (status, made["state"]) == (201, "draft")
    assert [one["text"] for one in made["options"]] == [
        "Acute systolic heart failure",
        "Chronic systolic heart failure",
        "Other (please specify)",
        "Unable to determine",
    ]
    assert [one["quote"] for one in made["indicators"]] == list(scene.QUOTES)
    assert made["indicators"][0]["lines"].startswith("L") and made["indicators"][0]["document_on"]
    assert made["options"][1]["indicators"] == ["i2"]
    status, sent = api(api.of.cdi, "post", f"{made['id']}/send/", {"hold": False})
    assert (status, sent["state"], len(sent["sha256"])) == (200, "sent", 64)
    status, answered = api(
        api.of.doctor,
        "post",
        f"{made['id']}/answer/",
        {"option": sent["options"][0]["id"], "words": " EF 30% "},
    )
    assert (status, answered["outcome"], answered["answer"]["way"]) == (200, "agreed", "account")
    assert api(api.of.doctor, "post", f"{made['id']}/answer/", {"words": "Again"})[0] == 409


def test_words_that_are_not_in_the_record_are_refused(api: Api) -> None:
    body = draft_body(api)
    with cast.opened(api.of.place):
        other = scene.chart(api.of)
        foreign = span(other, scene.QUOTES[0])
    for wrong in (foreign, {**body["indicators"][0], "end": 10**9}):
        status, problem = api(api.of.cdi, "post", "", {**body, "indicators": [wrong]})
        assert status == 422, problem
    status, problem = api(api.of.cdi, "post", "", {**body, "options": [{"text": "X", "indicators": [9]}]})
    assert (status, problem["code"]) == (422, "query.indicator")
    status, problem = api(api.of.cdi, "post", "", {**body, "quote": "typed by hand"})
    assert (status, list(problem["fields"])) == (422, ["quote"])
    with cast.opened(api.of.place):
        assert not CdiQuery.objects.filter(client_id=api.of.place.client.pk).exists()


def test_a_coder_writes_about_the_chart_in_their_hands_only(api: Api) -> None:
    body = draft_body(api)
    assert api(api.of.coder, "post", "", body)[0] == 404
    assert api(api.of.doctor, "post", "", body)[0] == 403
    assert api(api.outsider(Role.CLIENT_ADMIN), "post", "", body)[0] == 403


def test_a_leading_query_is_not_sent_and_its_findings_say_where(api: Api) -> None:
    body = {**draft_body(api), "kind": "open", "body": "Are you treating for sepsis?", "options": []}
    _, made = api(api.of.cdi, "post", "", body)
    status, problem = api(api.of.cdi, "post", f"{made['id']}/send/", {})
    assert (status, problem["code"]) == (422, "query.r8")
    finding = problem["findings"][0]
    assert finding["rule"] == "R8" and finding["span"]["field"] == "body"
    assert api.query(made["id"]).state == "draft"


def test_cancelling_needs_a_reason_and_an_author(api: Api) -> None:
    query = api.sent()
    assert api(api.of.doctor, "post", f"{query.pk}/cancel/", {"reason": "documented"})[0] == 403
    assert api(api.of.cdi, "post", f"{query.pk}/cancel/", {"reason": "because"})[0] == 422
    assert api.query(str(query.pk)).state == "sent"
    status, ended = api(api.of.cdi, "post", f"{query.pk}/cancel/", {"reason": "documented"})
    assert (status, ended["state"], ended["inside"]["cancel_reason"]) == (200, "cancelled", "documented")


def test_only_the_provider_who_is_asked_answers(api: Api) -> None:
    query = api.sent()
    for user in (api.of.cdi, api.of.manager, api.outsider(Role.CLIENT_ADMIN)):
        status, problem = api(user, "post", f"{query.pk}/answer/", {"option": "o2"})
        assert (status, problem["code"]) == (403, "query.not_asked")
    stranger = cast.person("Peter Lund", (api.of.place, Role.PROVIDER))
    assert api(stranger, "post", f"{query.pk}/answer/", {"option": "o2"})[0] == 404
    assert api(api.of.doctor, "post", f"{query.pk}/answer/", {"option": "o9"})[0] == 422
    assert api.query(str(query.pk)).state == "sent"


def test_outside_readers_are_given_nothing_from_inside(api: Api) -> None:
    query = api.sent()
    with cast.opened(api.of.place):
        CdiQuery.objects.filter(client_id=query.client_id, pk=query.pk).update(impacts=list(Impact.values))
        row = CdiQuery.objects.get(client_id=query.client_id, pk=query.pk)
        row.internal_note = "Would move the DRG and the RAF score"
        row.save(update_fields=["internal_note"])
    _, inside = api(api.of.cdi, "get", f"{query.pk}/")
    assert inside["inside"]["impacts"] == list(Impact.values) and "DRG" in inside["inside"]["internal_note"]
    for user in (api.of.doctor, api.outsider(Role.CLIENT_VIEWER)):
        for path in ("", f"{query.pk}/", f"{query.pk}/fhir/"):
            status, body = api(user, "get", path)
            text = json.dumps(body)
            assert status == 200 and "inside" not in text and "Sunita Rao" not in text
            assert wording().payment_places(text) == []
    with cast.opened(api.of.place):
        steps = QueryStep.objects.filter(client_id=query.client_id, query=query, kind=StepKind.OPENED)
        reads = AuditEvent.objects.filter(verb=Verb.QUERY_VIEWED, subject_id=str(query.pk))
        assert (steps.count(), reads.count() >= 5) == (1, True)


def test_the_fhir_bundle_is_one_and_drafts_have_none(api: Api) -> None:
    query = api.sent()
    with cast.opened(api.of.place):
        draft = scene.draft(api.of, query.encounter)
        scene.answered(api.of, query, "o2", "Seen on the echocardiogram.")
    status, bundle = api(api.of.cdi, "get", f"{query.pk}/fhir/")
    Bundle.model_validate(bundle)
    task = bundle["entry"][1]["resource"]
    assert (status, task["status"]) == (200, "completed")
    assert task["output"][0]["valueString"].endswith("Seen on the echocardiogram.")
    assert api(api.of.cdi, "get", f"{draft.pk}/fhir/")[0] == 404


def test_the_list_pages_by_cursor_without_words_or_a_read(api: Api) -> None:
    queries = [api.sent() for _ in range(3)]
    seen, path = [], "?limit=1"
    while path:
        status, page = api(api.of.cdi, "get", path)
        assert status == 200 and len(page["results"]) == 1
        assert not set(page["results"][0]) & {"title", "body", "patient"}
        seen.append(page["results"][0]["id"])
        path = f"?limit=1&cursor={page['next']}" if page["next"] else ""
    assert seen == [str(one.pk) for one in reversed(queries)]
    assert api(api.of.cdi, "get", "?state=draft")[1]["results"] == []
    for wrong in ("?cursor=x", "?state=open", "?state=sent&state=draft", "?q=1"):
        assert api(api.of.cdi, "get", wrong)[0] == 422
    with cast.opened(api.of.place):
        assert not AuditEvent.objects.filter(verb__in=[Verb.QUERY_VIEWED, Verb.CHART_LISTED]).exists()
