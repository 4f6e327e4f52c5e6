"""Rules as JSON: what is written is read back the same, and anything else is refused with its place."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput
from edit_rules.rules.apply import Level
from edit_rules.rules.conditions import parse_conditions
from edit_rules.rules.content import Content
from edit_rules.rules.exchange import Carried, read_rules, write_rules

ONE = {"groups": [{"about": "any_line", "conditions": [{"fact": "code", "op": "is", "values": ["992*"]}]}]}
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=3, max_size=30).filter(
    lambda text: "{" not in text
)


@st.composite
def carried(draw: st.DrawFn) -> Carried:
    own = draw(st.booleans())
    begins = draw(st.dates(date(2020, 1, 1), date(2027, 1, 1)))
    content = Content(
        name=draw(WORDS),
        level=draw(st.sampled_from(Level)),
        conditions=parse_conditions(ONE),
        effective_from=begins,
        effective_to=draw(st.none() | st.dates(begins, date(2028, 1, 1))),
        per_line=draw(st.booleans()),
        message=draw(WORDS) if own else "",
        satisfy=draw(WORDS) if own else "",
        citation=draw(WORDS),
        citation_on=draw(st.dates()),
        bypass=("25", "59") if own and draw(st.booleans()) else (),
    )
    return Carried("" if own else "ncci.mue", draw(st.just("") | WORDS), content)


@settings(deadline=None)
@given(st.lists(carried(), min_size=1, max_size=4))
def test_rules_are_read_back_as_they_were_written(rules: list[Carried]) -> None:
    assert read_rules(write_rules(rules), "As agreed.") == tuple(rules)


@settings(deadline=None)
@given(st.recursive(st.none() | st.text(max_size=5) | st.integers(), lambda one: st.lists(one, max_size=3)))
def test_a_field_of_any_kind_is_read_or_refused_with_its_path(value: Any) -> None:
    good = {"name": "Units", "builtin": "ncci.mue", "level": "info", "effective_from": "2026-11-01"}
    for name in (*good, "conditions", "bypass", "citation_on", "effective_to", "payer", "message"):
        text = json.dumps({"format": "edit-rules/1", "rules": [{**good, name: value}]})
        try:
            read_rules(text, "As agreed.")
        except InvalidInput as refused:
            assert refused.details["path"].startswith("rules[0].")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ""),
        ("[" * 100_000, ""),
        ("[]", "format"),
        ('{"format": "edit-rules/1", "rules": []}', "rules"),
        ('{"format": "edit-rules/1", "rules": [1]}', "rules[0]"),
        ('{"format": "edit-rules/1", "rules": [{"number": 1}]}', "rules[0].number"),
    ],
)
def test_what_is_no_export_is_refused(text: str, path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_rules(text, "As agreed.")
    assert refused.value.details["path"] == path
