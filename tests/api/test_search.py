"""Code search over the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.scene import Scene

ASKED = {"system": "ICD-10-CM", "on": "2026-09-15", "text": "diabetic chronic kidney"}


def test_words_find_codes_in_the_release_of_the_day(scene: Scene) -> None:
    answer = scene.ask(
        "nora", "get", "codes/search/?system=ICD-10-CM&on=2026-09-15&text=diabetic+chronic+kidney"
    )
    assert answer.status == 200
    assert answer.body["release"] == "test"
    first = answer.body["results"][0]
    assert (first["code"], first["billable"]) == ("E1122", True)
    assert scene.ask("nora", "post", "codes/search/", ASKED).body == answer.body


def test_the_beginning_of_a_code_is_found_and_headings_are_marked(scene: Scene) -> None:
    found = scene.ask("rosalind", "post", "codes/search/", ASKED | {"text": "N18"}).body["results"]
    assert {one["code"]: one["billable"] for one in found} == {"N1831": True, "N1832": True, "N18": False}


def test_the_number_of_hits_is_bounded(scene: Scene) -> None:
    assert len(scene.ask("rosalind", "post", "codes/search/", ASKED | {"limit": 1}).body["results"]) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"on": "2001-01-01"}, "code_set.no_release"),
        ({"system": "ICD-10-PCS"}, "code_set.not_loaded"),
        ({"system": "SNOMED"}, "invalid_input"),
        ({"on": "soon"}, "invalid_input"),
        ({"text": ""}, "invalid_input"),
        ({"text": "x" * 201}, "invalid_input"),
        ({"limit": 101}, "invalid_input"),
        ({"more": 1}, "invalid_input"),
    ],
)
def test_what_cannot_be_searched_says_why(scene: Scene, change: dict[str, Any], code: str) -> None:
    answer = scene.ask("rosalind", "post", "codes/search/", ASKED | change)
    assert (answer.status, answer.body["code"]) == (422, code)
