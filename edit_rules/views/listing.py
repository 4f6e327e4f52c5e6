"""``/c/<client>/edit-rules/``: the client's rules, and the built-in edits whose level they may set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from coding_ops.tenancy.actor import Actor
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of
from edit_rules.access import EDITORS, require_reader
from edit_rules.models import EditRule, EditRuleVersion, LevelChoice
from edit_rules.rules.builtin import BUILT_IN
from edit_rules.selectors.listing import (
    COUNTED_DAYS,
    PAGE_ROWS,
    Asked,
    Counts,
    Standing,
    counts_of,
    newest_versions,
    payers_with_rules,
    rules_by_builtin,
    standing_of,
)
from edit_rules.views import words
from edit_rules.views.dto import BuiltInRow, RuleList, RuleRow

NOTHING = "No rule yet. The levels of the edit engine hold."
NO_FIT = "No rule fits this filter. Choose All, or clear the search."
MOST_SEARCH = 80


@require_GET
@for_client
def rules(request: HttpRequest) -> HttpResponse:
    """``level``, ``status``, ``payer``, ``q``, ``page``."""
    actor, client, today = actor_of(request), client_of(request), today_of(request)
    require_reader(actor)
    asked = _asked(request.GET, actor)
    number = page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    found = list(newest_versions(client.id, asked, today)[start : start + PAGE_ROWS + 1])
    shown, more = found[:PAGE_ROWS], len(found) > PAGE_ROWS
    counts = counts_of(client.id, [one.rule_id for one in shown], timezone.now()) if actor.is_vendor else {}
    kept = {"level": asked.level, "status": asked.standing, "payer": asked.payer, "q": asked.text}
    base = base_href(client.slug)
    page = RuleList(
        href=base,
        new_href=f"{base}new/",
        builtin_href=f"{base}built-in/",
        rows=tuple(_row(base, one, counts.get(one.rule_id), today, actor) for one in shown),
        levels=_chips(
            kept, "level", [("", "All levels"), *LevelChoice.choices[:-1]] if actor.is_vendor else []
        ),
        standings=_chips(
            kept,
            "status",
            [("", "All"), *((one.value, label) for one, label in words.STANDINGS.items())]
            if actor.is_vendor
            else [],
        ),
        payers=tuple(Choice(name, name, name == asked.payer) for name in payers_with_rules(client.id)),
        level=asked.level,
        standing=asked.standing if actor.is_vendor else "",
        text=asked.text,
        summary=_summary(len(shown), more, actor),
        empty_words=NO_FIT if any(kept.values()) and actor.is_vendor else NOTHING,
        may_edit=actor.role in EDITORS,
        shows_counts=actor.is_vendor,
        next_page_href=_turn({**kept, "page": str(number + 1)}) if more else "",
        previous_page_href=_turn({**kept, "page": str(number - 1)}) if number > 1 else "",
    )
    return render(request, "edit_rules/list.html", {"page": page})


@require_GET
@for_client
def built_in(request: HttpRequest) -> HttpResponse:
    """The edits of the engine, their levels and sources, and which rules set another level."""
    actor, client = actor_of(request), client_of(request)
    require_reader(actor)
    base = base_href(client.slug)
    by_builtin = rules_by_builtin(client.id) if actor.is_vendor else {}
    rows = tuple(
        BuiltInRow(
            rule=edit.rule,
            words=edit.words,
            level=words.default_level(edit),
            tone=words.TONES[edit.levels[0].value],
            source=edit.source,
            rules=tuple((f"{base}{rule.pk}/", _set_level(rule)) for rule in by_builtin.get(edit.rule, [])),
            new_href=f"{base}new/?builtin={edit.rule}",
        )
        for edit in BUILT_IN.values()
    )
    context = {"rows": rows, "list_href": base, "may_edit": actor.role in EDITORS, "inside": actor.is_vendor}
    return render(request, "edit_rules/built_in.html", context)


def _set_level(rule: EditRule) -> str:
    """``12: Info for Aetna``."""
    payer = f" for {rule.payer_name}" if rule.payer_name else ""
    return f"{rule.number}: {words.level(rule.level)}{payer}"


def base_href(slug: str) -> str:
    """The list's address."""
    return f"/c/{slug}/edit-rules/"


def _asked(query: Mapping[str, str], actor: Actor) -> Asked:
    """A client's people read what is in force, and nothing else."""
    standing = query.get("status", "")
    level = query.get("level", "")
    if not actor.is_vendor:
        level, standing = "", Standing.ON.value
    return Asked(
        level=level if level in LevelChoice.values else "",
        payer=query.get("payer", "").strip(),
        text=query.get("q", "").strip()[:MOST_SEARCH],
        standing=standing if standing in {one.value for one in Standing} else "",
    )


def page_number(text: str) -> int:
    """The page of ``?page=``, 1 for anything that is none."""
    return int(text) if text.isdecimal() and 0 < int(text[:6]) < 10_000 else 1


def _turn(kept: Mapping[str, str]) -> str:
    return f"?{urlencode({name: value for name, value in kept.items() if value})}"


def _chips(kept: Mapping[str, str], name: str, choices: list[tuple[str, str]]) -> tuple[Choice, ...]:
    return tuple(
        Choice(value, label, kept[name] == value, _turn({**kept, name: value})) for value, label in choices
    )


def _summary(count: int, more: bool, actor: Actor) -> str:
    if not count:
        return ""
    noun = "rule" if count == 1 else "rules"
    tail = "; more on the next page" if more else ""
    counted = f". Counts are of the last {COUNTED_DAYS} days" if actor.is_vendor else " in force"
    return f"{count} {noun}{counted}{tail}"


def _row(base: str, version: EditRuleVersion, counts: Counts | None, today: date, actor: Actor) -> RuleRow:
    rule, told = version.rule, counts or Counts()
    return RuleRow(
        href=f"{base}{rule.pk}/",
        number=str(rule.number),
        name=version.name,
        what=rule.builtin or "Own check",
        payer=rule.payer_name or "Every payer",
        level=words.level(version.level),
        tone=words.TONES[version.level],
        standing=words.STANDINGS[standing_of(version, today)],
        days=words.days(version.effective_from, version.effective_to),
        fired=str(told.fired) if actor.is_vendor else "",
        overridden=str(told.overridden) if actor.is_vendor else "",
        denied=str(told.denied) if actor.is_vendor else "",
    )
