"""From denials that come back to a rule that would have stopped them: a draft, switched off."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.db import transaction

from claims.access.roles import LEADERS
from claims.actions.steps import locked_denial
from claims.models import BillingProfile, Denial, RootCause
from claims.rules.category_words import CATEGORY_WORDS
from claims.selectors.denial_list import repeats_of
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, NotAllowed, Refused
from coding_ops.tenancy.actor import Actor
from edit_rules.actions.rules import create_rule
from edit_rules.models import EditRule
from edit_rules.rules.apply import Level
from edit_rules.rules.conditions import About, Condition, Conditions, Group, Join
from edit_rules.rules.content import Content
from edit_rules.rules.facts import Op

RULE_CAUSES: Final = (RootCause.CODING, RootCause.EDIT_MISSING, RootCause.EVIDENCE)
"""Causes that an edit before billing can stop."""
LOOK_BACK_DAYS: Final = 180
_WHOLE_CLAIM: Final = "This rule needs a service line: the denial is of the claim as a whole."


def least_repeats(client_id: int) -> int:
    """So many denials of one cause make it one to stop: the client's own term, the model's default else."""
    found = (
        BillingProfile.objects.filter(client_id=client_id).values_list("systemic_count", flat=True).first()
    )
    default: int = BillingProfile._meta.get_field("systemic_count").default
    return default if found is None else found


def rule_of(denial: Denial) -> EditRule | None:
    """The rule that was proposed from denials like this one."""
    found: EditRule | None = EditRule.objects.filter(
        client_id=denial.client_id, name=_name(denial), payer_name=_payer(denial)
    ).first()
    return found


@transaction.atomic
def propose_rule(*, actor: Actor, denial: Denial, today: date) -> EditRule:
    """A draft edit rule of the payer and service, switched off until somebody completes and switches it on.

    Raises:
        NotAllowed: no leader.
        Refused: no service line, a cause no edit can stop, or too few denials of this cause.
        Conflict: such a rule is there already.
    """
    if actor.role not in LEADERS:
        raise NotAllowed("A leader proposes rules.", code="denial.leader")
    row = locked_denial(denial)
    if not row.service_code:
        raise Refused(_WHOLE_CLAIM, code="denial.no_line")
    if row.root_cause not in RULE_CAUSES:
        raise Refused("An edit cannot stop what caused this denial.", code="denial.no_edit_cause")
    count, _ = repeats_of(row, today - timedelta(days=LOOK_BACK_DAYS))
    least = least_repeats(row.client_id)
    if count < least:
        raise Refused(f"{count} of {least} denials of this cause are recorded.", code="denial.too_few")
    if (there := rule_of(row)) is not None:
        raise Conflict(f"Rule {there.number} was proposed for it already.", code="denial.rule_there")
    rule = create_rule(
        actor=actor,
        client_id=row.client_id,
        builtin="",
        payer_name=_payer(row),
        content=_content(row, count, today),
        reason=f"{count} denials of one cause in {LOOK_BACK_DAYS} days",
    )
    record_event(
        actor=actor,
        verb=Verb.DENIAL_RULE_PROPOSED,
        subject=row,
        facts={"rule": rule.number, "denials": count, "carc": row.carc, "code": row.service_code},
    )
    return rule


def _name(denial: Denial) -> str:
    return f"Denied {denial.group_code} {denial.carc}: {denial.service_code}".replace("  ", " ")


def _payer(denial: Denial) -> str:
    return " ".join(denial.payer.name.split()) if denial.payer else ""


def _content(denial: Denial, count: int, today: date) -> Content:
    code = Condition("code", Op.IS, (denial.service_code,))
    kind = CATEGORY_WORDS[denial.category].lower()
    return Content(
        name=_name(denial),
        level=Level.OFF,
        conditions=Conditions(groups=(Group(About.ANY_LINE, Join.ALL, (code,)),)),
        effective_from=today,
        per_line=True,
        message=f"Line {{line}}: {{payer}} denied {{code}} {count} times for one cause ({kind}).",
        satisfy="Check the line against the payer's policy before it is billed.",
        citation=f"Remittances of the payer: {denial.group_code} {denial.carc}, {count} denials",
        citation_on=denial.received_on,
    )
