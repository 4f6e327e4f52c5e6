"""Making sampling plans and changing their terms: each change is a new version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client, Role
from qa_audit.access import require_planner, require_planner_of
from qa_audit.actions.gate import let_go_of_plan
from qa_audit.models import PlanVersion, SamplingPlan
from qa_audit.rules.plan_terms import parse_terms


@transaction.atomic
def create_plan(*, actor: Actor, client: Client, name: str, terms: Mapping[str, Any]) -> SamplingPlan:
    """A new plan with its first version.

    Raises:
        InvalidInput: no name, or a term that is wrong.
        Refused: the client has a plan of the name.
        NotAllowed: the person plans nothing here.
    """
    require_planner(actor)
    name = name.strip()
    if not name:
        raise InvalidInput("Give the plan a name.", code="plan.name", details={"path": "name"})
    if SamplingPlan.objects.filter(client_id=client.pk, name=name).exists():
        raise Refused("This client has a plan of this name already.", code="plan.name_taken")
    now = timezone.now()
    plan: SamplingPlan = SamplingPlan.objects.create(
        client_id=client.pk,
        name=name,
        is_client_run=actor.role == Role.CLIENT_ADMIN,
        active_since=now,
        created_by_id=actor.person_id,
        created_at=now,
    )
    _add_version(actor, plan, terms, "First version")
    return plan


@transaction.atomic
def revise_plan(
    *, actor: Actor, plan: SamplingPlan, seen_version: int, terms: Mapping[str, Any], reason: str
) -> PlanVersion:
    """New terms from now on; draws keep the version they were made under.

    Raises:
        Conflict: somebody changed the plan since ``seen_version``.
        Refused: no reason, or nothing changes.
    """
    require_planner_of(actor, plan)
    locked: SamplingPlan = SamplingPlan.objects.select_for_update().get(client_id=plan.client_id, pk=plan.pk)
    if locked.version_count != seen_version:
        raise Conflict(
            f"The plan has version {locked.version_count} by now, and you changed version {seen_version}.",
            code="plan.stale",
        )
    if len(reason.strip()) < 5:
        raise Refused("Say in a few words why the plan changes.", code="plan.reason")
    newest = PlanVersion.objects.get(client_id=plan.client_id, plan=locked, number=seen_version)
    if parse_terms(terms).digest() == newest.sha256:
        raise Refused("These are the terms the plan has.", code="plan.unchanged")
    version = _add_version(actor, locked, terms, reason.strip())
    let_go_of_plan(actor=actor, plan=locked, terms=parse_terms(version.terms))
    return version


@transaction.atomic
def switch_plan(*, actor: Actor, plan: SamplingPlan, is_active: bool, reason: str) -> SamplingPlan:
    """Stops a plan's schedule, or starts it again; draws that were made stay."""
    require_planner_of(actor, plan)
    if len(reason.strip()) < 5:
        raise Refused("Say in a few words why.", code="plan.reason")
    locked: SamplingPlan = SamplingPlan.objects.select_for_update().get(client_id=plan.client_id, pk=plan.pk)
    if locked.is_active == is_active:
        raise Conflict(f"The plan is {'on' if is_active else 'off'} already.", code="plan.switched")
    locked.is_active = is_active
    if is_active:
        locked.active_since = timezone.now()
    locked.save(update_fields=["is_active", "active_since"])
    record_event(
        actor=actor,
        verb=Verb.SAMPLING_PLAN_CHANGED,
        subject=locked,
        reason=reason.strip(),
        facts={"active": is_active},
    )
    if not is_active:
        let_go_of_plan(actor=actor, plan=locked, terms=None)
    return locked


def _add_version(actor: Actor, plan: SamplingPlan, terms: Mapping[str, Any], reason: str) -> PlanVersion:
    parsed = parse_terms(terms)
    number = plan.version_count + 1
    version: PlanVersion = PlanVersion.objects.create(
        client_id=plan.client_id,
        plan=plan,
        number=number,
        terms=parsed.as_json(),
        sha256=parsed.digest(),
        reason=reason,
        made_by_id=actor.person_id,
        made_at=timezone.now(),
    )
    plan.version_count = number
    plan.save(update_fields=["version_count"])
    record_event(
        actor=actor,
        verb=Verb.SAMPLING_PLAN_CHANGED,
        subject=plan,
        reason=reason,
        facts={"version": number, "sha256": version.sha256},
    )
    return version
