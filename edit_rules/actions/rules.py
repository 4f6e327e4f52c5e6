"""Saving a rule: each save is a version of its own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from edit_rules.access import require_editor
from edit_rules.models import EditRule, EditRuleVersion
from edit_rules.rules.apply import Level
from edit_rules.rules.content import LEAST_REASON, MOST_SENTENCE, Content, problems_of
from edit_rules.rules.exchange import read_rules
from edit_rules.selectors.contents import carried_rules, content_of


@transaction.atomic
def create_rule(
    *, actor: Actor, client_id: int, builtin: str, payer_name: str, content: Content, reason: str
) -> EditRule:
    """A rule with its first version, under the client's next number.

    Raises:
        InvalidInput: ``details["fields"]`` says what is wrong, by field.
        NotAllowed, NotFound: the person may not change rules.
    """
    require_editor(actor)
    payer_name, reason = " ".join(payer_name.split()), reason.strip()
    _refuse_problems(problems_of(content, builtin=builtin, payer=payer_name, reason=reason))
    # Two people who make a rule at once get two numbers.
    Client.objects.select_for_update(no_key=True).get(pk=client_id)
    last = EditRule.objects.filter(client_id=client_id).aggregate(last=Max("number"))["last"] or 0
    rule: EditRule = EditRule.objects.create(
        client_id=client_id,
        number=last + 1,
        payer_name=payer_name,
        builtin=builtin,
        name=content.name,
        level=content.level.value,
        version_count=1,
        created_by_id=actor.person_id,
    )
    _add_version(actor, rule, content, reason)
    _record(actor, Verb.EDIT_RULE_CREATED, rule, content, reason)
    return rule


@transaction.atomic
def import_rules(*, actor: Actor, client_id: int, text: str, reason: str) -> list[EditRule]:
    """Rules of another client as rules of this one, under its next numbers: all or none.

    Each is a rule made, with its own event.  One that this client has already, word for word, is left out.

    Raises:
        InvalidInput: what is wrong, with its path; nothing is saved.
        NotAllowed, NotFound: the person may not change rules.
    """
    require_editor(actor)
    reason = reason.strip()
    if not LEAST_REASON <= len(reason) <= MOST_SENTENCE:
        words = f"Say in up to {MOST_SENTENCE} characters why the rules are imported."
        raise InvalidInput(words, code="edit_rule.invalid", details={"fields": {"reason": words}})
    known = {(one.builtin, one.payer, one.content) for one in carried_rules(client_id)}
    return [
        create_rule(
            actor=actor,
            client_id=client_id,
            builtin=one.builtin,
            payer_name=one.payer,
            content=one.content,
            reason=reason,
        )
        for one in dict.fromkeys(read_rules(text, reason))
        if (one.builtin, one.payer, one.content) not in known
    ]


@transaction.atomic
def save_version(
    *, actor: Actor, client_id: int, rule_id: uuid.UUID, base_version: int, content: Content, reason: str
) -> EditRule:
    """The rule's next version.

    Args:
        base_version: the version the person began from.

    Raises:
        Conflict: somebody saved another version since.
        InvalidInput: ``details["fields"]`` says what is wrong, by field.
        Refused: nothing differs from the version before.
    """
    require_editor(actor)
    rule, newest = _locked(client_id, rule_id, base_version)
    reason = reason.strip()
    _refuse_problems(problems_of(content, builtin=rule.builtin, payer=rule.payer_name, reason=reason))
    if content == content_of(newest):
        raise Refused("Nothing was changed, so no version was saved.", code="edit_rule.unchanged")
    _next(rule, content)
    _add_version(actor, rule, content, reason)
    _record(actor, Verb.EDIT_RULE_CHANGED, rule, content, reason)
    return rule


@transaction.atomic
def switch_rule(
    *,
    actor: Actor,
    client_id: int,
    rule_id: uuid.UUID,
    base_version: int,
    on: bool,
    reason: str,
    today: date,
) -> EditRule:
    """Off from today, or on again at the level it had before.

    Raises:
        Conflict: somebody saved another version since.
        Refused: it is so already, or it never had another level to go back to.
    """
    require_editor(actor)
    rule, newest = _locked(client_id, rule_id, base_version)
    content = content_of(newest)
    if on is (content.level is not Level.OFF):
        raise Refused(f"The rule is {'on' if on else 'off'} already.", code="edit_rule.switched")
    level = _level_before(rule) if on else Level.OFF
    ends = content.effective_to
    content = replace(
        content,
        level=level,
        effective_from=today,
        effective_to=ends if ends is not None and ends >= today else None,
    )
    reason = reason.strip()
    _refuse_problems(problems_of(content, builtin=rule.builtin, payer=rule.payer_name, reason=reason))
    _next(rule, content)
    _add_version(actor, rule, content, reason)
    verb = Verb.EDIT_RULE_SWITCHED_ON if on else Verb.EDIT_RULE_SWITCHED_OFF
    _record(actor, verb, rule, content, reason)
    return rule


def _locked(client_id: int, rule_id: uuid.UUID, base_version: int) -> tuple[EditRule, EditRuleVersion]:
    rule = EditRule.objects.select_for_update(of=("self",)).filter(client_id=client_id, pk=rule_id).first()
    if rule is None:
        raise NotFound
    if rule.version_count != base_version:
        raise Conflict(
            f"Version {rule.version_count} was saved while you worked on version {base_version}. "
            "Yours was not saved.",
            code="edit_rule.stale",
        )
    newest = EditRuleVersion.objects.get(client_id=client_id, rule=rule, number=rule.version_count)
    return rule, newest


def _level_before(rule: EditRule) -> Level:
    version = (
        EditRuleVersion.objects.filter(client_id=rule.client_id, rule=rule)
        .exclude(level=Level.OFF.value)
        .order_by("-number")
        .first()
    )
    if version is None:
        raise Refused(
            "It was never on: choose a level on its page and save a version.", code="edit_rule.never_on"
        )
    return Level(version.level)


def _next(rule: EditRule, content: Content) -> None:
    rule.version_count += 1
    rule.name, rule.level = content.name, content.level.value
    rule.save(update_fields=["version_count", "name", "level"])


def _add_version(actor: Actor, rule: EditRule, content: Content, reason: str) -> None:
    EditRuleVersion.objects.create(
        client_id=rule.client_id,
        rule=rule,
        number=rule.version_count,
        name=content.name,
        conditions=content.conditions.body(),
        level=content.level.value,
        per_line=content.per_line,
        message=content.message,
        satisfy=content.satisfy,
        citation=content.citation,
        citation_on=content.citation_on,
        bypass=list(content.bypass),
        effective_from=content.effective_from,
        effective_to=content.effective_to,
        made_by_id=actor.person_id,
        reason=reason,
    )


def _record(actor: Actor, verb: Verb, rule: EditRule, content: Content, reason: str) -> None:
    record_event(
        actor=actor,
        verb=verb,
        subject=rule,
        reason=reason,
        facts={
            "rule": rule.number,
            "version": rule.version_count,
            "level": content.level.value,
            "effective_from": content.effective_from.isoformat(),
        },
    )


def _refuse_problems(fields: Mapping[str, str]) -> None:
    if fields:
        details: dict[str, Any] = {"fields": dict(fields)}
        raise InvalidInput(" ".join(fields.values()), code="edit_rule.invalid", details=details)
