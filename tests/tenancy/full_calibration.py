"""Calibration rounds, gold charts and a low score for a client that has rows in every tenant table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.models import CodeRevision, Encounter
from qa_audit.actions.gold import compare_coders
from qa_audit.actions.gold_keys import begin_key
from qa_audit.actions.gold_signals import PolicyTerms, set_policy
from qa_audit.actions.scores import compare_lines, keep_score
from qa_audit.models import (
    CalibrationChart,
    CalibrationReading,
    CalibrationRound,
    GoldChart,
    GoldCheck,
    GoldSignal,
    Review,
    ReviewCode,
)
from tests import cast

BLIND = [
    {
        "kind": "dx",
        "system": "ICD-10-CM",
        "code": "E119",
        "position": 1,
        "modifiers": [],
        "units": 1,
        "poa": None,
        "evidence": True,
    }
]


@dataclass(frozen=True, slots=True)
class Calibrated:
    """An open round with a chart that two have read and one nobody has; a closed one of the reviewer's.

    ``key`` is a draft; ``check`` compares the coder's final chart with a key and has a difference to decide;
    ``settled`` is a chart whose review a manager closed, unknown to the reviewer.
    """

    open: CalibrationRound
    read: CalibrationChart
    unread: CalibrationChart
    closed: CalibrationRound
    over: CalibrationChart
    key: GoldChart
    check: GoldCheck
    signal: GoldSignal
    settled: Encounter
    uncoded: Encounter


def fill_calibration(
    place: cast.Place,
    people: dict[Role, User],
    final: Encounter,
    settled: Encounter,
    uncoded: tuple[Encounter, Encounter],
) -> Calibrated:
    """``settled`` was final before, and no review of it exists; ``uncoded`` are charts nobody made final."""
    manager = cast.actor_for(people[Role.MANAGER], Role.MANAGER)
    common = {"client_id": place.client.pk}
    readers = (people[Role.QA_REVIEWER], people[Role.MANAGER])
    rounds = [a_round(name, people[Role.MANAGER], common) for name in ("Under way", "Over")]
    read, over = (a_chart(one, 1, final, common) for one in rounds)
    unread = a_chart(rounds[0], 2, settled, common)
    for reader in readers:
        a_reading(read, reader, people[Role.CODER], common)
    a_reading(over, people[Role.QA_REVIEWER], people[Role.CODER], common)
    rounds[1].state, rounds[1].closed_at, rounds[1].closing_words = "closed", timezone.now(), "All agree."
    rounds[1].save()
    _handed(final, people, common)
    _settle(settled, people, common)
    key = begin_key(actor=manager, client_id=place.client.pk, visit=uncoded[0].external_id)
    set_policy(
        actor=manager,
        client_id=place.client.pk,
        terms=PolicyTerms(Decimal("0.9"), 30, 90, pauses_itself=False),
        reason="Agreed with the client.",
    )
    signal = GoldSignal.objects.create(
        side="coder",
        person=people[Role.CODER],
        policy_number=1,
        target=Decimal("0.9"),
        charts=1,
        numerator=20,
        denominator=40,
        is_sure=True,
        raised_at=timezone.now(),
        **common,
    )
    return Calibrated(
        rounds[0],
        read,
        unread,
        rounds[1],
        over,
        key,
        _check(final, people, common),
        signal,
        settled,
        uncoded[1],
    )


def a_round(name: str, opened_by: User, common: dict[str, Any]) -> CalibrationRound:
    made: CalibrationRound = CalibrationRound.objects.create(
        name=name,
        readers_each=2,
        least_f1=Decimal("0.8"),
        most_readers=4,
        opened_by=opened_by,
        opened_at=timezone.now(),
        **common,
    )
    return made


def a_chart(
    found: CalibrationRound, number: int, encounter: Encounter, common: dict[str, Any]
) -> CalibrationChart:
    made: CalibrationChart = CalibrationChart.objects.create(
        round=found,
        encounter=encounter,
        revision=CodeRevision.objects.filter(encounter=encounter, **common).order_by("-number")[0],
        number=number,
        **common,
    )
    return made


def a_reading(chart: CalibrationChart, reader: User, coder: User, common: dict[str, Any]) -> None:
    now = timezone.now()
    review = Review.objects.create(
        encounter=chart.encounter,
        revision=chart.revision,
        origin="calibration",
        mode="blind",
        gate="retrospective",
        counted_score="code_level",
        rebuttal_days=7,
        coder=coder,
        reviewer=reader,
        assigned_to=reader,
        state="comparing",
        created_at=now,
        taken_at=now,
        revealed_at=now,
        blind_codes=BLIND,
        **common,
    )
    CalibrationReading.objects.create(chart=chart, review=review, reader=reader, added_at=now, **common)


def _handed(final: Encounter, people: dict[Role, User], common: dict[str, Any]) -> None:
    """A settled set and a reviewer compared with it; the first rows, so that each reference is filled."""
    now = timezone.now()
    review = Review.objects.filter(encounter=final, **common)[0]
    gold = GoldChart.objects.create(
        encounter=final,
        source="settled",
        settled_review=review,
        state="handed",
        key=BLIND,
        made_by=people[Role.MANAGER],
        made_at=now,
        ready_at=now,
        **common,
    )
    GoldCheck.objects.create(
        gold=gold,
        side="reviewer",
        person=people[Role.QA_REVIEWER],
        review=review,
        revision=review.revision,
        state="settled",
        numerator=1,
        denominator=1,
        made_at=now,
        settled_at=now,
        **common,
    )


def _settle(encounter: Encounter, people: dict[Role, User], common: dict[str, Any]) -> None:
    """As a review that the manager has closed without a finding."""
    now = timezone.now()
    revision = CodeRevision.objects.filter(encounter=encounter, **common).order_by("-number")[0]
    review = Review.objects.create(
        encounter=encounter,
        revision=revision,
        origin="focused",
        mode="open",
        gate="retrospective",
        counted_score="code_level",
        rebuttal_days=7,
        coder=people[Role.CODER],
        reviewer=people[Role.MANAGER],
        state="closed",
        created_at=now,
        taken_at=now,
        revealed_at=now,
        delivered_at=now,
        closed_at=now,
        **common,
    )
    fields = ("kind", "system", "code", "title", "position", "modifiers", "service_unit_quantity")
    for row in revision.codes:
        ReviewCode.objects.create(review=review, **{name: row[name] for name in fields}, **common)
    compare_lines(review)
    keep_score(review, is_provisional=False)


def _check(final: Encounter, people: dict[Role, User], common: dict[str, Any]) -> GoldCheck:
    """The coder's final chart compared with a key that was ready before and has another code."""
    first = CodeRevision.objects.get(encounter=final, number=1, **common)
    before = first.finalized_at - timedelta(hours=1)
    GoldChart.objects.create(
        encounter=final,
        source="key",
        state="ready",
        key=[{**BLIND[0], "title": "", "evidence": []}],
        made_by=people[Role.MANAGER],
        made_at=before,
        ready_at=before,
        **common,
    )
    compare_coders(actor=cast.SYSTEM, client_id=final.client_id)
    check = GoldCheck.objects.get(side="coder", **common)
    assert check.state == "open"
    return check
