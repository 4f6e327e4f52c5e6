"""One batch of units in one transaction: sort out what is known, bring in the new, apply the rest."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.models import F

from coding_ops.audit.record import record_events
from coding_ops.core.errors import Conflict
from coding_ops.tenancy import crypto
from coding_ops.tenancy.scope import client_transaction
from encounters.actions.intake.arrivals import bring_in
from encounters.actions.intake.context import Arrival, Intake, Tally
from encounters.actions.intake.people import Directory
from encounters.actions.intake.quarantine import quarantine
from encounters.actions.intake.updates import apply_update
from encounters.actions.worklists import note_line_changed
from encounters.models import Encounter, IntakeMessage, RawFile, WorkItem
from encounters.models import SourceFormat as StoredFormat
from encounters.rules.intake.incoming import IncomingUnit, VisitEvent
from encounters.rules.intake.matching import visit_key
from encounters.rules.intake.problems import Problem, Severity

INTAKE_LOCK = 7302
"""Advisory lock, with the client: one batch of a client at a time, so that no row is made twice."""


def take_batch(intake: Intake, start: int, units: list[IncomingUnit]) -> Tally:
    """Takes the units that stand at ``start`` of the file, and commits how far reading has come.

    Raises:
        Conflict: somebody else has read on in the meantime.
    """
    with client_transaction([intake.client.pk]):
        raw_file = _locked_file(intake, start)
        tally = Tally()
        arrivals, refused = _sorted_out(intake, units, tally)
        fresh, later = _by_novelty(intake, arrivals)
        directory = Directory.load(intake, arrivals)
        known = _locked_encounters(intake, [one.visit_number for one in later])
        events = bring_in(intake, fresh, directory, known)
        for one in later:
            _apply(intake, one, directory, known)
        _remember(intake, arrivals)
        items = refused + [(one.unit, problem) for one in arrivals for problem in one.problems]
        _count(tally, units, arrivals, fresh)
        events += quarantine(intake, items)
        _advance(raw_file, len(units), tally, units)
        if fresh:
            note_line_changed(intake.client.pk, {queue.pk for queue in intake.queues})
        record_events(actor=intake.actor, client_id=intake.client.pk, events=events)
    return tally


def _locked_file(intake: Intake, start: int) -> RawFile:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [INTAKE_LOCK, intake.client.pk])
    raw_file: RawFile = RawFile.objects.select_for_update().get(
        client_id=intake.client.pk, pk=intake.raw_file_id
    )
    if raw_file.read_count != start:
        raise Conflict("This file is being read by somebody else.", code="intake.busy")
    return raw_file


def _sorted_out(
    intake: Intake, units: list[IncomingUnit], tally: Tally
) -> tuple[list[Arrival], list[tuple[IncomingUnit, Problem]]]:
    """The units that bring something, and the reasons of those that don't."""
    known = _known_messages(intake, [unit.message_key for unit in units if unit.encounter])
    arrivals: list[Arrival] = []
    refused: list[tuple[IncomingUnit, Problem]] = []
    for unit in units:
        tally.warnings.update(one.code for one in unit.problems if one.severity is Severity.WARN)
        kept = [one for one in unit.problems if one.severity is not Severity.WARN]
        if unit.encounter is None:
            refused += [(unit, problem) for problem in kept]
            continue
        arrival = Arrival(
            unit=unit,
            said=unit.encounter,
            mrn_index=crypto.blind_index(intake.client.pk, "mrn", unit.encounter.patient.mrn),
            visit_number=_visit_number(intake, unit),
            problems=kept,
        )
        digest = known.get(unit.message_key, "")
        if digest == unit.digest:
            # In a retry nearly everything came before, from this very file: it was counted then.
            tally.duplicates += not intake.is_retry
            continue
        if digest:
            arrival.problems.clear()
            arrival.refuse("message_conflict", "message_key")
        else:
            known[unit.message_key] = unit.digest
        arrivals.append(arrival)
    return arrivals, refused


