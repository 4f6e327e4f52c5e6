"""``/c/<client>/queries/opportunities/rules/``: what is looked for, what became of it, on and off."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from cdi_queries.access.triggers import hits_in_reach
from cdi_queries.actions.triggers import switch_rule
from cdi_queries.models import HitState
from cdi_queries.rules.triggers.shapes import Family, Rule
from cdi_queries.selectors.templates import kept_templates
from cdi_queries.selectors.triggers import Counts, counts_by_rule, off_keys
from cdi_queries.terms.triggers import trigger_book, trigger_terms
from cdi_queries.views.tabs import queries_href, query_tabs
from cdi_queries.views.triggers import words
from cdi_queries.views.triggers.dto import Count, RuleList, RuleRow
from cdi_queries.views.triggers.listing import opportunities_href
from coding_ops.core.errors import InvalidInput, NotFound
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of

COLUMNS = {
    HitState.OPEN: "To look at",
    HitState.ACCEPTED: "Queries",
    HitState.DISMISSED: "Dismissed",
    HitState.SETTLED: "No longer there",
}
SWITCHES = {"on": True, "off": False}


@require_GET
@for_client
def rules(request: HttpRequest) -> HttpResponse:
    """``family``: which of the four kinds is shown."""
    actor, client = actor_of(request), client_of(request)
    hits = hits_in_reach(actor, client.id)
    asked = request.GET.get("family", Family.UNSPECIFIED.value)
    if asked not in set(Family):
        raise NotFound
    family, terms = Family(asked), trigger_terms()
    counts, off = counts_by_rule(hits, timezone.now()), off_keys(client.id)
    names = {one.template.key: one.template.name for one in kept_templates(client.id)}
    book = trigger_book()
    page = RuleList(
        list_href=opportunities_href(client.slug),
        lead=words.FAMILY_LEADS[family],
        edition=book.edition,
        families=tuple(
            Choice(
                one.value,
                label,
                one is family,
                f"?family={one.value}",
                str(sum(rule.family is one for rule in book.rules)),
            )
            for one, label in words.FAMILIES.items()
        ),
        family=words.FAMILIES[family],
        columns=tuple(COLUMNS.values()),
        rows=tuple(
            _row(client.slug, rule, counts.get(rule.key, Counts()), rule.key not in off, names)
            for rule in book.rules
            if rule.family is family
        ),
        footnote=(
            f"Counts are of gaps found in the last {terms.counted_days} days. The rate is queries of those"
            f" that a person decided about; its interval is {terms.confidence * 100:.0f}%, Wilson. Below"
            f" {terms.minimum_decided} decisions nothing is judged. It judges the rule, never a person."
        ),
    )
    context = {"page": page, "tabs": query_tabs(actor.role, client.slug, "triggers")}
    return render(request, "cdi_queries/trigger_rules.html", context)


@require_POST
@for_client
def switch(request: HttpRequest, rule_key: str) -> HttpResponse:
    """``to``: ``on`` or ``off``."""
    actor, client = actor_of(request), client_of(request)
    to = SWITCHES.get(request.POST.get("to", ""))
    if to is None:
        raise InvalidInput("Say whether the rule is to be on or off.", code="trigger.no_switch")
    switch_rule(actor=actor, client_id=client.id, key=rule_key, is_on=to)
    messages.success(
        request,
        "The rule is on. It looks at the open charts within minutes."
        if to
        else "The rule is off. What it found is kept, and no longer listed.",
    )
    family = rule_key.partition(".")[0]
    return leave(request, f"{opportunities_href(client.slug)}rules/?family={family}")


def _row(slug: str, rule: Rule, counts: Counts, is_on: bool, names: Mapping[str, str]) -> RuleRow:
    base, last = opportunities_href(slug), trigger_terms().counted_days
    rate, detail = words.rate(counts)
    return RuleRow(
        key=rule.key,
        name=rule.name,
        looks_at=rule.looks_at,
        source=rule.source,
        template=names.get(rule.template, ""),
        template_href=f"{queries_href(slug)}templates/{rule.template}/",
        is_on=is_on,
        switch_href=f"{base}rules/{rule.key}/switch/",
        counts=tuple(
            Count(
                label,
                f"{number:,}",
                f"{base}?rule={rule.key}&state={state}&last={last}" if number else "",
            )
            for state, label in COLUMNS.items()
            for number in (getattr(counts, state.value),)
        ),
        rate=rate,
        detail=detail,
    )
