"""Pieces of the composer: reading its form, where findings point, which templates come first."""

from __future__ import annotations

from datetime import date

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from cdi_queries.models import CdiQuery, Channel
from cdi_queries.rules.content import AnswerOption, QueryContent, QuotedIndicator
from cdi_queries.rules.query import Finding, Kind, Severity, Span
from cdi_queries.rules.template import Template
from cdi_queries.selectors.templates import library
from cdi_queries.terms.lint import wording
from cdi_queries.views.compose.form import LONGEST, Posted, read
from cdi_queries.views.compose.lint_rows import lint_view
from cdi_queries.views.compose.template_use import SUGGESTED, taken, template_groups
from coding_ops.core.errors import InvalidInput, Refused
from tests import cast
from tests.cdi_queries import scene

TODAY = date(2026, 11, 23)
INDICATOR = QuotedIndicator("i1", "v", 0, 3, "BNP", "Note", TODAY, "L1")
PRIOR = QuotedIndicator("i2", "w", 0, 3, "EF", "Note", TODAY, "L2", is_prior=True)
STORED = QueryContent(Kind.MULTIPLE_CHOICE, indicators=(INDICATOR, PRIOR))


def posted(text: str) -> Posted:
    return read(QueryDict(text), STORED, wording(), TODAY)


def test_the_form_changes_words_and_links_but_no_indicator() -> None:
    found = posted(
        "kind=multiple_choice&title=A&body=One%0D%0ATwo&oid=o1&oid=other&text-o1=Sepsis&text-other=Mine"
        "&for-o1=i1&for-o1=i9&why-i1=No&why-i2=Same+as+now&reason-R5=Only+one&hold=1&tf-name=Value&impact=drg"
    )
    content = found.content
    assert content.body == "One\nTwo"
    assert [(one.id, one.text, one.indicator_ids) for one in content.options] == [
        ("o1", "Sepsis", ("i1",)), ("other", "Other (please specify)", ()),
        ("unable", "Unable to determine", ()),
    ]  # fmt: skip
    assert [(one.quote, one.relevance) for one in content.indicators] == [("BNP", ""), ("EF", "Same as now")]
    assert (found.reasons, found.fields, found.hold) == ({"R5": "Only one"}, {"name": "Value"}, True)
    assert found.channel is Channel.WRITTEN and found.impacts == ("drg",)


@pytest.mark.parametrize(
    "text",
    [
        f"body={'x' * (LONGEST['body'] + 1)}",
        "kind=essay",
        "oid=o%27%3E",
        "&".join(f"oid=o{n}" for n in range(40)),
        "provider=somebody",
        "title=a%00b",
    ],
)
def test_what_cannot_be_kept_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        posted(text)


def test_a_day_that_is_none_is_said_beside_its_field() -> None:
    found = posted("verbal=1&asked_by=A&asked_of=B&asked_on=31/31/2026")
    assert found.content.verbal and found.content.verbal.asked_on is None
    assert "asked_on" in found.errors and found.asked_on == "31/31/2026"
    assert posted("asked_on=31/31/2026").errors == {}
    given_day = posted("verbal=1&asked_on=11/20/2026").content.verbal
    assert given_day and given_day.asked_on == date(2026, 11, 20)


@given(
    st.dictionaries(st.sampled_from(["title", "body", "text-o1", "reason-R5", "tf-x", "asked_by"]), st.text())
)
def test_any_text_is_read_or_refused(fields: dict[str, str]) -> None:
    form = QueryDict(mutable=True)
    form.update({**fields, "oid": "o1"})
    try:
        found = read(form, STORED, wording(), TODAY)
    except InvalidInput:
        return
    assert found.content.body == fields.get("body", "").replace("\r\n", "\n").replace("\r", "\n")
    assert "\n" not in found.content.title


def finding(rule: str, field: str = "", *, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(rule, severity, rule, Span(field, 1, 3, "xx") if field else None)


def test_each_finding_leads_to_the_field_of_its_words() -> None:
    content = QueryContent(
        Kind.MULTIPLE_CHOICE, options=(AnswerOption("o7", "Sepsis"),), indicators=(INDICATOR, PRIOR)
    )
    warning = finding("R5", "options[0].text", severity=Severity.WARNING)
    found = lint_view(
        [
            warning, finding("R9", "title"), finding("R8", "body"), finding("R4", "options[0].text"),
            finding("R1", "indicators[0].quote"), finding("R7", "indicators[1].relevance"), finding("R3"),
            finding("R12"), finding("R15"), warning,
        ],
        content,
        {},
    )  # fmt: skip
    assert [row.target for row in found.rows] == [
        "q-title", "q-body", "text-o7", "ind-i1", "why-i2", "q-options", "verbal", "q-body",
        "text-o7", "text-o7",
    ]  # fmt: skip
    assert [row.asks for row in found.rows][-2:] == [True, False]  # one reason a rule
    assert found.verdict == "8 things keep it from being sent."
    assert lint_view([warning], content, {}).verdict == "1 warning needs a reason."
    assert lint_view([warning], content, {"R5": "No other fits."}).tone == "ok"
    assert lint_view([warning], content, {"R5": "no"}).tone == "warn"
    assert found.rows[2].message == "“Sepsis”: R4" and found.rows[3].message == "Indicator 1: R1"
    blocked = lint_view([], content, {}, {"tf-day": "Fill in “Day”."})
    assert (blocked.tone, blocked.rows[0].target) == ("bad", "tf-day")
    assert lint_view([], content, {}).verdict == "Ready to send."


def newest(key: str) -> Template:
    return library()[key][-1]


@pytest.mark.django_db
def test_templates_that_the_trigger_or_the_words_point_at_come_first() -> None:
    of = scene.desk(cast.cypress())
    with cast.opened(of.place):
        made = scene.chart(of)
        by_words = template_groups(CdiQuery(client_id=made.client_id), scene.content(made))
        assert by_words[0].label == SUGGESTED
        quotes = " ".join(scene.QUOTES).casefold()
        for one in by_words[0].choices:
            assert any(word.casefold() in quotes for word in newest(one.value).search_words)
        pointed = next(one[-1] for one in library().values() if one[-1].triggers)
        query = CdiQuery(client_id=made.client_id, trigger_key=pointed.triggers[0])
        keys = [one.value for one in template_groups(query, scene.content(made))[0].choices]
        first = [key for key in keys if query.trigger_key in newest(key).triggers]
        assert pointed.key in keys and keys[: len(first)] == first
        every = [one.value for group in by_words for one in group.choices]
        assert len(every) == len(set(every)) == len(library())


@pytest.mark.django_db
def test_a_template_needs_what_it_builds_on_in_this_record() -> None:
    of = scene.desk(cast.cypress())
    with cast.opened(of.place):
        made = scene.chart(of, note="Chief complaint: cough.\n\nAssessment: no heart failure.\n")
        empty = QueryContent(Kind.OPEN)
        with pytest.raises(Refused, match="does not document"):
            taken(empty, newest("heart-failure-type-acuity"), made, None)
        held = scene.chart(of)
        filled = taken(empty, newest("heart-failure-type-acuity"), held, None)
    assert filled.kind is Kind.MULTIPLE_CHOICE and filled.options[-1].id == "unable"
