"""Designing and drawing an audit rehearsal, its terms and days, and its end."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from qa_audit.models import (
    Rehearsal,
    RehearsalDeadline,
    RehearsalItem,
    RehearsalTerms,
    RehearsalUnit,
)
from qa_audit.rehearsal_access import require_rehearsal_planner
from qa_audit.rules.frame import pack_frame
from qa_audit.rules.rehearsal import RehearsalKind, by_score, size_for, two_sided
from qa_audit.rules.sampling import Draw as Drawn
from qa_audit.rules.sampling import Method, Plan, draw
from qa_audit.selectors.rehearsal_frame import Population, UnitFound, model_year_for, population_of
from qa_audit.selectors.rehearsal_tables import audit_type

SHORTEST_REASON = 5
LEAST_PER_STRATUM = 2
DEFAULT_CONFIDENCE = Decimal("0.95")
CONFIDENCE_OF_SIZE = Decimal("0.90")
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Design:
    """What is rehearsed and how much is drawn: a count, or the least for a precision at an expected rate."""

    name: str
    contract_name: str
    population: Population
    strata: int
    count: int | None = None
    precision: Decimal | None = None
    expected: Decimal = Decimal("0.05")

    def size(self, frame_count: int) -> int:
        """Units to draw from a frame of so many."""
        return size_for(
            frame_count,
            count=self.count,
            precision=self.precision,
            expected=self.expected,
            confidence=CONFIDENCE_OF_SIZE,
        )

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "strata": self.strata,
            "count": self.count,
            "precision": None if self.precision is None else str(self.precision),
            "expected": str(self.expected),
            "confidence": str(CONFIDENCE_OF_SIZE),
        }


def stratified(units: Sequence[UnitFound], strata: int) -> list[tuple[str, str]]:
    """The frame: id and stratum, ranked by what a unit weighs."""
    placed = by_score({unit.id: unit.size for unit in units}, strata)
    return [(unit.id, placed[unit.id]) for unit in units]


def plan_of(size: int) -> Plan:
    """The part of a design that decides the draw: shares in proportion, and so many of each stratum that it
    shows a spread, without which nothing could be projected."""
    return Plan(Method.COUNT, Decimal(size), LEAST_PER_STRATUM)


@transaction.atomic
def draw_rehearsal(*, actor: Actor, client: Client, design: Design, seed: int | None = None) -> Rehearsal:
    """Draws the sample and lays out what is to be judged; ``seed`` of ``None`` takes one by chance.

    Raises:
        InvalidInput: no name or contract, a period that is not over, a size or strata that cannot be.
        Refused: the name is taken, or nothing fits the design.
        NotAllowed: not a manager of the vendor.
    """
    require_rehearsal_planner(actor)
    _check_design(client, design)
    units = population_of(client.pk, design.population)
    if not units:
        raise Refused("No final chart of this period fits the design.", code="rehearsal.empty_frame")
    seed = secrets.randbits(48) if seed is None else seed
    rows = stratified(units, design.strata)
    drawn = draw(rows, plan_of(design.size(len(units))), seed)
    kept = _keep(actor, client, design, seed, rows, drawn)
    _lay_out(kept, drawn, {unit.id: unit for unit in units})
    set_terms_unchecked(
        actor, kept, NewTerms(False, DEFAULT_CONFIDENCE, {}, ""), "As it was drawn: nothing is projected"
    )
    record_event(
        actor=actor,
        verb=Verb.REHEARSAL_DRAWN,
        subject=kept,
        facts={
            "kind": kept.kind,
            "seed": seed,
            "frame": kept.frame_count,
            "sample": kept.sample_count,
            "frame_sha256": kept.frame_sha256,
        },
    )
    return kept


def _check_design(client: Client, design: Design) -> None:
    if not design.name.strip():
        raise _bad("name", "Give the rehearsal a name.")
    if not design.contract_name.strip():
        raise _bad("contract_name", "Name the contract it is about.")
    wanted = design.population
    if wanted.last_on < wanted.first_on:
        raise _bad("last_on", "The period ends before it begins.")
    if wanted.last_on >= timezone.localdate(timezone=ZoneInfo(client.timezone)):
        raise _bad("last_on", "The period is not over yet: take one that ended before today.")
    if Rehearsal.objects.filter(client_id=client.pk, name=design.name.strip()).exists():
        raise Refused("This client has a rehearsal of this name already.", code="rehearsal.name_taken")


def _keep(
    actor: Actor, client: Client, design: Design, seed: int, rows: list[tuple[str, str]], drawn: Drawn
) -> Rehearsal:
    wanted = design.population
    is_radv = wanted.kind is RehearsalKind.RADV
    kept: Rehearsal = Rehearsal.objects.create(
        client=client,
        name=design.name.strip(),
        kind=wanted.kind.value,
        contract_name=design.contract_name.strip(),
        payer_name=wanted.payer,
        first_on=wanted.first_on,
        last_on=wanted.last_on,
        model=wanted.model if is_radv else "",
        payment_year=model_year_for(wanted.model, wanted.last_on).payment_year if is_radv else None,
        design=design.as_json(),
        seed=seed,
        frame=pack_frame(rows),
        frame_sha256=drawn.frame_sha256,
        plan_sha256=drawn.plan_sha256,
        frame_count=len(rows),
        sample_count=sum(len(one.drawn) for one in drawn.strata),
        strata={one.name: {"frame": one.population, "sample": len(one.drawn)} for one in drawn.strata},
        created_by_id=actor.person_id,
        created_at=timezone.now(),
    )
    return kept


def _lay_out(kept: Rehearsal, drawn: Drawn, found: Mapping[str, UnitFound]) -> None:
    chosen = [(stratum.name, found[one]) for stratum in drawn.strata for one in stratum.drawn]
    units = [
        RehearsalUnit(
            client_id=kept.client_id,
            rehearsal=kept,
            number=number,
            stratum=stratum,
            patient_id=one.patient_id,
            encounter_id=one.encounter_id,
            score=one.size if one.encounter_id is None else None,
        )
        for number, (stratum, one) in enumerate(chosen, start=1)
    ]
    RehearsalUnit.objects.bulk_create(units, batch_size=BATCH)
    RehearsalItem.objects.bulk_create(
        [
            RehearsalItem(
                client_id=kept.client_id,
                rehearsal=kept,
                unit=unit,
                number=number,
                hcc=item.hcc,
                label=item.label,
                carried=[{"code": code, "encounter": str(encounter)} for code, encounter in item.carried],
            )
            for unit, (_, one) in zip(units, chosen, strict=True)
            for number, item in enumerate(one.items, start=1)
        ],
        batch_size=BATCH,
    )


# --- terms, days, end ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewTerms:
    """How findings become dollars.  ``confidence`` is one-sided; ``rates``: category to dollars a year."""

    is_extrapolated: bool
    confidence: Decimal
    rates: Mapping[str, Decimal]
    rates_source: str


@transaction.atomic
def set_terms(
    *, actor: Actor, rehearsal: Rehearsal, terms: NewTerms, seen_number: int, reason: str
) -> RehearsalTerms:
    """New terms; the older ones stay on record.

    Raises:
        Conflict: somebody changed them since ``seen_number``.
        InvalidInput: a confidence or rate that cannot be, or rates without a source.
        Refused: no reason, or the rehearsal is closed.
    """
    require_rehearsal_planner(actor)
    locked = locked_open(rehearsal)
    if locked.terms_count != seen_number:
        raise Conflict("Somebody changed the terms meanwhile. Look at them, then change.", code="terms.stale")
    two_sided(terms.confidence)
    for hcc, rate in terms.rates.items():
        if rate < 0:
            raise _bad("rates", f"The rate of HCC {hcc} is below zero.")
    if terms.rates and not terms.rates_source.strip():
        raise _bad("rates_source", "Say where the rates come from.")
    require_reason(reason)
    made = set_terms_unchecked(actor, locked, terms, reason.strip())
    record_event(
        actor=actor,
        verb=Verb.REHEARSAL_CHANGED,
        subject=locked,
        reason=reason.strip(),
        facts={
            "terms": made.number,
            "extrapolated": made.is_extrapolated,
            "confidence": str(made.confidence),
            "rates": len(made.rates),
        },
    )
    return made


def set_terms_unchecked(actor: Actor, rehearsal: Rehearsal, terms: NewTerms, reason: str) -> RehearsalTerms:
    """The next terms of a rehearsal, already checked."""
    rehearsal.terms_count += 1
    rehearsal.save(update_fields=["terms_count"])
    made: RehearsalTerms = RehearsalTerms.objects.create(
        client_id=rehearsal.client_id,
        rehearsal=rehearsal,
        number=rehearsal.terms_count,
        is_extrapolated=terms.is_extrapolated,
        confidence=terms.confidence,
        rates={hcc: str(rate) for hcc, rate in terms.rates.items()},
        rates_source=terms.rates_source.strip(),
        reason=reason,
        made_by_id=actor.person_id,
        made_at=timezone.now(),
    )
    return made


@transaction.atomic
def set_days(
    *, actor: Actor, rehearsal: Rehearsal, notice_on: date | None, report_on: date | None
) -> Rehearsal:
    """The notice and the report of the audit; deadlines not yet done are computed from them.

    Raises:
        InvalidInput: a report before its notice, or without one.
        Refused: the rehearsal is closed.
    """
    require_rehearsal_planner(actor)
    locked = locked_open(rehearsal)
    if report_on is not None and (notice_on is None or report_on < notice_on):
        raise _bad("report_on", "The report comes after the notice.")
    locked.notice_on, locked.report_on = notice_on, report_on
    locked.save(update_fields=["notice_on", "report_on"])
    starts = {"notice": notice_on, "report": report_on}
    open_ones = RehearsalDeadline.objects.filter(client_id=locked.client_id, rehearsal=locked)
    done = set(open_ones.filter(done_on__isnull=False).values_list("key", flat=True))
    open_ones.filter(done_on__isnull=True).delete()
    for rule in audit_type(RehearsalKind(locked.kind)).deadlines:
        start = starts[rule.starts]
        if start is not None and rule.key not in done:
            RehearsalDeadline.objects.create(
                client_id=locked.client_id,
                rehearsal=locked,
                key=rule.key,
                label=rule.label,
                due_on=rule.due(start),
                citation=rule.citation,
                status=rule.status,
            )
    record_event(
        actor=actor,
        verb=Verb.REHEARSAL_CHANGED,
        subject=locked,
        facts={name: None if day is None else day.isoformat() for name, day in starts.items()},
    )
    return locked


@transaction.atomic
def meet_deadline(*, actor: Actor, rehearsal: Rehearsal, key: str, done_on: date) -> RehearsalDeadline:
    """Says that something due was done on a day.

    Raises:
        InvalidInput: no such deadline, or a day that has not come.
        Refused: the rehearsal is closed.
    """
    require_rehearsal_planner(actor)
    locked, deadline = _deadline(rehearsal, key)
    if done_on > timezone.localdate(timezone=ZoneInfo(locked.client.timezone)):
        raise _bad("done_on", "The day has not come yet.")
    deadline.done_on = done_on
    deadline.save(update_fields=["done_on"])
    facts = {"deadline": key, "done_on": done_on.isoformat()}
    record_event(actor=actor, verb=Verb.REHEARSAL_CHANGED, subject=locked, facts=facts)
    return deadline


@transaction.atomic
def move_deadline(
    *, actor: Actor, rehearsal: Rehearsal, key: str, due_on: date, reason: str
) -> RehearsalDeadline:
    """Another last day, as the auditor granted it.

    Raises:
        InvalidInput: no such deadline.
        Refused: no reason, or the rehearsal is closed.
    """
    require_rehearsal_planner(actor)
    require_reason(reason)
    locked, deadline = _deadline(rehearsal, key)
    before = deadline.due_on
    deadline.due_on, deadline.reason = due_on, reason.strip()
    deadline.save(update_fields=["due_on", "reason"])
    facts = {"deadline": key, "from": before.isoformat(), "to": due_on.isoformat()}
    record_event(actor=actor, verb=Verb.REHEARSAL_CHANGED, subject=locked, reason=reason.strip(), facts=facts)
    return deadline


def _deadline(rehearsal: Rehearsal, key: str) -> tuple[Rehearsal, RehearsalDeadline]:
    locked = locked_open(rehearsal)
    found = RehearsalDeadline.objects.filter(client_id=locked.client_id, rehearsal=locked, key=key).first()
    if found is None:
        raise _bad("key", "This rehearsal has no such deadline.")
    return locked, found


# --- shared --------------------------------------------------------------------------------------------


def locked_open(rehearsal: Rehearsal) -> Rehearsal:
    """The row, held until the transaction ends.

    Raises:
        Refused: it is closed.
    """
    locked: Rehearsal = Rehearsal.objects.select_for_update(of=("self",)).get(
        client_id=rehearsal.client_id, pk=rehearsal.pk
    )
    if locked.closed_at is not None:
        raise Refused("The rehearsal is closed; nothing of it changes any more.", code="rehearsal.closed")
    return locked


def require_reason(reason: str) -> None:
    """A reason is a few words.

    Raises:
        Refused: it is not.
    """
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refused("Say in a few words why.", code="rehearsal.reason", details={"path": "reason"})


def _bad(path: str, message: str) -> InvalidInput:
    return InvalidInput(message, code=f"rehearsal.{path}", details={"path": path})
