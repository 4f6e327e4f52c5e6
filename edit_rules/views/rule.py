"""One rule: what it says, its versions, changing it without code, switching it off and on."""

from __future__ import annotations

import uuid
from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from coding_ops.core.errors import Conflict, InvalidInput, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.web.client_pages import client_of, for_client, moment, today_of
from coding_ops.web.http import is_partial, leave
from coding_ops.web.middleware import actor_of
from edit_rules.access import EDITORS, REVIEWERS, find_rule, require_editor
from edit_rules.actions.rules import create_rule, save_version, switch_rule
from edit_rules.forms import Draft, changed, draft_from, draft_of, read_conditions, read_draft, shown_day
from edit_rules.models import EditRule, EditRuleVersion
from edit_rules.rules.apply import Overlay
from edit_rules.rules.builtin import BUILT_IN
from edit_rules.rules.content import Content
from edit_rules.rules.words import explain
from edit_rules.selectors.contents import content_of
from edit_rules.selectors.dry_run import dry_run
from edit_rules.selectors.listing import Counts, Kind, Standing, counts_of, standing_of, versions_of
from edit_rules.selectors.overlays import cited
from edit_rules.views import words
from edit_rules.views.dto import ConflictPage, Fields, RulePage, VersionRow
from edit_rules.views.form_view import EXAMPLES, form_view
from edit_rules.views.listing import base_href

SAVE, TRY, WORDS = "save", "try", "words"


@require_http_methods(["GET", "POST"])
@for_client
def new(request: HttpRequest) -> HttpResponse:
    """A rule of one's own, or the level of an edit (``?builtin=``)."""
    actor, client = actor_of(request), client_of(request)
    require_editor(actor)
    if request.method == "GET":
        asked = request.GET.get("builtin", "")
        draft = Draft(builtin=asked if asked in BUILT_IN else "", effective_from=shown_day(today_of(request)))
        if not draft.builtin:
            draft, _ = changed(draft, "add-group:lines")
        return _form(request, None, draft)
    draft = draft_from(request.POST)
    if request.POST.get("do", SAVE) != SAVE:
        return _steps(request, None, draft)
    read = read_draft(draft)
    if read.content is None:
        return _form(request, None, draft, errors=read.errors)
    try:
        rule = create_rule(
            actor=actor,
            client_id=client.id,
            builtin=draft.builtin,
            payer_name=draft.payer,
            content=read.content,
            reason=draft.reason,
        )
    except InvalidInput as error:
        return _form(request, None, draft, errors=error.details["fields"])
    messages.success(request, f"Rule {rule.number} is saved.")
    return leave(request, f"{base_href(client.slug)}{rule.pk}/")


@require_http_methods(["GET", "POST"])
@for_client
def rule(request: HttpRequest, rule_id: uuid.UUID) -> HttpResponse:
    """What the rule says and said; for who may, the form of its next version."""
    actor, client = actor_of(request), client_of(request)
    found = find_rule(actor=actor, client_id=client.id, rule_id=rule_id)
    if request.method == "GET":
        return _page(request, found)
    require_editor(actor)
    draft = replace(draft_from(request.POST), builtin=found.builtin, payer=found.payer_name)
    if request.POST.get("do", SAVE) != SAVE:
        return _steps(request, found, draft)
    read = read_draft(draft)
    if read.content is None:
        return _form(request, found, draft, errors=read.errors)
    try:
        save_version(
            actor=actor,
            client_id=client.id,
            rule_id=found.pk,
            base_version=draft.base_version,
            content=read.content,
            reason=draft.reason,
        )
    except Conflict as error:
        return _conflict(request, found, draft, read.content, error)
    except (InvalidInput, Refused) as error:
        return _form(request, found, draft, errors=error.details.get("fields") or {"": error.message})
    messages.success(request, f"Version {found.version_count + 1} is saved.")
    return leave(request, f"{base_href(client.slug)}{found.pk}/")


@require_POST
@for_client
def switch(request: HttpRequest, rule_id: uuid.UUID) -> HttpResponse:
    """Off from today, or on again, with a reason."""
    actor, client = actor_of(request), client_of(request)
    found = find_rule(actor=actor, client_id=client.id, rule_id=rule_id)
    base = request.POST.get("base_version", "0")
    on = request.POST.get("to") == "on"
    try:
        switch_rule(
            actor=actor,
            client_id=client.id,
            rule_id=found.pk,
            base_version=int(base) if base.isdecimal() and len(base) < 9 else 0,
            on=on,
            reason=request.POST.get("why", ""),
            today=today_of(request),
        )
    except (InvalidInput, Refused, Conflict) as error:
        fields = error.details.get("fields", {})
        # What the rule itself lacks is put right in its form, not beside the switch.
        shown = {"why" if name == "reason" else name: message for name, message in fields.items()}
        return _page(request, found, errors=shown or {"why": error.message}, status=error.http_status)
    messages.success(request, f"Rule {found.number} is {'on' if on else 'off'} from today.")
    return leave(request, f"{base_href(client.slug)}{found.pk}/")


def _steps(request: HttpRequest, found: EditRule | None, draft: Draft) -> HttpResponse:
    """Anything but saving: a row or group more or less, the words, a try on finished charts."""
    act = request.POST.get("do", "")
    conditions, _ = read_conditions(draft)
    if act == WORDS and is_partial(request):
        told = explain(conditions, draft.payer) if conditions is not None else ""
        return render(request, "edit_rules/_words.html", {"words": told})
    if act == TRY:
        read = read_draft(draft)
        if read.content is None:
            return _form(request, found, draft, errors=read.errors)
        return _form(request, found, draft, tried=_tried(request, draft, read.content))
    draft, focus = changed(draft, act)
    return _form(request, found, draft, focus=focus, status=200)


