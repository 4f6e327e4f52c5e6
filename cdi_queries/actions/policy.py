"""What is agreed with a client about its queries.  Clocks that run already keep what they began with."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from cdi_queries.access.queries import require_steward
from cdi_queries.models import QueryPolicy
from cdi_queries.selectors.policy import policy_of
from cdi_queries.selectors.setup import advisors_of
from cdi_queries.terms.policy import policy_bounds
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import InvalidInput
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client

HOURS_OF_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Agreed:
    """The whole policy; ``advisor_id`` None: nobody is named."""

    first_escalation_hours: int
    second_escalation_hours: int
    answer_hours: int
    expiry_days: int
    link_hours: int
    code_minutes: int
    retention_years: int
    is_part_of_record: bool
    advisor_id: int | None


@transaction.atomic
def set_policy(*, actor: Actor, client_id: int, agreed: Agreed) -> QueryPolicy:
    """Keeps what is agreed.

    Raises:
        NotFound, NotAllowed: not one who keeps queries.
        InvalidInput: ``details["fields"]`` says what is wrong, by field.
    """
    require_steward(actor)
    problems = _problems(client_id, agreed)
    if problems:
        raise InvalidInput(
            "The policy was not saved.", code="query_policy.invalid", details={"fields": problems}
        )
    # Two first savings at once must not make two rows.
    Client.objects.select_for_update(no_key=True).get(pk=client_id)
    policy = policy_of(client_id)
    names = [*policy_bounds(), "is_part_of_record", "advisor_id"]
    changed = {
        name: [getattr(policy, name), getattr(agreed, name)]
        for name in names
        if getattr(policy, name) != getattr(agreed, name)
    }
    if not changed and not policy._state.adding:
        return policy
    for name in names:
        setattr(policy, name, getattr(agreed, name))
    policy.save()
    record_event(actor=actor, verb=Verb.QUERY_POLICY_CHANGED, subject=policy, facts={"changed": changed})
    return policy


def _problems(client_id: int, agreed: Agreed) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, (least, most) in policy_bounds().items():
        if not least <= getattr(agreed, name) <= most:
            found[name] = f"Write a whole number from {least} to {most}."
    if found:
        return found
    if agreed.second_escalation_hours <= agreed.first_escalation_hours:
        found["second_escalation_hours"] = "The second escalation comes after the first."
    if agreed.expiry_days * HOURS_OF_A_DAY < agreed.second_escalation_hours:
        found["expiry_days"] = "A question runs out after its second escalation, not before."
    if agreed.advisor_id is not None and not advisors_of(client_id).filter(pk=agreed.advisor_id).exists():
        found["advisor"] = "Choose somebody who works for this client."
    return found
