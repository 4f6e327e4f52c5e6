"""Keeping what a client bills as, whom it bills and what it charges.  One verb each, by leaders and the
client's administrator; every version of a row is kept by the database."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.db import connection, transaction
from psycopg2.extras import execute_values

from claims.access.roles import READERS, SETTERS
from claims.models import BillingProfile, Charge, Payer, PayerKind
from claims.rules.charges import (
    ChargePlan,
    ChargeRow,
    KnownCharge,
    RowProblem,
    charge_problems,
    normal_charge,
    plan_charges,
)
from claims.rules.setup import (
    PayerTerms,
    Profile,
    normal_payer,
    normal_profile,
    payer_problems,
    profile_problems,
)
from claims.terms.setup import setup_terms
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import InvalidInput, NotAllowed, NotFound
from coding_ops.tenancy.actor import SYSTEM_ROLE, Actor
from coding_ops.tenancy.models import Client

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class SavedCharges:
    """What became of the rows; ``ended`` counts stored charges whose last day was set by a later one."""

    added: int
    changed: int
    ended: int
    same: int


def require_setter(actor: Actor) -> None:
    """Who keeps the set-up: leaders, the client's administrator, the application itself.

    Raises:
        NotFound: a role that has nothing to do with claims.
        NotAllowed: it may look at claims only.
    """
    if actor.role in SETTERS or actor.role == SYSTEM_ROLE:
        return
    if actor.role not in READERS:
        raise NotFound
    raise NotAllowed("Only managers and the client’s administrators change this.", code="setup.not_yours")


@transaction.atomic
def save_profile(*, actor: Actor, client_id: int, wanted: Profile) -> BillingProfile:
    """Keeps who the client bills as.

    Raises:
        NotFound, NotAllowed: see :func:`require_setter`.
        InvalidInput: ``billing_profile.invalid``; ``details["fields"]`` says what is wrong, by field.
    """
    require_setter(actor)
    wanted = normal_profile(wanted)
    _refuse(profile_problems(wanted, setup_terms()), "The profile was not saved.", "billing_profile.invalid")
    _lock(client_id)
    stored = BillingProfile.objects.filter(client_id=client_id).first()
    profile = stored or BillingProfile(client_id=client_id)
    changed = _set(profile, asdict(wanted))
    if stored is not None and not changed:
        return stored
    profile.save()
    # Names and addresses are the client's own, but a ledger needs which facts moved, not what they say.
    record_event(
        actor=actor, verb=Verb.BILLING_PROFILE_CHANGED, subject=profile, facts={"changed": sorted(changed)}
    )
    return profile


@transaction.atomic
def save_payer(
    *, actor: Actor, client_id: int, wanted: PayerTerms, payer_id: uuid.UUID | None = None
) -> Payer:
    """Keeps one payer; ``payer_id`` None makes a new one.

    Raises:
        NotFound, NotAllowed: see :func:`require_setter`; no such payer of this client.
        InvalidInput: ``payer.invalid``; ``details["fields"]`` says what is wrong, by field.
    """
    require_setter(actor)
    wanted = normal_payer(wanted)
    _lock(client_id)
    others = list(Payer.objects.filter(client_id=client_id))
    stored = next((one for one in others if one.pk == payer_id), None)
    if payer_id is not None and stored is None:
        raise NotFound
    problems = payer_problems(
        wanted,
        setup_terms(),
        kinds=frozenset(PayerKind.values),
        names=_names(one for one in others if one.pk != payer_id),
    )
    _refuse(problems, "The payer was not saved.", "payer.invalid")
    payer = stored or Payer(client_id=client_id)
    changed = _set(payer, {**asdict(wanted), "aliases": list(wanted.aliases)})
    if stored is not None and not changed:
        return stored
    payer.save()
    record_event(actor=actor, verb=Verb.PAYER_CHANGED, subject=payer, facts={"changed": sorted(changed)})
    return payer


@transaction.atomic
def save_charges(*, actor: Actor, client_id: int, rows: Sequence[ChargeRow]) -> SavedCharges:
    """Adds and corrects charges, all of the rows or none: a row with a stored first day corrects that one.

    Raises:
        NotFound, NotAllowed: see :func:`require_setter`.
        InvalidInput: ``charges.invalid``; ``details["rows"]`` holds ``RowProblem``, places from 0, and
            ``details["fields"]`` those of the first row.
    """
    require_setter(actor)
    rows = [normal_charge(row) for row in rows]
    problems = [
        RowProblem(place, field, message)
        for place, row in enumerate(rows)
        for field, message in charge_problems(row, setup_terms()).items()
    ]
    _lock(client_id)
    plan = plan_charges(_known(client_id, {row.code for row in rows}), rows)
    problems += plan.problems
    if problems:
        problems.sort(key=lambda one: one.row)
        raise InvalidInput(
            "No charge was saved.",
            code="charges.invalid",
            details={"rows": problems, "fields": {one.field: one.message for one in reversed(problems)}},
        )
    _write(client_id, plan)
    saved = SavedCharges(len(plan.added), len(plan.changed), len(plan.ended), plan.same_count)
    if saved.added or saved.changed or saved.ended:
        _note(actor, client_id, asdict(saved))
    return saved


@transaction.atomic
def end_charge(*, actor: Actor, client_id: int, charge_id: uuid.UUID, last_on: date) -> Charge:
    """Says on which day a charge holds for the last time.

    Raises:
        NotFound, NotAllowed: see :func:`require_setter`; no such charge of this client.
        InvalidInput: ``charges.invalid``: the day lies before its first, or within the next charge.
    """
    require_setter(actor)
    _lock(client_id)
    charge = Charge.objects.filter(client_id=client_id, pk=charge_id).first()
    if charge is None:
        raise NotFound
    row = replace(_row(charge), ends_on=last_on)
    plan = plan_charges(_known(client_id, {charge.code}), [row])
    problems = charge_problems(row, setup_terms()) | {one.field: one.message for one in plan.problems}
    _refuse(problems, "The charge was not ended.", "charges.invalid")
    if charge.ends_on != last_on:
        charge.ends_on = last_on
        charge.save(update_fields=["ends_on"])
        record_event(
            actor=actor, verb=Verb.CHARGES_CHANGED, subject=charge, facts={"ended": 1, "code": charge.code}
        )
    return charge


def _note(actor: Actor, client_id: int, facts: Mapping[str, Any]) -> None:
    client = Client.objects.get(pk=client_id)
    record_event(
        actor=actor, verb=Verb.CHARGES_CHANGED, subject=client, client_id=client_id, facts=dict(facts)
    )


def _refuse(problems: Mapping[str, str], message: str, code: str) -> None:
    if problems:
        raise InvalidInput(message, code=code, details={"fields": dict(problems)})


def _lock(client_id: int) -> None:
    """Two savings at once must neither make two rows nor miss each other's days."""
    Client.objects.select_for_update(no_key=True).get(pk=client_id)