def _tried(request: HttpRequest, draft: Draft, content: Content) -> str:
    overlay = Overlay(
        number=0,
        version=0,
        name=content.name,
        level=content.level,
        conditions=content.conditions,
        effective_from=0,
        payer=draft.payer,
        builtin=draft.builtin,
        per_line=content.per_line,
    )
    return dry_run(client_of(request).id, overlay).words


def _form(
    request: HttpRequest,
    found: EditRule | None,
    draft: Draft,
    *,
    errors: dict[str, str] | None = None,
    tried: str = "",
    focus: str = "",
    status: int = 0,
) -> HttpResponse:
    """The form alone for a script that asked for a step, else its whole page."""
    base = base_href(client_of(request).slug)
    href = f"{base}{found.pk}/" if found else f"{base}new/"
    form = form_view(draft, href, is_new=found is None, tried=tried, focus=focus)
    context = {"form": form, "words": form.words, "errors": errors or {}, "examples": EXAMPLES}
    status = status or (422 if errors else 200)
    if is_partial(request):
        return render(request, "edit_rules/_form.html", context, status=status)
    if found is None:
        return render(request, "edit_rules/new.html", context | {"list_href": base}, status=status)
    return _page(request, found, draft=draft, errors=errors, tried=tried, focus=focus, status=status)


def _page(
    request: HttpRequest,
    found: EditRule,
    *,
    draft: Draft | None = None,
    errors: dict[str, str] | None = None,
    tried: str = "",
    focus: str = "",
    status: int = 200,
) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    versions = versions_of(found)
    newest = versions[0]
    standing = standing_of(newest, today_of(request))
    if not actor.is_vendor and standing is not Standing.ON:
        raise NotFound
    base = base_href(client.slug)
    page = RulePage(
        list_href=base,
        switch_href=f"{base}{found.pk}/switch/",
        is_off=standing is Standing.OFF,
        fields=_fields(request, newest, standing),
        versions=_history(actor, versions, client.timezone),
        may_edit=actor.role in EDITORS,
        base_version=newest.number,
    )
    if draft is None:
        content = content_of(newest)
        draft = draft_of(content, builtin=found.builtin, payer=found.payer_name, base_version=newest.number)
    form = form_view(draft, f"{base}{found.pk}/", is_new=False, tried=tried, focus=focus)
    context = {"page": page, "form": form, "words": form.words, "errors": errors or {}, "examples": EXAMPLES}
    return render(request, "edit_rules/rule.html", context, status=status)


def _fields(request: HttpRequest, version: EditRuleVersion, standing: Standing) -> Fields:
    actor, client, rule = actor_of(request), client_of(request), version.rule
    counts: tuple[tuple[str, str, str], ...] = ()
    if actor.is_vendor:
        told = counts_of(client.id, [rule.pk], timezone.now()).get(rule.pk, Counts())
        href = f"{base_href(client.slug)}{rule.pk}/findings/?kind=" if actor.role in REVIEWERS else ""
        counts = tuple(
            (words.KINDS[kind], str(getattr(told, kind.value)), f"{href}{kind.value}" if href else "")
            for kind in Kind
        )
    return Fields(
        heading=version.name,
        number=str(rule.number),
        what=words.what(rule.builtin),
        payer=rule.payer_name or "Every payer",
        level=words.level(version.level),
        tone=words.TONES[version.level],
        standing=words.STANDINGS[standing],
        days=words.days(version.effective_from, version.effective_to),
        words=words.applies(version) + (", line by line" if version.per_line else ""),
        message=version.message,
        satisfy=version.satisfy,
        citation=cited(version.citation, version.citation_on),
        bypass=", ".join(version.bypass),
        counts=counts,
    )


def _history(actor: Actor, versions: list[EditRuleVersion], zone: str) -> tuple[VersionRow, ...]:
    """Newest first. A client's people read what holds, not who of the vendor's changed it and why."""
    if not actor.is_vendor:
        return ()
    contents = [content_of(one) for one in versions]
    return tuple(
        VersionRow(
            number=version.number,
            made=f"{version.made_by.full_name}, {moment(version.made_at, zone)}",
            level=words.level(version.level),
            tone=words.TONES[version.level],
            days=words.days(version.effective_from, version.effective_to),
            reason=version.reason,
            changes=words.differences(contents[at + 1], contents[at], version.rule.payer_name)
            if at + 1 < len(versions)
            else (),
        )
        for at, version in enumerate(versions)
    )


def _conflict(
    request: HttpRequest, found: EditRule, draft: Draft, mine: Content, error: Conflict
) -> HttpResponse:
    """409 with both versions: what was saved meanwhile, what this person wanted, field by field."""
    client = client_of(request)
    newest = versions_of(found)[0]
    made = f"{newest.made_by.full_name}, {moment(newest.made_at, client.timezone)}"
    page = ConflictPage(
        message=error.message,
        saved_heading=f"Version {newest.number}, saved by {made}",
        changes=words.differences(content_of(newest), mine, found.payer_name),
        rule_href=f"{base_href(client.slug)}{found.pk}/",
        fields=tuple(draft.fields),
        newest=newest.number,
    )
    return render(request, "edit_rules/conflict.html", {"page": page}, status=409)
