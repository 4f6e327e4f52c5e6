"""``/c/<client>/queries/templates/``: what authors choose from, and what was switched off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cdi_queries.access.lists import queries_to_list
from cdi_queries.access.templates import may_design, require_reader
from cdi_queries.models import QueryKind
from cdi_queries.rules.template import AREAS, GAPS
from cdi_queries.selectors.template_use import COUNTED_DAYS, first_counted, sent_counts
from cdi_queries.selectors.templates import Kept, kept_templates
from cdi_queries.views.tabs import queries_href, query_tabs
from cdi_queries.views.templates import words
from cdi_queries.views.templates.dto import TemplateList, TemplateRow
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of

PAGE_ROWS = 50
OFF = "off"


@dataclass(frozen=True, slots=True)
class Asked:
    """Filters of the address; what is none of the choices filters nothing."""

    text: str
    area: str
    kind: str
    origin: str
    page: int

    def holds(self, kept: Kept) -> bool:
        """Whether a template is shown."""
        template = kept.template
        said = " ".join((template.name, template.title, template.key, *template.search_words)).casefold()
        return (
            all(word in said for word in self.text.casefold().split())
            and self.area in ("", template.area)
            and self.kind in ("", template.kind.value)
            and self._is_of_origin(kept)
        )

    def _is_of_origin(self, kept: Kept) -> bool:
        if self.origin == OFF:
            return not kept.is_active
        return not self.origin or (self.origin == "own") is kept.template.is_own

    def href(self, page: int) -> str:
        """The address of another page of the same list."""
        asked = {
            "q": self.text,
            "area": self.area,
            "kind": self.kind,
            "origin": self.origin,
            "page": str(page) if page > 1 else "",
        }
        return f"?{urlencode({name: value for name, value in asked.items() if value})}"


def templates_href(slug: str) -> str:
    """``/c/<client>/queries/templates/``"""
    return f"{queries_href(slug)}templates/"


@require_GET
@for_client
def templates(request: HttpRequest) -> HttpResponse:
    """``q``, ``area``, ``kind``, ``origin`` (library, own, off), ``page``."""
    actor, client = actor_of(request), client_of(request)
    require_reader(actor)
    asked = _asked(request.GET)
    every = kept_templates(client.id)
    found = [one for one in every if asked.holds(one)]
    start = (asked.page - 1) * PAGE_ROWS
    since = datetime.combine(first_counted(today_of(request)), time.min, ZoneInfo(client.timezone))
    sent = sent_counts(queries_to_list(actor, client.id), since)
    base = templates_href(client.slug)
    page = TemplateList(
        href=base,
        new_href=f"{base}new/",
        rows=tuple(_row(base, one, sent) for one in found[start : start + PAGE_ROWS]),
        text=asked.text,
        areas=_choices(AREAS, asked.area),
        kinds=_choices({value: str(label) for value, label in QueryKind.choices}, asked.kind),
        origins=_choices({**words.ORIGINS, OFF: "Switched off"}, asked.origin),
        summary=_summary(len(found), len(every)),
        may_design=may_design(actor),
        next_page_href=asked.href(asked.page + 1) if len(found) > start + PAGE_ROWS else "",
        previous_page_href=asked.href(asked.page - 1) if asked.page > 1 else "",
    )
    context = {
        "page": page,
        "days": COUNTED_DAYS,
        "tabs": query_tabs(actor.role, client.slug, "templates"),
    }
    return render(request, "cdi_queries/templates.html", context)


def _asked(query: Mapping[str, str]) -> Asked:
    page = query.get("page", "")
    return Asked(
        text=" ".join(query.get("q", "").split())[:80],
        area=_known(query.get("area", ""), AREAS),
        kind=_known(query.get("kind", ""), QueryKind.values),
        origin=_known(query.get("origin", ""), (*words.ORIGINS, OFF)),
        page=int(page) if page.isdecimal() and 0 < len(page) < 4 and int(page) else 1,
    )


def _known(value: str, known: Mapping[str, str] | tuple[str, ...] | list[str]) -> str:
    return value if value in known else ""


def _choices(labels: Mapping[str, str], selected: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, label, value == selected) for value, label in labels.items())


def _summary(found: int, every: int) -> str:
    return f"{every} templates" if found == every else f"{found} of {every} templates"


def _row(base: str, kept: Kept, sent: Mapping[str, int]) -> TemplateRow:
    template = kept.template
    return TemplateRow(
        href=f"{base}{template.key}/",
        name=template.name,
        area=AREAS[template.area],
        kind=words.kind_words(template),
        gap=GAPS[template.gap],
        origin=words.ORIGINS["own" if template.is_own else "library"],
        version=str(template.version),
        sent=str(sent.get(template.key, 0)),
        is_off=not kept.is_active,
    )
