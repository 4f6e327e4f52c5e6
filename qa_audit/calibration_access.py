"""The doors to calibration and gold charts.

Leaders open everything.  A QA reviewer opens the rounds they read in once these are closed, and nothing of
gold; to everybody else there is nothing, and a thing that is not theirs answers as one that is not there.
"""

from __future__ import annotations

import uuid

from django.db.models import Exists, OuterRef, QuerySet

from coding_ops.audit.models import Verb
from coding_ops.audit.reads import note_read
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.models import Encounter
from qa_audit.access import LEADERS
from qa_audit.models import (
    CalibrationChart,
    CalibrationReading,
    CalibrationRound,
    GoldChart,
    GoldCheck,
    GoldSignal,
)
from qa_audit.models.calibration import RoundState
from qa_audit.rules.review_states import ReviewState


def require_calibration(actor: Actor) -> None:
    """The room itself.

    Raises:
        NotFound: another role.
    """
    if actor.role not in LEADERS and actor.role != Role.QA_REVIEWER:
        raise NotFound


def require_gold(actor: Actor) -> None:
    """Everything that says which charts measure people.

    Raises:
        NotFound: not a leader.
    """
    if actor.role not in LEADERS:
        raise NotFound


def rounds_in_reach(actor: Actor, client_id: int) -> QuerySet[CalibrationRound]:
    """The rounds of an open client that this person may know of."""
    rounds: QuerySet[CalibrationRound] = CalibrationRound.objects.filter(client_id=client_id)
    if actor.role in LEADERS:
        return rounds
    if actor.role != Role.QA_REVIEWER:
        return rounds.none()
    mine = CalibrationReading.objects.filter(
        client_id=client_id, chart__round_id=OuterRef("pk"), reader_id=actor.person_id
    ).exclude(review__state=ReviewState.CANCELLED)
    return rounds.filter(Exists(mine), state=RoundState.CLOSED)


def find_round(*, actor: Actor, client_id: int, round_id: uuid.UUID) -> CalibrationRound:
    """A round without a chart being shown.

    Raises:
        NotFound: absent, another client's, or not theirs to know of.
    """
    found = rounds_in_reach(actor, client_id).filter(pk=round_id).select_related("opened_by").first()
    if found is None:
        raise NotFound
    return found


def open_calibration_chart(*, actor: Actor, client_id: int, chart_id: uuid.UUID) -> CalibrationChart:
    """A chart of a round; the read of the chart is noted.

    Raises:
        NotFound: as ``find_round``.
    """
    found: CalibrationChart | None = (
        CalibrationChart.objects.filter(
            client_id=client_id, pk=chart_id, round__in=rounds_in_reach(actor, client_id)
        )
        .select_related("round", "encounter", "revision", "consensus_by")
        .first()
    )
    if found is None:
        raise NotFound
    _note(actor, client_id, found.encounter)
    return found


def open_gold(*, actor: Actor, client_id: int, gold_id: uuid.UUID) -> GoldChart:
    """A key with its chart; the read of the chart is noted, as any reading of it is.

    Raises:
        NotFound: absent, another client's, or not theirs to know of.
    """
    require_gold(actor)
    found: GoldChart | None = (
        GoldChart.objects.filter(client_id=client_id, pk=gold_id)
        .select_related("encounter", "made_by", "settled_review")
        .first()
    )
    if found is None:
        raise NotFound
    _note(actor, client_id, found.encounter)
    return found


def open_check(*, actor: Actor, client_id: int, check_id: uuid.UUID) -> GoldCheck:
    """A comparison with its key and chart; the read of the chart is noted.

    Raises:
        NotFound: as ``open_gold``.
    """
    require_gold(actor)
    found: GoldCheck | None = (
        GoldCheck.objects.filter(client_id=client_id, pk=check_id)
        .select_related("gold__encounter", "person", "revision", "review")
        .first()
    )
    if found is None:
        raise NotFound
    _note(actor, client_id, found.gold.encounter)
    return found


def find_signal(*, actor: Actor, client_id: int, signal_id: uuid.UUID) -> GoldSignal:
    """A low score to decide about.

    Raises:
        NotFound: as ``open_gold``.
    """
    require_gold(actor)
    found: GoldSignal | None = GoldSignal.objects.filter(client_id=client_id, pk=signal_id).first()
    if found is None:
        raise NotFound
    return found


def _note(actor: Actor, client_id: int, encounter: Encounter) -> None:
    note_read(
        actor=actor,
        verb=Verb.CHART_VIEWED,
        client_id=client_id,
        subject_type="encounter",
        subject_id=str(encounter.pk),
    )
