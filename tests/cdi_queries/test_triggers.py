"""Gaps in charts: found once, settled when the record says it, decided by people, swept in pieces."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cdi_queries.actions import trigger_sweep
from cdi_queries.actions.drafts import start_draft
from cdi_queries.actions.trigger_sweep import ChartsFailed, sweep
from cdi_queries.actions.triggers import (
    Looked,
    accept_hit,
    dismiss_hit,
    look_at,
    put_back_hit,
    switch_rule,
)
from cdi_queries.models import CdiQuery, HitState, TriggerCursor, TriggerHit, TriggerSwitch
from cdi_queries.rules.content import QueryContent
from cdi_queries.rules.query import Kind
from cdi_queries.selectors.triggers import counts_by_rule, off_keys, spans_of
from cdi_queries.tasks.triggers import sweep_triggers
from cdi_queries.terms.triggers import trigger_terms
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from encounters.actions.documents import Writing, add_document
from encounters.models import CodeAssignment, Encounter, EncounterStatus, EvidenceLink
from tests import cast
from tests.cdi_queries import scene

SODIUM, HEART = "finding.sodium_low", "unspecified.heart_type"
LABS = "Na 124 (L), K 4.0. BNP 60.\n\nAssessment:\nFatigue, for further tests.\n"
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


def assign(made: Encounter, by: Any, code: str, title: str, position: int = 1) -> CodeAssignment:
    row: CodeAssignment = CodeAssignment.objects.create(
        client_id=made.client_id,
        encounter=made,
        kind="dx",
        system="ICD-10-CM",
        code=code,
        title=title,
        position=position,
        created_by=by,
    )
    return row


def arrive(made: Encounter, text: str, name: str = "labs", kind: str = "lab") -> None:
    writing = Writing(name, kind, "Laboratory", text, "", NOW)
    add_document(actor=cast.SYSTEM, encounter=made, writing=writing, now=NOW, opens_final=False)


def looked(made: Encounter, *, off: tuple[str, ...] = ()) -> Looked:
    made.refresh_from_db()
    return look_at(actor=cast.SYSTEM, client=made.client, encounter=made, off=off, now=NOW)


def states(made: Encounter) -> dict[str, str]:
    rows = TriggerHit.objects.filter(client_id=made.client_id, encounter=made)
    return dict(rows.values_list("rule_key", "state"))


@pytest.mark.django_db
def test_a_gap_is_told_once_with_the_words_that_show_it_and_settled_when_the_record_says_it() -> None:
    desk = scene.desk(cast.cypress())
    with cast.opened(desk.place):
        made = cast.encounter(desk.place, note=LABS)
        assert looked(made) == Looked((SODIUM,), ())
        hit = TriggerHit.objects.get(encounter=made)
        (span,) = spans_of(hit)
        assert (span.quote, hit.subject, hit.provider_id) == ("Na 124", "sodium", made.rendering_provider_id)
        events = AuditEvent.objects.filter(verb=Verb.TRIGGER_FOUND)
        assert events.get().facts["found"] == [SODIUM]
        assert looked(made) == Looked()
        assert events.count() == 1

        arrive(made, "Hyponatremia, fluid restriction.", "note-2", "progress_note")
        assert looked(made) == Looked((), (SODIUM,))
        assert states(made) == {SODIUM: HitState.SETTLED}
        arrive(made, "Low appetite, fluid restriction.", "note-2", "progress_note")
        assert looked(made) == Looked((SODIUM,), ())
        assert states(made) == {SODIUM: HitState.OPEN}


@pytest.mark.django_db
def test_codes_sides_and_support_are_read_from_the_working_set() -> None:
    desk = scene.desk(cast.cypress())
    with cast.opened(desk.place):
        made = scene.chart(desk)
        assign(made, desk.coder, "I509", "Heart failure, unspecified")
        assert HEART in looked(made).found
        hit = TriggerHit.objects.get(encounter=made, rule_key=HEART)
        assert [one.quote for one in spans_of(hit)] == ["ejection fraction 30%"]

        listed = cast.encounter(
            desk.place, note="Problem list:\nDiabetes\n\nAssessment:\nSprained ankle, ice.\n"
        )
        row = assign(listed, desk.coder, "E119", "Type 2 diabetes mellitus without complications")
        assert looked(listed) == Looked()
        version = listed.documents.get().versions.get()
        start = version.text.index("Diabetes")
        EvidenceLink.objects.create(
            client_id=listed.client_id,
            assignment=row,
            document_version=version,
            start=start,
            end=start + 8,
            quote="Diabetes",
            prefix="",
            suffix="",
            created_by=desk.coder,
        )
        assert looked(listed) == Looked(("support.glucose",), ())


@pytest.mark.django_db
def test_what_was_dismissed_is_not_raised_again_and_can_be_put_back() -> None:
    desk = scene.desk(cast.cypress())
    cdi, coder = desk.actor(desk.cdi), desk.actor(desk.coder)
    with cast.opened(desk.place):
        made = cast.encounter(desk.place, note=LABS)
        looked(made)
        hit = TriggerHit.objects.get(encounter=made)
        for reason, note, path in (("", "", "reason"), ("maybe", "", "reason"), ("other", "  ", "note")):
            with pytest.raises(InvalidInput) as refused:
                dismiss_hit(actor=cdi, hit=hit, reason=reason, note=note)
            assert refused.value.details["path"] == path
        with pytest.raises(NotAllowed):
            dismiss_hit(actor=coder, hit=hit, reason="misread")
        with pytest.raises(NotFound):
            dismiss_hit(actor=desk.actor(desk.doctor), hit=hit, reason="misread")
        assert states(made) == {SODIUM: HitState.OPEN}
        assert not AuditEvent.objects.filter(verb=Verb.TRIGGER_DECIDED).exists()

        dismiss_hit(actor=cdi, hit=hit, reason="other", note="Lab error, repeated")
        with pytest.raises(Conflict):
            dismiss_hit(actor=cdi, hit=hit, reason="misread")
        arrive(made, "Na 121 (L)")
        assert looked(made) == Looked()
        hit.refresh_from_db()
        assert (hit.state, hit.reason, hit.note) == (HitState.DISMISSED, "other", "Lab error, repeated")
        event = AuditEvent.objects.get(verb=Verb.TRIGGER_DECIDED)
        assert "Lab error" not in str(event.facts) + event.reason

        put_back_hit(actor=cdi, hit=hit)
        assert looked(made) == Looked()
        hit.refresh_from_db()
        assert (hit.state, hit.reason) == (HitState.OPEN, "")
        assert hit.note is None and hit.decided_by is None and hit.decided_at is None
        assert [one.quote for one in spans_of(hit)] == ["Na 124", "Na 121"]
        with pytest.raises(Conflict):
            put_back_hit(actor=cdi, hit=hit)


@pytest.mark.django_db
def test_an_accepted_gap_holds_its_query_of_the_same_chart() -> None:
    desk = scene.desk(cast.cypress())
    cdi = desk.actor(desk.cdi)
    with cast.opened(desk.place):
        made, other = cast.encounter(desk.place, note=LABS), scene.chart(desk)
        looked(made)
        hit = TriggerHit.objects.get(encounter=made)
        with pytest.raises(InvalidInput):
            accept_hit(actor=cdi, hit=hit, query=scene.draft(desk, other))
        draft: CdiQuery = start_draft(
            actor=cdi, encounter=made, provider=None, content=QueryContent(Kind.OPEN), trigger_key=SODIUM
        )
        accept_hit(actor=cdi, hit=hit, query=draft)
        hit.refresh_from_db()
        assert (hit.state, hit.query, hit.decided_by) == (HitState.ACCEPTED, draft, desk.cdi)
        with pytest.raises(Conflict):
            dismiss_hit(actor=cdi, hit=hit, reason="misread")
        assert looked(made) == Looked()
        counts = counts_by_rule(TriggerHit.objects.filter(client_id=made.client_id), NOW + timedelta(days=1))
        assert (counts[SODIUM].accepted, counts[SODIUM].decided) == (1, 1)
        assert counts_by_rule(TriggerHit.objects.all(), NOW + timedelta(days=200)) == {}
        with pytest.raises(IntegrityError), transaction.atomic():
            TriggerHit.objects.filter(pk=hit.pk).update(query=None)


@pytest.mark.django_db
def test_a_rule_that_is_off_neither_finds_nor_settles() -> None:
    desk = scene.desk(cast.cypress())
    cdi = desk.actor(desk.cdi)
    with cast.opened(desk.place):
        made = cast.encounter(desk.place, note=LABS)
        assert looked(made, off=(SODIUM,)) == Looked()
        looked(made)
        arrive(made, "Hyponatremia.", "note-2", "progress_note")
        assert looked(made, off=(SODIUM,)) == Looked()
        assert states(made) == {SODIUM: HitState.OPEN}

        for actor, error in ((desk.actor(desk.coder), NotAllowed), (desk.actor(desk.doctor), NotFound)):
            with pytest.raises(error):
                switch_rule(actor=actor, client_id=made.client_id, key=SODIUM, is_on=False)
        with pytest.raises(NotFound):
            switch_rule(actor=cdi, client_id=made.client_id, key="finding.nothing", is_on=False)
        assert not TriggerSwitch.objects.exists()
        switch_rule(actor=cdi, client_id=made.client_id, key=SODIUM, is_on=False)
        assert off_keys(made.client_id) == {SODIUM}
        switch_rule(actor=cdi, client_id=made.client_id, key=SODIUM, is_on=True)
        assert off_keys(made.client_id) == frozenset()
        assert AuditEvent.objects.filter(verb=Verb.TRIGGER_SWITCHED).count() == 2


@pytest.mark.django_db
def test_a_cancelled_visit_asks_nothing() -> None:
    desk = scene.desk(cast.cypress())
    with cast.opened(desk.place):
        made = cast.encounter(desk.place, note=LABS)
        looked(made)
        Encounter.objects.filter(pk=made.pk).update(status=EncounterStatus.CANCELLED)
        assert looked(made) == Looked((), (SODIUM,))


@pytest.mark.django_db(transaction=True)
def test_the_sweep_takes_older_charts_then_what_changed_and_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(trigger_sweep, "enqueue", lambda name, *, client_id: asked.append(client_id))
    terms = replace(trigger_terms(), charts_a_run=2)
    monkeypatch.setattr(trigger_sweep, "trigger_terms", lambda: terms)
    desk = scene.desk(cast.cypress())
    client_id = desk.place.client.pk
    with cast.opened(desk.place):
        made = [cast.encounter(desk.place, note=LABS) for _ in range(3)]
        old = cast.encounter(
            desk.place, note=LABS, status=EncounterStatus.FINAL, queued=False,
            final_at=timezone.now() - timedelta(days=300), revision_count=1,
        )  # fmt: skip
    first, second = (sweep(client_id=client_id, now=timezone.now()) for _ in range(2))
    assert (first.charts, first.found, first.is_done) == (2, 2, False)
    assert (second.charts, second.found, second.is_done) == (1, 1, True)
    assert asked == [client_id]
    with cast.opened(desk.place):
        assert states(old) == {}
        arrive(made[0], "Potassium 6.4 mmol/L")
        arrive(made[0], "Potassium 6.5 mmol/L")
    assert sweep_triggers.run(client_id=client_id) == 1
    third = sweep(client_id=client_id, now=timezone.now())
    assert (third.charts, third.is_done) == (0, True)
    with cast.opened(desk.place):
        assert states(made[0]) == {SODIUM: "open", "finding.potassium_high": "open"}
        switch_rule(actor=desk.actor(desk.cdi), client_id=client_id, key=SODIUM, is_on=True)
    again = sweep(client_id=client_id, now=timezone.now())
    assert (again.charts, again.found) == (2, 0)


@pytest.mark.django_db(transaction=True)
def test_a_chart_that_breaks_the_rules_stops_nobody_else_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = scene.desk(cast.cypress())
    client_id = desk.place.client.pk
    with cast.opened(desk.place):
        bad, good = (cast.encounter(desk.place, note=LABS) for _ in range(2))

    def looks(*, encounter: Encounter, **rest: Any) -> Looked:
        if encounter.pk == bad.pk:
            raise ValueError("broken")
        return look_at(encounter=encounter, **rest)

    monkeypatch.setattr(trigger_sweep, "look_at", looks)
    with pytest.raises(ChartsFailed):
        sweep(client_id=client_id, now=timezone.now())
    with cast.opened(desk.place):
        assert (states(bad), states(good)) == ({}, {SODIUM: "open"})
        assert TriggerCursor.objects.get().backfill_after is None
