"""Rows of the addresses of query templates: who may ask them, with what."""

from __future__ import annotations

from typing import Any

from cdi_queries.rules.template import body_of, template_from
from cdi_queries.selectors.templates import library
from cdi_queries.views.templates.draft import draft_of
from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import CODER, LEADERS, PAGES, Act, Row, Sent, get, of, post

TEMPLATES = PAGES + "queries/templates/"
TEMPLATE = TEMPLATES + "<slug:template_key>/"
DESIGNERS = LEADERS | of(Role.CDI_SPECIALIST)
TEMPLATE_READERS = DESIGNERS | CODER | of(Role.QA_REVIEWER)


def typed(full: Full, **changes: Any) -> Sent:
    """The form of the client's own template with other words, to be saved on top of version 1."""
    del full
    template = template_from({**body_of(library()["abnormal-finding"][-1]), "name": "Finding to explain"})
    fields = dict(draft_of(template).fields)
    return {**fields, "base_version": "1", "reason": "It is asked often.", "do": "save", **changes}


TEMPLATE_MATRIX: dict[str, Row] = {
    TEMPLATES: get(TEMPLATE_READERS, area="heart"),
    TEMPLATES + "new/": Row({"GET": Act(DESIGNERS), "POST": Act(DESIGNERS, typed)}),
    TEMPLATE: get(TEMPLATE_READERS),
    TEMPLATE + "change/": Row({"GET": Act(DESIGNERS), "POST": Act(DESIGNERS, typed)}),
    TEMPLATE + "compare/": get(TEMPLATE_READERS),
    TEMPLATE + "switch/": post(DESIGNERS, lambda full: {"to": "off", "why": "Not used here."}),
}
