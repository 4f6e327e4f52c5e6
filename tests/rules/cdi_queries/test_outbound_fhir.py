"""FHIR on its way out: resources that are what the definitions say, tried twice and made once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings
from hypothesis import strategies as st

from cdi_queries.rules.outbound.fhir import (
    TASK_STATUS,
    collection_bundle,
    refused_entries,
    transaction_bundle,
)
from cdi_queries.rules.outbound.message import Clinician, Person, Receiver, message_lines
from cdi_queries.rules.query_states import QueryState
from cdi_queries.terms.lint import wording
from tests.rules.cdi_queries.outbound_messages import CONTENT, QUERY_ID, message


def parts(bundle: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    question, task = (one["resource"] for one in bundle["entry"])
    return question, task


def test_the_communication_holds_the_question_and_the_task_points_at_it() -> None:
    bundle = transaction_bundle(message())
    Bundle.model_validate(json.loads(json.dumps(bundle)))
    question, task = parts(bundle)
    assert question["payload"][0]["contentString"].splitlines() == list(message_lines(message()))
    assert question["subject"]["identifier"] == {"value": "MRN-77"}
    assert question["recipient"][0]["identifier"]["value"] == "1234567893"
    assert task["focus"]["reference"] == bundle["entry"][0]["fullUrl"]
    assert task["status"] == "requested"
    assert task["restriction"]["period"]["end"] == "2026-11-26T21:59:00+00:00"
    assert [one["valueString"] for one in task["input"][:3]] == [
        "Stage 3a", "Other (please specify)", "Unable to determine",
    ]  # fmt: skip
    assert task["input"][3]["valueUrl"] == message().answer_url


def test_the_same_message_twice_names_the_same_identifiers() -> None:
    first, again = transaction_bundle(message()), transaction_bundle(message())
    conditions = [one["request"]["ifNoneExist"] for one in first["entry"]]
    assert conditions == [one["request"]["ifNoneExist"] for one in again["entry"]]
    assert conditions[0] == f"identifier=urn:ietf:rfc:3986|urn:uuid:{QUERY_ID}"
    assert conditions[1] != conditions[0]


def test_an_authority_that_is_a_uri_becomes_the_system_of_the_record_number() -> None:
    bundle = transaction_bundle(message(receiver=Receiver(authority="urn:oid:2.16.840.1.113883.19")))
    assert parts(bundle)[0]["subject"]["identifier"]["system"] == "urn:oid:2.16.840.1.113883.19"


@pytest.mark.parametrize("state", list(QueryState))
def test_every_state_of_a_query_has_a_task_status(state: QueryState) -> None:
    bundle = collection_bundle(message(status=state.value), "Stage 3a")
    Bundle.model_validate(json.loads(json.dumps(bundle)))
    _, task = parts(bundle)
    assert task["status"] == TASK_STATUS[state.value]
    assert task["output"][0]["valueString"] == "Stage 3a"


@settings(max_examples=40)
@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_makes_a_resource_that_is_none(name: str, words: str) -> None:
    asked = message(
        patient=Person(name or "x", name, words, None, "U"),
        provider=Clinician(name or "x", ""),
        content=replace(CONTENT, title=words or "x", body=words),
    )
    Bundle.model_validate(json.loads(json.dumps(transaction_bundle(asked))))


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        ({"resourceType": "Bundle", "entry": [{"response": {"status": "201 Created"}}] * 2}, 0),
        (
            {
                "resourceType": "Bundle",
                "entry": [{"response": {"status": "200 OK"}}, {"response": {"status": "422"}}],
            },
            1,
        ),
        ({"resourceType": "OperationOutcome"}, 1),
        ({"resourceType": "Bundle", "entry": [{"response": {"status": "201"}}]}, 1),
        ({"resourceType": "Bundle", "entry": ["x", {"response": []}]}, 2),
        ({}, 1),
    ],
)
def test_a_transaction_succeeded_only_when_each_entry_did(answer: dict[str, Any], refused: int) -> None:
    assert refused_entries(answer) == refused


def test_no_format_speaks_of_payment() -> None:
    for line in message_lines(message()):
        assert wording().payment_places(line) == []
    assert wording().payment_places(json.dumps(collection_bundle(message()))) == []
