"""The API's description: valid OpenAPI 3.1, and complete."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.validation import validate_schema

from encounters.api.views.schema import description


def api_routes() -> set[str]:
    """Every address below ``/api/v1/`` as the resolver has it, in the schema's spelling."""

    def walk(resolver: URLResolver, prefix: str) -> set[str]:
        found: set[str] = set()
        for entry in resolver.url_patterns:
            route = prefix + str(entry.pattern)
            if isinstance(entry, URLPattern):
                found.add("/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route))
            else:
                found |= walk(entry, route)
        return found

    return {route for route in walk(get_resolver(), "") if route.startswith("/api/v1/")}


def test_the_description_is_valid_openapi_3_1() -> None:
    schema = description()
    assert schema["openapi"].startswith("3.1")
    validate_schema(schema)  # type: ignore[no-untyped-call]


def test_the_description_lists_every_endpoint_but_itself() -> None:
    assert set(description()["paths"]) == api_routes() - {"/api/v1/schema/"}
    assert len(description()["paths"]) >= 20


def test_every_change_says_what_it_takes_and_how_it_refuses() -> None:
    for path, operations in description()["paths"].items():
        for method, operation in operations.items():
            responses = set(operation["responses"])
            assert {"403", "422"} <= responses, (path, method)
            if method != "get" and path not in ("/api/v1/work/next/", "/api/v1/codes/search/"):
                assert "requestBody" in operation, (path, method)
                assert {"404", "409"} <= responses, (path, method)


def test_names_in_the_description_are_ours_not_made_up() -> None:
    """A generated name such as Kind4f2Enum would change with every new field."""
    assert not [
        name for name in description()["components"]["schemas"] if re.search(r"[0-9a-f]{3}Enum$", name)
    ]


@pytest.mark.django_db
def test_anybody_can_read_the_description(client: Client) -> None:
    response = client.get("/api/v1/schema/")
    assert response.status_code == 200
    assert response.json()["info"]["title"] == "Coding Ops API"
