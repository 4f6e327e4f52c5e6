"""Queries of the pages of query templates: recorded, and the same for few templates as for many."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cdi_queries.actions.templates import create_template, save_template
from cdi_queries.selectors.templates import library
from coding_ops.tenancy.models import Role
from tests import cast
from tests.performance.test_query_counts import count

BASELINE = Path(__file__).with_name("template_query_counts.json")
BASE = "/c/cypress-ridge/queries/templates/"
KEY = "ckd-stage"


@pytest.mark.django_db(transaction=True)
def test_pages_of_templates_make_as_many_queries_as_recorded_whatever_their_number() -> None:
    here = cast.cypress()
    user = cast.person("Sunita Rao", (here, Role.CDI_SPECIALIST))
    whose: dict[str, Any] = {"actor": cast.actor_for(user, Role.CDI_SPECIALIST), "client_id": here.client.pk}
    stage = library()[KEY][-1]

    def grow(first: int, last: int) -> dict[str, int]:
        with cast.opened(here):
            for number in range(first, last):
                own, title = replace(stage, name=f"Own {number}"), replace(stage, title=f"Kidney {number}")
                create_template(**whose, template=own, reason="More of them.")
                save_template(
                    **whose, key=KEY, base_version=number + 1, template=title, reason="More of them."
                )
        pages = {
            "list": "",
            "template": f"{KEY}/",
            "compare": f"{KEY}/compare/",
            "designer": f"{KEY}/change/",
        }
        return {name: count(user, BASE + path) for name, path in pages.items()}

    few, many = grow(0, 1), grow(1, 4)
    assert many == few, "the number of rows shows in the number of queries"
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(many, indent=2) + "\n", encoding="utf-8")
    assert many == json.loads(BASELINE.read_text(encoding="utf-8"))