def _visit_number(intake: Intake, unit: IncomingUnit) -> str:
    """The sender's visit number, or one of ours made from patient and start by HMAC."""
    assert unit.encounter is not None
    visit = unit.encounter.visit
    if visit.external_id:
        return visit.external_id
    key = visit_key(unit.encounter.patient.mrn, visit)
    return "derived-" + crypto.blind_index(intake.client.pk, "visit", key).hex()


def _known_messages(intake: Intake, keys: list[str]) -> dict[str, str]:
    """The digest of each message that came before."""
    rows = IntakeMessage.objects.filter(
        client_id=intake.client.pk, connection_id=intake.connection_id, control_id__in=keys
    ).values_list("control_id", "content_sha256")
    return {key: bytes(digest).hex() for key, digest in rows}


def _by_novelty(intake: Intake, arrivals: list[Arrival]) -> tuple[list[Arrival], list[Arrival]]:
    """(first words about an unknown visit, everything else in order)."""
    numbers = {one.visit_number for one in arrivals}
    known = set(
        Encounter.objects.filter(
            client_id=intake.client.pk, connection_id=intake.connection_id, external_id__in=numbers
        ).values_list("external_id", flat=True)
    )
    fresh: list[Arrival] = []
    later: list[Arrival] = []
    for one in arrivals:
        if one.is_refused:
            continue
        if one.visit_number in known or one.said.event is VisitEvent.CANCEL:
            later.append(one)
        else:
            known.add(one.visit_number)
            fresh.append(one)
    return fresh, later


def _locked_encounters(intake: Intake, numbers: Iterable[str]) -> dict[str, Encounter]:
    """The known visits by number, locked: work items first, as coders' actions do."""
    ids = list(
        Encounter.objects.filter(
            client_id=intake.client.pk, connection_id=intake.connection_id, external_id__in=set(numbers)
        ).values_list("pk", flat=True)
    )
    if not ids:
        return {}
    list(
        WorkItem.objects.select_for_update()
        .filter(client_id=intake.client.pk, encounter_id__in=ids)
        .order_by("encounter_id")
        .values_list("pk", flat=True)
    )
    rows = (
        Encounter.objects.select_for_update(of=("self",))
        .select_related("patient", "client")
        .filter(client_id=intake.client.pk, pk__in=ids)
        .order_by("pk")
    )
    return {row.external_id: row for row in rows}


def _apply(intake: Intake, one: Arrival, directory: Directory, known: dict[str, Encounter]) -> None:
    encounter = known.get(one.visit_number)
    if encounter is None:
        # A visit nobody told us of is taken back, or the visit's own first message was refused.
        one.refuse("visit_unknown", "encounter_id")
        return
    apply_update(intake, encounter, one, directory)


def _remember(intake: Intake, arrivals: list[Arrival]) -> None:
    IntakeMessage.objects.bulk_create(
        IntakeMessage(
            client_id=intake.client.pk,
            connection_id=intake.connection_id,
            raw_file_id=intake.raw_file_id,
            control_id=one.unit.message_key,
            content_sha256=bytes.fromhex(one.unit.digest),
            encounter_id=one.encounter_id,
            received_at=intake.now,
        )
        for one in arrivals
        if not one.is_refused
    )


def _count(tally: Tally, units: list[IncomingUnit], arrivals: list[Arrival], new: list[Arrival]) -> None:
    refused_here = sum(one.is_refused for one in arrivals)
    tally.accepted = sum(not one.is_refused for one in new)
    tally.updated = len(arrivals) - refused_here - tally.accepted
    tally.quarantined = sum(unit.rejected for unit in units) + refused_here


def _advance(raw_file: RawFile, count: int, tally: Tally, units: list[IncomingUnit]) -> None:
    formats = [unit.source_format.value for unit in units if unit.source_format.value in StoredFormat.values]
    RawFile.objects.filter(client_id=raw_file.client_id, pk=raw_file.pk).update(
        read_count=F("read_count") + count,
        accepted_count=F("accepted_count") + tally.accepted,
        updated_count=F("updated_count") + tally.updated,
        duplicate_count=F("duplicate_count") + tally.duplicates,
        quarantined_count=F("quarantined_count") + tally.quarantined,
        source_format=formats[0] if formats else raw_file.source_format,
    )
