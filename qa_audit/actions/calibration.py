"""Calibration rounds: the same charts blind to several reviewers, one more where they agree too little."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from coding_ops.tenancy.actor import SYSTEM_ROLE, Actor
from encounters.models import CodeRevision, Encounter, EncounterStatus
from qa_audit.access import LEADERS
from qa_audit.actions.gold_keys import checked_key
from qa_audit.calibration_tables import thresholds
from qa_audit.models import CalibrationChart, CalibrationReading, CalibrationRound, Review, ReviewOrigin
from qa_audit.models.calibration import RoundState
from qa_audit.rules.calibration import chart_f1, code_names, deal, wants_reader
from qa_audit.rules.plan_terms import PlanTerms
from qa_audit.rules.review_states import ReviewState, ReviewVerb, step
from qa_audit.selectors.calibration import ReadChart, charts_of, ordinary_terms, readers_for

LEAST_WORDS = 5
TAKEN_OUT = "The chart is not reviewed any more."
"""What a reader is told when their review ends early: it would fit any review."""


@dataclass(frozen=True, slots=True)
class NewRound:
    """What a round is opened with.

    Attributes:
        visits: visit numbers of final charts.
        readers: account ids of QA reviewers.
        each: how many of them read each chart.
    """

    name: str
    visits: tuple[str, ...]
    readers: tuple[int, ...]
    each: int


def require_leader(actor: Actor) -> None:
    """Which charts measure people is known to leaders alone.

    Raises:
        NotAllowed: another role.
    """
    if actor.role not in LEADERS and actor.role != SYSTEM_ROLE:
        raise NotAllowed("Only a manager does this.", code="calibration.role")


@transaction.atomic
def open_round(*, actor: Actor, client_id: int, wanted: NewRound) -> CalibrationRound:
    """A round with a blind review for each reader of each chart; readers are told nothing of it.

    Raises:
        InvalidInput: a field that is wrong, with its name in ``details``.
        NotAllowed: not a leader.
    """
    require_leader(actor)
    house = thresholds()
    _check(client_id, wanted, house.most_charts)
    charts = _charts(client_id, wanted.visits)
    free = _free_readers(client_id, charts, wanted)
    found: CalibrationRound = CalibrationRound.objects.create(
        client_id=client_id,
        name=wanted.name.strip(),
        readers_each=wanted.each,
        least_f1=house.least_f1,
        most_readers=max(house.most_readers, wanted.each),
        opened_by_id=actor.person_id,
        opened_at=timezone.now(),
    )
    dealt = deal([str(one.pk) for one in charts], free, wanted.each)
    newest = _newest_revisions(client_id, charts)
    terms = ordinary_terms(client_id)
    for number, chart in enumerate(charts, start=1):
        row = CalibrationChart.objects.create(
            client_id=client_id, round=found, encounter=chart, revision=newest[chart.pk], number=number
        )
        for person in dealt[str(chart.pk)]:
            _add_reading(row, person, terms, "")
    record_event(
        actor=actor,
        verb=Verb.CALIBRATION_OPENED,
        subject=found,
        facts={"charts": len(charts), "readers": sorted(wanted.readers), "each": wanted.each},
    )
    return found


@transaction.atomic
def add_reader(*, actor: Actor, chart: CalibrationChart, reader_id: int, why: str) -> CalibrationReading:
    """One more blind reading of a chart of an open round.

    Raises:
        Refused: no reason, or the person knows the chart.
        Conflict: the round has ended, or the chart's consensus is recorded.
    """
    require_leader(actor)
    if len(why.strip()) < LEAST_WORDS:
        raise Refused("Say in a few words why one more reader is asked.", code="calibration.reason")
    locked = _open_round(chart.round)
    if chart.consensus is not None:
        raise Conflict("This chart's consensus is recorded.", code="calibration.consensus")
    if reader_id not in readers_for(locked.client_id, [chart.encounter_id])[chart.encounter_id]:
        raise Refused(
            "This person coded or reviewed the chart, or does not review here.", code="calibration.reader"
        )
    reading = _add_reading(chart, reader_id, ordinary_terms(locked.client_id), why.strip())
    record_event(
        actor=actor,
        verb=Verb.CALIBRATION_CHANGED,
        subject=locked,
        reason=why.strip(),
        facts={"chart": chart.number, "reader": reader_id},
    )
    return reading


@transaction.atomic
def add_readers_where_low(*, actor: Actor, client_id: int) -> int:
    """Asks one more reader wherever one dropped out, or all have read a chart and agree too little.

    Of those who may read it the one with the fewest readings under way is asked, the lower id first.  Returns
    how many were asked.
    """
    require_leader(actor)
    added = 0
    for found in CalibrationRound.objects.filter(client_id=client_id, state=RoundState.OPEN):
        for one in charts_of(found):
            person = _next_reader(one) if _wants_reader(found, one) else None
            if person is not None:
                add_reader(actor=actor, chart=one.chart, reader_id=person, why=_why_added(found, one))
                added += 1
    return added


def _codes_of(one: ReadChart) -> list[frozenset[str]]:
    return [code_names(reading.review.blind_codes or []) for reading in one.read]


def _wants_reader(found: CalibrationRound, one: ReadChart) -> bool:
    return one.chart.consensus is None and wants_reader(
        _codes_of(one),
        waiting=len(one.waiting),
        each=found.readers_each,
        least_f1=found.least_f1,
        most_readers=found.most_readers,
    )


def _why_added(found: CalibrationRound, one: ReadChart) -> str:
    if len(one.read) + len(one.waiting) < found.readers_each:
        return "A reader dropped out."
    return (
        f"The readers agree too little: mean F1 {chart_f1(_codes_of(one)):.2f}, below {found.least_f1:.2f}."
    )


@transaction.atomic
def record_consensus(*, actor: Actor, chart: CalibrationChart, typed: str, words: str) -> CalibrationChart:
    """The set agreed on, typed as a key is.

    Raises:
        InvalidInput: a line that cannot be, with every problem by line in ``details``.
        Refused: no words.
        Conflict: the round has ended, or readers still read it.
    """
    require_leader(actor)
    locked = _open_round(chart.round)
    if len(words.strip()) < LEAST_WORDS:
        raise Refused("Say in a few words what was agreed and why.", code="calibration.words")
    one = next(read for read in charts_of(locked) if read.chart.pk == chart.pk)
    if one.waiting or len(one.read) < 2:
        raise Conflict("Not everybody has read this chart yet.", code="calibration.unread")
    row = one.chart
    row.consensus = checked_key(row.encounter, typed)
    row.consensus_words = words.strip()
    row.consensus_by_id, row.consensus_at = actor.person_id, timezone.now()
    row.save(update_fields=["consensus", "consensus_words", "consensus_by", "consensus_at"])
    record_event(
        actor=actor,
        verb=Verb.CALIBRATION_CHANGED,
        subject=locked,
        facts={"chart": row.number, "consensus": [line["code"] for line in row.consensus]},
    )
    return row


@transaction.atomic
def end_round(*, actor: Actor, round_: CalibrationRound, words: str, cancelled: bool) -> CalibrationRound:
    """Closes a round whose every chart has its consensus, or cancels it; readings not begun are taken back.

    Raises:
        Refused: no words, or a chart without a consensus.
        Conflict: it has ended.
    """
    require_leader(actor)
    if len(words.strip()) < LEAST_WORDS:
        raise Refused("Say in a few words what came of it.", code="calibration.words")
    locked = _open_round(round_)
    charts = charts_of(locked)
    bare = [one.chart.number for one in charts if one.chart.consensus is None]
    if bare and not cancelled:
        raise Refused(f"Chart {bare[0]} has no consensus yet.", code="calibration.no_consensus")
    for one in charts:
        for reading in one.waiting:
            _take_back(actor, reading.review)
    locked.state = RoundState.CANCELLED if cancelled else RoundState.CLOSED
    locked.closed_at, locked.closing_words = timezone.now(), words.strip()
    locked.save(update_fields=["state", "closed_at", "closing_words"])
    record_event(
        actor=actor,
        verb=Verb.CALIBRATION_ENDED,
        subject=locked,
        reason=words.strip(),
        facts={"state": locked.state},
    )
    return locked


# --- shared --------------------------------------------------------------------------------------------


def hidden_review(
    encounter: Encounter, revision: CodeRevision, person: int, terms: PlanTerms, origin: ReviewOrigin
) -> Review:
    """A blind review that waits for one person and looks like one that somebody asked for."""
    review: Review = Review.objects.create(
        client_id=encounter.client_id,
        encounter=encounter,
        revision=revision,
        origin=origin,
        mode=terms.mode.value,
        gate=terms.gate.value,
        counted_score=terms.counted_score,
        rebuttal_days=terms.rebuttal_days,
        coder_id=revision.finalized_by_id,
        assigned_to_id=person,
        created_at=timezone.now(),
    )
    return review


def _add_reading(chart: CalibrationChart, person: int, terms: PlanTerms, why: str) -> CalibrationReading:
    review = hidden_review(chart.encounter, chart.revision, person, terms, ReviewOrigin.CALIBRATION)
    reading: CalibrationReading = CalibrationReading.objects.create(
        client_id=chart.client_id,
        chart=chart,
        review=review,
        reader_id=person,
        why_added=why,
        added_at=timezone.now(),
    )
    return reading


def _next_reader(one: ReadChart) -> int | None:
    chart = one.chart
    free = readers_for(chart.client_id, [chart.encounter_id])[chart.encounter_id]
    busy = CalibrationReading.objects.filter(
        client_id=chart.client_id, reader_id__in=free, review__blind_codes__isnull=True
    ).values_list("reader_id", flat=True)
    load = {person: list(busy).count(person) for person in free}
    return min(free, key=lambda person: (load[person], person), default=None)


def _take_back(actor: Actor, review: Review) -> None:
    """The review ends with words that fit any review; the round's own stand on the round."""
    locked = Review.objects.select_for_update(of=("self",)).get(client_id=review.client_id, pk=review.pk)
    if locked.state not in (ReviewState.WAITING, ReviewState.CODING):
        return
    locked.state = step(locked.state, ReviewVerb.CANCEL).value
    locked.cancel_reason = TAKEN_OUT
    locked.save(update_fields=["state", "cancel_reason"])
    record_event(actor=actor, verb=Verb.REVIEW_CANCELLED, subject=locked, reason=TAKEN_OUT)


