"""The designer: a template begun anew, copied, or changed into its next version; linted as it is typed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from cdi_queries.access.templates import require_designer
from cdi_queries.actions.templates import create_template, save_template
from cdi_queries.rules.template_lint import as_saved, lint_template
from cdi_queries.selectors.template_use import versions_of
from cdi_queries.selectors.templates import template_of
from cdi_queries.terms.lint import lexicon, wording
from cdi_queries.views.tabs import query_tabs
from cdi_queries.views.templates import words
from cdi_queries.views.templates.draft import TemplateDraft, changed, draft_from, draft_of, template_of_draft
from cdi_queries.views.templates.dto import ConflictPage
from cdi_queries.views.templates.form_view import form_view
from cdi_queries.views.templates.listing import templates_href
from coding_ops.core.errors import Conflict, InvalidInput, Refused
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.http import is_partial, leave
from coding_ops.web.middleware import actor_of

SAVE, CHECK = "save", "check"


@dataclass(frozen=True, slots=True)
class Place:
    """Which form this is: of a key, or of a new template where the key is empty."""

    key: str
    href: str
    back_href: str


@require_http_methods(["GET", "POST"])
@for_client
def new(request: HttpRequest) -> HttpResponse:
    """A template of one's own; ``?copy=`` begins with another's words."""
    actor, client = actor_of(request), client_of(request)
    require_designer(actor)
    base = templates_href(client.slug)
    place = Place("", f"{base}new/", base)
    if request.method == "GET":
        asked = request.GET.get("copy", "")
        draft = TemplateDraft()
        if asked:
            draft = replace(draft_of(template_of(client.id, asked)), name="", base_version=0)
        return _form(request, place, draft)
    draft = draft_from(request.POST)
    if request.POST.get("do", SAVE) != SAVE:
        return _step(request, place, draft)
    made = template_of_draft(draft)
    try:
        saved = create_template(actor=actor, client_id=client.id, template=made, reason=draft.reason)
    except InvalidInput as error:
        return _form(request, place, draft, errors=error.details["fields"])
    messages.success(request, "The template is saved as version 1 and offered to authors.")
    return leave(request, f"{base}{saved.content['key']}/")


@require_http_methods(["GET", "POST"])
@for_client
def change(request: HttpRequest, template_key: str) -> HttpResponse:
    """The next version of a template; ``?version=`` begins with an older one's words."""
    actor, client = actor_of(request), client_of(request)
    require_designer(actor)
    base = templates_href(client.slug)
    place = Place(template_key, f"{base}{template_key}/change/", f"{base}{template_key}/")
    newest = template_of(client.id, template_key)
    if request.method == "GET":
        asked = request.GET.get("version", "")
        begun = (
            template_of(client.id, template_key, int(asked))
            if asked.isdecimal() and len(asked) < 5
            else newest
        )
        return _form(request, place, replace(draft_of(begun), base_version=newest.version))
    draft = draft_from(request.POST)
    if request.POST.get("do", SAVE) != SAVE:
        return _step(request, place, draft)
    made = template_of_draft(draft)
    try:
        saved = save_template(
            actor=actor,
            client_id=client.id,
            key=template_key,
            base_version=draft.base_version,
            template=made,
            reason=draft.reason,
        )
    except Conflict as error:
        return _conflict(request, place, draft, error)
    except (InvalidInput, Refused) as error:
        return _form(request, place, draft, errors=error.details.get("fields") or {"": error.message})
    messages.success(request, f"Version {saved.number} is saved. Queries already sent keep their words.")
    return leave(request, place.back_href)


def _step(request: HttpRequest, place: Place, draft: TemplateDraft) -> HttpResponse:
    """Anything but saving: a section more, less or elsewhere; what the lint says now.  Nothing is kept."""
    act = request.POST.get("do", "")
    if act == CHECK and is_partial(request):
        return render(request, "cdi_queries/_template_checked.html", _checked(place, draft))
    draft, focus = changed(draft, act)
    return _form(request, place, draft, focus=focus)


def _checked(place: Place, draft: TemplateDraft) -> dict[str, object]:
    made = as_saved(template_of_draft(draft), wording())
    findings = lint_template(made, wording(), lexicon()) if made.sections else []
    return {"findings": words.finding_rows(made, findings), "question": words.preview(made)}


def _form(
    request: HttpRequest,
    place: Place,
    draft: TemplateDraft,
    *,
    errors: dict[str, str] | None = None,
    focus: str = "",
) -> HttpResponse:
    """The form alone for a script that asked for a step, else its whole page."""
    checked = _checked(place, draft)
    form = form_view(draft, place.href, place.back_href, is_new=not place.key, focus=focus)
    # The lint shows its errors in its own list; at the top of the form one line leads there.
    shown = {("findings" if name == "lint" else name): told for name, told in (errors or {}).items()}
    context = {"form": form, "errors": shown, **checked}
    status = 422 if errors else 200
    if is_partial(request):
        return render(request, "cdi_queries/_template_form.html", context, status=status)
    client = client_of(request)
    context |= {"tabs": query_tabs(actor_of(request).role, client.slug, "templates")}
    return render(request, "cdi_queries/template_design.html", context, status=status)


def _conflict(request: HttpRequest, place: Place, draft: TemplateDraft, error: Conflict) -> HttpResponse:
    """409 with both: what was saved meanwhile, what this person wanted, field by field."""
    client = client_of(request)
    newest = versions_of(client.id, place.key)[0]
    made = f"{newest.by}, {moment(newest.at, client.timezone)}" if newest.at else "the library"
    mine = as_saved(template_of_draft(draft), wording())
    page = ConflictPage(
        message=error.message,
        saved_heading=f"Version {newest.template.version}, saved by {made}",
        changes=words.differences(newest.template, mine),
        page_href=place.back_href,
        form_href=place.href,
        newest=newest.template.version,
        fields=tuple(draft.fields),
    )
    context = {"page": page, "tabs": query_tabs(actor_of(request).role, client.slug, "templates")}
    return render(request, "cdi_queries/template_conflict.html", context, status=409)
