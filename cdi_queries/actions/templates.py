"""Saving a client's template: each save is a version of its own, and none is ever changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from cdi_queries.access.templates import require_designer
from cdi_queries.models import QueryTemplate, TemplateVersion
from cdi_queries.rules.template import Template, body_of, key_of
from cdi_queries.rules.template_lint import as_saved, lint_template, template_problems
from cdi_queries.selectors.templates import library, template_of
from cdi_queries.terms.lint import lexicon, wording
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client

LEAST_REASON, MOST_REASON = 5, 300
#: Addresses of the designer that a template may not take.
RESERVED = frozenset({"new", ""})


@transaction.atomic
def create_template(*, actor: Actor, client_id: int, template: Template, reason: str) -> TemplateVersion:
    """A template of the client's own with its first version; its key is made of its name.

    Raises:
        InvalidInput: ``details["fields"]`` says what is wrong, by field; nothing is saved.
        NotAllowed, NotFound: the person may not change templates.
    """
    require_designer(actor)
    _lock(client_id)
    key = key_of(template.name)
    fields = _problems(template, reason)
    own = QueryTemplate.objects.filter(client_id=client_id, key=key)
    if "name" not in fields and (key in RESERVED or key in library() or own.exists()):
        fields["name"] = "There is a template of this name: choose another, or change that one."
    _refuse(fields)
    return _add(actor, client_id, replace(template, key=key), number=1, reason=reason)


@transaction.atomic
def save_template(
    *, actor: Actor, client_id: int, key: str, base_version: int, template: Template, reason: str
) -> TemplateVersion:
    """The next version of a key; the first of a built-in one makes it the client's own.

    Args:
        base_version: the version the person began from.

    Raises:
        Conflict: somebody saved another version since; nothing is saved.
        InvalidInput: ``details["fields"]`` says what is wrong, by field.
        Refused: nothing differs from the version before.
        NotAllowed, NotFound: the person may not change templates, or there is none of this key.
    """
    require_designer(actor)
    _lock(client_id)
    newest = template_of(client_id, key)
    if newest.version != base_version:
        raise Conflict(
            f"Version {newest.version} was saved while you worked on version {base_version}. "
            "Yours was not saved.",
            code="query_template.stale",
        )
    _refuse(_problems(template, reason))
    saved = as_saved(replace(template, key=key), wording())
    if body_of(saved) == body_of(newest):
        raise Refused("Nothing was changed, so no version was saved.", code="query_template.unchanged")
    return _add(actor, client_id, saved, number=newest.version + 1, reason=reason)


@transaction.atomic
def switch_template(*, actor: Actor, client_id: int, key: str, on: bool, reason: str) -> QueryTemplate:
    """Offers a template to authors or not, built-in or own; queries already written keep their words.

    Raises:
        Refused: it is so already.
        InvalidInput: no reason.
        NotAllowed, NotFound: the person may not change templates, or there is none of this key.
    """
    require_designer(actor)
    _lock(client_id)
    template = template_of(client_id, key)
    _refuse(_reason_problem(reason))
    row = QueryTemplate.objects.filter(client_id=client_id, key=key).first()
    if on is (row is None or row.is_active):
        raise Refused(
            f"The template is {'offered' if on else 'switched off'} already.", code="query_template.switched"
        )
    if row is None:
        row = QueryTemplate(client_id=client_id, key=key, created_at=timezone.now())
    row.is_active = on
    row.save()
    record_event(
        actor=actor,
        verb=Verb.QUERY_TEMPLATE_SWITCHED_ON if on else Verb.QUERY_TEMPLATE_SWITCHED_OFF,
        subject=row,
        reason=reason.strip(),
        facts={"key": key, "version": template.version},
    )
    return row


def _lock(client_id: int) -> None:
    """Two people who save at once do it one after the other, also where there is no row yet."""
    if not Client.objects.select_for_update(no_key=True).filter(pk=client_id).exists():
        raise NotFound


def _add(actor: Actor, client_id: int, template: Template, *, number: int, reason: str) -> TemplateVersion:
    saved, now = as_saved(template, wording()), timezone.now()
    row, _ = QueryTemplate.objects.get_or_create(
        client_id=client_id, key=saved.key, defaults={"created_at": now}
    )
    findings = lint_template(saved, wording(), lexicon())
    version: TemplateVersion = TemplateVersion.objects.create(
        client_id=client_id,
        template=row,
        number=number,
        name=saved.name,
        content=body_of(saved),
        lint=[{"rule": one.rule, "severity": one.severity.value, "message": one.message} for one in findings],
        reason=reason.strip(),
        saved_by_id=actor.person_id,
        saved_at=now,
    )
    record_event(
        actor=actor,
        verb=Verb.QUERY_TEMPLATE_SAVED,
        subject=row,
        reason=reason.strip(),
        facts={"key": saved.key, "version": number, "warnings": len(findings)},
    )
    return version


def _problems(template: Template, reason: str) -> dict[str, str]:
    return template_problems(as_saved(template, wording()), wording(), lexicon()) | _reason_problem(reason)


def _reason_problem(reason: str) -> dict[str, str]:
    if LEAST_REASON <= len(reason.strip()) <= MOST_REASON:
        return {}
    return {"reason": f"Say why in {LEAST_REASON} to {MOST_REASON} characters."}


def _refuse(fields: Mapping[str, str]) -> None:
    if fields:
        details: dict[str, Any] = {"fields": dict(fields)}
        raise InvalidInput(" ".join(fields.values()), code="query_template.invalid", details=details)