def _set(row: BillingProfile | Payer, wanted: Mapping[str, Any]) -> list[str]:
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, wanted[name])
    return changed


def _names(payers: Iterable[Payer]) -> dict[str, str]:
    """Every name of the payers in ``casefold``, with the payer's."""
    return {name.casefold(): one.name for one in payers for name in (one.name, *one.aliases)}


def _known(client_id: int, codes: set[str]) -> list[KnownCharge]:
    found = Charge.objects.filter(client_id=client_id, code__in=codes)
    return [KnownCharge(one.pk, _row(one)) for one in found]


def _row(charge: Charge) -> ChargeRow:
    return ChargeRow(
        code=charge.code,
        amount=charge.amount,
        starts_on=charge.starts_on,
        ends_on=charge.ends_on,
        modifier=charge.modifier,
        revenue_code=charge.revenue_code,
    )


def _write(client_id: int, plan: ChargePlan) -> None:
    Charge.objects.bulk_create(
        [Charge(client_id=client_id, **asdict(row)) for row in plan.added], batch_size=BATCH
    )
    moved = [
        (client_id, str(one.id), one.row.amount, one.row.revenue_code, one.row.ends_on)
        for one in (*plan.changed, *plan.ended)
    ]
    if not moved:
        return
    with connection.cursor() as cursor:
        execute_values(
            cursor.cursor,
            "UPDATE claims_charge c SET amount = v.amount, revenue_code = v.revenue_code, ends_on = v.ends_on"
            " FROM (VALUES %s) AS v (client_id, id, amount, revenue_code, ends_on)"
            " WHERE c.client_id = v.client_id AND c.id = v.id",
            moved,
            template="(%s, %s::uuid, %s::numeric, %s, %s::date)",
            page_size=BATCH,
        )
