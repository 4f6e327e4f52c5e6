"""Whatever is sent, the API refuses it in its own words and never fails."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client as Browser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coding_ops.web.api import Input
from encounters.api import inputs
from tests.api.scene import Scene
from tests.api.test_changes import CHANGES

NESTED = "[" * 100_000 + "]" * 100_000
BODIES: list[tuple[str, bytes]] = [
    ("not json", b"{"),
    ("nothing", b""),
    ("a list", b"[]"),
    ("a number", b"7"),
    ("null", b"null"),
    ("text", b'"text"'),
    ("deep nesting", NESTED.encode()),
    ("deep objects", b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
    ("infinity", b'{"fence": Infinity}'),
    ("not a number", b'{"fence": NaN}'),
    ("a huge number", b'{"fence": ' + b"9" * 4_000 + b"}"),
    ("a longer number", b'{"fence": ' + b"9" * 6_000 + b"}"),
    ("a float", b'{"fence": 1e400}'),
    ("latin-1", '{"code": "\xe9"}'.encode("latin-1")),
    ("utf-16", '{"fence": 1}'.encode("utf-16")),
    ("many keys", json.dumps({f"k{n}": n for n in range(20_000)}).encode()),
    ("a long string", json.dumps({"fence": 1, "code": "x" * 1_000_000}).encode()),
]
VALUES: list[Any] = [
    None, True, -1, 0, 2**31, 2**63, 2**200, 1.5, "", "\x00", "E11\x0022", "\ud800", "x" * 5000, "🩺" * 300,
    [], {}, [[]], [{}], {"a": {"b": []}}, ["\x00"], [None], ["x"] * 1000, "'; DROP TABLE x; --", "2999-99-99",
    "00000000-0000-0000-0000-000000000000", "../../etc/passwd", "=cmd()", "%s%s%n", "{{7*7}}",
]  # fmt: skip
NAMES = (
    "fence", "system", "code", "evidence", "modifiers", "service_unit_quantity", "present_on_admission",
    "pointers", "position", "reason", "note", "owner_party", "due_on", "active", "document_version",
    "selectors", "answer",
)  # fmt: skip


def send(scene: Scene, method: str, rest: str, raw: bytes, content_type: str = "application/json") -> Any:
    browser = Browser(raise_request_exception=False)
    browser.force_login(scene.people["rosalind"])
    return browser.generic(method.upper(), f"/api/v1/{scene.at(rest)}", raw, content_type)


def places(scene: Scene) -> list[tuple[str, str]]:
    code = scene.assign()
    return [
        (method, rest.format(code=code["id"], evidence=code["evidence"][0]["id"]))
        for method, rest, _ in CHANGES
    ] + [("post", "resume/"), ("post", "reopen/")]


@pytest.mark.parametrize("raw", [raw for _, raw in BODIES], ids=[name for name, _ in BODIES])
def test_a_body_that_is_no_request_is_refused(scene: Scene, raw: bytes) -> None:
    """All views read through one parser: a list in it, a DELETE and a single field stand for all."""
    everywhere = places(scene)
    chosen = [everywhere[0], everywhere[2], ("post", "finalize/")]
    before = scene.now()
    for method, rest in chosen:
        response = send(scene, method, rest, raw)
        assert response.status_code in (400, 413, 422, 403), (method, rest, response.status_code)
        assert {"detail", "code"} <= response.json().keys()
    assert scene.now() == before


def test_a_body_larger_than_the_limit_is_not_read_to_its_end(scene: Scene) -> None:
    raw = json.dumps({"fence": 1, "note": "x" * 3_000_000}).encode()
    response = send(scene, "post", "release/", raw)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "kind", ["text/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]
)
def test_other_kinds_of_body_are_refused(scene: Scene, kind: str) -> None:
    before = scene.now()
    response = send(scene, "post", "release/", b"fence=1", kind)
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")
    assert scene.now() == before


def test_a_charset_that_unpacks_is_refused(scene: Scene) -> None:
    response = send(scene, "post", "release/", b"{}", "application/json; charset=bz2_codec")
    assert response.status_code in (400, 415, 422)


INPUTS = [
    kind
    for kind in vars(inputs).values()
    if isinstance(kind, type) and issubclass(kind, Input) and kind is not Input
]


@pytest.mark.parametrize("kind", INPUTS, ids=lambda kind: kind.__name__)
def test_every_field_of_every_input_takes_or_refuses_every_value(kind: type[Input]) -> None:
    """Any other error than a refusal would be a 500.  What is taken can be kept by the database."""
    for name in kind().fields:
        for value in VALUES:
            bound = kind(data={name: value}, partial=True)
            if bound.is_valid():
                kept = json.dumps(bound.validated_data, default=str)
                assert "\\u0000" not in kept and "\\ud800" not in kept
                assert len(kept) < 20_000
            else:
                assert bound.errors


@pytest.mark.parametrize("value", ["\x00", "\ud800", 2**200, [[]], {"a": {"b": []}}], ids=repr)
def test_every_change_refuses_what_no_field_takes(scene: Scene, value: Any) -> None:
    everywhere = places(scene)
    before = scene.now()
    for method, rest in everywhere:
        body = dict.fromkeys(("fence", "code", "reason", "modifiers"), value)
        response = send(scene, method, rest, json.dumps(body).encode())
        assert response.status_code in (403, 422), (method, rest, response.status_code)
    assert scene.now() == before


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=st.dictionaries(st.sampled_from(NAMES), JSON_VALUES, max_size=6))
def test_no_combination_of_values_makes_an_assignment_fail(scene: Scene, body: dict[str, Any]) -> None:
    raw = json.dumps({"system": "ICD-10-CM", "code": "I10"} | body).encode()
    response = send(scene, "post", "assignments/", raw)
    assert response.status_code in (201, 409, 422), body


@pytest.mark.parametrize(
    "path",
    [
        "clients/cypress-ridge/encounters/?cursor=%00",
        "clients/cypress-ridge/encounters/?cursor=" + "A" * 399,
        "clients/cypress-ridge/encounters/?cursor=W1tbW10=",
        "clients/cypress-ridge/encounters/?status=%00",
        "clients/cypress-ridge/encounters/?service_from=0000-00-00",
        "clients/cypress-ridge/encounters/?limit=99999999999999999999",
        "clients/cypress-ridge/encounters/?mine=%F0%9F%A9%BA",
        "clients/%00/encounters/",
        "clients/cypress-ridge%00/encounters/",
        "clients/cypress-ridge/encounters/%00/",
        "work/worklist/?cursor=WyIxZTkiXQ",
        "work/worklist/?cursor=WyItMSJd",
        "work/worklist/?client=%00",
        "codes/search/?on=9999-12-31&text=%00",
        "codes/search/?on=0001-01-01&text=a",
        "codes/search/?on=2026-09-15&text=%F0%9F%A9%BA%F0%9F%A9%BA",
    ],
)
def test_hostile_addresses_are_refused(scene: Scene, path: str) -> None:
    answer = scene.ask("quentin", "get", path)
    assert answer.status in (200, 400, 404, 422), answer.status
    if answer.status == 200:
        assert answer.body["results"] == []