def _open_round(found: CalibrationRound) -> CalibrationRound:
    locked: CalibrationRound = CalibrationRound.objects.select_for_update().get(
        client_id=found.client_id, pk=found.pk
    )
    if locked.state != RoundState.OPEN:
        raise Conflict("This round has ended.", code="calibration.ended")
    return locked


def _check(client_id: int, wanted: NewRound, most_charts: int) -> None:
    if not wanted.name.strip():
        raise _wrong("name", "Give the round a name.")
    if CalibrationRound.objects.filter(client_id=client_id, name=wanted.name.strip()).exists():
        raise _wrong("name", "This client has a calibration of this name already.")
    if not wanted.visits:
        raise _wrong("visits", "Enter the visit numbers, one on each line.")
    if len(wanted.visits) > most_charts:
        raise _wrong("visits", f"A round has {most_charts} charts at most.")
    if len(set(wanted.readers)) < 2:
        raise _wrong("readers", "Choose two readers or more.")
    people = set(User.objects.filter(pk__in=wanted.readers).values_list("pk", flat=True))
    if people != set(wanted.readers):
        raise _wrong("readers", "Choose readers from the list.")
    if not 2 <= wanted.each <= len(set(wanted.readers)):
        raise _wrong("each", f"Each chart is read by 2 to {len(set(wanted.readers))} of the chosen readers.")


