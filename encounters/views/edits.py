"""Findings of the edits: letting one stand, taking that back, choosing the releases that count."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from code_sets.rules.entries import with_dot
from coding_ops.core.errors import Conflict, DomainError, NotFound, Refused
from coding_ops.web.client_pages import for_client
from coding_ops.web.http import is_partial, leave, show
from coding_ops.web.middleware import actor_of
from encounters.access import require_coder
from encounters.actions.overrides import Statement, override_finding, use_releases_in_force, withdraw_override
from encounters.models import OverrideReason
from encounters.rules.edit_bypass import SEPARATE
from encounters.rules.edit_findings import EditFinding
from encounters.rules.edit_policy import Evidence
from encounters.selectors.edits import policy
from encounters.views.chart_page import Chart, banner_of, row_of_finding
from encounters.views.codes import changed, changing, posted_evidence
from encounters.views.doors import conflict_answer, opened, to_change
from encounters.views.dto import VerbForm
from encounters.views.edit_dto import OverrideForm, ReasonChoice

FIELDS = {"override.reason": "o-reason", "override.note": "o-note"}


@require_http_methods(["GET", "POST"])
def override(request: HttpRequest, **kwargs: object) -> HttpResponse:
    """GET: the form.  POST: ``reason``, ``note``, ``evidence`` with ``quote``, or ``lines``."""
    return (_show if request.method == "GET" else _save)(request, **kwargs)


@for_client
def _show(request: HttpRequest, encounter_id: uuid.UUID, key: str) -> HttpResponse:
    if not actor_of(request).is_vendor:
        raise NotFound  # a finding of the working set, which is shown to nobody outside
    chart = opened(request, encounter_id)
    require_coder(chart.open)
    return _form(request, chart, key)


@changing
def _save(request: HttpRequest, encounter_id: uuid.UUID, key: str) -> HttpResponse:
    actor, encounter, fence = to_change(request, encounter_id)
    try:
        words = posted_evidence(request, encounter)
        statement = Statement(
            reason=request.POST.get("reason", ""),
            note=request.POST.get("note", ""),
            words=words[0] if words else None,
        )
        row = override_finding(actor=actor, encounter=encounter, fence=fence, key=key, statement=statement)
    except (Conflict, NotFound):
        raise
    except DomainError as error:
        if error.code in ("override.twice", "override.role"):
            raise
        chart = opened(request, encounter_id, request.POST.get("version", ""))
        return _form(request, chart, key, {FIELDS.get(error.code, "o-words"): error.message})
    said = "Recorded" if row.rule == SEPARATE else "Overridden"
    return changed(
        request, encounter_id, f"{said}: {OverrideReason(row.reason).label}.", active=_active(request)
    )


def _active(request: HttpRequest) -> str:
    """The code the finding stands beside, as the form named it."""
    key = request.POST.get("code", "")
    return key if key.removeprefix("S").isdecimal() and len(key) < 4 else ""


def _form(request: HttpRequest, chart: Chart, key: str, errors: dict[str, str] | None = None) -> HttpResponse:
    finding = chart.edits.find(key)
    if finding is None:
        raise NotFound
    if not finding.blocks or not finding.terms.may_stand:
        raise Refused("This finding stands already, or it can only be mended.", code="override.twice")
    posted, terms = request.POST, finding.terms
    form = OverrideForm(
        finding=row_of_finding(chart, finding),
        chart_href=chart.href,
        code=_code_of(chart, finding),
        fence=chart.open.item.fence if chart.open.item else 0,
        version=str(chart.version.pk) if chart.version else "",
        reasons=tuple(
            ReasonChoice(
                reason,
                str(OverrideReason(reason).label),
                reason == posted.get("reason") or len(terms.reasons) == 1,
            )
            for reason in terms.reasons
        ),
        note=posted.get("note", ""),
        explanation=max((policy().least_explanation(terms, reason) for reason in terms.reasons), default=0),
        takes_words=terms.evidence is not Evidence.NONE,
        needs_words=terms.evidence is Evidence.REQUIRED,
        evidence=posted.get("evidence", ""),
        quote=posted.get("quote", ""),
        lines=posted.get("lines", ""),
        errors=errors or {},
    )
    status = 422 if errors else 200
    context = {"form": form, "say": "; ".join((errors or {}).values())}
    return show(request, "workbench/override.html", "workbench/_override.html", context, status=status)


def _code_of(chart: Chart, finding: EditFinding) -> str:
    if not finding.assignments:
        return ""
    return chart.keys.get(uuid.UUID(finding.assignments[0]), "")


@changing
def withdraw(request: HttpRequest, encounter_id: uuid.UUID, override_id: uuid.UUID) -> HttpResponse:
    """Takes an override back: the finding asks again."""
    actor, encounter, fence = to_change(request, encounter_id)
    row = withdraw_override(actor=actor, encounter=encounter, fence=fence, override_id=str(override_id))
    shown = ", ".join(with_dot(code) if row.rule.startswith("icd.") else code for code in row.codes)
    return changed(
        request, encounter_id, f"Override withdrawn: {shown or row.rule}.", active=_active(request)
    )


# --- releases -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@for_client
def releases(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``text``: why the releases in force for the day shall count in place of those of the final version."""
    if not actor_of(request).is_vendor:
        raise NotFound
    if request.method == "GET":
        chart = opened(request, encounter_id)
        require_coder(chart.open)
        return _releases_form(request, chart, "")
    try:
        actor, encounter, fence = to_change(request, encounter_id)
        reason = request.POST.get("text", "")
        use_releases_in_force(actor=actor, encounter=encounter, fence=fence, reason=reason)
    except Conflict as error:
        return conflict_answer(request, encounter_id, error, (request.POST.get("text", ""),))
    except Refused as error:
        return _releases_form(request, opened(request, encounter_id), error.message)
    return leave(request, opened(request, encounter_id).href)


def _releases_form(request: HttpRequest, chart: Chart, problem: str) -> HttpResponse:
    pinned = chart.open.encounter.pinned_releases or {"tables": {}}
    named = ", ".join(f"{name} {release}" for name, release in sorted(pinned["tables"].items()) if release)
    form = VerbForm(
        name="edits/releases",
        heading="Use the releases in force for the day",
        lead=f"The edits of this chart run under those of its final version: {named or 'none'}."
        " From now on those loaded today count; the next final version is pinned to them.",
        chart_href=chart.href,
        fence=chart.open.item.fence if chart.open.item else 0,
        submit="Use them",
        banner=banner_of(chart.open.encounter),
        text=request.POST.get("text", ""),
        errors={"text": problem} if problem else {},
    )
    template = "workbench/_verb_dialog.html" if is_partial(request) else "workbench/verb.html"
    return show(request, template, template, {"form": form}, status=422 if problem else 200)
