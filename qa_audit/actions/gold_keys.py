"""Gold keys: a lead codes a chart before its coder does, and nobody can tell from the chart."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from code_sets.selectors import check_assignable
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from coding_ops.tenancy.actor import Actor
from encounters.models import Encounter, EncounterStatus
from qa_audit.access import LEADERS
from qa_audit.models import GoldChart
from qa_audit.models.calibration import GoldSource, GoldState
from qa_audit.rules.key_text import Known, read_key
from qa_audit.selectors.calibration import texts_of

LEAST_WORDS = 5


def checked_key(encounter: Encounter, typed: str) -> list[dict[str, Any]]:
    """The lines of a typed key, each code in force on the chart's day and each quote in its note.

    Raises:
        InvalidInput: every problem by line number in ``details["lines"]``.
    """

    def ask(system: str, code: str) -> Known:
        try:
            found = check_assignable(system, code, encounter.coding_on)
        except Refused as error:
            return Known(ok=False, reason=error.message)
        return Known(found.ok, found.reason, found.title)

    key = read_key(typed, texts_of(encounter), ask)
    problems = [(one.number, one.message) for one in key.problems]
    if not problems and not any(line["kind"] == "dx" for line in key.lines):
        problems = [(0, "There is no diagnosis yet.")]
    if problems:
        number, message = problems[0]
        raise InvalidInput(
            f"Line {number}: {message}" if number else message,
            code="gold.key",
            details={"path": "key", "lines": problems},
        )
    return key.lines


@transaction.atomic
def begin_key(*, actor: Actor, client_id: int, visit: str) -> GoldChart:
    """A key for a chart that nobody has made final.

    Raises:
        InvalidInput: no such visit.
        Refused: it was final before, or has a key already.
        NotAllowed: not a leader.
    """
    _require_leader(actor)
    rows = list(Encounter.objects.filter(client_id=client_id, external_id=visit.strip())[:2])
    if len(rows) != 1:
        told = "Two systems of the client have this visit number." if rows else "There is no such visit."
        raise InvalidInput(told, code="gold.visit", details={"path": "visit"})
    chart = rows[0]
    if chart.revision_count or chart.status == EncounterStatus.CANCELLED:
        raise Refused("A key is for a chart that is still to be coded.", code="gold.coded")
    if _live(chart).exists():
        raise Refused("This chart has a key already.", code="gold.exists")
    gold = GoldChart(
        client_id=client_id,
        encounter=chart,
        source=GoldSource.KEY,
        made_by_id=actor.person_id,
        made_at=timezone.now(),
    )
    try:
        # The chart's own row is not locked: whoever takes the chart just now must not wait for a key.
        with transaction.atomic():
            gold.save(force_insert=True)
    except IntegrityError as error:
        raise Refused("This chart has a key already.", code="gold.exists") from error
    record_event(actor=actor, verb=Verb.GOLD_CHANGED, subject=gold, facts={"state": gold.state})
    return gold


@transaction.atomic
def save_key(*, actor: Actor, gold: GoldChart, typed: str, is_ready: bool) -> GoldChart:
    """Keeps the key; once ready it waits for the coder and changes no more.

    Raises:
        InvalidInput: as ``checked_key``.
        Conflict: it was ready before.
        Refused: the coder was faster.
    """
    _require_leader(actor)
    locked = _locked(gold)
    if locked.state != GoldState.DRAFT:
        raise Conflict("This key is finished and stays as it is.", code="gold.state")
    chart = Encounter.objects.get(client_id=locked.client_id, pk=locked.encounter_id)
    if chart.revision_count:
        raise Refused("The chart was made final before the key was finished.", code="gold.late")
    locked.key = checked_key(chart, typed)
    if is_ready:
        locked.state, locked.ready_at = GoldState.READY, timezone.now()
    locked.save(update_fields=["key", "state", "ready_at"])
    record_event(
        actor=actor,
        verb=Verb.GOLD_CHANGED,
        subject=locked,
        facts={"state": locked.state, "codes": [line["code"] for line in locked.key]},
    )
    return locked


@transaction.atomic
def void_gold(*, actor: Actor, gold: GoldChart, reason: str) -> GoldChart:
    """Takes a key out of use before it measured anybody.

    Raises:
        Refused: no reason.
        Conflict: somebody was measured by it.
    """
    _require_leader(actor)
    if len(reason.strip()) < LEAST_WORDS:
        raise Refused("Say in a few words why the key is not used.", code="gold.reason")
    locked = _locked(gold)
    if locked.state not in (GoldState.DRAFT, GoldState.READY):
        raise Conflict("This key has measured somebody and stays.", code="gold.state")
    return make_void(actor, locked, reason.strip())


def make_void(actor: Actor, locked: GoldChart, reason: str) -> GoldChart:
    """Marks a locked key as not used."""
    locked.state, locked.void_reason = GoldState.VOID, reason
    locked.save(update_fields=["state", "void_reason"])
    record_event(actor=actor, verb=Verb.GOLD_CHANGED, subject=locked, reason=reason, facts={"state": "void"})
    return locked


def _live(chart: Encounter) -> Any:
    return GoldChart.objects.filter(
        client_id=chart.client_id, encounter=chart, source=GoldSource.KEY
    ).exclude(state=GoldState.VOID)


def _locked(gold: GoldChart) -> GoldChart:
    locked: GoldChart = GoldChart.objects.select_for_update().get(client_id=gold.client_id, pk=gold.pk)
    return locked


def _require_leader(actor: Actor) -> None:
    if actor.role not in LEADERS:
        raise NotAllowed("Only a manager does this.", code="gold.role")