def _free_readers(client_id: int, charts: Sequence[Encounter], wanted: NewRound) -> dict[str, list[int]]:
    knows_nothing = readers_for(client_id, [one.pk for one in charts])
    free = {
        str(one.pk): [person for person in knows_nothing[one.pk] if person in wanted.readers]
        for one in charts
    }
    short = [one.external_id for one in charts if len(free[str(one.pk)]) < wanted.each]
    if short:
        raise _wrong(
            "visits",
            f"Visit {short[0]} has fewer than {wanted.each} of these readers who do not know it yet"
            + (f", and {len(short) - 1} more." if len(short) > 1 else "."),
        )
    return free


def _charts(client_id: int, visits: Sequence[str]) -> list[Encounter]:
    asked = list(dict.fromkeys(visits))
    found: dict[str, list[Encounter]] = {}
    for one in Encounter.objects.filter(client_id=client_id, external_id__in=asked):
        found.setdefault(one.external_id, []).append(one)
    charts = []
    for visit in asked:
        rows = found.get(visit, [])
        if not rows:
            raise _wrong("visits", f"There is no visit {visit}.")
        if len(rows) > 1:
            raise _wrong("visits", f"Two systems of the client have a visit {visit}.")
        if rows[0].status != EncounterStatus.FINAL:
            raise _wrong("visits", f"Visit {visit} is not final.")
        charts.append(rows[0])
    return charts


def _newest_revisions(client_id: int, charts: Sequence[Encounter]) -> dict[uuid.UUID, CodeRevision]:
    rows = CodeRevision.objects.filter(client_id=client_id, encounter__in=charts).order_by("number")
    return {row.encounter_id: row for row in rows}


def _wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, code=f"calibration.{field}", details={"path": field})
